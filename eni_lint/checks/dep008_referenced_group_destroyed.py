"""A security group is destroyed while an inline rule of another group still names it."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.order import Phase, Step
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Because, No, Unknown, Yes
from eni_lint.model.deployment import Action
from eni_lint.model.identity import Managed, contains, only


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Find the groups whose inline rules name a group that is destroyed before they are updated."""
    change = case.change(subject.address)
    leaving = (Action.DELETE, Action.REPLACE_DELETE_FIRST)
    if case.before is None or change is None or change.action not in leaving or change.retained:
        return
    naming: dict[str, tuple[Because, ...]] = {}
    for rule in case.before.world.group_rules:
        owner = only(rule.group)
        if not rule.inline or not isinstance(owner, Managed) or owner.address == subject.address:
            continue
        if owner.address not in case.after.world.groups or owner.address in naming:
            continue
        named = contains(rule.peers, Managed(subject.address))
        if isinstance(named, Unknown):
            yield Undecided(named)
        if isinstance(named, Yes) and not _updated_first(case, subject.address, owner.address):
            naming[owner.address] = (Because(f"a rule inside {owner.address} names {subject.address}", owner.address),)
    if naming:
        yield _hit(subject, naming)


def _updated_first(case: Case, group: str, owner: str) -> bool:
    """Tell whether the naming group loses its rule before the named one is destroyed, or is itself gone by then."""
    change = case.change(owner)
    if change is not None and change.action.replaces:
        return True
    destroyed = Step(group, Phase.DESTROY)
    if isinstance(case.order.precedes(Step(owner, Phase.UPDATE), destroyed), Yes):
        return True
    return isinstance(case.order.precedes(destroyed, Step(owner, Phase.UPDATE)), No)


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
