"""Where findings are shown, and how their paths are written."""

from __future__ import annotations

import pytest

from eni_lint.report.places import lead, repository_path, where
from eni_lint.report.view import View
from report.verdicts import GRANT, UNWRITTEN, finding

IN_A_FOLDER = View(root="/home/me/shop", here="/home/me/shop/live/prod")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("plan.json", "live/prod/plan.json"),
        ("./main.tf", "live/prod/main.tf"),
        ("../../modules/vpc/main.tf", "modules/vpc/main.tf"),
        ("/home/me/shop/live/plan.json", "live/plan.json"),
        ("/home/me/shop", "."),
        ("/home/me/shopping/plan.json", "home/me/shopping/plan.json"),
        ("/tmp/plan.json", "tmp/plan.json"),
        ("../../../other/plan.json", "other/plan.json"),
        ("-", "stdin"),
        ("", "stdin"),
    ],
)
def test_a_path_is_written_from_the_top_of_the_repository(given: str, written: str) -> None:
    assert repository_path(given, IN_A_FOLDER) == written


def test_a_path_without_a_repository_stays() -> None:
    assert repository_path("live/plan.json", View()) == "live/plan.json"


def test_the_first_place_that_is_written_stands_for_the_finding() -> None:
    assert lead(finding(places=(*UNWRITTEN, GRANT))) == GRANT
    assert lead(finding(places=UNWRITTEN)) == UNWRITTEN[0]


def test_a_finding_without_places_stands_at_its_input() -> None:
    assert where(finding(places=()), IN_A_FOLDER) == "live/prod/plan.json"
