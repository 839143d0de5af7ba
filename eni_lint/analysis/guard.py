"""What keeps a permission alive until Lambda has released the interfaces of a function that goes."""

from __future__ import annotations

from collections.abc import Iterable

from eni_lint.analysis.case import Case
from eni_lint.analysis.permissions import RELEASE
from eni_lint.model.answer import Answer, Because, No, Unknown, Yes, all_of, any_of
from eni_lint.model.deployment import Action
from eni_lint.model.identity import Managed, Members, openness


def outlives(case: Case, carrier: str, function: str, subnets: Members, groups: Members, *, before: bool) -> Answer:
    """Answer whether something holds a carrier of the permission back until the interfaces are gone.

    That does a security group or subnet of the function that depends on the carrier, where the engine's deletion of
    it waits for the interfaces; a delay between function and carrier; or an engine that itself waits for the
    interfaces when it deletes the function, where the function depends on the carrier.
    """
    order = case.order
    if case.deployment.procedure.waits_for_interfaces and order.needs(function, carrier, before=before):
        return Yes((Because(f"deleting {function} waits for its interfaces", function),))
    for delay in case.deployment.delays:
        if order.needs(function, delay, before=before) and order.needs(delay, carrier, before=before):
            return Yes((Because(f"{delay} waits between {function} and {carrier}", delay),))
    if not case.deployment.procedure.cleans_up_interfaces:
        return No()
    return any_of(_all_wait(case, members, carrier, before) for members in (groups, subnets))


def _all_wait(case: Case, members: Members, carrier: str, before: bool) -> Answer:
    """Answer whether every one of these is managed here and destroyed before the carrier."""
    opened = openness(members)
    if opened is not None:
        return opened
    if not members.sure:
        return No()
    waits = (
        isinstance(token, Managed)
        and _waits(case, token.address)
        and case.order.needs(token.address, carrier, before=before)
        for token in members.sure
    )
    return all_of(Yes() if one else No() for one in waits)


def _waits(case: Case, address: str) -> bool:
    """Tell whether the removal of a group or subnet waits: a default group is only forgotten."""
    for moment in case.moments:
        group = moment.world.groups.get(address)
        if group is not None and (group.default or not group.created_here):
            return False
    return True


def destroyed_here(case: Case, members: Iterable[Members]) -> tuple[str, ...]:
    """List the groups and subnets of these sets that the change destroys, so that something waits for interfaces."""
    gone = []
    for token in dict.fromkeys(t for one in members for t in one.sure):
        change = case.change(token.address) if isinstance(token, Managed) else None
        if change is not None and change.action in (Action.DELETE, Action.REPLACE_DELETE_FIRST) and not change.retained:
            gone.append(change.address)
    return tuple(gone)


def lost(case: Case, role: str) -> Answer:
    """Answer whether a role can delete interfaces before the change and no longer after it.

    Unknown where it is open whether the role may before or after; No where it never could, or still can.
    """
    if case.before is None:
        return No()
    could = all_of(case.before.permissions.allows(role, action) for action in RELEASE)
    if not isinstance(could, Yes):
        return could if isinstance(could, Unknown) else No()
    if role not in case.after.world.roles:
        change = case.change(role)
        gone = change is not None and change.action.removes and not change.retained
        return Yes((Because(f"{role} is deleted", role),)) if gone else No()
    can = all_of(case.after.permissions.allows(role, action) for action in RELEASE)
    match can:
        case Yes():
            return No()
        case No(because):
            return Yes(because)
        case Unknown():
            return can
