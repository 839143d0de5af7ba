"""The groups of stacks that are deployed together, and the cases of conditions under which each can stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.readers.cloudformation.conditions import mentioned
from eni_lint.readers.cloudformation.resolve import ANY, Resolver, Scenario
from eni_lint.readers.cloudformation.scenarios import scenarios
from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.translate.naming import NOTHING, Naming
from eni_lint.readers.cloudformation.translate.neighbours import components, imports_of
from eni_lint.readers.cloudformation.translate.stage import prefixes, short_name
from eni_lint.readers.cloudformation.tree import Tree, find, text

MOST_SCENARIOS = 16
# Resources on which a verdict may rest: a condition elsewhere splits nothing.
CONCERNED = ("AWS::EC2::", "AWS::IAM::", "AWS::Lambda::", "AWS::CloudFormation::Stack", "AWS::Serverless::Application")
# What a function has that no verdict rests on.
UNCONCERNED = frozenset(
    {
        "Architectures", "Code", "Description", "EphemeralStorage", "FunctionName", "Handler", "Layers",
        "LoggingConfig", "MemorySize", "ReservedConcurrentExecutions", "Runtime", "Tags", "Timeout", "TracingConfig",
    }
)  # fmt: skip


class Group(Struct, frozen=True, eq=False):
    """Stacks that belong together, in one world: what stands before their logical ids, and who imports from whom.

    `naming` is what they are supposed to be called where nothing tells.
    """

    stacks: Mapping[str, Stack]
    prefixes: Mapping[str, str]
    imports: Mapping[str, frozenset[str]]
    naming: Naming = NOTHING

    @property
    def roots(self) -> tuple[Stack, ...]:
        """The stacks that no other one nests."""
        return tuple(self.stacks[name] for name in self.prefixes if not self.stacks[name].parent)

    @property
    def as_supposed(self) -> Group:
        """The same stacks, importing from one another as is supposed."""
        return replace(self, imports=self.naming.tied(self.imports))


def groups_of(stacks: Mapping[str, Stack], *, one_program: bool) -> list[Group]:
    """Divide the stacks of an input into groups that nothing ties to one another, not even a supposition.

    The stacks of one program are named as soon as there are several, whether anything ties them or not.
    """
    resolver = Resolver(stacks)
    imports = imports_of(resolver)
    alone = not one_program or sum(not stack.parent for stack in stacks.values()) == 1
    naming = NOTHING if one_program or len(stacks) == 1 else _naming(resolver)
    return [
        Group(stacks, prefixes(stacks, names, alone=alone), imports, naming.within(names))
        for names in components(resolver, naming.tied(imports))
    ]


def _naming(resolver: Resolver) -> Naming:
    from eni_lint.readers.cloudformation.translate.suppositions import naming_of

    return naming_of(resolver)


def paired(before: Mapping[str, Stack], after: Mapping[str, Stack], *, one_program: bool) -> list[tuple[Group, Group]]:
    """Bring the groups of two inputs together, by the names of their stacks; single ones are one whatever their names.

    A group of one side that the other side divides stays whole.
    """
    old, new = groups_of(before, one_program=one_program), groups_of(after, one_program=one_program)
    if all(len(group.roots) == 1 for group in (*old, *new)) and len(old) == len(new) == 1:
        return [(old[0], new[0])]
    clusters: list[set[str]] = []
    for group in (*old, *new):
        names = {short_name(stack) for stack in group.roots}
        near = [cluster for cluster in clusters if cluster & names]
        clusters = [cluster for cluster in clusters if not cluster & names] + [names.union(*near)]
    alone = [len(cluster) == 1 and not (one_program and len(clusters) > 1) for cluster in clusters]
    return [
        (_within(cluster, before, old, alone=single), _within(cluster, after, new, alone=single))
        for cluster, single in zip(clusters, alone, strict=True)
    ]


def _within(cluster: set[str], stacks: Mapping[str, Stack], groups: Iterable[Group], *, alone: bool) -> Group:
    """Give the stacks of one side that belong to a cluster of names."""
    own = [group for group in groups if any(short_name(stack) in cluster for stack in group.roots)]
    names = [name for group in own for name in group.prefixes]
    imports = {name: tied for group in own for name, tied in group.imports.items()}
    naming = Naming(
        tuple(each for group in own for each in group.naming.supposed),
        {name: says for group in own for name, says in group.naming.deciding.items()},
    )
    return Group(stacks, prefixes(stacks, names, alone=alone), imports, naming)


class Cases(Struct, frozen=True):
    """The cases of a group; `complete` is False where there are more than are looked at."""

    scenarios: tuple[Scenario, ...]
    complete: bool = True


def cases_of(group: Group) -> Cases:
    """List the cases of the conditions on which something rests that a verdict may rest on."""
    wanted = {(name, condition) for name in group.prefixes for condition in _conditions(group.stacks[name])}
    if not wanted:
        return Cases((ANY,))
    found = scenarios(group.stacks, wanted, MOST_SCENARIOS)
    return Cases(found.scenarios or (ANY,), found.complete)


def supposed_of(group: Group, cases: Cases) -> tuple[Scenario, ...]:
    """Give the same cases with the stacks called what they are supposed to be, none where nothing is supposed."""
    return tuple(map(group.naming.under, cases.scenarios)) if group.naming.supposed else ()


def transferred(scenario: Scenario, origin: Group, to: Group) -> Scenario:
    """Give the same case for stacks of the same prefixes under other names."""
    names = {prefix: name for name, prefix in to.prefixes.items()}
    renamed = {name: names[prefix] for name, prefix in origin.prefixes.items() if prefix in names}
    conditions = {(renamed.get(stack, stack), name): answer for (stack, name), answer in scenario.conditions.items()}
    values = {}
    for key, value in scenario.values.items():
        stack, slash, name = key.rpartition("/")
        values[f"{renamed.get(stack, stack)}{slash}{name}"] = value
    return Scenario(scenario.label, conditions, values)


def _conditions(stack: Stack) -> Iterator[str]:
    for logical_id in stack.section("Resources"):
        body = stack.resource(logical_id)
        if text(body.get("Type")).startswith(CONCERNED):
            yield from mentioned(_concerned(body))
    for output in stack.section("Outputs").values():
        if find(output, "Export") is not None:
            yield from mentioned(output)


def _concerned(body: dict[str, Tree]) -> Tree:
    properties = body.get("Properties")
    if body.get("Type") != "AWS::Lambda::Function" or not isinstance(properties, dict):
        return body
    return {**body, "Properties": {name: value for name, value in properties.items() if name not in UNCONCERNED}}
