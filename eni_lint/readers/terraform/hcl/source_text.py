"""The text of one source file and its places."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NoReturn

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.records import Span

MAX_DEPTH = 60


class SourceText:
    """A text as its author wrote it, or a part of it, whose offsets are `shift` away from those of the whole.

    `level` tells how many texts with a grammar of their own (heredocs) it lies in.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.level = 0
        self._text = text
        self._shift = 0
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def part(self, shift: int) -> SourceText:
        """The same text, counted from another place, for what is read inside of something that was read."""
        inner = SourceText.__new__(SourceText)
        inner.file, inner.level = self.file, self.level + 1
        inner._text, inner._shift, inner._starts = self._text, self._shift + shift, self._starts
        return inner

    def between(self, start: int, end: int) -> str:
        """What is written between two offsets."""
        return self._text[start + self._shift : end + self._shift]

    def span(self, start: int, end: int) -> Span:
        """The stretch between two offsets."""
        return Span(self.file, *self._place(start), *self._place(end))

    def fail(self, message: str, at: int) -> NoReturn:
        """Stop the reading of this file with a complaint about a place."""
        raise ReadError(message, self.file, *self._place(at))

    def _place(self, offset: int) -> tuple[int, int]:
        at = min(max(offset + self._shift, 0), len(self._text))
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1
