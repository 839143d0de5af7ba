"""What is told of texts that are not known as a whole."""

from __future__ import annotations

import json

import pytest
from msgspec import UNSET, UnsetType

from eni_lint.readers.terraform.hcl.outline import outline
from eni_lint.readers.terraform.hcl.records import Constant
from eni_lint.readers.terraform.hcl.syntax import parse
from eni_lint.readers.terraform.hcl.traversals import Traversal

LOCALS: dict[str, Constant] = {"actions": ["ec2:CreateNetworkInterface", "s3:*"], "service": "s3"}


def known(steps: Traversal) -> Constant | UnsetType:
    return LOCALS.get(steps[1][1:], UNSET) if steps[0] == "local" else UNSET


def told(text: str, file: str = "main.tf") -> str | None:
    return outline(parse(f"x = {text}\n", file).attributes["x"].value, known)


def test_a_template_keeps_its_text() -> None:
    assert told('"com.amazonaws.${data.aws_region.current.name}.s3"') == (
        "com.amazonaws.${data.aws_region.current.name}.s3"
    )
    assert told('"com.amazonaws.${var.region}.${local.service}"') == "com.amazonaws.${var.region}.s3"
    assert told('"${upper(var.region)}-${var.names["a"]}"') == "${unknown.value}-${var.names}"


def test_a_document_keeps_its_structure() -> None:
    text = """jsonencode({
      Statement = concat([
        { Effect = "Allow", Action = local.actions, Resource = ["arn:aws:s3:::${var.bucket}/*", aws_s3_bucket.b.arn] },
        var.enabled ? { Effect = "Deny" } : null,
      ], var.further)
    })"""

    assert json.loads(told(text) or "") == {
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["ec2:CreateNetworkInterface", "s3:*"],
                "Resource": ["arn:aws:s3:::${var.bucket}/*", "${aws_s3_bucket.b.arn}"],
            },
            "${unknown.value}",
            "${var.further}",
        ]
    }


def test_a_heredoc_keeps_its_lines() -> None:
    assert told('<<EOF\n{"Resource": "${var.arn}"}\nEOF') == '{"Resource": "${var.arn}"}\n'


@pytest.mark.parametrize(
    "text",
    [
        "var.policy",
        'var.enabled ? "a" : "b"',
        '"a" == var.x',
        '"%{ if var.enabled }a%{ endif }"',
        '[for s in var.all : "a"]',
        'join("", var.all)',
    ],
)
def test_of_what_is_computed_nothing_is_told(text: str) -> None:
    assert told(text) is None


def test_an_object_with_open_keys_is_open() -> None:
    assert told('jsonencode({ Condition = { (var.operator) = { "a:b" = 1 } } })') == (
        '{"Condition": "${unknown.value}"}'
    )
