"""What is known whole at one moment: the only grounds on which something absent is said not to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eni_lint.model.answer import Why
from eni_lint.model.deployment import Kind, World
from eni_lint.model.identity import Managed, Members, Symbol, Token
from eni_lint.model.network import Subnet
from eni_lint.readers.cloudformation.translate.families import (
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
from eni_lint.readers.cloudformation.translate.groups import DEFAULT_VPC, open_directions
from eni_lint.readers.cloudformation.translate.links import Linker
from eni_lint.readers.cloudformation.translate.unknowns import OUTSIDE
from eni_lint.readers.cloudformation.tree import Tree, mapping, text
from eni_lint.readers.cloudformation.values import Truth, Value

EXPORTED = (VPC, SUBNET, TABLE, GROUP, ROLE, ENDPOINT, NAT, POLICY, FUNCTION)
NESTED = {"AWS::CloudFormation::Stack": "Parameters", "AWS::Serverless::Application": "Parameters"}
# The outputs that the CDK makes for other stacks of the same program, all of which stand in its assembly.
OF_THE_PROGRAM = "ExportsOutput"
# Transforms that add nothing to networks and nothing to roles that are stated; that of Secrets Manager nests a stack
# with a function of its own: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-secretsmanager.html
SAM = "AWS::Serverless-2016-10-31"
HARMLESS = (SAM, "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen", "AWS::SecretsManager-")


def exported_tokens(linker: Linker, *, whole_program: bool) -> frozenset[Token]:
    """Collect what leaves the deployment through exports, parameters and stacks that cannot be read."""
    found: set[Token] = set()
    for value in _leaving(linker, whole_program=whole_program):
        for family in EXPORTED:
            found.update(linker.mentioned(value, family))
    return frozenset(found)


def _leaving(linker: Linker, *, whole_program: bool) -> Iterator[Value]:
    resolver = linker.stage.resolver
    for name in linker.stage.prefixes:
        stack = resolver.stacks[name]
        for output, stated in stack.section("Outputs").items():
            declared = mapping(stated)
            own = whole_program and output.startswith(OF_THE_PROGRAM)
            if "Export" in declared and not own and _stands(linker, name, declared):
                yield resolver.output(name, output)
    for declared_parameter in linker.stage.of("AWS::SSM::Parameter"):
        yield declared_parameter.get("Value")
    for kind, parameters in NESTED.items():
        for nested in linker.stage.of(kind):
            if nested.logical_id not in nested.stack.nested:
                yield nested.get(parameters)


def _stands(linker: Linker, stack: str, declared: dict[str, Tree]) -> bool:
    condition = declared.get("Condition")
    return not (isinstance(condition, str) and linker.stage.resolver.condition(stack, condition) is Truth.FALSE)


def incomplete(linker: Linker) -> str:
    """Say why resources may stand that no template here shows, empty where none can."""
    for name in linker.stage.prefixes:
        macro = _macro(linker.stage.resolver.stacks[name].template)
        if macro:
            return f"the macro {macro} may add resources"
    for declared in linker.stage.by_address.values():
        if declared.kind.endswith("::MODULE") or "::" not in declared.kind:
            return f"the module {declared.address} may hold resources"
    return ""


def transforms_of(template: dict[str, Tree]) -> tuple[str, ...]:
    """Name the transforms of a template.

    >>> transforms_of({"Transform": ["AWS::LanguageExtensions", {"Name": "AWS::Include"}]})
    ('AWS::LanguageExtensions', 'AWS::Include')
    """
    stated = template.get("Transform")
    named = stated if isinstance(stated, list) else [stated] if stated else []
    return tuple(each if isinstance(each, str) else text(mapping(each).get("Name")) for each in named)


def _macro(template: dict[str, Tree]) -> str:
    """Name a macro that may add resources, empty where there is none."""
    unknown = [name or "of the template" for name in transforms_of(template) if not name.startswith(HARMLESS)]
    inside = mapping(template.get("Resources")).get("Fn::Transform")
    if inside is not None:
        unknown.append(text(mapping(inside).get("Name")) or "of the resources")
    return unknown[0] if unknown else ""


def complete(linker: Linker, world: World) -> frozenset[tuple[Kind, str]]:
    """Say what is known whole: what is made here, does not leave the deployment, and has no unclear additions."""
    outside = OUTSIDE if _is_alone(linker) else OUTSIDE - {Why.PARAMETER, Why.DEFAULT}
    closed = _Closed(outside)
    return frozenset(
        {*_roles(world, closed), *_tables(world, closed), *_vpcs(world, closed), *_groups(linker, world, closed)}
    )


def _is_alone(linker: Linker) -> bool:
    """Tell whether one stack, with those nested in it, is all there is: else a parameter may be another's resource."""
    stacks = linker.stage.resolver.stacks
    return sum(not stacks[name].parent for name in linker.stage.prefixes) == 1


class _Closed:
    """Leaves out every owner that a link of unclear end may lead to."""

    def __init__(self, outside: frozenset[Why]) -> None:
        self._outside = outside

    def of(self, owners: set[str], links: Iterable[Members]) -> set[str]:
        """Give the owners that no link may lead to without saying so."""
        closed = set(owners)
        for link in links:
            opened = [token.unknown for token in link.seen if isinstance(token, Symbol) and token != DEFAULT_VPC]
            if link.rest is not None:
                opened.append(link.rest)
            if any(unknown.why not in self._outside for unknown in opened):
                return set()
            closed.difference_update(token.address for token in link.maybe if isinstance(token, Managed))
        return closed


def _roles(world: World, closed: _Closed) -> Iterator[tuple[Kind, str]]:
    owners = closed.of(set(world.roles), (grant.roles for grant in world.grants))
    return ((Kind.GRANTS, address) for address in owners)


def _tables(world: World, closed: _Closed) -> Iterator[tuple[Kind, str]]:
    own = {
        address
        for address, table in world.tables.items()
        if Managed(address) not in world.exported
        and not (address.endswith(MAIN_TABLE) and any(token in world.exported for token in table.vpc.seen))
    }
    return ((Kind.ROUTES, address) for address in closed.of(own, (route.table for route in world.routes)))


def _vpcs(world: World, closed: _Closed) -> Iterator[tuple[Kind, str]]:
    own = {address for address in world.vpcs if Managed(address) not in world.exported}
    tied = [*_owners_of_associations(world), *(table.vpc for table in world.tables.values())]
    yield from ((Kind.TABLES, address) for address in closed.of(own, tied))
    yield from (
        (Kind.ENDPOINTS, address) for address in closed.of(own, (each.vpc for each in world.endpoints.values()))
    )
    attached = [gateway.vpc for gateway in world.gateways.values() if isinstance(gateway.vpc, Members)]
    attached.extend(each.vpc for each in world.gateway_attachments)
    yield from ((Kind.GATEWAYS, address) for address in closed.of(own, attached))


def _owners_of_associations(world: World) -> Iterator[Members]:
    """Give the VPCs that each association of unclear end may concern."""
    for each in world.associations:
        if isinstance(each.subnet, Members) and not each.subnet.exact:
            vpcs = [_vpc_of(world.subnets.get(t.address)) for t in each.subnet.seen if isinstance(t, Managed)]
            yield Members(maybe=tuple(token for vpc in vpcs for token in vpc.seen), rest=each.subnet.rest)


def _vpc_of(subnet: Subnet | None) -> Members:
    return Members() if subnet is None else subnet.vpc


def _groups(linker: Linker, world: World, closed: _Closed) -> Iterator[tuple[Kind, str]]:
    hidden = set(open_directions(linker))
    managed = {address for address in world.groups if Managed(address) not in world.exported}
    for kind, egress in ((Kind.EGRESS, True), (Kind.INGRESS, False)):
        own = {address for address in managed if (address, egress) not in hidden}
        rules = (rule.group for rule in world.group_rules if rule.egress == egress)
        yield from ((kind, address) for address in closed.of(own, rules))
