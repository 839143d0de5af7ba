"""What source, saved plans and recorded state add to a plan, and what they must not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from readers.terraform.test_truth import ids_of, links, named

from eni_lint.model.deployment import Change, Deployment
from eni_lint.readers.detect import read
from eni_lint.readers.options import Options
from eni_lint.readers.reading import Reading

FIXTURES = Path(__file__).parents[3] / "fixtures"
PLANS = FIXTURES / "plans"
RECORDED = FIXTURES / "dep001_network_removed_before_release" / "bad-group-destroyed-first" / "terraform"
GROUP = "aws_security_group.functions"


def known(reading: Reading, folder: Path) -> int:
    """Count the links that are known; all of them must be what held after the apply."""
    plan = json.loads((folder / "plan.json").read_bytes())
    ids = ids_of(plan["prior_state"]["values"]["root_module"]) if "prior_state" in plan else {}
    truth = json.loads((folder / "truth.json").read_bytes())
    (deployment,) = reading.deployments
    count = 0
    for address, expected in truth.items():
        wanted = {"role": {expected["role"]}, "subnets": set(expected["subnets"]), "sgs": set(expected["sgs"])}
        for link, group in links(deployment.after.functions[address]).items():
            sure = {named(token, ids) for token in group.sure}
            assert sure == wanted[link] if group.exact else sure <= wanted[link], f"{address} {link}"
            assert group.rest is not None or wanted[link] <= {named(token, ids) for token in group.seen}
            count += group.exact
    return count


def one(reading: Reading) -> Deployment:
    assert reading.errors == ()
    (deployment,) = reading.deployments
    return deployment


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A stack of which the plan alone tells little, to be changed."""
    shutil.copytree(PLANS / "modules", tmp_path / "stack")
    return tmp_path / "stack"


@pytest.mark.parametrize(("name", "links_known"), [("rich", 41), ("modules", 18)])
@pytest.mark.parametrize("saved", [False, True])
def test_links_of_a_plan_with_its_source_are_known_and_right(name: str, links_known: int, saved: bool) -> None:
    folder = PLANS / name

    reading = read([str(folder / "plan.json")], Options(saved_plan=str(folder / "tfplan") if saved else ""))

    assert reading.notes == ()
    assert known(reading, folder) == links_known


def test_a_saved_plan_needs_no_checkout(stack: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    for name in ("plan.json", "tfplan", "truth.json"):
        shutil.copy(stack / name, alone)

    reading = read([str(alone / "plan.json")], Options(saved_plan=str(alone / "tfplan")))

    assert known(reading, alone) == 18


def test_source_that_says_otherwise_adds_nothing_but_lines(stack: Path) -> None:
    main = stack / "main.tf"
    main.write_text(main.read_text().replace("aws_subnet.private[*].id", "slice(aws_subnet.isolated[*].id, 0, 1)"))

    reading = read([str(stack / "plan.json")])

    assert known(reading, stack) < 18
    assert [note.partition(": ")[2] for note in reading.notes] == [
        "made from other source, in which module.service differs: only lines are taken from it"
    ]


def test_a_local_that_changed_since_the_plan_was_made_never_makes_a_link_wrong(stack: Path) -> None:
    function = stack / "modules" / "function" / "main.tf"
    function.write_text(function.read_text().replace("aws_iam_role.this[0].arn : var.role_arn", '"x" : "y"'))

    known(read([str(stack / "plan.json")]), stack)


def test_broken_source_behind_a_plan_is_a_note(stack: Path) -> None:
    (stack / "broken.tf").write_text('resource "aws_vpc" {{\n')

    reading = read([str(stack / "plan.json")])

    assert one(reading).after.functions
    assert "broken.tf:1:" in reading.notes[0]


def test_the_source_root_may_lie_elsewhere(stack: Path, tmp_path: Path) -> None:
    plan = tmp_path / "out" / "plan.json"
    plan.parent.mkdir()
    shutil.move(stack / "plan.json", plan)

    assert known(read([str(plan)]), PLANS / "modules") < 18
    assert known(read([str(plan)], Options(source_root=str(stack))), PLANS / "modules") == 18


def test_a_source_root_without_source_is_an_error(tmp_path: Path) -> None:
    reading = read([str(PLANS / "modules" / "plan.json")], Options(source_root=str(tmp_path)))

    assert [error.message for error in reading.errors] == ["the source root holds no Terraform source"]


def test_the_saved_plan_of_another_plan_is_refused_in_one_line() -> None:
    reading = read([str(PLANS / "modules" / "plan.json")], Options(saved_plan=str(PLANS / "rich" / "tfplan")))

    (error,) = reading.errors
    assert error.message.startswith("not the saved plan of this plan JSON")
    assert "\n" not in error.message


def test_a_saved_plan_alone_is_answered_with_what_to_do() -> None:
    (error,) = read([str(PLANS / "rich" / "tfplan")]).errors

    assert "terraform show -json" in error.message


def changes(options: Options) -> dict[str, Change]:
    return dict(one(read([str(RECORDED / "plan.json")], options)).changes)


def test_what_the_state_recorded_of_replacements_is_known_from_a_saved_plan() -> None:
    assert changes(Options())[GROUP].create_first is None
    assert changes(Options(saved_plan=str(RECORDED / "tfplan")))[GROUP].create_first is False


def raw_state(path: Path, name: str = "functions") -> Path:
    group = {
        "mode": "managed",
        "type": "aws_security_group",
        "name": name,
        "instances": [{"create_before_destroy": True}],
    }
    path.write_text(json.dumps({"version": 4, "serial": 1, "lineage": "x", "resources": [group]}))
    return path


def test_what_the_state_recorded_of_replacements_is_known_from_a_raw_state(tmp_path: Path) -> None:
    assert changes(Options(saved_plan=str(raw_state(tmp_path / "state"))))[GROUP].create_first is True


def test_the_raw_state_of_another_plan_is_refused(tmp_path: Path) -> None:
    state = raw_state(tmp_path / "state", "stranger")

    (error,) = read([str(RECORDED / "plan.json")], Options(saved_plan=str(state))).errors

    assert error.message == "not the state of this plan, which does not know aws_security_group.stranger"


def test_edges_run_through_locals_and_dynamic_blocks_of_the_source() -> None:
    deployment = one(read([str(PLANS / "modules" / "plan.json")]))
    function = "module.report.aws_lambda_function.this"

    assert "module.report.aws_iam_role.this[0]" in {edge.to for edge in deployment.edges[function]}
    assert deployment.open_edges == {}


def test_a_plan_without_source_beside_it_starts_without_the_readers_of_source(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "demo" / "plan.json", tmp_path)
    program = (
        "import sys; from eni_lint.api import lint; lint('plan.json');"
        "print(sorted({'hcl2', 'tfparse', 'lark', 'subprocess', 'regex', 'zipfile'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
