"""What is told of texts that are not known as a whole."""

from __future__ import annotations

import json

import pytest
from msgspec import UNSET, UnsetType

from eni_lint.readers.terraform.hcl.outline import outline, outlines
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


def told_of_a_map(text: str) -> dict[str, str] | None:
    return outlines(parse(f"x = {text}\n", "main.tf").attributes["x"].value, known)


def test_the_names_of_a_map_are_told_whatever_its_values() -> None:
    text = '{ HOST = aws_db_instance.main.address, PORT = 5432, OFF = false, NONE = null, "KEY" = local.service }'

    assert told_of_a_map(text) == {
        "HOST": "${aws_db_instance.main.address}",
        "PORT": "5432",
        "OFF": "false",
        "KEY": "s3",
    }


def test_the_last_map_that_is_merged_wins() -> None:
    assert told_of_a_map('merge({ A = "1", B = "1" }, { A = "2" })') == {"A": "2", "B": "1"}


@pytest.mark.parametrize(
    "text", ["var.environment", 'merge({ A = "1" }, var.more)', "{ for k, v in var.all : k => v }"]
)
def test_a_map_that_others_add_to_is_open(text: str) -> None:
    assert told_of_a_map(text) is None
