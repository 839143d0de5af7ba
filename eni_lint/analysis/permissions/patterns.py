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


def undetermined(pattern: str) -> Unknown:
    """Say that a pattern has a part that only the request fills."""
    return Unknown(Why.UNSUPPORTED, f"what {pattern} stands for")


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
