"""What the README and the documentation show is what happens."""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner
from msgspec import Struct

from eni_lint.cli import cli
from eni_lint.config import load

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "guides").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"
# How far notes are indented follows from the numbers of the lines above them.
MARGIN = re.compile(r"^ +", re.MULTILINE)


class Example(Struct, frozen=True):
    """A command in a page, and what the page says that it prints; nothing where it does not say."""

    page: Path
    command: str
    prints: str

    @property
    def words(self) -> list[str]:
        """Give the arguments of eni-lint in the command, without what comes before a pipe and in a comment."""
        return shlex.split(self.command.rpartition("| ")[2], comments=True)[1:]


def examples() -> Iterator[Example]:
    for page in PAGES:
        for language, block in FENCE.findall(page.read_text("utf-8")):
            if language == "console":
                for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                    command, _, prints = part.partition("\n")
                    if command.rpartition("| ")[2].startswith("eni-lint "):
                        yield Example(page, command, prints.rstrip("\n"))


LINT = cli.commands["lint"]
FLAGS = [param for param in LINT.params if isinstance(param, click.Option)]
EXAMPLES = list(examples())
SHOWN = [one for one in EXAMPLES if one.prints]


def pattern(text: str) -> re.Pattern[str]:
    """Make a pattern in which `…` on a line of its own stands for lines, and inside of one for words."""
    lines = [
        r"(?:.*\n)*?" if line == LEFT_OUT else ".*".join(map(re.escape, line.split(LEFT_OUT))) + r"\n"
        for line in MARGIN.sub("", text).splitlines()
    ]
    return re.compile("".join(lines))


@pytest.mark.parametrize("example", SHOWN, ids=lambda one: f"{one.page.stem}: {one.command}")
def test_a_command_prints_what_its_page_shows(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    result = CliRunner().invoke(cli, example.words)

    assert pattern(example.prints).fullmatch(MARGIN.sub("", result.output)), result.output


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.page.stem}: {one.command}")
def test_a_command_has_only_flags_that_exist(example: Example) -> None:
    with cli.make_context("eni-lint", [*example.words, "--help"], resilient_parsing=True) as context:
        name, command, words = cli.resolve_command(context, [*context._protected_args, *context.args])
        assert name is not None
        assert command is not None

        command.make_context(name, words, parent=context, resilient_parsing=True).close()


def test_the_pages_show_real_output() -> None:
    shown = {one.page.name for one in SHOWN}

    assert {"README.md", "index.md", "interfaces.md", "roles.md", "way-out.md", "permissions.md"} <= shown


def test_left_out_words_stay_on_their_line_and_left_out_lines_do_not() -> None:
    assert pattern("a … c\n…\nz").fullmatch("a b c\nx\ny\nz\n")
    assert pattern("a …\nz").fullmatch("a b\nz\n")
    assert not pattern("a … z").fullmatch("a b\nz\n")
    assert not pattern("a\n…").fullmatch("b\n")


def test_the_first_commands_of_the_readme_are_the_two_that_matter() -> None:
    block = FENCE.findall((ROOT / "README.md").read_text("utf-8"))[0][1]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    commands = [line.partition("#")[0].split() for line in block.splitlines()]
    assert commands == [["make", "demo"], ["make", "test"]]
    assert {"demo", "test", "docs"} <= set(targets)


def test_the_readme_tells_every_flag() -> None:
    rows = re.findall(r"^\| (`-.*?) \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    words = [word for row in rows for word in re.findall(r"`(-[\w-]+)`", row)]

    assert sorted(words) == sorted(word for param in FLAGS for word in param.opts)


@pytest.mark.parametrize("flag", [param for param in FLAGS if param.name != "output"], ids=lambda one: one.opts[-1])
def test_a_flag_is_an_environment_variable(flag: click.Option, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"ENI_LINT_{flag.opts[-1][2:].replace('-', '_').upper()}", "1")

    with LINT.make_context("lint", [], resilient_parsing=True) as context:
        assert flag.value_from_envvar(context)


def test_a_flag_wins_over_its_variable_and_that_over_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".eni-lint.yaml").write_text("fail-on: error", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENI_LINT_FAIL_ON", "never")
    plan = str(ROOT / "fixtures" / "demo" / "plan.json")

    assert CliRunner().invoke(cli, [plan]).exit_code == 0
    assert CliRunner().invoke(cli, [plan, "--fail-on", "error"]).exit_code == 1


def test_the_python_of_the_documentation_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    ran = doctest.testfile(str(ROOT / "docs" / "python.md"), module_relative=False, encoding="utf-8")

    assert ran.attempted > 5
    assert ran.failed == 0


@pytest.mark.parametrize("page", ["README.md", "docs/suppressing.md"])
def test_the_configuration_that_a_page_shows_is_one(page: str, tmp_path: Path) -> None:
    blocks = [block for language, block in FENCE.findall((ROOT / page).read_text("utf-8")) if language == "yaml"]
    shown = next(block for block in blocks if "fail-on" in block)
    path = tmp_path / ".eni-lint.yaml"
    path.write_text(shown, "utf-8")

    assert load(path).fail_on == yaml.safe_load(shown)["fail-on"]
