"""The rules about what an execution role may do: each cause is told once, by the rule that knows its remedy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from networks import HIDDEN, function, role, to
from worlds import SIX, VPC_ACCESS, allow, ask, carries, condition, deny, deployed, hidings, world

from eni_lint.analysis.permissions import HARD, SOFT
from eni_lint.checks import iam001_missing_interface_permission as iam001
from eni_lint.checks import iam002_scoped_interface_permission as iam002
from eni_lint.checks import iam003_denied_interface_permission as iam003
from eni_lint.finding import Confidence, Hit, Undecided
from eni_lint.model.answer import ABSENT
from eni_lint.model.deployment import World
from eni_lint.model.identity import Literal, Managed, Members, members
from eni_lint.model.policy import AwsManaged, Document, Grant

RULES = (iam001, iam002, iam003)
ARN = "arn:aws:ec2:eu-west-1:123456789012:"
INTERFACES = f"{ARN}network-interface/*"
REST = allow(*SIX[1:])


def said(rule: Any, *things: Any, **fields: Any) -> list[Hit | Undecided]:
    return ask(rule, deployed(world(*things, **fields)))


def all_said(after: World) -> list[Hit | Undecided]:
    return [outcome for rule in RULES for outcome in ask(rule, deployed(after))]


def hit(rule: Any, *things: Any) -> Hit:
    [found] = said(rule, *things)
    assert isinstance(found, Hit)
    return found


def test_a_role_without_policies_lacks_all_six_actions() -> None:
    found = hit(iam001)

    assert found.case == "missing"
    assert found.says.startswith("lacks ec2:CreateNetworkInterface, ec2:DescribeNetworkInterfaces, ")
    assert found.says.endswith("manages the network interfaces of function.orders")
    assert found.numbers == {"functions": 1, "missing": 6}


def test_missing_actions_are_named_once_per_role_with_all_its_functions() -> None:
    found = hit(iam001, function("function.a"), function("function.b"), carries(policy=AwsManaged("AWSLambdaExecute")))

    assert "the network interfaces of function.a and 1 more" in found.says
    assert [address for address, _ in found.about] == ["function.a", "function.b"]
    assert [because.says for because in found.because] == ["AWSLambdaExecute allows none of them"]


def test_what_lambda_does_without_is_information() -> None:
    found = hit(iam001, carries(allow(*HARD)))

    assert found.case == "soft"
    assert found.says.startswith("lacks ec2:DescribeSubnets, ec2:AssignPrivateIpAddresses and ec2:UnassignPrivate")


def test_an_idle_role_that_has_the_policy_is_pointed_at() -> None:
    wrong = carries(policy=VPC_ACCESS, roles=to("role.other"))

    found = ask(iam001, deployed(world(role(), role("role.other"), wrong, whole=("role.orders", "role.other"))))

    assert found[0].says.endswith("; role.other allows them, and no function uses it")
    assert ("role.other", "allows them, and no function uses it") in found[0].about


def test_a_role_that_a_function_uses_is_not_pointed_at() -> None:
    outside = function("function.outside", role=to("role.other"), attachment=ABSENT)
    wrong = carries(policy=VPC_ACCESS, roles=to("role.other"))
    things = (function(), outside, role(), role("role.other"), wrong)

    found = ask(iam001, deployed(world(*things, whole=("role.orders", "role.other"))))

    assert "role.other" not in found[0].says


@pytest.mark.parametrize("rule", RULES)
def test_a_role_elsewhere_is_one_open_fact(rule: Any) -> None:
    things = [function(name, role=members(Literal("arn:aws:iam::1:role/x"))) for name in ("function.a", "function.b")]

    assert [one.unknown.key for one in said(rule, *things)] == ["the policies of arn:aws:iam::1:role/x"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("changed", [{"attachment": ABSENT}, {"own_instances": True}])
def test_functions_without_hyperplane_interfaces_are_not_judged(rule: Any, changed: dict[str, Any]) -> None:
    assert said(rule, replace(function(), **changed)) == []


@pytest.mark.parametrize("rule", RULES)
def test_the_policy_of_aws_is_clean(rule: Any) -> None:
    assert said(rule, carries(policy=VPC_ACCESS)) == []


@pytest.mark.parametrize("changed", [{"attachment": HIDDEN}, {"role": Members(maybe=(Managed("role.orders"),))}])
def test_a_function_that_may_use_the_role_is_no_proof(changed: dict[str, Any]) -> None:
    assert all(isinstance(one, Undecided) for one in said(iam001, replace(function(), **changed)))
    assert said(iam001, replace(function(), **changed), carries(policy=VPC_ACCESS)) == []


@pytest.mark.parametrize(
    ("statement", "case", "words"),
    [
        (allow(SIX[1], on=[INTERFACES]), "describe_scoped", "names no resource: it needs *"),
        (
            allow(SIX[0], on=[INTERFACES, f"{ARN}subnet/*"]),
            "create_kind_missing",
            "subnet/*, not on the security groups",
        ),
        (allow(SIX[2], on=[INTERFACES]), "delete_scoped", "only on network-interface/*, and Lambda asks for it"),
        (allow(SIX[0], where=[condition("StringEquals", "aws:RequestTag/a", "b")]), "conditioned", "sets no tags"),
        (allow(SIX[0], where=[condition("StringEquals", "aws:SourceVpc", "v")]), "conditioned_on_network", "outside"),
        (allow(SIX[0], where=[condition("StringEquals", "ec2:Vpc", "v")]), "conditioned_on_network", "not every"),
        (allow(SIX[1], where=[condition("StringEquals", "ec2:Vpc", "v")]), "conditioned", "names no resource"),
        (allow(SIX[3], on=[f"{ARN}subnet/*"]), "soft", "ec2:DescribeSubnets only on subnet/*"),
    ],
)
def test_each_way_of_being_too_narrow_is_named(statement: Any, case: str, words: str) -> None:
    rest = allow(*(action for action in SIX if action not in statement.actions))

    found = hit(iam002, carries(statement, rest))

    assert found.case == case
    assert words in found.says
    assert found.names["policy"] == "policy.orders"
    assert said(iam001, carries(statement, rest)) == []


def test_a_condition_on_the_vpc_is_less_certain() -> None:
    plain = allow(SIX[0], where=[condition("StringEquals", "ec2:Vpc", "v")])

    assert hit(iam002, carries(plain, REST)).confidence is Confidence.MEDIUM


def test_a_statement_without_any_resource_allows_nothing() -> None:
    found = hit(iam002, carries(allow(*SIX, on=[])))

    assert found.says.endswith(
        "UnassignPrivateIpAddresses on no resource: the statement names none (function.orders uses it)"
    )


def test_actions_with_one_limit_share_a_clause() -> None:
    found = hit(iam002, carries(allow(SIX[1], SIX[3], on=[INTERFACES]), allow(SIX[0], SIX[2], *SOFT[1:])))

    assert "allows ec2:DescribeNetworkInterfaces and ec2:DescribeSubnets only on network-interface/*" in found.says


def test_an_action_that_is_named_is_not_missing_even_where_its_limit_is_open() -> None:
    limited = carries(allow(SIX[0], on=[HIDDEN]), REST)

    assert said(iam001, limited) == []
    assert said(iam002, limited) == [Undecided(HIDDEN)]


def test_missing_and_narrow_are_told_apart() -> None:
    after = (carries(allow(SIX[1], on=[INTERFACES]), allow(SIX[0], *SOFT)),)

    assert hit(iam001, *after).says.startswith("lacks ec2:DeleteNetworkInterface,")
    assert hit(iam002, *after).case == "describe_scoped"


@pytest.mark.parametrize(
    ("statement", "case", "words"),
    [
        (deny("ec2:*"), "denied", "is denied ec2:CreateNetworkInterface, ec2:Describe"),
        (deny("*", where=[condition("StringNotEquals", "aws:SourceVpc", "v")]), "perimeter", "own calls too"),
        (
            deny(
                "*",
                where=[
                    condition("StringNotEqualsIfExists", "aws:SourceVpc", "v"),
                    condition("BoolIfExists", "aws:ViaAWSService", "false"),
                ],
            ),
            "perimeter_with_keys",
            "may be denied",
        ),
    ],
)
def test_each_way_of_being_denied_is_named(statement: Any, case: str, words: str) -> None:
    found = hit(iam003, carries(policy=VPC_ACCESS), carries(statement, address="policy.guard"))

    assert found.case == case
    assert words in found.says
    assert found.names["policy"] == "policy.guard"


def test_a_deny_of_the_functions_own_code_is_good() -> None:
    own = condition("ArnEquals", "lambda:SourceFunctionArn", "arn:aws:lambda:eu-west-1:1:function:orders")

    assert said(iam003, carries(policy=VPC_ACCESS), carries(deny(*SIX, where=[own]), address="policy.guard")) == []


def test_a_boundary_without_the_actions_takes_them_away() -> None:
    bounded = replace(role(), boundary=Document((allow("s3:*"),)))

    found = hit(iam003, bounded, carries(policy=VPC_ACCESS))

    assert found.case == "boundary"
    assert "has a permissions boundary, role.orders, that leaves out ec2:CreateNetworkInterface" in found.says


def test_a_deny_and_a_boundary_are_one_finding() -> None:
    bounded = replace(role(), boundary=Document((allow(SIX[1]),)))

    found = hit(iam003, bounded, carries(policy=VPC_ACCESS), carries(deny(SIX[0]), address="policy.guard"))

    assert found.case == "denied"
    assert "is denied ec2:CreateNetworkInterface by policy.guard; it has a permissions boundary" in found.says


def test_an_open_boundary_leaves_open_what_a_known_one_would_take_away() -> None:
    bounded = replace(role(), boundary=HIDDEN)

    assert said(iam003, bounded, carries(policy=VPC_ACCESS)) == [Undecided(HIDDEN)]
    assert said(iam003, bounded) == [Undecided(HIDDEN)]


GRANTS = st.lists(
    st.sampled_from(
        [
            carries(policy=VPC_ACCESS, address="attachment.network"),
            carries(allow(*HARD), address="policy.hard"),
            carries(allow(SIX[0], SIX[2], on=[INTERFACES]), address="policy.narrow"),
            carries(allow("ec2:*", where=[condition("Bool", "aws:SecureTransport", "true")]), address="policy.wide"),
            carries(deny(SIX[0]), address="policy.denies"),
            carries(deny("*", where=[condition("StringNotEquals", "aws:SourceVpc", "v")]), address="policy.perimeter"),
            carries(deny("*", where=[condition("NotIpAddress", "aws:SourceIp", "10.0.0.0/8")]), address="policy.ip"),
        ]
    ),
    max_size=4,
    unique_by=lambda grant: grant.address,
)


@settings(deadline=None, max_examples=40)
@given(GRANTS)
def test_hiding_a_value_never_turns_a_hit_into_silence(grants: list[Grant]) -> None:
    whole = world(*grants)

    for rule in RULES:
        if any(isinstance(one, Hit) for one in ask(rule, deployed(whole))):
            assert all(all_said(less) for less in hidings(whole, HIDDEN)), rule
