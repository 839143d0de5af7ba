"""What of a verdict a report shows, decided once for all formats."""

from __future__ import annotations

from msgspec import Struct

from eni_lint.finding import Finding, Severity, Verdict


class View(Struct, frozen=True):
    """How a report is to look: the least severity shown, colours, and whether open questions are spelled out."""

    min_severity: Severity = Severity.WARNING
    show_undecided: bool = False
    color: bool = False
    quiet: bool = False


def shown(verdict: Verdict, view: View) -> list[Finding]:
    """List the findings that a report for people shows."""
    return [finding for finding in verdict.findings if finding.severity >= view.min_severity]


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
    parts = [
        counted(number, severity.word)
        for severity in sorted(Severity, reverse=True)
        if (number := sum(finding.severity == severity for finding in verdict.findings))
    ]
    return ", ".join(parts) if parts else "no findings"
