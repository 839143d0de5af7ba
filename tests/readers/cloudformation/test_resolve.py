from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eni_lint.readers.cloudformation.decode import decode
from eni_lint.readers.cloudformation.resolve import Resolver, Scenario
from eni_lint.readers.cloudformation.stack import Environment, Stack
from eni_lint.readers.cloudformation.tree import mapping
from eni_lint.readers.cloudformation.values import (
    Absent,
    Items,
    Known,
    ListOf,
    Object,
    Reason,
    Resource,
    Text,
    Truth,
    Unknown,
    Value,
    key_of,
    same,
)
from eni_lint.readers.errors import ReadError

from .samples import TEMPLATES, mutated

TEMPLATE = """
Parameters:
  Subnet: {Type: "AWS::EC2::Subnet::Id"}
  Name: {Type: String, Default: api}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Groups: {Type: CommaDelimitedList, Default: "sg-1,sg-2"}
  Image: {Type: "AWS::SSM::Parameter::Value<String>", Default: /image}
  Csv: {Type: String}
Mappings:
  Zones: {us-east-1: {Names: [a, b], Size: 2}, "123456789012": {Size: 3}}
Conditions:
  Open: !Equals [!Ref Csv, x]
  Never: !Equals [a, b]
  Itself: !Not [!Condition Itself]
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Net: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, CidrBlock: !GetAtt Vpc.CidrBlock}}
  Group: {Type: "AWS::EC2::SecurityGroup"}
  Role: {Type: "AWS::IAM::Role", Condition: Open, Properties: {Path: {"Fn::If": [Never, /, !Ref "AWS::NoValue"]}}}
  Nested: {Type: "AWS::CloudFormation::Stack"}
  Rained: {Type: $Module}
  Packed: {Type: "My::Team::Vpc::MODULE"}
  Loop: {Type: "AWS::EC2::Subnet", Properties: {CidrBlock: !GetAtt Loop.CidrBlock}}
"""


def stack(text: str = TEMPLATE, name: str = "s", **fields: Any) -> Stack:
    return Stack(name, mapping(decode(text.encode()).tree), **fields)


def resolve(text: str, **fields: Any) -> Value:
    return Resolver({"s": stack(**fields)}).resolve("s", decode(text.encode()).tree)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", Known("plain")),
        ("{a: 1, b: [true]}", Object({"a": Known(1), "b": Items((Known(True),))})),
        ("!Ref Vpc", Resource("s", "Vpc")),
        ("!GetAtt Role.Arn", Resource("s", "Role", "Arn")),
        ("!GetAtt [Role, Arn]", Resource("s", "Role", "Arn")),
        ("!GetAtt [!Ref X, A]", Unknown(Reason.COMPUTED, 's/Fn::GetAtt([{"Ref": "X"}, "A"])', "Fn::GetAtt")),
        ("!GetAtt [!Join ['', [Ro, le]], Arn]", Resource("s", "Role", "Arn")),
        ("{Ref: !Select [0, [Vpc]]}", Resource("s", "Vpc")),
        ("!GetAtt Group.GroupId", Resource("s", "Group")),
        ("!GetAtt Net.SubnetId", Resource("s", "Net")),
        ("!GetAtt Vpc.DefaultSecurityGroup", Resource("s", "Vpc", "DefaultSecurityGroup")),
        ("!GetAtt Net.VpcId", Resource("s", "Vpc")),
        ("!GetAtt Net.CidrBlock", Known("10.0.0.0/16")),
        ("!Ref Subnet", Unknown(Reason.PARAM, "s/Subnet", "Subnet")),
        ("!Ref Name", Unknown(Reason.PARAM_DEFAULT, "s/Name", "Name")),
        ("!Ref Subnets", ListOf(Unknown(Reason.PARAM_LIST, "s/Subnets", "Subnets"))),
        ("!Ref Image", Unknown(Reason.SSM_PARAM, "s/Image", "/image")),
        ("!Ref Gone", Unknown(Reason.DANGLING, "s/Gone", "Gone")),
        ("!Ref Rained", Unknown(Reason.MODULE, "s/Rained", "Rained")),
        ("!GetAtt Packed.Id", Unknown(Reason.MODULE, "s/Packed.Id", "Packed")),
        ("!GetAtt Nested.Outputs.Vpc", Unknown(Reason.NESTED_OUTPUT, "s/Nested.Outputs.Vpc", "Nested.Outputs.Vpc")),
        ("!ImportValue net-Vpc", Unknown(Reason.IMPORT, "///import:net-Vpc", "net-Vpc")),
        ("'{{resolve:ssm:/a}}'", Unknown(Reason.DYNAMIC, "///{{resolve:ssm:/a}}", "{{resolve:ssm:/a}}")),
        ("!Ref AWS::Region", Unknown(Reason.PSEUDO, "///AWS::Region", "AWS::Region")),
        ("!Ref AWS::NoValue", Absent()),
        ("!Sub 'a-${!b}'", Known("a-${b}")),
        ("!Sub ['${X}/${ Vpc }', {X: 1}]", Text((Known("1/"), Resource("s", "Vpc")))),
        ("!Sub '${Role.Arn}'", Resource("s", "Role", "Arn")),
        ("!Join ['-', [a, 1, true]]", Known("a-1-true")),
        ("!Join [',', [!Ref Vpc, b]]", Text((Resource("s", "Vpc"), Known(",b")))),
        ("!Split [',', 'a,b']", Items((Known("a"), Known("b")))),
        ("!Split [',', !Join [',', [!Ref Vpc, !Ref Net]]]", Items((Resource("s", "Vpc"), Resource("s", "Net")))),
        ("!Split [',', !Join [',', !Ref Subnets]]", ListOf(Unknown(Reason.PARAM_LIST, "s/Subnets", "Subnets"))),
        ("!Split [',', !Ref Csv]", ListOf(Unknown(Reason.PARAM, "split(',',s/Csv)", "Csv"))),
        ("!Select [1, [a, !Ref Vpc]]", Resource("s", "Vpc")),
        ("!Select ['0', !Ref Subnets]", Unknown(Reason.PARAM_LIST, "s/Subnets[0]", "Subnets")),
        ("!FindInMap [Zones, us-east-1, Names]", Items((Known("a"), Known("b")))),
        ("!FindInMap [Zones, 123456789012, Size]", Known(3)),
        ("!FindInMap [Zones, nowhere, Size, {DefaultValue: 0}]", Known(0)),
        ("!FindInMap [Zones, x, y]", Unknown(Reason.DANGLING, "s/map(Zones, x, y)", "map(Zones, x, y)")),
        ("!FindInMap [Zones, !Ref Csv, Size]", Unknown(Reason.PARAM, "s/map(Zones, ?s/Csv, Size)", "Csv")),
        ("!Length [1, 2]", Known(2)),
        ("!Cidr [10.0.0.0/16, 2, 8]", Items((Known("10.0.0.0/24"), Known("10.0.1.0/24")))),
        ("!Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 2, 8]]", Known("10.0.1.0/24")),
        ("!If [Never, a, b]", Known("b")),
        ("!If [Open, a, a]", Known("a")),
        ("!If [Open, a, b]", Unknown(Reason.IF, "s/if(Open,a,b)", "Open")),
        ("[!If [Never, a, !Ref AWS::NoValue], b]", Items((Known("b"),))),
        ("{a: !Ref AWS::NoValue, b: 1}", Object({"b": Known(1)})),
    ],
)  # fmt: skip
def test_an_expression_resolves_to_what_the_template_tells(text: str, value: Value) -> None:
    assert resolve(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "!Ref [a]", "!GetAtt a", "!Sub [a]", "!Join [a]", "!Join [',', a]", "!Split ['', a]", "!Select [9, [a]]",
        "!Select a", "!FindInMap [a]", "!Cidr a", "!If [a]", "!GetAtt Loop.CidrBlock", "!Join [',', [{a: 1}]]",
    ],
)  # fmt: skip
def test_what_is_malformed_is_unknown_and_says_so(text: str) -> None:
    value = resolve(text)

    assert isinstance(value, Unknown)
    assert value.reason is Reason.MALFORMED


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("us-east-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_a_known_environment_tells_the_pseudo_parameters(region: str, partition: str, suffix: str) -> None:
    value = resolve(
        "!Sub '${AWS::AccountId} ${AWS::Region} ${AWS::Partition} ${AWS::URLSuffix} ${AWS::StackName}'",
        environment=Environment("111111111111", region),
        stack_name="app",
    )

    assert value == Known(f"111111111111 {region} {partition} {suffix} app")


def test_supplied_parameters_are_known_and_lists_among_them_are_split() -> None:
    given = {"Subnet": "subnet-1", "Subnets": "subnet-1, subnet-2", "Csv": "a,b", "Image": "/mine"}

    value = resolve("[!Ref Subnet, !Ref Subnets, !Split [',', !Ref Csv], !Ref Image]", parameters=given)

    assert value == Items(
        (
            Known("subnet-1"),
            Items((Known("subnet-1"), Known("subnet-2"))),
            Items((Known("a"), Known("b"))),
            Unknown(Reason.SSM_PARAM, "///ssm:/mine", "/mine"),
        )
    )


def test_a_managed_policy_keeps_its_name_when_the_partition_is_unknown() -> None:
    value = resolve("!Sub 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'")

    assert isinstance(value, Text)
    assert value.parts[-1] == Known(":iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")


NETWORK = """
Resources: {Net: {Type: "AWS::EC2::Subnet"}, Role: {Type: "AWS::IAM::Role"}}
Outputs:
  Both: {Value: !Join [",", [!Ref Net, subnet-1]], Export: {Name: !Sub "${AWS::StackName}-Both"}}
  Role: {Value: !GetAtt Role.Arn, Export: {Name: role}}
"""


def network(name: str, **fields: Any) -> Stack:
    return stack(NETWORK, name, stack_name="net", **fields)


def test_an_import_is_what_the_other_stack_exports() -> None:
    resolver = Resolver({"s": stack(), "n": network("n")})

    assert resolver.resolve("s", {"Fn::Split": [",", {"Fn::ImportValue": "net-Both"}]}) == Items(
        (Resource("n", "Net"), Known("subnet-1"))
    )
    assert resolver.resolve("s", {"Fn::ImportValue": {"Fn::Sub": "ro${X}", "X": 1}}) != Resource("n", "Role", "Arn")
    assert resolver.resolve("s", {"Fn::ImportValue": "role"}) == Resource("n", "Role", "Arn")


def test_an_import_never_crosses_environments_and_never_chooses_between_two_exports() -> None:
    elsewhere = network("n", environment=Environment(region="eu-west-1"))
    twice = {"s": stack(), "n": network("n"), "m": network("m")}

    for stacks in ({"s": stack(), "n": elsewhere}, twice):
        value = Resolver(stacks).resolve("s", {"Fn::ImportValue": "role"})
        assert value == Unknown(Reason.IMPORT, "///import:role", "role")


def test_a_nested_stack_returns_its_outputs_and_takes_the_values_of_its_parent() -> None:
    child = stack(
        "{Parameters: {P: {Type: String}, L: {Type: CommaDelimitedList}},"
        " Outputs: {P: {Value: !Ref P}, L: {Value: !Select [1, !Ref L]}}}",
        "s/Nested",
        parent="s",
        arguments={"P": {"Ref": "Vpc"}, "L": {"Fn::Join": [",", [{"Ref": "Vpc"}, {"Ref": "Net"}]]}},
    )
    resolver = Resolver({"s": stack(nested={"Nested": "s/Nested"}), "s/Nested": child})

    assert resolver.resolve("s", {"Fn::GetAtt": ["Nested", "Outputs.P"]}) == Resource("s", "Vpc")
    assert resolver.resolve("s", {"Fn::GetAtt": ["Nested", "Outputs.L"]}) == Resource("s", "Net")
    assert resolver.output("s/Nested", "Gone") == Unknown(
        Reason.DANGLING, "s/Nested.Outputs.Gone", "s/Nested.Outputs.Gone"
    )


def test_a_reference_to_nothing_is_left_to_the_macro_that_may_add_it() -> None:
    assert resolve("!Ref ServerlessRestApi", opaque=True) == Unknown(
        Reason.MACRO, "s/ServerlessRestApi", "ServerlessRestApi"
    )


def test_dummy_ids_of_a_lookup_are_not_taken_for_ids() -> None:
    assert resolve("vpc-12345", dummies=frozenset({"vpc-12345"})) == Unknown(
        Reason.CDK_DUMMY, "///vpc-12345", "vpc-12345"
    )


def test_a_property_is_found_without_resolving_the_others() -> None:
    resolver = Resolver({"s": stack()})

    assert resolver.property("s", "Net", "CidrBlock") == Known("10.0.0.0/16")
    assert resolver.property("s", "Net", "Tags", "Name") == Absent()
    assert resolver.property("s", "Role", "Path") == Absent()


def test_a_resource_exists_as_its_condition_says() -> None:
    decided = Resolver({"s": stack()}, Scenario(conditions={("s", "Open"): False}))

    assert Resolver({"s": stack()}).exists("s", "Role") is Truth.MAYBE
    assert decided.exists("s", "Role") is Truth.FALSE
    assert decided.exists("s", "Vpc") is Truth.TRUE


def test_a_condition_that_depends_on_itself_is_undecided() -> None:
    assert Resolver({"s": stack()}).condition("s", "Itself") is Truth.MAYBE


def test_texts_that_double_at_every_step_are_cut_off() -> None:
    doubling = {f"P{n}": {"Value": {"Fn::Sub": f"${{N.Outputs.P{n - 1}}}" * 2}} for n in range(1, 60)}
    outputs = {"P0": {"Value": "x" * 99}, **doubling}
    nested = Stack(
        "s", {"Resources": {"N": {"Type": "AWS::CloudFormation::Stack"}}, "Outputs": outputs}, nested={"N": "s"}
    )

    value = Resolver({"s": nested}).output("s", "P59")

    assert len(key_of(value)) < 100_000


def test_equal_identities_are_the_same_and_different_ones_may_be() -> None:
    parameter = Unknown(Reason.PARAM, "s/A")

    assert same(parameter, Unknown(Reason.PARAM, "s/A")) is Truth.TRUE
    assert same(parameter, Unknown(Reason.PARAM, "s/B")) is Truth.MAYBE
    assert same(Unknown(Reason.PARAM, "s/A", "A", frozenset({"x"})), Known("x")) is Truth.FALSE


def everything(stacks: Mapping[str, Stack]) -> list[str]:
    resolver = Resolver(stacks)
    return [key_of(resolver.resolve(name, dict(found.template))) for name, found in stacks.items()]


@settings(max_examples=300)
@given(mutated([*(path.read_bytes() for path in TEMPLATES), TEMPLATE.encode()]), st.booleans())
def test_whatever_a_template_says_resolving_it_does_not_fail(data: bytes, nested: bool) -> None:
    try:
        tree = mapping(decode(data).tree)
    except ReadError:
        return

    assert everything({"s": Stack("s", tree, nested={"Nested": "s"} if nested else {})})
