"""Which step of a change comes before which: what edges and the engine's procedure say, and nothing beyond.

Terraform destroys what an object used before it updates that object in place, unless the destroyed object or the
object itself has create_before_destroy recorded in the state; then it updates first. CloudFormation updates
first, and removes in a clean-up after all updates.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from eni_lint.analysis.edges import closure
from eni_lint.model.answer import Answer, Because, No, Unknown, Why, Yes
from eni_lint.model.deployment import Action, Change, Deployment, Edge


class Phase(Enum):
    """What a step does to its resource."""

    CREATE = "create"
    UPDATE = "update"
    DESTROY = "destroy"


class Step(Struct, frozen=True):
    """One step of a change: a resource and what is done to it."""

    address: str
    phase: Phase


def is_replaced(change: Change | None) -> Answer:
    """Answer whether a change destroys an object and makes it anew."""
    if change is None or not change.action.replaces:
        return No()
    if change.maybe:
        return Unknown(Why.COMPUTED, f"whether {change.address} is replaced", address=change.address)
    return Yes()


class Order:
    """The order of the steps of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._closures: dict[tuple[bool, str], frozenset[str]] = {}

    def needs(self, address: str, other: str, *, before: bool) -> Answer:
        """Answer whether one address needs another, in recorded state (`before`) or in the new configuration."""
        needed = self._closure(address, before)
        if other in needed:
            return Yes((Because(f"{address} depends on {other}", address),))
        opened = self._deployment.open_edges_before if before else self._deployment.open_edges
        return next((opened[each] for each in (address, *sorted(needed)) if each in opened), No())

    def precedes(self, one: Step, other: Step) -> Answer:
        """Answer whether one step is certainly finished before another begins.

        No means that nothing orders them so: they may run side by side, or the other way round.
        """
        if one.phase is Phase.DESTROY and other.phase is Phase.DESTROY:
            return self.needs(one.address, other.address, before=True)
        if one.phase is not Phase.DESTROY and other.phase is not Phase.DESTROY:
            return self.needs(other.address, one.address, before=False)
        if not self._deployment.procedure.removes_before_updates:
            return Yes() if other.phase is Phase.DESTROY else No()
        if one.phase is Phase.DESTROY:
            return self._destroyed_first(one.address, other.address)
        match self._destroyed_first(other.address, one.address):
            case Unknown() as unknown:
                return unknown
            case Yes():
                return No()
            case No():
                return self._updated_first(one.address, other.address)

    def _destroyed_first(self, destroyed: str, updated: str) -> Answer:
        """Answer whether a destroyed thing goes before a thing that used it is updated or created."""
        if isinstance(self.needs(updated, destroyed, before=True), No):
            return No()
        changes = [c for c in map(self._deployment.changes.get, (destroyed, updated)) if c is not None]
        gone = self._deployment.changes.get(destroyed)
        if gone is not None and gone.action is Action.REPLACE_CREATE_FIRST:
            return No()
        because = Because(
            f"{updated} depends on {destroyed}, so {destroyed} is destroyed before it is updated", updated
        )
        if gone is not None and gone.action is Action.REPLACE_DELETE_FIRST:
            return Yes((because,))
        if any(change.create_first for change in changes):
            return No()
        if all(change.create_first is False for change in changes):
            return Yes((because,))
        return Unknown(
            Why.NOT_SHOWN,
            f"create_before_destroy of {destroyed}",
            decided_by="pass --saved-plan tfplan: a plan's JSON does not show what the state recorded",
            address=destroyed,
        )

    def _updated_first(self, updated: str, destroyed: str) -> Answer:
        gone = self._deployment.changes.get(destroyed)
        used = isinstance(self.needs(updated, destroyed, before=True), Yes)
        if used and gone is not None and (gone.action is Action.REPLACE_CREATE_FIRST or gone.create_first):
            return Yes((Because(f"{destroyed} is destroyed after its users are updated", destroyed),))
        return No()

    def _closure(self, address: str, before: bool) -> frozenset[str]:
        edges: Mapping[str, tuple[Edge, ...]] = self._deployment.edges_before if before else self._deployment.edges
        found = self._closures.get((before, address))
        if found is None:
            found = self._closures[before, address] = closure(edges, address)
        return found
