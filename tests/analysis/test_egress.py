"""What groups let through, rule by rule and added up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from networks import HIDDEN, ISOLATED, Network, change, everywhere, group, hidden, rule, to

from eni_lint.analysis.egress import GATEWAY_SERVICE, HTTPS, INTERNET, Egress, Peer
from eni_lint.model.answer import No, Unknown, Yes
from eni_lint.model.deployment import Kind
from eni_lint.model.identity import Literal, Managed, Members, members
from eni_lint.model.network import GroupRule

MINE = to("group.functions")


def egress(*rules: GroupRule, **fields: Any) -> Egress:
    return Egress(change(ISOLATED, group_rules=rules, **fields).world())


def test_a_group_without_rules_is_closed() -> None:
    assert isinstance(egress().is_closed(MINE), Yes)
    assert isinstance(egress(everywhere()).is_closed(MINE), No)
    assert isinstance(egress(rule(egress=False, port=HTTPS, cidrs=("0.0.0.0/0",))).is_closed(MINE), Yes)


def test_the_rules_of_all_groups_add_up() -> None:
    both = Members(sure=(Managed("group.functions"), Managed("group.endpoints")))

    answers = egress(everywhere("group.endpoints"))

    assert isinstance(answers.is_closed(both), No)
    assert isinstance(answers.lets_out(both, HTTPS, INTERNET), Yes)
    assert isinstance(answers.lets_out(MINE, HTTPS, INTERNET), No)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (everywhere(), Yes),
        (rule(port=HTTPS, cidrs=("0.0.0.0/0",)), Yes),
        (rule(protocol="6", from_port=0, to_port=65535, cidrs=("0.0.0.0/0",)), Yes),
        (rule(port=80, cidrs=("0.0.0.0/0",)), No),
        (rule(protocol="udp", from_port=443, to_port=443, cidrs=("0.0.0.0/0",)), No),
        (rule(port=HTTPS, cidrs=("10.0.0.0/8",)), No),
        (rule(port=HTTPS, cidrs=("52.94.0.0/16",)), Unknown),
        (rule(port=HTTPS, peers=to("group.endpoints")), No),
        (rule(port=HTTPS, prefix_lists=members(Literal("pl-1"))), Unknown),
        (rule(protocol=HIDDEN, cidrs=("0.0.0.0/0",)), Unknown),
        (rule(port=HTTPS, cidrs=(HIDDEN,)), Unknown),
        (replace(everywhere(), group=members(hidden())), Unknown),
    ],
)
def test_a_rule_lets_out_what_it_names(stated: GroupRule, expected: type) -> None:
    assert isinstance(egress(stated).lets_out(MINE, HTTPS, INTERNET), expected)


def test_a_prefix_list_is_for_services_with_a_gateway() -> None:
    listed = egress(rule(port=HTTPS, prefix_lists=members(Literal("pl-1"))))

    assert isinstance(listed.lets_out(MINE, HTTPS, GATEWAY_SERVICE), Yes)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (rule("group.endpoints", False, HTTPS, cidrs=("10.0.0.0/16",)), Yes),
        (rule("group.endpoints", False, HTTPS, cidrs=("10.0.1.128/25",)), Unknown),
        (rule("group.endpoints", False, HTTPS, cidrs=("192.168.0.0/16",)), No),
        (rule("group.endpoints", False, HTTPS, peers=MINE), Yes),
        (rule("group.endpoints", False, HTTPS, itself=True), No),
        (rule("group.endpoints", False, HTTPS, peers=members(hidden())), Unknown),
        (rule("group.endpoints", False, HTTPS, peers=Members(rest=HIDDEN)), Unknown),
    ],
)
def test_a_rule_lets_in_whom_it_names(stated: GroupRule, expected: type) -> None:
    peer = Peer(groups=MINE, cidrs=("10.0.1.0/24",))

    assert isinstance(egress(stated).lets_in(to("group.endpoints"), HTTPS, peer), expected)


def test_a_group_that_is_not_known_whole_may_let_more_out() -> None:
    base = Network(groups=(group(),))

    for known in (base.whole - {(Kind.EGRESS, "group.functions")}, frozenset()):
        assert isinstance(egress(complete=known).lets_out(MINE, HTTPS, INTERNET), Unknown)
    exported = egress(others={"exported": frozenset([Managed("group.functions")])})
    assert isinstance(exported.is_closed(MINE), Unknown)


def test_a_rule_for_one_port_of_a_proxy_leads_to_a_proxy() -> None:
    assert isinstance(egress(rule(port=3128, cidrs=("10.0.0.5/32",))).leads_to_proxy(MINE), Yes)
    assert isinstance(egress(everywhere()).leads_to_proxy(MINE), No)


@given(st.permutations([everywhere(), rule(port=80), rule(port=HTTPS, cidrs=("10.0.0.0/8",))]))
def test_the_order_of_rules_never_matters(rules: list[GroupRule]) -> None:
    assert isinstance(egress(*rules).lets_out(MINE, HTTPS, INTERNET), Yes)
