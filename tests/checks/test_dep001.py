"""A group goes in the change in which a function leaves it, or is only let go of."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from networks import HERE, function, group, to
from worlds import ask, deployed

from eni_lint.checks import dep001_network_removed_before_release as dep001
from eni_lint.finding import Hit
from eni_lint.model.answer import ABSENT
from eni_lint.model.compute import Version
from eni_lint.model.deployment import CLOUDFORMATION, Action, Change, World

FUNCTION, GROUP = "function.orders", "group.functions"
BEFORE = World(functions={FUNCTION: function()}, groups={GROUP: group()})


def case_of(**change: object) -> list[str]:
    changes = {GROUP: Change(GROUP, Action.DELETE), FUNCTION: Change(FUNCTION, **change)}
    found = ask(dep001, deployed(World(), before=BEFORE, changes=changes), "attachable")
    return [one.case for one in found if isinstance(one, Hit)]


@pytest.mark.parametrize(
    ("action", "retained", "case"),
    [
        (Action.DELETE, False, "function_deleted"),
        (Action.DELETE, True, "function_stays"),
        (Action.FORGET, True, "function_stays"),
    ],
)
def test_a_group_fails_to_go_while_a_function_stands_in_it(action: Action, retained: bool, case: str) -> None:
    assert case_of(action=action, retained=retained) == [case]


def test_a_group_that_is_kept_says_nothing_of_a_function_that_is_let_go_of() -> None:
    after = World(groups=BEFORE.groups)
    changes = {FUNCTION: Change(FUNCTION, Action.FORGET, retained=True)}

    assert ask(dep001, deployed(after, before=BEFORE, changes=changes), "attachable") == []


def test_published_versions_are_told_of_where_the_function_moves_on() -> None:
    versions = {"version.orders": Version("version.orders", HERE, to(FUNCTION))}
    moved = World(functions={FUNCTION: function(subnets=ABSENT)})
    changes = {GROUP: Change(GROUP, Action.DELETE), FUNCTION: Change(FUNCTION, Action.UPDATE)}

    before = replace(BEFORE, versions=versions)
    [found] = ask(dep001, deployed(moved, before=before, changes=changes, procedure=CLOUDFORMATION), "attachable")

    assert isinstance(found, Hit)
    assert found.because[-1].says == f"the published versions of {FUNCTION} keep its interfaces until they are deleted"
