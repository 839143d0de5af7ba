"""Which values of an evaluator can be believed: what it tells is held against what the source says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct, UnsetType

from eni_lint.readers.terraform.hcl.doubts import Doubt, Doubts, Kind, reason
from eni_lint.readers.terraform.hcl.dynamic import Nested, nested
from eni_lint.readers.terraform.hcl.modules import ModulePath, Tree
from eni_lint.readers.terraform.hcl.outline import outline, outlines
from eni_lint.readers.terraform.hcl.records import Block, Constant
from eni_lint.readers.terraform.hcl.traversals import Traversal

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_MASKED = "(sensitive value)"
_META = frozenset(("count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection", "dynamic"))
# Texts that tell much even where an ARN, a region or an account in them is not known.
_TOLD_IN_PART = frozenset(("assume_role_policy", "permissions_boundary", "policy", "policy_arn", "service_name"))
# The map of texts whose names tell as much as its values: a function's environment.
_MAP = "variables"


class Link(Struct, frozen=True):
    """The identity (id or ARN) of a resource or data source that the configuration declares."""

    address: str


class Open(Struct, frozen=True):
    """A value that is not known, and why."""

    why: str


Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | Link | Open | None"
_LOST = Open("the evaluator lost it")
_UNMADE = Open("the evaluator does not make dynamic blocks in JSON")


class Check:
    """Holds what the evaluator tells against what the source says; `ids` are those of resources and data sources."""

    def __init__(self, ids: Mapping[str, str], doubts: Doubts) -> None:
        self._ids = ids
        self._doubts = doubts

    def values_of(self, path: ModulePath, block: Block, raw: Mapping[str, Any], key: str = "") -> dict[str, Value]:
        """The arguments and nested blocks of one instance; a nested block is a list of objects, as in plans.

        `key` is that of the instance among those of its `for_each`.
        """
        values = self._values(path, block, (Nested(block),), raw)
        return {name: self._outlined(path, block, key, name, value) for name, value in values.items()}

    def _outlined(self, path: ModulePath, block: Block, key: str, name: str, value: Value) -> Value:
        """What is known of a text that is not known as a whole."""
        if not isinstance(value, Open) or name not in _TOLD_IN_PART:
            return value

        def known(steps: Traversal) -> Constant | UnsetType:
            return key if key and steps in _keys(block) else self._doubts.stated(path, steps)

        told = outline(block.attributes[name].value, known)
        return value if told is None else told

    def miscounts(self, tree: Tree, path: ModulePath, block: Block, addresses: Collection[str]) -> str:
        """Why the instances that were found for a block may be too many or too few, or ""."""
        doubts = self._doubts.of_instances(path, block)
        if why := reason(doubts, Kind.BLIND):
            return why
        if reason(doubts, Kind.IDENTITY) and any(map(_UUID.search, addresses)):
            return "its instances are named by what is known after the deployment"
        around = [*(call.block for call in tree.modules[path].calls), block]
        repeats = any(name in each.attributes for each in around for name in ("count", "for_each"))
        return "" if addresses or repeats else "the evaluator left it out"

    def _values(
        self, path: ModulePath, owner: Block, written: tuple[Nested, ...], raw: Mapping[str, Any]
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name in dict.fromkeys(name for each in written for name in each.content.attributes):
            if name not in _META and name in raw:
                values[name] = self._checked(raw[name], self._doubts_of(path, owner, written, name))
                if name == _MAP:
                    values[name] = self._one_by_one(path, written, values[name])
        for name in dict.fromkeys(kind for each in written for kind in _kinds(each.content)):
            if name not in _META and name not in values:
                inner = tuple(found for each in written for found in nested(each.content, name))
                lost = "dynamic" in raw and any(each.each for each in inner)
                values[name] = _UNMADE if lost else self._nested(path, owner, inner, raw.get(name))
        return values

    def _one_by_one(self, path: ModulePath, written: tuple[Nested, ...], whole: Value) -> Value:
        """A map of texts, with what is known of each where they are not all known."""
        known = {name: each for name, each in whole.items() if _is_plain(each)} if isinstance(whole, dict) else {}
        if (isinstance(whole, dict) and len(known) == len(whole)) or len(written) > 1:
            return whole
        told = outlines(written[0].content.attributes[_MAP].value, lambda steps: self._doubts.stated(path, steps))
        return whole if told is None else {**told, **known}

    def _doubts_of(self, path: ModulePath, owner: Block, written: tuple[Nested, ...], name: str) -> frozenset[Doubt]:
        found: frozenset[Doubt] = frozenset()
        for each in written:
            if (attribute := each.content.attributes.get(name)) is not None:
                values = (attribute.value, *each.each)
                found = found.union(
                    *(self._doubts.of_value(path, owner, value, attribute.value.reads) for value in values)
                )
        return found

    def _nested(self, path: ModulePath, owner: Block, written: tuple[Nested, ...], raw: Any) -> Value:
        repeated = (self._doubts.of_value(path, owner, value) for each in written for value in each.each)
        if why := reason(frozenset[Doubt]().union(*repeated), Kind.BLIND):
            return Open(why)
        if raw is None and any(not each.each for each in written):
            return Open("the evaluator left it out")
        found = [] if raw is None else raw if isinstance(raw, list) else [raw]
        if len(found) == len(written) and not any(each.each for each in written):
            pairs = zip(found, written, strict=True)
            return [self._values(path, owner, (one,), item) if isinstance(item, dict) else _LOST for item, one in pairs]
        return [self._values(path, owner, written, item) if isinstance(item, dict) else _LOST for item in found]

    def _checked(self, raw: Any, doubts: frozenset[Doubt]) -> Value:
        """A value, or why it cannot be taken as it comes."""
        if why := reason(doubts, Kind.BLIND):
            return Open(why)
        identity = reason(doubts, Kind.IDENTITY)
        match raw:
            case None | {"__attribute__": _}:
                return Open(why) if (why := reason(doubts, *Kind)) else None
            case bool():
                return Open(identity) if identity else raw
            case str():
                return self._text(raw, identity)
            case list():
                return [_LOST if item is None else self._checked(item, doubts) for item in raw]
            case dict():
                return {self._spelled(key): self._checked(item, doubts) for key, item in raw.items()}
            case _:
                return raw  # type: ignore[no-any-return]  # a number, which JSON cannot type

    def _text(self, text: str, identity: str) -> Value:
        if text in self._ids:
            return Link(self._ids[text])
        if text == _MASKED:
            return Open("it is sensitive")
        inside: list[str] = _UUID.findall(text)
        if identity and ("null" in text or not self._ids.keys() & inside):
            return Open(identity)
        return self._spelled(text)

    def _spelled(self, text: str) -> str:
        return _UUID.sub(lambda found: f"${{{self._ids[found[0]]}}}" if found[0] in self._ids else found[0], text)


def _is_plain(value: Value) -> bool:
    return not isinstance(value, Link | Open) and not (isinstance(value, str) and "${" in value)


def _keys(block: Block) -> tuple[Traversal, ...]:
    """How a block refers to the key of its instance; the elements of a set are keys."""
    repeated = block.attributes.get("for_each")
    if repeated is None:
        return ()
    is_set = repeated.value.text.startswith("toset(")
    return (("each", ".key"), ("each", ".value")) if is_set else (("each", ".key"),)


def _kinds(block: Block) -> Iterator[str]:
    """The types of the blocks directly inside a block, written or made from a collection."""
    for inner in block.blocks:
        if inner.type != "dynamic":
            yield inner.type
        elif inner.labels:
            yield inner.labels[0]
