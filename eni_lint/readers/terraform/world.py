"""One moment of a deployment: every resource that the model knows, translated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from eni_lint.model.deployment import World
from eni_lint.readers.terraform import functions, roles
from eni_lint.readers.terraform.links import Linker

Entity = TypeVar("Entity")


class Moments:
    """What is known of both moments together: who carries what the other resources only mirror."""

    def __init__(self, earlier: Linker, later: Linker) -> None:
        self.grants = roles.CarriedGrants((earlier, later))


def world_of(
    linker: Linker, moments: Moments, uneditable: frozenset[str], exported: Iterable[str], *, whole: bool
) -> World:
    """Translate everything that stands at one moment; nothing is complete in a world that is not whole."""
    return World(
        functions=_by_address(functions.functions(linker, uneditable)),
        versions=_by_address(functions.versions(linker)),
        event_sources=_by_address(functions.event_sources(linker)),
        roles=_by_address(roles.roles(linker)),
        policies=_by_address(roles.policies(linker)),
        grants=tuple(roles.grants(linker, moments.grants)),
        endpointed=_by_address(functions.endpointed(linker)),
    )


def _by_address(entities: Iterable[Any]) -> dict[str, Any]:
    return {entity.address: entity for entity in entities}
