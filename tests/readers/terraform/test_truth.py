"""What the reader says of real plans, beside what stood after they were applied."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from eni_lint.model.answer import No, Yes
from eni_lint.model.compute import Attachment, Function
from eni_lint.model.identity import NOBODY, Literal, Managed, Members, Symbol, Token, equal
from eni_lint.readers.options import Options
from eni_lint.readers.terraform.directory import read_directories
from eni_lint.readers.terraform.joined import read_joined
from eni_lint.readers.terraform.plan import read_plan

PLANS = Path(__file__).parents[3] / "fixtures/plans"


def links(function: Function) -> dict[str, Members]:
    attachment = function.attachment
    inside = isinstance(attachment, Attachment)
    return {
        "role": function.role,
        "subnets": attachment.subnets if inside else NOBODY,
        "sgs": attachment.groups if inside else NOBODY,
    }


def named(token: Token, ids: dict[str, str]) -> str:
    match token:
        case Managed(address):
            return ids.get(address, address)
        case Literal(value):
            return value
        case Symbol(unknown):
            return unknown.key


def ids_of(module: dict[str, Any]) -> dict[str, str]:
    found = {each["address"]: each["values"]["id"] for each in module.get("resources", []) if "id" in each["values"]}
    for child in module.get("child_modules", []):
        found |= ids_of(child)
    return found


def verdicts(name: str) -> dict[str, int]:
    """Count the links that are known and right, those that are candidates, and those that are open."""
    text = (PLANS / name / "plan.json").read_bytes()
    truth = json.loads((PLANS / name / "truth.json").read_bytes())
    ids = ids_of(json.loads(text)["prior_state"]["values"]["root_module"]) if "prior_state" in json.loads(text) else {}
    functions = read_plan(text, "plan.json").after.functions
    counts = {"known": 0, "candidates": 0, "open": 0}
    assert set(functions) == set(truth)
    for address, expected in truth.items():
        wanted = {"role": {expected["role"]}, "subnets": set(expected["subnets"]), "sgs": set(expected["sgs"])}
        for link, group in links(functions[address]).items():
            sure = {named(token, ids) for token in group.sure}
            seen = {named(token, ids) for token in group.seen}
            assert sure <= wanted[link], f"{address} {link}: certain, and wrong"
            if group.exact:
                assert sure == wanted[link], f"{address} {link}: exact, and wrong"
                counts["known"] += 1
            elif group.rest is None:
                assert wanted[link] <= seen, f"{address} {link}: the truth is not among the candidates"
                counts["candidates"] += 1
            else:
                assert group.rest.key
                counts["open"] += 1
    return counts


@pytest.mark.parametrize(
    ("name", "known", "candidates"),
    [("rich", 25, 7), ("modules", 8, 0)],
)
def test_links_of_a_create_plan_are_right_or_open(name: str, known: int, candidates: int) -> None:
    counts = verdicts(name)

    assert counts["known"] >= known
    assert counts["known"] + counts["candidates"] >= known + candidates


def test_every_link_of_a_state_is_known() -> None:
    text = json.loads((PLANS / "lifecycle/noop/plan.json").read_bytes())
    state = {"format_version": "1.0", **{key: text["prior_state"][key] for key in ("terraform_version", "values")}}

    from eni_lint.readers.terraform.plan import read_state

    deployment = read_state(json.dumps(state).encode(), "state.json")

    assert deployment.before is None
    assert not deployment.changes
    assert deployment.after.functions
    assert all(group.exact for each in deployment.after.functions.values() for group in links(each).values())


@pytest.mark.parametrize("with_source", [False, True], ids=["folder", "plan and source"])
def test_however_a_value_is_made_its_link_is_right_or_open(with_source: bool) -> None:
    folder = PLANS / "shapes"
    options = Options()
    reading = read_joined((folder / "plan.json").read_bytes(), "plan.json", folder, options) if with_source else None
    deployment = (read_directories([str(folder)], options) if reading is None else reading).deployments[0]
    truth = json.loads((folder / "truth.json").read_bytes())

    found: dict[str, list[tuple[Members, set[str]]]] = {"role": [], "subnets": [], "sgs": []}
    for address, expected in truth.items():
        for link, group in links(deployment.after.functions[address]).items():
            wanted = {expected[link]} if link == "role" else set(expected[link])
            sure, seen = ({named(token, {}) for token in tokens} for tokens in (group.sure, group.seen))
            assert sure <= wanted, f"{address} {link}: certain, and wrong"
            assert group.rest is not None or wanted <= seen, f"{address} {link}: the truth is not among the candidates"
            assert not group.exact or sure == wanted, f"{address} {link}: exact, and wrong"
            found[link].append((group, wanted))
    pairs = [pair for of_link in found.values() for pair in itertools.combinations(of_link, 2)]
    answers = [(equal(one, other), wanted == also) for (one, wanted), (other, also) in pairs]

    assert all(are for answer, are in answers if isinstance(answer, Yes))
    assert not any(are for answer, are in answers if isinstance(answer, No))
    assert sum(group.exact for of_link in found.values() for group, _ in of_link) >= 150
