"""The child process in which tfparse evaluates one root folder: a request in JSON comes in, an answer goes out.

tfparse can abort the process that calls it (a Go panic) or run for minutes; here that costs one folder.
Nothing is imported but the standard library before the limits stand.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

_RESOURCES = ("resource", "data")
_REFUSAL = re.compile(r"Converter: (?P<file>[^\n]+?):(?P<line>\d+),(?P<column>\d+)[-\d,]*: (?P<reason>[^;\n]+)")


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    _limit(request["memory"], request["seconds"])
    import tfparse

    def load(*, strict: bool) -> dict[str, Any]:
        loaded: dict[str, Any] = tfparse.load_from_path(
            request["folder"],
            workspace_name=request["workspace"],
            vars_paths=request["variables"],
            stop_on_hcl_error=strict,
        )
        return loaded

    try:
        loaded = load(strict=True)
    except tfparse.ParseError as error:
        if refused := refusal(str(error)):
            json.dump({"failure": refused[-1], "refused": refused}, sys.stdout)
            return
        loaded = load(strict=False)
    json.dump(answer(loaded, frozenset(request["types"])), sys.stdout)


def refusal(message: str) -> tuple[str, int, int, str] | None:
    """The place and the reason of what is no source, None where it is only newer than the evaluator.

    >>> refusal("unable to create TerraformConverter: main.tf:6,36-39: Extraneous label; Only 2., and 1 other")
    ('main.tf', 6, 36, 'Extraneous label')
    """
    found = _REFUSAL.search(message)
    if found is None or found["reason"].startswith("Unsupported"):
        return None
    return found["file"], int(found["line"]), int(found["column"]), found["reason"]


def answer(loaded: dict[str, Any], types: frozenset[str]) -> dict[str, Any]:
    """What is passed on of a result: the instances of some types, and the address behind every id.

    >>> answer({"a": [{"id": "1", "x": 2, "__tfmeta": {"type": "resource", "path": "a.b"}}]}, frozenset("a"))
    {'ids': {'1': 'a.b'}, 'instances': [{'address': 'a.b', 'values': {'x': 2}}]}
    """
    blocks = [block for found in loaded.values() for block in found if _meta(block).get("type") in _RESOURCES]
    return {
        "ids": {block["id"]: _meta(block)["path"] for block in blocks},
        "instances": [
            {"address": _meta(block)["path"], "values": dict(_values(block))}
            for name, found in loaded.items()
            if name in types
            for block in found
            if _meta(block).get("type") in _RESOURCES
        ],
    }


def _meta(block: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = block.get("__tfmeta", {})
    return meta


def _values(block: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a block says, without what the evaluator adds to it and its nested blocks."""
    for name, value in block.items():
        if name not in ("__tfmeta", "id"):
            yield name, _value(value)


def _value(value: Any) -> Any:
    match value:
        case {"__tfmeta": _}:
            return dict(_values(value))
        case list():
            return [_value(item) for item in value]
        case _:
            return value


def _limit(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_AS: memory, resource.RLIMIT_CPU: 4 * seconds}
    for kind, limit in limits.items():
        # Some systems know a limit and refuse to set it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    main()
