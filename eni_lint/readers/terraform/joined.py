"""A plan is read together with what lies beside it: its source, the saved plan, or recorded state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from eni_lint.readers.directives import MARK
from eni_lint.readers.errors import ReadError
from eni_lint.readers.options import Options
from eni_lint.readers.reading import Reading
from eni_lint.readers.terraform.comments import directed
from eni_lint.readers.terraform.completion import Completed, completed
from eni_lint.readers.terraform.configured import configuration_of as configuration_written
from eni_lint.readers.terraform.decode import Configuration, Plan, configuration_of
from eni_lint.readers.terraform.families import TYPES
from eni_lint.readers.terraform.hcl.evaluation import Evaluation
from eni_lint.readers.terraform.hcl.raw_state import Recorded, read_raw_state
from eni_lint.readers.terraform.hcl.saved_plan import read_saved_plan, require_match
from eni_lint.readers.terraform.hcl.variables import Variables
from eni_lint.readers.terraform.plan import (
    Beside,
    QuietCollector,
    decoding,
    deployment_of,
    plan_of,
    resources_of,
    variables_of,
)
from eni_lint.readers.terraform.source import Source
from eni_lint.readers.terraform.told import Evaluated

# Where the source says what plans do not: dynamic blocks, what is kept from destruction, and words to the linter.
SAYS_MORE = re.compile(rb"\bdynamic\b|\bprevent_destroy\b|" + MARK.encode())
LOCAL = b'"local.'
NOTHING = (b"null", b"{}")


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
        joint = Joint(configuration_of(plan), Variables(values=variables_of(plan)), source)
    told = Evaluated(joint.evaluate)
    has_parts = bool(joint.planned.root_module.module_calls) or LOCAL in bytes(plan.configuration)
    more = has_parts or _hides(plan) or source.says(SAYS_MORE)
    configuration = joint.whole.configuration if more else joint.planned
    deployment = deployment_of(plan, name, Beside(configuration, told, recorded))
    if more:
        deployment = directed(deployment, source.tree)
    notes = tuple(f"{name}: {note}" for note in joint.notes(told))
    return Reading((deployment,), notes=notes, sources=source.places)


def _hides(plan: Plan) -> bool:
    """Tell whether something is known only after the apply, so that what a link leads to hangs on its expression."""
    planned = plan.resource_changes or ()
    return any(each.type in TYPES and bytes(each.change.after_unknown) not in NOTHING for each in planned)


class Joint:
    """A plan's configuration and its source, held against each other when more is asked than the plan says."""

    def __init__(self, planned: Configuration, variables: Variables, source: Source) -> None:
        self.planned = planned
        self._variables = variables
        self._source = source
        self._looked = False

    @cached_property
    def whole(self) -> Completed:
        """The plan's configuration with what the source adds."""
        self._looked = True
        return completed(self.planned, configuration_written(self._source.tree))

    def evaluate(self) -> Evaluation:
        """Evaluate the source, unless it is that of another plan."""
        return Evaluation() if self.whole.differs else self._source.evaluate(self._variables)

    def notes(self, told: Evaluated) -> Iterator[str]:
        """Say what could not be taken from the source, and why."""
        if not self._looked:
            return
        yield from (
            f"{error if error.file else error.message}, so the source behind the plan is not whole"
            for error in self._source.tree.errors
        )
        if self.whole.differs and not self._source.tree.errors:
            yield f"made from other source, in which {self.whole.differs[0]} differs: only lines are taken from it"
        if told.was_asked and told.evaluation.failure:
            yield f"its source is {told.evaluation.failure}"


def _behind(plan: Plan, home: Path | None, options: Options) -> Behind:
    source = None if home is None else Source(home, options.workspace)
    if not options.saved_plan:
        return Behind(source)
    file = options.saved_plan
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}", file) from None
    standing = frozenset(each.address for each in resources_of(plan))
    if data.startswith(b"PK"):
        saved = read_saved_plan(data, file)
        require_match(saved, plan.timestamp, standing)
        return Behind(Source(home or Path(file).parent, options.workspace, saved), saved.state)
    recorded = read_raw_state(data, file)
    strangers = sorted({each.address for each in recorded if each.is_managed} - standing)
    if strangers:
        raise ReadError(f"not the state of this plan, which does not know {strangers[0]}", file)
    return Behind(source, recorded)
