"""Know what AWS managed policies grant, so that a policy that is only named can be judged."""

from functools import cache
from typing import Literal

import msgspec

from eni_lint.data.tables import read

Grant = Literal["all", "scoped", "denied", "none"]

_LETTERS: dict[str, Grant] = {"a": "all", "s": "scoped", "d": "denied", "-": "none"}
_OF_AWS = ":iam::aws:policy"


class ManagedPolicy(msgspec.Struct, frozen=True):
    """One AWS managed policy, and what it says about each action that network interfaces need.

    `all` is on every resource and without a condition, `scoped` is anything less, `denied` is an
    unconditional Deny. `none` is a definite no: the whole policy is known.
    """

    path: str
    name: str
    version: str
    grants: dict[str, Grant]


class _Table(msgspec.Struct, frozen=True):
    actions: list[str]
    policies: dict[str, str]


def managed_policy(name_or_arn: str) -> ManagedPolicy | None:
    """Return the AWS managed policy of a name, a path and name or an ARN of any partition; None if it is not known.

    The ARN of a customer's own policy is not known, whatever its name; neither is a policy under a path
    where AWS does not keep it.

    >>> managed_policy("arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").path
    '/service-role/'
    >>> managed_policy("arn:aws:iam::123456789012:policy/AdministratorAccess") is None
    True
    """
    key = _key(name_or_arn)
    entry = _table().policies.get(key)
    if entry is None:
        return None
    folder, _, name = key.rpartition("/")
    version, _, letters = entry.partition(" ")
    actions = _table().actions
    grants = dict(zip(actions, map(_LETTERS.__getitem__, letters or "-" * len(actions)), strict=True))
    return ManagedPolicy(f"{folder}/", name, version, grants)


def kept_as(arn: str) -> str:
    """Give the path and name under which AWS keeps a policy, where an ARN has its name and another path; else nothing.

    Names are unique whatever the path, so such an ARN names nothing:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html.

    >>> kept_as("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole")
    'service-role/AWSLambdaBasicExecutionRole'
    >>> kept_as("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    ''
    """
    key = _key(arn)
    known = _keys_by_name().get(key.rpartition("/")[2], key)
    return "" if known == key else known.removeprefix("/")


def _key(name_or_arn: str) -> str:
    if name_or_arn.startswith("arn:"):
        return name_or_arn.partition(_OF_AWS)[2]
    if "/" in name_or_arn:
        return "/" + name_or_arn.removeprefix("/")
    return _keys_by_name().get(name_or_arn, "")


@cache
def _table() -> _Table:
    return read("managed_policies", _Table)


@cache
def _keys_by_name() -> dict[str, str]:
    return {key.rpartition("/")[2]: key for key in _table().policies}
