"""The values that a root module is applied with, in Terraform's order of precedence.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, UnsetType

from eni_lint.readers.terraform.hcl.records import Block
from eni_lint.readers.terraform.hcl.syntax import parse, read_file

PREFIX = "TF_VAR_"

_BY_NAME = ("terraform.tfvars", "terraform.tfvars.json")
_BY_SUFFIX = (".auto.tfvars", ".auto.tfvars.json")
_PLAIN = frozenset(("", "string", "number", "bool"))


class Variables(Struct, frozen=True):
    """Where values come from, weakest first: the environment, then files in their order, then values at hand.

    `values` are what a plan says its variables are.
    """

    files: tuple[Path, ...] = ()
    environment: Mapping[str, str] = {}
    values: Mapping[str, Any] = {}


def find_variables(root: Path, given: Iterable[Path] = (), environment: Mapping[str, str] | None = None) -> Variables:
    """Find the files of variables that Terraform reads in a root folder, then those that are given to it."""
    names = sorted(file.name for file in root.iterdir()) if root.is_dir() else []
    chosen = [name for name in _BY_NAME if name in names] + [name for name in names if name.endswith(_BY_SUFFIX)]
    set_by_environment = {
        name.removeprefix(PREFIX): value for name, value in (environment or {}).items() if name.startswith(PREFIX)
    }
    return Variables((*(root / name for name in chosen), *given), set_by_environment)


def given_names(variables: Variables) -> frozenset[str]:
    """The variables that have a value from outside the configuration."""
    in_files = (name for file in variables.files for name in read_file(file).attributes)
    return frozenset((*in_files, *variables.environment, *variables.values))


def root_values(variables: Variables, blocks: Iterable[Block]) -> dict[str, Any]:
    """The values of a root module's variables as far as they are stated; one without a value is left out."""
    declared = [block for block in blocks if block.type == "variable" and block.labels]
    stated = {block.labels[0]: block.attributes["default"] for block in declared if "default" in block.attributes}
    stated |= parse(environment_file(variables, declared), "environment").attributes
    for file in variables.files:
        stated |= read_file(file).attributes
    constants = {name: attribute.value.constant for name, attribute in stated.items()}
    return {name: value for name, value in constants.items() if not isinstance(value, UnsetType)} | dict(
        variables.values
    )


def environment_file(variables: Variables, blocks: Iterable[Block]) -> str:
    """The text of a file that sets what the environment sets.

    Terraform takes such a value as plain text where the declared type is plain, else as an expression.
    """
    declared = {block.labels[0]: block for block in blocks if block.type == "variable" and block.labels}
    lines = (
        f"{name} = {_quoted(value) if _is_plain(declared[name]) else value}\n"
        for name, value in variables.environment.items()
        if name in declared
    )
    return "".join(lines)


def _is_plain(variable: Block) -> bool:
    kind = variable.attributes.get("type")
    if kind is None:
        return True
    stated = kind.value.constant
    return (kind.value.text if isinstance(stated, UnsetType) else str(stated)) in _PLAIN


def _quoted(text: str) -> str:
    return re.sub(r"([$%])\{", r"\1\1{", json.dumps(text, ensure_ascii=False))
