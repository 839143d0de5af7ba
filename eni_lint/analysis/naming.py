"""Name several things in one sentence."""

from __future__ import annotations

from collections.abc import Sequence


def enumerated(names: Sequence[str]) -> str:
    """Name all of these.

    >>> enumerated(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def abridged(names: Sequence[str]) -> str:
    """Name the first of these and count the rest.

    >>> abridged(["a", "b", "c"])
    'a and 2 more'
    """
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
