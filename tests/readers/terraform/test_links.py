"""What a bag of references proves of a link, and what it does not."""

from __future__ import annotations

import pytest

from eni_lint.model.answer import No, Unknown, Why, Yes
from eni_lint.model.compute import Attachment
from eni_lint.model.identity import Literal, Managed, Members, equal
from eni_lint.readers.terraform.roles import is_aws_managed

from .made import Json, call, change, function, in_vpc, module, new, plan, read, refers

F = "aws_lambda_function.f"
S = "aws_subnet.s"
SUBNETS = [f"{S}[0]", f"{S}[1]"]


def subnets(changes: list[Json], root: Json, address: str = F, **more: object) -> Members:
    attachment = read(plan(changes, root, **more)).after.functions[address].attachment
    assert isinstance(attachment, Attachment)
    return attachment.subnets


def subnets_by(expression: Json, *others: str, **more: object) -> Members:
    changes = [function(), *new("aws_security_group.g", *SUBNETS, *others)]
    return subnets(changes, module({F: in_vpc(expression)}), **more)


def managed(*addresses: str) -> tuple[Managed, ...]:
    return tuple(Managed(address) for address in addresses)


def test_resources_that_are_named_one_by_one_are_members() -> None:
    expression = refers(
        "aws_subnet.s[0].id", "aws_subnet.s[0]", "aws_subnet.s", "aws_subnet.s[1].id", "aws_subnet.s[1]", "aws_subnet.s"
    )

    assert subnets_by(expression) == Members(sure=managed(*SUBNETS))


def test_all_instances_may_be_a_selection_of_them() -> None:
    found = subnets_by(refers("aws_subnet.s"))

    assert (found.sure, found.maybe, found.rest) == ((), managed(*SUBNETS), None)
    assert (found.at_least, found.at_most) == (1, 16)


def test_a_variable_beside_two_resources_may_choose_between_them() -> None:
    root = refers("var.c", "aws_subnet.s[0].id", "aws_subnet.s[0]", "aws_subnet.s[1].id", "aws_subnet.s[1]")
    found = subnets_by(root, variables={"c": {"value": True}})

    assert (found.sure, found.maybe) == ((), managed(*SUBNETS))


def test_a_set_is_hidden_because_of_its_only_hidden_member() -> None:
    root = refers("var.c", "aws_subnet.s[0].id", "aws_subnet.s[0]")

    assert subnets_by(root, variables={"c": {"value": False}}) == Members(sure=managed("aws_subnet.s[0]"))


def test_a_literal_that_a_variable_holds_is_a_member_beside_a_resource() -> None:
    root = refers("aws_subnet.s[0].id", "aws_subnet.s[0]", "aws_subnet.s", "var.more")
    found = subnets_by(root, variables={"more": {"value": ["subnet-1"]}})

    assert found == Members(sure=(Managed("aws_subnet.s[0]"), Literal("subnet-1")))


def test_a_local_hides_what_it_stands_for() -> None:
    found = subnets_by(refers("local.ids"))

    assert found.rest is not None
    assert (found.rest.why, found.rest.key) == (Why.LOCAL, "local.ids")
    assert "--saved-plan" in found.rest.decided_by
    assert found.seen == ()


def test_a_block_that_the_configuration_does_not_show_is_dynamic() -> None:
    found = subnets([function(), *new(*SUBNETS)], module({F: {}}))

    assert found.rest is not None
    assert found.rest.why is Why.DYNAMIC_BLOCK


def test_the_same_key_selects_the_same_instance() -> None:
    changes = [function(f'{F}["{key}"]') for key in "ab"] + new(
        "aws_security_group.g", *(f'{S}["{key}"]' for key in "ab")
    )
    root = module({F: {**in_vpc(refers("aws_subnet.s", "each.key")), "for_each": refers("var.x")}})

    assert subnets(changes, root, f'{F}["b"]') == Members(sure=managed(f'{S}["b"]'))


def test_the_same_number_selects_one_thing_and_may_leave_one_out_of_many() -> None:
    changes = [function(f"{F}[{n}]") for n in (0, 1)] + new(*SUBNETS, "aws_iam_role.r[0]", "aws_iam_role.r[1]")
    stated = {**in_vpc(refers("aws_subnet.s", "count.index")), "role": refers("aws_iam_role.r", "count.index")}
    root = module({F: {**stated, "count": {"constant_value": 2}}})

    assert read(plan(changes, root)).after.functions[f"{F}[1]"].role == Members(sure=managed("aws_iam_role.r[1]"))
    assert subnets(changes, root, f"{F}[1]").maybe == managed(*SUBNETS)


def test_a_number_that_is_not_the_same_on_both_sides_may_be_calculated_with() -> None:
    changes = [function(f"{F}[{n}]") for n in (0, 1)] + new("aws_security_group.g", *SUBNETS, "aws_subnet.s[2]")
    root = module({F: {**in_vpc(refers("aws_subnet.s", "count.index")), "count": {"constant_value": 2}}})
    zero, one = (subnets(changes, root, f"{F}[{n}]") for n in (0, 1))

    assert len(zero.maybe) == 3
    assert isinstance(equal(zero, one), Yes | No) is False


@pytest.mark.parametrize("mentions", [("aws_subnet.s",), ("local.ids",), ("module.net.ids", "module.net")])
def test_one_expression_states_equal_sets_for_all_instances_of_its_block(mentions: tuple[str, ...]) -> None:
    instances = [f'{F}["{key}"]' for key in "ab"]
    changes = [*map(function, instances), *new("aws_security_group.g", *SUBNETS)]
    root = module({F: {**in_vpc(refers(*mentions)), "for_each": refers("var.x")}})

    assert isinstance(equal(*(subnets(changes, root, each) for each in instances)), Yes)


@pytest.mark.parametrize("mentions", [("aws_subnet.s",), ("local.ids",), ("module.net.ids", "module.net")])
def test_equal_mentions_in_two_blocks_may_be_different_elements(mentions: tuple[str, ...]) -> None:
    changes = [function(), function("aws_lambda_function.o"), *new("aws_security_group.g", *SUBNETS)]
    root = module({address: in_vpc(refers(*mentions)) for address in (F, "aws_lambda_function.o")})

    answer = equal(subnets(changes, root), subnets(changes, root, "aws_lambda_function.o"))

    assert isinstance(answer, Unknown)


def test_instances_of_a_module_may_have_been_given_different_elements() -> None:
    inner = module({F: in_vpc(refers("var.ids"))}, variables={"ids": {}})
    net = module({S: {}}, outputs={"ids": refers(S)})
    given = refers("module.net.ids", "module.net", "each.key")
    root = module({}, calls={"net": call(net), "fn": call(inner, ids=given, for_each=refers("var.x"))})
    instances = [f'module.fn["{key}"].{F}' for key in "ab"]
    changes = [*map(function, instances), *new(f"module.net.{S}[0]", f"module.net.{S}[1]")]

    assert not isinstance(equal(*(subnets(changes, root, each) for each in instances)), Yes)


def test_a_literal_may_stand_beside_a_reference_into_a_network_that_stands() -> None:
    group = change("aws_security_group.g", after={"vpc_id": "vpc-1"}, unknown={"id": True})
    subnet = change(f"{S}[0]", after={"vpc_id": "vpc-1"}, unknown={"id": True})
    found = subnets([function(), group, subnet], module({F: in_vpc(refers(f"{S}[0].id", f"{S}[0]", S))}))

    assert found.sure == managed(f"{S}[0]")
    assert found.rest is not None
    assert "--source-root" in found.rest.decided_by


def test_different_selections_of_one_list_are_not_equal() -> None:
    changes = [function(), function("aws_lambda_function.o"), *new("aws_security_group.g", *SUBNETS)]
    root = module({F: in_vpc(refers("aws_subnet.s")), "aws_lambda_function.o": in_vpc(refers("aws_subnet.s", "var.n"))})

    assert not isinstance(equal(subnets(changes, root), subnets(changes, root, "aws_lambda_function.o")), Yes)


def test_a_link_runs_through_arguments_and_outputs() -> None:
    net = module({"aws_subnet.s": {}}, outputs={"id": refers("aws_subnet.s[0].id", "aws_subnet.s[0]", "aws_subnet.s")})
    inner = module({F: in_vpc(refers("var.ids"))}, variables={"ids": {}})
    root = module(
        {},
        calls={
            "net": call(net),
            "fn": call(inner, ids=refers("module.net.id", "module.net"), for_each=refers("var.x")),
        },
    )
    changes = [function(f'module.fn["a"].{F}'), *new("module.net.aws_subnet.s[0]")]

    assert subnets(changes, root, f'module.fn["a"].{F}') == Members(sure=managed("module.net.aws_subnet.s[0]"))


def test_a_local_of_one_module_instance_is_not_that_of_another() -> None:
    inner = module({F: in_vpc(refers("local.ids"))})
    root = module({}, calls={"fn": call(inner, for_each=refers("var.x"))})
    one, other = f'module.fn["a"].{F}', f'module.fn["b"].{F}'
    changes = [function(one), function(other)]

    assert not isinstance(equal(subnets(changes, root, one), subnets(changes, root, other)), Yes)


def test_a_hidden_role_is_the_only_one_that_its_module_can_see() -> None:
    inner = module({F: {"role": refers("local.role")}, "aws_iam_role.r": {}})
    root = module({"aws_iam_role.elsewhere": {}}, calls={"fn": call(inner, name={"constant_value": "x"})})
    changes = [function(f"module.fn.{F}"), *new("module.fn.aws_iam_role.r", "aws_iam_role.elsewhere")]

    assert read(plan(changes, root)).after.functions[f"module.fn.{F}"].role.sure == managed("module.fn.aws_iam_role.r")


def test_a_role_behind_a_local_is_open_where_several_can_be_seen() -> None:
    changes = [function(), *new("aws_iam_role.a", "aws_iam_role.b")]
    role = read(plan(changes, module({F: {"role": refers("local.role")}}))).after.functions[F].role

    assert (role.sure, role.maybe) == ((), managed("aws_iam_role.a", "aws_iam_role.b"))


def test_a_role_is_found_by_the_end_of_its_arn() -> None:
    role = change("aws_iam_role.r", after={"name": "worker", "path": "/team/"}, unknown={"arn": True, "id": True})
    arn = "arn:aws:iam::123456789012:role/team/worker"
    user = change(F, after={"function_name": "f", "role": arn, "vpc_config": []})

    assert read(plan([role, user])).after.functions[F].role == Members(sure=managed("aws_iam_role.r"))


def test_a_deferred_lookup_is_open() -> None:
    late = change("data.aws_subnets.late", "read", after={}, unknown={"ids": True, "id": True})
    root = module({F: in_vpc(refers("data.aws_subnets.late.ids", "data.aws_subnets.late"))})
    found = subnets([function(), late], root)

    assert found.rest is not None
    assert found.rest.why is Why.DATA_SOURCE


def test_what_leads_back_to_itself_is_open() -> None:
    inner = module({F: in_vpc(refers("var.ids"))}, outputs={"ids": refers("var.ids")})
    root = module({}, calls={"fn": call(inner, ids=refers("module.fn.ids", "module.fn"))})

    assert subnets([function(f"module.fn.{F}")], root, f"module.fn.{F}").rest is not None


def test_policies_beside_a_reference_may_be_written_out() -> None:
    stated = {"managed_policy_arns": refers("aws_iam_policy.p.arn", "aws_iam_policy.p")}
    role = change("aws_iam_role.r", after={"name": "r"}, unknown={"managed_policy_arns": True})
    grants = read(plan([role, *new("aws_iam_policy.p")], module({"aws_iam_role.r": stated}))).after.grants

    assert grants[0].policy == Members(sure=managed("aws_iam_policy.p"))
    assert [grant.policy.rest is not None for grant in grants if isinstance(grant.policy, Members)] == [False, True]


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_policies_of_aws_are_known_in_every_partition(partition: str) -> None:
    assert is_aws_managed(f"arn:{partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")
