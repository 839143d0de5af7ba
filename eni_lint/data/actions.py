"""Know which kinds of resource the network-interface actions act on, so that a scoped grant can be judged."""

from functools import cache

import msgspec

from eni_lint.data.tables import read


class ResourceTypes(msgspec.Struct, frozen=True):
    """The kinds of resource that a request for an action names; with none at all only `*` matches it."""

    required: tuple[str, ...]
    optional: tuple[str, ...]


def resource_types(action: str) -> ResourceTypes | None:
    """Return the resource types of a network-interface action; None for any other action.

    >>> resource_types("ec2:CreateNetworkInterface").required
    ('network-interface', 'subnet')
    """
    return _table().get(action)


@cache
def _table() -> dict[str, ResourceTypes]:
    return read("actions", dict[str, ResourceTypes])
