"""VPCs and what makes their networks: subnets, routes, ways out, endpoints, security groups."""

from __future__ import annotations

from msgspec import Struct

from eni_lint.model.answer import Absent, Unknown
from eni_lint.model.identity import Members
from eni_lint.model.place import Scope


class Vpc(Struct, frozen=True):
    """A VPC. DNS attributes and tenancy are as they will be, provider defaults resolved by the reader."""

    address: str
    scope: Scope
    cidrs: tuple[str | Unknown, ...] = ()
    dns_support: bool | Unknown = True
    dns_hostnames: bool | Unknown = False
    dedicated: bool | Unknown = False
    created_here: bool = True


class Subnet(Struct, frozen=True):
    """A subnet."""

    address: str
    scope: Scope
    vpc: Members
    cidr: str | Unknown
    created_here: bool = True


class RouteTable(Struct, frozen=True):
    """A route table; `main` tells whether it serves its VPC's subnets that have no table of their own.

    `propagates` tells whether routes may appear by propagation from a virtual private gateway.
    """

    address: str
    scope: Scope
    vpc: Members
    main: bool | Unknown = False
    propagates: bool | Unknown = False
    created_here: bool = True


class TableAssociation(Struct, frozen=True):
    """A subnet's explicit route table, or with `main` the main table of `vpc`."""

    address: str
    scope: Scope
    table: Members
    subnet: Members | Absent = Absent()
    vpc: Members | Absent = Absent()


class Route(Struct, frozen=True):
    """One route of a table.

    `destination` is a CIDR block (IPv4 or IPv6) or a prefix list id. `target_kind` is one of `nat`, `internet`
    (an internet gateway), `egress_only`, `transit`, `peering`, `endpoint`, `interface`, `instance`, `vpn`, `core`,
    `carrier`, `local_gateway`, `gateway` (an id whose kind is not known), `local`; it is `private` where the target is
    a NAT or a transit gateway, whichever, and `isolated` where it is known not to be an internet gateway: there may
    even be no such route. `given_as` is the attribute that carries the target, where the dialect has one per kind.
    Wherever a table is named, a VPC's own token stands for the main table of that VPC.
    """

    address: str
    scope: Scope
    table: Members
    destination: str | Unknown
    target_kind: str | Unknown
    target: Members
    given_as: str = ""


class InternetGateway(Struct, frozen=True):
    """An internet gateway and the VPC that it is attached to (`Absent`: to none that is stated with it)."""

    address: str
    scope: Scope
    vpc: Members | Absent
    egress_only: bool = False


class GatewayAttachment(Struct, frozen=True):
    """An internet gateway's attachment to a VPC where it is a resource of its own."""

    address: str
    scope: Scope
    gateway: Members
    vpc: Members


class Nat(Struct, frozen=True):
    """A NAT gateway: zonal in `subnet`, or regional with `Absent` there and its `vpc`."""

    address: str
    scope: Scope
    subnet: Members | Absent
    vpc: Members | Absent
    public: bool | Unknown = True
    allocation: Members | Absent | Unknown = Absent()


class Appliance(Struct, frozen=True):
    """An instance or network interface that routes may point at; a NAT only with its source check off."""

    address: str
    scope: Scope
    checks_source: bool | Unknown


class Endpoint(Struct, frozen=True):
    """A VPC endpoint.

    `service` is the service's name without `com.amazonaws.<region>.`, such as `s3` or `secretsmanager`;
    `kind` is `gateway`, `interface`, `gwlb`, `resource` or `service_network`. `groups` empty and exact means that
    the VPC's default group guards it. The policy is `Absent` where the default (full access) holds.
    """

    address: str
    scope: Scope
    vpc: Members
    service: str | Unknown
    kind: str | Unknown
    tables: Members
    subnets: Members
    groups: Members
    private_dns: bool | Unknown = False
    kind_omitted: bool = False
    region: str = ""


class EndpointLink(Struct, frozen=True):
    """An endpoint's association that is a resource of its own: `joins` is `table`, `subnet` or `group`."""

    address: str
    scope: Scope
    endpoint: Members
    joins: str
    target: Members


class Group(Struct, frozen=True):
    """A security group; its rules are `GroupRule`s, and known whole only where the world says so.

    `default` marks a VPC's default group. `also_in` are further VPCs that the group is associated with.
    """

    address: str
    scope: Scope
    vpc: Members
    default: bool = False
    created_here: bool = True
    also_in: Members = Members()


class GroupRule(Struct, frozen=True):
    """One rule of a security group towards its peers.

    `protocol` is `tcp`, `udp`, `icmp`, a number or `-1` for all; ports are inclusive, and both are 0 for all
    protocols. `peers` leads to groups; `itself` marks a rule towards the group itself. `inline` tells that the rule
    is written in its group.
    """

    address: str
    scope: Scope
    group: Members
    egress: bool
    protocol: str | Unknown
    from_port: int | Unknown
    to_port: int | Unknown
    cidrs: tuple[str | Unknown, ...] = ()
    peers: Members = Members()
    prefix_lists: Members = Members()
    itself: bool = False
    inline: bool = False


class PublicAccessBlock(Struct, frozen=True):
    """The account's switch that blocks internet gateways: `mode` as AWS names it, such as `block-bidirectional`.

    `excluded` leads to the VPCs and subnets that are exempt.
    """

    address: str
    scope: Scope
    mode: str | Unknown
    excluded: Members = Members()
