"""What a text says without what is not known: most of a policy stands in the source, whatever its ARNs will be."""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import TypeAlias

from msgspec import UnsetType

from eni_lint.readers.terraform.hcl.expressions import parse_expression
from eni_lint.readers.terraform.hcl.nodes import Computed, Items, Literal, Node, Pairs, Reference
from eni_lint.readers.terraform.hcl.records import Constant, Expression
from eni_lint.readers.terraform.hcl.traversals import Traversal

# What a reference stands for, unset where that is not known.
Known: TypeAlias = Callable[[Traversal], "Constant | UnsetType"]

_OTHERS = "${unknown.value}"


def outline(value: Expression, known: Known) -> str | None:
    """The text that an expression makes, with `${reference}` for each part that is not known; None if it makes none."""
    if value.span.file.endswith(".json"):
        return None
    return _text(parse_expression(value.text, value.span.file), known)


def outlines(value: Expression, known: Known) -> dict[str, str] | None:
    """The texts of a map, each like an outline; None where somebody else may add to it."""
    if value.span.file.endswith(".json"):
        return None
    found = _pairs(parse_expression(value.text, value.span.file), known)
    return None if found is None else {name: _plain(item) for name, item in found.items() if item is not None}


def _pairs(node: Node, known: Known) -> dict[str, Constant] | None:
    match node:
        case Computed((Computed(arguments),), call="merge"):
            parts = [_pairs(argument, known) for argument in arguments]
            listed = [part for part in parts if part is not None]
            return dict(ChainMap(*reversed(listed))) if len(listed) == len(parts) else None
        case _:
            value = _value(node, known)
            return value if isinstance(value, dict) else None


def _plain(value: Constant) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else _OTHERS


def _text(node: Node, known: Known) -> str | None:
    match node:
        case Literal(str() as text):
            return text
        case Reference(steps):
            found = known(steps)
            return found if isinstance(found, str) else None
        case Computed(pieces, is_text=True):
            return "".join(_piece(piece, known) for piece in pieces)
        case Computed((Computed((argument,)),), call="jsonencode"):
            return json.dumps(_value(argument, known))
        case Computed((inner,), binds, "", ()) if not binds:
            return _text(inner, known)
        case _:
            return None


def _piece(node: Node, known: Known) -> str:
    text = _text(node, known)
    return _mark(node) if text is None else text


def _value(node: Node, known: Known) -> Constant:
    match node:
        case Literal(stated):
            return stated
        case Items(items):
            return [_value(item, known) for item in items]
        case Pairs(pairs) if all(isinstance(key, Literal) for key, _ in pairs):
            return {str(key.value): _value(value, known) for key, value in pairs if isinstance(key, Literal)}
        case Computed((Computed(arguments),), call="concat"):
            return [item for argument in arguments for item in _items(argument, known)]
        case Reference(steps) if not isinstance(found := known(steps), UnsetType):
            return found
        case _:
            return _piece(node, known)


def _items(node: Node, known: Known) -> Iterator[Constant]:
    value = _value(node, known)
    yield from value if isinstance(value, list) else [value]


def _mark(node: Node) -> str:
    while isinstance(node, Computed) and len(node.parts) == 1 and not node.call:
        (node,) = node.parts
    if not isinstance(node, Reference) or len(node.steps) == 1:
        return _OTHERS
    first, *steps = node.steps
    return f"${{{first}{''.join(takewhile(lambda step: step.startswith('.'), steps))}}}"
