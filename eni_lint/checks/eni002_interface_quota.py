"""The functions of one VPC need too much of its quota of Hyperplane network interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from eni_lint.analysis.case import Case
from eni_lint.analysis.interfaces import GroupSet, Network
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Because
from eni_lint.model.identity import named


class Options(Struct, frozen=True):
    """The quota of the VPC, and the share of it that is worth a warning."""

    quota: int = 500
    warn_ratio: float = 0.5


def check(case: Case, subject: Subject, options: Options) -> Iterator[Hit | Undecided]:
    """Compare the interfaces that certainly exist after the change with the quota."""
    network = case.after.interfaces.network(subject.address)
    if network is None:
        return
    interfaces = case.after.interfaces
    least = network.interfaces.least
    if least >= options.warn_ratio * options.quota:
        yield _hit(network, least, options)
    most = interfaces.most(network)
    if least < options.quota and (most is None or most >= options.warn_ratio * options.quota):
        yield from map(Undecided, dict.fromkeys(interfaces.open_facts(network)))


def _hit(network: Network, least: int, options: Options) -> Hit:
    exceeds = least >= options.quota
    shared = network.shared.least
    return Hit(
        case="exceeds" if exceeds else "near",
        says=(
            f"needs at least {least} Lambda network interfaces, "
            f"{'as many as' if exceeds else 'a large part of'} its quota of {options.quota} "
            "before anything outside of this input is counted"
        ),
        because=tuple(map(_evidence, network.sets[:10])),
        about=tuple((placement.function, "one of the functions") for placement in network.placements),
        names={"vpc": network.address},
        numbers={"interfaces": least, "quota": options.quota, "shared": shared},
    )


def _evidence(one: GroupSet) -> Because:
    groups = named(one.groups)
    return Because(f"{groups}: {one.interfaces.least} interfaces for {len(one.functions)} functions", one.functions[0])
