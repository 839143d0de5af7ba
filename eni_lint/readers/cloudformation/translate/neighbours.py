"""Which stacks belong together: those that one nests, and those that import what another exports."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.readers.cloudformation.resolve import Resolver
from eni_lint.readers.cloudformation.tree import find, functions_in
from eni_lint.readers.cloudformation.values import key_of


def imports_of(resolver: Resolver) -> dict[str, frozenset[str]]:
    """Give the stacks that each stack imports from."""
    if len(resolver.stacks) == 1:
        return {}
    exporters: dict[str, str] = {}
    for name, stack in resolver.stacks.items():
        for declared in stack.section("Outputs").values():
            export = find(declared, "Export", "Name")
            if export is not None:
                exporters[f"{stack.environment.key}/{key_of(resolver.resolve(name, export))}"] = name
    return {name: frozenset(set(_imported(resolver, name, exporters)) - {name}) for name in resolver.stacks}


def _imported(resolver: Resolver, name: str, exporters: dict[str, str]) -> Iterator[str]:
    stack = resolver.stacks[name]
    for function, argument in functions_in(stack.template):
        if function == "Fn::ImportValue":
            exporter = exporters.get(f"{stack.environment.key}/{key_of(resolver.resolve(name, argument))}")
            if exporter is not None:
                yield exporter


def components(resolver: Resolver, imports: dict[str, frozenset[str]]) -> list[tuple[str, ...]]:
    """Divide stacks into those that belong together, each group and all groups in the order of the input."""
    joined: dict[str, set[str]] = {name: {name} for name in resolver.stacks}
    for name, stack in resolver.stacks.items():
        for other in (*imports.get(name, ()), *(child for child in stack.nested.values() if child in joined)):
            if joined[other] is not joined[name]:
                joined[name] |= joined[other]
                for member in joined[other]:
                    joined[member] = joined[name]
    groups = {id(group): group for group in joined.values()}
    return [tuple(name for name in resolver.stacks if name in group) for group in groups.values()]
