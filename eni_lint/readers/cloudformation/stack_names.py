"""The names of stacks that a user states: which template each is for, and whether that can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from eni_lint.readers.errors import ReadError

FLAG = "--stack-name"


class StackNames(Struct, frozen=True):
    """The name of the only stack, and those of several by the files of their templates."""

    only: str = ""
    by_file: Mapping[str, str] = {}


def stack_names(stated: Iterable[str]) -> StackNames:
    """Read what was stated as `NAME` or `FILE=NAME`; raise `ReadError` where a name is none, or given twice.

    >>> stack_names(["net.yaml=network", "app.yaml=orders"]).by_file["net.yaml"]
    'network'
    """
    found: dict[str, str] = {}
    places: dict[str, str] = {}
    for word in stated:
        file, _, name = word.rpartition("=")
        place = place_of(file) if file else ""
        if not (name[:1].isalpha() and name.replace("-", "").isalnum() and name.isascii()):
            raise ReadError(f"{FLAG} {word}: a stack cannot be called '{name}'")
        if place in places:
            raise ReadError(f"{FLAG} {word}: {file or 'the stack'} is called {places[place]} already")
        if name in found.values():
            raise ReadError(f"{FLAG} {word}: another stack is called {name} already")
        found[file] = places[place] = name
    only = found.pop("", "")
    if only and found:
        raise ReadError(f"{FLAG} {only}: there are several stacks, so say {FLAG} FILE={only}")
    return StackNames(only, found)


def check_names(stated: Iterable[str], inputs: Sequence[str], folders: Sequence[str]) -> None:
    """Raise `ReadError` where a name is for none of the inputs, or for no certain one.

    `inputs` are those that make one stack each, `folders` the directories of templates.
    """
    names = stack_names(stated)
    known = set(map(place_of, inputs))
    for file in names.by_file:
        if place_of(file) not in known and not any(_is_template_in(file, folder) for folder in folders):
            raise ReadError(f"{FLAG} {file}={names.by_file[file]}: {file} is none of the templates that are linted")
    if names.only and len(inputs) + sum(1 for _ in _templates(folders)) > 1:
        raise ReadError(f"{FLAG} {names.only}: there are several templates, so say {FLAG} FILE={names.only}")


def place_of(file: str) -> str:
    """Give where a file lies, whichever way it is written."""
    return str(Path(file).resolve())


def _templates(folders: Iterable[str]) -> Iterator[str]:
    from eni_lint.readers.cloudformation.reader import templates_in

    for folder in folders:
        yield from templates_in(Path(folder))


def _is_template_in(file: str, folder: str) -> bool:
    from eni_lint.readers.cloudformation.reader import is_template_in

    return is_template_in(Path(file).resolve(), Path(folder).resolve())
