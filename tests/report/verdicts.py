"""Verdicts to render, made of records: everything that a report can be asked to say."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from eni_lint.finding import (
    Confidence,
    Finding,
    Fix,
    Forecast,
    Judged,
    Open,
    Place,
    Problem,
    Severity,
    Subject,
    Suppressed,
    Verdict,
)
from eni_lint.model.answer import Because
from eni_lint.model.place import Call, Scope, Span
from eni_lint.report.view import View

IN_REPOSITORY = View(root="/home/me/shop", here="/home/me/shop/live", min_severity=Severity.INFO)
CALLS = (Call("module.orders", "main.tf", 12), Call("module.iam", "modules/orders/main.tf", 3))
HOSTILE = (
    "50% of \"a\" <b> & 'c' | d, e: [f](1)\n::error::g `h` *i* _j_ @someone #1 \x1b[31mred\x00 日本語 \u202eover\ud800"
)

ROLE = Place(
    "subject",
    "aws_lambda_function.orders",
    Span("functions.tf", 14, 10, 14, 33, "  role = aws_iam_role.orders.arn", precise=True),
    "Lambda deletes the interfaces with this role, 20 to 45 minutes later",
)
GRANT = Place(
    "about",
    "aws_iam_role_policy_attachment.vpc",
    Span("iam.tf", 31, 1, 34, 2, 'resource "aws_iam_role_policy_attachment" "vpc" {\n', precise=True, calls=CALLS),
    "the only grant of ec2:DeleteNetworkInterface",
    "delete",
)
BELOW = Place(
    "function",
    'aws_lambda_function.others["a"]',
    Span("functions.tf", 40, 3, 40, 7, "  role = aws_iam_role.orders.arn", precise=True),
    change="update",
)
UNWRITTEN = (
    Place("subject", "aws_lambda_function.orders", Span("plan.json"), change="update"),
    Place("about", "aws_iam_role_policy_attachment.vpc", Span("plan.json"), change="delete"),
)


def finding(**changes: Any) -> Finding:
    """Make a finding with precise places, changed as told."""
    plain = Finding(
        rule="ROLE001",
        case="detach",
        severity=Severity.ERROR,
        confidence=Confidence.HIGH,
        subject=Subject("role", "aws_iam_role.orders", Scope(region="eu-west-1")),
        message="aws_iam_role.orders loses ec2:DeleteNetworkInterface while its functions give up interfaces",
        places=(ROLE, GRANT, BELOW),
        evidence=(
            Because("aws_iam_role_policy_attachment.vpc is the only grant", "aws_iam_role_policy_attachment.vpc"),
        ),
        error="DependencyViolation: resource sg-… has a dependent object",
        fix=Fix("terraform", "make two changes of it", "# 1. keep the attachment\n# 2. remove it"),
        when="",
        identity="0123456789abcdef0123456789abcdef",
        source="plan.json",
        why="Lambda deletes the interfaces with the role of the function.",
        numbers={"interfaces": 3},
    )
    return replace(plain, **changes)


def unwritten(**changes: Any) -> Finding:
    """Make a finding on a plan without sources."""
    return finding(**{"places": UNWRITTEN, "identity": "f" * 32, **changes})


def hostile() -> Finding:
    """Make a finding whose every text holds what some format could trip over."""
    return finding(
        message=HOSTILE,
        error=HOSTILE,
        when=HOSTILE,
        why=HOSTILE,
        fix=Fix("cdk", HOSTILE, f"```\n{HOSTILE}"),
        evidence=(Because(HOSTILE, HOSTILE),),
        subject=Subject("function", HOSTILE),
        places=(Place("subject", HOSTILE, Span("a b/日本 #1%.tf", 2, 3, 2, 9, HOSTILE, precise=True), HOSTILE),),
        identity="e" * 32,
    )


SUPPRESSED = (
    Suppressed(
        unwritten(rule="ENI001", case="fragmented", identity="a" * 32), "directive", "agreed with the platform team"
    ),
    Suppressed(unwritten(rule="NET001", case="required", identity="b" * 32), "baseline", ""),
)
OPEN = (
    Open("var.subnets", "variable", "pass --var-file", ("ENI001", "NET001"), ("aws_lambda_function.a",), "plan.json"),
    Open("var.groups", "variable", "pass --var-file", ("ENI001", "NET001"), ("aws_lambda_function.a",), "plan.json"),
    Open("local.tables", "local", "", ("NET001",), tuple(f"fn.{n}" for n in range(9)), "plan.json"),
)
PROBLEMS = (
    Problem("this is a binary plan; terraform show -json makes text of it", "tfplan"),
    Problem(HOSTILE, "t.yaml", 3, 7),
)
JUDGED = (Judged("plan.json", "root", 18, 12, 9, 2), Judged("empty.yaml", "", 0, 0, 0, 0))
FORECAST = (
    Forecast("plan.json", "aws_vpc.main", 6, 9, 9, 15, 2),
    Forecast("plan.json", "aws_vpc.data", None, 4, None, None, 0),
)

CLEAN = Verdict(judged=JUDGED[:1])
EVERYTHING = Verdict(
    findings=(
        finding(),
        unwritten(),
        unwritten(source="other/plan.json"),
        unwritten(rule="ENI001", case="fragmented", severity=Severity.WARNING, when="Env is prod", identity="c" * 32),
        unwritten(rule="PACK001", case="own", severity=Severity.INFO, places=(), identity="d" * 32),
        hostile(),
    ),
    undecided=OPEN,
    suppressed=SUPPRESSED,
    errors=PROBLEMS,
    notes=("the prior state is 3 days old",),
    judged=JUDGED,
    forecast=FORECAST,
)


def many(number: int = 10_000) -> Verdict:
    """Make a verdict of many findings, of 20 rules, a third of them errors."""
    return replace(EVERYTHING, findings=tuple(_numbered(n) for n in range(number)), errors=())


def _numbered(number: int) -> Finding:
    address = f"aws_lambda_function.fn_{number}"
    span = Span(
        f"stacks/{number % 100}/functions.tf",
        1 + number // 100,
        3,
        1 + number // 100,
        30,
        f"  role = aws_iam_role.fn_{number}.arn",
        True,
    )
    place = Place("subject", address, span, "Lambda deletes the interfaces with this role", "update")
    return finding(
        rule=f"ROLE{number % 20:03}",
        severity=Severity(1 + number % 3),
        subject=Subject("function", address),
        message=f"{address} loses ec2:DeleteNetworkInterface while it gives up interfaces",
        places=(place, replace(GRANT, address=f"aws_iam_role_policy_attachment.fn_{number}")),
        identity=f"{number:032x}",
    )
