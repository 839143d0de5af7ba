import json
from typing import Any

import pytest
from hypothesis import given, settings

from eni_lint.readers.cloudformation.changeset import (
    Action,
    ChangeSet,
    Detail,
    Hidden,
    PolicyAction,
    Replacement,
    Shown,
    is_change_set,
    read_change_set,
)
from eni_lint.readers.cloudformation.decode import decode
from eni_lint.readers.errors import ReadError

from .samples import FIXTURES, mutated

FILE = FIXTURES / "changesets" / "leaves-vpc.json"
WHOLE = json.loads(FILE.read_bytes())


def read(tree: Any) -> ChangeSet:
    return read_change_set(decode(json.dumps(tree).encode(), "changes.json"))


def console(tree: Any) -> Any:
    """The same with small initials, as the console copies it."""
    match tree:
        case dict():
            return {key[0].lower() + key[1:]: console(value) for key, value in tree.items()}
        case list():
            return [console(value) for value in tree]
    return tree


def test_a_change_set_tells_what_happens_to_each_resource() -> None:
    found = read(WHOLE)

    assert (found.stack_name, found.parameters, found.complete, found.notes) == (
        "app", {"SubnetIds": "subnet-0a,subnet-0b"}, True, (),
    )  # fmt: skip
    assert [(change.logical_id, change.kind, change.action, change.policy_action) for change in found.changes] == [
        ("Fn", "AWS::Lambda::Function", Action.MODIFY, PolicyAction.NONE),
        ("Role", "AWS::IAM::Role", Action.REMOVE, PolicyAction.DELETE),
        ("Sg", "AWS::EC2::SecurityGroup", Action.REMOVE, PolicyAction.DELETE),
    ]


def test_contexts_and_values_are_decoded_and_missing_ones_are_hidden() -> None:
    function, _, group = read(WHOLE).changes

    assert function.replacement is Replacement.NO
    assert function.before == Shown(
        {
            "Properties": {
                "Role": "arn:aws:iam::111111111111:role/app-Role-1",
                "VpcConfig": {"SubnetIds": ["subnet-0a"], "SecurityGroupIds": ["sg-0a"]},
            }
        }
    )
    assert function.details == (
        Detail(
            attribute="Properties",
            name="VpcConfig",
            path="/Properties/VpcConfig",
            change="Remove",
            recreation="Never",
            static=True,
            source="DirectModification",
            cause="",
            before=Shown({"SubnetIds": ["subnet-0a"], "SecurityGroupIds": ["sg-0a"]}),
            after=Hidden(),
        ),
    )
    assert (group.before, group.after) == (Hidden(), Hidden())


@pytest.mark.parametrize(
    "tree",
    [
        console(WHOLE),
        WHOLE["Changes"],
        console(WHOLE["Changes"]),
        [change["ResourceChange"] for change in WHOLE["Changes"]],
    ],
    ids=["console", "list", "console list", "bare changes"],
)
def test_every_way_of_saving_it_tells_the_same(tree: Any) -> None:
    def content(found: ChangeSet) -> list[Any]:
        return [
            (c.logical_id, c.action, c.replacement, c.policy_action, c.scope, c.details, c.before, c.after)
            for c in found.changes
        ]

    assert content(read(tree)) == content(read(WHOLE))


def test_each_change_points_at_its_place() -> None:
    document = decode(json.dumps(console(WHOLE), indent=1).encode())
    found = read_change_set(document)

    lines = [document.marks.value(change.pointer).line for change in found.changes]

    assert lines == sorted(set(lines))


def test_a_page_of_a_change_set_is_not_taken_for_the_whole() -> None:
    found = read({**WHOLE, "NextToken": "more"})

    assert not found.complete
    assert "NextToken" in found.notes[0].message


def test_a_change_set_without_values_asks_for_them() -> None:
    bare = [{"Action": "Modify", "LogicalResourceId": "Fn", "ResourceType": "AWS::Lambda::Function"}]

    assert "--include-property-values" in read(bare).notes[0].message


def test_words_that_are_new_leave_the_change_open() -> None:
    change = {"Action": "Ponder", "LogicalResourceId": "Fn", "Replacement": "Perhaps", "PolicyAction": "Archive"}

    found = read([change]).changes[0]

    assert (found.action, found.replacement, found.policy_action) == (
        Action.DYNAMIC, Replacement.MAYBE, PolicyAction.NONE,
    )  # fmt: skip


def test_booleans_of_the_console_are_answers_too() -> None:
    assert (
        read([{"Action": "Modify", "LogicalResourceId": "Fn", "Replacement": True}]).changes[0].replacement
        is Replacement.YES
    )


@pytest.mark.parametrize("text", ["{}", "[]", "Resources: {}", "Changes: [1]"])
def test_what_is_no_change_set_is_refused(text: str) -> None:
    document = decode(text.encode(), "f")

    assert not is_change_set(document.tree)
    with pytest.raises(ReadError, match="not a change set"):
        read_change_set(document)


@settings(max_examples=200)
@given(mutated([FILE.read_bytes()]))
def test_a_damaged_change_set_is_read_or_refused(data: bytes) -> None:
    try:
        found = read_change_set(decode(data))
    except ReadError:
        return

    assert all(change.logical_id is not None for change in found.changes)
