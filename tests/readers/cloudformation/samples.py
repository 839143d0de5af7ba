"""Templates and strategies that several tests of the reader share."""

import copy
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

FIXTURES = Path(__file__).parents[3] / "fixtures" / "cloudformation"
TEMPLATES = sorted((FIXTURES / "templates").iterdir())

_texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _texts
trees = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4), max_leaves=20
)


@st.composite
def mutated(draw: st.DrawFn, texts: list[bytes]) -> bytes:
    """A text with a few stretches dropped, doubled or replaced by what parsers stumble over."""
    data = bytearray(draw(st.sampled_from(texts)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        middle = draw(st.sampled_from([b"", bytes(data[start:end]) * 2, *_STUMBLES]))
        data[start:end] = middle
    return bytes(data)


@st.composite
def twisted(draw: st.DrawFn, sources: list[Any]) -> Any:
    """A template with a few of its parts replaced by what does not belong there, or by another of its parts."""
    tree = copy.deepcopy(draw(st.sampled_from(sources)))
    for _ in range(draw(st.integers(1, 3))):
        places = [
            (part, step) for part in parts(tree) for step in (part if isinstance(part, dict) else range(len(part)))
        ]
        part, step = places[draw(st.integers(0, len(places) - 1))]
        other, at = places[draw(st.integers(0, len(places) - 1))]
        part[step] = copy.deepcopy(draw(st.sampled_from([other[at], *_MISFITS])))
    return tree


def parts(tree: Any) -> list[Any]:
    """All mappings and lists of a tree."""
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    own = [tree] if isinstance(tree, dict | list) and tree else []
    return own + [found for child in children for found in parts(child)]


_MISFITS = [None, [], {}, "", 0, -1, True, 1e308, "a,b", "${", "${A.B}", "${!A}", "AWS::NoValue", "*", ["x"], {"a": 1}]
_MISFITS += [
    {"Ref": "AWS::NoValue"},
    {"Ref": []},
    {"Ref": "Vpc"},
    {"Fn::If": []},
    {"Fn::If": ["Own", 1, {}]},
    {"Fn::Sub": []},
]
_MISFITS += [
    {"Fn::GetAtt": "a"},
    {"Fn::Split": [",", {"Ref": "X"}]},
    {"Fn::ForEach::L": ["X", ["a"], {"${X}": {"Ref": "X"}}]},
]
_STUMBLES = [b"!Ref ", b"!GetAtt", b"!Sub ", b"!If [", b"&a ", b"*a", b"<<: ", b"- ", b"? ", b"{", b"]", b"\t", b"\x00"]
_STUMBLES += [
    b"\xff",
    b"Ref",
    b"Fn::If",
    b"Fn::ForEach::X",
    b"null",
    b"[]",
    b"{}",
    b"1",
    b"''",
    b"${",
    b"${}",
    b"${A.B.C}",
]
