"""An execution role that does not let Lambda manage the network interfaces of its functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eni_lint.analysis.case import Case
from eni_lint.analysis.naming import abridged, enumerated
from eni_lint.analysis.permissions import HARD, SOFT, Permissions
from eni_lint.analysis.permissions.verdicts import Granted, Missing
from eni_lint.data.managed_policies import kept_as
from eni_lint.finding import Hit, Undecided
from eni_lint.model.answer import Because, Unknown, Yes
from eni_lint.model.policy import AwsManaged, Grant
from eni_lint.model.subject import Subject


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for actions that no policy of the role allows."""
    permissions = case.after.permissions
    users = permissions.users_of(subject.address)
    if not users:
        return
    judged = {action: permissions.standing(subject.address, action) for action in (*HARD, *SOFT)}
    missing = [action for action, found in judged.items() if isinstance(found, Missing)]
    functions = [function.address for function in permissions.functions_of(subject.address)]
    if missing and functions:
        yield _hit(permissions, subject.address, missing, functions)
    elif missing:
        yield from (Undecided(user.certain) for user in users if isinstance(user.certain, Unknown))
    if not any(action in HARD for action in missing):
        opened = {action: found for action, found in judged.items() if isinstance(found, Unknown)}
        unnamed = [u for action, u in opened.items() if not isinstance(permissions.names(subject.address, action), Yes)]
        yield from map(Undecided, dict.fromkeys(unnamed))


def _hit(permissions: Permissions, role: str, missing: Sequence[str], functions: Sequence[str]) -> Hit:
    hard = [action for action in missing if action in HARD]
    other = _idle_role_with(permissions, hard)
    says = f"lacks {enumerated(missing)}, with which Lambda manages the network interfaces of {abridged(functions)}"
    if other:
        says += f"; {other} allows {'that' if len(missing) == 1 else 'them'}, and no function uses it"
    carried = [grant for grant, _ in permissions.grants_of(role)]
    return Hit(
        case="missing" if hard else "soft",
        says=says,
        because=tuple(dict.fromkeys(Because(_contribution(grant), grant.address) for grant in carried))
        or (Because("it carries no policy at all", role),),
        about=(
            *((function, "uses the role") for function in functions),
            *(((other, "allows them, and no function uses it"),) if other else ()),
        ),
        names={"role": role, "function": functions[0]},
        numbers={"functions": len(functions), "missing": len(missing)},
    )


def _contribution(grant: Grant) -> str:
    """Say what one of the policies does for what is missing."""
    match grant.policy:
        case AwsManaged(name) if kept := kept_as(name):
            return f"no policy is called {name}: AWS keeps it as {kept}"
        case AwsManaged(name):
            return f"{name.rpartition('/')[2]} allows none of them"
        case _:
            return f"{'a policy inside of it' if grant.inside else grant.address} allows none of them"


def _idle_role_with(permissions: Permissions, actions: Sequence[str]) -> str:
    """Find a role that allows what is missing and that no function uses: perhaps the policy went to the wrong one."""
    for role in permissions.idle_roles:
        if actions and all(isinstance(permissions.standing(role, action), Granted) for action in actions):
            return role
    return ""
