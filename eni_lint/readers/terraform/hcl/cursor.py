"""A place in a text that only moves forward: blanks, comments, spans and complaints."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NoReturn

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.records import Comment, Span

MAX_DEPTH = 60

_COMMENT = re.compile(r"(?:#|//)[^\n]*|(?s:/\*.*?\*/)")
_BLANKS = re.compile(r"(?:[ \t\r]+|(?s:/\*.*?\*/))*+")
_BLANKS_AND_LINES = re.compile(rf"(?:[ \t\r\n]+|{_COMMENT.pattern})*+")


class Cursor:
    """Walks over one text and keeps the comments that it passes.

    `lines` tells whether a line end counts: it ends an argument, but inside brackets it is a blank.
    """

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.at = 0
        self.end = 0
        self.lines = True
        self.depth = 0
        self.comments: list[Comment] = []
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def skip(self) -> None:
        """Pass blanks and comments, and line ends where they do not count."""
        found = (_BLANKS if self.lines else _BLANKS_AND_LINES).match(self.text, self.at)
        if found is not None and found[0]:
            self.at = found.end()
            self.comments += map(self._comment, _COMMENT.finditer(self.text, *found.span()))

    def skip_lines(self) -> None:
        """Pass everything up to the next word, line ends too."""
        lines, self.lines = self.lines, False
        self.skip()
        self.lines = lines

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Pass what matches here, if it does."""
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = self.end = found.end()
        return found

    def take_text(self, text: str) -> bool:
        """Pass a text if it stands here."""
        if not self.text.startswith(text, self.at):
            return False
        self.at = self.end = self.at + len(text)
        return True

    def expect(self, text: str) -> None:
        """Pass blanks and a text, or complain that it is missing."""
        self.skip()
        if not self.take_text(text):
            self.fail(f"expected `{text}` here")

    def deepen(self) -> None:
        """Go one level down, or complain where the text is nested deeper than anything people write."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("nested too deeply")

    def fail(self, message: str, at: int = -1) -> NoReturn:
        """Stop the reading of this file at the current or a given place."""
        raise ReadError(message, self.file, *self._place(self.at if at < 0 else at))

    def span(self, start: int, end: int) -> Span:
        """The stretch between two offsets."""
        return Span(self.file, *self._place(start), *self._place(end))

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def _comment(self, found: re.Match[str]) -> Comment:
        line, column = self._place(found.start())
        before = self.text[self._starts[line - 1] : found.start()]
        return Comment(line, column, found[0].rstrip(), not before.strip())
