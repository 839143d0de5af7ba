"""Our own JSON report against the schema that ships with it."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from eni_lint.finding import Severity, Verdict
from eni_lint.report import render
from eni_lint.report.view import View
from report.verdicts import CLEAN, EVERYTHING, IN_REPOSITORY, many

SCHEMA = json.loads(resources.files("eni_lint.data").joinpath("report.schema.json").read_text("utf-8"))


def closed(schema: Any) -> Any:
    """Refuse every property that the schema does not describe."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(part) for name, part in schema.items()}
    return {"additionalProperties": False, **inner} if "properties" in schema and "type" in schema else inner


def report(verdict: Verdict, view: View = IN_REPOSITORY) -> dict[str, Any]:
    return json.loads(render(verdict, "json", view))


@pytest.mark.parametrize(
    "verdict", [EVERYTHING, CLEAN, Verdict(), many(50)], ids=["everything", "clean", "none", "many"]
)
def test_a_report_holds_what_its_schema_describes_and_nothing_else(verdict: Verdict) -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert [error.message for error in Draft202012Validator(closed(SCHEMA)).iter_errors(report(verdict))] == []


def test_the_schema_refuses_what_is_no_report() -> None:
    broken = report(EVERYTHING)
    del broken["findings"][0]["fingerprint"]
    broken["findings"][1]["severity"] = "fatal"
    broken["version"] = 2

    assert len(list(Draft202012Validator(SCHEMA).iter_errors(broken))) == 3


def test_everything_is_in_the_report_whatever_is_shown() -> None:
    assert report(EVERYTHING, View(min_severity=Severity.ERROR, quiet=True)) == report(EVERYTHING)
    assert len(report(EVERYTHING)["findings"]) == len(EVERYTHING.findings)


def test_the_summary_counts() -> None:
    summary = report(EVERYTHING)["summary"]

    assert (summary["error"], summary["warning"], summary["info"]) == (4, 1, 1)
    assert (summary["undecided"], summary["suppressed"], len(summary["inputs"])) == (3, 2, 2)
