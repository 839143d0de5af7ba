"""This change takes a way out, an endpoint or the egress away from a function that stays."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from eni_lint.analysis.case import Case, Moment
from eni_lint.analysis.endpoints import service_name
from eni_lint.analysis.routes import SHUT, Way, Ways, listed
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Answer, Because, No, Unknown, Yes
from eni_lint.model.compute import Attachment, Function
from eni_lint.model.identity import Token, label


class Stay(Struct, frozen=True):
    """A function that is in a VPC before and after the change."""

    before: Function
    after: Function
    earlier: Moment
    later: Moment


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Compare what a function can reach before and after the change."""
    after = case.after.world.functions.get(subject.address)
    if case.before is None or after is None:
        return
    before = case.before.world.functions.get(subject.address)
    if before is None or not isinstance(before.attachment, Attachment):
        return
    if isinstance(after.attachment, Unknown):
        yield Undecided(after.attachment)
    if not isinstance(after.attachment, Attachment):
        return
    stay = Stay(before, after, case.before, case.after)
    outcomes = [*_egress(stay), *_ways(stay), *_endpoints(stay)]
    hits = [one for one in outcomes if isinstance(one, Hit)]
    yield from hits or outcomes


def _egress(stay: Stay) -> Iterator[Hit | Undecided]:
    """Ask whether the groups let nothing out any more."""
    before, after = stay.before.attachment, stay.after.attachment
    if not isinstance(before, Attachment) or not isinstance(after, Attachment):
        return
    if not isinstance(stay.earlier.egress.is_closed(before.groups), No):
        return
    match stay.later.egress.is_closed(after.groups):
        case Yes(because):
            reasons = listed(one.says for one in because)
            groups = ", ".join(sorted(map(label, after.groups.sure)))
            yield _hit("all", f"can no longer reach anything: {reasons}", because, Subject("groups", groups), ())
        case Unknown() as unknown:
            yield Undecided(unknown)
        case No():
            pass


def _ways(stay: Stay) -> Iterator[Hit | Undecided]:
    """Ask which subnets lead out before the change and nowhere after it."""
    before, after = stay.earlier.routes.ways_of(stay.before), stay.later.routes.ways_of(stay.after)
    if not before.of(Way.NAT):
        return
    were_shut = {token for token, _ in before.of(*SHUT)}
    lost = [token for token, _ in after.of(*SHUT) if token not in were_shut]
    if lost:
        whole = not (after.of(Way.NAT, Way.BEYOND, Way.EGRESS_ONLY, Way.OPEN) or after.maybe or after.rest is not None)
        yield _without_way(after, lost, "all" if whole else "some")
        return
    doubts = {unknown.key: unknown for unknown in (*after.doubts(*SHUT), *_beyond(before, after))}
    yield from map(Undecided, doubts.values())


def _beyond(before: Ways, after: Ways) -> Iterator[Unknown]:
    """Say which other networks traffic is newly given to, since nobody here knows whether they lead out."""
    known = {way.target for _, way in before.of(Way.BEYOND)}
    for _, way in after.of(Way.BEYOND):
        if way.target not in known and way.doubt is not None:
            yield way.doubt


def _without_way(after: Ways, lost: list[Token], case: str) -> Hit:
    because = tuple(dict.fromkeys(one for token, way in after.sure if token in lost for one in way.because))
    subnets, reasons = listed(map(label, lost)), listed(one.says for one in because)
    says = f"can no longer reach the internet from {subnets}: {reasons}"
    cause = Subject("subnets", ", ".join(sorted(map(label, lost))))
    return _hit(case, says, because, cause, tuple((label(token), "loses its way out") for token in lost))


def _endpoints(stay: Stay) -> Iterator[Hit | Undecided]:
    """Ask which endpoints serve the function before the change, with nothing in their place after it."""
    before, after = stay.earlier.routes.ways_of(stay.before), stay.later.routes.ways_of(stay.after)
    subnets = [token for token, _ in after.of(*SHUT)]
    unmoved = stay.before.attachment == stay.after.attachment and before == after
    for address in sorted(stay.earlier.world.endpoints) if subnets else ():
        endpoint = stay.earlier.endpoints.endpoint(address)
        if endpoint is None or isinstance(endpoint.service, Unknown):
            continue
        if unmoved and endpoint == stay.later.endpoints.endpoint(address):
            continue
        name = service_name(endpoint)
        answers = [(token, stay.later.endpoints.carries(stay.after, token, (name,))) for token in subnets]
        lacking = any(not isinstance(answer, Yes) for _, answer in answers)
        if lacking and any(_carried(stay.earlier, stay.before, token, name) for token, _ in before.sure):
            yield from _without_endpoint(stay, address, name, answers)


def _carried(moment: Moment, function: Function, subnet: Token, name: str) -> bool:
    return isinstance(moment.endpoints.carries(function, subnet, (name,)), Yes)


def _without_endpoint(
    stay: Stay, address: str, service: str, answers: list[tuple[Token, Answer]]
) -> Iterator[Hit | Undecided]:
    lost = [token for token, answer in answers if isinstance(answer, No)]
    if not lost:
        yield from (Undecided(answer) for _, answer in answers if isinstance(answer, Unknown))
        return
    everywhere = len(lost) == len(stay.later.routes.ways_of(stay.after).sure)
    subnets = listed(map(label, lost))
    because = (Because(f"{address} serves {service} before the change only", address),)
    says = f"can no longer reach {service} from {subnets}: {address} served it, and nothing takes its place"
    cause = Subject("endpoint", address)
    yield _hit("all" if everywhere else "some", says, because, cause, ((address, "the endpoint"),))


def _hit(case: str, says: str, because: tuple[Because, ...], cause: Subject, about: tuple[tuple[str, str], ...]) -> Hit:
    return Hit(case=case, says=says, because=because, cause=cause, about=about, names={"cause": cause.address})
