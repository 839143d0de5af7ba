"""Modules, the files that make them up, and the folders that are applied on their own."""

import json
import pickle
import shutil
import subprocess
from pathlib import Path

import pytest

from eni_lint.readers.terraform.hcl.dynamic import nested
from eni_lint.readers.terraform.hcl.meta_arguments import lifecycle
from eni_lint.readers.terraform.hcl.modules import read_tree
from eni_lint.readers.terraform.hcl.roots import find_roots

FIXTURES = Path(__file__).parents[4] / "fixtures"
NET = 'variable "names" {}\noutput "ids" { value = [] }\n'


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def test_a_module_knows_the_chain_of_calls_that_leads_to_it() -> None:
    tree = read_tree(FIXTURES / "plans" / "rich")
    chain = tree.modules["svc", "fn"].calls

    assert set(tree.modules) == {(), ("net",), ("svc",), ("svc", "fn"), ("direct",)}
    assert [(call.name, Path(call.block.header.file).name, call.block.header.line) for call in chain] == [
        ("svc", "main.tf", 131),
        ("fn", "main.tf", 4),
    ]
    assert (tree.missing, tree.errors) == ((), ())


def test_a_module_that_is_not_at_hand_is_named() -> None:
    tree = read_tree(FIXTURES / "hcl" / "unseen")

    assert [(missing.path, missing.calls[-1].source) for missing in tree.missing] == [(("gone",), "./gone")]


def test_an_installed_module_is_found(tmp_path: Path) -> None:
    write(tmp_path, main_dot_tf='module "net" {\n  source = "acme/net/aws"\n}\n', installed__main_dot_tf=NET)
    manifest = {"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "net", "Source": "", "Dir": "installed"}]}
    write(tmp_path, _dot_terraform__modules__modules_dot_json=json.dumps(manifest))

    tree = read_tree(tmp_path)

    assert [block.address for block in tree.modules["net",].blocks] == ["var.names", "output.ids"]


def test_a_module_that_calls_itself_is_an_error_with_a_place(tmp_path: Path) -> None:
    write(
        tmp_path, main_dot_tf='module "a" {\n  source = "./a"\n}', a__main_dot_tf='\nmodule "b" {\n  source = "../a"\n}'
    )

    tree = read_tree(tmp_path)

    assert [(error.message, error.line) for error in tree.errors] == [("module a.b calls itself", 2)]


def test_a_tree_can_cross_a_process() -> None:
    tree = read_tree(FIXTURES / "plans" / "rich")

    assert pickle.loads(pickle.dumps(tree)) == tree


def test_a_broken_file_costs_only_itself(tmp_path: Path) -> None:
    write(tmp_path, bad_dot_tf="resource {", good_dot_tf='resource "aws_vpc" "main" {}')

    tree = read_tree(tmp_path)

    assert [block.address for block in tree.modules[()].blocks] == ["aws_vpc.main"]
    assert [(Path(error.file).name, error.line) for error in tree.errors] == [("bad.tf", 1)]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert [error.message for error in read_tree(tmp_path / "none").errors] == [
        "cannot be read: No such file or directory"
    ]


def test_files_without_the_types_in_question_are_not_parsed(tmp_path: Path) -> None:
    write(tmp_path, bucket_dot_tf='resource "aws_s3_bucket" "b" {', fn_dot_tf='resource "aws_lambda_function" "f" {}')
    write(tmp_path, values_dot_tf="  locals {\n a = 1\n}", json_dot_tf_dot_json='{"variable": {"x": {}}}')

    tree = read_tree(tmp_path, frozenset(("aws_lambda_function",)))

    assert tree.errors == ()
    assert [block.type for block in tree.modules[()].blocks] == ["resource", "variable", "locals"]


def test_an_override_replaces_arguments_and_all_blocks_of_a_type() -> None:
    root = read_tree(FIXTURES / "hcl" / "override").modules[()]
    worker = next(block for block in root.blocks if block.address == "aws_lambda_function.worker")
    (placed,) = nested(worker, "vpc_config")
    (environment,) = nested(worker, "environment")

    assert worker.attributes["memory_size"].value.constant == 256
    assert worker.attributes["memory_size"].value.span.file.endswith("worker_override.tf")
    assert worker.attributes["function_name"].value.span.file.endswith("main.tf")
    assert placed.content.attributes["subnet_ids"].value.constant == ["subnet-2"]
    assert environment.each == ()
    assert root.blocks[0].attributes["size"].value.constant == 2
    assert root.blocks[0].attributes["name"].value.constant == "plain"


def test_an_override_merges_the_lifecycle() -> None:
    root = read_tree(FIXTURES / "hcl" / "override").modules[()]
    kept = lifecycle(root.blocks[-1])

    assert (kept.create_before_destroy, kept.prevent_destroy) == (True, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('resource "a" "c" {}', 'nothing to override: there is no resource "a" "c"'),
        ("locals { x = 1 }", "nothing to override: there is no local.x"),
        ('resource "a" "b" { depends_on = [] }', "depends_on cannot be overridden"),
    ],
)
def test_an_override_that_terraform_refuses_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, main_dot_tf='resource "a" "b" {}', override_dot_tf=text)

    assert [error.message for error in read_tree(tmp_path).errors] == [message]


def test_a_file_for_opentofu_takes_the_place_of_its_namesake(tmp_path: Path) -> None:
    write(tmp_path, main_dot_tf='resource "a" "old" {}', main_dot_tofu='resource "a" "new" {}')

    root = read_tree(tmp_path).modules[()]

    assert [block.address for block in root.blocks] == ["a.new"]
    assert root.ambiguous == "main.tf is not read like the others"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path, live__main_dot_tf='module "m" {\n  source = "../modules/m"\n}', modules__m__main_dot_tf=NET)
    write(tmp_path, nested__main_dot_tf='module "s" { source = "./sub" }', nested__sub__main_dot_tf='provider "aws" {}')
    write(tmp_path, library__main_dot_tf=NET, library__examples__one__main_dot_tf='module "l" { source = "../../" }')
    write(tmp_path, live___dot_terraform__modules__x__main_dot_tf=NET, cache__main_dot_tf=NET, docs__notes_dot_md="")
    return tmp_path


def test_roots_are_folders_that_nobody_calls_or_that_are_applied(repository: Path) -> None:
    assert [root.relative_to(repository).as_posix() for root in find_roots(repository)] == [
        "cache",
        "library/examples/one",
        "live",
        "nested",
        "nested/sub",
    ]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_git_ignores_is_no_root(repository: Path) -> None:
    write(repository, _dot_gitignore="cache/\n.terraform/\n")
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True)

    assert "cache" not in [root.name for root in find_roots(repository)]
    assert [root.name for root in find_roots(repository / "cache")] == ["cache"]


def test_a_folder_may_be_its_own_root(tmp_path: Path) -> None:
    write(tmp_path, main_dot_tf='resource "aws_vpc" "main" {}')

    assert find_roots(tmp_path) == (tmp_path,)


def test_a_module_that_a_link_leads_back_to_calls_itself(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "main.tf").write_text('module "a" {\n  source = "./m"\n}\n')
    (tmp_path / "m" / "main.tf").write_text('module "b" {\n  source = "./n"\n}\n')
    (tmp_path / "m" / "n").symlink_to("..")

    tree = read_tree(tmp_path)

    assert [error.message for error in tree.errors] == ["module a.b calls itself"]
