"""Policy documents: from JSON text, and from the data sources that make it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import DecodeError, json

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.identity import Managed
from eni_lint.model.policy import Condition, Document, Statement
from eni_lint.readers.terraform.families import DOCUMENT
from eni_lint.readers.terraform.links import DECIDED_BY, Linker, value_at
from eni_lint.readers.terraform.resources import Resource, fact
from eni_lint.readers.terraform.values import HIDDEN, IDENTITY, Hidden, blocks, texts


def document_at(linker: Linker, resource: Resource, *path: str | int) -> Document | Unknown:
    """Give the policy document that an attribute holds."""
    value = value_at(resource.values, path)
    name = ".".join(str(step) for step in path)
    if isinstance(value, str):
        found = parsed(value)
        return Unknown(Why.UNSUPPORTED, fact(resource, name)) if found is None else found
    if isinstance(value, Hidden):
        group = linker.one(resource, *path, family=DOCUMENT)
        if group.exact and len(group.sure) == 1 and isinstance(group.sure[0], Managed):
            data = linker.stage.by_address.get(group.sure[0].address)
            if data is not None:
                return document_of(data)
    unknown = Unknown(Why.COMPUTED, fact(resource, name), DECIDED_BY)
    told = linker.told_text(resource, *path)
    written = None if told is None else parsed(told, unknown)
    return unknown if written is None else written


def document_of(data: Resource) -> Document:
    """Give the document that an `aws_iam_policy_document` makes, as far as it is known."""
    text = data.text("json") or data.text("minified_json")
    whole = None if text is None else parsed(text)
    if whole is not None:
        return whole
    open_fact = Unknown(Why.COMPUTED, fact(data, "json"), DECIDED_BY)
    stated = blocks(data.values.get("statement"))
    own = Document(rest=open_fact) if isinstance(stated, Hidden) else Document(tuple(_statements(stated, data)))
    result = Document()
    for attribute in ("source_json", "source_policy_documents"):
        result = _joined([result, *_included(data, attribute, open_fact)])
    result = _joined([result, own])
    for attribute in ("override_json", "override_policy_documents"):
        result = _joined([result, *_included(data, attribute, open_fact)])
    return result


def _included(data: Resource, attribute: str, open_fact: Unknown) -> Iterator[Document]:
    values = texts(data.values.get(attribute))
    for text in [HIDDEN] if isinstance(values, Hidden) else values:
        found = None if isinstance(text, Hidden) else parsed(text)
        yield Document(rest=open_fact) if found is None else found


def _joined(documents: Iterable[Document]) -> Document:
    """Put documents together; a later statement takes the place of an earlier one with the same sid."""
    statements: list[Statement] = []
    rest: Unknown | None = None
    for document in documents:
        sids = {statement.sid for statement in document.statements if statement.sid}
        statements = [each for each in statements if each.sid not in sids]
        statements.extend(document.statements)
        rest = document.rest if rest is None else rest
    return Document(tuple(statements), rest)


def _statements(stated: list[dict[str, Any]], data: Resource) -> Iterator[Statement]:
    for block in stated:
        effect = block.get("effect")
        yield Statement(
            allows=effect is None or str(effect).lower() == "allow",
            actions=_elements(block, "actions", data),
            not_actions=_elements(block, "not_actions", data),
            resources=_elements(block, "resources", data),
            not_resources=_elements(block, "not_resources", data),
            conditions=tuple(_conditions(block, data)),
            principals=tuple(_principals(block, data)),
            sid=block["sid"] if isinstance(block.get("sid"), str) else "",
        )


def _elements(block: dict[str, Any], attribute: str, data: Resource) -> tuple[str | Unknown, ...]:
    values = texts(block.get(attribute))
    unknown = Unknown(Why.COMPUTED, fact(data, f"statement.{attribute}"), DECIDED_BY)
    if isinstance(values, Hidden):
        return (unknown,)
    return tuple(unknown if isinstance(each, Hidden) else each for each in values)


def _conditions(block: dict[str, Any], data: Resource) -> Iterator[Condition]:
    stated = blocks(block.get("condition"))
    if isinstance(stated, Hidden):
        unknown = Unknown(Why.COMPUTED, fact(data, "statement.condition"), DECIDED_BY)
        yield Condition("", "", (unknown,))
        return
    for each in stated:
        yield Condition(_word(each, "test"), _word(each, "variable"), _elements(each, "values", data))


def _principals(block: dict[str, Any], data: Resource) -> Iterator[str | Unknown]:
    stated = blocks(block.get("principals"))
    if isinstance(stated, Hidden):
        yield Unknown(Why.COMPUTED, fact(data, "statement.principals"), DECIDED_BY)
        return
    for each in stated:
        for identifier in _elements(each, "identifiers", data):
            kind = _word(each, "type")
            yield identifier if kind == "*" or isinstance(identifier, Unknown) else f"{kind}:{identifier}"


def _word(block: dict[str, Any], name: str) -> str:
    value = block.get(name)
    return value if isinstance(value, str) else ""


def parsed(text: str, unknown: Unknown | None = None) -> Document | None:
    """Read a policy document, None where the text is none; what holds an identity in it is unknown.

    >>> parsed('{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}').statements[0].actions
    ('s3:*',)
    """
    try:
        stated = json.decode(text)
    except (DecodeError, RecursionError):
        return None
    if not isinstance(stated, dict):
        return None
    listed = stated.get("Statement", [])
    statements = listed if isinstance(listed, list) else [listed]
    seen = [each for each in statements if isinstance(each, dict) and not _holds_identity(each.get("Effect"))]
    return Document(tuple(_statement(each, unknown) for each in seen), unknown if len(seen) < len(statements) else None)


def _holds_identity(value: Any) -> bool:
    return isinstance(value, str) and IDENTITY.search(value) is not None


def _statement(stated: dict[str, Any], unknown: Unknown | None) -> Statement:
    sid = stated.get("Sid")
    return Statement(
        allows=str(stated.get("Effect", "")).lower() == "allow",
        actions=_listed(stated.get("Action"), unknown),
        not_actions=_listed(stated.get("NotAction"), unknown),
        resources=_listed(stated.get("Resource"), unknown),
        not_resources=_listed(stated.get("NotResource"), unknown),
        conditions=tuple(_stated_conditions(stated.get("Condition"), unknown)),
        principals=tuple(_listed_principals(stated.get("Principal"), unknown)),
        sid=sid if isinstance(sid, str) else "",
    )


def _stated_conditions(operators: Any, unknown: Unknown | None) -> Iterator[Condition]:
    for operator, keys in operators.items() if isinstance(operators, dict) else [("", operators)]:
        for key, values in keys.items() if isinstance(keys, dict) else ():
            yield Condition(operator, key, _listed(values, unknown))
        if unknown is not None and _holds_identity(keys):
            yield Condition("", "", (unknown,))


def _listed(value: Any, unknown: Unknown | None) -> tuple[str | Unknown, ...]:
    found = texts(value)
    listed = () if isinstance(found, Hidden) else tuple(each for each in found if isinstance(each, str))
    return listed if unknown is None else tuple(unknown if IDENTITY.search(each) else each for each in listed)


def _listed_principals(value: Any, unknown: Unknown | None) -> Iterator[str | Unknown]:
    if isinstance(value, dict):
        for kind, identifiers in value.items():
            for each in _listed(identifiers, unknown):
                yield each if isinstance(each, Unknown) else f"{kind}:{each}"
    else:
        yield from _listed(value, unknown)
