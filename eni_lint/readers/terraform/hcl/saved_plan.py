"""A saved plan (`terraform plan -out`): the exact source of every module, and the state that it was made from.

The format is Terraform's own: only members that are text are read, and what is read is checked.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from msgspec import Struct

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.files import is_source
from eni_lint.readers.terraform.hcl.modules import ModulePath, Tree, installed_modules, tree_of
from eni_lint.readers.terraform.hcl.raw_state import Recorded, read_raw_state
from eni_lint.readers.terraform.hcl.syntax import read_bytes

MAX_BYTES = 256 * 1024 * 1024
MAX_MEMBERS = 20_000

_NAME = r"[^\W\d][\w-]*"
_SOURCE = re.compile(rf"tfconfig/m-((?:{_NAME}(?:\.{_NAME})*)?)/([^/\\:\0]+)")
_PLAN, _STATE, _BEFORE, _MODULES = "tfplan", "tfstate", "tfstate-prev", "tfconfig/modules.json"
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class SavedPlan(Struct, frozen=True):
    """What a saved plan holds in text: sources by module key and file name, and state as recorded.

    `folders` is where each module was when the plan was made. `before` is the state as it was before the refresh.
    """

    file: str
    sources: Mapping[str, Mapping[str, bytes]]
    folders: Mapping[str, str]
    state: tuple[Recorded, ...]
    before: tuple[Recorded, ...]
    stamps: frozenset[str]


def read_saved_plan(data: bytes, file: str) -> SavedPlan:
    """Read a saved plan; `file` is what messages call it."""
    members = dict(_members(data, file))
    if _PLAN not in members or _STATE not in members:
        raise ReadError("not a saved plan of Terraform: it holds no plan and state", file)
    sources: dict[str, dict[str, bytes]] = defaultdict(dict)
    for name, content in members.items():
        if (found := _SOURCE.fullmatch(name)) is not None:
            sources[found[1]][found[2]] = content
    return SavedPlan(
        file=file,
        sources=dict(sources),
        folders=installed_modules(members.get(_MODULES, b"{}")),
        state=read_raw_state(members[_STATE], f"{file}/{_STATE}"),
        before=read_raw_state(members[_BEFORE], f"{file}/{_BEFORE}") if _BEFORE in members else (),
        stamps=frozenset(stamp.decode() for stamp in _STAMP.findall(members[_PLAN])),
    )


def require_match(saved: SavedPlan, timestamp: str, addresses: frozenset[str]) -> None:
    """Refuse a saved plan that is not the one whose JSON has this timestamp and these addresses in its state.

    Plans of Terraform before 1.5 have no timestamp; then the recorded addresses decide.
    """
    if timestamp:
        if timestamp not in saved.stamps:
            raise ReadError(f"not the saved plan of this plan JSON, which was made at {timestamp}", saved.file)
        return
    strangers = sorted({recorded.address for recorded in saved.state if recorded.is_managed} - addresses)
    if strangers:
        raise ReadError(f"not the saved plan of this plan JSON, which does not know {strangers[0]}", saved.file)


def read_saved_tree(saved: SavedPlan, types: frozenset[str] = frozenset()) -> Tree:
    """Read the modules in a saved plan, as `read_tree` does from a folder."""
    return tree_of(Archive(saved), "", types)


def unpack(saved: SavedPlan, folder: Path) -> None:
    """Write the sources out as a folder that `terraform init` has been run in, for the evaluator."""
    manifest = []
    for key, files in saved.sources.items():
        place = PurePosixPath(".terraform", "modules", key) if key else PurePosixPath()
        (folder / place).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / place / name).write_bytes(content)
        manifest.append({"Key": key, "Source": "", "Dir": str(place)})
    (folder / ".terraform" / "modules").mkdir(parents=True, exist_ok=True)
    (folder / ".terraform" / "modules" / "modules.json").write_text(json.dumps({"Modules": manifest}), "utf-8")


class Archive:
    """The sources of a saved plan; a folder is the key of its module.

    A file that lies below `home`, the root module's folder, just as it was when the plan was made has its path there.
    """

    def __init__(self, saved: SavedPlan, home: Path | None = None) -> None:
        self._saved = saved
        self._home = home

    def names(self, folder: str) -> Iterable[str]:
        """List the files of a module."""
        return self._saved.sources.get(folder, {})

    def read(self, folder: str, name: str) -> tuple[str, bytes]:
        """Give a file, and where it was or is."""
        place = PurePosixPath(self._saved.folders.get(folder, f"module.{folder}" if folder else "."), name)
        content = self._saved.sources[folder][name]
        if self._home is None:
            return str(place), content
        file = os.path.normpath(self._home / place)
        same = Path(file).is_file() and read_bytes(Path(file), file) == content
        return file if same else f"{self._saved.file}/{place}", content

    def find(self, path: ModulePath, source: str, caller: str) -> str | None:  # noqa: ARG002  # the key says it all
        """Find a module by the calls that lead there."""
        key = ".".join(path)
        return key if key in self._saved.sources else None


def _members(data: bytes, file: str) -> Iterator[tuple[str, bytes]]:
    """The members that are read, unpacked with an eye on what they unpack to."""
    room = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MAX_MEMBERS:
                raise ReadError("not a saved plan of Terraform: too many members", file)
            for member in archive.infolist():
                if _is_read(member.filename):
                    with archive.open(member) as content:
                        unpacked = content.read(room + 1)
                    room -= len(unpacked)
                    if room < 0:
                        raise ReadError(f"unpacks to more than {MAX_BYTES >> 20} MiB", file)
                    yield member.filename, unpacked
    except _UNREADABLE as error:
        raise ReadError(f"not a saved plan of Terraform: {error}", file) from None


def _is_read(name: str) -> bool:
    found = _SOURCE.fullmatch(name)
    return name in (_PLAN, _STATE, _BEFORE, _MODULES) if found is None else is_source(found[2])
