"""The derived tables state the facts that rules rest on, and agree with the packages of this environment."""

import importlib.metadata
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eni_lint.data import tables
from eni_lint.data.actions import resource_types
from eni_lint.data.endpoints import (
    endpoints_of,
    has_gateway,
    is_global,
    is_resident,
    normalise_service,
    service_of_host,
    services_of_endpoint,
)
from eni_lint.data.managed_policies import ManagedPolicy, managed_policy
from eni_lint.data.replacements import replacement

DATA = Path(tables.__file__).parent
HARD = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")
SOFT = ("ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses")
POLLER = ("ec2:DescribeVpcs", "ec2:DescribeSecurityGroups")


def load(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text())


def known(name_or_arn: str) -> ManagedPolicy:
    policy = managed_policy(name_or_arn)
    assert policy is not None
    return policy


def test_exactly_eleven_managed_policies_grant_all_six_actions_everywhere() -> None:
    policies = [known(key) for key in load("managed_policies")["policies"]]

    assert len(policies) > 1400
    assert {
        policy.path + policy.name for policy in policies if all(policy.grants[a] == "all" for a in HARD + SOFT)
    } == {
        "/AdministratorAccess",
        "/AmazonEC2FullAccess",
        "/AmazonEKS_CNI_Policy",
        "/AmazonVPCCrossAccountNetworkInterfaceOperations",
        "/AmazonVPCFullAccess",
        "/PowerUserAccess",
        "/aws-service-role/APIGatewayServiceRolePolicy",
        "/job-function/NetworkAdministrator",
        "/job-function/SystemAdministrator",
        "/service-role/AWSCodeStarServiceRole",
        "/service-role/AWSLambdaVPCAccessExecutionRole",
    }


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("AWSLambdaENIManagementAccess", {"ec2:DescribeSubnets", *POLLER}),
        ("AWSLambdaMSKExecutionRole", {"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"}),
        ("AWSLambdaVPCAccessExecutionRole", set(POLLER)),
        ("AWSLambdaBasicExecutionRole", {*HARD, *SOFT, *POLLER}),
        ("AWSLambdaExecute", {*HARD, *SOFT, *POLLER}),
        ("AWSLambda_FullAccess", {*HARD, *SOFT[1:]}),
        ("AWSLambdaSQSQueueExecutionRole", {*HARD, *SOFT, *POLLER}),
    ],
)
def test_a_known_policy_says_definitely_what_it_does_not_grant(name: str, missing: set[str]) -> None:
    grants = known(name).grants

    assert {action for action, grant in grants.items() if grant == "none"} == missing


def test_a_policy_that_denies_everything_is_told_from_one_that_grants_nothing() -> None:
    assert set(known("AWSDenyAll").grants.values()) == {"denied"}


def test_a_grant_under_a_condition_or_on_some_resources_is_scoped() -> None:
    grants = known("AWSApplicationMigrationNetworkMigrationMultiAccount").grants

    assert grants["ec2:CreateNetworkInterface"] == "scoped"
    assert grants["ec2:DescribeNetworkInterfaces"] == "all"


@pytest.mark.parametrize(
    "written",
    [
        "AWSLambdaVPCAccessExecutionRole",
        "service-role/AWSLambdaVPCAccessExecutionRole",
        "/service-role/AWSLambdaVPCAccessExecutionRole",
        "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
        "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
        "arn:aws-us-gov:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
        "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
    ],
)
def test_a_managed_policy_is_found_however_it_is_written(written: str) -> None:
    policy = known(written)

    assert (policy.path, policy.name) == ("/service-role/", "AWSLambdaVPCAccessExecutionRole")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "/",
        "arn:",
        "OrdersTableAccess",
        "arn:aws:iam::aws:policy/AWSLambdaVPCAccessExecutionRole",
        "arn:aws:iam::123456789012:policy/AdministratorAccess",
        "arn:aws:iam::123456789012:policy/service-role/AWSLambdaVPCAccessExecutionRole",
    ],
)
def test_what_aws_does_not_manage_under_that_name_is_not_known(written: str) -> None:
    assert managed_policy(written) is None


def test_names_of_managed_policies_are_unique_across_paths() -> None:
    names = [key.rpartition("/")[2] for key in load("managed_policies")["policies"]]

    assert len(names) == len(set(names))


def test_exactly_three_endpoints_exist_as_gateways() -> None:
    every = {name for names in load("endpoints")["endpoints"].values() for name in names}

    assert {name for name in every if has_gateway(name)} == {"dynamodb", "s3", "s3express"}
    assert has_gateway("com.amazonaws.${AWS::Region}.s3")
    assert not has_gateway("sqs")


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("account", ("account",)),
        ("apigateway", ("apigateway",)),
        ("cloudwatch", ("monitoring",)),
        ("ecr", ("ecr.api", "ecr.dkr")),
        ("events", ("events", "eventsv2")),
        ("firehose", ("kinesis-firehose",)),
        ("kinesis", ("kinesis-streams",)),
        ("scheduler", ("scheduler",)),
        ("sqs", ("sqs",)),
        ("states", ("states", "sync-states")),
        ("S3", ("s3",)),
        ("route53domains", ()),
        ("cloudfront", ()),
    ],
)
def test_a_known_prefix_has_its_endpoints_or_none(prefix: str, names: tuple[str, ...]) -> None:
    assert endpoints_of(prefix) == names


def test_the_endpoints_of_an_unknown_prefix_are_not_known() -> None:
    assert endpoints_of("not-a-service") is None
    assert endpoints_of("not-a-service:GetThing") is None


@pytest.mark.parametrize(
    ("action", "names"),
    [
        ("bedrock:InvokeModel", ("bedrock-runtime",)),
        ("sagemaker:InvokeEndpoint", ("sagemaker.runtime",)),
        ("states:StartSyncExecution", ("sync-states",)),
        ("events:PutEvents", ("events", "eventsv2")),
        ("sqs:SendMessage", ("sqs",)),
        ("states:*", ("states", "sync-states")),
    ],
)
def test_an_action_narrows_the_endpoints_only_where_the_service_tells(action: str, names: tuple[str, ...]) -> None:
    assert endpoints_of(action) == names


def test_narrowing_never_names_an_endpoint_of_another_prefix() -> None:
    for name, actions in load("endpoints")["operations"].items():
        for action in actions:
            assert name in (endpoints_of(action) or ())
            assert set(endpoints_of(action) or ()) < set(endpoints_of(action.partition(":")[0]) or ())


@pytest.mark.parametrize(
    ("service_name", "name"),
    [
        ("com.amazonaws.us-east-1.sqs", "sqs"),
        ("com.amazonaws.us-gov-west-1.ecr.dkr", "ecr.dkr"),
        ("cn.com.amazonaws.cn-north-1.sqs", "sqs"),
        ("com.amazonaws.${var.region}.secretsmanager", "secretsmanager"),
        ("com.amazonaws.${AWS::Region}.s3", "s3"),
        ("com.amazonaws.iam", "iam"),
        ("com.amazonaws.s3-global.accesspoint", "s3-global.accesspoint"),
        ("aws.api.eu-west-1.bcm-data-exports", "bcm-data-exports"),
        ("aws.api.global.codecatalyst", "codecatalyst"),
        ("api.aws.us-east-1.cassandra-streams", "cassandra-streams"),
        ("com.amazonaws.eu-west-1.timestream.ingest-cell1", "timestream.ingest"),
        ("sqs", "sqs"),
        ("com.amazonaws.vpce.us-east-1.vpce-svc-0123", "com.amazonaws.vpce.us-east-1.vpce-svc-0123"),
    ],
)
def test_a_service_name_is_reduced_to_the_service(service_name: str, name: str) -> None:
    assert normalise_service(service_name) == name
    assert normalise_service(name) == name


def test_every_endpoint_leads_back_to_the_prefixes_it_serves() -> None:
    for prefix, names in load("endpoints")["endpoints"].items():
        for name in names:
            assert prefix in services_of_endpoint(f"com.amazonaws.eu-central-1.{name}")
    assert services_of_endpoint("com.amazonaws.eu-central-1.kms-fips") == ("kms",)
    assert services_of_endpoint("com.amazonaws.vpce.us-east-1.vpce-svc-0123") == ()


@pytest.mark.parametrize(
    ("host", "prefix"),
    [
        ("sqs.us-east-1.amazonaws.com", "sqs"),
        ("SQS.cn-north-1.amazonaws.com.cn", "sqs"),
        ("monitoring.eu-west-1.amazonaws.com", "cloudwatch"),
        ("email.eu-west-1.amazonaws.com", "ses"),
        ("runtime.sagemaker.eu-west-1.amazonaws.com", "sagemaker"),
        ("lambda.us-east-1.api.aws", "lambda"),
        ("kms-fips.us-gov-west-1.amazonaws.com", "kms"),
        ("orders.s3.eu-west-1.amazonaws.com", "s3"),
        ("orders.s3.amazonaws.com", "s3"),
        ("s3.dualstack.eu-west-1.amazonaws.com", "s3"),
        ("abc123.execute-api.eu-west-1.amazonaws.com", "execute-api"),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "ecr"),
        ("sts.amazonaws.com", "sts"),
        ("eventsv2.us-east-1.amazonaws.com", "events"),
    ],
)
def test_a_service_is_read_from_its_host(host: str, prefix: str) -> None:
    assert service_of_host(host) == prefix


@pytest.mark.parametrize(
    "host",
    [
        "",
        "amazonaws.com",
        ".amazonaws.com",
        "api.example.com",
        "sqs.us-east-1.amazonaws.com.example.com",
        "orders.abc123.us-east-1.rds.amazonaws.com",
        "b-1.orders.c2.kafka.us-east-1.amazonaws.com",
        "fs-0123.efs.us-east-1.amazonaws.com",
        "search-orders.us-east-1.es.amazonaws.com",
        "vpce-0123.sqs.us-east-1.vpce.amazonaws.com",
        "orders.s3-website-us-east-1.amazonaws.com",
    ],
)
def test_a_host_that_is_no_service_of_aws_has_no_prefix(host: str) -> None:
    assert service_of_host(host) is None


def test_data_planes_inside_a_vpc_are_told_from_apis() -> None:
    inside = ["rds-db:connect", "kafka-cluster:ReadData", "dax:GetItem", "aoss:APIAccessAll", "elasticache:Connect"]
    outside = ["dynamodb:GetItem", "elasticache:DescribeCacheClusters", "kafka:DescribeCluster", "s3:*"]

    assert [action for action in inside + outside if is_resident(action)] == inside


def test_services_with_one_host_for_all_regions_are_known() -> None:
    assert is_global("iam")
    assert is_global("route53")
    assert not is_global("sqs")


@pytest.mark.parametrize(
    ("action", "required", "optional"),
    [
        ("ec2:CreateNetworkInterface", ("network-interface", "subnet"), ("security-group",)),
        ("ec2:DeleteNetworkInterface", ("network-interface",), ()),
        ("ec2:DescribeNetworkInterfaces", (), ()),
    ],
)
def test_actions_know_the_resources_they_need(
    action: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    types = resource_types(action)

    assert types is not None
    assert (types.required, types.optional) == (required, optional)


def test_actions_and_policies_are_about_the_same_actions() -> None:
    assert list(load("actions")) == load("managed_policies")["actions"] == [*HARD, *SOFT, *POLLER]
    assert resource_types("s3:GetObject") is None


@pytest.mark.parametrize(
    ("kind", "path", "answer"),
    [
        ("AWS::Lambda::Function", "FunctionName", "always"),
        ("AWS::Lambda::Function", "VpcConfig", "never"),
        ("AWS::Lambda::CapacityProvider", "VpcConfig/SubnetIds", "always"),
        ("AWS::IAM::Role", "RoleName", "always"),
        ("AWS::IAM::Policy", "PolicyName", "never"),
        ("AWS::EC2::SecurityGroup", "GroupDescription", "always"),
        ("AWS::EC2::Subnet", "Ipv6CidrBlock", "sometimes"),
        ("AWS::EC2::VPCEndpoint", "DnsOptions", "sometimes"),
        ("AWS::EC2::VPCEndpoint", "DnsOptions/PrivateDnsPreference", "always"),
        ("AWS::EFS::MountTarget", "SubnetId", "always"),
        ("Custom::Thing", "Name", None),
    ],
)
def test_a_property_replaces_its_resource_or_not(kind: str, path: str, answer: str | None) -> None:
    assert replacement(kind, path) == answer


def test_the_replacement_table_is_what_the_installed_cfn_lint_says() -> None:
    installed, derived = importlib.metadata.version("cfn-lint"), tables.provenance().packages["cfn-lint"]
    if installed != derived:
        pytest.skip(f"cfn-lint {installed} is installed, the table is from {derived}: pin it anew and run `make data`")
    spec = importlib.util.find_spec("cfnlint")
    assert spec is not None and spec.origin is not None
    schemas = Path(spec.origin).parent / "data" / "schemas"
    hashes = json.loads((schemas / "providers" / "us-east-1.json").read_text())

    for kind, derived_properties in load("replacements").items():
        schema = json.loads((schemas / "resources" / f"{hashes[kind]}.json").read_text())
        assert derived_properties == {
            "always": sorted(p.removeprefix("/properties/") for p in schema.get("createOnlyProperties", [])),
            "sometimes": sorted(
                p.removeprefix("/properties/") for p in schema.get("conditionalCreateOnlyProperties", [])
            ),
        }


def test_every_table_has_a_provenance_and_every_package_is_pinned() -> None:
    provenance = tables.provenance()
    pins = (Path(__file__).parents[1] / "tools" / "derive" / "requirements.txt").read_text().splitlines()

    assert set(provenance.tables) == {"actions", "endpoints", "managed_policies", "replacements"}
    assert set().union(*provenance.tables.values()) == set(provenance.packages)
    for name, version in provenance.packages.items():
        assert any(pin.startswith(f"{name}=={version} --hash=sha256:") for pin in pins)


def test_only_the_table_that_is_asked_is_read() -> None:
    program = (
        "from eni_lint.data import actions, endpoints, managed_policies, replacements\n"
        "assert not any(module._table.cache_info().misses for module in (actions, endpoints, managed_policies))\n"
        "assert endpoints.endpoints_of('sqs') and endpoints.endpoints_of('sns')\n"
        "assert endpoints._table.cache_info().misses == 1\n"
        "assert not managed_policies._table.cache_info().misses\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
