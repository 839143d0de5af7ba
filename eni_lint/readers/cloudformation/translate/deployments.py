"""Groups of stacks become deployments: one for each case of their conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.model.answer import Why
from eni_lint.model.deployment import CLOUDFORMATION, Change, Deployment, Directive, Procedure
from eni_lint.model.place import Origin
from eni_lint.readers.cloudformation.resolve import Resolver, Scenario
from eni_lint.readers.cloudformation.scenarios import with_defaults
from eni_lint.readers.cloudformation.translate.closed import SAM, incomplete, transforms_of
from eni_lint.readers.cloudformation.translate.directives import stated_directives
from eni_lint.readers.cloudformation.translate.edges import edges_of
from eni_lint.readers.cloudformation.translate.families import DEFAULT_GROUP, MAIN_TABLE
from eni_lint.readers.cloudformation.translate.links import Linker
from eni_lint.readers.cloudformation.translate.places import places_of
from eni_lint.readers.cloudformation.translate.scenes import (
    Cases,
    Group,
    cases_of,
    groups_of,
    paired,
    supposed_of,
    transferred,
)
from eni_lint.readers.cloudformation.translate.stage import Stage, short_name
from eni_lint.readers.cloudformation.translate.unknowns import Wording
from eni_lint.readers.cloudformation.translate.world import world_of
from eni_lint.readers.cloudformation.worlds import World

TOO_MANY_CASES = "its conditions can meet in more ways than are looked at"


class Input(Struct, frozen=True):
    """What is said about an input: its name as given, and the language that it is written in, where its kind tells.

    Where no name is given, each deployment is named after the file of its first stack.
    """

    source: str
    dialect: str = ""

    @property
    def whole_program(self) -> bool:
        """Tell whether everybody who uses the program's own exports is here too."""
        return self.dialect == "cdk"

    def of(self, group: Group) -> Input:
        """Give the same for one group of stacks, named after its first one where the input has no name."""
        return self if self.source else Input(group.roots[0].file, self.dialect)


class Moment(Struct, frozen=True, eq=False):
    """One group of stacks as it stands in one case; `uneditable` is what the CDK adds to a program by itself."""

    group: Group
    linker: Linker
    uneditable: frozenset[str] = frozenset()


def deployments_of(world: World, given: Input) -> Iterator[Deployment]:
    """Translate what stands in an input; stacks that belong together give one deployment for each case."""
    places = places_of(world)
    for group in groups_of(world.stacks, one_program=given.whole_program):
        own = given.of(group)
        words = stated_directives(group, places, own.source)
        cases = cases_of(group)
        gap = _gap(cases, group, world)
        opened: set[Why] = set()
        for scenario in cases.scenarios:
            moment = _moment(group, world, scenario)
            yield _deployment(moment, own, scenario.label, words, gap)
            opened.update(unknown.why for unknown in moment.linker.opened.values())
            words = ()
        for scenario in supposed_of(group, cases):
            made = _deployment(_moment(group.as_supposed, world, scenario), own, scenario.label, (), gap)
            yield replace(made, supposed=True)
        if Why.DEFAULT in opened:
            usual = with_defaults(group.stacks)
            made = _deployment(_moment(group, world, usual), own, usual.label, (), _uncounted(group, world))
            yield replace(made, supposed=True)


def deployments_between(before: World, after: World, given: Input) -> Iterator[Deployment]:
    """Translate the change from one input to another, group by group."""

    places = places_of(after)
    for old, new in paired(before.stacks, after.stacks, one_program=given.whole_program):
        own = given.of(new if new.prefixes else old)
        words = stated_directives(new, places, own.source)
        cases = cases_of(new)
        gap = _gap(cases, new, after)
        for scenario in cases.scenarios:
            yield _change(_moments(old, before, new, after, scenario), own, scenario.label, words, gap)
            words = ()
        for scenario in supposed_of(new, cases):
            moments = _moments(old, before, new.as_supposed, after, scenario)
            yield replace(_change(moments, own, scenario.label, (), gap), supposed=True)


def _moments(old: Group, before: World, new: Group, after: World, scenario: Scenario) -> tuple[Moment, Moment]:
    return _moment(old, before, transferred(scenario, new, old)), _moment(new, after, scenario)


def _change(
    moments: tuple[Moment, Moment], given: Input, label: str, words: tuple[Directive, ...], gap: str
) -> Deployment:
    from eni_lint.readers.cloudformation.translate.changes import changes_between

    earlier, later = moments
    now = _deployment(later, given, label, words, gap)
    return changed(now, earlier, later, changes_between(earlier.linker, later.linker), given)


def changed(
    deployment: Deployment, earlier: Moment, later: Moment, changes: Mapping[str, Change], given: Input
) -> Deployment:
    """Add to a deployment what stands before it, and what it does."""
    gap = incomplete(earlier.linker)
    stands = bool(earlier.linker.stage.by_address)
    before = world_of(
        earlier.linker, whole=not gap, whole_program=given.whole_program, generated="earlier generated name"
    )
    return replace(
        deployment,
        before=before if stands else None,
        changes=changes,
        edges_before=edges_of(earlier.linker, earlier.group.imports),
        origins={**_origins(earlier.linker, given.source), **_origins(later.linker, given.source)},
        uneditable=earlier.uneditable | later.uneditable,
    )


def _gap(cases: Cases, group: Group, world: World) -> str:
    """Say what is not looked at, empty where nothing is left out."""
    return _uncounted(group, world) if cases.complete else TOO_MANY_CASES


def _uncounted(group: Group, world: World) -> str:
    """Say what would tell how often a loop makes its resources, empty where no loop is open."""
    opened = (detail for name in group.prefixes for detail in world.sources[name].uncounted.values())
    return next((f"how many copies a loop makes depends on {detail}" for detail in opened), "")


def _moment(group: Group, world: World, scenario: Scenario) -> Moment:
    stage = Stage(Resolver(group.stacks, scenario), group.prefixes)
    wording = Wording(group.stacks, group.prefixes, group.naming.deciding)
    linker = Linker(stage, wording, lookups=world.looked_up)
    return Moment(group, linker, _uneditable(stage, world))


def _uneditable(stage: Stage, world: World) -> frozenset[str]:
    """Give the resources that the CDK adds by itself, by their names in the program, where those are told."""
    sources = {name: world.sources[name] for name in stage.prefixes}
    named = [
        each for each in stage.by_address.values() if "Metadata" in each.body or sources[each.stack.name].constructs
    ]
    if not named:
        return frozenset()
    from eni_lint.readers.cloudformation.translate.framework import is_of_the_cdk

    return frozenset(
        each.address for each in named if is_of_the_cdk(sources[each.stack.name].construct(each.logical_id).path)
    )


def _deployment(moment: Moment, given: Input, label: str, words: tuple[Directive, ...], gap: str) -> Deployment:
    linker = moment.linker
    open_world = incomplete(linker)
    return Deployment(
        name=name_of(moment.group),
        source=given.source,
        procedure=procedure_of(moment.group, given),
        after=world_of(linker, whole=not open_world, whole_program=given.whole_program),
        edges=edges_of(linker, moment.group.imports),
        origins=_origins(linker, given.source),
        directives=words,
        scenario=label,
        incomplete=open_world or gap,
        uneditable=moment.uneditable,
    )


def name_of(group: Group) -> str:
    """Name a deployment after its stacks."""
    return " and ".join(sorted(short_name(stack) for stack in group.roots))


def procedure_of(group: Group, given: Input) -> Procedure:
    """Give how CloudFormation goes about it, with fixes in the language that people write."""
    sam = any(SAM in transforms_of(stack.template) for stack in group.roots)
    return replace(CLOUDFORMATION, dialect=given.dialect or ("sam" if sam else "cloudformation"))


def _origins(linker: Linker, source: str) -> dict[str, Origin]:
    found = {address: Origin(source, declared.pointer) for address, declared in linker.stage.by_address.items()}
    for declared in linker.stage.of("AWS::EC2::VPC"):
        for suffix in (MAIN_TABLE, DEFAULT_GROUP):
            found[declared.address + suffix] = Origin(source, declared.pointer)
    return found
