"""A change set becomes a deployment: two moments that show only what changes, and what happens to each resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.deployment import CLOUDFORMATION, Action, Change, Deployment, Edge, World
from eni_lint.model.place import Origin
from eni_lint.model.place import Span as Place
from eni_lint.readers.cloudformation import changeset
from eni_lint.readers.cloudformation.changeset import ChangeSet, Family, PolicyAction, ResourceChange, Shown, is_untold
from eni_lint.readers.cloudformation.decode import Document
from eni_lint.readers.cloudformation.resolve import UNTOLD, Resolver
from eni_lint.readers.cloudformation.stack import Environment, Stack
from eni_lint.readers.cloudformation.translate.edges import edges_of
from eni_lint.readers.cloudformation.translate.links import Linker
from eni_lint.readers.cloudformation.translate.places import Lines
from eni_lint.readers.cloudformation.translate.stage import NOT_SHOWN, PROPERTIES, Stage
from eni_lint.readers.cloudformation.translate.unknowns import Wording
from eni_lint.readers.cloudformation.translate.world import world_of
from eni_lint.readers.cloudformation.tree import Path, Tree, children, mapping

ONLY_CHANGES = "a change set shows only what changes"
ONLY_A_PAGE = "only a page of the change set was saved"
WITHOUT_PARENT = "the change set of the stack above it is not here"
WITH_TEMPLATES = "lint the template with --before and the one that is deployed"
WITH_NESTED = "make the change set with --include-nested-stacks, and give those of its nested stacks too"
WITH_ITS_OWN = (
    "give its change set too: aws cloudformation describe-change-set --include-property-values --change-set-name"
)
SAVED_WHOLE = "save the change set whole: aws cloudformation describe-change-set --include-property-values"
MODULE = "::MODULE"
# What others refer to by an id that does not stand in its properties.
LINKED = ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPC")
EARLIER = " before this change"
ACTIONS = {
    changeset.Action.ADD: Action.CREATE,
    changeset.Action.MODIFY: Action.UPDATE,
    changeset.Action.REMOVE: Action.DELETE,
    changeset.Action.IMPORT: Action.NOTHING,
    changeset.Action.DYNAMIC: Action.UPDATE,
    changeset.Action.SYNC: Action.NOTHING,
}
# What leaves the object as it is: only what the stack knows of it changes.
STILL = (changeset.Action.IMPORT, changeset.Action.SYNC)
RETAINED = (PolicyAction.RETAIN, PolicyAction.REPLACE_AND_RETAIN)
Side = Literal["before", "after"]


def deployment_of_changes(family: Family, source: str) -> Deployment:
    """Translate a change set with those of its nested stacks."""
    earlier, later = _linker(family, "before"), _linker(family, "after")
    changes = {change.address: change for change in _changes(family)}
    return Deployment(
        name=family.root.stack_name or "change set",
        source=source,
        procedure=CLOUDFORMATION,
        after=_known_of(world_of(later, whole=family.complete), changes, Action.CREATE),
        before=_known_of(
            world_of(earlier, whole=family.complete, generated="earlier generated name"), changes, Action.DELETE
        ),
        changes=changes,
        edges=_edges(later),
        edges_before=_edges(earlier),
        open_edges={address: _hidden_order(address) for address in later.stage.by_address},
        open_edges_before={address: _hidden_order_before(address) for address in earlier.stage.by_address},
        origins={address: Origin(source, address) for address in changes},
        incomplete=_incomplete(family),
        unseen={
            **{address: _unseen(address, change) for address, change in family.unseen.items()},
            **{unknown.address: unknown for unknown in _unclear(family)},
        },
    )


def _incomplete(family: Family) -> str:
    """Say why resources may be missing."""
    if not all(each.complete for each in family.members.values()):
        return ONLY_A_PAGE
    return WITHOUT_PARENT if family.root.parent else ONLY_CHANGES


def _unseen(address: str, change: ResourceChange) -> Unknown:
    """Say what would show the changes of a nested stack."""
    if change.nested:
        decided_by = f"{WITH_ITS_OWN} {change.nested}"
    else:
        decided_by = WITH_TEMPLATES if change.action is changeset.Action.REMOVE else WITH_NESTED
    return Unknown(Why.NOT_SHOWN, f"the nested stack {address}", decided_by, address)


def _unclear(family: Family) -> Iterator[Unknown]:
    """Tell of entries that do not say what every change set says: what a resource is, and the id of one that stands."""
    for prefix, each in family.members.items():
        for change in each.changes:
            address = prefix + change.logical_id
            if change.kind.endswith(MODULE):
                yield Unknown(Why.MODULE, f"the module {address}", WITH_TEMPLATES, address)
            elif not change.kind:
                yield Unknown(Why.NOT_SHOWN, f"the type of {address}", SAVED_WHOLE, address)
            elif change.kind in LINKED and change.action is not changeset.Action.ADD and not change.physical_id:
                yield Unknown(Why.NOT_SHOWN, f"the physical id of {address}", SAVED_WHOLE, address)


class Listed(Struct, frozen=True, eq=False):
    """Leads pointers, which are addresses, to the entries of change sets."""

    entries: dict[str, tuple[Document, Path]]
    lines: Lines = field(default_factory=Lines)

    def locate(self, origin: Origin) -> Place:
        """Give the place of a resource's entry."""
        if origin.pointer not in self.entries:
            return Place(origin.source)
        document, path = self.entries[origin.pointer]
        mark = document.marks.key(path)
        line = self.lines.at(document.file, mark.line)
        return Place(document.file, mark.line, mark.column, mark.end_line, mark.end_column, line, precise=True)


def listed(family: Family) -> Listed:
    """Give where each change is written."""
    return Listed(
        {
            prefix + change.logical_id: (each.document, change.pointer)
            for prefix, each in family.members.items()
            for change in each.changes
        }
    )


def _linker(family: Family, side: Side) -> Linker:
    stacks = {_name(family, prefix): _stack(family, prefix, side) for prefix in family.members}
    prefixes = {_name(family, prefix): prefix for prefix in family.members}
    return Linker(Stage(Resolver(stacks), prefixes), Wording(stacks, prefixes), _physical(family, side))


def _name(family: Family, prefix: str) -> str:
    """Name a stack: after its own name, and below it after the resources that lead to it."""
    root = family.root.stack_name or family.root.document.file
    return f"{root}/{prefix}".removesuffix("/")


def _stack(family: Family, prefix: str, side: Side) -> Stack:
    changes = family.members[prefix]
    resources: dict[str, Tree] = dict(_resources(changes, side))
    nested = {
        change.logical_id: _name(family, f"{prefix}{change.logical_id}/")
        for change in changeset.nested_in(changes)
        if f"{prefix}{change.logical_id}/" in family.members
    }
    holder = prefix.removesuffix("/").rpartition("/")[0]
    return Stack(
        _name(family, prefix),
        {"Resources": resources},
        changes.document.file,
        environment=_environment(changes.stack_id),
        parent=_name(family, f"{holder}/" if holder else "") if prefix else "",
        nested=nested,
    )


def _environment(stack_id: str) -> Environment:
    """Give the account and region that the ARN of a stack names.

    >>> _environment("arn:aws:cloudformation:eu-west-1:123456789012:stack/app/1").region
    'eu-west-1'
    """
    fields = stack_id.split(":")
    return Environment(fields[4], fields[3]) if len(fields) > 5 else Environment()


def _resources(changes: ChangeSet, side: Side) -> Iterator[tuple[str, Tree]]:
    missing = changeset.Action.ADD if side == "before" else changeset.Action.REMOVE
    for change in changes.changes:
        if change.action is missing:
            continue
        shown = change.before if side == "before" and change.action not in STILL else change.after
        body: dict[str, Tree] = {"Type": change.kind}
        stated = mapping(shown.value).get(PROPERTIES) if isinstance(shown, Shown) else None
        if isinstance(stated, dict):
            moment = EARLIER if side == "before" else ""
            body[PROPERTIES] = {
                name: _marked(each, change.logical_id, (name,), moment) for name, each in stated.items()
            }
        else:
            body[NOT_SHOWN] = _hidden(change, side)
        yield change.logical_id, body


def _hidden(change: ResourceChange, side: Side) -> dict[str, Tree]:
    """Tell what is not shown of a resource: what stays has one name at both moments, what may differ has two."""
    if side == "after" or change.action not in (changeset.Action.MODIFY, changeset.Action.DYNAMIC):
        return {"": ""}
    differing = [detail.name for detail in change.details if detail.attribute == PROPERTIES]
    if not change.details or not all(differing) or change.action is changeset.Action.DYNAMIC:
        return {"": EARLIER}
    return {"": "", **dict.fromkeys(differing, EARLIER)}


def _marked(tree: Tree, logical_id: str, path: tuple[str, ...], moment: str) -> Tree:
    """Put a name that nothing else has where only the deployment will tell a value, or where it is masked."""
    if is_untold(tree):
        return {UNTOLD: ".".join((logical_id, *path)) + moment}
    if isinstance(tree, dict):
        return {name: _marked(child, logical_id, (*path, name), moment) for name, child in tree.items()}
    if isinstance(tree, list):
        return [_marked(child, logical_id, (*path, str(number)), moment) for number, child in enumerate(tree)]
    return tree


def _physical(family: Family, side: Side) -> dict[str, str]:
    """Give the ids that resources have; what is made anew gets another one."""
    return {
        change.physical_id: prefix + change.logical_id
        for prefix, each in family.members.items()
        for change in each.changes
        if change.physical_id and (side == "before" or change.replacement is not changeset.Replacement.YES)
    }


def _known_of(world: World, changes: dict[str, Change], action: Action) -> World:
    """Leave known whole what a change set shows whole: whatever touches what comes or goes must change with it."""
    owners = {address for address, change in changes.items() if change.action is action and not change.retained}
    whole = frozenset((kind, owner) for kind, owner in world.complete if owner.partition(" (")[0] in owners)
    return replace(world, complete=whole)


def _changes(family: Family) -> Iterator[Change]:
    return (_change(change, prefix) for prefix, each in family.members.items() for change in each.changes)


def _change(change: ResourceChange, prefix: str) -> Change:
    action = ACTIONS[change.action]
    maybe = change.replacement is changeset.Replacement.MAYBE or change.action is changeset.Action.DYNAMIC
    if action is Action.UPDATE and (maybe or change.replacement is changeset.Replacement.YES):
        action = Action.REPLACE_CREATE_FIRST
    because = tuple(dict.fromkeys(detail.name for detail in change.details if detail.recreation == "Always"))
    retained = change.policy_action in RETAINED
    return Change(prefix + change.logical_id, action, because, maybe=maybe, retained=retained)


def _edges(linker: Linker) -> dict[str, tuple[Edge, ...]]:
    """Give what resources need as far as their properties name it: ids and ARNs of what is deployed, and references."""
    found = {address: {edge.to: edge.kind for edge in edges} for address, edges in edges_of(linker, {}).items()}
    for address, declared in linker.stage.by_address.items():
        for text in _texts(declared.body.get(PROPERTIES)):
            needed = linker.owner_of(text)
            if needed and needed != address:
                found.setdefault(address, {})[needed] = "reference"
    return {address: tuple(Edge(to, kind) for to, kind in needed.items()) for address, needed in found.items()}


def _texts(tree: Tree) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    for child in children(tree):
        yield from _texts(child)


def _hidden_order(address: str) -> Unknown:
    return Unknown(Why.NOT_SHOWN, f"what {address} depends on", "lint the template", address)


def _hidden_order_before(address: str) -> Unknown:
    return Unknown(Why.NOT_SHOWN, f"what {address} depended on before this change", WITH_TEMPLATES, address)
