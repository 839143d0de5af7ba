"""Which files of a folder make up a module, and which of them override others."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

_TOFU = {".tofu": ".tf", ".tofu.json": ".tf.json"}
_SUFFIXES = (*_TOFU.values(), *_TOFU)


class Selection(Struct, frozen=True):
    """The source files of a module, in the order in which they are read.

    `shadowed` are files that OpenTofu passes over because there is one of the same name for it alone.
    """

    primary: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    shadowed: tuple[str, ...] = ()


def select(names: Iterable[str]) -> Selection:
    """Choose the source files among the names in a folder.

    >>> select(["b.tf", "a.tf", "a.tofu", "override.tf", "notes.md", ".hidden.tf"])
    Selection(primary=('a.tofu', 'b.tf'), overrides=('override.tf',), shadowed=('a.tf',))
    """
    seen = sorted(name for name in names if is_source(name))
    shadowed = {_stem(name) + _TOFU.get(_suffix(name), "") for name in seen}.intersection(seen)
    read = [name for name in seen if name not in shadowed]
    return Selection(
        primary=tuple(name for name in read if not _overrides(name)),
        overrides=tuple(name for name in read if _overrides(name)),
        shadowed=tuple(sorted(shadowed)),
    )


def is_source(name: str) -> bool:
    """Tell whether Terraform or OpenTofu reads a file of this name; what editors leave behind is none.

    >>> is_source("main.tf"), is_source("main.tf.json"), is_source("#main.tf"), is_source("main.tfvars")
    (True, True, False, False)
    """
    return name.endswith(_SUFFIXES) and not name.startswith((".", "#"))


def _overrides(name: str) -> bool:
    return _stem(name) == "override" or _stem(name).endswith("_override")


def _suffix(name: str) -> str:
    return next(suffix for suffix in _SUFFIXES if name.endswith(suffix))


def _stem(name: str) -> str:
    return name.removesuffix(_suffix(name))
