"""The parameters that a stack is deployed with, in each of the files that people keep them in."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import PurePath

import msgspec

from eni_lint.readers.cloudformation.decode import decode
from eni_lint.readers.cloudformation.tree import Tree, find, mapping, text, written
from eni_lint.readers.errors import ReadError


class ParameterSet(msgspec.Struct, frozen=True):
    """Parameters of one deployment, with what the file says besides; the label names the environment."""

    parameters: dict[str, str]
    label: str = ""
    stack_name: str = ""
    region: str = ""
    template: str = ""

    def joined(self, other: ParameterSet) -> ParameterSet:
        """Add the parameters of another file, which count where both say something.

        >>> ParameterSet({"A": "1"}).joined(ParameterSet({"A": "2"}, "prod")).parameters
        {'A': '2'}
        """
        return ParameterSet(
            {**self.parameters, **other.parameters},
            " and ".join(filter(None, (self.label, other.label))),
            other.stack_name or self.stack_name,
            other.region or self.region,
            other.template or self.template,
        )


def read_parameters(data: bytes, file: str = "") -> tuple[ParameterSet, ...]:
    """Read a parameters file; one that holds several environments gives as many sets.

    >>> read_parameters(b'[{"ParameterKey": "Stage", "ParameterValue": "prod"}]')[0].parameters
    {'Stage': 'prod'}
    """
    tree = _toml(data, file) if PurePath(file).suffix == ".toml" else decode(data, file).tree
    try:
        return tuple(_sets(tree))
    except ValueError as error:
        raise ReadError(str(error), file) from None


def _toml(data: bytes, file: str) -> Tree:
    import tomllib

    try:
        tree: Tree = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ReadError("not a text in UTF-8", file) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ReadError(f"not valid TOML: {error}", file) from None
    return tree


def _sets(tree: Tree) -> Iterator[ParameterSet]:
    environments = {label: body for label, body in mapping(tree).items() if _is_environment(body)}
    if environments:
        yield from (_environment(label, mapping(body)) for label, body in environments.items())
    elif "template-file-path" in mapping(tree):
        path = text(find(tree, "template-file-path"))
        yield ParameterSet(_parameters(find(tree, "parameters") or {}), template=path)
    elif isinstance(find(tree, "Parameters"), dict):
        yield ParameterSet(_parameters(find(tree, "Parameters")))
    else:
        yield ParameterSet(_parameters(tree))


# The configuration of SAM
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html


def _is_environment(body: Tree) -> bool:
    return any(isinstance(find(body, command, "parameters"), dict) for command in ("global", "deploy"))


def _environment(label: str, commands: dict[str, Tree]) -> ParameterSet:
    """One environment; what is set for all commands counts unless `deploy` says otherwise."""
    options = {
        name: value
        for command in ("global", "deploy")
        for name, value in mapping(find(commands.get(command), "parameters")).items()
    }
    return ParameterSet(
        _parameters(options.get("parameter_overrides", {})),
        label,
        text(options.get("stack_name")),
        text(options.get("region")),
        text(options.get("template_file", options.get("template"))),
    )


# Parameters in every shape


def _parameters(tree: Tree) -> dict[str, str]:
    match tree:
        case dict():
            return {name: _value(name, value) for name, value in tree.items()}
        case str():
            return dict(_assigned(word) for word in shlex.split(tree))
        case list():
            return dict(pair for item in tree for pair in _item(item))
        case _:
            raise ValueError("not a file of parameters: it holds neither names nor values")


def _item(item: Tree) -> Iterator[tuple[str, str]]:
    match item:
        case {"ParameterKey": str(name), "ParameterValue": value}:
            yield name, _value(name, value)
        case {"ParameterKey": str()}:
            pass  # UsePreviousValue: what is deployed stays, and this file does not tell what that is
        case str():
            yield _assigned(item)
        case _:
            raise ValueError("not a list of parameters: an entry has no ParameterKey, and is not written Key=Value")


def _assigned(word: str) -> tuple[str, str]:
    """A parameter written `Key=Value`, or in the longer form `ParameterKey=Key,ParameterValue=Value`."""
    if word.startswith("ParameterKey=") and ",ParameterValue=" in word:
        word = word.removeprefix("ParameterKey=").replace(",ParameterValue=", "=", 1)
    name, equals, value = word.partition("=")
    if not equals or not name:
        raise ValueError("not a list of parameters: an entry is not written Key=Value")
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return name, value[1:-1] if quoted else value


def _value(name: str, value: Tree) -> str:
    match value:
        case dict():
            raise ValueError(f"the parameter {name} holds a mapping, where CloudFormation takes a text")
        case list():
            return ",".join(_value(name, item) for item in value)
        case _:
            return written(value)
