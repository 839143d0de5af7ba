"""At a teardown nothing keeps the permission to delete interfaces until Lambda has released them."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.guard import guarded
from eni_lint.analysis.permissions import RELEASE
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Because, No, Unknown, Yes, all_of, any_of, negate
from eni_lint.model.identity import Managed, contains


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for a structural guard of every function that uses a role."""
    role = case.after.world.roles.get(subject.address)
    if role is None or not role.created_here or role.address in case.deployment.kept:
        return
    found = case.after.permissions.carriers(subject.address, RELEASE)
    carriers = tuple(carrier for carrier in found if not carrier.grant.elsewhere)
    unguarded: list[str] = []
    for placement in case.after.interfaces.placements.values():
        function = case.after.world.functions[placement.function]
        uses = contains(function.role, Managed(subject.address))
        attached = function.attachment if isinstance(function.attachment, Unknown) else Yes()
        carried = any_of(carrier.certain for carrier in carriers)
        match all_of((uses, attached, carried, negate(guarded(case, carriers, placement, before=False)))):
            case Yes():
                unguarded.append(placement.function)
            case Unknown() as unknown:
                yield Undecided(unknown)
            case No():
                pass
    if unguarded:
        yield _hit(subject, unguarded, tuple(dict.fromkeys(carrier.grant.address for carrier in carriers)))


def _hit(subject: Subject, functions: list[str], carriers: tuple[str, ...]) -> Hit:
    more = f" and {len(functions) - 1} more" if len(functions) > 1 else ""
    return Hit(
        case="unguarded",
        says=(
            f"would lose the right to delete network interfaces ({', '.join(carriers)}) at a teardown before Lambda "
            f"has released those of {functions[0]}{more}"
        ),
        because=tuple(
            Because(f"no security group or subnet of {function} waits for it", function) for function in functions
        ),
        about=(
            *((function, "gives its interfaces up at a teardown") for function in functions),
            *((carrier, "grants ec2:DeleteNetworkInterface") for carrier in carriers),
        ),
        names={"policy": carriers[0], "role": subject.address},
        numbers={"functions": len(functions)},
    )
