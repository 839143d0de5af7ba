"""eni-lint inside cfn-lint: the rules run, at the right line and column."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
YAML = FIXTURES / "iam001_missing_interface_permission" / "bad-logs-only" / "cloudformation" / "template.yaml"
CDK = FIXTURES / "cloudformation" / "cdk" / "endpoints" / "cdk.out" / "Endpoints.template.json"
SAM = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
  Group: {Type: AWS::EC2::SecurityGroup::Id}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      InlineCode: "def handler(event, context): pass"
      Role: !GetAtt Role.Arn
      VpcConfig:
        SubnetIds: !Ref Subnets
        SecurityGroupIds: [!Ref Group]
"""


def matches(template: Path) -> list[dict]:
    words = [
        "-t",
        str(template),
        "--append-rules",
        "eni_lint.cfnlint_rules",
        "--format",
        "json",
        "--non-zero-exit-code",
        "none",
    ]
    run = subprocess.run(
        [str(Path(sys.executable).parent / "cfn-lint"), *words], capture_output=True, text=True, check=True
    )
    return [one for one in json.loads(run.stdout or "[]") if one["Rule"]["Id"][1:3] == "93"]


def start(match: dict) -> tuple[int, int]:
    return match["Location"]["Start"]["LineNumber"], match["Location"]["Start"]["ColumnNumber"]


def place_of(path: Path, text: str) -> tuple[int, int]:
    lines = path.read_text("utf-8").splitlines()
    number = next(n for n, line in enumerate(lines) if text in line)
    return number + 1, lines[number].index(text) + 1


def test_a_template_in_yaml() -> None:
    found = matches(YAML)

    assert [one["Rule"]["Id"] for one in found] == ["E9301"]
    assert start(found[0]) == place_of(YAML, "OrdersRole:")
    assert found[0]["Message"].startswith("IAM001: OrdersRole lacks ec2:CreateNetworkInterface")


def test_a_serverless_template(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(SAM, "utf-8")

    found = matches(path)

    assert [one["Rule"]["Id"] for one in found] == ["E9301"]
    assert start(found[0]) == place_of(path, "Role:")


def test_what_the_cdk_made() -> None:
    found = matches(CDK)

    assert [one["Rule"]["Id"] for one in found] == ["W9327"]
    line, _ = start(found[0])
    assert "IsoSecurityGroup" in "".join(CDK.read_text("utf-8").splitlines()[line - 1 : line + 40])


@pytest.mark.parametrize("word", ["Resources: [", "{}", "Resources: {A: 1}"])
def test_a_template_that_is_none_is_left_to_cfn_lint(word: str, tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(word, "utf-8")

    assert matches(path) == []
