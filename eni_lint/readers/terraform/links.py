"""Where the links of resources lead: literals through ids, hidden values through what their expressions mention.

A plan shows a link's value, or that it is known only after the apply. In the second case its expression is a bag
of references: concatenation, choice and selection look alike in it, and no literal is in it. So a mentioned resource
is a certain member only where no other reading is left; else it is one of the candidates, and what nobody sees is
said to be open. Source tells the shape of an expression, and then what is listed is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.identity import Literal, Managed, Members, Symbol, Token, members
from eni_lint.model.place import Scope
from eni_lint.readers.terraform.addresses import (
    Key,
    Path,
    Step,
    indexed,
    module_parent,
    module_path,
    spelled,
    steps_of,
    within,
)
from eni_lint.readers.terraform.addresses import heads as heads_of
from eni_lint.readers.terraform.decode import Expression
from eni_lint.readers.terraform.families import Family
from eni_lint.readers.terraform.names import Names
from eni_lint.readers.terraform.references import References
from eni_lint.readers.terraform.resources import Resource, Stage
from eni_lint.readers.terraform.shapes import Shape
from eni_lint.readers.terraform.values import HIDDEN, Hidden, strings_in, texts

DECIDED_BY = "lint the plan with --saved-plan tfplan or --source-root"
NO_VALUE = "pass --var-file, or lint the root module"

# What these give is known only after the apply and may be the id of anything.
OPAQUE = ("aws_cloudformation_stack", "terraform_data", "aws_ssm_parameter")


class Candidate(Struct, frozen=True):
    """One thing that an expression mentions.

    `certain` tells that it is in the value of the expression; `hidden` that its id is known only after the apply.
    """

    token: Token
    certain: bool
    hidden: bool


class Found(Struct, frozen=True):
    """What an expression leads to: candidates, and why there may be more.

    `bounds` are the module instances in which everything that `rest` could hide is visible; empty where nothing
    bounds it. `decides` tells that the expression, or a part of it, may only choose between the rest of it.
    """

    candidates: tuple[Candidate, ...] = ()
    rest: Unknown | None = None
    bounds: tuple[str, ...] = ()
    decides: bool = False
    stated_by: str = ""


class Told(Protocol):
    """What somebody else says about values that are hidden: an evaluator of the source."""

    def tokens(self, address: str, path: tuple[str | int, ...]) -> tuple[Token, ...] | None:
        """Give the whole value of a link as resources and literal names, None where it is not known."""
        ...

    def text(self, address: str, path: tuple[str | int, ...]) -> str | None:
        """Give a text with `${address}` where an identity stands in it, None where it is not known."""
        ...

    def texts(self, address: str, path: tuple[str | int, ...]) -> dict[str, str] | None:
        """Give a map of texts, each with `${reference}` where it is not known, None where the names are not known."""
        ...


class Scene(Struct, frozen=True):
    """Where an expression stands: the module instance, the block, and which of its instances is meant.

    `single` tells that its value is one thing, not a collection.
    """

    module: str
    owner: str = ""
    key: Key = None
    keys: frozenset[Key] = frozenset()
    single: bool = False

    @property
    def name(self) -> str:
        """Name the block's instance as seen from the root."""
        return within(self.module, self.owner) + indexed(self.key)


class Linker:
    """Follows the links of the resources of one moment."""

    def __init__(
        self,
        stage: Stage,
        references: References,
        variables: dict[str, Any],
        names: Names,
        scope_of: Callable[[Resource], Scope],
        previous: Linker | None = None,
        told: Told | None = None,
        *,
        planned: bool = True,
    ) -> None:
        self.stage = stage
        self.references = references
        self._variables = variables
        self._names = names
        self.scope = scope_of
        self._previous = previous
        self._told = told
        self._planned = planned
        self._calls = _calls_of(stage)
        self._children = _children_of(self._calls)
        self._leads: dict[tuple[str, tuple[Step, ...], str], Found] = {}
        self._visible: dict[tuple[str, str], Found] = {}
        self._renamed: dict[str, str] = {}

    def rename(self, alias: str, address: str) -> None:
        """Let the resource that manages something be meant by the name which that has in its absence."""
        self._renamed[alias] = address

    def one(self, resource: Resource, *path: str | int, family: Family) -> Members:
        """Follow a link that leads to one thing; an absent one leads to nobody."""
        value = value_at(resource.values, path)
        if not isinstance(value, Hidden):
            return members(*self._tokens(texts(value), family, resource))
        found = self._found(resource, path, family, single=True)
        group = self._scalar(found, family, f"{resource.address}.{_spelled_path(path)}")
        return self._narrowed(group, resource, path, family, most=1)

    def many(
        self, resource: Resource, *path: str | int, family: Family, at_least: int = 0, at_most: int | None = None
    ) -> Members:
        """Follow a link that leads to a set of things; the bounds hold where it is open."""
        value = texts(value_at(resource.values, path))
        if isinstance(value, list) and HIDDEN not in value:
            return members(*self._tokens(value, family, resource))
        shown = self._tokens(value, family, resource) if isinstance(value, list) else ()
        found = self._found(resource, path, family)
        fact = f"{resource.address}.{_spelled_path(path)}"
        if found.rest is None and self._may_hide_literals(resource, path, family, found):
            found = replace(found, rest=Unknown(Why.COMPUTED, fact, DECIDED_BY), stated_by=fact)
        group = self._set(found, self._former_literals(resource, path, family), fact)
        group = self._narrowed(group, resource, path, family)
        sure = tuple(dict.fromkeys((*shown, *group.sure)))
        maybe = tuple(token for token in group.maybe if token not in sure)
        if not maybe and group.rest is None:
            return members(*sure)
        return replace(group, sure=sure, maybe=maybe, at_least=at_least, at_most=at_most)

    def mentioned(self, resource: Resource, *path: str | int, family: Family) -> tuple[Token, ...]:
        """List everything of a family that a value is or mentions, certain or not."""
        value = texts(value_at(resource.values, path))
        if isinstance(value, list) and HIDDEN not in value:
            return self._tokens(value, family, resource)
        return self.references_of(resource, *path, family=family)

    def references_of(self, resource: Resource, *path: str | int, family: Family) -> tuple[Token, ...]:
        """List everything of a family that the expression of a value mentions, whatever the value shows."""
        return tuple(dict.fromkeys(each.token for each in self._found(resource, path, family).candidates))

    def stood_before(self, resource: Resource) -> bool:
        """Tell whether a resource stood before this moment."""
        return self._previous is None or resource.address in self._previous.stage.by_address

    def follow(self, module: str, reference: str, family: Family) -> tuple[Token, ...]:
        """List everything of a family that one reference of a module leads to."""
        found = self._gather(Expression((reference,)), Scene(module), family)
        return tuple(dict.fromkeys(each.token for each in found.candidates))

    def instances_of(self, path: Path) -> tuple[str, ...]:
        """List the instances of a module that hold something or call a module that does; the root always stands."""
        if not path:
            return ("",)
        return tuple(
            within(parent, f"module.{path[-1]}{indexed(key)}")
            for parent in self.instances_of(path[:-1])
            for key in sorted(self._calls.get((parent, path[-1]), ()), key=str)
        )

    def states(self, resource: Resource, *path: str) -> bool:
        """Tell whether the configuration states an attribute of a resource."""
        return path[0] in self.references.names(resource.path, resource.block)

    def is_configured(self, resource: Resource) -> bool:
        """Tell whether the configuration has the block of a resource."""
        return self.references.states(resource.path, resource.block)

    def type_of(self, token: Token) -> str:
        """Give the type of the resource that a token denotes, empty where none is stated here."""
        resource = self.stage.by_address.get(token.address) if isinstance(token, Managed) else None
        return "" if resource is None else resource.type

    def known(self, text: str, family: Family) -> Token:
        """Give what a literal denotes, whoever uses it."""
        return self._names.token(text, family, Scope())

    def literal(self, text: str, family: Family, resource: Resource) -> Token:
        """Give what a literal denotes for a resource."""
        token = self._names.token(text, family, self.scope(resource))
        if isinstance(token, Managed) and token.address in self._renamed:
            return Managed(self._renamed[token.address])
        return token

    def _tokens(self, values: Iterable[str | Hidden] | Hidden, family: Family, resource: Resource) -> tuple[Token, ...]:
        if isinstance(values, Hidden):
            return ()
        return tuple(self.literal(each, family, resource) for each in values if isinstance(each, str) and each)

    def _may_hide_literals(self, resource: Resource, path: tuple[str | int, ...], family: Family, found: Found) -> bool:
        """Tell whether literal names may stand beside the references, where a plan does not show them.

        What lies in a network that is yet to be made has nothing older beside it.
        """
        expression = self.references.expression(resource.path, resource.block, path)
        if expression is None or expression.shape is not Shape.UNSEEN:
            return False
        return family.written_out or (family.within_network and not any(map(self._is_in_new_network, found.candidates)))

    def _is_in_new_network(self, candidate: Candidate) -> bool:
        if not candidate.hidden or not isinstance(candidate.token, Managed):
            return False
        there = self.stage.by_address.get(candidate.token.address)
        # What has no block of its own comes with the network.
        return there is None or isinstance(there.values.get("vpc_id"), Hidden)

    def _former_literals(self, resource: Resource, path: tuple[str | int, ...], family: Family) -> tuple[Token, ...]:
        # A literal beside a reference is in no bag; where one stood before, it may stand still.
        if self._previous is None:
            return ()
        former = self._previous.stage.by_address.get(resource.address)
        values = [] if former is None else texts(value_at(former.values, path))
        tokens = self._previous._tokens(values, family, resource)
        return tuple(token for token in tokens if isinstance(token, Literal))

    def _scalar(self, found: Found, family: Family, fact: str) -> Members:
        if found.rest is not None and found.bounds:
            found = self._bounded(found, family)
        found = _with_a_source(found, fact)
        # The value is hidden, so it is none of those that are known.
        hidden = tuple(dict.fromkeys(each.token for each in found.candidates if each.hidden or not self._planned))
        if found.rest is None and len(hidden) == 1:
            return members(*hidden)
        seen = hidden or tuple(dict.fromkeys(each.token for each in found.candidates))
        return Members(maybe=seen, rest=found.rest, stated_by=found.stated_by)

    def _bounded(self, found: Found, family: Family) -> Found:
        candidates = list(found.candidates)
        pending, seen = list(found.bounds), set(found.bounds)
        while pending:
            visible = self._visible_in(pending.pop(), family)
            candidates.extend(visible.candidates)
            if visible.rest is not None and not visible.bounds:
                return found
            pending.extend(bound for bound in visible.bounds if bound not in seen)
            seen.update(visible.bounds)
        return replace(found, candidates=tuple(candidates), rest=None)

    def _set(self, found: Found, former: tuple[Token, ...], fact: str) -> Members:
        found = _with_a_source(found, fact)
        candidates = found.candidates
        hidden = {each.token for each in candidates if each.hidden} if self._planned else set[Token]()
        # The set is hidden because of a member that is: the only one that can be it is a member.
        forced = hidden if len(hidden) == 1 and found.rest is None else set()
        sure = dict.fromkeys(each.token for each in candidates if each.certain or each.token in forced)
        maybe = dict.fromkeys(each.token for each in candidates if each.token not in sure)
        maybe.update(dict.fromkeys(token for token in former if token not in sure))
        if not maybe and found.rest is None:
            return members(*sure)
        return Members(tuple(sure), tuple(maybe), found.rest, stated_by=found.stated_by)

    def told_text(self, resource: Resource, *path: str | int) -> str | None:
        """Give what the source says of a hidden text, with `${address}` where an identity stands in it."""
        return None if self._told is None else self._told.text(resource.address, path)

    def told_texts(self, resource: Resource, *path: str | int) -> dict[str, str] | None:
        """Give what the source says of a hidden map of texts, each with `${reference}` where it is not known."""
        return None if self._told is None else self._told.texts(resource.address, path)

    def _narrowed(
        self, group: Members, resource: Resource, path: tuple[str | int, ...], family: Family, most: int | None = None
    ) -> Members:
        """Take what the source evaluates to for an open link, where nothing that is known speaks against it."""
        told = None if group.exact or self._told is None else self._told.tokens(resource.address, path)
        found = [] if told is None else [self._stated(token, resource, family) for token in told]
        if not any(each.hidden for each in found if each is not None):
            # A hidden value cannot consist of what is known.
            return group
        tokens = [each.token for each in found if each is not None]
        agrees = len(tokens) == len(found) and set(group.sure) <= set(tokens)
        bounded = group.rest is not None or set(tokens) <= set(group.seen)
        return members(*tokens) if agrees and bounded and (most is None or len(tokens) <= most) else group

    def _stated(self, token: Token, resource: Resource, family: Family) -> Candidate | None:
        """Give what somebody else names, None where this family has no such thing at this moment."""
        if isinstance(token, Literal):
            known = family.admits(token.value)
            return Candidate(self.literal(token.value, family, resource), certain=True, hidden=False) if known else None
        there = self.stage.by_address.get(token.address) if isinstance(token, Managed) else None
        if there is None or there.type not in family.types:
            return None
        return self._itself(there, None, family, there.address).candidates[0]

    def _found(self, resource: Resource, path: tuple[str | int, ...], family: Family, *, single: bool = False) -> Found:
        keys = frozenset(each.key for each in self.stage.instances(resource.module, resource.block))
        scene = Scene(resource.module, resource.block, resource.key, keys, single)
        expression = self.references.expression(resource.path, resource.block, path)
        if expression is None:
            key = f"{resource.address}.{_spelled_path(path)}"
            why = Why.DYNAMIC_BLOCK if len(path) > 1 else Why.COMPUTED
            bounds = (resource.module,) if len(path) > 1 else ()
            return Found(rest=Unknown(why, key, DECIDED_BY if bounds else ""), bounds=bounds, stated_by=key)
        found = self._gather(expression, scene, family)
        if expression.shape is not Shape.UNSEEN or not expression.references:
            return found
        # Only the instances of one block are sure to have the same text behind their references, and the same inputs.
        block = within(resource.module, resource.block)
        return replace(found, stated_by=f"{found.stated_by} in {block}.{_spelled_path(path)}")

    def _gather(self, expression: Expression, scene: Scene, family: Family) -> Found:
        """Collect what an expression mentions; nothing of it is certain where it may choose."""
        if not expression.references:
            return self._literals(expression.constant_value, scene, family)
        mentions = heads_of(expression.references)
        leads: list[Found] = []
        skip = False
        for mention, following in zip(mentions, (*mentions[1:], ""), strict=True):
            if skip:
                skip = False
                continue
            keyed = following in ("each.key", "count.index") and _may_be_index(expression, following, scene)
            lead = self._lead(steps_of(mention), scene, family, keyed=keyed)
            skip = keyed and not lead.decides and bool(lead.candidates)
            leads.append(lead)
        beside = self._literals(list(expression.literals), scene, family)
        if beside.candidates:
            leads.append(beside)
        listed = expression.shape is Shape.LISTED and not expression.shared
        if len(leads) == 1 and (listed or (expression.shape is Shape.UNSEEN and not expression.shared)):
            return leads[0]
        found = _together(leads, _stated(expression, mentions, scene), shared=expression.shared, shape=expression.shape)
        if expression.shape is Shape.MADE and found.rest is None:
            return replace(found, rest=Unknown(Why.COMPUTED, found.stated_by), bounds=())
        return found

    def _literals(self, value: Any, scene: Scene, family: Family) -> Found:
        found = tuple(
            Candidate(self.known(text, family), certain=bool(family.prefixes), hidden=False)
            for text in strings_in(value)
            if family.admits(text)
        )
        return Found(found, decides=not found, stated_by=scene.name)

    def _lead(self, steps: tuple[Step, ...], scene: Scene, family: Family, *, keyed: bool = False) -> Found:
        """Follow one mention; what does not depend on the instance is followed once."""
        if keyed or steps[:1] in (("each",), ("count",)):
            return self._followed(steps, scene, family, keyed=keyed)
        key = (scene.module, steps, family.name)
        if key not in self._leads:
            # What leads back to itself leads nowhere.
            self._leads[key] = Found(rest=Unknown(Why.NOT_SHOWN, within(scene.module, spelled(steps))))
            self._leads[key] = self._followed(steps, Scene(scene.module), family, keyed=False)
        return self._leads[key]

    def _followed(self, steps: tuple[Step, ...], scene: Scene, family: Family, *, keyed: bool) -> Found:
        match steps:
            case ("var", str(name), *rest):
                return self._variable(name, tuple(rest), scene, family)
            case ("local", str(name), *rest):
                return self._local(name, tuple(rest), scene, family)
            case ("module", str(name), *rest):
                return self._module(name, tuple(rest), scene, family, keyed=keyed)
            case ("each", "value", *rest):
                return self._each_value(tuple(rest), scene, family)
            case ("data", str(type_), str(name), *rest):
                return self._instances(f"data.{type_}.{name}", tuple(rest), scene, family, keyed=keyed)
            case ("each" | "count" | "path" | "terraform" | "self", *_):
                return Found(decides=True)
            case (str(type_), str(name), *rest):
                return self._instances(f"{type_}.{name}", tuple(rest), scene, family, keyed=keyed)
            case _:
                return Found(decides=True)

    def _variable(self, name: str, rest: tuple[Step, ...], scene: Scene, family: Family) -> Found:
        if not scene.module and (name in self._variables or self.references.expression((), f"var.{name}") is not None):
            return self._literals(_at(self._variables.get(name), rest), scene, family)
        if not scene.module:
            return Found(rest=Unknown(Why.VARIABLE, f"var.{name}", NO_VALUE), stated_by=f"var.{name}")
        parent, call, key = module_parent(scene.module)
        keys = self._calls.get((parent, call), frozenset())
        outer = Scene(parent, f"module.{call}", key, keys)
        argument = self.references.expression(module_path(parent), outer.owner, (name,))
        if argument is not None:
            return self._part(argument, rest, outer, family)
        default = self.references.expression(module_path(scene.module), f"var.{name}")
        value = None if default is None else default.constant_value
        return self._literals(_at(value, rest), scene, family)

    def _local(self, name: str, rest: tuple[Step, ...], scene: Scene, family: Family) -> Found:
        local = self.references.expression(module_path(scene.module), f"local.{name}")
        if local is not None:
            return self._part(local, rest, Scene(scene.module), family)
        key = within(scene.module, f"local.{name}")
        stated = within(scene.module, spelled(("local", name, *rest)))
        return Found(rest=Unknown(Why.LOCAL, key, DECIDED_BY), bounds=(scene.module,), stated_by=stated, decides=True)

    def _part(self, expression: Expression, rest: tuple[Step, ...], scene: Scene, family: Family) -> Found:
        """Follow an expression of whose value only a part is meant."""
        if not rest:
            return self._gather(expression, scene, family)
        if not expression.references:
            return self._literals(_at(expression.constant_value, rest), scene, family)
        mentions = heads_of(expression.references)
        if len(mentions) == 1 and isinstance(rest[0], str) and _is_object(steps_of(mentions[0])):
            # An object that is passed on as a whole: its attributes are those of what is passed.
            return self._lead(steps_of(mentions[0]) + rest, scene, family)
        return _some(self._gather(expression, scene, family), rest)

    def _module(self, name: str, rest: tuple[Step, ...], scene: Scene, family: Family, *, keyed: bool) -> Found:
        keys = self._calls.get((scene.module, name), frozenset())
        if rest and isinstance(rest[0], tuple):
            keys, rest = frozenset((rest[0][0],)), rest[1:]
        narrowed = keyed and scene.key in keys and scene.keys <= keys
        chosen = {scene.key} if narrowed else keys or {None}
        outputs = (
            (rest[0],) if rest else self.references.names(module_path(within(scene.module, f"module.{name}")), "output")
        )
        leads: list[Found] = []
        for key in sorted(chosen, key=str):
            inner = Scene(within(scene.module, f"module.{name}{indexed(key)}"))
            for output in outputs:
                expression = self.references.expression(module_path(inner.module), f"output.{output}")
                if expression is None:
                    fact = within(scene.module, spelled(("module", name, *rest)))
                    return Found(rest=Unknown(Why.MODULE, fact, DECIDED_BY), stated_by=fact)
                leads.append(self._part(expression, rest[1:], inner, family))
        if len(leads) == 1 and rest:
            return leads[0]
        stated = within(scene.module, spelled(("module", name, *rest)))
        return _together(leads, f"{stated} in {scene.name}" if keyed else stated, shared=True)

    def _each_value(self, rest: tuple[Step, ...], scene: Scene, family: Family) -> Found:
        path = module_path(scene.module)
        expression = self.references.expression(path, scene.owner, ("for_each",))
        if expression is None:
            return Found(decides=True)
        mentions = heads_of(expression.references)
        if len(mentions) == 1:
            steps = steps_of(mentions[0])
            whole = len(steps) == 2 and steps[0] not in ("var", "local", "each", "module")
            if whole:
                return self._instances(f"{steps[0]}.{steps[1]}", rest, scene, family, keyed=True)
        found = self._gather(expression, replace(scene, owner="", key=None), family)
        return _some(replace(found, stated_by=scene.name), rest or ("value",))

    def _instances(self, block: str, rest: tuple[Step, ...], scene: Scene, family: Family, *, keyed: bool) -> Found:
        """Follow a mention of a resource or data source, of all of its instances or of one."""
        instances = self.stage.instances(scene.module, block)
        certain = len(instances) == 1
        if rest and isinstance(rest[0], tuple):
            key, rest = rest[0][0], rest[1:]
            instances, certain = [each for each in instances if each.key == key], True
        elif keyed and len(instances) > 1:
            keys = frozenset(each.key for each in instances)
            if scene.key in keys and _selects(scene, keys):
                instances, certain = [each for each in instances if each.key == scene.key], True
        leads = [self._attribute(each, rest, scene, family) for each in instances]
        stated = within(scene.module, spelled((block, *rest))) + (f" in {scene.name}" if keyed else "")
        unseen = self.stage.unseen(scene.module, block)
        if unseen is not None and not (leads and certain):
            return Found(tuple(each for lead in leads for each in lead.candidates), unseen, stated_by=stated)
        if not leads:
            return Found(decides=True, stated_by=stated)
        if len(leads) == 1:
            return leads[0] if certain else _some(leads[0], rest)
        return _together(leads, stated, shared=True)

    def _attribute(self, resource: Resource, rest: tuple[Step, ...], scene: Scene, family: Family) -> Found:
        """Follow a mention of one instance, or of an attribute of it."""
        stated = spelled(rest, resource.address)
        attribute = rest[0] if rest and isinstance(rest[0], str) else None
        if resource.type in family.types and (attribute is None or attribute in family.identities):
            return self._itself(resource, attribute, family, stated)
        if attribute is not None and (resource.type, attribute) in family.aliases:
            suffix = family.aliases[resource.type, attribute]
            if suffix:
                alias = resource.address + suffix
                token = Managed(self._renamed.get(alias, alias))
                known = resource.text(attribute) is not None
                return Found((Candidate(token, certain=True, hidden=not known),), stated_by=stated)
        if attribute is None:
            attribute = family.lists.get(resource.type) if resource.data else None
            if attribute is None:
                return Found(decides=True, stated_by=stated)
            rest = (attribute,)
        if resource.type in family.through:
            rest = (family.through[resource.type],)
        return self._other(resource, rest, scene, family, stated)

    def _itself(self, resource: Resource, attribute: str | None, family: Family, stated: str) -> Found:
        name = attribute or "id"
        if resource.deferred and not family.made_of_data and resource.text(name) is None:
            token: Token = Symbol(Unknown(Why.DATA_SOURCE, resource.address, DECIDED_BY))
            return Found((Candidate(token, certain=True, hidden=True),), stated_by=stated)
        is_hidden = isinstance(resource.values.get(name, HIDDEN), Hidden)
        shown = resource.text(name) if resource.data else None
        token = Managed(resource.address) if shown is None else self.literal(shown, family, resource)
        return Found((Candidate(token, certain=True, hidden=is_hidden),), stated_by=stated)

    def _other(self, resource: Resource, rest: tuple[Step, ...], scene: Scene, family: Family, stated: str) -> Found:
        value = _at(resource.values, rest)
        if value is None and rest[0] not in resource.values:
            value = HIDDEN if resource.deferred else None
        if not isinstance(value, Hidden):
            return replace(self._literals(value, scene, family), stated_by=stated)
        if resource.deferred:
            return Found(rest=Unknown(Why.DATA_SOURCE, stated), stated_by=stated)
        name = str(rest[0])
        if self.references.expression(resource.path, resource.block, (name,)) is not None:
            return _some(self._found(resource, (name,), family), rest[1:])
        if name in ("id", "arn"):
            return Found(decides=True, stated_by=stated)
        return Found(rest=Unknown(Why.COMPUTED, stated), stated_by=stated)

    def _visible_in(self, module: str, family: Family) -> Found:
        """Collect everything of a family whose id an expression in a module instance can lead to."""
        key = (module, family.name)
        if key not in self._visible:
            self._visible[key] = Found(bounds=())
            leads = [*self._standing_in(module, family)]
            if module:
                parent, call, _ = module_parent(module)
                arguments = self.references.names(module_path(parent), f"module.{call}")
                leads.extend(self._variable(name, (), Scene(module), family) for name in arguments)
            self._visible[key] = _together(leads, module, shared=True)
        return self._visible[key]

    def _standing_in(self, module: str, family: Family) -> Iterable[Found]:
        kinds = (*family.types, *(type_ for type_, _ in family.aliases))
        for type_ in dict.fromkeys((*kinds, *(f"data.{kind}" for kind in (*kinds, *family.lists)))):
            for resource in self.stage.in_module(module, type_):
                if resource.type in family.types:
                    yield self._itself(resource, None, family, resource.address)
                elif resource.deferred:
                    yield Found(rest=Unknown(Why.DATA_SOURCE, resource.address))
                for (owner, attribute), suffix in family.aliases.items():
                    if resource.type == owner and suffix:
                        yield self._attribute(resource, (attribute,), Scene(module), family)
        for type_ in OPAQUE:
            for resource in self.stage.in_module(module, type_):
                yield Found(rest=Unknown(Why.COMPUTED, resource.address))
        for child in self._children.get(module, ()):
            yield from self._standing_in(child, family)


def value_at(values: Any, path: tuple[str | int, ...]) -> Any:
    """Give the value at a path, `HIDDEN` where it or what it stands in is, None where there is none.

    >>> value_at({"vpc_config": [{"subnet_ids": ["subnet-1"]}]}, ("vpc_config", 0, "subnet_ids"))
    ['subnet-1']
    """
    return _at(values, tuple(step if isinstance(step, str) else (step,) for step in path))


def _at(value: Any, steps: tuple[Step, ...]) -> Any:
    for step in steps:
        if isinstance(value, Hidden):
            return value
        key = step[0] if isinstance(step, tuple) else step
        if isinstance(value, dict):
            # In the JSON syntax, a block that is there once is an object.
            value = value.get(key) if isinstance(key, str) else value if key == 0 else None
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _spelled_path(path: tuple[str | int, ...]) -> str:
    return ".".join(str(step) for step in path if isinstance(step, str))


def _is_object(steps: tuple[Step, ...]) -> bool:
    return steps[0] in ("module", "var") or (steps[0] not in ("local", "each") and len(steps) == 2)


def _with_a_source(found: Found, fact: str) -> Found:
    """Admit that a hidden value comes from somewhere: if nothing that is mentioned is hidden, nobody sees where."""
    if found.rest is not None or any(each.hidden for each in found.candidates):
        return found
    return replace(found, rest=Unknown(Why.COMPUTED, fact), stated_by=fact)


def _may_be_index(expression: Expression, key: str, scene: Scene) -> bool:
    """Tell whether a key behind a mention can only be its index.

    A collection may as well be all the others (`if i != count.index`).
    """
    return expression.shape is Shape.LISTED or (
        expression.shape is Shape.UNSEEN and (scene.single or key == "each.key")
    )


def _selects(scene: Scene, keys: frozenset[Key]) -> bool:
    # `count.index` may be calculated with; the same numbers on both sides leave hardly anything but itself.
    return scene.keys == keys if isinstance(scene.key, int) else scene.keys <= keys


def _some(found: Found, rest: tuple[Step, ...]) -> Found:
    """Give what a part of a value leads to: some of what the whole does."""
    if not rest:
        return found
    single = len({each.token for each in found.candidates}) == 1 and found.rest is None
    candidates = found.candidates if single else tuple(replace(each, certain=False) for each in found.candidates)
    return replace(found, candidates=candidates, stated_by=spelled(rest, found.stated_by))


def _together(leads: list[Found], stated_by: str, *, shared: bool, shape: Shape = Shape.UNSEEN) -> Found:
    """Join what the mentions of one expression lead to; where one of them may decide, none is certain."""
    open_leads = [lead for lead in leads if lead.rest is not None]
    chooses = shared or (shape is not Shape.LISTED and (shape is not Shape.UNSEEN or _may_choose(leads)))
    candidates = tuple(replace(each, certain=False) if chooses else each for lead in leads for each in lead.candidates)
    rest = open_leads[0].rest if open_leads else None
    unbounded = any(not lead.bounds for lead in open_leads)
    bounds = () if unbounded else tuple(dict.fromkeys(bound for lead in open_leads for bound in lead.bounds))
    return Found(candidates, rest, bounds, decides=not candidates and rest is None, stated_by=stated_by)


def _may_choose(leads: list[Found]) -> bool:
    candidates = [each for lead in leads for each in lead.candidates]
    is_open = any(lead.decides or lead.rest is not None for lead in leads)
    is_open = is_open or not all(each.certain for each in candidates)
    return is_open or len({each.token for each in candidates}) < len(candidates)


def _stated(expression: Expression, mentions: tuple[str, ...], scene: Scene) -> str:
    text = within(scene.module, expression.text or " and ".join(mentions))
    own = any(mention.startswith(("each.", "count.")) for mention in mentions)
    return f"{text} in {scene.name}" if own else text


def _calls_of(stage: Stage) -> dict[tuple[str, str], frozenset[Key]]:
    """Collect the instances of each module call from the addresses of what stands in them."""
    calls: dict[tuple[str, str], set[Key]] = {}
    seen: set[str] = set()
    for resource in stage.by_address.values():
        module = resource.module
        while module and module not in seen:
            seen.add(module)
            parent, call, key = module_parent(module)
            calls.setdefault((parent, call), set()).add(key)
            module = parent
    return {call: frozenset(keys) for call, keys in calls.items()}


def _children_of(calls: dict[tuple[str, str], frozenset[Key]]) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for (parent, call), keys in calls.items():
        children.setdefault(parent, []).extend(within(parent, f"module.{call}{indexed(key)}") for key in keys)
    return children
