"""Words to the linter in Terraform source hold for the plan and the folder alike."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from eni_lint.api import lint
from eni_lint.finding import Verdict
from eni_lint.readers.detect import read
from eni_lint.readers.options import Options

FIXTURES = Path(__file__).parents[3] / "fixtures"
CASE = FIXTURES / "iam001_missing_interface_permission" / "bad-logs-only" / "terraform"
ROLE = 'resource "aws_iam_role" "orders" {'
WORD = "# eni-lint: ignore[IAM001] granted by hand"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    shutil.copytree(CASE, tmp_path / "case")
    return tmp_path / "case"


def write(case: Path, old: str, new: str) -> None:
    main = case / "main.tf"
    assert old in main.read_text()
    main.write_text(main.read_text().replace(old, new, 1))


def suppressed(verdict: Verdict) -> list[tuple[str, str]]:
    return [(one.finding.rule, one.reason) for one in verdict.suppressed]


@pytest.mark.parametrize(
    "new",
    [
        f"{WORD}\n{ROLE}",
        f"{WORD}\n# and more words on it\n{ROLE}",
        f"{ROLE} {WORD}",
        f"{ROLE}\n  {WORD}",
        f"/* eni-lint: ignore[IAM001] granted by hand */\n{ROLE}",
        f"// eni-lint: ignore[IAM] granted by hand\n{ROLE}",
    ],
)
@pytest.mark.parametrize("given", ["plan.json", "main.tf"])
def test_a_suppression_stands_above_a_resource_or_in_it(case: Path, new: str, given: str) -> None:
    write(case, ROLE, new)

    assert suppressed(lint(case / given)) == [("IAM001", "granted by hand")]


@pytest.mark.parametrize("new", [f"{WORD}\n\n{ROLE}", f"{WORD}\nlocals {{}}\n{ROLE}"])
def test_a_suppression_that_stands_apart_is_of_no_resource(case: Path, new: str) -> None:
    write(case, ROLE, new)

    assert suppressed(lint(case / "plan.json")) == []


def test_a_suppression_in_the_source_root_holds_for_the_plan(case: Path, tmp_path: Path) -> None:
    write(case, ROLE, f"{WORD}\n{ROLE}")
    shutil.move(case / "plan.json", tmp_path / "plan.json")

    verdict = lint(tmp_path / "plan.json", options=Options(source_root=str(case)))

    assert suppressed(verdict) == [("IAM001", "granted by hand")]


def test_json_syntax_has_its_comments_under_a_key(tmp_path: Path) -> None:
    role = {"//": "eni-lint: ignore[IAM001] granted by hand", "name": "orders"}
    function = {
        "//": "eni-lint: needs=s3,dynamodb",
        "role": "${aws_iam_role.orders.arn}",
        "function_name": "orders",
        "vpc_config": {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]},
    }
    source = {"resource": {"aws_iam_role": {"orders": role}, "aws_lambda_function": {"orders": function}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(source, indent=2))

    verdict = lint(tmp_path)

    assert ("IAM001", "granted by hand") in suppressed(verdict)
    assert read([str(tmp_path)]).deployments[0].after.functions["aws_lambda_function.orders"].needs == (
        "s3",
        "dynamodb",
    )


@pytest.mark.parametrize("given", ["plan.json", "main.tf"])
def test_what_a_function_needs_is_said_beside_it(case: Path, given: str) -> None:
    write(
        case,
        'resource "aws_lambda_function" "orders" {',
        '# eni-lint: needs=none\nresource "aws_lambda_function" "orders" {',
    )

    (deployment,) = read([str(case / given)]).deployments

    assert deployment.after.functions["aws_lambda_function.orders"].needs == ("none",)


def test_a_word_at_a_call_holds_for_all_that_the_module_makes_and_is_reported_once(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "plans" / "rich", tmp_path / "rich")
    main = tmp_path / "rich" / "main.tf"
    word = "# eni-lint: ignore[DEP008] kept by hand\n# eni-lint: needs=none\n"
    main.write_text(main.read_text().replace('module "svc" {', word + 'module "svc" {'))

    verdict = lint(tmp_path / "rich" / "plan.json")
    functions = read([str(tmp_path / "rich" / "plan.json")]).deployments[0].after.functions

    assert len([note for note in verdict.notes if "DEP008" in note]) == 1
    assert [functions[f'module.svc["{key}"].module.fn.aws_lambda_function.f'].needs for key in ("alpha", "beta")] == [
        ("none",),
        ("none",),
    ]
