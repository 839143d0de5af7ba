"""Where the findings of plans and folders are shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eni_lint.api import lint
from eni_lint.model.place import Call, Origin, Span
from eni_lint.readers.detect import read

FIXTURES = Path(__file__).parents[3] / "fixtures"
MAIN = """\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_lambda_function" "orders" {
  role = "arn:aws:iam::123456789012:role/orders"

  vpc_config {
    subnet_ids         = ["subnet-1"]
    security_group_ids = [
      "sg-1",
    ]
  }
}

module "outer" {
  source   = "./outer"
  for_each = toset(["a"])
}
"""
OUTER = """\
module "own" {
  source = "./own"
}

module "theirs" {
  source = "terraform-aws-modules/lambda/aws"
}
"""
OWN = """\
resource "aws_iam_role" "this" {
  name = "own"
}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A root module that calls a module of its own, and in it one that others own."""
    for name, text in (("main.tf", MAIN), ("outer/main.tf", OUTER), ("outer/own/main.tf", OWN)):
        file = tmp_path / "infra" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.chdir(tmp_path)
    return "infra"


def span(root: str, address: str, link: str = "") -> Span:
    return read([root]).sources.locate(Origin(root, address, link))


def shown(found: Span) -> tuple[str, int, int, str]:
    return found.file, found.line, found.column, found.text


def test_a_resource_is_shown_at_its_head(root: str) -> None:
    found = span(root, "aws_vpc.main")

    assert found == Span("infra/main.tf", 1, 1, 1, 26, 'resource "aws_vpc" "main" {', precise=True)


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("role", ("infra/main.tf", 6, 10, '  role = "arn:aws:iam::123456789012:role/orders"')),
        ("attachment", ("infra/main.tf", 8, 3, "  vpc_config {")),
        ("subnets", ("infra/main.tf", 9, 26, '    subnet_ids         = ["subnet-1"]')),
        ("environment", ("infra/main.tf", 5, 1, 'resource "aws_lambda_function" "orders" {')),
    ],
)
def test_a_link_is_shown_where_it_is_written(root: str, link: str, place: tuple[str, int, int, str]) -> None:
    assert shown(span(root, "aws_lambda_function.orders", link)) == place


def test_a_value_of_several_lines_is_shown_from_its_name_on(root: str) -> None:
    found = span(root, "aws_lambda_function.orders", "groups")

    assert (found.line, found.column, found.end_line) == (10, 5, 12)
    assert found.text.splitlines()[0] == "    security_group_ids = ["


def test_a_resource_in_a_module_is_shown_there_with_the_calls(root: str) -> None:
    found = span(root, 'module.outer["a"].module.own.aws_iam_role.this')

    assert (found.file, found.line) == ("infra/outer/own/main.tf", 1)
    assert found.calls == (
        Call("module.outer", "infra/main.tf", 16),
        Call("module.outer.module.own", "infra/outer/main.tf", 1),
    )


def test_what_a_module_of_others_makes_is_shown_at_its_call(root: str) -> None:
    found = span(root, 'module.outer["a"].module.theirs.aws_lambda_function.this[0]')

    assert shown(found) == ("infra/outer/main.tf", 5, 1, 'module "theirs" {')
    assert found.calls == (Call("module.outer", "infra/main.tf", 16),)


def test_an_installed_module_of_others_is_shown_at_its_call_too(root: str) -> None:
    folder = Path(root, ".terraform", "modules", "outer.theirs")
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text('resource "aws_lambda_function" "this" {\n  function_name = "theirs"\n}\n')
    (folder.parent / "modules.json").write_text(
        '{"Modules": [{"Key": "outer.theirs", "Source": "x", "Dir": ".terraform/modules/outer.theirs"}]}'
    )

    reading = read([root])

    (deployment,) = reading.deployments
    address = 'module.outer["a"].module.theirs.aws_lambda_function.this'
    assert address in deployment.uneditable
    assert reading.sources.locate(deployment.origins[address]).line == 5


def test_what_a_module_that_is_not_at_hand_makes_is_shown_at_its_call(root: str) -> None:
    shutil.rmtree(Path(root, "outer", "own"))

    assert span(root, 'module.outer["a"].module.own.aws_iam_role.this').line == 1


def test_what_has_no_block_of_its_own_is_shown_at_what_brings_it_along(root: str) -> None:
    origins = read([root]).deployments[0].origins

    assert origins["aws_vpc.main (main route table)"] == Origin(root, "aws_vpc.main")


def test_what_is_no_longer_written_has_the_plan(tmp_path: Path) -> None:
    home = FIXTURES / "demo"
    plan = str(home / "plan.json")

    gone = read([plan]).sources.locate(Origin(plan, "aws_iam_role_policy_attachment.orders_network"))

    assert gone == Span(plan)


def test_every_finding_of_a_plan_with_its_source_has_a_line(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "plans" / "rich", tmp_path / "rich")

    verdict = lint(tmp_path / "rich" / "plan.json")

    assert verdict.findings
    for finding in verdict.findings:
        assert any(place.span.precise for place in finding.places), finding.rule
