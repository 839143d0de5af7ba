"""One deployment as the rules see it: every analysis of it, made at most once and only when asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from eni_lint.model.deployment import Change, Deployment, World
from eni_lint.model.subject import Subject

if TYPE_CHECKING:
    from eni_lint.analysis.egress import Egress
    from eni_lint.analysis.endpoints import Endpoints
    from eni_lint.analysis.interfaces import Interfaces, Release
    from eni_lint.analysis.needs import Needs
    from eni_lint.analysis.order import Order
    from eni_lint.analysis.permissions import Permissions
    from eni_lint.analysis.routes import Routes


class Moment:
    """The analyses of one world: what stands before a change, or what will stand after it."""

    def __init__(self, world: World) -> None:
        self.world = world

    @cached_property
    def interfaces(self) -> Interfaces:
        """The network interfaces that the functions share or hold alone."""
        from eni_lint.analysis.interfaces import Interfaces

        return Interfaces(self.world)

    @cached_property
    def permissions(self) -> Permissions:
        """What roles may do."""
        from eni_lint.analysis.permissions import Permissions

        return Permissions(self.world)

    @cached_property
    def routes(self) -> Routes:
        """The ways out of subnets."""
        from eni_lint.analysis.routes import Routes

        return Routes(self.world)

    @cached_property
    def endpoints(self) -> Endpoints:
        """The VPC endpoints and whether they work for a function."""
        from eni_lint.analysis.endpoints import Endpoints

        return Endpoints(self.world, self.routes, self.egress)

    @cached_property
    def egress(self) -> Egress:
        """What security groups let out and in."""
        from eni_lint.analysis.egress import Egress

        return Egress(self.world)

    @cached_property
    def needs(self) -> Needs:
        """What functions call, as far as roles and environments tell."""
        from eni_lint.analysis.needs import Needs

        return Needs(self.world, self.permissions)


class Case:
    """One deployment with its analyses before and after, and the order of its steps."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.after = Moment(deployment.after)
        self.before = None if deployment.before is None else Moment(deployment.before)

    @cached_property
    def order(self) -> Order:
        """Which step of the change comes before which."""
        from eni_lint.analysis.order import Order

        return Order(self.deployment)

    @cached_property
    def releases(self) -> dict[str, Release]:
        """Which functions give up network interfaces, by function."""
        from eni_lint.analysis.interfaces import releases

        return releases(self)

    @cached_property
    def functions(self) -> frozenset[str]:
        """The addresses of all functions that stand before or after the change."""
        return frozenset(address for moment in self.moments for address in moment.world.functions)

    @property
    def moments(self) -> tuple[Moment, ...]:
        """Both worlds, the earlier first."""
        return (self.after,) if self.before is None else (self.before, self.after)

    def change(self, address: str) -> Change | None:
        """Give what the deployment does to a resource, None where it states no change."""
        return self.deployment.changes.get(address)

    def subjects(self, kind: str) -> list[Subject]:
        """List the subjects of one kind that stand before or after the change, in a stable order."""
        found: dict[str, Subject] = {}
        for moment in self.moments:
            for subject in _subjects(moment, kind):
                found.setdefault(subject.address, subject)
        if kind == "deployment" and any(moment.world.functions for moment in self.moments):
            found = {self.deployment.name: Subject("deployment", self.deployment.name)}
        return [found[address] for address in sorted(found)]


def _subjects(moment: Moment, kind: str) -> list[Subject]:
    world = moment.world
    match kind:
        case "network":
            interfaces = moment.interfaces
            return [Subject("network", one.address, one.scope) for one in (*interfaces.networks, *interfaces.possible)]
        case "function":
            entities = world.functions
        case "role":
            return [Subject("role", address, scope) for address, scope in moment.permissions.execution_roles()]
        case "stated_role":
            return [Subject("role", r.address, r.scope) for r in world.roles.values()]
        case "endpoint":
            return [Subject("endpoint", e.address, e.scope) for e in world.endpoints.values()]
        case "group":
            return [Subject("group", g.address, g.scope) for g in world.groups.values()]
        case "attachable":
            subnets = [Subject("subnet", s.address, s.scope) for s in world.subnets.values()]
            return [*subnets, *(Subject("group", g.address, g.scope) for g in world.groups.values())]
        case _:
            return []
    return [Subject("function", function.address, function.scope) for function in entities.values()]
