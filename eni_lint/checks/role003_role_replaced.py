"""The role of a function that stays in its VPC is replaced by a new one."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import ABSENT, Because, No, Unknown, Why, Yes, all_of
from eni_lint.model.compute import Function
from eni_lint.model.deployment import Action, Change
from eni_lint.model.identity import Managed, contains


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Find the functions that hold on to a role which the change replaces."""
    change = case.change(subject.address)
    if change is None or case.before is None or not change.action.replaces:
        return
    staying: list[Function] = []
    for function in case.after.world.functions.values():
        match _stays(case, function, subject.address):
            case Yes():
                staying.append(function)
            case Unknown() as unknown:
                yield Undecided(unknown)
            case No():
                pass
    if not staying:
        return
    if change.maybe:
        yield Undecided(Unknown(Why.COMPUTED, f"whether {subject.address} is replaced", address=subject.address))
        return
    yield _hit(case, subject, change, staying)


def _stays(case: Case, function: Function, role: str) -> Yes | No | Unknown:
    """Answer whether a function uses the role before and after, in a VPC, and is not made anew itself."""
    old = None if case.before is None else case.before.world.functions.get(function.address)
    own = case.change(function.address)
    if (
        old is None
        or function.attachment == ABSENT
        or function.own_instances
        or (own is not None and own.action.replaces)
    ):
        return No()
    attached = function.attachment if isinstance(function.attachment, Unknown) else Yes()
    return all_of((attached, contains(old.role, Managed(role)), contains(function.role, Managed(role))))


def _hit(case: Case, subject: Subject, change: Change, staying: list[Function]) -> Hit:
    first_deleted = change.action is Action.REPLACE_DELETE_FIRST
    granted = [function for function in staying if _keeps_grant(case, subject.address, function)]
    name = "replaced" if first_deleted else "same_name_key_grant" if granted else "replaced_create_first"
    how = "deleted, then made anew," if first_deleted else "replaced"
    functions = staying[0].address + (f" and {len(staying) - 1} more" if len(staying) > 1 else "")
    properties = f" (its {', '.join(change.because)} changes)" if change.because else ""
    outcome = {
        "replaced": "until they are switched to the new role and its policies are there, Lambda cannot use it for them",
        "replaced_create_first": "policies that are replaced with it go before the switch",
        "same_name_key_grant": "Lambda's grant on the key of their environment still names the old role",
    }[name]
    return Hit(
        case=name,
        says=f"is {how}{properties} under {functions}, which stay in their VPC: {outcome}",
        because=(Because(f"{subject.address}: {change.action.value}{properties}", subject.address, "name"),),
        about=tuple((function.address, "stays in its VPC with this role") for function in staying),
        names={"role": subject.address, "function": staying[0].address},
        numbers={"functions": len(staying)},
    )


def _keeps_grant(case: Case, role: str, function: Function) -> bool:
    """Tell whether a function's environment is encrypted under a grant that names a role of the same name."""
    old = None if case.before is None else case.before.world.roles.get(role)
    new = case.after.world.roles.get(role)
    if old is None or new is None or not isinstance(old.name, str) or old.name != new.name:
        return False
    return function.environment != () and function.encrypts_with_own_key is False
