"""Every way to hide one value of a deployment: what was stated becomes `Unknown`, and stays one of its readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.model.answer import Absent, Unknown
from eni_lint.model.compute import Attachment
from eni_lint.model.deployment import Action, Deployment, Kind, World
from eni_lint.model.identity import Literal, Managed, Members, Symbol, unknown_members
from eni_lint.model.network import Endpoint, Group, GroupRule, PublicAccessBlock
from eni_lint.model.place import Scope
from eni_lint.model.policy import Grant

# Links that may lead to several things, so that there may be others beside those that are stated.
PLURAL = {
    Attachment: ("subnets", "groups"),
    Endpoint: ("tables", "subnets", "groups"),
    Grant: ("roles",),
    Group: ("also_in",),
    GroupRule: ("peers", "prefix_lists"),
    PublicAccessBlock: ("excluded",),
}
LEFT_ALONE = (Scope, Unknown, Absent, Managed, Literal, Symbol)


class Hiding(Struct, frozen=True):
    """One value hidden: where it is, and what stands in its place or around it."""

    where: str
    value: Any


def hidings(deployment: Deployment, unknown: Unknown) -> Iterator[Hiding]:
    """Hide one value of a deployment after the other."""
    yield from _inside("after", deployment, deployment.after, unknown)
    if deployment.before is not None:
        yield from _inside("before", deployment, deployment.before, unknown)
        yield from _throughout(deployment, deployment.before, unknown)
    yield from _changes(deployment)
    yield from _edges(deployment, unknown)


def _inside(name: str, deployment: Deployment, world: World, unknown: Unknown) -> Iterator[Hiding]:
    for one in _in_world(world, unknown):
        yield Hiding(f"{name}{one.where}", replace(deployment, **{name: one.value}))


def _throughout(deployment: Deployment, before: World, unknown: Unknown) -> Iterator[Hiding]:
    """Hide a value that the change leaves as it is, before and after: one unknown stands for it in both worlds.

    What is replaced has one address and two ids.
    """
    if any(change.action.replaces for change in deployment.changes.values()):
        return
    for name in ("functions", "roles", "groups", "subnets", "nats", "endpoints", "vpcs", "tables"):
        old, new = getattr(before, name), getattr(deployment.after, name)
        unchanged = {address: one for address, one in new.items() if old.get(address) == one}
        for one in _in_mapping(unchanged, object, unknown):
            worlds = [
                replace(world, **{name: {**getattr(world, name), **one.value}}) for world in (before, deployment.after)
            ]
            yield Hiding(f"both.{name}{one.where}", replace(deployment, before=worlds[0], after=worlds[1]))


def _in_world(world: World, unknown: Unknown) -> Iterator[Hiding]:
    for known in sorted(world.complete, key=lambda one: (one[0].value, one[1])):
        yield Hiding(f".complete[{_named(known)}]", replace(world, complete=world.complete - {known}))
    for one in _in_record(world, unknown):
        yield Hiding(one.where, _without_whole_roles(one.value))


def _without_whole_roles(world: World) -> World:
    """Know no role whole beside a policy whose role is open, as readers do."""
    if all(grant.roles.exact and not any(isinstance(t, Symbol) for t in grant.roles.sure) for grant in world.grants):
        return world
    return replace(world, complete=frozenset(known for known in world.complete if known[0] is not Kind.GRANTS))


def _named(known: tuple[Kind, str]) -> str:
    return f"{known[0].value}: {known[1]}"


def _changes(deployment: Deployment) -> Iterator[Hiding]:
    """Hide what recorded state tells about a change, and whether something is updated or replaced."""
    for address, change in deployment.changes.items():
        hidden = [] if change.create_first is None else [("create_first", replace(change, create_first=None))]
        if change.action.replaces:
            hidden.append(("maybe", replace(change, maybe=True)))
        if change.action is Action.UPDATE:
            hidden.append(("action", replace(change, action=Action.REPLACE_DELETE_FIRST, maybe=True)))
        for name, one in hidden:
            changes = {**deployment.changes, address: one}
            yield Hiding(f"changes[{address}].{name}", replace(deployment, changes=changes))


def _edges(deployment: Deployment, unknown: Unknown) -> Iterator[Hiding]:
    """Hide what a resource needs: one thing of it, or whether there is more."""
    for address, edges in deployment.edges.items():
        opened = {**deployment.open_edges, address: unknown}
        yield Hiding(f"edges[{address}]", replace(deployment, open_edges=opened))
        for number, edge in enumerate(edges):
            left = {**deployment.edges, address: (*edges[:number], *edges[number + 1 :])}
            yield Hiding(f"edges[{address}].{edge.to}", replace(deployment, edges=left, open_edges=opened))


def _in_value(value: Any, kind: Any, unknown: Unknown) -> Iterator[Hiding]:
    if isinstance(value, LEFT_ALONE):
        return
    if isinstance(value, Members):
        yield from _in_members(value, unknown)
    elif isinstance(value, Struct):
        yield from _in_record(value, unknown)
    elif isinstance(value, tuple):
        yield from _in_tuple(value, kind, unknown)
    elif isinstance(value, Mapping):
        yield from _in_mapping(value, _elements(kind), unknown)


def _in_record(record: Struct, unknown: Unknown) -> Iterator[Hiding]:
    for name, kind in _fields(type(record)).items():
        if name in _implied(record):
            continue
        value = getattr(record, name)
        if Unknown in _options(kind) and not isinstance(value, Unknown):
            yield Hiding(f".{name}", replace(record, **{name: unknown}))
        for one in _in_value(value, kind, unknown):
            yield Hiding(f".{name}{one.where}", replace(record, **{name: one.value}))
        if isinstance(value, Members) and name in PLURAL.get(type(record), ()):
            yield Hiding(f".{name} and others", replace(record, **{name: replace(value, rest=unknown)}))


def _implied(record: Struct) -> tuple[str, ...]:
    """Name the links that nothing can hide, since the record is written inside of what they lead to."""
    if isinstance(record, Grant) and record.inside:
        return ("roles",)
    return ("group",) if isinstance(record, GroupRule) and record.inline else ()


def _in_tuple(values: tuple[Any, ...], kind: Any, unknown: Unknown) -> Iterator[Hiding]:
    options = _options(_elements(kind))
    for number, value in enumerate(values):
        hidden = (
            [Hiding("", unknown)] if Unknown in options else [Hiding("", Symbol(unknown))] if Symbol in options else []
        )
        for one in (*hidden, *_in_value(value, _elements(kind), unknown)):
            label = getattr(value, "address", number)
            yield Hiding(f"[{label}]{one.where}", (*values[:number], one.value, *values[number + 1 :]))


def _in_mapping(values: Mapping[str, Any], kind: Any, unknown: Unknown) -> Iterator[Hiding]:
    for address, value in values.items():
        for one in _in_value(value, kind, unknown):
            yield Hiding(f"[{address}]{one.where}", {**values, address: one.value})


def _in_members(value: Members, unknown: Unknown) -> Iterator[Hiding]:
    """Hide a whole set, or one member of it: who it is, or whether it is one."""
    yield Hiding(" as a whole", unknown_members(unknown))
    for number, token in enumerate(value.sure):
        others = (*value.sure[:number], *value.sure[number + 1 :])
        if not isinstance(token, Symbol):
            yield Hiding(f" id of {number}", replace(value, sure=(*others, Symbol(unknown))))
        yield Hiding(f" presence of {number}", replace(value, sure=others, maybe=(*value.maybe, token)))


def _options(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _elements(kind: Any) -> Any:
    """Give the type of what a tuple or mapping holds."""
    for option in _options(kind):
        arguments = get_args(option)
        if get_origin(option) is tuple:
            return arguments[0]
        if arguments:
            return arguments[-1]
    return object


@cache
def _fields(record: type[Struct]) -> dict[str, Any]:
    return get_type_hints(record)
