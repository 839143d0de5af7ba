"""The wheel holds everything, and a start imports nothing that it does not need."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLAN = ROOT / "fixtures" / "demo" / "plan.json"
HEAVY = (
    "cfnlint",
    "jsonschema",
    "hcl2",
    "tfparse",
    "boto3",
    "rich",
    "asyncio",
    "tomllib",
    "unittest",
    "xml",
    "zipfile",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_lints_from_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    site = next((environment / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(next(p for p in sys.path if p.endswith("site-packages")) + "\n", "utf-8")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)

    run = subprocess.run(
        [python, "-m", "eni_lint", "-f", "json", str(PLAN)], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert json.loads(run.stdout)["version"] == 1, run.stderr
    where = [python, "-c", "import eni_lint; print(eni_lint.__file__)"]
    assert str(site) in subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True).stdout


def test_the_wheel_and_the_checkout_agree(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    tracked = subprocess.run(["git", "ls-files", "eni_lint"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(tracked.stdout.split()) <= names


def test_linting_a_plan_without_source_imports_nothing_heavy(tmp_path: Path) -> None:
    plan = shutil.copy(PLAN, tmp_path / "plan.json")
    script = (
        "import sys\n"
        "from eni_lint.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )

    run = subprocess.run([sys.executable, "-c", script, str(plan)], capture_output=True, text=True, check=True)

    imported = {name.partition(".")[0] for name in run.stderr.split()}
    assert not imported & set(HEAVY)
