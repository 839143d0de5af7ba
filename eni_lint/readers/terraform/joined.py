"""A plan is read together with what lies beside it: its source, the saved plan, or recorded state."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from eni_lint.readers.errors import ReadError
from eni_lint.readers.options import Options
from eni_lint.readers.reading import Reading
from eni_lint.readers.terraform.comments import directed
from eni_lint.readers.terraform.completion import completed
from eni_lint.readers.terraform.configured import configuration_of as configuration_written
from eni_lint.readers.terraform.decode import Plan, configuration_of
from eni_lint.readers.terraform.hcl.raw_state import Recorded, read_raw_state
from eni_lint.readers.terraform.hcl.saved_plan import read_saved_plan, require_match
from eni_lint.readers.terraform.hcl.variables import Variables
from eni_lint.readers.terraform.places import Written
from eni_lint.readers.terraform.plan import (
    Beside,
    QuietCollector,
    decoding,
    deployment_of,
    plan_of,
    resources_of,
    variables_of,
)
from eni_lint.readers.terraform.source import Source, in_folder, in_saved_plan
from eni_lint.readers.terraform.told import Evaluated


class Behind(Struct, frozen=True, eq=False):
    """What was found behind a plan."""

    source: Source | None = None
    recorded: tuple[Recorded, ...] | None = None


def read_joined(data: bytes, name: str, home: Path | None, options: Options) -> Reading:
    """Read a plan with what lies behind it; `home` is the folder of its root module, where that is known."""
    with QuietCollector():
        plan = plan_of(data, name)
        behind = _behind(plan, home, options)
        if behind.source is None:
            return Reading((deployment_of(plan, name, Beside(recorded=behind.recorded)),))
        return _with_source(plan, name, behind.source, behind.recorded)


def _with_source(plan: Plan, name: str, source: Source, recorded: tuple[Recorded, ...] | None) -> Reading:
    with decoding("plan", name):
        planned = configuration_of(plan)
    whole = completed(planned, configuration_written(source.tree))
    notes = [f"{error}; the source behind {name} is not whole" for error in source.tree.errors]
    if whole.differs:
        notes.append(f"{name} was made from other source: {whole.differs[0]} differs, so only lines are taken from it")
    told = Evaluated(lambda: source.evaluate(Variables(values=variables_of(plan))))
    beside = Beside(whole.configuration, None if whole.differs else told, recorded)
    deployment = deployment_of(plan, name, beside)
    if told.was_asked and told.evaluation.failure:
        notes.append(f"{name}: its source is {told.evaluation.failure}")
    return Reading((directed(deployment, source.tree),), notes=tuple(notes), sources=Written(source.tree))


def _behind(plan: Plan, home: Path | None, options: Options) -> Behind:
    if not options.saved_plan:
        return Behind(None if home is None else in_folder(home, options.workspace))
    file = options.saved_plan
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}", file) from None
    standing = frozenset(each.address for each in resources_of(plan))
    if not data.startswith(b"PK"):
        recorded = read_raw_state(data, file)
        strangers = sorted({each.address for each in recorded if each.is_managed} - standing)
        if strangers:
            raise ReadError(f"not the state of this plan, which does not know {strangers[0]}", file)
        return Behind(None if home is None else in_folder(home, options.workspace), recorded)
    saved = read_saved_plan(data, file)
    require_match(saved, plan.timestamp, standing)
    return Behind(in_saved_plan(saved, home or Path(file).parent, options.workspace), saved.state)
