"""Inputs are told apart by what is in them; a wrong kind is answered with what to do."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from eni_lint.model.place import Origin
from eni_lint.readers.detect import OPTIONS, USED_BY, read
from eni_lint.readers.options import PLAIN

PLAN = {"format_version": "1.2", "resource_changes": [], "configuration": {}}


def problem(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    reading = read([str(path)])
    assert reading.deployments == ()
    (error,) = reading.errors
    assert error.file == str(path)
    assert "\n" not in error.message
    return error.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"format_version": "1.2", "resource_ch', "cut off"),
        (b'{"format_version": 1.2, "resource_changes": []}', "format_version"),
        (b'{"format_version": "2.0", "resource_changes": []}', "format version 2.0 is not known"),
        (b'{"resource_changes": []}', "no format_version"),
        (b'{"version": 4, "serial": 3, "lineage": "x", "resources": []}', "raw state file"),
        (b'{"@level": "info", "@message": "Terraform 1.11", "type": "version"}', "terraform show -json"),
        (b'{"@level": "info", "@message": "a"}\n{"@level": "info", "@message": "b"}', "terraform show -json"),
        (b'{"name": "left-pad", "version": "1.0.0"}', "neither a plan, a state nor a template"),
        (b"[1, 2]", "list"),
        (b"[1, 2", "cut off"),
        (b"[project]\nname = 'x'\n", "is not JSON"),
        (b"\x7fELF\x02\x00\x00", "binary"),
        (b"hello", "neither"),
        (b"{]", "not JSON"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b'{"format_version": "1.2", "resource_changes": [{"type": 7}]}', "not a whole plan"),
        (b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_a_wrong_input_is_answered_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in problem(tmp_path / "input.json", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pyproject.toml", b'[project]\nname = "x"\n'),
        ("list.txt", b"[ ] buy milk\n"),
        ("README.md", b"# Shop\n\nResources are below.\n"),
        ("app.py", b'"""A program."""\n\nResources = {}\n'),
    ],
)
def test_a_file_of_another_kind_is_not_called_json(tmp_path: Path, name: str, content: bytes) -> None:
    assert problem(tmp_path / name, content) == "this is neither a plan, a state nor a template"


def test_a_binary_plan_is_answered_with_the_command_that_helps(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tfplan", "x")

    assert "terraform show -json" in problem(tmp_path / "tfplan", packed.getvalue())


def test_a_missing_file_is_an_error_beside_the_others(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(PLAN))
    reading = read([str(tmp_path / "none.json"), str(plan)])

    assert [error.message for error in reading.errors] == ["there is no such file"]
    assert len(reading.deployments) == 1


def test_a_folder_without_anything_to_read_is_an_error(tmp_path: Path) -> None:
    assert "nothing that can be read" in read([str(tmp_path)]).errors[0].message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_plan_may_come_through_any_shell(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "out.txt"
    path.write_bytes(json.dumps(PLAN).encode(encoding))

    assert read([str(path)]).errors == ()


def test_a_plan_without_functions_is_read_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN))
    reading = read([str(path)])

    assert reading.errors == ()
    assert reading.notes == ()
    assert len(reading.deployments) == 1


def test_a_state_has_no_changes(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"format_version": "1.0", "values": {"root_module": {}}}))
    (deployment,) = read([str(path)]).deployments

    assert deployment.before is None
    assert deployment.changes == {}


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps(PLAN).encode())))

    assert [each.source for each in read(["-"]).deployments] == ["-"]


def test_a_place_without_sources_is_the_file_as_given(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN))
    span = read([str(path)]).sources.locate(Origin(str(path), "aws_vpc.main"))

    assert (span.file, span.line, span.precise) == (str(path), 1, False)


@pytest.mark.parametrize("given", ["", "main.yaml"])
def test_nested_stacks_of_a_directory_elsewhere_are_followed(tmp_path: Path, given: str) -> None:
    nested = "Resources: {Net: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: net.yaml}}}"
    (tmp_path / "main.yaml").write_text(nested)
    (tmp_path / "net.yaml").write_text(
        "Resources: {Main: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}"
    )

    (deployment,) = read([str(tmp_path / given)]).deployments

    assert list(deployment.after.vpcs) == ["Net/Main"]


@pytest.mark.parametrize("name", USED_BY)
def test_an_option_that_no_input_is_for_is_said(name: str, tmp_path: Path) -> None:
    value = {"stack_dir": True, "parameters": ("x",), "var_files": ("x",)}.get(name, "x")
    state = tmp_path / "state.json"
    state.write_text('{"format_version": "1.0", "values": {}}', "utf-8")

    reading = read([str(state)], replace(PLAIN, **{name: value}))

    assert [note.partition(":")[0] for note in reading.notes] == [f"--{OPTIONS.get(name, name)} is not used"]


def test_options_that_an_input_is_for_are_not_mentioned(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("", "utf-8")

    assert read([str(tmp_path)], replace(PLAIN, workspace="dev")).notes == ()


FUNCTION = "{Resources: {F: {Type: AWS::Lambda::Function, Properties: {Role: r}}}}"


def test_a_folder_is_read_with_all_that_it_holds(tmp_path: Path) -> None:
    for folder in ("infra", "cdk.out", ".serverless"):
        (tmp_path / folder).mkdir()
    (tmp_path / "template.yaml").write_text(FUNCTION, "utf-8")
    (tmp_path / "utf16.yaml").write_text(FUNCTION, "utf-16")
    (tmp_path / "values.yaml").write_text("a: [b", "utf-8")
    (tmp_path / "infra" / "main.tf").write_text('resource "aws_lambda_function" "f" {}\n', "utf-8")
    (tmp_path / "cdk.out" / "manifest.json").write_text('{"version": "1", "artifacts": {}}', "utf-8")

    reading = read([str(tmp_path)])

    assert reading.errors == ()
    found = {Path(each.source).name for each in reading.deployments}
    assert found == {"template.yaml", "utf16.yaml", "infra"}


def test_templates_beside_terraform_source_are_read(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_lambda_function" "f" {}\n', "utf-8")
    (tmp_path / "stack.json").write_text('{"Resources": {"F": {"Type": "AWS::Lambda::Function"}}}', "utf-8")

    assert sorted(Path(each.source).name for each in read([str(tmp_path)]).deployments) == [
        "stack.json",
        tmp_path.name,
    ]
