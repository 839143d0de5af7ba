"""A change set: what CloudFormation says it will do to each resource of a stack.

Shapes are those of `DescribeChangeSet`; the console copies the same with small initials, or only the list of changes.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TypeAlias, TypeVar

import msgspec

from eni_lint.readers.cloudformation.decode import Document, Note, decode
from eni_lint.readers.cloudformation.tree import Path, Tree, mapping, sequence, text, written
from eni_lint.readers.errors import ReadError

# What stands in a context for a value that only the deployment will tell.
KNOWN_AFTER_APPLY = "{{changeSet:KNOWN_AFTER_APPLY}}"

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
    """A change set with all its changes; it is not complete when only a page of it was saved."""

    document: Document
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
        text(_field(tree, "StackName")),
        text(_field(tree, "StackId")),
        parameters,
        changes,
        complete,
        (*document.notes, *_notes(document.file, changes, complete)),
    )


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
    return ResourceChange(
        pointer,
        text(_field(entry, "LogicalResourceId")),
        text(_field(entry, "PhysicalResourceId")),
        text(_field(entry, "ResourceType")),
        _named(Action, _field(entry, "Action"), Action.DYNAMIC),
        _named(Replacement, _field(entry, "Replacement"), Replacement.MAYBE, Replacement.NO),
        _named(PolicyAction, _field(entry, "PolicyAction"), PolicyAction.NONE),
        tuple(map(written, sequence(_field(entry, "Scope")))),
        tuple(_detail(item) for item in sequence(_field(entry, "Details"))),
        _seen(_field(entry, "BeforeContext")),
        _seen(_field(entry, "AfterContext")),
        text(_field(entry, "ChangeSetId")),
    )


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
