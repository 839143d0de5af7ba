"""Security groups and their rules, in the four shapes that Terraform has for rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.identity import NOBODY, Managed, Members, Symbol, members
from eni_lint.model.network import Group, GroupRule
from eni_lint.readers.terraform.families import DEFAULT_GROUP, GROUP, PREFIX_LIST, VPC, Family
from eni_lint.readers.terraform.links import DECIDED_BY, Linker
from eni_lint.readers.terraform.network import is_stated
from eni_lint.readers.terraform.resources import Resource, fact
from eni_lint.readers.terraform.values import Hidden, blocks, is_empty, texts

DIRECTIONS = {"egress": True, "ingress": False}
SHAPES = ("aws_security_group", "aws_default_security_group", "data.aws_security_group")
RULES = ("aws_security_group_rule", "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule")
DEFAULT_VPC = Symbol(Unknown(Why.DEFAULT, "the default VPC"))


class Atom(Struct, frozen=True):
    """One peer of one rule: what a refreshed group shows of a rule, however many rules it has joined."""

    egress: bool
    protocol: str
    from_port: int
    to_port: int
    peer: str


class DefaultGroups:
    """The default security group of each VPC: a resource adopts it, or it stands unseen as AWS makes it."""

    def __init__(self, linker: Linker) -> None:
        self.adopted: set[str] = set()
        for resource in linker.stage.of("aws_default_security_group"):
            for token in linker.one(resource, "vpc_id", family=VPC).sure:
                if isinstance(token, Managed):
                    linker.rename(token.address + DEFAULT_GROUP, resource.address)
                    self.adopted.add(token.address)


def groups(linker: Linker, defaults: DefaultGroups) -> Iterator[Group]:
    """Yield every security group, the unseen default groups of VPCs that are created here among them."""
    shared = _shared(linker)
    for resource in linker.stage.of(*SHAPES):
        yield Group(
            address=resource.address,
            scope=linker.scope(resource),
            vpc=_vpc(linker, resource),
            default=resource.type == "aws_default_security_group" or resource.values.get("name") == "default",
            created_here=resource.type == "aws_security_group" and not resource.data,
            also_in=shared.get(resource.address, NOBODY),
        )
    for resource in _unseen(linker, defaults):
        yield Group(
            resource.address + DEFAULT_GROUP,
            linker.scope(resource),
            members(Managed(resource.address)),
            default=True,
            created_here=False,
        )


def _shared(linker: Linker) -> dict[str, Members]:
    """Collect the further VPCs that each group is associated with."""
    found: dict[str, Members] = {}
    for resource in linker.stage.of("aws_vpc_security_group_vpc_association"):
        link = linker.one(resource, "vpc_id", family=VPC)
        for token in linker.one(resource, "security_group_id", family=GROUP).seen:
            if isinstance(token, Managed):
                one = found.get(token.address, NOBODY)
                rest = link.rest if one.rest is None else one.rest
                found[token.address] = Members((*one.sure, *link.sure), (*one.maybe, *link.maybe), rest)
    return found


def _vpc(linker: Linker, resource: Resource) -> Members:
    if not resource.data and not is_stated(linker, resource, "vpc_id"):
        return members(DEFAULT_VPC)
    return linker.one(resource, "vpc_id", family=VPC)


def _unseen(linker: Linker, defaults: DefaultGroups) -> Iterator[Resource]:
    return (each for each in linker.stage.of("aws_vpc") if each.address not in defaults.adopted)


def group_rules(linker: Linker, defaults: DefaultGroups, carried: Mapping[str, frozenset[Atom]]) -> Iterator[GroupRule]:
    """Yield every rule; `carried` are the atoms that rule resources put on each group."""
    for resource in linker.stage.of("aws_security_group_rule"):
        yield _old_rule(linker, resource)
    for resource in linker.stage.of("aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"):
        yield _new_rule(linker, resource)
    for resource in linker.stage.of("aws_security_group", "aws_default_security_group"):
        for attribute in DIRECTIONS:
            yield from _inline(linker, resource, attribute, carried.get(resource.address, frozenset()))
    for resource in _unseen(linker, defaults):
        # https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
        address, scope = resource.address + DEFAULT_GROUP, linker.scope(resource)
        own = members(Managed(address))
        yield GroupRule(address, scope, own, True, "-1", 0, 0, cidrs=("0.0.0.0/0",))
        yield GroupRule(address, scope, own, False, "-1", 0, 0, itself=True)


def open_directions(linker: Linker) -> Iterator[tuple[str, bool]]:
    """Yield the groups, and directions, whose inline rules nobody sees: an address and whether egress is meant."""
    for resource in linker.stage.of("aws_security_group", "aws_default_security_group"):
        for attribute, egress in DIRECTIONS.items():
            hidden = isinstance(blocks(resource.values.get(attribute)), Hidden)
            if hidden and linker.states(resource, attribute):
                yield resource.address, egress


def carried_rules(linkers: tuple[Linker, ...]) -> dict[str, frozenset[Atom]]:
    """Collect the atoms that rule resources of either moment put on each group.

    A refreshed group repeats them; there they belong to those resources, and go with them.
    """
    found: dict[str, set[Atom]] = {}
    for linker in linkers:
        for resource in linker.stage.of(*RULES):
            atoms = set(_atoms_of_rule(resource))
            for token in linker.one(resource, "security_group_id", family=GROUP).seen:
                if isinstance(token, Managed):
                    found.setdefault(token.address, set()).update(atoms)
    return {address: frozenset(atoms) for address, atoms in found.items()}


def _old_rule(linker: Linker, resource: Resource) -> GroupRule:
    protocol, first, last = _range(resource, resource.values, "protocol")
    source = is_stated(linker, resource, "source_security_group_id")
    return GroupRule(
        address=resource.address,
        scope=linker.scope(resource),
        group=linker.one(resource, "security_group_id", family=GROUP),
        egress=resource.values.get("type") == "egress",
        protocol=protocol,
        from_port=first,
        to_port=last,
        cidrs=_cidrs(resource, resource.values, "cidr_blocks", "ipv6_cidr_blocks"),
        peers=linker.one(resource, "source_security_group_id", family=GROUP) if source else NOBODY,
        prefix_lists=linker.many(resource, "prefix_list_ids", family=PREFIX_LIST),
        itself=resource.values.get("self") is True,
    )


def _new_rule(linker: Linker, resource: Resource) -> GroupRule:
    protocol, first, last = _range(resource, resource.values, "ip_protocol")
    peer = "referenced_security_group_id"
    return GroupRule(
        address=resource.address,
        scope=linker.scope(resource),
        group=linker.one(resource, "security_group_id", family=GROUP),
        egress=resource.type == "aws_vpc_security_group_egress_rule",
        protocol=protocol,
        from_port=first,
        to_port=last,
        cidrs=_cidrs(resource, resource.values, "cidr_ipv4", "cidr_ipv6"),
        peers=linker.one(resource, peer, family=GROUP) if is_stated(linker, resource, peer) else NOBODY,
        prefix_lists=linker.one(resource, "prefix_list_id", family=PREFIX_LIST),
    )


def _inline(linker: Linker, resource: Resource, attribute: str, carried: frozenset[Atom]) -> Iterator[GroupRule]:
    listed = blocks(resource.values.get(attribute))
    if isinstance(listed, Hidden):
        return
    own = linker.is_configured(resource) and linker.states(resource, attribute)
    for number, block in enumerate(listed):
        if not own and (kept := _without(block, attribute, carried)) is not block:
            if kept is not None:
                yield _shown(linker, resource, attribute, kept)
            continue
        inline = own or not linker.is_configured(resource) or not linker.stood_before(resource)
        yield _block(linker, resource, attribute, number, block, inline=inline)


def _block(
    linker: Linker, resource: Resource, attribute: str, number: int, block: Mapping[str, Any], *, inline: bool
) -> GroupRule:
    protocol, first, last = _range(resource, block, "protocol")
    return GroupRule(
        address=resource.address,
        scope=linker.scope(resource),
        group=members(Managed(resource.address)),
        egress=DIRECTIONS[attribute],
        protocol=protocol,
        from_port=first,
        to_port=last,
        cidrs=_cidrs(resource, block, "cidr_blocks", "ipv6_cidr_blocks"),
        peers=linker.many(resource, attribute, number, "security_groups", family=GROUP),
        prefix_lists=linker.many(resource, attribute, number, "prefix_list_ids", family=PREFIX_LIST),
        itself=block.get("self") is True,
        inline=inline,
    )


def _shown(linker: Linker, resource: Resource, attribute: str, block: Mapping[str, Any]) -> GroupRule:
    """Make a rule of what a refreshed group shows of rules that live elsewhere."""
    protocol, first, last = _range(resource, block, "protocol")
    return GroupRule(
        address=resource.address,
        scope=linker.scope(resource),
        group=members(Managed(resource.address)),
        egress=DIRECTIONS[attribute],
        protocol=protocol,
        from_port=first,
        to_port=last,
        cidrs=_cidrs(resource, block, "cidr_blocks", "ipv6_cidr_blocks"),
        peers=_literals(linker, resource, block.get("security_groups"), GROUP),
        prefix_lists=_literals(linker, resource, block.get("prefix_list_ids"), PREFIX_LIST),
        itself=block.get("self") is True,
    )


def _literals(linker: Linker, resource: Resource, value: Any, family: Family) -> Members:
    shown = texts(value)
    return (
        members(*(linker.literal(each, family, resource) for each in shown if isinstance(each, str)))
        if isinstance(shown, list)
        else NOBODY
    )


def _without(block: dict[str, Any], attribute: str, carried: frozenset[Atom]) -> dict[str, Any] | None:
    """Give what is left of a shown rule without what rule resources carry: itself, less, or None."""
    if not carried:
        return block
    protocol, first, last = str(block.get("protocol")), block.get("from_port"), block.get("to_port")
    if not isinstance(first, int) or not isinstance(last, int):
        return block
    kept = dict(block)
    for name in ("cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids"):
        values = block.get(name)
        if isinstance(values, list):
            atoms = {
                each: Atom(DIRECTIONS[attribute], protocol, first, last, str(each))
                for each in values
                if isinstance(each, str)
            }
            kept[name] = [each for each in values if not isinstance(each, str) or atoms[each] not in carried]
    if block.get("self") is True and Atom(DIRECTIONS[attribute], protocol, first, last, "self") in carried:
        kept["self"] = False
    if kept == block:
        return block
    names = ("cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids", "self")
    return None if all(is_empty(kept.get(name)) or kept.get(name) is False for name in names) else kept


def _atoms_of_rule(resource: Resource) -> Iterator[Atom]:
    values = resource.values
    old = resource.type == "aws_security_group_rule"
    egress = values.get("type") == "egress" if old else resource.type == "aws_vpc_security_group_egress_rule"
    protocol, first, last = _range(resource, values, "protocol" if old else "ip_protocol")
    if not (isinstance(protocol, str) and isinstance(first, int) and isinstance(last, int)):
        return
    names = (
        ("cidr_blocks", "ipv6_cidr_blocks", "source_security_group_id", "prefix_list_ids")
        if old
        else ("cidr_ipv4", "cidr_ipv6", "referenced_security_group_id", "prefix_list_id")
    )
    for name in names:
        listed = texts(values.get(name))
        for value in () if isinstance(listed, Hidden) else listed:
            if isinstance(value, str):
                yield Atom(egress, protocol, first, last, value)
                if value == resource.text("security_group_id"):
                    yield Atom(egress, protocol, first, last, "self")
    if values.get("self") is True:
        yield Atom(egress, protocol, first, last, "self")


def _range(
    resource: Resource, stated: Mapping[str, Any], attribute: str
) -> tuple[str | Unknown, int | Unknown, int | Unknown]:
    protocol = stated.get(attribute)
    if isinstance(protocol, Hidden):
        unknown = Unknown(Why.COMPUTED, fact(resource, attribute), DECIDED_BY)
        return unknown, _port(resource, stated, "from_port"), _port(resource, stated, "to_port")
    name = str(protocol).lower() if protocol is not None else "-1"
    if name in ("-1", "all"):
        return "-1", 0, 0
    return name, _port(resource, stated, "from_port"), _port(resource, stated, "to_port")


def _port(resource: Resource, stated: Mapping[str, Any], name: str) -> int | Unknown:
    value = stated.get(name)
    if isinstance(value, Hidden):
        return Unknown(Why.COMPUTED, fact(resource, name), DECIDED_BY)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _cidrs(resource: Resource, stated: Mapping[str, Any], *names: str) -> tuple[str | Unknown, ...]:
    found: list[str | Unknown] = []
    for name in names:
        values = texts(stated.get(name))
        unknown = Unknown(Why.COMPUTED, fact(resource, name), DECIDED_BY)
        if isinstance(values, Hidden):
            found.append(unknown)
        else:
            found.extend(unknown if isinstance(each, Hidden) else each for each in values if each != "")
    return tuple(found)
