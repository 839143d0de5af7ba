"""eni-lint's rules for cfn-lint: `cfn-lint --append-rules eni_lint.cfnlint_rules template.yaml`.

Each rule that has a cfn-lint id becomes one rule of cfn-lint 1.x. The file is read again by eni-lint's own reader,
since cfn-lint's tree has invented members of loops and merged globals; one lint serves all rules of a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from eni_lint.api import lint
from eni_lint.finding import Finding, Severity
from eni_lint.pack import Card, shipped
from eni_lint.settings import Settings


@lru_cache(maxsize=8)
def findings_in(filename: str) -> tuple[Finding, ...]:
    """Lint a template once for all rules; what cannot be read is cfn-lint's to report."""
    return lint(filename, settings=Settings(min_severity=Severity.INFO)).findings


def _matches(card: Card, severity: Severity, filename: str) -> Iterable[RuleMatch]:
    for finding in findings_in(filename):
        if finding.rule == card.id and finding.severity is severity:
            span = finding.places[0].span
            location = (span.line - 1, span.column - 1, span.end_line - 1, span.end_column - 1)
            yield RuleMatch(["Resources"], f"{finding.rule}: {finding.message}", location=location)


def _rule(card: Card, severity: Severity, letter: str) -> type:
    """Make the cfn-lint rule of a card's findings of one severity, which cfn-lint reads off the first letter."""

    def match(self: Any, cfn: Any) -> list[RuleMatch]:  # noqa: ARG001 - a method of cfn-lint's rules
        return list(_matches(card, severity, str(cfn.filename)))

    stated = {
        "__doc__": card.summary,
        "__module__": __name__,
        "id": letter + card.cfnlint[1:],
        "shortdesc": f"{card.id} {card.slug.replace('-', ' ')}",
        "description": card.summary,
        "source_url": card.references[0],
        "tags": ["eni-lint", "lambda", "vpc"],
        "match": match,
    }
    return type(f"EniLint{letter}{card.id}", (CloudFormationLintRule,), stated)


def _rules() -> Iterable[type]:
    for card in shipped():
        for severity, letter in ((Severity.ERROR, "E"), (Severity.WARNING, "W")):
            if card.cfnlint and any(case.level is severity for case in card.cases.values()):
                yield _rule(card, severity, letter)


globals().update({rule.__name__: rule for rule in _rules()})
