"""What folders of Terraform source become: root modules, each as far as it can be known."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from eni_lint.cli import cli
from eni_lint.model.answer import Unknown, Why
from eni_lint.model.compute import Attachment, Function
from eni_lint.model.deployment import Deployment, Kind
from eni_lint.model.identity import Literal, Managed, Members
from eni_lint.model.policy import AwsManaged, Document
from eni_lint.readers.detect import read
from eni_lint.readers.options import Options
from eni_lint.readers.terraform import directory
from eni_lint.readers.terraform.hcl import evaluation

FIXTURES = Path(__file__).parents[3] / "fixtures"
FUNCTION = """
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"

  vpc_config {
    subnet_ids         = %s
    security_group_ids = ["sg-1"]
  }
}
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.tf").write_text(text)
    return folder


def one(*paths: Path, **options: object) -> Deployment:
    reading = read(map(str, paths), Options(**options))  # type: ignore[arg-type]
    assert reading.errors == ()
    (deployment,) = reading.deployments
    return deployment


def placed(deployment: Deployment, address: str = "aws_lambda_function.orders") -> Attachment:
    function = deployment.after.functions[address]
    assert isinstance(function, Function)
    assert isinstance(function.attachment, Attachment)
    return function.attachment


def test_links_of_a_folder_are_those_that_held_after_the_apply() -> None:
    folder = FIXTURES / "plans" / "modules"
    truth = json.loads((folder / "truth.json").read_bytes())

    functions = one(folder).after.functions

    assert functions.keys() == truth.keys()
    for address, holds in truth.items():
        function = functions[address]
        assert function.role.sure == (Managed(holds["role"]),)
        if holds["subnets"]:
            assert isinstance(function.attachment, Attachment)
            assert set(function.attachment.subnets.sure) == {Managed(each) for each in holds["subnets"]}
            assert function.attachment.subnets.exact


def test_variables_have_their_values_in_the_order_of_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        main='variable "ids" {\n  type = list(string)\n  default = ["subnet-default"]\n}\n' + FUNCTION % "var.ids",
    )
    given = tmp_path / "prod.values"
    given.write_text('ids = ["subnet-given"]')

    def subnets(**options: object) -> tuple[object, ...]:
        return placed(one(tmp_path, **options)).subnets.sure

    assert subnets() == (Literal("subnet-default"),)
    monkeypatch.setenv("TF_VAR_ids", '["subnet-environment"]')
    assert subnets() == (Literal("subnet-environment"),)
    (tmp_path / "terraform.tfvars").write_text('ids = ["subnet-file"]')
    assert subnets() == (Literal("subnet-file"),)
    (tmp_path / "a.auto.tfvars.json").write_text('{"ids": ["subnet-auto"]}')
    assert subnets() == (Literal("subnet-auto"),)
    assert subnets(var_files=(str(given),)) == (Literal("subnet-given"),)


def test_the_workspace_is_that_which_is_given(tmp_path: Path) -> None:
    write(tmp_path, main=FUNCTION % '["subnet-${terraform.workspace}"]')

    assert placed(one(tmp_path)).subnets.sure == (Literal("subnet-default"),)
    assert placed(one(tmp_path, workspace="prod")).subnets.sure == (Literal("subnet-prod"),)


def test_a_module_on_its_own_is_known_as_far_as_its_variables_allow(tmp_path: Path) -> None:
    write(tmp_path, main='variable "ids" {}\n' + FUNCTION % "var.ids")

    subnets, groups = placed(one(tmp_path)).subnets, placed(one(tmp_path)).groups

    assert groups.sure == (Literal("sg-1"),)
    assert subnets.rest is not None
    assert (subnets.rest.why, subnets.rest.key) == (Why.VARIABLE, "var.ids")
    assert "--var-file" in subnets.rest.decided_by


def test_a_module_that_is_not_at_hand_is_unknown_and_named(tmp_path: Path) -> None:
    text = (
        'resource "aws_vpc" "main" {}\n'
        'resource "aws_vpc" "own" {}\n'
        'module "network" {\n  source = "terraform-aws-modules/vpc/aws"\n  vpc_id = aws_vpc.main.id\n}\n'
    )
    write(tmp_path, main=text + FUNCTION % "module.network.private_subnets")

    reading = read([str(tmp_path)])
    (deployment,) = reading.deployments
    rest = placed(deployment).subnets.rest

    assert [note.removeprefix(f"{tmp_path}: ") for note in reading.notes] == [
        "module.network (terraform-aws-modules/vpc/aws) is not at hand; terraform init fetches it"
    ]
    assert rest is not None
    assert (rest.why, rest.key) == (Why.MODULE, "module.network.private_subnets")
    assert not deployment.after.knows_whole(Kind.TABLES, Managed("aws_vpc.main"))
    assert deployment.after.knows_whole(Kind.TABLES, Managed("aws_vpc.own"))


def test_a_local_module_that_is_missing_is_named(tmp_path: Path) -> None:
    write(tmp_path, main='module "network" {\n  source = "./network"\n}\n' + FUNCTION % "module.network.ids")

    (note,) = read([str(tmp_path)]).notes

    assert note == f"{tmp_path}: module.network (./network) is not at hand; there is no such folder"


def test_a_module_that_terraform_installed_is_read(tmp_path: Path) -> None:
    write(tmp_path, main='module "network" {\n  source = "x/vpc/aws"\n}\n' + FUNCTION % "module.network.ids")
    installed = write(
        tmp_path / ".terraform" / "modules" / "network",
        main='resource "aws_subnet" "a" {}\noutput "ids" {\n  value = [aws_subnet.a.id]\n}\n',
    )
    manifest = {"Modules": [{"Key": "network", "Source": "x", "Dir": ".terraform/modules/network"}]}
    (installed.parent / "modules.json").write_text(json.dumps(manifest))

    assert placed(one(tmp_path)).subnets.sure == (Managed("module.network.aws_subnet.a"),)


def test_what_cannot_be_counted_is_left_out_and_named(tmp_path: Path) -> None:
    text = (
        'variable "names" {}\n'
        'resource "aws_vpc" "main" {}\n'
        'resource "aws_subnet" "a" {}\n'
        'resource "aws_subnet" "b" {\n  for_each = toset(var.names)\n}\n'
        'resource "aws_route_table" "r" {\n  for_each = toset(var.names)\n  vpc_id = aws_vpc.main.id\n}\n'
        'resource "aws_lambda_function" "other" {\n  for_each = toset(var.names)\n}\n'
    )
    write(tmp_path, main=text + FUNCTION % "concat([aws_subnet.a.id], [for s in aws_subnet.b : s.id])")

    deployment = one(tmp_path)
    subnets = placed(deployment).subnets

    assert set(deployment.after.functions) == {"aws_lambda_function.orders"}
    assert deployment.incomplete.startswith("how many aws_lambda_function.other there are is not known: var.names")
    assert subnets.rest is not None
    assert subnets.rest.key == "how many aws_subnet.b there are"
    assert Kind.TABLES not in {kind for kind, _ in deployment.after.complete}
    assert Kind.ENDPOINTS in {kind for kind, _ in deployment.after.complete}


def test_a_block_without_instances_leaves_nothing_open(tmp_path: Path) -> None:
    text = 'resource "aws_subnet" "a" {}\nresource "aws_subnet" "b" {\n  count = 0\n}\n'
    write(tmp_path, main=text + FUNCTION % "concat([aws_subnet.a.id], aws_subnet.b[*].id)")

    assert placed(one(tmp_path)).subnets.exact


def test_numbers_and_switches_are_understood_however_they_are_written(tmp_path: Path) -> None:
    rule = 'egress {\n  from_port = "443"\n  to_port = 443\n  protocol = "tcp"\n  cidr_blocks = ["0.0.0.0/0"]\n}'
    write(tmp_path, main=f'resource "aws_security_group" "g" {{\n{rule}\n}}\n')

    (rule_read,) = one(tmp_path).after.group_rules

    assert (rule_read.from_port, rule_read.to_port) == (443, 443)


def test_what_is_kept_from_destruction_is_known(tmp_path: Path) -> None:
    life = "lifecycle {\n  prevent_destroy = %s\n}"
    texts = (f'resource "aws_vpc" "{name}" {{\n{life % kept}\n}}\n' for name, kept in (("a", "true"), ("b", "false")))
    write(tmp_path, main="".join(texts) + 'resource "aws_vpc" "c" {}\n')

    assert one(tmp_path).kept == {"aws_vpc.a"}


def test_a_syntax_error_names_its_place_and_costs_no_other_root(tmp_path: Path) -> None:
    write(tmp_path / "good", main='provider "aws" {}\n' + FUNCTION % '["subnet-1"]')
    write(tmp_path / "bad", main='provider "aws" {}\nresource "aws_vpc" "main" {\n  cidr_block = \n}\n')

    reading = read([str(tmp_path / "good"), str(tmp_path / "bad")])
    result = CliRunner().invoke(cli, ["--no-config", str(tmp_path / "good"), str(tmp_path / "bad")])

    assert [each.source for each in reading.deployments] == [str(tmp_path / "good")]
    (error,) = reading.errors
    assert error.file == str(tmp_path / "bad" / "main.tf")
    assert error.line in (3, 4)
    assert error.column
    assert result.exit_code == 2


def test_a_root_that_cannot_be_evaluated_is_read_as_written(tmp_path: Path) -> None:
    write(tmp_path, main='resource "aws_subnet" "a" {\n  count = 2\n}\n' + FUNCTION % '["subnet-1"]')
    (tmp_path / "more.tf.json").write_text(json.dumps({"variable": {"size": {"type": "int"}}}))

    reading = read([str(tmp_path)])
    (deployment,) = reading.deployments

    assert placed(deployment).subnets.sure == (Literal("subnet-1"),)
    assert deployment.after.subnets == {}
    assert len(reading.notes) == 1
    assert "not evaluated: tfparse stopped: panic" in reading.notes[0]


def test_a_root_that_takes_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, main=FUNCTION % '["subnet-1"]')
    late = subprocess.TimeoutExpired("tfparse", 30)
    monkeypatch.setattr(evaluation.subprocess, "run", lambda *_, **__: (_ for _ in ()).throw(late))

    reading = read([str(tmp_path)])

    assert reading.notes == (f"{tmp_path}: not evaluated: tfparse did not finish within 30 s",)
    assert placed(reading.deployments[0]).subnets.sure == (Literal("subnet-1"),)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two roots that share a module, one without functions, and folders that are nobody's business."""
    call = 'module "fn" {\n  source  = "../../modules/fn"\n  subnets = ["subnet-%s"]\n}\n'
    write(tmp_path / "modules" / "fn", main='variable "subnets" {}\n' + FUNCTION % "var.subnets")
    write(tmp_path / "envs" / "prod", main=call % "prod")
    write(tmp_path / "envs" / "test", main=call % "test")
    write(tmp_path / "network", main='resource "aws_vpc" "main" {}\n')
    write(tmp_path / "old", main=FUNCTION % '["subnet-old"]')
    write(tmp_path / "envs" / "prod" / ".terraform" / "modules" / "x", main=FUNCTION % '["subnet-x"]')
    (tmp_path / ".gitignore").write_text("old/\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_root_of_a_repository_is_read_once(repository: Path) -> None:
    reading = read(["."])

    assert [each.source for each in reading.deployments] == ["envs/prod", "envs/test"]
    assert {each.name for each in reading.deployments} == {"root module"}
    assert reading.notes == ("1 of 3 root modules have no Lambda functions",)


def test_roots_may_be_read_in_processes_of_their_own(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "WORTH_A_PROCESS", 0)

    reading = read(["."])

    assert [each.source for each in reading.deployments] == ["envs/prod", "envs/test"]
    for deployment in reading.deployments:
        (function,) = deployment.after.functions
        assert reading.sources.locate(deployment.origins[function]).file == "modules/fn/main.tf"


@pytest.mark.parametrize(
    ("paths", "roots"),
    [
        (["modules/fn/main.tf"], ["envs/prod", "envs/test"]),
        (["modules/fn/main.tf", "envs/test/main.tf", "envs"], ["envs/prod", "envs/test"]),
        (["envs/prod/main.tf"], ["envs/prod"]),
        (["old/main.tf"], ["old"]),
    ],
)
def test_a_file_leads_to_its_roots(repository: Path, paths: list[str], roots: list[str]) -> None:
    assert [each.source for each in read(paths).deployments] == roots


def test_a_folder_and_the_files_in_it_are_one_root(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "plans" / "rich", tmp_path / "rich")

    reading = read([str(tmp_path / "rich"), str(tmp_path / "rich" / "main.tf")])

    assert len(reading.deployments) == 1


PARTLY_KNOWN = """
data "aws_region" "current" {}
data "aws_partition" "current" {}
variable "topic" {}
variable "statements" {}
resource "aws_iam_role" "worker" {
  assume_role_policy = jsonencode({ Statement = [] })
}
resource "aws_iam_role_policy" "interfaces" {
  role = aws_iam_role.worker.id
  policy = jsonencode({
    Statement = concat([
      { Effect = "Allow", Action = ["sns:Publish"], Resource = [var.topic] },
      { Effect = var.topic, Action = "s3:*", Resource = "*" },
      { Effect = "Allow", Action = "sqs:*", Resource = "*", Condition = var.topic },
    ], var.statements)
  })
}
resource "aws_iam_role_policy_attachment" "managed" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaRole"
}
resource "aws_iam_role_policy_attachment" "named" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/${var.topic}"
}
resource "aws_vpc_endpoint" "each" {
  for_each     = toset(["sns", "sqs"])
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.${data.aws_region.current.name}.${each.value}"
}
resource "aws_vpc_endpoint" "any" {
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.${data.aws_region.current.name}.${var.topic}"
}
"""


def test_what_a_document_states_is_read_beside_what_is_not_known(tmp_path: Path) -> None:
    world = one(write(tmp_path, main=PARTLY_KNOWN)).after

    (document,) = [grant.policy for grant in world.grants if grant.address == "aws_iam_role_policy.interfaces"]
    assert isinstance(document, Document)
    publish, queues = document.statements
    assert (publish.actions, publish.conditions) == (("sns:Publish",), ())
    assert isinstance(publish.resources[0], Unknown)
    assert isinstance(queues.conditions[0].values[0], Unknown)
    assert document.rest is not None


def test_a_managed_policy_is_known_whatever_the_partition(tmp_path: Path) -> None:
    grants = {grant.address: grant.policy for grant in one(write(tmp_path, main=PARTLY_KNOWN)).after.grants}

    managed = AwsManaged("arn:aws:iam::aws:policy/service-role/AWSLambdaRole")
    assert grants["aws_iam_role_policy_attachment.managed"] == managed
    assert isinstance(grants["aws_iam_role_policy_attachment.named"], Members)


def test_the_service_of_an_endpoint_is_known_whatever_the_region(tmp_path: Path) -> None:
    endpoints = one(write(tmp_path, main=PARTLY_KNOWN)).after.endpoints

    assert endpoints['aws_vpc_endpoint.each["sns"]'].service == "sns"
    assert endpoints['aws_vpc_endpoint.each["sqs"]'].service == "sqs"
    assert isinstance(endpoints["aws_vpc_endpoint.any"].service, Unknown)


ENVIRONMENT = """
variable "api" {}
resource "aws_sqs_queue" "jobs" {}
resource "aws_db_instance" "main" {}
resource "aws_lb" "main" {}
resource "aws_lambda_function" "worker" {
  environment {
    variables = {
      API    = var.api
      QUEUE  = aws_sqs_queue.jobs.url
      DB     = "postgres://${aws_db_instance.main.address}:5432"
      SECRET = aws_db_instance.main.master_user_secret[0].secret_arn
      LB     = aws_lb.main.dns_name
      STAGE  = "live"
    }
  }
}
"""


def test_each_variable_of_a_function_is_known_as_far_as_its_text_tells(tmp_path: Path) -> None:
    environment = one(write(tmp_path, main=ENVIRONMENT)).after.functions["aws_lambda_function.worker"].environment

    assert not isinstance(environment, Unknown)
    assert {each.name: (getattr(each.value, "key", each.value), each.refers_to) for each in environment} == {
        "API": ("var.api", ()),
        "QUEUE": ("aws_lambda_function.worker.environment.variables.QUEUE", (Managed("aws_sqs_queue.jobs"),)),
        "DB": ("aws_lambda_function.worker.environment.variables.DB", (Managed("aws_db_instance.main"),)),
        "SECRET": ("aws_lambda_function.worker.environment.variables.SECRET", ()),
        "LB": ("aws_lambda_function.worker.environment.variables.LB", ()),
        "STAGE": ("live", ()),
    }


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('resource "aws_subnet" "a" "b" {\n}\n', (1, 27), "extraneous label for resource"),
        ("resource {\n}\n", (1, 10), "missing type for resource"),
        ("locals { a = 1 b = 2 }\n", (1, 16), "invalid single-argument block definition"),
    ],
    ids=["label too many", "no label", "one line"],
)
def test_what_only_terraform_refuses_is_refused_at_its_place(
    tmp_path: Path, text: str, place: tuple[int, int], message: str
) -> None:
    write(tmp_path, main=text + FUNCTION % '["subnet-1"]')

    (error,) = read([str(tmp_path)]).errors

    assert (error.file, error.line, error.column) == (str(tmp_path / "main.tf"), *place)
    assert error.message == message


def test_a_local_that_refers_to_itself_is_open(tmp_path: Path) -> None:
    write(tmp_path, main="locals {\n  a = local.b\n  b = local.a\n}\n" + FUNCTION % "local.a")

    subnets = placed(one(tmp_path)).subnets

    assert subnets.rest is not None
    assert subnets.at_least == 1


def test_functions_that_nobody_can_count_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    function = (FUNCTION % '["subnet-1"]').replace("  role ", "  for_each = var.names\n  role ")
    write(tmp_path, main='variable "names" {}\n' + function)

    (note,) = read([str(tmp_path)]).notes

    assert note.startswith(f"{tmp_path}: how many aws_lambda_function.orders there are is not known: var.names")


def test_another_package_in_the_place_of_python_hcl2_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        write(tmp_path / name, main='provider "aws" {}\n' + FUNCTION % "[]", more="locals {}\n")
    monkeypatch.setitem(sys.modules, "hcl2", ModuleType("hcl2"))

    (error,) = read([str(tmp_path)]).errors

    assert "bc-python-hcl2" in error.message


def test_a_text_beside_a_reference_is_a_member(tmp_path: Path) -> None:
    write(tmp_path, main='resource "aws_subnet" "a" {}\n' + FUNCTION % '["subnet-1", aws_subnet.a.id]')

    assert set(placed(one(tmp_path)).subnets.sure) == {Literal("subnet-1"), Managed("aws_subnet.a")}


def test_without_a_plan_what_is_hidden_may_be_the_other_branch(tmp_path: Path) -> None:
    either = 'data.aws_region.here.name == "x" ? [aws_subnet.a.id] : ["subnet-1"]'
    write(tmp_path, main='data "aws_region" "here" {}\nresource "aws_subnet" "a" {}\n' + FUNCTION % either)

    subnets = placed(one(tmp_path)).subnets

    assert subnets.sure == ()
    assert set(subnets.maybe) == {Literal("subnet-1"), Managed("aws_subnet.a")}


def test_all_that_is_open_of_a_role_that_is_looked_up_is_open_for_one_reason(tmp_path: Path) -> None:
    role = one(write(tmp_path, main='data "aws_iam_role" "shared" {\n  name = "shared"\n}')).after.roles[
        "data.aws_iam_role.shared"
    ]

    assert isinstance(role.trust, Unknown)
    assert role.trust == role.boundary
    assert (role.trust.key, role.trust.why) == ("data.aws_iam_role.shared", Why.DATA_SOURCE)
