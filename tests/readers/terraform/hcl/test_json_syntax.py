"""The JSON form of the language."""

from pathlib import Path

import pytest

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.dynamic import nested
from eni_lint.readers.terraform.hcl.meta_arguments import depends_on, lifecycle
from eni_lint.readers.terraform.hcl.records import File
from eni_lint.readers.terraform.hcl.syntax import parse, read_file

SAMPLE = Path(__file__).parents[4] / "fixtures" / "hcl" / "syntax" / "main.tf.json"


@pytest.fixture(scope="module")
def sample() -> File:
    return read_file(SAMPLE)


def test_objects_below_labels_are_blocks(sample: File) -> None:
    assert [block.address for block in sample.blocks] == ["aws_lambda_function.worker", "module.network", ""]


def test_strings_are_templates(sample: File) -> None:
    attributes = sample.blocks[0].attributes

    assert attributes["role"].value.references[0] == "aws_iam_role.worker[0].arn"
    assert attributes["function_name"].value.constant == "worker"


def test_an_object_is_a_nested_block_and_an_argument(sample: File) -> None:
    block = sample.blocks[0]
    (placed,) = nested(block, "vpc_config")

    assert list(placed.content.attributes["subnet_ids"].value.references) == ["aws_subnet.a.id", "aws_subnet.a"]
    assert "vpc_config" in block.attributes


def test_a_dynamic_block_does_not_refer_to_its_own_element(sample: File) -> None:
    (mount,) = nested(sample.blocks[0], "file_system_config")

    assert list(mount.content.attributes["arn"].value.references) == []
    assert [list(each.references) for each in mount.each] == [["local.mounts"]]


def test_what_terraform_itself_reads_is_written_in_strings(sample: File) -> None:
    block = sample.blocks[0]

    assert depends_on(block) == ("aws_iam_role_policy.worker",)
    assert lifecycle(block).ignore_changes == ("tags",)
    assert lifecycle(block).create_before_destroy is True


def test_places_are_those_of_keys_and_values(sample: File) -> None:
    role = sample.blocks[0].attributes["role"]

    assert (role.name_span.line, role.name_span.column) == (7, 9)
    assert (role.value.span.line, role.value.span.column) == (7, 17)
    assert sample.blocks[0].header.line == 5


def test_the_members_named_as_comments_are_comments(sample: File) -> None:
    assert [(c.line, c.text) for c in sample.comments] == [(2, "// eni-lint: ignore[ROLE001] made by a tool")]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": }', 1, 7),
        ('{"a": 1} x', 1, 10),
        ('{\n"a": "${"}', 2, 6),
        ("[" * 5000, 1, 61),
        ('{"a" 1}', 1, 6),
        ("{'a': 1}", 1, 2),
        ('{"a": 01}', 1, 7),
        ('"\\ud800"', 1, 1),
    ],
)
def test_an_error_has_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(ReadError) as caught:
        parse(text, "main.tf.json")

    assert (caught.value.line, caught.value.column) == (line, column)
