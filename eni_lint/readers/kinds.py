"""What an input is, told by what is in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import DecodeError, Raw, Struct, json

from eni_lint.readers.errors import ReadError
from eni_lint.readers.options import PLAIN, Options

STDIN = "-"
MODULE_FILES = (".tf", ".tf.json", ".tofu", ".tofu.json")
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
# What the Serverless Framework deploys, and where that lies.
PACKAGED, PACKAGES = "cloudformation-template-update-stack.json", ".serverless"


class Input(Struct, frozen=True):
    """One thing to read: its name as given, where it lies, its bytes where it is a file, and what is said about it."""

    source: str
    path: Path | None
    data: bytes = b""
    options: Options = PLAIN


def opened(source: str, options: Options = PLAIN) -> Input:
    """Open an input; a folder and a file of Terraform source are not read yet."""
    if source == STDIN:
        return Input(source, None, as_utf8(sys.stdin.buffer.read(), source), options)
    path = Path(source)
    if path.is_dir() or _is_source(path):
        return Input(source, path, options=options)
    try:
        return Input(source, path, as_utf8(path.read_bytes(), source), options)
    except FileNotFoundError as error:
        raise ReadError("there is no such file", source) from error
    except (OSError, ValueError) as error:
        raise ReadError(f"the file cannot be opened: {error}", source) from error


def kinds_of(given: Input) -> tuple[str, ...]:
    """Tell what an input is: a file is one thing, a folder holds any number of them."""
    if given.path is None or not given.path.is_dir():
        return (MODULE if given.path is not None and _is_source(given.path) else kind_of(given),)
    found = tuple(_held(given.path, given.options))
    if not found:
        raise ReadError(
            "the directory holds nothing that can be read: no *.tf, template or cloud assembly; "
            "plans and change sets are given by name",
            given.source,
        )
    return found


def _held(folder: Path, options: Options) -> Iterator[str]:
    """List the kinds that a folder holds; one that a tool made is nothing else."""
    for name, within, kind in ((MANIFEST, SYNTHESISED, ASSEMBLY), (PACKAGED, PACKAGES, SERVERLESS)):
        if (folder / name).is_file():
            yield kind
            return
        if (folder / within / name).is_file():
            yield kind
    if options.stack_dir:
        yield TEMPLATES
        return
    from eni_lint.readers.cloudformation.reader import holds_templates
    from eni_lint.readers.terraform.hcl.roots import find_roots

    if holds_source(folder) or find_roots(folder):
        yield MODULE
    if holds_templates(folder):
        yield TEMPLATES


def holds_source(folder: Path) -> bool:
    """Tell whether Terraform source stands at the top of a folder."""
    return any(each.name.endswith(MODULE_FILES) for each in folder.iterdir())


def _is_source(path: Path) -> bool:
    return path.name.endswith((*MODULE_FILES, ".tfvars", ".tfvars.json")) and path.is_file()


def is_unrelated(source: str) -> bool:
    """Tell whether a file that could not be read has nothing of a plan or template, so that nobody meant it.

    A broken template is not unrelated: what it should say stands in it all the same.
    """
    path = Path(source)
    if path.suffix not in (".json", ".yaml", ".yml", ".template") or not path.is_file():
        return False
    data = path.read_bytes()
    return not any(mark in data for mark in MARKS)


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
