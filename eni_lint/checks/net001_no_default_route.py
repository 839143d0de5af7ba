"""A function calls the internet, and none of its subnets has a default route."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.needs import Need, Wanted
from eni_lint.analysis.routes import Way, Ways, listed
from eni_lint.finding import Confidence, Hit, Subject, Undecided
from eni_lint.model.answer import Answer, No, Unknown, Yes, any_of
from eni_lint.model.compute import Attachment, Function
from eni_lint.model.identity import label

CASES = {3: ("required", Confidence.HIGH), 2: ("likely", Confidence.MEDIUM), 1: ("hinted", Confidence.LOW)}
SHUT = (Way.NOWHERE, Way.DEAD_END)


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Compare what a function calls with where its subnets lead."""
    function = case.after.world.functions.get(subject.address)
    if function is None:
        return
    wanted = case.after.needs.of(function)
    proxy = _has_proxy(case, function, wanted)
    if isinstance(proxy, Yes) or (wanted.internet is None and wanted.hidden_internet is None):
        return
    ways = case.after.routes.ways_of(function)
    if ways.of(Way.NAT):
        return
    doubts = ways.doubts(Way.NAT) if ways.of(*SHUT) else ways.doubts(*SHUT)
    if doubts or not ways.of(*SHUT):
        yield from map(Undecided, doubts)
    elif isinstance(proxy, Unknown):
        yield Undecided(proxy)
    elif wanted.internet is not None:
        yield _hit(wanted.internet, ways)
    elif wanted.hidden_internet is not None:
        yield Undecided(wanted.hidden_internet)


def _has_proxy(case: Case, function: Function, wanted: Wanted) -> Answer:
    """Answer whether a proxy carries the calls of a function."""
    if wanted.proxy or not isinstance(function.attachment, Attachment):
        return Yes() if wanted.proxy else No()
    stated = No() if wanted.hidden_proxy is None else wanted.hidden_proxy
    return any_of((stated, case.after.egress.leads_to_proxy(function.attachment.groups)))


def _hit(need: Need, ways: Ways) -> Hit:
    shut = ways.of(*SHUT)
    name, confidence = CASES[need.tier]
    subnets = listed(label(token) for token, _ in shut)
    reasons = dict.fromkeys(because for _, way in shut for because in way.because)
    return Hit(
        case=name,
        says=f"cannot reach the internet from {subnets}: {listed(because.says for because in reasons)}",
        because=(*need.because, *reasons),
        cause=Subject("subnets", ", ".join(sorted(label(token) for token, _ in shut))),
        about=tuple((label(token), "has no way out") for token, _ in shut),
        names={"table": shut[0][1].table, "subnet": label(shut[0][0])},
        confidence=confidence,
    )
