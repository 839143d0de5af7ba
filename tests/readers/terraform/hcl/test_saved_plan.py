"""Saved plans and stored state."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl import saved_plan
from eni_lint.readers.terraform.hcl.evaluation import evaluate
from eni_lint.readers.terraform.hcl.modules import read_tree
from eni_lint.readers.terraform.hcl.raw_state import read_raw_state
from eni_lint.readers.terraform.hcl.saved_plan import SavedPlan, read_saved_plan, read_saved_tree, require_match, unpack

PLANS = Path(__file__).parents[4] / "fixtures" / "plans"
STATE = {"version": 4, "resources": []}


def saved(plan: str) -> SavedPlan:
    return read_saved_plan((PLANS / plan / "tfplan").read_bytes(), "tfplan")


def packed(**members: object) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"tfplan": "", "tfstate": json.dumps(STATE), **members}.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("plan", ["rich", "modules"])
def test_a_saved_plan_has_the_modules_of_its_folder(plan: str) -> None:
    from_plan, from_disk = read_saved_tree(saved(plan)), read_tree(PLANS / plan)

    assert set(from_plan.modules) == set(from_disk.modules)
    for path, module in from_disk.modules.items():
        here = {(b.address, str(PLANS / plan / b.header.file), b.header.line) for b in from_plan.modules[path].blocks}
        assert here >= {(b.address, b.header.file, b.header.line) for b in module.blocks}


@pytest.mark.parametrize("plan", ["rich", "modules"])
def test_an_unpacked_plan_evaluates_like_its_folder(plan: str, tmp_path: Path) -> None:
    types = frozenset(("aws_lambda_function",))
    unpack(saved(plan), tmp_path)

    unpacked = evaluate(read_saved_tree(saved(plan), types), tmp_path, types)
    original = evaluate(read_tree(PLANS / plan, types), PLANS / plan, types)

    links = [
        {i.address: (i.values["role"], i.values.get("vpc_config")) for i in e.instances} for e in (unpacked, original)
    ]
    assert links[0] == links[1]


def test_a_plan_json_is_told_from_another() -> None:
    stamps = {plan: json.loads((PLANS / plan / "plan.json").read_text())["timestamp"] for plan in ("rich", "modules")}

    require_match(saved("rich"), stamps["rich"], frozenset())
    with pytest.raises(ReadError, match="not the saved plan of this plan JSON"):
        require_match(saved("rich"), stamps["modules"], frozenset())


def test_without_a_timestamp_the_recorded_addresses_decide() -> None:
    resource = {"mode": "managed", "type": "aws_vpc", "name": "main", "instances": [{}]}
    plan = read_saved_plan(packed(tfstate=json.dumps({**STATE, "resources": [resource]})), "tfplan")

    require_match(plan, "", frozenset(("aws_vpc.main",)))
    with pytest.raises(ReadError, match=r"does not know aws_vpc\.main"):
        require_match(plan, "", frozenset())


def test_only_names_that_cannot_leave_the_folder_are_read(tmp_path: Path) -> None:
    hostile = {
        f"tfconfig/m-{key}/{name}": "locals {}"
        for key, name in [
            ("", "../up.tf"),
            ("..", "a.tf"),
            ("a/../..", "a.tf"),
            ("", "c:a.tf"),
            ("", "run.sh"),
            ("a.b", "ok.tf"),
        ]
    }
    plan = read_saved_plan(packed(**hostile), "tfplan")
    unpack(plan, tmp_path / "inside")

    assert {key: list(files) for key, files in plan.sources.items()} == {"a.b": ["ok.tf"]}
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]


def test_a_plan_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_plan, "MAX_BYTES", 1 << 20)

    with pytest.raises(ReadError, match="unpacks to more than 1 MiB"):
        read_saved_plan(packed(**{"tfconfig/m-/main.tf": " " * (2 << 20)}), "tfplan")


def test_what_is_no_saved_plan_is_refused_in_one_line() -> None:
    for data in (b"", b"{}", b"PK\x03\x04", packed(tfstate="{}"), packed(tfstate="[" * 5000)):
        with pytest.raises(ReadError) as caught:
            read_saved_plan(data, "tfplan")
        assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(st.integers(0, 5000), st.binary(max_size=20))
def test_reading_a_damaged_plan_raises_nothing_but_read_errors(at: int, junk: bytes) -> None:
    data = (PLANS / "modules" / "tfplan").read_bytes()
    at %= len(data)

    try:
        read_saved_tree(read_saved_plan(data[:at] + junk + data[at + len(junk) :], "tfplan"))
    except ReadError as error:
        assert error.file.startswith("tfplan")


def test_state_tells_what_was_recorded_of_each_instance() -> None:
    instances = [
        {"index_key": "a", "create_before_destroy": True, "dependencies": ["aws_vpc.main"], "attributes": {"id": "x"}},
        {"index_key": "a", "deposed": "12345678"},
    ]
    resource = {"module": "module.m[0]", "mode": "managed", "type": "aws_subnet", "name": "s", "instances": instances}
    data = {"mode": "data", "type": "aws_vpc", "name": "v", "instances": [{"index_key": 1}]}

    found = read_raw_state(json.dumps({**STATE, "resources": [resource, data]}).encode(), "state")

    assert [(r.address, r.is_managed, r.create_before_destroy, r.dependencies, r.deposed) for r in found] == [
        ('module.m[0].aws_subnet.s["a"]', True, True, ("aws_vpc.main",), ""),
        ('module.m[0].aws_subnet.s["a"]', True, False, (), "12345678"),
        ("data.aws_vpc.v[1]", False, False, (), ""),
    ]
    assert json.loads(bytes(found[0].attributes)) == {"id": "x"}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 3}', '{"format_version": "1.0", "values": {}}', '{"encrypted_data": ""}']
)
def test_what_is_no_stored_state_is_refused(text: str) -> None:
    with pytest.raises(ReadError):
        read_raw_state(text.encode(), "state")
