"""A VPC endpoint stands beside functions and cannot work for them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from eni_lint.analysis.case import Case
from eni_lint.analysis.endpoints import service_name
from eni_lint.analysis.needs import Need
from eni_lint.analysis.routes import SHUT, listed
from eni_lint.data.endpoints import endpoints_of
from eni_lint.finding import Confidence, Hit, Subject, Undecided
from eni_lint.model.answer import Answer, Because, No, Unknown, Why, Yes, all_of, negate
from eni_lint.model.compute import Function
from eni_lint.model.identity import Members, Symbol, Token, contains, label
from eni_lint.model.network import Endpoint


class Neighbour(Struct, frozen=True):
    """A function in a subnet of the endpoint's VPC (`certain` is `Unknown` where that is open), and its need of it.

    The need is `Unknown` where nobody sees whether there is one, None where there is none.
    """

    function: Function
    subnet: Token
    certain: Answer
    need: Need | Unknown | None


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Try an endpoint for the functions in its VPC."""
    endpoint = case.after.endpoints.endpoint(subject.address)
    if endpoint is None:
        return
    near = case.after.routes.functions_in(endpoint.vpc)
    neighbours = [one for function in near for one in _neighbours(case, endpoint, function)]
    certain = [one for one in neighbours if isinstance(one.certain, Yes)]
    outcomes = list(_outcomes(case, endpoint, neighbours))
    hits = [one for one in outcomes if isinstance(one, Hit)]
    if certain or not hits:
        yield from outcomes
    else:
        unknowns = dict.fromkeys(one.certain for one in neighbours if isinstance(one.certain, Unknown))
        yield from (Undecided(unknown) for unknown in unknowns)


def _outcomes(case: Case, endpoint: Endpoint, neighbours: list[Neighbour]) -> Iterator[Hit | Undecided]:
    if not neighbours:
        return
    match case.after.endpoints.type_exists(endpoint):
        case No(because):
            yield _wrong_type(endpoint, because)
        case Unknown() as unknown:
            yield Undecided(unknown)
        case Yes() if endpoint.kind == "gateway":
            yield from _tables(case, endpoint, neighbours)
        case Yes() if endpoint.kind == "interface":
            yield from _dns(case, endpoint, neighbours)
            yield from _groups(case, endpoint, neighbours)
        case Yes():
            pass


def _neighbours(case: Case, endpoint: Endpoint, function: Function) -> Iterator[Neighbour]:
    """List the subnets through which a function is, or may be, in the VPC of an endpoint."""
    need = _need(case, endpoint, function)
    ways = case.after.routes.ways_of(function)
    used: list[tuple[Token, Answer]] = [(token, Yes()) for token, _ in ways.sure]
    used += [(token, _whether_used(token)) for token, _ in ways.maybe]
    for token, used_here in used:
        vpc = case.after.routes.tables.vpc_of(token)
        within = vpc if isinstance(vpc, Unknown) else contains(endpoint.vpc, vpc)
        certain = all_of((within, used_here))
        if not isinstance(certain, No):
            yield Neighbour(function, token, certain, need)
    if ways.rest is not None:
        yield Neighbour(function, Symbol(ways.rest), ways.rest, need)


def _whether_used(subnet: Token) -> Unknown:
    return Unknown(Why.CONDITION, f"whether {label(subnet)} is used")


def _need(case: Case, endpoint: Endpoint, function: Function) -> Need | Unknown | None:
    wanted = case.after.needs.of(function)
    if isinstance(endpoint.service, Unknown):
        return endpoint.service if wanted.services or wanted.hidden_services is not None else None
    service = service_name(endpoint)
    found = (need for need in wanted.services if service in (endpoints_of(need.service) or ()))
    return next(found, wanted.hidden_behind(service))


def _wrong_type(endpoint: Endpoint, because: tuple[Because, ...]) -> Hit:
    says = listed(one.says.removeprefix(f"{endpoint.address} ") for one in because)
    return Hit(case="wrong_type", says=says, because=because, at=(endpoint.address, "kind"), names=_names(endpoint))


def _dns(case: Case, endpoint: Endpoint, neighbours: list[Neighbour]) -> Iterator[Hit | Undecided]:
    if endpoint.private_dns is False:
        return
    match case.after.endpoints.has_dns_attributes(endpoint):
        case Yes():
            pass
        case Unknown() as unknown:
            yield Undecided(unknown)
        case No(because):
            if isinstance(endpoint.private_dns, Unknown):
                yield Undecided(endpoint.private_dns)
            else:
                yield _nameless(endpoint, neighbours, because)


def _nameless(endpoint: Endpoint, neighbours: list[Neighbour], because: tuple[Because, ...]) -> Hit:
    return Hit(
        case="dns_attributes",
        says=f"cannot have private DNS names: {listed(one.says for one in because)}",
        because=because,
        about=(*((one.address, "the VPC") for one in because), *_about(neighbours)),
        at=(endpoint.address, "private_dns"),
        names={**_names(endpoint), "vpc": because[0].address},
    )


def _groups(case: Case, endpoint: Endpoint, neighbours: list[Neighbour]) -> Iterator[Hit | Undecided]:
    """Ask whether the groups of an interface endpoint let those functions in that call its service."""
    closed: dict[str, tuple[Neighbour, tuple[Because, ...]]] = {}
    doubts: dict[str, Unknown] = {}
    for one in neighbours:
        if one.need is None:
            continue
        match case.after.endpoints.lets_in(endpoint, one.function, one.subnet):
            case Yes():
                pass
            case Unknown() as unknown:
                doubts[unknown.key] = unknown
            case No(because):
                unknowns = [fact for fact in (one.certain, one.need) if isinstance(fact, Unknown)]
                doubts |= {unknown.key: unknown for unknown in unknowns}
                if not unknowns:
                    closed[one.function.address] = (one, because)
    if closed:
        yield _closed(case, endpoint, list(closed.values()))
    else:
        yield from (Undecided(unknown) for unknown in doubts.values())


def _closed(case: Case, endpoint: Endpoint, closed: list[tuple[Neighbour, tuple[Because, ...]]]) -> Hit:
    needs = [one.need for one, _ in closed if isinstance(one.need, Need)]
    functions = listed(one.function.address for one, _ in closed)
    guards = case.after.endpoints.groups_of(endpoint)
    groups = listed(map(label, guards.seen)) if isinstance(guards, Members) else f"the default group of {guards.vpc}"
    return Hit(
        case="closed_group",
        says=(
            f"cannot be reached by {functions}: {groups} has no rule for HTTPS from the function's groups or subnets"
        ),
        because=(
            *(because for need in needs for because in need.because),
            *dict.fromkeys(because for _, reasons in closed for because in reasons),
        ),
        about=_about([one for one, _ in closed]),
        at=(endpoint.address, "groups"),
        names={**_names(endpoint), "group": groups},
        confidence=Confidence.HIGH if any(need.tier > 2 for need in needs) else Confidence.MEDIUM,
        # Endpoints that share a group are shut by one and the same missing rule.
        cause=Subject("group", groups) if isinstance(guards, Members) and len(guards.seen) == 1 else None,
    )


def _tables(case: Case, endpoint: Endpoint, neighbours: list[Neighbour]) -> Iterator[Hit | Undecided]:
    """Look for functions without a NAT whose route tables a gateway endpoint is not in."""
    missing: list[tuple[Neighbour, Because]] = []
    doubts: dict[str, Unknown] = {}
    for one in neighbours:
        match _is_cut_off(case, endpoint, one):
            case Yes(because):
                missing.append((one, because[0]))
            case Unknown() as unknown:
                doubts[unknown.key] = unknown
            case No():
                pass
    if missing:
        yield _missing(case, endpoint, missing)
    else:
        yield from (Undecided(unknown) for unknown in doubts.values())


def _is_cut_off(case: Case, endpoint: Endpoint, one: Neighbour) -> Answer:
    """Answer whether a subnet has neither a way out nor the endpoint in its table."""
    way = case.after.routes.way_out(one.subnet)
    shut = way.leads(*SHUT)
    if isinstance(shut, No):
        return shut
    joined = case.after.endpoints.is_in_table_of(endpoint, one.subnet)
    return all_of((negate(joined), one.certain, shut))


def _missing(case: Case, endpoint: Endpoint, missing: list[tuple[Neighbour, Because]]) -> Hit:
    needed = [one for one, _ in missing if _is_needed(case, one)]
    functions = listed(one.function.address for one in needed or [one for one, _ in missing])
    needs = [one.need for one in needed if isinstance(one.need, Need)]
    reasons = dict.fromkeys(because for _, because in missing)
    tables = listed(case.after.routes.way_out(one.subnet).table for one, _ in missing)
    subnets = listed(label(one.subnet) for one, _ in missing)
    return Hit(
        case="table_missing" if needed else "table_missing_unneeded",
        says=f"does not serve {functions}: it is not associated with {tables}, which serves {subnets}",
        because=(*(because for need in needs for because in need.because), *reasons),
        about=_about([one for one, _ in missing]),
        at=(endpoint.address, "tables"),
        names={**_names(endpoint), "subnet": label(missing[0][0].subnet)},
    )


def _is_needed(case: Case, one: Neighbour) -> bool:
    """Tell whether a function likely calls the service, and nothing else carries the calls."""
    if not isinstance(one.need, Need) or one.need.tier < 2:
        return False
    return isinstance(case.after.endpoints.serves(one.function, one.subnet, one.need.service), No)


def _about(neighbours: list[Neighbour]) -> tuple[tuple[str, str], ...]:
    certain = (one.function.address for one in neighbours if isinstance(one.certain, Yes))
    return tuple((address, "a function in its VPC") for address in dict.fromkeys(certain))


def _names(endpoint: Endpoint) -> dict[str, str]:
    return {"endpoint": endpoint.address, "service": service_name(endpoint)}
