"""Functions that may be made before their role has the permission to manage network interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from eni_lint.analysis.case import Case
from eni_lint.analysis.edges import closure, reaches
from eni_lint.analysis.naming import abridged
from eni_lint.analysis.permissions import HARD, Carrier, Permissions, User
from eni_lint.finding import Hit, Undecided
from eni_lint.model.answer import Because, Unknown, Yes
from eni_lint.model.deployment import Action
from eni_lint.model.identity import Managed, Members, Symbol, contains, openness
from eni_lint.model.subject import Subject

CASES = ("both_new", "unordered", "unchanged")
IDLE = (Action.NOTHING, Action.READ)
MADE = (Action.CREATE, Action.REPLACE_CREATE_FIRST, Action.REPLACE_DELETE_FIRST)


class Unordered(Struct, frozen=True):
    """A function that nothing orders after these carriers of its role's permission."""

    function: str
    role: str
    carriers: tuple[str, ...]


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for functions that depend on a role only, while its permission is made beside them."""
    permissions = case.after.permissions
    found: list[Unordered] = []
    opened: dict[str, Unknown] = {}
    for role, _ in permissions.execution_roles():
        carriers = _carriers(permissions, role)
        for user in permissions.users_of(role):
            match _judge(case, role, user, carriers):
                case Unordered() as unordered:
                    found.append(unordered)
                case Unknown() as unknown:
                    opened.setdefault(unknown.key, unknown)
                case None:
                    pass
    for unknown in _strangers(case):
        opened.setdefault(unknown.key, unknown)
    if found:
        yield _hit(case, found)
    yield from map(Undecided, opened.values())


def _carriers(permissions: Permissions, role: str) -> list[tuple[Carrier, ...]]:
    return [permissions.carriers(role, (action,)) for action in HARD]


def _strangers(case: Case) -> Iterator[Unknown]:
    """Say of which functions the role is open, where a role that is stated here would leave them unordered."""
    permissions = case.after.permissions
    everybody = (user for role, _ in permissions.execution_roles() for user in permissions.users_of(role))
    users = [user for user in everybody if _may_use_others(user.function.role)]
    for role in case.after.world.roles if users else ():
        carriers = _carriers(permissions, role)
        for user in users:
            uses = contains(user.function.role, Managed(role))
            if isinstance(uses, Unknown) and _judge(case, role, user, carriers) is not None:
                yield uses


def _may_use_others(role: Members) -> bool:
    return openness(role) is not None or any(isinstance(token, Symbol) for token in role.sure)


def _judge(
    case: Case, role: str, user: User, carriers_by_action: list[tuple[Carrier, ...]]
) -> Unordered | Unknown | None:
    """Find the carriers of a permission that nothing orders before a function; None where one of them is."""
    needed = closure(case.deployment.edges, user.function.address)
    beside: list[str] = []
    opened: Unknown | None = None
    for carriers in carriers_by_action:
        first = [carrier for carrier in carriers if _comes_first(carrier, needed)]
        if len(first) == len(carriers) or any(isinstance(carrier.certain, Yes) for carrier in first):
            continue
        sure = [carrier for carrier in carriers if isinstance(carrier.certain, Yes)]
        doubts = [c.certain for c in (first if sure else carriers) if isinstance(c.certain, Unknown)]
        if doubts:
            opened = doubts[0]
        else:
            beside += [carrier.grant.address for carrier in sure]
    if not beside:
        return opened
    doubt = _doubt(case, role, user, needed)
    return Unordered(user.function.address, role, tuple(dict.fromkeys(beside))) if doubt is None else doubt


def _doubt(case: Case, role: str, user: User, needed: frozenset[str]) -> Unknown | None:
    """Say why a function may have the permission in time after all."""
    if isinstance(user.certain, Unknown):
        return user.certain
    unseen = case.after.permissions.unseen(role)
    if unseen is not None:
        return unseen
    open_edges = case.deployment.open_edges
    return next((open_edges[a] for a in (user.function.address, *sorted(needed)) if a in open_edges), None)


def _comes_first(carrier: Carrier, needed: frozenset[str]) -> bool:
    return carrier.grant.inside or carrier.grant.elsewhere or carrier.grant.address in needed


def _hit(case: Case, found: list[Unordered]) -> Hit:
    ranked = sorted(found, key=lambda one: (CASES.index(_case(case, one)), one.function))
    lead = ranked[0]
    roles = list(dict.fromkeys(one.role for one in ranked))
    carriers = list(dict.fromkeys(address for one in ranked for address in one.carriers))
    functions = [one.function for one in ranked]
    single = len(functions) == 1
    who = f"{functions[0]}: it depends" if single else f"{len(functions)} functions: {abridged(functions)} depend"
    return Hit(
        case=_case(case, lead),
        says=(
            f"does not order the permission to manage network interfaces before {who} on {abridged(roles)}, "
            f"and not on {abridged(carriers)}"
        ),
        because=tuple(_evidence(case, ranked)),
        about=(
            *((one.function, f"does not wait for {abridged(one.carriers)}") for one in ranked),
            *((address, "carries the permission") for address in carriers),
        ),
        at=(lead.function, ""),
        names={
            "functions": abridged(functions),
            "function": lead.function,
            "carrier": lead.carriers[0],
            "role": lead.role,
        },
        numbers={"functions": len(functions), "roles": len(roles)},
    )


def _case(case: Case, one: Unordered) -> str:
    changes = case.deployment.changes
    function = changes.get(one.function)
    carriers = [change for change in map(changes.get, one.carriers) if change is not None]
    retries = case.deployment.procedure.retries_permission_errors
    if case.before is not None:
        stands = any(change.action not in MADE for change in carriers) or len(carriers) < len(one.carriers)
        if stands or function is None or function.action in IDLE:
            return "unchanged"
    both = function is not None and function.action in MADE and any(change.action in MADE for change in carriers)
    return "both_new" if both and not retries else "unordered"


def _evidence(case: Case, ranked: list[Unordered]) -> Iterator[Because]:
    by_carrier: dict[str, list[Unordered]] = {}
    for one in ranked:
        for carrier in dict.fromkeys(one.carriers):
            by_carrier.setdefault(carrier, []).append(one)
    for carrier, users in by_carrier.items():
        yield Because(f"{carrier} gives {users[0].role} the permission", carrier)
        circle = next((u.function for u in users if reaches(case.deployment.edges, carrier, u.function)), "")
        if circle:
            yield Because(f"{carrier} itself needs {circle}: write the function's ARN from its name first", carrier)
