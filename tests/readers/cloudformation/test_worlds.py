import json
from pathlib import Path

import pytest

from eni_lint.readers.cloudformation.assembly import is_manifest, read_assembly
from eni_lint.readers.cloudformation.decode import decode
from eni_lint.readers.cloudformation.resolve import Resolver
from eni_lint.readers.cloudformation.stack import Environment
from eni_lint.readers.cloudformation.values import Items, Known, ListOf, Reason, Resource, Unknown, Value, key_of
from eni_lint.readers.cloudformation.worlds import (
    Construct,
    Frame,
    LookedUpSubnet,
    LookedUpVpc,
    Settings,
    World,
    is_fragment,
    is_template,
    read_fragments,
    read_serverless,
    read_template,
    read_templates,
)
from eni_lint.readers.errors import ReadError

from .samples import FIXTURES

CDK = FIXTURES / "cdk"


def interfaces(world: World) -> set[tuple[str, str]]:
    """The subnets and groups of every function, as far as the lists are known."""
    resolver = Resolver(world.stacks)
    found = set()
    for name, stack in world.stacks.items():
        for logical_id in stack.section("Resources"):
            if stack.resource(logical_id).get("Type") == "AWS::Lambda::Function":
                subnets = resolver.property(name, logical_id, "VpcConfig", "SubnetIds")
                groups = resolver.property(name, logical_id, "VpcConfig", "SecurityGroupIds")
                found |= {(subnet, str(sorted(keys(groups)))) for subnet in keys(subnets)}
    return found


def keys(value: Value) -> list[str]:
    return [key_of(item) for item in value.items] if isinstance(value, Items) else []


# CDK


@pytest.mark.parametrize(("app", "count"), [("multi-stack", 6), ("imported-vpc", 4), ("no-cli", 2)])
def test_the_network_interfaces_of_a_whole_assembly_are_told_apart(app: str, count: int) -> None:
    world = read_assembly(str(CDK / app / "cdk.out"))

    assert world.errors == ()
    assert len(interfaces(world)) == count


def test_imports_between_stacks_lead_to_the_resources_of_their_own_stage() -> None:
    resolver = Resolver(read_assembly(str(CDK / "multi-stack" / "cdk.out")).stacks)

    for stage, app, iam in (("", "App", "Iam"), ("assembly-Prod/", "ProdAppB2A2DCC5", "ProdIamDBFB7027")):
        role = resolver.property(f"{stage}{app}", "Fn0D0A58860", "Role")
        assert role == Resource(f"{stage}{iam}", "Role1ABCC5F0", "Arn")


def test_a_nested_stack_of_the_cdk_sees_the_network_of_its_parent() -> None:
    resolver = Resolver(read_assembly(str(CDK / "multi-stack" / "cdk.out")).stacks)
    nested = "App/ChildNestedStackChildNestedStackResourceC40294CA"

    subnets = resolver.property(nested, "InNested6B37C741", "VpcConfig", "SubnetIds")

    assert isinstance(subnets, Items)
    assert {type(item) for item in subnets.items} == {Resource}
    assert {item.stack for item in subnets.items if isinstance(item, Resource)} == {"Net"}


def test_stacks_know_their_environment_and_their_name() -> None:
    stacks = read_assembly(str(CDK / "multi-stack" / "cdk.out")).stacks

    assert stacks["Net"].environment == Environment()
    assert stacks["assembly-Prod/ProdNet055D510C"].environment == Environment(
        "111111111111", "us-east-1", "assembly-Prod/"
    )
    assert stacks["assembly-Prod/ProdNet055D510C"].stack_name == "Prod-Net"


def test_ids_that_a_lookup_invented_are_unknown_and_a_note_says_why() -> None:
    world = read_assembly(str(CDK / "imported-vpc" / "cdk.out"))
    resolver = Resolver(world.stacks)

    invented = resolver.property("ImportedVpc", "LookupC0159C21", "VpcConfig", "SubnetIds")
    given = resolver.property("ImportedVpc", "AttrEDB10055", "VpcConfig", "SubnetIds")

    assert isinstance(invented, Items)
    assert [item.reason for item in invented.items if isinstance(item, Unknown)] == [Reason.CDK_DUMMY] * 2
    assert given == Items((Known("subnet-0a"), Known("subnet-0b")))
    assert [note.message.partition(":")[0] for note in world.notes] == ["the lookup vpc-provider"]


def test_constructs_have_the_names_and_lines_of_the_program() -> None:
    source = read_assembly(str(CDK / "multi-stack" / "cdk.out")).sources["App"]

    construct = source.construct("Fn0D0A58860")

    assert construct.path == "App/Fn0"
    assert construct.frames[:2] == (Frame("/app/apps/common.js", 2, 20), Frame("/app/apps/multi-stack.js", 4, 81))


def test_without_the_cdk_command_the_metadata_file_tells_the_names() -> None:
    source = read_assembly(str(CDK / "no-cli" / "cdk.out")).sources["SharedSg"]

    assert "aws:cdk:path" not in json.dumps(source.document.tree)
    assert source.construct("Fn0ServiceRoleC2B4902A").path == "SharedSg/Fn0/ServiceRole"
    assert source.construct("Unheard") == Construct("Unheard")


def test_older_assemblies_keep_names_in_the_manifest(tmp_path: Path) -> None:
    entry = {
        "type": "aws:cdk:logicalId",
        "data": "Fn",
        "trace": ["new Function (/app/node_modules/aws-cdk-lib/x.js:1:2)", "main (/app/main.ts:7:3)"],
    }
    assembly(tmp_path, {"S": {**STACK, "metadata": {"/S/Fn/Resource": [entry]}}})

    assert read_assembly(str(tmp_path)).sources["S"].construct("Fn") == Construct(
        "S/Fn", (Frame("/app/main.ts", 7, 3),)
    )


STACK = {
    "type": "aws:cloudformation:stack",
    "environment": "aws://1/us-east-1",
    "properties": {"templateFile": "s.json", "parameters": {"P": "subnet-1"}},
}


def assembly(folder: Path, artifacts: object, **fields: object) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": artifacts, **fields}))
    template = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"Fn": {"Type": "T", "Properties": {"S": {"Ref": "P"}}}},
    }
    (folder / "s.json").write_text(json.dumps(template))


def test_parameters_in_the_manifest_are_known(tmp_path: Path) -> None:
    assembly(tmp_path, {"S": STACK})

    assert Resolver(read_assembly(str(tmp_path)).stacks).property("S", "Fn", "S") == Known("subnet-1")


def test_an_assembly_never_leads_out_of_its_directory(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"Resources": {}}')
    outside = {**STACK, "properties": {"templateFile": "../secret.json"}}
    itself = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}
    above = {"type": "cdk:cloud-assembly", "properties": {"directoryName": ".."}}
    assembly(tmp_path / "cdk.out", {"S": outside, "A": itself, "B": above, "C": {**STACK, "properties": {}}})

    world = read_assembly(str(tmp_path / "cdk.out"))

    assert world.stacks == {}
    assert [error.message for error in world.errors] == [
        "the stack S has no template inside the assembly",
        "the stack C has no template inside the assembly",
    ]


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_what_is_no_manifest_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)

    assert len(read_assembly(str(tmp_path)).errors) == 1
    assert len(read_assembly(str(tmp_path / "gone")).errors) == 1


def test_the_context_of_the_cdk_tells_the_networks_that_were_looked_up(tmp_path: Path) -> None:
    subnet = {"subnetId": "subnet-1", "cidr": "10.0.0.0/24", "availabilityZone": "us-east-1a", "routeTableId": "rtb-1"}
    answer = {
        "vpcId": "vpc-1",
        "vpcCidrBlock": "10.0.0.0/16",
        "subnetGroups": [{"type": "Private", "subnets": [subnet]}],
    }
    key = "vpc-provider:account=111111111111:filter.vpc-id=vpc-1:region=us-east-1:returnAsymmetricSubnets=true"
    (tmp_path / "cdk.context.json").write_text(json.dumps({key: answer, "availability-zones": []}))
    assembly(tmp_path / "cdk.out", {"S": STACK})

    assert read_assembly(str(tmp_path / "cdk.out")).looked_up == (
        LookedUpVpc(
            "vpc-1",
            "111111111111",
            "us-east-1",
            (LookedUpSubnet("subnet-1", "Private", "10.0.0.0/24", "rtb-1"),),
        ),
    )


# Templates


def test_nested_stacks_are_read_from_files_inside_the_project() -> None:
    app = str(FIXTURES / "nested" / "app.yaml")

    world = read_template(app, Settings(root=str(FIXTURES / "nested")))

    resolver = Resolver(world.stacks)
    network, workers = f"{app}/Network", f"{app}/Workers"
    assert list(world.stacks) == [app, network, workers]
    assert resolver.property(workers, "Worker", "VpcConfig", "SubnetIds") == Items(
        (Resource(network, "A"), Resource(network, "B"))
    )
    assert resolver.property(network, "B", "CidrBlock") == Known("10.0.1.0/24")
    assert resolver.output(app, "Arn") == Resource(workers, "Worker", "Arn")
    assert resolver.output(app, "Packaged") == Unknown(
        Reason.NESTED_OUTPUT, f"{app}/Packaged.Outputs.Arn", "Packaged.Outputs.Arn"
    )


def test_a_template_that_another_one_nests_is_not_deployed_twice() -> None:
    files = sorted(str(path) for path in (FIXTURES / "nested").rglob("*.yaml"))

    world = read_templates(files, Settings(root=str(FIXTURES / "nested")))

    app = str(FIXTURES / "nested" / "app.yaml")
    assert sorted(world.stacks) == [app, f"{app}/Network", f"{app}/Workers"]


def test_stacks_that_nest_themselves_end(tmp_path: Path) -> None:
    body = "Resources: {N: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: %s}}}"
    (tmp_path / "a.yaml").write_text(body % "b.yaml")
    (tmp_path / "b.yaml").write_text(body % "a.yaml")

    world = read_template(str(tmp_path / "a.yaml"), Settings(root=str(tmp_path)))

    assert len(world.stacks) == 2
    assert [note.message for note in world.notes] == ["the nested stack N contains itself"]


def test_stacks_that_multiply_without_end_are_cut_off(tmp_path: Path) -> None:
    for depth in range(12):
        nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"{depth + 1}.json"}}
        (tmp_path / f"{depth}.json").write_text(json.dumps({"Resources": {f"N{n}": nested for n in range(3)}}))

    world = read_template(str(tmp_path / "0.json"), Settings(root=str(tmp_path)))

    assert [error.message for error in world.errors] == ["more than 500 stacks in one deployment"]


@pytest.mark.parametrize("location", ["x" * 5_000, "a\\0b", "file:///etc/hostname", "http://a/b", "", "%00"])
def test_locations_that_are_no_files_of_the_project_are_left_alone(tmp_path: Path, location: str) -> None:
    template = {"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": location}}}}
    (tmp_path / "t.json").write_text(json.dumps(template))

    world = read_template(str(tmp_path / "t.json"), Settings(root=str(tmp_path)))

    assert len(world.stacks) == 1


def test_templates_side_by_side_are_linked_by_their_exports() -> None:
    network, function = (str(FIXTURES / "templates" / f"{name}.yaml") for name in ("network", "function"))

    alone = Resolver(read_template(function).stacks).property(function, "Function", "VpcConfig", "SubnetIds")
    linked = Resolver(read_templates([network, function]).stacks)

    assert alone == ListOf(Unknown(Reason.IMPORT, "split(',',///import:network-Subnets)", "network-Subnets"))
    assert linked.resolve(function, {"Fn::ImportValue": "network-SubnetA"}) == Resource(network, "SubnetA")


def test_one_broken_template_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: [")
    good = str(FIXTURES / "templates" / "network.yaml")

    world = read_templates([str(tmp_path / "broken.yaml"), str(tmp_path / "gone.yaml"), good])

    assert list(world.stacks) == [good]
    assert [error.line for error in world.errors] == [2, 0]


def test_fragments_make_one_stack_and_remember_their_files() -> None:
    folder = str(FIXTURES / "fragments")

    world = read_fragments(folder)

    resolver = Resolver(world.stacks)
    subnets = resolver.property(folder, "Orders", "VpcConfig", "SubnetIds")
    assert subnets == ListOf(Unknown(Reason.PARAM_LIST, f"{folder}/Subnets", "Subnets"))
    assert resolver.property(folder, "Orders", "VpcConfig", "SecurityGroupIds") == Items((Resource(folder, "Group"),))
    file, span = world.sources[folder].locate(("Resources", "OrdersRole", "Properties"))
    assert (file, span.line) == (f"{folder}/functions/orders.yaml", 4)


def test_a_directory_without_templates_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("a: 1")

    assert [str(error) for error in read_fragments(str(tmp_path)).errors] == [
        f"{tmp_path}: no CloudFormation template in this directory"
    ]


def test_a_fragment_that_is_written_twice_is_noted(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("Resources: {Vpc: {Type: 'AWS::EC2::VPC'}}")

    notes = read_fragments(str(tmp_path)).notes

    assert [note.message for note in notes] == [f"Resources.Vpc also stands in {tmp_path}/a.yaml; the last one counts"]


def test_a_package_of_the_serverless_framework_is_found_in_its_directory() -> None:
    world = read_serverless(str(FIXTURES / "serverless"))
    name = next(iter(world.stacks))

    role = Resolver(world.stacks).property(name, "OneLambdaFunction", "Role")

    assert name.endswith(".serverless/cloudformation-template-update-stack.json")
    assert role == Resource(name, "IamRoleLambdaExecution", "Arn")
    with pytest.raises(ReadError, match="serverless package"):
        read_serverless(str(FIXTURES / "nested"))


def test_macros_may_add_what_is_not_written() -> None:
    for text, opaque in [
        (b"Transform: AWS::LanguageExtensions", False),
        (b"Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]", True),
        (b"Resources: {Fn::Transform: {Name: AWS::Include}}", True),
        (b"Resources: {}", False),
    ]:
        from eni_lint.readers.cloudformation.worlds import _has_macro

        assert _has_macro(decode(text).tree) is opaque  # type: ignore[arg-type]


def test_inputs_are_recognised_by_what_they_say() -> None:
    manifest = decode((CDK / "no-cli" / "cdk.out" / "manifest.json").read_bytes()).tree
    fragment = decode(b"Outputs: {A: {Value: 1}}").tree

    assert is_manifest(manifest)
    assert not is_template(manifest)
    assert is_template(decode(b"Resources: {A: {Type: T}}").tree)
    assert not is_template(fragment)
    assert is_fragment(fragment)
