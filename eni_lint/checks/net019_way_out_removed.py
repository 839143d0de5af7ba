"""This change takes a way out, an endpoint or the egress away from a function that stays."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from eni_lint.analysis.case import Case, Moment
from eni_lint.analysis.endpoints import service_name
from eni_lint.analysis.routes import SHUT, Way, WayOut, Ways, listed
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Absent, Answer, Because, No, Unknown, Why, Yes, all_of, any_of, negate
from eni_lint.model.compute import Attachment, Function
from eni_lint.model.deployment import World
from eni_lint.model.identity import Members, Symbol, Token, contains, label
from eni_lint.model.network import Endpoint

NETWORK = (
    "vpcs",
    "subnets",
    "tables",
    "associations",
    "routes",
    "gateways",
    "gateway_attachments",
    "nats",
    "appliances",
    "endpoints",
    "endpoint_links",
    "groups",
    "group_rules",
    "complete",
    "exported",
)


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
    if before is None or isinstance(before.attachment, Absent) or isinstance(after.attachment, Absent):
        return
    if before.attachment == after.attachment and _is_untouched(case.before.world, case.after.world):
        return
    if isinstance(after.attachment, Unknown):
        yield Undecided(after.attachment)
    elif isinstance(before.attachment, Unknown):
        yield from [Undecided(before.attachment)] if _may_be_cut_off(case.after, after, after.attachment) else ()
    else:
        stay = Stay(before, after, case.before, case.after)
        outcomes = [
            *_egress(stay, before.attachment, after.attachment),
            *_ways(stay, before.attachment.subnets),
            *_endpoints(stay, before.attachment.subnets),
        ]
        hits = [one for one in outcomes if isinstance(one, Hit)]
        yield from hits or outcomes


def _is_untouched(before: World, after: World) -> bool:
    """Tell whether a change leaves everything as it is that leads out of a VPC."""
    return all(getattr(before, name) == getattr(after, name) for name in NETWORK)


def _and(was: Answer, now: Answer) -> Answer:
    """Answer whether both hold; what no input shows is as open after a change as before it, and is not lost by it."""
    beyond = (Why.ELSEWHERE, Why.NOT_SHOWN)
    if isinstance(was, Unknown) and isinstance(now, Unknown) and was.why in beyond and was.key == now.key:
        return No()
    return all_of((now, was))


def _may_be_cut_off(moment: Moment, function: Function, attachment: Attachment) -> bool:
    """Tell whether a function may lack a way out, so that it may have lost one."""
    ways = moment.routes.ways_of(function)
    closed = moment.egress.is_closed(attachment.groups)
    return bool(ways.of(*SHUT) or ways.doubts(*SHUT)) or not isinstance(closed, No)


def _egress(stay: Stay, before: Attachment, after: Attachment) -> Iterator[Hit | Undecided]:
    """Ask whether the groups let nothing out any more."""
    was_open = negate(stay.earlier.egress.is_closed(before.groups))
    closed = stay.later.egress.is_closed(after.groups)
    match _and(was_open, closed):
        case Yes():
            because = closed.because if isinstance(closed, Yes) else ()
            reasons = listed(one.says for one in because)
            groups = ", ".join(sorted(map(label, after.groups.sure)))
            yield _hit("all", f"can no longer reach anything: {reasons}", because, Subject("groups", groups), ())
        case Unknown() as unknown:
            yield Undecided(unknown)
        case No():
            pass


def _ways(stay: Stay, used: Members) -> Iterator[Hit | Undecided]:
    """Ask which subnets lead nowhere after the change, where some led out before it."""
    before, after = stay.earlier.routes.ways_of(stay.before), stay.later.routes.ways_of(stay.after)
    had = any_of((*(way.leads(Way.NAT) for _, way in before.sure), *before.doubts(Way.NAT)))
    if isinstance(had, No):
        return
    known = dict((*before.maybe, *before.sure))
    answers: list[tuple[Token, Answer]] = []
    for token, way, is_used in _subnets(stay.later, after):
        earlier = known[token] if token in known else stay.earlier.routes.way_out(token)
        was_shut = all_of((contains(used, token), earlier.leads(*SHUT)))
        answers.append((token, all_of((is_used, _and(negate(was_shut), way.leads(*SHUT)), had))))
    lost = sorted((token for token, answer in answers if isinstance(answer, Yes)), key=label)
    if lost:
        whole = all(isinstance(way.leads(*SHUT), Yes) for _, way, _ in _subnets(stay.later, after))
        yield _without_way(after, lost, "all" if whole else "some")
        return
    opened = [answer for _, answer in answers if isinstance(answer, Unknown)]
    yield from map(Undecided, dict.fromkeys((*opened, *_beyond(before, after))))


def _subnets(moment: Moment, ways: Ways) -> Iterator[tuple[Token, WayOut, Answer]]:
    """List the subnets of a function with their ways, and whether they are certainly used; the rest as one more."""
    yield from ((token, way, Yes()) for token, way in ways.sure)
    yield from ((t, way, Unknown(Why.CONDITION, f"whether {label(t)} is used")) for t, way in ways.maybe)
    if ways.rest is not None:
        rest = Symbol(ways.rest)
        yield rest, moment.routes.way_out(rest), ways.rest


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


def _endpoints(stay: Stay, used: Members) -> Iterator[Hit | Undecided]:
    """Ask which endpoints serve the function before the change, with nothing in their place after it."""
    before = list(_subnets(stay.earlier, stay.earlier.routes.ways_of(stay.before)))
    after = list(_subnets(stay.later, stay.later.routes.ways_of(stay.after)))
    shut = [(token, all_of((is_used, way.leads(*SHUT)))) for token, way, is_used in after]
    for address in sorted(stay.earlier.world.endpoints):
        endpoint = stay.earlier.endpoints.endpoint(address)
        if endpoint is None or all(isinstance(answer, No) for _, answer in shut):
            continue
        served = {token: all_of((is_used, _served(stay, endpoint, token))) for token, _, is_used in before}
        somewhere = any_of(served.values())
        answers = []
        for token, is_shut in shut:
            without = all_of((contains(used, token), negate(served.get(token, No()))))
            lost = _and(somewhere, _unserved(stay, endpoint, token))
            answers.append((token, all_of((is_shut, lost, negate(without)))))
        yield from _without_endpoint(stay, address, service_name(endpoint), answers)


def _served(stay: Stay, endpoint: Endpoint, subnet: Token) -> Answer:
    """Answer whether a function could call an endpoint's service before the change."""
    if isinstance(endpoint.service, Unknown):
        return stay.earlier.endpoints.works(endpoint, stay.before, subnet)
    return stay.earlier.endpoints.carries(stay.before, subnet, (service_name(endpoint),))


def _unserved(stay: Stay, endpoint: Endpoint, subnet: Token) -> Answer:
    """Answer whether a function can call an endpoint's service no more; open where nobody knows the service."""
    if not isinstance(endpoint.service, Unknown):
        return negate(stay.later.endpoints.carries(stay.after, subnet, (service_name(endpoint),)))
    later = stay.later.endpoints.endpoint(endpoint.address)
    if later is not None and later.service == endpoint.service:
        return all_of((negate(stay.later.endpoints.works(later, stay.after, subnet)), endpoint.service))
    return endpoint.service


def _without_endpoint(
    stay: Stay, address: str, service: str, answers: list[tuple[Token, Answer]]
) -> Iterator[Hit | Undecided]:
    lost = [token for token, answer in answers if isinstance(answer, Yes)]
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
