"""A function calls an AWS service for which its VPC has neither an endpoint nor a way out."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.analysis.case import Case
from eni_lint.analysis.needs import Need
from eni_lint.analysis.routes import SHUT, Way, Ways, listed
from eni_lint.data.endpoints import endpoints_of, has_gateway
from eni_lint.finding import Confidence, Hit, Subject, Undecided
from eni_lint.model.answer import Because, No, Unknown, Why, Yes
from eni_lint.model.compute import Function
from eni_lint.model.identity import Token, label

CASES = {3: ("required", Confidence.HIGH), 2: ("likely", Confidence.MEDIUM), 1: ("hinted", Confidence.LOW)}


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Look for a way from a function's subnets to the services that it calls."""
    function = case.after.world.functions.get(subject.address)
    if function is None:
        return
    wanted = case.after.needs.of(function)
    if not wanted.services and wanted.hidden_services is None:
        return
    ways = case.after.routes.ways_of(function)
    if ways.of(Way.NAT):
        return
    shut = [token for token, _ in ways.of(*SHUT)]
    doubts = ways.doubts(Way.NAT) if shut else ways.doubts(*SHUT)
    if doubts or not shut:
        yield from map(Undecided, doubts)
        return
    missing, doubts = _missing(case, function, wanted.services, shut)
    candidates = [token for token, way in ways.maybe if not isinstance(way.leads(*SHUT), No)]
    if _missing(case, function, wanted.services, candidates)[0]:
        doubts += tuple(Unknown(Why.CONDITION, f"whether {label(token)} is used") for token in candidates)
    if wanted.proxy and (missing or doubts):
        key = f"whether {wanted.proxy} carries the calls of {function.address}"
        yield Undecided(Unknown(Why.NOT_SHOWN, key, "a NO_PROXY that leaves AWS out, or an endpoint"))
    elif missing:
        yield _hit(missing, ways, shut)
    elif doubts:
        for unknown in doubts:
            yield Undecided(unknown)
    elif wanted.hidden_services is not None:
        yield Undecided(wanted.hidden_services)


def _missing(
    case: Case, function: Function, needs: tuple[Need, ...], subnets: list[Token]
) -> tuple[list[Need], tuple[Unknown, ...]]:
    """List the needs that nothing serves in some subnet, and what leaves others open.

    An endpoint that is there and does not work is another finding.
    """
    missing: list[Need] = []
    doubts: dict[str, Unknown] = {}
    for need in needs:
        for subnet in subnets:
            match case.after.endpoints.serves(function, subnet, need.service):
                case No():
                    if need not in missing and not case.after.endpoints.offered(function, subnet, need.service):
                        missing.append(need)
                case Unknown() as unknown:
                    doubts[unknown.key] = unknown
                case Yes():
                    pass
    return missing, tuple(doubts.values())


def _hit(missing: list[Need], ways: Ways, shut: list[Token]) -> Hit:
    tier = max(need.tier for need in missing)
    strongest = [need for need in missing if need.tier == tier]
    name, confidence = CASES[tier]
    services, subnets = listed(need.name for need in strongest), listed(map(label, shut))
    remedies = [endpoint for need in strongest for endpoint in (endpoints_of(need.service) or ())[:1]]
    gateways = [endpoint for endpoint in remedies if has_gateway(endpoint)]
    lacking = "there is no VPC endpoint for it" if len(strongest) == 1 else "there are no VPC endpoints for them"
    none_known = listed(need.name for need in strongest if not endpoints_of(need.service))
    only_nat = f"; no endpoint is known for {none_known}, so only a NAT leads there" if none_known else ""
    return Hit(
        case=name,
        says=f"cannot reach {services} from {subnets}: no NAT serves the subnets and {lacking}{only_nat}",
        because=(
            *(because for need in strongest for because in need.because),
            *(_likely_too(need) for need in missing if 1 < need.tier < tier),
            *dict.fromkeys(because for _, way in ways.of(*SHUT) for because in way.because),
        ),
        cause=Subject("services", f"{services} from {', '.join(sorted(map(label, shut)))}"),
        about=tuple((label(token), "has no way out") for token in shut),
        names={
            "services": services,
            "endpoint": (gateways or remedies or ["<service>"])[0],
            "subnet": label(shut[0]),
            "table": ways.of(*SHUT)[0][1].table,
        },
        numbers={"services": len(strongest)},
        confidence=confidence,
    )


def _likely_too(need: Need) -> Because:
    """Say what cannot be reached either, so that nobody mends the certain calls alone."""
    first = need.because[0]
    return Because(f"{need.name} cannot be reached either: {first.says}", first.address, first.attribute, first.tier)
