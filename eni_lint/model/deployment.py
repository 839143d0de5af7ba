"""One unit of change: what stands before, what will stand after, and how it gets from one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from eni_lint.model.answer import Unknown
from eni_lint.model.compute import Endpointed, Function, Version
from eni_lint.model.identity import Token, label
from eni_lint.model.network import (
    Appliance,
    Endpoint,
    EndpointLink,
    GatewayAttachment,
    Group,
    GroupRule,
    InternetGateway,
    Nat,
    PublicAccessBlock,
    Route,
    RouteTable,
    Subnet,
    TableAssociation,
    Vpc,
)
from eni_lint.model.place import Origin
from eni_lint.model.policy import Grant, Policy, Role


class Kind(Enum):
    """What can be known whole about an owner: the only closed-world test."""

    GRANTS = "the policies of a role"
    ROUTES = "the routes of a table"
    TABLES = "the route tables and associations of a VPC"
    ENDPOINTS = "the endpoints of a VPC"
    EGRESS = "the egress rules of a group"
    INGRESS = "the ingress rules of a group"
    GATEWAYS = "the internet gateway of a VPC"


class World(Struct, frozen=True, eq=False):
    """Everything that stands at one moment, by address.

    `complete` holds what is known whole: `(Kind.ROUTES, "aws_route_table.a")`. What is not in it is open: absent is
    unknown, never false. `exported` are the things whose id leaves the deployment, so that others may refer to them.
    """

    functions: Mapping[str, Function] = field(default_factory=dict)
    versions: Mapping[str, Version] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    vpcs: Mapping[str, Vpc] = field(default_factory=dict)
    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    tables: Mapping[str, RouteTable] = field(default_factory=dict)
    associations: tuple[TableAssociation, ...] = ()
    routes: tuple[Route, ...] = ()
    gateways: Mapping[str, InternetGateway] = field(default_factory=dict)
    gateway_attachments: tuple[GatewayAttachment, ...] = ()
    nats: Mapping[str, Nat] = field(default_factory=dict)
    appliances: Mapping[str, Appliance] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    endpoint_links: tuple[EndpointLink, ...] = ()
    groups: Mapping[str, Group] = field(default_factory=dict)
    group_rules: tuple[GroupRule, ...] = ()
    public_access_blocks: tuple[PublicAccessBlock, ...] = ()
    endpointed: Mapping[str, Endpointed] = field(default_factory=dict)
    complete: frozenset[tuple[Kind, str]] = frozenset()
    exported: frozenset[Token] = frozenset()

    def knows_whole(self, kind: Kind, owner: Token) -> bool:
        """Tell whether everything of one kind that belongs to an owner is stated here.

        Where the owner's id leaves the deployment, others may add to it.
        """
        return (kind, label(owner)) in self.complete and owner not in self.exported


class Action(Enum):
    """What a change does to one resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE_DELETE_FIRST = "replace, delete first"
    REPLACE_CREATE_FIRST = "replace, create first"
    NOTHING = "no-op"
    FORGET = "forget"
    READ = "read"

    @property
    def removes(self) -> bool:
        """Tell whether the object that stood before is destroyed."""
        return self in (Action.DELETE, Action.REPLACE_DELETE_FIRST, Action.REPLACE_CREATE_FIRST)

    @property
    def replaces(self) -> bool:
        """Tell whether the object is destroyed and made anew."""
        return self in (Action.REPLACE_DELETE_FIRST, Action.REPLACE_CREATE_FIRST)


class Change(Struct, frozen=True):
    """What happens to one resource: the action, the properties that force it, and where it was before a move.

    `maybe` marks a replacement that depends on values which are not known yet. `retained` marks a removal that
    leaves the object standing (a deletion policy). `create_first` is what recorded state says about
    create_before_destroy, None where no state tells.
    """

    address: str
    action: Action
    because: tuple[str, ...] = ()
    previous_address: str = ""
    maybe: bool = False
    retained: bool = False
    create_first: bool | None = None


class Procedure(Struct, frozen=True):
    """How the engine that applies a change behaves: facts of Terraform or CloudFormation, set by the reader.

    `removes_before_updates`: what an object used is destroyed before the object is updated (Terraform), else in a
    clean-up after all updates (CloudFormation). `retries_permission_errors`: a create that lacks a permission is
    tried again for a while. `waits_for_interfaces`: deleting a function waits until Lambda has released its
    interfaces. `cleans_up_interfaces`: deleting a group or subnet waits for the interfaces and removes them with
    the deployer's own credentials. `dialect` picks the language of fixes.
    """

    dialect: str
    removes_before_updates: bool
    retries_permission_errors: bool
    waits_for_interfaces: bool
    cleans_up_interfaces: bool


TERRAFORM = Procedure("terraform", True, True, False, True)
CLOUDFORMATION = Procedure("cloudformation", False, False, True, False)


class Edge(Struct, frozen=True):
    """One dependency: the owner needs `to`. `kind` is `reference`, `explicit` (depends_on) or `recorded`."""

    to: str
    kind: str = "reference"


class Directive(Struct, frozen=True):
    """A word to the linter that stands in the source: a suppression, or what a function calls.

    `rules` are ids or prefixes; `until` is an ISO date. `needs` is filled instead for evidence overrides.
    """

    address: str
    rules: tuple[str, ...] = ()
    reason: str = ""
    until: str = ""
    needs: tuple[str, ...] = ()
    origin: Origin | None = None


class Deployment(Struct, frozen=True, eq=False):
    """One unit of change in one dialect; `before` is None where only the target is known.

    `edges` and `edges_before` map an address to what it needs, in the new configuration and in recorded state.
    `origins` leads an address to where it is written. `scenario` labels one of several readings of one input.
    `name` is stable across runs and dialects of one stack. `incomplete` says why resources may be missing.
    `uneditable` are addresses inside modules that the user only calls. `delays` are resources whose removal waits
    longer than Lambda takes to release interfaces. `open_edges` and `open_edges_before` are resources that may need
    more than `edges` and `edges_before` say, and why. `kept` are resources that the
    source forbids to destroy. `unseen` are parts of
    the deployment whose changes the input does not show, by address. `supposed` marks a reading beside the others that
    takes habits for facts, such as defaults of parameters: what it leaves open, the others leave open too.
    """

    name: str
    source: str
    procedure: Procedure
    after: World
    before: World | None = None
    changes: Mapping[str, Change] = field(default_factory=dict)
    edges: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)
    edges_before: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    directives: tuple[Directive, ...] = ()
    scenario: str = ""
    incomplete: str = ""
    uneditable: frozenset[str] = frozenset()
    delays: frozenset[str] = frozenset()
    open_edges: Mapping[str, Unknown] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    open_edges_before: Mapping[str, Unknown] = field(default_factory=dict)
    unseen: Mapping[str, Unknown] = field(default_factory=dict)
    supposed: bool = False
