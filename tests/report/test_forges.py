"""What GitHub and GitLab read: workflow commands, Code Quality, comments; and the table for spreadsheets."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from typing import Any

import pytest
from msgspec.structs import replace

from eni_lint.finding import Fix, Forecast, Judged, Problem, Severity, Subject, Verdict
from eni_lint.model.place import Span
from eni_lint.report import render
from eni_lint.report.view import View
from report.verdicts import (
    CLEAN,
    EVERYTHING,
    GRANT,
    HOSTILE,
    IN_REPOSITORY,
    OPEN,
    PROBLEMS,
    finding,
    hostile,
    many,
    unwritten,
)

COMMAND = re.compile(r"^::(error|warning|notice) ([^:]*)::(.*)$")


def commands(*findings: Any, **changes: Any) -> list[tuple[str, dict[str, str], str]]:
    """Read workflow commands as the runner does."""
    rendered = render(Verdict(findings=findings, **changes), "github", IN_REPOSITORY)
    matches = [match for line in rendered.splitlines() if (match := COMMAND.match(line))]
    return [(m[1], dict(pair.split("=", 1) for pair in m[2].split(",")), m[3]) for m in matches]


def test_an_annotation_stands_at_the_line_from_the_top_of_the_repository() -> None:
    ((kind, properties, message),) = commands(finding())

    assert kind == "error"
    assert properties == {
        "file": "live/functions.tf",
        "line": "14",
        "col": "10",
        "endColumn": "33",
        "title": "ROLE001 detach",
    }
    assert message.startswith("aws_iam_role.orders loses")
    assert "%0Afix: make two changes of it" in message


def test_columns_are_left_out_where_several_lines_are_marked() -> None:
    ((_, properties, _),) = commands(finding(places=(GRANT,)))

    assert (properties["line"], properties["endLine"]) == ("31", "34")
    assert not {"col", "endColumn"} & set(properties)


def test_nothing_in_a_finding_can_be_a_command_of_its_own() -> None:
    rendered = render(Verdict(findings=(hostile(),) * 30), "github", IN_REPOSITORY).splitlines()

    assert sum(line.startswith("::error") for line in rendered) == 10
    assert [line for line in rendered if line.startswith("::") and not line.startswith("::error file=live/a b")] == [
        "::group::20 more findings (GitHub annotates ten of a type)",
        "::endgroup::",
    ]


def test_percent_signs_colons_and_commas_are_escaped() -> None:
    weird = replace(GRANT, span=Span("a,b:c%.tf", 1, 1, 1, 2, precise=True))

    ((_, properties, message),) = commands(finding(places=(weird,), message="50% of a, b: c"))

    assert properties["file"] == "live/a%2Cb%3Ac%25.tf"
    assert message.startswith("50%25 of a, b: c")


def test_ten_of_each_type_are_annotated_and_the_others_logged() -> None:
    rendered = render(many(100), "github", IN_REPOSITORY).splitlines()

    for kind in ("error", "warning", "notice"):
        assert sum(line.startswith(f"::{kind} ") for line in rendered) == 10
    assert sum(line.startswith("- live/stacks/") for line in rendered) == 70


def test_an_unreadable_input_is_annotated_first() -> None:
    told = commands(finding(), errors=PROBLEMS)

    assert [kind for kind, _, _ in told] == ["error"] * 3
    assert told[0][1]["file"] == "live/tfplan"


def test_notes_are_in_the_log_since_nothing_else_there_would_tell() -> None:
    verdict = Verdict(notes=("::error::a suppression expired",), judged=EVERYTHING.judged)

    assert render(verdict, "github", IN_REPOSITORY).splitlines() == [
        "note: ::error::a suppression expired",
        "note: empty.yaml: no Lambda functions, nothing to judge",
        "no findings",
    ]


def quality(*findings: Any, **changes: Any) -> list[dict[str, Any]]:
    return json.loads(render(Verdict(findings=findings, **changes), "gitlab", IN_REPOSITORY))


def test_code_quality_has_what_gitlab_requires() -> None:
    for issue in quality(*EVERYTHING.findings, errors=PROBLEMS):
        assert issue["description"]
        assert issue["check_name"]
        assert re.fullmatch("[0-9a-f]{32}", issue["fingerprint"])
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert re.fullmatch(r"(?!\.?/)(?!.*\.\.(/|$)).+", issue["location"]["path"])
        assert issue["location"]["lines"]["begin"] >= 1


def test_fingerprints_of_code_quality_are_unique() -> None:
    fingerprints = [issue["fingerprint"] for issue in quality(*EVERYTHING.findings, errors=(*PROBLEMS, *PROBLEMS))]

    assert len(set(fingerprints)) == len(fingerprints) == len(EVERYTHING.findings) + len(PROBLEMS)


def test_a_clean_run_is_an_empty_list_for_gitlab() -> None:
    assert quality() == []


def test_a_fingerprint_does_not_depend_on_the_line() -> None:
    moved = finding(places=(replace(GRANT, span=replace(GRANT.span, line=99, end_line=99)),))

    assert quality(finding())[0]["fingerprint"] == quality(moved)[0]["fingerprint"]


def comment(verdict: Verdict, view: View = IN_REPOSITORY) -> str:
    return render(verdict, "markdown", view)


def test_a_comment_begins_with_the_marker_and_the_totals() -> None:
    assert comment(EVERYTHING).startswith("<!-- eni-lint -->\n## eni-lint: 4 errors, 1 warning, 1 info\n")
    assert comment(CLEAN).startswith("<!-- eni-lint -->\n## eni-lint: no findings\n")


def test_a_comment_sums_the_interfaces_up() -> None:
    forecast = (Forecast("p", "vpc_a", 6, 9, 9, 15, 2), Forecast("p", "vpc_b", 4, 4, 4, None, 0))

    lines = comment(replace(CLEAN, forecast=forecast)).splitlines()

    assert "**Hyperplane ENIs: 10 → 13 (+3)**" in lines
    assert "| vpc\\_a | 6 | 9 | +3 | 15 |" in lines
    assert "| vpc\\_b | 4 | 4 | +0 |  |" in lines


def test_a_comment_names_the_input_of_a_network_where_there_are_two() -> None:
    forecast = (Forecast("a.json", "vpc", 6, 9, 9, None, 2), Forecast("b.json", "vpc", 4, 4, 4, None, 0))
    judged = tuple(Judged(line.source, "", 1, 1, 1, 1) for line in forecast)

    lines = comment(Verdict(judged=judged, forecast=forecast)).splitlines()

    assert "| a.json: vpc | 6 | 9 | +3 |  |" in lines
    assert "| b.json: vpc | 4 | 4 | +0 |  |" in lines


def open_fence(markdown: str) -> str:
    """Give the fence that nothing closes."""
    fence = ""
    for line in markdown.splitlines():
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if not fence and len(ticks) >= 3:
            fence = ticks
        elif fence and line == ticks and len(ticks) >= len(fence):
            fence = ""
    return fence


def test_interfaces_that_are_not_known_are_not_summed_as_if_they_were() -> None:
    assert "**Hyperplane ENIs: 13 or more**" in comment(EVERYTHING).splitlines()


HUGE = [
    many(10_000),
    replace(many(500), findings=(hostile(),) * 500),
    Verdict(findings=tuple(finding(message="日本" * 5_000, identity=f"{n:032x}") for n in range(20))),
    Verdict(errors=tuple(Problem(f"{n}" * 100, "a.yaml") for n in range(2_000))),
    Verdict(undecided=tuple(replace(OPEN[0], key=f"var.v{n}", rules=(f"NET{n}",) * 20) for n in range(2_000))),
    Verdict(forecast=tuple(Forecast("p", f"aws_vpc.v{n}", n, n + 1, n + 1, None, 0) for n in range(2_000))),
    Verdict(judged=tuple(Judged(f"stacks/{n}/plan.json", "", 1, 1, 1, 1) for n in range(2_000)), notes=("n",) * 9_000),
]


@pytest.mark.parametrize("verdict", HUGE, ids=["many", "hostile", "long", "errors", "facts", "networks", "inputs"])
def test_a_comment_fits_into_github(verdict: Verdict) -> None:
    rendered = comment(verdict)

    assert len(rendered.encode()) < 65_536
    assert rendered.count("<details>") == rendered.count("</details>")
    assert open_fence(rendered) == ""
    assert re.search(r"and \d+ more ", rendered)


def test_what_a_comment_leaves_out_is_counted() -> None:
    rendered = comment(many(10_000))

    shown = rendered.count("<details><summary><b>") + len(
        re.findall(r"^- \*\*(error|warning|info)\*\*", rendered, re.MULTILINE)
    )
    (left,) = re.findall(r"and (\d+) more findings", rendered)
    assert shown + int(left) == 10_000


def test_nothing_in_a_comment_is_markup_or_tells_anybody() -> None:
    rendered = comment(Verdict(findings=(hostile(),)))
    outside = re.sub(r"````.*?````", "", rendered, flags=re.DOTALL)

    assert "<b> &" not in outside
    assert "@someone" not in outside
    assert "- 50% of \"a\" &lt;b&gt; &amp; 'c' \\| d, e: \\[f\\](1)" in outside
    assert "\\#1" in outside


def test_a_patch_with_fences_stays_in_its_fence() -> None:
    rendered = comment(Verdict(findings=(finding(fix=Fix("sam", "do it", "````\nx")),)))

    assert "\n`````yaml\n````\nx\n`````\n" in rendered


def rows(verdict: Verdict) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(render(verdict, "csv", IN_REPOSITORY))))


def test_a_table_has_a_row_for_everything() -> None:
    table = rows(EVERYTHING)

    assert len(table) == len(EVERYTHING.findings) + len(EVERYTHING.suppressed) + len(EVERYTHING.errors)
    assert [row["suppressed"] for row in table if row["suppressed"]] == [
        "directive: agreed with the platform team",
        "baseline",
    ]


def test_a_cell_keeps_its_text_on_one_line() -> None:
    (row,) = rows(Verdict(findings=(hostile(),)))

    assert row["message"].startswith(HOSTILE.partition("\n")[0])
    assert "\n" not in row["message"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_a_cell_is_never_a_formula(sign: str) -> None:
    (row,) = rows(Verdict(findings=(unwritten(subject=Subject("function", f"{sign}cmd()")),)))

    assert row["subject"] == f"'{sign}cmd()"


@pytest.mark.parametrize("form", ["sarif", "junit", "github", "gitlab", "markdown", "csv"])
def test_findings_below_the_least_severity_are_not_shown(form: str) -> None:
    note = unwritten(severity=Severity.INFO, message="a mere note")

    assert "a mere note" not in render(
        Verdict(findings=(note,)), form, replace(IN_REPOSITORY, min_severity=Severity.WARNING)
    )
    assert "a mere note" in render(Verdict(findings=(note,)), form, IN_REPOSITORY)
