"""Attribute values of resources: known, absent, or hidden until the apply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, final

from msgspec import Struct


@final
class Hidden(Struct, frozen=True):
    """Stands for a value that the plan does not show."""


HIDDEN: Final = Hidden()
# Where evaluated text stands for the id or ARN of a resource; the variables of policies have a colon.
IDENTITY: Final = re.compile(r"\$\{[\w-]+[.\[]")


def merged(value: Any, unknown: Any) -> Any:
    """Put `HIDDEN` wherever the plan says that a value is known only after the apply.

    >>> merged({"a": 1, "b": [None, "x"]}, {"b": [True, False], "c": True})
    {'a': 1, 'b': [Hidden(), 'x'], 'c': Hidden()}
    """
    if unknown is True:
        return HIDDEN
    if isinstance(unknown, dict) and (value is None or isinstance(value, dict)):
        whole = dict(value or {})
        for name, part in unknown.items():
            if part is True:
                whole[name] = HIDDEN
            elif part:
                whole[name] = merged(whole.get(name), part)
        return whole
    if isinstance(unknown, list) and isinstance(value, list) and len(unknown) == len(value):
        return [merged(each, part) if part else each for each, part in zip(value, unknown, strict=True)]
    return value


def blocks(value: Any) -> list[dict[str, Any]] | Hidden:
    """Give the blocks of a nested attribute, none where it is absent.

    >>> blocks(None), blocks([{"a": 1}])
    ([], [{'a': 1}])
    """
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)] if HIDDEN not in value else HIDDEN
    return value if isinstance(value, Hidden) else []


def is_empty(value: Any) -> bool:
    """Tell whether a value says as much as nothing: providers write absent values in four ways.

    >>> [is_empty(value) for value in (None, "", [], {}, False, HIDDEN)]
    [True, True, True, True, False, False]
    """
    return value is None or (not value and isinstance(value, str | list | dict))


def texts(value: Any) -> list[str | Hidden] | Hidden:
    """Give the texts of a list, or of a single value.

    >>> texts("a"), texts(["a", 7]), texts(None)
    (['a'], ['a', '7'], [])
    """
    if isinstance(value, Hidden):
        return value
    if isinstance(value, list):
        return [each if isinstance(each, Hidden) else text_of(each) for each in value if each is not None]
    return [] if value is None else [text_of(value)]


def text_of(value: Any) -> str:
    """Give a plain value as text, as Terraform converts it.

    >>> text_of(True), text_of(443), text_of("x")
    ('true', '443', 'x')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def strings_in(value: Any) -> Iterator[str]:
    """Yield every text in a value, however deep.

    >>> list(strings_in({"a": ["x", {"b": "y"}]}))
    ['x', 'y']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from strings_in(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings_in(each)


def any_hidden(value: Any) -> bool:
    """Tell whether something in a value is known only after the apply."""
    if isinstance(value, dict):
        return any(any_hidden(each) for each in value.values())
    if isinstance(value, list):
        return any(any_hidden(each) for each in value)
    return isinstance(value, Hidden)
