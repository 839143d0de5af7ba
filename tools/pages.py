"""Write docs/rules/*.md and rules/README.md: what the cards and the cases say about each rule, as pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import unified_diff
from itertools import groupby
from pathlib import Path

from cards import cards
from cases import INPUTS, Fixture, fixtures
from msgspec import Struct

from eni_lint.pack import LANGUAGES, Card
from eni_lint.report.explain import PLACEHOLDER, fence_of

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "rules"
CATALOGUE = ROOT / "rules" / "README.md"
SOURCES = {"terraform": "main.tf", "cloudformation": "template.yaml", "sam": "template.yaml"}
HEADINGS = {"terraform": "Terraform", "cloudformation": "CloudFormation", "sam": "SAM", "cdk": "CDK"}
ADDRESS = re.compile(r"\baws_\w+\.\w+")
# Resources that only say something about another one: who names it shows them too.
ADDITION = re.compile(r"aws_(?:iam_role_policy\w*|route|route_table_association|\w+_rule)")
BLOCK = re.compile(r'^resource "(\w+)" "(\w+)" \{.*?^\}$', re.MULTILINE | re.DOTALL)
SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
MADE = "<!-- Made by `make accept` from rules/*.yaml and fixtures/; change those instead. -->"


class Family(Struct, frozen=True):
    """Rules about one risk: the letters of their ids, what goes wrong, and the guide that leads out of it."""

    prefix: str
    title: str
    guide: str


FAMILIES = (
    Family("ENI", "Network interfaces multiply", "interfaces"),
    Family("ROLE", "Execution roles die first", "roles"),
    Family("DEP", "Networks go before their functions do", "roles"),
    Family("NET", "No way out", "way-out"),
    Family("IAM", "No permission", "permissions"),
)


def family_of(card: Card) -> Family:
    """Give the family of a rule; a new prefix needs a line in `FAMILIES`."""
    return next(family for family in FAMILIES if card.id.rstrip("0123456789") == family.prefix)


def pages() -> dict[Path, str]:
    """Make every page: one per rule, their index, and the catalogue beside the cards."""
    known = sorted(cards(), key=lambda card: FAMILIES.index(family_of(card)))
    cases = fixtures()
    made = {PAGES / f"{card.stem}.md": page(card, cases) for card in known}
    made[PAGES / "index.md"] = index(known)
    made[CATALOGUE] = catalogue(known)
    return made


def page(card: Card, cases: list[Fixture]) -> str:
    """Make the page of one rule."""
    own = [case for case in cases if case.folder.parent.name == card.stem]
    return "\n".join([MADE, "", *_page(card, own)]) + "\n"


def _page(card: Card, cases: list[Fixture]) -> Iterator[str]:
    yield f"# {card.id} {card.slug}\n"
    yield from prose(card.summary)
    yield "\n## Why it matters\n"
    yield from prose(card.why)
    if card.error:
        yield "\n## What AWS says\n"
        yield f"```text\n{card.error}\n```"
    yield "\n## When it speaks\n"
    yield from _when(card)
    yield from _silences(cases)
    yield from _example(card, cases)
    yield "\n## How to fix it\n"
    yield from _fix(card)
    yield "\n## Options\n"
    yield from _options(card)
    yield "\n## How to suppress it\n"
    yield from _suppressing(card)
    yield "\n## References\n"
    yield f"- [From red build to fixed stack: {family_of(card).title.lower()}](../guides/{family_of(card).guide}.md)"
    yield from (f"- <{reference}>" for reference in card.references)


def _when(card: Card) -> Iterator[str]:
    yield f"It looks at every {card.about}, and speaks in these cases:\n"
    yield "| case | severity |\n| --- | --- |"
    yield from (f"| {name.replace('_', ' ')} | {case.severity} |" for name, case in card.cases.items())
    if card.deprecated:
        yield f"\nIt is withdrawn: {card.deprecated}."
    elif not card.default:
        yield f"\nIt is off unless you ask for it: `--select {card.id}`."
    if card.supersedes:
        yield f"\nWhere it speaks, it speaks for {', '.join(card.supersedes)} too."
    if card.cfnlint:
        yield f"\nIn cfn-lint it is called {card.cfnlint}."


def _silences(cases: list[Fixture]) -> Iterator[str]:
    for prefix, heading in (("good-", "It stays silent when"), ("unknown-", "It says undecided when")):
        shown = [case.expectation.shows for case in cases if case.folder.name.startswith(prefix)]
        if shown:
            yield f"\n{heading}:\n"
            yield from (f"- {one}" for one in dict.fromkeys(shown))


def example_of(card: Card, cases: list[Fixture]) -> Fixture | None:
    """Choose the bad case that shows a rule best: its worst, in the fewest lines."""

    def rank(case: Fixture) -> tuple[int, int, str]:
        own = [one for one in case.expectation.findings if one.rule in ("", card.id)]
        worst = max((card.cases[one.case].level for one in own), default=0)
        return -worst, len((case.home / SOURCES[case.dialect]).read_text("utf-8").splitlines()), case.name

    bad = [case for case in cases if case.folder.name.startswith("bad-") and case.dialect in SOURCES]
    return min(bad, key=rank, default=None)


def _example(card: Card, cases: list[Fixture]) -> Iterator[str]:
    case = example_of(card, cases)
    if case is None:
        return
    finding, summary = seen(card, case.out.read_text("utf-8"))
    yield "\n## An example\n"
    yield _sentence(case.expectation.shows) + "\n"
    yield from _source(case, finding)
    flags = "" if card.default else f" --select {card.id}"
    if finding.startswith("info"):
        flags += " --min-severity info"
    yield f"\n```console\n$ eni-lint{flags} {INPUTS[case.dialect]}"
    yield finding
    yield f"{summary}\n```"
    yield f"\nThe whole case is in `fixtures/{case.name}`."


def seen(card: Card, out: str) -> tuple[str, str]:
    """Give the first finding of a rule in an output, and the end of the output; `…` stands for what is left out."""
    shown = re.compile(rf"^\w+\[{card.id}\]: .*?^ += more: [^\n]+$", re.MULTILINE | re.DOTALL)
    earlier, finding, later = _parted(shown, out)
    rest, _, end = later.rstrip("\n").rpartition("\n\n")
    lines = end.splitlines()
    total = next(number for number, line in enumerate(lines) if re.match(r"\d+ (error|warning|info)", line))
    kept = "\n".join(lines[: total + 1] + ["…"] * (total + 1 < len(lines)))
    return ("…\n\n" if earlier else "") + finding, ("\n…\n\n" if rest else "\n") + kept


def _parted(shown: re.Pattern[str], out: str) -> tuple[str, str, str]:
    found = shown.search(out)
    if found is None:
        raise ValueError(f"no output matches {shown.pattern}")
    return out[: found.start()], found[0], out[found.end() :]


def _source(case: Fixture, finding: str) -> Iterator[str]:
    """Show what was written: the change where there is one, else the resources that the finding names."""
    path = case.home / SOURCES[case.dialect]
    before = case.home / "before" / path.name
    text = path.read_text("utf-8")
    if before.exists():
        lines = unified_diff(before.read_text("utf-8").splitlines(), text.splitlines(), n=2, lineterm="")
        yield "```diff"
        yield from ("…" if line.startswith("@@") else line for line in list(lines)[3:])
        yield "```"
        return
    if (case.home / "destroy").exists():
        yield "The plan is one of `terraform plan -destroy`.\n"
    yield f"```{fence_of(case.dialect)}"
    yield "\n\n".join(_blocks(text, finding.partition(" = fix:")[0])) or text.rstrip("\n")
    yield "```"


def _blocks(text: str, finding: str) -> Iterator[str]:
    """Give the resources of a source that a finding names, and what is said about them beside them."""
    named = set(ADDRESS.findall(finding))
    for found in BLOCK.finditer(text):
        says_of = ADDITION.fullmatch(found[1]) and named.intersection(ADDRESS.findall(found[0]))
        if f"{found[1]}.{found[2]}" in named or says_of:
            yield found[0]


def _fix(card: Card) -> Iterator[str]:
    yield _sentence(_named(card.fix.summary, "`"))
    for language in LANGUAGES:
        patch: str = getattr(card.fix, language)
        if patch:
            yield f"\n### {HEADINGS[language]}\n"
            yield f"```{fence_of(language)}\n{_named(patch).rstrip()}\n```"
    for name, case in card.cases.items():
        if case.fix is not None:
            yield f"\nIn the case _{name.replace('_', ' ')}_: {_named(case.fix.summary, '`')}."


def _named(text: str, quote: str = "") -> str:
    """Write the names that a finding fills in as `<names>`."""
    return PLACEHOLDER.sub(rf"{quote}<\1>{quote}", " ".join(text.split()) if quote else text)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _options(card: Card) -> Iterator[str]:
    if not card.options:
        yield "It has none."
        return
    yield "With the values that hold unless you say otherwise, in `.eni-lint.yaml`:\n"
    yield f"```yaml\nrules:\n  {card.id}:"
    yield from (f"    {name}: {value}" for name, value in card.options.items())
    yield "```"


def _suppressing(card: Card) -> Iterator[str]:
    yield "Write a comment with a reason above the resource, or see [Suppressing](../suppressing.md) for other ways:\n"
    yield f"```text\n# eni-lint: ignore[{card.id}] why this is fine here\n```"


def prose(text: str) -> Iterator[str]:
    """Give a text with one sentence per line.

    >>> list(prose("One. Two, e.g. this one."))
    ['One.', 'Two, e.g. this one.']
    """
    yield from SENTENCE.split(" ".join(text.split()))


def index(known: list[Card]) -> str:
    """Make the index of the pages."""
    words = [
        "# Rules\n",
        "Each rule has a page: what it finds, why it hurts, a real example and how to mend it.",
        "`eni-lint explain RULE` prints the same without a browser.",
        "A severity is the harm if it is true; the highest one of a rule's cases is shown here.\n",
        *_tables(known, "{stem}.md"),
        "```{toctree}\n:hidden:\n:glob:\n\n*\n```",
    ]
    return "\n".join([MADE, "", *words]) + "\n"


def catalogue(known: list[Card]) -> str:
    """Make the catalogue that GitHub shows beside the cards."""
    words = [
        "# The cards\n",
        "One card per rule says what the rule says; `eni_lint/checks/` decides, and `fixtures/` shows it.\n",
        *_tables(known, "../docs/rules/{stem}.md"),
    ]
    return "\n".join([MADE, "", *words])


def _tables(known: list[Card], link: str) -> Iterator[str]:
    for family, members in groupby(known, family_of):
        yield f"## {family.title}\n"
        yield "| rule | name | severity | |\n| --- | --- | --- | --- |"
        for card in members:
            severity = card.severity.word if card.default else f"{card.severity.word}, off"
            yield f"| [{card.id}]({link.format(stem=card.stem)}) | {card.slug} | {severity} | {card.summary} |"
        yield ""


def main() -> None:
    """Write the pages that are stale, and remove those of rules that are gone."""
    made = pages()
    for path in set(PAGES.glob("*.md")) - set(made):
        path.unlink()
        print(f"removed {path.relative_to(ROOT)}")
    for path, text in made.items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
