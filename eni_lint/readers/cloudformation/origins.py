"""Where the parts of an expanded template come from, so that places point at what a person wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from eni_lint.readers.cloudformation.tree import Path, Tree

Origins: TypeAlias = Mapping[Path, Path]


class Expanded(msgspec.Struct, frozen=True, eq=False):
    """A template after a transform, and the origin of each part that was moved or made.

    `uncounted` holds the parts that stand for an unknown number of copies, with what would tell the number.
    """

    tree: dict[str, Tree]
    origins: dict[Path, Path] = {}
    uncounted: dict[Path, str] = {}


def origin(path: Path, origins: Origins) -> Path:
    """The path in the text that a path in the expanded template stems from.

    >>> origin(("Resources", "FnRole", "Properties"), {("Resources", "FnRole"): ("Resources", "Fn")})
    ('Resources', 'Fn', 'Properties')
    """
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]] + path[length:]
    return path
