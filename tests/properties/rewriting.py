"""Say the same deployment differently: in another order, or with other names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.model.deployment import Deployment

Rewrite = Callable[[Any], Any]


def shuffled(deployment: Deployment, random: Random) -> Deployment:
    """Put everything that has no order into another one."""

    def shuffle(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(random.sample(value, len(value)))
        if isinstance(value, dict):
            return dict(random.sample(list(value.items()), len(value)))
        return value

    return _rewritten(deployment, shuffle)  # type: ignore[no-any-return]


def renamed(deployment: Deployment, names: Mapping[str, str]) -> Deployment:
    """Give every resource another address."""

    def rename(value: Any) -> Any:
        return names.get(value, value) if isinstance(value, str) else value

    return _rewritten(deployment, rename)  # type: ignore[no-any-return]


def addresses(value: Any) -> Iterator[str]:
    """List the addresses that a deployment or a part of it names, some of them more than once."""
    if isinstance(value, Struct):
        yield from (getattr(value, name) for name in ("address", "to") if isinstance(getattr(value, name, None), str))
        yield from (found for name in value.__struct_fields__ for found in addresses(getattr(value, name)))
    elif isinstance(value, dict):
        yield from value
        yield from (found for part in value.values() for found in addresses(part))
    elif isinstance(value, tuple | frozenset):
        yield from (found for part in value for found in addresses(part))


def _rewritten(value: Any, rewrite: Rewrite) -> Any:
    """Rewrite a value after all of its parts; what makes a whole of several fields stays one."""
    match value:
        case Struct():
            parts = {name: _rewritten(getattr(value, name), rewrite) for name in value.__struct_fields__}
            return rewrite(replace(value, **parts))
        case dict():
            return rewrite({_rewritten(key, rewrite): _rewritten(part, rewrite) for key, part in value.items()})
        case tuple():
            return rewrite(tuple(_rewritten(part, rewrite) for part in value))
        case frozenset():
            return frozenset(_pair(part, rewrite) for part in value)
        case _:
            return rewrite(value)


def _pair(value: Any, rewrite: Rewrite) -> Any:
    """Rewrite an element of a set, where a tuple is a pair and keeps its order."""
    if isinstance(value, tuple):
        return tuple(_rewritten(part, rewrite) for part in value)
    return _rewritten(value, rewrite)
