"""The role of a function that stays is replaced by a new one."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.order import is_replaced
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import ABSENT, Answer, Because, No, Unknown, Yes, all_of, negate
from eni_lint.model.compute import Function
from eni_lint.model.deployment import Action, Change
from eni_lint.model.identity import Managed, contains


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Find the functions that hold on to a role which the change replaces."""
    change = case.change(subject.address)
    if change is None or case.before is None or not change.action.replaces:
        return
    attached, granted = [], []
    for _, function in sorted(case.after.world.functions.items()):
        stays = _stays(case, function, subject.address)
        in_vpc = all_of((stays, _is_attached(function)))
        holds = all_of((stays, _holds_grant(case, subject.address, function)))
        if isinstance(in_vpc, Yes):
            attached.append(function.address)
        if isinstance(holds, Yes):
            granted.append(function.address)
        yield from (Undecided(answer) for answer in (in_vpc, holds) if isinstance(answer, Unknown))
    if isinstance(replaced := is_replaced(change), Unknown):
        yield from [Undecided(replaced)] if attached or granted else ()
        return
    if attached:
        yield _replaced(subject, change, attached)
    if granted:
        yield _renewed(subject, granted)


def _stays(case: Case, function: Function, role: str) -> Answer:
    """Answer whether a function uses the role before and after, and is not made anew itself."""
    old = None if case.before is None else case.before.world.functions.get(function.address)
    if old is None:
        return No()
    lasts = negate(is_replaced(case.change(function.address)))
    return all_of((contains(old.role, Managed(role)), contains(function.role, Managed(role)), lasts))


def _is_attached(function: Function) -> Answer:
    if function.attachment == ABSENT or function.own_instances:
        return No()
    return function.attachment if isinstance(function.attachment, Unknown) else Yes()


def _holds_grant(case: Case, role: str, function: Function) -> Answer:
    """Answer whether a function's environment is encrypted under a grant that names a role of the same name."""
    old = None if case.before is None else case.before.world.roles.get(role)
    new = case.after.world.roles.get(role)
    if old is None or new is None or function.environment == () or function.encrypts_with_own_key is True:
        return No()
    for value in (old.name, new.name, function.environment, function.encrypts_with_own_key):
        if isinstance(value, Unknown):
            return value
    return Yes() if old.name == new.name else No()


def _named(functions: list[str]) -> str:
    return functions[0] + (f" and {len(functions) - 1} more" if len(functions) > 1 else "")


def _replaced(subject: Subject, change: Change, functions: list[str]) -> Hit:
    first_deleted = change.action is Action.REPLACE_DELETE_FIRST
    how = "deleted and made anew" if first_deleted else "replaced, the new one first,"
    forced = f" because its {', '.join(change.because)} changes" if change.because else ""
    outcome = (
        "until they are switched to the new role and its policies are there, Lambda cannot use it for them"
        if first_deleted
        else "policies that are replaced with it go before the functions are switched"
    )
    return Hit(
        case="replaced" if first_deleted else "replaced_create_first",
        says=f"is {how}{forced}, under {_named(functions)} in a VPC: {outcome}",
        because=(Because(f"{subject.address}: {change.action.value}{forced}", subject.address, "name"),),
        about=tuple((function, "stays in its VPC with this role") for function in functions),
        names={"role": subject.address, "function": functions[0]},
        numbers={"functions": len(functions)},
    )


def _renewed(subject: Subject, functions: list[str]) -> Hit:
    return Hit(
        case="same_name_key_grant",
        says=(
            f"is made anew under its old name, and {_named(functions)} keeps it: the grant on the key of the "
            "environment variables still names the old role, so that Lambda cannot read them"
        ),
        because=(Because(f"{subject.address} keeps its name and gets a new unique id", subject.address, "name"),),
        cause=Subject("key grant", subject.address, subject.scope),
        about=tuple((function, "has environment variables under Lambda's own key") for function in functions),
        names={"role": subject.address, "function": _named(functions)},
        numbers={"functions": len(functions)},
    )
