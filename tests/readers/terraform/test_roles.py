"""Grants in all their shapes, and the mirrors of them in refreshed roles."""

from __future__ import annotations

from eni_lint.model.answer import Unknown
from eni_lint.model.deployment import Kind
from eni_lint.model.identity import Managed, Members, members
from eni_lint.model.policy import AwsManaged, Document, Grant

from .made import Json, change, module, new, plan, read, refers
from .test_networks import changed, created

R = "aws_iam_role.r"
POLICY = '{"Statement": [{"Effect": "Allow", "Action": "ec2:CreateNetworkInterface", "Resource": "*"}]}'
ARN = "arn:aws:iam::123456789012:policy/p"


def role(*actions: str, **more: object) -> Json:
    values = {"name": "r", "id": "r", "arn": "arn:aws:iam::123456789012:role/r", **more}
    return change(R, *(actions or ("no-op",)), before=values)


def attachment(*actions: str) -> Json:
    before = {"role": "r", "policy_arn": ARN}
    return change("aws_iam_role_policy_attachment.a", *(actions or ("no-op",)), before=before)


def test_what_is_written_in_a_role_is_its_own() -> None:
    inside = [grant for grant in created().after.grants if grant.address == "aws_iam_role.fn"]

    assert all(grant.inside and not grant.elsewhere for grant in inside)
    assert inside[0].attribute == "inline_policy/0"
    assert isinstance(inside[0].policy, Unknown)


def test_known_lists_of_policies_are_read_one_by_one() -> None:
    listed = [grant.policy for grant in changed().after.grants if grant.attribute.startswith("managed_policy_arns")]

    assert members(Managed("aws_iam_policy.extra")) in listed
    assert any(isinstance(policy, AwsManaged) for policy in listed)


def test_a_document_that_waits_for_ids_still_tells_its_actions() -> None:
    (document,) = [grant.policy for grant in created().after.grants if grant.address == "aws_iam_role_policy.odd"]

    assert isinstance(document, Document)
    allow, deny = document.statements
    assert allow.actions == ("s3:GetObject", "s3:PutObject")
    assert sorted(isinstance(resource, Unknown) for resource in allow.resources) == [False, True]
    assert isinstance(allow.conditions[0].values[0], Unknown)
    assert (deny.allows, deny.not_actions, deny.sid) == (False, ("s3:*",), "Deny")


def test_what_a_refreshed_role_mirrors_goes_with_the_resource_that_carries_it() -> None:
    def carriers(grants: tuple[Grant, ...]) -> set[str]:
        return {grant.address for grant in grants if grant.roles == members(Managed("aws_iam_role.bare"))}

    before, after = changed().before, changed().after
    assert before is not None

    assert carriers(before.grants) == {"aws_iam_role_policy_attachment.bare", "aws_iam_role_policy.bare"}
    assert carriers(after.grants) == {"aws_iam_role_policy_attachment.bare"}


def test_a_removed_attachment_is_not_taken_for_one_from_elsewhere() -> None:
    made = plan([role(managed_policy_arns=[ARN]), attachment("delete")], module({R: {}}))

    assert read(made).after.grants == ()


def test_a_mirror_that_nobody_here_carries_is_attached_from_elsewhere() -> None:
    made = plan([role(managed_policy_arns=[ARN], inline_policy=[{"name": "x", "policy": POLICY}])], module({R: {}}))
    grants = read(made).after.grants

    assert {grant.elsewhere for grant in grants} == {True}
    assert {type(grant.policy) for grant in grants} == {Document, Members}


def test_policies_that_are_stated_in_a_role_are_not_from_elsewhere() -> None:
    stated = {"inline_policy": [{"name": {"constant_value": "x"}, "policy": {"constant_value": POLICY}}]}
    made = plan([role(inline_policy=[{"name": "x", "policy": POLICY}])], module({R: stated}))
    (grant,) = read(made).after.grants

    assert (grant.inside, grant.elsewhere) == (True, False)


def test_an_attachment_to_an_unseen_role_leaves_no_role_whole() -> None:
    loose = change("aws_iam_role_policy_attachment.a", after={"policy_arn": ARN}, unknown={"role": True})
    whole = read(plan([role()], module({R: {}}))).after.complete
    made = plan([role(), loose], module({R: {}, "aws_iam_role_policy_attachment.a": {"role": refers("local.role")}}))

    assert (Kind.GRANTS, R) in whole
    assert (Kind.GRANTS, R) not in read(made).after.complete


def test_one_attachment_may_serve_several_roles() -> None:
    shared = {"roles": ["r", "other"], "policy_arn": ARN}
    made = plan([role(), change("aws_iam_policy_attachment.a", "no-op", before=shared)], module({R: {}}))
    (grant,) = read(made).after.grants

    assert len(grant.roles.sure) == 2


def test_a_boundary_is_a_policy_or_none() -> None:
    stated = {R: {"permissions_boundary": refers("aws_iam_policy.b.arn", "aws_iam_policy.b")}}
    bound = change(R, after={"name": "r"}, unknown={"permissions_boundary": True})

    found = read(plan([bound, *new("aws_iam_policy.b")], module(stated))).after.roles[R].boundary

    assert found == members(Managed("aws_iam_policy.b"))
