"""VPC endpoints, and their associations that are resources of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from eni_lint.model.answer import Unknown
from eni_lint.model.identity import Managed, Members, Token
from eni_lint.model.network import Endpoint, EndpointLink
from eni_lint.readers.terraform.families import ENDPOINT, GROUP, SUBNET, TABLE, VPC, Family
from eni_lint.readers.terraform.functions import flag
from eni_lint.readers.terraform.links import Linker
from eni_lint.readers.terraform.network import is_stated, text
from eni_lint.readers.terraform.resources import Resource

KINDS = {
    "gateway": "gateway",
    "interface": "interface",
    "gatewayloadbalancer": "gwlb",
    "resource": "resource",
    "servicenetwork": "service_network",
}
LINKS: Mapping[str, tuple[str, str, str, Family]] = {
    "aws_vpc_endpoint_route_table_association": ("table", "route_table_id", "route_table_ids", TABLE),
    "aws_vpc_endpoint_subnet_association": ("subnet", "subnet_id", "subnet_ids", SUBNET),
    "aws_vpc_endpoint_security_group_association": ("group", "security_group_id", "security_group_ids", GROUP),
}
CHINA = "cn."
OPEN_PART = re.compile(r"\$\{[^{}]*\}")
SOME_REGION = "some-open-region-0"


def endpoints(linker: Linker, carried: Mapping[tuple[str, str], frozenset[Token]]) -> Iterator[Endpoint]:
    """Yield every endpoint; `carried` are the targets that association resources join to each, by attribute."""
    for resource in linker.stage.of("aws_vpc_endpoint", "data.aws_vpc_endpoint"):
        kind = text(resource, "vpc_endpoint_type")
        yield Endpoint(
            address=resource.address,
            scope=linker.scope(resource),
            vpc=linker.one(resource, "vpc_id", family=VPC),
            service=_service(linker, resource),
            kind=kind if isinstance(kind, Unknown) else KINDS.get(kind.lower(), "gateway"),
            tables=_joined(linker, resource, "route_table_ids", TABLE, carried),
            subnets=_joined(linker, resource, "subnet_ids", SUBNET, carried),
            groups=_joined(linker, resource, "security_group_ids", GROUP, carried),
            private_dns=_private_dns(linker, resource),
            kind_omitted=linker.is_configured(resource) and not linker.states(resource, "vpc_endpoint_type"),
            region=resource.text("service_region") or linker.scope(resource).region,
        )


def endpoint_links(linker: Linker) -> Iterator[EndpointLink]:
    """Yield the associations of endpoints that are resources of their own."""
    for type_, (joins, attribute, _, family) in LINKS.items():
        for resource in linker.stage.of(type_):
            endpoint = linker.one(resource, "vpc_endpoint_id", family=ENDPOINT)
            target = linker.one(resource, attribute, family=family)
            yield EndpointLink(resource.address, linker.scope(resource), endpoint, joins, target)


def carried_links(linkers: tuple[Linker, ...]) -> dict[tuple[str, str], frozenset[Token]]:
    """Collect what association resources of either moment join to each endpoint.

    A refreshed endpoint repeats them; there they belong to those resources, and go with them.
    """
    found: dict[tuple[str, str], frozenset[Token]] = {}
    for linker in linkers:
        for type_, (_, attribute, listed, family) in LINKS.items():
            for resource in linker.stage.of(type_):
                targets = frozenset(linker.one(resource, attribute, family=family).seen)
                for token in linker.one(resource, "vpc_endpoint_id", family=ENDPOINT).seen:
                    if isinstance(token, Managed):
                        key = (token.address, listed)
                        found[key] = found.get(key, frozenset()) | targets
    return found


def _joined(
    linker: Linker,
    resource: Resource,
    attribute: str,
    family: Family,
    carried: Mapping[tuple[str, str], frozenset[Token]],
) -> Members:
    beside = _uncounted(linker, attribute)
    if not resource.deferred and not is_stated(linker, resource, attribute):
        return Members(rest=beside)
    group = linker.many(resource, attribute, family=family)
    if beside is not None and group.rest is None:
        group = replace(group, rest=beside, stated_by=beside.key)
    if linker.is_configured(resource) and linker.states(resource, attribute):
        return group
    mirrored = carried.get((resource.address, attribute), frozenset())
    return replace(group, sure=tuple(token for token in group.sure if token not in mirrored))


def _uncounted(linker: Linker, attribute: str) -> Unknown | None:
    """Say why there may be association resources for an attribute that nobody has counted."""
    types = {type_ for type_, (_, _, listed, _) in LINKS.items() if listed == attribute}
    uncounted = linker.stage.uncounted
    return next((why for (_, block), why in uncounted.items() if block.partition(".")[0] in types), None)


def service_of(name: str) -> str:
    """Give the service of an endpoint's full name.

    >>> service_of("com.amazonaws.us-east-1.secretsmanager"), service_of("com.amazonaws.eu-west-1.ecr.dkr")
    ('secretsmanager', 'ecr.dkr')
    >>> service_of("cn.com.amazonaws.cn-north-1.sts"), service_of("com.amazonaws.s3-global.accesspoint")
    ('sts', 's3-global.accesspoint')
    >>> service_of("com.amazonaws.vpce.us-east-1.vpce-svc-0a1b")
    'com.amazonaws.vpce.us-east-1.vpce-svc-0a1b'
    """
    if ".vpce." in name:
        return name
    parts = name.removeprefix(CHINA).split(".")
    if len(parts) < 3 or parts[0] not in ("com", "aws", "api"):
        return name
    rest = parts[2:]
    return ".".join(rest[1:]) if len(rest) > 1 and _is_region(rest[0]) else ".".join(rest)


def _is_region(part: str) -> bool:
    return part.count("-") >= 2 and part[-1:].isdigit()


def _service(linker: Linker, resource: Resource) -> str | Unknown:
    name = text(resource, "service_name")
    if not isinstance(name, Unknown):
        return service_of(name)
    told = linker.told_text(resource, "service_name")
    # Where the region is all that is open, the service is known.
    service = "" if told is None else service_of(OPEN_PART.sub(SOME_REGION, told))
    return name if told is None or SOME_REGION in service else service


def _private_dns(linker: Linker, resource: Resource) -> bool | Unknown:
    return flag(resource, "private_dns_enabled") if is_stated(linker, resource, "private_dns_enabled") else False
