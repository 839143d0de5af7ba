"""Functions that could share network interfaces hold their own, because their sets of security groups differ."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from eni_lint.analysis.case import Case
from eni_lint.analysis.interfaces import Count, GroupSet, Interfaces, Network, between, count
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Because, No, Unknown
from eni_lint.model.identity import Members, equal, label
from eni_lint.model.network import GroupRule


class Options(Struct, frozen=True):
    """When fragmentation is worth a word: interfaces in excess and functions concerned; groups left aside."""

    excess_min: int = 6
    warn_excess: int = 10
    warn_functions: int = 3
    ignore_groups: tuple[str, ...] = ()
    quota: int = 500


def check(case: Case, subject: Subject, options: Options) -> Iterator[Hit | Undecided]:
    """Compare the sets of groups of one network's functions."""
    interfaces = case.after.interfaces
    network = interfaces.network(subject.address)
    if network is None:
        return
    sets = [one for one in network.sets if not _ignored(one.groups, options)]
    if len(sets) < 2 or not _overlap(sets):
        return
    unknowns = list(_open_identities(sets))
    clusters, unread = _clusters(interfaces, sets)
    unknowns.extend(unread)
    mergeable = max((c for c in clusters if len(c) > 1), key=lambda c: _excess(c), default=[])
    if mergeable and _excess(mergeable) > 0:
        yield _mergeable(case, subject, mergeable, options)
        return
    other = _distinct(network, sets, options) or _solitary(sets)
    if other is not None:
        yield other
    for unknown in unknowns:
        yield Undecided(unknown)


def _ignored(groups: Members, options: Options) -> bool:
    return any(label(token) in options.ignore_groups for token in groups.seen)


def _overlap(sets: list[GroupSet]) -> bool:
    """Tell whether any two sets stand in one subnet."""
    seen: set[object] = set()
    for one in sets:
        own: set[object] = set()
        for placement in one.placements:
            own.update(placement.subnets.seen)
            if placement.subnets.rest is not None:
                own.add(placement.subnets.rest.key)
        if own & seen:
            return True
        seen |= own
    return False


def _open_identities(sets: list[GroupSet]) -> Iterator[Unknown]:
    """Say which sets may be one although they are stated differently."""
    concrete = [one for one in sets if one.groups.exact]
    for one in sets:
        for other in concrete if one.groups.exact else sets:
            if one is not other and isinstance(unknown := equal(one.groups, other.groups), Unknown):
                yield unknown
                break


def _clusters(interfaces: Interfaces, sets: list[GroupSet]) -> tuple[list[list[GroupSet]], list[Unknown]]:
    """Divide sets of groups by the traffic that they let through; say which rules nobody can read."""
    by_profile: dict[frozenset[GroupRule], list[GroupSet]] = {}
    unread: list[Unknown] = []
    for one in sets:
        match interfaces.profile(one.groups):
            case Unknown() as unknown:
                unread.append(unknown)
            case No():
                pass
            case frozenset() as profile:
                by_profile.setdefault(profile, []).append(one)
    readable = sum(len(found) for found in by_profile.values())
    return list(by_profile.values()), unread if readable + len(unread) > 1 else []


def _excess(sets: list[GroupSet]) -> int:
    placements = [placement for one in sets for placement in one.placements]
    return count(placements).least - (_shared(sets).most or 0)


def _shared(sets: list[GroupSet]) -> Count:
    placements = tuple(placement for one in sets for placement in one.placements)
    return GroupSet(sets[0].groups, placements).interfaces


def _mergeable(case: Case, subject: Subject, sets: list[GroupSet], options: Options) -> Hit:
    placements = [placement for one in sets for placement in one.placements]
    now, shared, excess = count(placements).least, _shared(sets).least, _excess(sets)
    loud = excess >= options.warn_excess and len(placements) >= options.warn_functions and _adds(case, subject)
    return Hit(
        case="mergeable" if loud else "mergeable_small",
        says=(
            f"holds {now} Lambda network interfaces for {len(placements)} functions whose {len(sets)} sets of "
            f"security groups have equal rules; one shared set would need {shared} (saves {excess} of the quota of "
            f"{options.quota})"
        ),
        because=tuple(_evidence(sets)),
        about=tuple((function, "one of the functions") for one in sets for function in one.functions),
        names={"groups": ", ".join(label(token) for token in sets[0].groups.sure)},
        numbers={"interfaces": now, "shared": shared, "excess": excess, "quota": options.quota},
    )


def _adds(case: Case, subject: Subject) -> bool:
    """Tell whether this change adds combinations, or nothing is known of what stands before."""
    if case.before is None:
        return True
    old = case.before.interfaces.network(subject.address)
    return between(case, subject.address).least > (0 if old is None else old.interfaces.least)


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


def _solitary(sets: list[GroupSet]) -> Hit | None:
    """Find a set that one function holds alone, beside a set that several share in the same subnets."""
    shared = [one for one in sets if len(one.placements) > 1 and one.groups.exact]
    for one in sets:
        rival = next((s for s in shared if one.groups.exact and len(one.placements) == 1 and _overlap([one, s])), None)
        if rival is None or not isinstance(equal(one.groups, rival.groups), No):
            continue
        own = one.interfaces.least
        alone = ", ".join(label(token) for token in one.groups.sure)
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
            names={"groups": ", ".join(label(token) for token in rival.groups.sure)},
            numbers={"interfaces": own},
        )
    return None


def _evidence(sets: list[GroupSet]) -> Iterator[Because]:
    for one in sets:
        groups = ", ".join(label(token) for token in one.groups.seen)
        functions = one.functions[0] if len(one.functions) == 1 else f"{len(one.functions)} functions"
        yield Because(f"{functions} with {groups}: {one.interfaces.least} interfaces", one.functions[0], "groups")
