"""What becomes of each resource between two templates, by the properties that replace their resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eni_lint.data.replacements import replacement
from eni_lint.model.deployment import Action, Change
from eni_lint.readers.cloudformation import values
from eni_lint.readers.cloudformation.translate.links import Linker, resources_in
from eni_lint.readers.cloudformation.translate.stage import Declared
from eni_lint.readers.cloudformation.tree import text
from eni_lint.readers.cloudformation.values import Value, unknowns_in


def changes_between(before: Linker, after: Linker) -> dict[str, Change]:
    """Compare two moments: what is new, what goes, what is updated, and what is made anew.

    A resource that refers to one that is made anew changes with it.
    """
    found = {address: _gone(declared) for address, declared in before.stage.by_address.items()}
    for address, declared in after.stage.by_address.items():
        old = before.stage.by_address.get(address)
        found[address] = Change(address, Action.CREATE) if old is None else _kept(old, declared, before, after)
    return _cascaded(found, after)


def _gone(declared: Declared) -> Change:
    return Change(declared.address, Action.DELETE, retained=declared.is_retained)


def _kept(old: Declared, new: Declared, before: Linker, after: Linker) -> Change:
    if old.kind != new.kind:
        return Change(new.address, Action.REPLACE_CREATE_FIRST, ("Type",))
    return _change(new, dict(_differing(old, new, before, after)))


def _differing(old: Declared, new: Declared, before: Linker, after: Linker) -> Iterator[tuple[str, bool]]:
    """Yield the properties that are stated otherwise, each with whether its value is certainly another."""
    earlier, later = _fields(old), _fields(new)
    for name in dict.fromkeys((*earlier, *later)):
        one, other = (fields.get(name, values.Absent()) for fields in (earlier, later))
        if before.wording.text(one) != after.wording.text(other):
            yield name, not any(True for value in (one, other) for _ in unknowns_in(value))


def _fields(declared: Declared) -> dict[str, Value]:
    return declared.properties.fields if isinstance(declared.properties, values.Object) else {}


def _change(declared: Declared, names: Mapping[str, bool]) -> Change:
    """Say what a change of properties does to their resource; the names come with whether they certainly change."""
    if not names:
        return Change(declared.address, Action.NOTHING)
    always = tuple(n for n, certain in names.items() if certain and replacement(declared.kind, n) == "always")
    perhaps = tuple(n for n in names if replacement(declared.kind, n) in ("always", "sometimes"))
    if perhaps:
        retained = text(declared.body.get("UpdateReplacePolicy")).startswith("Retain")
        because, maybe = always or perhaps, not always
        return Change(declared.address, Action.REPLACE_CREATE_FIRST, because, maybe=maybe, retained=retained)
    return Change(declared.address, Action.UPDATE)


def _cascaded(found: dict[str, Change], after: Linker) -> dict[str, Change]:
    """Let what refers to replaced resources change with them, until nothing more does."""
    users = dict(_users(after))
    waiting = [address for address, change in found.items() if change.action.replaces]
    while waiting:
        replaced = waiting.pop()
        for user, names in users.get(replaced, {}).items():
            change = found[user]
            if change.action in (Action.NOTHING, Action.UPDATE):
                certain = not found[replaced].maybe
                found[user] = _change(after.stage.by_address[user], dict.fromkeys(names, certain))
                if found[user].action.replaces:
                    waiting.append(user)
    return found


def _users(after: Linker) -> dict[str, dict[str, list[str]]]:
    """Give the resources that refer to each resource, with the properties in which they do."""
    found: dict[str, dict[str, list[str]]] = {}
    for address, declared in after.stage.by_address.items():
        for name, value in _fields(declared).items():
            for part in resources_in(value):
                needed = after.stage.at(part.stack, part.logical_id)
                if needed is not None:
                    found.setdefault(needed.address, {}).setdefault(address, []).append(name)
    return found
