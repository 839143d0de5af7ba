"""The command says what it must, with the exit code that it must."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eni_lint.cli import cli

ROOT = Path(__file__).parent.parent
PLANS = ROOT / "fixtures" / "plans"
DEMO = str(ROOT / "fixtures" / "demo" / "plan.json")
CLEAN = str(ROOT / "fixtures" / "sound" / "base" / "terraform" / "plan.json")
OPEN = str(ROOT / "fixtures" / "open" / "variables" / "terraform" / "plan.json")


def run(*words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, list(words), input=stdin)


def test_findings_exit_1_and_a_clean_plan_exits_0() -> None:
    assert run(DEMO).exit_code == 1
    assert run(CLEAN).exit_code == 0
    assert run(DEMO, "--exit-zero").exit_code == 0
    assert run(DEMO, "--fail-on", "never").exit_code == 0


def test_lint_may_be_left_out_and_a_plan_may_come_on_standard_input() -> None:
    named = run("lint", DEMO)
    piped = run("-", stdin=Path(DEMO).read_bytes())

    assert named.output == run(DEMO).output
    assert piped.exit_code == named.exit_code


def test_open_facts_exit_0_and_strict_makes_them_fail() -> None:
    assert run(OPEN).exit_code == 0
    assert run(OPEN, "--strict").exit_code == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04rest", "terraform show -json"),
        (b"", "empty"),
        (b'{"format_version": "1.2", "resource_changes": [', "cut off"),
        (b'{"format_version": "9.0", "resource_changes": []}', "9.0"),
        (b'{"hello": "world"}', "neither"),
        (
            b'{"@level":"info","@message":"Terraform 1.11.4","type":"version"}\n{"@level":"info"}\n',
            "terraform show -json",
        ),
    ],
)
def test_an_input_of_the_wrong_kind_gets_one_line_and_exit_2(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "input.json"
    path.write_bytes(content)

    result = run(str(path))

    assert result.exit_code == 2
    assert says in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_bad_input_does_not_hide_the_findings_of_a_good_one(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(b"")

    result = run(DEMO, str(bad))

    assert result.exit_code == 2
    assert "error[" in result.output


def test_a_rule_that_does_not_exist_is_a_usage_error() -> None:
    assert run(DEMO, "--select", "NOPE").exit_code == 2
    assert run("explain", "NOPE").exit_code == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["explian", "IAM001"], "there is no file and no command 'explian'; did you mean 'explain'?"),
        (["explain", "iam01"], "no rule is called 'iam01'; did you mean 'IAM001'?"),
        (["explain", "kubernetes"], "no rule is called 'kubernetes'; see eni-lint rules"),
        ([DEMO, "--select", "NAT"], "no rule is called 'NAT'; see eni-lint rules"),
        ([DEMO, "--since", "HEAD~99999"], "--since: there is no revision 'HEAD~99999' here"),
        ([DEMO, "--baseline", str(ROOT), "--write-baseline"], f"{ROOT}: cannot be written: Is a directory"),
        ([DEMO, "--baseline", str(ROOT)], f"{ROOT}: cannot be read: Is a directory"),
        ([DEMO, "--baseline", "no/such/folder.json", "--write-baseline"], "cannot be written: No such file"),
        ([DEMO, "-o", str(ROOT)], f"cannot write {ROOT}: Is a directory"),
    ],
)
def test_a_mistake_is_one_line_that_helps_and_exit_2(words: list[str], says: str) -> None:
    result = run(*words)

    assert result.exit_code == 2
    assert says in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize("flag", ["--var-file", "--parameters", "--before", "--config"])
def test_a_file_that_is_not_there_is_not_passed_over(flag: str) -> None:
    result = run(DEMO, flag, "nowhere.json")

    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_select_and_ignore_take_ids_prefixes_and_names() -> None:
    rules = {finding["rule"] for finding in json.loads(run(DEMO, "-f", "json").output)["findings"]}

    assert rules
    for rule in rules:
        left = json.loads(run(DEMO, "-f", "json", "--ignore", rule).output)["findings"]
        only = json.loads(run(DEMO, "-f", "json", "--select", rule[:3]).output)["findings"]
        assert rule not in {finding["rule"] for finding in left}
        assert {finding["rule"][:3] for finding in only} == {rule[:3]}


def test_explain_tells_what_the_card_says() -> None:
    result = run("explain", "iam001")

    assert result.exit_code == 0
    assert "AWSLambdaVPCAccessExecutionRole" in result.output


def test_rules_lists_every_rule() -> None:
    listed = json.loads(run("rules", "-f", "json").output)

    assert {"IAM001", "ROLE001", "NET002", "ENI001", "DEP001"} <= {rule["id"] for rule in listed}


def test_the_same_input_gives_the_same_bytes() -> None:
    command = [sys.executable, "-m", "eni_lint", "-f", "json", DEMO]
    outputs = {
        subprocess.run(command, capture_output=True, check=False, env={"PYTHONHASHSEED": seed, "PATH": ""}).stdout
        for seed in ("1", "2", "3")
    }

    assert len(outputs) == 1


def test_a_closed_pipe_ends_quietly() -> None:
    command = f"{sys.executable} -m eni_lint -f json {DEMO} | head -c 1"

    run = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)

    assert run.stderr == ""
