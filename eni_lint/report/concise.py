"""One line per finding, for grep and editors: where, which rule, how bad, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.finding import Finding, Verdict
from eni_lint.report.places import extent, lead
from eni_lint.report.printable import one_line
from eni_lint.report.view import View, facts, message_of, open_facts, shown, totals


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict in one line per finding, and one for the totals; paths are those of the command line."""
    return "".join(f"{line}\n" for line in _lines(verdict, view))


def _lines(verdict: Verdict, view: View) -> Iterator[str]:
    for problem in verdict.errors:
        place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part)
        yield f"{place or 'input'}: error: {one_line(problem.message)}"
    if not view.quiet:
        yield from (_finding(finding) for finding in shown(verdict, view))
    yield totals(verdict) + (f" · {open_facts(facts(verdict))}" if verdict.undecided else "")


def _finding(finding: Finding) -> str:
    span = lead(finding).span
    line, column, _, _ = extent(span)
    place = f"{span.file}:{line}:{column}" if span.precise else span.file or finding.source
    return f"{place}: {finding.rule} {finding.severity.word}: {message_of(finding)}"
