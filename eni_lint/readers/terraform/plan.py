"""Plans and states, as `terraform show -json` prints them, become deployments."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import DecodeError, Raw, Struct, ValidationError, json
from msgspec.structs import replace

from eni_lint.model.deployment import Deployment
from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.assembly import Configured, Standing, assembled
from eni_lint.readers.terraform.changes import Blocks, change_of, recorded_edges
from eni_lint.readers.terraform.decode import (
    NULL,
    Configuration,
    Plan,
    PlannedResource,
    State,
    StateModule,
    StateResource,
    configuration_of,
    decoded,
)
from eni_lint.readers.terraform.links import Told
from eni_lint.readers.terraform.resources import Resource, Stage
from eni_lint.readers.terraform.values import strings_in

if TYPE_CHECKING:
    from eni_lint.readers.terraform.hcl.raw_state import Recorded

MAJOR = "1"


def read_plan(data: bytes, source: str) -> Deployment:
    """Read a plan on its own."""
    with QuietCollector():
        return deployment_of(plan_of(data, source), source)


def read_state(data: bytes, source: str) -> Deployment:
    """Read a state: what stands, and nothing that changes."""
    with QuietCollector(), decoding("state", source):
        state = json.decode(data, type=State)
        _check_version(state.format_version, source)
        return _standing(state, source)


def plan_of(data: bytes, source: str) -> Plan:
    """Decode a plan as far as every reader needs it."""
    with decoding("plan", source):
        plan = json.decode(data, type=Plan)
    _check_version(plan.format_version, source)
    return plan


@contextmanager
def decoding(what: str, source: str) -> Iterator[None]:
    """Say of an input that turns out not to be what it looks like which one it is."""
    try:
        yield
    except (DecodeError, RecursionError) as error:
        raise _unreadable(error, what, source) from error


class QuietCollector:
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


class Beside(Struct, frozen=True):
    """What lies beside a plan: its configuration completed, what is told of hidden values, and recorded state."""

    configuration: Configuration | None = None
    told: Told | None = None
    recorded: tuple[Recorded, ...] | None = None


ALONE = Beside()


def deployment_of(plan: Plan, source: str, beside: Beside = ALONE) -> Deployment:
    """Make the deployment that a plan describes."""
    with decoding("plan", source):
        return _deployment(plan, source, beside)


def _deployment(plan: Plan, source: str, beside: Beside) -> Deployment:
    configuration = configuration_of(plan) if beside.configuration is None else beside.configuration
    shown = tuple(resources_of(plan))
    planned = [each for each in plan.resource_changes or () if not each.deposed]
    standing = _standing_of(planned, shown)
    configured = Configured(configuration, variables_of(plan), beside.told)
    recorded = [(each.address, each.depends_on or ()) for each in shown]
    first: dict[str, bool] = {}
    if beside.recorded is not None:
        current = [each for each in beside.recorded if each.is_managed and not each.deposed]
        recorded = [(each.address, each.dependencies) for each in current]
        first = {each.address: each.create_before_destroy for each in current}
    return replace(
        assembled(standing, configured, source, _incomplete(plan)),
        changes={each.address: change_of(each, first.get(each.previous_address or each.address)) for each in planned},
        edges_before={} if standing.before is None else recorded_edges(recorded, Blocks((standing.before,))),
    )


def variables_of(plan: Plan) -> dict[str, Any]:
    """Give the values of the root module's variables."""
    return {name: decoded(variable.value) for name, variable in plan.variables.items()}


def resources_of(plan: Plan) -> Iterator[StateResource]:
    """Yield what stood when a plan was made."""
    return _resources_of(plan.prior_state)


def _standing(state: State, source: str) -> Deployment:
    shown = list(_resources_of(state))
    stage = Stage(_recorded(each) for each in shown)
    outputs = None if state.values is None else decoded(state.values.outputs)
    configured = Configured(put_out=tuple(strings_in(outputs)))
    recorded = [(each.address, each.depends_on or ()) for each in shown]
    return replace(assembled(Standing(stage), configured, source), edges=recorded_edges(recorded, Blocks((stage,))))


def _standing_of(planned: list[PlannedResource], recorded: tuple[StateResource, ...]) -> Standing:
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
    return Standing(Stage(after.values()), Stage(before.values()), tuple(former))


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


def _incomplete(plan: Plan) -> str:
    if plan.errored:
        return "the plan ended with an error"
    if plan.resource_changes is None and plan.complete is False:
        return "the plan holds no changes"
    if plan.complete is False or plan.deferred_changes:
        return "the plan covers only a part of the configuration"
    return ""
