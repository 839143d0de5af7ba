"""Match the wildcards of policies, where parts of a pattern may be open."""

from __future__ import annotations

import re
from functools import cache

from eni_lint.model.answer import Answer, No, Unknown, Why, Yes


def matches(pattern: str, text: str) -> Answer:
    """Answer whether a pattern of `*` and `?` matches a text; `${…}` in a pattern stands for anything.

    >>> matches("ec2:*NetworkInterface", "ec2:CreateNetworkInterface")
    Yes(because=())
    """
    if "${" not in pattern:
        return Yes() if _glob(pattern).fullmatch(text) else No()
    widest = re.sub(r"\$\{[^}]*\}", "*", pattern)
    return undetermined(pattern) if _glob(widest).fullmatch(text) else No()


def arn_fields(pattern: str) -> list[str]:
    """Take an ARN apart at its colons, but for those in `${…}`; IAM fills missing fields with wildcards.

    >>> arn_fields("arn:aws:ec2:${AWS::Region}")
    ['arn', 'aws', 'ec2', '${AWS::Region}', '*', '*']
    """
    fields = re.split(r":(?![^{]*\})", pattern, maxsplit=5)
    return (fields + ["*"] * 6)[:6]


def undetermined(pattern: str) -> Unknown:
    """Say that a pattern has a part that only the request fills."""
    return Unknown(Why.UNSUPPORTED, f"what {pattern} stands for")


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
