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
from eni_lint.readers.cloudformation.changeset import KNOWN_AFTER_APPLY, ChangeSet, PolicyAction, ResourceChange, Shown
from eni_lint.readers.cloudformation.decode import Document
from eni_lint.readers.cloudformation.resolve import Resolver
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
ACTIONS = {
    changeset.Action.ADD: Action.CREATE,
    changeset.Action.MODIFY: Action.UPDATE,
    changeset.Action.REMOVE: Action.DELETE,
    changeset.Action.IMPORT: Action.NOTHING,
    changeset.Action.DYNAMIC: Action.UPDATE,
    changeset.Action.SYNC: Action.UPDATE,
}
RETAINED = (PolicyAction.RETAIN, PolicyAction.REPLACE_AND_RETAIN)
Side = Literal["before", "after"]


def deployment_of_changes(changes: ChangeSet, source: str) -> Deployment:
    """Translate a change set."""
    earlier, later = _linker(changes, "before"), _linker(changes, "after")
    gone = _addresses(changes, Action.DELETE)
    new = _addresses(changes, Action.CREATE)
    return Deployment(
        name=changes.stack_name or "change set",
        source=source,
        procedure=CLOUDFORMATION,
        after=_known_of(world_of(later, whole=changes.complete), new),
        before=_known_of(world_of(earlier, whole=changes.complete, generated="earlier generated name"), gone),
        changes={change.logical_id: _change(change) for change in changes.changes},
        edges=_edges(later),
        edges_before=_edges(earlier),
        open_edges={address: _hidden_order(address) for address in later.stage.by_address},
        origins={change.logical_id: Origin(source, change.logical_id) for change in changes.changes},
        scopes={
            address: each.scope for linker in (earlier, later) for address, each in linker.stage.by_address.items()
        },
        incomplete=ONLY_CHANGES if changes.complete else ONLY_A_PAGE,
    )


class Listed(Struct, frozen=True, eq=False):
    """Leads pointers, which are addresses, to the entries of a change set."""

    document: Document
    entries: dict[str, Path]
    lines: Lines = field(default_factory=Lines)

    def locate(self, origin: Origin) -> Place:
        """Give the place of a resource's entry."""
        if origin.pointer not in self.entries:
            return Place(origin.source)
        mark = self.document.marks.key(self.entries[origin.pointer])
        line = self.lines.at(self.document.file, mark.line)
        return Place(origin.source, mark.line, mark.column, mark.end_line, mark.end_column, line, precise=True)


def listed(changes: ChangeSet) -> Listed:
    """Give where each change is written."""
    return Listed(changes.document, {change.logical_id: change.pointer for change in changes.changes})


def _linker(changes: ChangeSet, side: Side) -> Linker:
    resources: dict[str, Tree] = dict(_resources(changes, side))
    name = changes.stack_name or changes.document.file
    stack = Stack(name, {"Resources": resources}, changes.document.file, environment=_environment(changes.stack_id))
    stacks = {name: stack}
    prefixes = {name: ""}
    return Linker(Stage(Resolver(stacks), prefixes), Wording(stacks, prefixes), _physical(changes, side))


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
        shown = change.before if side == "before" else change.after
        body: dict[str, Tree] = {"Type": change.kind}
        if isinstance(shown, Shown):
            stated = mapping(shown.value).get(PROPERTIES)
            body[PROPERTIES] = _marked(mapping(stated), change.logical_id, ())
        else:
            body[NOT_SHOWN] = True
        yield change.logical_id, body


def _marked(tree: Tree, logical_id: str, path: tuple[str, ...]) -> Tree:
    """Put a reference to the property itself where only the deployment will tell its value."""
    if tree == KNOWN_AFTER_APPLY:
        return {"Fn::GetAtt": [logical_id, ".".join(path)]}
    if isinstance(tree, dict):
        return {name: _marked(child, logical_id, (*path, name)) for name, child in tree.items()}
    if isinstance(tree, list):
        return [_marked(child, logical_id, (*path, str(number))) for number, child in enumerate(tree)]
    return tree


def _physical(changes: ChangeSet, side: Side) -> dict[str, str]:
    """Give the ids that resources have; what is made anew gets another one."""
    return {
        change.physical_id: change.logical_id
        for change in changes.changes
        if change.physical_id and (side == "before" or change.replacement is changeset.Replacement.NO)
    }


def _addresses(changes: ChangeSet, action: Action) -> frozenset[str]:
    return frozenset(c.logical_id for c in changes.changes if ACTIONS[c.action] is action and not _is_retained(c))


def _known_of(world: World, owners: frozenset[str]) -> World:
    """Leave known whole what a change set shows whole: whatever touches what comes or goes must change with it."""
    whole = frozenset((kind, owner) for kind, owner in world.complete if owner.partition(" (")[0] in owners)
    return replace(world, complete=whole)


def _change(change: ResourceChange) -> Change:
    action = ACTIONS[change.action]
    maybe = change.replacement is changeset.Replacement.MAYBE or change.action is changeset.Action.DYNAMIC
    if action is Action.UPDATE and change.replacement is not changeset.Replacement.NO:
        action = Action.REPLACE_CREATE_FIRST
    because = tuple(dict.fromkeys(detail.name for detail in change.details if detail.recreation == "Always"))
    return Change(change.logical_id, action, because, maybe=maybe, retained=_is_retained(change))


def _is_retained(change: ResourceChange) -> bool:
    return change.policy_action in RETAINED


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
