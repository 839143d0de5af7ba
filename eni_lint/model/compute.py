"""Functions and what belongs to them."""

from __future__ import annotations

from msgspec import Struct

from eni_lint.model.answer import Absent, Unknown
from eni_lint.model.identity import Members, Token
from eni_lint.model.place import Scope


class Attachment(Struct, frozen=True):
    """A function's VPC configuration: its subnets and its security groups.

    `dual_stack` tells whether IPv6 traffic is allowed.
    """

    subnets: Members
    groups: Members
    dual_stack: bool | Unknown = False


class Variable(Struct, frozen=True):
    """An environment variable: its value as text, what it refers to, or why it is not known.

    Values are read for host names only and are never printed.
    """

    name: str
    value: str | Unknown
    refers_to: tuple[Token, ...] = ()


class Function(Struct, frozen=True):
    """A Lambda function.

    `attachment` is `Absent` when the function is not in a VPC. `targets` are the dead letter queue and the
    destinations, which Lambda itself calls outside of the VPC. `own_instances` marks functions on a capacity
    provider, which have no Hyperplane interfaces. `needs` is what the user states about calls
    (`none`, `internet`, or service names), None when nothing is stated.
    """

    address: str
    scope: Scope
    name: str | Unknown
    role: Members
    attachment: Attachment | Absent | Unknown
    environment: tuple[Variable, ...] | Unknown = ()
    layers: tuple[str | Unknown, ...] = ()
    encrypts_with_own_key: bool | Unknown = False
    targets: tuple[Token, ...] = ()
    own_instances: bool = False
    needs: tuple[str, ...] | None = None


class Version(Struct, frozen=True):
    """A published version that keeps the configuration which its function had."""

    address: str
    scope: Scope
    function: Members
    retained: bool | Unknown = False


class Endpointed(Struct, frozen=True):
    """A resource behind a service API that a role may name (a queue, a table, a secret, a bucket).

    `service` is the IAM prefix of its API, such as `dynamodb`; `arn` is known for what exists already.
    """

    address: str
    scope: Scope
    service: str
    name: str | Unknown = ""
