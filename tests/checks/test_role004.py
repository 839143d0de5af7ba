"""Nothing orders a permission before the functions that need it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from networks import HIDDEN, function, role, to
from worlds import SIX, VPC_ACCESS, allow, ask, carries, deployed, hidings, world

from eni_lint.checks import role004_unordered_permission as role004
from eni_lint.finding import Hit, Undecided
from eni_lint.model.answer import ABSENT
from eni_lint.model.deployment import CLOUDFORMATION, Action, Change
from eni_lint.model.identity import Managed, Members

BESIDE = carries(policy=VPC_ACCESS, address="attachment.network")
REFERS = {"function.orders": ["role.orders"], "attachment.network": ["role.orders"]}
WAITS = {**REFERS, "function.orders": ["role.orders", "attachment.network"]}


def said(*things: Any, edges: Any = REFERS, whole: Any = ("role.orders",), **fields: Any) -> list[Hit | Undecided]:
    return ask(role004, deployed(world(*things, whole=whole), edges, **fields), "deployment")


def changes(function: Action, attachment: Action) -> dict[str, Change]:
    stated = {"function.orders": function, "attachment.network": attachment}
    return {address: Change(address, action) for address, action in stated.items()}


def test_a_policy_attached_beside_the_function_is_unordered() -> None:
    [found] = said(BESIDE)

    assert found.case == "unordered"
    assert found.says == (
        "does not order the permission to manage network interfaces before function.orders: it depends on "
        "role.orders, and not on attachment.network"
    )
    assert found.at == ("function.orders", "")
    assert found.names == {
        "functions": "function.orders",
        "function": "function.orders",
        "carrier": "attachment.network",
        "role": "role.orders",
    }


def test_all_functions_are_one_finding() -> None:
    other = carries(policy=VPC_ACCESS, address="attachment.b", roles=to("role.b"))
    things = (function("function.a"), function("function.b", role=to("role.b")), role(), role("role.b"), BESIDE, other)

    [found] = said(*things, edges={}, whole=("role.orders", "role.b"))

    assert found.numbers == {"functions": 2, "roles": 2}
    assert "before 2 functions: function.a and 1 more depend on role.orders and 1 more" in found.says


@pytest.mark.parametrize(
    "edges",
    [
        WAITS,
        {"function.orders": ["group.functions"], "group.functions": ["attachment.network"]},
    ],
)
def test_a_function_that_waits_directly_or_through_others_is_ordered(edges: Any) -> None:
    assert said(BESIDE, edges=edges) == []


def test_one_carrier_in_the_role_is_enough() -> None:
    inside = carries(allow(*SIX), address="role.orders", inside=True)

    assert said(BESIDE, inside) == []


def test_actions_may_come_from_several_carriers() -> None:
    create = carries(allow(SIX[0]), address="role.orders", inside=True)
    rest = carries(allow(*SIX[1:]), address="policy.rest")

    [found] = said(create, rest)

    assert found.names["carrier"] == "policy.rest"


def test_a_function_outside_of_a_vpc_needs_no_order() -> None:
    assert said(function(attachment=ABSENT), BESIDE) == []


def test_a_role_without_the_permission_is_not_this_rules_matter() -> None:
    assert said(carries(allow("s3:*"))) == []


def test_an_open_policy_that_is_ordered_leaves_the_question_open() -> None:
    inside = carries(policy=HIDDEN, address="role.orders", inside=True)

    assert said(BESIDE, inside) == [Undecided(HIDDEN)]


def test_an_open_policy_that_is_unordered_too_changes_nothing() -> None:
    beside = carries(policy=HIDDEN, address="policy.open")

    [found] = said(BESIDE, beside)

    assert isinstance(found, Hit)


def test_only_open_policies_leave_the_question_open() -> None:
    assert said(carries(policy=HIDDEN)) == [Undecided(HIDDEN)]
    assert said(carries(policy=HIDDEN), edges={"function.orders": ["policy.orders"]}) == []


@pytest.mark.parametrize(
    ("function_does", "attachment_is", "case"),
    [
        (Action.NOTHING, Action.NOTHING, "unchanged"),
        (Action.UPDATE, Action.NOTHING, "unchanged"),
        (Action.CREATE, Action.NOTHING, "unchanged"),
        (Action.NOTHING, Action.CREATE, "unchanged"),
        (Action.UPDATE, Action.CREATE, "unordered"),
        (Action.CREATE, Action.CREATE, "unordered"),
    ],
)
def test_a_permission_that_stands_or_a_function_that_stays_makes_it_latent(
    function_does: Action, attachment_is: Action, case: str
) -> None:
    [found] = said(BESIDE, before=world(), changes=changes(function_does, attachment_is))

    assert found.case == case


def test_an_engine_that_does_not_retry_fails_when_both_are_new() -> None:
    new = changes(Action.CREATE, Action.CREATE)

    [in_change] = said(BESIDE, before=world(), changes=new, procedure=CLOUDFORMATION)
    [in_template] = said(BESIDE, procedure=CLOUDFORMATION)

    assert (in_change.case, in_template.case) == ("both_new", "unordered")


def test_a_policy_that_names_the_function_itself_is_pointed_at() -> None:
    [found] = said(BESIDE, edges={"function.orders": ["role.orders"], "attachment.network": ["function.orders"]})

    assert "itself needs function.orders" in found.because[1].says


@pytest.mark.parametrize("changed", [{"attachment": HIDDEN}, {"role": Members(maybe=(Managed("role.orders"),))}])
def test_a_function_that_may_use_the_role_leaves_the_question_open(changed: dict[str, Any]) -> None:
    assert all(isinstance(one, Undecided) for one in said(replace(function(), **changed), BESIDE))


def test_a_role_that_is_not_known_whole_may_have_the_permission_already() -> None:
    [found] = said(BESIDE, whole=())

    assert isinstance(found, Undecided)


def test_a_function_that_may_need_more_than_is_seen_leaves_the_question_open() -> None:
    assert said(BESIDE, open_edges={"function.orders": HIDDEN}) == [Undecided(HIDDEN)]
    assert said(BESIDE, open_edges={"role.orders": HIDDEN}) == [Undecided(HIDDEN)]
    assert said(BESIDE, open_edges={"function.orders": HIDDEN}, edges=WAITS) == []


def test_hiding_a_value_never_turns_the_hit_into_silence() -> None:
    part = carries(allow(*SIX), address="policy.part")
    whole = world(BESIDE, part)

    assert ask(role004, deployed(whole, REFERS), "deployment")
    for less in hidings(whole, HIDDEN):
        assert ask(role004, deployed(less, REFERS), "deployment")
