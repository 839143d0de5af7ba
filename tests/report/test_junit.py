"""JUnit XML against the schema of Jenkins' xUnit plugin."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from xmlschema import XMLSchema

from eni_lint.finding import Verdict
from eni_lint.report import render
from eni_lint.report.view import View
from report.verdicts import CLEAN, EVERYTHING, HOSTILE, IN_REPOSITORY, PROBLEMS, finding, hostile, many, unwritten

SCHEMA = XMLSchema(Path(__file__).parent.parent / "schemas" / "junit-10.xsd")


def suites(verdict: Verdict, view: View = IN_REPOSITORY) -> Element:
    return ElementTree.fromstring(render(verdict, "junit", view))


@pytest.mark.parametrize(
    "verdict", [EVERYTHING, CLEAN, Verdict(), many(60)], ids=["everything", "clean", "none", "many"]
)
def test_a_report_is_what_the_schema_allows(verdict: Verdict) -> None:
    assert [error.reason for error in SCHEMA.iter_errors(suites(verdict))] == []


def test_the_schema_refuses_what_is_no_report() -> None:
    broken = ElementTree.fromstring(
        '<testsuites id="1"><testsuite name="a">x<testcase/><case/></testsuite></testsuites>'
    )

    assert len([*SCHEMA.iter_errors(broken)]) > 3


@pytest.mark.parametrize("verdict", [EVERYTHING, CLEAN, many(60)], ids=["everything", "clean", "many"])
def test_the_numbers_are_those_of_the_cases(verdict: Verdict) -> None:
    root = suites(verdict)

    for element in [root, *root]:
        cases = [*element.iter("testcase")]
        assert int(element.attrib["tests"]) == len(cases)
        assert int(element.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
        assert int(element.attrib["errors"]) == sum(case.find("error") is not None for case in cases)


def test_there_is_one_suite_per_file() -> None:
    root = suites(Verdict(findings=(finding(), unwritten(), finding())))

    assert [suite.attrib["name"] for suite in root] == ["live/functions.tf", "live/plan.json"]


def test_a_failure_is_of_the_type_of_its_severity() -> None:
    types = [failure.attrib["type"] for failure in suites(EVERYTHING).iter("failure")]

    assert sorted(types) == ["error", "error", "error", "error", "info", "warning"]


def test_what_is_suppressed_is_skipped_with_its_reason() -> None:
    skipped = [element.attrib for element in suites(EVERYTHING).iter("skipped")]

    assert skipped == [
        {"type": "directive", "message": "agreed with the platform team"},
        {"type": "baseline", "message": "baseline"},
    ]


def test_an_unreadable_input_is_an_error_of_its_file() -> None:
    root = suites(Verdict(errors=PROBLEMS))

    assert [suite.attrib["name"] for suite in root] == ["live/tfplan", "live/t.yaml"]
    assert all(suite.find("testcase/error") is not None for suite in root)


def test_a_clean_run_has_one_passing_case() -> None:
    (case,) = suites(CLEAN).iter("testcase")

    assert case.attrib["name"] == "no findings"
    assert len(case) == 0


def test_a_message_survives_as_it_is_but_for_what_xml_cannot_hold() -> None:
    (failure,) = suites(Verdict(findings=(hostile(),))).iter("failure")

    assert failure.attrib["message"].startswith(HOSTILE.partition("\n")[0])
    assert "日本語" in failure.attrib["message"]
