import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from eni_lint.readers.cloudformation import sam_policies
from eni_lint.readers.cloudformation.decode import decode
from eni_lint.readers.cloudformation.origins import origin
from eni_lint.readers.cloudformation.sam import expand
from eni_lint.readers.cloudformation.tree import Tree, find, functions_in, mapping
from eni_lint.readers.errors import ReadError

from .samples import FIXTURES, mutated

SAM = sorted((FIXTURES / "sam").iterdir())


def read(path: Path) -> dict[str, Tree]:
    return mapping(decode(path.read_bytes()).tree)


def translated(tree: dict[str, Tree]) -> dict[str, Any]:
    """What SAM itself makes of a template."""
    pytest.importorskip("samtranslator")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from boto3 import Session
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator

        translator = Translator({}, Parser(), boto_session=Session(region_name="us-east-1"))
        return dict(translator.translate(json.loads(json.dumps(tree)), {}))


@pytest.mark.parametrize("path", SAM, ids=lambda path: path.stem)
def test_functions_become_the_resources_that_sam_makes(path: Path) -> None:
    tree = read(path)
    ours, theirs = mapping(expand(tree).tree["Resources"]), translated(tree)["Resources"]

    for name, resource in theirs.items():
        if resource["Type"] in COMPARED:
            own = ours[name if resource["Type"] != "AWS::Lambda::Version" else unhashed(name)]
            assert COMPARED[resource["Type"]](own) == COMPARED[resource["Type"]](resource)
    made = {name for name, body in ours.items() if find(body, "Type") in COMPARED}
    assert made == {unhashed(name) for name, body in theirs.items() if body["Type"] in COMPARED}


def unhashed(name: str) -> str:
    """A logical id without the hash that SAM puts behind the name of a version."""
    stem, version, digest = name.rpartition("Version")
    return stem + version if version and len(digest) == 10 else name


def plain(tree: Any) -> Any:
    """A tree with the partition filled in and without the hashes of versions."""
    text = json.dumps(tree, sort_keys=True)
    names = {name for name in text.split('"') if "Version" in name}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f'"{name}"', f'"{unhashed(name)}"')
    return unsubstituted(json.loads(text))


def unsubstituted(tree: Any) -> Any:
    match tree:
        case {"Fn::Sub": str(text)} if text.startswith("arn:${AWS::Partition}:iam::aws:"):
            return text.replace("${AWS::Partition}", "aws")
        case dict():
            return {key: unsubstituted(value) for key, value in tree.items()}
        case list():
            return [unsubstituted(value) for value in tree]
    return tree


def attributes(resource: Any) -> Any:
    return {key: resource.get(key) for key in ("Type", "Condition", "DeletionPolicy")}


def function(resource: Any) -> Any:
    names = (
        "VpcConfig",
        "Role",
        "Environment",
        "Architectures",
        "Runtime",
        "Handler",
        "DeadLetterConfig",
        "TracingConfig",
    )
    return plain([attributes(resource), {name: resource["Properties"].get(name) for name in names}])


def role(resource: Any) -> Any:
    properties = resource["Properties"]
    shown = {name: properties.get(name) for name in ("ManagedPolicyArns", "Path", "PermissionsBoundary")}
    return plain([attributes(resource), shown]), granted(properties.get("Policies", []))


def granted(tree: Any) -> set[tuple[str, str]]:
    """Every action that inline policies name, with the conditions under which they do."""
    match tree:
        case {"Fn::If": [condition, *branches]}:
            return {(f"{condition}?{where}", action) for branch in branches for where, action in granted(branch)}
        case {"Effect": "Allow", "Action": actions}:
            return {("", action) for action in ([actions] if isinstance(actions, str) else actions)}
        case dict():
            return {found for value in tree.values() for found in granted(value)}
        case list():
            return {found for value in tree for found in granted(value)}
    return set()


def whole(resource: Any) -> Any:
    return plain([attributes(resource), resource["Properties"]])


def alias(resource: Any) -> Any:
    """All but the name, which SAM resolves."""
    return whole({**resource, "Properties": {**resource["Properties"], "Name": ""}})


def event_source(resource: Any) -> Any:
    shown = {name: resource["Properties"].get(name) for name in ("EventSourceArn", "FunctionName", "Topics")}
    return plain([attributes(resource), shown])


COMPARED = {
    "AWS::Lambda::Function": function,
    "AWS::IAM::Role": role,
    "AWS::Lambda::Version": whole,
    "AWS::Lambda::Alias": alias,
    "AWS::Lambda::EventSourceMapping": event_source,
}


def test_names_of_aliases_and_versions_lead_to_the_resources() -> None:
    outputs = mapping(expand(read(FIXTURES / "sam" / "roles.yaml")).tree["Outputs"])

    assert outputs == {
        "Alias": {"Value": {"Ref": "PublishedAliasliveDnow"}},
        "Version": {"Value": {"Ref": "PublishedVersion"}},
    }


def test_merged_parts_stem_from_where_they_were_written() -> None:
    origins = expand(read(FIXTURES / "sam" / "globals.yaml")).origins
    vpc = ("Resources", "Adds", "Properties", "VpcConfig")

    assert origin((*vpc, "SubnetIds", 0), origins) == ("Globals", "Function", "VpcConfig", "SubnetIds", 0)
    assert origin((*vpc, "SubnetIds", 1), origins) == (*vpc, "SubnetIds", 0)
    assert origin(("Resources", "Inherits", "Properties", "VpcConfig", "SubnetIds"), origins) == (
        "Globals", "Function", "VpcConfig", "SubnetIds",
    )  # fmt: skip


def test_a_generated_role_stems_from_its_function_and_a_policy_from_its_entry() -> None:
    origins = expand(read(FIXTURES / "sam" / "roles.yaml")).origins

    assert origin(("Resources", "InVpcRole", "Properties"), origins) == ("Resources", "InVpc", "Properties")
    assert origin(("Resources", "ManyPoliciesRole", "Properties", "Policies", 0, "PolicyDocument"), origins) == (
        "Resources", "ManyPolicies", "Properties", "Policies", 4,
    )  # fmt: skip


def test_a_policy_template_without_a_known_name_grants_nothing_that_is_known() -> None:
    tree: dict[str, Tree] = {
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"Policies": [{"NewPolicy": {}}]}}}
    }

    policies = find(expand(tree).tree, "Resources", "FRole", "Properties", "Policies")

    assert ("Fn::Transform", "NewPolicy") in functions_in(policies)


def test_a_template_without_serverless_functions_stays_as_it_is() -> None:
    tree: dict[str, Tree] = {"Resources": {"Role": {"Type": "AWS::IAM::Role"}}}

    assert expand(tree).tree is tree


def test_the_table_of_policy_templates_is_that_of_sam() -> None:
    samtranslator = pytest.importorskip("samtranslator")
    path = Path(samtranslator.__file__).parent / "policy_templates_data" / "policy_templates.json"
    templates = json.loads(path.read_bytes())["Templates"]

    for name, template in templates.items():
        ours = [
            (statement["Action"], statement["Resource"] == "*")
            for statement in map(mapping, sam_policies.statements(name))
        ]
        theirs = template["Definition"]["Statement"]
        assert ours == [(as_list(each["Action"]), each.get("Resource") == "*") for each in theirs], name


def as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


@settings(max_examples=200)
@given(mutated([path.read_bytes() for path in SAM]))
def test_a_damaged_template_expands_all_the_same(data: bytes) -> None:
    try:
        tree = mapping(decode(data).tree)
    except ReadError:
        return

    assert expand(tree).tree.keys() >= tree.keys()
