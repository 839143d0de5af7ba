"""What a plan does to each resource, and the order that dependencies impose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.deployment import Action, Change, Edge
from eni_lint.readers.terraform.addresses import Path, Step, heads, module_path, spelled, steps_of
from eni_lint.readers.terraform.decode import PlannedResource, StateResource, decoded
from eni_lint.readers.terraform.links import DECIDED_BY
from eni_lint.readers.terraform.references import ConfigurationReferences
from eni_lint.readers.terraform.resources import Stage

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


def change_of(planned: PlannedResource) -> Change:
    """Give what a plan does to one resource."""
    action = ACTIONS.get(planned.change.actions, Action.UPDATE)
    paths = decoded(planned.change.replace_paths)
    return Change(
        address=planned.address,
        action=action,
        because=tuple(_spelled(path) for path in paths if isinstance(path, list)) if isinstance(paths, list) else (),
        previous_address=planned.previous_address or "",
        retained="forget" in planned.change.actions,
        create_first=CREATE_FIRST.get(action),
    )


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


class Dependencies:
    """The edges that a configuration states, followed through variables and outputs."""

    def __init__(self, references: ConfigurationReferences, blocks: Blocks) -> None:
        self._references = references
        self._blocks = blocks
        self._reached: dict[tuple[Path, tuple[Step, ...]], dict[Node, None]] = {}
        self._locals: dict[Node, str] = {}
        self._seen_locals: list[str] = []

    def edges(self) -> Mapping[str, tuple[Edge, ...]]:
        """Give what each resource needs; the instances of one block share one tuple."""
        found: dict[str, tuple[Edge, ...]] = {}
        for node in self._blocks.nodes:
            edges = self._edges_of(node)
            if edges:
                for address in self._blocks.instances(node):
                    found[address] = edges
        return found

    def open_edges(self) -> Mapping[str, Unknown]:
        """Give the resources that refer to what nobody sees, and so may need more than their edges say."""
        return {
            address: Unknown(Why.LOCAL, key, DECIDED_BY)
            for node, key in self._locals.items()
            for address in self._blocks.instances(node)
        }

    def _edges_of(self, node: Node) -> tuple[Edge, ...]:
        path, owner = node
        block = self._references.resource(path, owner)
        if block is None:
            return ()
        self._seen_locals = []
        needed: dict[Node, str] = {}
        for target in self._targets(path, _mentions(self._references.stated(path, owner))):
            needed.setdefault(target, "reference")
        for repetition in (block.count_expression, block.for_each_expression):
            if repetition is not None:
                for target in self._targets(path, heads(repetition.references)):
                    needed.setdefault(target, "reference")
        for target in self._explicit(path, block.depends_on):
            needed.setdefault(target, "explicit")
        if self._seen_locals:
            self._locals[node] = self._seen_locals[0]
        needed.pop(node, None)
        return tuple(
            Edge(address, kind) for target, kind in needed.items() for address in self._blocks.instances(target)
        )

    def _explicit(self, path: Path, depends_on: Iterable[str]) -> Iterable[Node]:
        yield from self._targets(path, depends_on, whole=True)
        # What a module call depends on, everything in the module does.
        for length in range(len(path), 0, -1):
            outer = self._references.modules.get(path[: length - 1])
            call = None if outer is None else outer.module_calls.get(path[length - 1])
            if call is not None:
                yield from self._targets(path[: length - 1], call.depends_on, whole=True)

    def _targets(self, path: Path, mentions: Iterable[str], *, whole: bool = False) -> dict[Node, None]:
        found: dict[Node, None] = {}
        for mention in mentions:
            steps = steps_of(mention)
            if whole and steps[:1] == ("module",) and len(steps) > 1 and isinstance(steps[1], str):
                found.update(dict.fromkeys(self._blocks.below((*path, steps[1]))))
            else:
                found.update(self._reach(path, steps))
        return found

    def _reach(self, path: Path, steps: tuple[Step, ...]) -> dict[Node, None]:
        plain = tuple(step for step in steps if isinstance(step, str))
        key = (path, plain[:3])
        if key not in self._reached:
            self._reached[key] = {}
            self._reached[key] = self._follow(path, plain)
        return self._reached[key]

    def _follow(self, path: Path, steps: tuple[str, ...]) -> dict[Node, None]:
        match steps:
            case ("var", name, *_):
                if not path:
                    return {}
                return self._through(path[:-1], f"module.{path[-1]}", (name,))
            case ("local", name, *_):
                self._seen_locals.append(".".join((*(f"module.{call}" for call in path), "local", name)))
                return {}
            case ("module", name, output, *_):
                return self._through((*path, name), f"output.{output}", ())
            case ("module", name):
                inside = self._references.modules.get((*path, name))
                found: dict[Node, None] = {}
                for output in () if inside is None else inside.outputs:
                    found.update(self._through((*path, name), f"output.{output}", ()))
                return found
            case ("each" | "count" | "path" | "terraform" | "self", *_):
                return {}
            case ("data", type_, name, *_):
                return {(path, f"data.{type_}.{name}"): None}
            case (type_, name, *_):
                return {(path, f"{type_}.{name}"): None}
            case _:
                return {}

    def _through(self, path: Path, owner: str, attribute: tuple[str, ...]) -> dict[Node, None]:
        expression = self._references.expression(path, owner, attribute)
        return {} if expression is None else self._targets(path, heads(expression.references))


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


def recorded_edges(resources: Iterable[StateResource], blocks: Blocks) -> Mapping[str, tuple[Edge, ...]]:
    """Give what each resource of a state was recorded to need, transitively, as Terraform stores it."""
    shared: dict[tuple[str, ...], tuple[Edge, ...]] = {}
    found: dict[str, tuple[Edge, ...]] = {}
    for resource in resources:
        if resource.depends_on:
            if resource.depends_on not in shared:
                shared[resource.depends_on] = tuple(
                    Edge(address, "recorded")
                    for stated in resource.depends_on
                    for address in blocks.instances(_node_of(stated))
                )
            found[resource.address] = shared[resource.depends_on]
    return found


def _node_of(address: str) -> Node:
    """Take the address of a block apart, as state records it: without any keys."""
    steps = [step for step in steps_of(address) if isinstance(step, str)]
    modules = 0
    while steps[modules : modules + 1] == ["module"] and modules + 2 < len(steps):
        modules += 2
    return module_path(spelled(tuple(steps[:modules]))), ".".join(steps[modules:])
