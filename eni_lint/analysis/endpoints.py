"""VPC endpoints: which services they serve, and whether they work for a function.

https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.analysis.egress import GATEWAY_SERVICE, HTTPS, Egress, Peer
from eni_lint.analysis.elsewhere import elsewhere
from eni_lint.analysis.routes import Routes
from eni_lint.analysis.routes.tables import Index
from eni_lint.data.endpoints import endpoints_of, has_gateway, normalise_service
from eni_lint.model.answer import Answer, Because, No, Unknown, Why, Yes, all_of, any_of
from eni_lint.model.compute import Attachment, Function
from eni_lint.model.deployment import Kind, World
from eni_lint.model.identity import (
    Managed,
    Members,
    Symbol,
    Token,
    contains,
    is_empty,
    label,
    members,
    only,
    openness,
)
from eni_lint.model.network import Endpoint, EndpointLink, Group, Vpc

# Cassandra's own port; every other service is called over HTTPS.
PORTS = {"cassandra": 9142}


class Offer(Struct, frozen=True):
    """The endpoints that a VPC certainly has, the services that they are for, and why there may be more."""

    endpoints: tuple[Endpoint, ...]
    names: dict[str, str]
    unseen: Unknown | None


class Endpoints:
    """The endpoints of one world, with what links join to them."""

    def __init__(self, world: World, routes: Routes, egress: Egress) -> None:
        self._world = world
        self._routes = routes
        self._egress = egress
        self._links = Index[EndpointLink](world.endpoint_links, lambda link: link.endpoint)
        self._folded = {address: self._fold(one) for address, one in sorted(world.endpoints.items())}
        self._by_vpc = Index[Endpoint](self._folded.values(), lambda one: one.vpc)
        self._offers: dict[Token, Offer] = {}
        self._default_groups = Index[Group]((g for g in world.groups.values() if g.default), lambda group: group.vpc)

    def endpoint(self, address: str) -> Endpoint | None:
        """Give an endpoint with everything that separate resources join to it, None where it does not stand."""
        return self._folded.get(address)

    def of(self, vpc: Token) -> tuple[Endpoint, ...]:
        """List the endpoints that certainly belong to a VPC, by address."""
        return self._offer(vpc).endpoints

    def perhaps_of(self, vpc: Token | Unknown) -> tuple[Endpoint, ...]:
        """List the endpoints that belong to a VPC or may, by address; all where the VPC itself is open."""
        if isinstance(vpc, Unknown | Symbol):
            return tuple(self._folded.values())
        found = (*self._by_vpc.of(vpc), *(one for one, _ in self._by_vpc.doubts(vpc)))
        return tuple(sorted(found, key=lambda one: one.address))

    def openness(self, vpc: Token) -> Unknown | None:
        """Say why a VPC may have endpoints that nobody sees here, or None when they are known whole."""
        return self._offer(vpc).unseen

    def offered(self, function: Function, subnet: Token, service: str) -> tuple[Endpoint, ...]:
        """List the endpoints for a service in the VPC of a subnet, whether they work or not."""
        vpc = self._routes.tables.vpc_of(subnet)
        names = endpoints_of(service)
        if isinstance(vpc, Unknown) or names is None:
            return ()
        offer = self._offer(vpc)
        return tuple(one for one in offer.endpoints if offer.names[one.address] in names and _is_near(one, function))

    def serves(self, function: Function, subnet: Token, service: str) -> Answer:
        """Answer whether an endpoint carries a function's calls from a subnet to a service.

        The service is an IAM prefix or an action of it.
        """
        names = endpoints_of(service)
        if names is None:
            return Unknown(Why.UNSUPPORTED, f"which endpoint serves {service}")
        return self.carries(function, subnet, names)

    def carries(self, function: Function, subnet: Token, names: tuple[str, ...]) -> Answer:
        """Answer whether an endpoint of one of these services works for a function in a subnet."""
        if not names:
            return No()
        vpc = self._routes.tables.vpc_of(subnet)
        if isinstance(vpc, Unknown):
            return vpc
        offer = self._offer(vpc)
        answers: list[Answer] = []
        for one in offer.endpoints:
            if isinstance(one.service, Unknown):
                answers.append(one.service)
            elif offer.names[one.address] in names and _is_near(one, function):
                answers.append(self.works(one, function, subnet))
        return any_of(answers if offer.unseen is None else [*answers, offer.unseen])

    def _offer(self, vpc: Token) -> Offer:
        if vpc not in self._offers:
            own = [(one, contains(one.vpc, vpc)) for one in self.perhaps_of(vpc)]
            unknowns = [answer for _, answer in own if isinstance(answer, Unknown)]
            endpoints = tuple(one for one, answer in own if isinstance(answer, Yes))
            names = {one.address: service_name(one) for one in endpoints}
            self._offers[vpc] = Offer(endpoints, names, unknowns[0] if unknowns else self._unseen(vpc))
        return self._offers[vpc]

    def _unseen(self, vpc: Token) -> Unknown | None:
        if self._world.knows_whole(Kind.ENDPOINTS, vpc):
            return None
        if vpc in self._world.exported:
            return Unknown(Why.ELSEWHERE, label(vpc), "whether another stack adds endpoints to it", label(vpc))
        return elsewhere(vpc)

    def works(self, endpoint: Endpoint, function: Function, subnet: Token) -> Answer:
        """Answer whether an endpoint works for a function in a subnet."""
        if isinstance(endpoint.kind, Unknown):
            return endpoint.kind
        if endpoint.kind == "gateway":
            reached = self.is_in_table_of(endpoint, subnet)
        else:
            reached = all_of((self.resolves(endpoint, function), self.lets_in(endpoint, function, subnet)))
        return all_of((self.type_exists(endpoint), reached, self.lets_out(endpoint, function)))

    def is_in_table_of(self, endpoint: Endpoint, subnet: Token) -> Answer:
        """Answer whether a gateway endpoint stands in the route table that serves a subnet."""
        table = self._routes.tables.table_of(subnet)
        if isinstance(table, Unknown):
            return table
        tokens = self._routes.tables.tokens_of(table)
        answer = any_of(contains(endpoint.tables, token) for token in tokens)
        if isinstance(answer, No):
            name = self._routes.tables.name_of(table)
            return No(
                (Because(f"{endpoint.address} is not in {name}, which serves {label(subnet)}", endpoint.address),)
            )
        return answer

    def resolves(self, endpoint: Endpoint, function: Function) -> Answer:
        """Answer whether the names that a function calls lead to an interface endpoint."""
        match endpoint.private_dns:
            case True:
                return self.has_dns_attributes(endpoint)
            case False:
                return _names(function, endpoint)
            case Unknown() as unknown:
                return unknown

    def has_dns_attributes(self, endpoint: Endpoint) -> Answer:
        """Answer whether the VPC of an endpoint with private DNS has the DNS attributes that it needs."""
        token = only(endpoint.vpc)
        if isinstance(token, Unknown):
            return token
        vpc = self._world.vpcs.get(label(token))
        if vpc is None:
            return elsewhere(token)
        return all_of(_is_on(name, value, vpc) for name, value in _dns_attributes(vpc))

    def lets_in(self, endpoint: Endpoint, function: Function, subnet: Token) -> Answer:
        """Answer whether the groups of an interface endpoint let a function in from a subnet."""
        if not isinstance(function.attachment, Attachment):
            return function.attachment if isinstance(function.attachment, Unknown) else No()
        stated = self._world.subnets.get(label(subnet))
        cidr = elsewhere(subnet) if stated is None else stated.cidr
        peer = Peer(groups=function.attachment.groups, cidrs=(cidr,))
        groups = self.groups_of(endpoint)
        if isinstance(groups, Unmentioned):
            return groups.lets_in(function.attachment.groups)
        return self._egress.lets_in(groups, _port(endpoint), peer)

    def groups_of(self, endpoint: Endpoint) -> Members | Unmentioned:
        """Give the groups that guard an endpoint: its own, else the default one of its VPC."""
        if not isinstance(is_empty(endpoint.groups), Yes):
            return endpoint.groups
        vpc = only(endpoint.vpc)
        if isinstance(vpc, Unknown):
            return Members(rest=vpc)
        default = self._default_groups.of(vpc)
        if default:
            return members(*(Managed(group.address) for group in default))
        stated = self._world.vpcs.get(label(vpc))
        if stated is None or not stated.created_here or vpc in self._world.exported:
            return Members(rest=elsewhere(vpc))
        return Unmentioned(label(vpc))

    def lets_out(self, endpoint: Endpoint, function: Function) -> Answer:
        """Answer whether the groups of a function let it out to an endpoint."""
        if not isinstance(function.attachment, Attachment):
            return function.attachment if isinstance(function.attachment, Unknown) else No()
        groups = function.attachment.groups
        if endpoint.kind == "gateway":
            return self._egress.lets_out(groups, HTTPS, GATEWAY_SERVICE)
        guards = self.groups_of(endpoint)
        stated = [(token, self._world.subnets.get(label(token))) for token in endpoint.subnets.seen]
        cidrs = tuple(elsewhere(token) if subnet is None else subnet.cidr for token, subnet in stated)
        rest = () if endpoint.subnets.rest is None else (endpoint.subnets.rest,)
        peer = Peer(groups=guards if isinstance(guards, Members) else Members(), cidrs=(*cidrs, *rest))
        return self._egress.lets_out(groups, _port(endpoint), peer)

    def type_exists(self, endpoint: Endpoint) -> Answer:
        """Answer whether a service has an endpoint of this type, given what this type takes."""
        if isinstance(endpoint.kind, Unknown):
            return endpoint.kind
        address = endpoint.address
        if endpoint.kind == "interface" and endpoint.tables.sure:
            return No((Because(f"{address} is an interface endpoint and is given a route table", address, "tables"),))
        if endpoint.kind != "gateway":
            return Yes()
        if isinstance(endpoint.service, Unknown):
            return endpoint.service
        if not has_gateway(endpoint.service):
            omitted = ", since its type is left out" if endpoint.kind_omitted else ""
            says = f"{address} is a gateway endpoint{omitted}, and {endpoint.service} has none"
            return No((Because(says, address, "kind"),))
        if endpoint.groups.sure or endpoint.subnets.sure:
            says = f"{address} is a gateway endpoint and is given subnets or security groups"
            return No((Because(says, address, "kind"),))
        return Yes()

    def _fold(self, endpoint: Endpoint) -> Endpoint:
        token = Managed(endpoint.address)
        links = self._links.of(token)
        doubts = self._links.doubts(token)
        return replace(
            endpoint,
            tables=_joined(endpoint.tables, "table", links, doubts),
            subnets=_joined(endpoint.subnets, "subnet", links, doubts),
            groups=_joined(endpoint.groups, "group", links, doubts),
        )


class Unmentioned(Struct, frozen=True):
    """The default group of a VPC that is made here, which nothing here states: it admits its own members only."""

    vpc: str

    def lets_in(self, groups: Members) -> Answer:
        """Answer whether it lets in a function with these groups, none of which is it."""
        opened = openness(groups)
        for token in groups.sure:
            if isinstance(token, Symbol):
                opened = token.unknown
        says = f"the default group of {self.vpc} lets in its own members only"
        return No((Because(says, self.vpc),)) if opened is None else opened


def service_name(endpoint: Endpoint) -> str:
    """Name the service that an endpoint is for, empty where that is open; a FIPS endpoint is for the same service."""
    return "" if isinstance(endpoint.service, Unknown) else normalise_service(endpoint.service).removesuffix("-fips")


def _is_near(endpoint: Endpoint, function: Function) -> bool:
    """Tell whether an endpoint is for the service in the function's own region."""
    return len({region for region in (endpoint.region, function.scope.region) if region}) < 2


def _joined(
    own: Members, joins: str, links: Iterable[EndpointLink], doubts: Iterable[tuple[EndpointLink, Unknown]]
) -> Members:
    """Add to a link of an endpoint what separate resources join to it, or may join."""
    added = [link.target for link in links if link.joins == joins]
    maybe = [(link.target.seen, unknown) for link, unknown in doubts if link.joins == joins]
    rests = [rest for rest in (own.rest, *(one.rest for one in added)) if rest is not None]
    sure = dict.fromkeys((*own.sure, *(token for one in added for token in one.sure)))
    candidates = (*own.maybe, *(t for one in added for t in one.maybe), *(t for seen, _ in maybe for t in seen))
    rest = rests[0] if rests else (maybe[0][1] if maybe else None)
    return Members(sure=tuple(sure), maybe=tuple(dict.fromkeys(candidates)), rest=rest)


def _dns_attributes(vpc: Vpc) -> tuple[tuple[str, bool | Unknown], ...]:
    return (("DNS support", vpc.dns_support), ("DNS host names", vpc.dns_hostnames))


def _is_on(name: str, value: bool | Unknown, vpc: Vpc) -> Answer:
    match value:
        case True:
            return Yes()
        case False:
            return No((Because(f"{vpc.address} has {name} off", vpc.address),))
        case Unknown():
            return value


def _names(function: Function, endpoint: Endpoint) -> Answer:
    """Answer whether a function's environment names an endpoint, which has then no need of private DNS."""
    environment = function.environment
    if not isinstance(environment, Unknown):
        for variable in environment:
            named = isinstance(variable.value, str) and "vpce-" in variable.value
            if named or Managed(endpoint.address) in variable.refers_to:
                return Yes((Because(f"{variable.name} names {endpoint.address}", function.address, "environment"),))
    return Unknown(Why.NOT_SHOWN, f"whether {function.address} calls {endpoint.address} by the endpoint's own name")


def _port(endpoint: Endpoint) -> int:
    return HTTPS if isinstance(endpoint.service, Unknown) else PORTS.get(endpoint.service, HTTPS)
