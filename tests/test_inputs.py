"""Whole inputs of every kind give the interfaces and open facts that they must."""

from __future__ import annotations

from pathlib import Path

import pytest

from eni_lint import lint
from eni_lint.finding import Severity
from eni_lint.readers.options import Options

TWO_STAGES = """\
Parameters:
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
Resources:
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      VpcConfig:
        SubnetIds: !Ref Subnets
        SecurityGroupIds: [sg-own]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]
"""
FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.mark.parametrize(
    ("app", "least", "most"),
    [
        ("sg-per-function", 10, 10),
        ("shared-sg", 2, 2),
        ("endpoints", 2, 2),
        ("multi-stack", 6, 6),
        ("imported-vpc", 3, 4),
    ],
)
def test_the_interfaces_of_a_cdk_app_are_counted(app: str, least: int, most: int) -> None:
    forecast = lint(FIXTURES / "cloudformation" / "cdk" / app / "cdk.out").forecast

    assert sum(line.after for line in forecast) == least
    assert sum(line.after_at_most or 0 for line in forecast) == most


def test_routes_and_roles_resolve_across_the_stacks_of_an_app() -> None:
    verdict = lint(FIXTURES / "cloudformation" / "cdk" / "multi-stack" / "cdk.out")

    assert verdict.undecided == ()
    assert [judged.whole for judged in verdict.judged] == [judged.in_vpc for judged in verdict.judged]


def test_looked_up_subnets_leave_the_routes_open_and_say_why() -> None:
    verdict = lint(FIXTURES / "cloudformation" / "cdk" / "imported-vpc" / "cdk.out")

    routes = [one for one in verdict.undecided if "NET003" in one.rules]
    assert any(one.why == "dummy id" and "cdk synth" in one.decided_by for one in routes)


def test_a_serverless_package_names_the_imports_that_leave_it_open() -> None:
    verdict = lint(FIXTURES / "cloudformation" / "serverless")

    assert {"import net-SubnetA", "import net-SubnetB"} <= {one.key for one in verdict.undecided}


def test_a_change_set_that_removes_the_role_with_the_vpc_is_role001() -> None:
    verdict = lint(FIXTURES / "cloudformation" / "changesets" / "leaves-vpc.json")

    assert ("ROLE001", "Role") in {(finding.rule, finding.subject.address) for finding in verdict.findings}
    assert all(finding.severity >= Severity.WARNING for finding in verdict.findings)


def test_the_environments_of_a_samconfig_are_cases_of_one_template(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(TWO_STAGES, "utf-8")
    samconfig = FIXTURES / "cloudformation" / "parameters" / "samconfig.toml"

    verdict = lint(template, options=Options(parameters=(str(samconfig),)))

    assert [(judged.functions, judged.cases) for judged in verdict.judged] == [(1, 3)]
    assert [finding.rule for finding in verdict.findings] == ["IAM001"]
    assert [(line.vpc, line.when) for line in verdict.forecast] == [
        ("the VPC of subnet-1", "with default"),
        ("the VPC of subnet-3", "with prod"),
        ("the VPC of parameter Subnets", "with old"),
    ]


def test_a_finding_keeps_its_fingerprint_on_plan_and_source_and_through_edits(tmp_path: Path) -> None:
    demo = FIXTURES / "demo"
    edited = b"\xef\xbb\xbf# head\r\n\r\n" + (demo / "main.tf").read_bytes().replace(b"\n", b"\r\n")
    (tmp_path / "functions.tf").write_bytes(edited)
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "plan.json").write_bytes((demo / "plan.json").read_bytes())

    with_source, alone, source = (
        {finding.subject.address: finding.fingerprint for finding in lint(path).findings}
        for path in (demo / "plan.json", tmp_path / "alone" / "plan.json", tmp_path)
    )

    assert with_source == alone
    assert source
    assert source.items() <= alone.items()
