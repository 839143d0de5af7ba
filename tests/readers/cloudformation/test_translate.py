"""Templates as deployments: what the model is told, and what the rules make of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from eni_lint.engine import judge
from eni_lint.finding import Severity, Verdict
from eni_lint.model.answer import Unknown
from eni_lint.model.compute import Attachment
from eni_lint.model.deployment import Action, Deployment, Kind
from eni_lint.model.identity import Managed, Symbol
from eni_lint.readers.detect import read
from eni_lint.readers.options import Options
from eni_lint.settings import Settings

from .samples import FIXTURES

VPC_ACCESS = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
TRUST = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]
}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [VPC_ACCESS]}}
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
SUBNET = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}}
GROUP = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "functions", "VpcId": {"Ref": "Vpc"}}}


def function(subnets: object, groups: object, **properties: object) -> dict:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "VpcConfig": {"SubnetIds": subnets, "SecurityGroupIds": groups},
            **properties,
        },
    }


FUNCTION = function([{"Ref": "Subnet"}], [{"Ref": "Group"}])
STACK = {"Vpc": VPC, "Subnet": SUBNET, "Group": GROUP, "Role": ROLE, "Function": FUNCTION}


class Folder:
    """A directory in which templates are written and linted."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, template: dict) -> str:
        file = self.path / name
        file.write_text(json.dumps(template) if name.endswith(".json") else yaml.safe_dump(template, sort_keys=False))
        return str(file)

    def deployments(self, template: dict, options: Options | None = None) -> tuple[Deployment, ...]:
        reading = read([self.write("template.yaml", template)], options or Options())
        assert reading.errors == ()
        return reading.deployments

    def deployment(self, **resources: object) -> Deployment:
        (only,) = self.deployments({"Resources": resources})
        return only

    def verdict(self, template: dict, options: Options | None = None) -> Verdict:
        return judge(read([self.write("template.yaml", template)], options or Options()), Settings())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def rules(verdict: Verdict) -> set[str]:
    return {finding.rule for finding in verdict.findings if finding.severity > Severity.INFO}


def open_keys(verdict: Verdict, rule: str) -> set[str]:
    return {one.key for one in verdict.undecided if rule in one.rules}


# Assemblies


@pytest.mark.parametrize(
    ("program", "least", "most"),
    [
        ("sg-per-function", 10, 10),
        ("shared-sg", 2, 2),
        ("endpoints", 2, 2),
        ("multi-stack", 6, 6),
        ("imported-vpc", 3, 4),
    ],
)
def test_the_interfaces_of_a_program_are_counted_over_all_its_stacks(program: str, least: int, most: int) -> None:
    verdict = judge(read([str(FIXTURES / "cdk" / program / "cdk.out")]), Settings())

    assert (sum(f.after for f in verdict.forecast), sum(f.after_at_most or 99 for f in verdict.forecast)) == (
        least,
        most,
    )


def test_roles_and_routes_resolve_across_the_stacks_of_a_program() -> None:
    verdict = judge(read([str(FIXTURES / "cdk" / "multi-stack")]), Settings())

    assert verdict.undecided == ()
    assert [(one.functions, one.whole) for one in verdict.judged] == [(4, 4), (3, 3)]


def test_a_function_waits_for_the_whole_stack_that_its_role_is_in() -> None:
    root, _ = read([str(FIXTURES / "cdk" / "multi-stack" / "cdk.out")]).deployments
    edges = {address: {edge.to for edge in edges} for address, edges in root.edges.items()}

    assert "App/ (inputs)" in edges["App/Fn0D0A58860"]
    assert {"Iam/ (stack)", "Net/ (stack)"} <= edges["App/ (inputs)"]


def test_a_lookup_without_an_answer_leaves_routes_open_and_says_why() -> None:
    verdict = judge(read([str(FIXTURES / "cdk" / "imported-vpc" / "cdk.out")]), Settings())

    opened = {one.key: one.decided_by for one in verdict.undecided if "NET004" in one.rules}
    assert opened["the lookup that answered p-12345"] == "run cdk synth with access to the account"


def test_only_the_cdk_keeps_its_exports_to_itself(folder: Folder) -> None:
    exported = {"ExportsOutputRefVpc": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "vpc"}}}

    (template,) = folder.deployments({"Resources": STACK, "Outputs": exported})
    program, _ = read([str(FIXTURES / "cdk" / "multi-stack" / "cdk.out")]).deployments

    assert template.after.exported == {Managed("Vpc")}
    assert program.after.exported == frozenset()


# What is open


def test_subnets_by_parameter_decide_the_rules_of_roles_but_not_those_of_routes(folder: Folder) -> None:
    bare = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
    verdict = folder.verdict(
        {
            "Parameters": {"Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"}},
            "Resources": {**STACK, "Role": bare, "Function": function({"Ref": "Subnets"}, [{"Ref": "Group"}])},
        }
    )

    assert "IAM001" in rules(verdict)
    assert open_keys(verdict, "NET004") == {"parameter Subnets"}


def test_an_import_is_open_until_the_stack_that_exports_it_is_given_too(folder: Folder) -> None:
    network = {
        "Resources": {"Vpc": VPC, "Subnet": SUBNET},
        "Outputs": {"A": {"Value": {"Ref": "Subnet"}, "Export": {"Name": "net-a"}}},
    }
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "functions"}}
    app = {"Role": ROLE, "Group": group, "Function": function([{"Fn::ImportValue": "net-a"}], [{"Ref": "Group"}])}
    files = [folder.write("net.yaml", network), folder.write("app.yaml", {"Resources": app})]

    alone = judge(read(files[1:]), Settings())
    (together,) = read(files).deployments
    (in_one_folder,) = read([str(folder.path)]).deployments

    assert open_keys(alone, "NET004") == {"import net-a"}
    assert together.name == in_one_folder.name == "app and net"
    attachment = together.after.functions["app/Function"].attachment
    assert isinstance(attachment, Attachment)
    assert attachment.subnets.sure == (Managed("net/Subnet"),)


def test_one_parameter_in_two_functions_is_one_value(folder: Folder) -> None:
    opened = function({"Ref": "Subnets"}, {"Ref": "Groups"})
    (deployment,) = folder.deployments(
        {
            "Parameters": {
                "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
                "Groups": {"Type": "CommaDelimitedList"},
            },
            "Resources": {"Role": ROLE, "One": opened, "Two": opened},
        }
    )

    one, two = (deployment.after.functions[name].attachment for name in ("One", "Two"))
    assert one == two
    assert isinstance(one, Attachment)
    assert (one.subnets.at_least, one.subnets.at_most) == (1, 16)


def test_a_default_is_a_case_and_no_fact(folder: Folder) -> None:
    template = {
        "Parameters": {"Arn": {"Type": "String", "Default": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
        "Resources": {
            **STACK,
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [{"Ref": "Arn"}]},
            },
        },
    }

    first, second = folder.deployments(template)
    verdict = folder.verdict(template)

    assert (first.scenario, second.scenario) == ("", "with default parameters")
    assert {f.when for f in verdict.findings if f.rule == "IAM001"} == {"with default parameters"}
    assert "the document of parameter Arn" in {one.key for one in verdict.undecided}


def test_what_a_default_leaves_open_is_not_told_beside_its_parameter(folder: Folder) -> None:
    arn = "arn:aws:iam::123456789012:role/orders"
    parameters = {"Arn": {"Type": "String", "Default": arn}}
    given = {"Type": "AWS::Lambda::Function", "Properties": {**FUNCTION["Properties"], "Role": {"Ref": "Arn"}}}

    verdict = folder.verdict({"Parameters": parameters, "Resources": {**STACK, "Fn": given}})

    assert [one.key for one in verdict.undecided if "IAM001" in one.rules] == ["the policies of parameter Arn"]


def test_a_condition_makes_a_case_of_each_answer(folder: Folder) -> None:
    choice = {"Fn::If": ["Private", [{"Ref": "Subnet"}], ["subnet-1"]]}
    template = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        "Conditions": {"Private": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {**STACK, "Function": function(choice, [{"Ref": "Group"}])},
    }

    deployments = folder.deployments(template)

    assert {deployment.scenario for deployment in deployments} == {"Private is true", "Private is false"}
    assert len(folder.verdict(template).judged) == 1


def test_parameters_close_what_they_name(folder: Folder) -> None:
    given = folder.write("parameters.json", {"Subnets": "subnet-1,subnet-2"})
    template = {
        "Parameters": {"Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"}},
        "Resources": {**STACK, "Function": function({"Ref": "Subnets"}, [{"Ref": "Group"}])},
    }

    (deployment,) = folder.deployments(template, Options(parameters=(given,)))

    attachment = deployment.after.functions["Function"].attachment
    assert isinstance(attachment, Attachment)
    assert [token.value for token in attachment.subnets.sure] == ["subnet-1", "subnet-2"]


@pytest.mark.parametrize(
    "addition", [{"Transform": "Company::Network"}, {"Resources": {"More": {"Type": "A::B::MODULE"}}}]
)
def test_what_may_add_resources_leaves_nothing_complete(folder: Folder, addition: dict) -> None:
    resources = {**STACK, **addition.get("Resources", {})}
    (deployment,) = folder.deployments({**addition, "Resources": resources})

    assert deployment.after.complete == frozenset()
    assert deployment.incomplete


@pytest.mark.parametrize("version", ["2020-07-23", "2024-09-16"])
def test_the_rotation_of_secrets_adds_nothing_to_networks(folder: Folder, version: str) -> None:
    (deployment,) = folder.deployments({"Transform": f"AWS::SecretsManager-{version}", "Resources": STACK})

    assert (Kind.ROUTES, "Vpc (main route table)") in deployment.after.complete
    assert not deployment.incomplete


LOOP = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList}
Resources:
  Fn::ForEach::Workers:
    - Name
    - !Ref Names
    - Worker${Name}:
        Type: AWS::Lambda::Function
        Properties: {Role: arn:aws:iam::123456789012:role/worker}
"""


def test_a_loop_over_what_nobody_knows_is_said_to_be_incomplete(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(LOOP)

    (deployment,) = read([str(tmp_path / "template.yaml")]).deployments

    assert len(deployment.after.functions) == 1
    assert "Names" in deployment.incomplete


# Networks


def test_a_group_without_egress_rules_lets_everything_out_and_the_rule_to_nowhere_nothing(folder: Folder) -> None:
    closed = {**GROUP["Properties"], "SecurityGroupEgress": [{"CidrIp": "255.255.255.255/32", "IpProtocol": "icmp"}]}
    deployment = folder.deployment(**STACK, Closed={**GROUP, "Properties": closed})

    owners = [rule.group.sure[0] for rule in deployment.after.group_rules if rule.egress]
    assert Managed("Group") in owners
    assert Managed("Closed") not in owners
    assert (Kind.EGRESS, "Closed") in deployment.after.complete


def test_an_egress_rule_of_its_own_takes_the_default_one_away(folder: Folder) -> None:
    rule = {"GroupId": {"Ref": "Group"}, "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "10.0.0.0/16"}

    world = folder.deployment(**STACK, Rule={"Type": "AWS::EC2::SecurityGroupEgress", "Properties": rule}).after

    assert [one.address for one in world.group_rules if one.egress and one.group.sure == (Managed("Group"),)] == [
        "Rule"
    ]
    assert (Kind.EGRESS, "Group") in world.complete


def test_a_rule_to_nowhere_of_its_own_closes_a_group(folder: Folder) -> None:
    rule = {"GroupId": {"Fn::GetAtt": "Group.GroupId"}, "IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}
    resources = {**STACK, "Rule": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": rule}}

    assert "NET007" in rules(folder.verdict({"Resources": resources}))


def test_an_interface_endpoint_has_no_private_names_unless_it_asks_for_them(folder: Folder) -> None:
    stated = {"VpcId": {"Ref": "Vpc"}, "ServiceName": "com.amazonaws.us-east-1.sts", "VpcEndpointType": "Interface"}
    asking = {**stated, "PrivateDnsEnabled": True}

    world = folder.deployment(
        **STACK,
        Silent={"Type": "AWS::EC2::VPCEndpoint", "Properties": stated},
        Asking={"Type": "AWS::EC2::VPCEndpoint", "Properties": asking},
    ).after

    assert (world.endpoints["Silent"].private_dns, world.endpoints["Asking"].private_dns) == (False, True)


def test_every_vpc_has_a_main_table_and_a_default_group(folder: Folder) -> None:
    world = folder.deployment(
        **STACK, Other=function([{"Ref": "Subnet"}], [{"Fn::GetAtt": "Vpc.DefaultSecurityGroup"}])
    ).after

    assert world.tables["Vpc (main route table)"].main is True
    assert (Kind.ROUTES, "Vpc (main route table)") in world.complete
    attachment = world.functions["Other"].attachment
    assert isinstance(attachment, Attachment)
    assert attachment.groups.sure == (Managed("Vpc (default security group)"),)


def test_a_parameter_is_none_of_the_resources_of_its_own_stack(folder: Folder) -> None:
    rule = {"GroupId": {"Ref": "Elsewhere"}, "IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
    (deployment,) = folder.deployments(
        {
            "Parameters": {"Elsewhere": {"Type": "AWS::EC2::SecurityGroup::Id"}},
            "Resources": {**STACK, "Rule": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": rule}},
        }
    )

    assert (Kind.EGRESS, "Group") in deployment.after.complete


# Roles


def test_the_partition_of_an_aws_policy_does_not_matter(folder: Folder) -> None:
    joined = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"}
    role = {**ROLE, "Properties": {**ROLE["Properties"], "ManagedPolicyArns": [joined]}}

    assert rules(folder.verdict({"Resources": {**STACK, "Role": role}})) == set()


def test_pseudo_parameters_stay_readable_in_statements(folder: Folder) -> None:
    scoped = {"Fn::Sub": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:network-interface/*"}
    statement = {"Effect": "Allow", "Action": "ec2:DescribeNetworkInterfaces", "Resource": scoped}
    policy = {"PolicyName": "network", "PolicyDocument": {"Statement": [statement]}}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "Policies": [policy]}}

    verdict = folder.verdict({"Resources": {**STACK, "Role": role}})

    assert {"IAM001", "IAM002"} & rules(verdict)
    assert not open_keys(verdict, "IAM002")


@pytest.mark.parametrize("kind", ["AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"])
def test_a_policy_of_its_own_is_a_grant_beside_the_role(folder: Folder, kind: str) -> None:
    statement = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
    owner = {"RoleName": {"Ref": "Role"}} if kind == "AWS::IAM::RolePolicy" else {"Roles": [{"Ref": "Role"}]}
    policy = {"PolicyName": "network", "PolicyDocument": {"Statement": [statement]}, **owner}
    bare = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}

    world = folder.deployment(**{**STACK, "Role": bare}, Policy={"Type": kind, "Properties": policy}).after

    assert [(grant.address, grant.inside, grant.roles.sure) for grant in world.grants] == [
        ("Policy", False, (Managed("Role"),))
    ]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, False),
        ({"PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}, True),
        ({"Role": "own"}, True),
    ],
)
def test_the_role_that_sam_makes_may_manage_interfaces_unless_a_boundary_says_no(
    folder: Folder, more: dict, found: bool
) -> None:
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    own = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [basic]}}
    if more.get("Role"):
        more = {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}
    properties = {"VpcConfig": FUNCTION["Properties"]["VpcConfig"], "InlineCode": "x", **more}
    serverless = {"Type": "AWS::Serverless::Function", "Properties": properties}

    verdict = folder.verdict(
        {
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {**STACK, "Role": own, "Function": serverless},
        }
    )

    assert bool({"IAM001", "IAM003"} & rules(verdict)) is found
    assert {finding.fix.language for finding in verdict.findings} <= {"sam"}


# Functions


def test_versions_that_sam_publishes_are_retained(folder: Folder) -> None:
    properties = {"VpcConfig": FUNCTION["Properties"]["VpcConfig"], "InlineCode": "x", "AutoPublishAlias": "live"}
    (deployment,) = folder.deployments(
        {
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {**STACK, "Function": {"Type": "AWS::Serverless::Function", "Properties": properties}},
        }
    )

    assert [(v.function.sure, v.retained) for v in deployment.after.versions.values()] == [
        ((Managed("Function"),), True)
    ]


def test_a_variable_leads_to_the_table_that_it_names(folder: Folder) -> None:
    environment = {
        "Variables": {"TABLE": {"Ref": "Orders"}, "HOST": {"Fn::Sub": "https://sqs.${AWS::Region}.amazonaws.com"}}
    }
    orders = {"Type": "AWS::DynamoDB::Table", "Properties": {}}
    told = function([{"Ref": "Subnet"}], [{"Ref": "Group"}], Environment=environment)

    variables = (
        folder.deployment(**{**STACK, "Function": told, "Orders": orders}).after.functions["Function"].environment
    )

    assert not isinstance(variables, Unknown)
    assert variables[0].refers_to == (Managed("Orders"),)
    assert variables[1].value == "https://sqs.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("declared", "opened"),
    [
        ({"Type": "String"}, True),
        ({"Type": "Number"}, False),
        ({"Type": "AWS::EC2::VPC::Id"}, False),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, True),
        ({"Type": "String", "AllowedValues": ["dev", "prod"]}, False),
        ({"Type": "String", "AllowedValues": ["dev", "api.stripe.com"]}, True),
        ({"Type": "String", "AllowedValues": ["dev", "orders"]}, True),
    ],
)
def test_a_parameter_may_say_that_it_is_nothing_that_is_called(folder: Folder, declared: dict, opened: bool) -> None:
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}}
    told = {"Variables": {"THING": {"Ref": "Thing"}}}
    calling = function([{"Ref": "Subnet"}], [{"Ref": "Group"}], Environment=told)
    template = {"Parameters": {"Thing": declared}, "Resources": {"Role": ROLE, "Function": calling, "Table": table}}

    (deployment,) = folder.deployments(template)

    variables = deployment.after.functions["Function"].environment
    assert not isinstance(variables, Unknown)
    assert [isinstance(one.value, Unknown) for one in variables] == [opened]


@pytest.mark.parametrize(
    ("value", "opened"),
    [
        ({"Ref": "AWS::StackName"}, False),
        ({"Fn::FindInMap": ["Hosts", {"Ref": "AWS::Region"}, "partner"]}, True),
        ({"Ref": "Balancer"}, False),
        ({"Fn::GetAtt": "Balancer.DNSName"}, True),
        ({"Fn::GetAtt": "Cache.PrimaryEndPoint.Address"}, False),
        ({"Fn::Sub": "redis://${Cache.PrimaryEndPoint.Address}:6379"}, False),
        ({"Fn::Sub": "https://${Balancer.DNSName}/${Cache}"}, True),
        ({"Fn::GetAtt": "Stored.Value"}, False),
        ({"Fn::GetAtt": "Made.Address"}, True),
    ],
)
def test_what_lies_in_a_vpc_and_what_is_no_host_leaves_no_call_open(
    folder: Folder, value: object, opened: bool
) -> None:
    things = {
        "Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"},
        "Cache": {"Type": "AWS::ElastiCache::ReplicationGroup"},
        "Stored": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "on"}},
        "Made": {"Type": "Custom::Thing"},
    }
    told = {"Variables": {"THING": value}}
    calling = function([{"Ref": "Subnet"}], [{"Ref": "Group"}], Environment=told)
    mappings = {"Hosts": {"us-east-1": {"partner": "https://a.example.net"}, "eu-west-1": {"partner": "none"}}}

    (deployment,) = folder.deployments(
        {"Mappings": mappings, "Resources": {"Role": ROLE, "Function": calling, **things}}
    )

    variables = deployment.after.functions["Function"].environment
    assert not isinstance(variables, Unknown)
    assert [(isinstance(one.value, Unknown), one.refers_to) for one in variables] == [(opened, ())]


# Words in the source, and places


COMMENTED = """
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  # eni-lint: ignore[IAM001] granted by hand until=2100-01-31
  Role:
    Type: AWS::IAM::Role
    Metadata:
      eni-lint:
        ignore: [{id: ROLE, reason: shared}, {id: 5}, nothing]
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      # eni-lint: needs=s3
      Role: !GetAtt Role.Arn
"""


def test_directives_stand_in_comments_and_in_metadata(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(COMMENTED)

    (deployment,) = read([str(tmp_path / "template.yaml")]).deployments

    assert [(d.address, d.rules, d.reason, d.until, d.needs) for d in deployment.directives] == [
        ("Role", ("ROLE",), "shared", "", ()),
        ("Role", ("5",), "", "", ()),
        ("Role", ("IAM001",), "granted by hand", "2100-01-31", ()),
        ("Function", (), "", "", ("s3",)),
    ]


MADE = """
Transform: [AWS::Serverless-2016-10-31, AWS::SecretsManager-2020-07-23]
Resources:
  # eni-lint: ignore[NET, IAM] by design
  Function:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}
  # eni-lint: ignore[NET] no way out
  Schedule:
    Type: AWS::SecretsManager::RotationSchedule
    Properties:
      HostedRotationLambda: {VpcSubnetIds: !Ref Subnet, VpcSecurityGroupIds: sg-1}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
"""


def test_what_is_said_about_a_resource_holds_for_what_is_made_of_it(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(MADE)
    reading = read([str(file)])

    (deployment,) = reading.deployments
    verdict = judge(reading, Settings())

    assert {directive.address for directive in deployment.directives if "IAM" in directive.rules} == {
        "Function",
        "FunctionRole",
        "FunctionVersion",
        "FunctionAliaslive",
    }
    assert [one.finding.rule for one in verdict.suppressed] == ["NET005"]
    assert verdict.findings == ()
    assert [note.partition(": ")[2] for note in verdict.notes] == ["Function: ignore[NET, IAM] suppresses nothing"]


def test_a_link_is_found_where_its_property_is_written(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(COMMENTED)
    reading = read([str(file)])
    (deployment,) = reading.deployments
    origin = deployment.origins["Function"]

    resource = reading.sources.locate(origin)
    role = reading.sources.locate(type(origin)(origin.source, origin.pointer, "role"))

    assert (resource.line, resource.column, resource.text) == (14, 3, "  Function:")
    assert (role.line, role.column, role.end_column, role.precise) == (18, 7, 29, True)


def test_a_resource_of_the_cdk_is_found_in_the_program_that_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = FIXTURES.parent / "net001_no_default_route" / "bad-required" / "cdk"
    monkeypatch.chdir(case)
    reading = read(["cdk.out"])
    (deployment,) = reading.deployments
    address = next(iter(deployment.after.functions))

    place = reading.sources.locate(deployment.origins[address])

    assert place.file == "app.js"
    assert "new lambda.Function" in place.text


# Changes


def test_a_change_of_properties_updates_or_replaces(folder: Folder) -> None:
    before = folder.write("before.yaml", {"Resources": {**STACK, "Gone": {**GROUP, "DeletionPolicy": "Retain"}}})
    moved = {**SUBNET, "Properties": {**SUBNET["Properties"], "CidrBlock": "10.0.2.0/24"}}
    other = function([{"Ref": "Subnet"}], [{"Ref": "Group"}], Timeout=30)
    after = {"Resources": {**STACK, "Subnet": moved, "Function": other, "New": GROUP}}

    (deployment,) = folder.deployments(after, Options(before=before))

    actions = {address: change.action for address, change in deployment.changes.items()}
    assert actions == {
        "Vpc": Action.NOTHING,
        "Subnet": Action.REPLACE_CREATE_FIRST,
        "Group": Action.NOTHING,
        "Role": Action.NOTHING,
        "Function": Action.UPDATE,
        "New": Action.CREATE,
        "Gone": Action.DELETE,
    }
    assert deployment.changes["Gone"].retained
    assert deployment.changes["Subnet"].because == ("CidrBlock",)
    assert "Subnet" in {edge.to for edge in deployment.edges_before["Function"]}


def test_what_refers_to_a_replaced_resource_is_replaced_with_it_where_its_property_says_so(folder: Folder) -> None:
    table = {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}}
    tied = {
        "Type": "AWS::EC2::SubnetRouteTableAssociation",
        "Properties": {"SubnetId": {"Ref": "Subnet"}, "RouteTableId": {"Ref": "Table"}},
    }
    before = folder.write("before.yaml", {"Resources": {**STACK, "Table": table, "Tied": tied}})
    moved = {**SUBNET, "Properties": {**SUBNET["Properties"], "CidrBlock": "10.0.2.0/24"}}

    (deployment,) = folder.deployments(
        {"Resources": {**STACK, "Subnet": moved, "Table": table, "Tied": tied}}, Options(before=before)
    )

    assert deployment.changes["Tied"].action is Action.REPLACE_CREATE_FIRST
    assert deployment.changes["Function"].action is Action.UPDATE
    assert deployment.changes["Table"].action is Action.NOTHING


def test_another_parameter_may_hold_the_same_value(folder: Folder) -> None:
    def stack(parameter: str) -> dict:
        role = {**ROLE, "Properties": {**ROLE["Properties"], "RoleName": {"Ref": parameter}}}
        return {"Parameters": {parameter: {"Type": "String"}}, "Resources": {**STACK, "Role": role}}

    before = folder.write("before.yaml", stack("One"))

    (deployment,) = folder.deployments(stack("Two"), Options(before=before))

    assert deployment.changes["Role"].maybe


def test_an_assembly_is_compared_with_an_earlier_one() -> None:
    earlier = str(FIXTURES / "cdk" / "multi-stack" / "cdk.out")

    reading = read([earlier], Options(before=earlier))

    assert {change.action for each in reading.deployments for change in each.changes.values()} == {Action.NOTHING}
    assert [len(each.before.functions) for each in reading.deployments if each.before] == [4, 3]


def test_a_change_set_leads_ids_to_the_resources_that_bear_them() -> None:
    file = str(FIXTURES / "changesets" / "leaves-vpc.json")

    (deployment,) = read([file]).deployments

    assert deployment.before is not None
    function = deployment.before.functions["Fn"]
    assert function.role.sure == (Managed("Role"),)
    assert isinstance(function.attachment, Attachment)
    assert function.attachment.groups.sure == (Managed("Sg"),)
    assert rules(judge(read([file]), Settings())) == {"DEP001", "ROLE001"}


def test_a_change_set_without_values_leaves_everything_open(tmp_path: Path) -> None:
    entry = {
        "Action": "Modify",
        "LogicalResourceId": "Fn",
        "ResourceType": "AWS::Lambda::Function",
        "Replacement": "False",
    }
    file = tmp_path / "changes.json"
    file.write_text(json.dumps({"Changes": [{"Type": "Resource", "ResourceChange": entry}]}))

    (deployment,) = read([str(file)]).deployments

    assert isinstance(deployment.after.functions["Fn"].attachment, Unknown)
    assert all(isinstance(token, Symbol) for token in deployment.after.functions["Fn"].role.sure)


def test_the_list_of_changes_that_the_console_copies_is_a_change_set(tmp_path: Path) -> None:
    entry = {"action": "Remove", "logicalResourceId": "Fn", "resourceType": "AWS::Lambda::Function"}
    file = tmp_path / "changes.json"
    file.write_text(json.dumps([{"resourceChange": entry}]))

    (deployment,) = read([str(file)]).deployments

    assert deployment.changes["Fn"].action is Action.DELETE
