"""Which folders of a repository are applied on their own."""

from __future__ import annotations

import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from eni_lint.readers.terraform.hcl.files import is_source

_PASSED_OVER = frozenset((".terraform", ".terragrunt-cache", ".git", "node_modules"))
_SOURCE = re.compile(r'\bsource"?\s*[=:]\s*"(\.{1,2}/[^"\n]*)"')
_APPLIED = re.compile(r'^[ \t]*"?(?:(?:backend|provider)"?\s*(?:"|:)|cloud"?\s*:?\s*\{)', re.MULTILINE)
_APPLIED_FILES = (".tfvars", ".tfvars.json", ".terraform.lock.hcl")
# A repository's own settings name programs that git would run.
_GIT = ("git", "-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--others", "--exclude-standard")


class Folder(Struct, frozen=True):
    """What tells whether a folder is a root: the folders that it calls, and signs that it is applied."""

    calls: frozenset[str]
    is_applied: bool


def find_roots(repository: Path) -> tuple[Path, ...]:
    """The root modules below a folder, in the order of their paths.

    A root is a folder with source files that no other folder calls, or one that has what only roots have: a
    backend, a provider, files of variables, a lock file. What git ignores does not count.
    """
    folders = _folders(repository)
    return tuple(repository / name for name in _roots(folders))


def roots_above(module: Path) -> tuple[Path, ...]:
    """The root modules of the repository around a module that call it, in any number of steps; itself if none does."""
    repository = next((each for each in module.absolute().parents if (each / ".git").exists()), None)
    if repository is None or (module.absolute() / ".git").exists():
        return (module,)
    wanted = os.path.relpath(module.absolute(), repository)
    folders = _folders(repository)
    roots = tuple(name for name in _roots(folders) if wanted in _reached(name, folders))
    return tuple(Path(os.path.relpath(repository / name)) for name in roots) or (module,)


def _folders(repository: Path) -> dict[str, Folder]:
    files: dict[str, list[str]] = defaultdict(list)
    for file in _listed(repository):
        folder, name = os.path.split(file)
        files[folder].append(name)
    return {folder: _folder(repository, folder, names) for folder, names in files.items() if any(map(is_source, names))}


def _roots(folders: Mapping[str, Folder]) -> list[str]:
    called = {target for name, folder in folders.items() for target in folder.calls if target != name}
    return sorted(name for name, folder in folders.items() if folder.is_applied or name not in called)


def _reached(root: str, folders: Mapping[str, Folder]) -> set[str]:
    found: set[str] = set()
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name not in found and name in folders:
            found.add(name)
            waiting += folders[name].calls
    return found


def _folder(repository: Path, folder: str, names: Iterable[str]) -> Folder:
    text = "\n".join(_text(repository / folder / name) for name in names if is_source(name))
    calls = frozenset(os.path.normpath(Path(folder) / source) for source in _SOURCE.findall(text))
    is_applied = any(name.endswith(_APPLIED_FILES) for name in names) or _APPLIED.search(text) is not None
    return Folder(frozenset("" if call == "." else call for call in calls), is_applied)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _listed(repository: Path) -> Iterator[str]:
    """The files that belong to the repository, relative to it; all of them where git knows none."""
    try:
        listed = subprocess.run(_GIT, cwd=repository, capture_output=True, timeout=60, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        listed = b""
    if not listed:
        return _walked(repository)
    return (file for file in os.fsdecode(listed).split("\0") if file and _PASSED_OVER.isdisjoint(file.split("/")))


def _walked(repository: Path) -> Iterator[str]:
    for folder, inner, names in os.walk(repository):
        inner[:] = [name for name in inner if name not in _PASSED_OVER]
        relative = os.path.relpath(folder, repository)
        yield from (str(Path(relative, name)) for name in names)
