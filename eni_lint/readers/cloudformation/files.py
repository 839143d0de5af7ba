"""Files that an input names, which are read only inside the directory that they may not leave."""

from __future__ import annotations

from pathlib import Path as File

from eni_lint.readers.cloudformation.decode import Document, decode
from eni_lint.readers.errors import ReadError


def read_document(file: str) -> Document:
    """Read and decode one file."""
    try:
        data = File(file).read_bytes()
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}", file) from None
    return decode(data, file)


def inside(root: File, folder: File, name: str) -> str:
    """The path of a file or directory that a file in a folder names; empty if it is not there or not below the root."""
    path = folder / name
    try:
        found = name != "" and path.exists() and path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # a name too long, a loop of links, a null byte
        return ""
    return str(path) if found else ""
