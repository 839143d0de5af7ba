"""A security group is destroyed while an inline rule of another group still names it."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.order import Phase, Step, is_replaced
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Answer, Because, No, Unknown, Yes, all_of, negate
from eni_lint.model.deployment import Action
from eni_lint.model.identity import Managed, contains, only


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Find the groups whose inline rules name a group that is destroyed before they are updated."""
    change = case.change(subject.address)
    leaving = (Action.DELETE, Action.REPLACE_DELETE_FIRST)
    if case.before is None or change is None or change.action not in leaving or change.retained:
        return
    leaves = Yes() if change.action is Action.DELETE else is_replaced(change)
    naming: dict[str, tuple[Because, ...]] = {}
    for rule in case.before.world.group_rules:
        owner = only(rule.group)
        if not rule.inline or not isinstance(owner, Managed) or owner.address == subject.address:
            continue
        if owner.address not in case.after.world.groups or owner.address in naming:
            continue
        named = contains(rule.peers, Managed(subject.address))
        match all_of((named, leaves, negate(_updated_first(case, subject.address, owner.address)))):
            case Yes():
                says = f"a rule inside {owner.address} names {subject.address}"
                naming[owner.address] = (Because(says, owner.address),)
            case Unknown() as unknown:
                yield Undecided(unknown)
            case No():
                pass
    if naming:
        yield _hit(subject, naming)


def _updated_first(case: Case, group: str, owner: str) -> Answer:
    """Answer whether the naming group loses its rule before the named one is destroyed, or is itself gone by then."""
    destroyed, updated = Step(group, Phase.DESTROY), Step(owner, Phase.UPDATE)
    in_time = isinstance(case.order.precedes(updated, destroyed), Yes) or isinstance(
        case.order.precedes(destroyed, updated), No
    )
    return Yes() if in_time else is_replaced(case.change(owner))


def _hit(subject: Subject, naming: dict[str, tuple[Because, ...]]) -> Hit:
    others = ", ".join(naming)
    return Hit(
        case="referenced",
        says=f"is destroyed while inline rules of {others} still name it: its deletion is refused until they are gone",
        because=tuple(because for reasons in naming.values() for because in reasons),
        about=tuple((owner, "names it in an inline rule") for owner in naming),
        names={"group": subject.address, "other": next(iter(naming))},
        numbers={"groups": len(naming)},
    )
