"""GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from eni_lint.finding import Finding, Problem, Severity, Verdict
from eni_lint.report.encode import encoded
from eni_lint.report.places import extent, lead, repository_path
from eni_lint.report.printable import one_line
from eni_lint.report.view import View, message_of, shown

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(verdict: Verdict, view: View) -> str:
    """Render a verdict for merge requests; an input that could not be read is a blocker."""
    unreadable = [_unreadable(problem, view) for problem in dict.fromkeys(verdict.errors)]
    return encoded(unreadable + [_finding(finding, view) for finding in shown(verdict, view)])


def _finding(finding: Finding, view: View) -> dict[str, Any]:
    place = lead(finding)
    begin, _, end, _ = extent(place.span)
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": message_of(finding),
        "content": {"body": f"{one_line(finding.why)}\n\nFix: {one_line(finding.fix.summary)}"},
        "categories": ["Bug Risk"],
        "severity": SEVERITIES[finding.severity],
        "fingerprint": finding.fingerprint,
        "location": {
            "path": repository_path(place.span.file or finding.source, view),
            "lines": {"begin": begin, "end": end},
        },
    }


def _unreadable(problem: Problem, view: View) -> dict[str, Any]:
    line = max(1, problem.line)
    hashed = f"{problem.file}\n{problem.line}\n{problem.column}\n{problem.message}"
    return {
        "type": "issue",
        "check_name": "unreadable",
        "description": one_line(problem.message),
        "categories": ["Bug Risk"],
        "severity": "blocker",
        "fingerprint": sha256(hashed.encode(errors="replace")).hexdigest()[:32],
        "location": {"path": repository_path(problem.file or ".", view), "lines": {"begin": line, "end": line}},
    }
