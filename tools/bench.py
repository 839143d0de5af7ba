"""Measure starts as ratios in one run; exit 1 when a bound is broken by half.

The floor is what importing the libraries costs. Set ENI_LINT_CHECKOV to a checkov command in an environment of its
own to see it beside eni-lint.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from folders import write_folder
from replicate import replicate, replicate_template

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "fixtures" / "demo" / "plan.json"
SOUND = ROOT / "fixtures" / "sound" / "base"
REPEATED = SOUND / "terraform" / "plan.json"
TEMPLATE = SOUND / "cloudformation" / "template.yaml"
FLOOR = [sys.executable, "-c", "import click, dataclasses, msgspec, yaml"]
SLACK = 1.5
# With bytecode, as an installed package has it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(*commands: list[str], runs: int = 9) -> list[float]:
    """Give the least wall time of each command; they take turns, so that a busy machine slows all of them alike."""
    times: list[list[float]] = [[] for _ in commands]
    for run in range(runs + 1):
        for command, own in zip(commands, times, strict=True):
            begun = time.perf_counter()
            subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            if run:  # the first warms the caches
                own.append(time.perf_counter() - begun)
    return [min(own) for own in times]


def small_plan(folder: Path) -> Path:
    """Copy the small plan away from its source, which would be read with it."""
    return Path(shutil.copy(SMALL, folder / "small.json"))


def large_plan(folder: Path, resources: int) -> Path:
    """Write a plan that repeats a sound stack until it has so many resources."""
    plan = json.loads(REPEATED.read_text("utf-8"))
    path = folder / "large.json"
    path.write_text(json.dumps(replicate(plan, resources // len(plan["resource_changes"]) + 1)), "utf-8")
    return path


def template(folder: Path, resources: int) -> Path:
    """Write a template that repeats a sound stack until it has so many resources."""
    path = folder / "template.yaml"
    path.write_text(replicate_template(TEMPLATE.read_text("utf-8"), resources), "utf-8")
    return path


def beside_checkov(lint: list[str], source: Path) -> bool:
    """Print what a folder of source costs, and tell whether it is more than half of what checkov takes."""
    [took] = seconds([*lint, str(source)], runs=1)
    print(f"folder (60 files, 360 functions): {took * 1000:.0f} ms")
    checkov = os.environ.get("ENI_LINT_CHECKOV")
    if not checkov:
        return False
    [other] = seconds(
        [*shlex.split(checkov), "-d", str(source), "--framework", "terraform", "--compact", "--quiet", "--soft-fail"],
        runs=1,
    )
    verdict = "" if took < other / 2 else "  BROKEN"
    print(f"  checkov: {other * 1000:.0f} ms, of which eni-lint takes {took / other:.2f} (bound 0.5){verdict}")
    return bool(verdict)


def main() -> int:
    """Print each measure beside its bound."""
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        small, large = small_plan(Path(folder)), large_plan(Path(folder), 1500)
        fifty = template(Path(folder), 50)
        lint = [sys.executable, "-m", "eni_lint", "--exit-zero"]
        print(f"floor: {shlex.join(FLOOR[1:])}")
        for name, path, bound in (
            (f"small plan ({small.stat().st_size // 1024} KB)", small, 2.0),
            ("template (50 resources)", fifty, 2.0),
            (f"large plan ({large.stat().st_size / 1e6:.1f} MB)", large, 6.0),
        ):
            floor, took = seconds(FLOOR, [*lint, str(path)])
            ratio = took / floor
            verdict = "" if ratio <= bound else "  OVER" if ratio <= bound * SLACK else "  BROKEN"
            broken += ratio > bound * SLACK
            took_and_floor = f"{took * 1000:.0f} / {floor * 1000:.0f} ms"
            print(f"{name}: {took_and_floor} = {ratio:.2f} × the floor (bound {bound:.0f} ×){verdict}")
            checkov = os.environ.get("ENI_LINT_CHECKOV")
            if checkov:
                [other] = seconds(
                    [*shlex.split(checkov), "-f", str(path), "--compact", "--quiet", "--soft-fail"], runs=1
                )
                print(f"  checkov: {other * 1000:.0f} ms = {other / took:.0f} × eni-lint")
        broken += beside_checkov(lint, write_folder(Path(folder) / "source"))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
