"""What keeps a permission alive until Lambda has released the interfaces of a function that goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eni_lint.analysis.case import Case, Moment
from eni_lint.analysis.interfaces import Placement
from eni_lint.analysis.permissions import RELEASE, Carrier
from eni_lint.model.answer import Answer, Because, No, Unknown, Yes, all_of, any_of
from eni_lint.model.deployment import Action
from eni_lint.model.identity import Managed, Members, Symbol, Token, openness


def outlives(case: Case, carrier: str, function: str, subnets: Members, groups: Members, *, before: bool) -> Answer:
    """Answer whether something holds a carrier of the permission back until the interfaces are gone.

    That does the source, where it forbids to destroy the carrier; a security group or subnet of the function that
    depends on the carrier, where the engine's deletion of it waits for the interfaces; a delay between function and
    carrier; or an engine that itself waits for the interfaces when it deletes the function, where the function depends
    on the carrier.
    """
    return any_of(_reasons(case, carrier, function, (groups, subnets), before))


def guarded(case: Case, carriers: Iterable[Carrier], placement: Placement, *, before: bool) -> Answer:
    """Answer whether some carrier of the permission outlives the interfaces of a function."""
    subnets, groups = placement.subnets, placement.groups
    return any_of(
        all_of((outlives(case, c.grant.address, placement.function, subnets, groups, before=before), c.certain))
        for c in carriers
    )


def _reasons(case: Case, carrier: str, function: str, network: tuple[Members, ...], before: bool) -> Iterator[Answer]:
    order, procedure = case.order, case.deployment.procedure
    if carrier in case.deployment.kept:
        yield Yes((Because(f"{carrier} is kept from destruction", carrier),))
    if procedure.waits_for_interfaces:
        yield order.needs(function, carrier, before=before)
    for delay in case.deployment.delays:
        yield all_of((order.needs(function, delay, before=before), order.needs(delay, carrier, before=before)))
    if procedure.cleans_up_interfaces:
        yield from (_all_wait(case, members, carrier, before) for members in network)


def _all_wait(case: Case, members: Members, carrier: str, before: bool) -> Answer:
    """Answer whether every one of these is managed here and destroyed before the carrier."""
    opened = openness(members)
    if not members.seen and opened is None:
        return No()
    waiting = [_waits(case, token, carrier, before) for token in members.sure]
    return all_of(waiting if opened is None else [*waiting, opened])


def _waits(case: Case, token: Token, carrier: str, before: bool) -> Answer:
    """Answer whether the removal of a group or subnet waits for interfaces, and the carrier for it."""
    match token:
        case Symbol(unknown):
            return unknown
        case Managed(address) if _is_removed_by_waiting(case, address):
            return case.order.needs(address, carrier, before=before)
        case _:
            return No()


def _is_removed_by_waiting(case: Case, address: str) -> bool:
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


def _can_release(case: Case, role: str) -> Answer:
    """Answer whether a role can delete interfaces after the change, and name what it may not do any more."""
    answers = {action: case.after.permissions.allows(role, action) for action in RELEASE}
    can = all_of(answers.values())
    if not isinstance(can, No):
        return can
    gone = " and ".join(action for action, answer in answers.items() if isinstance(answer, No))
    return No((Because(f"{role} may not do {gone} after this change", role),))


def _stated(moment: Moment, role: str) -> tuple[object, ...]:
    """Collect all that one moment states of a role's permission to delete interfaces."""
    own = moment.world.roles.get(role)
    boundary = None if own is None else own.boundary
    policies = moment.world.policies if isinstance(boundary, Members) else None
    permissions = moment.permissions
    grants = permissions.grants_of(role)
    documents = [permissions.document_of(grant, action) for grant, _ in grants for action in RELEASE]
    return own is None, boundary, policies, grants, documents


def lost(case: Case, role: str) -> Answer:
    """Answer whether a role can delete interfaces before the change and no longer after it.

    Unknown where it is open whether the role may before or after; No where it never could, or still can.
    """
    if case.before is None or _stated(case.before, role) == _stated(case.after, role):
        return No()
    could = all_of(case.before.permissions.allows(role, action) for action in RELEASE)
    if isinstance(could, No):
        return No()
    if role in case.before.world.roles and role not in case.after.world.roles:
        change = case.change(role)
        gone = change is not None and change.action.removes and not change.retained
        can: Answer = No((Because(f"{role} is deleted", role),)) if gone else Yes()
    else:
        can = _can_release(case, role)
    match can:
        case Yes():
            return No()
        case No(because):
            return Yes(because) if isinstance(could, Yes) else could
        case Unknown():
            return can
