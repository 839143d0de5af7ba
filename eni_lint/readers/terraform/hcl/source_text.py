"""The text of one source file and its places."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NoReturn

from msgspec import Struct, structs

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.records import Span


class SourceText(Struct, frozen=True):
    """A text as its author wrote it; `lines` are the offsets at which its lines begin.

    What is read inside of something that was read counts from another place, `shift` away, and lies one `level` deeper.
    """

    text: str
    file: str
    lines: tuple[int, ...]
    shift: int = 0
    level: int = 0

    def inside(self, shift: int) -> SourceText:
        """The same text for a reader who counts from another place."""
        return structs.replace(self, shift=self.shift + shift, level=self.level + 1)

    def between(self, start: int, end: int) -> str:
        """What is written between two offsets."""
        return self.text[start + self.shift : end + self.shift]

    def span(self, start: int, end: int) -> Span:
        """The stretch between two offsets."""
        return Span(self.file, *self._place(start), *self._place(end))

    def fail(self, message: str, at: int) -> NoReturn:
        """Stop the reading of this file with a complaint about a place."""
        raise ReadError(message, self.file, *self._place(at))

    def _place(self, offset: int) -> tuple[int, int]:
        at = min(max(offset + self.shift, 0), len(self.text))
        line = bisect_right(self.lines, at)
        return line, at - self.lines[line - 1] + 1


def source_text(text: str, file: str) -> SourceText:
    """The text of a file with its lines counted."""
    return SourceText(text, file, (0, *(found.end() for found in re.finditer("\n", text))))
