"""What holds for every plan, however odd."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from eni_lint.model.deployment import Deployment, World
from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.plan import read_plan

FIXTURES = Path(__file__).parents[3] / "fixtures"
PLANS = [
    FIXTURES / "plans/rich/plan.json",
    FIXTURES / "plans/lifecycle/v2/plan.json",
    FIXTURES / "readers/network-created/terraform/plan.json",
    FIXTURES / "readers/network-changed/terraform/plan.json",
]
ODD_TEXTS = ("", "x", "[", 'a["b', "each.value", "local.x", "module.x.y", "arn:aws:iam::aws:policy/")
ODD_BLOCKS = ([], {}, [None], [[{}]], {"a": {}}, {"references": ["aws_iam_role.fn[0].arn"]}, {"constant_value": [1]})
ODD = st.sampled_from([None, True, 0, -1, 1.5, 10**30, *ODD_TEXTS, *ODD_BLOCKS])


def plain(deployment: Deployment) -> dict[str, Any]:
    """Give a deployment as something that compares by value."""
    fields = {name: value for name, value in asdict(deployment).items() if not isinstance(value, World)}
    return {**fields, "after": asdict(deployment.after), "before": deployment.before and asdict(deployment.before)}


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in entries for found in [(*path, key), *paths_of(each, (*path, key))]]


def put(value: Any, path: tuple[str | int, ...], odd: Any) -> Any:
    """Put something odd at a path, or nothing where the path has gone."""
    if not path:
        return odd
    first, rest = path[0], path[1:]
    if isinstance(value, dict) and first in value:
        return {**value, first: put(value[first], rest, odd)}
    if isinstance(value, list) and isinstance(first, int) and first < len(value):
        return [*value[:first], put(value[first], rest, odd), *value[first + 1 :]]
    return value


def load(path: Path) -> Any:
    return json.loads(path.read_bytes())


DOCUMENTS = [load(path) for path in PLANS]
EVERY_PATH = [paths_of(document) for document in DOCUMENTS]


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.parts[-3] for path in PLANS])
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_the_order_of_changes_says_nothing(document: Any, data: st.DataObject) -> None:
    shuffled = {**document, "resource_changes": data.draw(st.permutations(document["resource_changes"]))}
    one, other = (read_plan(json.dumps(each).encode(), "plan.json") for each in (document, shuffled))

    assert plain(one) == plain(other)


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.parts[-3] for path in PLANS])
def test_unknown_keys_are_ignored(document: Any) -> None:
    def with_more(value: Any) -> Any:
        if isinstance(value, list):
            return [with_more(each) for each in value]
        if not isinstance(value, dict):
            return value
        more = {"since_terraform_9": {"x": [1]}} if {"address", "format_version"} & set(value) else {}
        return {**{key: with_more(each) for key, each in value.items()}, **more}

    one, other = (read_plan(json.dumps(each).encode(), "plan.json") for each in (document, with_more(document)))

    assert plain(one) == plain(other)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_reading_raises_nothing_but_read_errors(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    document = DOCUMENTS[number]
    for path in data.draw(st.lists(st.sampled_from(EVERY_PATH[number]), min_size=1, max_size=5)):
        document = put(document, path, data.draw(ODD))
    try:
        read_plan(json.dumps(document).encode(), "plan.json")
    except ReadError as error:
        assert error.file == "plan.json"


@given(cut=st.integers(1, 20_000))
@settings(max_examples=30, deadline=None)
def test_a_plan_that_is_cut_off_is_an_error(cut: int) -> None:
    data = PLANS[0].read_bytes().rstrip()

    with pytest.raises(ReadError):
        read_plan(data[:-cut], "plan.json")
