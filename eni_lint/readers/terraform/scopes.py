"""Where resources can meet: the provider configuration of each, and its region."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eni_lint.model.place import Scope
from eni_lint.readers.terraform.addresses import heads, steps_of
from eni_lint.readers.terraform.decode import NULL, Configuration, decoded, expression_of
from eni_lint.readers.terraform.references import ConfigurationReferences
from eni_lint.readers.terraform.resources import Resource, Stage

DEFAULT = "aws"


class Scopes:
    """Gives the scope of each resource, from the configuration and, failing that, from ARNs."""

    def __init__(
        self,
        configuration: Configuration,
        references: ConfigurationReferences,
        variables: dict[str, Any],
        stages: Iterable[Stage],
    ) -> None:
        self._references = references
        self._stated = {key for key, each in configuration.provider_config.items() if each.expressions != NULL}
        self._regions = {
            key: _region(decoded(provider.expressions), variables)
            for key, provider in configuration.provider_config.items()
        }
        self._shared: dict[tuple[str, str], Scope] = {}
        self.by_address: dict[str, Scope] = {}
        for stage in stages:
            for resource in stage.by_address.values():
                self.by_address.setdefault(resource.address, self._scope(resource))

    def of(self, resource: Resource) -> Scope:
        """Give the scope of a resource."""
        return self.by_address.get(resource.address, Scope())

    def _scope(self, resource: Resource) -> Scope:
        block = self._references.resource(resource.path, resource.block)
        account = DEFAULT if block is None else self._inherited(block.provider_config_key or DEFAULT)
        region = resource.own_region() or self._regions.get(account) or _region_of_arn(resource)
        return self._shared.setdefault((account, region), Scope(account, region))

    def _inherited(self, key: str) -> str:
        """Give the configuration that a module's own provider stands for: without a block, that of its caller."""
        module, colon, name = key.rpartition(":")
        while colon and key not in self._stated and "." not in name:
            module = module.rpartition(".module.")[0]
            key, colon = (f"{module}:{name}", ":") if module else (name, "")
        return key


def _region_of_arn(resource: Resource) -> str:
    parts = (resource.text("arn") or "").split(":")
    return parts[3] if len(parts) > 5 else ""


def _region(stated: Any, variables: dict[str, Any]) -> str:
    expression = expression_of(stated.get("region")) if isinstance(stated, dict) else None
    if expression is None:
        return ""
    if isinstance(expression.constant_value, str):
        return expression.constant_value
    mentions = [steps_of(mention) for mention in heads(expression.references)]
    if len(mentions) == 1 and mentions[0][0] == "var" and len(mentions[0]) == 2:
        value = variables.get(str(mentions[0][1]))
        return value if isinstance(value, str) else ""
    return ""
