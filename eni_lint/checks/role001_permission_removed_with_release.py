"""A change takes the permission to delete interfaces away while functions give interfaces up."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.guard import destroyed_here, guarded, lost
from eni_lint.analysis.interfaces import Placement, Release
from eni_lint.analysis.order import Phase, Step
from eni_lint.analysis.permissions import RELEASE, Carrier
from eni_lint.finding import Confidence, Hit, Subject, Undecided
from eni_lint.model.answer import Answer, Because, No, Unknown, Yes, all_of, any_of, negate
from eni_lint.model.identity import Literal, Managed, Token, contains, label, named

CASES = ("detach", "detach_with_network_destroyed", "delete_unwaited", "delete_provider_cleans_up")
LEAVES = {"delete": "is deleted", "detach": "leaves its VPC", "move": "moves to other subnets or security groups"}
LEAVE = {"delete": "are deleted", "detach": "leave their VPC", "move": "move to other subnets or security groups"}


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for functions of a role that release interfaces in the change that ends the role's permission."""
    releasing = [(release, _uses(case, release, subject.address)) for release in case.releases.values()]
    releasing = [(release, uses) for release, uses in releasing if not isinstance(uses, No)]
    loss = _lost(case, subject.address) if releasing else No()
    if isinstance(loss, No):
        return
    carriers = _carriers(case, subject.address)
    found: dict[str, list[Release]] = {}
    for release, uses in releasing:
        match all_of((uses, release.released, loss, negate(_guarded(case, release, carriers)))):
            case Yes():
                found.setdefault(_case(case, release), []).append(release)
            case Unknown() as unknown:
                yield Undecided(unknown)
            case No():
                pass
    for name in CASES:
        if name in found:
            reasons = loss.because if isinstance(loss, Yes) else ()
            yield _hit(case, subject, name, found[name], _addresses(carriers, subject.address), reasons)
            return


def _uses(case: Case, release: Release, role: str) -> Answer:
    """Answer whether a function used a role before the change."""
    if case.before is None:
        return No()
    used = case.before.world.functions[release.function].role
    return contains(used, next((token for token in used.seen if _is_elsewhere(token, role)), Managed(role)))


def _is_elsewhere(token: Token, role: str) -> bool:
    return isinstance(token, Literal) and token.value == role


def _lost(case: Case, role: str) -> Answer:
    """Answer whether a role loses the permission; one that nobody can identify may be any that is named here."""
    if case.before is None:
        return No()
    world = case.before.world
    used = (token for function in world.functions.values() for token in function.role.seen)
    if role in world.roles or any(_is_elsewhere(token, role) for token in used):
        return lost(case, role)
    named = (label(token) for grant in world.grants for token in grant.roles.seen)
    return any_of(lost(case, each) for each in dict.fromkeys((*world.roles, role, *named)))


def _carriers(case: Case, role: str) -> tuple[Carrier, ...]:
    return () if case.before is None else case.before.permissions.carriers(role, RELEASE)


def _addresses(carriers: tuple[Carrier, ...], role: str) -> tuple[str, ...]:
    """List what carries the permission before the change, the role itself where nothing does alone."""
    return tuple(dict.fromkeys(carrier.grant.address for carrier in carriers)) or (role,)


def _guarded(case: Case, release: Release, carriers: tuple[Carrier, ...]) -> Answer:
    """Answer whether something keeps the permission of a function that is deleted."""
    if release.how != "delete":
        return No()
    return guarded(case, carriers, Placement(release.function, release.subnets, release.groups), before=True)


def _case(case: Case, release: Release) -> str:
    network = destroyed_here(case, (release.groups, release.subnets))
    if release.how != "delete":
        return "detach_with_network_destroyed" if network else "detach"
    waits = network and case.deployment.procedure.cleans_up_interfaces
    return "delete_provider_cleans_up" if waits else "delete_unwaited"


def _hit(
    case: Case,
    subject: Subject,
    name: str,
    releasing: list[Release],
    carriers: tuple[str, ...],
    reasons: tuple[Because, ...],
) -> Hit:
    first = releasing[0]
    more = f" and {len(releasing) - 1} more" if len(releasing) > 1 else ""
    policies = ", ".join(carriers)
    managed_groups = all(isinstance(token, Managed) for release in releasing for token in release.groups.sure)
    return Hit(
        case=name,
        says=(
            f"loses the right to delete network interfaces ({policies}) in the change in which {first.function}{more} "
            f"{(LEAVE if more else LEAVES)[first.how]}: Lambda needs it 20 to 45 minutes later"
        ),
        because=(*reasons, *_evidence(case, releasing, carriers)),
        about=(
            *((release.function, LEAVES[release.how]) for release in releasing),
            *((carrier, "grants ec2:DeleteNetworkInterface before this change") for carrier in carriers),
        ),
        names={"policy": policies, "function": first.function, "role": subject.address},
        numbers={"functions": len(releasing)},
        confidence=Confidence.HIGH if managed_groups else Confidence.MEDIUM,
    )


def _evidence(case: Case, releasing: list[Release], carriers: tuple[str, ...]) -> Iterator[Because]:
    for release in releasing:
        groups = named(release.groups)
        subnets = named(release.subnets)
        yield Because(
            f"{release.function} gives up its interfaces in {subnets} with {groups}", release.function, "attachment"
        )
        kept = None if case.before is None else case.before.interfaces.kept_by_versions(release.function)
        yield from () if kept is None or release.how == "delete" else (kept,)
        phase = Phase.DESTROY if release.how == "delete" else Phase.UPDATE
        for carrier in carriers:
            match case.order.precedes(Step(carrier, Phase.DESTROY), Step(release.function, phase)):
                case Yes(because):
                    yield from because
                case No() | Unknown():
                    pass
