"""The hooks match the files that they should, and pre-commit runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_manifest
from pre_commit.commands.run import Classifier
from pre_commit.hook import Hook
from pre_commit.prefix import Prefix

ROOT = Path(__file__).parent.parent
HOOKS = ROOT / ".pre-commit-hooks.yaml"
PLANS = ROOT / "fixtures" / "iam001_missing_interface_permission"
BAD = PLANS / "bad-logs-only" / "terraform" / "plan.json"
GOOD = PLANS / "good-managed-policy" / "terraform" / "plan.json"

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Handler: index.handler
      Runtime: python3.12
      Code: {ZipFile: pass}
      VpcConfig: {SubnetIds: [subnet-0a91c3e57d2b4f681], SecurityGroupIds: [sg-0b6e4f7a21c983d50]}
"""

MODULE = """\
resource "aws_iam_role" "orders" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
"""
FUNCTION = """\
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = aws_iam_role.orders.arn
  vpc_config {
    subnet_ids         = var.subnets
    security_group_ids = ["sg-0b6e4f7a21c983d50"]
  }
}
"""
VARIABLES = """\
variable "subnets" {
  type = list(string)
}
"""
UNRELATED = {
    "package.json": '{"name": "orders", "resources": []}',
    "tsconfig.json": "// comments are no JSON\n{}\n",
    "list.json": "[1, 2]",
    "empty.yaml": "",
    "workflow.yml": "on: push\njobs: {}\n",
    "chart.yaml": "kind: {{ .Values.kind }}\n",
}

SOURCES = [
    "main.tf",
    "infra/net/routes.tf.json",
    "main.tofu",
    "main.tofu.json",
    "prod.tfvars",
    "prod.auto.tfvars.json",
    "template.yaml",
    "stacks/network.yml",
    "stack.template",
    "cdk.out/App.template.json",
    "plan.json",
]
OTHERS = [
    "README.md",
    "index.py",
    "terraform.tfstate",
    "yaml.py",
    "main.tf.bak",
    "Makefile",
    "lambda.zip",
    ".tflint.hcl",
]
PLAN_SOURCES = {name for name in SOURCES if not name.endswith((".yaml", ".yml", ".template"))}


def matched(identifier: str, names: Iterable[str]) -> set[str]:
    stated = next(hook for hook in load_manifest(HOOKS) if hook["id"] == identifier)
    return set(Classifier(names).filenames_for_hook(Hook.create("here", Prefix("."), stated)))


@pytest.mark.parametrize(("hook", "wanted"), [("eni-lint", set(SOURCES)), ("eni-lint-plan", PLAN_SOURCES)])
def test_a_hook_matches_sources_and_nothing_else(
    hook: str, wanted: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in SOURCES + OTHERS:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()

    assert matched(hook, SOURCES + OTHERS) == wanted


def test_one_run_sees_all_changed_files() -> None:
    source, plan = load_manifest(HOOKS)

    assert source["require_serial"], "or pre-commit splits the files over several runs"
    assert "--skip-unrelated" in source["entry"], "in the entry, so that args of the user do not replace it"
    assert not plan["pass_filenames"]


class Repository:
    """A repository whose hooks come from another one, as a user has them, but run what is installed here."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "project"
        hooks = folder / "hooks"
        commands = folder / "bin"
        for made in (self.top, hooks, commands):
            made.mkdir()
        command = commands / "eni-lint"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m eni_lint "$@"\n', "utf-8")
        command.chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "ENI_LINT_"))},
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(folder / "cache"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        self.git("init", "--quiet")
        shutil.copy(HOOKS, hooks)
        self.git("init", "--quiet", at=hooks)
        self.git("add", "--all", at=hooks)
        self.git("commit", "--quiet", "--message", "hooks", at=hooks)
        self.hooks, self.revision = hooks, self.git("rev-parse", "HEAD", at=hooks).strip()

    def git(self, *words: str, at: Path | None = None) -> str:
        run = ["git", *words]
        return subprocess.run(
            run, cwd=at or self.top, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def use(self, identifier: str, **stated: object) -> None:
        """Configure one hook; `language` keeps pre-commit from installing what is there already."""
        hook = {"id": identifier, "language": "system", "verbose": True, **stated}
        repositories = [{"repo": str(self.hooks), "rev": self.revision, "hooks": [hook]}]
        (self.top / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": repositories}), "utf-8")
        self.git("add", ".pre-commit-config.yaml")
        self.git("commit", "--quiet", "--message", "hooks")

    def run(self) -> subprocess.CompletedProcess[str]:
        """Stage everything and run the hook as a commit would."""
        self.git("add", "--all")
        run = [sys.executable, "-m", "pre_commit", "run", "--color", "never"]
        return subprocess.run(run, cwd=self.top, env=self.environment, check=False, capture_output=True, text=True)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_the_plan_hook_lints_plan_json_unless_told_otherwise(repository: Repository) -> None:
    repository.use("eni-lint-plan")
    (repository.top / "main.tf").write_text("# changed\n", "utf-8")

    missing = repository.run()
    shutil.copy(GOOD, repository.top / "plan.json")
    good = repository.run()
    shutil.copy(BAD, repository.top / "plan.json")
    bad = repository.run()
    (repository.top / "plan.json").rename(repository.top / "prod.json")
    repository.use("eni-lint-plan", args=["prod.json", "--fail-on", "never"])
    told = repository.run()

    assert missing.returncode == 1
    assert "plan.json: there is no such file" in missing.stdout
    assert good.returncode == 0
    assert "no findings" in good.stdout
    assert bad.returncode == 1
    assert bad.stdout.count("error[IAM001]") == 1
    assert told.returncode == 0
    assert "error[IAM001]" in told.stdout


def test_the_plan_hook_is_silent_where_no_source_changed(repository: Repository) -> None:
    repository.use("eni-lint-plan")
    (repository.top / "README.md").write_text("# words\n", "utf-8")

    run = repository.run()

    assert run.returncode == 0
    assert "Skipped" in run.stdout


def test_the_source_hook_lints_all_changed_files_in_one_run(repository: Repository) -> None:
    repository.use("eni-lint")
    shutil.copy(GOOD, repository.top / "good.json")

    good = repository.run()
    shutil.copy(BAD, repository.top / "bad.json")
    both = repository.run()

    assert good.returncode == 0
    assert "no findings" in good.stdout
    assert both.returncode == 1
    assert "good.json: 1 function" in both.stdout
    assert both.stdout.count("error[IAM001]") == 1
    assert both.stdout.count("1 error\n") == 1, "one run has one summary"


def test_the_source_hook_lints_templates(repository: Repository) -> None:
    repository.use("eni-lint")
    template = repository.top / "stacks" / "orders.yaml"
    template.parent.mkdir()
    template.write_text(TEMPLATE, "utf-8")

    bad = repository.run()
    template.write_text(TEMPLATE.replace("Basic", "VPCAccess"), "utf-8")
    good = repository.run()

    assert bad.returncode == 1
    assert "--> stacks/orders.yaml:3:3" in bad.stdout
    assert good.returncode == 0
    assert "no findings" in good.stdout


def test_several_changed_files_of_one_root_are_linted_once(repository: Repository) -> None:
    repository.use("eni-lint")
    module, root = repository.top / "modules" / "orders", repository.top / "prod"
    for folder in (module, root):
        folder.mkdir(parents=True)
    for name, text in {"roles.tf": MODULE, "functions.tf": FUNCTION, "variables.tf": VARIABLES}.items():
        (module / name).write_text(text, "utf-8")
    call = 'module "orders" {\n  source  = "../modules/orders"\n  subnets = ["subnet-0a91c3e57d2b4f681"]\n}\n'
    (root / "main.tf").write_text(call, "utf-8")
    (root / "provider.tf").write_text('provider "aws" {}\n', "utf-8")

    run = repository.run()

    assert run.returncode == 1
    assert run.stdout.count("error[IAM001]") == 1
    assert "--> modules/orders/roles.tf:1:1" in run.stdout
    assert "called from module.orders at prod/main.tf:1" in run.stdout
    assert run.stdout.count("1 function, 1 in a VPC") == 1


def test_a_change_of_one_file_lints_the_root_that_it_belongs_to(repository: Repository) -> None:
    repository.use("eni-lint")
    for name, text in {"roles.tf": MODULE, "functions.tf": FUNCTION, "variables.tf": VARIABLES}.items():
        (repository.top / name).write_text(text, "utf-8")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "sources")
    (repository.top / "prod.auto.tfvars").write_text('subnets = ["subnet-0a91c3e57d2b4f681"]\n', "utf-8")

    run = repository.run()

    assert run.returncode == 1
    assert run.stdout.count("error[IAM001]") == 1
    assert "--> roles.tf:1:1" in run.stdout


def test_json_and_yaml_that_is_none_of_its_business_is_passed_over(repository: Repository) -> None:
    repository.use("eni-lint")
    for name, text in UNRELATED.items():
        (repository.top / name).write_text(text, "utf-8")

    alone = repository.run()
    (repository.top / "template.yaml").write_text(TEMPLATE, "utf-8")
    beside = repository.run()

    assert alone.returncode == 0, alone.stdout
    assert "Passed" in alone.stdout
    assert not [name for name in UNRELATED if name in alone.stdout]
    assert beside.returncode == 1
    assert beside.stdout.count("error[IAM001]") == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("template.yaml", TEMPLATE.replace("Properties:", "Properties: [", 1)),
        ("template.json", '{"Resources": {"Orders": {"Type": "AWS::Lambda::Function",}}}'),
        ("plan.json", '{"format_version": "1.2", "planned_values": {'),
    ],
)
def test_a_broken_input_fails(name: str, text: str, repository: Repository) -> None:
    repository.use("eni-lint")
    (repository.top / name).write_text(text, "utf-8")

    run = repository.run()

    assert run.returncode == 1
    assert f"error: {name}" in run.stdout
    assert "exit code: 2" in run.stdout
