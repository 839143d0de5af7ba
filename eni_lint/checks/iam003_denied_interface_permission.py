"""A Deny or a permissions boundary that keeps Lambda from managing network interfaces with a role."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.naming import abridged, enumerated
from eni_lint.analysis.permissions import HARD, Permissions
from eni_lint.analysis.permissions.verdicts import Denied, Granted, OutOfBounds
from eni_lint.finding import Hit, Undecided
from eni_lint.model.answer import Because, Unknown
from eni_lint.model.subject import Subject

CASES = ("denied", "boundary", "perimeter", "perimeter_with_keys")

Refused = Denied | OutOfBounds


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for actions that a Deny or the boundary takes away, whatever the role's policies allow."""
    permissions = case.after.permissions
    users = permissions.users_of(subject.address)
    if not users:
        return
    judged = [permissions.refusal(subject.address, action) for action in HARD]
    refused = [found for found in judged if isinstance(found, Denied | OutOfBounds)]
    functions = [function.address for function in permissions.functions_of(subject.address)]
    if refused and functions:
        yield _hit(permissions, subject.address, refused, functions)
    elif refused:
        yield from (Undecided(user.certain) for user in users if isinstance(user.certain, Unknown))
    if not any(_case(one) in CASES[:3] for one in refused):
        yield from map(Undecided, dict.fromkeys(found for found in judged if isinstance(found, Unknown)))


def _hit(permissions: Permissions, role: str, refused: list[Refused], functions: list[str]) -> Hit:
    groups: dict[tuple[str, str], list[Refused]] = {}
    for one in refused:
        groups.setdefault((_case(one), one.by), []).append(one)
    ranked = sorted(groups.items(), key=lambda group: (CASES.index(group[0][0]), group[0][1]))
    says = "; it ".join(_says([one.action for one in group], group[0]) for _, group in ranked)
    sources = dict.fromkeys(one.by for one in refused if one.by != role)
    return Hit(
        case=ranked[0][0][0],
        says=f"{says} ({abridged(functions)} {'uses' if len(functions) == 1 else 'use'} it)",
        because=tuple(_evidence(permissions, role, refused)),
        about=(
            *((address, "takes the permission away") for address in sources),
            *((function, "uses the role") for function in functions),
        ),
        names={"role": role, "function": functions[0], "policy": ranked[0][1][0].by},
        numbers={"functions": len(functions), "actions": len(refused)},
    )


def _evidence(permissions: Permissions, role: str, refused: list[Refused]) -> Iterator[Because]:
    """Name what allows the actions that are taken away, and what takes them away."""
    for by in dict.fromkeys(one.by for one in refused):
        yield Because(f"{by} takes away {enumerated([one.action for one in refused if one.by == by])}", by)
    standings = [permissions.standing(role, one.action) for one in refused]
    granted = [standing for standing in standings if isinstance(standing, Granted)]
    for carrier in dict.fromkeys(address for standing in granted for address in standing.by):
        yield Because(f"{carrier} allows {enumerated([g.action for g in granted if carrier in g.by])}", carrier)


def _case(one: Refused) -> str:
    match one:
        case OutOfBounds():
            return "boundary"
        case Denied(open=conditions) if conditions:
            return "perimeter_with_keys"
        case Denied(perimeter=perimeter):
            return "perimeter" if perimeter else "denied"


def _says(actions: list[str], one: Refused) -> str:
    match one:
        case OutOfBounds(by=by):
            return f"has a permissions boundary, {by}, that leaves out {enumerated(actions)}"
        case Denied(open=conditions) if conditions:
            return (
                f"may be denied {enumerated(actions)} by {_statement(one)}: {enumerated(one.conditions)} holds for "
                f"Lambda's own calls too, and nothing here tells whether {enumerated(conditions)} does"
            )
        case Denied(perimeter=perimeter):
            known = f": {enumerated(one.conditions)} holds for Lambda's own calls too" if one.conditions else ""
            outside = ", which come from outside of your networks" if perimeter else ""
            return f"is denied {enumerated(actions)} by {_statement(one)}{known}{outside}"


def _statement(one: Denied) -> str:
    return f"statement {one.sid} of {one.by}" if one.sid else one.by
