"""Exports that are named after their stack meet their imports: as is stated, or as is supposed and said."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eni_lint.cli import cli
from eni_lint.engine import judge
from eni_lint.finding import Finding, Verdict
from eni_lint.readers.detect import read
from eni_lint.readers.options import Options
from eni_lint.settings import Settings

from .samples import FIXTURES

HERE = FIXTURES / "stack-names"
OWN = "${AWS::StackName}"
OUTWARD = {"Variables": {"PAYMENTS": "https://api.stripe.com/v1"}}
ROUTE = {
    "Type": "AWS::EC2::Route",
    "Properties": {
        "RouteTableId": {"Ref": "Table"},
        "DestinationCidrBlock": "0.0.0.0/0",
        "NatGatewayId": "nat-0123456789abcdef0",
    },
}


def network(*, export: str = OWN, nat: bool = False, **parameters: object) -> dict[str, Any]:
    """A VPC whose subnet has a way out, or none, and is exported under a name."""
    table = {"RouteTableId": {"Ref": "Table"}, "SubnetId": {"Ref": "SubnetA"}}
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "SubnetA": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}},
        "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
        "TableOfSubnetA": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": table},
        **({"WayOut": ROUTE} if nat else {}),
    }
    exported = {
        name: {"Value": {"Ref": name}, "Export": {"Name": {"Fn::Sub": f"{export}-{name}"}}}
        for name in ("Vpc", "SubnetA")
    }
    return {"Parameters": parameters, "Resources": resources, "Outputs": exported}


def orders(*, of: str = "${NetworkStack}", vpc: str = "Vpc", **parameter: object) -> dict[str, Any]:
    """A function that calls the internet from a subnet which it imports."""

    def imported(name: str) -> dict[str, Any]:
        return {"Fn::ImportValue": {"Fn::Sub": f"{of}-{name}"}}

    group = {"GroupDescription": "functions", "VpcId": imported(vpc)}
    config = {"SubnetIds": [imported("SubnetA")], "SecurityGroupIds": [{"Ref": "Group"}]}
    function = {"Handler": "a.b", "Runtime": "python3.12", "Environment": OUTWARD, "VpcConfig": config}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"NetworkStack": {"Type": "String", **parameter}},
        "Resources": {
            "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": group},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": function},
        },
    }


class Folder:
    """A directory of templates, in which a user stands."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **templates: object) -> tuple[str, ...]:
        for name, template in templates.items():
            (self.path / f"{name}.json").write_text(json.dumps(template))
        return tuple(f"{name}.json" for name in templates)

    def verdict(self, *files: str, **options: Any) -> Verdict:
        return judge(read(files, Options(**options)), Settings())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def ways_out(verdict: Verdict) -> list[tuple[str, str]]:
    """Give the functions without a way out, and when they have none."""
    return [(one.subject.address, one.when) for one in about_ways_out(verdict)]


def supposed(files: Sequence[str], **options: Any) -> list[str]:
    """Give the names that are supposed in a reading."""
    return [one.scenario for one in read(files, Options(**options)).deployments if one.supposed]


def about_ways_out(verdict: Verdict) -> list[Finding]:
    return [finding for finding in verdict.findings if finding.rule == "NET001"]


def deciding(verdict: Verdict) -> set[str]:
    """Give what would decide the ways out."""
    return {one.decided_by for one in verdict.undecided if "NET001" in one.rules}


# What is supposed


@pytest.mark.parametrize(
    ("of", "parameter", "called"),
    [
        ("${NetworkStack}", {}, "${NetworkStack}"),
        ("${NetworkStack}", {"Default": "another"}, "${NetworkStack}"),
        ("network", {}, "network"),
        ("${NetworkStack}-net", {}, "${NetworkStack}-net"),
    ],
)
def test_a_stack_is_supposed_to_bear_the_name_that_imports_have_for_it(
    folder: Folder, of: str, parameter: dict[str, str], called: str
) -> None:
    files = folder.write(net=network(), app=orders(of=of, **parameter))

    verdict = folder.verdict(*files)

    assert [when for _, when in ways_out(verdict)] == [f"net.json is deployed as {called}"]


def test_what_is_supposed_leaves_its_question_open(folder: Folder) -> None:
    by_parameter = folder.verdict(*folder.write(net=network(), app=orders()))
    outright = folder.verdict(*folder.write(net=network(), app=orders(of="network")))

    assert deciding(by_parameter) == {"pass --stack-name net.json=… and --parameters with NetworkStack"}
    assert deciding(outright) == {"pass --stack-name net.json=network"}


def test_a_stack_waits_for_the_one_that_it_is_supposed_to_import_from(folder: Folder) -> None:
    plain, named = read(folder.write(net=network(), app=orders())).deployments

    assert "app/ (inputs)" not in plain.edges
    assert [edge.to for edge in named.edges["app/ (inputs)"]] == ["net/ (stack)"]


def test_a_way_out_in_the_other_stack_gives_nothing(folder: Folder) -> None:
    verdict = folder.verdict(*folder.write(net=network(nat=True), app=orders()))

    assert verdict.findings == ()


def test_the_order_of_the_files_changes_nothing(folder: Folder) -> None:
    folder.write(net=network(), app=orders(), other=orders(of="${NetworkStack}"))

    found = {
        tuple(sorted(ways_out(folder.verdict(*files))))
        for files in permutations(("net.json", "app.json", "other.json"))
    }
    assert found == {tuple(sorted(ways_out(folder.verdict("."))))}
    assert found != {()}


def test_stacks_that_import_by_parameters_of_their_own_agree_on_one_name(folder: Folder) -> None:
    files = folder.write(net=network(), app=orders(), other=orders(of="network"))

    (finding,) = about_ways_out(folder.verdict(*files))

    assert finding.when == "net.json is deployed as network"
    assert {"app/Function", "other/Function"} <= {place.address for place in finding.places}


@pytest.mark.parametrize(
    "others",
    [
        {"blue": network()},
        {"other": orders(of="network"), "third": orders(of="another")},
        {"other": orders(of="network", vpc="Zone")},
        {"other": {"Resources": {}, "Outputs": {"Vpc": {"Value": "vpc-1", "Export": {"Name": "network-Vpc"}}}}},
    ],
    ids=["two candidates", "two names", "an import that it does not export", "a name that is taken"],
)
def test_nothing_is_supposed_where_a_name_does_not_fit(folder: Folder, others: dict[str, object]) -> None:
    app = orders(of="network" if "blue" not in others else "${NetworkStack}")
    files = folder.write(net=network(), app=app, **others)

    assert supposed(files) == []


def test_an_import_that_may_be_parted_in_two_ways_is_no_ground_to_suppose(folder: Folder) -> None:
    other = {"Resources": {}, "Outputs": {"A": {"Value": "a", "Export": {"Name": {"Fn::Sub": OWN + "-net-SubnetA"}}}}}
    files = folder.write(net=network(), other=other, app=orders(of="prod-net", vpc="SubnetA"))

    assert supposed(files) == []


def test_no_two_stacks_bear_one_name(folder: Folder) -> None:
    files = folder.write(net=network(), app=orders(of="network"))

    assert supposed(files) == ["net.json is deployed as network"]
    assert supposed(files, stack_name=("app.json=network",)) == []


def test_a_stack_imports_nothing_from_itself(folder: Folder) -> None:
    app = orders(vpc="SubnetA")
    app["Outputs"] = {"A": {"Value": "a", "Export": {"Name": {"Fn::Sub": OWN + "-SubnetA"}}}}

    assert supposed(folder.write(net=network(), app=app)) == ["net.json is deployed as ${NetworkStack}"]


def test_two_candidates_are_named(folder: Folder) -> None:
    verdict = folder.verdict(*folder.write(net=network(), blue=network(), app=orders()))

    assert ways_out(verdict) == []
    assert deciding(verdict) == {
        "pass --stack-name net.json=… or --stack-name blue.json=… and --parameters with NetworkStack"
    }


def test_two_names_for_one_stack_in_one_importer_are_not_one(folder: Folder) -> None:
    app = orders()
    app["Parameters"]["Blue"] = {"Type": "String"}
    blue = {"Fn::ImportValue": {"Fn::Sub": "${Blue}-SubnetA"}}
    app["Resources"]["Function"]["Properties"]["VpcConfig"]["SubnetIds"].append(blue)

    assert supposed(folder.write(net=network(), app=app)) == []


def test_an_import_that_nobody_here_could_export_has_the_usual_words(folder: Folder) -> None:
    verdict = folder.verdict(*folder.write(net=network(), app=orders(of="${NetworkStack}-private-of")))
    elsewhere = folder.verdict(*folder.write(net=network(export="net"), app=orders()))

    assert "lint it together" not in " ".join(deciding(verdict))
    assert deciding(elsewhere) == {"lint it together with the stack that exports it"}


def test_conditions_and_names_are_supposed_together(folder: Folder) -> None:
    app = orders(of="network")
    app["Parameters"]["Stage"] = {"Type": "String"}
    app["Conditions"] = {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    app["Resources"]["Function"]["Condition"] = "IsProd"

    (finding,) = about_ways_out(folder.verdict(*folder.write(net=network(), app=app)))

    assert finding.when == "IsProd is true, net.json is deployed as network"


def test_a_condition_on_the_name_does_not_hide_what_is_supposed(folder: Folder) -> None:
    app = orders(Default="network")
    app["Conditions"] = {"Shared": {"Fn::Equals": [{"Ref": "NetworkStack"}, "network"]}}
    app["Resources"]["Function"]["Condition"] = "Shared"

    (finding,) = about_ways_out(folder.verdict(*folder.write(net=network(), app=app)))

    assert finding.when == "Shared is true, net.json is deployed as ${NetworkStack}"


def test_an_export_that_is_named_after_a_nested_stack_is_no_name_of_its_own(folder: Folder) -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "child.json"}}
    named = {"Fn::Sub": "${AWS::StackName}-${Child.Outputs.SubnetA}"}
    parent = {"Resources": {"Child": nested}, "Outputs": {"A": {"Value": "a", "Export": {"Name": named}}}}

    files = folder.write(parent=parent, child=network(), app=orders())

    assert supposed(files) == []


def test_an_update_is_judged_under_the_supposed_name(folder: Folder) -> None:
    folder.write(net=network(), app=orders())
    (folder.path / "old").mkdir()
    (folder.path / "old" / "net.json").write_text(json.dumps(network(nat=True)))

    verdict = folder.verdict("net.json", "app.json", before="old/net.json")

    plain, named = read(["net.json", "app.json"], Options(before="old/net.json")).deployments

    assert {when for _, when in ways_out(verdict)} == {"net.json is deployed as ${NetworkStack}"}
    assert deciding(verdict) == {"pass --stack-name net.json=… and --parameters with NetworkStack"}
    assert [one.supposed for one in (plain, named)] == [False, True]
    assert "app/ (inputs)" not in plain.edges
    assert [edge.to for edge in named.edges["app/ (inputs)"]] == ["net/ (stack)"]


def test_thousands_of_names_are_matched_in_no_time(folder: Folder) -> None:
    outputs = {
        f"O{n}": {"Value": "x", "Export": {"Name": {"Fn::Sub": f"${{AWS::StackName}}-{n}"}}} for n in range(5_000)
    }
    imports = {f"I{n}": {"Fn::ImportValue": {"Fn::Sub": f"${{Net}}-{n}"}} for n in range(5_000)}
    app = orders()
    app["Parameters"]["Net"] = {"Type": "String"}
    app["Resources"]["Function"]["Properties"]["Environment"] = {"Variables": imports}
    net = {**network(), "Outputs": outputs}

    assert supposed(folder.write(net=net, app=app)) == ["net.json is deployed as ${Net}"]


# What is stated


def test_a_stated_name_decides(folder: Folder) -> None:
    folder.write(net=network(), app=orders(), given={"NetworkStack": "network"})

    for inputs in (("net.json", "app.json"), ("app.json", "net.json"), (".",)):
        verdict = folder.verdict(*inputs, parameters=("given.json",), stack_name=("net.json=network",))

        assert [when for _, when in ways_out(verdict)] == [""]
        assert deciding(verdict) == set()


def test_a_stated_name_leaves_the_parameter_to_be_given(folder: Folder) -> None:
    files = folder.write(net=network(), app=orders())

    verdict = folder.verdict(*files, stack_name=("net.json=network",))

    assert [when for _, when in ways_out(verdict)] == ["NetworkStack is network"]
    assert deciding(verdict) == {"pass --parameters with NetworkStack"}


def test_a_stack_that_is_called_something_else_exports_nothing_by_another_name(folder: Folder) -> None:
    files = folder.write(net=network(), app=orders(of="network"))

    verdict = folder.verdict(*files, stack_name=("net.json=another",))

    assert ways_out(verdict) == []
    assert deciding(verdict) == {"lint it together with the stack that exports it"}


def test_two_importers_by_one_parameter_are_one_supposition(folder: Folder) -> None:
    files = folder.write(net=network(), app=orders(), other=orders())

    verdict = folder.verdict(*files, stack_name=("net.json=network",))

    assert [when for _, when in ways_out(verdict)] == ["NetworkStack is network"]


def test_a_name_without_a_file_is_that_of_the_only_template(folder: Folder) -> None:
    (alone,) = folder.write(net=network())

    (deployment,) = read([alone], Options(stack_name=("network",))).deployments

    assert deployment.name == "network"


def test_a_name_in_the_environment_is_one_too(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write(net=network(), app=orders(of="network"))
    monkeypatch.setenv("ENI_LINT_STACK_NAME", "net.json=network app.json=orders")

    result = run("net.json", "app.json", "-f", "json")

    assert {finding["when"] for finding in json.loads(result.output)["findings"]} == {""}


def test_the_update_of_a_stack_with_a_stated_name_is_one_of_the_same_stack(folder: Folder) -> None:
    folder.write(net=network(), app=orders(of="network"))
    shutil.copytree(folder.path, folder.path / "old")
    stated = Options(stack_name=("net.json=network",), before="old/net.json")

    (deployment,) = read(["net.json", "app.json"], stated).deployments

    assert "network/Vpc" in deployment.after.vpcs
    assert deployment.before is not None
    assert "network/Vpc" in deployment.before.vpcs


def test_the_name_in_a_samconfig_counts_for_the_template_beside_it(folder: Folder) -> None:
    for name, template in (("net", network()), ("app", orders(of="network"))):
        (folder.path / name).mkdir()
        (folder.path / name / "template.json").write_text(json.dumps(template))
    (folder.path / "net" / "samconfig.toml").write_text('[default.deploy.parameters]\nstack_name = "network"\n')

    verdict = folder.verdict(".", parameters=("net/samconfig.toml",))

    assert [when for _, when in ways_out(verdict)] == [""]


def test_a_template_with_a_name_may_be_new_since_a_revision(folder: Folder) -> None:
    folder.write(net=network(), app=orders(of="network"))
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "Begin"],
    ):
        subprocess.run(["git", *words], cwd=folder.path, check=True)
    folder.write(added=network(export="added"))
    names = ("--stack-name", "net.json=network", "--stack-name", "added.json=added")

    assert run(".", *names).exit_code == 1
    assert run(".", *names, "--since", "HEAD").exit_code == 0


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        (["nett.json=network"], "nett.json is none of the templates that are linted"),
        (["given.json=network"], "given.json is none of the templates that are linted"),
        (["net.json=a", "./net.json=b"], "./net.json is called a already"),
        (["net.json=network", "app.json=network"], "another stack is called network already"),
        (["a", "b"], "the stack is called a already"),
        (["network"], "say --stack-name FILE=network"),
        (["network", "app.json=orders"], "say --stack-name FILE=network"),
        (["net.json="], "a stack cannot be called ''"),
        (["net.json=my stack"], "a stack cannot be called 'my stack'"),
    ],
)
@pytest.mark.parametrize("inputs", [("net.json", "app.json"), (".",)])
def test_a_name_that_cannot_be_is_one_line_and_exit_2(
    folder: Folder, inputs: tuple[str, ...], stated: list[str], says: str
) -> None:
    folder.write(net=network(), app=orders(), given={"NetworkStack": "network"})

    result = run(*inputs, *(word for name in stated for word in ("--stack-name", name)))

    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert says in line


def test_parameters_that_cannot_be_read_are_one_error(folder: Folder) -> None:
    (folder.path / "broken.json").write_text("[[[")

    result = run(*folder.write(net=network()), "--parameters", "broken.json")

    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert "broken.json:2:1: not valid YAML or JSON" in line


def test_an_assembly_names_its_stacks_itself() -> None:
    assert supposed([str(FIXTURES / "cdk" / "multi-stack" / "cdk.out")]) == []
