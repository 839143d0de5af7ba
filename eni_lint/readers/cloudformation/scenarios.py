"""The cases in which a template may be deployed: every satisfiable answer of the conditions that matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product

import msgspec

from eni_lint.readers.cloudformation.resolve import Resolver, Scenario
from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.tree import Tree, children, find, function_of, functions_in, mapping, text, written
from eni_lint.readers.cloudformation.values import Known, Reason, Truth, Unknown, unknowns_in

MAX_TRIED = 1_024


class Scenarios(msgspec.Struct, frozen=True):
    """The satisfiable cases; `complete` is false when there are more than were looked at."""

    scenarios: tuple[Scenario, ...]
    complete: bool = True


def scenarios(stacks: Mapping[str, Stack], wanted: Iterable[tuple[str, str]], cap: int = 64) -> Scenarios:
    """Every combination of answers that the wanted conditions, given as (stack, name), can have together.

    Parameters that are open run through their allowed values, or through those that the conditions compare them with
    and one more; so two conditions that exclude one another are never both true.
    """
    names = sorted({name for name in wanted if name[1] in stacks[name[0]].section("Conditions")})
    domains = _domains(stacks, names)
    cases: dict[tuple[bool, ...], dict[str, Known | Unknown]] = {}
    complete = True
    tried = 0
    for tried, values in enumerate(product(*domains.values()), 1):
        assumed = dict(zip(domains, values, strict=True))
        for answers in _answers(Resolver(stacks, Scenario(values=assumed)), names):
            cases[answers] = _agreed(cases[answers], assumed) if answers in cases else assumed
        if tried == MAX_TRIED or len(cases) > cap:
            complete = len(cases) <= cap and tried == _combinations(domains)
            break
    found = tuple(_scenario(names, answers, values if complete else {}, cases) for answers, values in cases.items())
    return Scenarios(found[:cap], complete)


def with_defaults(stacks: Mapping[str, Stack]) -> Scenario:
    """The case in which every open parameter takes its default; a default is a habit, not a fact."""
    defaults = {
        f"{stack.name}/{name}": Known(written(mapping(declared)["Default"]))
        for stack in stacks.values()
        for name, declared in stack.section("Parameters").items()
        if "Default" in mapping(declared) and name not in stack.parameters and name not in stack.arguments
    }
    return Scenario("with default parameters", values=dict(defaults))


def _combinations(domains: Mapping[str, tuple[Known | Unknown, ...]]) -> int:
    count = 1
    for domain in domains.values():
        count *= len(domain)
    return count


def _answers(resolver: Resolver, names: list[tuple[str, str]]) -> Iterator[tuple[bool, ...]]:
    """The answers of all conditions under one assignment; what it leaves open is taken both ways."""
    ways = {Truth.TRUE: (True,), Truth.FALSE: (False,), Truth.MAYBE: (True, False)}
    yield from islice(product(*(ways[resolver.condition(*name)] for name in names)), MAX_TRIED)


def _agreed(left: dict[str, Known | Unknown], right: dict[str, Known | Unknown]) -> dict[str, Known | Unknown]:
    return {key: value for key, value in left.items() if right.get(key) == value}


def _scenario(
    names: list[tuple[str, str]],
    answers: tuple[bool, ...],
    values: dict[str, Known | Unknown],
    cases: Iterable[tuple[bool, ...]],
) -> Scenario:
    varying = [len(set(column)) > 1 for column in zip(*cases, strict=True)]
    says = [
        f"{name} is {'true' if answer else 'false'}"
        for (_, name), answer, varies in zip(names, answers, varying, strict=True)
        if varies
    ]
    return Scenario(", ".join(says), dict(zip(names, answers, strict=True)), values)


def _domains(stacks: Mapping[str, Stack], names: list[tuple[str, str]]) -> dict[str, tuple[Known | Unknown, ...]]:
    """What each open parameter behind the conditions may be; its default first."""
    resolver = Resolver(stacks)
    compared: dict[str, tuple[Unknown, dict[str, None]]] = {}
    for stack, tree in _comparisons(stacks, names):
        literals = dict.fromkeys(_literals(stacks[stack], tree))
        for name, argument in functions_in(tree):
            if name == "Ref" and isinstance(argument, str):
                for unknown in unknowns_in(resolver.resolve(stack, {"Ref": argument})):
                    compared.setdefault(unknown.key, (unknown, {}))[1].update(literals)
    return {key: _domain(stacks, unknown, list(literals)) for key, (unknown, literals) in compared.items()}


def _domain(stacks: Mapping[str, Stack], unknown: Unknown, literals: list[str]) -> tuple[Known | Unknown, ...]:
    stack, _, parameter = unknown.key.rpartition("/")
    declared = stacks[stack].section("Parameters").get(parameter) if stack in stacks else None
    default = [written(value)] if (value := mapping(declared).get("Default")) is not None else []
    allowed = find(declared, "AllowedValues")
    if unknown.reason is Reason.SSM_PARAM or text(find(declared, "Type")).find("List") >= 0:
        return (unknown,)
    if isinstance(allowed, list) and allowed:
        return tuple(Known(value) for value in dict.fromkeys([*default, *map(written, allowed)]))
    values = dict.fromkeys([*default, *literals])
    other = Unknown(unknown.reason, unknown.key, unknown.detail, frozenset(values))
    return (*(Known(value) for value in values), other)


def _comparisons(stacks: Mapping[str, Stack], names: list[tuple[str, str]]) -> Iterator[tuple[str, Tree]]:
    """Every `Fn::Equals` on which the conditions rest, with its stack."""
    seen: set[tuple[str, str]] = set()
    waiting = list(names)
    while waiting:
        stack, name = waiting.pop()
        if (stack, name) in seen:
            continue
        seen.add((stack, name))
        for function, argument in functions_in(stacks[stack].section("Conditions").get(name)):
            if function == "Fn::Equals":
                yield stack, argument
            elif function == "Condition" and isinstance(argument, str):
                waiting.append((stack, argument))


def _literals(stack: Stack, tree: Tree) -> Iterator[str]:
    """What a comparison may compare with: its own texts, and the keys of the maps that it looks into."""
    name, argument = function_of(tree)
    if name == "Fn::FindInMap":
        found = mapping(stack.section("Mappings").get(text(find(argument, 0))))
        yield from found
        yield from (key for inner in found.values() for key in mapping(inner))
    elif isinstance(tree, str | bool | int):
        yield written(tree)
    elif name != "Ref":
        for child in children(tree):
            yield from _literals(stack, child)
