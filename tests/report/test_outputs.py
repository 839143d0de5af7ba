"""Which format goes where, as the command line says it."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from eni_lint.cli import cli, lint, paired, repository
from eni_lint.report import FORMATS


def test_an_output_belongs_to_the_format_before_it() -> None:
    words = [("form", "sarif"), ("output", "a"), ("form", "junit"), ("output", "b"), ("form", "concise")]

    assert paired(words) == {"a": "sarif", "b": "junit", "-": "concise"}


def test_text_goes_to_the_terminal_unless_told_otherwise() -> None:
    assert paired([]) == {"-": "text"}
    assert paired([("output", "out.txt")]) == {"out.txt": "text"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-f", "sarif", "-f", "text"], "sarif and text both go to standard output"),
        (["-f", "sarif", "-o", "a", "-o", "b"], "-o b has no format of its own"),
        (["-f", "sarif", "-o", "a", "-f", "csv", "-o", "a"], "sarif and csv both go to a"),
        (["-f", "pdf"], "no format is called 'pdf'"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(arguments: list[str], complaint: str) -> None:
    result = CliRunner().invoke(cli, ["lint", *arguments, "no-such-plan.json"])

    assert result.exit_code == 2
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["-f", "sarif", "-o", "a", "plan.json", "-f", "text"],
        ["--format=sarif", "--output=a", "-ftext", "plan.json"],
        ["-f", "sarif", "--strict", "-o", "a", "--select", "NET", "-f", "text", "-o", "-", "plan.json"],
    ],
)
def test_the_order_of_the_command_line_is_kept(arguments: list[str]) -> None:
    context = click.Context(lint)

    lint.parse_args(context, arguments)

    assert paired(context.meta["eni_lint.reports"]) == {"a": "sarif", "-": "text"}
    assert context.params["paths"] == ("plan.json",)


def test_the_help_names_every_format() -> None:
    help_text = CliRunner().invoke(cli, ["lint", "--help"]).output

    assert [form for form in FORMATS if form not in help_text] == []


def test_the_top_of_a_repository_is_found_upwards(tmp_path: Path) -> None:
    folder = tmp_path / "live" / "prod"
    folder.mkdir(parents=True)
    (tmp_path / ".git").write_text("gitdir: elsewhere")

    assert repository(folder) == tmp_path
