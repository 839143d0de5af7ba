"""What a plan does to each resource, in which order, and what stands at either moment."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from eni_lint.model.answer import ABSENT, Why
from eni_lint.model.compute import Attachment
from eni_lint.model.deployment import Action, Deployment
from eni_lint.model.identity import Literal, Managed, members
from eni_lint.readers.terraform.plan import read_plan

from .made import call, change, function, module, new, plan, read, refers

PLANS = Path(__file__).parents[3] / "fixtures/plans"
F = "aws_lambda_function.f"


@cache
def real(name: str) -> Deployment:
    return read_plan((PLANS / name).read_bytes(), name)


def needs(deployment: Deployment, address: str, *, before: bool = False) -> dict[str, str]:
    edges = deployment.edges_before if before else deployment.edges
    return {edge.to: edge.kind for edge in edges.get(address, ())}


def test_every_action_is_told() -> None:
    changes = real("lifecycle/v2/plan.json").changes

    assert {name: changes[f"aws_lambda_function.{name}"].action for name in ("unvpc", "removed", "replace")} == {
        "unvpc": Action.UPDATE,
        "removed": Action.DELETE,
        "replace": Action.REPLACE_DELETE_FIRST,
    }
    assert changes["aws_lambda_function.forgotten"].action is Action.FORGET
    assert changes["aws_lambda_function.new_fn"].action is Action.CREATE
    assert changes["aws_subnet.s[0]"].action is Action.NOTHING
    assert changes["aws_lambda_function.new_name"].previous_address == "aws_lambda_function.old_name"


def test_a_replacement_tells_its_cause_and_what_comes_first() -> None:
    changes = real("lifecycle/v2/plan.json").changes
    group, replaced = changes["aws_security_group.sg"], changes["aws_lambda_function.replace"]

    assert (group.action, group.because, group.create_first) == (Action.REPLACE_CREATE_FIRST, ("name",), True)
    assert (replaced.because, replaced.create_first) == (("function_name",), False)
    assert changes["aws_lambda_function.removed"].create_first is None


def test_both_moments_hold_what_stands() -> None:
    deployment = real("lifecycle/v2/plan.json")
    before, after = deployment.before, deployment.after
    assert before is not None

    assert "aws_lambda_function.removed" in before.functions
    assert "aws_lambda_function.removed" not in after.functions
    assert "aws_lambda_function.new_fn" not in before.functions
    assert "aws_lambda_function.forgotten" in after.functions
    assert "aws_lambda_function.new_name" in before.functions
    assert "aws_lambda_function.old_name" not in before.functions
    assert isinstance(before.functions["aws_lambda_function.unvpc"].attachment, Attachment)
    assert after.functions["aws_lambda_function.unvpc"].attachment == ABSENT


def test_recorded_dependencies_are_expanded_to_instances() -> None:
    recorded = needs(real("lifecycle/v2/plan.json"), "aws_lambda_function.noop", before=True)

    assert {"aws_iam_role_policy_attachment.a", "aws_subnet.s[0]", "aws_subnet.s[1]"} <= set(recorded)
    assert set(recorded.values()) == {"recorded"}
    assert "aws_iam_role_policy.removed" not in needs(real("lifecycle/v2/plan.json"), F + "removed", before=True)


def test_references_and_depends_on_are_told_apart() -> None:
    found = needs(real("lifecycle/v2/plan.json"), "aws_lambda_function.noop")

    assert found["aws_iam_role_policy_attachment.a"] == "explicit"
    assert found["aws_iam_role.r"] == "reference"


def test_dependencies_run_through_arguments_outputs_and_whole_modules() -> None:
    iam = module({"aws_iam_role.r": {}, "aws_iam_role_policy.p": {}}, outputs={"arn": refers("aws_iam_role.r.arn")})
    inner = module({F: {"role": refers("var.role")}})
    outer = {**call(inner, role=refers("module.iam.arn", "module.iam")), "depends_on": ["module.iam"]}
    changes = [function(f"module.fn.{F}"), *new("module.iam.aws_iam_role.r", "module.iam.aws_iam_role_policy.p")]
    made = read(plan(changes, module({}, calls={"iam": call(iam), "fn": outer})))

    assert needs(made, f"module.fn.{F}") == {
        "module.iam.aws_iam_role.r": "reference",
        "module.iam.aws_iam_role_policy.p": "explicit",
    }


def test_what_reads_an_output_waits_for_what_the_output_waits_for() -> None:
    iam = module({"aws_iam_role.r": {}, "aws_iam_role_policy.p": {}}, outputs={"arn": refers("aws_iam_role.r.arn")})
    iam["outputs"]["arn"]["depends_on"] = ["aws_iam_role_policy.p"]
    root = module({F: {"role": refers("module.iam.arn", "module.iam")}}, calls={"iam": call(iam)})
    made = read(plan([function(), *new("module.iam.aws_iam_role.r", "module.iam.aws_iam_role_policy.p")], root))

    assert set(needs(made, F)) == {"module.iam.aws_iam_role.r", "module.iam.aws_iam_role_policy.p"}


def test_a_role_behind_a_local_leaves_its_functions_open() -> None:
    by_local = read(plan([function()], module({F: {"role": refers("local.role")}})))
    by_tag = read(plan([function(tags={})], module({F: {"tags": refers("local.tags")}})))

    assert {address: unknown.why for address, unknown in by_local.open_edges.items()} == {F: Why.LOCAL}
    assert by_tag.open_edges == {}


def test_a_destroy_plan_leaves_nothing() -> None:
    deployment = real("lifecycle/destroy/plan.json")

    assert deployment.after.functions == {}
    assert deployment.before is not None
    assert len(deployment.before.functions) == 9


def test_a_plan_that_failed_is_incomplete_and_knows_nothing_whole() -> None:
    deployment = real("errored/plan.json")

    assert deployment.incomplete == "the plan ended with an error"
    assert deployment.after.complete == frozenset()


def test_a_plan_that_failed_wholly_has_no_changes() -> None:
    made = plan([], errored=True)
    del made["resource_changes"]

    assert read(made).incomplete


def test_a_targeted_plan_keeps_what_it_does_not_touch() -> None:
    vpc = {"address": "aws_vpc.v", "mode": "managed", "type": "aws_vpc", "name": "v", "values": {"id": "vpc-1"}}
    state = {"values": {"root_module": {"resources": [vpc]}}}
    subnet = change("aws_subnet.s", "no-op", before={"id": "subnet-1", "vpc_id": "vpc-1"})
    deployment = read(plan([subnet], prior_state=state, complete=False))

    assert deployment.incomplete
    assert deployment.after.subnets["aws_subnet.s"].vpc == members(Managed("aws_vpc.v"))


def test_the_former_id_of_a_replaced_group_is_another_thing() -> None:
    group = change("aws_security_group.g", "delete", "create", before={"id": "sg-1"}, after={}, unknown={"id": True})
    vpc = [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}]
    user = change(F, "no-op", before={"function_name": "f", "vpc_config": vpc})
    deployment = read(plan([group, user]))
    assert deployment.before is not None

    before, after = (world.functions[F].attachment for world in (deployment.before, deployment.after))

    assert isinstance(before, Attachment)
    assert isinstance(after, Attachment)
    assert before.groups == members(Managed("aws_security_group.g"))
    assert after.groups == members(Literal("sg-1"))


def test_the_id_of_a_deleted_group_still_names_it() -> None:
    group = change("aws_security_group.g", "delete", before={"id": "sg-1"})
    vpc = [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}]
    user = change(F, "no-op", before={"function_name": "f", "vpc_config": vpc})
    attachment = read(plan([group, user])).after.functions[F].attachment

    assert isinstance(attachment, Attachment)
    assert attachment.groups == members(Managed("aws_security_group.g"))


def test_a_deposed_object_is_not_the_resource() -> None:
    leftover = change("aws_subnet.s", "delete", before={"id": "subnet-0"}, deposed="1a2b3c4d")
    made = read(plan([change("aws_subnet.s", "no-op", before={"id": "subnet-1"}), leftover]))

    assert made.changes["aws_subnet.s"].action is Action.NOTHING
    assert "aws_subnet.s" in made.after.subnets


def test_a_long_wait_on_removal_is_a_delay() -> None:
    waits = [
        change("time_sleep.long", after={"destroy_duration": "45m"}),
        change("time_sleep.short", after={"destroy_duration": "30s"}),
    ]

    assert read(plan(waits)).delays == {"time_sleep.long"}


def test_code_that_is_only_called_cannot_be_edited() -> None:
    inner = module({F: {}})
    root = module({}, calls={"own": call(inner, source="./fn"), "others": call(inner, source="hashicorp/x/aws")})
    made = read(plan([function(f"module.own.{F}"), function(f"module.others.{F}")], root))

    assert made.uneditable == {f"module.others.{F}"}


def test_scopes_are_provider_configurations_in_regions() -> None:
    root = module({F: {}})
    root["resources"][0]["provider_config_key"] = "aws.west"
    made = plan([function(), *new("aws_subnet.s")], root)
    made["configuration"]["provider_config"]["aws.west"] = {"expressions": {"region": refers("var.west")}}
    deployment = read({**made, "variables": {"west": {"value": "us-west-2"}}})

    scope = deployment.after.functions[F].scope
    assert (scope.account, scope.region) == ("aws.west", "us-west-2")
    assert deployment.after.subnets["aws_subnet.s"].scope.region == "eu-west-1"


def test_a_module_inherits_the_provider_of_its_caller() -> None:
    inner = module({F: {}})
    inner["resources"][0]["provider_config_key"] = "module.fn:aws"
    made = plan([function(f"module.fn.{F}")], module({}, calls={"fn": call(inner)}))
    made["configuration"]["provider_config"]["module.fn:aws"] = {"name": "aws", "module_address": "module.fn"}

    assert read(made).after.functions[f"module.fn.{F}"].scope.region == "eu-west-1"


def test_what_functions_call_can_be_said_in_a_tag() -> None:
    def stated(**tags: str) -> tuple[str, ...] | None:
        return read(plan([function(tags_all=tags)])).after.functions[F].needs

    assert stated(**{"eni-lint:needs": "sqs, Secretsmanager"}) == ("sqs", "secretsmanager")
    assert stated(**{"eni-lint:needs": ""}) == ()
    assert stated(team="a") is None


@pytest.mark.parametrize("skips", [True, False, None])
def test_a_function_that_skips_its_removal_is_left_standing(skips: bool | None) -> None:
    made = read(plan([change(F, "delete", before={"function_name": "f", "skip_destroy": skips})]))

    assert made.changes[F].retained is (skips is True)
