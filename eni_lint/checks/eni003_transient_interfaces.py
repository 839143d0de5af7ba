"""A change makes new network interfaces while the old ones still stand."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from eni_lint.analysis.case import Case
from eni_lint.analysis.interfaces import Network, between
from eni_lint.finding import Hit, Subject, Undecided
from eni_lint.model.answer import Because
from eni_lint.model.identity import label


class Options(Struct, frozen=True):
    """The quota of the VPC, and how many new combinations in one change are worth a word."""

    quota: int = 500
    new_min: int = 10


def check(case: Case, subject: Subject, options: Options) -> Iterator[Hit | Undecided]:
    """Count the interfaces of before and after together."""
    if case.before is None:
        return
    old = case.before.interfaces.network(subject.address)
    if old is None:
        return
    new = case.after.interfaces.network(subject.address)
    before, after = old.interfaces.least, 0 if new is None else new.interfaces.least
    both = between(case, subject.address)
    if both.least >= options.quota and after < options.quota:
        yield _hit(case, old, "exceeds", before, after, both.least, options)
    elif both.least - before >= options.new_min and both.least > after:
        yield _hit(case, old, "doubles", before, after, both.least, options)
    elif new is not None and (both.most is None or both.most - before >= options.new_min):
        yield from map(Undecided, case.after.interfaces.open_facts(new))


def _hit(case: Case, old: Network, name: str, before: int, after: int, both: int, options: Options) -> Hit:
    moving = [release for release in case.releases.values() if release.how == "move"]
    return Hit(
        case=name,
        says=(
            f"holds {both} Lambda network interfaces while this change runs ({before} before, {after} after): the new "
            f"ones are made first, and the old ones go 20 to 45 minutes later; the quota is {options.quota}"
        ),
        because=tuple(
            Because(
                f"{release.function} leaves {', '.join(label(token) for token in release.groups.seen)}",
                release.function,
            )
            for release in moving[:10]
        ),
        about=tuple((release.function, "moves to other interfaces") for release in moving),
        names={"vpc": old.address},
        numbers={"before": before, "after": after, "between": both, "quota": options.quota},
    )
