"""Policy documents: objects of a template, or JSON in a text."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import DecodeError, json

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.policy import Condition, Document, Statement
from eni_lint.readers.cloudformation import values
from eni_lint.readers.cloudformation.translate.families import SERVICES
from eni_lint.readers.cloudformation.translate.links import Linker, resources_in
from eni_lint.readers.cloudformation.translate.stage import Declared, value_at
from eni_lint.readers.cloudformation.tree import written
from eni_lint.readers.cloudformation.values import Value

# Principals are written with the suffix of the partition; that of services is the same in all of them.
_SUFFIX = ("${AWS::URLSuffix}", "amazonaws.com")


def document_at(linker: Linker, declared: Declared, *path: str) -> Document | Unknown:
    """Give the policy document that a property holds."""
    return document_of(linker, declared, declared.get(*path))


def document_of(linker: Linker, declared: Declared, value: Value) -> Document | Unknown:
    """Give the policy document that a value is."""
    match value:
        case values.Object(fields):
            return _document(linker, declared, fields.get("Statement", values.Absent()))
        case values.Known(str(text)):
            return _parsed(linker, declared, text)
        case values.Text() if linker.is_placed(value):
            return _parsed(linker, declared, linker.wording.text(value))
        case values.Absent():
            return Document()
        case _:
            return linker.noted(linker.wording.whole(value))


def _parsed(linker: Linker, declared: Declared, text: str) -> Document | Unknown:
    try:
        tree = json.decode(text)
    except (DecodeError, RecursionError):
        tree = None
    if not isinstance(tree, dict):
        return Unknown(Why.UNSUPPORTED, f"a policy of {declared.address}", address=declared.address)
    return document_of(linker, declared, linker.stage.resolver.resolve(declared.stack.name, tree))


def _document(linker: Linker, declared: Declared, stated: Value) -> Document:
    read = [_statement_of(linker, declared, each) for each in _flat(stated)]
    hidden = [each for each in read if isinstance(each, Unknown)]
    return Document(tuple(each for each in read if isinstance(each, Statement)), hidden[0] if hidden else None)


def _flat(stated: Value) -> Iterator[Value]:
    match stated:
        case values.Absent():
            pass
        case values.Items(items):
            for item in items:
                yield from _flat(item)
        case _:
            yield stated


def _statement_of(linker: Linker, declared: Declared, stated: Value) -> Statement | Unknown:
    """Give a statement; one that IAM would refuse says nothing."""
    if not isinstance(stated, values.Object):
        return linker.noted(linker.wording.whole(stated))
    effect = value_at(stated, "Effect")
    word = written(effect.value).lower() if isinstance(effect, values.Known) else ""
    statement = _statement(linker, stated.fields, allows=word == "allow")
    about = statement.resources or statement.not_resources or statement.principals or "NotPrincipal" in stated.fields
    if word in ("allow", "deny") and about:
        return statement
    return Unknown(Why.UNSUPPORTED, f"a statement of {declared.address}", "complete the statement", declared.address)


def _statement(linker: Linker, fields: dict[str, Value], *, allows: bool) -> Statement:
    def listed(name: str) -> tuple[str | Unknown, ...]:
        return tuple(_elements(linker, fields.get(name, values.Absent())))

    sid = fields.get("Sid")
    return Statement(
        allows=allows,
        actions=listed("Action"),
        not_actions=listed("NotAction"),
        resources=listed("Resource"),
        not_resources=listed("NotResource"),
        conditions=tuple(_conditions(linker, fields.get("Condition", values.Absent()))),
        principals=tuple(_principals(linker, fields.get("Principal", values.Absent()))),
        sid=written(sid.value) if isinstance(sid, values.Known) else "",
    )


def _elements(linker: Linker, value: Value) -> Iterator[str | Unknown]:
    match value:
        case values.Absent():
            pass
        case values.Items(items):
            for item in items:
                yield from _elements(linker, item)
        case _:
            yield _element(linker, value)


def _element(linker: Linker, value: Value) -> str | Unknown:
    """Give an action, resource or value as a pattern; `${…}` in it stands for anything, as in IAM."""
    match value:
        case values.Known(known):
            return written(known)
        case values.Resource():
            owner = linker.stage.at(value.stack, value.logical_id)
            return Unknown(Why.COMPUTED, linker.wording.text(value), address="" if owner is None else owner.address)
        case values.Text():
            named = [linker.stage.at(part.stack, part.logical_id) for part in resources_in(value)]
            things = [owner for owner in named if owner is not None and owner.kind in SERVICES]
            if things:
                return Unknown(Why.COMPUTED, linker.wording.text(value), address=things[0].address)
            return linker.wording.text(value) if _begins_known(value) else linker.wording.whole(value)
        case _:
            return linker.noted(linker.wording.whole(value))


def _begins_known(value: values.Text) -> bool:
    return isinstance(value.parts[0], values.Known) and written(value.parts[0].value).startswith("arn:")


def _conditions(linker: Linker, stated: Value) -> Iterator[Condition]:
    match stated:
        case values.Absent():
            pass
        case values.Object(operators):
            for operator, keys in operators.items():
                yield from _keys(linker, operator, keys)
        case _:
            yield Condition("", "", (linker.noted(linker.wording.whole(stated)),))


def _keys(linker: Linker, operator: str, keys: Value) -> Iterator[Condition]:
    match keys:
        case values.Object(fields):
            for key, value in fields.items():
                yield Condition(operator, key, tuple(_compared(linker, value)))
        case _:
            yield Condition(operator, "", (linker.noted(linker.wording.whole(keys)),))


def _compared(linker: Linker, value: Value) -> Iterator[str | Unknown]:
    for item in value.items if isinstance(value, values.Items) else (value,):
        if isinstance(item, values.Text):
            yield linker.wording.text(item)
        else:
            yield from _elements(linker, item)


def _principals(linker: Linker, stated: Value) -> Iterator[str | Unknown]:
    match stated:
        case values.Object(kinds):
            for kind, value in kinds.items():
                for name in _compared(linker, value):
                    yield name if isinstance(name, Unknown) else f"{kind}:{name.replace(*_SUFFIX)}"
        case values.Absent():
            pass
        case _:
            yield from _elements(linker, stated)
