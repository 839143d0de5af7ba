"""A change takes the permission to delete interfaces away while functions give interfaces up."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.guard import destroyed_here, lost, outlives
from eni_lint.analysis.interfaces import Release
from eni_lint.analysis.order import Phase, Step
from eni_lint.analysis.permissions import RELEASE
from eni_lint.finding import Confidence, Hit, Subject, Undecided
from eni_lint.model.answer import Because, No, Unknown, Yes
from eni_lint.model.identity import Managed, contains, label

LEAVES = {"delete": "is deleted", "detach": "leaves its VPC", "move": "moves to other subnets or security groups"}
LEAVE = {"delete": "are deleted", "detach": "leave their VPC", "move": "move to other subnets or security groups"}


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for functions of a role that release interfaces in the change that ends the role's permission."""
    releasing = [release for release in case.releases.values() if _uses(case, release, subject.address)]
    certain = [release for release in releasing if isinstance(release.released, Yes)]
    if not releasing:
        return
    match lost(case, subject.address):
        case No():
            return
        case Unknown() as unknown:
            yield Undecided(unknown)
            return
        case Yes(because):
            reasons = because
    if not certain:
        yield from (Undecided(r.released) for r in releasing if isinstance(r.released, Unknown))
        return
    yield from _hits(case, subject, certain, reasons)


def _uses(case: Case, release: Release, role: str) -> bool:
    """Tell whether a function certainly used a role before the change."""
    if case.before is None:
        return False
    function = case.before.world.functions[release.function]
    return isinstance(contains(function.role, Managed(role)), Yes)


def _hits(
    case: Case, subject: Subject, releasing: list[Release], reasons: tuple[Because, ...]
) -> Iterator[Hit | Undecided]:
    carriers = _carriers(case, subject.address)
    found = []
    for release in releasing:
        match _verdict(case, release, carriers):
            case Unknown() as unknown:
                yield Undecided(unknown)
            case str() as name:
                found.append((name, release))
            case None:
                pass
    for name in ("detach", "detach_with_network_destroyed", "delete_unwaited", "delete_provider_cleans_up"):
        functions = [release for case_name, release in found if case_name == name]
        if functions:
            yield _hit(case, subject, name, functions, carriers, reasons)
            return


def _carriers(case: Case, role: str) -> tuple[str, ...]:
    """List what carries the permission before the change, the role itself where it is inside."""
    if case.before is None:
        return ()
    return tuple(dict.fromkeys(c.grant.address for c in case.before.permissions.carriers(role, RELEASE))) or (role,)


def _verdict(case: Case, release: Release, carriers: tuple[str, ...]) -> str | Unknown | None:
    """Name the case of one function, None where something guards the permission."""
    network = destroyed_here(case, (release.groups, release.subnets))
    if release.how != "delete":
        return "detach_with_network_destroyed" if network else "detach"
    for carrier in carriers:
        guarded = outlives(case, carrier, release.function, release.subnets, release.groups, before=True)
        if isinstance(guarded, Yes):
            return None
        if isinstance(guarded, Unknown):
            return guarded
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
        groups = ", ".join(label(token) for token in release.groups.seen)
        subnets = ", ".join(label(token) for token in release.subnets.seen)
        yield Because(
            f"{release.function} gives up its interfaces in {subnets} with {groups}", release.function, "attachment"
        )
        phase = Phase.DESTROY if release.how == "delete" else Phase.UPDATE
        for carrier in carriers:
            match case.order.precedes(Step(carrier, Phase.DESTROY), Step(release.function, phase)):
                case Yes(because):
                    yield from because
                case No() | Unknown():
                    pass
