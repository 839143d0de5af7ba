"""What of a verdict a report shows, decided once for all formats."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.finding import Finding, Open, Severity, Suppressed, Verdict
from eni_lint.report.printable import one_line


class View(Struct, frozen=True):
    """How a report is to look: the least severity shown, colours, and whether open questions are spelled out.

    `hide_suppressed` leaves suppressed findings out where a report would list them; they are counted all the same.

    `root` is the top of the repository and `here` the folder that paths are relative to, for the formats whose
    readers know only the repository.
    """

    min_severity: Severity = Severity.WARNING
    show_undecided: bool = False
    color: bool = False
    quiet: bool = False
    hide_suppressed: bool = False
    root: str = ""
    here: str = ""


class Facts(Struct, frozen=True):
    """Open facts that keep the same questions from being answered: their keys, one that stands for all, the inputs.

    `sources` is empty where a verdict has but one input.
    """

    keys: tuple[str, ...]
    like: Open
    sources: tuple[str, ...]

    @property
    def asked_for(self) -> str:
        """Name the subjects of the questions, the first few of many, and the inputs that they are in."""
        places = f" in {listed(self.sources)}" if self.sources else ""
        return listed(self.like.subjects) + places


def shown(verdict: Verdict, view: View) -> list[Finding]:
    """List the findings that a report for people shows, the most severe first, and those of one rule together."""
    seen = [finding for finding in verdict.findings if finding.severity >= view.min_severity]
    return sorted(seen, key=lambda finding: (-finding.severity, finding.rule))


def listed_suppressed(verdict: Verdict, view: View) -> tuple[Suppressed, ...]:
    """List the suppressed findings that a report for machines shows as such."""
    return () if view.hide_suppressed else verdict.suppressed


def facts(verdict: Verdict) -> list[Facts]:
    """Merge the open facts that differ only in their key, or only in the input that leaves them open."""
    several = len(sources_of(verdict)) > 1
    inputs: dict[Open, dict[str, None]] = {}
    for one in verdict.undecided:
        inputs.setdefault(replace(one, source=""), {})[one.source] = None
    groups: dict[tuple[Open, tuple[str, ...]], list[Open]] = {}
    for one, sources in inputs.items():
        groups.setdefault((replace(one, key=""), tuple(sources)), []).append(one)
    return [
        Facts(tuple(one.key for one in group), group[0], sources if several else ())
        for (_, sources), group in groups.items()
    ]


def sources_of(verdict: Verdict) -> tuple[str, ...]:
    """List the inputs that a verdict is about."""
    judged, undecided = (one.source for one in verdict.judged), (one.source for one in verdict.undecided)
    return tuple(dict.fromkeys((*judged, *undecided)))


def without_functions(verdict: Verdict) -> tuple[str, ...]:
    """List the inputs in which nothing is to be judged; a note tells of those that may hold functions all the same."""
    busy = {judged.source for judged in verdict.judged if judged.functions or judged.incomplete}
    return tuple(dict.fromkeys(judged.source for judged in verdict.judged if judged.source not in busy))


def listed(names: tuple[str, ...], limit: int = 3) -> str:
    """List names, the first few of many.

    >>> listed(("a", "b", "c", "d", "e"))
    'a, b, c and 2 more'
    """
    if len(names) <= limit:
        return ", ".join(names)
    return f"{', '.join(names[:limit])} and {len(names) - limit} more"


def counted(number: int, noun: str) -> str:
    """Count things in words.

    >>> counted(1, "error"), counted(2, "policy")
    ('1 error', '2 policies')
    """
    if number == 1:
        return f"{number} {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def open_facts(groups: list[Facts]) -> str:
    """Count open facts, each once, however many inputs leave it open."""
    return counted(sum(len(group.keys) for group in groups), "open fact")


def totals(verdict: Verdict) -> str:
    """Sum the findings up by severity."""
    numbers = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for finding in verdict.findings:
        numbers[finding.severity] += 1
    return ", ".join(counted(n, severity.word) for severity, n in numbers.items() if n) or "no findings"


def message_of(finding: Finding) -> str:
    """Say what is wrong on one line, and in which scenarios."""
    return one_line(finding.message) + only(finding.when)


def only(when: str) -> str:
    """Say behind something in which scenarios it holds, nothing where in all.

    >>> only("IsProd is true"), only("with prod"), only("")
    (' (when IsProd is true)', ' (with prod)', '')
    """
    scenarios = one_line(when)
    if not scenarios:
        return ""
    return f" ({scenarios})" if scenarios.startswith("with ") else f" (when {scenarios})"
