"""What of a verdict a report shows, decided once for all formats."""

from __future__ import annotations

from msgspec import Struct

from eni_lint.finding import Finding, Open, Severity, Verdict
from eni_lint.report.printable import one_line


class View(Struct, frozen=True):
    """How a report is to look: the least severity shown, colours, and whether open questions are spelled out.

    `root` is the top of the repository and `here` the folder that paths are relative to, for the formats whose
    readers know only the repository.
    """

    min_severity: Severity = Severity.WARNING
    show_undecided: bool = False
    color: bool = False
    quiet: bool = False
    root: str = ""
    here: str = ""


class Facts(Struct, frozen=True):
    """Open facts that keep the same questions from being answered: their keys, and one that stands for all."""

    keys: tuple[str, ...]
    like: Open


def shown(verdict: Verdict, view: View) -> list[Finding]:
    """List the findings that a report for people shows, the most severe first, and those of one rule together."""
    seen = [finding for finding in verdict.findings if finding.severity >= view.min_severity]
    return sorted(seen, key=lambda finding: (-finding.severity, finding.rule))


def facts(verdict: Verdict) -> list[Facts]:
    """Merge the open facts that differ only in their key."""
    groups: dict[Open, list[Open]] = {}
    for one in verdict.undecided:
        alike = Open("", one.why, one.decided_by, one.rules, one.subjects, one.source)
        groups.setdefault(alike, []).append(one)
    return [Facts(tuple(one.key for one in group), group[0]) for group in groups.values()]


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


def totals(verdict: Verdict) -> str:
    """Sum the findings up by severity."""
    numbers = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for finding in verdict.findings:
        numbers[finding.severity] += 1
    return ", ".join(counted(n, severity.word) for severity, n in numbers.items() if n) or "no findings"


def message_of(finding: Finding) -> str:
    """Say what is wrong on one line, and in which scenarios."""
    message = one_line(finding.message)
    return f"{message} (when {one_line(finding.when)})" if finding.when else message
