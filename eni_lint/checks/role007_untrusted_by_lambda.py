"""An execution role that Lambda may not assume."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.naming import abridged, enumerated
from eni_lint.analysis.permissions.trust import trusts
from eni_lint.finding import Hit, Undecided
from eni_lint.model.answer import Because, No, Unknown, Yes
from eni_lint.model.policy import Document, Role
from eni_lint.model.subject import Subject

LAMBDA = "lambda.amazonaws.com"


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for roles whose trust policy does not name Lambda."""
    permissions = case.after.permissions
    users = permissions.users_of(subject.address)
    role = case.after.world.roles.get(subject.address)
    if not users:
        return
    unseen = permissions.unseen(subject.address)
    if role is None:
        if unseen is not None:
            yield Undecided(unseen)
        return
    match trusts(role.trust, LAMBDA):
        case Yes():
            return
        case Unknown() as unknown:
            yield Undecided(unknown)
        case No():
            functions = [function.address for function in permissions.functions_of(subject.address)]
            if functions:
                yield _hit(role, functions)
            else:
                yield from (Undecided(user.certain) for user in users if isinstance(user.certain, Unknown))


def _hit(role: Role, functions: list[str]) -> Hit:
    trusted = _trusted(role.trust)
    known = f"its trust policy names {enumerated(trusted)} only" if trusted else "its trust policy names no service"
    return Hit(
        case="untrusted",
        says=f"cannot be assumed by Lambda: {known}, and {abridged(functions)} "
        f"{'uses' if len(functions) == 1 else 'use'} it",
        because=(Because(known, role.address),),
        about=tuple((function, "uses the role") for function in functions),
        names={"role": role.address, "function": functions[0]},
        numbers={"functions": len(functions)},
    )


def _trusted(trust: Document | Unknown) -> list[str]:
    """Name the services that a trust policy names, and other principals by their kind."""
    if isinstance(trust, Unknown):
        return []
    named = (p.partition(":") for s in trust.statements if s.allows for p in s.principals if isinstance(p, str))
    return sorted({name if kind == "Service" else f"{kind} principals" for kind, _, name in named})
