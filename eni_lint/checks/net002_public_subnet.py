"""A function is in a public subnet, whose internet gateway serves public addresses only."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.needs import Need
from eni_lint.analysis.routes import Way, WayOut, listed
from eni_lint.finding import Confidence, Hit, Subject, Undecided
from eni_lint.model.answer import No
from eni_lint.model.compute import Function
from eni_lint.model.identity import Token, label


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for an internet gateway behind the default routes of a function's subnets."""
    function = case.after.world.functions.get(subject.address)
    if function is None:
        return
    ways = case.after.routes.ways_of(function)
    public = ways.of(Way.INTERNET)
    if ways.of(Way.NAT):
        return
    doubts = ways.doubts(Way.NAT) if public else ways.doubts(Way.INTERNET)
    if doubts or not public:
        yield from map(Undecided, doubts)
        return
    unserved = _unserved(case, function, [token for token, _ in public])
    yield _hit(_case_of(case, function, unserved), public, unserved)


def _unserved(case: Case, function: Function, subnets: list[Token]) -> list[Need]:
    """List what a function calls and certainly cannot reach from these subnets, the surest first."""
    wanted = case.after.needs.of(function)
    if wanted.proxy:
        return []
    services = [
        need
        for need in wanted.services
        if any(isinstance(case.after.endpoints.serves(function, subnet, need.service), No) for subnet in subnets)
    ]
    internet = [] if wanted.internet is None else [wanted.internet]
    return sorted((*internet, *services), key=lambda need: (-need.tier, need.name))


def _case_of(case: Case, function: Function, unserved: list[Need]) -> str:
    tier = max((need.tier for need in unserved), default=0)
    if tier > 1:
        return "required" if tier == 3 else "likely"
    earlier = None if case.before is None else case.before.world.functions.get(function.address)
    if case.before is None or earlier is None:
        return "present"
    before = case.before.routes.ways_of(earlier)
    was_public = before.of(Way.INTERNET) or before.doubts(Way.INTERNET)
    return "present" if was_public else "introduced"


def _hit(case: str, public: tuple[tuple[Token, WayOut], ...], unserved: list[Need]) -> Hit:
    subnets = listed(label(token) for token, _ in public)
    reasons = dict.fromkeys(because for _, way in public for because in way.because)
    strong = [need for need in unserved if need.tier > 1]
    called = listed("the internet" if need.name == "internet" else need.name for need in strong)
    outcome = f"cannot reach {called} from" if called else "cannot leave the VPC from"
    return Hit(
        case=case,
        says=(
            f"{outcome} {subnets}: {listed(because.says for because in reasons)}, "
            "and Lambda's network interfaces never get a public address"
        ),
        because=(*(because for need in strong for because in need.because), *reasons),
        cause=Subject("subnets", ", ".join(sorted(label(token) for token, _ in public))),
        about=tuple((label(token), "a public subnet") for token, _ in public),
        names={"subnets": subnets, "gateway": public[0][1].target},
        confidence=Confidence.MEDIUM if case == "likely" else Confidence.HIGH,
    )
