"""The machine's report: everything in a verdict, versioned; its schema is `eni_lint/data/report.schema.json`."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from eni_lint import __version__
from eni_lint.finding import Finding, Place, Severity, Verdict
from eni_lint.report.encode import encoded
from eni_lint.report.view import View

VERSION = 1


def render(verdict: Verdict, view: View) -> str:  # noqa: ARG001
    """Render a verdict as JSON; nothing is left out, whatever a view shows."""
    return encoded(
        {
            "version": VERSION,
            "tool": {"name": "eni-lint", "version": __version__},
            "summary": _summary(verdict),
            "findings": [_finding(finding) for finding in verdict.findings],
            "undecided": to_builtins(verdict.undecided),
            "suppressed": [
                {"by": one.by, "reason": one.reason, "finding": _finding(one.finding)} for one in verdict.suppressed
            ],
            "errors": to_builtins(verdict.errors),
            "notes": list(verdict.notes),
            "forecast": to_builtins(verdict.forecast),
        }
    )


def _summary(verdict: Verdict) -> dict[str, Any]:
    counts = {severity.word: 0 for severity in sorted(Severity, reverse=True)}
    for finding in verdict.findings:
        counts[finding.severity.word] += 1
    return {
        **counts,
        "undecided": len(verdict.undecided),
        "suppressed": len(verdict.suppressed),
        "inputs": to_builtins(verdict.judged),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "case": finding.case,
        "severity": finding.severity.word,
        "confidence": finding.confidence.word,
        "subject": to_builtins(finding.subject),
        "message": finding.message,
        "source": finding.source,
        "places": [_place(place) for place in finding.places],
        "evidence": to_builtins(finding.evidence),
        "why": finding.why,
        "error": finding.error,
        "fix": to_builtins(finding.fix),
        "when": finding.when,
        "numbers": finding.numbers,
        "fingerprint": finding.fingerprint,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "role": place.role,
        "address": place.address,
        "change": place.change,
        "says": place.says,
        "file": place.span.file,
        "line": place.span.line,
        "column": place.span.column,
        "end_line": place.span.end_line,
        "end_column": place.span.end_column,
        "precise": place.span.precise,
        "calls": to_builtins(place.span.calls),
    }
