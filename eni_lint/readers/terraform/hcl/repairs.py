"""What Terraform reads and python-hcl2 does not: it is written in another way, without moving anything.

All places in what comes out are places in the text as its author wrote it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from lark import Token, Tree

    Branch: TypeAlias = "Token | Tree[Token]"

_LINES = frozenset(("NL_OR_COMMENT", "new_line_or_comment"))
_OPENING = frozenset(("LPAR", "LSQB", "LBRACE", "INTERP_START", "DIRECTIVE_START"))
_CLOSING = frozenset(("RPAR", "RSQB", "RBRACE"))

_EMPTY_LINES = re.compile(r"\n{9,}")
_LETTER = re.compile(r"[^\W\x00-\x7f]")
_ESCAPE = re.compile(r"\$\$\{|%%\{")
_HEREDOC = re.compile(r"<<-?(?P<marker>[^\W\d][\w-]*)(?P<blanks>[ \t]*)(?P<line>\r?\n)")
_INLINE = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINE_END = re.compile(r"\n|#|//")
_BLANK = re.compile(rf"(?:[ \t\r\n]|(?:#|//)[^\n]*|(?s:{_INLINE.pattern}))+")
_NEGATIVE = re.compile(r"-\d")


class Stumble(Struct, frozen=True):
    """Where python-hcl2 gave up, and what it had read that is not yet part of anything complete."""

    text: str
    at: int
    stack: tuple[Branch, ...]


def rewritten(text: str) -> str:
    """The text with Latin letters, without escapes, and with nothing but line ends behind the markers of heredocs.

    python-hcl2 does not only refuse these: an escape runs on to the next brace, a heredoc to the next marker.
    Of many empty lines two are left, as each takes it as long as a word.

    >>> rewritten("x = <<A\\nñ $${b}\\n A \\n")
    'x = <<A\\nx @@@b}\\n  A\\n'
    """
    text = _EMPTY_LINES.sub(lambda found: f"\n{' ' * (len(found[0]) - 2)}\n", text)
    text = _ESCAPE.sub("@@@", text if text.isascii() else _LETTER.sub("x", text))
    if markers := {found["marker"] for found in _HEREDOC.finditer(text)}:
        text = _HEREDOC.sub(lambda found: found[0].rstrip() + found["line"] + found["blanks"], text)
        closing = rf"^(?P<marker>[ \t]*(?:{'|'.join(map(re.escape, sorted(markers)))}))(?P<blanks>[ \t]+)(?=\r?$)"
        text = re.sub(closing, r"\g<blanks>\g<marker>", text, flags=re.MULTILINE)
    return text


def repaired(stumble: Stumble) -> str:
    """The text without what python-hcl2 stumbled over if Terraform does not, else the same text."""
    text, at, stack = stumble.text, stumble.at, stumble.stack
    last = _kind(stack[-1]) if stack else ""
    is_doubled = (last, text[at : at + 1]) in (("NOT", "!"), ("MINUS", "-"))
    if is_doubled or text.startswith("~" if last == "INTERP_START" else "~}", at):
        return _blanked(text, at, at + 1)
    if _NEGATIVE.match(text, at) and last.islower():
        # `a -15` was read as two numbers; any operator will do.
        return f"{text[:at]}+{text[at + 1 :]}"
    blank = _BLANK.match(text, _start_of_lines(stack, at))
    if blank is not None and (_ignores_lines(stack) or not _LINE_END.search(_INLINE.sub("", blank[0]))):
        return _blanked(text, *blank.span())
    return text


def complaint(stumble: Stumble, is_template: bool) -> tuple[str, int]:
    """What to say about a text that cannot be read, and of which place."""
    text, at, stack = stumble.text, stumble.at, stumble.stack
    opening = _innermost(stack)
    if not is_template and (end := _string_end(stack)) >= 0:
        return "a string does not end in its line", end
    if at == len(text) and opening >= 0:
        return f"`{stack[opening]}` is never closed", _start(stack[opening])
    if heredoc := _HEREDOC.match(text, at):
        return f"the text that `{heredoc[0].rstrip()}` begins does not end", at
    if at == len(text) or text[at] == "\n":
        return "the line ends too early", at
    return "not valid HCL from here on" if text[at].isalnum() else f"`{text[at]}` is not expected here", at


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _kind(item: Branch) -> str:
    """The name of a terminal (in capitals) or rule of the grammar."""
    return item.type if isinstance(item, str) else str(item.data)


def _start(item: Branch) -> int:
    return (item.start_pos or 0) if isinstance(item, str) else item.meta.start_pos


def _start_of_lines(stack: tuple[Branch, ...], at: int) -> int:
    """Where the line ends and comments before a place begin; an operation takes those behind it for its own."""
    for item in stack[-1:]:
        while not isinstance(item, str) and _kind(item) not in _LINES and item.children:
            item = item.children[-1]
        return _start(item) if _kind(item) in _LINES else at
    return at


def _ignores_lines(stack: tuple[Branch, ...]) -> bool:
    """Tell whether a line end is nothing but a blank here: in brackets, but not between the members of an object."""
    opening = _innermost(stack)
    if opening < 0 or _kind(stack[opening]) != "LBRACE":
        return opening >= 0
    inside = [kind for kind in map(_kind, stack[opening + 1 :]) if kind not in _LINES]
    return inside[:1] in (["FOR"], ["for_intro"])


def _innermost(stack: tuple[Branch, ...]) -> int:
    """Where in the stack the innermost bracket stands that is still open, or -1."""
    closed = 0
    for number in reversed(range(len(stack))):
        kind = _kind(stack[number])
        if kind in _CLOSING:
            closed += 1
        elif kind in _OPENING and not closed:
            return number
        elif kind in _OPENING:
            closed -= 1
    return -1


def _string_end(stack: tuple[Branch, ...]) -> int:
    """The end of the first line in which a string is left open, or -1."""
    waiting = list(reversed(stack))
    while waiting:
        item = waiting.pop()
        if not isinstance(item, str):
            waiting += reversed(item.children)
        elif item.type == "STRING_CHARS" and "\n" in item:
            return _start(item) + item.index("\n")
    return -1
