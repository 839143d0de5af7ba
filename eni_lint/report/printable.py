"""Text from inputs that nobody vouches for, made harmless to terminals, logs and parsers."""

from __future__ import annotations

import re

# What moves a terminal's cursor, turns the direction of writing around, or cannot stand in XML or UTF-8.
UNPRINTABLE = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
UNPRINTABLE_BESIDE_COLORS = f"\x1b(?!\\[[0-9;]*m)|(?!\x1b){UNPRINTABLE}"


def printable(text: str, colors: bool = False) -> str:
    """Show what cannot be printed as a replacement character; lines and tabs stay, and colours where they are meant.

    >>> printable("a\\x1b[2Jb")
    'a�[2Jb'
    """
    if all(line.isprintable() for line in text.split("\n")):
        return text
    return re.sub(UNPRINTABLE_BESIDE_COLORS if colors else UNPRINTABLE, "\ufffd", text)


def one_line(text: str) -> str:
    """Put text on one line, whatever it held.

    >>> one_line("a\\n  b")
    'a b'
    """
    return text if text.isprintable() else " ".join(printable(text).split())
