"""What people read in a terminal."""

from __future__ import annotations

import re

from msgspec.structs import replace

from eni_lint.finding import Forecast, Judged, Severity, Verdict
from eni_lint.model.place import Span
from eni_lint.report import render
from eni_lint.report.view import View
from report.verdicts import BELOW, CLEAN, EVERYTHING, GRANT, OPEN, ROLE, finding, many, unwritten

SHOWN = View(min_severity=Severity.INFO)
ANNOTATED = """\
error[ROLE001]: aws_iam_role.orders loses ec2:DeleteNetworkInterface while its functions give up interfaces
  --> functions.tf:14:10
   |
14 |   role = aws_iam_role.orders.arn
   |          ^^^^^^^^^^^^^^^^^^^^^^^ Lambda deletes the interfaces with this role, 20 to 45 minutes later
...
40 |   role = aws_iam_role.orders.arn
   |   ---- aws_lambda_function.others["a"] (updated by this change)
   |
  ::: iam.tf:31:1  (deleted by this change)
      called from module.orders at main.tf:12
      called from module.iam at modules/orders/main.tf:3
   |
31 | resource "aws_iam_role_policy_attachment" "vpc" {
   | ------------------------------------------------- the only grant of ec2:DeleteNetworkInterface
   |
   = aws_iam_role_policy_attachment.vpc is the only grant
   = aws: DependencyViolation: resource sg-… has a dependent object
   = fix: make two changes of it
          # 1. keep the attachment
          # 2. remove it
   = more: eni-lint explain ROLE001
"""


def text(*findings, **changes) -> str:
    return render(Verdict(findings=findings, **changes), "text", SHOWN)


def drawn(*places) -> list[str]:
    return text(finding(places=places)).splitlines()[1:]


def test_a_finding_shows_the_lines_of_all_its_places_and_the_fix() -> None:
    assert text(finding()).startswith(ANNOTATED)


def test_without_sources_a_finding_names_addresses_and_changes() -> None:
    lines = text(unwritten()).splitlines()

    assert lines[1] == (
        "  --> plan.json: aws_lambda_function.orders (update), aws_iam_role_policy_attachment.vpc (delete)"
    )


def test_a_place_without_a_line_is_named_beside_those_with_one() -> None:
    gone = replace(GRANT, span=Span("plan.json"))

    assert "  ::: plan.json: aws_iam_role_policy_attachment.vpc (delete)" in drawn(ROLE, gone)


def test_a_finding_without_places_names_its_input() -> None:
    assert drawn()[0] == "  --> plan.json"


def test_neighbouring_lines_have_nothing_between_them() -> None:
    below = replace(BELOW, span=replace(BELOW.span, line=15, end_line=15))

    assert "..." not in drawn(ROLE, below)


def test_two_places_in_one_line_share_it() -> None:
    name = replace(BELOW, span=replace(ROLE.span, column=3, end_column=7))

    lines = drawn(ROLE, name)

    assert sum(line.startswith("14 |") for line in lines) == 1
    assert "   |   ---- " in "\n".join(lines)


def test_line_numbers_of_different_length_are_aligned() -> None:
    far = replace(BELOW, span=replace(BELOW.span, line=1234, end_line=1234))

    lines = drawn(ROLE, far)

    assert "  14 |   role = aws_iam_role.orders.arn" in lines
    assert "1234 |   role = aws_iam_role.orders.arn" in lines
    assert lines[0] == "    --> functions.tf:14:10"


def test_marks_stand_under_tabs_and_wide_letters() -> None:
    tabbed = replace(ROLE, span=Span("a.tf", 2, 2, 2, 6, "\trole = x", precise=True))
    wide = replace(ROLE, span=Span("a.tf", 3, 5, 3, 7, "名前: 日本", precise=True))

    lines = drawn(tabbed, wide)

    assert any(line.startswith("   | \t^^^^ ") for line in lines)
    assert any(line.startswith("   |       ---- ") for line in lines)


def test_a_template_in_one_line_is_not_poured_out() -> None:
    minified = '{"Environment":{"TOKEN":"s3cret"}}' * 10
    place = replace(ROLE, span=Span("t.json", 1, 9, 1, 300, minified, precise=True))

    shown = "\n".join(drawn(place))

    assert "s3cret" not in shown
    assert "1 | …" in shown
    assert ROLE.says in shown


def test_many_places_are_counted() -> None:
    places = tuple(replace(BELOW, span=replace(BELOW.span, line=n, end_line=n)) for n in range(1, 21))

    assert "  ::: and 14 more" in drawn(*places)


def test_colours_are_for_terminals_only() -> None:
    colored = render(EVERYTHING, "text", replace(SHOWN, color=True))
    plain = render(EVERYTHING, "text", SHOWN)

    assert "\x1b[31m" in colored
    assert "\x1b" not in plain


def test_a_name_cannot_move_the_cursor_even_among_colours() -> None:
    hostile = render(Verdict(findings=(finding(message="a\x1b[2Jb\x1b]0;t\x07"),)), "text", replace(SHOWN, color=True))

    assert "\x1b[2J" not in hostile
    assert "\x1b]" not in hostile
    assert re.search("\x1b\\[3\\dm", hostile)


def test_facts_that_keep_the_same_open_share_a_line() -> None:
    lines = text(judged=CLEAN.judged, undecided=OPEN).splitlines()

    assert lines[-4:] == [
        "no findings · 3 open facts:",
        "  var.subnets, var.groups (variable): ENI001, NET001 undecided for aws_lambda_function.a",
        "      pass --var-file",
        "  local.tables (local): NET001 undecided for fn.0, fn.1, fn.2 and 6 more",
    ]


def test_facts_of_two_inputs_stay_apart() -> None:
    other = replace(OPEN[0], key="var.groups", source="b.json")

    assert (
        sum("undecided for" in line for line in text(judged=CLEAN.judged, undecided=(OPEN[0], other)).splitlines()) == 2
    )


def test_a_fact_that_two_inputs_leave_open_is_one_and_names_both() -> None:
    other = replace(OPEN[0], source="b.json")

    lines = text(judged=CLEAN.judged, undecided=(OPEN[0], other)).splitlines()

    assert lines[1:3] == [
        "no findings · 1 open fact:",
        "  var.subnets (variable): ENI001, NET001 undecided for aws_lambda_function.a in plan.json, b.json",
    ]


def test_a_key_that_two_stages_of_one_input_leave_open_is_said_once() -> None:
    assert "  var.subnets (variable): " in text(judged=CLEAN.judged, undecided=(OPEN[0], OPEN[0]))


def test_many_facts_are_counted_unless_asked_for() -> None:
    facts = tuple(replace(OPEN[0], key=f"var.v{n}", rules=(f"NET{n:03}",)) for n in range(50))
    verdict = Verdict(judged=CLEAN.judged, undecided=facts)

    assert "  and 40 more; --show-undecided lists them all" in render(verdict, "text", SHOWN).splitlines()
    assert "var.v49" in render(verdict, "text", replace(SHOWN, show_undecided=True))


def test_a_clean_run_is_two_lines() -> None:
    assert render(CLEAN, "text", SHOWN) == (
        "plan.json: 18 functions, 12 in a VPC, 9 of them judged whole\nno findings\n"
    )


def test_the_totals_are_last_and_count_what_is_hidden() -> None:
    lines = render(replace(EVERYTHING, undecided=()), "text", View()).splitlines()

    assert lines[-2:] == [
        "4 errors, 1 warning, 1 info · 2 suppressed",
        "1 finding below --min-severity warning not shown",
    ]


def test_errors_come_before_warnings_whatever_the_inputs_order() -> None:
    warning = finding(severity=Severity.WARNING, rule="AAA001", identity="1" * 32)

    assert text(warning, finding()).startswith("error[ROLE001]")


def test_findings_alike_are_shown_in_full_thrice_then_in_a_line_then_counted() -> None:
    alike = [finding(message=f"fn_{n} is lost", identity=f"{n:032x}") for n in range(30)]

    lines = text(*alike).splitlines()

    assert sum(line.startswith("error[ROLE001]: fn_") for line in lines) == 3
    assert "error[ROLE001]: the same of 27 more" in lines
    assert "  --> functions.tf:14:10: fn_3 is lost" in lines
    assert "      and 17 more; --format concise lists them all" in lines


def test_four_findings_alike_are_all_shown() -> None:
    alike = [finding(message=f"fn_{n} is lost", identity=f"{n:032x}") for n in range(4)]

    assert sum(line.startswith("error[ROLE001]: fn_") for line in text(*alike).splitlines()) == 4


def test_ten_thousand_findings_stay_readable() -> None:
    rendered = render(many(10_000), "text", SHOWN)

    assert rendered.count("\n") < 5_000
    assert re.search(r"^\d+ errors, \d+ warnings, \d+ infos · 2 suppressed · 3 open facts:$", rendered, re.MULTILINE)


def test_many_inputs_are_summed_up() -> None:
    judged = tuple(Judged(f"{n}.json", "", 2, 1, 1, 1) for n in range(300))

    lines = render(Verdict(judged=judged), "text", SHOWN).splitlines()

    assert lines[-2:] == ["and 290 more inputs: 580 functions, 290 in a VPC, 290 judged whole", "no findings"]


def test_inputs_without_functions_share_one_line_behind_the_others() -> None:
    judged = (Judged("a.yaml", "a", 0, 0, 0, 0), *CLEAN.judged, Judged("b.yaml", "b", 0, 0, 0, 0))

    assert text(judged=judged).splitlines() == [
        "plan.json: 18 functions, 12 in a VPC, 9 of them judged whole",
        "a.yaml, b.yaml: no Lambda functions, nothing to judge",
        "no findings",
    ]


def test_stacks_that_are_judged_together_are_all_named() -> None:
    lines = text(judged=(Judged("net.yaml", "app and net", 1, 1, 1, 1, cases=3),)).splitlines()

    assert lines[0] == "net.yaml (app and net): 1 function, 1 in a VPC, 1 of them judged whole, in each of 3 cases"


def test_networks_of_two_inputs_stand_in_a_line_each() -> None:
    forecast = (Forecast("a.json", "aws_vpc.a", 1, 2, 2, None, 0), Forecast("b.json", "aws_vpc.a", None, 4, 4, None, 0))
    judged = tuple(Judged(line.source, "", 1, 1, 1, 1) for line in forecast)

    assert text(judged=judged, forecast=forecast).splitlines()[2:4] == [
        "network interfaces of a.json: aws_vpc.a 1 → 2 (+1)",
        "network interfaces of b.json: aws_vpc.a 4",
    ]


def test_a_network_says_in_which_environment_it_is_so() -> None:
    forecast = (Forecast("a.yaml", "Vpc", None, 2, 2, None, 0, when="with prod"),)

    assert "network interfaces: Vpc 2 (with prod)" in text(judged=CLEAN.judged, forecast=forecast)


def test_quiet_leaves_the_summary() -> None:
    assert render(EVERYTHING, "text", replace(SHOWN, quiet=True)).startswith("error: tfplan: this is a binary plan")


def test_concise_is_one_line_per_finding() -> None:
    lines = render(many(50), "concise", SHOWN).splitlines()

    assert len(lines) == 51
    assert all(
        re.match(r"stacks/\d+/functions.tf:\d+:3: ROLE\d{3} (error|warning|info): ", line) for line in lines[:-1]
    )
