"""A change makes new network interfaces while the old ones still stand."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from eni_lint.analysis.case import Case
from eni_lint.analysis.interfaces import Network, Passing, passing
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Because
from eni_lint.model.identity import named


class Options(Struct, frozen=True):
    """The quota of the VPC, and how many new combinations in one change are worth a word."""

    quota: int = 500
    new_min: int = 10


def check(case: Case, subject: Subject, options: Options) -> Iterator[Hit | Undecided]:
    """Count the interfaces of before and after together."""
    if case.before is None:
        return
    old, new = case.before.interfaces.network(subject.address), case.after.interfaces.network(subject.address)
    network = new if old is None else old
    if network is None or (old is None and not case.before.interfaces.around(network)):
        return
    counted = passing(case, network)
    if counted.after.most == 0:
        return
    if counted.both.least >= options.quota and counted.after.most is not None and counted.after.most < options.quota:
        yield _hit(case, network, "exceeds", counted, options)
    elif counted.made >= options.new_min and counted.left > 0:
        yield _hit(case, network, "doubles", counted, options)
    elif _may_matter(counted, options):
        yield from map(Undecided, counted.open_facts)


def _may_matter(counted: Passing, options: Options) -> bool:
    """Tell whether what is open can make the interfaces exceed the quota for a while, or double."""
    most = counted.both.most
    return most is None or most >= options.quota or most - counted.before.least >= options.new_min


def _hit(case: Case, network: Network, name: str, counted: Passing, options: Options) -> Hit:
    before, after, both = counted.before.least, counted.after.least, counted.both.least
    moving = [release for release in case.releases.values() if release.how == "move"]
    return Hit(
        case=name,
        says=(
            f"holds {both} Lambda network interfaces while this change runs ({before} before, {after} after): the new "
            f"ones are made first, and the old ones go 20 to 45 minutes later; the quota is {options.quota}"
        ),
        because=tuple(
            Because(
                f"{release.function} leaves {named(release.groups)}",
                release.function,
            )
            for release in moving[:10]
        ),
        about=tuple((release.function, "moves to other interfaces") for release in moving),
        names={"vpc": network.address},
        numbers={"before": before, "after": after, "between": both, "quota": options.quota},
    )
