"""Cards: what each rule says, as data; and the index that finds its check by stem."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct, convert, field, json

from eni_lint.finding import Severity

SUBJECTS = {
    "attachable": "security group and subnet",
    "deployment": "root module or stack",
    "network": "VPC",
    "stated_role": "role",
}
LANGUAGES = ("terraform", "cloudformation", "sam", "cdk")


class CardFix(Struct, frozen=True, forbid_unknown_fields=True):
    """A remedy as the card states it: one action, and a patch per language with `@names@` to fill in."""

    summary: str
    terraform: str = ""
    cloudformation: str = ""
    sam: str = ""
    cdk: str = ""

    def text(self, language: str) -> str:
        """Give the patch in a language, or in CloudFormation where its cousins have none of their own."""
        own = {"terraform": self.terraform, "sam": self.sam, "cdk": self.cdk}.get(language, self.cloudformation)
        return own or ("" if language == "terraform" else self.cloudformation)


class CardCase(Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which a rule fires: its severity, and its own error and fix where they differ from the card's."""

    severity: str
    error: str = ""
    fix: CardFix | None = None

    @property
    def level(self) -> Severity:
        """Give the severity as a number."""
        return Severity[self.severity.upper()]


class Card(Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule says; its check is the module `eni_lint.checks.<stem>`."""

    id: str
    stem: str
    subject: str
    cases: dict[str, CardCase]
    summary: str
    why: str
    error: str
    fix: CardFix
    references: tuple[str, ...]
    default: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    supersedes: tuple[str, ...] = ()
    cfnlint: str = ""
    deprecated: str = ""

    @property
    def slug(self) -> str:
        """Give the rule's name in words joined by dashes.

        >>> from msgspec.structs import replace
        >>> replace(shipped()[0], stem="iam001_missing_interface_permission").slug
        'missing-interface-permission'
        """
        return self.stem.partition("_")[2].replace("_", "-")

    @property
    def about(self) -> str:
        """Name the kind of thing that the rule speaks about, in users' words."""
        return SUBJECTS.get(self.subject, self.subject)

    @property
    def severity(self) -> Severity:
        """Give the highest severity of the rule's cases."""
        return max(case.level for case in self.cases.values())


def card_from(stem: str, stated: dict[str, Any]) -> Card:
    """Make a card of what its YAML file states; raise `msgspec.ValidationError` where it is not one."""
    cases = {name: {"severity": c} if isinstance(c, str) else c for name, c in stated.get("cases", {}).items()}
    return convert({**stated, "stem": stem, "cases": cases}, Card)


@cache
def shipped() -> tuple[Card, ...]:
    """Give the cards that come with eni-lint, in the order of their ids.

    The index is made from `rules/*.yaml` by `make accept`; it is the same file in a checkout and in a wheel.
    """
    return json.decode((Path(__file__).parent / "data" / "cards.json").read_bytes(), type=tuple[Card, ...])


def card(name: str) -> Card | None:
    """Find a card by id, in either case, or by slug."""
    wanted = name.strip().lower()
    return next((c for c in shipped() if wanted in (c.id.lower(), c.slug, c.stem)), None)
