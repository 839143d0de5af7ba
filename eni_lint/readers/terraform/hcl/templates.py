"""The text of templates: what stands between interpolations, and templates that no quotes enclose."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from eni_lint.readers.terraform.hcl.source_text import SourceText

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|([$%])\2\{", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_TEMPLATE_ESCAPE = re.compile(r"([$%])\1\{")
_OPENING = re.compile(r"[$%]\{")
_IN_CODE = re.compile(r'(?:#|//)[^\n]*|(?s:/\*.*?\*/)|["{}]')
_IN_STRING = re.compile(r'\\.|[$%]\{|"', re.DOTALL)
_NOT_IN_QUOTES = re.compile(r'["\\]')


def quoted_text(source: SourceText, start: int, end: int) -> str:
    """The text that a part of a string in quotes stands for."""
    text = source.between(start, end)
    if "\n" in text:
        source.fail("a string does not end in its line", start + text.index("\n"))

    def unescaped(found: re.Match[str]) -> str:
        code = found[1]
        if code is None:
            return found[0][1:]
        if code in _ESCAPES:
            return _ESCAPES[code]
        number = int(code[1:], 16) if len(code) > 1 else sys.maxunicode + 1
        if number > sys.maxunicode:
            source.fail(f"`\\{code}` is no escape sequence", start + found.start())
        return chr(number)

    return _ESCAPE.sub(unescaped, text)


def plain_text(source: SourceText, start: int, end: int) -> str:
    """The text that a part of a template without quotes stands for."""
    return _TEMPLATE_ESCAPE.sub(r"\1{", source.between(start, end))


def has_code(template: str) -> bool:
    """Tell whether a template is more than text."""
    return _OPENING.search(_TEMPLATE_ESCAPE.sub("@@@", template)) is not None


def in_quotes(template: str) -> str:
    """A template as a string in quotes whose code has the same places, only one further.

    >>> in_quotes('say "${f("a", "{")}"')
    '"say  ${f("a", "{")} "'
    """
    return '"' + "".join(_pieces(_TEMPLATE_ESCAPE.sub("@@@", template)))


def without_indent(text: str) -> str:
    """The text of a heredoc with `-`: without what its lines are all indented by."""
    lines = text.splitlines(keepends=True)
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "".join(line[indent:] if line.strip() else line for line in lines)


def _pieces(template: str) -> Iterator[str]:
    at = 0
    while found := _OPENING.search(template, at):
        yield _NOT_IN_QUOTES.sub(" ", template[at : found.start()])
        at = _code_end(template, found.end())
        if at < 0:
            # Without the last quote it is the brace that is missed first.
            yield template[found.start() :]
            return
        yield template[found.start() : at]
    yield _NOT_IN_QUOTES.sub(" ", template[at:]) + '"'


def _code_end(template: str, start: int) -> int:
    """The place behind the brace that closes the code which begins here, or -1."""
    at, open_marks = start, ["{"]
    while open_marks:
        in_string = open_marks[-1] == '"'
        found = (_IN_STRING if in_string else _IN_CODE).search(template, at)
        if found is None:
            return -1
        at, mark = found.end(), found[0]
        if mark == ('"' if in_string else "}"):
            open_marks.pop()
        elif mark in ('"', "{", "${", "%{"):
            open_marks.append(mark)
    return at
