"""Terraform's addresses and references, taken apart."""

from __future__ import annotations

from functools import lru_cache

Key = int | str | None
Step = str | tuple[int | str]
Path = tuple[str, ...]


@lru_cache(maxsize=65536)
def steps_of(text: str) -> tuple[Step, ...]:
    """Take a reference or address apart: names stay text, an index is a tuple of one.

    >>> steps_of('module.a["x.y"].aws_subnet.s[0].id')
    ('module', 'a', ('x.y',), 'aws_subnet', 's', (0,), 'id')
    """
    steps: list[Step] = []
    at, end = 0, len(text)
    while at < end:
        if text[at] == ".":
            at += 1
        elif text[at] == "[":
            key, at = _key_at(text, at + 1)
            steps.append((key,))
        else:
            stop = at
            while stop < end and text[stop] not in ".[":
                stop += 1
            steps.append(text[at:stop])
            at = stop
    return tuple(steps)


def _key_at(text: str, at: int) -> tuple[int | str, int]:
    if text[at : at + 1] != '"':
        stop = text.find("]", at)
        stop = len(text) if stop < 0 else stop
        digits = text[at:stop]
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else digits, stop + 1
    at += 1
    letters: list[str] = []
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
        letters.append(text[at])
        at += 1
    return "".join(letters), at + 2


@lru_cache(maxsize=8192)
def module_path(module: str) -> Path:
    """Give the names of the calls that lead to a module instance.

    >>> module_path('module.svc["alpha"].module.fn')
    ('svc', 'fn')
    """
    names = [step for step in steps_of(module) if isinstance(step, str)]
    return tuple(names[1::2])


@lru_cache(maxsize=8192)
def module_parent(module: str) -> tuple[str, str, Key]:
    """Give the module instance that calls this one, the name of the call and the key of the instance.

    >>> module_parent('module.svc["alpha"].module.fn')
    ('module.svc["alpha"]', 'fn', None)
    >>> module_parent('module.svc["alpha"]')
    ('', 'svc', 'alpha')
    """
    steps = list(steps_of(module))
    key: Key = None
    if steps and isinstance(steps[-1], tuple):
        key = steps.pop()[0]
    name = steps.pop() if steps else ""
    return spelled(tuple(steps[:-1])), name if isinstance(name, str) else "", key


def spelled(steps: tuple[Step, ...], start: str = "") -> str:
    """Write steps as Terraform does, behind what they start from.

    >>> spelled(("module", "a", ("x",), "aws_vpc", "main"))
    'module.a["x"].aws_vpc.main'
    >>> spelled((("b",), "id"), "module.net.subnets")
    'module.net.subnets["b"].id'
    """
    text = start
    for step in steps:
        if isinstance(step, tuple):
            text += indexed(step[0])
        else:
            text += f".{step}" if text else step
    return text


def indexed(key: Key) -> str:
    """Write an instance key as it stands behind a name."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{quoted}"]'


def within(module: str, name: str) -> str:
    """Write a name as seen from the root.

    >>> within("module.net", "local.ids")
    'module.net.local.ids'
    """
    return f"{module}.{name}" if module else name


def heads(references: tuple[str, ...]) -> tuple[str, ...]:
    """Give what an expression mentions, without the shorter forms that Terraform lists behind each mention.

    >>> heads(("aws_subnet.a[0].id", "aws_subnet.a[0]", "aws_subnet.a", "aws_subnet.a", "var.x"))
    ('aws_subnet.a[0].id', 'aws_subnet.a', 'var.x')
    """
    found: list[str] = []
    previous = ""
    for reference in references:
        if not (len(reference) < len(previous) and previous.startswith(reference) and previous[len(reference)] in ".["):
            found.append(reference)
        previous = reference
    return tuple(found)
