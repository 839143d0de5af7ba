"""The machine's report: everything in a verdict, versioned."""

from __future__ import annotations

from typing import Any

import msgspec

from eni_lint.finding import Finding, Place, Verdict
from eni_lint.report.view import View

VERSION = 1


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict as JSON; nothing is left out, whatever a view shows."""
    report = {
        "version": VERSION,
        "summary": _summary(verdict),
        "findings": [_finding(finding) for finding in verdict.findings],
        "undecided": [msgspec.to_builtins(one) for one in verdict.undecided],
        "suppressed": [
            {"by": one.by, "reason": one.reason, "finding": _finding(one.finding)} for one in verdict.suppressed
        ],
        "errors": [msgspec.to_builtins(problem) for problem in verdict.errors],
        "notes": list(verdict.notes),
        "forecast": [msgspec.to_builtins(line) for line in verdict.forecast],
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


def _summary(verdict: Verdict) -> dict[str, Any]:
    counts = {word: 0 for word in ("error", "warning", "info")}
    for finding in verdict.findings:
        counts[finding.severity.word] += 1
    return {
        **counts,
        "undecided": len(verdict.undecided),
        "suppressed": len(verdict.suppressed),
        "inputs": [msgspec.to_builtins(judged) for judged in verdict.judged],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "case": finding.case,
        "severity": finding.severity.word,
        "confidence": finding.confidence.word,
        "subject": msgspec.to_builtins(finding.subject),
        "message": finding.message,
        "source": finding.source,
        "places": [_place(place) for place in finding.places],
        "evidence": [
            {"says": because.says, "address": because.address, "tier": because.tier} for because in finding.evidence
        ],
        "why": finding.why,
        "error": finding.error,
        "fix": msgspec.to_builtins(finding.fix),
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
        "calls": [msgspec.to_builtins(call) for call in place.span.calls],
    }
