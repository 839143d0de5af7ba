"""Loops of the language extensions are written out, one copy for each member of the collection.

cfn-lint invents two members for a collection that it does not know; here such a loop keeps one representative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from eni_lint.readers.cloudformation.decode import MAX_NODES
from eni_lint.readers.cloudformation.given import LOOP_MEMBER
from eni_lint.readers.cloudformation.origins import Expanded
from eni_lint.readers.cloudformation.resolve import Resolver
from eni_lint.readers.cloudformation.scenarios import with_defaults
from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.texts import MAX_TEXT
from eni_lint.readers.cloudformation.tree import Path, Tree, find, mapping, written
from eni_lint.readers.cloudformation.values import Items, Known, Value, unknowns_in
from eni_lint.readers.errors import ReadError

_LOOP = "Fn::ForEach::"
_LONGEST_MEMBER = 255


class _Loop(msgspec.Struct, frozen=True):
    identifier: str
    collection: Tree
    body: dict[str, Tree]


class _Member(msgspec.Struct, frozen=True):
    """A value that the identifier of a loop takes in one copy."""

    identifier: str
    value: str

    def put_into(self, tree: Tree) -> Tree:
        match tree:
            case {"Ref": self.identifier}:
                return self.value
            case dict():
                return {self._name(key): self.put_into(child) for key, child in tree.items()}
            case list():
                return [self.put_into(child) for child in tree]
            case str():
                return self._name(tree)
            case _:
                return tree

    def _name(self, name: str) -> str:
        plain = "".join(letter for letter in self.value if letter.isalnum())
        return name.replace(f"${{{self.identifier}}}", self.value).replace(f"&{{{self.identifier}}}", plain)


def expand(tree: dict[str, Tree], parameters: Mapping[str, str], file: str = "") -> Expanded:
    """Write out every `Fn::ForEach` of a template; a collection that nothing tells leaves one representative."""
    if not _may_loop(tree):
        return Expanded(tree)
    stack = Stack("", tree, parameters=dict(parameters))
    stacks = {"": stack}
    writer = _Writer(Resolver(stacks, with_defaults(stacks)), iter(range(MAX_NODES)), file)
    whole = mapping(writer.write(tree, tree, (), ()))
    open_names: dict[str, Tree] = {name: {"Type": LOOP_MEMBER} for name in writer.open_identifiers}
    if open_names:
        whole = {**whole, "Parameters": {**open_names, **mapping(whole.get("Parameters"))}}
    return Expanded(whole, writer.origins, writer.uncounted)


class _Writer:
    """Copies a template with its loops written out, and remembers where each copy comes from."""

    def __init__(self, resolver: Resolver, budget: Iterator[int], file: str) -> None:
        self.origins: dict[Path, Path] = {}
        self.uncounted: dict[Path, str] = {}
        self.open_identifiers: set[str] = set()
        self._resolver = resolver
        self._budget = budget
        self._file = file

    def write(self, tree: Tree, source: Tree, at: Path, stem: Path) -> Tree:
        """A part of the template at its new path, next to what stands for it in the text and to its place there."""
        self._spend()
        match tree:
            case dict():
                return self._mapping(tree, mapping(source), at, stem, copied=False)
            case list():
                sources = source if isinstance(source, list) else tree
                pairs = enumerate(zip(tree, sources, strict=False))
                return [self.write(child, origin, (*at, index), (*stem, index)) for index, (child, origin) in pairs]
            case str() if len(tree) > MAX_TEXT:
                raise ReadError("its loops make a text that is too long", self._file)
            case _:
                return tree

    def _mapping(
        self, tree: dict[str, Tree], source: dict[str, Tree], at: Path, stem: Path, *, copied: bool
    ) -> dict[str, Tree]:
        made: dict[str, Tree] = {}
        for (key, child), (name, origin) in zip(tree.items(), source.items(), strict=False):
            loop = _loop(key, child)
            if loop is not None:
                made |= self._copies(loop, mapping(find(origin, 2)), at, (*stem, name, 2))
                continue
            if copied:
                self.origins[*at, key] = (*stem, name)
            made[key] = self.write(child, origin, (*at, key), (*stem, name))
        return made

    def _copies(self, loop: _Loop, source: dict[str, Tree], at: Path, stem: Path) -> dict[str, Tree]:
        members = _members(self._resolver.resolve("", loop.collection))
        if isinstance(members, str):
            self.open_identifiers.add(loop.identifier)
            self.uncounted |= {(*at, key): members for key in loop.body}
            return self._mapping(loop.body, source, at, stem, copied=True)
        made: dict[str, Tree] = {}
        for value in members:
            self._spend()
            if len(value) > _LONGEST_MEMBER:
                raise ReadError("a member of a loop is too long for a name", self._file)
            body = mapping(_Member(loop.identifier, value).put_into(loop.body))
            made |= self._mapping(body, source, at, stem, copied=True)
        return made

    def _spend(self) -> None:
        if next(self._budget, None) is None:
            raise ReadError(f"its loops expand to more than {MAX_NODES} values", self._file)


def _loop(key: str, argument: Tree) -> _Loop | None:
    match argument:
        case [str(identifier), collection, dict(body)] if key.startswith(_LOOP):
            return _Loop(identifier, collection, body)
        case _:
            return None


def _members(collection: Value) -> list[str] | str:
    """The members of a collection, or what would tell them."""
    if isinstance(collection, Items) and all(isinstance(item, Known) for item in collection.items):
        return [written(item.value) for item in collection.items if isinstance(item, Known)]
    return next((unknown.detail for unknown in unknowns_in(collection)), "the collection")


def _may_loop(tree: dict[str, Tree]) -> bool:
    """Whether to look for loops at all: the transform says so, or one stands where whole entries are looped over."""
    transform = tree.get("Transform")
    sections = (mapping(tree.get(section)) for section in ("Resources", "Conditions", "Outputs"))
    declared = "AWS::LanguageExtensions" in (transform if isinstance(transform, list) else [transform])
    return declared or any(key.startswith(_LOOP) for section in sections for key in section)
