"""Hyperplane network interfaces: one per unique pair of a subnet and a set of security groups.

Functions that have the same subnet and exactly the same groups share an interface, whatever the order in which
they list them: https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html. Counts are lower bounds
where ids are open, since two unknown ids may be one, and since Lambda adds interfaces above 65,000 connections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.analysis.elsewhere import elsewhere
from eni_lint.analysis.order import is_replaced
from eni_lint.analysis.routes.tables import Index
from eni_lint.model.answer import ABSENT, Absent, Answer, Because, No, Unknown, Why, Yes, all_of, any_of
from eni_lint.model.compute import Attachment, Function
from eni_lint.model.deployment import Kind, World
from eni_lint.model.identity import (
    Literal,
    Managed,
    Members,
    Symbol,
    Token,
    contains,
    equal,
    is_empty,
    label,
    openness,
    unknown_members,
)
from eni_lint.model.network import Group, GroupRule, Subnet
from eni_lint.model.place import Scope

if TYPE_CHECKING:
    from eni_lint.analysis.case import Case

MOST_SUBNETS = 16


class Placement(Struct, frozen=True):
    """One function's subnets and groups, both open where nobody knows whether it is in a VPC."""

    function: str
    subnets: Members
    groups: Members


class Count(Struct, frozen=True):
    """An interval: certainly at least, and at most (None: without a bound)."""

    least: int
    most: int | None


class GroupSet(Struct, frozen=True):
    """Functions of one network whose groups are the same set, as far as it is stated the same way."""

    groups: Members
    placements: tuple[Placement, ...]

    @property
    def functions(self) -> tuple[str, ...]:
        """List the functions that share this set."""
        return tuple(placement.function for placement in self.placements)

    @property
    def interfaces(self) -> Count:
        """Count the interfaces of these functions."""
        return _count_in_one_set(self.placements)


class Network(Struct, frozen=True):
    """Functions that share a VPC, or that share subnets where no VPC is known."""

    address: str
    scope: Scope
    placements: tuple[Placement, ...]
    vpc: Token | None = None

    @property
    def sets(self) -> tuple[GroupSet, ...]:
        """Divide the functions by their sets of groups, the most used first."""
        return _group_sets(self.placements)

    @property
    def interfaces(self) -> Count:
        """Count the interfaces of the network."""
        return count(self.placements)

    @property
    def shared(self) -> Count:
        """Count the interfaces that would do if all functions shared one set of groups."""
        return _count_in_one_set(self.placements)


class Interfaces:
    """The placements of the functions of one world, divided by network.

    `possible` holds one network per scope for the functions of which nobody knows whether they are in a VPC.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        placed = ((function, _placement(function)) for _, function in sorted(world.functions.items()))
        self.placements = {function.address: placement for function, placement in placed if placement is not None}
        opaque = {a for a in self.placements if isinstance(world.functions[a].attachment, Unknown)}
        self.networks = tuple(self._networks([p for p in self.placements.values() if p.function not in opaque]))
        self.possible = tuple(self._possible([p for p in self.placements.values() if p.function in opaque]))
        self._by_address = {network.address: network for network in (*self.possible, *self.networks)}

    def network(self, address: str) -> Network | None:
        """Find a network by its address."""
        return self._by_address.get(address)

    def around(self, network: Network) -> tuple[Network, ...]:
        """List the networks that may be one with another, since the VPC of either is open."""
        if network.vpc is not None and not isinstance(network.vpc, Symbol):
            others = [one for one in self._by_address.values() if one.vpc is None or isinstance(one.vpc, Symbol)]
        else:
            others = list(self._by_address.values())
        return tuple(one for one in others if one.scope == network.scope and one.address != network.address)

    def most(self, network: Network) -> int | None:
        """Count the interfaces of a network at most, with those of functions that may be in it."""
        return count(p for one in (network, *self.around(network)) for p in one.placements).most

    def open_facts(self, network: Network) -> Iterable[Unknown]:
        """List what keeps the count of a network from being exact."""
        yield from _doubts(network.placements)
        yield from _unplaced(p for other in self.around(network) for p in other.placements)

    def vpc_of(self, placement: Placement) -> Token | None:
        """Give the VPC of a function, None where its subnets and groups do not tell."""
        subnets = (self.world.subnets.get(t.address) for t in placement.subnets.seen if isinstance(t, Managed))
        groups = (self.world.groups.get(t.address) for t in placement.groups.seen if isinstance(t, Managed))
        of_subnets, of_groups = list(_vpcs(subnets)), list(_vpcs(groups))
        return _prevailing(of_subnets or of_groups, of_groups)

    def _networks(self, placements: list[Placement]) -> Iterable[Network]:
        """Join placements that share a VPC or a subnet, or the same open list of subnets."""
        joined = _Union()
        for placement in placements:
            scope = self.world.functions[placement.function].scope
            vpc = self.vpc_of(placement)
            keys = [("vpc", scope, label(vpc))] if vpc is not None else []
            keys.extend(("subnet", scope, label(token)) for token in placement.subnets.seen)
            if placement.subnets.rest is not None:
                keys.append(("open", scope, placement.subnets.rest.key))
            if vpc is None:
                keys.extend(("group", scope, label(token)) for token in placement.groups.seen)
            for key in keys:
                joined.join(("function", scope, placement.function), key)
        components: dict[object, list[Placement]] = {}
        for placement in placements:
            scope = self.world.functions[placement.function].scope
            components.setdefault(joined.root(("function", scope, placement.function)), []).append(placement)
        for component in components.values():
            ordered = tuple(sorted(component, key=lambda placement: placement.function))
            yield self._network(self.world.functions[ordered[0].function].scope, ordered)

    def _possible(self, placements: list[Placement]) -> Iterable[Network]:
        """Join the placements of each scope of which nothing is known."""
        by_scope: dict[Scope, list[Placement]] = {}
        for placement in placements:
            by_scope.setdefault(self.world.functions[placement.function].scope, []).append(placement)
        for scope, found in by_scope.items():
            yield self._network(scope, tuple(found))

    def _network(self, scope: Scope, placements: tuple[Placement, ...]) -> Network:
        vpc = _prevailing(vpc for placement in placements if (vpc := self.vpc_of(placement)) is not None)
        if vpc is not None:
            return Network(label(vpc), scope, placements, vpc)
        subnets = sorted({label(token) for placement in placements for token in placement.subnets.seen})
        opened = sorted({p.subnets.rest.key for p in placements if p.subnets.rest is not None})
        return Network(f"the VPC of {(opened or subnets or [placements[0].function])[0]}", scope, placements)

    def profile(self, groups: Members) -> frozenset[GroupRule] | No | Unknown:
        """Give the traffic that a set of groups lets through: sets with one profile can become one.

        No where a group is more than its rules: another rule names it as a peer, its id is exported, or it is a
        VPC's default group.
        """
        rules: set[GroupRule] = set()
        unread = openness(groups)
        for token in groups.sure:
            match self._identity_matters(token):
                case Yes():
                    return No()
                case Unknown() as unknown:
                    unread = unknown
                case No():
                    rules.update(_plain(rule) for rule in self._rules.of(token))
        return frozenset(rules) if unread is None else unread

    def _identity_matters(self, token: Token) -> Answer:
        """Answer whether a group is more than its rules; unknown too where its rules are not known whole."""
        group = self.world.groups.get(label(token))
        named = bool(self._named.of(token)) or any(rule.itself for rule in self._rules.of(token))
        if named or token in self.world.exported or (group is not None and group.default):
            return Yes()
        known = {(Kind.EGRESS, label(token)), (Kind.INGRESS, label(token))} <= self.world.complete
        if group is None or not known:
            return Unknown(Why.ELSEWHERE, f"the rules of {label(token)}")
        return next((unknown for _, unknown in (*self._rules.doubts(token), *self._named.doubts(token))), No())

    def kept_by_versions(self, function: str) -> Because | None:
        """Say that published versions of a function keep its interfaces, None where nothing is known of any.

        They keep the configuration that the function had, and Lambda releases what no function or version uses:
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        """
        if function not in self._published:
            return None
        return Because(f"the published versions of {function} keep its interfaces until they are deleted", function)

    @cached_property
    def _published(self) -> frozenset[str]:
        versions = self.world.versions.values()
        return frozenset(label(token) for version in versions for token in version.function.sure)

    @cached_property
    def _rules(self) -> Index[GroupRule]:
        return Index(self.world.group_rules, lambda rule: rule.group)

    @cached_property
    def _named(self) -> Index[GroupRule]:
        return Index(self.world.group_rules, lambda rule: rule.peers)


def _placement(function: Function) -> Placement | None:
    """Place a function, None where it has no Hyperplane interfaces."""
    if function.own_instances:
        return None
    match function.attachment:
        case Attachment(subnets=subnets, groups=groups):
            return Placement(function.address, subnets, groups)
        case Unknown() as unknown:
            return Placement(function.address, unknown_members(unknown), unknown_members(unknown))
        case Absent():
            return None


def _vpcs(parts: Iterable[Subnet | Group | None]) -> Iterator[Token]:
    return (part.vpc.sure[0] for part in parts if part is not None and part.vpc.exact and len(part.vpc.sure) == 1)


def _prevailing(vpcs: Iterable[Token], beside: Iterable[Token] = ()) -> Token | None:
    """Give the VPC that most are in, where some reach into another one, or the one that others are in beside them."""
    counted, also = Counter(vpcs), Counter(beside)
    return min(counted, key=lambda vpc: (isinstance(vpc, Symbol), -counted[vpc], -also[vpc], label(vpc)), default=None)


def doubt(members: Members) -> Unknown | None:
    """Say why a set is open, or which of its members nobody can identify; None where it is known."""
    opened = openness(members)
    return opened if opened is not None else next((t.unknown for t in members.sure if isinstance(t, Symbol)), None)


def _doubts(placements: Iterable[Placement]) -> Iterable[Unknown]:
    """Say what is open about the subnets and groups of functions."""
    opened = (doubt(members) for placement in placements for members in (placement.subnets, placement.groups))
    return (unknown for unknown in opened if unknown is not None)


def _unplaced(placements: Iterable[Placement]) -> Iterable[Unknown]:
    """Say why nobody knows in which VPC functions are."""
    for placement in placements:
        opened = doubt(placement.subnets)
        yield from (opened,) if opened is not None else map(elsewhere, placement.subnets.sure)


def _plain(rule: GroupRule) -> GroupRule:
    """Strip a rule of everything but the traffic that it lets through."""
    return replace(rule, address="", group=Members(), inline=False, cidrs=tuple(sorted(rule.cidrs, key=str)))


def first_unread(profile: Iterable[GroupRule]) -> Unknown | None:
    """Give a value of some rule that nobody knows, None where all of them are read."""
    for rule in profile:
        values = (rule.protocol, rule.from_port, rule.to_port, *rule.cidrs, doubt(rule.peers), doubt(rule.prefix_lists))
        unread = [value for value in values if isinstance(value, Unknown)]
        if unread:
            return unread[0]
    return None


class _Union:
    """Disjoint sets: joins keys and gives each a root."""

    def __init__(self) -> None:
        self._parent: dict[object, object] = {}

    def root(self, key: object) -> object:
        parent = self._parent.setdefault(key, key)
        while parent != key:
            self._parent[key] = self._parent.setdefault(parent, parent)
            key, parent = parent, self._parent[parent]
        return key

    def join(self, one: object, other: object) -> None:
        self._parent[self.root(one)] = self.root(other)


def count(placements: Iterable[Placement], beside: Iterable[Placement] = ()) -> Count:
    """Count the unique pairs of subnet and group set of these placements that are not among those of others.

    At least: sets of groups that certainly differ each count their subnets; a set that may be one of those already
    counted adds only the subnets that none of these has. At most: every pair that is stated differently.
    """
    least = 0
    most: int | None = 0
    counted = _Counted()
    for one in _group_sets(beside):
        counted.add(one)
    for one in sorted(_group_sets(placements), key=lambda group_set: _concrete(group_set.groups), reverse=True):
        least += _added(one, counted.rivals_of(one))
        upper = one.interfaces.most
        most = None if most is None or upper is None else most + upper
        counted.add(one)
    return Count(least, most)


class _Counted:
    """Sets of groups that are counted already, found by what they may be."""

    def __init__(self) -> None:
        self._concrete: dict[frozenset[Token], list[GroupSet]] = {}
        self._opaque: list[GroupSet] = []

    def add(self, one: GroupSet) -> None:
        if _concrete(one.groups):
            self._concrete.setdefault(frozenset(one.groups.sure), []).append(one)
        else:
            self._opaque.append(one)

    def rivals_of(self, one: GroupSet) -> Iterable[GroupSet]:
        """List the sets that are or may be the same."""
        if _concrete(one.groups):
            yield from self._concrete.get(frozenset(one.groups.sure), ())
            others: Iterable[GroupSet] = self._opaque
        else:
            others = chain(chain.from_iterable(self._concrete.values()), self._opaque)
        yield from (other for other in others if not isinstance(equal(other.groups, one.groups), No))


def _concrete(members: Members) -> bool:
    return members.exact and not any(isinstance(token, Symbol) for token in members.sure)


def _added(one: GroupSet, rivals: Iterable[GroupSet]) -> int:
    """Count the subnets of a set that certainly none of its rivals has; the first few of them mostly settle it."""
    left: set[Token] | None = None
    for rival in rivals:
        if left is None:
            left = {t for p in one.placements for t in p.subnets.sure if not isinstance(t, Symbol)}
        if not all(_concrete(placement.subnets) for placement in rival.placements):
            return 0
        left.difference_update(token for placement in rival.placements for token in placement.subnets.sure)
        if not left:
            return 0
    return one.interfaces.least if left is None else len(left)


def _count_in_one_set(placements: Iterable[Placement]) -> Count:
    """Count the distinct subnets of placements that share one set of groups."""
    concrete: set[Token] = set()
    stated: set[Token] = set()
    longest = 0
    beyond: dict[str, int] = {}
    for placement in placements:
        subnets = placement.subnets
        concrete.update(token for token in subnets.sure if not isinstance(token, Symbol))
        stated.update(subnets.seen)
        longest = max(longest, len(set(subnets.sure)), subnets.at_least)
        if subnets.rest is not None:
            most = MOST_SUBNETS if subnets.at_most is None else subnets.at_most
            beyond[subnets.rest.key] = max(0, most - len(subnets.sure))
    return Count(max(len(concrete), longest), len(stated) + sum(beyond.values()))


def _group_sets(placements: Iterable[Placement]) -> tuple[GroupSet, ...]:
    sets: dict[object, list[Placement]] = {}
    for placement in placements:
        groups = placement.groups
        key = (frozenset(groups.sure), frozenset(groups.maybe), None if groups.rest is None else groups.rest.key)
        sets.setdefault(key, []).append(placement)
    made = [GroupSet(found[0].groups, tuple(found)) for found in sets.values()]
    return tuple(sorted(made, key=lambda one: (-len(one.placements), one.placements[0].function)))


class Line(Struct, frozen=True):
    """The forecast of one network: interfaces before, after, while both stand, and with one shared set of groups.

    `before` and `between` are None where nothing is known of what stands before.
    """

    network: str
    before: int | None
    after: int
    after_at_most: int | None
    between: int | None
    shared: int


def forecast(case: Case) -> tuple[Line, ...]:
    """Forecast the interfaces of every network of a deployment."""
    after = {network.address: network for network in case.after.interfaces.networks}
    if case.before is None:
        return tuple(_line(network, None) for network in after.values())
    before = {network.address: network for network in case.before.interfaces.networks}
    lines = []
    for address in sorted({**before, **after}):
        old = _aged(before[address].placements, case) if address in before else ()
        new = after[address].placements if address in after else ()
        scope = (after.get(address) or before[address]).scope
        lines.append(_line(Network(address, scope, new), old))
    return tuple(lines)


def _line(network: Network, old: tuple[Placement, ...] | None) -> Line:
    counted = network.interfaces
    return Line(
        network=network.address,
        before=None if old is None else count(old).least,
        after=counted.least,
        after_at_most=counted.most,
        between=None if old is None else count((*old, *network.placements)).least,
        shared=network.shared.least,
    )


class Passing(Struct, frozen=True):
    """The interfaces of one network before a change, after it, and while those of both stand.

    Lambda makes the new interfaces first, and releases the old ones 20 to 45 minutes later. `made` and `left` are
    how many are certainly new, and how many certainly go. The upper ends count what may be in the network, and
    `open_facts` say why that is open.
    """

    before: Count
    after: Count
    both: Count
    made: int
    left: int
    open_facts: tuple[Unknown, ...]


def passing(case: Case, network: Network) -> Passing:
    """Count the interfaces of a network in the course of a change."""
    new, beside_new = _of_network(case.after.interfaces, network)
    old, beside_old = ((), ()) if case.before is None else _of_network(case.before.interfaces, network)
    old, beside_old = _aged(old, case), _aged(beside_old, case)
    return Passing(
        before=Count(count(old).least, count((*old, *beside_old)).most),
        after=Count(count(new).least, count((*new, *beside_new)).most),
        both=Count(count((*old, *new)).least, count((*old, *beside_old, *new, *beside_new)).most),
        made=count(new, (*old, *beside_old)).least,
        left=count(old, (*new, *beside_new)).least,
        open_facts=tuple(dict.fromkeys((*_doubts((*old, *new)), *_unplaced((*beside_old, *beside_new))))),
    )


def _of_network(interfaces: Interfaces, network: Network) -> tuple[tuple[Placement, ...], tuple[Placement, ...]]:
    """Give the functions of a network in one world, and those that may be in it."""
    own = interfaces.network(network.address)
    around = interfaces.around(network if own is None else own)
    return () if own is None else own.placements, tuple(p for one in around for p in one.placements)


def _aged(placements: tuple[Placement, ...], case: Case) -> tuple[Placement, ...]:
    """Tell the subnets and groups that a change replaces from those that take their addresses."""

    def old(members: Members) -> Members:
        return replace(members, sure=tuple(map(aged, members.sure)), maybe=tuple(map(aged, members.maybe)))

    def aged(token: Token) -> Token:
        match is_replaced(case.change(token.address) if isinstance(token, Managed) else None):
            case Yes():
                return Literal(f"{label(token)} (before)")
            case Unknown() as unknown:
                return Symbol(unknown)
            case No():
                return token

    return tuple(Placement(p.function, old(p.subnets), old(p.groups)) for p in placements)


class Release(Struct, frozen=True):
    """What a change does to the interfaces of one function.

    `how` is `delete`, `detach` or `move`. `released` answers whether Lambda lets go of at least one interface,
    which nobody else holds. `subnets` and `groups` are those of before.
    """

    function: str
    how: str
    released: Answer
    subnets: Members
    groups: Members


def releases(case: Case) -> dict[str, Release]:
    """Tell which functions give up interfaces in a change, by function."""
    if case.before is None:
        return {}
    standing = _Standing(case.after.interfaces.placements.values())
    found: dict[str, Release] = {}
    for address, old in case.before.interfaces.placements.items():
        how = _how(case, address)
        if how:
            aged = _aged((old,), case)[0]
            answer = _released(aged, standing)
            if how != "move" or not isinstance(answer, No):
                found[address] = Release(address, how, answer, old.subnets, old.groups)
    return found


def _how(case: Case, address: str) -> str:
    """Say how a function leaves its interfaces, empty where it does not leave or nothing shows that it does."""
    change = case.change(address)
    function = case.deployment.after.functions.get(address)
    if function is None:
        gone = change is not None and change.action.removes and not change.retained
        return "delete" if gone else ""
    if function.attachment == ABSENT:
        return "detach"
    if case.before is None:
        return ""
    old = case.before.interfaces.placements[address]
    new = case.after.interfaces.placements.get(address)
    if new is None:
        return ""
    aged = _aged((old,), case)[0]
    unchanged = isinstance(equal(aged.subnets, new.subnets), Yes) and isinstance(equal(aged.groups, new.groups), Yes)
    return "" if unchanged else "move"


class _Standing:
    """The placements that stand after a change, found by subnet."""

    def __init__(self, placements: Iterable[Placement]) -> None:
        self._all = tuple(placements)
        self._by_subnet: dict[Token, list[Placement]] = {}
        self._loose: list[Placement] = []
        for placement in self._all:
            if not _concrete(placement.subnets):
                self._loose.append(placement)
            else:
                for token in placement.subnets.sure:
                    self._by_subnet.setdefault(token, []).append(placement)

    def at(self, subnet: Token) -> Iterable[Placement]:
        """List the placements that have or may have a subnet."""
        return self._all if isinstance(subnet, Symbol) else (*self._by_subnet.get(subnet, ()), *self._loose)

    def hold_all_of(self, old: Placement) -> Answer:
        """Answer whether one placement keeps every pair of another, as far as both are stated alike."""
        alike = (all_of((equal(one.subnets, old.subnets), equal(one.groups, old.groups))) for one in self._all)
        return any_of(alike)

    def share_groups_with(self, old: Placement) -> Answer:
        """Answer whether any placement has the same set of groups as another."""
        return any_of(equal(one.groups, old.groups) for one in self._all)


def _released(old: Placement, standing: _Standing) -> Answer:
    """Answer whether one of a function's old pairs of subnet and groups is held by nobody afterwards."""
    unknown: Unknown | None = None
    for subnet in old.subnets.sure:
        match any_of(_holds(placement, subnet, old.groups) for placement in standing.at(subnet)):
            case No():
                return Yes()
            case Unknown() as held:
                unknown = held
            case Yes():
                pass
    opened = openness(old.subnets)
    if opened is None:
        return No() if unknown is None else unknown
    if isinstance(is_empty(old.subnets), No) and isinstance(standing.share_groups_with(old), No):
        return Yes()
    return No() if isinstance(standing.hold_all_of(old), Yes) else opened


def _holds(placement: Placement, subnet: Token, groups: Members) -> Answer:
    return all_of((contains(placement.subnets, subnet), equal(placement.groups, groups)))
