"""What a person decides about a stack: shapes drawn from a source of choices, and the changes that people make to them.

Everything in a shape is known. What stands for it is made in `stacks`, so that two shapes give a before and an after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

Item = TypeVar("Item")

EGRESS = ("all", "all", "all", "all", "https", "database", "web", "proxy", "nothing")
WAYS = ("nat",) * 6 + ("nothing", "nothing", "internet", "instance", "misgiven", "sixth", "split", "transit")
MAINS = ("adopted", "adopted", "replaced", "implicit")
CARRIERS = ("access", "access", "full", "customer", "split")
OTHERS = (
    "logs",
    "bucket",
    "secret",
    "queue",
    "partial",
    "scoped",
    "tagged",
    "described",
    "placed",
    "denied",
    "perimeter",
)
BOUNDARIES = ("none", "none", "none", "wide", "narrow", "administrator")
VARIABLES = ("table", "stripe", "bucket", "secret", "token", "database", "stage", "proxy")


class GroupShape(Struct, frozen=True):
    """A security group: what it lets out, whom it lets in, and whether it waits for the policies of the roles."""

    name: str
    egress: str = "all"
    admits: str = ""
    inline: bool = False
    guards: bool = False
    default: bool = False


class GrantShape(Struct, frozen=True):
    """A policy of a role: what it says, and whether it is written inside of the role."""

    kind: str
    inside: bool = False


class RoleShape(Struct, frozen=True):
    """An execution role."""

    name: str
    grants: tuple[GrantShape, ...]
    service: str = "lambda.amazonaws.com"
    boundary: str = "none"


class FunctionShape(Struct, frozen=True):
    """A function: in a VPC where it has subnets, and made after its role's policies where it `waits` for them."""

    name: str
    role: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    waits: bool = True
    variables: tuple[str, ...] = ()
    fails_to: bool = False
    dual_stack: bool = False
    layered: bool = False


class NatShape(Struct, frozen=True):
    """The NAT gateway of the public subnet."""

    public: bool = True
    address: bool = True
    regional: bool = False


class Shape(Struct, frozen=True):
    """A whole stack.

    `tables` says where each route table leads, `subnets` which table serves each subnet (empty: the main one of the
    VPC). `bucket_tables` are the tables of the gateway endpoint for S3. `secrets` is how the endpoint for secrets
    stands: `none`, `open`, `closed`, `unguarded`, `own_names` or `gateway`. `attached` is how the internet gateway
    is attached: `inline`, `apart` or `never`. `main` is how the main table comes to be one.
    """

    tables: dict[str, str]
    subnets: dict[str, str]
    groups: tuple[GroupShape, ...]
    roles: tuple[RoleShape, ...]
    functions: tuple[FunctionShape, ...]
    nat: NatShape | None = NatShape()
    bucket_tables: tuple[str, ...] | None = None
    secrets: str = "none"
    public: str = "internet"
    attached: str = "inline"
    main: str = "adopted"
    dns_names: bool = True
    dedicated: bool = False
    block: str = "none"
    state_is_kept: bool = True


Edit = Callable[[Random, Shape], Shape]


def chance(random: Random, percent: int) -> bool:
    """Draw a yes in so many of a hundred cases."""
    return random.randrange(100) < percent


def some(random: Random, items: Sequence[Item], least: int = 0, most: int | None = None) -> tuple[Item, ...]:
    """Draw some of these, in an order of their own."""
    most = len(items) if most is None else min(most, len(items))
    return tuple(random.sample(items, random.randint(min(least, most), most)))


def shape(random: Random) -> Shape:
    """Draw a stack."""
    tables = {name: random.choice(WAYS) for name in ("a", "b")[: random.randint(1, 2)]}
    subnets = {name: random.choice([*tables, *tables, ""]) for name in ("a", "b", "c")[: random.randint(2, 3)]}
    roles = tuple(_role(random, name) for name in ("orders", "reports")[: random.randint(1, 2)])
    guards = ("first", "second", "third")[: random.randint(1, 3)]
    groups = tuple(_group(random, name, guards) for name in guards)
    names = ("audit", "export", "ingest", "notify")[: random.randint(1, 4)]
    return Shape(
        tables=tables,
        subnets=subnets,
        groups=groups,
        roles=roles,
        functions=tuple(_function(random, name, roles, tuple(subnets), groups) for name in names),
        nat=_nat(random),
        bucket_tables=some(random, tuple(tables)) if chance(random, 60) else None,
        secrets=random.choice(("none", "none", "open", "open", "closed", "unguarded", "own_names", "gateway")),
        public="nothing" if chance(random, 15) else "internet",
        attached=random.choice(("inline",) * 6 + ("apart",) * 3 + ("never",)),
        main=random.choice(MAINS),
        dns_names=not chance(random, 20),
        dedicated=chance(random, 3),
        block=random.choice(("none",) * 8 + ("bidirectional", "excluded", "ingress")),
    )


def _group(random: Random, name: str, names: tuple[str, ...]) -> GroupShape:
    return GroupShape(
        name=name,
        egress=random.choice(EGRESS),
        admits=random.choice(("", "", *names)),
        inline=chance(random, 50),
        guards=chance(random, 30),
        default=chance(random, 4),
    )


def _role(random: Random, name: str) -> RoleShape:
    kinds = (*some(random, tuple(dict.fromkeys(CARRIERS)), 1, 2), *some(random, OTHERS, 0, 2))
    if chance(random, 20):
        kinds = some(random, OTHERS, 0, 3)
    return RoleShape(
        name=name,
        grants=tuple(GrantShape(kind, chance(random, 30)) for kind in kinds),
        service=random.choice(("lambda.amazonaws.com",) * 9 + ("ec2.amazonaws.com",)),
        boundary=random.choice(BOUNDARIES),
    )


def _function(
    random: Random, name: str, roles: tuple[RoleShape, ...], subnets: tuple[str, ...], groups: tuple[GroupShape, ...]
) -> FunctionShape:
    attached = not chance(random, 15)
    names = tuple(group.name for group in groups)
    return FunctionShape(
        name=name,
        role=random.choice(roles).name,
        subnets=_subnets(random, subnets) if attached else (),
        groups=_groups(random, names) if attached else (),
        waits=chance(random, 60),
        variables=some(random, VARIABLES, 0, 3) if not chance(random, 5) else VARIABLES,
        fails_to=chance(random, 20),
        dual_stack=chance(random, 8),
        layered=chance(random, 8),
    )


def _subnets(random: Random, subnets: tuple[str, ...]) -> tuple[str, ...]:
    """Draw subnets: few times the public one, and one of another VPC almost never."""
    if chance(random, 3):
        return (*subnets, "elsewhere")
    return (*some(random, subnets, 1), *(("public",) if chance(random, 10) else ()))


def _groups(random: Random, groups: tuple[str, ...]) -> tuple[str, ...]:
    """Draw groups: none, one of another VPC, or too many almost never."""
    if chance(random, 8):
        return random.choice(((), (*groups, "foreign"), ("first", "database", "endpoints", "x", "y", "z")))
    return some(random, groups, 1, 2)


def _nat(random: Random) -> NatShape | None:
    if chance(random, 10):
        return None
    return NatShape(public=not chance(random, 12), address=not chance(random, 12), regional=chance(random, 12))


def changed(random: Random, before: Shape) -> Shape:
    """Change a stack as people do: one to four edits, some of which go together."""
    after = before
    for edit in some(random, EDITS, 1, 4):
        after = edit(random, after)
    return after


def _each_function(random: Random, old: Shape, edit: Callable[[FunctionShape], FunctionShape]) -> Shape:
    """Edit some functions, often all of them."""
    chosen = {one.name for one in (old.functions if chance(random, 50) else some(random, old.functions, 1))}
    return replace(old, functions=tuple(edit(one) if one.name in chosen else one for one in old.functions))


def detach(random: Random, old: Shape) -> Shape:
    """Take functions out of the VPC."""
    return _each_function(random, old, lambda one: replace(one, subnets=(), groups=()))


def attach(random: Random, old: Shape) -> Shape:
    """Put the functions that are outside into the VPC."""
    subnets, groups = tuple(old.subnets), (old.groups[0].name,)
    return _each_function(random, old, lambda one: one if one.subnets else replace(one, subnets=subnets, groups=groups))


def delete_functions(random: Random, old: Shape) -> Shape:
    """Delete functions."""
    return replace(old, functions=some(random, old.functions))


def add_function(random: Random, old: Shape) -> Shape:
    """Add a function."""
    if not old.roles:
        return old
    added = _function(random, "resize", old.roles, tuple(old.subnets), old.groups)
    return replace(old, functions=(*old.functions, added))


def retire_group(random: Random, old: Shape) -> Shape:
    """Move functions from one group to a new one, and remove the old one or leave it standing."""
    leaving = random.choice(old.groups)
    entering = replace(leaving, name=f"new-{leaving.name}", egress=random.choice(EGRESS))
    keep = chance(random, 30)
    rest = tuple(_admitting(one, leaving.name, entering.name) for one in old.groups if keep or one != leaving)
    moved = tuple(
        replace(one, groups=tuple(entering.name if name == leaving.name else name for name in one.groups))
        for one in old.functions
    )
    return replace(old, groups=(*rest, entering), functions=_without_groups(moved, (*rest, entering)))


def _admitting(one: GroupShape, leaving: str, entering: str) -> GroupShape:
    return replace(one, admits=entering) if one.admits == leaving else one


def _without_groups(functions: tuple[FunctionShape, ...], groups: tuple[GroupShape, ...]) -> tuple[FunctionShape, ...]:
    standing = {group.name for group in groups}
    return tuple(replace(one, groups=tuple(n for n in one.groups if n in standing)) for one in functions)


def retire_named_group(random: Random, old: Shape) -> Shape:
    """Remove a group that others name as their source, and let the functions go on without it."""
    leaving = random.choice(old.groups)
    rest = tuple(_admitting(one, leaving.name, "") for one in old.groups if one != leaving)
    return replace(old, groups=rest, functions=_without_groups(old.functions, rest)) if rest else old


def retire_subnet(random: Random, old: Shape) -> Shape:
    """Remove a subnet, and move its functions to another one."""
    leaving, *others = some(random, tuple(old.subnets), len(old.subnets))
    standing = {name: old.subnets[name] for name in old.subnets if name in others}

    def moved(one: FunctionShape) -> FunctionShape:
        return replace(one, subnets=tuple(dict.fromkeys(others[0] if n == leaving else n for n in one.subnets)))

    return replace(old, subnets=standing, functions=tuple(map(moved, old.functions)))


def move(random: Random, old: Shape) -> Shape:
    """Move functions to other subnets."""
    subnets = some(random, (*old.subnets, "public"), 1)
    return _each_function(random, old, lambda one: replace(one, subnets=subnets) if one.subnets else one)


def withdraw(random: Random, old: Shape) -> Shape:
    """Take policies from a role."""
    return _each_role(
        random, old, lambda one: replace(one, grants=one.grants[:0] if chance(random, 50) else one.grants[1:])
    )


def dismantle(random: Random, old: Shape) -> Shape:
    """Take functions away or out of the VPC, together with the permission that Lambda needs afterwards."""
    leave = random.choice((detach, delete_functions, retire_group))
    return withdraw(random, leave(random, old))


def deny(random: Random, old: Shape) -> Shape:
    """Add a policy that takes something away, or that gives more."""
    more = GrantShape(random.choice(("denied", "perimeter", "full", "access")))
    return _each_role(random, old, lambda one: replace(one, grants=tuple(dict.fromkeys((*one.grants, more)))))


def _each_role(random: Random, old: Shape, edit: Callable[[RoleShape], RoleShape]) -> Shape:
    chosen = {one.name for one in some(random, old.roles, 1)}
    return replace(old, roles=tuple(edit(one) if one.name in chosen else one for one in old.roles))


def remove_role(random: Random, old: Shape) -> Shape:
    """Remove a role, with the functions that use it or with another role for them."""
    if not old.roles:
        return old
    leaving, *others = some(random, old.roles, len(old.roles))
    left = tuple(one for one in old.functions if one.role != leaving.name)
    if others and chance(random, 50):
        left = tuple(replace(one, role=others[0].name) for one in old.functions)
    return replace(old, roles=tuple(others), functions=left)


def cut_off(random: Random, old: Shape) -> Shape:
    """Lead the tables elsewhere, or take the NAT away from under them."""
    if chance(random, 40):
        return replace(old, nat=None)
    return replace(old, tables={name: random.choice(("nothing", "internet", way)) for name, way in old.tables.items()})


def close(random: Random, old: Shape) -> Shape:
    """Close the groups."""
    return replace(old, groups=tuple(replace(one, egress=random.choice(("nothing", "web"))) for one in old.groups))


def remove_endpoints(random: Random, old: Shape) -> Shape:
    """Remove endpoints, or take tables from the gateway."""
    tables = old.bucket_tables[1:] if old.bucket_tables and chance(random, 50) else None
    return replace(old, bucket_tables=tables, secrets=random.choice(("none", "closed")))


EDITS: tuple[Edit, ...] = (
    detach,
    attach,
    delete_functions,
    add_function,
    retire_group,
    retire_named_group,
    retire_subnet,
    move,
    withdraw,
    dismantle,
    dismantle,
    deny,
    remove_role,
    cut_off,
    close,
    remove_endpoints,
)
