"""What is generated is current, and says what the code does."""

from __future__ import annotations

import json

import cards
import jsonschema
import pytest
import schema
import yaml

from eni_lint.pack import LANGUAGES, card_from, shipped

CONFIGURATION = """
select: [NET, ENI001]
min-severity: info
fail-on: never
rules: {ENI002: {quota: 250, warn_ratio: 0.8}}
paths: [{path: legacy/*, ignore: [ROLE004]}]
suppress: [{rules: [NET], address: "*batch*", reason: by design}]
"""


def test_the_index_of_the_cards_is_current() -> None:
    assert cards.INDEX.read_bytes() == cards.index(), "stale: make accept"


def test_the_schema_of_the_configuration_is_current() -> None:
    assert schema.SCHEMA.read_bytes() == schema.schema(), "stale: make accept"


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (CONFIGURATION, True),
        ("ingore: [NET]", False),
        ("rules: {ENI002: {quoto: 1}}", False),
        ("min-severity: high", False),
        ("suppress: [{rules: [NET]}]", False),
    ],
)
def test_the_schema_accepts_what_the_reader_accepts(text: str, valid: bool) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema.schema()))

    assert validator.is_valid(yaml.safe_load(text)) is valid


@pytest.mark.parametrize("path", sorted((cards.ROOT / "rules").glob("*.yaml")), ids=lambda path: path.stem)
def test_card_check_and_fixtures_have_one_stem(path) -> None:
    card = card_from(path.stem, yaml.safe_load(path.read_text("utf-8")))

    assert path.stem.startswith(f"{card.id.lower()}_")
    assert (cards.ROOT / "eni_lint" / "checks" / f"{path.stem}.py").exists()
    assert (cards.ROOT / "fixtures" / path.stem).is_dir()
    assert card.references
    assert all(reference.startswith("https://") for reference in card.references)
    fixes = [card.fix, *(case.fix for case in card.cases.values() if case.fix is not None)]
    assert any(fix.text(language) for fix in fixes for language in LANGUAGES)


def test_ids_are_unique_and_precedence_names_rules_that_exist() -> None:
    ids = [card.id for card in shipped()]
    numbers = [card.cfnlint[1:] for card in shipped() if card.cfnlint]

    assert len(set(ids)) == len(ids)
    assert len(set(numbers)) == len(numbers)
    assert {weaker for card in shipped() for weaker in card.supersedes} <= set(ids)


def test_no_check_is_without_a_card() -> None:
    checks = {path.stem for path in (cards.ROOT / "eni_lint" / "checks").glob("*.py")} - {"__init__"}

    assert checks == {card.stem for card in shipped()}
