"""What the Lambda API rejects, whichever of the candidates a function lists."""

from __future__ import annotations

from msgspec.structs import replace
from networks import ISOLATED, Network, change, deployment, function, subnet, to, vpc
from worlds import ask

from eni_lint.analysis.case import Case
from eni_lint.checks import eni006_hard_limits as eni006
from eni_lint.finding import Hit, Undecided
from eni_lint.model.compute import Attachment
from eni_lint.model.identity import Managed, Members

EITHER = Members(maybe=(Managed("subnet.a"), Managed("subnet.b")), at_least=1)


def said(members: Members, **fields: object) -> list[Hit | Undecided]:
    orders = replace(function(), attachment=Attachment(members, to("group.functions")))
    network: Network = change(ISOLATED, functions=(orders,), **fields)
    return ask(eni006, Case(deployment(network)), "function")


def test_which_subnets_it_is_does_not_matter_in_one_vpc() -> None:
    assert said(EITHER) == []


def test_a_list_that_may_be_empty_is_open() -> None:
    assert said(replace(EITHER, at_least=0)) != []


def test_subnets_of_two_vpcs_are_open_while_either_may_be_used() -> None:
    subnets = (subnet("subnet.a"), subnet("subnet.b", vpc=to("vpc.other")))

    (found,) = said(EITHER, subnets=subnets, vpcs=(vpc(), vpc("vpc.other")))

    assert isinstance(found, Undecided)


def test_no_subnet_of_a_vpc_with_dedicated_tenancy_can_be_used() -> None:
    (found,) = said(EITHER, vpcs=(vpc(dedicated=True),))

    assert isinstance(found, Hit)
    assert found.case == "dedicated_tenancy"
