"""What all formats promise."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from eni_lint.finding import Verdict
from eni_lint.report import FORMATS, render
from report.verdicts import CLEAN, EVERYTHING, IN_REPOSITORY, finding, many, unwritten

MACHINES = ("json", "sarif", "gitlab")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("verdict", [EVERYTHING, CLEAN, Verdict()], ids=["everything", "clean", "nothing"])
def test_every_format_renders_every_verdict_as_printable_text(form: str, verdict: Verdict) -> None:
    rendered = render(verdict, form, IN_REPOSITORY)

    assert rendered.endswith("\n")
    assert rendered.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", rendered)


@pytest.mark.parametrize("form", FORMATS)
def test_rendering_twice_gives_the_same(form: str) -> None:
    verdict = many(300)

    assert render(verdict, form, IN_REPOSITORY) == render(verdict, form, IN_REPOSITORY)


@pytest.mark.parametrize("form", FORMATS)
def test_the_order_of_findings_of_one_rule_is_that_of_the_verdict(form: str) -> None:
    first, second = (unwritten(message=word, identity=word * 32) for word in "ab")

    both = render(Verdict(findings=(first, second)), form, IN_REPOSITORY)
    turned = render(Verdict(findings=(second, first)), form, IN_REPOSITORY)

    assert both != turned


@pytest.mark.parametrize("form", FORMATS)
def test_an_unreadable_input_is_told(form: str) -> None:
    rendered = render(replace(EVERYTHING, findings=()), form, IN_REPOSITORY)

    assert "this is a binary plan" in rendered


@pytest.mark.parametrize("form", FORMATS)
def test_an_expression_of_the_source_is_shown_to_people_only(form: str) -> None:
    rendered = render(EVERYTHING, form, IN_REPOSITORY)

    assert ("aws_iam_role.orders.arn" in rendered) == (form == "text")


@pytest.mark.parametrize("form", ["sarif", "junit", "csv"])
def test_suppressed_findings_can_be_hidden(form: str) -> None:
    hidden = render(EVERYTHING, form, replace(IN_REPOSITORY, hide_suppressed=True))

    assert "agreed with the platform team" in render(EVERYTHING, form, IN_REPOSITORY)
    assert hidden == render(replace(EVERYTHING, suppressed=()), form, IN_REPOSITORY)


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_hidden_findings_are_counted_all_the_same(form: str) -> None:
    assert render(EVERYTHING, form, replace(IN_REPOSITORY, hide_suppressed=True)) == render(
        EVERYTHING, form, IN_REPOSITORY
    )


@pytest.mark.parametrize("form", ["sarif", "gitlab", "csv", "json"])
def test_a_finding_has_one_fingerprint_in_every_format(form: str) -> None:
    rendered = render(EVERYTHING, form, IN_REPOSITORY)
    told = {one["fingerprint"] for one in json.loads(render(EVERYTHING, "json", IN_REPOSITORY))["findings"]}

    assert len(told) == len(EVERYTHING.findings)
    assert all(fingerprint in rendered for fingerprint in told)


def test_equal_findings_of_two_inputs_have_fingerprints_of_their_own() -> None:
    one, other = unwritten(), unwritten(source="other/plan.json")

    together = json.loads(render(Verdict(findings=(one, other)), "json", IN_REPOSITORY))["findings"]
    three = json.loads(render(Verdict(findings=(one, finding(), other)), "json", IN_REPOSITORY))["findings"]

    assert together[0]["fingerprint"] == one.fingerprint
    assert together[1]["fingerprint"] != one.fingerprint
    assert together[1]["fingerprint"] == three[2]["fingerprint"]


@pytest.mark.parametrize("form", FORMATS)
def test_ten_thousand_findings_are_rendered(form: str) -> None:
    rendered = render(many(10_000), form, IN_REPOSITORY)

    if form in MACHINES:
        json.loads(rendered)
    elif form == "junit":
        ElementTree.fromstring(rendered)
    assert "3333" in rendered


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_loads_nothing_of_the_others(form: str) -> None:
    code = (
        "import sys; from eni_lint.report import FORMATS, render; from eni_lint.report.view import View;"
        "from eni_lint.finding import Verdict; render(Verdict(), sys.argv[1], View());"
        "print(*(form for form in FORMATS if f'eni_lint.report.{form}' in sys.modules));"
        "print(*({'rich', 'jsonschema', 'boto3', 'cfnlint'} & set(sys.modules)))"
    )

    loaded = subprocess.run([sys.executable, "-c", code, form], capture_output=True, text=True, check=True).stdout

    assert loaded.split() == [form]
