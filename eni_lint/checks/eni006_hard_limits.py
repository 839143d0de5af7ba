"""A VPC configuration that the Lambda API rejects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from eni_lint.analysis.case import Case
from eni_lint.analysis.interfaces import MOST_SUBNETS, doubt
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Absent, Because, No, Unknown, Yes
from eni_lint.model.compute import Attachment
from eni_lint.model.deployment import World
from eni_lint.model.identity import Managed, Members, Symbol, Token, contains, is_empty, label, openness, same
from eni_lint.model.network import Group, Subnet

MOST_GROUPS = 5


def check(case: Case, subject: Subject, options: object) -> Iterator[Hit | Undecided]:
    """Hold a function's subnets and groups against the limits of the API."""
    world = case.deployment.after
    function = world.functions.get(subject.address)
    if function is None:
        return
    match function.attachment:
        case Unknown() as unknown:
            yield Undecided(unknown)
        case Attachment() as attachment:
            hits = [*_sizes(attachment), *_vpcs(world, attachment)]
            yield from hits
            if not hits:
                yield from map(Undecided, _open(world, attachment))
        case Absent():
            return


def _sizes(attachment: Attachment) -> Iterator[Hit]:
    """Check the number of subnets and groups."""
    for case, members, most, noun in (
        ("too_many_subnets", attachment.subnets, MOST_SUBNETS, "subnets"),
        ("too_many_groups", attachment.groups, MOST_GROUPS, "security groups"),
    ):
        number = max(len(set(members.sure)), members.at_least)
        if number > most:
            yield _hit(
                case, f"lists {number} {noun}; Lambda takes at most {most}", noun, {"number": number, "limit": most}
            )
    no_subnets, no_groups = is_empty(attachment.subnets), is_empty(attachment.groups)
    if isinstance(no_subnets, Yes) and isinstance(no_groups, No):
        yield _hit("one_side_empty", "has security groups but no subnet; Lambda wants both or neither", "subnets", {})
    if isinstance(no_subnets, No) and isinstance(no_groups, Yes):
        yield _hit("one_side_empty", "has subnets but no security group; Lambda wants both or neither", "groups", {})


def _hit(case: str, says: str, field: str, numbers: dict[str, int], because: Iterable[Because] = ()) -> Hit:
    names = {"field": "subnets" if field == "subnets" else "security groups"}
    return Hit(case=case, says=says, because=tuple(because), names=names, numbers=numbers)


def _vpcs(world: World, attachment: Attachment) -> Iterator[Hit]:
    """Check that subnets and groups stand in one VPC that Lambda can attach to."""
    either_way = isinstance(is_empty(attachment.subnets), No) and _is_in_one_vpc(world, attachment)
    subnets = sorted(attachment.subnets.seen if either_way else attachment.subnets.sure, key=label)
    placed = [(token, vpc) for token in subnets if (vpc := _vpc_of_subnet(world, token)) is not None]
    if not placed:
        return
    first, home = placed[0]
    for token, vpc in placed[1:]:
        if isinstance(same(home, vpc), No):
            says = f"lists {label(first)} in {label(home)} and {label(token)} in {label(vpc)}; one VPC must hold all"
            yield _hit("several_vpcs", says, "subnets", {}, _places((first, home), (token, vpc)))
            return
    for token in sorted(attachment.groups.sure, key=label):
        group = world.groups.get(token.address) if isinstance(token, Managed) else None
        vpc = _only_sure(group.vpc) if group is not None else None
        if group is None or vpc is None or not isinstance(same(home, vpc), No):
            continue
        if isinstance(contains(group.also_in, home), No):
            says = f"lists {label(token)} of {label(vpc)}, while its subnets are in {label(home)}"
            yield _hit("foreign_group", says, "groups", {}, _places((first, home), (token, vpc)))
            return
    vpc_record = world.vpcs.get(home.address) if isinstance(home, Managed) else None
    if vpc_record is not None and vpc_record.dedicated is True:
        says = f"stands in {label(home)}, which has dedicated instance tenancy; Lambda cannot attach to it"
        yield _hit("dedicated_tenancy", says, "subnets", {}, _places((first, home)))


def _places(*pairs: tuple[Token, Token]) -> Iterator[Because]:
    for token, vpc in pairs:
        yield Because(f"{label(token)} is in {label(vpc)}", label(token), "vpc")


def _vpc_of_subnet(world: World, token: Token) -> Token | None:
    subnet = world.subnets.get(token.address) if isinstance(token, Managed) else None
    return None if subnet is None else _only_sure(subnet.vpc)


def _vpc_of_group(world: World, token: Token) -> Token | None:
    group = world.groups.get(token.address) if isinstance(token, Managed) else None
    return None if group is None else _only_sure(group.vpc)


def _only_sure(members: Members) -> Token | None:
    return members.sure[0] if members.exact and len(members.sure) == 1 else None


def _open(world: World, attachment: Attachment) -> Iterator[Unknown]:
    """Say what could still make the configuration wrong."""
    for members, most in ((attachment.subnets, MOST_SUBNETS), (attachment.groups, MOST_GROUPS)):
        opened = openness(members)
        if opened is not None and not (_fits(members, most) and _is_in_one_vpc(world, attachment)):
            yield opened
    homes = [_vpc_of_subnet(world, token) for token in attachment.subnets.sure]
    for token, home in zip(attachment.subnets.sure, homes, strict=True):
        if home is None:
            yield from _why_open(token, world.subnets)
    for token in attachment.groups.sure:
        group = world.groups.get(token.address) if isinstance(token, Managed) else None
        if group is None or _only_sure(group.vpc) is None:
            yield from _why_open(token, world.groups)
        elif not all(home is None or isinstance(same(home, group.vpc.sure[0]), Yes) for home in homes):
            yield from (opened for link in (group.vpc, group.also_in) if (opened := doubt(link)) is not None)
    for home in dict.fromkeys((*homes, *(_vpc_of_subnet(world, token) for token in attachment.subnets.maybe))):
        vpc = world.vpcs.get(home.address) if isinstance(home, Managed) else None
        if isinstance(home, Symbol):
            yield home.unknown
        elif vpc is not None and isinstance(vpc.dedicated, Unknown):
            yield vpc.dedicated


def _fits(members: Members, most: int) -> bool:
    """Tell whether a set keeps to the limits of its size, whichever of its candidates are in it."""
    return members.rest is None and isinstance(is_empty(members), No) and len(set(members.seen)) <= most


def _is_in_one_vpc(world: World, attachment: Attachment) -> bool:
    """Tell whether all that may be listed stands in one and the same VPC."""
    homes = {_vpc_of_subnet(world, token) for token in attachment.subnets.seen}
    homes.update(_vpc_of_group(world, token) for token in attachment.groups.seen)
    return len(homes) == 1 and None not in homes


def _why_open(token: Token, entities: Mapping[str, Subnet] | Mapping[str, Group]) -> Iterator[Unknown]:
    """Say why the VPC of a subnet or group is open, where something is stated about it at all."""
    if isinstance(token, Symbol):
        yield token.unknown
    entity = entities.get(token.address) if isinstance(token, Managed) else None
    opened = None if entity is None else openness(entity.vpc)
    if opened is not None:
        yield opened
