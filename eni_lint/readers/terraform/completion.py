"""A plan's configuration is completed by the source behind it, module by module, as far as the two say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Raw, Struct, json
from msgspec.structs import replace

from eni_lint.readers.terraform.addresses import Path, within
from eni_lint.readers.terraform.decode import (
    Configuration,
    ConfiguredCall,
    ConfiguredModule,
    ConfiguredResource,
    Expression,
    decoded,
)
from eni_lint.readers.terraform.families import TYPES
from eni_lint.readers.terraform.values import text_of


class Completed(Struct, frozen=True):
    """A configuration with what its source adds; `differs` names what the source says otherwise, once per module."""

    configuration: Configuration
    differs: tuple[str, ...] = ()


def completed(planned: Configuration, written: Configuration) -> Completed:
    """Add locals, dynamic blocks and the text of expressions to a plan's configuration; what differs adds nothing."""
    differs = tuple(_differences((), planned.root_module, written.root_module))
    root = _completed((), planned.root_module, written.root_module, frozenset(path for path, _ in differs))
    named = tuple(within(".".join(f"module.{call}" for call in path), name) for path, name in differs)
    return Completed(replace(planned, root_module=root), named)


def _completed(
    path: Path, planned: ConfiguredModule, written: ConfiguredModule, differing: frozenset[Path]
) -> ConfiguredModule:
    calls = {
        name: _completed_call((*path, name), call, written.module_calls.get(name), differing)
        for name, call in planned.module_calls.items()
    }
    if path in differing:
        return replace(planned, module_calls=calls)
    known = {resource.address: resource for resource in written.resources}
    resources = tuple(
        _with_text(each, known[each.address]) if each.address in known else each for each in planned.resources
    )
    # The outputs of a module that does not differ are the same ones.
    outputs = {
        name: replace(output, expression=_joined(output.expression, written.outputs[name].expression))
        for name, output in planned.outputs.items()
    }
    return replace(planned, resources=resources, outputs=outputs, module_calls=calls, locals=written.locals)


def _completed_call(
    path: Path, planned: ConfiguredCall, written: ConfiguredCall | None, differing: frozenset[Path]
) -> ConfiguredCall:
    if written is None:
        return planned
    if path[:-1] not in differing:
        planned = replace(
            planned,
            expressions=_joined(planned.expressions, written.expressions),
            for_each_expression=_repeated(planned, written),
        )
    if planned.module is None or written.module is None:
        return planned
    return replace(planned, module=_completed(path, planned.module, written.module, differing))


def _with_text(planned: ConfiguredResource, written: ConfiguredResource) -> ConfiguredResource:
    return replace(
        planned,
        expressions=_joined(planned.expressions, written.expressions),
        for_each_expression=_repeated(planned, written),
        kept=written.kept,
    )


def _repeated(
    planned: ConfiguredResource | ConfiguredCall, written: ConfiguredResource | ConfiguredCall
) -> Expression | None:
    one, other = planned.for_each_expression, written.for_each_expression
    return other if _bag(one) == _bag(other) else one


def _joined(planned: Raw, written: Raw) -> Raw:
    return Raw(json.encode(_whole(decoded(planned), decoded(written))))


def _whole(planned: Any, written: Any) -> Any:
    """Give what is written where it says more: how a value is made, and the blocks that a collection makes."""
    if not isinstance(planned, dict) or not isinstance(written, dict):
        return written if isinstance(written, list) else planned
    if "references" in planned:
        return written if "references" in written else planned
    added = {name: value for name, value in written.items() if isinstance(value, list) and name not in planned}
    return {**{name: _whole(value, written.get(name)) for name, value in planned.items()}, **added}


def _differences(path: Path, planned: ConfiguredModule, written: ConfiguredModule) -> Iterator[tuple[Path, str]]:
    name = next(_differing(planned, written), "")
    if name:
        yield path, name
    for called, call in planned.module_calls.items():
        other = written.module_calls.get(called)
        if call.module is not None and other is not None and other.module is not None:
            yield from _differences((*path, called), call.module, other.module)


def _differing(planned: ConfiguredModule, written: ConfiguredModule) -> Iterator[str]:
    """Yield what a module says otherwise in its source; files without a word on what is looked at are not read."""
    shown = {resource.address: resource for resource in planned.resources}
    known = {resource.address: resource for resource in written.resources}
    yield from (address for address in known if address not in shown)
    for address, resource in shown.items():
        if address not in known:
            if resource.type in TYPES:
                yield address
        elif not _same_resource(resource, known[address]):
            yield address
    for name, call in planned.module_calls.items():
        other = written.module_calls.get(name)
        if other is None or not _same_expressions(_object(call.expressions), _object(other.expressions)):
            yield f"module.{name}"
    for name, output in planned.outputs.items():
        stated = written.outputs.get(name)
        if stated is None or _mentions(decoded(output.expression)) != _mentions(decoded(stated.expression)):
            yield f"output.{name}"


def _same_resource(planned: ConfiguredResource, written: ConfiguredResource) -> bool:
    repetition = all(
        _bag(one) == _bag(other)
        for one, other in (
            (planned.count_expression, written.count_expression),
            (planned.for_each_expression, written.for_each_expression),
        )
    )
    return repetition and _same_expressions(_object(planned.expressions), _object(written.expressions))


def _same_expressions(planned: Mapping[str, Any], written: Mapping[str, Any]) -> bool:
    """Tell whether two blocks state the same; what only the source has must be made from a collection."""
    if any(name not in planned and not isinstance(value, list) for name, value in written.items()):
        return False
    return all(name in written and _same(value, written[name]) for name, value in planned.items())


def _same(planned: Any, written: Any) -> bool:
    if isinstance(planned, list):
        # A block that is made from a collection may stand in one that is written out.
        return _mentions(planned) <= _mentions(written)
    if _mentions(planned) != _mentions(written):
        return False
    constants = [each.get("constant_value") for each in (planned, written) if isinstance(each, dict)]
    plain = [text_of(each) for each in constants if isinstance(each, str | int | float)]
    return len(plain) < 2 or plain[0] == plain[1]


def _mentions(stated: Any) -> frozenset[str]:
    """Collect every reference in a value, however deep."""
    if isinstance(stated, list):
        return frozenset[str]().union(*map(_mentions, stated))
    if not isinstance(stated, dict):
        return frozenset()
    references = stated.get("references")
    if isinstance(references, list):
        return frozenset(map(str, references))
    return frozenset[str]().union(*map(_mentions, stated.values()))


def _bag(expression: Expression | None) -> frozenset[str] | None:
    # A plan has no word on a collection that is computed from constants.
    if expression is None or (not expression.references and expression.constant_value is None):
        return None
    return frozenset(expression.references)


def _object(raw: Raw) -> dict[str, Any]:
    value = decoded(raw)
    return value if isinstance(value, dict) else {}
