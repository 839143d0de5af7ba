"""What execution roles may do: who uses a role, what it carries, and whether that lets Lambda manage interfaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, cached_property

from msgspec import Struct

from eni_lint.analysis.permissions.conditions import Request
from eni_lint.analysis.permissions.statements import Call, call_of
from eni_lint.analysis.permissions.verdicts import (
    Conditioned,
    Denied,
    Granted,
    Missing,
    OutOfBounds,
    Refusal,
    Scoped,
    Source,
    Standing,
    named,
    refusal,
    standing,
)
from eni_lint.data.managed_policies import kept_as, managed_policy
from eni_lint.model.answer import Absent, Answer, Because, No, Unknown, Why, Yes, all_of
from eni_lint.model.compute import Attachment, Function
from eni_lint.model.deployment import Kind, World
from eni_lint.model.identity import Literal, Managed, Members, Symbol, Token, label, only, openness
from eni_lint.model.place import Scope
from eni_lint.model.policy import AwsManaged, Document, Grant, Policy, Statement

HARD = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")
SOFT = ("ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses")
RELEASE = ("ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")


class User(Struct, frozen=True):
    """A function in a VPC that uses a role; `certain` is `Unknown` where it only may do so."""

    function: Function
    certain: Answer = Yes()


class Carrier(Struct, frozen=True):
    """A grant that alone gives a permission; `certain` is `Unknown` where it only may give it."""

    grant: Grant
    certain: Answer = Yes()


class Permissions:
    """What the roles of one world may do.

    A role is named by its address, or by its ARN or what stands for it where it lives elsewhere.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._roles: dict[str, tuple[Token, Scope]] = {}
        self._users: dict[str, list[User]] = defaultdict(list)
        self._grants: dict[Token, list[tuple[Grant, Answer]]] = defaultdict(list)
        self._loose: list[tuple[Grant, Answer]] = []
        self._standings: dict[tuple[str, str], Standing] = {}
        self._calls: dict[tuple[str, str], Call] = {}
        for _, function in sorted(world.functions.items()):
            self._note_user(function)
        for grant in sorted(world.grants, key=lambda one: (one.address, one.attribute)):
            self._note_grant(grant)

    def execution_roles(self) -> list[tuple[str, Scope]]:
        """List the roles that functions in a VPC use or may use, with their scopes."""
        return [(role, scope) for role, (_, scope) in sorted(self._roles.items(), key=lambda item: item[0])]

    @cached_property
    def idle_roles(self) -> tuple[str, ...]:
        """List the roles that are stated here and that no function is seen to use."""
        used = {label(token) for function in self._world.functions.values() for token in function.role.seen}
        return tuple(sorted(self._world.roles.keys() - used))

    def users_of(self, role: str) -> tuple[User, ...]:
        """List the functions in a VPC that use a role or may use it."""
        return tuple(self._users.get(role, ()))

    def functions_of(self, role: str) -> tuple[Function, ...]:
        """List the functions in a VPC that certainly use a role."""
        return tuple(user.function for user in self.users_of(role) if isinstance(user.certain, Yes))

    def unseen(self, role: str) -> Unknown | None:
        """Say why a role may carry policies that nobody sees, or None where all of them are known."""
        if self._is_whole(role):
            return None
        token = self._token(role)
        why = token.unknown.why if isinstance(token, Symbol) else Why.ELSEWHERE
        missing = "all that gives it policies" if role in self._world.roles else "what states the role"
        return Unknown(why, f"the policies of {role}", f"lint it together with {missing}", role)

    def grants_of(self, role: str) -> tuple[tuple[Grant, Answer], ...]:
        """List the grants that a role carries or may carry, each with whether it certainly does."""
        own = tuple(self._grants.get(_key(self._token(role)), ()))
        if self._is_whole(role):
            return own
        named = {grant.address for grant, _ in own}
        return (*own, *(one for one in self._loose if one[0].address not in named))

    def document_of(self, grant: Grant, action: str) -> Document | Unknown:
        """Give the policy document of a grant, as far as it is known about an action."""
        match grant.policy:
            case Document() | Unknown():
                return grant.policy
            case AwsManaged(name):
                return _aws_document(name, action)
            case Members():
                policy = self._policy(grant.policy)
                return policy.document if isinstance(policy, Policy) else policy

    def standing(self, role: str, action: str) -> Standing:
        """Judge whether a role's policies allow an action, leaving aside what takes it away."""
        known = self._standings.get((role, action))
        if known is None:
            known = standing(self._call(role, action), self._sources(role, action), self.unseen(role))
            self._standings[role, action] = known
        return known

    def names(self, role: str, action: str) -> Answer:
        """Answer whether some statement that a role carries allows an action by name, however narrowly."""
        return named(self._call(role, action), self._sources(role, action))

    def refusal(self, role: str, action: str) -> Refusal:
        """Judge whether a Deny or the permissions boundary takes an action away from a role."""
        sources = self._sources(role, action)
        return refusal(self._call(role, action), sources, self._boundary(role, action), self.unseen(role))

    def allows(self, role: str, action: str) -> Answer:
        """Answer whether a role may do an action, all in all."""
        return all_of((_is_granted(self.standing(role, action), role), _is_kept(self.refusal(role, action))))

    def carriers(self, role: str, actions: Iterable[str]) -> tuple[Carrier, ...]:
        """List the grants of a role that alone give all of these actions, and those that may."""
        calls = [self._call(role, action) for action in actions]
        given = [(grant, all_of((self._gives(grant, calls), certain))) for grant, certain in self.grants_of(role)]
        return tuple(Carrier(grant, answer) for grant, answer in given if not isinstance(answer, No))

    def _note_user(self, function: Function) -> None:
        if isinstance(function.attachment, Absent) or function.own_instances:
            return
        attached = function.attachment if isinstance(function.attachment, Unknown) else Yes()
        others = function.role.rest
        sure = function.role.sure
        if others is not None and not function.role.seen:
            sure, others = (Symbol(others),), None
        doubt = openness(function.role) if function.role.seen else None
        for token in (*sure, *function.role.maybe):
            role = label(token)
            stated = self._world.roles.get(role)
            self._roles.setdefault(role, (token, function.scope if stated is None else stated.scope))
            certain = Yes() if token in sure or doubt is None else doubt
            self._users[role].append(User(function, all_of((attached, certain))))

    def _note_grant(self, grant: Grant) -> None:
        for token in grant.roles.sure:
            if isinstance(token, Symbol):
                self._loose.append((grant, token.unknown))
            self._grants[_key(token)].append((grant, Yes()))
        doubt = openness(grant.roles)
        if doubt is not None:
            for token in grant.roles.maybe:
                self._grants[_key(token)].append((grant, doubt))
        if grant.roles.rest is not None:
            self._loose.append((grant, grant.roles.rest))

    def _is_whole(self, role: str) -> bool:
        return (Kind.GRANTS, role) in self._world.complete

    def _token(self, role: str) -> Token:
        if role in self._roles:
            return self._roles[role][0]
        stated = role in self._world.roles or Managed(role) in self._grants
        return Managed(role) if stated else Literal(role)

    def _sources(self, role: str, action: str) -> tuple[Source, ...]:
        return tuple(Source(g.address, self.document_of(g, action), certain) for g, certain in self.grants_of(role))

    def _gives(self, grant: Grant, calls: list[Call]) -> Answer:
        alone = [(call, Source(grant.address, self.document_of(grant, call.action))) for call in calls]
        return all_of(_is_granted(standing(call, (source,)), grant.address) for call, source in alone)

    def _policy(self, target: Members) -> Policy | Unknown:
        token = only(target)
        if isinstance(token, Unknown):
            return token
        policy = self._world.policies.get(token.address) if isinstance(token, Managed) else None
        if policy is not None:
            return policy
        why = token.unknown.why if isinstance(token, Symbol) else Why.ELSEWHERE
        return Unknown(why, f"the document of {label(token)}", "lint it together with what states the policy")

    def _boundary(self, role: str, action: str) -> Source | None:
        stated = self._world.roles.get(role)
        if stated is None:
            return None
        match stated.boundary:
            case Absent():
                return None
            case Document() | Unknown():
                return Source(role, stated.boundary)
            case AwsManaged(name):
                return Source(name, _aws_document(name, action))
            case Members():
                policy = self._policy(stated.boundary)
                return Source(policy.address, policy.document) if isinstance(policy, Policy) else Source(role, policy)

    def _call(self, role: str, action: str) -> Call:
        known = self._calls.get((role, action))
        if known is None:
            known = self._calls[role, action] = self._made_call(role, action)
        return known

    def _made_call(self, role: str, action: str) -> Call:
        functions = [user.function for user in self.users_of(role)]
        regions = {function.scope.region for function in functions}
        # A scope's account may also be the name of a provider configuration.
        accounts = {f.scope.account for f in functions if f.scope.account.isdecimal()}
        request = Request(
            action,
            region=regions.pop() if len(regions) == 1 else "",
            account=accounts.pop() if len(accounts) == 1 else "",
        )
        attachments = [f.attachment for f in functions if isinstance(f.attachment, Attachment)]
        subnets = _ids([attachment.subnets for attachment in attachments])
        groups = _ids([attachment.groups for attachment in attachments])
        return call_of(request, (*subnets, *groups))


def _ids(sets: list[Members]) -> tuple[str, ...]:
    """List the literal ids of sets that are known member by member, or nothing."""
    tokens = {token for group in sets for token in group.sure}
    literal = {token.value for token in tokens if isinstance(token, Literal)}
    known = all(group.exact for group in sets) and len(literal) == len(tokens)
    return tuple(sorted(literal)) if known else ()


def _key(token: Token) -> Token:
    """Give one key to the name and the ARN of a role that lives elsewhere."""
    return Literal(token.value.rpartition("/")[2]) if isinstance(token, Literal) else token


def _is_granted(judged: Standing, address: str) -> Answer:
    match judged:
        case Granted(by=by):
            return Yes(tuple(Because(f"{judged.action} is allowed", carrier) for carrier in by))
        case Unknown():
            return judged
        case Missing() | Scoped() | Conditioned():
            return No((Because(f"{judged.action} is not allowed", address),))


def _is_kept(judged: Refusal) -> Answer:
    match judged:
        case No():
            return Yes()
        case Unknown():
            return judged
        case Denied(open=conditions) if conditions:
            return Unknown(Why.UNSUPPORTED, f"whether {' and '.join(conditions)} holds for Lambda's own calls")
        case Denied() | OutOfBounds():
            return No((Because(f"{judged.action} is taken away", judged.by),))


@cache
def _aws_document(name: str, action: str) -> Document | Unknown:
    """Give what a policy of AWS's says about an action."""
    policy = managed_policy(name)
    grant = policy.grants.get(action) if policy is not None else None
    match grant:
        case "all":
            return Document((Statement(allows=True, actions=(action,), resources=("*",)),))
        case "denied":
            return Document((Statement(allows=False, actions=(action,), resources=("*",)),))
        case "none":
            return Document()
        case "scoped":
            limits = Unknown(Why.UNSUPPORTED, f"the limits that {name} sets to {action}")
            return Document((Statement(allows=True, actions=(action,), resources=(limits,)),))
        case None if kept_as(name):
            return Document()
        case None:
            return Unknown(Why.ELSEWHERE, f"the document of {name}", "a policy whose content is stated")
