from typing import Any

import pytest

from eni_lint.readers.cloudformation.conditions import mentioned
from eni_lint.readers.cloudformation.decode import decode
from eni_lint.readers.cloudformation.resolve import Resolver, Scenario
from eni_lint.readers.cloudformation.scenarios import scenarios, with_defaults
from eni_lint.readers.cloudformation.stack import Environment, Stack
from eni_lint.readers.cloudformation.tree import mapping
from eni_lint.readers.cloudformation.values import Known

TEMPLATE = """
Parameters:
  Stage: {Type: String, AllowedValues: [dev, test, prod], Default: dev}
  Subnet: {Type: String, Default: ""}
  Other: {Type: String}
Mappings:
  Stages: {dev: {Vpc: "no"}, test: {Vpc: "yes"}, prod: {Vpc: "yes"}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Equals [!Ref Stage, test]
  IsDev: !Not [!Or [!Condition IsProd, !Condition IsTest]]
  IsStaging: !Equals [!Ref Stage, staging]
  HasSubnet: !Not [!Equals [!Ref Subnet, ""]]
  InVpc: !Equals [!FindInMap [Stages, !Ref Stage, Vpc], "yes"]
  ProdWithSubnet: !And [!Condition IsProd, !Condition HasSubnet]
  Joined: !Equals [!Join ["-", [!Ref Stage, "x"]], "prod-x"]
  InFrankfurt: !Equals [!Ref "AWS::Region", eu-central-1]
  InDublin: !Equals [!Ref "AWS::Region", eu-west-1]
  SameAsOther: !Equals [!Ref Subnet, !Ref Other]
"""


def stacks(**fields: Any) -> dict[str, Stack]:
    return {"s": Stack("s", mapping(decode(TEMPLATE.encode()).tree), **fields)}


def answers(*names: str, **fields: Any) -> set[tuple[bool, ...]]:
    found = scenarios(stacks(**fields), [("s", name) for name in names])
    assert found.complete
    return {tuple(scenario.conditions["s", name] for name in names) for scenario in found.scenarios}


def test_conditions_that_exclude_one_another_are_never_both_true() -> None:
    assert answers("IsProd", "IsTest") == {(True, False), (False, True), (False, False)}
    assert answers("InFrankfurt", "InDublin") == {(True, False), (False, True), (False, False)}


def test_allowed_values_bound_what_a_parameter_may_be() -> None:
    assert answers("IsProd", "IsTest", "IsDev") == {(True, False, False), (False, True, False), (False, False, True)}
    assert answers("IsStaging") == {(False,)}


def test_independent_conditions_combine_freely() -> None:
    assert len(answers("IsProd", "HasSubnet")) == 4


def test_a_condition_built_on_others_follows_them() -> None:
    assert answers("IsProd", "HasSubnet", "ProdWithSubnet") == {
        (True, True, True),
        (True, False, False),
        (False, True, False),
        (False, False, False),
    }


def test_maps_and_joined_texts_decide_with_the_parameter_behind_them() -> None:
    assert answers("InVpc", "IsDev") == {(True, False), (False, True)}
    assert answers("Joined", "IsProd") == {(True, True), (False, False)}


def test_what_no_parameter_decides_is_taken_both_ways() -> None:
    assert answers("SameAsOther") == {(True,), (False,)}


def test_given_parameters_and_environments_decide() -> None:
    assert answers("IsProd", "InVpc", parameters={"Stage": "test"}) == {(False, True)}
    assert answers("InDublin", environment=Environment(region="eu-west-1")) == {(True,)}


def test_a_label_names_the_conditions_that_differ() -> None:
    found = scenarios(stacks(), [("s", "IsStaging"), ("s", "IsProd"), ("s", "Unheard")])

    assert [scenario.label for scenario in found.scenarios] == ["IsProd is false", "IsProd is true"]


def test_a_scenario_knows_the_values_that_all_its_cases_share() -> None:
    found = {scenario.label: scenario for scenario in scenarios(stacks(), [("s", "IsProd")]).scenarios}

    assert found["IsProd is true"].values == {"s/Stage": Known("prod")}
    assert found["IsProd is false"].values == {}
    assert Resolver(stacks(), found["IsProd is true"]).resolve("s", {"Ref": "Stage"}) == Known("prod")


def test_without_conditions_there_is_one_scenario() -> None:
    assert scenarios(stacks(), []).scenarios == (Scenario(),)


@pytest.mark.parametrize("count", [7, 12, 40])
def test_more_scenarios_than_the_cap_are_not_hidden(count: int) -> None:
    names = [f"C{n}" for n in range(count)]
    template = {
        "Parameters": {name: {"Type": "String", "AllowedValues": ["yes", "no"]} for name in names},
        "Conditions": {name: {"Fn::Equals": [{"Ref": name}, "yes"]} for name in names},
    }

    found = scenarios({"s": Stack("s", template)}, [("s", name) for name in names])  # type: ignore[dict-item]

    assert not found.complete
    assert len(found.scenarios) == 64


def test_defaults_are_one_labelled_case() -> None:
    scenario = with_defaults(stacks(parameters={"Subnet": "subnet-1"}))

    assert scenario == Scenario("with default parameters", values={"s/Stage": Known("dev")})


def test_the_conditions_of_a_part_are_those_it_tests_and_those_it_stands_under() -> None:
    tree = decode(b"{Condition: A, Properties: {Role: !If [B, x, !If [C, y, z]], Condition: {StringEquals: {}}}}").tree

    assert mentioned(tree) == {"A", "B", "C"}
