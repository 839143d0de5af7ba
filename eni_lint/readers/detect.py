"""Finds out what an input is, by what is in it, and hands it to the reader of its kind."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import DecodeError, Raw, Struct, json
from msgspec.structs import replace

from eni_lint.finding import Problem
from eni_lint.model.place import Origin, Span
from eni_lint.readers.errors import ReadError
from eni_lint.readers.options import PLAIN, Options
from eni_lint.readers.reading import Inputs, Reading, Sources

STDIN = "-"
MODULE_FILES = (".tf", ".tf.json", ".tofu", ".tofu.json")


class Input(Struct, frozen=True):
    """One thing to read: its name as given, where it lies, its bytes where it is a file, and what is said about it."""

    source: str
    path: Path | None
    data: bytes = b""
    options: Options = PLAIN


Reader = Callable[[Input], Reading]


def read(paths: Iterable[str], options: Options = PLAIN) -> Reading:
    """Read every input; one that cannot be read is an error beside the others."""
    readings: list[Reading] = []
    modules: list[str] = []
    templates: list[Input] = []
    change_sets: list[Input] = []
    kinds: dict[str, list[str]] = {}
    for source in paths:
        if is_module(source):
            modules.append(source)
        modules.extend(_roots_below(source, options))
        for beside in _templates_beside(source, options):
            kinds.setdefault(TEMPLATES, []).append(source)
            readings.append(beside)
        if is_module(source):
            continue
        try:
            given, kind = identified(source, options)
            kinds.setdefault(kind, []).append(source)
            if kind == TEMPLATE:
                templates.append(given)
            elif kind == CHANGE_SET:
                change_sets.append(given)
            else:
                readings.append(read_as(kind, given))
        except ReadError as error:
            if options.skip_unrelated and is_unrelated(source):
                continue
            readings.append(_unread(error, source))
    if options.stack_name:
        try:
            _check_names(options, kinds)
        except ReadError as error:
            return _unread(error)
    if modules:
        readings.append(_directories(modules, options))
    if templates:
        readings.append(_side_by_side(templates, options))
    if change_sets:
        readings.append(_change_sets(change_sets))
    if not any(reading.errors for reading in readings):
        readings.append(Reading(notes=tuple(_unused(options, {*kinds, *([MODULE] if modules else [])}))))
    return gathered(readings)


def _unread(error: ReadError, source: str = "") -> Reading:
    return Reading(errors=(Problem(error.message, error.file or source, error.line, error.column),))


def _check_names(options: Options, kinds: Mapping[str, list[str]]) -> None:
    from eni_lint.readers.cloudformation.stack_names import check_names

    folders = kinds.get(TEMPLATES, [])
    inputs = [*kinds.get(TEMPLATE, ()), *kinds.get(SERVERLESS, ()), *(folders if options.stack_dir else ())]
    check_names(options.stack_name, inputs, () if options.stack_dir else folders)


def _unused(options: Options, kinds: set[str]) -> Iterator[str]:
    """Say of each option that none of the inputs is of a kind that it is for, so that nobody counts on it."""
    for name, used_by in USED_BY.items():
        if getattr(options, name) != getattr(PLAIN, name) and not kinds & used_by:
            yield f"--{OPTIONS.get(name, name)} is not used: no input is {' or '.join(sorted(used_by))}"


def is_module(source: str) -> bool:
    """Tell whether a path is Terraform source: a folder that holds some, or a file of it."""
    path = Path(source)
    if source == STDIN or not path.is_dir():
        return source.endswith((*MODULE_FILES, ".tfvars", ".tfvars.json")) and path.is_file()
    return kind_of_folder(path) == MODULE


def _roots_below(source: str, options: Options) -> list[str]:
    """List the Terraform root modules below a folder that holds none at its top."""
    path = Path(source)
    if source == STDIN or options.stack_dir or not _holds_more(path) or kind_of_folder(path) == MODULE:
        return []
    from eni_lint.readers.terraform.hcl.roots import find_roots

    return [str(root) for root in find_roots(path)]


def _templates_beside(source: str, options: Options) -> Iterator[Reading]:
    """Read the templates of a folder that holds Terraform source or what a tool made besides."""
    path = Path(source)
    if source == STDIN or not _holds_more(path) or kind_of_folder(path) == TEMPLATES:
        return
    from eni_lint.readers.cloudformation.reader import read_templates, templates_in

    if found := templates_in(path):
        yield read_templates(source, found, options)


def _holds_more(path: Path) -> bool:
    """Tell whether a path is a folder, and not one that a tool made whole."""
    return path.is_dir() and not (path / MANIFEST).is_file() and not (path / PACKAGED).is_file()


def _directories(paths: Sequence[str], options: Options) -> Reading:
    from eni_lint.readers.terraform.directory import read_directories

    return read_directories(paths, options)


def is_unrelated(source: str) -> bool:
    """Tell whether a file that could not be read has nothing of a plan or template, so that nobody meant it.

    A broken template is not unrelated: what it should say stands in it all the same.
    """
    path = Path(source)
    if path.suffix not in (".json", ".yaml", ".yml", ".template") or not path.is_file():
        return False
    data = path.read_bytes()
    return not any(mark in data for mark in MARKS)


def identified(source: str, options: Options = PLAIN) -> tuple[Input, str]:
    """Open an input and tell what it is."""
    given = replace(_open(source), options=options)
    kind = kind_of_folder(given.path) if given.path is not None and given.path.is_dir() else kind_of(given)
    if kind not in READERS:
        raise ReadError(f"this is {kind}, which cannot be read", source)
    return given, kind


def read_as(kind: str, given: Input) -> Reading:
    """Read an input as what it is."""
    return READERS[kind](given)


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
    if folder is not None and folder.is_dir() and any(each.name.endswith(MODULE_FILES) for each in folder.iterdir()):
        return folder
    if stated:
        raise ReadError("the source root holds no Terraform source", stated)
    return None


def _state(given: Input) -> Reading:
    from eni_lint.readers.terraform.plan import read_state

    return Reading((read_state(given.data, given.source),))


def _template(given: Input) -> Reading:
    from eni_lint.readers.cloudformation.reader import read_side_by_side

    return read_side_by_side([(given.source, given.data)], given.options)


def _side_by_side(given: Sequence[Input], options: Options) -> Reading:
    from eni_lint.readers.cloudformation.reader import read_side_by_side

    try:
        return read_side_by_side([(each.source, each.data) for each in given], options)
    except ReadError as error:
        return _unread(error, given[0].source)


def _templates(given: Input) -> Reading:
    from eni_lint.readers.cloudformation.reader import read_fragments, read_templates, templates_in

    if given.options.stack_dir:
        return read_fragments(given.source, given.options)
    found = templates_in(Path(given.source))
    if not found and not _roots_below(given.source, given.options):
        raise ReadError(
            "the directory holds nothing that can be read: no *.tf, template or cloud assembly; "
            "plans and change sets are given by name",
            given.source,
        )
    return read_templates(given.source, found, given.options)


def _change_set(given: Input) -> Reading:
    return _change_sets([given])


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


PLAN = "a Terraform plan"
STATE = "a Terraform state"
MODULE = "a Terraform module"
TEMPLATE = "a CloudFormation template"
TEMPLATES = "a directory of CloudFormation templates"
CHANGE_SET = "a CloudFormation change set"
ASSEMBLY = "a CDK cloud assembly"
SERVERLESS = "a Serverless Framework package"
# What the CDK writes, and into which folder of its program.
MANIFEST, SYNTHESISED = "manifest.json", "cdk.out"
# What the Serverless Framework deploys.
PACKAGED = "cloudformation-template-update-stack.json"

# Every kind of input that can be read; a reader is imported only when an input asks for it.
READERS: dict[str, Reader] = {
    PLAN: _plan,
    STATE: _state,
    TEMPLATE: _template,
    TEMPLATES: _templates,
    CHANGE_SET: _change_set,
    ASSEMBLY: _assembly,
    SERVERLESS: _package,
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

# What stands in every plan or template, be it ever so broken.
MARKS = (b"Resources", b"AWSTemplateFormatVersion", b"AWS::", b"resource_changes", b"planned_values", b"format_version")
MISSING = Raw()
NEITHER = "this is neither a plan, a state nor a template"


class Shape(Struct, frozen=True, rename={"level": "@level", "message": "@message"}):
    """The keys that tell one kind of JSON from another; what they hold stays undecoded."""

    format_version: Raw = MISSING
    resource_changes: Raw = MISSING
    planned_values: Raw = MISSING
    configuration: Raw = MISSING
    prior_state: Raw = MISSING
    values: Raw = MISSING
    serial: Raw = MISSING
    lineage: Raw = MISSING
    level: Raw = MISSING
    message: Raw = MISSING
    Resources: Raw = MISSING
    AWSTemplateFormatVersion: Raw = MISSING
    Transform: Raw = MISSING
    Changes: Raw = MISSING
    changes: Raw = MISSING
    artifacts: Raw = MISSING
    service: Raw = MISSING
    package: Raw = MISSING


def kind_of(given: Input) -> str:
    """Tell what a file is; raise `ReadError` with what to do instead where it is nothing that can be read."""
    data, source = given.data, given.source
    if not data.strip():
        raise ReadError("the file is empty", source)
    if data.startswith(b"PK"):
        raise ReadError("this is a binary plan; give eni-lint the output of: terraform show -json <plan>", source)
    if b"\x00" in data:
        raise ReadError("this is a binary file, neither a plan, a state nor a template", source)
    if data.lstrip()[:1] not in (b"{", b"["):
        return _kind_of_text(given)
    if data.lstrip()[:1] == b"[" and any(mark in data.lower() for mark in (b"resourcechange", b"logicalresourceid")):
        return CHANGE_SET
    try:
        shape = json.decode(data, type=Shape)
    except (DecodeError, RecursionError) as error:
        raise _not_one_object(data, source, error) from error
    return _kind_of_shape(shape, source)


def _kind_of_shape(shape: Shape, source: str) -> str:
    def has(*keys: Raw) -> bool:
        return any(key != MISSING for key in keys)

    if has(shape.message) and has(shape.level):
        raise _stream(source)
    if has(shape.format_version):
        plan = has(shape.resource_changes, shape.planned_values, shape.configuration, shape.prior_state)
        return PLAN if plan else STATE
    if has(shape.serial) and has(shape.lineage):
        raise ReadError("this is a raw state file; give eni-lint the output of: terraform show -json", source)
    if has(shape.resource_changes, shape.planned_values):
        raise ReadError("this looks like a plan, but it has no format_version", source)
    if has(shape.Resources, shape.AWSTemplateFormatVersion):
        return TEMPLATE
    if has(shape.Changes, shape.changes):
        return CHANGE_SET
    if has(shape.artifacts):
        return ASSEMBLY
    if has(shape.service) and has(shape.package):
        return SERVERLESS
    raise ReadError("this JSON is neither a plan, a state nor a template", source)


def _kind_of_text(given: Input) -> str:
    first_words = {line.split(b":")[0] for line in given.data.splitlines() if line[:1].isalpha() and b":" in line}
    if first_words & {b"Resources", b"AWSTemplateFormatVersion", b"Transform"}:
        return TEMPLATE
    raise ReadError(NEITHER, given.source)


def _not_one_object(data: bytes, source: str, error: Exception) -> ReadError:
    first_line = data.lstrip().partition(b"\n")[0]
    if b'"@level"' in first_line and b'"@message"' in first_line:
        return _stream(source)
    if isinstance(error, RecursionError):
        return ReadError("the JSON is nested too deeply", source)
    return _not_an_object(data, source) if data.lstrip().startswith(b"[") else _not_json(source, error)


def _not_an_object(data: bytes, source: str) -> ReadError:
    try:
        json.decode(data)
    except DecodeError as error:
        # TOML and many a text begin with a bracket too.
        named_json = source == STDIN or source.endswith(".json")
        return _not_json(source, error) if named_json else ReadError(NEITHER, source)
    return ReadError("this JSON is a list, not a plan, a state or a template", source)


def _not_json(source: str, error: Exception) -> ReadError:
    what = "is cut off" if "truncated" in str(error) else "is not JSON"
    return ReadError(f"the file {what}: {error}", source)


def _stream(source: str) -> ReadError:
    return ReadError(
        "this is the log of terraform plan -json; write the plan with -out, and give eni-lint the output of: "
        "terraform show -json <plan>",
        source,
    )


def kind_of_folder(path: Path) -> str:
    """Tell what a folder holds."""
    if (path / MANIFEST).is_file() or (path / SYNTHESISED / MANIFEST).is_file():
        return ASSEMBLY
    if any((folder / PACKAGED).is_file() for folder in (path, path / ".serverless")):
        return SERVERLESS
    if any(each.name.endswith(MODULE_FILES) for each in path.iterdir()):
        return MODULE
    return TEMPLATES


def _open(source: str) -> Input:
    if source == STDIN:
        return Input(source, None, as_utf8(sys.stdin.buffer.read(), source))
    path = Path(source)
    if path.is_dir():
        return Input(source, path)
    try:
        return Input(source, path, as_utf8(path.read_bytes(), source))
    except FileNotFoundError as error:
        raise ReadError("there is no such file", source) from error
    except (OSError, ValueError) as error:
        raise ReadError(f"the file cannot be opened: {error}", source) from error


def as_utf8(data: bytes, source: str) -> bytes:
    """Give text as UTF-8 without a mark: PowerShell redirects into UTF-16.

    >>> as_utf8('{"a": 1}'.encode("utf-16"), "plan.json")
    b'{"a": 1}'
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:]
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else _encoding_without_mark(data)
    if encoding is None:
        return data
    try:
        return data.decode(encoding).encode()
    except UnicodeError as error:
        raise ReadError("the file is neither UTF-8 nor UTF-16", source) from error


def _encoding_without_mark(data: bytes) -> str | None:
    if data[:1] and data[1:2] == b"\x00":
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\x00" and data[1:2] else None
