"""What Terraform itself reads in a block, and blocks that are made from collections."""

from pathlib import Path

import pytest
from msgspec import UNSET

from eni_lint.readers.terraform.hcl.dynamic import nested
from eni_lint.readers.terraform.hcl.meta_arguments import Lifecycle, depends_on, lifecycle
from eni_lint.readers.terraform.hcl.records import Block
from eni_lint.readers.terraform.hcl.syntax import parse, read_file

SYNTAX = Path(__file__).parents[4] / "fixtures" / "hcl" / "syntax"


@pytest.fixture(scope="module")
def worker() -> Block:
    return read_file(SYNTAX / "main.tf").blocks[0]


def lifecycle_of(text: str) -> Lifecycle:
    return lifecycle(parse(f'resource "a" "b" {{\n  lifecycle {{\n{text}\n  }}\n}}', "main.tf").blocks[0])


def test_explicit_dependencies_are_addresses_also_in_quotes(worker: Block) -> None:
    assert depends_on(worker) == ("aws_iam_role_policy.worker", "module.network", "aws_vpc.legacy")


def test_the_lifecycle_keeps_names_and_triggers(worker: Block) -> None:
    assert lifecycle(worker) == Lifecycle(
        create_before_destroy=True,
        prevent_destroy=False,
        ignore_changes=('tags["team"]', "vpc_config[0].subnet_ids"),
        ignores_all=False,
        replace_triggered_by=('aws_security_group.all["a"].id',),
    )


def test_all_changes_can_be_ignored() -> None:
    assert lifecycle_of("ignore_changes = all").ignores_all
    assert lifecycle_of('ignore_changes = ["all"]').ignores_all


def test_a_flag_that_is_computed_is_unset() -> None:
    assert lifecycle_of("create_before_destroy = var.safe").create_before_destroy is UNSET
    assert lifecycle_of('prevent_destroy = "true"').prevent_destroy is True


def test_a_dynamic_block_refers_to_its_collection_and_to_what_its_content_adds(worker: Block) -> None:
    (placed,) = nested(worker, "vpc_config")
    subnets = placed.content.attributes["subnet_ids"].value

    assert [list(each.references) for each in placed.each] == [["var.placement"]]
    assert list(subnets.references) == ['local.extra["a.b"]', "local.extra"]
    assert subnets.reads == {"subnets"}


def test_an_iterator_renames_the_current_element(worker: Block) -> None:
    (mount,) = nested(worker, "file_system_config")

    assert all(not list(attribute.value.references) for attribute in mount.content.attributes.values())


def test_blocks_inside_dynamic_blocks_are_repeated_by_both() -> None:
    text = """
    resource "a" "b" {
      dynamic "outer" {
        for_each = var.some
        content {
          dynamic "inner" {
            for_each = outer.value.list
            content { x = inner.value + outer.value.y + var.z }
          }
        }
      }
    }
    """
    (inner,) = nested(parse(text, "main.tf").blocks[0], "outer", "inner")

    assert [list(each.references) for each in inner.each] == [["var.some"], []]
    assert list(inner.content.attributes["x"].value.references) == ["var.z"]
