"""What a root evaluates to, and what is not believed."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from eni_lint.readers.terraform.hcl.evaluation import Evaluation, Limits, evaluate
from eni_lint.readers.terraform.hcl.modules import read_tree
from eni_lint.readers.terraform.hcl.trust import Link, Open
from eni_lint.readers.terraform.hcl.variables import Variables, find_variables

FIXTURES = Path(__file__).parents[4] / "fixtures"
TYPES = frozenset(("aws_lambda_function", "aws_subnet", "aws_vpc"))
UNSEEN = FIXTURES / "hcl" / "unseen"


def evaluated(root: Path, variables: Variables | None = None, **options: Any) -> Evaluation:
    return evaluate(read_tree(root, TYPES), root, TYPES, variables or find_variables(root), **options)


@pytest.fixture(scope="module")
def unseen() -> dict[str, dict[str, Any]]:
    return {instance.address: dict(instance.values) for instance in evaluated(UNSEEN).instances}


def placement(values: dict[str, Any]) -> dict[str, Any]:
    (config,) = values["vpc_config"]
    return config


@pytest.mark.parametrize("plan", ["rich", "modules"])
def test_no_link_is_told_that_did_not_hold_after_the_apply(plan: str) -> None:
    truth = json.loads((FIXTURES / "plans" / plan / "truth.json").read_text())
    functions = {i.address: i.values for i in evaluated(FIXTURES / "plans" / plan).instances if "lambda" in i.owner}
    told = 0

    assert functions.keys() == truth.keys()
    for address, holds in truth.items():
        config = functions[address].get("vpc_config", [])
        links = {"role": functions[address]["role"]}
        if not isinstance(config, Open):
            placed = config[0] if config else {"subnet_ids": [], "security_group_ids": []}
            links |= {"subnets": placed["subnet_ids"], "sgs": placed["security_group_ids"]}
        for name, value in links.items():
            if not isinstance(value, Open):
                seen = [link.address for link in (value if isinstance(value, list) else [value])]
                real = holds[name] if isinstance(holds[name], list) else [holds[name]]
                if not any(each.startswith("data.") for each in seen):
                    assert sorted(seen) == sorted(real), (address, name)
                    told += 1
    assert told > len(truth) * 2


def test_an_output_is_told_apart_from_the_input_that_shares_its_name(unseen: dict[str, dict[str, Any]]) -> None:
    assert placement(unseen["aws_lambda_function.shadowed"])["subnet_ids"] == [Link("aws_subnet.all[0]")]


def test_an_output_that_is_read_from_a_whole_module_is_open_where_an_input_shares_its_name(tmp_path: Path) -> None:
    (tmp_path / "shadow").mkdir()
    (tmp_path / "shadow" / "main.tf").write_text((UNSEEN / "shadow" / "main.tf").read_text())
    (tmp_path / "main.tf").write_text(
        'module "shadow" {\n  source  = "./shadow"\n  subnets = ["subnet-1", "subnet-2"]\n}\n'
        'resource "aws_lambda_function" "worker" {\n  layers = values({ a = module.shadow })[0].subnets\n}\n'
    )

    (worker,) = evaluated(tmp_path).instances

    assert worker.values["layers"] == Open("module.shadow has an input and an output of the name subnets")


def test_a_list_that_lost_what_is_looked_up_is_open(unseen: dict[str, dict[str, Any]]) -> None:
    mixed = unseen["aws_lambda_function.mixed"]

    assert placement(mixed) == {
        "subnet_ids": Open("data.aws_subnets.existing.ids is looked up when Terraform runs"),
        "security_group_ids": Open("the source of module.gone is not at hand"),
    }
    assert mixed["role"] == Open("data.aws_caller_identity.me.account_id is looked up when Terraform runs")


def test_what_decides_about_an_element_counts_and_what_does_not_does_not(unseen: dict[str, dict[str, Any]]) -> None:
    chosen = placement(unseen["aws_lambda_function.chosen"])["subnet_ids"]
    sliced = placement(unseen["aws_lambda_function.sound"])["subnet_ids"]

    assert chosen == Open("data.aws_availability_zones.all.names is looked up when Terraform runs")
    assert sliced == [Link("aws_subnet.all[0]"), Link("aws_subnet.all[1]")]


def test_the_id_of_what_is_looked_up_is_a_link(unseen: dict[str, dict[str, Any]]) -> None:
    groups = placement(unseen["aws_lambda_function.shadowed"])["security_group_ids"]

    assert groups == [Link("data.aws_security_group.existing")]


def test_nothing_is_nothing_only_where_it_was_meant(unseen: dict[str, dict[str, Any]]) -> None:
    assert unseen["aws_lambda_function.shadowed"]["role"] is None
    assert unseen["aws_lambda_function.chosen"]["role"] is None
    assert placement(unseen["aws_lambda_function.chosen"])["security_group_ids"] == Open(
        "aws_vpc.main.default_security_group_id is computed by the provider"
    )


def test_blocks_made_from_an_open_collection_are_open(unseen: dict[str, dict[str, Any]]) -> None:
    assert unseen["aws_lambda_function.placed"]["vpc_config"] == Open("var.unset has no value here")


def test_a_text_shows_whose_identity_it_holds_and_hides_what_is_sensitive(unseen: dict[str, dict[str, Any]]) -> None:
    sound = unseen["aws_lambda_function.sound"]

    assert sound["role"] == "${aws_vpc.main}/x"
    assert placement(sound)["security_group_ids"] == Open("it is sensitive")


def test_an_id_that_the_source_states_stays(unseen: dict[str, dict[str, Any]]) -> None:
    key = "11111111-2222-3333-4444-555555555555"

    assert unseen[f'aws_lambda_function.literal["{key}"]'] == {
        "kms_key_arn": f"arn:aws:kms:us-east-1:123456789012:key/{key}"
    }


def test_blocks_whose_instances_cannot_be_counted_are_named() -> None:
    uncounted = {(each.path, each.owner): each.why for each in evaluated(UNSEEN).uncounted}

    assert uncounted == {
        ((), "aws_lambda_function.repeated"): "var.unset has no value here",
        ((), "aws_lambda_function.counted"): "var.unset has no value here",
        ((), "aws_lambda_function.keyed"): "its instances are named by what is known after the deployment",
        (("network",), "aws_subnet.looked_up"): "data.aws_subnets.existing.ids is looked up when Terraform runs",
    }


def test_a_value_from_outside_decides() -> None:
    result = evaluated(UNSEEN, Variables(environment={"unset": "yes"}))
    placed = next(i for i in result.instances if i.owner == "aws_lambda_function.placed")

    assert placement(dict(placed.values))["subnet_ids"] == [Link(f"aws_subnet.all[{n}]") for n in range(3)]


def test_later_values_win_over_earlier_ones(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "a" {}\nvariable "b" {}\n'
        'resource "aws_vpc" "v" {\n  cidr_block = "${var.a}-${var.b}-${terraform.workspace}"\n}'
    )
    (tmp_path / "terraform.tfvars").write_text('a = "file"\nb = "file"\n')
    (tmp_path / "given.tfvars").write_text('b = "given"\n')
    variables = find_variables(tmp_path, [tmp_path / "given.tfvars"], {"TF_VAR_a": "environment"})

    (vpc,) = evaluated(tmp_path, variables, workspace="prod").instances

    assert vpc.values["cidr_block"] == "file-given-prod"


def test_a_type_that_is_none_costs_nothing() -> None:
    (worker,) = evaluated(FIXTURES / "hcl" / "panic").instances

    assert worker.values == {"function_name": "worker"}


def test_a_panic_costs_one_root_and_says_so(tmp_path: Path) -> None:
    panic = {"variable": {"size": {"type": "int"}}, "resource": {"aws_lambda_function": {"worker": {}}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(panic))

    result = evaluated(tmp_path)

    assert result.instances == ()
    assert result.failure.startswith("not evaluated: tfparse stopped: panic: ")


def test_a_run_without_end_is_stopped() -> None:
    result = evaluated(UNSEEN, limits=Limits(seconds=0))

    assert result.failure == "not evaluated: tfparse did not finish within 0 s"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps this limit")
def test_a_run_that_needs_too_much_memory_is_stopped() -> None:
    result = evaluated(UNSEEN, limits=Limits(memory=300 << 20))

    assert result.failure.startswith("not evaluated: tfparse stopped: ")


def test_override_files_override() -> None:
    (worker,) = evaluated(FIXTURES / "hcl" / "override").instances

    assert worker.values["memory_size"] == 256
    assert placement(dict(worker.values))["subnet_ids"] == ["subnet-2"]


def test_override_files_in_json_stop_the_evaluation(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_lambda_function" "worker" {}')
    (tmp_path / "override.tf.json").write_text('{"resource": {"aws_lambda_function": {"worker": {"memory_size": 1}}}}')

    assert evaluated(tmp_path).failure == "not evaluated: override.tf.json is not read like the others"


def test_a_file_for_opentofu_takes_the_place_of_its_namesake(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_lambda_function" "worker" {\n  memory_size = 1\n}')
    (tmp_path / "main.tofu").write_text('resource "aws_lambda_function" "worker" {\n  memory_size = 2\n}')

    (worker,) = evaluated(tmp_path).instances

    assert worker.values == {"memory_size": 2}


DYNAMIC = """
  dynamic "vpc_config" {
    for_each = var.placement == null ? [] : [var.placement]
    content {
      subnet_ids         = vpc_config.value
      security_group_ids = ["sg-1"]
    }
  }
"""
FOLLOWED = """
variable "placement" {
  default = ["subnet-1"]
}
resource "aws_lambda_function" "worker" {
%s
}
"""


@pytest.mark.parametrize(
    "text",
    [
        DYNAMIC + "  lifecycle {\n    create_before_destroy = true\n  }",
        DYNAMIC + '  tracing_config {\n    mode = "Active"\n  }\n  timeouts {\n    create = "5m"\n  }',
        '  tracing_config {\n    mode = "Active"\n  }\n' + DYNAMIC,
    ],
)
def test_a_block_made_from_a_collection_is_there_whatever_follows_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "main.tf").write_text(FOLLOWED % text)

    (worker,) = evaluated(tmp_path).instances

    assert placement(dict(worker.values))["subnet_ids"] == ["subnet-1"]


def test_blocks_made_from_a_collection_are_open_in_json(tmp_path: Path) -> None:
    content = {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}
    worker = {"dynamic": {"vpc_config": {"for_each": [1], "content": content}}}
    (tmp_path / "main.tf.json").write_text(json.dumps({"resource": {"aws_lambda_function": {"worker": worker}}}))

    (instance,) = evaluated(tmp_path).instances

    assert instance.values["vpc_config"] == Open("the evaluator does not make dynamic blocks in JSON")


def test_blocks_that_would_be_lost_beside_json_stop_the_evaluation(tmp_path: Path) -> None:
    text = DYNAMIC + "  lifecycle {\n    create_before_destroy = true\n  }"
    (tmp_path / "main.tf").write_text(FOLLOWED % text)
    (tmp_path / "more.tf.json").write_text("{}")

    evaluation = evaluated(tmp_path)

    assert evaluation.failure == "not evaluated: aws_lambda_function.worker has blocks behind its dynamic blocks"


IDS = """
variable "count_of" { default = 2 }
resource "aws_subnet" "all" {
  count = var.count_of
}
resource "aws_lambda_function" "worker" {
  function_name = %s
}
"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('aws_subnet.all[0].id != null ? "placed" : "free"', "placed"),
        ('length(aws_subnet.all[*].id) > 1 && aws_subnet.all[1].id != null ? "many" : "few"', "many"),
        ('aws_subnet.all[0].id == "subnet-1" ? "a" : "b"', Open("aws_subnet.all.id is known after the deployment")),
    ],
)
def test_that_something_is_there_is_known_before_its_id(tmp_path: Path, text: str, value: object) -> None:
    (tmp_path / "main.tf").write_text(IDS % text)

    told = {instance.address: instance.values for instance in evaluated(tmp_path).instances}

    assert told["aws_lambda_function.worker"]["function_name"] == value


def test_files_that_functions_read_are_found_though_the_source_is_rewritten(tmp_path: Path) -> None:
    (tmp_path / "name.txt").write_text("worker")
    (tmp_path / "main.tf").write_text(
        'variable "size" { type = int }\n'
        'resource "aws_lambda_function" "worker" {\n  function_name = file("${path.module}/name.txt")\n}'
    )

    (worker,) = evaluated(tmp_path).instances

    assert worker.values == {"function_name": "worker"}


def test_files_beside_a_module_are_found_though_the_source_is_rewritten(tmp_path: Path) -> None:
    for name in ("root", "root/worker", "root/texts", "texts"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "name.txt").write_text(name)
    function = (
        'resource "aws_lambda_function" "worker" {\n  function_name = file("${path.module}/../texts/name.txt")\n}'
    )
    (tmp_path / "root" / "main.tf").write_text(
        'variable "size" { type = int }\nmodule "worker" {\n  source = "./worker"\n}\n' + function
    )
    (tmp_path / "root" / "worker" / "main.tf").write_text(function)

    names = {i.address: i.values["function_name"] for i in evaluated(tmp_path / "root").instances}

    assert names == {"aws_lambda_function.worker": "texts", "module.worker.aws_lambda_function.worker": "root/texts"}


def test_code_that_lies_in_the_current_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('run')")
    monkeypatch.chdir(tmp_path)

    assert evaluated(UNSEEN).failure == ""
