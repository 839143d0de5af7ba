"""What expressions refer to: one question with several answerers, the plan's configuration and the source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from msgspec import json
from msgspec.structs import replace

from eni_lint.readers.terraform.addresses import Path
from eni_lint.readers.terraform.decode import (
    NULL,
    Configuration,
    ConfiguredModule,
    ConfiguredResource,
    Expression,
    decoded,
    expression_of,
)
from eni_lint.readers.terraform.values import strings_in


class References(Protocol):
    """Tells what configuration says, by module (the names of the calls that lead there) and owner.

    Owners are written as in configuration: `aws_subnet.a`, `data.aws_vpc.x`, `module.net` (its arguments),
    `output.ids`, `var.name` (its default) and `local.name`; the last three have one expression with an empty path.
    `count` and `for_each` are asked for like attributes. A path leads into nested blocks, such as
    `("vpc_config", 0, "subnet_ids")`.
    """

    def expression(self, module: Path, owner: str, path: tuple[str | int, ...] = ()) -> Expression | None:
        """Give the expression that states a value, None where nothing is seen."""
        ...

    def states(self, module: Path, owner: str) -> bool:
        """Tell whether the configuration has this owner at all."""
        ...

    def names(self, module: Path, owner: str) -> tuple[str, ...]:
        """List the attributes, or arguments, that an owner states; those of `output` are the module's outputs."""
        ...


class ConfigurationReferences:
    """Answers from the `configuration` of a plan, which has neither locals nor dynamic blocks."""

    def __init__(self, configuration: Configuration) -> None:
        self._modules: dict[Path, ConfiguredModule] = {}
        self._resources: dict[tuple[Path, str], ConfiguredResource] = {}
        self._expressions: dict[tuple[Path, str], Any] = {}
        self._enter((), configuration.root_module)

    def _enter(self, path: Path, module: ConfiguredModule) -> None:
        self._modules[path] = module
        for resource in module.resources:
            self._resources[path, resource.address] = resource
        for name, call in module.module_calls.items():
            if call.module is not None:
                self._enter((*path, name), call.module)

    @property
    def modules(self) -> dict[Path, ConfiguredModule]:
        """Give every module by its path."""
        return self._modules

    def resource(self, module: Path, owner: str) -> ConfiguredResource | None:
        """Give the block of a resource or data source."""
        return self._resources.get((module, owner))

    def states(self, module: Path, owner: str) -> bool:
        """Tell whether there is such a resource."""
        return (module, owner) in self._resources

    def names(self, module: Path, owner: str) -> tuple[str, ...]:
        """List the attributes that a block states."""
        if owner == "output":
            inside = self._modules.get(module)
            return () if inside is None else tuple(inside.outputs)
        stated = self.stated(module, owner)
        return tuple(stated) if isinstance(stated, dict) else ()

    def expression(self, module: Path, owner: str, path: tuple[str | int, ...] = ()) -> Expression | None:
        """Give the expression that states a value."""
        if path in (("count",), ("for_each",)):
            return self._repetition(module, owner, str(path[0]))
        found = list(_stated_at([self.stated(module, owner)], path))
        if len(found) == 1:
            return found[0]
        references = tuple(reference for each in found for reference in each.references)
        texts = (text for each in found for text in (*each.literals, *strings_in(each.constant_value)))
        return Expression(references, shared=True, literals=tuple(texts)) if references else None

    def stated(self, module: Path, owner: str) -> Any:
        """Give all that an owner states, decoded once."""
        key = (module, owner)
        if key not in self._expressions:
            self._expressions[key] = self._decode(module, owner)
        return self._expressions[key]

    def _decode(self, module: Path, owner: str) -> Any:
        inside = self._modules.get(module)
        if inside is None:
            return None
        kind, _, name = owner.partition(".")
        match kind:
            case "output":
                output = inside.outputs.get(name)
                return None if output is None else decoded(output.expression)
            case "var":
                variable = inside.variables.get(name)
                if variable is None or variable.default == NULL:
                    return None
                return {"constant_value": json.decode(variable.default)}
            case "local":
                return decoded(inside.locals.get(name, NULL))
            case "module":
                call = inside.module_calls.get(name)
                return None if call is None else decoded(call.expressions)
            case _:
                resource = self._resources.get((module, owner))
                return None if resource is None else decoded(resource.expressions)

    def _repetition(self, module: Path, owner: str, kind: str) -> Expression | None:
        inside = self._modules.get(module)
        block = (
            (None if inside is None else inside.module_calls.get(owner.removeprefix("module.")))
            if owner.startswith("module.")
            else self._resources.get((module, owner))
        )
        if block is None:
            return None
        return block.count_expression if kind == "count" else block.for_each_expression


def _stated_at(stated: list[Any], path: tuple[str | int, ...]) -> Iterator[Expression]:
    """Yield the expressions at a path; of several blocks nobody knows which is which, so they share theirs."""
    for step in path:
        if isinstance(step, int):
            continue
        blocks = [block for each in stated for block in (each if isinstance(each, list) else [each])]
        inner = [block[step] for block in blocks if isinstance(block, dict) and step in block]
        bags = [block for block in blocks if isinstance(block, dict) and "references" in block]
        if not inner and bags:
            # A block that the provider takes as an attribute has one bag for all that is in it.
            for bag in bags:
                if (whole := expression_of(bag)) is not None:
                    yield replace(whole, shared=True, text="")
            return
        stated = inner
    for each in stated:
        if (expression := expression_of(each)) is not None:
            yield expression
