"""What functions call, as far as roles and environments tell: evidence in tiers, never a certainty from structure.

Logs, traces, event sources, dead letters and destinations are carried by Lambda itself and prove nothing:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html.
"""

from __future__ import annotations

from msgspec import Struct

from eni_lint.analysis.needs import environment, roles
from eni_lint.analysis.needs.need import INTERNET as INTERNET
from eni_lint.analysis.needs.need import Need as Need
from eni_lint.analysis.permissions import Permissions
from eni_lint.analysis.routes.tables import Index
from eni_lint.data.endpoints import endpoints_of, services_of_endpoint
from eni_lint.model.answer import Answer, Because, No, Unknown, Why, Yes, any_of
from eni_lint.model.compute import Function
from eni_lint.model.deployment import World
from eni_lint.model.identity import Symbol, Token, label, openness
from eni_lint.model.policy import Document

# Layers whose code calls out from inside of the function: what their ARNs contain, and what they call.
LAYERS = {
    "Datadog": INTERNET,
    "NewRelic": INTERNET,
    "Dynatrace_OneAgent": INTERNET,
    "Sentry": INTERNET,
    "lumigo": INTERNET,
    "AWS-Parameters-and-Secrets-Lambda-Extension": "secretsmanager",
}


LAMBDA = ("Service:lambda.amazonaws.com", "Service:edgelambda.amazonaws.com")


class Wanted(Struct, frozen=True):
    """What one function calls.

    `needs` holds one entry per service, with its strongest evidence. `hidden_internet` and `hidden_services` say why
    there may be needs that nobody sees. `proxy` names the variable that makes the function call through a proxy, and
    `hidden_proxy` says why there may be one.
    """

    needs: tuple[Need, ...] = ()
    hidden_internet: Unknown | None = None
    hidden_services: Unknown | None = None
    proxy: str = ""
    hidden_proxy: Unknown | None = None

    @property
    def internet(self) -> Need | None:
        """Give the need of the internet, None where nothing tells of one."""
        return next((need for need in self.needs if need.service == INTERNET), None)

    @property
    def services(self) -> tuple[Need, ...]:
        """List the needs of AWS services."""
        return tuple(need for need in self.needs if need.service != INTERNET)

    def hidden_behind(self, endpoint: str) -> Unknown | None:
        """Say why there may be calls to an endpoint that nobody sees; of some services a role never tells."""
        return self.hidden_services if roles.may_tell_of(endpoint) else self.hidden_internet


class Needs:
    """The calls of the functions of one world."""

    def __init__(self, world: World, permissions: Permissions) -> None:
        self._world = world
        self._permissions = permissions
        self._known: dict[str, Wanted] = {}
        self._users: dict[Token, list[Function]] = {}
        for function in world.functions.values():
            for token in function.role.seen:
                self._users.setdefault(token, []).append(function)
        self._strangers = Index(world.functions.values(), lambda function: function.role)

    def of(self, function: Function) -> Wanted:
        """Give what a function calls; what its user states overrides all evidence."""
        known = self._known.get(function.address)
        if known is None:
            known = self._inferred(function) if function.needs is None else _stated(function, function.needs)
            self._known[function.address] = known
        return known

    def _inferred(self, function: Function) -> Wanted:
        found = [*environment.needs_of(function, self._world.endpointed), *_of_layers(function)]
        hidden = environment.unread(function)
        hidden = _hidden_layer(function) if hidden is None else hidden
        for token in function.role.sure:
            found.extend(self._of_role(token))
        return Wanted(
            needs=_strongest(found),
            hidden_internet=hidden,
            hidden_services=hidden if hidden is not None else self._hidden_in_role(function),
            proxy=environment.proxy_of(function),
            hidden_proxy=function.environment if isinstance(function.environment, Unknown) else None,
        )

    def _of_role(self, role: Token) -> list[Need]:
        """List what a role tells of calls; one that is shared, or may be, tells less of each of its users."""
        if isinstance(self._is_shared(role), No):
            return self._named_by(role, shared=False)
        found = self._named_by(role, shared=True)
        return [Need(need.service, need.tier - 1, need.because) for need in found if need.tier > 1]

    def _named_by(self, role: Token, *, shared: bool) -> list[Need]:
        targets = self._targets(role)
        return list(roles.needs_of(label(role), self._permissions, self._world.endpointed, targets, shared=shared))

    def _hidden_in_role(self, function: Function) -> Unknown | None:
        opened = openness(function.role)
        if opened is not None:
            return opened
        for role in function.role.sure:
            shared = self._is_shared(role)
            known = (label(role), self._permissions, self._world.endpointed, self._targets(role))
            hidden = roles.unread(*known, shared=isinstance(shared, Yes))
            if hidden is not None:
                return hidden
            if isinstance(shared, Unknown) and self._named_by(role, shared=True):
                return shared
        return None

    def _targets(self, role: Token) -> tuple[Token, ...]:
        """List what Lambda delivers to with a role; functions that may use it may have targets of their own."""
        known = [target for function in self._users.get(role, ()) for target in function.targets]
        return (*known, *(Symbol(unknown) for function, unknown in self._strangers.doubts(role) if function.targets))

    def _is_shared(self, role: Token) -> Answer:
        """Answer whether a role serves more than one function, or other services too."""
        if len(self._users.get(role, ())) > 1:
            return Yes()
        strangers = [unknown for function, unknown in self._strangers.doubts(role) if role not in function.role.seen]
        stated = self._world.roles.get(label(role))
        trusted = No() if stated is None else _trusts_others(stated.trust)
        return any_of((trusted, *strangers))


def _trusts_others(trust: Document | Unknown) -> Answer:
    """Answer whether a role is trusted by services other than Lambda."""
    if isinstance(trust, Unknown):
        return trust
    principals = {one for statement in trust.statements for one in statement.principals}
    if any(isinstance(one, str) and one.startswith("Service:") and one not in LAMBDA for one in principals):
        return Yes()
    opened = next((one for one in principals if isinstance(one, Unknown)), trust.rest)
    return No() if opened is None else opened


def _stated(function: Function, needs: tuple[str, ...]) -> Wanted:
    found: list[Need] = []
    for name in needs:
        services = (name,) if name == INTERNET or endpoints_of(name) is not None else services_of_endpoint(name)
        because = (Because(f"{function.address} is said to need {name}", function.address, "needs", 3),)
        found.extend(Need(service, 3, because) for service in services if name != "none")
    return Wanted(needs=_strongest(found))


def _of_layers(function: Function) -> list[Need]:
    found = []
    for layer in function.layers:
        for part, service in LAYERS.items():
            if isinstance(layer, str) and part.lower() in layer.lower():
                because = (Because(f"a layer of {function.address} is {part}", function.address, "layers", 2),)
                found.append(Need(service, 2, because))
    return found


def _hidden_layer(function: Function) -> Unknown | None:
    """Give a layer that may be anybody's; the id of one that is made here is only not known yet."""
    return next((one for one in function.layers if isinstance(one, Unknown) and one.why is not Why.COMPUTED), None)


def _strongest(found: list[Need]) -> tuple[Need, ...]:
    """Keep one need per service, with its strongest tier and all the evidence of that tier."""
    best: dict[str, Need] = {}
    for need in sorted(found, key=lambda one: (-one.tier, one.service, one.because[0].says)):
        key = need.name
        known = best.get(key)
        if known is None:
            best[key] = need
        elif known.tier == need.tier:
            best[key] = Need(known.service, known.tier, (*known.because, *need.because))
    return tuple(sorted(best.values(), key=lambda one: (-one.tier, one.service)))
