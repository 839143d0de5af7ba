"""The security groups of a function do not let its calls out."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.egress import GATEWAY_SERVICE, HTTPS, INTERNET
from eni_lint.analysis.needs import INTERNET as THE_INTERNET
from eni_lint.analysis.needs import Need, Wanted
from eni_lint.analysis.routes import listed
from eni_lint.data.endpoints import endpoints_of, has_gateway
from eni_lint.finding import Confidence, Hit, Subject, Undecided
from eni_lint.model.answer import Absent, Answer, Because, No, Unknown, Yes, any_of
from eni_lint.model.compute import Function
from eni_lint.model.identity import Members, Token, label

HTTP = 80


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Ask the union of a function's groups whether it lets out what the function calls."""
    function = case.after.world.functions.get(subject.address)
    if function is None or isinstance(function.attachment, Absent):
        return
    if isinstance(function.attachment, Unknown):
        yield Undecided(function.attachment)
        return
    groups = function.attachment.groups
    wanted = case.after.needs.of(function)
    match case.after.egress.is_closed(groups):
        case Yes(because):
            yield _closed(wanted, groups, because)
        case Unknown() as unknown:
            yield Undecided(unknown)
        case No():
            yield from _ports(case, function, wanted, groups)


def _closed(wanted: Wanted, groups: Members, because: tuple[Because, ...]) -> Hit:
    likely = [need for need in wanted.needs if need.tier > 1]
    called = listed(map(_name, likely)) if likely else "anything"
    return Hit(
        case="closed_needed" if likely else "closed",
        says=f"cannot reach {called}: {listed(one.says for one in because)}",
        because=(*(one for need in likely for one in need.because), *because),
        cause=_cause(groups),
        about=_about(groups),
        names={"group": label(groups.sure[0])},
    )


def _ports(case: Case, function: Function, wanted: Wanted, groups: Members) -> Iterator[Hit | Undecided]:
    """Ask for the port of each likely call; a proxy makes all of them its own."""
    hidden_proxy = No() if wanted.hidden_proxy is None else wanted.hidden_proxy
    proxy = Yes() if wanted.proxy else any_of((hidden_proxy, case.after.egress.leads_to_proxy(groups)))
    if isinstance(proxy, Yes):
        return
    blocked: list[Need] = []
    doubts: dict[str, Unknown] = {}
    for need in (need for need in wanted.needs if need.tier > 1):
        match _lets_out(case, function, groups, need):
            case No():
                blocked.append(need)
            case Unknown() as unknown:
                doubts[unknown.key] = unknown
            case Yes():
                pass
    if blocked:
        yield Undecided(proxy) if isinstance(proxy, Unknown) else _port(blocked, groups)
        return
    hidden = wanted.hidden_services if wanted.hidden_internet is None else wanted.hidden_internet
    if hidden is not None and not isinstance(case.after.egress.lets_out(groups, HTTPS, INTERNET), Yes):
        doubts[hidden.key] = hidden
    yield from (Undecided(unknown) for unknown in doubts.values())


def _lets_out(case: Case, function: Function, groups: Members, need: Need) -> Answer:
    """Answer whether the groups let a call out, over the internet or to an endpoint."""
    egress = case.after.egress
    if isinstance(opened := egress.opens(groups, HTTPS), No) and need.service != THE_INTERNET:
        return opened
    if need.service == THE_INTERNET:
        return any_of((egress.lets_out(groups, HTTPS, INTERNET), egress.lets_out(groups, HTTP, INTERNET)))
    over_gateway = any(has_gateway(name) for name in endpoints_of(need.service) or ())
    answers = [egress.lets_out(groups, HTTPS, GATEWAY_SERVICE if over_gateway else INTERNET)]
    for subnet in _subnets(function):
        offered = case.after.endpoints.offered(function, subnet, need.service)
        answers.extend(case.after.endpoints.lets_out(endpoint, function) for endpoint in offered)
        vpc = case.after.routes.tables.vpc_of(subnet)
        unseen = vpc if isinstance(vpc, Unknown) else case.after.endpoints.openness(vpc)
        answers.extend(() if unseen is None else (unseen,))
    return any_of(answers)


def _subnets(function: Function) -> tuple[Token, ...]:
    return () if isinstance(function.attachment, Absent | Unknown) else function.attachment.subnets.sure


def _port(blocked: list[Need], groups: Members) -> Hit:
    certain = [need for need in blocked if need.tier > 2]
    needs = certain or blocked
    names = listed(map(label, groups.sure))
    says = f"cannot reach {listed(map(_name, needs))}: {names} lets nothing out there on port {HTTPS}"
    return Hit(
        case="port_required" if certain else "port_likely",
        says=says,
        because=(
            *(one for need in needs for one in need.because),
            *(
                Because(f"no egress rule of {label(token)} leads there on port {HTTPS}", label(token))
                for token in groups.sure
            ),
        ),
        cause=_cause(groups),
        about=_about(groups),
        names={"group": label(groups.sure[0])},
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
    )


def _name(need: Need) -> str:
    return "the internet" if need.service == THE_INTERNET else need.name


def _cause(groups: Members) -> Subject:
    return Subject("groups", ", ".join(sorted(map(label, groups.sure))))


def _about(groups: Members) -> tuple[tuple[str, str], ...]:
    return tuple((label(token), "one of the groups") for token in groups.sure)
