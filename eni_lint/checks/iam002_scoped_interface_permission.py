"""An execution role that allows the management of network interfaces too narrowly for Lambda's own calls."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.naming import abridged, enumerated
from eni_lint.analysis.permissions import HARD, SOFT
from eni_lint.analysis.permissions.conditions import INTERFACE_PLACE, PERIMETER, TAGS, describe
from eni_lint.analysis.permissions.verdicts import Conditioned, Scoped
from eni_lint.finding import Confidence, Hit, Undecided
from eni_lint.model.answer import Because, Unknown
from eni_lint.model.subject import Subject

CASES = ("describe_scoped", "create_kind_missing", "conditioned", "conditioned_on_network", "delete_scoped", "soft")
KINDS = {"network-interface": "network interfaces", "subnet": "subnets", "security-group": "security groups"}
MOST_SEEN = 3

Narrow = Scoped | Conditioned


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for actions that are allowed, but not as Lambda calls them."""
    permissions = case.after.permissions
    users = permissions.users_of(subject.address)
    if not users:
        return
    judged = [permissions.standing(subject.address, action) for action in (*HARD, *SOFT)]
    narrow = [found for found in judged if isinstance(found, Scoped | Conditioned)]
    functions = [function.address for function in permissions.functions_of(subject.address)]
    if narrow and functions:
        yield _hit(subject.address, narrow, functions)
    elif narrow:
        yield from (Undecided(user.certain) for user in users if isinstance(user.certain, Unknown))
    else:
        yield from map(Undecided, dict.fromkeys(found for found in judged if isinstance(found, Unknown)))


def _hit(role: str, narrow: list[Narrow], functions: list[str]) -> Hit:
    worst = min((_case(one) for one in narrow), key=CASES.index)
    clauses: dict[str, list[str]] = {}
    for one in narrow:
        clauses.setdefault(_limit(one), []).append(one.action)
    says = "; ".join(f"{enumerated(actions)} {limit}" for limit, actions in clauses.items())
    carriers = sorted({address for one in narrow for address in _carriers(one)})
    return Hit(
        case=worst,
        says=f"allows {says} ({abridged(functions)} {'uses' if len(functions) == 1 else 'use'} it)",
        because=tuple(
            Because(f"{by} allows {enumerated([one.action for one in narrow if by in _carriers(one)])} no further", by)
            for by in carriers
        ),
        about=(
            *((address, "allows it too narrowly") for address in carriers if address != role),
            *((function, "uses the role") for function in functions),
        ),
        names={"role": role, "function": functions[0], "policy": carriers[0]},
        numbers={"functions": len(functions), "actions": len(narrow)},
        confidence=Confidence.MEDIUM if all(_is_place(one) for one in narrow) else Confidence.HIGH,
    )


def _case(one: Narrow) -> str:
    if one.action in SOFT:
        return "soft"
    match one:
        case Conditioned(condition=condition):
            key = condition.key.lower()
            on_network = key in PERIMETER or key.startswith("aws:calledvia") or _is_place(one)
            return "conditioned_on_network" if on_network else "conditioned"
        case Scoped(action=action):
            return {
                "ec2:CreateNetworkInterface": "create_kind_missing",
                "ec2:DeleteNetworkInterface": "delete_scoped",
            }.get(action, "describe_scoped")


def _limit(one: Narrow) -> str:
    """Say how the permission is limited, and why that does not fit the call."""
    match one:
        case Conditioned(condition=condition):
            return f"only where {describe(condition)} holds, and {_reason(one)}"
        case Scoped(seen=()):
            return "on no resource: the statement names none"
        case Scoped():
            more = len(one.seen) - MOST_SEEN
            seen = [*one.seen[:MOST_SEEN], *([f"{more} more"] if more > 0 else [])]
            return f"only on {enumerated(seen)}, {_beyond(one)}"


def _beyond(one: Scoped) -> str:
    if one.unmet == ("*",):
        return "and the call names no resource: it needs *"
    if one.unmet == ("*/*",):
        return "and Lambda asks for it without naming an interface: it needs *"
    kinds = dict.fromkeys(target.partition("/")[0] for target in one.unmet)
    return f"not on the {enumerated([KINDS[kind] for kind in kinds])} that the call names too"


def _reason(one: Conditioned) -> str:
    key = one.condition.key.lower()
    if key.startswith(TAGS):
        return "Lambda sets no tags"
    if key in PERIMETER:
        return "Lambda's own calls come from outside of your networks"
    if _is_place(one):
        return "not every resource of the call has that key"
    if key.startswith("ec2:"):
        return "a call that names no resource does not have that key"
    return "Lambda's own calls do not have that key"


def _is_place(one: Narrow) -> bool:
    """Tell whether a condition asks for a VPC or subnet where some of the call's resources have one."""
    match one:
        case Conditioned(action=action, condition=condition):
            return condition.key.lower() in INTERFACE_PLACE and not action.startswith("ec2:Describe")
        case Scoped():
            return False


def _carriers(one: Narrow) -> tuple[str, ...]:
    return (one.by,) if isinstance(one, Conditioned) else one.by
