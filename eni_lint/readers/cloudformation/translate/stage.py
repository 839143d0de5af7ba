"""The resources of one moment: those that the conditions let stand, by address and by type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from eni_lint.model.place import Scope
from eni_lint.readers.cloudformation import values
from eni_lint.readers.cloudformation.resolve import Resolver
from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.tree import Tree, mapping, text
from eni_lint.readers.cloudformation.values import Reason, Truth, Value

PROPERTIES = "Properties"
# A key of a resource, none of CloudFormation's own, for one that a change set shows without its properties: what
# stands behind the name of each one that is called differently at different moments, and of all others ("").
NOT_SHOWN = "eni-lint:not shown"
MEANINGLESS = ("template", "packaged", "template.json", "cloudformation-template-update-stack")


class Declared:
    """One resource as a template declares it; its properties are resolved when first asked for."""

    def __init__(self, resolver: Resolver, stack: Stack, logical_id: str, address: str) -> None:
        self.stack = stack
        self.logical_id = logical_id
        self.address = address
        self.body: dict[str, Tree] = stack.resource(logical_id)
        self.kind = text(self.body.get("Type"))
        self._hidden = {name: text(behind) for name, behind in mapping(self.body.get(NOT_SHOWN)).items()}
        self._resolver = resolver
        self._properties: Value | None = None

    @property
    def properties(self) -> Value:
        """All properties, resolved: an object, or an unknown."""
        if self._properties is None:
            self._properties = self._resolved()
        return self._properties

    def _resolved(self) -> Value:
        if self._hidden:
            return _not_shown(f"the properties of {self.address}{self._hidden['']}")
        value = self._resolver.property(self.stack.name, self.logical_id)
        match value:
            case values.Object() | values.Unknown():
                return value
            case values.Absent() | values.Known(None):
                return values.Object({})
            case _:
                return values.Unknown(Reason.MALFORMED, f"{self.address}.{PROPERTIES}")

    @property
    def scope(self) -> Scope:
        """The account and region that the resource's stack goes to, as far as they are known."""
        return Scope(self.stack.environment.account, self.stack.environment.region)

    @property
    def pointer(self) -> str:
        """What the resource is called among all stacks of an input."""
        return f"{self.stack.name}/{self.logical_id}"

    @property
    def is_retained(self) -> bool:
        """Tell whether the object stays when the resource leaves the template."""
        return text(self.body.get("DeletionPolicy")).startswith("Retain")

    def get(self, *path: str) -> Value:
        """Give the value at a path of properties; what it stands in decides where that is not known."""
        if path and self._hidden:
            return _not_shown(f"{self.address}.{path[0]}{self._hidden.get(path[0], self._hidden[''])}")
        return value_at(self.properties, *path)

    def states(self, *path: str) -> bool:
        """Tell whether a property is given."""
        return not isinstance(self.get(*path), values.Absent)


def _not_shown(what: str) -> values.Unknown:
    return values.Unknown(Reason.NOT_SHOWN, what, what)


def value_at(value: Value, *path: str) -> Value:
    """Give the value at a path of keys.

    >>> value_at(values.Object({"Role": values.Known("arn")}), "Role")
    Known(value='arn')
    """
    for step in path:
        match value:
            case values.Object(fields):
                value = fields.get(step, values.Absent())
            case values.Unknown() | values.ListOf():
                return value
            case _:
                return values.Absent()
    return value


class Stage:
    """What stands at one moment in stacks that belong together."""

    def __init__(self, resolver: Resolver, names: Mapping[str, str]) -> None:
        self.resolver = resolver
        self.prefixes = names
        self.by_address: dict[str, Declared] = {}
        self._by_place: dict[tuple[str, str], Declared] = {}
        self._by_type: dict[str, list[Declared]] = {}
        for name, prefix in names.items():
            stack = resolver.stacks[name]
            for logical_id, body in stack.section("Resources").items():
                if mapping(body) and resolver.exists(name, logical_id) is not Truth.FALSE:
                    self._add(Declared(resolver, stack, logical_id, prefix + logical_id))

    def _add(self, declared: Declared) -> None:
        self.by_address[declared.address] = declared
        self._by_place[declared.stack.name, declared.logical_id] = declared
        self._by_type.setdefault(declared.kind, []).append(declared)

    def of(self, *kinds: str) -> Iterator[Declared]:
        """Yield the resources of some types."""
        for kind in kinds:
            yield from self._by_type.get(kind, ())

    def at(self, stack: str, logical_id: str) -> Declared | None:
        """Find a resource by its stack and logical id, None where it does not stand."""
        return self._by_place.get((stack, logical_id))

    def in_stack(self, stack: str) -> Iterator[Declared]:
        """Yield the resources of one stack."""
        return (each for (name, _), each in self._by_place.items() if name == stack)


def prefixes(stacks: Mapping[str, Stack], names: Iterable[str], *, alone: bool = True) -> dict[str, str]:
    """Give what stands before the logical ids of each stack: nothing for a single one, else the stack's name.

    Nested stacks are named after the resource that makes them. A single stack that is not `alone`, since another
    moment has more, is named too.
    """
    chosen = list(names)
    roots = [name for name in chosen if not stacks[name].parent]
    found: dict[str, str] = dict(zip(roots, _labels([stacks[name] for name in roots]), strict=True))
    if len(roots) == 1 and alone:
        found = {roots[0]: ""}
    waiting = list(roots)
    while waiting:
        parent = waiting.pop()
        for logical_id, child in stacks[parent].nested.items():
            if child in stacks and child not in found:
                found[child] = f"{found[parent]}{logical_id}/"
                waiting.append(child)
    return found


def _labels(roots: list[Stack]) -> list[str]:
    """Name stacks that stand side by side, each differently."""
    short = [short_name(stack) for stack in roots]
    seen = Counter(short)
    return [f"{name if seen[name] == 1 else stack.name}/" for name, stack in zip(short, roots, strict=True)]


def short_name(stack: Stack) -> str:
    """Name a stack as people call it: its own name, else its file, or the folder of a file that says nothing.

    >>> short_name(Stack("a/template.yaml", {}, file="a/template.yaml")), short_name(Stack("x", {}, stack_name="Net"))
    ('a', 'Net')
    """
    if stack.stack_name:
        return stack.stack_name
    path = PurePath(stack.file or stack.name)
    folder = path.parent.name
    return folder if path.stem in MEANINGLESS and folder not in ("", ".", "..") else path.stem
