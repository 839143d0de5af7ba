"""Intrinsic functions become values: known where the input tells them, with an identity where it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

import msgspec

from eni_lint.readers.cloudformation.conditions import all_of, evaluate
from eni_lint.readers.cloudformation.given import given_parameter, open_parameter, pseudo
from eni_lint.readers.cloudformation.stack import Stack
from eni_lint.readers.cloudformation.texts import MAX_PARTS, joined, literal, split
from eni_lint.readers.cloudformation.tree import Tree, find, function_of, mapping, text, written
from eni_lint.readers.cloudformation.values import (
    Absent,
    Items,
    Known,
    ListOf,
    Object,
    Reason,
    Resource,
    Text,
    Truth,
    Unknown,
    Value,
    key_of,
    same,
    truth,
    unknown,
)

# A hostile template can double a text at every step; a real one never comes near these.
MAX_DEPTH = 80
MAX_CIDRS = 256
# None of CloudFormation's own: a value that a change set leaves to the deployment, by what it is called.
UNTOLD = "Fn::Untold"

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")

# Attributes that are another name for what Ref returns.
_SAME_AS_REF = {
    ("AWS::EC2::InternetGateway", "InternetGatewayId"),
    ("AWS::EC2::NatGateway", "NatGatewayId"),
    ("AWS::EC2::NetworkAcl", "Id"),
    ("AWS::EC2::RouteTable", "RouteTableId"),
    ("AWS::EC2::SecurityGroup", "GroupId"),
    ("AWS::EC2::SecurityGroup", "Id"),
    ("AWS::EC2::Subnet", "SubnetId"),
    ("AWS::EC2::TransitGateway", "Id"),
    ("AWS::EC2::VPC", "VpcId"),
    ("AWS::EC2::VPCEndpoint", "Id"),
    ("AWS::IAM::ManagedPolicy", "PolicyArn"),
}
# Attributes that return what a property of the same name was given.
_SAME_AS_PROPERTY = {
    ("AWS::EC2::VPC", "CidrBlock"),
    ("AWS::EC2::Subnet", "AvailabilityZone"),
    ("AWS::EC2::Subnet", "CidrBlock"),
    ("AWS::EC2::Subnet", "VpcId"),
    ("AWS::SSM::Parameter", "Value"),
}


class Scenario(msgspec.Struct, frozen=True):
    """A case that is looked at: what its conditions answer and what its parameters are, by their keys."""

    label: str = ""
    conditions: dict[tuple[str, str], bool] = {}
    values: Mapping[str, Known | Unknown | Text] = {}


ANY = Scenario()


class Resolver:
    """Resolves the stacks of one world under one scenario, each parameter, output and condition at most once.

    Never fails: what is malformed, circular or too large resolves to an unknown that says so.
    """

    def __init__(self, stacks: Mapping[str, Stack], scenario: Scenario = ANY) -> None:
        self.stacks = stacks
        self.scenario = scenario
        self._values: dict[tuple[str, ...], Value] = {}
        self._answers: dict[tuple[str, str], Truth] = {}
        self._exports: dict[str, list[tuple[str, str]]] = {}
        self._depth = 0

    def resolve(self, stack: str, tree: Tree) -> Value:
        """The value of any part of a stack's template."""
        if self._depth >= MAX_DEPTH:
            return unknown(Reason.MALFORMED, f"{stack}/too deep: {_canonical(tree)}", "references nested too deeply")
        self._depth += 1
        value = self._resolve(self.stacks[stack], tree)
        self._depth -= 1
        return value

    def property(self, stack: str, logical_id: str, *path: str) -> Value:
        """The value at a path inside a resource's properties, or `Absent`."""
        tree: Tree = self.stacks[stack].resource(logical_id).get("Properties", {})
        steps = list(path)
        while steps and isinstance(tree, dict) and not function_of(tree)[0]:
            if steps[0] not in tree:
                return Absent()
            tree = tree[steps.pop(0)]
        value = self.resolve(stack, tree)
        for step in steps:
            value = value.fields.get(step, Absent()) if isinstance(value, Object) else value
        return value

    def condition(self, stack: str, name: str) -> Truth:
        """What a condition answers under the scenario."""
        if (stack, name) in self.scenario.conditions:
            return truth(self.scenario.conditions[stack, name])
        if (stack, name) not in self._answers:
            self._answers[stack, name] = Truth.MAYBE  # what a condition sees that depends on itself
            conditions = self.stacks[stack].section("Conditions")
            if name in conditions:
                self._answers[stack, name] = self._evaluate(stack, conditions[name])
        return self._answers[stack, name]

    def exists(self, stack: str, logical_id: str) -> Truth:
        """Whether a resource will be there: its condition, and those of the nested stacks that it is in."""
        name = self.stacks[stack].resource(logical_id).get("Condition")
        own = self.condition(stack, name) if isinstance(name, str) else Truth.TRUE
        parent = self.stacks[stack].parent
        holder = (
            next((key for key, child in self.stacks[parent].nested.items() if child == stack), "") if parent else ""
        )
        return all_of((own, self.exists(parent, holder))) if holder else own

    def output(self, stack: str, name: str) -> Value:
        """What an output of a stack returns."""
        declared = mapping(self.stacks[stack].section("Outputs").get(name))
        if not declared:
            return unknown(Reason.DANGLING, f"{stack}.Outputs.{name}", f"{stack}.Outputs.{name}")
        return self._once((stack, "Outputs", name), lambda: _plain(self.resolve(stack, declared.get("Value"))))

    def parameter(self, stack: str, name: str) -> Value:
        """What a parameter of a stack holds."""
        return self._once((stack, "Parameters", name), lambda: self._parameter(self.stacks[stack], name))

    def _once(self, key: tuple[str, ...], compute: Callable[[], Value]) -> Value:
        if key not in self._values:
            self._values[key] = unknown(Reason.MALFORMED, "/".join(key), "refers to itself")
            self._values[key] = compute()
        return self._values[key]

    def _evaluate(self, stack: str, tree: Tree) -> Truth:
        def equals(left: Tree, right: Tree) -> Truth:
            return same(self.resolve(stack, left), self.resolve(stack, right))

        if self._depth >= MAX_DEPTH:
            return Truth.MAYBE
        self._depth += 1
        answer = evaluate(
            tree, equals, lambda name: self.condition(stack, name), lambda part: self._evaluate(stack, part)
        )
        self._depth -= 1
        return answer

    def _resolve(self, stack: Stack, tree: Tree) -> Value:
        match tree:
            case str():
                return literal(stack, tree)
            case list():
                return Items(self._present(stack, tree))
            case dict():
                name, argument = function_of(tree)
                return self._call(stack, name, argument) if name else self._object(stack, tree)
            case _:
                return Known(tree)

    def _present(self, stack: Stack, trees: Iterable[Tree]) -> tuple[Value, ...]:
        values = [self.resolve(stack.name, tree) for tree in trees]
        return tuple(value for value in values if not isinstance(value, Absent))

    def _object(self, stack: Stack, tree: dict[str, Tree]) -> Value:
        fields = {name: self.resolve(stack.name, child) for name, child in tree.items()}
        return Object({name: value for name, value in fields.items() if not isinstance(value, Absent)})

    def _call(self, stack: Stack, name: str, argument: Tree) -> Value:
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](self, stack, argument)
        reason = Reason.MODULE if name == "Fn::Rain::Module" else Reason.MACRO
        if name in ("Fn::Base64", "Fn::ToJsonString"):
            reason = Reason.COMPUTED
        return unknown(reason, f"{stack.name}/{name}({_canonical(argument)})", name)

    # References

    def _ref(self, stack: Stack, argument: Tree) -> Value:
        name = self._name(stack, argument)
        if not name:
            return _malformed(stack, "Ref", argument)
        if name.startswith("AWS::"):
            value = pseudo(stack, name)
            return self.scenario.values.get(value.key, value) if isinstance(value, Unknown) else value
        if name in stack.section("Parameters"):
            return self.parameter(stack.name, name)
        return self._resource(stack, name, "")

    def _name(self, stack: Stack, tree: Tree) -> str:
        """A name that is written out, or that the language extensions let a function make; empty if it is not told."""
        value = Known(tree) if isinstance(tree, str) else self.resolve(stack.name, tree)
        return written(value.value) if isinstance(value, Known) else ""

    def _get_att(self, stack: Stack, argument: Tree) -> Value:
        match argument.split(".", 1) if isinstance(argument, str) else argument:
            case [first, second]:
                logical_id, attribute = self._name(stack, first), self._name(stack, second)
            case _:
                return _malformed(stack, "Fn::GetAtt", argument)
        if logical_id and attribute:
            return self._resource(stack, logical_id, attribute)
        return unknown(Reason.COMPUTED, f"{stack.name}/Fn::GetAtt({_canonical(argument)})", logical_id or "Fn::GetAtt")

    def _untold(self, stack: Stack, argument: Tree) -> Value:
        return unknown(Reason.COMPUTED, f"{stack.name}/{text(argument)}", text(argument))

    def _resource(self, stack: Stack, logical_id: str, attribute: str) -> Value:
        kind = text(stack.resource(logical_id).get("Type"))
        address = f"{stack.name}/{logical_id}" + (f".{attribute}" if attribute else "")
        if not kind:
            reason = Reason.MACRO if stack.opaque else Reason.DANGLING
            return Unknown(reason, address, logical_id)
        if kind.endswith("::MODULE") or "::" not in kind:
            return unknown(Reason.MODULE, address, logical_id)
        if attribute.startswith("Outputs.") and kind in ("AWS::CloudFormation::Stack", "AWS::Serverless::Application"):
            return self._nested_output(stack, logical_id, attribute.removeprefix("Outputs."))
        if (kind, attribute) in _SAME_AS_PROPERTY:
            written_out = self._property(stack, logical_id, attribute)
            return Resource(stack.name, logical_id, attribute) if isinstance(written_out, Absent) else written_out
        return Resource(stack.name, logical_id, "" if (kind, attribute) in _SAME_AS_REF else attribute)

    def _property(self, stack: Stack, logical_id: str, name: str) -> Value:
        properties = mapping(stack.resource(logical_id).get("Properties"))
        if name not in properties:
            return Absent()
        return self._once((stack.name, logical_id, name), lambda: _plain(self.resolve(stack.name, properties[name])))

    def _nested_output(self, stack: Stack, logical_id: str, name: str) -> Value:
        if logical_id in stack.nested:
            return self.output(stack.nested[logical_id], name)
        address = f"{logical_id}.Outputs.{name}"
        return unknown(Reason.NESTED_OUTPUT, f"{stack.name}/{address}", address)

    def _import(self, stack: Stack, argument: Tree) -> Value:
        name = key_of(self.resolve(stack.name, argument))
        match self._export(stack.environment.key, name):
            case [(exporter, output)]:
                return self.output(exporter, output)
            case _:  # nobody exports it here, or two stacks do
                return unknown(Reason.IMPORT, f"{stack.environment.key}/import:{name}", name)

    def _export(self, environment: str, name: str) -> list[tuple[str, str]]:
        """The outputs that are exported under a name in an environment."""
        if not self._exports:
            self._exports[""] = []  # what an export sees whose name is an import
            for stack in self.stacks.values():
                for output, declared in stack.section("Outputs").items():
                    key = key_of(self.resolve(stack.name, find(declared, "Export", "Name")))
                    self._exports.setdefault(f"{stack.environment.key}/{key}", []).append((stack.name, output))
        return self._exports.get(f"{environment}/{name}", [])

    # Parameters

    def _parameter(self, stack: Stack, name: str) -> Value:
        declared, key = mapping(stack.section("Parameters").get(name)), f"{stack.name}/{name}"
        if name in stack.parameters:
            value = literal(stack, stack.parameters[name])
        elif name in stack.arguments:
            value = _plain(self.resolve(stack.parent, stack.arguments[name]))
        elif key in self.scenario.values:
            value = self.scenario.values[key]
        else:
            return open_parameter(key, name, declared)
        return given_parameter(stack, declared, value)

    # Texts

    def _sub(self, stack: Stack, argument: Tree) -> Value:
        template, names = (argument, {}) if isinstance(argument, str) else _pair(argument)
        if not isinstance(template, str):
            return _malformed(stack, "Fn::Sub", argument)
        parts: list[Value] = []
        end = 0
        for found in islice(_PLACEHOLDER.finditer(template), MAX_PARTS):
            parts += [Known(template[end : found.start()]), self._placeholder(stack, found[1].strip(), mapping(names))]
            end = found.end()
        return joined(stack, [*parts, Known(template[end:])])

    def _placeholder(self, stack: Stack, name: str, names: dict[str, Tree]) -> Value:
        if name.startswith("!"):
            return Known(f"${{{name[1:]}}}")
        if name in names:
            return self.resolve(stack.name, names[name])
        return self._get_att(stack, name) if "." in name else self._ref(stack, name)

    def _join(self, stack: Stack, argument: Tree) -> Value:
        match argument:
            case [str(delimiter), parts]:
                values = self.resolve(stack.name, parts)
            case _:
                return _malformed(stack, "Fn::Join", argument)
        match values:
            case Items(items):
                between = [part for item in items for part in (Known(delimiter), item)]
                return joined(stack, between[1:])
            case ListOf(of):
                return unknown(of.reason, f"join({delimiter!r},{of.key})", of.detail)
            case Unknown() as of:
                return unknown(of.reason, f"join({delimiter!r},{of.key})", of.detail)
            case _:
                return _malformed(stack, "Fn::Join", argument)

    def _split(self, stack: Stack, argument: Tree) -> Value:
        match argument:
            case [str(delimiter), source] if delimiter:
                return split(self.resolve(stack.name, source), delimiter)
            case _:
                return _malformed(stack, "Fn::Split", argument)

    # Lists and mappings

    def _select(self, stack: Stack, argument: Tree) -> Value:
        match argument:
            case [index_tree, list_tree]:
                index, values = self.resolve(stack.name, index_tree), self.resolve(stack.name, list_tree)
            case _:
                return _malformed(stack, "Fn::Select", argument)
        position = key_of(index)
        match values:
            case Items(items) if position.isdecimal() and len(position) < 6 and int(position) < len(items):
                return items[int(position)]
            case ListOf(of) | (Unknown() as of):
                return Unknown(of.reason, f"{of.key}[{position}]", of.detail)
            case Items() if not isinstance(index, Known):
                return unknown(Reason.COMPUTED, f"{key_of(values)}[{position}]", "Fn::Select")
            case _:
                return _malformed(stack, "Fn::Select", argument)

    def _find_in_map(self, stack: Stack, argument: Tree) -> Value:
        match argument:
            case [*steps] if len(steps) in (3, 4):
                path = [self.resolve(stack.name, step) for step in steps[:3]]
            case _:
                return _malformed(stack, "Fn::FindInMap", argument)
        open_steps = [step for step in path if not isinstance(step, Known)]
        name = f"map({', '.join(map(key_of, path))})"
        if open_steps:
            step = open_steps[0]
            reason, detail = (step.reason, step.detail) if isinstance(step, Unknown) else (Reason.COMPUTED, name)
            return unknown(reason, f"{stack.name}/{name}", detail)
        found = find(stack.section("Mappings"), *map(key_of, path))
        if found is not None:
            return self.resolve(stack.name, found)
        default = mapping(steps[3] if len(steps) == 4 else None)
        if "DefaultValue" in default:
            return self.resolve(stack.name, default["DefaultValue"])
        return unknown(Reason.DANGLING, f"{stack.name}/{name}", name)

    def _length(self, stack: Stack, argument: Tree) -> Value:
        match self.resolve(stack.name, argument):
            case Items(items):
                return Known(len(items))
            case value:
                return unknown(Reason.COMPUTED, f"length({key_of(value)})", "Fn::Length")

    def _azs(self, stack: Stack, argument: Tree) -> Value:
        region = self._ref(stack, "AWS::Region") if argument in ("", [], None) else self.resolve(stack.name, argument)
        return ListOf(unknown(Reason.OPAQUE_LIST, f"zones({stack.environment.key},{key_of(region)})", "Fn::GetAZs"))

    def _cidr(self, stack: Stack, argument: Tree) -> Value:
        match self.resolve(stack.name, argument):
            case Items((block, count, *bits)):
                return _cidrs(block, count, bits[0] if bits else Known(8))
            case _:
                return _malformed(stack, "Fn::Cidr", argument)

    # Conditions

    def _if(self, stack: Stack, argument: Tree) -> Value:
        match argument:
            case [str(name), yes, no]:
                answer = self.condition(stack.name, name)
            case [test, yes, no]:
                name, answer = _canonical(test), self._evaluate(stack.name, test)
            case _:
                return _malformed(stack, "Fn::If", argument)
        match answer:
            case Truth.TRUE:
                return self.resolve(stack.name, yes)
            case Truth.FALSE:
                return self.resolve(stack.name, no)
            case Truth.MAYBE:
                then, otherwise = self.resolve(stack.name, yes), self.resolve(stack.name, no)
        if key_of(then) == key_of(otherwise):
            return then
        return unknown(Reason.IF, f"{stack.name}/if({name},{key_of(then)},{key_of(otherwise)})", name)


_FUNCTIONS: dict[str, Callable[[Resolver, Stack, Tree], Value]] = {
    "Ref": Resolver._ref,
    "Fn::GetAtt": Resolver._get_att,
    "Fn::ImportValue": Resolver._import,
    "Fn::Sub": Resolver._sub,
    "Fn::Join": Resolver._join,
    "Fn::Split": Resolver._split,
    "Fn::Select": Resolver._select,
    "Fn::FindInMap": Resolver._find_in_map,
    "Fn::If": Resolver._if,
    "Fn::Length": Resolver._length,
    "Fn::GetAZs": Resolver._azs,
    "Fn::Cidr": Resolver._cidr,
    UNTOLD: Resolver._untold,
}


def _plain(value: Value) -> Value:
    """What can cross from one stack to another: a text, or a list of texts."""
    match value:
        case Items(items) if not any(isinstance(item, Items | ListOf | Object) for item in items):
            return value
        case Items() | Object() | Absent():
            return unknown(Reason.MALFORMED, f"not a text: {key_of(value)}", "not a text")
        case Known() | Resource() | Unknown() | Text() | ListOf():
            return value


def _cidrs(block: Value, count: Value, bits: Value) -> Value:
    key = f"cidr({', '.join(map(key_of, (block, count, bits)))})"
    number = key_of(count)
    if not number.isdecimal() or not len(number) < 4 or not int(number) <= MAX_CIDRS:
        return ListOf(unknown(Reason.COMPUTED, key, "Fn::Cidr"))
    known = _known_cidrs(key_of(block), int(number), key_of(bits))
    return Items(
        known or tuple(unknown(Reason.COMPUTED, f"{key}[{index}]", "Fn::Cidr") for index in range(int(number)))
    )


def _known_cidrs(block: str, count: int, bits: str) -> tuple[Known, ...]:
    from ipaddress import ip_network

    try:
        network = ip_network(block)
        smaller = network.subnets(new_prefix=network.max_prefixlen - int(bits))
        return tuple(Known(str(subnet)) for subnet in islice(smaller, count))
    except ValueError:
        return ()


def _pair(argument: Tree) -> tuple[Tree, Tree]:
    return (argument[0], argument[1]) if isinstance(argument, list) and len(argument) == 2 else (None, None)


def _canonical(tree: Tree) -> str:
    import json

    return json.dumps(tree, sort_keys=True)


def _malformed(stack: Stack, function: str, argument: Tree) -> Unknown:
    return unknown(Reason.MALFORMED, f"{stack.name}/{function}({_canonical(argument)})", function)
