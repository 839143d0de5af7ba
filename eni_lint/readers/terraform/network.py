"""VPCs, subnets, route tables and the ways out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from eni_lint.model.answer import ABSENT, Absent, Unknown, Why
from eni_lint.model.identity import Literal, Managed, Members, Token, members, openness
from eni_lint.model.network import (
    Appliance,
    GatewayAttachment,
    InternetGateway,
    Nat,
    PublicAccessBlock,
    Route,
    RouteTable,
    Subnet,
    TableAssociation,
    Vpc,
)
from eni_lint.readers.terraform.families import (
    ADDRESS,
    EGRESS_GATEWAY,
    ENDPOINT,
    INSTANCE,
    INTERFACE,
    INTERNET_GATEWAY,
    MAIN_TABLE,
    NAT,
    OWNER_OF_MAIN_TABLE,
    PEERING,
    PREFIX_LIST,
    SUBNET,
    TABLE,
    TRANSIT_GATEWAY,
    VPC,
    Family,
)
from eni_lint.readers.terraform.functions import flag
from eni_lint.readers.terraform.links import DECIDED_BY, Linker
from eni_lint.readers.terraform.resources import Resource, fact
from eni_lint.readers.terraform.values import Hidden, blocks, is_empty


class Target(Struct, frozen=True):
    """One attribute that may carry the target of a route: what kind of way it is, and to what it leads."""

    kind: str
    family: Family


CORE = Family("core network", (), prefixes=("arn:",))
CARRIER = Family("carrier gateway", ("aws_ec2_carrier_gateway",), prefixes=("cagw-",))
LOCAL_GATEWAY = Family("local gateway", (), prefixes=("lgw-",))

TARGETS: Mapping[str, Target] = {
    "nat_gateway_id": Target("nat", NAT),
    "gateway_id": Target("internet", INTERNET_GATEWAY),
    "egress_only_gateway_id": Target("egress_only", EGRESS_GATEWAY),
    "transit_gateway_id": Target("transit", TRANSIT_GATEWAY),
    "vpc_peering_connection_id": Target("peering", PEERING),
    "vpc_endpoint_id": Target("endpoint", ENDPOINT),
    "network_interface_id": Target("interface", INTERFACE),
    "instance_id": Target("instance", INSTANCE),
    "core_network_arn": Target("core", CORE),
    "carrier_gateway_id": Target("carrier", CARRIER),
    "local_gateway_id": Target("local_gateway", LOCAL_GATEWAY),
}
# Whatever a route may be pointed at, for what is given in the wrong attribute.
KINDS = {type_: target.kind for target in TARGETS.values() for type_ in target.family.types} | {
    "aws_vpn_gateway": "vpn"
}
WAY = Family(
    "way",
    tuple(KINDS),
    prefixes=tuple(prefix for target in TARGETS.values() for prefix in target.family.prefixes if prefix != "arn:"),
)
# The provider computes these where nothing states them.
COMPUTED_TARGETS = ("network_interface_id", "instance_id")
KINDS_BY_PREFIX = {"igw-": "internet", "vgw-": "vpn", "vpce-": "endpoint", "eigw-": "egress_only", "nat-": "nat"}
DESTINATIONS = (
    ("destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"),
    ("cidr_block", "ipv6_cidr_block", "destination_prefix_list_id"),
)


def text(resource: Resource, name: str) -> str | Unknown:
    """Give a text attribute: empty where it is absent, or why it is not known."""
    value = resource.values.get(name)
    if isinstance(value, Hidden):
        return Unknown(Why.COMPUTED, fact(resource, name))
    return value if isinstance(value, str) else ""


def is_stated(linker: Linker, resource: Resource, name: str) -> bool:
    """Tell whether an attribute has a value that somebody chose: one that is hidden and not configured is computed."""
    value = resource.get(name)
    return value is not None and not (isinstance(value, Hidden) and not linker.states(resource, name))


def vpcs(linker: Linker) -> Iterator[Vpc]:
    """Yield every VPC that is managed here or looked up."""
    added: dict[str, tuple[str | Unknown, ...]] = {}
    for resource in linker.stage.of("aws_vpc_ipv4_cidr_block_association"):
        for owner in linker.one(resource, "vpc_id", family=VPC).seen:
            if isinstance(owner, Managed):
                added[owner.address] = (*added.get(owner.address, ()), text(resource, "cidr_block"))
    for resource in linker.stage.of("aws_vpc", "aws_default_vpc", "data.aws_vpc"):
        own = text(resource, "cidr_block")
        tenancy = text(resource, "instance_tenancy")
        yield Vpc(
            address=resource.address,
            scope=linker.scope(resource),
            cidrs=((own,) if own != "" else ()) + added.get(resource.address, ()),
            dns_support=flag(resource, "enable_dns_support", default=True),
            dns_hostnames=_dns_hostnames(linker, resource),
            dedicated=tenancy if isinstance(tenancy, Unknown) else tenancy == "dedicated",
            created_here=resource.type == "aws_vpc" and not resource.data,
        )


def _dns_hostnames(linker: Linker, resource: Resource) -> bool | Unknown:
    # Left out, the plan shows it as unknown; after the apply it is false, and true for a default VPC.
    if not is_stated(linker, resource, "enable_dns_hostnames"):
        return resource.type == "aws_default_vpc"
    return flag(resource, "enable_dns_hostnames")


def subnets(linker: Linker) -> Iterator[Subnet]:
    """Yield every subnet that is managed here or looked up."""
    for resource in linker.stage.of("aws_subnet", "aws_default_subnet", "data.aws_subnet"):
        yield Subnet(
            address=resource.address,
            scope=linker.scope(resource),
            vpc=linker.one(resource, "vpc_id", family=VPC),
            cidr=text(resource, "cidr_block"),
            created_here=resource.type == "aws_subnet" and not resource.data,
        )


class MainTables:
    """The main route table of each VPC: a resource adopts it, or it stands unseen with nothing but the local route."""

    def __init__(self, linker: Linker) -> None:
        self.owners: dict[str, Members] = {}
        self.replaced: set[str] = set()
        for resource in linker.stage.of("aws_default_route_table"):
            owner = self._owner(linker, resource)
            self.owners[resource.address] = owner
            for token in owner.sure:
                if isinstance(token, Managed):
                    linker.rename(token.address + MAIN_TABLE, resource.address)
                    self.replaced.add(token.address)

    @staticmethod
    def _owner(linker: Linker, resource: Resource) -> Members:
        if resource.text("vpc_id") is not None:
            return linker.one(resource, "vpc_id", family=VPC)
        return linker.one(resource, "default_route_table_id", family=OWNER_OF_MAIN_TABLE)


def tables(linker: Linker, main: MainTables) -> Iterator[RouteTable]:
    """Yield every route table, the unseen main tables of VPCs that are created here among them."""
    propagating = {
        token
        for resource in linker.stage.of("aws_vpn_gateway_route_propagation")
        for token in linker.one(resource, "route_table_id", family=TABLE).seen
    }
    chosen = {
        token
        for resource in linker.stage.of("aws_main_route_table_association")
        for token in linker.one(resource, "vpc_id", family=VPC).seen
    }
    for resource in linker.stage.of("aws_route_table", "aws_default_route_table", "data.aws_route_table"):
        own = is_stated(linker, resource, "propagating_vgws")
        default = resource.type == "aws_default_route_table"
        owner = main.owners.get(resource.address) if default else None
        yield RouteTable(
            address=resource.address,
            scope=linker.scope(resource),
            vpc=linker.one(resource, "vpc_id", family=VPC) if owner is None else owner,
            main=(default and not chosen.intersection(owner.seen if owner else ())) or _is_main(resource),
            propagates=own or Managed(resource.address) in propagating,
            created_here=not resource.data,
        )
    for resource in linker.stage.of("aws_vpc"):
        token = Managed(resource.address)
        if resource.address not in main.replaced:
            address = resource.address + MAIN_TABLE
            yield RouteTable(address, linker.scope(resource), members(token), main=token not in chosen)


def _is_main(resource: Resource) -> bool:
    listed = blocks(resource.values.get("associations")) if resource.data else []
    return not isinstance(listed, Hidden) and any(each.get("main") is True for each in listed)


def associations(linker: Linker) -> Iterator[TableAssociation]:
    """Yield what ties subnets, or VPCs, to route tables."""
    for resource in linker.stage.of("aws_route_table_association"):
        if is_empty(resource.values.get("subnet_id")):
            continue
        table = linker.one(resource, "route_table_id", family=TABLE)
        subnet = linker.one(resource, "subnet_id", family=SUBNET)
        yield TableAssociation(resource.address, linker.scope(resource), table, subnet=subnet)
    for resource in linker.stage.of("aws_main_route_table_association"):
        table = linker.one(resource, "route_table_id", family=TABLE)
        vpc = linker.one(resource, "vpc_id", family=VPC)
        yield TableAssociation(resource.address, linker.scope(resource), table, vpc=vpc)
    for resource in linker.stage.of("data.aws_route_table"):
        listed = blocks(resource.values.get("associations"))
        for block in [] if isinstance(listed, Hidden) else listed:
            subnet_id = block.get("subnet_id")
            if isinstance(subnet_id, str) and subnet_id:
                subnet = members(linker.literal(subnet_id, SUBNET, resource))
                table = members(Managed(resource.address))
                yield TableAssociation(resource.address, linker.scope(resource), table, subnet=subnet)


def routes(linker: Linker, carried: Mapping[str, frozenset[str]]) -> Iterator[Route]:
    """Yield every route; `carried` are the destinations that route resources put into each table."""
    for resource in linker.stage.of("aws_route"):
        table = linker.one(resource, "route_table_id", family=TABLE)
        yield _route(linker, resource, (), resource.values, table, DESTINATIONS[0])
    for resource in linker.stage.of("aws_route_table", "aws_default_route_table", "data.aws_route_table"):
        attribute = "routes" if resource.data else "route"
        listed = blocks(resource.values.get(attribute))
        own = resource.data or not linker.is_configured(resource) or linker.states(resource, attribute)
        mirrored = frozenset() if own and linker.is_configured(resource) else carried.get(resource.address, frozenset())
        for number, block in [] if isinstance(listed, Hidden) else enumerate(listed):
            shown = (block[name] for name in DESTINATIONS[1] if block.get(name) and isinstance(block[name], str))
            destination = next(shown, "")
            if destination not in mirrored:
                path = (attribute, number)
                yield _route(linker, resource, path, block, members(Managed(resource.address)), DESTINATIONS[1])


def has_hidden_routes(linker: Linker, resource: Resource) -> bool:
    """Tell whether a table's own routes are stated where nobody sees them."""
    return isinstance(blocks(resource.values.get("route")), Hidden) and linker.states(resource, "route")


def carried_routes(linkers: tuple[Linker, ...]) -> dict[str, frozenset[str]]:
    """Collect the destinations that route resources of either moment put into each table.

    A refreshed table repeats them; there they belong to those resources, and go with them.
    """
    found: dict[str, frozenset[str]] = {}
    for linker in linkers:
        for resource in linker.stage.of("aws_route"):
            shown = frozenset(value for name in DESTINATIONS[0] if (value := resource.text(name)) is not None)
            for token in linker.one(resource, "route_table_id", family=TABLE).seen:
                if isinstance(token, Managed):
                    found[token.address] = found.get(token.address, frozenset()) | shown
    return found


def _route(
    linker: Linker,
    resource: Resource,
    path: tuple[str | int, ...],
    stated: Mapping[str, Any],
    table: Members,
    destinations: tuple[str, ...],
) -> Route:
    given = [name for name in TARGETS if _is_given(linker, resource, path, stated.get(name), name)]
    kind, target, attribute = _target(linker, resource, path, stated, given)
    return Route(
        address=resource.address,
        scope=linker.scope(resource),
        table=table,
        destination=_destination(linker, resource, path, stated, destinations),
        target_kind=kind,
        target=target,
        given_as=attribute,
    )


def _is_given(linker: Linker, resource: Resource, path: tuple[str | int, ...], value: Any, name: str) -> bool:
    if isinstance(value, Hidden) and not path:
        return linker.states(resource, name)
    return not is_empty(value)


def _target(
    linker: Linker,
    resource: Resource,
    path: tuple[str | int, ...],
    stated: Mapping[str, Any],
    given: list[str],
) -> tuple[str | Unknown, Members, str]:
    if len(given) > 1:
        # A route through an instance shows its interface too.
        given = [name for name in given if name not in COMPUTED_TARGETS] or given[:1]
    if len(given) != 1:
        unknown = Unknown(Why.COMPUTED, fact(resource, ".".join(["target", *map(str, path)])), DECIDED_BY)
        return unknown, Members(rest=unknown), ""
    attribute = given[0]
    value = stated.get(attribute)
    if value == "local":
        return "local", members(), attribute
    target = TARGETS[attribute]
    link = linker.one(resource, *path, attribute, family=target.family)
    if not any(isinstance(token, Managed) for token in link.seen):
        other = linker.one(resource, *path, attribute, family=WAY)
        kinds = {KINDS.get(linker.type_of(token)) for token in other.sure}
        if other.exact and len(kinds) == 1 and (kind := kinds.pop()) is not None:
            return kind, other, attribute
    if attribute != "gateway_id":
        return target.kind, link, attribute
    return _gateway(link), link, attribute


def _gateway(link: Members) -> str:
    """Tell what a `gateway_id` leads to: several kinds of gateways share the attribute."""
    if any(isinstance(token, Managed) for token in link.seen):
        return "internet"
    for token in link.sure:
        if isinstance(token, Literal):
            kinds = [kind for prefix, kind in KINDS_BY_PREFIX.items() if token.value.startswith(prefix)]
            return kinds[0] if kinds else "gateway"
    return "gateway"


def _destination(
    linker: Linker,
    resource: Resource,
    path: tuple[str | int, ...],
    stated: Mapping[str, Any],
    names: tuple[str, ...],
) -> str | Unknown:
    for name in names:
        value = stated.get(name)
        if isinstance(value, Hidden) and (path or linker.states(resource, name)):
            if name == "destination_prefix_list_id":
                group = linker.one(resource, *path, name, family=PREFIX_LIST)
                if group.exact and group.sure and isinstance(group.sure[0], Managed):
                    return group.sure[0].address
            return Unknown(Why.COMPUTED, fact(resource, ".".join(map(str, (*path, name)))), DECIDED_BY)
        if isinstance(value, str) and value:
            return value
    return Unknown(Why.COMPUTED, fact(resource, "destination"), DECIDED_BY)


def gateways(linker: Linker) -> Iterator[InternetGateway]:
    """Yield the internet gateways, egress-only ones among them."""
    for resource in linker.stage.of("aws_internet_gateway", "aws_egress_only_internet_gateway"):
        stated = is_stated(linker, resource, "vpc_id")
        yield InternetGateway(
            address=resource.address,
            scope=linker.scope(resource),
            vpc=linker.one(resource, "vpc_id", family=VPC) if stated else ABSENT,
            egress_only=resource.type == "aws_egress_only_internet_gateway",
        )
    for resource in linker.stage.of("data.aws_internet_gateway"):
        listed = blocks(resource.values.get("attachments"))
        ids = [] if isinstance(listed, Hidden) else [str(each["vpc_id"]) for each in listed if each.get("vpc_id")]
        tokens = [linker.literal(each, VPC, resource) for each in ids]
        vpc: Members | Absent = members(*tokens) if tokens else ABSENT
        if isinstance(listed, Hidden) or resource.deferred:
            vpc = Members(rest=Unknown(Why.DATA_SOURCE, fact(resource, "attachments")))
        yield InternetGateway(resource.address, linker.scope(resource), vpc)


def gateway_attachments(linker: Linker) -> Iterator[GatewayAttachment]:
    """Yield the attachments of internet gateways that are resources of their own."""
    for resource in linker.stage.of("aws_internet_gateway_attachment"):
        gateway = linker.one(resource, "internet_gateway_id", family=INTERNET_GATEWAY)
        vpc = linker.one(resource, "vpc_id", family=VPC)
        yield GatewayAttachment(resource.address, linker.scope(resource), gateway, vpc)


def nats(linker: Linker) -> Iterator[Nat]:
    """Yield the NAT gateways that are managed here or looked up."""
    for resource in linker.stage.of("aws_nat_gateway", "data.aws_nat_gateway"):
        kind = text(resource, "connectivity_type")
        zonal = is_stated(linker, resource, "subnet_id") or resource.deferred
        regional = not zonal and is_stated(linker, resource, "vpc_id")
        yield Nat(
            address=resource.address,
            scope=linker.scope(resource),
            subnet=linker.one(resource, "subnet_id", family=SUBNET) if zonal else ABSENT,
            vpc=linker.one(resource, "vpc_id", family=VPC) if regional else ABSENT,
            public=kind if isinstance(kind, Unknown) else kind != "private",
            allocation=_allocation(linker, resource),
        )


def _allocation(linker: Linker, resource: Resource) -> Members | Absent:
    if resource.data and resource.get("allocation_id") is None:
        return Members(rest=Unknown(Why.DATA_SOURCE, fact(resource, "allocation_id")))
    if not is_stated(linker, resource, "allocation_id"):
        return ABSENT
    return linker.one(resource, "allocation_id", family=ADDRESS)


def appliances(linker: Linker) -> Iterator[Appliance]:
    """Yield what routes may point at besides gateways: instances and interfaces."""
    for resource in linker.stage.of("aws_instance", "aws_network_interface", "data.aws_instance"):
        checks = flag(resource, "source_dest_check", default=True)
        yield Appliance(resource.address, linker.scope(resource), checks)


def public_access_blocks(linker: Linker) -> Iterator[PublicAccessBlock]:
    """Yield the account's switch against internet gateways."""
    excluded: list[Token] = []
    rest: Unknown | None = None
    for resource in linker.stage.of("aws_vpc_block_public_access_exclusion"):
        for attribute, family in (("vpc_id", VPC), ("subnet_id", SUBNET)):
            if is_stated(linker, resource, attribute):
                link = linker.one(resource, attribute, family=family)
                excluded.extend(link.sure)
                rest = openness(link) if rest is None else rest
    for resource in linker.stage.of("aws_vpc_block_public_access_options"):
        mode = text(resource, "internet_gateway_block_mode")
        exempt = Members(tuple(dict.fromkeys(excluded)), rest=rest)
        yield PublicAccessBlock(resource.address, linker.scope(resource), mode, exempt)
