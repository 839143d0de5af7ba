"""A role that Lambda may not assume."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from networks import HIDDEN, function, role
from worlds import ask, deployed, world

from eni_lint.checks import role007_untrusted_by_lambda as role007
from eni_lint.finding import Hit, Undecided
from eni_lint.model.answer import ABSENT
from eni_lint.model.identity import Literal, members
from eni_lint.model.policy import Document, Statement


def said(*things: Any) -> list[Hit | Undecided]:
    return ask(role007, deployed(world(*things)))


def test_a_role_that_trusts_others_only_is_told_with_whom_it_trusts() -> None:
    [found] = said(role(services=("ec2.amazonaws.com", "ecs.amazonaws.com")))

    assert found.says == (
        "cannot be assumed by Lambda: its trust policy names ec2.amazonaws.com and ecs.amazonaws.com only, "
        "and function.orders uses it"
    )


def test_account_numbers_are_not_repeated() -> None:
    statement = Statement(True, ("sts:AssumeRole",), principals=("AWS:arn:aws:iam::123456789012:root",))

    [found] = said(replace(role(), trust=Document((statement,))))

    assert "names AWS principals only" in found.says
    assert "123456789012" not in found.says


def test_a_role_that_trusts_lambda_is_clean() -> None:
    assert said(role()) == []
    assert said(role(services=("edgelambda.amazonaws.com", "lambda.amazonaws.com"))) == []


def test_a_role_that_no_function_in_a_vpc_uses_is_not_judged() -> None:
    assert said(function(attachment=ABSENT), role(services=("ec2.amazonaws.com",))) == []


def test_an_open_trust_policy_is_undecided() -> None:
    assert said(replace(role(), trust=HIDDEN)) == [Undecided(HIDDEN)]


def test_a_role_elsewhere_is_the_same_open_fact_as_its_policies() -> None:
    [found] = said(function(role=members(Literal("arn:aws:iam::1:role/x"))))

    assert found.unknown.key == "the policies of arn:aws:iam::1:role/x"
