"""What a template says about a value: known, a resource, or unknown with an identity.

Two values with the same key are the same value, whatever it will be; two with different keys may still turn out equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TypeAlias

import msgspec

from eni_lint.readers.cloudformation.tree import written

Scalar: TypeAlias = "bool | int | float | str | None"
Value: TypeAlias = "Known | Resource | Unknown | Text | ListOf | Items | Object | Absent"

_LONGEST_KEY = 1_000


class Reason(Enum):
    """Why a template alone does not tell a value."""

    PARAM = "param"
    PARAM_DEFAULT = "param-default"
    PARAM_LIST = "param-list"
    SSM_PARAM = "ssm-param"
    DYNAMIC = "dynamic"
    IMPORT = "import"
    NESTED_OUTPUT = "nested-output"
    IF = "if"
    DANGLING = "dangling"
    MODULE = "module"
    MACRO = "macro"
    CDK_DUMMY = "cdk-dummy"
    PSEUDO = "pseudo"
    OPAQUE_LIST = "opaque-list"
    COMPUTED = "computed"
    MALFORMED = "malformed"
    NOT_SHOWN = "not-shown"


class Truth(Enum):
    """The three answers of a condition."""

    TRUE = "true"
    FALSE = "false"
    MAYBE = "maybe"


class Known(msgspec.Struct, frozen=True):
    """A value that the input states."""

    value: Scalar


class Resource(msgspec.Struct, frozen=True):
    """A resource of this deployment, or one of its attributes; no attribute means what `Ref` returns."""

    stack: str
    logical_id: str
    attribute: str = ""


class Unknown(msgspec.Struct, frozen=True):
    """A value that the input leaves open; `detail` names what would tell it, `other_than` what it certainly is not."""

    reason: Reason
    key: str
    detail: str = ""
    other_than: frozenset[str] = frozenset()


class Text(msgspec.Struct, frozen=True):
    """A text joined from parts of which at least one is not known."""

    parts: tuple[Known | Resource | Unknown, ...]


class ListOf(msgspec.Struct, frozen=True):
    """A list of unknown length, of which only the identity is known."""

    of: Unknown


class Items(msgspec.Struct, frozen=True):
    """A list whose length is known."""

    items: tuple[Value, ...]


class Object(msgspec.Struct, frozen=True):
    """A mapping whose keys are known."""

    fields: dict[str, Value]


class Absent(msgspec.Struct, frozen=True):
    """`AWS::NoValue`: the property is not there."""


def unknown(reason: Reason, key: str, detail: str = "") -> Unknown:
    """An unknown whose key stays short: keys of hostile templates would double at every step."""
    if len(key) <= _LONGEST_KEY:
        return Unknown(reason, key, detail)
    from hashlib import sha256

    return Unknown(reason, sha256(key.encode()).hexdigest(), detail)


def truth(decided: bool) -> Truth:
    """The certain answer that a boolean stands for."""
    return Truth.TRUE if decided else Truth.FALSE


def key_of(value: Value) -> str:
    """The identity of a value as text; equal keys mean equal values.

    >>> key_of(Known(80)), key_of(Resource("net", "Subnet")), key_of(Items((Known("a"), Known("b"))))
    ('80', '@net/Subnet', '[a, b]')
    """
    match value:
        case Known(scalar):
            return written(scalar)
        case Resource(stack, logical_id, attribute):
            return f"@{stack}/{logical_id}" + (f".{attribute}" if attribute else "")
        case Unknown(key=key) | ListOf(Unknown(key=key)):
            return f"?{key}"
        case Text(parts):
            return "".join(key_of(part) if isinstance(part, Known) else f"${{{key_of(part)}}}" for part in parts)
        case Items(items):
            return f"[{', '.join(map(key_of, items))}]"
        case Object(fields):
            return f"{{{', '.join(f'{name}: {key_of(field)}' for name, field in fields.items())}}}"
        case Absent():
            return "AWS::NoValue"


def same(left: Value, right: Value) -> Truth:
    """Whether two values are one: certain for two known ones and for equal identities, open otherwise.

    >>> same(Known("1"), Known(1)), same(Known("a"), Resource("net", "Subnet"))
    (<Truth.TRUE: 'true'>, <Truth.MAYBE: 'maybe'>)
    """
    match left, right:
        case Known(), Known():
            return truth(key_of(left) == key_of(right))
        case (Unknown(other_than=excluded), Known()) if key_of(right) in excluded:
            return Truth.FALSE
        case (Known(), Unknown(other_than=excluded)) if key_of(left) in excluded:
            return Truth.FALSE
        case _:
            pass
    return Truth.TRUE if key_of(left) == key_of(right) else Truth.MAYBE


def unknowns_in(value: Value) -> Iterator[Unknown]:
    """The unknowns of which a value is made."""
    match value:
        case Unknown():
            yield value
        case ListOf(of):
            yield of
        case Text(parts):
            yield from (part for part in parts if isinstance(part, Unknown))
        case Items(items):
            yield from _unknowns(items)
        case Object(fields):
            yield from _unknowns(fields.values())
        case Known() | Resource() | Absent():
            pass


def _unknowns(values: Iterable[Value]) -> Iterator[Unknown]:
    for value in values:
        yield from unknowns_in(value)
