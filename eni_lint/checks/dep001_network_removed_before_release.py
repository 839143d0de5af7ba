"""A security group or subnet is removed in the change in which a function moves off it."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.order import Phase, Step, is_replaced
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Because, No, Unknown, Why, Yes
from eni_lint.model.deployment import Action
from eni_lint.model.identity import Managed, contains

OUTCOMES = {
    "destroyed_first": (
        "is destroyed before {functions} {leaves} it: the deletion waits 45 minutes for interfaces that stay, and fails"
    ),
    "function_stays": (
        "is deleted while interfaces in it stay, since this change only lets go of {functions} and deletes nothing of "
        "it: the deletion of the {kind} fails"
    ),
    "maybe_destroyed_first": (
        "is destroyed in the change in which {functions} {leaves} it: unless the state records create_before_destroy, "
        "it goes first, and its deletion waits 45 minutes for interfaces that cannot go"
    ),
    "cleanup_blocked": (
        "is removed in the clean-up of the update in which {functions} {leaves} it: Lambda holds the interfaces for "
        "another 20 to 45 minutes, so its deletion fails"
    ),
    "function_deleted": (
        "is deleted together with {functions}: the deletion takes 20 to 45 minutes, until Lambda has released the "
        "interfaces"
    ),
}


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Find the functions that use a group or subnet which the change removes."""
    change = case.change(subject.address)
    if case.before is None or change is None or not change.action.removes or change.retained:
        return
    removes_first = case.deployment.procedure.removes_before_updates
    if change.action.replaces and removes_first:
        return
    group = case.before.world.groups.get(subject.address)
    if group is not None and group.default:
        return
    found: dict[str, list[tuple[str, tuple[Because, ...]]]] = {}
    removed = Yes() if change.action is Action.DELETE else is_replaced(change)
    for placement in case.before.interfaces.placements.values():
        held = contains(placement.groups if subject.kind == "group" else placement.subnets, Managed(subject.address))
        verdict = None if isinstance(held, No) else _verdict(case, subject.address, placement.function)
        opened = [answer for answer in (held, verdict, removed) if isinstance(answer, Unknown)]
        if verdict is not None and opened:
            yield Undecided(opened[0])
        elif isinstance(verdict, tuple):
            name, because = verdict
            found.setdefault(name, []).append((placement.function, because))
    for name in OUTCOMES:
        if name in found:
            kept = (case.before.interfaces.kept_by_versions(function) for function, _ in found[name])
            versions = () if name == "function_deleted" else tuple(because for because in kept if because is not None)
            yield _hit(subject, name, found[name], versions)
            return


def _verdict(case: Case, address: str, function: str) -> tuple[str, tuple[Because, ...]] | Unknown | None:
    """Name the case of one function with its reasons; None where nothing goes wrong."""
    change = case.change(function)
    if change is not None and (change.action is Action.FORGET or (change.action is Action.DELETE and change.retained)):
        return "function_stays", (Because(f"{function} is not deleted", function),)
    if function not in case.after.world.functions:
        return ("function_deleted", ()) if change is not None and change.action is Action.DELETE else None
    match is_replaced(change):
        case Yes() if change is not None and change.retained:
            return "function_stays", (Because(f"what stands of {function} is not deleted", function),)
        case Yes():
            return "function_deleted", ()
        case No():
            return _under_update(case, address, function)
        case Unknown() as unknown:
            updated = _under_update(case, address, function)
            return updated if isinstance(updated, tuple) else unknown


def _under_update(case: Case, address: str, function: str) -> tuple[str, tuple[Because, ...]] | Unknown | None:
    """Name the case of a function that leaves the group or subnet by an update."""
    if not case.deployment.procedure.removes_before_updates:
        return "cleanup_blocked", (Because(f"{address} is removed after all updates", address),)
    destroyed, updated = Step(address, Phase.DESTROY), Step(function, Phase.UPDATE)
    match case.order.precedes(destroyed, updated):
        case Yes(because):
            return "destroyed_first", because
        case Unknown(key=key):
            return "maybe_destroyed_first", (Because(f"not shown: {key}", address),)
        case No():
            if isinstance(case.order.precedes(updated, destroyed), Yes):
                return None
            return Unknown(Why.NOT_SHOWN, f"what {function} depended on when it was last applied", address=function)


def _hit(
    subject: Subject, name: str, found: list[tuple[str, tuple[Because, ...]]], versions: tuple[Because, ...]
) -> Hit:
    functions = found[0][0] + (f" and {len(found) - 1} more" if len(found) > 1 else "")
    return Hit(
        case=name,
        says=OUTCOMES[name].format(
            functions=functions, leaves="leave" if len(found) > 1 else "leaves", kind=subject.kind
        ),
        because=(*(because for _, reasons in found for because in reasons), *versions),
        about=tuple((function, f"is attached to this {subject.kind} before the change") for function, _ in found),
        names={"part": subject.address},
        numbers={"functions": len(found)},
    )
