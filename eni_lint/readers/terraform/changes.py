"""What a plan does to each resource, and the order that dependencies impose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.deployment import Action, Change, Edge
from eni_lint.readers.terraform.addresses import Path, heads, module_path, spelled, steps_of
from eni_lint.readers.terraform.decode import PlannedResource, decoded
from eni_lint.readers.terraform.links import DECIDED_BY
from eni_lint.readers.terraform.references import ConfigurationReferences
from eni_lint.readers.terraform.resources import Stage
from eni_lint.readers.terraform.values import any_hidden

ACTIONS = {
    ("no-op",): Action.NOTHING,
    ("create",): Action.CREATE,
    ("read",): Action.READ,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    ("delete", "create"): Action.REPLACE_DELETE_FIRST,
    ("create", "delete"): Action.REPLACE_CREATE_FIRST,
    ("create", "forget"): Action.REPLACE_CREATE_FIRST,
}
CREATE_FIRST = {Action.REPLACE_CREATE_FIRST: True, Action.REPLACE_DELETE_FIRST: False}

Node = tuple[Path, str]


def change_of(planned: PlannedResource, recorded_first: bool | None = None) -> Change:
    """Give what a plan does to one resource; `recorded_first` is what raw state says of create_before_destroy."""
    action = ACTIONS.get(planned.change.actions, Action.UPDATE)
    paths = decoded(planned.change.replace_paths)
    return Change(
        address=planned.address,
        action=action,
        because=tuple(_spelled(path) for path in paths if isinstance(path, list)) if isinstance(paths, list) else (),
        previous_address=planned.previous_address or "",
        retained="forget" in planned.change.actions or (action.removes and _skips_destroy(planned)),
        create_first=CREATE_FIRST.get(action, recorded_first),
    )


def _skips_destroy(planned: PlannedResource) -> bool:
    """Tell whether the provider takes a resource out of the state and leaves it standing."""
    before = decoded(planned.change.before)
    return isinstance(before, dict) and before.get("skip_destroy") is True


def _spelled(path: list[Any]) -> str:
    return "/".join(str(step) for step in path)


class Blocks:
    """The instances of each block over all instances of its module: dependencies do not tell them apart."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        found: dict[Node, dict[str, None]] = {}
        for stage in stages:
            for resource in stage.by_address.values():
                found.setdefault((resource.path, resource.block), {})[resource.address] = None
        self._instances = {node: tuple(addresses) for node, addresses in found.items()}

    @property
    def nodes(self) -> Iterable[Node]:
        """List every block that has instances."""
        return self._instances

    def instances(self, node: Node) -> tuple[str, ...]:
        """List the addresses of a block's instances."""
        return self._instances.get(node, ())

    def below(self, path: Path) -> Iterable[Node]:
        """List every block in a module and in the modules in it."""
        return (node for node in self._instances if node[0][: len(path)] == path)


class Reached(Struct, frozen=True):
    """The blocks that mentions lead to, and a local that nobody sees behind, if one is in the way."""

    nodes: tuple[Node, ...] = ()
    local: str = ""


NOTHING = Reached()


class Dependencies:
    """The edges that a configuration states, followed through variables and outputs.

    `open_edges` are the resources into which something flows that is not known yet, through a local that nobody
    sees: they may need more than their edges say.
    """

    def __init__(self, references: ConfigurationReferences, blocks: Blocks, after: Stage) -> None:
        self._references = references
        self._blocks = blocks
        self._after = after
        self._reached: dict[tuple[Path, tuple[str, ...]], Reached] = {}
        self.open_edges: dict[str, Unknown] = {}
        self.edges: dict[str, tuple[Edge, ...]] = {}
        for node in blocks.nodes:
            edges = self._edges_of(node)
            if edges:
                # The instances of one block share one tuple, so that many of many need no more room than many.
                self.edges.update(dict.fromkeys(blocks.instances(node), edges))

    def _edges_of(self, node: Node) -> tuple[Edge, ...]:
        path, owner = node
        block = self._references.resource(path, owner)
        if block is None:
            return ()
        needed: dict[Node, str] = {}
        stated = self._references.stated(path, owner)
        for attribute, value in stated.items() if isinstance(stated, dict) else ():
            reached = self._targets(path, _mentions(value))
            needed.update(dict.fromkeys(reached.nodes, "reference"))
            if reached.local:
                self._open(node, attribute, reached.local)
        for repetition in (block.count_expression, block.for_each_expression):
            if repetition is not None:
                needed.update(dict.fromkeys(self._targets(path, heads(repetition.references)).nodes, "reference"))
        for target in self._explicit(path, block.depends_on):
            needed.setdefault(target, "explicit")
        needed.pop(node, None)
        return tuple(
            Edge(address, kind) for target, kind in needed.items() for address in self._blocks.instances(target)
        )

    def _open(self, node: Node, attribute: str, local: str) -> None:
        for address in self._blocks.instances(node):
            resource = self._after.by_address.get(address)
            if resource is not None and any_hidden(resource.values.get(attribute)):
                self.open_edges[address] = Unknown(Why.LOCAL, local, DECIDED_BY)

    def _explicit(self, path: Path, depends_on: Iterable[str]) -> Iterator[Node]:
        yield from self._ordered_after(path, depends_on)
        # What a module call depends on, everything in the module does.
        for length in range(len(path), 0, -1):
            outer = self._references.modules.get(path[: length - 1])
            call = None if outer is None else outer.module_calls.get(path[length - 1])
            if call is not None:
                yield from self._ordered_after(path[: length - 1], call.depends_on)

    def _ordered_after(self, path: Path, depends_on: Iterable[str]) -> Iterator[Node]:
        for mention in depends_on:
            steps = _plain(mention)
            if steps[:1] == ("module",) and len(steps) == 2:
                yield from self._blocks.below((*path, steps[1]))
            else:
                yield from self._reach(path, steps).nodes

    def _targets(self, path: Path, mentions: Iterable[str]) -> Reached:
        found = [self._reach(path, _plain(mention)) for mention in mentions]
        if len(found) == 1:
            return found[0]
        nodes = tuple(dict.fromkeys(node for each in found for node in each.nodes))
        return Reached(nodes, next((each.local for each in found if each.local), ""))

    def _reach(self, path: Path, steps: tuple[str, ...]) -> Reached:
        key = (path, steps[:3])
        if key not in self._reached:
            self._reached[key] = NOTHING
            self._reached[key] = self._follow(path, steps)
        return self._reached[key]

    def _follow(self, path: Path, steps: tuple[str, ...]) -> Reached:
        match steps:
            case ("var", name, *_):
                return self._through(path[:-1], f"module.{path[-1]}", (name,)) if path else NOTHING
            case ("local", name, *_) if self._references.expression(path, f"local.{name}") is not None:
                return self._through(path, f"local.{name}", ())
            case ("local", name, *_):
                return Reached(local=".".join((*(f"module.{call}" for call in path), "local", name)))
            case ("module", name, output, *_):
                return self._output((*path, name), output)
            case ("module", name):
                inside = self._references.modules.get((*path, name))
                outputs = () if inside is None else inside.outputs
                return self._targets(path, [f"module.{name}.{output}" for output in outputs])
            case ("each" | "count" | "path" | "terraform" | "self", *_):
                return NOTHING
            case ("data", type_, name, *_):
                return Reached(((path, f"data.{type_}.{name}"),))
            case (type_, name, *_):
                return Reached(((path, f"{type_}.{name}"),))
            case _:
                return NOTHING

    def _output(self, path: Path, name: str) -> Reached:
        inside = self._references.modules.get(path)
        output = None if inside is None else inside.outputs.get(name)
        value = self._through(path, f"output.{name}", ())
        # Whatever reads an output waits for all that the output waits for.
        waited = () if output is None else tuple(self._ordered_after(path, output.depends_on))
        return Reached(tuple(dict.fromkeys((*value.nodes, *waited))), value.local) if waited else value

    def _through(self, path: Path, owner: str, attribute: tuple[str, ...]) -> Reached:
        expression = self._references.expression(path, owner, attribute)
        return NOTHING if expression is None else self._targets(path, heads(expression.references))


@lru_cache(maxsize=65536)
def _plain(mention: str) -> tuple[str, ...]:
    return tuple(step for step in steps_of(mention) if isinstance(step, str))


def _mentions(stated: Any) -> Iterable[str]:
    """Yield every reference in a block, however deep."""
    if isinstance(stated, dict):
        references = stated.get("references")
        if isinstance(references, list):
            yield from heads(tuple(each for each in references if isinstance(each, str)))
        else:
            for each in stated.values():
                yield from _mentions(each)
    elif isinstance(stated, list):
        for each in stated:
            yield from _mentions(each)


def recorded_edges(recorded: Iterable[tuple[str, tuple[str, ...]]], blocks: Blocks) -> Mapping[str, tuple[Edge, ...]]:
    """Give what each resource of a state was recorded to need, transitively, as Terraform stores it."""
    shared: dict[tuple[str, ...], tuple[Edge, ...]] = {}
    found: dict[str, tuple[Edge, ...]] = {}
    for address, needed in recorded:
        if needed:
            if needed not in shared:
                shared[needed] = tuple(
                    Edge(each, "recorded") for stated in needed for each in blocks.instances(node_of(stated))
                )
            found[address] = shared[needed]
    return found


LONGEST_RELEASE = 40
MINUTES = {"s": 1 / 60, "m": 1, "h": 60}


def delays(stages: Iterable[Stage]) -> frozenset[str]:
    """Give the resources whose removal waits longer than Lambda takes to release interfaces."""
    return frozenset(
        resource.address
        for stage in stages
        for resource in stage.of("time_sleep")
        if minutes_of(resource.text("destroy_duration") or "") >= LONGEST_RELEASE
    )


def minutes_of(duration: str) -> float:
    """Give a duration in minutes.

    >>> minutes_of("1h30m"), minutes_of("45m"), minutes_of("soon")
    (90.0, 45.0, 0.0)
    """
    total, number = 0.0, ""
    for letter in duration:
        if letter.isascii() and letter.isdigit():
            number += letter
        elif letter in MINUTES and number:
            total, number = total + int(number[:9]) * MINUTES[letter], ""
        else:
            return 0.0
    return total


def node_of(address: str) -> Node:
    """Take the address of a block apart, as state records it: without any keys."""
    steps = [step for step in steps_of(address) if isinstance(step, str)]
    modules = 0
    while steps[modules : modules + 1] == ["module"] and modules + 2 < len(steps):
        modules += 2
    return module_path(spelled(tuple(steps[:modules]))), ".".join(steps[modules:])
