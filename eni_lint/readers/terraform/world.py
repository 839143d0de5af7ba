"""One moment of a deployment: every resource that the model knows, translated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from msgspec.structs import replace

from eni_lint.model.deployment import World
from eni_lint.model.identity import Token
from eni_lint.readers.terraform import endpoints, functions, groups, network, roles
from eni_lint.readers.terraform.closed import complete
from eni_lint.readers.terraform.links import Linker


class Addressed(Protocol):
    """Anything with an address."""

    @property
    def address(self) -> str:
        """Give the address."""
        ...


Entity = TypeVar("Entity", bound=Addressed)


class Moments:
    """What is known of both moments together: who carries what other resources only mirror."""

    def __init__(self, *linkers: Linker) -> None:
        self.main_tables = {linker: network.MainTables(linker) for linker in linkers}
        self.default_groups = {linker: groups.DefaultGroups(linker) for linker in linkers}
        self.grants = roles.CarriedGrants(linkers)
        self.routes = network.carried_routes(linkers)
        self.rules = groups.carried_rules(linkers)
        self.links = endpoints.carried_links(linkers)


def world_of(linker: Linker, moments: Moments, exported: frozenset[Token], *, whole: bool) -> World:
    """Translate everything that stands at one moment; nothing is complete in a world that is not whole."""
    main, defaults = moments.main_tables[linker], moments.default_groups[linker]
    world = World(
        functions=_by_address(functions.functions(linker)),
        versions=_by_address(functions.versions(linker)),
        roles=_by_address(roles.roles(linker)),
        policies=_by_address(roles.policies(linker)),
        grants=tuple(roles.grants(linker, moments.grants)),
        vpcs=_by_address(network.vpcs(linker)),
        subnets=_by_address(network.subnets(linker)),
        tables=_by_address(network.tables(linker, main)),
        associations=tuple(network.associations(linker)),
        routes=tuple(network.routes(linker, moments.routes)),
        gateways=_by_address(network.gateways(linker)),
        gateway_attachments=tuple(network.gateway_attachments(linker)),
        nats=_by_address(network.nats(linker)),
        appliances=_by_address(network.appliances(linker)),
        endpoints=_by_address(endpoints.endpoints(linker, moments.links)),
        endpoint_links=tuple(endpoints.endpoint_links(linker)),
        groups=_by_address(groups.groups(linker, defaults)),
        group_rules=tuple(groups.group_rules(linker, defaults, moments.rules)),
        public_access_blocks=tuple(network.public_access_blocks(linker)),
        endpointed=_by_address(functions.endpointed(linker)),
        exported=exported,
    )
    return replace(world, complete=complete(linker, world, exported)) if whole else world


def _by_address(entities: Iterable[Entity]) -> dict[str, Entity]:
    return {entity.address: entity for entity in entities}
