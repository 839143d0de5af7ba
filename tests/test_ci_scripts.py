"""What ci/ and action.yml do, run by the shells that will run it; only GitHub's and pip's ends stand in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from eni_lint.report.markdown import MARKER

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
GITLAB = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
BAD = ROOT / "fixtures" / "demo" / "plan.json"
GOOD = ROOT / "fixtures" / "sound" / "base" / "terraform" / "plan.json"
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Writes its arguments down, one call per line, and answers as told.
STAND_IN = """\
#!{python}
import json, os, sys
with open(os.environ["CALLS"], "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if "--jq" in sys.argv:
    print(os.environ.get("ANSWER", ""), end="")
"""


class Shell:
    """A place to run scripts in, with eni-lint on the PATH and stand-ins beside it."""

    def __init__(self, folder: Path) -> None:
        self.here = folder / "work"
        self.commands = folder / "bin"
        self.calls = folder / "calls"
        self.here.mkdir()
        self.commands.mkdir()
        self.calls.touch()
        self.command("eni-lint", f'#!/bin/sh\nexec "{sys.executable}" -m eni_lint "$@"\n')
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "ENI_LINT_"))}
        self.environment = {
            **outer,
            "PATH": f"{self.commands}{os.pathsep}{os.environ['PATH']}",
            "CALLS": str(self.calls),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_REPOSITORY": "shop/infrastructure",
        }

    def command(self, name: str, text: str) -> None:
        path = self.commands / name
        path.write_text(text, "utf-8")
        path.chmod(0o755)

    def stand_in(self, name: str) -> None:
        self.command(name, STAND_IN.format(python=sys.executable))

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.here,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def outputs(self) -> dict[str, str]:
        lines = Path(self.environment["GITHUB_OUTPUT"]).read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def summary(self) -> str:
        path = Path(self.environment["GITHUB_STEP_SUMMARY"])
        return path.read_text("utf-8") if path.exists() else ""

    def called(self) -> list[list[str]]:
        return [json.loads(line) for line in self.calls.read_text("utf-8").splitlines()]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def step(shell: Shell, name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as GitHub would: its inputs and expressions become its environment."""
    stated = next(step for step in STEPS if step.get("name") == name)
    values = {f"inputs.{key}": one["default"] for key, one in ACTION["inputs"].items()}
    values |= {f"inputs.{key.replace('_', '-')}": value for key, value in inputs.items()}
    environment = {key: EXPRESSION.sub(lambda found: values[found[1]], text) for key, text in stated["env"].items()}
    return shell.run(stated["run"], **environment)


def test_the_action_lints_and_keeps_what_it_found(shell: Shell) -> None:
    run = step(shell, "Lint", paths=f"{BAD}\n")

    assert run.returncode == 1
    assert run.stdout.startswith("::error file=")
    assert shell.outputs() == {"exit-code": "1", "sarif-file": "eni-lint.sarif", "comment-file": "eni-lint.md"}
    assert shell.summary().startswith(MARKER)
    assert shell.summary() == (shell.here / "eni-lint.md").read_text("utf-8")
    results = json.loads((shell.here / "eni-lint.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert {result["ruleId"] for result in results} == {"IAM001", "ROLE001", "NET003"}


def test_code_scanning_gets_no_suppressed_findings(shell: Shell) -> None:
    (shell.here / ".eni-lint.yaml").write_text("suppress: [{rules: [IAM, NET], reason: known}]", "utf-8")

    step(shell, "Lint", paths=str(BAD))

    results = json.loads((shell.here / "eni-lint.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert [(result["ruleId"], "suppressions" in result) for result in results] == [("ROLE001", False)]
    assert "2 findings suppressed." in shell.summary()


def test_a_clean_input_passes(shell: Shell) -> None:
    run = step(shell, "Lint", paths=str(GOOD))

    assert (run.returncode, shell.outputs()["exit-code"]) == (0, "0")


def test_several_paths_come_one_per_line_and_may_hold_blanks(shell: Shell) -> None:
    named = shell.here / "the plan.json"
    named.write_bytes(BAD.read_bytes())

    run = step(shell, "Lint", paths=f"{GOOD}\n\nthe plan.json\n", format="text")

    assert run.returncode == 1
    assert f"{GOOD}: " in run.stdout
    assert "\nthe plan.json: 3 functions" in run.stdout


def test_inputs_choose_what_fails_what_is_shown_and_where_it_goes(shell: Shell) -> None:
    run = step(
        shell,
        "Lint",
        paths=str(BAD),
        fail_on="never",
        format="concise",
        arguments=" --select IAM  --min-severity info ",
        sarif_file="a.sarif",
        comment_file="a.md",
    )

    assert run.returncode == 0
    assert "IAM001" in run.stdout
    assert "ROLE001" not in run.stdout
    assert shell.outputs() == {"exit-code": "0", "sarif-file": "a.sarif", "comment-file": "a.md"}


def test_an_unreadable_input_keeps_exit_code_2_and_is_reported(shell: Shell) -> None:
    run = step(shell, "Lint", paths="nowhere.json")

    assert (run.returncode, shell.outputs()["exit-code"]) == (2, "2")
    assert "nowhere.json" in shell.summary()


def test_a_wrong_argument_leaves_no_report_of_an_earlier_run(shell: Shell) -> None:
    step(shell, "Lint", paths=str(BAD))
    Path(shell.environment["GITHUB_OUTPUT"]).unlink()

    run = step(shell, "Lint", paths=str(BAD), arguments="--no-such-flag")

    assert run.returncode == 2
    assert shell.outputs() == {"exit-code": "2"}


def test_no_input_reaches_the_shell_as_code(shell: Shell) -> None:
    word = "$(touch stolen); touch stolen; `touch stolen` *"

    step(shell, "Lint", paths=word, arguments=word, fail_on=word, format=word)

    assert not (shell.here / "stolen").exists()
    assert [name for one in STEPS for name in EXPRESSION.findall(one.get("run", ""))] == []


@pytest.mark.parametrize(("version", "wanted"), [("", str(ROOT)), ("0.1.0", "eni-lint==0.1.0")])
def test_the_action_installs_its_own_revision_or_a_release(version: str, wanted: str, shell: Shell) -> None:
    shell.stand_in("python")

    run = step(shell, "Install eni-lint", version=version)

    assert run.returncode == 0, run.stderr
    assert [(call[:3], call[-1]) for call in shell.called()] == [(["-m", "pip", "install"], wanted)]


@pytest.mark.parametrize(
    ("answer", "method", "address"),
    [
        ("", "POST", "repos/shop/infrastructure/issues/7/comments"),
        ("11\n12\n", "PATCH", "repos/shop/infrastructure/issues/comments/11"),
    ],
)
def test_a_pull_request_has_one_comment_that_is_brought_up_to_date(
    answer: str, method: str, address: str, shell: Shell
) -> None:
    shell.stand_in("gh")

    run = shell.run('"$GITHUB_ACTION_PATH"/ci/comment.sh eni-lint.md 7', ANSWER=answer)

    assert run.returncode == 0, run.stderr
    search, write = shell.called()
    assert MARKER in search[-1]
    assert write[write.index("--method") + 1] == method
    assert address in write
    assert write[-1] == "body=@eni-lint.md"


def test_everything_that_the_action_refers_to_is_there() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    wrote = set(re.findall(r"printf '([\w-]+)=", (ROOT / "ci" / "github.sh").read_text("utf-8")))

    assert set(re.findall(r"\binputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    assert set(re.findall(r"steps\.lint\.outputs\.([\w-]+)", text)) == wrote == set(ACTION["outputs"])
    assert all((ROOT / path).stat().st_mode & 0o100 for path in re.findall(r"GITHUB_ACTION_PATH/(\S+?)\"", text))
    assert all(one["shell"] == "bash" for one in STEPS if "run" in one)
    assert all(re.fullmatch(r"[\w./-]+@v\d+", one["uses"]) for one in STEPS if "uses" in one)


def gitlab(shell: Shell, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the job as GitLab would, without the install."""
    job: dict[str, Any] = GITLAB["eni-lint"]
    return shell.run("\n".join(job["script"]), **{**job["variables"], **variables})


def test_the_gitlab_job_writes_the_reports_that_it_declares(shell: Shell) -> None:
    (shell.here / "plan.json").write_bytes(BAD.read_bytes())

    run = gitlab(shell)

    assert run.returncode == 1
    assert "error[IAM001]" in run.stdout
    reports = GITLAB["eni-lint"]["artifacts"]["reports"]
    assert {path.name for path in shell.here.iterdir()} == {"plan.json", *reports.values()}
    quality = json.loads((shell.here / reports["codequality"]).read_text("utf-8"))
    assert {issue["check_name"] for issue in quality} == {"IAM001", "ROLE001", "NET003"}
    assert {issue["location"]["path"] for issue in quality} == {"plan.json"}
    assert len(ElementTree.parse(shell.here / reports["junit"]).findall(".//failure")) == 3


def test_the_gitlab_job_takes_paths_and_arguments_and_keeps_reports_of_failures(shell: Shell) -> None:
    both = gitlab(shell, ENI_LINT_PATHS=f"{GOOD} {BAD}", ENI_LINT_ARGUMENTS="--select IAM --fail-on never")

    assert both.returncode == 0
    assert "1 error" in both.stdout
    assert GITLAB["eni-lint"]["artifacts"]["when"] == "always"


def test_the_gitlab_job_fails_where_the_plan_is_missing(shell: Shell) -> None:
    run = gitlab(shell)

    assert run.returncode == 2
    assert "plan.json: there is no such file" in run.stdout + run.stderr


def refusal(schema: str, file: Path) -> str:
    """Give what a schema that comes with check-jsonschema says against a file, nothing where it is valid."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout if run.returncode else ""


@pytest.mark.parametrize(("schema", "file"), [("github-actions", "action.yml"), ("gitlab-ci", "ci/gitlab.yml")])
def test_what_servers_include_is_valid(schema: str, file: str) -> None:
    assert refusal(schema, ROOT / file) == ""


def test_the_schemas_refuse_what_servers_would(tmp_path: Path) -> None:
    path = tmp_path / "action.yml"
    path.write_text((ROOT / "action.yml").read_text("utf-8").replace("shell: bash", "shel: bash"), "utf-8")

    assert "Schema validation errors" in refusal("github-actions", path)


def test_the_pipelines_of_the_documentation_are_valid(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.yml"
    blocks = FENCE.findall((ROOT / "docs" / "ci.md").read_text("utf-8"))

    for block, schema in zip(blocks, ("github-workflows", "gitlab-ci"), strict=False):
        path.write_text(block, "utf-8")
        assert refusal(schema, path) == ""
