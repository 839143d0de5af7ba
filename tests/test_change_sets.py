"""Whole change sets: what they show decides, what they hide leaves open, and nothing passes in silence."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from change_sets import (
    BASIC,
    FUNCTION,
    GROUP,
    PLACEHOLDER,
    POLICY,
    ROLE,
    STACK,
    VPC_ACCESS,
    bare,
    change,
    change_set,
    detail,
    fired,
    function,
    judged,
    open_facts,
    policy,
    role,
)

DETACH = change("Modify", "Fn", FUNCTION, function(), function(attached=False))
DETACH_WITH_OTHER_ROLE = change("Modify", "Fn", FUNCTION, function(), function(attached=False, role="other"))
NEW_CODE = change("Modify", "Fn", FUNCTION, function(Code={"S3Key": "a"}), function(Code={"S3Key": "b"}))
LESS = change("Modify", "Role", ROLE, role(VPC_ACCESS), role(BASIC))
DESCRIBED = change("Modify", "Role", ROLE, role(VPC_ACCESS), role(VPC_ACCESS, Description="the role of Fn"))
FN_GONE = change("Remove", "Fn", FUNCTION, function())
ROLE_GONE = change("Remove", "Role", ROLE, role(VPC_ACCESS))
PLAIN_ROLE_GONE = change("Remove", "Role", ROLE, role(BASIC))
POLICY_GONE = change("Remove", "Network", POLICY, policy("app-Role-1"))


def test_a_role_that_changes_while_its_function_may_leave_is_open_without_values(tmp_path: Path) -> None:
    verdict = judged(tmp_path, hidden=bare(change_set(DETACH, LESS)))

    assert fired(verdict) == set()
    assert open_facts(verdict) != {}
    assert all("--include-property-values" in answer for answer in open_facts(verdict).values())


def test_a_function_that_stays_where_it_is_decides_without_values(tmp_path: Path) -> None:
    verdict = judged(tmp_path, hidden=bare(change_set(NEW_CODE, LESS)))

    assert open_facts(verdict) == {}


def test_a_role_whose_policies_stay_decides_without_values(tmp_path: Path) -> None:
    verdict = judged(tmp_path, hidden=bare(change_set(DETACH, DESCRIBED)))

    assert open_facts(verdict) == {}


def test_tags_alone_change_neither_place_nor_permission(tmp_path: Path) -> None:
    tagged = [
        change("Modify", name, kind, {}, {}, Scope=["Tags"], Details=[detail("", "Tags")])
        for name, kind in (("Fn", FUNCTION), ("Role", ROLE))
    ]

    assert open_facts(judged(tmp_path, hidden=bare(change_set(*tagged)))) == {}


def test_a_change_without_details_may_be_any(tmp_path: Path) -> None:
    changes = bare(change_set(NEW_CODE, LESS))
    for each in changes["Changes"]:
        del each["ResourceChange"]["Details"]

    assert open_facts(judged(tmp_path, hidden=changes)) != {}


def test_a_teardown_without_values_is_open(tmp_path: Path) -> None:
    verdict = judged(tmp_path, hidden=bare(change_set(FN_GONE, ROLE_GONE, POLICY_GONE)))

    assert fired(verdict) == set()
    assert open_facts(verdict) != {}


def test_a_permission_inside_the_role_outlives_the_function_that_goes_with_it(tmp_path: Path) -> None:
    verdict = judged(tmp_path, shown=change_set(FN_GONE, ROLE_GONE))

    assert {rule for rule, _ in fired(verdict)} == set()
    assert open_facts(verdict) == {}


def test_a_policy_beside_the_role_may_be_one_that_the_function_waits_for(tmp_path: Path) -> None:
    verdict = judged(tmp_path, shown=change_set(FN_GONE, PLAIN_ROLE_GONE, POLICY_GONE))

    assert fired(verdict) == set()
    assert "--before" in open_facts(verdict)["what Fn depended on before this change"]


@pytest.mark.parametrize("hide", [bare, lambda whole: whole], ids=["bare", "shown"])
def test_a_policy_that_goes_from_a_role_that_is_not_shown_leaves_it_open(tmp_path: Path, hide: Any) -> None:
    verdict = judged(tmp_path, given=hide(change_set(DETACH, POLICY_GONE)))

    assert fired(verdict) == set()
    assert open_facts(verdict) != {}


def test_a_policy_that_stays_on_a_role_that_is_not_shown_keeps_the_permission(tmp_path: Path) -> None:
    same = change("Modify", "Network", POLICY, policy("app-Role-1"), policy("app-Role-1"), Scope=["Metadata"])

    assert open_facts(judged(tmp_path, given=change_set(DETACH, same))) == {}


@pytest.mark.parametrize("text", ["", "{}", "junk", '{"Properties": {"VpcConf', '{"Properties": []}', "[]"])
def test_values_that_are_cut_off_are_not_shown(tmp_path: Path, text: str) -> None:
    for number, side in ((0, "BeforeContext"), (0, "AfterContext"), (1, "BeforeContext")):
        damaged = change_set(copy.deepcopy(DETACH_WITH_OTHER_ROLE), copy.deepcopy(ROLE_GONE))
        damaged["Changes"][number]["ResourceChange"][side] = text

        verdict = judged(tmp_path, damaged=damaged)

        assert fired(verdict) == set()
        assert open_facts(verdict) != {}


@pytest.mark.parametrize("missing", ["ResourceType", "PhysicalResourceId"])
def test_an_entry_without_its_type_or_id_is_named(tmp_path: Path, missing: str) -> None:
    damaged = change_set(DETACH_WITH_OTHER_ROLE, copy.deepcopy(ROLE_GONE))
    del damaged["Changes"][1]["ResourceChange"][missing]

    facts = open_facts(judged(tmp_path, damaged=damaged))

    assert {"ResourceType": "the type of Role", "PhysicalResourceId": "the physical id of Role"}[missing] in facts


def test_a_module_is_named(tmp_path: Path) -> None:
    module = change("Modify", "Net", "Org::Net::Vpc::MODULE", {}, {})

    assert "the module Net" in open_facts(judged(tmp_path, given=change_set(module)))


@pytest.mark.parametrize(
    ("replacement", "recreation", "sure"),
    [("True", "Always", True), (None, "Never", True), (None, "Conditionally", False), ("Conditional", "Never", False)],
)
def test_a_group_that_may_be_replaced_is_open(
    tmp_path: Path, replacement: str | None, recreation: str, sure: bool
) -> None:
    because = {**detail("GroupDescription")}
    because["Target"]["RequiresRecreation"] = recreation
    properties = {"GroupDescription": "a"}
    group = change("Modify", "Sg", GROUP, properties, properties, PhysicalResourceId="sg-0a", Details=[because])
    group["ResourceChange"]["Replacement"] = replacement

    verdict = judged(tmp_path, given=change_set(DETACH, group))

    assert (open_facts(verdict, "DEP001") == {}) is sure
    assert fired(verdict) == ({("DEP001", "cleanup_blocked")} if replacement == "True" else set())


def test_what_is_not_decided_yet_may_be_a_replacement(tmp_path: Path) -> None:
    group = change("Dynamic", "Sg", GROUP, {"GroupDescription": "a"}, {}, PhysicalResourceId="sg-0a")

    assert open_facts(judged(tmp_path, given=change_set(DETACH, group)), "DEP001") != {}


@pytest.mark.parametrize("action", ["Import", "SyncWithActual"])
def test_what_only_the_stack_comes_to_know_does_not_change(tmp_path: Path, action: str) -> None:
    known = change(action, "Fn", FUNCTION, None, function(attached=False))

    assert open_facts(judged(tmp_path, given=change_set(known, ROLE_GONE))) == {}


def test_masked_subnets_are_not_taken_for_one(tmp_path: Path) -> None:
    masked = {"SubnetIds": "****", "SecurityGroupIds": ["****"]}
    two = [change("Add", name, FUNCTION, None, {**function(), "VpcConfig": masked}) for name in ("A", "B")]

    verdict = judged(tmp_path, given=change_set(*two))

    assert "A.VpcConfig.SubnetIds" in {one.key for one in verdict.undecided}


def test_a_list_of_changes_without_their_wrapping_is_a_change_set(tmp_path: Path) -> None:
    plain = [each["ResourceChange"] for each in (DETACH_WITH_OTHER_ROLE, ROLE_GONE)]

    assert fired(judged(tmp_path, plain=plain)) == {("ROLE001", "detach")}


def test_a_role_that_stays_keeps_what_only_its_function_loses(tmp_path: Path) -> None:
    assert open_facts(judged(tmp_path, shown=change_set(FN_GONE))) == {}


def test_a_group_that_goes_with_the_vpc_of_its_function_blocks_the_clean_up(tmp_path: Path) -> None:
    group = change("Remove", "Sg", GROUP, {"GroupDescription": "functions"}, PhysicalResourceId="sg-0a")
    verdict = judged(tmp_path, shown=change_set(DETACH, group))

    assert fired(verdict) == {("DEP001", "cleanup_blocked")}


NETWORK_ID = "arn:aws:cloudformation:eu-west-1:111111111111:changeSet/release/app-Network-1"
NESTED = change("Modify", "Network", STACK, {}, {}, ChangeSetId=NETWORK_ID, PhysicalResourceId="app-Network-stack")
UNRELATED = change("Modify", "Topic", "AWS::SNS::Topic", {"DisplayName": "a"}, {"DisplayName": "b"})


def nested(*changes: Any, **more: Any) -> dict[str, Any]:
    return change_set(*changes, name="app-Network-1", **{"ParentChangeSetId": change_set()["ChangeSetId"], **more})


def test_functions_and_roles_of_different_stacks_meet_by_their_ids(tmp_path: Path) -> None:
    verdict = judged(tmp_path, root=change_set(NESTED, DETACH_WITH_OTHER_ROLE), network=nested(ROLE_GONE))

    [found] = [one for one in verdict.findings if one.rule == "ROLE001"]
    assert (found.subject.address, found.case) == ("Network/Role", "detach")
    assert [place.span.file for place in found.places] == [str(tmp_path / "network.json"), str(tmp_path / "root.json")]
    assert len(verdict.judged) == 1


@pytest.mark.parametrize("linked", ["ChangeSetId", "StackId"])
def test_a_nested_change_set_is_known_by_its_own_id_or_that_of_its_stack(tmp_path: Path, linked: str) -> None:
    leading = copy.deepcopy(NESTED)
    if linked == "StackId":
        del leading["ResourceChange"]["ChangeSetId"]

    verdict = judged(tmp_path, root=change_set(leading), network=nested(UNRELATED, StackId="app-Network-stack"))

    assert verdict.undecided == ()


def test_a_nested_change_set_that_lies_beside_its_root_is_found(tmp_path: Path) -> None:
    deeper = change("Modify", "Roles", STACK, {}, {}, ChangeSetId=f"{NETWORK_ID}-Roles")
    (tmp_path / "a.json").write_text(json.dumps(nested(deeper)))
    (tmp_path / "b.json").write_text(json.dumps(change_set(ROLE_GONE, ChangeSetId=f"{NETWORK_ID}-Roles")))
    (tmp_path / "c.json").write_text("{" + NETWORK_ID)

    verdict = judged(tmp_path, root=change_set(NESTED, DETACH_WITH_OTHER_ROLE))

    assert [one.subject.address for one in verdict.findings] == ["Network/Roles/Role"]
    assert verdict.undecided == ()


def test_a_nested_stack_whose_change_set_is_not_here_is_named(tmp_path: Path) -> None:
    [fact] = judged(tmp_path, root=change_set(NESTED)).undecided

    assert fact.key == "the nested stack Network"
    assert fact.decided_by.endswith(f"--change-set-name {NETWORK_ID}")
    assert fact.subjects == ("Network",)


def test_nested_stacks_that_were_left_out_are_named(tmp_path: Path) -> None:
    leading = copy.deepcopy(NESTED)
    del leading["ResourceChange"]["ChangeSetId"]
    gone = change("Remove", "Old", STACK, {})

    facts = open_facts(judged(tmp_path, root=change_set(leading, gone)))

    assert "--include-nested-stacks" in facts["the nested stack Network"]
    assert "--before" in facts["the nested stack Old"]


def test_change_sets_that_lead_to_themselves_are_read_once(tmp_path: Path) -> None:
    own = change_set()["ChangeSetId"]
    circle = copy.deepcopy(NESTED)
    circle["ResourceChange"]["ChangeSetId"] = own

    verdict = judged(tmp_path, root=change_set(NESTED, DETACH), network=nested(circle))

    assert [one.name for one in verdict.judged] == ["app"]
    assert "the nested stack Network/Network" in open_facts(verdict)


def test_change_sets_of_different_stacks_are_judged_apart(tmp_path: Path) -> None:
    verdict = judged(tmp_path, app=change_set(DETACH), other=change_set(ROLE_GONE, name="other"))

    assert sorted(one.name for one in verdict.judged) == ["app", "other"]
    assert fired(verdict) == set()


def test_a_change_set_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    verdict = judged(tmp_path, broken={"Changes": []}, app=change_set(DETACH))

    assert [(problem.file, problem.message[:16]) for problem in verdict.errors] == [
        (str(tmp_path / "broken.json"), "not a change set")
    ]
    assert len(verdict.judged) == 1


MOVE = change("Modify", "Fn", FUNCTION, function(), function(group="sg-0b"))
SG_GONE = change("Remove", "Sg", GROUP, {"GroupDescription": "functions"}, PhysicalResourceId="sg-0a")
WHOLE = {
    "leaves": change_set(DETACH_WITH_OTHER_ROLE, ROLE_GONE),
    "leaves with its group": change_set(DETACH_WITH_OTHER_ROLE, ROLE_GONE, SG_GONE, POLICY_GONE),
    "moves": change_set(MOVE, ROLE_GONE),
    "goes": change_set(FN_GONE, ROLE_GONE, SG_GONE),
}


def hidings(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Leave out one value, one side of an entry, its details or its action after the other."""
    for number, entry in enumerate(each["ResourceChange"] for each in whole["Changes"]):
        for key in ("BeforeContext", "AfterContext", "Details", "Scope"):
            yield _with(whole, number, key, None)
            shown = entry.get(key)
            for name in json.loads(shown)["Properties"] if isinstance(shown, str) else ():
                hidden = {**json.loads(shown)["Properties"], name: PLACEHOLDER}
                yield _with(whole, number, key, json.dumps({"Properties": hidden}))
        yield _with(whole, number, "Action", "Dynamic")
    yield {**whole, "NextToken": "more"}
    yield bare(whole)


def _with(whole: dict[str, Any], number: int, key: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(whole)
    changed["Changes"][number]["ResourceChange"][key] = value
    return changed


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
def test_what_is_hidden_never_fires_and_never_silences(tmp_path: Path, whole: dict[str, Any]) -> None:
    known = {finding.rule for finding in judged(tmp_path, whole=whole).findings}

    for number, hidden in enumerate(hidings(whole)):
        verdict = judged(tmp_path, **{f"hidden-{number}": hidden})
        fires = {finding.rule for finding in verdict.findings}
        assert fires <= known, hidden
        assert known <= fires | {rule for one in verdict.undecided for rule in one.rules}, hidden

    assert known
