"""Networks to lint, made of model records: a VPC with public and private subnets, changed one thing at a time."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.model.answer import ABSENT, Absent, Unknown, Why
from eni_lint.model.compute import Attachment, Function, Variable
from eni_lint.model.deployment import TERRAFORM, Deployment, Kind, World
from eni_lint.model.identity import Managed, Members, Symbol, Token, members
from eni_lint.model.network import (
    Endpoint,
    Group,
    GroupRule,
    InternetGateway,
    Nat,
    Route,
    RouteTable,
    Subnet,
    TableAssociation,
    Vpc,
)
from eni_lint.model.place import Scope
from eni_lint.model.policy import Document, Grant, Role, Statement

HERE = Scope(region="eu-west-1")
HIDDEN = Unknown(Why.VARIABLE, "var.hidden", "a value for var.hidden")
WHOLE_VPC = frozenset((kind, "vpc.main") for kind in (Kind.TABLES, Kind.ENDPOINTS, Kind.GATEWAYS))


def to(address: str) -> Members:
    """Lead to one resource of the world."""
    return members(Managed(address))


def hidden(key: str = "var.hidden") -> Symbol:
    """Give one thing whose id nobody knows."""
    return Symbol(Unknown(Why.VARIABLE, key))


def vpc(address: str = "vpc.main", **fields: Any) -> Vpc:
    """State a VPC with DNS names on."""
    return Vpc(address, HERE, **{"cidrs": ("10.0.0.0/16",), "dns_hostnames": True, **fields})


def subnet(address: str, cidr: str = "10.0.1.0/24", **fields: Any) -> Subnet:
    """State a subnet of the VPC."""
    return Subnet(address, HERE, **{"vpc": to("vpc.main"), "cidr": cidr, **fields})


def table(address: str, **fields: Any) -> RouteTable:
    """State a route table of the VPC."""
    return RouteTable(address, HERE, **{"vpc": to("vpc.main"), **fields})


def associated(subnet: str, table: str) -> TableAssociation:
    """Associate a subnet with a table."""
    return TableAssociation(f"association.{subnet}", HERE, to(table), subnet=to(subnet))


def main_of(vpc: str, table: str) -> TableAssociation:
    """Make a table the main one of a VPC."""
    return TableAssociation(f"main.{vpc}", HERE, to(table), vpc=to(vpc))


def route(table: str, kind: str, target: str, destination: str = "0.0.0.0/0", **fields: Any) -> Route:
    """State one route of a table."""
    stated = {"table": to(table), "destination": destination, "target_kind": kind, "target": to(target), **fields}
    return Route(f"route.{table}.{destination}", HERE, **stated)


def nat(address: str = "nat.main", **fields: Any) -> Nat:
    """State a public zonal NAT gateway with an address."""
    stated = {"subnet": to("subnet.public"), "vpc": ABSENT, "allocation": to("eip.nat"), **fields}
    return Nat(address, HERE, **stated)


def gateway(address: str = "igw.main", **fields: Any) -> InternetGateway:
    """State an internet gateway that is attached to the VPC."""
    return InternetGateway(address, HERE, **{"vpc": to("vpc.main"), **fields})


def function(address: str = "function.orders", subnets: Any = ("subnet.a", "subnet.b"), **fields: Any) -> Function:
    """State a function in the private subnets."""
    into = subnets if isinstance(subnets, Members | Absent | Unknown) else members(*map(Managed, subnets))
    attachment = Attachment(into, to("group.functions")) if isinstance(into, Members) else into
    stated = {"name": "orders", "role": to("role.orders"), "attachment": attachment, **fields}
    return Function(address, HERE, **stated)


def variable(name: str, value: str | Unknown, *refers_to: Token) -> Variable:
    """State an environment variable."""
    return Variable(name, value, refers_to)


def group(address: str = "group.functions", **fields: Any) -> Group:
    """State a security group."""
    return Group(address, HERE, **{"vpc": to("vpc.main"), **fields})


def rule(group: str = "group.functions", egress: bool = True, port: int | None = None, **fields: Any) -> GroupRule:
    """State a rule for one TCP port, or for all traffic."""
    ports = ("-1", 0, 0) if port is None else ("tcp", port, port)
    named = dict(zip(("protocol", "from_port", "to_port"), ports, strict=True))
    address = f"rule.{group}.{'out' if egress else 'in'}.{port}"
    return GroupRule(address, HERE, **{"group": to(group), "egress": egress, **named, **fields})


def everywhere(group: str = "group.functions") -> GroupRule:
    """Let everything out of a group."""
    return rule(group, cidrs=("0.0.0.0/0",))


def endpoint(service: str, kind: str = "interface", **fields: Any) -> Endpoint:
    """State a VPC endpoint in the private subnets, with private DNS when it is an interface."""
    inside = kind == "interface"
    stated = {
        "vpc": to("vpc.main"),
        "tables": Members(),
        "subnets": members(Managed("subnet.a"), Managed("subnet.b")) if inside else Members(),
        "groups": to("group.endpoints") if inside else Members(),
        "private_dns": inside,
        **fields,
    }
    return Endpoint(f"endpoint.{service}", HERE, service=service, kind=kind, **stated)


def role(address: str = "role.orders", services: tuple[str, ...] = ("lambda.amazonaws.com",)) -> Role:
    """State an execution role."""
    principals = tuple(f"Service:{service}" for service in services)
    trust = Document((Statement(True, ("sts:AssumeRole",), principals=principals),))
    return Role(address, HERE, "orders", trust, ABSENT)


def grant(*actions: str, resources: tuple[str | Unknown, ...] = ("*",), to_role: str = "role.orders") -> Grant:
    """Grant actions to a role with an inline policy."""
    document = Document((Statement(True, actions, resources=resources),))
    return Grant(f"policy.{to_role}", HERE, to(to_role), document)


class Network(Struct, frozen=True):
    """The parts of a world that tests change one at a time."""

    functions: tuple[Function, ...] = (function(),)
    roles: tuple[Role, ...] = (role(),)
    grants: tuple[Grant, ...] = ()
    vpcs: tuple[Vpc, ...] = (vpc(),)
    subnets: tuple[Subnet, ...] = (
        subnet("subnet.a", "10.0.1.0/24"),
        subnet("subnet.b", "10.0.2.0/24"),
        subnet("subnet.public", "10.0.0.0/24"),
    )
    tables: tuple[RouteTable, ...] = (table("table.private"), table("table.public"))
    associations: tuple[TableAssociation, ...] = (
        associated("subnet.a", "table.private"),
        associated("subnet.b", "table.private"),
        associated("subnet.public", "table.public"),
    )
    routes: tuple[Route, ...] = ()
    gateways: tuple[InternetGateway, ...] = (gateway(),)
    nats: tuple[Nat, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    groups: tuple[Group, ...] = (group(), group("group.endpoints"))
    group_rules: tuple[GroupRule, ...] = (everywhere(), rule("group.endpoints", False, 443, cidrs=("10.0.0.0/16",)))
    others: dict[str, Any] = {}
    complete: frozenset[tuple[Kind, str]] | None = None

    def world(self) -> World:
        """Make the world, known whole unless told otherwise."""
        known = self.complete if self.complete is not None else self.whole
        return World(
            **{
                name: {one.address: one for one in getattr(self, name)}
                for name in (
                    "functions",
                    "roles",
                    "vpcs",
                    "subnets",
                    "tables",
                    "gateways",
                    "nats",
                    "endpoints",
                    "groups",
                )
            },
            grants=self.grants,
            associations=self.associations,
            routes=self.routes,
            group_rules=self.group_rules,
            complete=known,
            **self.others,
        )

    @property
    def whole(self) -> frozenset[tuple[Kind, str]]:
        """List everything that is known whole where nothing is hidden."""
        found = set(WHOLE_VPC)
        found |= {(Kind.ROUTES, one.address) for one in self.tables}
        found |= {(kind, one.address) for one in self.groups for kind in (Kind.EGRESS, Kind.INGRESS)}
        found |= {(Kind.GRANTS, one.address) for one in self.roles}
        return frozenset(found)


PUBLIC_ROUTE = route("table.public", "internet", "igw.main")
PRIVATE_ROUTE = route("table.private", "nat", "nat.main")
ISOLATED = Network(routes=(PUBLIC_ROUTE,))
WITH_NAT = Network(routes=(PUBLIC_ROUTE, PRIVATE_ROUTE), nats=(nat(),))


def deployment(after: Network, before: Network | None = None, **fields: Any) -> Deployment:
    """Deploy a network, from nothing or from another."""
    earlier = None if before is None else before.world()
    return Deployment("test", "plan.json", TERRAFORM, after.world(), earlier, **fields)


def change(network: Network, **fields: Any) -> Network:
    """Give the network with some parts replaced."""
    return replace(network, **fields)
