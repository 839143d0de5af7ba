"""Networks that the CDK looked up in an account: what cdk.context.json tells of them.

The ids are those of the deployment. Of routes it tells only what kind of subnet the CDK takes each for: by a tag, else
public where addresses are given out or a route leads to an internet gateway, private where the default route leads to
a NAT or transit gateway, else isolated. The CDK relies on that itself where it refuses functions in public subnets:
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.FunctionProps.html#allowpublicsubnet.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.deployment import World
from eni_lint.model.identity import Literal, Managed, Members, Symbol, members
from eni_lint.model.network import Route, RouteTable, Subnet, TableAssociation, Vpc
from eni_lint.model.place import Scope
from eni_lint.readers.cloudformation.worlds import LookedUpSubnet, LookedUpVpc

FILE = "cdk.context.json"
EVERYWHERE = "0.0.0.0/0"
# The kinds of subnets that the CDK knows, and the kind of target that their default route has.
TARGET_KINDS = {"Public": "internet", "Private": "private", "Isolated": "isolated"}


def with_lookups(world: World, found: tuple[LookedUpVpc, ...]) -> World:
    """Add networks that were looked up to what a program states; what both tell, the program tells better."""
    subnets = {subnet.address: subnet for vpc in found for subnet in _subnets(vpc)}
    tables = {table.address: table for vpc in found for table in _tables(vpc)}
    stated = {token for one in world.associations if isinstance(one.subnet, Members) for token in one.subnet.seen}
    associations = (one for vpc in found for one in _associations(vpc) if Managed(one.address) not in stated)
    return replace(
        world,
        vpcs={**{vpc.vpc_id: _vpc(vpc) for vpc in found}, **world.vpcs},
        subnets={**subnets, **world.subnets},
        tables={**tables, **world.tables},
        associations=(*world.associations, *associations),
        routes=(*world.routes, *(route for vpc in found for route in _routes(vpc))),
    )


def _vpc(found: LookedUpVpc) -> Vpc:
    return Vpc(
        address=found.vpc_id,
        scope=_scope(found),
        cidrs=(found.cidr or _untold("the CIDR block", found.vpc_id), _untold("further CIDR blocks", found.vpc_id)),
        dns_support=_untold("the DNS support", found.vpc_id),
        dns_hostnames=_untold("the DNS host names", found.vpc_id),
        dedicated=_untold("the tenancy", found.vpc_id),
        created_here=False,
    )


def _subnets(found: LookedUpVpc) -> Iterator[Subnet]:
    for subnet in found.subnets:
        yield Subnet(
            address=subnet.subnet_id,
            scope=_scope(found),
            vpc=members(Managed(found.vpc_id)),
            cidr=subnet.cidr or _untold("the CIDR block", subnet.subnet_id),
            zone=subnet.availability_zone,
            ipv6=_untold("the IPv6 CIDR block", subnet.subnet_id),
            created_here=False,
        )


def _tables(found: LookedUpVpc) -> Iterator[RouteTable]:
    main = _untold("the main route table", found.vpc_id)
    for table in _by_table(found):
        propagates = _untold("the propagated routes", table)
        yield RouteTable(table, _scope(found), members(Managed(found.vpc_id)), main, propagates, created_here=False)


def _associations(found: LookedUpVpc) -> Iterator[TableAssociation]:
    for subnet in found.subnets:
        if subnet.route_table_id:
            table, own = members(Managed(subnet.route_table_id)), members(Managed(subnet.subnet_id))
            yield TableAssociation(subnet.subnet_id, _scope(found), table, subnet=own)


def _routes(found: LookedUpVpc) -> Iterator[Route]:
    """Yield the default route of each table whose subnets are all of one kind."""
    for table, subnets in _by_table(found).items():
        kinds = {subnet.kind for subnet in subnets}
        if len(kinds) == 1 and (kind := kinds.pop()) in TARGET_KINDS:
            yield Route(
                address=table,
                scope=_scope(found),
                table=members(Managed(table)),
                destination=EVERYWHERE,
                target_kind=TARGET_KINDS[kind],
                target=_target(table, kind),
            )


def _target(table: str, kind: str) -> Members:
    if kind == "Public":
        return members(Literal(f"an internet gateway ({FILE} has its subnets as public)"))
    return members(Symbol(Unknown(Why.ELSEWHERE, f"the default route of {table}", f"{FILE} only has it as {kind}")))


def _by_table(found: LookedUpVpc) -> dict[str, list[LookedUpSubnet]]:
    tables: dict[str, list[LookedUpSubnet]] = {}
    for subnet in found.subnets:
        if subnet.route_table_id:
            tables.setdefault(subnet.route_table_id, []).append(subnet)
    return tables


def _untold(what: str, of: str) -> Unknown:
    return Unknown(Why.ELSEWHERE, f"{what} of {of}", f"{FILE} does not tell it", of)


def _scope(found: LookedUpVpc) -> Scope:
    return Scope(found.account, found.region)
