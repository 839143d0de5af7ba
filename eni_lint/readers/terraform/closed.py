"""What is known whole at one moment: the only grounds on which something absent is said not to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from eni_lint.model.deployment import Kind, World
from eni_lint.model.identity import Managed, Members, Symbol, Token
from eni_lint.model.network import Subnet
from eni_lint.readers.terraform.addresses import Path
from eni_lint.readers.terraform.families import (
    ENDPOINT,
    FUNCTION,
    GROUP,
    MAIN_TABLE,
    NAT,
    POLICY,
    ROLE,
    SUBNET,
    TABLE,
    VPC,
)
from eni_lint.readers.terraform.groups import DEFAULT_VPC, open_directions
from eni_lint.readers.terraform.links import Linker
from eni_lint.readers.terraform.network import has_hidden_routes

EXPORTED = (VPC, SUBNET, TABLE, GROUP, ROLE, ENDPOINT, NAT, POLICY, FUNCTION)


# What may be missing where nobody knows how many there are of a type.
PARTS: Mapping[str, tuple[Kind, ...]] = {
    "aws_iam_policy_attachment": (Kind.GRANTS,),
    "aws_iam_role_policy": (Kind.GRANTS,),
    "aws_iam_role_policy_attachment": (Kind.GRANTS,),
    "aws_iam_role_policy_attachments_exclusive": (Kind.GRANTS,),
    "aws_route": (Kind.ROUTES,),
    "aws_vpn_gateway_route_propagation": (Kind.ROUTES,),
    "aws_route_table": (Kind.TABLES,),
    "aws_default_route_table": (Kind.TABLES, Kind.ROUTES),
    "aws_route_table_association": (Kind.TABLES,),
    "aws_main_route_table_association": (Kind.TABLES,),
    "aws_vpc_endpoint": (Kind.ENDPOINTS, Kind.ROUTES),
    "aws_internet_gateway": (Kind.GATEWAYS,),
    "aws_internet_gateway_attachment": (Kind.GATEWAYS,),
    "aws_security_group_rule": (Kind.EGRESS, Kind.INGRESS),
    "aws_vpc_security_group_egress_rule": (Kind.EGRESS,),
    "aws_vpc_security_group_ingress_rule": (Kind.INGRESS,),
    "aws_default_security_group": (Kind.EGRESS, Kind.INGRESS),
}


def exported_tokens(
    linker: Linker, mentions: Iterable[tuple[Path, str]], shown: Iterable[str] = ()
) -> frozenset[Token]:
    """Collect what leaves a deployment through outputs and parameters, so that others may refer to it.

    `mentions` are references in outputs, each with its module; `shown` are texts that outputs are seen to give.
    """
    found: set[Token] = set()
    for family in EXPORTED:
        for path, mention in mentions:
            for module in linker.instances_of(path):
                found.update(linker.follow(module, mention, family))
        found.update(linker.known(text, family) for text in shown if family.admits(text))
        for resource in linker.stage.of("aws_ssm_parameter"):
            for attribute in ("value", "insecure_value"):
                if resource.get(attribute) is not None:
                    found.update(linker.mentioned(resource, attribute, family=family))
    return frozenset(token for token in found if isinstance(token, Managed))


def complete(linker: Linker, world: World, exported: frozenset[Token]) -> frozenset[tuple[Kind, str]]:
    """Say what is known whole: what is managed here, does not leave the deployment, and has no unclear additions."""
    found = {
        *_roles(world),
        *_tables(linker, world, exported),
        *_vpcs(world, exported),
        *_groups(linker, world, exported),
    }
    missing = {part for _, block in linker.stage.uncounted for part in PARTS.get(block.partition(".")[0], ())}
    return frozenset((kind, address) for kind, address in found if kind not in missing)


def _roles(world: World) -> Iterator[tuple[Kind, str]]:
    own = {role.address for role in world.roles.values() if role.created_here}
    return ((Kind.GRANTS, address) for address in _closed(own, (grant.roles for grant in world.grants)))


def _tables(linker: Linker, world: World, exported: frozenset[Token]) -> Iterator[tuple[Kind, str]]:
    own: set[str] = set()
    for table in world.tables.values():
        stated = linker.stage.by_address.get(table.address)
        known = stated is None or not (stated.deferred or has_hidden_routes(linker, stated))
        leaves = Managed(table.address) in exported
        adopted = table.address.removesuffix(MAIN_TABLE) != table.address and _leaves(table.vpc, exported)
        if known and not leaves and not adopted:
            own.add(table.address)
    return ((Kind.ROUTES, address) for address in _closed(own, (route.table for route in world.routes)))


def _vpcs(world: World, exported: frozenset[Token]) -> Iterator[tuple[Kind, str]]:
    own = {vpc.address for vpc in world.vpcs.values() if vpc.created_here and Managed(vpc.address) not in exported}
    tied = [*_owners_of_associations(world), *(table.vpc for table in world.tables.values())]
    yield from ((Kind.TABLES, address) for address in _closed(own, tied))
    yield from ((Kind.ENDPOINTS, address) for address in _closed(own, (each.vpc for each in world.endpoints.values())))
    attached = [gateway.vpc for gateway in world.gateways.values() if isinstance(gateway.vpc, Members)]
    attached.extend(each.vpc for each in world.gateway_attachments)
    yield from ((Kind.GATEWAYS, address) for address in _closed(own, attached))


def _owners_of_associations(world: World) -> Iterator[Members]:
    """Give the VPCs that each association may concern."""
    for each in world.associations:
        if isinstance(each.vpc, Members):
            yield each.vpc
        if isinstance(each.subnet, Members) and not each.subnet.exact:
            vpcs = [
                _vpc_of(world.subnets.get(token.address)) for token in each.subnet.seen if isinstance(token, Managed)
            ]
            yield Members(maybe=tuple(token for vpc in vpcs for token in vpc.seen), rest=each.subnet.rest)


def _vpc_of(subnet: Subnet | None) -> Members:
    return Members() if subnet is None else subnet.vpc


def _groups(linker: Linker, world: World, exported: frozenset[Token]) -> Iterator[tuple[Kind, str]]:
    hidden = set(open_directions(linker))
    managed = {
        group.address
        for group in world.groups.values()
        if Managed(group.address) not in exported and not _is_data(linker, group.address)
    }
    for kind, egress in ((Kind.EGRESS, True), (Kind.INGRESS, False)):
        own = {address for address in managed if (address, egress) not in hidden}
        rules = (rule.group for rule in world.group_rules if rule.egress == egress)
        yield from ((kind, address) for address in _closed(own, rules))


def _is_data(linker: Linker, address: str) -> bool:
    resource = linker.stage.by_address.get(address)
    return resource is not None and resource.data


def _leaves(owners: Members, exported: frozenset[Token]) -> bool:
    return any(token in exported for token in owners.seen)


def _closed(owners: set[str], links: Iterable[Members]) -> set[str]:
    """Leave out every owner that a link of unclear end may lead to."""
    closed = set(owners)
    for link in links:
        anybody = link.rest is not None or any(isinstance(t, Symbol) and t != DEFAULT_VPC for t in link.seen)
        if anybody:
            return set()
        closed.difference_update(token.address for token in link.maybe if isinstance(token, Managed))
    return closed
