"""The rules about ways out: what each says about a network that differs in one thing, and what hiding may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
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
    associated,
    change,
    deployment,
    endpoint,
    everywhere,
    function,
    gateway,
    grant,
    nat,
    route,
    rule,
    table,
    to,
    variable,
    vpc,
)

from eni_lint.analysis.case import Case
from eni_lint.checks import (
    net001_no_default_route,
    net002_public_subnet,
    net003_mixed_subnets,
    net004_broken_nat_chain,
    net005_unreachable_service,
    net006_unusable_endpoint,
    net007_closed_egress,
    net019_way_out_removed,
)
from eni_lint.finding import Confidence, Hit, Subject, Undecided
from eni_lint.model.answer import ABSENT, Unknown, Why
from eni_lint.model.compute import Attachment
from eni_lint.model.deployment import Action, Change, Deployment, Kind
from eni_lint.model.identity import NOBODY, Literal, Managed, Members, members
from eni_lint.model.network import PublicAccessBlock

Check = Callable[[Case, Any, object], Iterator[Hit | Undecided]]
RULES: dict[str, tuple[Check, str]] = {
    "NET001": (net001_no_default_route.check, "function"),
    "NET002": (net002_public_subnet.check, "function"),
    "NET003": (net003_mixed_subnets.check, "function"),
    "NET004": (net004_broken_nat_chain.check, "function"),
    "NET005": (net005_unreachable_service.check, "function"),
    "NET006": (net006_unusable_endpoint.check, "endpoint"),
    "NET007": (net007_closed_egress.check, "function"),
    "NET019": (net019_way_out_removed.check, "function"),
}
URL = (variable("PAYMENTS_URL", "https://api.stripe.com/v1"),)
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-*"
READS_SECRET = (grant("secretsmanager:GetSecretValue", resources=(SECRET,)),)
READS_BUCKET = (grant("s3:GetObject", resources=("arn:aws:s3:::orders/*",)),)


def outcomes(name: str, given_deployment: Deployment) -> list[Hit | Undecided]:
    check, kind = RULES[name]
    case = Case(given_deployment)
    return [one for subject in case.subjects(kind) for one in check(case, subject, None)]


def hits(name: str, after: Network, before: Network | None = None, **fields: Any) -> list[Hit]:
    return [one for one in outcomes(name, deployment(after, before, **fields)) if isinstance(one, Hit)]


def cases(name: str, after: Network, before: Network | None = None, **fields: Any) -> list[str]:
    return [hit.case for hit in hits(name, after, before, **fields)]


def open_facts(name: str, after: Network, before: Network | None = None) -> list[str]:
    found = outcomes(name, deployment(after, before))
    return [one.unknown.key for one in found if isinstance(one, Undecided)]


def calling(environment: Any, base: Network = ISOLATED, **fields: Any) -> Network:
    return change(base, functions=(function(environment=environment, **fields),))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (URL, ["required"]),
        ((variable("OPENAI_API_KEY", "x"),), ["likely"]),
        ((variable("PARTNER_URL", HIDDEN),), ["hinted"]),
        ((variable("STOCK_URL", "http://10.0.7.20:8080/"),), []),
        ((*URL, variable("HTTPS_PROXY", "http://proxy.internal:3128")), []),
        ((), []),
    ],
)
def test_an_isolated_function_is_told_what_its_environment_proves(environment: Any, expected: list[str]) -> None:
    assert cases("NET001", calling(environment)) == expected
    assert open_facts("NET001", calling(environment)) == []


def test_an_environment_that_nobody_sees_may_hold_a_public_address() -> None:
    assert open_facts("NET001", calling(HIDDEN)) == ["var.hidden"]
    assert open_facts("NET001", calling((variable("STAGE", HIDDEN),))) == ["var.hidden"]
    assert open_facts("NET001", calling(HIDDEN, WITH_NAT)) == []


def test_egress_to_the_port_of_a_proxy_alone_serves_the_internet() -> None:
    proxied = change(calling(URL), group_rules=(rule(port=3128, cidrs=("10.0.9.0/24",)),))

    assert cases("NET001", proxied) == []


def test_an_egress_only_gateway_serves_a_function_with_ipv6() -> None:
    v6 = route("table.private", "egress_only", "eigw.main", "::/0")
    dual = replace(function(), attachment=Attachment(to("subnet.a"), to("group.functions"), True), environment=URL)

    assert cases("NET001", change(ISOLATED, routes=(v6,), functions=(dual,))) == []
    assert cases("NET001", change(calling(URL), routes=(v6,))) == ["required"]


def test_functions_in_the_same_subnets_share_a_cause() -> None:
    two = change(ISOLATED, functions=(function(environment=URL), function("function.reports", environment=URL)))

    assert len({hit.cause for hit in hits("NET001", two)}) == 1


def test_a_public_subnet_is_as_bad_as_what_the_function_calls() -> None:
    public = ("subnet.public",)

    assert cases("NET002", calling(URL, subnets=public)) == ["required"]
    assert cases("NET002", change(calling((), subnets=public), grants=READS_SECRET)) == ["likely"]
    assert cases("NET002", calling((), subnets=public)) == ["present"]
    assert cases("NET002", calling((), subnets=public), calling(())) == ["introduced"]
    assert cases("NET002", calling((), subnets=public), calling((), subnets=public)) == ["present"]


def test_a_gateway_endpoint_serves_a_public_subnet() -> None:
    s3 = endpoint("s3", "gateway", tables=to("table.public"))
    public = change(calling((), subnets=("subnet.public",)), grants=READS_BUCKET)

    assert cases("NET002", public) == ["likely"]
    assert cases("NET002", change(public, endpoints=(s3,))) == ["present"]


def test_mixed_subnets_are_one_finding_whatever_the_function_calls() -> None:
    tables = (*WITH_NAT.tables, table("table.b"))
    associations = (
        associated("subnet.a", "table.private"),
        associated("subnet.b", "table.b"),
        WITH_NAT.associations[2],
    )
    mixed = change(calling(URL, WITH_NAT), tables=tables, associations=associations)

    (hit,) = hits("NET003", mixed)

    assert (hit.case, hit.numbers) == ("mixed", {"subnets": 2, "without": 1})
    assert "subnet.b" in hit.says
    assert cases("NET001", mixed) == []


def test_subnets_that_share_an_open_table_are_not_mixed() -> None:
    exported = change(ISOLATED, others={"exported": frozenset([Managed("table.private")])})

    assert outcomes("NET003", deployment(exported)) == []


def test_a_gateway_endpoint_in_one_of_two_tables_is_a_gap() -> None:
    associations = (
        associated("subnet.a", "table.private"),
        associated("subnet.b", "table.b"),
        WITH_NAT.associations[2],
    )
    two = change(
        WITH_NAT,
        tables=(*WITH_NAT.tables, table("table.b")),
        associations=associations,
        routes=(*WITH_NAT.routes, route("table.b", "nat", "nat.main")),
    )
    both = Members(sure=(Managed("table.private"), Managed("table.b")))

    assert cases("NET003", change(two, endpoints=(endpoint("s3", "gateway", tables=to("table.b")),))) == [
        "gateway_endpoint_gap"
    ]
    assert cases("NET003", change(two, endpoints=(endpoint("s3", "gateway", tables=both),))) == []


@pytest.mark.parametrize(
    ("broken", "expected", "at"),
    [
        (change(WITH_NAT, nats=(nat(subnet=to("subnet.a")),)), "nat_leads_nowhere", "nat.main"),
        (change(WITH_NAT, nats=(nat(public=False),)), "private_nat", "nat.main"),
        (change(WITH_NAT, nats=(nat(allocation=ABSENT),)), "no_address", "nat.main"),
        (change(WITH_NAT, gateways=(gateway(vpc=ABSENT),)), "gateway_unattached", "igw.main"),
        (
            change(WITH_NAT, routes=(PUBLIC_ROUTE, replace(PRIVATE_ROUTE, given_as="gateway_id"))),
            "wrong_target",
            PRIVATE_ROUTE.address,
        ),
        (
            change(WITH_NAT, routes=(replace(PUBLIC_ROUTE, given_as="nat_gateway_id"), PRIVATE_ROUTE)),
            "wrong_target",
            PUBLIC_ROUTE.address,
        ),
    ],
)
def test_a_broken_chain_is_found_where_it_breaks(broken: Network, expected: str, at: str) -> None:
    (hit,) = hits("NET004", broken)

    assert (hit.case, hit.at and hit.at[0]) == (expected, at)


def test_a_nat_that_goes_takes_its_routes_with_it() -> None:
    going = {"nat.main": Change("nat.main", Action.DELETE)}

    assert cases("NET004", change(WITH_NAT, nats=()), WITH_NAT, changes=going) == ["nat_deleted"]
    assert cases("NET004", change(WITH_NAT, nats=()), WITH_NAT) == []


def test_a_block_of_public_access_spares_what_it_excludes() -> None:
    def blocked(mode: Any, excluded: Members = NOBODY) -> Network:
        return change(WITH_NAT, others={"public_access_blocks": (PublicAccessBlock("block", HERE, mode, excluded),)})

    assert cases("NET004", blocked("block-bidirectional")) == ["public_access_blocked"]
    assert cases("NET004", blocked("block-ingress")) == []
    assert cases("NET004", blocked("block-bidirectional", to("vpc.main"))) == []
    assert cases("NET004", blocked("block-bidirectional", to("subnet.public"))) == []
    assert open_facts("NET004", blocked("block-bidirectional", Members(rest=HIDDEN))) == ["var.hidden"]
    assert open_facts("NET004", blocked(HIDDEN)) == ["var.hidden"]


def test_a_service_without_endpoint_is_as_bad_as_its_evidence() -> None:
    table_of = {"table.x": Managed("table.x")}
    named = (variable("TABLE", HIDDEN, table_of["table.x"]),)
    from eni_lint.model.compute import Endpointed

    stated = {"endpointed": {"table.x": Endpointed("table.x", HERE, "dynamodb", "orders")}}

    assert cases("NET005", change(calling(named), others=stated)) == ["required"]
    assert cases("NET005", change(ISOLATED, grants=READS_SECRET)) == ["likely"]
    assert cases("NET005", change(ISOLATED, grants=(grant("dynamodb:*"),))) == ["hinted"]
    assert cases("NET005", change(WITH_NAT, grants=READS_SECRET)) == []
    assert outcomes("NET005", deployment(ISOLATED)) == []


def test_a_role_of_several_functions_is_one_tier_weaker() -> None:
    shared = change(ISOLATED, functions=(function(), function("function.reports")), grants=READS_SECRET)

    assert cases("NET005", shared) == ["hinted", "hinted"]


def test_what_is_likely_called_too_is_told_beside_what_is_certain() -> None:
    certain = (variable("QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"),)
    (hit,) = hits("NET005", change(calling(certain), grants=READS_SECRET))

    assert hit.says.startswith("cannot reach sqs from ")
    assert "secretsmanager cannot be reached either: policy.role.orders allows secretsmanager:GetSecretValue" in [
        one.says for one in hit.because
    ]


def test_an_endpoint_that_does_not_work_is_found_at_the_endpoint() -> None:
    shut = (everywhere(), rule("group.endpoints", False, 443, cidrs=("192.168.0.0/16",)))
    secrets = change(ISOLATED, grants=READS_SECRET, endpoints=(endpoint("secretsmanager"),))

    assert outcomes("NET006", deployment(secrets)) == []
    assert outcomes("NET005", deployment(secrets)) == []
    assert cases("NET006", change(secrets, group_rules=shut)) == ["closed_group"]
    assert cases("NET005", change(secrets, group_rules=shut)) == []
    assert cases("NET006", change(ISOLATED, endpoints=secrets.endpoints, group_rules=shut)) == []
    assert cases("NET006", change(secrets, vpcs=(vpc(dns_hostnames=False),))) == ["dns_attributes"]
    assert cases("NET006", change(secrets, endpoints=(endpoint("secretsmanager", "gateway"),))) == ["wrong_type"]


def test_endpoints_behind_one_closed_group_are_one_finding() -> None:
    shut = (everywhere(), rule("group.endpoints", False, 443, cidrs=("192.168.0.0/16",)))
    both = change(
        ISOLATED,
        grants=(*READS_SECRET, grant("sqs:SendMessage")),
        endpoints=(endpoint("secretsmanager"), endpoint("sqs")),
        group_rules=shut,
    )

    causes = [each.cause for each in outcomes("NET006", deployment(both)) if isinstance(each, Hit)]

    assert causes == [Subject("group", "group.endpoints")] * 2


def test_a_role_that_nobody_sees_never_tells_of_logs() -> None:
    def behind(service: str) -> Network:
        shut = change(ISOLATED, endpoints=(endpoint(service),), group_rules=(everywhere(),))
        return change(shut, complete=shut.whole - {(Kind.GRANTS, "role.orders")})

    assert open_facts("NET006", behind("sqs")) != []
    assert outcomes("NET006", deployment(behind("logs"))) == []


def test_a_gateway_endpoint_matters_only_where_no_nat_serves() -> None:
    public_only = (endpoint("s3", "gateway", tables=to("table.public")),)

    assert cases("NET006", change(ISOLATED, endpoints=public_only, grants=READS_BUCKET)) == ["table_missing"]
    assert cases("NET006", change(ISOLATED, endpoints=public_only)) == ["table_missing_unneeded"]
    assert cases("NET006", change(WITH_NAT, endpoints=public_only, grants=READS_BUCKET)) == []


def test_the_default_group_of_a_new_vpc_guards_endpoints_without_groups() -> None:
    bare = change(ISOLATED, grants=READS_SECRET, endpoints=(endpoint("secretsmanager", groups=Members()),))

    assert cases("NET006", bare) == ["closed_group"]
    assert open_facts("NET006", change(bare, vpcs=(vpc(created_here=False),))) == ["vpc.main"]


def test_groups_that_let_nothing_out_are_worse_where_something_is_called() -> None:
    assert cases("NET007", change(WITH_NAT, group_rules=())) == ["closed"]
    assert cases("NET007", change(calling(URL, WITH_NAT), group_rules=())) == ["closed_needed"]


def test_a_port_is_asked_for_where_it_is_needed() -> None:
    database = (rule(port=5432, cidrs=("10.0.0.0/16",)),)

    assert cases("NET007", change(calling(URL, WITH_NAT), group_rules=database)) == ["port_required"]
    assert cases("NET007", change(WITH_NAT, group_rules=database, grants=READS_SECRET)) == ["port_likely"]
    assert outcomes("NET007", deployment(change(WITH_NAT, group_rules=database))) == []


def test_groups_that_nobody_sees_are_open() -> None:
    elsewhere = replace(function(), attachment=Attachment(to("subnet.a"), members(Literal("sg-0b6e"))))

    assert open_facts("NET007", change(WITH_NAT, functions=(elsewhere,))) == ["sg-0b6e"]


def test_a_change_that_takes_the_way_out_away_is_found_without_evidence() -> None:
    assert cases("NET019", ISOLATED, WITH_NAT) == ["all"]
    assert cases("NET019", ISOLATED, ISOLATED) == []
    assert cases("NET019", change(WITH_NAT, functions=(function(subnets=ABSENT),)), WITH_NAT) == []
    assert cases("NET019", change(WITH_NAT, functions=()), WITH_NAT) == []
    assert cases("NET019", change(WITH_NAT, group_rules=()), WITH_NAT) == ["all"]
    transit = change(WITH_NAT, routes=(PUBLIC_ROUTE, route("table.private", "transit", "tgw")))
    assert open_facts("NET019", transit, WITH_NAT) == ["tgw"]


def test_a_change_that_takes_the_way_out_of_some_subnets_is_a_warning() -> None:
    tables = (*WITH_NAT.tables, table("table.b"))
    associations = (WITH_NAT.associations[0], associated("subnet.b", "table.b"), WITH_NAT.associations[2])

    assert cases("NET019", change(WITH_NAT, tables=tables, associations=associations), WITH_NAT) == ["some"]


def test_an_endpoint_that_goes_is_missed_only_where_nothing_takes_its_place() -> None:
    secrets = change(ISOLATED, endpoints=(endpoint("secretsmanager"),))

    assert cases("NET019", ISOLATED, secrets) == ["all"]
    assert cases("NET019", WITH_NAT, secrets) == []


# --- hiding -----------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[str, Network, Network | None]] = {
    "isolated": ("NET001", calling(URL), None),
    "public": ("NET002", calling(URL, subnets=("subnet.public",)), None),
    "mixed": ("NET003", change(WITH_NAT, functions=(function(subnets=("subnet.a", "subnet.public")),)), None),
    "loop": ("NET004", change(WITH_NAT, nats=(nat(subnet=to("subnet.a")),)), None),
    "private": ("NET004", change(WITH_NAT, nats=(nat(public=False),)), None),
    "unattached": ("NET004", change(WITH_NAT, gateways=(gateway(vpc=ABSENT),)), None),
    "no endpoint": ("NET005", change(ISOLATED, grants=READS_SECRET), None),
    "shut endpoint": (
        "NET006",
        change(
            ISOLATED,
            grants=READS_SECRET,
            endpoints=(endpoint("secretsmanager"),),
            group_rules=(everywhere(), rule("group.endpoints", False, 443, cidrs=("192.168.0.0/16",))),
        ),
        None,
    ),
    "no names": (
        "NET006",
        change(ISOLATED, endpoints=(endpoint("secretsmanager"),), vpcs=(vpc(dns_hostnames=False),)),
        None,
    ),
    "other table": (
        "NET006",
        change(ISOLATED, endpoints=(endpoint("s3", "gateway", tables=to("table.public")),), grants=READS_BUCKET),
        None,
    ),
    "no egress": ("NET007", change(WITH_NAT, group_rules=()), None),
    "no port": (
        "NET007",
        change(calling(URL, WITH_NAT), group_rules=(rule(port=5432, cidrs=("10.0.0.0/16",)),)),
        None,
    ),
    "taken away": ("NET019", ISOLATED, WITH_NAT),
}
GOOD: dict[str, Network] = {
    "with a way out": calling(URL, WITH_NAT),
    "isolated": ISOLATED,
    "with an endpoint": change(ISOLATED, grants=READS_SECRET, endpoints=(endpoint("secretsmanager"),)),
}
# What tells which kind of thing a record is, which every dialect states in so many words.
PLAIN = {"address", "scope", "name", "given_as", "needs"}


def places(network: Network) -> list[tuple[str, int, str]]:
    """List every value of a network that a template can leave open."""
    found = []
    for part in Network.__struct_fields__:
        records = getattr(network, part)
        if isinstance(records, tuple):
            for index, record in enumerate(records):
                hints = get_type_hints(type(record))
                found += [(part, index, name) for name, hint in hints.items() if name not in PLAIN and _can_hide(hint)]
    return found


def _can_hide(hint: Any) -> bool:
    return hint is Members or Unknown in get_args(hint) or Members in get_args(hint)


def hide(network: Network, place: tuple[str, int, str]) -> Network:
    """Give the network with one value open."""
    part, index, name = place
    records = list(getattr(network, part))
    unknown = Unknown(Why.VARIABLE, f"{records[index].address}.{name}")
    hint = get_type_hints(type(records[index]))[name]
    link = hint is Members or (Members in get_args(hint) and Unknown not in get_args(hint))
    records[index] = replace(records[index], **{name: Members(rest=unknown) if link else unknown})
    # A reader knows the policies of no role whole where it does not know whose a policy is.
    whole = network.whole if network.complete is None else network.complete
    complete = frozenset(one for one in whole if one[0] is not Kind.GRANTS or (part, name) != ("grants", "roles"))
    return change(network, **{part: tuple(records)}, complete=complete)


@pytest.mark.parametrize("name", sorted(BAD))
def test_no_value_that_is_hidden_turns_a_hit_into_silence(name: str) -> None:
    stem, after, before = BAD[name]

    assert [place for place in places(after) if not outcomes(stem, deployment(hide(after, place), before))] == []


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_values_that_are_hidden_together_turn_no_hit_into_silence(data: Any) -> None:
    name, after, before = BAD[data.draw(st.sampled_from(sorted(BAD)))]
    for place in data.draw(st.lists(st.sampled_from(places(after)), min_size=1, max_size=3, unique=True)):
        after = hide(after, place)

    assert outcomes(name, deployment(after, before))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_hiding_never_turns_a_good_network_into_a_bad_one(data: Any) -> None:
    before = after = GOOD[data.draw(st.sampled_from(sorted(GOOD)))]
    for place in data.draw(st.lists(st.sampled_from(places(after)), min_size=1, max_size=3, unique=True)):
        after = hide(after, place)

    found = [hit for name in RULES for hit in hits(name, after, before)]
    assert [hit for hit in found if hit.confidence > Confidence.LOW] == []


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_is_not_known_whole_turns_no_hit_into_silence(data: Any) -> None:
    name, after, before = BAD[data.draw(st.sampled_from(sorted(BAD)))]
    dropped = data.draw(st.sets(st.sampled_from(sorted(after.whole, key=str)), min_size=1))

    assert outcomes(name, deployment(change(after, complete=after.whole - dropped), before))


@pytest.mark.parametrize("name", sorted(BAD))
def test_every_bad_network_of_these_properties_is_hit(name: str) -> None:
    stem, after, before = BAD[name]

    assert hits(stem, after, before)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_every_good_network_of_these_properties_is_silent(name: str) -> None:
    for rule_name in RULES:
        assert outcomes(rule_name, deployment(GOOD[name])) == []
