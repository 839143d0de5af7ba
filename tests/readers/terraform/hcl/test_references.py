"""What expressions refer to, held against what Terraform itself said about the same sources."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from eni_lint.readers.terraform.hcl.meta_arguments import depends_on
from eni_lint.readers.terraform.hcl.records import Block, Expression
from eni_lint.readers.terraform.hcl.syntax import read_file

PLANS = Path(__file__).parents[4] / "fixtures" / "plans"
STACKS = ["rich", "modules", "lifecycle/v1", "lifecycle/v2"]


def configured(plan: str) -> dict[str, Any]:
    configuration = json.loads((PLANS / plan / "plan.json").read_text())["configuration"]
    return configuration["root_module"]


def owners(module: dict[str, Any], folder: Path) -> Iterator[tuple[Block, dict[str, Any]]]:
    blocks = {block.address: block for file in sorted(folder.glob("*.tf")) for block in read_file(file).blocks}
    for resource in module.get("resources", []):
        repeated = {
            name: resource[f"{name}_expression"] for name in ("count", "for_each") if f"{name}_expression" in resource
        }
        yield blocks[resource["address"]], resource.get("expressions", {}) | repeated
    for name, output in module.get("outputs", {}).items():
        yield blocks[f"output.{name}"], {"value": output["expression"]} if "expression" in output else {}
    for name, call in module.get("module_calls", {}).items():
        yield blocks[f"module.{name}"], call.get("expressions", {})
        if call["source"].startswith("."):
            yield from owners(call["module"], folder / call["source"])


def pairs(block: Block, stated: dict[str, Any]) -> Iterator[tuple[str, Expression, dict[str, Any]]]:
    """The expressions that both know; what a plan lumps together is left out: blocks that a provider takes as lists."""
    for name, says in stated.items():
        if name in block.attributes:
            yield f"{block.address}.{name}", block.attributes[name].value, says
        elif isinstance(says, list):
            for nested, part in zip(block.of_type(name), says, strict=True):
                yield from pairs(nested, part)
        elif not says.keys() & {"references", "constant_value"}:
            for nested in block.of_type(name):
                yield from pairs(nested, says)


def known(plan: str) -> list[tuple[str, Expression, dict[str, Any]]]:
    stated = configured(plan)
    return [pair for block, says in owners(stated, PLANS / plan) for pair in pairs(block, says)]


@pytest.mark.parametrize("plan", STACKS)
def test_references_are_those_of_the_plan_in_its_order_and_forms(plan: str) -> None:
    compared = known(plan)

    assert len(compared) > 10
    for where, expression, says in compared:
        assert list(expression.references) == says.get("references", []), where


@pytest.mark.parametrize("plan", STACKS)
def test_a_constant_is_what_the_plan_says_it_is(plan: str) -> None:
    constants = [(where, e.constant, says) for where, e, says in known(plan) if e.constant is not UNSET]

    assert constants
    for where, constant, says in constants:
        assert says == {"constant_value": constant} or (constant is None and not says), where


@pytest.mark.parametrize("plan", STACKS)
def test_explicit_dependencies_are_those_of_the_plan(plan: str) -> None:
    blocks = {block.address: block for file in (PLANS / plan).glob("*.tf") for block in read_file(file).blocks}

    for resource in configured(plan)["resources"]:
        assert list(depends_on(blocks[resource["address"]])) == resource.get("depends_on", [])
