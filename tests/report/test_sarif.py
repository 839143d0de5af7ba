"""SARIF against its schema, against what we write of it, and against what GitHub refuses or drops."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from msgspec.structs import replace

from eni_lint.finding import Confidence, Finding, Severity, Verdict
from eni_lint.pack import shipped
from eni_lint.report import render
from eni_lint.report.view import View
from report.verdicts import (
    CLEAN,
    EVERYTHING,
    GRANT,
    HOSTILE,
    IN_REPOSITORY,
    ROLE,
    finding,
    hostile,
    many,
    unwritten,
)

SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))


def record(required: str = "", **properties: Any) -> dict[str, Any]:
    """Describe an object with these properties and no others; those before the bar are required."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def listing(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


TEXT = {"type": "string", "minLength": 1}
FROM_ONE = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = record("text", text=TEXT)
DESCRIPTION = record("text", text={**TEXT, "maxLength": 1024})
# Relative, of forward slashes, with every other sign escaped, and not leading out.
URI = {"type": "string", "pattern": r"^(?!/)(?!.*\.\.(/|$))([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"}
REGION = record("startLine", startLine=FROM_ONE, startColumn=FROM_ONE, endLine=FROM_ONE, endColumn=FROM_ONE)
PHYSICAL = record("artifactLocation region", artifactLocation=record("uri", uri=URI), region=REGION)
LOGICAL = listing(record("fullyQualifiedName", fullyQualifiedName=TEXT, kind={"const": "resource"}), minItems=1)
LOCATION = record("physicalLocation", physicalLocation=PHYSICAL, logicalLocations=LOGICAL)
RELATED = record(
    "id message physicalLocation",
    id=FROM_ONE,
    message=MESSAGE,
    physicalLocation=PHYSICAL,
    logicalLocations=LOGICAL,
)
RULE = record(
    "id shortDescription fullDescription help defaultConfiguration properties",
    id=TEXT,
    name={"type": "string", "pattern": "^([A-Z][a-z0-9]*)+$", "maxLength": 255},
    shortDescription=DESCRIPTION,
    fullDescription=DESCRIPTION,
    help=record("text markdown", text=TEXT, markdown=TEXT),
    helpUri={"type": "string", "pattern": "^https://"},
    defaultConfiguration=record("level", level=LEVEL),
    properties={
        **record("tags precision"),
        "additionalProperties": True,
        "properties": {
            "tags": listing(TEXT, maxItems=10, uniqueItems=True, contains={"const": "security"}),
            "precision": {"enum": ["very-high", "high", "medium", "low"]},
            "problem.severity": {"enum": ["error", "warning", "recommendation"]},
            "security-severity": {"type": "string", "pattern": r"^(10\.0|\d\.\d)$"},
        },
    },
)
RESULT = record(
    "ruleId ruleIndex level message locations partialFingerprints",
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=listing(LOCATION, minItems=1, maxItems=1),
    relatedLocations=listing(RELATED, minItems=1, maxItems=100),
    partialFingerprints={"type": "object", "additionalProperties": TEXT, "minProperties": 1},
    suppressions=listing(
        record("kind", kind={"enum": ["inSource", "external"]}, justification=TEXT), minItems=1, uniqueItems=True
    ),
    properties={"type": "object"},
)
INVOCATION = record(
    "executionSuccessful",
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications=listing(
        record("message", level=LEVEL, message=MESSAGE, locations=listing(LOCATION)),
    ),
)
LOG = record(
    "version runs",
    **{"$schema": {"type": "string", "pattern": "^https://"}},
    version={"const": "2.1.0"},
    runs=listing(
        record(
            "tool results",
            tool=record(
                "driver",
                driver=record("name rules", name=TEXT, semanticVersion=TEXT, rules=listing(RULE, uniqueItems=True)),
            ),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            invocations=listing(INVOCATION),
            results=listing(RESULT, maxItems=25_000),
        ),
        minItems=1,
        maxItems=1,
    ),
)
LINK = re.compile(r"(?<!\\)\[((?:\\.|[^\[\]\\])+)\]\((\d+)\)")


def run(*findings: Finding, view: View = IN_REPOSITORY, **changes: Any) -> dict[str, Any]:
    return json.loads(render(Verdict(findings=findings, **changes), "sarif", view))["runs"][0]


@pytest.mark.parametrize(
    "verdict", [EVERYTHING, CLEAN, Verdict(), many(60)], ids=["everything", "clean", "none", "many"]
)
def test_a_log_is_valid_against_the_schema_of_sarif(verdict: Verdict) -> None:
    log = json.loads(render(verdict, "sarif", IN_REPOSITORY))

    assert [f"{error.json_path}: {error.message}" for error in Draft4Validator(SCHEMA).iter_errors(log)] == []


def test_the_schema_of_sarif_refuses_what_is_none() -> None:
    log = json.loads(render(Verdict(findings=(finding(),)), "sarif", IN_REPOSITORY))
    log["runs"][0]["results"][0]["level"] = "fatal"
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    log["runs"][0]["tool"]["driver"]["rule"] = []

    assert len(list(Draft4Validator(SCHEMA).iter_errors(log))) == 3


@pytest.mark.parametrize(
    "verdict", [EVERYTHING, CLEAN, Verdict(), many(60)], ids=["everything", "clean", "none", "many"]
)
def test_a_log_holds_what_github_reads_and_nothing_else(verdict: Verdict) -> None:
    log = json.loads(render(verdict, "sarif", IN_REPOSITORY))

    assert [f"{error.json_path}: {error.message}" for error in Draft202012Validator(LOG).iter_errors(log)] == []


def test_the_check_refuses_what_github_refuses() -> None:
    log = json.loads(render(Verdict(findings=(finding(),)), "sarif", IN_REPOSITORY))
    result = log["runs"][0]["results"][0]
    result["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "file:///a.tf"
    result["level"] = "fatal"

    assert len(list(Draft202012Validator(LOG).iter_errors(log))) == 3


def test_every_shipped_rule_can_be_described() -> None:
    findings = tuple(unwritten(rule=card.id, identity=f"{number:032x}") for number, card in enumerate(shipped()))

    described = run(*findings)

    errors = Draft202012Validator(RULE)
    assert [error.message for rule in described["tool"]["driver"]["rules"] for error in errors.iter_errors(rule)] == []
    assert all("helpUri" in rule and "name" in rule for rule in described["tool"]["driver"]["rules"])


def test_a_result_points_at_its_rule() -> None:
    report = run(*EVERYTHING.findings, suppressed=EVERYTHING.suppressed)

    rules = report["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in report["results"])
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})


def test_a_finding_with_sources_stands_at_its_line_from_the_top_of_the_repository() -> None:
    (location,) = run(finding())["results"][0]["locations"]

    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "live/functions.tf"},
        "region": {"startLine": 14, "startColumn": 10, "endLine": 14, "endColumn": 33},
    }


def test_a_finding_on_a_plan_stands_at_the_plan_and_names_its_address() -> None:
    (location,) = run(unwritten())["results"][0]["locations"]

    assert location == {
        "physicalLocation": {"artifactLocation": {"uri": "live/plan.json"}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": "aws_lambda_function.orders", "kind": "resource"}],
    }


def test_every_related_place_is_linked_from_the_message() -> None:
    result = run(finding(places=(GRANT, ROLE)))["results"][0]

    links = [int(number) for _, number in LINK.findall(result["message"]["text"])]
    assert links == [related["id"] for related in result["relatedLocations"]] == [1, 2, 3]
    assert [related["message"]["text"] for related in result["relatedLocations"][1:]] == [
        "the call of module.orders",
        "the call of module.iam",
    ]


def test_brackets_of_an_address_are_not_a_link() -> None:
    instance = replace(GRANT, says="", address='aws_x.y["a"](1)')

    text = run(finding(message='aws_x.y["a"](1) is lost', places=(ROLE, instance)))["results"][0]["message"]["text"]

    assert text.startswith('aws_x.y["a"] (1) is lost. See ')
    assert [(label, number) for label, number in LINK.findall(text)] == [('aws_x.y\\["a"\\](1)', "1")]


def test_a_path_of_any_letters_is_a_uri() -> None:
    (location,) = run(hostile())["results"][0]["locations"]

    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert unquote(uri) == "live/a b/日本 #1%.tf"


def test_the_finding_comes_first_in_its_message() -> None:
    text = run(hostile())["results"][0]["message"]["text"]

    assert text.startswith(HOSTILE[:20])
    assert "\n" not in text


def test_a_message_keeps_to_a_length() -> None:
    result = run(finding(message="x" * 50_000, places=(ROLE, replace(GRANT, says="y" * 50_000))))["results"][0]

    assert len(result["message"]["text"]) < 5_000


def test_two_findings_of_one_plan_are_two_alerts() -> None:
    hashes = {r["partialFingerprints"]["primaryLocationLineHash"] for r in run(*EVERYTHING.findings)["results"]}

    assert len(hashes) == len(EVERYTHING.findings)


def test_an_unreadable_input_is_a_notification_and_the_run_no_success() -> None:
    invocation = run(errors=EVERYTHING.errors)["invocations"][0]

    assert not invocation["executionSuccessful"]
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["error", "error"]
    located = invocation["toolExecutionNotifications"][1]["locations"][0]["physicalLocation"]
    assert located["artifactLocation"]["uri"] == "live/t.yaml"
    assert located["region"]["startLine"] == 3


def test_open_facts_are_notes() -> None:
    invocation = run(undecided=EVERYTHING.undecided)["invocations"][0]

    assert invocation["executionSuccessful"]
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["note", "note"]


def test_suppressed_findings_say_by_what() -> None:
    suppressions = [result["suppressions"] for result in run(suppressed=EVERYTHING.suppressed)["results"]]

    assert suppressions == [
        [{"kind": "inSource", "justification": "agreed with the platform team"}],
        [{"kind": "external", "justification": "baseline"}],
    ]


def test_confidence_is_kept_apart_from_severity() -> None:
    result = run(finding(severity=Severity.WARNING, confidence=Confidence.MEDIUM))["results"][0]

    assert (result["level"], result["properties"]["confidence"]) == ("warning", "medium")


def test_the_most_severe_are_kept_where_there_are_too_many() -> None:
    report = run(*many(30_000).findings)

    levels = [result["level"] for result in report["results"]]
    (notification,) = report["invocations"][0]["toolExecutionNotifications"]
    assert len(levels) == 25_000
    assert levels.count("error") == levels.count("warning") == 10_000
    assert notification["message"]["text"].startswith("5000 more findings left out")


def test_ten_thousand_findings_are_accepted_by_github() -> None:
    rendered = render(many(10_000), "sarif", IN_REPOSITORY)

    assert len(gzip.compress(rendered.encode())) < 10 * 2**20
