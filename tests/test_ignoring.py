"""`--add-ignore` writes suppressions that hold, and touches nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eni_lint.cli import cli
from eni_lint.config import load

FIXTURES = Path(__file__).parent.parent / "fixtures"
LOGS_ONLY = FIXTURES / "iam001_missing_interface_permission" / "bad-logs-only"
REASON = 'known: "mended" in May # later'
TEMPLATE = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRole",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                        }
                    ]
                }
            },
        },
        "Orders": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
            },
        },
    }
}
BLOCKS = {
    "resource": {
        "aws_iam_role": {
            "orders": {
                "name": "orders",
                "assume_role_policy": json.dumps(
                    TEMPLATE["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]
                ),
            }
        },
        "aws_lambda_function": {
            "orders": {
                "function_name": "orders",
                "role": "${aws_iam_role.orders.arn}",
                "vpc_config": {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]},
            }
        },
    }
}


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def added(before: bytes, after: bytes) -> str:
    """Give what was added to a file in one place; fail where anything else happened to it."""
    start = next((n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    grown = len(after) - len(before)
    assert before == after[:start] + after[start + grown :]
    return after[start : start + grown].decode()


def suppressed(folder: Path, name: str) -> bytes:
    """Suppress the one finding of an input, check that it holds and is used, and give the file as it is then."""
    assert [one["rule"] for one in report(name)["findings"]] == ["IAM001"]

    result = run(name, "--add-ignore", REASON)

    assert (result.exit_code, result.output) == (0, f"{name}: 1 suppression written\n")
    assert report(name)["findings"] == report(name)["notes"] == []
    assert [one["reason"] for one in report(name)["suppressed"]] == [REASON]
    assert run(name, "--add-ignore", REASON).output == "nothing to suppress\n"
    return (folder / name).read_bytes()


def report(name: str) -> dict[str, list[dict[str, str]]]:
    return json.loads(run(name, "-f", "json").output)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
@pytest.mark.parametrize("indent", [1, 4, "\t"])
def test_a_template_in_json_is_told_in_metadata(here: Path, indent: int | str, mark: bytes, ending: str) -> None:
    before = mark + json.dumps(TEMPLATE, indent=indent).replace("\n", ending).encode()
    (here / "a.json").write_bytes(before)

    after = suppressed(here, "a.json")

    metadata = {"eni-lint": {"ignore": [{"id": "IAM001", "reason": REASON}]}}
    told = {**TEMPLATE["Resources"]["Role"], "Metadata": metadata}
    wanted = {"Resources": {"Role": told, "Orders": TEMPLATE["Resources"]["Orders"]}}
    assert after == mark + json.dumps(wanted, indent=indent).replace("\n", ending).encode()


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")], ids=["spaced", "tight"])
def test_a_template_in_one_line_stays_in_one_line(here: Path, separators: tuple[str, str]) -> None:
    before = json.dumps(TEMPLATE, separators=separators).encode()
    (here / "a.template").write_bytes(before)

    metadata = {"eni-lint": {"ignore": [{"id": "IAM001", "reason": REASON}]}}
    wanted = json.dumps({"Metadata": metadata}, separators=separators)[1:-1]
    assert added(before, suppressed(here, "a.template")) == separators[0] + wanted


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"Owner": "shop"},
        {"eni-lint": {}},
        {"eni-lint": {"needs": ["s3"]}},
        {"eni-lint": {"ignore": []}},
        {"eni-lint": {"ignore": [{"id": "NET", "reason": "by design"}]}, "Owner": "shop"},
    ],
    ids=str,
)
@pytest.mark.parametrize("indent", [None, 2])
def test_metadata_that_is_there_is_kept(here: Path, metadata: dict[str, object], indent: int | None) -> None:
    resources = {**TEMPLATE["Resources"], "Role": {"Metadata": metadata, **TEMPLATE["Resources"]["Role"]}}
    before = json.dumps({"Resources": resources}, indent=indent).encode()
    (here / "a.json").write_bytes(before)

    run("a.json", "--add-ignore", REASON)

    after = (here / "a.json").read_bytes()
    added(before, after)
    now = json.loads(after)["Resources"]["Role"]["Metadata"]
    ignored = now["eni-lint"].pop("ignore")
    assert ignored[-1] == {"id": "IAM001", "reason": REASON}
    assert ignored[:-1] == metadata.get("eni-lint", {}).pop("ignore", [])
    assert {**now, "eni-lint": {}} == {**metadata, "eni-lint": {}}
    assert report("a.json")["findings"] == []


@pytest.mark.parametrize("comment", [None, "owned by shop"])
def test_terraform_in_json_is_told_in_its_comment(here: Path, comment: str | None) -> None:
    blocks = json.loads(json.dumps(BLOCKS))
    if comment is not None:
        blocks["resource"]["aws_iam_role"]["orders"]["//"] = comment
    before = json.dumps(blocks, indent=2).encode()
    (here / "main.tf.json").write_bytes(before)

    added(before, suppressed(here, "main.tf.json"))


def test_a_comment_in_source_is_one_line_and_nothing_else_changes(here: Path) -> None:
    before = (LOGS_ONLY / "terraform" / "main.tf").read_bytes().replace(b"\n", b"\r\n")
    (here / "main.tf").write_bytes(before)

    assert added(before, suppressed(here, "main.tf")).strip() == f"# eni-lint: ignore[IAM001] {REASON}"


@pytest.mark.parametrize("dialect", ["cloudformation", "sam"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_template_in_yaml_is_told_in_a_comment(here: Path, dialect: str, encoding: str) -> None:
    text = (LOGS_ONLY / dialect / "template.yaml").read_text("utf-8")
    (here / "a.yaml").write_bytes(text.encode(encoding))

    after = suppressed(here, "a.yaml").decode(encoding)

    assert [line for line in after.splitlines() if "eni-lint" not in line] == text.splitlines()


def test_a_module_is_told_at_its_outermost_call(here: Path) -> None:
    shutil.copytree(FIXTURES / "plans" / "rich", here / "rich")
    before = {path: path.read_bytes() for path in (here / "rich").rglob("*.tf")}

    assert run("rich/plan.json", "--add-ignore", REASON).exit_code == 0

    changed = [path.relative_to(here).as_posix() for path, data in before.items() if path.read_bytes() != data]
    assert changed == ["rich/main.tf"]
    assert {one["severity"] for one in report("rich/plan.json")["findings"]} == {"info"}


CONFIGURATIONS = {
    ".eni-lint.yaml": ["", "strict: true", "suppress:\n- {rules: [DEP], reason: r}\n\n# the end\nstrict: true\n"],
    "eni-lint.toml": ["", "strict = true", '[[suppress]]\nrules = ["DEP"]\nreason = "r"\n'],
    "pyproject.toml": ["[tool.eni-lint]\nstrict = true\n\n[tool.other]\na = 1\n"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in CONFIGURATIONS.items() for text in texts])
def test_a_plan_without_source_is_told_in_the_configuration(here: Path, name: str, text: str) -> None:
    shutil.copy(FIXTURES / "demo" / "plan.json", here)
    (here / name).write_text(text, "utf-8", newline="")
    before = load(here / name)

    result = run("plan.json", "--add-ignore", REASON)

    assert (result.exit_code, result.output) == (0, f"{here / name}: 3 suppressions written\n")
    added(text.encode(), (here / name).read_bytes())
    assert load(here / name).suppress[: len(before.suppress)] == before.suppress
    assert load(here / name).strict == before.strict
    assert report("plan.json")["findings"] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [(".eni-lint.yaml", "suppress: []\n"), (".eni-lint.yaml", "{strict: true}"), ("eni-lint.toml", "suppress = []\n")],
)
def test_a_configuration_without_room_stays_as_it_was(here: Path, name: str, text: str) -> None:
    shutil.copy(FIXTURES / "demo" / "plan.json", here)
    (here / name).write_text(text, "utf-8")

    result = run("plan.json", "--add-ignore", REASON)

    assert result.exit_code == 1
    assert result.output.startswith("3 findings left")
    assert (here / name).read_text("utf-8") == text


def test_without_source_and_configuration_one_line_says_what_to_do(here: Path) -> None:
    shutil.copy(FIXTURES / "demo" / "plan.json", here)

    result = run("plan.json", "--add-ignore", REASON)

    assert result.exit_code == 1
    assert "make an empty .eni-lint.yaml" in result.output
    assert result.output.count("\n") == 1


def test_what_a_tool_generates_is_not_written_to(here: Path) -> None:
    shutil.copytree(LOGS_ONLY / "cdk", here / "cdk")
    (here / ".eni-lint.yaml").touch()
    before = (here / "cdk" / "cdk.out" / "Shop.template.json").read_bytes()

    assert run("cdk", "--add-ignore", REASON).output == f"{here / '.eni-lint.yaml'}: 1 suppression written\n"

    assert (here / "cdk" / "cdk.out" / "Shop.template.json").read_bytes() == before
    assert report("cdk")["findings"] == []


def test_a_resource_of_a_loop_is_told_in_the_configuration(here: Path) -> None:
    loop = {"Fn::ForEach::Roles": ["Name", ["Role"], {"${Name}": TEMPLATE["Resources"]["Role"]}]}
    resources = {**loop, "Orders": TEMPLATE["Resources"]["Orders"]}
    template = {"Transform": "AWS::LanguageExtensions", "Resources": resources}
    (here / "a.json").write_text(json.dumps(template, indent=2), "utf-8")
    (here / ".eni-lint.yaml").touch()

    assert run("a.json", "--add-ignore", REASON).output == f"{here / '.eni-lint.yaml'}: 1 suppression written\n"

    assert report("a.json")["findings"] == []


@pytest.mark.parametrize("name", ["plan.json", "a.json"])
def test_a_last_day_in_the_reason_is_one_wherever_it_is_written(here: Path, name: str) -> None:
    shutil.copy(FIXTURES / "demo" / "plan.json", here)
    (here / "a.json").write_text(json.dumps(TEMPLATE), "utf-8")
    (here / ".eni-lint.yaml").touch()

    run(name, "--add-ignore", "soon gone until=2020-01-31", "--select", "IAM")

    assert any("expired on 2020-01-31" in note for note in report(name)["notes"])


def test_what_is_not_shown_is_not_suppressed(here: Path) -> None:
    shutil.copy(FIXTURES / "demo" / "plan.json", here)
    (here / ".eni-lint.yaml").touch()

    run("plan.json", "--add-ignore", REASON, "--min-severity", "error")

    assert {one["rule"] for one in report("plan.json")["findings"]} == {"NET003"}


def test_a_reason_is_needed_and_an_unreadable_input_stops_it(here: Path) -> None:
    (here / "bad.json").write_text("{", "utf-8")

    assert "needs a reason" in run("bad.json", "--add-ignore", " until=2027-01-31 ").output
    assert "2027-02-31 is no date" in run("bad.json", "--add-ignore", "soon until=2027-02-31").output
    assert run("bad.json", "--add-ignore", "  ").exit_code == 2
    assert run("bad.json", "--add-ignore", REASON).exit_code == 2
