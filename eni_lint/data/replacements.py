"""Know which CloudFormation properties replace their resource, so that a change can be read from two templates."""

from functools import cache
from typing import Literal

import msgspec

from eni_lint.data.tables import read

Replacement = Literal["always", "sometimes", "never"]


class _Properties(msgspec.Struct, frozen=True):
    always: tuple[str, ...]
    sometimes: tuple[str, ...]


def replacement(resource_type: str, path: str) -> Replacement | None:
    """Say whether a change of a property, or of a path like `DnsOptions/X`, replaces the resource; None: not known.

    >>> replacement("AWS::Lambda::Function", "FunctionName"), replacement("AWS::Lambda::Function", "VpcConfig")
    ('always', 'never')
    """
    properties = _table().get(resource_type)
    if properties is None:
        return None
    if any(f"{path}/".startswith(f"{known}/") for known in properties.always):
        return "always"
    nested = any(known.startswith(f"{path}/") for known in properties.always)
    if nested or any(f"{path}/".startswith(f"{known}/") for known in properties.sometimes):
        return "sometimes"
    return "never"


@cache
def _table() -> dict[str, _Properties]:
    return read("replacements", dict[str, _Properties])
