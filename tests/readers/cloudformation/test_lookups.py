"""What cdk.context.json tells of networks that a program looked up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eni_lint.engine import judge
from eni_lint.finding import Verdict
from eni_lint.model.compute import Attachment
from eni_lint.model.deployment import Deployment
from eni_lint.model.identity import Literal, Managed, members
from eni_lint.readers.detect import read
from eni_lint.readers.options import Options
from eni_lint.settings import Settings

from .test_translate import ROLE, function

QUERY = "vpc-provider:account=111111111111:filter.vpc-id=vpc-0a:region=us-east-1:returnAsymmetricSubnets=true"
GROUP = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "functions", "VpcId": "vpc-0a"}}
CALLS_OUT = {"Environment": {"Variables": {"PAYMENTS_URL": "https://api.stripe.com/v1"}}}
KINDS = {"subnet-0a": "Public", "subnet-0b": "Public", "subnet-0c": "Private", "subnet-0d": "Isolated"}
DECIDES = ("NET001", "NET002", "NET003")


def answer(kinds: dict[str, str], tables: dict[str, str]) -> dict:
    subnets = {
        name: {
            "subnetId": name,
            "cidr": f"10.0.{number}.0/24",
            "availabilityZone": "us-east-1a",
            "routeTableId": tables.get(name, name.replace("subnet", "rtb")),
        }
        for number, name in enumerate(kinds)
    }
    groups = [
        {"name": kind, "type": kind, "subnets": [subnets[name] for name in kinds if kinds[name] == kind]}
        for kind in dict.fromkeys(kinds.values())
    ]
    return {"vpcId": "vpc-0a", "vpcCidrBlock": "10.0.0.0/16", "availabilityZones": [], "subnetGroups": groups}


class Program:
    """A CDK program that was synthesised with the answers of lookups."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, *subnets: str, kinds: dict[str, str] = KINDS, tables: dict[str, str] | None = None) -> Deployment:
        return self._read({"Fn": function(list(subnets), [{"Ref": "Group"}], **CALLS_OUT)}, answer(kinds, tables or {}))

    def deployment(self, **resources: object) -> Deployment:
        return self._read(resources, answer(KINDS, {}))

    def _read(self, resources: dict, found: dict) -> Deployment:
        stack = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111111111111/us-east-1",
            "properties": {"templateFile": "Shop.template.json"},
        }
        template = {"Resources": {"Role": ROLE, "Group": GROUP, **resources}}
        out = self.folder / "cdk.out"
        out.mkdir()
        (out / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": {"Shop": stack}}))
        (out / "Shop.template.json").write_text(json.dumps(template))
        (self.folder / "cdk.context.json").write_text(json.dumps({QUERY: found}))
        (deployment,) = read([str(out)], Options()).deployments
        return deployment

    def verdict(self) -> Verdict:
        return judge(read([str(self.folder / "cdk.out")], Options()), Settings())


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def found(verdict: Verdict) -> dict[str, str]:
    return {finding.rule: finding.message for finding in verdict.findings if finding.rule in DECIDES}


def undecided(verdict: Verdict) -> dict[str, str]:
    return {rule: one.key for one in verdict.undecided for rule in one.rules if rule in DECIDES}


def test_a_subnet_that_was_looked_up_has_its_network_and_its_addresses(program: Program) -> None:
    deployment = program.read("subnet-0a")

    subnet = deployment.after.subnets["subnet-0a"]
    assert (subnet.vpc, subnet.cidr) == (members(Literal("vpc-0a")), "10.0.0.0/24")
    assert not subnet.created_here
    assert deployment.after.groups["Group"].vpc == subnet.vpc
    attachment = deployment.after.functions["Fn"].attachment
    assert isinstance(attachment, Attachment)
    assert attachment.subnets == members(Managed("subnet-0a"))


def test_nothing_of_a_network_that_was_looked_up_is_known_whole(program: Program) -> None:
    owners = {owner for _, owner in program.read("subnet-0a").after.complete}

    assert not owners & {"vpc-0a", "rtb-0a", "subnet-0a"}


def test_a_function_in_a_public_subnet_has_no_way_out_and_the_message_says_who_tells(program: Program) -> None:
    program.read("subnet-0a", "subnet-0b")

    verdict = program.verdict()

    assert list(found(verdict)) == ["NET002"]
    assert "an internet gateway (as cdk.context.json has it)" in found(verdict)["NET002"]
    assert undecided(verdict) == {}


def test_a_private_subnet_leads_out(program: Program) -> None:
    program.read("subnet-0c")

    verdict = program.verdict()

    assert (found(verdict), undecided(verdict)) == ({}, {})


def test_an_isolated_subnet_is_not_public_but_an_instance_may_lead_it_out(program: Program) -> None:
    program.read("subnet-0d")

    verdict = program.verdict()

    assert found(verdict) == {}
    assert undecided(verdict) == {"NET001": "the default route of rtb-0d"}


def test_a_public_subnet_beside_a_private_one_is_no_certain_mixture(program: Program) -> None:
    program.read("subnet-0a", "subnet-0c")

    verdict = program.verdict()

    assert found(verdict) == {}
    assert undecided(verdict)["NET003"] == "the default route of rtb-0c"


def test_subnets_of_different_kinds_on_one_table_say_nothing_about_it(program: Program) -> None:
    tables = {"subnet-0a": "rtb-shared", "subnet-0d": "rtb-shared"}

    deployment = program.read("subnet-0a", tables=tables)

    assert "rtb-shared" not in {route.address for route in deployment.after.routes}
    assert found(program.verdict()) == {}


def test_a_table_that_the_program_gives_a_subnet_comes_before_the_one_that_was_found(program: Program) -> None:
    link = {"SubnetId": "subnet-0a", "RouteTableId": {"Ref": "Table"}}
    deployment = program.deployment(
        Table={"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": "vpc-0a"}},
        Link={"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": link},
    )

    tables = [one.table for one in deployment.after.associations if one.subnet == members(Managed("subnet-0a"))]
    assert tables == [members(Managed("Table"))]


def test_a_subnet_made_in_a_network_that_was_looked_up_may_have_any_main_table(program: Program) -> None:
    made = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc-0a", "CidrBlock": "10.0.9.0/24"}}
    program.deployment(Made=made, Fn=function([{"Ref": "Made"}], [{"Ref": "Group"}], **CALLS_OUT))

    verdict = program.verdict()

    assert found(verdict) == {}
    assert undecided(verdict)["NET001"] == "vpc-0a"
