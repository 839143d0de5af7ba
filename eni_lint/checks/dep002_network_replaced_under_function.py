"""A security group or subnet is replaced, the old one first, under a function that uses it."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.order import is_replaced
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Because, No, Unknown, Yes, all_of, negate
from eni_lint.model.deployment import Action
from eni_lint.model.identity import Managed, contains


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Find the functions that stay while a group or subnet of theirs is deleted and made anew."""
    change = case.change(subject.address)
    if case.before is None or change is None or change.action is not Action.REPLACE_DELETE_FIRST:
        return
    functions: list[str] = []
    for placement in case.before.interfaces.placements.values():
        if placement.function not in case.after.world.functions:
            continue
        held = contains(placement.groups if subject.kind == "group" else placement.subnets, Managed(subject.address))
        lasts = negate(is_replaced(case.change(placement.function)))
        match all_of((held, lasts, is_replaced(change))):
            case Yes():
                functions.append(placement.function)
            case Unknown() as unknown:
                yield Undecided(unknown)
            case No():
                pass
    if functions:
        yield _hit(subject, functions, change.because)


def _hit(subject: Subject, functions: list[str], properties: tuple[str, ...]) -> Hit:
    names = functions[0] + (f" and {len(functions) - 1} more" if len(functions) > 1 else "")
    forced = ", ".join(properties) or "its arguments"
    verb = "are" if len(functions) > 1 else "is"
    return Hit(
        case="replaced",
        says=(
            f"is deleted and made anew because {forced} changes, while {names} {verb} attached to it: the deletion "
            "waits 45 minutes for interfaces that cannot go, and fails"
        ),
        because=(
            Because(
                f"{forced} of {subject.address} forces a replacement, the old {subject.kind} first", subject.address
            ),
        ),
        about=tuple((function, f"is attached to this {subject.kind}") for function in functions),
        names={"part": subject.address, "properties": forced},
        numbers={"functions": len(functions)},
    )
