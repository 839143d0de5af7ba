"""A change set: what CloudFormation says it will do to each resource of a stack.

Shapes are those of `DescribeChangeSet`; the console copies the same with small initials, or only the list of changes.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from pathlib import Path as File
from typing import TypeAlias, TypeVar

import msgspec

from eni_lint.readers.cloudformation.decode import Document, Note, decode
from eni_lint.readers.cloudformation.tree import Path, Tree, mapping, sequence, text, written
from eni_lint.readers.errors import ReadError

# What stands in a context, or in a part of a text, for a value that only the deployment will tell: KNOWN_AFTER_APPLY.
PLACEHOLDER = "{{changeSet:"
# The resource that stands for a whole stack, whose own changes are a change set of their own.
NESTED_STACK = "AWS::CloudFormation::Stack"
MASK = "*"
SHORTEST_MASK = 4

_Named = TypeVar("_Named", bound=Enum)


class Action(Enum):
    """What happens to a resource; `DYNAMIC` is not decided yet."""

    ADD = "Add"
    MODIFY = "Modify"
    REMOVE = "Remove"
    IMPORT = "Import"
    DYNAMIC = "Dynamic"
    SYNC = "SyncWithActual"


class Replacement(Enum):
    """Whether a modified resource is made anew."""

    NO = "False"
    YES = "True"
    MAYBE = "Conditional"


class PolicyAction(Enum):
    """What becomes of the old resource."""

    NONE = ""
    DELETE = "Delete"
    RETAIN = "Retain"
    SNAPSHOT = "Snapshot"
    REPLACE_AND_DELETE = "ReplaceAndDelete"
    REPLACE_AND_RETAIN = "ReplaceAndRetain"
    REPLACE_AND_SNAPSHOT = "ReplaceAndSnapshot"


class Shown(msgspec.Struct, frozen=True):
    """A value that the change set shows."""

    value: Tree


class Hidden(msgspec.Struct, frozen=True):
    """A value that the change set leaves out."""


Seen: TypeAlias = Shown | Hidden


class Detail(msgspec.Struct, frozen=True):
    """One property or attribute that changes, and why; `recreation` is Never, Conditionally or Always."""

    attribute: str
    name: str
    path: str
    change: str
    recreation: str
    static: bool
    source: str
    cause: str
    before: Seen
    after: Seen


class ResourceChange(msgspec.Struct, frozen=True):
    """What happens to one resource; the contexts hold its `Properties`, with real ids for what is deployed."""

    pointer: Path
    logical_id: str
    physical_id: str
    kind: str
    action: Action
    replacement: Replacement
    policy_action: PolicyAction
    scope: tuple[str, ...]
    details: tuple[Detail, ...]
    before: Seen
    after: Seen
    nested: str


class ChangeSet(msgspec.Struct, frozen=True, eq=False):
    """A change set with all its changes; it is not complete when only a page of it was saved.

    `parent` is the change set of the stack that this one is nested in, empty for a root or where nothing tells.
    """

    document: Document
    identity: str
    parent: str
    stack_name: str
    stack_id: str
    parameters: dict[str, str]
    changes: tuple[ResourceChange, ...]
    complete: bool
    notes: tuple[Note, ...]


def is_change_set(tree: Tree) -> bool:
    """Whether a decoded file is a change set, or the list of changes of one."""
    changes = tree if isinstance(tree, list) else _field(tree, "Changes")
    return isinstance(changes, list) and (
        any(_field(change, "ResourceChange") is not None or _is_resource_change(change) for change in changes)
        or _field(tree, "ChangeSetName") is not None
    )


def read_change_set(document: Document) -> ChangeSet:
    """Read a change set; raise `ReadError` for what is none."""
    tree = document.tree
    if not is_change_set(tree):
        raise ReadError("not a change set: save `aws cloudformation describe-change-set`", document.file)
    changes = tuple(_changes(tree))
    complete = not _field(tree, "NextToken")
    parameters = {
        text(_field(item, "ParameterKey")): written(_field(item, "ResolvedValue") or _field(item, "ParameterValue"))
        for item in sequence(_field(tree, "Parameters"))
    }
    return ChangeSet(
        document,
        text(_field(tree, "ChangeSetId")),
        text(_field(tree, "ParentChangeSetId")),
        text(_field(tree, "StackName")),
        text(_field(tree, "StackId")),
        parameters,
        changes,
        complete,
        (*document.notes, *_notes(document.file, changes, complete)),
    )


class Family(msgspec.Struct, frozen=True, eq=False):
    """The change set of a stack with those of the stacks nested in it, by what stands before their logical ids.

    `unseen` are the nested stacks whose change sets are not here, by address.
    """

    members: dict[str, ChangeSet]
    unseen: dict[str, ResourceChange]

    @property
    def root(self) -> ChangeSet:
        """The change set that leads to all others."""
        return self.members[""]

    @property
    def complete(self) -> bool:
        """Whether everything that changes together is here."""
        return not self.unseen and not self.root.parent and all(each.complete for each in self.members.values())


def families(given: Sequence[ChangeSet]) -> tuple[Family, ...]:
    """Put change sets together that are nested in one another, each family under the one that none here leads to."""
    known = _Known(given)
    below = {id(child) for each in given for child in known.below(each)}
    found: list[Family] = []
    # Roots first; what is left after them leads to itself, and is looked at all the same.
    for each in sorted(given, key=lambda one: id(one) in below):
        if not any(each is member for family in found for member in family.members.values()):
            found.append(known.family(each))
    return tuple(found)


class _Known:
    """Finds the change sets of nested stacks: by their own ids, or by the ids of their stacks."""

    def __init__(self, given: Iterable[ChangeSet]) -> None:
        sets = list(given)
        self._by_id = {each.identity: each for each in sets if each.identity}
        self._by_stack = {each.stack_id: each for each in sets if each.stack_id}

    def family(self, root: ChangeSet) -> Family:
        """Collect what is nested in a change set, level by level, each one once."""
        members = {"": root}
        unseen: dict[str, ResourceChange] = {}
        waiting = [""]
        while waiting:
            prefix = waiting.pop()
            for change in nested_in(members[prefix]):
                address = prefix + change.logical_id
                child = self._child(change)
                if child is None or any(child is each for each in members.values()):
                    unseen[address] = change
                else:
                    members[f"{address}/"] = child
                    waiting.append(f"{address}/")
        return Family(members, unseen)

    def below(self, parent: ChangeSet) -> Iterator[ChangeSet]:
        """List the change sets of the stacks that one nests directly."""
        found = (self._child(change) for change in nested_in(parent))
        return (child for child in found if child is not None)

    def _child(self, change: ResourceChange) -> ChangeSet | None:
        return self._by_id.get(change.nested) or self._by_stack.get(change.physical_id)


def beside(given: Sequence[ChangeSet]) -> list[ChangeSet]:
    """Find the change sets of nested stacks that lie in the directories of those that lead to them."""
    found: list[ChangeSet] = []
    while more := list(_wanted_beside([*given, *found])):
        found += more
    return found


def _wanted_beside(known: Sequence[ChangeSet]) -> Iterator[ChangeSet]:
    """Read the files that hold a change set which a known one leads to."""
    read = {File(each.document.file).resolve() for each in known}
    for family in families(known):
        wanted = {change.nested for change in family.unseen.values() if change.nested}
        leading = [File(each.document.file) for each in family.members.values()] if wanted else []
        for folder in dict.fromkeys(file.parent for file in leading if file.is_file()):
            for file in sorted(folder.glob("*.json")):
                if file.resolve() not in read:
                    read.add(file.resolve())
                    yield from _one_of(file, wanted)


def _one_of(file: File, wanted: set[str]) -> Iterator[ChangeSet]:
    """Read a change set if it is one of those that are wanted."""
    try:
        data = file.read_bytes()
        if any(identity.encode() in data for identity in wanted):
            found = read_change_set(decode(data, str(file)))
            if found.identity in wanted:
                yield found
    except (OSError, ReadError):
        return


def nested_in(parent: ChangeSet) -> Iterator[ResourceChange]:
    """List the changes of nested stacks."""
    return (change for change in parent.changes if change.kind == NESTED_STACK)


def is_untold(value: Tree) -> bool:
    """Whether a value is shown only as one that the deployment will tell, or masked.

    >>> is_untold("arn:aws:iam::1:role/{{changeSet:KNOWN_AFTER_APPLY}}"), is_untold("****"), is_untold("*")
    (True, True, False)
    """
    masked = isinstance(value, str) and len(value) >= SHORTEST_MASK and not value.strip(MASK)
    return masked or (isinstance(value, str) and PLACEHOLDER in value)


def _notes(file: str, changes: tuple[ResourceChange, ...], complete: bool) -> Iterator[Note]:
    if not complete:
        yield Note("only a page of the change set was saved (NextToken); save all of it with the AWS CLI", file)
    if changes and all(change.before == change.after == Hidden() for change in changes):
        yield Note("the change set shows no values; save it with --include-property-values", file)


def _changes(tree: Tree) -> Iterator[ResourceChange]:
    inside: Path = () if isinstance(tree, list) else ("Changes" if "Changes" in mapping(tree) else "changes",)
    changes = tree if isinstance(tree, list) else _field(tree, "Changes")
    for index, entry in enumerate(sequence(changes)):
        for key in ("ResourceChange", "resourceChange"):
            if key in mapping(entry):
                yield _change(mapping(mapping(entry)[key]), (*inside, index, key))
        if _is_resource_change(entry):
            yield _change(mapping(entry), (*inside, index))


def _is_resource_change(entry: Tree) -> bool:
    return _field(entry, "LogicalResourceId") is not None and _field(entry, "Action") is not None


def _change(entry: dict[str, Tree], pointer: Path) -> ResourceChange:
    action = _named(Action, _field(entry, "Action"), Action.DYNAMIC)
    details = tuple(_detail(item) for item in sequence(_field(entry, "Details")))
    return ResourceChange(
        pointer,
        text(_field(entry, "LogicalResourceId")),
        text(_field(entry, "PhysicalResourceId")),
        text(_field(entry, "ResourceType")),
        action,
        _named(Replacement, _field(entry, "Replacement"), Replacement.MAYBE, _unsaid(action, details)),
        _named(PolicyAction, _field(entry, "PolicyAction"), PolicyAction.NONE),
        tuple(map(written, sequence(_field(entry, "Scope")))),
        details,
        _seen(_field(entry, "BeforeContext")),
        _seen(_field(entry, "AfterContext")),
        text(_field(entry, "ChangeSetId")),
    )


def _unsaid(action: Action, details: tuple[Detail, ...]) -> Replacement:
    """Tell whether a resource is made anew where the change set does not say so."""
    stays = bool(details) and all(detail.recreation == "Never" for detail in details)
    return Replacement.NO if stays or action is not Action.MODIFY else Replacement.MAYBE


def _detail(item: Tree) -> Detail:
    target = _field(item, "Target")
    return Detail(
        attribute=text(_field(target, "Attribute")),
        name=text(_field(target, "Name")),
        path=text(_field(target, "Path")),
        change=text(_field(target, "AttributeChangeType")),
        recreation=text(_field(target, "RequiresRecreation")),
        static=text(_field(item, "Evaluation")) == "Static",
        source=text(_field(item, "ChangeSource")),
        cause=text(_field(item, "CausingEntity")),
        before=_seen(_field(target, "BeforeValue")),
        after=_seen(_field(target, "AfterValue")),
    )


def _field(tree: Tree, name: str) -> Tree:
    """A field under its name in the API, or with a small initial as in the console."""
    fields = mapping(tree)
    return fields[name] if name in fields else fields.get(name[0].lower() + name[1:])


def _named(kind: type[_Named], value: Tree, unheard: _Named, missing: _Named | None = None) -> _Named:
    """The member that a field names; a boolean is one in other words."""
    if value is None:
        return missing or unheard
    name = written(value)
    return next((member for member in kind if str(member.value).lower() == name.lower()), unheard)


def _seen(value: Tree) -> Seen:
    """A value that is written as JSON in a text, as a plain text, or not at all."""
    if not isinstance(value, str):
        return Hidden() if value is None else Shown(value)
    if value[:1] not in ("{", "[", '"'):
        return Shown(value)
    try:
        return Shown(decode(value.encode("utf-8", "replace")).tree)
    except ReadError:
        return Shown(value)
