"""What roles and environments tell about the calls of a function, in tiers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from networks import HERE, HIDDEN, ISOLATED, Network, change, function, grant, role, to, variable

from eni_lint.analysis.needs import INTERNET, Needs, Wanted
from eni_lint.analysis.permissions import Permissions
from eni_lint.model.answer import Unknown, Why
from eni_lint.model.compute import Endpointed
from eni_lint.model.identity import Literal, Managed
from eni_lint.model.policy import AwsManaged

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:orders-failed"


def wanted(network: Network) -> Wanted:
    world = network.world()
    return Needs(world, Permissions(world)).of(network.functions[0])


def tiers(network: Network) -> dict[str, int]:
    return {need.name: need.tier for need in wanted(network).needs}


def told(name: str, value: str | Unknown, *refers_to: Any) -> dict[str, int]:
    return tiers(change(ISOLATED, functions=(function(environment=(variable(name, value, *refers_to),)),)))


def allowed(*actions: str, resources: Any = ("*",), **fields: Any) -> dict[str, int]:
    return tiers(change(ISOLATED, grants=(grant(*actions, resources=resources),), functions=(function(**fields),)))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PAYMENTS", "https://api.stripe.com/v1", {INTERNET: 3}),
        ("FEED", "wss://user:word@feed.shop.io/x?y=1", {INTERNET: 3}),
        ("DNS", "https://1.1.1.1/dns-query", {INTERNET: 3}),
        ("API_HOST", "api.stripe.com", {INTERNET: 2}),
        ("STRIPE_SECRET_KEY", "sk_live_x", {INTERNET: 2}),
        ("SLACK_WEBHOOK_URL", HIDDEN, {INTERNET: 2}),
        ("PARTNER_URL", HIDDEN, {INTERNET: 1}),
        ("PARTNER_URL", "set later", {INTERNET: 1}),
        ("MAIL", "smtp://mail.shop.io:587", {INTERNET: 1}),
        ("CORS_ORIGIN", "https://www.shop.io", {INTERNET: 1}),
        ("QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders", {"sqs": 3}),
        ("SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x", {"secretsmanager": 2}),
    ],
)
def test_a_variable_tells_of_calls(name: str, value: Any, expected: dict[str, int]) -> None:
    assert told(name, value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STOCK_URL", "http://10.0.7.20:8080/stock"),
        ("CATALOG_URL", "https://catalog.shop.internal"),
        ("CATALOG_URL", "http://catalog:8080"),
        ("DOCS_URL", "https://example.com/docs"),
        ("LOCAL", "http://localhost:9000"),
        ("DATABASE_HOST", "orders.cluster-c9akciq32.us-east-1.rds.amazonaws.com"),
        ("DATABASE_URL", HIDDEN),
        ("SEARCH_URL", "https://vpc-orders-x.eu-west-1.es.amazonaws.com"),
        ("LEVEL", "info"),
        ("API_URL", ""),
        ("HTTPS_PROXY", "http://proxy.shop.io:3128"),
        ("ROLE_ARN", "arn:aws:iam::123456789012:role/x"),
    ],
)
def test_a_variable_without_public_address_proves_nothing(name: str, value: Any) -> None:
    assert told(name, value) == {}


def test_a_variable_that_refers_to_a_table_needs_its_service() -> None:
    stated = {"endpointed": {"table.x": Endpointed("table.x", HERE, "dynamodb", "orders")}}
    refers = function(environment=(variable("NAME", HIDDEN, Managed("table.x")),))
    names = function(environment=(variable("TABLE_NAME", "orders"),))
    other = function(environment=(variable("SERVICE", "orders"),))

    assert tiers(change(ISOLATED, functions=(refers,), others=stated)) == {"dynamodb": 3}
    assert tiers(change(ISOLATED, functions=(names,), others=stated)) == {"dynamodb": 3}
    assert tiers(change(ISOLATED, functions=(other,), others=stated)) == {}


def test_the_values_of_variables_are_never_part_of_the_evidence() -> None:
    found = wanted(change(ISOLATED, functions=(function(environment=(variable("U", "https://u:pw@api.io/k"),)),)))

    assert [because.says for need in found.needs for because in need.because] == ["U names a public host"]


@pytest.mark.parametrize(
    ("actions", "resources", "expected"),
    [
        (("dynamodb:GetItem",), ("arn:aws:dynamodb:eu-west-1:1:table/x",), {"dynamodb": 2}),
        (("secretsmanager:GetSecretValue",), (HIDDEN,), {"secretsmanager": 2}),
        (("dynamodb:*",), ("*",), {"dynamodb": 1}),
        (("*",), ("*",), {}),
        (("logs:PutLogEvents", "xray:PutTraceSegments"), ("*",), {}),
        (("ec2:CreateNetworkInterface", "ec2:DescribeInstances"), ("*",), {}),
        (("kms:Decrypt",), ("arn:aws:kms:eu-west-1:1:key/x",), {}),
        (("sqs:ReceiveMessage", "sqs:DeleteMessage", "kinesis:GetRecords"), ("arn:aws:sqs:eu-west-1:1:q",), {}),
        (("rds-db:connect", "elasticfilesystem:ClientMount", "es:ESHttpGet"), ("arn:aws:x",), {}),
        (("iam:PassRole",), ("arn:aws:iam::1:role/x",), {}),
    ],
)
def test_a_role_tells_of_services(actions: Any, resources: Any, expected: dict[str, int]) -> None:
    assert allowed(*actions, resources=resources) == expected


def test_a_delivery_by_lambda_itself_is_no_call() -> None:
    failed = Unknown(Why.COMPUTED, "queue.failed.arn")

    assert allowed("sqs:SendMessage", resources=(QUEUE,)) == {"sqs": 2}
    assert allowed("sqs:SendMessage", resources=(QUEUE,), targets=(Literal(QUEUE),)) == {}
    assert allowed("sqs:SendMessage", resources=(QUEUE, f"{QUEUE}-2"), targets=(Literal(QUEUE),)) == {"sqs": 2}
    assert allowed("sqs:SendMessage", resources=(failed,), targets=(Managed("queue.failed"),)) == {}


def test_a_delivery_to_something_unknown_may_be_lambdas_own() -> None:
    hidden = change(
        ISOLATED,
        grants=(grant("sqs:SendMessage", resources=(HIDDEN,)),),
        functions=(function(targets=(Literal(QUEUE),)),),
    )

    assert tiers(hidden) == {}
    assert wanted(hidden).hidden_services == HIDDEN


def test_a_policy_of_aws_is_a_hint_at_most() -> None:
    full = replace(grant("x"), policy=AwsManaged("AmazonDynamoDBFullAccess"))
    own = replace(grant("x"), policy=AwsManaged("service-role/AWSLambdaVPCAccessExecutionRole"))

    assert tiers(change(ISOLATED, grants=(full, own))) == {"dynamodb": 1}


def test_a_role_that_serves_others_too_counts_one_tier_lower() -> None:
    secret = grant("secretsmanager:GetSecretValue", resources=("arn:aws:secretsmanager:x",))
    both = role(services=("lambda.amazonaws.com", "glue.amazonaws.com"))

    assert tiers(change(ISOLATED, grants=(secret,))) == {"secretsmanager": 2}
    assert tiers(change(ISOLATED, grants=(secret,), roles=(both,))) == {"secretsmanager": 1}
    two = (function(), function("function.reports", subnets=("subnet.b",)))
    assert tiers(change(ISOLATED, grants=(secret,), functions=two)) == {"secretsmanager": 1}


def test_what_the_user_states_overrides_all_evidence() -> None:
    loud = (variable("U", "https://api.stripe.com"),)

    assert tiers(change(ISOLATED, functions=(function(environment=loud, needs=("none",)),))) == {}
    stated = change(ISOLATED, functions=(function(environment=HIDDEN, needs=("internet", "s3", "monitoring")),))
    assert tiers(stated) == {INTERNET: 3, "s3": 3, "cloudwatch": 3}
    assert wanted(stated).hidden_internet is None


def test_what_nobody_sees_may_hold_needs() -> None:
    assert wanted(change(ISOLATED, functions=(function(environment=HIDDEN),))).hidden_internet == HIDDEN
    elsewhere = wanted(change(ISOLATED, functions=(function(role=to("role.elsewhere")),)))
    assert elsewhere.hidden_internet is None
    assert elsewhere.hidden_services is not None


def test_a_layer_of_a_vendor_calls_out() -> None:
    arn = "arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:65"

    assert tiers(change(ISOLATED, functions=(function(layers=(arn,)),))) == {INTERNET: 2}


@given(st.permutations([variable("A", "https://api.io"), variable("B", HIDDEN), variable("OPENAI_API_KEY", "x")]))
def test_the_order_of_variables_never_matters(variables: Any) -> None:
    assert tiers(change(ISOLATED, functions=(function(environment=tuple(variables)),))) == {INTERNET: 3}
