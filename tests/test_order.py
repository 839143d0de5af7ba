"""What is said about order agrees with what Terraform did."""

from __future__ import annotations

from pathlib import Path

from eni_lint.analysis.case import Case
from eni_lint.analysis.order import Phase, Step
from eni_lint.model.answer import No, Unknown, Yes
from eni_lint.model.deployment import CLOUDFORMATION, TERRAFORM, Action, Change, Deployment, Edge, World
from eni_lint.readers.detect import read

DESTROY = Path(__file__).parent.parent / "fixtures" / "plans" / "lifecycle" / "destroy"


def spans() -> dict[str, tuple[int, int]]:
    """Give the lines of the log in which the destruction of each resource began and ended."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate((DESTROY / "destroy.log").read_text("utf-8").splitlines()):
        address, _, says = line.partition(": Destr")
        if says:
            found.setdefault(address, []).append(number)
    return {address: (numbers[0], numbers[-1]) for address, numbers in found.items()}


def test_every_pair_that_is_ordered_was_destroyed_in_that_order_and_no_pair_that_overlapped_is() -> None:
    case = Case(read([str(DESTROY / "plan.json")]).deployments[0])
    log = spans()
    ordered = 0

    for one, (began, ended) in log.items():
        for other, (other_began, other_ended) in log.items():
            answer = case.order.precedes(Step(one, Phase.DESTROY), Step(other, Phase.DESTROY))
            if isinstance(answer, Yes):
                ordered += 1
                assert ended < other_began, f"{one} is said to go before {other}"
            if began < other_ended and other_began < ended:
                assert isinstance(answer, No), f"{one} and {other} were destroyed side by side"

    assert ordered > 30


def deployment(**given: object) -> Deployment:
    edges = {"function": (Edge("group", "recorded"),)}
    plain = {"name": "s", "source": "s", "procedure": TERRAFORM, "after": World(), "edges_before": edges}
    return Deployment(**{**plain, **given})  # type: ignore[arg-type]


def group_before_function(**given: object) -> object:
    order = Case(deployment(**given)).order
    return order.precedes(Step("group", Phase.DESTROY), Step("function", Phase.UPDATE))


def changes(action: Action, create_first: bool | None = None, updated_first: bool | None = None) -> dict[str, Change]:
    return {
        "group": Change("group", action, create_first=create_first),
        "function": Change("function", Action.UPDATE, create_first=updated_first),
    }


def test_terraform_destroys_what_a_function_used_before_it_updates_it() -> None:
    assert isinstance(group_before_function(changes=changes(Action.REPLACE_DELETE_FIRST)), Yes)
    assert isinstance(group_before_function(changes=changes(Action.DELETE, False, False)), Yes)


def test_a_recorded_create_before_destroy_turns_the_order_round() -> None:
    for known in (
        changes(Action.REPLACE_CREATE_FIRST),
        changes(Action.DELETE, True),
        changes(Action.DELETE, None, True),
    ):
        assert isinstance(group_before_function(changes=known), No)


def test_a_plan_that_does_not_show_what_is_recorded_leaves_the_order_open() -> None:
    assert isinstance(group_before_function(changes=changes(Action.DELETE)), Unknown)


def test_cloudformation_removes_after_all_updates() -> None:
    removed = changes(Action.DELETE)

    assert isinstance(group_before_function(changes=removed, procedure=CLOUDFORMATION), No)
    order = Case(deployment(changes=removed, procedure=CLOUDFORMATION)).order
    assert isinstance(order.precedes(Step("function", Phase.UPDATE), Step("group", Phase.DESTROY)), Yes)


def test_what_is_not_connected_is_not_ordered() -> None:
    assert isinstance(group_before_function(changes=changes(Action.DELETE), edges_before={}), No)
