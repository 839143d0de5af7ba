"""Workflow commands, which GitHub Actions shows as annotations in the changed files.

GitHub keeps ten annotations of each type per step and drops the others without a word; the log gets them all.
"""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.finding import Finding, Problem, Severity, Verdict
from eni_lint.report.places import extent, lead, repository_path, where
from eni_lint.report.printable import one_line
from eni_lint.report.view import View, counted, listed, message_of, shown, totals, without_functions

TYPES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
ANNOTATIONS_PER_TYPE = 10


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict as workflow commands, and what GitHub would drop as lines of the log."""
    return "".join(f"{line}\n" for line in _lines(verdict, view))


def _lines(verdict: Verdict, view: View) -> Iterator[str]:
    left = dict.fromkeys(TYPES.values(), ANNOTATIONS_PER_TYPE)
    rest: list[str] = []
    for problem in verdict.errors:
        if left["error"]:
            left["error"] -= 1
            yield _unreadable(problem, view)
        else:
            rest.append(f"{problem.file or 'input'}: error: {one_line(problem.message)}")
    for finding in shown(verdict, view):
        kind = TYPES[finding.severity]
        if left[kind]:
            left[kind] -= 1
            yield _annotation(finding, view)
        else:
            rest.append(f"{where(finding, view)}: {finding.rule} {finding.severity.word}: {message_of(finding)}")
    if rest:
        yield f"::group::{counted(len(rest), 'more finding')} (GitHub annotates ten of a type)"
        # A line that begins with two colons would be a command, whatever it means to say.
        yield from (f"- {line}" for line in rest)
        yield "::endgroup::"
    yield from (f"note: {one_line(note)}" for note in verdict.notes)
    if idle := without_functions(verdict):
        yield f"note: {one_line(listed(idle))}: no Lambda functions, nothing to judge"
    yield totals(verdict)


def _annotation(finding: Finding, view: View) -> str:
    place = lead(finding)
    line, column, end_line, end_column = extent(place.span)
    properties = {"file": repository_path(place.span.file or finding.source, view), "line": str(line)}
    if place.span.precise and end_line == line:
        properties.update({"col": str(column), "endColumn": str(end_column)})
    elif place.span.precise:
        properties["endLine"] = str(end_line)
    properties["title"] = f"{finding.rule} {finding.case.replace('_', ' ')}"
    words = [message_of(finding)]
    if finding.error:
        words.append(f"aws: {one_line(finding.error)}")
    words.append(f"fix: {one_line(finding.fix.summary)}")
    return _command(TYPES[finding.severity], properties, "\n".join(words))


def _unreadable(problem: Problem, view: View) -> str:
    properties = {"title": "eni-lint cannot judge this"}
    if problem.file:
        properties = {"file": repository_path(problem.file, view), "line": str(max(1, problem.line)), **properties}
    return _command("error", properties, problem.message)


def _command(kind: str, properties: dict[str, str], message: str) -> str:
    """Write a workflow command.

    >>> _command("error", {"title": "a: b, c"}, "50%\\nlost")
    '::error title=a%3A b%2C c::50%25%0Alost'
    """
    stated = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {stated}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
