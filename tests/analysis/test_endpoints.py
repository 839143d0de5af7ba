"""Which endpoints a VPC has, and whether they work for a function."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from networks import (
    HERE,
    HIDDEN,
    ISOLATED,
    Network,
    change,
    endpoint,
    everywhere,
    function,
    group,
    hidden,
    rule,
    to,
    variable,
    vpc,
)

from eni_lint.analysis.egress import Egress
from eni_lint.analysis.endpoints import Endpoints
from eni_lint.analysis.routes import Routes
from eni_lint.model.answer import Answer, No, Unknown, Yes
from eni_lint.model.deployment import Kind
from eni_lint.model.identity import Managed, Members, members
from eni_lint.model.network import EndpointLink

A = Managed("subnet.a")


def endpoints(network: Network) -> Endpoints:
    world = network.world()
    return Endpoints(world, Routes(world), Egress(world))


def serves(network: Network, service: str = "secretsmanager") -> Answer:
    return endpoints(network).serves(network.functions[0], A, service)


def having(*stated: Any, **fields: Any) -> Network:
    return change(ISOLATED, endpoints=stated, **fields)


def test_an_interface_endpoint_serves_the_functions_that_its_group_lets_in() -> None:
    assert isinstance(serves(having(endpoint("secretsmanager"))), Yes)
    assert isinstance(serves(having(endpoint("ssm"))), No)
    closed = (everywhere(), rule("group.endpoints", False, 443, peers=to("group.other")))
    assert isinstance(serves(having(endpoint("secretsmanager"), group_rules=closed)), No)


def test_the_functions_own_groups_must_let_it_out() -> None:
    inbound = rule("group.endpoints", False, 443, cidrs=("10.0.0.0/16",))
    towards = rule(port=443, peers=to("group.endpoints"))

    assert isinstance(serves(having(endpoint("secretsmanager"), group_rules=(inbound,))), No)
    assert isinstance(serves(having(endpoint("secretsmanager"), group_rules=(inbound, towards))), Yes)


def test_private_dns_needs_the_attributes_of_the_vpc() -> None:
    assert isinstance(serves(having(endpoint("secretsmanager"), vpcs=(vpc(dns_support=False),))), No)
    assert isinstance(serves(having(endpoint("secretsmanager"), vpcs=(vpc(dns_hostnames=HIDDEN),))), Unknown)


def test_without_private_dns_the_code_must_name_the_endpoint() -> None:
    apart = endpoint("secretsmanager", private_dns=False)
    named = (variable("SECRETS_URL", "https://vpce-0d9c.secretsmanager.eu-west-1.vpce.amazonaws.com"),)

    assert isinstance(serves(having(apart)), Unknown)
    assert isinstance(serves(having(apart, functions=(function(environment=named),))), Yes)


def test_a_gateway_endpoint_serves_the_subnets_of_its_tables() -> None:
    assert isinstance(serves(having(endpoint("s3", "gateway", tables=to("table.private"))), "s3"), Yes)
    assert isinstance(serves(having(endpoint("s3", "gateway", tables=to("table.public"))), "s3"), No)
    assert isinstance(serves(having(endpoint("s3", "gateway", tables=Members(rest=HIDDEN))), "s3"), Unknown)
    main = having(endpoint("s3", "gateway", tables=to("vpc.main")), associations=())
    assert isinstance(serves(main, "s3"), Yes)


def test_separate_resources_join_tables_and_groups_to_an_endpoint() -> None:
    joins = EndpointLink("link", HERE, to("endpoint.s3"), "table", to("table.private"))
    bare = endpoint("s3", "gateway")

    assert isinstance(serves(having(bare), "s3"), No)
    assert isinstance(serves(having(bare, others={"endpoint_links": (joins,)}), "s3"), Yes)
    maybe = replace(joins, endpoint=members(hidden()))
    assert isinstance(serves(having(bare, others={"endpoint_links": (maybe,)}), "s3"), Unknown)


def test_an_endpoint_of_another_vpc_or_region_serves_nobody_here() -> None:
    assert isinstance(serves(having(endpoint("secretsmanager", vpc=to("vpc.other")))), No)
    assert isinstance(serves(having(endpoint("secretsmanager", region="us-east-1"))), No)
    assert isinstance(serves(having(endpoint("secretsmanager", vpc=members(hidden())))), Unknown)


def test_a_vpc_that_is_not_known_whole_may_have_more_endpoints() -> None:
    partly = ISOLATED.whole - {(Kind.ENDPOINTS, "vpc.main")}

    assert isinstance(serves(having(complete=partly)), Unknown)
    assert isinstance(serves(having(others={"exported": frozenset([Managed("vpc.main")])})), Unknown)
    assert isinstance(serves(having()), No)


@pytest.mark.parametrize(
    ("stated", "exists"),
    [
        (endpoint("secretsmanager", "gateway"), No),
        (endpoint("s3", "gateway"), Yes),
        (endpoint("dynamodb", "gateway", groups=to("group.endpoints")), No),
        (endpoint("secretsmanager"), Yes),
        (endpoint("secretsmanager", tables=to("table.private")), No),
        (endpoint("secretsmanager", HIDDEN), Unknown),
    ],
)
def test_only_some_services_have_a_gateway(stated: Any, exists: type) -> None:
    assert isinstance(endpoints(having(stated)).type_exists(stated), exists)


def test_the_default_group_guards_an_endpoint_without_groups() -> None:
    bare = endpoint("secretsmanager", groups=Members())
    default = (group(), group("group.default", default=True))
    inside = rule("group.default", False, None, itself=True)

    assert isinstance(serves(having(bare)), No)
    assert isinstance(serves(having(bare, groups=default, group_rules=(everywhere(), inside))), No)
    member = replace(
        function(),
        attachment=replace(function().attachment, groups=to("group.default")),
    )
    shared = having(bare, groups=default, functions=(member,), group_rules=(everywhere("group.default"), inside))
    assert isinstance(serves(shared), Yes)
