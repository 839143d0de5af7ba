import datetime
import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eni_lint.readers.cloudformation.decode import MAX_DEPTH, decode
from eni_lint.readers.cloudformation.marks import Span
from eni_lint.readers.errors import ReadError

from .samples import TEMPLATES, mutated, trees


def same(ours: Any, theirs: Any) -> bool:
    """Equal, but for what CloudFormation takes as text: keys and dates, which the oracle reads as YAML 1.1 does."""
    match theirs:
        case dict():
            typed = {_as_yaml(key): value for key, value in ours.items()}
            return typed.keys() == {_as_yaml(key) for key in theirs} and all(
                same(typed[_as_yaml(key)], value) for key, value in theirs.items()
            )
        case list():
            return len(ours) == len(theirs) and all(map(same, ours, theirs))
        case datetime.date():
            return bool(_as_yaml(ours) == theirs)
    return bool(ours == theirs) and isinstance(ours, bool) == isinstance(theirs, bool)


def _as_yaml(key: object) -> object:
    try:
        value = yaml.safe_load(key) if isinstance(key, str) else key
    except (yaml.YAMLError, ValueError):
        return key
    return key if isinstance(value, list | dict) else value


def oracle(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cfnlint.decode import decode_str
    tree, matches = decode_str(text)
    assert not matches
    return tree


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_reads_as_cfn_lint_reads_it(template: Path) -> None:
    data = template.read_bytes()

    assert same(decode(data).tree, oracle(data.decode()))


@given(trees)
def test_a_tree_written_as_yaml_is_read_back(tree: object) -> None:
    data = yaml.safe_dump(tree, allow_unicode=True).encode()

    assert decode(data).tree == tree


@given(trees)
def test_a_tree_written_as_json_with_tabs_is_read_back_and_every_path_has_a_place(tree: object) -> None:
    text = json.dumps(tree, indent="\t") if isinstance(tree, list | dict) else json.dumps([tree])

    document = decode(text.encode())

    assert document.tree == (tree if isinstance(tree, list | dict) else [tree])
    lines = text.split("\n")
    for path in paths(document.tree):
        span = document.marks.key(path)
        if path and isinstance(path[-1], str):
            assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == json.dumps(path[-1])


@given(trees)
def test_every_key_of_a_yaml_text_has_its_own_place(tree: object) -> None:
    text = yaml.safe_dump(tree, allow_unicode=True, default_style='"', width=10_000)

    document = decode(text.encode())

    lines = text.split("\n")
    for path in paths(document.tree):
        span = document.marks.key(path)
        if path and isinstance(path[-1], str):
            assert yaml.safe_load(lines[span.line - 1][span.column - 1 : span.end_column - 1]) == path[-1]


_NAMES = st.sampled_from(["Ref", "Condition", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::Select", "Fn::Transform"])
_CALLS = st.recursive(
    st.sampled_from(["", "a", "A.b", "yes", "12", "${X}", "2012-10-17"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Key", "Value", "Type"]), inner, max_size=3)
        | st.builds(lambda name, argument: {name: argument}, _NAMES, st.lists(inner, max_size=3) | st.just("Vpc"))
    ),
    max_leaves=12,
)


def tagged(tree: Any) -> str:
    """A tree as YAML in which every function is written with its short tag."""
    match tree:
        case {**fields} if len(fields) == 1 and next(iter(fields)) not in ("Key", "Value", "Type"):
            ((name, argument),) = fields.items()
            return f"!{name.removeprefix('Fn::')} {tagged(argument)}"
        case dict():
            return "{" + ", ".join(f"{key}: {tagged(value)}" for key, value in tree.items()) + "}"
        case list():
            return "[" + ", ".join(map(tagged, tree)) + "]"
    return json.dumps(tree)


@given(_CALLS)
def test_calls_with_short_tags_read_as_cfn_lint_reads_them(tree: object) -> None:
    text = f"Resources: {tagged(tree)}"

    found = decode(text.encode()).tree

    assert found == {"Resources": tree}
    assert same(found, oracle(text))


def paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(below for step, child in pairs for below in paths(child, (*path, step)))]


@settings(max_examples=300)
@given(mutated([path.read_bytes() for path in TEMPLATES]))
def test_a_damaged_template_is_read_or_refused(data: bytes) -> None:
    try:
        document = decode(data, "template.yaml")
    except ReadError as error:
        assert "\n" not in str(error)
    else:
        assert all(document.marks.value(path).line for path in paths(document.tree))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Rain::Module x", {"Fn::Rain::Module": "x"}),
        ("!If [A, !Ref B, !Sub C]", {"Fn::If": ["A", {"Ref": "B"}, {"Fn::Sub": "C"}]}),
        ("!Transform {Name: M}", {"Fn::Transform": {"Name": "M"}}),
        ("Version: 2012-10-17", {"Version": "2012-10-17"}),
        ("123456789012: NO", {"123456789012": False}),
        ("{Ref: A, # flow style begins like JSON\n}", {"Ref": "A"}),
        ("a: &x {k: 1}\nb: {<<: *x, j: 2}", {"a": {"k": 1}, "b": {"k": 1, "j": 2}}),
        ("a: &x {k: 1}\nb: &y {k: 2}\nc: {k: 3, <<: [*x, *y]}", {"a": {"k": 1}, "b": {"k": 2}, "c": {"k": 3}}),
    ],
)
def test_short_tags_and_yaml_features_become_plain_trees(text: str, tree: object) -> None:
    assert decode(text.encode()).tree == tree


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_of_editors_are_read(encoding: str) -> None:
    assert decode("Name: Überfunktion".encode(encoding)).tree == {"Name": "Überfunktion"}


def test_json_may_hold_what_yaml_scanners_refuse() -> None:
    document = decode(b'{\t"a": "\\ud83d\\ude80\\/"}')

    assert document.tree == {"a": "🚀/"}
    assert document.marks.value(("a",)) == Span(1, 8, 1, 24)


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", '{"a": 1, "b": 2, "a": 3}'])
def test_of_a_duplicate_key_the_last_counts_and_a_note_says_so(text: str) -> None:
    document = decode(text.encode(), "t.yaml")

    assert document.tree == {"a": 3, "b": 2}
    assert [note.message for note in document.notes] == ["the key 'a' stands twice in one mapping; the last one counts"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "f: the file is empty"),
        (b"a: [1", "f:2:1: not valid YAML or JSON: did not find expected ',' or ']'"),
        (b'{"a": 1, "b" 2}', "f:1:14: not valid YAML or JSON: did not find expected ',' or '}'"),
        (b"\xff\xff", "f: not a text in UTF-8 or UTF-16: byte 0 cannot be read"),
        (b"a: b\x00", "f: not valid YAML or JSON: control characters are not allowed (character 4)"),
        (b"{{ name }}: x", "f:1:2: a key must be a text (was this template rendered?)"),
        (b"a: 1\n---\nb: 2", "f:2:1: more than one YAML document in one file"),
        (b"a: &x [*x]", "f:1:8: the alias *x has no finished anchor before it"),
        (b"a: !!python/name:os.system x", "f:1:4: unknown tag tag:yaml.org,2002:python/name:os.system"),
        (b"a: !!int x", "f:1:4: not a value of the kind int"),
        (b'{"a": "\\ud800"}', "f: half of a surrogate pair is not a character"),
        (b"- " * 100_000, f"f: nested deeper than {MAX_DEPTH} levels"),
        (b"[" * 100_000, f"f: nested deeper than {MAX_DEPTH} levels"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, f"f: nested deeper than {MAX_DEPTH} levels"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(ReadError) as refused:
        decode(data, "f")

    assert str(refused.value) == message


@pytest.mark.parametrize("opening", ["[", "{k: "])
def test_aliases_that_stand_for_millions_of_values_are_refused(opening: str) -> None:
    lines = ["l0: &l0 [x]", *(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9))]

    with pytest.raises(ReadError, match="more than 250000 values once aliases are expanded"):
        decode("\n".join(lines).encode())


def test_marks_lead_into_short_tags_merges_and_shared_values() -> None:
    marks = decode(b"a: &x\n  k: !GetAtt R.Arn\nb:\n  <<: *x\n  list: [1, !Ref Q]\n# end\n").marks

    assert marks.value(("a", "k", "Fn::GetAtt", 0)) == Span(2, 6, 2, 19)
    assert marks.key(("b", "k")) == Span(2, 3, 2, 4)
    assert marks.value(("b", "list", 1, "Ref")) == Span(5, 13, 5, 19)
    assert marks.value(("b",)) == Span(4, 3, 5, 20)


def test_a_path_beyond_the_text_is_answered_with_its_last_written_part() -> None:
    marks = decode(b"Resources:\n  Fn: {Type: T}\n").marks

    assert marks.key(("Resources", "Fn", "Properties", "Role")) == marks.key(("Resources", "Fn"))
    assert decode(b"[1, 2]").marks.key(("name",)) == Span(1, 1, 1, 7)
