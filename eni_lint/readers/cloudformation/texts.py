"""Texts that are joined from parts and cut into lists, whether their parts are known or not."""

from __future__ import annotations

from collections.abc import Iterable

from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.tree import written
from eni_lint.readers.cloudformation.values import (
    Absent,
    Items,
    Known,
    ListOf,
    Object,
    Reason,
    Resource,
    Text,
    Unknown,
    Value,
    key_of,
    unknown,
)

# A hostile template can double a text at every step; a real one never comes near these.
MAX_TEXT = 65_536
MAX_PARTS = 1_000

_DYNAMIC = "{{resolve:"


def is_dynamic(written_out: str) -> bool:
    """Whether a text is, or holds, a dynamic reference that CloudFormation looks up while it deploys.

    >>> is_dynamic("{{resolve:ssm:/network/subnet}}")
    True
    """
    return _DYNAMIC in written_out


def literal(stack: Stack, written_out: str) -> Value:
    """The value of a text that is written out: known, unless it stands for something that is looked up."""
    if is_dynamic(written_out):
        return unknown(Reason.DYNAMIC, f"{stack.environment.key}/{written_out}", written_out)
    if written_out in stack.dummies:
        return unknown(Reason.CDK_DUMMY, f"{stack.environment.key}/{written_out}", written_out)
    return Known(written_out)


def joined(stack: Stack, values: Iterable[Value]) -> Value:
    """One text of several values; what is known stays readable next to what is not."""
    parts: list[Known | Resource | Unknown] = []
    for value in values:
        match value:
            case Text(inner):
                parts += inner
            case Known() | Resource() | Unknown():
                parts.append(value)
            case ListOf() | Items() | Object() | Absent():
                return unknown(Reason.MALFORMED, f"{stack.name}/text of {key_of(value)}", "not a text")
    return _text(stack, parts)


def _text(stack: Stack, parts: list[Known | Resource | Unknown]) -> Value:
    merged: list[Known | Resource | Unknown] = []
    for part in parts:
        match part, merged[-1:]:
            case Known(right), [Known(left)]:
                merged[-1] = Known(written(left) + written(right))
            case Known(value), _:
                merged += [Known(written(value))] if value != "" else []
            case _:
                merged.append(part)
    known = [written(part.value) for part in merged if isinstance(part, Known)]
    if len(merged) > MAX_PARTS or sum(map(len, known)) > MAX_TEXT:
        return unknown(Reason.MALFORMED, f"too long: {key_of(Text(tuple(merged)))}", "a text that is too long")
    match merged:
        case []:
            return Known("")
        case [Known(value)]:
            return literal(stack, written(value))
        case [part]:
            return part
        case _:
            pass
    if any(map(is_dynamic, known)):
        key = key_of(Text(tuple(merged)))
        return unknown(Reason.DYNAMIC, f"{stack.environment.key}/{key}", key)
    return Text(tuple(merged))


def split(value: Value, delimiter: str, *, trim: bool = False) -> Value:
    """Cut a text into a list; a resource and a single unknown inside a longer text count as one piece each."""
    match value:
        case Known(known):
            pieces = written(known).split(delimiter)
            return Items(tuple(Known(piece.strip() if trim else piece) for piece in pieces))
        case Text(parts):
            return Items(_pieces(parts, delimiter))
        case Unknown(reason, key, detail):
            return ListOf(unknown(reason, _unjoined(key, delimiter), detail))
        case Resource(attribute=""):
            return Items((value,))
        case Resource(logical_id=logical_id):
            return ListOf(unknown(Reason.COMPUTED, _unjoined(key_of(value), delimiter), logical_id))
        case ListOf() | Items() | Object() | Absent():
            return value


def _unjoined(key: str, delimiter: str) -> str:
    """The key of the list that a text is split into: the very list that it was joined from, if it was."""
    joined = f"join({delimiter!r},"
    return key.removeprefix(joined).removesuffix(")") if key.startswith(joined) else f"split({delimiter!r},{key})"


def _pieces(parts: Iterable[Known | Resource | Unknown], delimiter: str) -> tuple[Value, ...]:
    pieces: list[list[Known | Resource | Unknown]] = [[]]
    for part in parts:
        if isinstance(part, Known):
            first, *others = written(part.value).split(delimiter)
            pieces[-1] += [Known(first)] if first else []
            pieces += [[Known(other)] if other else [] for other in others]
        else:
            pieces[-1].append(part)
    return tuple(_piece(piece, delimiter) for piece in pieces)


def _piece(parts: list[Known | Resource | Unknown], delimiter: str) -> Value:
    match parts:
        case []:
            return Known("")
        case [Unknown(key=key) as joined] if key.startswith("join("):
            return split(joined, delimiter)
        case [part]:
            return part
        case _:
            return Text(tuple(parts))
