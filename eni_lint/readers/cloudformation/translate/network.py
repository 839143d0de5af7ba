"""VPCs, subnets, route tables and the ways out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from eni_lint.model.answer import ABSENT, Absent, Unknown, Why
from eni_lint.model.identity import Literal, Managed, Members, Symbol, Token, members, openness
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
from eni_lint.readers.cloudformation.translate.families import (
    ADDRESS,
    EGRESS_GATEWAY,
    ENDPOINT,
    INSTANCE,
    INTERFACE,
    INTERNET_GATEWAY,
    MAIN_TABLE,
    NAT,
    PEERING,
    PREFIX_LIST,
    SUBNET,
    TABLE,
    TRANSIT_GATEWAY,
    VPC,
    VPN_GATEWAY,
    Family,
)
from eni_lint.readers.cloudformation.translate.links import Linker
from eni_lint.readers.cloudformation.translate.stage import Declared


class Target(Struct, frozen=True):
    """One property that may carry the target of a route: what kind of way it is, and to what it leads."""

    kind: str
    family: Family


NOTHING_OURS = Family(())
TARGETS: Mapping[str, Target] = {
    "NatGatewayId": Target("nat", NAT),
    "GatewayId": Target("internet", INTERNET_GATEWAY),
    "EgressOnlyInternetGatewayId": Target("egress_only", EGRESS_GATEWAY),
    "TransitGatewayId": Target("transit", TRANSIT_GATEWAY),
    "VpcPeeringConnectionId": Target("peering", PEERING),
    "VpcEndpointId": Target("endpoint", ENDPOINT),
    "NetworkInterfaceId": Target("interface", INTERFACE),
    "InstanceId": Target("instance", INSTANCE),
    "CoreNetworkArn": Target("core", NOTHING_OURS),
    "CarrierGatewayId": Target("carrier", NOTHING_OURS),
    "LocalGatewayId": Target("local_gateway", NOTHING_OURS),
}
# What a target turns out to be, whatever the property that carries it is called.
KINDS_OF_TARGETS: tuple[tuple[Family, str], ...] = (
    (INTERNET_GATEWAY, "internet"),
    (VPN_GATEWAY, "vpn"),
    (NAT, "nat"),
    (EGRESS_GATEWAY, "egress_only"),
)
KINDS_BY_PREFIX = {"igw-": "internet", "vgw-": "vpn", "vpce-": "endpoint", "eigw-": "egress_only", "nat-": "nat"}
DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock")


def vpcs(linker: Linker) -> Iterator[Vpc]:
    """Yield every VPC."""
    added: dict[str, tuple[str | Unknown, ...]] = {}
    for declared in linker.stage.of("AWS::EC2::VPCCidrBlock"):
        if declared.states("CidrBlock"):
            for owner in linker.one(declared, "VpcId", family=VPC).seen:
                if isinstance(owner, Managed):
                    added[owner.address] = (*added.get(owner.address, ()), linker.text(declared, "CidrBlock"))
    for declared in linker.stage.of("AWS::EC2::VPC"):
        own = _stated_or_made(linker, declared, "CidrBlock")
        tenancy = linker.text(declared, "InstanceTenancy")
        yield Vpc(
            address=declared.address,
            scope=declared.scope,
            cidrs=(own, *added.get(declared.address, ())),
            dns_support=linker.flag(declared, "EnableDnsSupport", default=True),
            dns_hostnames=linker.flag(declared, "EnableDnsHostnames"),
            dedicated=tenancy if isinstance(tenancy, Unknown) else tenancy == "dedicated",
        )


def _stated_or_made(linker: Linker, declared: Declared, name: str) -> str | Unknown:
    """Give a text that the deployment makes up where it is not given."""
    if declared.states(name):
        return linker.text(declared, name)
    return Unknown(Why.COMPUTED, f"{declared.address}.{name}")


def subnets(linker: Linker) -> Iterator[Subnet]:
    """Yield every subnet."""
    for declared in linker.stage.of("AWS::EC2::Subnet"):
        yield Subnet(
            address=declared.address,
            scope=declared.scope,
            vpc=linker.one(declared, "VpcId", family=VPC),
            cidr=_stated_or_made(linker, declared, "CidrBlock"),
        )


def tables(linker: Linker) -> Iterator[RouteTable]:
    """Yield every route table, the unseen main tables of VPCs among them: no template can reach those."""
    propagating = {
        token
        for declared in linker.stage.of("AWS::EC2::VPNGatewayRoutePropagation")
        for token in linker.many(declared, "RouteTableIds", family=TABLE).seen
    }
    for declared in linker.stage.of("AWS::EC2::RouteTable"):
        token = Managed(declared.address)
        vpc = linker.one(declared, "VpcId", family=VPC)
        yield RouteTable(declared.address, declared.scope, vpc, propagates=token in propagating)
    for declared in linker.stage.of("AWS::EC2::VPC"):
        yield RouteTable(declared.address + MAIN_TABLE, declared.scope, members(Managed(declared.address)), main=True)


def associations(linker: Linker) -> Iterator[TableAssociation]:
    """Yield what ties subnets to route tables."""
    for declared in linker.stage.of("AWS::EC2::SubnetRouteTableAssociation"):
        table = linker.one(declared, "RouteTableId", family=TABLE)
        subnet = linker.one(declared, "SubnetId", family=SUBNET)
        yield TableAssociation(declared.address, declared.scope, table, subnet=subnet)


def routes(linker: Linker) -> Iterator[Route]:
    """Yield every route."""
    for declared in linker.stage.of("AWS::EC2::Route"):
        kind, target, given_as = _target(linker, declared)
        yield Route(
            address=declared.address,
            scope=declared.scope,
            table=linker.one(declared, "RouteTableId", family=TABLE),
            destination=_destination(linker, declared),
            target_kind=kind,
            target=target,
            given_as=given_as,
        )


def _destination(linker: Linker, declared: Declared) -> str | Unknown:
    for name in DESTINATIONS:
        if declared.states(name):
            return linker.text(declared, name)
    for token in linker.one(declared, "DestinationPrefixListId", family=PREFIX_LIST).sure:
        match token:
            case Managed(address):
                return address
            case Literal(value):
                return value
            case Symbol(unknown):
                return unknown
    return Unknown(Why.NOT_SHOWN, f"the destination of {declared.address}", address=declared.address)


def _target(linker: Linker, declared: Declared) -> tuple[str | Unknown, Members, str]:
    given = [name for name in TARGETS if declared.states(name)]
    if len(given) != 1:
        unknown = Unknown(Why.NOT_SHOWN, f"the target of {declared.address}", address=declared.address)
        return unknown, Members(rest=unknown), ""
    name = given[0]
    for family, kind in KINDS_OF_TARGETS:
        link = linker.one(declared, name, family=family)
        if any(isinstance(token, Managed) for token in link.sure):
            return kind, link, name
    link = linker.one(declared, name, family=TARGETS[name].family)
    if name != "GatewayId":
        return TARGETS[name].kind, link, name
    for token in link.sure:
        if isinstance(token, Literal):
            kinds = [kind for prefix, kind in KINDS_BY_PREFIX.items() if token.value.startswith(prefix)]
            return kinds[0] if kinds else "gateway", link, name
    return "gateway", link, name


def gateways(linker: Linker) -> Iterator[InternetGateway]:
    """Yield the internet gateways, egress-only ones among them."""
    for declared in linker.stage.of("AWS::EC2::InternetGateway"):
        yield InternetGateway(declared.address, declared.scope, ABSENT)
    for declared in linker.stage.of("AWS::EC2::EgressOnlyInternetGateway"):
        vpc = linker.one(declared, "VpcId", family=VPC)
        yield InternetGateway(declared.address, declared.scope, vpc, egress_only=True)


def gateway_attachments(linker: Linker) -> Iterator[GatewayAttachment]:
    """Yield the attachments of internet gateways."""
    for declared in linker.stage.of("AWS::EC2::VPCGatewayAttachment"):
        if declared.states("InternetGatewayId"):
            gateway = linker.one(declared, "InternetGatewayId", family=INTERNET_GATEWAY)
            vpc = linker.one(declared, "VpcId", family=VPC)
            yield GatewayAttachment(declared.address, declared.scope, gateway, vpc)


def nats(linker: Linker) -> Iterator[Nat]:
    """Yield the NAT gateways."""
    for declared in linker.stage.of("AWS::EC2::NatGateway"):
        kind = linker.text(declared, "ConnectivityType")
        zonal = declared.states("SubnetId")
        yield Nat(
            address=declared.address,
            scope=declared.scope,
            subnet=linker.one(declared, "SubnetId", family=SUBNET) if zonal else ABSENT,
            vpc=linker.one(declared, "VpcId", family=VPC) if not zonal and declared.states("VpcId") else ABSENT,
            public=kind if isinstance(kind, Unknown) else kind != "private",
            allocation=_allocation(linker, declared),
        )


def _allocation(linker: Linker, declared: Declared) -> Members | Absent:
    return linker.one(declared, "AllocationId", family=ADDRESS) if declared.states("AllocationId") else ABSENT


def appliances(linker: Linker) -> Iterator[Appliance]:
    """Yield what routes may point at besides gateways: instances and interfaces."""
    for declared in linker.stage.of("AWS::EC2::Instance", "AWS::EC2::NetworkInterface"):
        checks = linker.flag(declared, "SourceDestCheck", default=True)
        yield Appliance(declared.address, declared.scope, checks)


def public_access_blocks(linker: Linker) -> Iterator[PublicAccessBlock]:
    """Yield the account's switch against internet gateways."""
    excluded: list[Token] = []
    rest: Unknown | None = None
    for declared in linker.stage.of("AWS::EC2::VPCBlockPublicAccessExclusion"):
        for name, family in (("VpcId", VPC), ("SubnetId", SUBNET)):
            link = linker.one(declared, name, family=family)
            excluded.extend(link.sure)
            rest = openness(link) if rest is None else rest
    for declared in linker.stage.of("AWS::EC2::VPCBlockPublicAccessOptions"):
        mode = linker.text(declared, "InternetGatewayBlockMode")
        exempt = Members(tuple(dict.fromkeys(excluded)), rest=rest)
        yield PublicAccessBlock(declared.address, declared.scope, mode, exempt)
