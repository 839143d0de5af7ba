"""Roles, the policies that they carry, and what policy documents say."""

from __future__ import annotations

from msgspec import Struct

from eni_lint.model.answer import Absent, Unknown
from eni_lint.model.identity import Members
from eni_lint.model.place import Scope


class Condition(Struct, frozen=True):
    """One condition of a statement: operator and key as written, values as far as they are known."""

    operator: str
    key: str
    values: tuple[str | Unknown, ...] = ()


class Statement(Struct, frozen=True):
    """One statement of a policy document.

    Exactly one of `actions` and `not_actions` is filled, likewise `resources` and `not_resources` (both are empty
    in a trust policy). An element that is not known stands as `Unknown`. `principals` holds `Service:lambda.…`,
    `AWS:…` and `*`.
    """

    allows: bool
    actions: tuple[str | Unknown, ...] = ()
    not_actions: tuple[str | Unknown, ...] = ()
    resources: tuple[str | Unknown, ...] = ()
    not_resources: tuple[str | Unknown, ...] = ()
    conditions: tuple[Condition, ...] = ()
    principals: tuple[str | Unknown, ...] = ()
    sid: str = ""


class Document(Struct, frozen=True):
    """A policy document; `rest` says why there may be statements that nobody sees."""

    statements: tuple[Statement, ...] = ()
    rest: Unknown | None = None


class AwsManaged(Struct, frozen=True):
    """A policy that AWS manages, by its ARN or by path and name (`/service-role/AWSLambdaVPCAccessExecutionRole`)."""

    name: str


class Policy(Struct, frozen=True):
    """A customer-managed policy that this deployment states."""

    address: str
    scope: Scope
    name: str | Unknown
    document: Document | Unknown


class Role(Struct, frozen=True):
    """An execution role that this deployment states; what it carries are `Grant`s.

    `created_here` is False for a role that is only looked up (a data source).
    """

    address: str
    scope: Scope
    name: str | Unknown
    trust: Document | Unknown
    boundary: Document | AwsManaged | Members | Absent | Unknown
    created_here: bool = True


class Grant(Struct, frozen=True):
    """One policy on one role: an inline policy, an attachment, or an element of the role's own list.

    `address` is the resource that carries it: the role itself when `inside`, else the attachment or inline policy.
    `roles` leads to the role (several for an exclusive attachment). `policy` leads to a customer-managed `Policy`
    when it is `Members`.
    """

    address: str
    scope: Scope
    roles: Members
    policy: Document | AwsManaged | Members | Unknown
    inside: bool = False
    attribute: str = ""
    elsewhere: bool = False
