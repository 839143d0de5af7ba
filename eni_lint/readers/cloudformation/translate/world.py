"""One moment of a deployment: every resource that the model knows, translated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from msgspec.structs import replace

from eni_lint.model.deployment import World
from eni_lint.readers.cloudformation.translate import endpoints, functions, groups, network, roles
from eni_lint.readers.cloudformation.translate.closed import complete, exported_tokens
from eni_lint.readers.cloudformation.translate.links import Linker


class Addressed(Protocol):
    """Anything with an address."""

    @property
    def address(self) -> str:
        """Give the address."""
        ...


Entity = TypeVar("Entity", bound=Addressed)


def world_of(linker: Linker, *, whole: bool, whole_program: bool = False, generated: str = "generated name") -> World:
    """Translate everything that stands at one moment; nothing is complete in a world that is not whole.

    `whole_program` tells that everybody who uses the exports of a CDK program is here too.
    """
    world = World(
        functions=_by_address(functions.functions(linker)),
        versions=_by_address(functions.versions(linker)),
        roles=_by_address(roles.roles(linker, generated)),
        policies=_by_address(roles.policies(linker)),
        grants=tuple(roles.grants(linker)),
        vpcs=_by_address(network.vpcs(linker)),
        subnets=_by_address(network.subnets(linker)),
        tables=_by_address(network.tables(linker)),
        associations=tuple(network.associations(linker)),
        routes=tuple(network.routes(linker)),
        gateways=_by_address(network.gateways(linker)),
        gateway_attachments=tuple(network.gateway_attachments(linker)),
        nats=_by_address(network.nats(linker)),
        appliances=_by_address(network.appliances(linker)),
        endpoints=_by_address(endpoints.endpoints(linker)),
        groups=_by_address(groups.groups(linker)),
        group_rules=tuple(groups.group_rules(linker)),
        public_access_blocks=tuple(network.public_access_blocks(linker)),
        endpointed=_by_address(functions.endpointed(linker)),
        exported=exported_tokens(linker, whole_program=whole_program),
    )
    if whole:
        world = replace(world, complete=complete(linker, world))
    return _with_lookups(world, linker) if linker.lookups else world


def _with_lookups(world: World, linker: Linker) -> World:
    from eni_lint.readers.cloudformation.translate.lookups import with_lookups

    return with_lookups(world, linker.lookups)


def _by_address(entities: Iterable[Entity]) -> dict[str, Entity]:
    return {entity.address: entity for entity in entities}
