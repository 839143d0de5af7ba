"""Roles, policies and the grants between them, in all the shapes that Terraform has for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from eni_lint.model.answer import ABSENT, Absent, Unknown, Why
from eni_lint.model.identity import Literal, Managed, Members, Token, members
from eni_lint.model.policy import AwsManaged, Document, Grant, Policy, Role
from eni_lint.readers.terraform.documents import document_at
from eni_lint.readers.terraform.families import POLICY, ROLE
from eni_lint.readers.terraform.links import DECIDED_BY, Linker
from eni_lint.readers.terraform.resources import Resource, fact
from eni_lint.readers.terraform.values import IDENTITY, Hidden, blocks, texts

OF_AWS = ":iam::aws:policy/"
Stated = TypeVar("Stated")


def name_of(resource: Resource, attribute: str = "name") -> str | Unknown:
    """Give the name of a resource, or why it is not known."""
    value = resource.values.get(attribute)
    return value if isinstance(value, str) else Unknown(Why.COMPUTED, fact(resource, attribute))


def roles(linker: Linker) -> Iterator[Role]:
    """Yield every role that is managed here or looked up."""
    for resource in linker.stage.of("aws_iam_role", "data.aws_iam_role"):
        yield Role(
            address=resource.address,
            scope=linker.scope(resource),
            name=name_of(resource),
            trust=_seen(document_at(linker, resource, "assume_role_policy"), resource),
            boundary=_seen(_boundary(linker, resource), resource),
            created_here=not resource.data,
        )


def _seen(value: Stated, resource: Resource) -> Stated | Unknown:
    """Give what a role states; of one that is looked up, all that is open is open for one and the same reason."""
    is_open = isinstance(value, Unknown) or (isinstance(value, Members) and not value.exact)
    return Unknown(Why.DATA_SOURCE, resource.address, DECIDED_BY) if resource.data and is_open else value


def policies(linker: Linker) -> Iterator[Policy]:
    """Yield every customer-managed policy that is managed here or looked up."""
    for resource in linker.stage.of("aws_iam_policy", "data.aws_iam_policy"):
        yield Policy(
            address=resource.address,
            scope=linker.scope(resource),
            name=name_of(resource),
            document=document_at(linker, resource, "policy"),
        )


def grants(linker: Linker, carried: CarriedGrants) -> Iterator[Grant]:
    """Yield every policy on every role; the mirrors in refreshed roles are nobody's but their resources'."""
    for resource in linker.stage.of("aws_iam_role"):
        yield from _inside(linker, resource, carried)
    for resource in linker.stage.of("aws_iam_role_policy"):
        role = linker.one(resource, "role", family=ROLE)
        yield Grant(resource.address, linker.scope(resource), role, document_at(linker, resource, "policy"))
    for resource in linker.stage.of("aws_iam_role_policy_attachment"):
        role = linker.one(resource, "role", family=ROLE)
        yield Grant(resource.address, linker.scope(resource), role, _policy_at(linker, resource, "policy_arn"))
    for resource in linker.stage.of("aws_iam_policy_attachment"):
        attached = linker.many(resource, "roles", family=ROLE)
        yield Grant(resource.address, linker.scope(resource), attached, _policy_at(linker, resource, "policy_arn"))
    for resource in linker.stage.of("aws_iam_role_policy_attachments_exclusive"):
        role = linker.one(resource, "role_name", family=ROLE)
        yield from _listed(linker, resource, "policy_arns", role, inside=False)


def _boundary(linker: Linker, resource: Resource) -> Document | AwsManaged | Members | Absent | Unknown:
    if resource.get("permissions_boundary") is None:
        return ABSENT
    return _policy_at(linker, resource, "permissions_boundary")


def _policy_at(linker: Linker, resource: Resource, attribute: str) -> AwsManaged | Members:
    text = resource.text(attribute) or linker.told_text(resource, attribute)
    if text is not None and is_aws_managed(text) and IDENTITY.search(text.partition(OF_AWS)[2]) is None:
        # Of the ARN, the partition may be open.
        return AwsManaged(f"arn:aws{OF_AWS}{text.partition(OF_AWS)[2]}" if IDENTITY.search(text) else text)
    return _plain(linker.one(resource, attribute, family=POLICY))


def _plain(group: Members) -> AwsManaged | Members:
    """Give what a link to a policy means: the ARN of an AWS-managed one needs no looking up."""
    if group.exact and len(group.sure) == 1:
        token = group.sure[0]
        if isinstance(token, Literal) and is_aws_managed(token.value):
            return AwsManaged(token.value)
    return group


def is_aws_managed(arn: str) -> bool:
    """Tell whether an ARN names a policy of AWS.

    >>> is_aws_managed("arn:aws:iam::aws:policy/AWSLambdaExecute"), is_aws_managed("arn:aws:iam::1:policy/x")
    (True, False)
    """
    return OF_AWS in arn


def _inside(linker: Linker, role: Resource, carried: CarriedGrants) -> Iterator[Grant]:
    """Yield what a role's own attributes list: its own policies, and those that others put on it elsewhere."""
    owner, scope = members(Managed(role.address)), linker.scope(role)
    configured = linker.is_configured(role)
    if not configured or linker.states(role, "inline_policy"):
        mirrors = frozenset[str]() if configured else carried.inline(role)
        yield from _inline(linker, role, owner, mirrors, elsewhere=False)
    else:
        yield from _inline(linker, role, owner, carried.inline(role), elsewhere=linker.stood_before(role))
    attribute = "managed_policy_arns"
    if configured and linker.states(role, attribute):
        yield from _listed(linker, role, attribute, owner, inside=True)
        return
    arns = texts(role.values.get(attribute))
    for arn in () if isinstance(arns, Hidden) else arns:
        if isinstance(arn, str) and arn not in carried.attached(role):
            policy = AwsManaged(arn) if is_aws_managed(arn) else members(linker.literal(arn, POLICY, role))
            yield Grant(
                role.address, scope, owner, policy, attribute=attribute, elsewhere=configured, inside=not configured
            )


def _inline(
    linker: Linker, role: Resource, owner: Members, mirrors: frozenset[str], *, elsewhere: bool
) -> Iterator[Grant]:
    scope = linker.scope(role)
    stated = blocks(role.values.get("inline_policy"))
    if isinstance(stated, Hidden):
        # A computed mirror is hidden on every role that is created; only what is stated can hold policies.
        if linker.states(role, "inline_policy"):
            unknown = Unknown(Why.DYNAMIC_BLOCK, fact(role, "inline_policy"))
            yield Grant(role.address, scope, owner, unknown, inside=True, attribute="inline_policy")
        return
    for number, block in enumerate(stated):
        name = block.get("name")
        if (name is None and block.get("policy") is None) or (isinstance(name, str) and name in mirrors):
            continue
        policy = document_at(linker, role, "inline_policy", number, "policy")
        attribute = f"inline_policy/{number}"
        yield Grant(role.address, scope, owner, policy, inside=not elsewhere, attribute=attribute, elsewhere=elsewhere)


def _listed(linker: Linker, resource: Resource, attribute: str, owner: Members, *, inside: bool) -> Iterator[Grant]:
    """Yield a grant for each policy of a list of ARNs, and one for those that nobody sees."""
    group = linker.many(resource, attribute, family=POLICY)
    scope = linker.scope(resource)
    for number, token in enumerate(group.sure):
        policy = _plain(members(token))
        yield Grant(resource.address, scope, owner, policy, inside=inside, attribute=f"{attribute}/{number}")
    if not group.exact:
        others = replace(group, sure=())
        yield Grant(resource.address, scope, owner, others, inside=inside, attribute=attribute)


class CarriedGrants:
    """What resources of this deployment put on roles, before or after the change.

    A refreshed role repeats it in its computed attributes; there it belongs to those resources, and goes with them.
    """

    def __init__(self, linkers: Iterable[Linker]) -> None:
        self._inline: dict[str, set[str]] = {}
        self._attached: dict[str, set[str]] = {}
        for linker in linkers:
            self._enter(linker)

    def inline(self, role: Resource) -> frozenset[str]:
        """Name the inline policies that resources put on a role."""
        return frozenset(self._inline.get(role.address, ()))

    def attached(self, role: Resource) -> frozenset[str]:
        """Give the ARNs of the policies that resources attach to a role."""
        return frozenset(self._attached.get(role.address, ()))

    def _enter(self, linker: Linker) -> None:
        stage = linker.stage
        for resource in stage.of("aws_iam_role_policy"):
            if (name := resource.text("name")) is not None:
                for token in linker.one(resource, "role", family=ROLE).seen:
                    self._add(self._inline, token, name)
        for resource in stage.of("aws_iam_role_policy_attachment", "aws_iam_policy_attachment"):
            if (arn := resource.text("policy_arn")) is not None:
                single = resource.type == "aws_iam_role_policy_attachment"
                link = (
                    linker.one(resource, "role", family=ROLE) if single else linker.many(resource, "roles", family=ROLE)
                )
                for token in link.seen:
                    self._add(self._attached, token, arn)
        for resource in stage.of("aws_iam_role_policy_attachments_exclusive"):
            arns = texts(resource.values.get("policy_arns"))
            for token in linker.one(resource, "role_name", family=ROLE).seen:
                for each in () if isinstance(arns, Hidden) else arns:
                    if isinstance(each, str):
                        self._add(self._attached, token, each)

    @staticmethod
    def _add(index: dict[str, set[str]], token: Token, value: str) -> None:
        if isinstance(token, Managed):
            index.setdefault(token.address, set()).add(value)
