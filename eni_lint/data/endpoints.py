"""Know which VPC endpoints serve an AWS service, so that a call can be followed to where it leaves the VPC."""

import re
from fnmatch import fnmatchcase
from functools import cache

import msgspec

from eni_lint.data.tables import read

# A region, the word that stands in its place, or a template's expression that is not resolved.
_REGION = r"(?:[a-z]{2,4}(?:-[a-z]+)+-\d+|global|\$\{[^{}]+\})"
_REGIONAL_SERVICE = rf"(?!com\.amazonaws\.vpce\.)(?:[a-z0-9-]+\.)+{_REGION}\.(?P<name>.+)"
_HOST = rf"(?P<service>.+?)(?:\.{_REGION})?"


class _Table(msgspec.Struct, frozen=True):
    endpoints: dict[str, list[str]]
    operations: dict[str, frozenset[str]]
    gateways: list[str]
    resident: list[str]
    global_services: list[str]
    hosts: dict[str, str]
    named_hosts: dict[str, str]
    suffixes: list[str]


@cache
def endpoints_of(prefix_or_action: str) -> tuple[str, ...] | None:
    """Return the endpoints that can serve an IAM prefix or an action of it; None if the prefix is not known.

    Any of them may be the one that is needed, and an empty answer means that no endpoint is known, not that
    there is none. An action narrows the answer where the service has an endpoint of its own for it.

    >>> endpoints_of("cloudwatch"), endpoints_of("bedrock:InvokeModel"), endpoints_of("route53domains")
    (('monitoring',), ('bedrock-runtime',), ())
    """
    prefix, _, operation = prefix_or_action.partition(":")
    names = _table().endpoints.get(prefix.lower())
    if names is None:
        return None
    action = f"{prefix.lower()}:{operation}"
    return tuple(name for name in names if action in _table().operations.get(name, ())) or tuple(names)


def services_of_endpoint(endpoint: str) -> tuple[str, ...]:
    """Return the IAM prefixes that an endpoint serves: none for an endpoint that is not known.

    A FIPS endpoint counts for its service, although it serves the FIPS host name only.

    >>> services_of_endpoint("com.amazonaws.eu-west-1.kinesis-streams"), services_of_endpoint("kms-fips")
    (('kinesis',), ('kms',))
    """
    return _prefixes_by_endpoint().get(normalise_service(endpoint).removesuffix("-fips"), ())


def normalise_service(service_name: str) -> str:
    """Return the part of an endpoint's service name that names the service, in any partition and region.

    The name of somebody's own endpoint service is returned as it is.

    >>> normalise_service("com.amazonaws.us-east-1.ecr.api"), normalise_service("aws.api.us-east-1.freetier")
    ('ecr.api', 'freetier')
    >>> normalise_service("com.amazonaws.iam"), normalise_service("com.amazonaws.eu-west-1.timestream.query-cell2")
    ('iam', 'timestream.query')
    """
    regional = re.fullmatch(_REGIONAL_SERVICE, service_name)
    if regional:
        return re.sub(r"-cell\d+$", "", regional["name"])
    return service_name if ".vpce." in service_name else service_name.removeprefix("com.amazonaws.")


def has_gateway(endpoint: str) -> bool:
    """Say whether an endpoint also exists as a gateway, which works through route tables and costs nothing."""
    return normalise_service(endpoint) in _table().gateways


def is_global(prefix: str) -> bool:
    """Say whether a service has one host for all regions, so that its endpoint, if any, lives in one of them."""
    return prefix.lower() in _table().global_services


@cache
def is_resident(action: str) -> bool:
    """Say whether an action is served inside a VPC, by a cluster or a file system with addresses of its own.

    A wildcard that includes such an action is no proof of any other, and answers yes.

    >>> is_resident("es:ESHttpGet"), is_resident("es:*"), is_resident("es:DescribeDomain")
    (True, True, False)
    """
    return any(fnmatchcase(action, pattern) or fnmatchcase(pattern, action) for pattern in _table().resident)


def service_of_host(host: str) -> str | None:
    """Return the IAM prefix of the service behind an AWS host name; None if it is not a service's host.

    Names of clusters, brokers, databases and file systems are not: they have addresses inside a VPC.

    >>> service_of_host("sqs.us-east-1.amazonaws.com"), service_of_host("logs.s3.dualstack.eu-west-1.amazonaws.com")
    ('sqs', 's3')
    >>> service_of_host("b-1.orders.c2.kafka.us-east-1.amazonaws.com") is None
    True
    """
    lowered = host.lower().rstrip(".")
    suffix = next((suffix for suffix in _table().suffixes if lowered.endswith(f".{suffix}")), None)
    if suffix is None:
        return None
    match = re.fullmatch(_HOST, lowered.removesuffix(f".{suffix}").replace(".dualstack", ""))
    return None if match is None else _service_of_labels(match["service"].removesuffix("-fips"))


def _service_of_labels(labels: str) -> str | None:
    table = _table()
    known = table.hosts.get(labels, labels)
    if known in table.endpoints:
        return known
    return next((prefix for name, prefix in table.named_hosts.items() if labels.endswith(f".{name}")), None)


@cache
def _table() -> _Table:
    return read("endpoints", _Table)


@cache
def _prefixes_by_endpoint() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for prefix, names in _table().endpoints.items():
        for name in names:
            found[name] = (*found.get(name, ()), prefix)
    return found
