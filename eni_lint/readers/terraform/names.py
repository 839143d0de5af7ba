"""What literal ids, names and ARNs denote at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from eni_lint.model.identity import Literal, Managed, Token
from eni_lint.model.place import Scope
from eni_lint.readers.terraform.families import Family
from eni_lint.readers.terraform.resources import Resource, Stage


class Names:
    """Leads a literal to the resource that bears it, by families, each indexed when first asked for.

    `former` are resources that stand no more but that literals may still name.
    """

    def __init__(self, stage: Stage, former: Iterable[Resource], scope_of: Callable[[Resource], Scope]) -> None:
        self._stages = (stage, Stage(former))
        self._scope_of = scope_of
        self._indices: dict[str, dict[str, list[Resource]]] = {}
        self._known: dict[tuple[str, str, Scope], Token] = {}
        self._aliases: dict[str, dict[str, Token]] = {}

    def token(self, text: str, family: Family, scope: Scope) -> Token:
        """Give what a literal denotes for somebody in this scope."""
        key = (text, family.name, scope)
        if key not in self._known:
            self._known[key] = self._token(text, family, scope)
        return self._known[key]

    def _token(self, text: str, family: Family, scope: Scope) -> Token:
        index = self._index(family)
        found = index.get(text, [])
        if not found and family.tail and family.tail + "/" in text:
            found = index.get(text[text.index(family.tail + "/") + len(family.tail) :], [])
        near = [each for each in found if self._scope_of(each) == scope] or found
        own = [each for each in near if not each.data] or near
        if len({self._scope_of(each) for each in own}) == 1:
            # Several that bear one name are one thing: what stands comes before what stood.
            return Managed(own[0].address)
        alias = self._index_of_aliases(family).get(text)
        return Literal(text) if alias is None or near else alias

    def _index(self, family: Family) -> dict[str, list[Resource]]:
        if family.name not in self._indices:
            index: dict[str, list[Resource]] = {}
            kinds = (*family.types, *(f"data.{type_}" for type_ in family.types))
            for stage in self._stages:
                for resource in stage.of(*kinds):
                    for name in _names_of(resource, family):
                        index.setdefault(name, []).append(resource)
            self._indices[family.name] = index
        return self._indices[family.name]

    def _index_of_aliases(self, family: Family) -> dict[str, Token]:
        if family.name not in self._aliases:
            self._aliases[family.name] = {
                text: Managed(resource.address + suffix)
                for (type_, attribute), suffix in family.aliases.items()
                if suffix
                for stage in self._stages
                for resource in stage.of(type_, f"data.{type_}")
                if (text := resource.text(attribute)) is not None
            }
        return self._aliases[family.name]


def _names_of(resource: Resource, family: Family) -> set[str]:
    names = {text for identity in family.identities if (text := resource.text(identity)) is not None}
    if family.tail and (name := resource.text("name")) is not None:
        # An ARN is unknown until the apply, but not the end of it.
        names.add(f"{resource.text('path') or '/'}{name}")
    if "function_name" in family.identities and (arn := resource.text("arn")) is not None:
        names.add(arn)
    return names
