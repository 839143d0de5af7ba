"""Which table serves a subnet, and where its default route leads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from networks import (
    HERE,
    HIDDEN,
    ISOLATED,
    PRIVATE_ROUTE,
    PUBLIC_ROUTE,
    WITH_NAT,
    Network,
    change,
    function,
    gateway,
    hidden,
    main_of,
    nat,
    route,
    table,
    to,
)

from eni_lint.analysis.routes import Fault, Routes, Way, WayOut
from eni_lint.model.answer import ABSENT, No, Unknown, Yes
from eni_lint.model.deployment import Kind
from eni_lint.model.identity import Literal, Managed, Members, members
from eni_lint.model.network import Appliance, GatewayAttachment

A = Managed("subnet.a")


def way(network: Network, subnet: str = "subnet.a") -> WayOut:
    return Routes(network.world()).way_out(Managed(subnet))


def private(kind: str, target: str, destination: str = "0.0.0.0/0") -> Network:
    return change(WITH_NAT, routes=(PUBLIC_ROUTE, route("table.private", kind, target, destination)))


def test_a_nat_in_a_public_subnet_is_a_way_out() -> None:
    found = way(WITH_NAT)

    assert (found.kind, found.doubt) == (Way.NAT, None)
    assert isinstance(found.answer, Yes)


def test_an_internet_gateway_is_no_way_out_for_a_function() -> None:
    found = way(WITH_NAT, "subnet.public")

    assert found.kind == Way.INTERNET
    assert isinstance(found.answer, No)


def test_a_table_without_a_default_route_leads_nowhere() -> None:
    assert way(ISOLATED).kind == Way.NOWHERE


def test_a_subnet_without_a_table_has_the_main_one() -> None:
    alone = change(WITH_NAT, associations=WITH_NAT.associations[2:])

    assert way(alone).kind == Way.NOWHERE
    assert way(alone).table == "the main route table of vpc.main"
    assert way(change(alone, associations=(*alone.associations, main_of("vpc.main", "table.private")))).kind == Way.NAT
    adopted = (table("table.private", main=True), table("table.public"))
    assert way(change(alone, tables=adopted)).kind == Way.NAT


def test_a_vpcs_own_token_stands_for_its_main_table() -> None:
    alone = change(WITH_NAT, associations=WITH_NAT.associations[2:])
    through_main = route("vpc.main", "nat", "nat.main")

    assert way(change(alone, routes=(PUBLIC_ROUTE, through_main))).kind == Way.NAT
    replaced = change(
        alone,
        routes=(PUBLIC_ROUTE, through_main),
        associations=(*alone.associations, main_of("vpc.main", "table.private")),
    )
    assert way(replaced).kind == Way.NAT


def test_a_replaced_main_table_wins_over_the_adopted_one() -> None:
    tables = (table("table.private"), table("table.public"), table("table.default", main=True))
    associations = (*WITH_NAT.associations[2:], main_of("vpc.main", "table.private"))

    assert way(change(WITH_NAT, tables=tables, associations=associations)).kind == Way.NAT


def test_a_main_table_that_nobody_knows_is_open() -> None:
    alone = change(WITH_NAT, associations=WITH_NAT.associations[2:])
    known = alone.whole - {(Kind.TABLES, "vpc.main")}

    found = way(change(alone, complete=known))

    assert found.kind == Way.OPEN
    assert found.doubt is not None
    assert found.doubt.key == "vpc.main"


def test_an_exported_table_may_get_a_default_route_elsewhere() -> None:
    exported = change(ISOLATED, others={"exported": frozenset([Managed("table.private")])})

    found = way(exported)

    assert found.kind == Way.OPEN
    assert found.doubt is not None
    assert found.doubt.key == "table.private"


def test_a_subnet_that_lives_elsewhere_is_open() -> None:
    found = Routes(WITH_NAT.world()).way_out(Literal("subnet-0a1b"))

    assert found.doubt is not None
    assert found.doubt.key == "subnet-0a1b"


@pytest.mark.parametrize("kind", ["transit", "vpn", "core", "endpoint", "peering", "carrier", "local_gateway"])
def test_another_network_may_lead_out(kind: str) -> None:
    found = way(private(kind, "target.x"))

    assert found.kind == Way.BEYOND
    assert isinstance(found.answer, Unknown)


def test_both_halves_of_the_internet_are_a_default_route() -> None:
    halves = tuple(route("table.private", "nat", "nat.main", half) for half in ("0.0.0.0/1", "128.0.0.0/1"))

    assert way(change(WITH_NAT, routes=(PUBLIC_ROUTE, *halves))).kind == Way.NAT
    assert way(change(WITH_NAT, routes=(PUBLIC_ROUTE, halves[0]))).kind == Way.OPEN


def test_halves_are_longer_than_a_default_route() -> None:
    halves = tuple(route("table.private", "nat", "nat.main", half) for half in ("0.0.0.0/1", "128.0.0.0/1"))
    default = route("table.private", "internet", "igw.main")

    assert way(change(WITH_NAT, routes=(PUBLIC_ROUTE, default, *halves))).kind == Way.NAT
    assert way(change(WITH_NAT, routes=(PUBLIC_ROUTE, default, halves[0]))).kind == Way.INTERNET


@pytest.mark.parametrize(
    ("destination", "expected"),
    [("10.9.0.0/16", Way.NOWHERE), ("52.94.0.0/16", Way.OPEN), ("pl-0f6b", Way.OPEN), ("::/0", Way.NOWHERE)],
)
def test_a_partial_route_matters_where_it_may_hold_public_addresses(destination: str, expected: Way) -> None:
    assert way(private("nat", "nat.main", destination)).kind == expected


def test_a_route_with_an_unknown_destination_may_be_the_default_route() -> None:
    found = way(change(WITH_NAT, routes=(PUBLIC_ROUTE, replace(PRIVATE_ROUTE, destination=HIDDEN))))

    assert (found.kind, found.doubt) == (Way.OPEN, HIDDEN)


def test_a_route_of_an_unknown_table_may_be_the_default_route() -> None:
    found = way(change(WITH_NAT, routes=(PUBLIC_ROUTE, replace(PRIVATE_ROUTE, table=members(hidden())))))

    assert found.kind == Way.OPEN


@pytest.mark.parametrize(
    ("stated", "fault"),
    [
        (nat(subnet=to("subnet.a")), Fault.LEADS_NOWHERE),
        (nat(public=False), Fault.PRIVATE),
        (nat(allocation=ABSENT), Fault.NO_ADDRESS),
        (nat(allocation=Members()), Fault.NO_ADDRESS),
    ],
)
def test_a_broken_nat_is_a_dead_end(stated: object, fault: Fault) -> None:
    found = way(change(WITH_NAT, nats=(stated,)))

    assert (found.kind, found.fault, found.at) == (Way.DEAD_END, fault, "nat.main")
    assert isinstance(found.answer, No)


def test_a_nat_whose_subnet_has_no_default_route_leads_nowhere() -> None:
    assert way(change(WITH_NAT, routes=(PRIVATE_ROUTE,))).fault == Fault.LEADS_NOWHERE


@pytest.mark.parametrize("public", [True, False])
def test_a_nat_behind_another_network_is_no_dead_end(public: bool) -> None:
    behind = change(
        WITH_NAT, nats=(nat(public=public),), routes=(PRIVATE_ROUTE, route("table.public", "transit", "tgw"))
    )

    assert way(behind).kind == (Way.NAT if public else Way.BEYOND)


@pytest.mark.parametrize(
    "stated",
    [
        nat(public=HIDDEN),
        nat(allocation=HIDDEN),
        nat(subnet=members(hidden())),
        nat(subnet=members(Literal("subnet-1"))),
    ],
)
def test_what_is_hidden_about_a_nat_is_a_doubt(stated: object) -> None:
    found = way(change(WITH_NAT, nats=(stated,)))

    assert found.kind == Way.NAT
    assert found.doubt is not None


def test_a_nat_that_lives_elsewhere_is_taken_to_work() -> None:
    elsewhere = replace(PRIVATE_ROUTE, target=members(Literal("nat-0a1b")))

    found = way(change(WITH_NAT, routes=(PUBLIC_ROUTE, elsewhere)))

    assert (found.kind, found.doubt) == (Way.NAT, None)


def test_a_regional_nat_needs_no_subnet_but_a_gateway() -> None:
    regional = change(WITH_NAT, nats=(nat(subnet=ABSENT, vpc=to("vpc.main"), allocation=ABSENT),))

    assert way(regional).kind == Way.NAT
    assert way(change(regional, gateways=())).fault == Fault.LEADS_NOWHERE


def test_a_gateway_is_attached_by_itself_or_by_an_attachment() -> None:
    loose = change(WITH_NAT, gateways=(gateway(vpc=ABSENT),))
    attachment = GatewayAttachment("attachment", HERE, to("igw.main"), to("vpc.main"))

    assert way(loose).fault == Fault.UNATTACHED
    assert way(loose, "subnet.public").fault == Fault.UNATTACHED
    assert way(change(loose, others={"gateway_attachments": (attachment,)})).kind == Way.NAT
    maybe = replace(attachment, gateway=members(hidden()))
    assert isinstance(way(change(loose, others={"gateway_attachments": (maybe,)})).doubt, Unknown)
    assert isinstance(way(change(loose, complete=loose.whole - {(Kind.GATEWAYS, "vpc.main")})).doubt, Unknown)


@pytest.mark.parametrize(("checks", "expected"), [(False, Way.NAT), (True, Way.DEAD_END), (HIDDEN, Way.OPEN)])
def test_an_instance_forwards_only_without_its_source_check(checks: bool, expected: Way) -> None:
    appliances = {"instance.nat": Appliance("instance.nat", HERE, checks)}

    assert way(change(private("interface", "instance.nat"), others={"appliances": appliances})).kind == expected


def test_ipv6_leads_out_through_an_egress_only_gateway() -> None:
    v6 = route("table.private", "egress_only", "eigw.main", "::/0")

    routes = Routes(change(ISOLATED, routes=(PUBLIC_ROUTE, v6)).world())

    assert routes.way_out(A).kind == Way.NOWHERE
    assert routes.way_out_v6(A).kind == Way.EGRESS_ONLY


def test_the_ways_of_a_function_are_those_of_its_subnets() -> None:
    routes = Routes(WITH_NAT.world())
    subnets = Members(sure=(A,), maybe=(Managed("subnet.public"),), rest=HIDDEN)

    ways = routes.ways_of(function(subnets=subnets))

    assert [found.kind for _, found in ways.of(Way.NAT)] == [Way.NAT]
    assert [unknown.key for unknown in ways.doubts(Way.INTERNET)] == ["whether subnet.public is used", "var.hidden"]
    assert [unknown.key for unknown in ways.doubts(Way.NOWHERE)] == ["var.hidden"]
    assert routes.ways_of(function(subnets=ABSENT)).doubts() == ()
    assert routes.ways_of(function(subnets=HIDDEN)).doubts() == (HIDDEN,)


@given(st.permutations(WITH_NAT.routes), st.permutations(WITH_NAT.associations))
def test_the_order_of_statements_never_matters(routes: list[object], associations: list[object]) -> None:
    shuffled = change(WITH_NAT, routes=tuple(routes), associations=tuple(associations))

    assert way(shuffled) == way(WITH_NAT)
