"""Functions that could share network interfaces hold their own, because their sets of security groups differ."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from eni_lint.analysis.case import Case
from eni_lint.analysis.interfaces import Count, GroupSet, Interfaces, Network, count, doubt, first_unread, passing
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Answer, Because, No, Unknown, Yes
from eni_lint.model.identity import Members, equal, label, named
from eni_lint.model.network import GroupRule


class Options(Struct, frozen=True):
    """When fragmentation is worth a word: interfaces in excess, functions concerned; what is left aside."""

    excess_min: int = 6
    warn_excess: int = 10
    warn_functions: int = 3
    ignore_groups: tuple[str, ...] = ()
    allowed_combinations: tuple[tuple[str, ...], ...] = ()
    quota: int = 500


def check(case: Case, subject: Subject, options: Options) -> Iterator[Hit | Undecided]:
    """Compare the sets of groups of one network's functions."""
    interfaces = case.after.interfaces
    network = interfaces.network(subject.address)
    if network is None:
        return
    sets = [one for one in network.sets if not _ignored(one.groups, options)]
    beside = [s for other in interfaces.around(network) for s in other.sets if not _ignored(s.groups, options)]
    clusters = _clusters(interfaces, sets)
    mergeable = max((c for c in clusters if len(c) > 1), key=lambda c: _excess(c), default=[])
    if mergeable and _excess(mergeable) > 0:
        yield _mergeable(case, network, mergeable, options)
        return
    other = _distinct(network, sets, options) or _solitary(sets, beside)
    if other is not None:
        yield other
    yield from map(Undecided, dict.fromkeys(_doubts(interfaces, sets, beside)))


def _ignored(groups: Members, options: Options) -> bool:
    """Tell whether a set has a group that is left aside, or is a combination that may stand alone."""
    names = {label(token) for token in groups.seen}
    return bool(names & set(options.ignore_groups)) or any(names == set(one) for one in options.allowed_combinations)


def _clusters(interfaces: Interfaces, sets: list[GroupSet]) -> list[list[GroupSet]]:
    """Divide sets of groups by the traffic that they let through, where that is known."""
    by_profile: dict[frozenset[GroupRule], list[GroupSet]] = {}
    for one in sets:
        match interfaces.profile(one.groups):
            case Unknown() | No():
                pass
            case frozenset() as profile:
                by_profile.setdefault(profile, []).append(one)
    return list(by_profile.values())


def _doubts(interfaces: Interfaces, sets: list[GroupSet], beside: list[GroupSet]) -> Iterator[Unknown]:
    """Say what leaves open whether sets are one, or stand in one subnet, or let the same traffic through."""
    everything = [*sets, *beside]
    crowd = sum(len(one.placements) for one in everything) > 2
    for one in everything:
        facts = tuple(_open_facts(interfaces, one))
        others = (sets if one in beside else everything) if facts else ()
        if any(other is not one and _may_matter(interfaces, one, other, crowd) for other in others):
            yield from facts


def _open_facts(interfaces: Interfaces, one: GroupSet) -> Iterator[Unknown]:
    for members in (one.groups, *(placement.subnets for placement in one.placements)):
        opened = doubt(members)
        if opened is not None:
            yield opened
    match interfaces.profile(one.groups):
        case Unknown() as unknown:
            yield unknown
        case frozenset() as profile:
            unread = first_unread(profile)
            if unread is not None:
                yield unread
        case No():
            pass


def _may_matter(interfaces: Interfaces, one: GroupSet, other: GroupSet, crowd: bool) -> bool:
    """Tell whether two sets may be a finding: they may differ in one subnet, and be equal in traffic or many.

    Sets that may be one make a set that several functions share, wherever its functions stand.
    """
    one_set = equal(one.groups, other.groups)
    if crowd and isinstance(one_set, Unknown):
        return True
    if isinstance(_meet(one, other), No) or isinstance(one_set, Yes):
        return False
    profiles = interfaces.profile(one.groups), interfaces.profile(other.groups)
    if any(isinstance(profile, No) for profile in profiles):
        return crowd
    return crowd or profiles[0] == profiles[1] or any(not _is_settled(profile) for profile in profiles)


def _is_settled(profile: frozenset[GroupRule] | No | Unknown) -> bool:
    return isinstance(profile, frozenset) and first_unread(profile) is None


def _meet(one: GroupSet, other: GroupSet) -> Answer:
    """Answer whether two sets stand in one subnet."""
    pairs = [(mine.subnets, theirs.subnets) for mine in one.placements for theirs in other.placements]
    if any(
        not set(mine.sure).isdisjoint(theirs.sure) or isinstance(equal(mine, theirs), Yes) for mine, theirs in pairs
    ):
        return Yes()
    return next((opened for pair in pairs for subnets in pair if (opened := doubt(subnets)) is not None), No())


def _excess(sets: list[GroupSet]) -> int:
    placements = [placement for one in sets for placement in one.placements]
    return count(placements).least - (_shared(sets).most or 0)


def _shared(sets: list[GroupSet]) -> Count:
    placements = tuple(placement for one in sets for placement in one.placements)
    return GroupSet(sets[0].groups, placements).interfaces


def _mergeable(case: Case, network: Network, sets: list[GroupSet], options: Options) -> Hit:
    placements = [placement for one in sets for placement in one.placements]
    now, shared, excess = count(placements).least, _shared(sets).least, _excess(sets)
    loud = excess >= options.warn_excess and len(placements) >= options.warn_functions and _adds(case, network)
    return Hit(
        case="mergeable" if loud else "mergeable_small",
        says=(
            f"holds {now} Lambda network interfaces for {len(placements)} functions whose {len(sets)} sets of "
            f"security groups have equal rules; one shared set would need {shared} (saves {excess} of the quota of "
            f"{options.quota})"
        ),
        because=tuple(_evidence(sets)),
        about=tuple((function, "one of the functions") for one in sets for function in one.functions),
        names={"groups": named(sets[0].groups)},
        numbers={"interfaces": now, "shared": shared, "excess": excess, "quota": options.quota},
    )


def _adds(case: Case, network: Network) -> bool:
    """Tell whether this change adds combinations, or nothing is known of what stands before."""
    if case.before is None:
        return True
    return passing(case, network).made > 0


def _distinct(network: Network, sets: list[GroupSet], options: Options) -> Hit | None:
    """Count the price of sets that differ on purpose, where it is high."""
    now, shared, excess = network.interfaces.least, _shared(sets).least, _excess(sets)
    functions = sum(len(one.placements) for one in sets)
    if functions < options.warn_functions or excess < max(options.excess_min, now / 4):
        return None
    return Hit(
        case="distinct",
        says=(
            f"holds {now} Lambda network interfaces, since {functions} functions use {len(sets)} different sets of "
            f"security groups; one shared set would need {shared}"
        ),
        because=tuple(_evidence(sets)),
        about=tuple((function, "one of the functions") for one in sets for function in one.functions),
        names={"groups": ", ".join(label(token) for token in sets[0].groups.seen)},
        numbers={"interfaces": now, "shared": shared, "excess": excess, "quota": options.quota},
    )


def _solitary(sets: list[GroupSet], beside: list[GroupSet]) -> Hit | None:
    """Find a set that certainly one function holds alone, beside a set that several share in the same subnets."""
    known = [one for one in sets if doubt(one.groups) is None]
    opaque = [one for one in (*sets, *beside) if doubt(one.groups) is not None]
    shared = [one for one in known if len(one.placements) > 1]
    for one in (s for s in known if len(s.placements) == 1):
        rival = next((other for other in shared if isinstance(_meet(one, other), Yes)), None)
        if rival is None or any(not isinstance(equal(one.groups, other.groups), No) for other in opaque):
            continue
        own = one.interfaces.least
        alone = named(one.groups)
        superset = set(one.groups.sure) > set(rival.groups.sure)
        reason = " (the shared groups and one more)" if superset else ""
        return Hit(
            case="solitary",
            says=(
                f"holds {own} network interfaces for {one.functions[0]} alone: only it uses {alone}{reason}, "
                f"while {len(rival.placements)} functions share theirs"
            ),
            because=tuple(_evidence([one, rival])),
            about=((one.functions[0], "alone in its set of groups"),),
            names={"groups": named(rival.groups)},
            numbers={"interfaces": own},
        )
    return None


def _evidence(sets: list[GroupSet]) -> Iterator[Because]:
    for one in sets:
        groups = named(one.groups)
        functions = one.functions[0] if len(one.functions) == 1 else f"{len(one.functions)} functions"
        yield Because(f"{functions} with {groups}: {one.interfaces.least} interfaces", one.functions[0], "groups")
