"""Plans and states, as `terraform show -json` prints them, become deployments."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import DecodeError, Raw, ValidationError, json
from msgspec.structs import replace

from eni_lint.model.deployment import TERRAFORM, Deployment
from eni_lint.model.identity import Managed, Token
from eni_lint.model.place import Origin
from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.addresses import Path, heads
from eni_lint.readers.terraform.changes import Blocks, Dependencies, change_of, delays, recorded_edges
from eni_lint.readers.terraform.closed import EXPORTED, exported_tokens
from eni_lint.readers.terraform.decode import (
    NULL,
    Configuration,
    ConfiguredModule,
    Plan,
    PlannedResource,
    State,
    StateModule,
    StateResource,
    configuration_of,
    decoded,
)
from eni_lint.readers.terraform.links import Linker
from eni_lint.readers.terraform.names import Names
from eni_lint.readers.terraform.references import ConfigurationReferences
from eni_lint.readers.terraform.resources import Resource, Stage
from eni_lint.readers.terraform.scopes import Scopes
from eni_lint.readers.terraform.values import strings_in
from eni_lint.readers.terraform.world import Moments, world_of

MAJOR = "1"


def read_plan(data: bytes, source: str) -> Deployment:
    """Read a plan."""
    with _QuietCollector():
        try:
            plan = json.decode(data, type=Plan)
            _check_version(plan.format_version, source)
            return _deployment(plan, source)
        except (DecodeError, RecursionError) as error:
            raise _unreadable(error, "plan", source) from error


def read_state(data: bytes, source: str) -> Deployment:
    """Read a state: what stands, and nothing that changes."""
    with _QuietCollector():
        try:
            state = json.decode(data, type=State)
            _check_version(state.format_version, source)
            return _standing(state, source)
        except (DecodeError, RecursionError) as error:
            raise _unreadable(error, "state", source) from error


class _QuietCollector:
    """Keeps the garbage collector off while many objects are made that all stay."""

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        gc.freeze()
        if self._was_on:
            gc.enable()


def _check_version(version: str, source: str) -> None:
    """Refuse a format of which nobody knows what it says."""
    major = version.partition(".")[0]
    # Before 1.0 of the format, Terraform wrote 0.1 and 0.2 for what has not changed since.
    if major not in (MAJOR, "0"):
        raise ReadError(f"format version {version or 'unknown'} is not known, only {MAJOR}.x is", source)


def _unreadable(error: Exception, what: str, source: str) -> ReadError:
    """Say that an input is not what it looks like."""
    if isinstance(error, RecursionError):
        return ReadError(f"the {what} is nested too deeply", source)
    if isinstance(error, ValidationError):
        return ReadError(f"this is not a whole {what} as terraform show -json prints it: {error}", source)
    return ReadError(f"the {what} is not whole JSON: {error}", source)


def _deployment(plan: Plan, source: str) -> Deployment:
    configuration = configuration_of(plan)
    variables = {name: decoded(variable.value) for name, variable in plan.variables.items()}
    references = ConfigurationReferences(configuration)
    recorded = list(_resources_of(plan.prior_state))
    planned = [each for each in plan.resource_changes or () if not each.deposed]
    before, after, former = _stages(planned, recorded)

    scopes = Scopes(configuration, references, variables, (before, after))
    earlier = Linker(before, references, variables, Names(before, (), scopes.of), scopes.of)
    later = Linker(after, references, variables, Names(after, former, scopes.of), scopes.of, earlier)
    moments = Moments(earlier, later)
    dependencies = Dependencies(references, Blocks((before, after)), after)
    incomplete = _incomplete(plan)
    outside = _uneditable(configuration, (before, after))
    exported = exported_tokens(later, _exported(configuration, references))
    return Deployment(
        name=_name_of(source),
        source=source,
        procedure=TERRAFORM,
        after=world_of(later, moments, outside, exported, whole=not incomplete),
        before=None if before.is_empty else world_of(earlier, moments, outside, exported, whole=True),
        changes={each.address: change_of(each) for each in planned},
        edges=dependencies.edges,
        edges_before=recorded_edges(recorded, Blocks((before,))),
        open_edges=dependencies.open_edges,
        delays=delays((before, after)),
        origins={address: Origin(source, address) for stage in (before, after) for address in stage.by_address},
        scopes=scopes.by_address,
        destroys=_destroys(planned),
        incomplete=incomplete,
        uneditable=outside,
    )


def _standing(state: State, source: str) -> Deployment:
    recorded = list(_resources_of(state))
    stage = Stage(_recorded(each) for each in recorded)
    references = ConfigurationReferences(Configuration())
    scopes = Scopes(Configuration(), references, {}, (stage,))
    linker = Linker(stage, references, {}, Names(stage, (), scopes.of), scopes.of)
    exported = exported_tokens(linker, ()) | _put_out(state, linker)
    return Deployment(
        name=_name_of(source),
        source=source,
        procedure=TERRAFORM,
        after=world_of(linker, Moments(linker), frozenset(), exported, whole=True),
        edges=recorded_edges(recorded, Blocks((stage,))),
        origins={address: Origin(source, address) for address in stage.by_address},
        scopes=scopes.by_address,
    )


def _stages(planned: list[PlannedResource], recorded: list[StateResource]) -> tuple[Stage, Stage, list[Resource]]:
    """Sort what stands before and after, and what a change removes."""
    before: dict[str, Resource] = {each.address: _recorded(each) for each in recorded if not each.deposed_key}
    after = dict(before)
    former: list[Resource] = []
    for each in planned:
        stood = _planned(each, each.change.before) if each.change.before != NULL else None
        if each.previous_address:
            before.pop(each.previous_address, None)
            after.pop(each.previous_address, None)
        if stood is not None:
            before[each.address] = stood
        else:
            before.pop(each.address, None)
        if each.change.actions in (("no-op",), ("forget",)) and stood is not None:
            after[each.address] = stood
        elif each.change.after != NULL:
            after[each.address] = _planned(each, each.change.after, each.change.after_unknown)
        else:
            after.pop(each.address, None)
            if stood is not None:
                former.append(stood)
    return Stage(before.values()), Stage(after.values()), former


def _planned(planned: PlannedResource, values: Raw, unknown: Raw = NULL) -> Resource:
    return Resource(
        planned.address,
        planned.type,
        planned.name,
        values,
        unknown=unknown,
        module=planned.module_address or "",
        key=planned.index,
        data=planned.mode == "data",
        deferred=planned.mode == "data" and unknown != NULL,
    )


def _recorded(resource: StateResource) -> Resource:
    return Resource(
        resource.address,
        resource.type,
        resource.name,
        resource.values,
        module=resource.module,
        key=resource.index,
        data=resource.mode == "data",
    )


def _resources_of(state: State | None) -> Iterator[StateResource]:
    if state is not None and state.values is not None:
        yield from _in_module(state.values.root_module)


def _in_module(module: StateModule) -> Iterator[StateResource]:
    for resource in module.resources:
        yield replace(resource, module=module.address) if module.address else resource
    for child in module.child_modules:
        yield from _in_module(child)


def _put_out(state: State, linker: Linker) -> frozenset[Token]:
    """Collect what the outputs of a state name."""
    outputs = None if state.values is None else decoded(state.values.outputs)
    texts = list(strings_in(outputs))
    tokens = (linker.known(text, family) for family in EXPORTED for text in texts if family.admits(text))
    return frozenset(token for token in tokens if isinstance(token, Managed))


def _incomplete(plan: Plan) -> str:
    if plan.errored:
        return "the plan ended with an error"
    if plan.resource_changes is None and plan.complete is False:
        return "the plan holds no changes"
    if plan.complete is False or plan.deferred_changes:
        return "the plan covers only a part of the configuration"
    return ""


def _destroys(planned: list[PlannedResource]) -> bool:
    # A resource that left the configuration has a reason for its removal; in a destroy plan none has.
    managed = [each for each in planned if each.mode == "managed"]
    return bool(managed) and all(each.change.actions == ("delete",) and not each.action_reason for each in managed)


def _exported(configuration: Configuration, references: ConfigurationReferences) -> tuple[str, ...]:
    """List what the outputs of the root module mention."""
    found: dict[str, None] = {}
    for name in configuration.root_module.outputs:
        expression = references.expression((), f"output.{name}")
        found.update(dict.fromkeys(() if expression is None else heads(expression.references)))
    return tuple(found)


def _uneditable(configuration: Configuration, stages: Iterable[Stage]) -> frozenset[str]:
    """Give the addresses inside modules that come from a registry or repository: users only call those."""
    outside = frozenset(_foreign((), configuration.root_module, inherited=False))
    if not outside:
        return frozenset()
    return frozenset(
        address for stage in stages for address, resource in stage.by_address.items() if resource.path in outside
    )


def _foreign(path: Path, module: ConfiguredModule, *, inherited: bool) -> Iterator[Path]:
    for name, call in module.module_calls.items():
        foreign = inherited or (bool(call.source) and not call.source.startswith(("./", "../")))
        if foreign:
            yield (*path, name)
        if call.module is not None:
            yield from _foreign((*path, name), call.module, inherited=foreign)


def _name_of(source: str) -> str:
    """Name a deployment after its input: the folder of a file whose own name says nothing.

    >>> _name_of("prod/plan.json"), _name_of("network.json"), _name_of("plan.json")
    ('prod', 'network', 'plan')
    """
    path = PurePath(source)
    plain = path.stem in ("plan", "tfplan", "state") and path.parent.name not in ("", ".", "..")
    return path.parent.name if plain else path.stem
