"""A place in a text that only moves forward, with spans and complaints."""

from __future__ import annotations

import re
from typing import NoReturn

from eni_lint.readers.terraform.hcl.records import Span
from eni_lint.readers.terraform.hcl.source_text import source_text

MAX_DEPTH = 60


class Cursor:
    """Walks over the text of one file."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.at = 0
        self.depth = 0
        self._source = source_text(text, file)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Pass what matches here, if it does."""
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def take_text(self, text: str) -> bool:
        """Pass a text if it stands here."""
        if not self.text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def deepen(self) -> None:
        """Go one level down, or complain where the text is nested deeper than anything people write."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("nested too deeply")

    def fail(self, message: str, at: int = -1) -> NoReturn:
        """Stop the reading of this file at the current or a given place."""
        self._source.fail(message, self.at if at < 0 else at)

    def span(self, start: int, end: int) -> Span:
        """The stretch between two offsets."""
        return self._source.span(start, end)
