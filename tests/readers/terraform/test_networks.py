"""What the reader makes of networks in all the ways that Terraform has to write them, in real plans."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from eni_lint.model.answer import Absent
from eni_lint.model.deployment import Deployment, Kind
from eni_lint.model.identity import Managed, Members, label, members
from eni_lint.readers.terraform.plan import read_plan

from .made import Json, call, change, module, new, plan, read, refers

FIXTURES = Path(__file__).parents[3] / "fixtures/readers"
MAIN = "aws_vpc.plain (main route table)"


@cache
def read_fixture(name: str) -> Deployment:
    return read_plan((FIXTURES / name / "terraform/plan.json").read_bytes(), "plan.json")


def created() -> Deployment:
    return read_fixture("network-created")


def changed() -> Deployment:
    return read_fixture("network-changed")


def to(address: str) -> Members:
    return members(Managed(address))


def test_nothing_stood_before_a_first_deploy() -> None:
    assert created().before is None
    assert changed().before is not None


def test_every_subnet_has_its_vpc_and_its_table() -> None:
    world = created().after

    assert {subnet.vpc for subnet in world.subnets.values()} == {to("aws_vpc.main")}
    assert {label(each.subnet.sure[0]): label(each.table.sure[0]) for each in world.associations} == {
        'aws_subnet.private["a"]': 'aws_route_table.private["a"]',
        'aws_subnet.private["b"]': 'aws_route_table.private["b"]',
        "aws_subnet.public[0]": "aws_route_table.public",
        "aws_subnet.public[1]": "aws_route_table.public",
    }


def test_routes_in_and_beside_tables_lead_to_their_targets() -> None:
    found = {
        (label(each.table.sure[0]), str(each.destination)): (each.target_kind, label(each.target.sure[0]))
        for each in created().after.routes
    }

    assert found == {
        (MAIN, "0.0.0.0/0"): ("internet", "aws_internet_gateway.loose"),
        ('aws_route_table.private["a"]', "0.0.0.0/0"): ("nat", "aws_nat_gateway.nat[0]"),
        ('aws_route_table.private["b"]', "0.0.0.0/0"): ("nat", "aws_nat_gateway.nat[0]"),
        ("aws_route_table.public", "0.0.0.0/0"): ("internet", "aws_internet_gateway.igw"),
        ("aws_route_table.public", "10.9.0.0/16"): ("nat", "aws_nat_gateway.nat[0]"),
    }


def test_a_gateway_in_the_attribute_of_another_kind_is_what_it_is() -> None:
    route = {"nat_gateway_id": refers("aws_internet_gateway.g.id", "aws_internet_gateway.g")}
    hidden = {"nat_gateway_id": True, "network_interface_id": True, "instance_id": True}
    changes = [
        change("aws_route.r", after={"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0"}, unknown=hidden),
        *new("aws_internet_gateway.g"),
    ]
    (found,) = read(plan(changes, module({"aws_route.r": route}))).after.routes

    assert (found.target_kind, found.given_as) == ("internet", "nat_gateway_id")
    assert found.target == to("aws_internet_gateway.g")


def test_before_and_after_give_routes_the_same_targets() -> None:
    before, after = changed().before, changed().after
    assert before is not None
    kept = {each for each in before.routes if not each.address.startswith("aws_route.private")}

    assert kept == set(after.routes)


def test_a_vpc_has_a_main_table_that_nobody_wrote() -> None:
    world = created().after

    assert world.tables[MAIN].main is True
    assert (Kind.ROUTES, "aws_vpc.main (main route table)") in world.complete
    assert (Kind.ROUTES, MAIN) not in world.complete


def test_an_adopted_main_table_takes_the_place_of_the_unseen_one() -> None:
    adopted = {"default_route_table_id": refers("aws_vpc.v.default_route_table_id", "aws_vpc.v")}
    route = {"route_table_id": refers("aws_vpc.v.main_route_table_id", "aws_vpc.v")}
    computed = {"id": True, "vpc_id": True, "default_route_table_id": True, "route": True}
    changes = [
        change(
            "aws_vpc.v", after={}, unknown={"id": True, "default_route_table_id": True, "main_route_table_id": True}
        ),
        change("aws_default_route_table.t", after={}, unknown=computed),
        change("aws_route.r", after={"destination_cidr_block": "0.0.0.0/0"}, unknown={"route_table_id": True}),
    ]
    root = module({"aws_vpc.v": {}, "aws_default_route_table.t": adopted, "aws_route.r": route})
    world = read(plan(changes, root)).after

    assert list(world.tables) == ["aws_default_route_table.t"]
    assert world.tables["aws_default_route_table.t"].vpc == to("aws_vpc.v")
    assert world.routes[0].table == to("aws_default_route_table.t")


def test_gateways_are_attached_in_either_way() -> None:
    world = created().after

    assert world.gateways["aws_internet_gateway.igw"].vpc == to("aws_vpc.main")
    assert world.gateways["aws_internet_gateway.loose"].vpc == Absent()
    assert [each.vpc for each in world.gateway_attachments] == [to("aws_vpc.plain")]


def test_nat_gateways_have_subnet_and_address() -> None:
    nat = created().after.nats["aws_nat_gateway.nat[1]"]

    assert (nat.subnet, nat.allocation) == (to("aws_subnet.public[1]"), to("aws_eip.nat[1]"))


def test_host_names_are_off_unless_somebody_turns_them_on() -> None:
    vpcs = created().after.vpcs

    assert [vpcs[f"aws_vpc.{name}"].dns_hostnames for name in ("main", "plain")] == [True, False]
    assert vpcs["aws_vpc.plain"].dns_support is True


def test_a_group_without_rules_is_closed_and_known_whole() -> None:
    world = created().after

    assert not [rule for rule in world.group_rules if rule.group == to("aws_security_group.closed")]
    assert (Kind.EGRESS, "aws_security_group.closed") in world.complete


def test_rules_inside_and_beside_groups_are_found() -> None:
    found = {
        (label(rule.group.sure[0]), rule.egress, rule.protocol, rule.from_port, rule.inline): (rule.cidrs, rule.peers)
        for rule in created().after.group_rules
        if "(default" not in rule.address
    }

    assert found == {
        ("aws_security_group.endpoint", False, "tcp", 443, False): ((), to("aws_security_group.fn")),
        ("aws_security_group.endpoint", True, "-1", 0, False): (("0.0.0.0/0",), members()),
        ("aws_security_group.fn", True, "tcp", 5432, True): (("10.0.0.0/16",), members()),
        ("aws_security_group.fn", True, "tcp", 443, True): ((), to("aws_security_group.endpoint")),
    }


def test_a_rule_that_is_removed_goes_though_the_refreshed_group_still_shows_it() -> None:
    before, after = changed().before, changed().after
    assert before is not None

    def egress(rules: object) -> list[str]:
        return [rule.address for rule in rules if rule.egress and rule.group == to("aws_security_group.endpoint")]

    assert egress(before.group_rules) == ["aws_vpc_security_group_egress_rule.endpoint"]
    assert egress(after.group_rules) == []


def test_a_table_that_leaves_an_endpoint_is_gone_though_the_refreshed_endpoint_still_shows_it() -> None:
    before, after = changed().before, changed().after
    assert before is not None

    assert len(before.endpoint_links) == 2
    assert after.endpoint_links == ()
    assert before.endpoints["aws_vpc_endpoint.ddb"].tables == members()
    assert after.endpoints["aws_vpc_endpoint.ddb"].tables == members()


def test_endpoints_say_what_they_serve() -> None:
    endpoints = created().after.endpoints
    interface, gateway = endpoints["aws_vpc_endpoint.sm"], endpoints["aws_vpc_endpoint.s3"]

    assert (interface.service, interface.kind, interface.private_dns) == ("secretsmanager", "interface", True)
    assert interface.groups == to("aws_security_group.endpoint")
    assert (gateway.service, gateway.kind, gateway.kind_omitted) == ("s3", "gateway", True)
    assert {label(token) for token in gateway.tables.maybe} == {f'aws_route_table.private["{key}"]' for key in "ab"}


def test_an_id_that_leaves_the_deployment_opens_its_owner() -> None:
    complete = created().after.complete

    for kind in (Kind.TABLES, Kind.ENDPOINTS, Kind.GATEWAYS):
        assert (kind, "aws_vpc.main") in complete
        assert (kind, "aws_vpc.plain") not in complete


def test_a_rule_of_unclear_owner_opens_every_group() -> None:
    rule = {"type": "egress", "protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"]}
    changes = [
        *new("aws_security_group.a", "aws_security_group.b"),
        change("aws_security_group_rule.r", after=rule, unknown={"security_group_id": True}),
    ]
    beside = read(plan(changes, module({"aws_security_group_rule.r": {"security_group_id": refers("local.group")}})))

    assert {kind for kind, _ in beside.after.complete} == {Kind.INGRESS}


def test_a_table_that_is_looked_up_gives_its_routes_and_subnets() -> None:
    world = changed().after
    looked_up = to("data.aws_route_table.public")

    assert (Kind.ROUTES, "data.aws_route_table.public") in world.complete
    assert {each.target_kind for each in world.routes if each.table == looked_up} >= {"internet"}


def test_an_id_that_is_looked_up_denotes_the_resource_that_bears_it() -> None:
    subnet = changed().after.subnets["data.aws_subnet.public"]

    assert subnet.vpc == to("aws_vpc.main")
    assert not subnet.created_here


def test_one_thing_that_is_looked_up_twice_is_one_thing() -> None:
    looked_up = [change(f"data.aws_vpc.{name}", "no-op", before={"id": "vpc-1"}) for name in ("a", "b")]
    subnets = [change(f"aws_subnet.{name}", after={"vpc_id": "vpc-1"}, unknown={"id": True}) for name in ("a", "b")]
    world = read(plan([*looked_up, *subnets])).after

    assert world.subnets["aws_subnet.a"].vpc == world.subnets["aws_subnet.b"].vpc == to("data.aws_vpc.a")


def test_a_module_that_hides_its_vpc_in_a_local_has_only_one_to_hide() -> None:
    inner = module({"aws_vpc.v": {}, "aws_subnet.s": {"vpc_id": refers("local.vpc_id")}})
    changes: list[Json] = [
        change("module.net.aws_vpc.v[0]", after={}, unknown={"id": True}),
        change("module.net.aws_subnet.s", after={}, unknown={"id": True, "vpc_id": True}),
        *new("aws_vpc.other"),
    ]
    root = module({"aws_vpc.other": {}}, calls={"net": call(inner, cidr={"constant_value": "10.0.0.0/16"})})

    assert read(plan(changes, root)).after.subnets["module.net.aws_subnet.s"].vpc == to("module.net.aws_vpc.v[0]")
