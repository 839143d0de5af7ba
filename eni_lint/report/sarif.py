"""SARIF 2.1.0, for GitHub code scanning and other collections of findings.

What GitHub reads and refuses: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from eni_lint import __version__
from eni_lint.finding import Finding, Place, Problem, Severity, Suppressed, Verdict
from eni_lint.model.place import Span
from eni_lint.pack import Card, card
from eni_lint.report.encode import encoded
from eni_lint.report.explain import explained, explained_in_markdown
from eni_lint.report.places import extent, lead, repository_path
from eni_lint.report.printable import one_line
from eni_lint.report.view import (
    View,
    counted,
    facts,
    listed,
    listed_suppressed,
    message_of,
    shown,
    without_functions,
)

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
# GitHub calls 7.0 and above high, 4.0 and above medium.
SECURITY_SEVERITIES = {Severity.ERROR: "7.0", Severity.WARNING: "4.0", Severity.INFO: "1.0"}
SUPPRESSIONS = {"directive": "inSource", "configuration": "external", "baseline": "external"}
# A run with more results is refused; GitHub shows the 5,000 most severe.
MOST_RESULTS = 25_000
# GitHub keeps 100 locations of a result and 1,024 characters of a description; messages keep to the same.
MOST_RELATED = 99
LONGEST_TEXT = 1_024


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict as one SARIF run, suppressed findings included and marked as such.

    GitHub does not read that mark: it makes alerts of them, unless the view hides them.
    """
    results: list[Finding | Suppressed] = [*shown(verdict, view), *listed_suppressed(verdict, view)]
    kept = results[:MOST_RESULTS]
    stated = {_finding_of(one).rule: _finding_of(one) for one in reversed(kept)}
    index = {rule: number for number, rule in enumerate(sorted(stated))}
    run = {
        "tool": {
            "driver": {
                "name": "eni-lint",
                "semanticVersion": __version__,
                "rules": [_rule(stated[rule]) for rule in index],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not verdict.errors,
                "toolExecutionNotifications": _notifications(verdict, len(results) - len(kept), view),
            }
        ],
        "results": [_result(one, index, view) for one in kept],
    }
    return encoded({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _finding_of(one: Finding | Suppressed) -> Finding:
    return one.finding if isinstance(one, Suppressed) else one


def _rule(finding: Finding) -> dict[str, Any]:
    known = card(finding.rule)
    described = _described(known) if known is not None else _described_by(finding)
    severity = known.severity if known is not None else finding.severity
    return {
        "id": finding.rule,
        **described,
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": ["security", "aws", "lambda", "vpc"],
            "precision": "high",
            "problem.severity": {"note": "recommendation"}.get(LEVELS[severity], LEVELS[severity]),
            "security-severity": SECURITY_SEVERITIES[severity],
        },
    }


def _described(rule: Card) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": "".join(word.capitalize() for word in rule.slug.split("-")),
        "shortDescription": {"text": _clipped(rule.summary)},
        "fullDescription": {"text": _clipped(rule.why)},
        "help": {"text": explained(rule), "markdown": explained_in_markdown(rule)},
    }
    if rule.references:
        described["helpUri"] = rule.references[0]
    return described


def _described_by(finding: Finding) -> dict[str, Any]:
    """Describe a rule of a pack by one of its findings."""
    help_text = f"{finding.why}\n\nFix: {finding.fix.summary}"
    return {
        "shortDescription": {"text": f"{finding.rule} {finding.case.replace('_', ' ')}"},
        "fullDescription": {"text": _clipped(finding.why or finding.rule)},
        "help": {"text": help_text, "markdown": help_text},
    }


def _clipped(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 1]}…"


def _result(one: Finding | Suppressed, index: dict[str, int], view: View) -> dict[str, Any]:
    finding = _finding_of(one)
    main = lead(finding)
    related, links = _related(finding, main, view)
    properties = {"case": finding.case, "confidence": finding.confidence.word, "subject": finding.subject.address}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding, links)},
        "locations": [_location(main.span, main.address, finding.source, view)],
        # Without this hash GitHub takes the line's text, which all findings of a plan in one line share.
        "partialFingerprints": {
            "eniLint/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:1",
        },
        "properties": properties,
    }
    if related:
        result["relatedLocations"] = related
    if isinstance(one, Suppressed):
        result["suppressions"] = [{"kind": SUPPRESSIONS[one.by], "justification": one.reason or one.by}]
    return result


def _message(finding: Finding, links: list[str]) -> str:
    """Say what is wrong first, since GitHub shows the first sentence where there is little room."""
    see = f" See {', '.join(links)}." if links else ""
    return f"{_unlinked(_clipped(message_of(finding)))}.{see} Fix: {_unlinked(_clipped(finding.fix.summary))}."


def _unlinked(text: str) -> str:
    """Keep an address with an index before a bracket from being read as a link."""
    return text.replace("](", "] (")


def _related(finding: Finding, main: Place, view: View) -> tuple[list[dict[str, Any]], list[str]]:
    """Give the other places of a finding, and for each a link that its message can follow."""
    locations, links = [], []
    for number, (says, address, span) in enumerate(list(_other_places(finding, main))[:MOST_RELATED], 1):
        text = _clipped(says)
        location = _location(span, address, finding.source, view)
        locations.append({"id": number, **location, "message": {"text": text}})
        escaped = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
        links.append(f"[{escaped}]({number})")
    return locations, links


def _other_places(finding: Finding, main: Place) -> Iterator[tuple[str, str, Span]]:
    """List what else is written somewhere, and the module calls that lead to the main place."""
    for place in finding.places:
        if place.span.precise and place is not main:
            yield place.says or place.address, place.address, place.span
    for call in main.span.calls:
        yield f"the call of {call.module}", call.module, Span(call.file, call.line, precise=True)


def _location(span: Span, address: str, source: str, view: View) -> dict[str, Any]:
    line, column, end_line, end_column = extent(span)
    region = {"startLine": line}
    if span.precise:
        region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(span.file or source, view)},
            "region": region,
        }
    }
    if address:
        location["logicalLocations"] = [{"fullyQualifiedName": address, "kind": "resource"}]
    return location


def _uri(file: str, view: View) -> str:
    return quote(repository_path(file, view), safe="/", errors="replace")


def _notifications(verdict: Verdict, left_out: int, view: View) -> list[dict[str, Any]]:
    """Tell what a reader of the results alone would not know: unreadable inputs, open facts, what is left out."""
    notifications = [_unreadable(problem, view) for problem in verdict.errors]
    if left_out:
        kept = f"a run with more than {MOST_RESULTS} results is refused"
        text = f"{counted(left_out, 'more finding')} left out: {kept}"
        notifications.append({"level": "warning", "message": {"text": text}})
    for group in facts(verdict):
        like = group.like
        text = f"{listed(group.keys)} ({like.why}): {listed(like.rules)} undecided for {group.asked_for}"
        notifications.append({"level": "note", "message": {"text": one_line(text)}})
    if idle := without_functions(verdict):
        text = f"{listed(idle)}: no Lambda functions, nothing to judge"
        notifications.append({"level": "note", "message": {"text": one_line(text)}})
    notifications.extend({"level": "note", "message": {"text": one_line(note)}} for note in verdict.notes)
    return notifications


def _unreadable(problem: Problem, view: View) -> dict[str, Any]:
    notification: dict[str, Any] = {"level": "error", "message": {"text": one_line(problem.message)}}
    if problem.file:
        span = Span(problem.file, max(1, problem.line), max(1, problem.column), precise=problem.line > 0)
        notification["locations"] = [_location(span, "", problem.file, view)]
    return notification
