"""What the text of a file says, and where."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from eni_lint.readers.errors import ReadError
from eni_lint.readers.terraform.hcl.records import Attribute, Block, Expression, Span
from eni_lint.readers.terraform.hcl.syntax import decode, parse, read_file
from eni_lint.readers.terraform.shapes import Shape

ROOT = Path(__file__).parents[4] / "fixtures"
SYNTAX = ROOT / "hcl" / "syntax"
FILES = sorted([*(ROOT / "plans").rglob("*.tf"), *(ROOT / "hcl").rglob("*.tf")])


def value(text: str) -> Expression:
    return parse(f"x = {text}\n", "main.tf").attributes["x"].value


def worker() -> Block:
    return read_file(SYNTAX / "main.tf").blocks[0]


def test_an_argument_has_the_places_of_its_name_and_its_value() -> None:
    role = worker().attributes["role"]

    assert (role.name_span.line, role.name_span.column, role.name_span.end_column) == (4, 3, 7)
    assert (role.value.span.line, role.value.span.column, role.value.span.end_column) == (4, 19, 45)
    assert role.value.text == "aws_iam_role.worker[0].arn"


def test_a_block_has_the_places_of_its_header_and_its_whole() -> None:
    block = worker()

    assert (block.type, block.labels) == ("resource", ("aws_lambda_function", "worker"))
    assert (block.header.line, block.header.column, block.header.end_line, block.header.end_column) == (2, 1, 2, 40)
    assert (block.span.line, block.span.end_line, block.span.end_column) == (2, 41, 2)


def test_comments_have_their_lines_and_tell_whether_they_stand_alone() -> None:
    comments = [(c.line, c.column, c.text, c.alone) for c in read_file(SYNTAX / "main.tf").comments]

    assert comments == [
        (1, 1, "# A file with what Terraform reads and some parsers do not.", True),
        (2, 43, "// the header's comment", False),
        (4, 46, "# eni-lint: ignore[ROLE001] shared on purpose", False),
        (6, 3, "/* a comment\n     of two lines */", True),
        (31, 33, "# first", False),
    ]


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("aws_a.b[count.index].id", ["aws_a.b", "count.index"]),
        ("aws_a.b.*.id", ["aws_a.b"]),
        ("data.aws_a.b.c", ["data.aws_a.b.c", "data.aws_a.b"]),
        ("module.m[0].out.x", ["module.m[0].out.x", "module.m[0].out", "module.m[0]"]),
        ("module.m[*].out", ["module.m"]),
        ("resource.aws_a.b.c", ["aws_a.b.c", "aws_a.b"]),
        ("self.id", ["self.id", "self"]),
        ("each.value.x", ["each.value.x", "each.value"]),
        ('aws_a.b["${var.k}"].id', ["aws_a.b", "var.k"]),
        ('{ (local.k) = var.v, plain = "${path.module}" }', ["local.k", "var.v", "path.module"]),
        ("{ for k, v in var.all : k => v.id if v.ok && local.on }", ["var.all", "local.on"]),
        ("[for a in var.all : [for b in a : b.id]]", ["var.all"]),
        ('"%{ for n in var.all }${n}${var.z}%{ endfor }"', ["var.all", "var.z"]),
        ("(aws_a.b).id", ["aws_a.b"]),
        ("tags", []),
    ],
)
def test_an_expression_refers_to(text: str, references: list[str]) -> None:
    assert list(value(text).references) == references


def test_what_terraform_reads_is_read() -> None:
    files = read_file(SYNTAX / "main.tf")
    values = files.blocks[-1].attributes

    assert [block.type for block in files.blocks] == ["resource", "data", "resource", "variable", "locals"]
    assert list(values["by_name"].value.references) == ["aws_subnet.all"]
    assert values["first"].value.reads == {"id"}
    assert list(values["legacy"].value.references) == ["aws_subnet.old[0].id", "aws_subnet.old[0]", "aws_subnet.old"]
    assert list(values["spread"].value.references) == ["var.enabled", "var.offset"]
    assert list(values["stripped"].value.references) == ["var.suffix"]
    assert values["namespaced"].value.calls == {"provider::aws::arn_parse"}
    assert files.blocks[0].blocks[2].attributes["for"].value.constant == "2m"
    assert parse("\ufeffa = 1", "main.tf").attributes["a"].name_span.column == 1
    assert decode(b"\xef\xbb\xbfa = 1", "main.tf") == "a = 1"
    assert parse("a {\r\n  b = 1\r\n}\r\n", "main.tf").blocks[0].attributes["b"].value.text == "1"


def test_a_heredoc_may_have_blanks_behind_its_markers_and_holds_references() -> None:
    policy = read_file(SYNTAX / "main.tf").blocks[2].attributes["policy"].value

    assert list(policy.references) == ["aws_sqs_queue.jobs.arn", "aws_sqs_queue.jobs", "var.names", "var.suffix"]
    assert policy.constant is UNSET


@pytest.mark.parametrize(
    ("text", "constant"),
    [
        ('"a\\n\\u00e9 $${b} %%{c}"', "a\né ${b} %{c}"),
        ("-1.5e1", -15.0),
        ("[1, true, null]", [1, True, None]),
        ('{ a = 1, "b" : ["c"] }', {"a": 1, "b": ["c"]}),
        ("<<-EOF\n    a\n      b\n\n    EOF", "a\n  b\n\n"),
        ("<<EOF\n  a\nEOF", "  a\n"),
        ("1 + 1", UNSET),
        ('"${var.a}"', UNSET),
        ('jsonencode("a")', UNSET),
    ],
)
def test_a_value_that_the_text_states_is_known(text: str, constant: object) -> None:
    assert value(text).constant == constant


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a = [1\n", 1, 5),
        ("a = \n", 1, 5),
        ("a = 1\na = 2\n", 2, 1),
        ("a = 1; b = 2\n", 1, 6),
        ('a = "open\n', 1, 10),
        ("a = <<EOF\n", 1, 5),
        ("resource x {\n", 1, 12),
        ("}\n", 1, 1),
        ('a = "\\q"\n', 1, 6),
        ('a = [\n  "%{ for n in b }${n}"\n]\n', 2, 4),
        ("a = <<EOF\n${b\nEOF\n", 2, 1),
        ("a = <<EOF\n x\n${b c}\nEOF\n", 3, 5),
        ("a = " + "(" * 5000, 1, 5004),
        ("b {" * 5000, 1, 15000),
        ("a = " + "-" * 5000, 1, 205),
        ("a = " + '"${' * 5000, 1, 15003),
        ("a = " + "(" * 5000 + "1" + ")" * 5000, 1, 65),
        ("a = " + "[" * 100 + "]" * 100, 1, 65),
        ("a {" * 100 + "}" * 100, 1, 181),
        ("a = " + "b ? c : " * 100 + "d", 1, 485),
        ("a = " + '"${' * 100 + "b" + '}"' * 100, 1, 186),
        ("a = b" + ".c" * 300, 1, 5),
        ('a = "' + "%{ for b in c }" * 100 + "%{ endfor }" * 100 + '"', 1, 906),
    ],
)
def test_a_syntax_error_has_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(ReadError) as caught:
        parse(text, "main.tf")

    assert (caught.value.file, caught.value.line, caught.value.column) == ("main.tf", line, column)


def test_a_file_that_cannot_be_read_is_an_error_with_its_name(tmp_path: Path) -> None:
    broken = tmp_path / "main.tf"
    broken.write_bytes(b"a = \xff")

    with pytest.raises(ReadError, match=r"main\.tf: not a text in UTF-8"):
        read_file(broken)
    with pytest.raises(ReadError, match=r"missing\.tf: cannot be read"):
        read_file(tmp_path / "missing.tf")


def places(attributes: Mapping[str, Attribute], blocks: tuple[Block, ...]) -> Iterator[tuple[Span, str]]:
    for name, attribute in attributes.items():
        yield attribute.name_span, name
        yield attribute.value.span, attribute.value.text
    for block in blocks:
        yield block.header, f"{block.type} {' '.join(block.labels)}".rstrip()
        yield from places(block.attributes, block.blocks)


def at(text: str, span: Span) -> str:
    lines = text.splitlines(keepends=True)[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    return "".join([lines[0][span.column - 1 :], *lines[1:]])


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_at_every_place_stands_what_is_said_to(file: Path) -> None:
    text = file.read_text()
    read = read_file(file)
    found = list(places(read.attributes, read.blocks))

    assert found
    for span, expected in found:
        assert at(text, span).replace('"', "") == expected.replace('"', "")
    for comment in read.comments:
        assert text.splitlines()[comment.line - 1][comment.column - 1 :].startswith(comment.text.splitlines()[0])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("!!var.a", "!var.a"),
        ("- -var.a", "-var.a"),
        ("[var.a -15]", "[var.a - 15]"),
        ("!/* c */ var.a", "!var.a"),
        ("(var.a\n\n# c\n && b.c)", "(var.a && b.c)"),
        ("(var.a\n  - b.c)", "(var.a - b.c)"),
        ("(1 == var.a // c\n  - b.c)", "(1 == var.a - b.c)"),
        ("[var\n  .a]", "[var.a]"),
        ("(var.a\n[0])", "(var.a[0])"),
        ("{ for k in var.a : k\n\n  => b.c }", "{ for k in var.a : k => b.c }"),
        ("{ for k in var.a : k.x # c\n  => b.c }", "{ for k in var.a : k.x => b.c }"),
        ('"${\n  var.a\n}"', '"${var.a}"'),
        ('"${~ var.a ~}"', '"${var.a}"'),
        ('["$${", "}", "%%{", var.a]', '["", "}", "", var.a]'),
        ("<<-E  \n  ${var.a}\n  E \t", "<<-E\n  ${var.a}\n  E"),
        ("[<<E\na\nE \n, var.a, <<E\nb ${b.c}\nE\n]", "[var.a, b.c]"),
        ('<<E\n"${f("}", "${b.c}")}" \\${var.a}\nE', "f(b.c, var.a)"),
        ('<<E\n${ var.a # "}\n}\nE', "f(var.a)"),
    ],
)
def test_what_python_hcl2_refuses_is_read_like_what_it_does_not(odd: str, plain: str, ending: str) -> None:
    odd = odd.replace("\n", ending)
    first, behind = parse(f"x = {odd}{ending}y = z.last{ending}", "main.tf").attributes.values()

    assert first.value.traversals == value(plain).traversals
    assert first.value.text == odd.rstrip()
    assert (behind.name_span.line, behind.value.references) == (2 + odd.count("\n"), ("z.last",))


def test_names_may_have_letters_of_any_alphabet() -> None:
    assert list(value("var.größe").references) == ["var.größe"]
    assert parse("größe = 1 # ä\n", "main.tf").attributes["größe"].name_span.end_column == 6


def test_a_line_end_that_counts_is_not_passed_over() -> None:
    for text in ("a = b\n.c\n", "a = b\n- c\n", "a = { b =\n c }\n"):
        with pytest.raises(ReadError):
            parse(text, "main.tf")


def test_a_block_and_an_argument_may_have_one_name() -> None:
    read = parse("volume = 1\nvolume {}\n", "main.tf")

    assert (list(read.attributes), [block.type for block in read.blocks]) == (["volume"], ["volume"])


def test_another_package_in_the_place_of_python_hcl2_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hcl2", ModuleType("hcl2"))

    with pytest.raises(ReadError, match="bc-python-hcl2") as caught:
        parse("a = 1", "main.tf")
    assert "\n" not in str(caught.value)
    assert not caught.value.file


def test_many_empty_lines_move_nothing() -> None:
    (block,) = parse("a {\n" + "\n" * 5000 + "  b = <<T\n" + "\n" * 20 + "x\nT\n}\n", "main.tf").blocks

    assert (block.attributes["b"].name_span.line, block.attributes["b"].name_span.column) == (5002, 3)
    assert block.attributes["b"].value.constant == "\n" * 20 + "x\n"


def test_a_text_that_would_take_minutes_is_refused() -> None:
    with pytest.raises(ReadError, match="larger than 4 MiB"):
        parse("#" * (1 << 22) + "\n", "main.tf")


@pytest.mark.parametrize(
    ("text", "shape", "literals"),
    [
        ('[a.b.id, (a.c[0].id), "${a.d.id}", "sg-1"]', Shape.LISTED, ("sg-1",)),
        ("[a.b[count.index].id, a.c[each.key].id]", Shape.LISTED, ()),
        ("var.ids", Shape.LISTED, ()),
        ("[a.b[count.index + 1].id]", Shape.CHOSEN, ()),
        ("a.b[*].id", Shape.CHOSEN, ()),
        ("[for x in a.b : x.id]", Shape.CHOSEN, ()),
        ('c.d ? a.b.id : "sg-2"', Shape.CHOSEN, ("sg-2",)),
        ('concat([a.b.id], ["sg-3"])', Shape.CHOSEN, ("sg-3",)),
        ('split(",", a.b.c)', Shape.MADE, (",",)),
    ],
)
def test_an_expression_lists_or_chooses_or_makes(text: str, shape: Shape, literals: tuple[str, ...]) -> None:
    value = parse(f"x = {text}\n", "main.tf").attributes["x"].value

    assert (value.shape, value.literals) == (shape, literals)


PIECES = [file.read_text() for file in (*FILES, SYNTAX / "main.tf.json")]
STUMBLES = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "${",
    "%{ for",
    "<<EOF\n",
    "#",
    "/*",
    "=",
    ".",
    "[*]",
    "?",
    "\\",
    "\0",
    "é",
    "=>",
    '"a":',
]


@st.composite
def broken(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(PIECES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        text = text[:start] + draw(st.sampled_from(["", text[start:end] * 2, *STUMBLES])) + text[end:]
    return text


@settings(deadline=None)
@given(broken() | st.text(), st.sampled_from(["main.tf", "main.tf.json"]))
def test_reading_raises_nothing_but_read_errors(text: str, name: str) -> None:
    try:
        read = parse(text, name)
    except ReadError as error:
        assert error.file == name
        assert error.line >= 1
    else:
        assert read.name == name
