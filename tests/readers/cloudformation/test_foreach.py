import contextlib
import warnings
from typing import Any

import pytest
from hypothesis import given, settings

from eni_lint.readers.cloudformation.decode import decode
from eni_lint.readers.cloudformation.foreach import expand
from eni_lint.readers.cloudformation.origins import origin
from eni_lint.readers.cloudformation.resolve import Resolver
from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.tree import Tree, find, mapping
from eni_lint.readers.cloudformation.values import Reason, Unknown
from eni_lint.readers.errors import ReadError

from .samples import FIXTURES, mutated

LOOPS = FIXTURES / "foreach" / "loops.yaml"


def read(text: bytes) -> dict[str, Tree]:
    return mapping(decode(text).tree)


def test_loops_are_written_out_as_cfn_lint_does() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cfnlint.decode import decode_str
        from cfnlint.template import Template

        template = Template("loops.yaml", decode_str(LOOPS.read_text())[0], ["us-east-1"])
        assert template.transform() == []

    ours = expand(read(LOOPS.read_bytes()), {}).tree
    for section in ("Resources", "Conditions", "Outputs"):
        assert normal(ours[section]) == normal(template.template[section])


def test_the_identifier_is_replaced_in_every_text_of_the_body() -> None:
    text = b"""{Resources: {"Fn::ForEach::L": [X, [a-1], {"F${X}": {Condition: "C&{X}", DependsOn: ["R${X}"]}}]}}"""

    assert expand(read(text), {}).tree == {"Resources": {"Fa-1": {"Condition": "Ca1", "DependsOn": ["Ra-1"]}}}


def normal(tree: Any) -> Any:
    """A tree without what the two write differently: an `Fn::Sub` with nothing to put in, the order of operands."""
    match tree:
        case {"Fn::Sub": str(text)} if "${" not in text:
            return text
        case {"Fn::Equals": [*operands]}:
            return sorted(map(str, operands))
        case dict():
            return {str(key): normal(value) for key, value in tree.items()}
        case list():
            return [normal(value) for value in tree]
    return tree


def test_a_supplied_collection_wins_over_the_default() -> None:
    resources = mapping(expand(read(LOOPS.read_bytes()), {"Names": "one"}).tree["Resources"])

    assert [name for name in resources if name.startswith("Function")] == ["Functionone"]


def test_copies_stem_from_the_body_of_their_loop() -> None:
    document = decode(LOOPS.read_bytes())
    origins = expand(mapping(document.tree), {}).origins

    assert document.marks.key(origin(("Resources", "Functionorders"), origins)).line == 17
    assert (
        document.marks.key(origin(("Resources", "Groupred180", "Properties", "GroupDescription"), origins)).line == 41
    )
    assert document.marks.key(origin(("Resources", "Subneta", "Properties", "EnableDns64"), origins)).line == 52


OPEN = b"""
Parameters: {Names: {Type: CommaDelimitedList}}
Resources:
  Fn::ForEach::Functions:
    - Name
    - !Ref Names
    - Function${Name}: {Type: T, Properties: {Name: !Ref Name, Group: !Ref "Group${Name}"}}
  Fn::ForEach::Groups: [Name, !Ref Names, {"Group${Name}": {Type: "AWS::EC2::SecurityGroup"}}]
"""


def test_an_unknown_collection_leaves_one_representative_of_unknown_count() -> None:
    expanded = expand(read(OPEN), {})
    resolver = Resolver({"s": Stack("s", expanded.tree)})

    assert expanded.uncounted == {
        ("Resources", "Function${Name}"): "Names",
        ("Resources", "Group${Name}"): "Names",
    }
    assert resolver.property("s", "Function${Name}", "Name") == Unknown(Reason.OPAQUE_LIST, "s/Name", "Name")
    assert find(expanded.tree, "Resources", "Function${Name}", "Properties", "Group") == {"Ref": "Group${Name}"}


def test_a_template_without_loops_stays_as_it_is() -> None:
    tree: dict[str, Tree] = {"Resources": {}}

    assert expand(tree, {}).tree is tree


@pytest.mark.parametrize("width", [10, 1_000])
def test_loops_that_multiply_without_end_are_refused(width: int) -> None:
    body: Tree = {}
    for depth in range(9):
        body = {f"Fn::ForEach::L{depth}": [f"I{depth}", [f"{n}" for n in range(width)], body]}

    with pytest.raises(ReadError, match="expand to more than"):
        expand({"Resources": body}, {})


def test_names_that_double_in_every_loop_are_refused() -> None:
    body: Tree = {"x": 1}
    for depth in reversed(range(20)):
        body = {f"Fn::ForEach::L{depth}": [f"I{depth}", [f"${{I{depth - 1}}}" * 2 if depth else "ab"], body]}

    with pytest.raises(ReadError, match="too long"):
        expand({"Resources": body}, {})


@settings(max_examples=200)
@given(mutated([LOOPS.read_bytes(), OPEN]))
def test_damaged_loops_expand_or_are_refused(data: bytes) -> None:
    with contextlib.suppress(ReadError):
        assert expand(read(data), {}).tree is not None
