"""Templates and strategies that several tests of the reader share."""

from pathlib import Path

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
