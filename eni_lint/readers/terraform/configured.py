"""Source becomes the configuration that a plan prints, with the locals and dynamic blocks that plans leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Raw, UnsetType, json

from eni_lint.readers.terraform.decode import (
    NULL,
    Configuration,
    ConfiguredCall,
    ConfiguredModule,
    ConfiguredOutput,
    ConfiguredResource,
    ConfiguredVariable,
    Expression,
    ProviderConfiguration,
    expression_of,
)
from eni_lint.readers.terraform.hcl.meta_arguments import depends_on, lifecycle
from eni_lint.readers.terraform.hcl.modules import Module, ModulePath, Tree
from eni_lint.readers.terraform.hcl.records import Attribute, Block
from eni_lint.readers.terraform.hcl.records import Expression as Written
from eni_lint.readers.terraform.shapes import Shape

META = frozenset(("count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection", "timeouts"))
OF_CALLS = META | {"source", "version", "providers"}
MODES = {"resource": "managed", "data": "data"}

Providers = Mapping[str, str]
Bound = Mapping[str, tuple[str, ...]]
NOTHING: Mapping[str, Any] = {}


def configuration_of(tree: Tree) -> Configuration:
    """Give what a tree of modules says in the form that a plan has for it."""
    providers = {
        key: ProviderConfiguration(block.labels[0], _raw(_expressions(block, OF_CALLS)))
        for path, module in tree.modules.items()
        for key, block in _providers_in(path, module)
    }
    return Configuration(providers, _module(tree, (), NOTHING))


def _module(tree: Tree, path: ModulePath, inherited: Providers) -> ConfiguredModule:
    module = tree.modules[path]
    providers = {**inherited, **{_local_name(block): key for key, block in _providers_in(path, module)}}
    resources: list[ConfiguredResource] = []
    outputs: dict[str, ConfiguredOutput] = {}
    variables: dict[str, ConfiguredVariable] = {}
    calls: dict[str, ConfiguredCall] = {}
    local: dict[str, Raw] = {}
    for block in module.blocks:
        match block.type, block.labels:
            case (("resource" | "data"), (_, _)):
                resources.append(_resource(block, providers))
            case "output", (name,):
                value = block.attributes.get("value")
                stated = NULL if value is None else _raw(_expression(value.value, NOTHING))
                outputs[name] = ConfiguredOutput(stated, depends_on(block))
            case "variable", (name,):
                variables[name] = ConfiguredVariable(_default(block))
            case "module", (name,):
                calls[name] = _call(tree, (*path, name), block, providers)
            case "locals", ():
                local.update({name: _raw(_expression(each.value, NOTHING)) for name, each in block.attributes.items()})
            case _:
                pass
    return ConfiguredModule(tuple(resources), outputs, variables, calls, local)


def _resource(block: Block, providers: Providers) -> ConfiguredResource:
    type_, _ = block.labels
    chosen = block.attributes.get("provider")
    provider = type_.partition("_")[0] if chosen is None else _reference(chosen)
    return ConfiguredResource(
        address=block.address,
        type=type_,
        mode=MODES[block.type],
        provider_config_key=providers.get(provider, provider),
        expressions=_raw(_expressions(block, META)),
        count_expression=_repetition(block, "count"),
        for_each_expression=_repetition(block, "for_each"),
        depends_on=depends_on(block),
        kept=lifecycle(block).prevent_destroy is True,
    )


def _call(tree: Tree, path: ModulePath, block: Block, providers: Providers) -> ConfiguredCall:
    source = block.attributes.get("source")
    stated = "" if source is None else source.value.constant
    inside = _module(tree, path, _passed(block, providers)) if path in tree.modules else None
    return ConfiguredCall(
        source=stated if isinstance(stated, str) else "",
        expressions=_raw(_expressions(block, OF_CALLS)),
        count_expression=_repetition(block, "count"),
        for_each_expression=_repetition(block, "for_each"),
        module=inside,
        depends_on=depends_on(block),
    )


def _providers_in(path: ModulePath, module: Module) -> Iterator[tuple[str, Block]]:
    """Yield the provider blocks of a module by the keys that a plan gives them."""
    prefix = f"{'.'.join(f'module.{name}' for name in path)}:" if path else ""
    for block in module.blocks:
        if block.type == "provider" and block.labels:
            yield prefix + _local_name(block), block


def _local_name(provider: Block) -> str:
    alias = provider.attributes.get("alias")
    stated = "" if alias is None else alias.value.constant
    return f"{provider.labels[0]}.{stated}" if isinstance(stated, str) and stated else provider.labels[0]


def _passed(call: Block, providers: Providers) -> Providers:
    """Give the providers that a called module sees: those passed on by name, else the ones without an alias."""
    passed = call.attributes.get("providers")
    if passed is None:
        return {name: key for name, key in providers.items() if "." not in name}
    pairs = re.findall(r"([\w.-]+)\"?\s*[=:]\s*\"?([\w.-]+)", passed.value.text)
    return {name: providers.get(given, given) for name, given in pairs}


def _reference(attribute: Attribute) -> str:
    """Give what an argument names, written plainly or, in JSON, as a string."""
    stated = attribute.value.constant
    return stated if isinstance(stated, str) else attribute.value.text


def _repetition(block: Block, name: str) -> Expression | None:
    attribute = block.attributes.get(name)
    if attribute is None:
        return None
    return expression_of(_expression(attribute.value, NOTHING))


def _default(variable: Block) -> Raw:
    stated = variable.attributes.get("default")
    constant = None if stated is None else stated.value.constant
    return NULL if constant is None or isinstance(constant, UnsetType) else _raw(constant)


def _expressions(block: Block, without: frozenset[str], bound: Bound = NOTHING) -> dict[str, Any]:
    """Give the arguments and nested blocks of a block; those of dynamic blocks stand beside those written out."""
    found: dict[str, Any] = {
        name: _expression(attribute.value, bound)
        for name, attribute in block.attributes.items()
        if name not in without and name != "dynamic"
    }
    # In the JSON syntax an object is an argument and a block; as a block it tells more.
    nested: dict[str, list[Any]] = {}
    for inner in block.blocks:
        if inner.type == "dynamic" and inner.labels:
            for content in inner.of_type("content"):
                within = _expressions(content, frozenset(), {**bound, **_iterator(inner)})
                nested.setdefault(inner.labels[0], []).append(within)
        elif inner.type not in without:
            nested.setdefault(inner.type, []).append(_expressions(inner, frozenset(), bound))
    return {**found, **nested}


def _iterator(dynamic: Block) -> Bound:
    """Give what the iterator of a dynamic block stands for."""
    named = dynamic.attributes.get("iterator")
    name = dynamic.labels[0] if named is None else _reference(named)
    collection = dynamic.attributes.get("for_each")
    return {name: () if collection is None else collection.value.references}


def _expression(value: Written, bound: Bound) -> dict[str, Any]:
    if not isinstance(value.constant, UnsetType):
        return {} if value.constant is None else {"constant_value": value.constant}
    references, shape = [*value.references], value.shape
    for name, behind in bound.items():
        if re.search(rf"\b{re.escape(name)}\s*[.\[]", value.text):
            references += behind
            shape = Shape.CHOSEN if shape is Shape.LISTED else shape
    if not references:
        return {}
    text = " ".join(value.text.split())
    return {"references": references, "shape": shape.name, "literals": value.literals, "text": text}


def _raw(stated: Any) -> Raw:
    return Raw(json.encode(stated))
