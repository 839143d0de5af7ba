"""What an expression is made of: what it refers to, and what it is if it refers to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, TypeGuard

from msgspec import UNSET, Struct, UnsetType

from eni_lint.readers.terraform.hcl.records import Constant, Expression, Span
from eni_lint.readers.terraform.hcl.traversals import Traversal
from eni_lint.readers.terraform.shapes import Shape


class Literal(Struct, frozen=True):
    """A value that the text states."""

    value: bool | int | float | str | None


class Reference(Struct, frozen=True):
    """A name with the steps that follow it, as far as they are literal."""

    steps: Traversal


class Items(Struct, frozen=True):
    """A list."""

    items: tuple[Node, ...]


class Pairs(Struct, frozen=True):
    """An object."""

    pairs: tuple[tuple[Node, Node], ...]


class Computed(Struct, frozen=True):
    """Anything that is made from its parts.

    `binds` are names that mean something else in all but the first part; `call` is the function that is called;
    `read` are the attributes that are read from the result. `is_text` tells that the parts make a text, one after the
    other, `asks_only` that nothing counts of them but whether they are there.
    """

    parts: tuple[Node, ...]
    binds: frozenset[str] = frozenset()
    call: str = ""
    read: tuple[str, ...] = ()
    is_text: bool = False
    asks_only: bool = False


Node: TypeAlias = Literal | Reference | Items | Pairs | Computed

_MAKES_TEXT = frozenset(
    (
        "base64decode", "base64gunzip", "csvdecode", "file", "format", "formatlist", "join", "jsondecode", "jsonencode",
        "regex", "regexall", "replace", "split", "substr", "templatefile", "templatestring", "trim", "trimprefix",
        "trimsuffix", "yamldecode",
    )
)  # fmt: skip


def expression_of(node: Node, text: str, span: Span) -> Expression:
    """The record of an expression that was read."""
    return Expression(
        text=text,
        span=span,
        traversals=tuple(traversals(node)),
        constant=constant(node),
        reads=frozenset(reads(node)),
        calls=frozenset(calls(node)),
        shape=shape(node),
        weighed=frozenset(weighed(node)),
        literals=tuple(dict.fromkeys(literals(node))),
    )


def weighed(node: Node) -> Iterator[Traversal]:
    """The references of which more counts than whether they are there; in `a != null ? b : 0`, that is `b`."""
    if isinstance(node, Reference):
        yield node.steps
    elif not (isinstance(node, Computed) and (node.asks_only or node.call == "length")):
        for part in _parts(node):
            yield from weighed(part)


def traversals(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[Traversal]:
    """The references in an expression, in the order of the text, without the names that it binds itself."""
    match node:
        case Literal():
            return
        case Reference(steps):
            if steps[0] not in bound:
                yield steps
        case Items(items):
            for item in items:
                yield from traversals(item, bound)
        case Pairs(pairs):
            for key, value in pairs:
                yield from traversals(key, bound)
                yield from traversals(value, bound)
        case Computed(parts, binds):
            for number, part in enumerate(parts):
                yield from traversals(part, bound | binds if number else bound)


def reads(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """The attributes that an expression reads from what it computes: `id` in `[for s in aws_subnet.a : s.id]`."""
    match node:
        case Reference(steps):
            if steps[0] in bound:
                yield from (step[1:] for step in steps[1:] if step.startswith("."))
        case Computed(parts, binds, _, read):
            yield from read
            for number, part in enumerate(parts):
                yield from reads(part, bound | binds if number else bound)
        case _:
            for part in _parts(node):
                yield from reads(part, bound)


def calls(node: Node) -> Iterator[str]:
    """The functions that an expression calls."""
    if isinstance(node, Computed) and node.call:
        yield node.call
    for part in _parts(node):
        yield from calls(part)


def literals(node: Node) -> Iterator[str]:
    """The texts in an expression."""
    if isinstance(node, Literal) and isinstance(node.value, str):
        yield node.value
    for part in _parts(node):
        yield from literals(part)


def shape(node: Node) -> Shape:
    """How an expression makes its value: by listing, by choosing, or from texts."""
    if all(map(_is_mention, node.items if isinstance(node, Items) else (node,))):
        return Shape.LISTED
    return Shape.CHOSEN if _MAKES_TEXT.isdisjoint(calls(node)) else Shape.MADE


def _is_mention(node: Node) -> bool:
    """Tell whether a value is just what is mentioned: a reference, a text, or an instance with the key at hand."""
    match node:
        case Literal() | Reference():
            return True
        case Computed((one,), binds, "", ()):
            # Parentheses, or a template of nothing but one interpolation.
            return not binds and _is_mention(one)
        case Computed((Reference(), Reference(("count", ".index") | ("each", ".key"))), binds, "", read):
            # An operator has the same parts, and nothing is read from its result.
            return not binds and bool(read)
        case _:
            return False


def _parts(node: Node) -> Iterator[Node]:
    match node:
        case Literal() | Reference():
            return
        case Items(items):
            yield from items
        case Pairs(pairs):
            yield from (part for pair in pairs for part in pair)
        case Computed(parts):
            yield from parts


def constant(node: Node) -> Constant | UnsetType:
    """The value that an expression states, or unset where it has to be computed."""
    match node:
        case Literal(stated):
            return stated
        case Items(items):
            values = list(map(constant, items))
            return values if _is_stated(values) else UNSET
        case Pairs(pairs):
            names = [constant(key) for key, _ in pairs]
            values = [constant(value) for _, value in pairs]
            if _is_stated(values) and all(isinstance(name, str) for name in names):
                return dict(zip(map(str, names), values, strict=True))
            return UNSET
        case Reference() | Computed():
            return UNSET


def _is_stated(values: list[Constant | UnsetType]) -> TypeGuard[list[Constant]]:
    return UNSET not in values
