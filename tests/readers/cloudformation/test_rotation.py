"""Functions that rotate secrets stand in the VPC that a template asks for."""

from __future__ import annotations

import pytest

from eni_lint.readers.cloudformation.rotation import expand
from eni_lint.readers.cloudformation.tree import Tree, find, mapping

HOSTED: dict[str, Tree] = {"VpcSubnetIds": "subnet-1,subnet-2", "VpcSecurityGroupIds": "sg-1"}


def asking(given: Tree, **more: Tree) -> dict[str, Tree]:
    body: dict[str, Tree] = {
        "Type": "AWS::SecretsManager::RotationSchedule",
        "Properties": {"HostedRotationLambda": given},
        **more,
    }
    return {"Resources": {"Daily": body}}


def test_a_rotation_in_a_vpc_is_a_function_with_a_role() -> None:
    made = mapping(expand(asking(HOSTED, Condition="Live")).tree["Resources"])

    function, role = made["Daily (rotation)"], made["Daily (role of the rotation)"]
    assert find(function, "Properties", "VpcConfig", "SubnetIds") == {"Fn::Split": [",", "subnet-1,subnet-2"]}
    assert find(function, "Properties", "Role") == {"Fn::GetAtt": ["Daily (role of the rotation)", "Arn"]}
    assert find(function, "Condition") == find(role, "Condition") == "Live"


def test_what_is_made_is_found_where_it_is_asked_for() -> None:
    assert expand(asking(HOSTED)).origins["Resources", "Daily (rotation)"] == ("Resources", "Daily")


@pytest.mark.parametrize("given", [{"RotationType": "MySQLSingleUser"}, None, "x"])
def test_a_rotation_outside_of_a_vpc_makes_nothing(given: Tree) -> None:
    tree = asking(given)

    assert expand(tree).tree == tree
