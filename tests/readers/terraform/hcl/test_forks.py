"""Work that is shared with other processes is what it is without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eni_lint.readers.terraform.families import TYPES
from eni_lint.readers.terraform.hcl.forks import SHARE, can_fork, spread
from eni_lint.readers.terraform.hcl.modules import Disk, tree_of

alone = pytest.mark.skipif(not can_fork(), reason="this process cannot be copied")


@alone
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_results_have_the_order_of_the_items(processes: int) -> None:
    items = range(3 * SHARE + 2)

    results = spread(lambda item: (item, os.getpid()), items, processes)

    assert [item for item, _ in results] == list(items)
    assert len({process for _, process in results}) == processes


@alone
def test_few_items_are_worth_no_process() -> None:
    assert set(spread(lambda _: os.getpid(), range(2 * SHARE - 1), 2)) == {os.getpid()}


@alone
def test_what_another_process_cannot_deliver_is_done_here() -> None:
    here = os.getpid()

    def work(item: int) -> int:
        if os.getpid() != here:
            os._exit(9)
        return item

    assert spread(work, range(2 * SHARE), 2) == list(range(2 * SHARE))


@alone
def test_a_folder_of_many_files_is_read_the_same_in_several_processes(tmp_path: Path) -> None:
    for number in range(2 * SHARE):
        (tmp_path / f"{number:02}.tf").write_text(f'resource "aws_subnet" "s{number}" {{\n  vpc_id = var.v\n}}\n')
    for number in (7, 8):
        (tmp_path / f"{number:02}.tf").write_text('resource "aws_subnet" "bad" {\n  vpc_id = = 1\n}\n')

    one, two = (tree_of(Disk(tmp_path), str(tmp_path), TYPES, processes) for processes in (1, 2))

    assert one.modules == two.modules
    places = [[(error.file, error.line, error.column, error.message) for error in tree.errors] for tree in (one, two)]
    assert places[0] == places[1]
    assert [(Path(file).name, line, column) for file, line, column, _ in places[0]] == [
        ("07.tf", 2, 12),
        ("08.tf", 2, 12),
    ]
