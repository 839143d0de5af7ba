"""The text of a file that is to be added to, and nothing else of it touched."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

Insertion = tuple[int, str]
"""An offset, and the text that is to stand there."""


class Text:
    """A text, how it is written, and where its lines begin."""

    def __init__(self, text: str, mark: bytes = b"", encoding: str = "utf-8") -> None:
        self.text = text
        self.ending = "\r\n" if "\r\n" in text else "\n"
        self._mark = mark
        self._encoding = encoding

    @cached_property
    def lines(self) -> tuple[int, ...]:
        """Give the offsets at which lines begin."""
        starts = [0]
        while (end := self.text.find("\n", starts[-1])) >= 0:
            starts.append(end + 1)
        return tuple(starts)

    def indent_at(self, offset: int) -> str:
        """Give the blanks that the line of an offset begins with."""
        start = self.text.rfind("\n", 0, offset) + 1
        line = self.text[start:].partition("\n")[0]
        return line[: len(line) - len(line.lstrip())].rstrip("\r")

    def with_insertions(self, insertions: Iterable[Insertion]) -> bytes:
        """Give the bytes of the text with some more in it; what is to stand at one offset keeps its order."""
        parts, end = [], 0
        for offset, text in sorted(insertions, key=lambda one: one[0]):
            parts += [self.text[end:offset], text.replace("\n", self.ending)]
            end = offset
        return self._mark + "".join([*parts, self.text[end:]]).encode(self._encoding, "surrogateescape")


def opened(data: bytes) -> Text:
    """Decode a file; what is not text comes back as it was."""
    mark, encoding = next((one for one in MARKS if data.startswith(one[0])), (b"", "utf-8"))
    return Text(data[len(mark) :].decode(encoding, "surrogateescape"), mark, encoding)
