"""The documentation builds without a warning, and its search finds what people look for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pages import SENTENCE
from snowballstemmer import stemmer

from eni_lint.pack import Card, shipped

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", str(folder)]
    run = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture(scope="module")
def index(site: Path) -> dict[str, Any]:
    script = (site / "searchindex.js").read_text("utf-8")
    return json.loads(script.removeprefix("Search.setIndex(").removesuffix(")"))


def found(index: dict[str, Any], *words: str) -> set[str]:
    """Look words up as the search page does: by their stems, in texts and titles, all of them in one page."""
    stem = stemmer("english").stemWord

    def pages(word: str) -> set[int]:
        hits = [index[terms].get(stem(word.lower()), []) for terms in ("terms", "titleterms")]
        return {page for hit in hits for page in (hit if isinstance(hit, list) else [hit])}

    return {index["docnames"][page] for page in set.intersection(*map(pages, words))}


def test_the_search_finds_a_nat_gateway_where_it_is_explained(index: dict[str, Any]) -> None:
    pages = found(index, "NAT", "gateway")

    assert {"guides/way-out", "rules/net004_broken_nat_chain"} <= pages
    assert "suppressing" not in pages


@pytest.mark.parametrize("card", shipped(), ids=lambda card: card.id)
def test_the_search_finds_every_rule(card: Card, index: dict[str, Any]) -> None:
    assert {f"rules/{card.stem}", "rules/index"} <= found(index, card.id)


def test_the_search_finds_nothing_where_there_is_nothing(index: dict[str, Any]) -> None:
    assert found(index, "kubernetes") == set()


def test_every_page_has_the_search_and_leads_to_every_part(site: Path) -> None:
    page = (site / "guides" / "roles.html").read_text("utf-8")

    assert 'action="../search.html"' in page
    for part in ("inputs", "ci", "suppressing", "python", "guides/interfaces", "guides/way-out", "rules/index"):
        assert f'href="{"" if part.startswith("guides/") else "../"}{part.removeprefix("guides/")}.html"' in page


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    pages = [page.read_text("utf-8") for page in site.rglob("*.html")]

    assert len(pages) > len(shipped())
    assert not [
        page for page in pages if 'src="http' in page or '<link rel="stylesheet" type="text/css" href="http' in page
    ]


def test_the_readme_points_to_files_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text("utf-8"))

    assert "docs/ci.md" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"], ids=lambda page: str(page.relative_to(ROOT))
)
def test_prose_has_one_sentence_per_line(page: Path) -> None:
    lines = page.read_text("utf-8").split("```")[::2]
    prose = [line for part in lines for line in part.splitlines() if line[:1].isalpha()]

    assert [line for line in prose if SENTENCE.search(line)] == []
