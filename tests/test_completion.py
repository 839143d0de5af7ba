"""Shells complete subcommands, flags and what flags take, with `lint` written out or left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from eni_lint.cli import cli
from eni_lint.pack import shipped
from eni_lint.report import FORMATS

SUBCOMMANDS = {"lint", "explain", "config", "rules"}
RULES = {card.id for card in shipped()}


def completed(*words: str) -> set[str]:
    """Give the candidates for the last of the words, files and folders left to the shell as `<file>` and `<dir>`."""
    complete = ShellComplete(cli, {}, "eni-lint", "_ENI_LINT_COMPLETE")
    items = complete.get_completions(list(words[:-1]), words[-1])
    return {item.value if item.type == "plain" else f"<{item.type}>" for item in items}


def flags(command: str) -> set[str]:
    return {word for param in cli.commands[command].params for word in param.opts if word.startswith("--")}


def test_the_first_word_is_a_subcommand_or_a_path() -> None:
    assert completed("") == {"<file>", *SUBCOMMANDS}
    assert completed("ex") == {"<file>", "explain"}
    assert completed("plan") == {"<file>"}


@pytest.mark.parametrize("before", [(), ("lint",), ("plan.json",), ("lint", "--strict", "plan.json")], ids=" ".join)
def test_the_flags_of_lint_are_offered_with_and_without_its_name(before: tuple[str, ...]) -> None:
    assert completed(*before, "--sel") == {"--select"}
    assert completed(*before, "--") >= flags("lint") - {"--strict"}


def test_a_subcommand_is_offered_as_the_first_word_only() -> None:
    assert completed("lint", "ex") == {"<file>"}
    assert completed("plan.json", "ex") == {"<file>"}
    assert completed("--strict", "") == {"<file>"}


def test_other_commands_have_their_own_flags() -> None:
    assert completed("rules", "--") == {"--format", "--help"}
    assert completed("config", "") == {"show"}
    assert completed("config", "show", "--c") == {"--config", "--changed-only"}


@pytest.mark.parametrize("before", [(), ("lint",), ("plan.json",)], ids=" ".join)
def test_what_a_flag_takes_is_offered(before: tuple[str, ...]) -> None:
    assert completed(*before, "--fail-on", "") == {"error", "warning", "info", "never"}
    assert completed(*before, "--fail-on=w") == {"warning"}
    assert completed(*before, "-f", "") == set(FORMATS)
    assert completed(*before, "--baseline", "known") == {"<file>"}
    assert completed(*before, "--source-root", "") == {"<dir>"}


def test_every_file_and_folder_is_completed_by_the_shell() -> None:
    wanted = {"FILE": "<file>", "DIR": "<dir>"}
    params = [param for param in cli.commands["lint"].params if isinstance(param, click.Option)]

    offered = {param.opts[-1]: completed(param.opts[-1], "a") for param in params if param.metavar in wanted}

    assert offered == {param.opts[-1]: {wanted[param.metavar]} for param in params if param.metavar in wanted}


def test_rules_are_offered_after_commas_too_and_in_either_case() -> None:
    assert completed("explain", "") == RULES
    assert completed("explain", "iam00") == {"IAM001", "IAM002", "IAM003"}
    assert completed("--select", "NET001,role003") == {"NET001,ROLE003"}
    assert completed("--ignore", "nothing") == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_command_writes_the_script_of_a_shell(shell: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("click asks bash for its version")

    script = asked(f"{shell}_source")

    assert "_ENI_LINT_COMPLETE=" in script
    assert f"{shell}_complete" in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [("ex", "explain"), ("--sel", "--select"), ("--min-severity inf", "info"), ("rules --f", "--format")],
)
def test_bash_completes_what_is_typed(words: str, offered: str, tmp_path: Path) -> None:
    command = tmp_path / "eni-lint"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m eni_lint "$@"\n', "utf-8")
    command.chmod(0o755)
    typed = ["eni-lint", *words.split()]
    # Outside of a prompt there is no compopt, which only says how the shell itself is to complete files.
    script = f"""
        {asked("bash_source")}
        compopt() {{ :; }}
        COMP_WORDS=({" ".join(typed)}) COMP_CWORD={len(typed) - 1}
        _eni_lint_completion eni-lint
        echo "${{COMPREPLY[@]}}"
    """
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}

    run = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)

    assert run.stdout.strip() == offered


def asked(instruction: str) -> str:
    environment = {**os.environ, "_ENI_LINT_COMPLETE": instruction}
    run = [sys.executable, "-m", "eni_lint"]
    return subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout
