"""Which files make up one deployment: a template with its nested stacks, several templates, or fragments of one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path as File
from urllib.parse import unquote

import msgspec

from eni_lint.readers.cloudformation import foreach, rotation, sam
from eni_lint.readers.cloudformation.decode import Document, Note
from eni_lint.readers.cloudformation.files import inside, read_document
from eni_lint.readers.cloudformation.marks import Span
from eni_lint.readers.cloudformation.origins import Expanded, origin
from eni_lint.readers.cloudformation.stack import Environment, Stack
from eni_lint.readers.cloudformation.tree import Path, Tree, find, mapping, text
from eni_lint.readers.errors import ReadError

MAX_STACKS = 500
# Where the Serverless Framework leaves what it deploys; the template beside it only creates a bucket.
SERVERLESS_TEMPLATE = "cloudformation-template-update-stack.json"

_SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Globals")
_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_NESTING = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
_PLAIN_TRANSFORM = "AWS::LanguageExtensions"


class Frame(msgspec.Struct, frozen=True):
    """A line of a program that made a resource."""

    file: str
    line: int
    column: int


class Construct(msgspec.Struct, frozen=True):
    """What a CDK program calls a resource, and where it made it; the frame is missing in older assemblies."""

    path: str
    frames: tuple[Frame, ...] = ()


class Source(msgspec.Struct, frozen=True, eq=False):
    """Where a stack is written: the document of each part, how parts were expanded, and what a program calls them."""

    document: Document
    expansions: tuple[Expanded, ...] = ()
    elsewhere: dict[Path, Document] = {}
    constructs: dict[str, Construct] = {}

    @property
    def uncounted(self) -> dict[Path, str]:
        """The parts that stand for an unknown number of copies, with what would tell the number."""
        return {path: detail for expanded in self.expansions for path, detail in expanded.uncounted.items()}

    def construct(self, logical_id: str) -> Construct:
        """What the program calls a resource: by the path in its metadata, or by its logical id where that is absent."""
        path = text(find(self.document.tree, "Resources", logical_id, "Metadata", "aws:cdk:path"))
        found = self.constructs.get(path) or self.constructs.get(logical_id)
        return found or Construct(path.removesuffix("/Resource") or logical_id)

    def locate(self, path: Path) -> tuple[str, Span]:
        """The file and the place of the key that a path of the stack's template ends with."""
        for expanded in reversed(self.expansions):
            path = origin(path, expanded.origins)
        document = self.elsewhere.get(path[:2], self.document)
        return document.file, document.marks.key(path)


class LookedUpSubnet(msgspec.Struct, frozen=True):
    """A subnet as the CDK found it in an account: its kind is Public, Private or Isolated."""

    subnet_id: str
    kind: str
    cidr: str = ""
    route_table_id: str = ""


class LookedUpVpc(msgspec.Struct, frozen=True):
    """A network as the CDK found it in an account, kept in cdk.context.json."""

    vpc_id: str
    account: str
    region: str
    subnets: tuple[LookedUpSubnet, ...]


class World(msgspec.Struct, frozen=True, eq=False):
    """All stacks of one deployment by name, where they are written, and what could not be read on the way."""

    stacks: dict[str, Stack]
    sources: dict[str, Source]
    notes: tuple[Note, ...] = ()
    errors: tuple[ReadError, ...] = ()
    looked_up: tuple[LookedUpVpc, ...] = ()


class Settings(msgspec.Struct, frozen=True):
    """What is known from outside about stacks that are read from plain templates.

    `stack_name` is for the only one of them, `stack_names` are for those of certain files, by where these lie.
    """

    parameters: dict[str, str] = {}
    stack_name: str = ""
    stack_names: dict[str, str] = {}
    environment: Environment = Environment()
    root: str = "."

    def of(self, file: str, *, alone: bool) -> Settings:
        """Give what is known about one stack, which may be the only one."""
        own = self.stack_names.get(str(File(file).resolve()), "") if self.stack_names else ""
        return msgspec.structs.replace(self, stack_name=own or (self.stack_name if alone else ""))


NOTHING_KNOWN = Settings()


def is_template(tree: Tree) -> bool:
    """Whether a decoded file is a CloudFormation or SAM template, complete or a fragment."""
    resources = mapping(find(tree, "Resources"))
    return any(text(find(body, "Type")) or key.startswith("Fn::ForEach::") for key, body in resources.items())


def read_template(file: str, settings: Settings = NOTHING_KNOWN) -> World:
    """Read one template with the nested stacks that lie beside it."""
    return read_templates([file], settings)


def read_templates(files: Iterable[str], settings: Settings = NOTHING_KNOWN) -> World:
    """Read templates that are deployed side by side: what one exports, another may import."""
    documents: dict[str, Document] = {}
    errors: list[ReadError] = []
    for file in files:
        try:
            documents[file] = read_document(file)
        except ReadError as error:
            errors.append(error)
    alone = len(documents) == 1
    plans = [Plan(file, document, settings.of(file, alone=alone)) for file, document in documents.items()]
    return assemble([*errors, *plans], settings.root)


def read_fragments(directory: str, settings: Settings = NOTHING_KNOWN) -> World:
    """Read all templates in a directory as parts of one stack, such as files that each hold one function."""
    documents: list[Document] = []
    errors: list[ReadError] = []
    for path in sorted(File(directory).rglob("*")):
        if path.suffix in _SUFFIXES and path.is_file():
            try:
                documents.append(read_document(str(path)))
            except ReadError as error:
                errors.append(error)
    parts = [document for document in documents if is_fragment(document.tree)]
    if not parts:
        errors.append(ReadError("no CloudFormation template in this directory", directory))
        return World({}, {}, errors=tuple(errors))
    return assemble([*errors, _joined(directory, parts, settings)], settings.root)


def is_fragment(tree: Tree) -> bool:
    """Whether a decoded file holds some section of a template.

    >>> is_fragment({"Outputs": {"Vpc": {"Value": "vpc-1"}}}), is_fragment({"Outputs": []})
    (True, False)
    """
    return any(mapping(find(tree, section)) for section in _SECTIONS)


def read_serverless(directory: str, settings: Settings = NOTHING_KNOWN) -> World:
    """Read what the Serverless Framework packaged in a directory, or in the .serverless directory inside it."""
    for folder in (File(directory), File(directory, ".serverless")):
        if (folder / SERVERLESS_TEMPLATE).is_file():
            return read_template(str(folder / SERVERLESS_TEMPLATE), settings)
    raise ReadError(f"no {SERVERLESS_TEMPLATE} in this directory; run `serverless package` first", directory)


class Plan(msgspec.Struct, frozen=True, eq=False):
    """A stack before its template is expanded and its nested stacks are found."""

    name: str
    document: Document
    settings: Settings
    elsewhere: dict[Path, Document] = {}
    constructs: dict[str, Construct] = {}
    parent: str = ""
    arguments: dict[str, Tree] = {}
    ancestors: tuple[str, ...] = ()
    dummies: frozenset[str] = frozenset()


def assemble(found: Iterable[Plan | Note | ReadError], root: str) -> World:
    """Make the stacks of one world, and those nested in them; a template that another one nests is no root."""
    stacks: dict[str, Stack] = {}
    sources: dict[str, Source] = {}
    notes: list[Note] = []
    errors: list[ReadError] = []
    waiting = deque(found)
    while waiting:
        match waiting.popleft():
            case Note() as note:
                notes.append(note)
            case ReadError() as error:
                errors.append(error)
            case Plan() as plan if len(stacks) == MAX_STACKS:
                errors.append(ReadError(f"more than {MAX_STACKS} stacks in one deployment", plan.document.file))
                break
            case Plan() as plan:
                made = _made(plan, root)
                if isinstance(made, ReadError):
                    errors.append(made)
                    continue
                stacks[plan.name], sources[plan.name], below = made
                notes += plan.document.notes
                waiting += below
    kept = _without_doubles(stacks)
    return World(kept, {name: sources[name] for name in kept}, tuple(notes), tuple(errors))


def _made(plan: Plan, root: str) -> tuple[Stack, Source, list[Plan | Note | ReadError]] | ReadError:
    """A stack, where it is written, and what is nested in it."""
    try:
        template, source = _expanded(plan)
    except ReadError as error:
        return error
    children = dict(_nested(plan, template, root))
    nested = {logical_id: child.name for logical_id, child in children.items() if isinstance(child, Plan)}
    return _stack(plan, template, nested), source, list(children.values())


def _expanded(plan: Plan) -> tuple[dict[str, Tree], Source]:
    loops = foreach.expand(mapping(plan.document.tree), plan.settings.parameters, plan.document.file)
    rotations = rotation.expand(loops.tree)
    functions = sam.expand(rotations.tree)
    source = Source(plan.document, (loops, rotations, functions), plan.elsewhere, plan.constructs)
    return functions.tree, source


def _stack(plan: Plan, template: dict[str, Tree], nested: dict[str, str]) -> Stack:
    settings = plan.settings
    return Stack(
        plan.name,
        template,
        file=plan.document.file,
        stack_name=settings.stack_name,
        environment=settings.environment,
        parameters=settings.parameters,
        parent=plan.parent,
        arguments=plan.arguments,
        nested=nested,
        dummies=plan.dummies,
        opaque=_has_macro(template),
    )


def _has_macro(template: dict[str, Tree]) -> bool:
    """Whether a macro, SAM among them, may add resources that are not written here."""
    transform = template.get("Transform")
    named = transform if isinstance(transform, list) else [transform] if transform else []
    inside = any("Fn::Transform" in mapping(template.get(section)) for section in (*_SECTIONS, "Transform"))
    return inside or "Fn::Transform" in template or any(name != _PLAIN_TRANSFORM for name in named)


def _nested(plan: Plan, template: dict[str, Tree], root: str) -> Iterator[tuple[str, Plan | Note | ReadError]]:
    for logical_id, body in mapping(template.get("Resources")).items():
        written_in = plan.elsewhere.get(("Resources", logical_id), plan.document).file
        file = _nested_file(written_in, mapping(body), root)
        if not file:
            continue
        if file in (*plan.ancestors, plan.document.file):
            yield logical_id, Note(f"the nested stack {logical_id} contains itself", written_in)
            continue
        try:
            yield logical_id, _child(plan, logical_id, mapping(body), read_document(file))
        except ReadError as error:
            yield logical_id, error


def _child(plan: Plan, logical_id: str, body: dict[str, Tree], document: Document) -> Plan:
    known = Settings(environment=plan.settings.environment, root=plan.settings.root)
    return Plan(
        f"{plan.name}/{logical_id}",
        document,
        known,
        constructs=plan.constructs,
        parent=plan.name,
        arguments=mapping(find(body, "Properties", "Parameters")),
        ancestors=(*plan.ancestors, plan.document.file),
        dummies=plan.dummies,
    )


def _nested_file(parent: str, body: dict[str, Tree], root: str) -> str:
    """The file of a nested stack, if it lies inside the project; empty for one that is elsewhere."""
    property_name = _NESTING.get(text(body.get("Type")))
    if property_name is None:
        return ""
    location = text(find(body, "Metadata", "aws:asset:path")) or text(find(body, "Properties", property_name))
    path = unquote(location.removeprefix("file://"))
    return "" if "://" in path else inside(File(root), File(parent).parent, path)


def _without_doubles(stacks: dict[str, Stack]) -> dict[str, Stack]:
    """Leave out roots whose template another stack nests: they are deployed as its children."""
    nested = {File(stack.file).resolve() for stack in stacks.values() if stack.parent}

    def doubled(stack: Stack) -> bool:
        return doubled(stacks[stack.parent]) if stack.parent else File(stack.file).resolve() in nested

    return {name: stack for name, stack in stacks.items() if not doubled(stack)}


def _joined(directory: str, parts: list[Document], settings: Settings) -> Plan:
    """One document made of several: sections are merged, and each entry remembers its file."""
    tree: dict[str, Tree] = {}
    owners: dict[Path, Document] = {}
    notes: list[Note] = []
    for document in parts:
        for section, content in mapping(document.tree).items():
            if section not in _SECTIONS:
                tree[section] = content
                continue
            for name in mapping(content):
                if (section, name) in owners:
                    first = owners[section, name].file
                    notes.append(Note(f"{section}.{name} also stands in {first}; the last one counts", document.file))
                owners[section, name] = document
            tree[section] = {**mapping(tree.get(section)), **mapping(content)}
    whole = Document(
        directory, tree, parts[0].marks, tuple(note for part in parts for note in part.notes) + tuple(notes)
    )
    return Plan(directory, whole, settings, elsewhere=owners)
