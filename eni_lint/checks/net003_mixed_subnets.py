"""Some subnets of a function have a way out that others lack, so that calls fail now and then."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.routes import SHUT, Way, Ways, listed
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Answer, Because, No, Unknown, Why, Yes
from eni_lint.model.identity import Token, contains, label
from eni_lint.model.network import Endpoint


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Compare the ways out of a function's subnets, and the gateway endpoints of their tables."""
    function = case.after.world.functions.get(subject.address)
    if function is None:
        return
    ways = case.after.routes.ways_of(function)
    if ways.of(Way.NAT) and ways.of(*SHUT):
        yield _mixed(ways)
        return
    if ways.alike:
        return
    doubts = ways.doubts(*_deciding(ways))
    yield from map(Undecided, doubts)
    if doubts or ways.of(*SHUT):
        return
    shut = ways.doubts(*SHUT)
    gaps = list(_gaps(case, ways))
    # Where nothing gets out, that is what there is to say.
    yield from map(Undecided, shut) if shut and gaps else gaps


def _deciding(ways: Ways) -> tuple[Way, ...]:
    """Give the ways that would make the subnets a mixture."""
    if ways.of(*SHUT):
        return (Way.NAT,)
    return SHUT if ways.of(Way.NAT) or not ways.doubts(*SHUT) else (Way.NAT, *SHUT)


def _mixed(ways: Ways) -> Hit:
    good, bad = ways.of(Way.NAT), ways.of(*SHUT)
    lacking = listed(label(token) for token, _ in bad)
    reasons = dict.fromkeys(because for _, way in bad for because in way.because)
    return Hit(
        case="mixed",
        says=(
            f"can reach the internet from {listed(label(token) for token, _ in good)} but not from {lacking}, "
            f"{len(bad)} of {len(good) + len(bad)} subnets: {listed(because.says for because in reasons)}"
        ),
        because=(*dict.fromkeys(because for _, way in good for because in way.because), *reasons),
        cause=ways.subject,
        about=tuple((label(token), "has no way out") for token, _ in bad),
        names={"table": bad[0][1].table, "subnet": label(bad[0][0]), "target": good[0][1].target},
        numbers={"subnets": len(good) + len(bad), "without": len(bad)},
    )


def _gaps(case: Case, ways: Ways) -> Iterator[Hit | Undecided]:
    """Look for gateway endpoints that serve some of the subnets only."""
    for endpoint in _near(case, ways):
        if isinstance(endpoint.kind, str) and endpoint.kind != "gateway":
            continue
        answers = [(token, _holds(case, endpoint, token)) for token, _ in ways.sure]
        candidates = [(token, _holds(case, endpoint, token)) for token, _ in ways.maybe]
        joined = [token for token, answer in answers if isinstance(answer, Yes)]
        missing = [token for token, answer in answers if isinstance(answer, No)]
        if joined and missing and not isinstance(endpoint.kind, Unknown):
            yield _gap(endpoint, joined, missing, ways.subject)
        elif _may_differ([answer for _, answer in (*answers, *candidates)]):
            opened = [answer for _, answer in answers if isinstance(answer, Unknown)]
            opened += [Unknown(Why.CONDITION, f"whether {label(token)} is used") for token, _ in candidates]
            opened += [endpoint.kind] if isinstance(endpoint.kind, Unknown) else []
            yield from map(Undecided, dict.fromkeys(opened))


def _near(case: Case, ways: Ways) -> list[Endpoint]:
    """List the endpoints that are or may be in the VPC of these subnets, by address."""
    vpcs = dict.fromkeys(case.after.routes.tables.vpc_of(token) for token, _ in (*ways.sure, *ways.maybe))
    found = {one.address: one for vpc in vpcs for one in case.after.endpoints.perhaps_of(vpc)}
    return [found[address] for address in sorted(found)]


def _may_differ(answers: list[Answer]) -> bool:
    return any(not isinstance(one, No) for one in answers) and any(not isinstance(one, Yes) for one in answers)


def _holds(case: Case, endpoint: Endpoint, subnet: Token) -> Answer:
    """Answer whether a gateway endpoint serves a subnet, which it can only do inside of its own VPC."""
    vpc = case.after.routes.tables.vpc_of(subnet)
    if isinstance(vpc, Unknown):
        return vpc
    if isinstance(contains(endpoint.vpc, vpc), No):
        return No()
    return case.after.endpoints.is_in_table_of(endpoint, subnet)


def _gap(endpoint: Endpoint, joined: list[Token], missing: list[Token], cause: Subject) -> Hit:
    lacking = listed(map(label, missing))
    service = "its service" if isinstance(endpoint.service, Unknown) else endpoint.service
    return Hit(
        case="gateway_endpoint_gap",
        says=(
            f"can reach {service} through {endpoint.address} from {listed(map(label, joined))} but not from {lacking}, "
            "whose route table is not associated with it"
        ),
        because=(Because(f"{endpoint.address} is not in the table of {lacking}", endpoint.address, "tables"),),
        cause=cause,
        about=((endpoint.address, "in some of the tables only"),),
        names={"endpoint": endpoint.address, "subnet": label(missing[0])},
    )
