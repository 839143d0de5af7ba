"""JUnit XML against what the schema of Jenkins' xUnit plugin (junit-10.xsd) allows."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from eni_lint.finding import Verdict
from eni_lint.report import render
from eni_lint.report.view import View
from report.verdicts import CLEAN, EVERYTHING, HOSTILE, IN_REPOSITORY, PROBLEMS, finding, hostile, many, unwritten

# For each element: attributes it must have, attributes it may have, elements it may hold.
ALLOWED: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": ({"name"}, {"time", "classname", "group"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
}
TEXTUAL = {"failure", "error", "skipped"}


def faults(element: Element) -> list[str]:
    """List what the schema refuses."""
    required, optional, children = ALLOWED[element.tag]
    found = [f"{element.tag} lacks {name}" for name in required - set(element.attrib)]
    found += [f"{element.tag} has {name}" for name in set(element.attrib) - required - optional]
    found += [f"{element.tag} holds {child.tag}" for child in element if child.tag not in children]
    if element.tag not in TEXTUAL and (element.text or "").strip():
        found.append(f"{element.tag} has text")
    return found + [fault for child in element if child.tag in ALLOWED for fault in faults(child)]


def suites(verdict: Verdict, view: View = IN_REPOSITORY) -> Element:
    return ElementTree.fromstring(render(verdict, "junit", view))


@pytest.mark.parametrize(
    "verdict", [EVERYTHING, CLEAN, Verdict(), many(60)], ids=["everything", "clean", "none", "many"]
)
def test_a_report_is_what_the_schema_allows(verdict: Verdict) -> None:
    assert faults(suites(verdict)) == []


def test_the_check_refuses_what_the_schema_refuses() -> None:
    broken = ElementTree.fromstring(
        '<testsuites id="1"><testsuite name="a">x<testcase/><case/></testsuite></testsuites>'
    )

    assert len(faults(broken)) == 7


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
