"""Where things are written: a pointer becomes the lines of a template, or of the program that made it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as File

from msgspec import Struct, field
from msgspec.structs import replace

from eni_lint.model.place import Call, Origin
from eni_lint.model.place import Span as Place
from eni_lint.readers.cloudformation.decode import Document
from eni_lint.readers.cloudformation.origins import origin as stem_of
from eni_lint.readers.cloudformation.translate.families import LINKS
from eni_lint.readers.cloudformation.tree import Path, find, mapping, text
from eni_lint.readers.cloudformation.worlds import Frame, Source, World


class Written(Struct, frozen=True):
    """Where one resource is written: its stack, the source of that, its logical id there, and its type."""

    stack: str
    source: Source
    logical_id: str
    kind: str

    @property
    def pointer(self) -> str:
        """What the resource is called among all stacks of an input."""
        return f"{self.stack}/{self.logical_id}"

    @property
    def path(self) -> Path:
        """Give the path of the resource in its stack's template."""
        return ("Resources", self.logical_id)

    @property
    def document(self) -> Document:
        """Give the document that the resource is written in."""
        return self.source.elsewhere.get(self.path, self.source.document)

    @property
    def is_written_out(self) -> bool:
        """Tell whether a person wrote the resource, and no transform made it."""
        return find(self.document.tree, *self.path) is not None

    @property
    def stem(self) -> str:
        """Name the resource that a person wrote, of which a transform made this one."""
        return str(_stem(self.source, self.path)[1][1])


class Lines:
    """The lines of files, each read when first asked for."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, file: str) -> tuple[str, ...]:
        """Give the lines of a file, none where it cannot be read."""
        if file not in self._known:
            self._known[file] = _read(file)
        return self._known[file]

    def at(self, file: str, number: int) -> str:
        """Give one line of a file, empty where there is none."""
        lines = self.of(file)
        return lines[number - 1] if 0 < number <= len(lines) else ""


def _read(file: str) -> tuple[str, ...]:
    try:
        data = File(file).read_bytes()
    except (OSError, ValueError):
        return ()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return tuple(data.decode(encoding, "replace").split("\n"))


class Templates(Struct, frozen=True, eq=False):
    """Leads pointers to the templates of one input."""

    by_pointer: Mapping[str, Written]
    lines: Lines = field(default_factory=Lines)

    def locate(self, origin: Origin) -> Place:
        """Give the place of a resource, or of the property behind a link of it.

        A line of the program that made the resource comes first, where the program is there to be read.
        """
        written = self.by_pointer.get(origin.pointer)
        if written is None:
            return Place(origin.source)
        construct = written.source.construct(written.logical_id)
        for frame in construct.frames[:1]:
            line = self.lines.at(frame.file, frame.line)
            if line:
                return _in_program(frame, line)
        place = self._in_template(written, origin.link)
        return replace(place, calls=tuple(Call(construct.path, f.file, f.line) for f in construct.frames[:1]))

    def _in_template(self, written: Written, link: str) -> Place:
        document, path = _stem(written.source, written.path)
        start = end = document.marks.key(path)
        narrowed = _property(written, link) if link else None
        if narrowed is not None:
            document, path = narrowed
            start, end = document.marks.key(path), document.marks.value(path)
        return Place(
            document.file,
            start.line,
            start.column,
            end.end_line,
            end.end_column,
            self.lines.at(document.file, start.line),
            precise=True,
        )


def places_of(world: World) -> Templates:
    """Give where every resource of an input is written."""
    return Templates(
        {
            f"{name}/{logical_id}": Written(name, world.sources[name], logical_id, text(mapping(body).get("Type")))
            for name, stack in world.stacks.items()
            for logical_id, body in stack.section("Resources").items()
        }
    )


def _in_program(frame: Frame, line: str) -> Place:
    end = len(line) + 1
    return Place(_near(frame.file), frame.line, frame.column, frame.line, end, line, precise=True)


def _property(written: Written, link: str) -> tuple[Document, Path] | None:
    """Give where the property behind a link is written, None where the resource does not state it."""
    steps: tuple[str | int, ...] = LINKS.get((written.kind, link), ())
    if not steps:
        steps = tuple(int(step) if step.isdecimal() else step for step in link.split("/"))
    for length in range(len(steps), 0, -1):
        document, path = _stem(written.source, (*written.path, "Properties", *steps[:length]))
        if find(document.tree, *path) is not None:
            return document, path
    return None


def _stem(source: Source, path: Path) -> tuple[Document, Path]:
    """Give the document in which a path of a stack's template is written, and the path there."""
    for expanded in reversed(source.expansions):
        path = stem_of(path, expanded.origins)
    return source.elsewhere.get(path[:2], source.document), path


def _near(file: str) -> str:
    """Give a path as seen from here, where it lies below."""
    path = File(file)
    return str(path.relative_to(File.cwd())) if path.is_relative_to(File.cwd()) else file
