"""What security groups let out and in: the rules of all groups of an interface add up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network

from msgspec import Struct

from eni_lint.analysis.elsewhere import elsewhere
from eni_lint.analysis.routes.tables import Index
from eni_lint.model.answer import Answer, Because, No, Unknown, Why, Yes, all_of, any_of
from eni_lint.model.deployment import Kind, World
from eni_lint.model.identity import NOBODY, Members, Token, contains, is_empty, label, openness
from eni_lint.model.network import GroupRule

HTTPS = 443
PROXY_PORTS = (3128, 8080)


class Peer(Struct, frozen=True):
    """What is at the other end: by its groups, by its addresses, or as some address of the internet.

    `listed` tells that its addresses may be in prefix lists, whose content nobody sees. `gateway` tells that it is a
    service with a gateway endpoint, which is what prefix lists in such rules are for.
    """

    groups: Members = NOBODY
    cidrs: tuple[str | Unknown, ...] = ()
    public: bool = False
    listed: bool = False
    gateway: bool = False


INTERNET = Peer(public=True, listed=True)
GATEWAY_SERVICE = Peer(public=True, gateway=True)


class Egress:
    """What the groups of one world let through."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._out = Index[GroupRule]((r for r in world.group_rules if r.egress), lambda rule: rule.group)
        self._in = Index[GroupRule]((r for r in world.group_rules if not r.egress), lambda rule: rule.group)

    def is_closed(self, groups: Members) -> Answer:
        """Answer whether a set of groups lets nothing out at all; a set without groups is no subject."""
        if not groups.seen and groups.rest is None:
            return No()
        opened = openness(groups)
        answers = [self._has_no_rules(token) for token in sorted(groups.sure, key=label)]
        return all_of(answers if opened is None else [*answers, opened])

    def lets_out(self, groups: Members, port: int, peer: Peer) -> Answer:
        """Answer whether a set of groups lets TCP traffic for a port out to a peer."""
        return self._lets(self._out, Kind.EGRESS, groups, port, peer)

    def opens(self, groups: Members, port: int) -> Answer:
        """Answer whether a set of groups lets TCP traffic for a port out to anything at all."""
        if not groups.seen and groups.rest is None:
            return Yes()
        opened = openness(groups)
        answers = [self._group_opens(token, port) for token in sorted(groups.sure, key=label)]
        return any_of(answers if opened is None else [*answers, opened])

    def _group_opens(self, group: Token, port: int) -> Answer:
        certain = any_of(_admits_port(rule, port) for rule in self._out.of(group))
        if not isinstance(certain, No):
            return certain
        for rule, unknown in self._out.doubts(group):
            if not isinstance(_admits_port(rule, port), No):
                return unknown
        return No() if self._world.knows_whole(Kind.EGRESS, group) else _open(self._world, group)

    def lets_in(self, groups: Members, port: int, peer: Peer) -> Answer:
        """Answer whether a set of groups lets TCP traffic for a port in from a peer."""
        return self._lets(self._in, Kind.INGRESS, groups, port, peer)

    def leads_to_proxy(self, groups: Members) -> Answer:
        """Answer whether a group has an egress rule for the port of a proxy alone."""
        return any_of(all_of((answer, any_of(_belongs(rule, groups)))) for rule, answer in self._for_proxies)

    @cached_property
    def _for_proxies(self) -> list[tuple[GroupRule, Answer]]:
        judged = [(rule, _is_for_proxy(rule)) for rule in self._world.group_rules if rule.egress]
        return [(rule, answer) for rule, answer in judged if not isinstance(answer, No)]

    def _has_no_rules(self, group: Token) -> Answer:
        rules = self._out.of(group)
        if rules:
            return No((Because(f"{label(group)} lets traffic out", rules[0].address),))
        for _, unknown in self._out.doubts(group):
            return unknown
        if not self._world.knows_whole(Kind.EGRESS, group):
            return _open(self._world, group)
        return Yes((Because(f"{label(group)} lets nothing out", label(group)),))

    def _lets(self, index: Index[GroupRule], kind: Kind, groups: Members, port: int, peer: Peer) -> Answer:
        if not groups.seen and groups.rest is None:
            return Yes()
        answer = any_of(self._group_lets(index, kind, token, port, peer) for token in sorted(groups.sure, key=label))
        opened = openness(groups)
        return opened if isinstance(answer, No) and opened is not None else answer

    def _group_lets(self, index: Index[GroupRule], kind: Kind, group: Token, port: int, peer: Peer) -> Answer:
        certain = any_of(_admits(rule, group, port, peer) for rule in index.of(group))
        if not isinstance(certain, No):
            return certain
        for rule, unknown in index.doubts(group):
            if not isinstance(_admits(rule, group, port, peer), No):
                return unknown
        if not self._world.knows_whole(kind, group):
            return _open(self._world, group)
        direction = "egress" if kind is Kind.EGRESS else "ingress"
        return No((Because(f"{label(group)} has no {direction} rule for this on port {port}", label(group)),))


def _is_for_proxy(rule: GroupRule) -> Answer:
    for port in (rule.from_port, rule.to_port):
        if isinstance(port, Unknown):
            return port
    return Yes() if rule.from_port == rule.to_port and rule.from_port in PROXY_PORTS else No()


def _belongs(rule: GroupRule, groups: Members) -> Iterator[Answer]:
    """Answer for each group of a set whether a rule is one of its rules, and whether there may be more groups."""
    yield from (contains(rule.group, token) for token in groups.sure)
    opened = openness(groups)
    candidates = any_of(contains(rule.group, token) for token in groups.maybe)
    if opened is not None and (groups.rest is not None or not isinstance(candidates, No)):
        yield opened


def _open(world: World, group: Token) -> Unknown:
    if group in world.exported:
        return Unknown(Why.ELSEWHERE, label(group), "whether another stack adds rules to it", label(group))
    return elsewhere(group)


def _admits(rule: GroupRule, group: Token, port: int, peer: Peer) -> Answer:
    """Answer whether one rule lets TCP traffic for a port through to or from a peer."""
    return all_of((_admits_port(rule, port), any_of(_admits_peer(rule, group, peer))))


def _admits_port(rule: GroupRule, port: int) -> Answer:
    if rule.protocol == "-1":
        return Yes()
    if isinstance(rule.protocol, Unknown):
        return rule.protocol
    if rule.protocol not in ("tcp", "6"):
        return No()
    if isinstance(rule.from_port, Unknown):
        return rule.from_port
    if isinstance(rule.to_port, Unknown):
        return rule.to_port
    return Yes() if rule.from_port <= port <= rule.to_port else No()


def _admits_peer(rule: GroupRule, group: Token, peer: Peer) -> Iterator[Answer]:
    stated = f"{rule.address} admits it"
    yield from (_admits_cidr(cidr, peer, Yes((Because(stated, rule.address),))) for cidr in rule.cidrs)
    own = (group,) if rule.itself else ()
    for token in (*rule.peers.sure, *own):
        yield contains(peer.groups, token)
    if not rule.peers.exact and not isinstance(is_empty(peer.groups), Yes):
        opened = openness(rule.peers)
        if opened is not None:
            yield opened
    lists = rule.prefix_lists.seen
    if peer.gateway and lists:
        yield Yes()
    if peer.listed and (lists or rule.prefix_lists.rest is not None):
        opened = openness(rule.prefix_lists)
        yield Unknown(Why.ELSEWHERE, label(lists[0])) if lists or opened is None else opened


def _admits_cidr(cidr: str | Unknown, peer: Peer, yes: Yes) -> Answer:
    if isinstance(cidr, Unknown):
        return cidr
    rule = _network(cidr)
    if rule is None:
        return Unknown(Why.UNSUPPORTED, cidr)
    if peer.public:
        if rule.prefixlen == 0:
            return yes
        if not rule.is_private:
            return Unknown(Why.ELSEWHERE, f"whether {cidr} holds the address that is called")
    return any_of(_holds(rule, other, yes) for other in peer.cidrs)


def _holds(rule: IPv4Network | IPv6Network, other: str | Unknown, yes: Yes) -> Answer:
    if rule.prefixlen == 0:
        return yes
    if isinstance(other, Unknown):
        return other
    held = _network(other)
    if held is None:
        return Unknown(Why.UNSUPPORTED, other)
    if isinstance(rule, IPv4Network) and isinstance(held, IPv4Network):
        if held.subnet_of(rule):
            return yes
        return Unknown(Why.NOT_SHOWN, f"which address of {other} is called") if rule.subnet_of(held) else No()
    return No()


@cache
def _network(cidr: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(cidr, strict=False)
    except ValueError:
        return None
