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
from eni_lint.model.network import Route, Subnet, TableAssociation
from eni_lint.model.place import Scope
from eni_lint.readers.cloudformation.worlds import LookedUpSubnet, LookedUpVpc

FILE = "cdk.context.json"
EVERYWHERE = "0.0.0.0/0"
# The kinds of subnets that the CDK knows, and the kind of target that their default route has.
TARGET_KINDS = {"Public": "internet", "Private": "private", "Isolated": "isolated"}


def with_lookups(world: World, found: tuple[LookedUpVpc, ...]) -> World:
    """Add subnets that were looked up to what a program states; a table that it gives one is the later one.

    Their VPC and route tables stay elsewhere: nobody here knows either whole.
    """
    stated = {token for one in world.associations if isinstance(one.subnet, Members) for token in one.subnet.seen}
    associations = (one for vpc in found for one in _associations(vpc) if Managed(one.address) not in stated)
    return replace(
        world,
        subnets={**{subnet.address: subnet for vpc in found for subnet in _subnets(vpc)}, **world.subnets},
        associations=(*world.associations, *associations),
        routes=(*world.routes, *(route for vpc in found for route in _routes(vpc))),
    )


def _subnets(found: LookedUpVpc) -> Iterator[Subnet]:
    for subnet in found.subnets:
        yield Subnet(
            address=subnet.subnet_id,
            scope=_scope(found),
            vpc=members(Literal(found.vpc_id)),
            cidr=subnet.cidr or _untold("the CIDR block", subnet),
            created_here=False,
        )


def _associations(found: LookedUpVpc) -> Iterator[TableAssociation]:
    for subnet in found.subnets:
        if subnet.route_table_id:
            table, own = members(Literal(subnet.route_table_id)), members(Managed(subnet.subnet_id))
            yield TableAssociation(subnet.subnet_id, _scope(found), table, subnet=own)


def _routes(found: LookedUpVpc) -> Iterator[Route]:
    """Yield the default route of each table whose subnets are all of one kind."""
    for table, subnets in _by_table(found).items():
        kinds = {subnet.kind for subnet in subnets}
        if len(kinds) == 1 and (kind := kinds.pop()) in TARGET_KINDS:
            yield Route(
                address=table,
                scope=_scope(found),
                table=members(Literal(table)),
                destination=EVERYWHERE,
                target_kind=TARGET_KINDS[kind],
                target=_target(table, kind),
            )


def _target(table: str, kind: str) -> Members:
    if kind == "Public":
        return members(Literal(f"an internet gateway (as {FILE} has it)"))
    return members(Symbol(Unknown(Why.ELSEWHERE, f"the default route of {table}", f"{FILE} only has it as {kind}")))


def _by_table(found: LookedUpVpc) -> dict[str, list[LookedUpSubnet]]:
    tables: dict[str, list[LookedUpSubnet]] = {}
    for subnet in found.subnets:
        if subnet.route_table_id:
            tables.setdefault(subnet.route_table_id, []).append(subnet)
    return tables


def _untold(what: str, subnet: LookedUpSubnet) -> Unknown:
    return Unknown(Why.ELSEWHERE, f"{what} of {subnet.subnet_id}", f"{FILE} does not tell it", subnet.subnet_id)


def _scope(found: LookedUpVpc) -> Scope:
    return Scope(found.account, found.region)
