"""A table for spreadsheets: a row per finding, suppressed ones and unreadable inputs included."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from eni_lint.finding import Finding, Problem, Suppressed, Verdict
from eni_lint.report.places import extent, lead, repository_path
from eni_lint.report.printable import one_line
from eni_lint.report.view import View, listed_suppressed, message_of, shown

COLUMNS = (
    *("severity", "rule", "case", "confidence", "kind", "subject", "file", "line", "column"),
    *("message", "fix", "suppressed", "fingerprint"),
)
# Spreadsheets run a cell that begins with one of these: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict as comma-separated values with a heading."""
    table = StringIO()
    writer = csv.DictWriter(table, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in _rows(verdict, view):
        writer.writerow({column: _cell(value) for column, value in row.items()})
    return table.getvalue()


def _rows(verdict: Verdict, view: View) -> Iterator[dict[str, str]]:
    yield from (_unreadable(problem, view) for problem in verdict.errors)
    yield from (_finding(finding, view) for finding in shown(verdict, view))
    yield from (_suppressed(one, view) for one in listed_suppressed(verdict, view))


def _finding(finding: Finding, view: View) -> dict[str, str]:
    place = lead(finding)
    line, column, _, _ = extent(place.span)
    return {
        "severity": finding.severity.word,
        "rule": finding.rule,
        "case": finding.case,
        "confidence": finding.confidence.word,
        "kind": finding.subject.kind,
        "subject": finding.subject.address,
        "file": repository_path(place.span.file or finding.source, view),
        "line": str(line),
        "column": str(column),
        "message": message_of(finding),
        "fix": finding.fix.summary,
        "fingerprint": finding.fingerprint,
    }


def _suppressed(one: Suppressed, view: View) -> dict[str, str]:
    return {**_finding(one.finding, view), "suppressed": f"{one.by}: {one.reason}" if one.reason else one.by}


def _unreadable(problem: Problem, view: View) -> dict[str, str]:
    row = {"severity": "error", "case": "unreadable", "message": problem.message}
    if problem.file:
        row.update({"file": repository_path(problem.file, view), "line": str(max(1, problem.line))})
    return row


def _cell(value: str) -> str:
    text = one_line(value)
    return f"'{text}" if text.startswith(FORMULA) else text
