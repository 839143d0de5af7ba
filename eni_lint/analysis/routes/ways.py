"""Where a subnet's default route leads: through a NAT, to a gateway, to another network, or nowhere.

A function's interface never gets a public address, so over IPv4 only a NAT leads it out:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cached_property
from ipaddress import ip_network

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.analysis.elsewhere import elsewhere
from eni_lint.analysis.routes.tables import Index, Tables
from eni_lint.model.answer import Absent, Answer, Because, No, Unknown, Why, Yes, any_of, negate
from eni_lint.model.compute import Attachment, Function
from eni_lint.model.deployment import Kind, World
from eni_lint.model.identity import Literal, Managed, Members, Symbol, Token, equal, is_empty, label, members, only
from eni_lint.model.network import GatewayAttachment, Nat, Route
from eni_lint.model.subject import Subject

MOST_NAMED = 4


class Way(Enum):
    """Where a subnet's traffic for the internet goes."""

    NAT = "a NAT"
    INTERNET = "an internet gateway"
    EGRESS_ONLY = "an egress-only gateway"
    BEYOND = "another network"
    DEAD_END = "a dead end"
    NOWHERE = "nowhere"
    OPEN = "not known"


CERTAIN = tuple(way for way in Way if way is not Way.OPEN)


class Fault(Enum):
    """Why a default route that has a target leads nowhere."""

    LEADS_NOWHERE = "nat_leads_nowhere"
    PRIVATE = "private_nat"
    NO_ADDRESS = "no_address"
    UNATTACHED = "gateway_unattached"
    WRONG_TARGET = "wrong_target"
    CHECKS_SOURCE = "checks_source"


class WayOut(Struct, frozen=True):
    """Where one subnet's traffic for the internet goes, and why.

    `table` names the table that decides, `route` is the address of its default route and `target` what that points
    at; `towards` says why nobody can tell what that is. A dead end has a `fault`, and `at` is the resource that has
    it. `doubt` says what leaves the kind open, or whether what is behind the target works; `others` are kinds that it
    may be instead.
    """

    kind: Way
    because: tuple[Because, ...] = ()
    table: str = ""
    route: str = ""
    target: str = ""
    fault: Fault | None = None
    at: str = ""
    doubt: Unknown | None = None
    towards: Unknown | None = None
    others: tuple[Way, ...] = ()

    @property
    def answer(self) -> Answer:
        """Answer whether a function in the subnet gets out here."""
        if self.kind in (Way.INTERNET, Way.NOWHERE, Way.DEAD_END):
            return No(self.because)
        return Yes(self.because) if self.doubt is None else self.doubt

    @property
    def kinds(self) -> tuple[Way, ...]:
        """List what the way may turn out to be: a NAT or gateway that is not known to work may be a dead end."""
        match self.kind:
            case Way.OPEN:
                return CERTAIN
            case Way.NAT | Way.INTERNET if self.doubt is not None:
                return (self.kind, Way.DEAD_END, *self.others)
            case kind:
                return (kind, *self.others)

    def leads(self, *kinds: Way) -> Answer:
        """Answer whether the way is of one of these kinds."""
        possible = [kind in kinds for kind in self.kinds]
        if all(possible) or not any(possible):
            return Yes(self.because) if all(possible) else No(self.because)
        return No(self.because) if self.doubt is None else self.doubt


class Ways(Struct, frozen=True):
    """The ways out of a set of subnets: of those that are certainly in it, of candidates, and why there may be more."""

    sure: tuple[tuple[Token, WayOut], ...] = ()
    maybe: tuple[tuple[Token, WayOut], ...] = ()
    rest: Unknown | None = None

    def of(self, *kinds: Way) -> tuple[tuple[Token, WayOut], ...]:
        """List the subnets that are certainly in the set and certainly lead there, with their ways, by name."""
        return tuple(pair for pair in sorted(self.sure, key=_by_name) if isinstance(pair[1].leads(*kinds), Yes))

    def doubts(self, *kinds: Way) -> tuple[Unknown, ...]:
        """List what leaves open whether some subnet of the set leads there, each missing fact once."""
        return tuple({unknown.key: unknown for unknown in self._doubts(kinds)}.values())

    @property
    def subject(self) -> Subject:
        """Name the subnets as the cause that functions in all of them share."""
        return Subject("subnets", ", ".join(sorted(label(token) for token, _ in (*self.sure, *self.maybe))))

    @property
    def alike(self) -> bool:
        """Tell whether all of the subnets certainly have one table, wherever that leads."""
        tables = {way.table for _, way in (*self.sure, *self.maybe)}
        return self.rest is None and len(tables) <= 1 and "" not in tables

    def _doubts(self, kinds: tuple[Way, ...]) -> Iterator[Unknown]:
        for _, way in sorted((*self.sure, *self.maybe), key=_by_name):
            if isinstance(answer := way.leads(*kinds), Unknown):
                yield answer
        for token, way in sorted(self.maybe, key=_by_name):
            if isinstance(way.leads(*kinds), Yes):
                yield Unknown(Why.CONDITION, f"whether {label(token)} is used")
        if self.rest is not None:
            yield self.rest


def listed(names: Iterable[str]) -> str:
    """List names in a sentence, each once.

    >>> listed(["b", "a"]), listed(["a", "b", "c", "d", "e"])
    ('a and b', 'a, b, c and 2 more')
    """
    unique = sorted(set(names))
    if len(unique) > MOST_NAMED:
        unique = [*unique[: MOST_NAMED - 1], f"{len(unique) - MOST_NAMED + 1} more"]
    return " and ".join(part for part in (", ".join(unique[:-1]), *unique[-1:]) if part)


def _by_name(pair: tuple[Token, WayOut]) -> str:
    return label(pair[0])


# Where a function's traffic certainly cannot get out over IPv4.
SHUT = (Way.NOWHERE, Way.INTERNET, Way.DEAD_END)
# Where a function's traffic is worst off comes first: halves of one default route that differ count as their worst.
WORST_FIRST = (Way.DEAD_END, Way.NOWHERE, Way.INTERNET, Way.OPEN, Way.BEYOND, Way.EGRESS_ONLY, Way.NAT)


class Routes:
    """The ways out of the subnets of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tables = Tables(world)
        self._attachments = Index[GatewayAttachment](world.gateway_attachments, lambda one: one.gateway)
        self._known: dict[tuple[Token, bool], WayOut] = {}

    def ways_of(self, function: Function) -> Ways:
        """Give the ways out of all subnets of a function; none where it is not in a VPC."""
        match function.attachment:
            case Absent():
                return Ways()
            case Unknown() as unknown:
                return Ways(rest=unknown)
            case Attachment(subnets=subnets, dual_stack=dual_stack):
                return Ways(
                    sure=tuple((token, self._way_of(token, dual_stack)) for token in subnets.sure),
                    maybe=tuple((token, self._way_of(token, dual_stack)) for token in subnets.maybe),
                    rest=subnets.rest,
                )

    def functions_in(self, vpc: Members) -> list[Function]:
        """List the functions that are or may be in a VPC, by address."""
        by_vpc, loose = self._by_vpc
        if not vpc.exact or len(vpc.sure) != 1 or isinstance(vpc.sure[0], Symbol):
            found = {one.address: one for one in (*loose, *(f for known in by_vpc.values() for f in known))}
        else:
            found = {one.address: one for one in (*loose, *by_vpc.get(vpc.sure[0], ()))}
        return [found[address] for address in sorted(found)]

    @cached_property
    def _by_vpc(self) -> tuple[dict[Token, list[Function]], list[Function]]:
        """Divide the functions by their VPCs; those whose VPC is open stand apart."""
        by_vpc: dict[Token, list[Function]] = {}
        loose: list[Function] = []
        for function in self.world.functions.values():
            ways = self.ways_of(function)
            vpcs = [self.tables.vpc_of(token) for token, _ in (*ways.sure, *ways.maybe)]
            if ways.rest is not None or any(isinstance(vpc, Unknown | Symbol) for vpc in vpcs):
                loose.append(function)
            for vpc in dict.fromkeys(vpcs):
                if not isinstance(vpc, Unknown):
                    by_vpc.setdefault(vpc, []).append(function)
        return by_vpc, loose

    def _way_of(self, subnet: Token, dual_stack: bool | Unknown) -> WayOut:
        """Give the way out of a subnet for a function, which has IPv6 only where it is allowed to."""
        way = self.way_out(subnet)
        if dual_stack is False or way.kind not in (Way.NOWHERE, Way.INTERNET):
            return way
        second = self.way_out_v6(subnet)
        if second.kind == Way.NOWHERE:
            return way
        if isinstance(dual_stack, Unknown):
            return replace(second, kind=Way.OPEN, doubt=dual_stack)
        return second if second.kind in (Way.EGRESS_ONLY, Way.OPEN) else replace(second, kind=Way.BEYOND)

    def way_out(self, subnet: Token) -> WayOut:
        """Give where a subnet's IPv4 traffic for the internet goes."""
        return self._remembered(subnet, v6=False)

    def way_out_v6(self, subnet: Token) -> WayOut:
        """Give where a subnet's IPv6 traffic for the internet goes."""
        return self._remembered(subnet, v6=True)

    def _remembered(self, subnet: Token, v6: bool) -> WayOut:
        if (subnet, v6) not in self._known:
            self._known[subnet, v6] = self._way(subnet, v6, frozenset())
        return self._known[subnet, v6]

    def _way(self, subnet: Token, v6: bool, passed: frozenset[str]) -> WayOut:
        table = self.tables.table_of(subnet)
        if isinstance(table, Unknown):
            return WayOut(Way.OPEN, table=self.tables.main_name(subnet), doubt=table)
        leaders = self._default_routes(table, v6)
        if isinstance(leaders, Unknown):
            return WayOut(Way.OPEN, table=self.tables.name_of(table), doubt=leaders)
        if not leaders:
            name = self.tables.name_of(table)
            address = label(table)
            return WayOut(Way.NOWHERE, (Because(f"{name} has no default route", address, "routes"),), name)
        return _worst([self._along(route, table, passed) for route in leaders])

    def _default_routes(self, table: Token, v6: bool) -> tuple[Route, ...] | Unknown:
        """Give the routes that carry traffic for the internet at large, none where there certainly are none."""
        everywhere, *halves = ("::/0", "::/1", "8000::/1") if v6 else ("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1")
        routes = self.tables.routes_of(table)
        default = tuple(r for r in routes if r.destination == everywhere)
        split = [tuple(r for r in routes if r.destination == half) or default for half in halves]
        if all(split):
            return tuple(dict.fromkeys(route for half in split for route in half))
        opened = self._why_no_default_is_open(table, routes, v6)
        return () if opened is None else opened

    def _why_no_default_is_open(self, table: Token, routes: tuple[Route, ...], v6: bool) -> Unknown | None:
        for route in sorted(routes, key=lambda r: r.address):
            if isinstance(route.destination, Unknown):
                return route.destination
            if _may_lead_out(route, route.destination, v6):
                return Unknown(Why.NOT_SHOWN, route.destination, "which addresses it holds", route.address)
        opened = self.tables.openness(table)
        if opened is not None:
            return opened
        propagates = self.tables.propagates(table)
        if propagates is True:
            return Unknown(Why.ELSEWHERE, f"the routes that {label(table)} learns", address=label(table))
        return propagates if isinstance(propagates, Unknown) else None

    def _along(self, route: Route, table: Token, passed: frozenset[str]) -> WayOut:
        target = only(route.target)
        here = WayOut(
            Way.BEYOND,
            (Because(f"{self.tables.name_of(table)} sends {route.destination} to {_named(target)}", route.address),),
            table=self.tables.name_of(table),
            route=route.address,
            target=_named(target),
            doubt=target if isinstance(target, Unknown) else elsewhere(target),
            towards=_why_open(target),
        )
        kind = self._kind_of(route, target)
        if kind in ("nat", "internet") and _is_given_as_other(route, kind):
            says = f"{here.target} is given as {route.given_as}"
            return _dead_end(here, Fault.WRONG_TARGET, route.address, says)
        match kind:
            case Unknown() as unknown:
                return replace(here, kind=Way.OPEN, doubt=unknown)
            case "nat":
                return self._through_nat(here, target, passed)
            case "internet":
                return self._through_gateway(here, target, table)
            case "egress_only":
                return replace(here, kind=Way.EGRESS_ONLY, doubt=None)
            case "instance" | "interface":
                return self._through_appliance(here, target)
            case "gateway" if isinstance(target, Unknown | Symbol):
                return replace(here, kind=Way.OPEN)
            case "private":
                return replace(here, others=(Way.NAT,))
            case "isolated":
                return replace(here, others=(Way.NAT, Way.DEAD_END, Way.NOWHERE))
            case _:
                return here

    def _kind_of(self, route: Route, target: Token | Unknown) -> str | Unknown:
        """Give what a route points at: what stands under the target's address decides, then what the route says."""
        if not isinstance(target, Unknown):
            gateway = self.world.gateways.get(label(target))
            if gateway is not None:
                return "egress_only" if gateway.egress_only else "internet"
            if label(target) in self.world.nats:
                return "nat"
            if label(target) in self.world.appliances:
                return "instance"
            for prefix, kind in (("nat-", "nat"), ("igw-", "internet")):
                if isinstance(target, Literal) and target.value.startswith(prefix):
                    return kind
        return route.target_kind

    def _through_nat(self, here: WayOut, target: Token | Unknown, passed: frozenset[str]) -> WayOut:
        if here.towards is not None:
            return self._through_some(here, passed)
        nat = None if isinstance(target, Unknown) else self.world.nats.get(label(target))
        if nat is None:
            # A NAT that lives elsewhere is taken to work: it exists, and its chain is somebody else's.
            return replace(here, kind=Way.NAT, doubt=None)
        if nat.address in passed:
            return _dead_end(here, Fault.LEADS_NOWHERE, nat.address, f"the way out of {nat.address} leads back to it")
        if isinstance(nat.subnet, Absent):
            return self._through_regional(here, nat)
        return self._through_zonal(here, nat, only(nat.subnet), passed)

    def _through_some(self, here: WayOut, passed: frozenset[str]) -> WayOut:
        """Judge a NAT that nobody can identify: it may be any that stands here, or one that lives elsewhere."""
        known = replace(here, towards=None)
        ways = [self._through_nat(known, Managed(address), passed) for address in self.world.nats]
        kinds = {kind for way in ways for kind in way.kinds} | {Way.NAT}
        if kinds == {Way.NAT}:
            return replace(here, kind=Way.NAT, doubt=None)
        return replace(here, kind=Way.NAT if kinds <= {Way.NAT, Way.DEAD_END} else Way.OPEN, doubt=here.towards)

    def _through_regional(self, here: WayOut, nat: Nat) -> WayOut:
        through = replace(here, kind=Way.NAT, doubt=None)
        vpc = only(nat.vpc) if isinstance(nat.vpc, Members) else Unknown(Why.NOT_SHOWN, f"the VPC of {nat.address}")
        if isinstance(vpc, Unknown | Symbol):
            return replace(through, doubt=vpc if isinstance(vpc, Unknown) else vpc.unknown)
        stated = self.world.vpcs.get(label(vpc))
        if stated is None or not stated.created_here:
            # A VPC that lives elsewhere is taken to have its gateway.
            return through
        gateways = [Managed(g.address) for g in self.world.gateways.values() if not g.egress_only]
        match any_of(self._is_attached(gateway, members(vpc)) for gateway in gateways):
            case No() if not self.world.knows_whole(Kind.GATEWAYS, vpc):
                return replace(through, doubt=elsewhere(vpc))
            case No():
                return _dead_end(here, Fault.LEADS_NOWHERE, nat.address, f"{label(vpc)} has no internet gateway")
            case Unknown() as unknown:
                return replace(through, doubt=unknown)
            case Yes():
                return through

    def _through_zonal(self, here: WayOut, nat: Nat, subnet: Token | Unknown, passed: frozenset[str]) -> WayOut:
        doubt = nat.public if isinstance(nat.public, Unknown) else None
        if nat.public is True:
            match _has_address(nat):
                case No():
                    return _dead_end(here, Fault.NO_ADDRESS, nat.address, f"{nat.address} has no Elastic IP address")
                case Unknown() as unknown:
                    doubt = unknown
                case Yes():
                    pass
        through = replace(here, kind=Way.NAT, doubt=doubt)
        if isinstance(subnet, Unknown):
            return replace(through, doubt=subnet)
        return _behind(through, nat, subnet, self._way(subnet, v6=False, passed=passed | {nat.address}))

    def _through_gateway(self, here: WayOut, target: Token | Unknown, table: Token) -> WayOut:
        found = replace(here, kind=Way.INTERNET, doubt=None)
        if isinstance(target, Unknown | Symbol):
            return replace(found, doubt=target if isinstance(target, Unknown) else target.unknown)
        if label(target) not in self.world.gateways:
            return found
        stated = self.world.tables.get(label(table))
        vpc = members(table) if stated is None else stated.vpc
        match self._is_attached(target, vpc):
            case Yes():
                return found
            case Unknown() as unknown:
                return replace(found, doubt=unknown)
            case No():
                says = f"{label(target)} is not attached to {listed(map(label, vpc.sure))}"
                return _dead_end(here, Fault.UNATTACHED, label(target), says)

    def _is_attached(self, gateway: Token, vpc: Members) -> Answer:
        """Answer whether an internet gateway is attached to a VPC; two links with one unknown lead to one VPC."""
        stated = self.world.gateways[label(gateway)]
        links = [] if isinstance(stated.vpc, Absent) else [stated.vpc]
        links += [one.vpc for one in self._attachments.of(gateway)]
        links += [Members(rest=unknown) for _, unknown in self._attachments.doubts(gateway)]
        if links:
            return any_of(equal(link, vpc) for link in links)
        token = only(vpc)
        if isinstance(token, Unknown):
            return token
        return No() if self.world.knows_whole(Kind.GATEWAYS, token) else elsewhere(token)

    def _through_some_appliance(self, here: WayOut) -> WayOut:
        """Judge an instance that nobody can identify: it may be any that stands here."""
        if all(one.checks_source is False for one in self.world.appliances.values()):
            return replace(here, others=(Way.NAT,) if self.world.appliances else ())
        return replace(here, kind=Way.OPEN)

    def _through_appliance(self, here: WayOut, target: Token | Unknown) -> WayOut:
        appliance = None if isinstance(target, Unknown) else self.world.appliances.get(label(target))
        if appliance is None:
            return here if here.towards is None else self._through_some_appliance(here)
        match appliance.checks_source:
            case False:
                return replace(here, kind=Way.NAT, doubt=None)
            case True:
                says = f"{here.target} checks the source and destination of traffic, and drops what it should forward"
                return _dead_end(here, Fault.CHECKS_SOURCE, here.target, says)
            case Unknown() as unknown:
                return replace(here, kind=Way.OPEN, doubt=unknown)


def _worst(ways: list[WayOut]) -> WayOut:
    """Choose the worst of the ways of several halves of one default route, which a doubt may make yet worse."""
    faults = {fault: number for number, fault in enumerate((*Fault, None))}
    worst = min(ways, key=lambda way: (WORST_FIRST.index(way.kind), faults[way.fault], way.route, way.target))
    for way in ways:
        worse = tuple(kind for kind in way.kinds if WORST_FIRST.index(kind) < WORST_FIRST.index(worst.kind))
        if worse and way is not worst:
            return replace(worst, others=worse, doubt=way.doubt)
    return worst


def _is_given_as_other(route: Route, kind: str) -> bool:
    """Tell whether a route names a NAT where a gateway belongs, or a gateway where a NAT does."""
    return bool(route.given_as) and (kind == "nat") != ("nat" in route.given_as.lower())


def _behind(through: WayOut, nat: Nat, subnet: Token, inner: WayOut) -> WayOut:
    """Judge a NAT by the way out of the subnet that it stands in.

    Behind a NAT, another network may hold a firewall or a central way out; both are documented designs:
    https://docs.aws.amazon.com/network-firewall/latest/developerguide/arch-igw-ngw.html.
    """
    because = (*through.because, Because(f"{nat.address} stands in {label(subnet)}", nat.address, "subnet"))
    through = replace(through, because=because)
    match inner.kind:
        case Way.NOWHERE:
            return _dead_end(through, Fault.LEADS_NOWHERE, nat.address, *_says(inner))
        case Way.DEAD_END:
            fault = inner.fault if inner.fault in (Fault.UNATTACHED, Fault.WRONG_TARGET) else Fault.LEADS_NOWHERE
            return _dead_end(through, fault, inner.at, *_says(inner))
        case Way.INTERNET if nat.public is False:
            return _dead_end(through, Fault.PRIVATE, nat.address, f"{nat.address} is a private NAT", *_says(inner))
        case Way.BEYOND | Way.OPEN if nat.public is False:
            return replace(through, kind=inner.kind, doubt=inner.doubt)
        case Way.INTERNET | Way.OPEN:
            return replace(through, doubt=through.doubt if inner.doubt is None else inner.doubt)
        case Way.NAT if inner.doubt is not None:
            return replace(through, doubt=inner.doubt)
        case Way.BEYOND | Way.NAT | Way.EGRESS_ONLY:
            return through


def _says(way: WayOut) -> tuple[str, ...]:
    return tuple(because.says for because in way.because)


def _dead_end(here: WayOut, fault: Fault, at: str, *says: str) -> WayOut:
    because = (*here.because, *(Because(text, at) for text in says))
    return replace(here, kind=Way.DEAD_END, because=because, fault=fault, at=at, doubt=None)


def _has_address(nat: Nat) -> Answer:
    match nat.allocation:
        case Absent():
            return No()
        case Unknown() as unknown:
            return unknown
        case Members() as allocation:
            return negate(is_empty(allocation))


def _why_open(target: Token | Unknown) -> Unknown | None:
    if isinstance(target, Unknown):
        return target
    return target.unknown if isinstance(target, Symbol) else None


def _named(target: Token | Unknown) -> str:
    return target.key if isinstance(target, Unknown) else label(target)


def _may_lead_out(route: Route, destination: str, v6: bool) -> bool:
    """Tell whether a route that is no default route may hold public addresses and lead them out of the VPC."""
    if route.target_kind in ("local", "endpoint", "peering"):
        return False
    if "/" not in destination:
        return not v6
    if (":" in destination) != v6:
        return False
    return not ip_network(destination, strict=False).is_private
