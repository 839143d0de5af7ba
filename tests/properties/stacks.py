"""Whole stacks in which everything is known: the worlds that shapes stand for, and the changes between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

from msgspec.structs import asdict
from networks import (
    HERE,
    associated,
    endpoint,
    function,
    gateway,
    group,
    main_of,
    nat,
    role,
    route,
    rule,
    subnet,
    table,
    to,
    variable,
    vpc,
)
from worlds import SIX, VPC_ACCESS, allow, condition, deny

from eni_lint.model.answer import ABSENT, Absent
from eni_lint.model.compute import Endpointed, Function, Variable
from eni_lint.model.deployment import (
    CLOUDFORMATION,
    TERRAFORM,
    Action,
    Change,
    Deployment,
    Edge,
    Kind,
    World,
)
from eni_lint.model.identity import Managed, Members, members
from eni_lint.model.network import (
    Appliance,
    Endpoint,
    EndpointLink,
    GatewayAttachment,
    Group,
    GroupRule,
    InternetGateway,
    PublicAccessBlock,
    Route,
    TableAssociation,
)
from eni_lint.model.policy import AwsManaged, Document, Grant, Policy, Role, Statement
from properties.shapes import FunctionShape, GrantShape, GroupShape, RoleShape, Shape, chance, changed, shape

ANYWHERE = ("0.0.0.0/0",)
BUCKET_ARN = "arn:aws:s3:::reports/*"
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders"
QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:failed"
LOGS = allow("logs:CreateLogStream", "logs:PutLogEvents")
STATEMENTS: dict[str, tuple[Statement, ...]] = {
    "full": (LOGS, allow(*SIX)),
    "customer": (allow(*SIX),),
    "split": (allow("ec2:Describe*"), allow("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface")),
    "bucket": (allow("s3:GetObject", "s3:PutObject", on=(BUCKET_ARN,)),),
    "secret": (allow("secretsmanager:GetSecretValue", on=(SECRET_ARN,)),),
    "queue": (allow("sqs:SendMessage", on=(QUEUE_ARN,)),),
    "partial": (allow(*SIX[:2]),),
    "scoped": (
        allow("ec2:DescribeNetworkInterfaces", *SIX[3:]),
        allow(*SIX[:1], on=("arn:aws:ec2:*:*:network-interface/*", "arn:aws:ec2:*:*:subnet/*")),
        allow("ec2:DeleteNetworkInterface", on=("arn:aws:ec2:*:*:network-interface/*",)),
    ),
    "tagged": (allow(*SIX, where=(condition("StringEquals", "aws:RequestTag/team", "orders"),)),),
    "described": (allow(SIX[0], *SIX[2:]), allow(SIX[1], on=("arn:aws:ec2:*:*:network-interface/*",))),
    "placed": (allow(*SIX, where=(condition("StringEquals", "ec2:Vpc", "vpc-0a1b"),)),),
    "denied": (deny("ec2:DeleteNetworkInterface"),),
    "perimeter": (deny("ec2:*", where=(condition("StringNotEquals", "aws:SourceVpc", "vpc-0a1b"),)),),
}
LOGS_POLICY = AwsManaged("/service-role/AWSLambdaBasicExecutionRole")
VARIABLES: dict[str, Variable] = {
    "table": variable("ORDERS_TABLE", "orders", Managed("table.orders")),
    "stripe": variable("STRIPE_URL", "https://api.stripe.com/v1"),
    "bucket": variable("REPORTS_BUCKET", "reports", Managed("bucket.reports")),
    "secret": variable("DB_SECRET", "orders", Managed("secret.orders")),
    "token": variable("SLACK_TOKEN", "xoxb"),
    "database": variable("DB_HOST", "db.orders.internal:5432"),
    "stage": variable("STAGE", "production"),
    "proxy": variable("HTTPS_PROXY", "http://proxy.orders.internal:3128"),
}
REPLACEABLE = ("role.", "group.", "subnet.", "grant.", "nat.", "function.")


def stack(random: Random) -> Deployment:
    """Draw a stack: half of them from nothing, half of them as a change of what stands."""
    procedure = TERRAFORM if chance(random, 60) else CLOUDFORMATION
    one = shape(random)
    if chance(random, 40):
        after = world(one)
        changes = {address: Change(address, Action.CREATE) for address in _standing(after)}
        return Deployment("stack", "plan.json", procedure, after, changes=changes, edges=_edges(one))
    other = changed(random, one)
    earlier, later = (other, one) if chance(random, 20) else (one, other)
    before, after = world(earlier), world(later)
    return Deployment(
        name="stack",
        source="plan.json",
        procedure=procedure,
        after=after,
        before=before,
        changes=_changes(random, before, after, earlier.state_is_kept),
        edges=_edges(later),
        edges_before=_edges(earlier),
        delays=frozenset({"delay"}) if chance(random, 5) else frozenset(),
    )


def world(one: Shape) -> World:
    """Make the world that a shape stands for, known whole."""
    roles = {f"role.{r.name}": _role(r) for r in one.roles}
    groups = {f"group.{name}": made for name, made in _groups(one)}
    tables = {f"table.{name}": table(f"table.{name}") for name in (*one.tables, "main", "public")}
    tables["table.main"] = table("table.main", main=one.main == "adopted")
    vpcs = {"vpc.main": vpc(dns_hostnames=one.dns_names, dedicated=one.dedicated), "vpc.other": vpc("vpc.other")}
    return World(
        functions={f"function.{f.name}": _function(f) for f in one.functions},
        roles=roles,
        policies={made.address: made for r in one.roles for made in _policies(r)},
        grants=tuple(_grant(r, g) for r in one.roles for g in r.grants),
        vpcs=vpcs,
        subnets=_subnets(one),
        tables=tables,
        associations=tuple(_associations(one)),
        routes=tuple(_routes(one)),
        gateways={made.address: made for made in _gateways(one)},
        gateway_attachments=_attachments(one),
        nats={} if one.nat is None else {"nat.main": _nat(one)},
        appliances={"instance.nat": Appliance("instance.nat", HERE, checks_source=False)},
        endpoints={made.address: made for made in _endpoints(one)},
        endpoint_links=tuple(_links(one)),
        groups=groups,
        group_rules=tuple(made for g in one.groups for made in _rules(g)) + tuple(_endpoint_rules(one)),
        public_access_blocks=_blocks(one),
        endpointed=dict(_endpointed()),
        complete=frozenset(_whole(vpcs, tables, groups, roles)),
    )


def _whole(*owners: Iterable[str]) -> Iterator[tuple[Kind, str]]:
    kinds = (
        (Kind.TABLES, Kind.ENDPOINTS, Kind.GATEWAYS),
        (Kind.ROUTES,),
        (Kind.EGRESS, Kind.INGRESS),
        (Kind.GRANTS,),
    )
    for addresses, known in zip(owners, kinds, strict=True):
        yield from ((kind, address) for address in addresses for kind in known)


def _function(one: FunctionShape) -> Function:
    into: Members | Absent = members(*(Managed(f"subnet.{name}") for name in one.subnets)) if one.subnets else ABSENT
    made: Function = function(
        f"function.{one.name}",
        into,
        name=one.name,
        role=to(f"role.{one.role}"),
        environment=tuple(VARIABLES[name] for name in one.variables),
        targets=(Managed("queue.failed"),) if one.fails_to else (),
        layers=("arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:65",) if one.layered else (),
    )
    if isinstance(into, Absent):
        return made
    groups = members(*(Managed(f"group.{name}") for name in one.groups))
    return _with(made, attachment=_with(made.attachment, groups=groups, dual_stack=one.dual_stack))


def _with(record: Any, **fields: Any) -> Any:
    return type(record)(**{**{name: getattr(record, name) for name in record.__struct_fields__}, **fields})


def _role(one: RoleShape) -> Role:
    boundaries = {
        "none": ABSENT,
        "wide": Document((allow("*"),)),
        "narrow": Document((allow("logs:*", "s3:*"),)),
        "administrator": AwsManaged("/AdministratorAccess"),
    }
    return _with(role(f"role.{one.name}", (one.service,)), name=one.name, boundary=boundaries[one.boundary])


def _grant(owner: RoleShape, one: GrantShape) -> Grant:
    address = f"role.{owner.name}" if one.inside else _carrier(owner, one)
    policy: Document | AwsManaged | Members
    match one.kind:
        case "access":
            policy = VPC_ACCESS
        case "logs":
            policy = LOGS_POLICY
        case "customer":
            policy = to(f"policy.{owner.name}")
        case kind:
            policy = Document(STATEMENTS[kind])
    return Grant(address, HERE, to(f"role.{owner.name}"), policy, inside=one.inside)


def _carrier(owner: RoleShape, one: GrantShape) -> str:
    return f"grant.{owner.name}.{one.kind}"


def _policies(one: RoleShape) -> Iterator[Policy]:
    if any(grant.kind == "customer" for grant in one.grants):
        yield Policy(f"policy.{one.name}", HERE, one.name, Document(STATEMENTS["customer"]))


def _subnets(one: Shape) -> dict[str, Any]:
    names = (*one.subnets, "public")
    made = {f"subnet.{name}": subnet(f"subnet.{name}", f"10.0.{n}.0/24") for n, name in enumerate(names)}
    made["subnet.elsewhere"] = subnet("subnet.elsewhere", "10.1.0.0/24", vpc=to("vpc.other"))
    return made


def _associations(one: Shape) -> Iterator[TableAssociation]:
    for name, served_by in (*one.subnets.items(), ("public", "public")):
        if served_by:
            yield associated(f"subnet.{name}", f"table.{served_by}")
    if one.main == "replaced":
        yield main_of("vpc.main", "table.main")


def _routes(one: Shape) -> Iterator[Route]:
    for name, way in one.tables.items():
        match way:
            case "nat" if one.nat is not None:
                yield route(f"table.{name}", "nat", "nat.main", given_as="nat_gateway_id")
            case "misgiven" if one.nat is not None:
                yield route(f"table.{name}", "nat", "nat.main", given_as="gateway_id")
            case "internet":
                yield route(f"table.{name}", "internet", "gateway.main")
            case "split" if one.nat is not None:
                yield route(f"table.{name}", "nat", "nat.main", "0.0.0.0/1")
                yield route(f"table.{name}", "internet", "gateway.main", "128.0.0.0/1")
            case "sixth":
                yield route(f"table.{name}", "egress_only", "gateway.six", "::/0")
            case "transit" if one.nat is not None and one.nat.address:
                yield route(f"table.{name}", "transit", "transit.main")
            case "instance":
                yield route(f"table.{name}", "instance", "instance.nat")
            case _:
                pass
    if one.public == "internet":
        yield route("table.public", "internet", "gateway.main")


def _gateways(one: Shape) -> Iterator[InternetGateway]:
    yield gateway("gateway.main", vpc=to("vpc.main") if one.attached == "inline" else ABSENT)
    yield gateway("gateway.six", egress_only=True)


def _attachments(one: Shape) -> tuple[GatewayAttachment, ...]:
    if one.attached != "apart":
        return ()
    return (GatewayAttachment("attachment.main", HERE, to("gateway.main"), to("vpc.main")),)


def _nat(one: Shape) -> Any:
    assert one.nat is not None
    allocation = to("eip.nat") if one.nat.address and one.nat.public else ABSENT
    place = {"subnet": ABSENT, "vpc": to("vpc.main")} if one.nat.regional else {"subnet": to("subnet.public")}
    return nat("nat.main", public=one.nat.public, allocation=allocation, **place)


def _endpoints(one: Shape) -> Iterator[Endpoint]:
    if one.bucket_tables is not None:
        tables = members(*(Managed(f"table.{name}") for name in one.bucket_tables[:1]))
        yield endpoint("s3", "gateway", tables=tables)
    if one.secrets != "none":
        gateway_by_mistake = one.secrets == "gateway"
        yield endpoint(
            "secretsmanager",
            "gateway" if gateway_by_mistake else "interface",
            subnets=Members() if gateway_by_mistake else members(*(Managed(f"subnet.{name}") for name in one.subnets)),
            private_dns=one.secrets in ("open", "closed", "unguarded"),
            groups=to("group.endpoints") if one.secrets in ("open", "closed", "own_names") else Members(),
            kind_omitted=gateway_by_mistake,
        )


def _links(one: Shape) -> Iterator[EndpointLink]:
    for name in (one.bucket_tables or ())[1:]:
        yield EndpointLink(f"link.{name}", HERE, to("endpoint.s3"), "table", to(f"table.{name}"))


def _groups(one: Shape) -> Iterator[tuple[str, Group]]:
    for guard in one.groups:
        yield guard.name, group(f"group.{guard.name}", default=guard.default)
    for name in ("database", "endpoints"):
        yield name, group(f"group.{name}")
    yield "foreign", group("group.foreign", vpc=to("vpc.other"))


def _rules(one: GroupShape) -> Iterator[GroupRule]:
    address = f"group.{one.name}"
    match one.egress:
        case "all":
            yield rule(address, cidrs=ANYWHERE, inline=one.inline)
        case "https":
            yield rule(address, port=443, cidrs=ANYWHERE, inline=one.inline)
        case "web":
            yield rule(address, port=8443, cidrs=ANYWHERE, inline=one.inline)
        case "proxy":
            yield rule(address, port=3128, cidrs=("10.0.0.0/16",), inline=one.inline)
        case "database":
            yield rule(address, port=5432, peers=to("group.database"), inline=one.inline)
        case _:
            pass
    if one.admits:
        own = one.admits == one.name
        peers = Members() if own else to(f"group.{one.admits}")
        yield rule(address, False, 8080, peers=peers, itself=own, inline=one.inline)


def _endpoint_rules(one: Shape) -> Iterator[GroupRule]:
    port = 80 if one.secrets == "closed" else 443
    yield rule("group.endpoints", False, port, cidrs=("10.0.0.0/16",))


def _blocks(one: Shape) -> tuple[PublicAccessBlock, ...]:
    if one.block == "none":
        return ()
    mode = "block-ingress" if one.block == "ingress" else "block-bidirectional"
    return (PublicAccessBlock("block", HERE, mode, to("vpc.main") if one.block == "excluded" else Members()),)


def _endpointed() -> Iterator[tuple[str, Endpointed]]:
    for address, service, name in (
        ("table.orders", "dynamodb", "orders"),
        ("bucket.reports", "s3", "reports"),
        ("secret.orders", "secretsmanager", "orders-database"),
        ("queue.failed", "sqs", "failed"),
    ):
        yield address, Endpointed(address, HERE, service, name)


def _edges(one: Shape) -> dict[str, tuple[Edge, ...]]:
    """List what needs what, as references and as `depends_on`."""
    carriers = {r.name: [Edge(_carrier(r, g), "explicit") for g in r.grants if not g.inside] for r in one.roles}
    made: dict[str, tuple[Edge, ...]] = {}
    for r in one.roles:
        made.update({_carrier(r, g): (Edge(f"role.{r.name}"),) for g in r.grants if not g.inside})
    for f in one.functions:
        named = (f"role.{f.role}", *(f"subnet.{n}" for n in f.subnets), *(f"group.{n}" for n in f.groups))
        made[f"function.{f.name}"] = (*map(Edge, named), *(carriers[f.role] if f.waits else ()))
    for g in one.groups:
        peers = (f"group.{g.admits}",) if g.inline and g.admits not in ("", g.name) else ()
        waits = [edge for found in carriers.values() for edge in found] if g.guards else []
        made[f"group.{g.name}"] = (Edge("vpc.main"), *map(Edge, peers), *waits)
    for n in (*one.subnets, "public"):
        made[f"subnet.{n}"] = (Edge("vpc.main"),)
    return made


def _standing(one: World) -> dict[str, tuple[Any, ...]]:
    """Give what is stated under every address of a world, as far as it tells what changes."""
    found: dict[str, tuple[Any, ...]] = {}
    for stated in asdict(one).values():
        if isinstance(stated, dict | tuple):
            for part in stated.values() if isinstance(stated, dict) else stated:
                found[part.address] = (*found.get(part.address, ()), part)
    return found


def _changes(random: Random, before: World, after: World, state: bool) -> dict[str, Change]:
    """Tell what happens to every resource, and now and then that one of them is replaced."""
    old, new = _standing(before), _standing(after)
    recorded = random.choice((None, False, False, True)) if state else None
    changes: dict[str, Change] = {}
    for address in sorted({**old, **new}):
        if address not in new:
            action = Action.DELETE
        elif address not in old:
            action = Action.CREATE
        elif address.startswith(REPLACEABLE) and chance(random, 7):
            action = random.choice((Action.REPLACE_DELETE_FIRST, Action.REPLACE_CREATE_FIRST))
        else:
            action = Action.NOTHING if old[address] == new[address] else Action.UPDATE
        reasons = ("name",) if action.replaces else ()
        changes[address] = Change(address, action, reasons, create_first=recorded)
    return changes
