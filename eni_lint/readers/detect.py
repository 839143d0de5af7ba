"""Hands every input to the reader of its kind, and makes one reading of them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from eni_lint.finding import Problem
from eni_lint.model.place import Origin, Span
from eni_lint.readers.errors import ReadError
from eni_lint.readers.kinds import (
    ASSEMBLY,
    CHANGE_SET,
    MANIFEST,
    MODULE,
    PLAN,
    SERVERLESS,
    STATE,
    SYNTHESISED,
    TEMPLATE,
    TEMPLATES,
    Input,
    holds_source,
    is_unrelated,
    kinds_of,
    opened,
)
from eni_lint.readers.options import PLAIN, Options
from eni_lint.readers.reading import Inputs, Reading, Sources


def read(paths: Iterable[str], options: Options = PLAIN) -> Reading:
    """Read every input; one that cannot be read is an error beside the others."""
    readings: list[Reading] = []
    found: dict[str, list[Input]] = {}
    for source in paths:
        try:
            given = opened(source, options)
            for kind in kinds_of(given):
                found.setdefault(kind, []).append(given)
        except ReadError as error:
            readings.append(_unread(error, source, options))
    if options.stack_name:
        try:
            _check_names(options, found)
        except ReadError as error:
            return _unread(error)
    for kind, inputs in found.items():
        if kind in TOGETHER:
            readings.append(_attempt(partial(TOGETHER[kind], inputs), inputs[0]))
        else:
            readings.extend(_attempt(partial(READERS[kind], each), each) for each in inputs)
    if not any(reading.errors for reading in readings):
        readings.append(Reading(notes=tuple(_unused(options, found.keys()))))
    return gathered(readings)


def _attempt(reading: Callable[[], Reading], given: Input) -> Reading:
    try:
        return reading()
    except ReadError as error:
        return _unread(error, given.source, given.options)


def _unread(error: ReadError, source: str = "", options: Options = PLAIN) -> Reading:
    if options.skip_unrelated and is_unrelated(source):
        return Reading()
    return Reading(errors=(Problem(error.message, error.file or source, error.line, error.column),))


def _check_names(options: Options, found: Mapping[str, Sequence[Input]]) -> None:
    from eni_lint.readers.cloudformation.stack_names import check_names

    def named(kind: str) -> list[str]:
        return [given.source for given in found.get(kind, ())]

    folders = named(TEMPLATES)
    inputs = [*named(TEMPLATE), *named(SERVERLESS), *(folders if options.stack_dir else ())]
    check_names(options.stack_name, inputs, () if options.stack_dir else folders)


def _unused(options: Options, kinds: Iterable[str]) -> Iterator[str]:
    """Say of each option that none of the inputs is of a kind that it is for, so that nobody counts on it."""
    for name, used_by in USED_BY.items():
        if getattr(options, name) != getattr(PLAIN, name) and used_by.isdisjoint(kinds):
            yield f"--{OPTIONS.get(name, name)} is not used: no input is {' or '.join(sorted(used_by))}"


def gathered(readings: list[Reading]) -> Reading:
    """Make one reading of several."""
    sources = {each.source: reading.sources for reading in readings for each in reading.deployments}
    return Reading(
        tuple(deployment for reading in readings for deployment in reading.deployments),
        tuple(problem for reading in readings for problem in reading.errors),
        tuple(note for reading in readings for note in reading.notes),
        SourcesOfAll(sources),
    )


class SourcesOfAll(Struct, frozen=True):
    """The places of several inputs, each found by the sources of its own."""

    by_source: Mapping[str, Sources]

    def locate(self, origin: Origin) -> Span:
        """Give the place of an origin."""
        return self.by_source.get(origin.source, Inputs()).locate(origin)


def _plan(given: Input) -> Reading:
    home = _source_behind(given)
    if home is None and not given.options.saved_plan:
        from eni_lint.readers.terraform.plan import read_plan

        return Reading((read_plan(given.data, given.source),))
    from eni_lint.readers.terraform.joined import read_joined

    return read_joined(given.data, given.source, home, given.options)


def _source_behind(given: Input) -> Path | None:
    """Find the folder of the source behind a plan: the one that was named, else the plan's own if it holds some."""
    stated = given.options.source_root
    folder = Path(stated) if stated else None if given.path is None else given.path.parent
    if folder is not None and folder.is_dir() and holds_source(folder):
        return folder
    if stated:
        raise ReadError("the source root holds no Terraform source", stated)
    return None


def _state(given: Input) -> Reading:
    from eni_lint.readers.terraform.plan import read_state

    return Reading((read_state(given.data, given.source),))


def _modules(given: Sequence[Input]) -> Reading:
    from eni_lint.readers.terraform.directory import read_directories

    return read_directories([each.source for each in given], given[0].options)


def _side_by_side(given: Sequence[Input]) -> Reading:
    from eni_lint.readers.cloudformation.reader import read_side_by_side

    return read_side_by_side([(each.source, each.data) for each in given], given[0].options)


def _templates(given: Input) -> Reading:
    from eni_lint.readers.cloudformation.reader import read_fragments, read_templates, templates_in

    if given.options.stack_dir:
        return read_fragments(given.source, given.options)
    return read_templates(given.source, templates_in(Path(given.source)), given.options)


def _change_sets(given: Sequence[Input]) -> Reading:
    from eni_lint.readers.cloudformation.reader import read_change_sets

    return gathered(list(read_change_sets([(one.source, one.data) for one in given])))


def _assembly(given: Input) -> Reading:
    from eni_lint.readers.cloudformation.reader import read_assembly

    folder = Path(given.source)
    if folder.is_file():
        folder = folder.parent
    elif not (folder / MANIFEST).is_file():
        folder /= SYNTHESISED
    return read_assembly(str(folder), given.options)


def _package(given: Input) -> Reading:
    from eni_lint.readers.cloudformation.reader import read_package

    return read_package(given.source, given.options)


# Every kind of input that can be read; a reader is imported only when an input asks for it.
READERS: dict[str, Callable[[Input], Reading]] = {
    PLAN: _plan,
    STATE: _state,
    TEMPLATES: _templates,
    ASSEMBLY: _assembly,
    SERVERLESS: _package,
}
# The kinds of which all inputs are read at once, since they may belong together.
TOGETHER: dict[str, Callable[[Sequence[Input]], Reading]] = {
    MODULE: _modules,
    TEMPLATE: _side_by_side,
    CHANGE_SET: _change_sets,
}

OPTIONS = {
    "var_files": "var-file",
    "stack_name": "stack-name",
    "stack_dir": "stack-dir",
    "source_root": "source-root",
    "saved_plan": "saved-plan",
}
# The kinds of input that each option is for.
USED_BY: dict[str, frozenset[str]] = {
    "parameters": frozenset({TEMPLATE, TEMPLATES, SERVERLESS}),
    "before": frozenset({TEMPLATE, TEMPLATES, SERVERLESS, ASSEMBLY}),
    "stack_name": frozenset({TEMPLATE, TEMPLATES, SERVERLESS}),
    "stack_dir": frozenset({TEMPLATES}),
    "var_files": frozenset({MODULE}),
    "workspace": frozenset({MODULE, PLAN}),
    "source_root": frozenset({PLAN}),
    "saved_plan": frozenset({PLAN}),
}
