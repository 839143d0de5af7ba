"""What each resource waits for: references, DependsOn, and the stacks that come first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from eni_lint.model.deployment import Edge
from eni_lint.readers.cloudformation.translate.links import Linker
from eni_lint.readers.cloudformation.translate.stage import Declared, Stage
from eni_lint.readers.cloudformation.tree import Tree, children, function_of, mapping, sequence, text
from eni_lint.readers.cloudformation.values import Truth

# Nodes that stand for a whole stack, and for what must be there before it begins.
WHOLE, INPUTS = " (stack)", " (inputs)"

_PLACEHOLDER = re.compile(r"\$\{([^!{}][^{}]*)\}")


def edges_of(linker: Linker, imports: Mapping[str, frozenset[str]]) -> dict[str, tuple[Edge, ...]]:
    """Give what every resource of one moment needs, by address; `imports` are the stacks that each one imports from.

    A stack that imports waits as a whole for the stack that exports; a nested one for what its parent gives it, and
    who uses its outputs waits for all of it.
    """
    stage = linker.stage
    found = {address: dict(_own(stage, declared)) for address, declared in stage.by_address.items()}
    for name, prefix in stage.prefixes.items():
        inside = dict.fromkeys((declared.address for declared in stage.in_stack(name)), "reference")
        before = {f"{stage.prefixes[other]}{WHOLE}": "reference" for other in sorted(imports.get(name, ()))}
        holder = prefix.removesuffix("/") if stage.resolver.stacks[name].parent else ""
        if holder in found:
            before |= found[holder]
            found[holder] = {f"{prefix}{INPUTS}": "reference", **inside}
        found[f"{prefix}{WHOLE}"] = inside
        if before:
            found[f"{prefix}{INPUTS}"] = before
            for address in inside:
                found[address].setdefault(f"{prefix}{INPUTS}", "reference")
    return {
        address: tuple(Edge(to, kind) for to, kind in needed.items() if to != address)
        for address, needed in found.items()
        if needed
    }


def _own(stage: Stage, declared: Declared) -> Iterator[tuple[str, str]]:
    """Yield what one resource needs in its own stack: explicit dependencies give way to references."""
    stated = declared.body.get("DependsOn")
    for name in (stated,) if isinstance(stated, str) else sequence(stated):
        needed = stage.at(declared.stack.name, text(name))
        if needed is not None:
            yield needed.address, "explicit"
    for name in _references(stage, declared.stack.name, declared.body.get("Properties")):
        needed = stage.at(declared.stack.name, name)
        if needed is not None:
            yield needed.address, "reference"


def _references(stage: Stage, stack: str, tree: Tree) -> Iterator[str]:
    """Yield the logical ids that a part of a template refers to, without the branches that are not taken."""
    match function_of(tree):
        case "Ref", str(name):
            yield name
        case "Fn::GetAtt", [str(name), *_]:
            yield name
        case "Fn::GetAtt", str(path):
            yield path.partition(".")[0]
        case "Fn::If", [str(condition), then, otherwise]:
            answer = stage.resolver.condition(stack, condition)
            if answer is not Truth.FALSE:
                yield from _references(stage, stack, then)
            if answer is not Truth.TRUE:
                yield from _references(stage, stack, otherwise)
        case "Fn::Sub", argument:
            yield from _substituted(stage, stack, argument)
        case _:
            for child in children(tree):
                yield from _references(stage, stack, child)


def _substituted(stage: Stage, stack: str, argument: Tree) -> Iterator[str]:
    template, given = (argument, {}) if isinstance(argument, str) else _pair(argument)
    for name in _PLACEHOLDER.findall(template):
        if name not in given:
            yield name.strip().partition(".")[0]
    for value in given.values():
        yield from _references(stage, stack, value)


def _pair(argument: Tree) -> tuple[str, dict[str, Tree]]:
    parts = sequence(argument)
    return (text(parts[0]), mapping(parts[1])) if len(parts) == 2 else ("", {})
