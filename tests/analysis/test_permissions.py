"""What roles may do: statements, conditions, boundaries, and what nobody can see."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from networks import HERE, HIDDEN, function, hidden, role, to
from worlds import SIX, VPC_ACCESS, allow, carries, condition, deny, hidings, world

from eni_lint.analysis.edges import closure, reaches
from eni_lint.analysis.permissions import HARD, SOFT, Permissions
from eni_lint.analysis.permissions.conditions import Operator, Request, holds, parse_operator
from eni_lint.analysis.permissions.trust import trusts
from eni_lint.analysis.permissions.verdicts import Conditioned, Denied, Granted, Missing, OutOfBounds, Scoped
from eni_lint.model.answer import ABSENT, No, Unknown, Yes
from eni_lint.model.compute import Attachment
from eni_lint.model.deployment import Edge
from eni_lint.model.identity import Literal, Managed, Members, members, unknown_members
from eni_lint.model.policy import AwsManaged, Document, Policy, Statement

CREATE, DESCRIBE, DELETE = HARD
ROLE = "role.orders"
ARN = "arn:aws:ec2:eu-west-1:123456789012:"
KINDS = (f"{ARN}network-interface/*", f"{ARN}subnet/*", f"{ARN}security-group/*")


def standing(action: str, *things: object, **fields: object) -> object:
    return Permissions(world(*things, **fields)).standing(ROLE, action)


def refusal(action: str, *things: object, **fields: object) -> object:
    return Permissions(world(*things, **fields)).refusal(ROLE, action)


@pytest.mark.parametrize("pattern", ["*", "ec2:*", "EC2:create*interface", "ec2:CreateNetworkInterfac?"])
def test_wildcards_match_actions_in_any_case(pattern: str) -> None:
    assert isinstance(standing(CREATE, carries(allow(pattern))), Granted)


@pytest.mark.parametrize(
    "pattern", ["ec2:Create", "ec2:CreateNetworkInterface?", "s3:*", "ec2:CreateNetworkInterfacePermission"]
)
def test_other_actions_do_not_match(pattern: str) -> None:
    assert standing(CREATE, carries(allow(pattern))) == Missing(CREATE)


def test_not_action_is_the_rest() -> None:
    but_iam = Statement(True, not_actions=("iam:*",), resources=("*",))
    but_ec2 = Statement(True, not_actions=("ec2:*",), resources=("*",))

    assert isinstance(standing(CREATE, carries(but_iam)), Granted)
    assert isinstance(standing(CREATE, carries(but_ec2)), Missing)


def test_statements_allow_a_call_together() -> None:
    parts = [carries(allow(CREATE, on=[kind]), address=f"policy.{n}") for n, kind in enumerate(KINDS)]

    assert standing(CREATE, *parts) == Granted(CREATE, ("policy.0", "policy.1", "policy.2"))


def test_create_needs_every_kind_that_it_names() -> None:
    found = standing(CREATE, carries(allow(CREATE, on=KINDS[:2])))

    assert found == Scoped(CREATE, ("policy.orders",), ("network-interface/*", "subnet/*"), ("security-group/sg-*",))


@pytest.mark.parametrize("resource", ["*", f"{ARN}*/*", "arn:aws:ec2:*:*:*", "arn:aws:ec2:*", f"{ARN}*"])
def test_delete_is_given_on_everything(resource: str) -> None:
    assert isinstance(standing(DELETE, carries(allow(DELETE, on=[resource]))), Granted)


@pytest.mark.parametrize("resource", [KINDS[0], "arn:aws:ec2:us-east-1:123456789012:*/*", "arn:aws:s3:::*"])
def test_delete_fails_on_interfaces_elsewhere_or_on_interfaces_alone(resource: str) -> None:
    assert isinstance(standing(DELETE, carries(allow(DELETE, on=[resource]))), Scoped)


@pytest.mark.parametrize("resource", [*KINDS, f"{ARN}*/*", "arn:aws:ec2:*:*:*"])
def test_describe_works_on_the_asterisk_alone(resource: str) -> None:
    assert isinstance(standing(DESCRIBE, carries(allow(DESCRIBE, on=[resource]))), Scoped)
    assert isinstance(standing(DESCRIBE, carries(allow(DESCRIBE))), Granted)


def test_a_subnet_by_its_id_is_enough_where_the_function_has_no_other() -> None:
    placed = Attachment(members(Literal("subnet-1")), members(Literal("sg-1")))
    on = [KINDS[0], f"{ARN}subnet/subnet-1", KINDS[2]]

    def found(attachment: Attachment) -> object:
        return standing(CREATE, function(attachment=attachment), carries(allow(CREATE, on=on)))

    assert isinstance(found(placed), Granted)
    assert isinstance(found(replace(placed, subnets=members(Literal("subnet-1"), Literal("subnet-2")))), Scoped)
    assert isinstance(found(replace(placed, subnets=unknown_members(HIDDEN))), Unknown)


def test_not_resource_is_the_rest() -> None:
    but_one = Statement(True, (DELETE,), not_resources=(f"{ARN}instance/*",))
    but_all = Statement(True, (DELETE,), not_resources=(f"{ARN}*/*",))

    assert isinstance(standing(DELETE, carries(but_one)), Granted)
    assert standing(DELETE, carries(but_all)) == Scoped(DELETE, ("policy.orders",), ("all but */*",), ("*/*",))


def test_pseudo_parameters_in_an_arn_are_ours() -> None:
    ours = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:*/*"

    assert isinstance(standing(DELETE, carries(allow(DELETE, on=[ours]))), Granted)


@pytest.mark.parametrize(
    "name", ["AdministratorAccess", "PowerUserAccess", VPC_ACCESS.name, f"arn:aws-cn:iam::aws:policy{VPC_ACCESS.name}"]
)
def test_policies_of_aws_are_known_by_table(name: str) -> None:
    permissions = Permissions(world(carries(policy=AwsManaged(name))))

    assert all(isinstance(permissions.allows(ROLE, action), Yes) for action in SIX)


def test_a_policy_of_aws_may_certainly_lack_an_action() -> None:
    assert isinstance(standing(CREATE, carries(policy=AwsManaged("AWSLambda_FullAccess"))), Missing)
    assert isinstance(standing(SOFT[0], carries(policy=AwsManaged("AWSLambdaENIManagementAccess"))), Missing)


def test_an_unknown_policy_is_not_no_grant() -> None:
    for policy in (AwsManaged("AWSLambdaFutureRole"), HIDDEN, members(Literal("arn:aws:iam::1:policy/x"))):
        assert isinstance(standing(CREATE, carries(policy=policy)), Unknown)
        assert isinstance(standing("s3:GetObject", carries(policy=policy)), Unknown)


def test_a_policy_stated_here_is_read() -> None:
    stated = Policy("policy.shared", HERE, "shared", Document((allow(*SIX),)))

    found = standing(CREATE, stated, carries(address="attachment.shared", policy=to("policy.shared")))

    assert found == Granted(CREATE, ("attachment.shared",))


def test_a_role_that_is_not_known_whole_is_open_until_something_allows() -> None:
    assert isinstance(standing(CREATE, carries(allow("s3:*")), whole=()), Unknown)
    assert isinstance(standing(CREATE, carries(allow(*SIX)), whole=()), Granted)
    assert isinstance(Permissions(world(carries(allow(*SIX)), whole=())).allows(ROLE, CREATE), Unknown)


def test_a_grant_to_nobody_knows_whom_counts_for_open_roles_only() -> None:
    loose = carries(allow(*SIX), roles=members(hidden()))

    assert isinstance(standing(CREATE, loose), Missing)
    assert isinstance(standing(CREATE, loose, whole=()), Unknown)


def test_a_deny_wins_over_an_allow() -> None:
    permissions = Permissions(world(carries(policy=VPC_ACCESS), carries(deny(CREATE), address="policy.guard")))

    assert isinstance(permissions.allows(ROLE, CREATE), No)
    assert isinstance(permissions.allows(ROLE, DELETE), Yes)
    assert permissions.refusal(ROLE, CREATE) == Denied(CREATE, "policy.guard", "", (), perimeter=False)


@pytest.mark.parametrize("on", [KINDS[0], KINDS[1], f"{ARN}*/*"])
def test_one_denied_resource_denies_the_call(on: str) -> None:
    assert isinstance(refusal(CREATE, carries(allow(*SIX), deny(CREATE, on=[on]))), Denied)


def test_a_deny_of_named_resources_leaves_describe_alone() -> None:
    assert refusal(DESCRIBE, carries(allow(*SIX), deny("*", on=[f"{ARN}*/*"]))) == No()


@pytest.mark.parametrize(
    "where",
    [
        condition("ArnEquals", "lambda:SourceFunctionArn", "arn:aws:lambda:eu-west-1:1:function:orders"),
        condition("Null", "lambda:SourceFunctionArn", "false"),
        condition("Bool", "aws:SecureTransport", "false"),
        condition("StringNotEquals", "aws:RequestedRegion", "eu-west-1"),
        condition("StringEquals", "aws:RequestTag/team", "orders"),
        condition("ForAnyValue:StringNotEquals", "aws:TagKeys", "team"),
    ],
)
def test_a_deny_that_is_not_about_lambdas_own_calls_is_harmless(where: object) -> None:
    assert refusal(CREATE, carries(deny("*", where=[where]))) == No()


@pytest.mark.parametrize(
    "where",
    [
        condition("StringNotEquals", "aws:SourceVpc", "vpc-1"),
        condition("StringNotEqualsIfExists", "aws:SourceVpce", HIDDEN),
        condition("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", "10.0.0.0/8"),
        condition("Null", "aws:SourceVpc", "true"),
    ],
)
def test_a_network_perimeter_denies_lambdas_own_calls(where: object) -> None:
    found = refusal(CREATE, carries(deny("*", where=[where])))

    assert isinstance(found, Denied)
    assert (found.perimeter, found.open) == (True, ())


def test_a_perimeter_with_an_exception_may_deny() -> None:
    perimeter = condition("StringNotEqualsIfExists", "aws:SourceVpc", "vpc-1")
    exception = condition("BoolIfExists", "aws:ViaAWSService", "false")

    found = refusal(CREATE, carries(deny("*", where=[perimeter, exception])))

    assert isinstance(found, Denied)
    assert (found.perimeter, found.open) == (True, ("BoolIfExists aws:ViaAWSService",))


def test_everyones_address_is_no_perimeter() -> None:
    assert refusal(CREATE, carries(deny("*", where=[condition("NotIpAddress", "aws:SourceIp", "0.0.0.0/0")]))) == No()


def test_a_condition_that_nobody_can_judge_is_open() -> None:
    tagged = condition("StringEquals", "aws:PrincipalTag/network", "none")

    assert isinstance(refusal(CREATE, carries(deny(CREATE, where=[tagged]))), Unknown)


def test_a_condition_on_tags_fails_since_lambda_sets_none() -> None:
    tagged = condition("StringEquals", "aws:RequestTag/team", "orders")

    assert standing(CREATE, carries(allow(CREATE, where=[tagged]))) == Conditioned(CREATE, "policy.orders", tagged)


def test_a_plain_condition_on_the_vpc_of_everything_fails_and_one_that_forgives_is_open() -> None:
    def found(operator: str) -> object:
        return standing(CREATE, carries(allow(CREATE, where=[condition(operator, "ec2:Vpc", "vpc-1")])))

    assert isinstance(found("StringEquals"), Conditioned)
    assert isinstance(found("ArnEqualsIfExists"), Unknown)


def test_a_boundary_is_an_intersection() -> None:
    def bounded(boundary: object) -> object:
        return refusal(CREATE, replace(role(), boundary=boundary), carries(policy=VPC_ACCESS))

    assert bounded(Document((allow("s3:*"),))) == OutOfBounds(CREATE, ROLE)
    assert bounded(Document((allow("ec2:*"),))) == No()
    assert isinstance(bounded(Document((allow("*"), deny(CREATE)))), Denied)
    assert bounded(AwsManaged("PowerUserAccess")) == No()
    assert isinstance(bounded(AwsManaged("ReadOnlyAccess")), OutOfBounds)
    assert isinstance(bounded(HIDDEN), Unknown)
    assert isinstance(bounded(members(Literal("arn:aws:iam::1:policy/x"))), Unknown)


def test_carriers_alone_give_the_permission() -> None:
    whole = carries(policy=VPC_ACCESS, address="attachment.network")
    part = carries(allow(DESCRIBE), address="policy.part")
    open_ = carries(policy=HIDDEN, address="policy.open")

    found = Permissions(world(whole, part, open_)).carriers(ROLE, (DESCRIBE, DELETE))

    assert [(c.grant.address, type(c.certain)) for c in found] == [
        ("attachment.network", Yes),
        ("policy.open", Unknown),
    ]


def test_functions_without_vpc_or_on_own_instances_use_no_role() -> None:
    outside = function("function.outside", attachment=ABSENT)
    instances = function("function.instances", own_instances=True)

    assert Permissions(world(outside, instances)).execution_roles() == []


def test_roles_elsewhere_are_named_by_what_stands_for_them() -> None:
    by_arn = function("function.a", role=members(Literal("arn:aws:iam::1:role/x")))
    by_variable = function("function.b", role=unknown_members(HIDDEN))
    permissions = Permissions(world(by_arn, by_variable))

    assert [name for name, _ in permissions.execution_roles()] == ["arn:aws:iam::1:role/x", "var.hidden"]
    assert permissions.unseen("var.hidden").key == "the policies of var.hidden"
    assert permissions.functions_of("var.hidden") == (by_variable,)


def test_a_role_elsewhere_is_one_by_name_and_by_arn() -> None:
    by_arn = function(role=members(Literal("arn:aws:iam::1:role/path/x")))
    attached = carries(policy=VPC_ACCESS, roles=members(Literal("x")))

    found = Permissions(world(by_arn, attached)).standing("arn:aws:iam::1:role/path/x", CREATE)

    assert isinstance(found, Granted)


def test_a_function_that_may_have_a_role_is_no_certain_user() -> None:
    either = function(role=Members(maybe=(Managed("role.orders"), Managed("role.other"))))
    permissions = Permissions(world(either))

    assert permissions.functions_of("role.other") == ()
    assert [user.function for user in permissions.users_of("role.other")] == [either]


def test_operators_are_taken_apart() -> None:
    assert parse_operator("ForAllValues:StringNotLikeIfExists") == Operator("stringlike", True, True, "forallvalues")
    assert parse_operator("NotIpAddress") == Operator("ipaddress", True, False, "")


def test_an_absent_key_fails_unless_it_is_forgiven() -> None:
    request = Request(CREATE)

    assert holds(condition("StringEquals", "aws:SourceVpc", "v"), request) == No()
    assert holds(condition("StringEqualsIfExists", "aws:SourceVpc", "v"), request) == Yes()
    assert holds(condition("StringNotEquals", "aws:SourceVpc", "v"), request) == Yes()
    assert holds(condition("ForAllValues:StringEquals", "aws:TagKeys", "v"), request) == Yes()
    assert holds(condition("Null", "aws:SourceVpc", "true"), request) == Yes()


@pytest.mark.parametrize("principal", ["Service:lambda.amazonaws.com", "*", "AWS:*"])
@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:*", "*"])
def test_lambda_is_trusted(principal: str, action: str) -> None:
    trust = Document((Statement(True, (action,), principals=("Service:ec2.amazonaws.com", principal)),))

    assert isinstance(trusts(trust, "lambda.amazonaws.com"), Yes)


def test_lambda_is_not_trusted_by_another_services_document_or_against_a_deny() -> None:
    ec2 = Statement(True, ("sts:AssumeRole",), principals=("Service:ec2.amazonaws.com",))
    everyone = Statement(True, ("sts:AssumeRole",), principals=("*",))
    never = Statement(False, ("sts:*",), principals=("Service:lambda.amazonaws.com",))

    assert isinstance(trusts(Document((ec2,)), "lambda.amazonaws.com"), No)
    assert isinstance(trusts(Document((everyone, never)), "lambda.amazonaws.com"), No)
    assert isinstance(trusts(Document((ec2,), rest=HIDDEN), "lambda.amazonaws.com"), Unknown)


def test_a_condition_on_the_own_account_is_taken_to_hold_and_any_other_is_open() -> None:
    def trusted(key: str) -> object:
        where = (condition("StringEquals", key, "x"),)
        statement = Statement(True, ("sts:AssumeRole",), principals=("Service:lambda.amazonaws.com",), conditions=where)
        return trusts(Document((statement,)), "lambda.amazonaws.com")

    assert isinstance(trusted("aws:SourceAccount"), Yes)
    assert isinstance(trusted("aws:PrincipalTag/x"), Unknown)


def test_edges_are_followed_through_others_and_through_circles() -> None:
    edges = {"a": (Edge("b"),), "b": (Edge("c"), Edge("a"))}

    assert closure(edges, "a") == {"b", "c"}
    assert reaches(edges, "a", "c")
    assert not reaches(edges, "c", "a")


ACTIONS = st.sampled_from([*SIX, "*", "ec2:*", "ec2:Describe*", "s3:GetObject"])
RESOURCES = st.sampled_from(["*", *KINDS, f"{ARN}*/*", f"{ARN}subnet/subnet-1"])
CONDITIONS = st.sampled_from(
    [
        condition("StringEquals", "aws:RequestTag/team", "orders"),
        condition("StringNotEquals", "aws:SourceVpc", "vpc-1"),
        condition("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
        condition("StringNotEquals", "aws:RequestedRegion", "eu-west-1"),
        condition("Bool", "aws:ViaAWSService", "true"),
        condition("ArnEquals", "lambda:SourceFunctionArn", "arn"),
    ]
)
STATEMENTS = st.builds(
    lambda effect, actions, complement, resources, where: Statement(
        effect,
        actions=() if complement else tuple(actions),
        not_actions=tuple(actions) if complement else (),
        resources=tuple(resources),
        conditions=tuple(where),
    ),
    st.booleans(),
    st.lists(ACTIONS, min_size=1, max_size=3),
    st.booleans(),
    st.lists(RESOURCES, min_size=1, max_size=3),
    st.lists(CONDITIONS, max_size=1),
)


@settings(deadline=None)
@given(st.lists(STATEMENTS, max_size=4), st.randoms())
def test_the_order_of_statements_never_matters(statements: list[Statement], random: object) -> None:
    shuffled = list(statements)
    random.shuffle(shuffled)
    one, other = (Permissions(world(carries(*order))) for order in (statements, shuffled))

    for action in SIX:
        assert type(one.standing(ROLE, action)) is type(other.standing(ROLE, action))
        assert type(one.refusal(ROLE, action)) is type(other.refusal(ROLE, action))


@settings(deadline=None, max_examples=40)
@given(st.lists(STATEMENTS, max_size=3))
def test_hiding_a_value_never_flips_an_answer(statements: list[Statement]) -> None:
    whole = world(carries(*statements), carries(policy=VPC_ACCESS, address="attachment.network"))
    known = Permissions(whole)

    for hidden_world in hidings(whole, HIDDEN):
        less = Permissions(hidden_world)
        for action in HARD:
            pair = {type(known.allows(ROLE, action)), type(less.allows(ROLE, action))}
            assert pair != {Yes, No}, (action, hidden_world.grants)
