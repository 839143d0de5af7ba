"""Route tables: which one serves a subnet, and which routes it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from eni_lint.analysis.elsewhere import elsewhere
from eni_lint.model.answer import No, Unknown, Why, Yes
from eni_lint.model.deployment import Kind, World
from eni_lint.model.identity import Managed, Members, Symbol, Token, contains, label, only
from eni_lint.model.network import Route, RouteTable, TableAssociation

Item = TypeVar("Item")


class Index(Generic[Item]):
    """Things by what they link to; those whose link is open stand apart, since they may lead anywhere."""

    def __init__(self, items: Iterable[Item], link: Callable[[Item], Members]) -> None:
        self._link = link
        self._by_target: dict[Token, list[Item]] = {}
        self._open: list[Item] = []
        for item in items:
            members = link(item)
            for token in members.sure:
                self._by_target.setdefault(token, []).append(item)
            if not members.exact or any(isinstance(token, Symbol) for token in members.sure):
                self._open.append(item)

    def of(self, target: Token) -> tuple[Item, ...]:
        """List the items that certainly link to a target."""
        return tuple(self._by_target.get(target, ()))

    def doubts(self, target: Token) -> tuple[tuple[Item, Unknown], ...]:
        """List the items that may link to a target, each with what leaves it open."""
        found: list[tuple[Item, Unknown]] = []
        for item in self._open:
            match contains(self._link(item), target):
                case Unknown() as unknown:
                    found.append((item, unknown))
                case Yes() | No():
                    pass
        return tuple(found)


class Tables:
    """The route tables of one world, with indices of what belongs to them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_subnet = Index[TableAssociation](world.associations, lambda one: _members(one.subnet))
        self._main_by_vpc = Index[TableAssociation](world.associations, lambda one: _members(one.vpc))
        candidates = [table for table in world.tables.values() if table.main is not False]
        self._adopted_by_vpc = Index[RouteTable](candidates, lambda table: table.vpc)
        self._routes = Index[Route](world.routes, lambda route: route.table)

    def table_of(self, subnet: Token) -> Token | Unknown:
        """Give the table that serves a subnet: its own, else the main one of its VPC."""
        own = {only(one.table) for one in self._by_subnet.of(subnet)}
        if len(own) > 1:
            return Unknown(Why.CONDITION, f"which route table serves {label(subnet)}", address=label(subnet))
        if own:
            return self._resolved(own.pop())
        for _, unknown in self._by_subnet.doubts(subnet):
            return unknown
        vpc = self.vpc_of(subnet)
        return vpc if isinstance(vpc, Unknown) else self.main_table(vpc)

    def main_name(self, subnet: Token) -> str:
        """Name the main table that serves a subnet although nobody sees it, empty where a table of its own may."""
        vpc = self.vpc_of(subnet)
        if isinstance(vpc, Unknown) or self._by_subnet.of(subnet) or self._by_subnet.doubts(subnet):
            return ""
        return f"the main route table of {label(vpc)}"

    def vpc_of(self, subnet: Token) -> Token | Unknown:
        """Give the VPC of a subnet."""
        stated = self._world.subnets.get(label(subnet))
        return elsewhere(subnet) if stated is None else only(stated.vpc)

    def main_table(self, vpc: Token) -> Token | Unknown:
        """Give the main table of a VPC; the VPC's own token stands for one that nothing here states."""
        replaced = {only(one.table) for one in self._main_by_vpc.of(vpc)} - {vpc}
        adopted = {Managed(t.address) for t in self._adopted_by_vpc.of(vpc) if t.main is True}
        for chosen in (replaced, adopted):
            if len(chosen) > 1:
                return Unknown(Why.CONDITION, f"the main route table of {label(vpc)}", address=label(vpc))
            if chosen:
                return chosen.pop()
        for table in self._adopted_by_vpc.of(vpc):
            if isinstance(table.main, Unknown):
                return table.main
        for _, unknown in (*self._main_by_vpc.doubts(vpc), *self._adopted_by_vpc.doubts(vpc)):
            return unknown
        return vpc if self._world.knows_whole(Kind.TABLES, vpc) else elsewhere(vpc)

    def routes_of(self, table: Token) -> tuple[Route, ...]:
        """List the routes that a table certainly has."""
        return tuple(route for token in self.tokens_of(table) for route in self._routes.of(token))

    def openness(self, table: Token) -> Unknown | None:
        """Say why a table may have routes that nobody sees here, or None when its routes are known whole."""
        for token in self.tokens_of(table):
            for _, unknown in self._routes.doubts(token):
                return unknown
        if self._is_implicit(table) or self._world.knows_whole(Kind.ROUTES, table):
            return None
        if table in self._world.exported:
            return Unknown(
                Why.ELSEWHERE, label(table), "whether another stack adds a default route to it", label(table)
            )
        return elsewhere(table)

    def propagates(self, table: Token) -> bool | Unknown:
        """Tell whether routes may appear in a table by propagation."""
        stated = self._world.tables.get(label(table))
        return False if stated is None else stated.propagates

    def tokens_of(self, table: Token) -> tuple[Token, ...]:
        """Give the tokens that denote a table: its own, and its VPC's where it is the main one."""
        stated = self._world.tables.get(label(table))
        if stated is None:
            return (table,)
        return (table, *(vpc for vpc in stated.vpc.sure if self.main_table(vpc) == table))

    def name_of(self, table: Token) -> str:
        """Name a table as people know it."""
        return f"the main route table of {label(table)}" if self._is_implicit(table) else label(table)

    def _is_implicit(self, table: Token) -> bool:
        return label(table) in self._world.vpcs

    def _resolved(self, table: Token | Unknown) -> Token | Unknown:
        return self.main_table(table) if not isinstance(table, Unknown) and self._is_implicit(table) else table


def _members(link: object) -> Members:
    return link if isinstance(link, Members) else Members()
