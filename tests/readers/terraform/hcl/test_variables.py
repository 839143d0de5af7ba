"""Which values a root module is applied with."""

from pathlib import Path

import pytest

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.syntax import parse
from eni_lint.readers.terraform.hcl.variables import Variables, environment_file, find_variables, given_names


def test_files_come_in_terraforms_order_and_given_ones_last(tmp_path: Path) -> None:
    for name in ("z.auto.tfvars", "a.auto.tfvars.json", "terraform.tfvars.json", "terraform.tfvars", "prod.tfvars"):
        (tmp_path / name).write_text("{}" if name.endswith(".json") else "")

    found = find_variables(tmp_path, [tmp_path / "prod.tfvars"], {"TF_VAR_a": "1", "HOME": "/"})

    assert [file.name for file in found.files] == [
        "terraform.tfvars",
        "terraform.tfvars.json",
        "a.auto.tfvars.json",
        "z.auto.tfvars",
        "prod.tfvars",
    ]
    assert found.environment == {"a": "1"}


def test_a_variable_is_given_by_file_environment_or_value(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfvars").write_text('a = "x"\n')
    (tmp_path / "b.auto.tfvars.json").write_text('{"b": 1}')
    found = find_variables(tmp_path, environment={"TF_VAR_c": "1"})

    assert given_names(Variables(found.files, found.environment, {"d": None})) == {"a", "b", "c", "d"}


def test_the_environment_is_text_for_plain_types_and_an_expression_for_others() -> None:
    blocks = parse(
        'variable "plain" {}\nvariable "list" { type = list(string) }\nvariable "old" { type = "string" }', "main.tf"
    ).blocks
    environment = {"plain": 'a "${b}"', "list": '["a"]', "old": "[]", "stranger": "x"}

    assert environment_file(Variables(environment=environment), blocks).splitlines() == [
        'plain = "a \\"$${b}\\""',
        'list = ["a"]',
        'old = "[]"',
    ]


def test_a_broken_file_of_variables_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfvars").write_text("a = \n")

    with pytest.raises(ReadError) as caught:
        given_names(find_variables(tmp_path))

    assert (Path(caught.value.file).name, caught.value.line, caught.value.column) == ("terraform.tfvars", 1, 5)
