"""Whatever stands in a template, an assembly or a change set: it is judged or refused, and nothing else happens."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from eni_lint.engine import judge
from eni_lint.readers.cloudformation.decode import decode
from eni_lint.readers.detect import read
from eni_lint.readers.options import Options
from eni_lint.settings import Settings

from .samples import FIXTURES, mutated, twisted

ROOT = FIXTURES.parent
CASES = sorted(ROOT.glob("*/*/cloudformation/*.yaml"))[::12] + sorted(ROOT.glob("*/*/sam/*.yaml"))[::8]
OWN = [path for path in sorted(FIXTURES.glob("*/*.yaml")) if path.parent.name != "parameters"]
WRITTEN = [path.read_bytes() for path in (*OWN, *CASES)]
TREES = [decode(text).tree for text in WRITTEN]
CHANGE_SETS = [decode(path.read_bytes()).tree for path in sorted(ROOT.glob("*/*/changeset/*.json"))]
SLOW = ("cfnlint", "jsonschema", "hcl2", "tfparse", "boto3", "samtranslator", "networkx", "dataclasses", "rich")


def lint(path: Path, options: Options | None = None) -> None:
    """Judge an input, and look for every place that a finding names."""
    judge(read([str(path)], options or Options()), Settings())


@settings(max_examples=120, deadline=None)
@given(mutated(WRITTEN))
def test_a_damaged_template_is_judged_or_refused(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "template.yaml")
        path.write_bytes(data)

        lint(path)


@settings(max_examples=200, deadline=None)
@given(twisted(TREES))
def test_a_misplaced_value_is_judged_or_refused(tree: object) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "template.json")
        path.write_text(json.dumps(tree))

        lint(path)


@settings(max_examples=80, deadline=None)
@given(twisted(TREES), twisted(TREES))
def test_any_two_templates_can_be_compared(old: object, new: object) -> None:
    with TemporaryDirectory() as folder:
        before, after = Path(folder, "before.json"), Path(folder, "template.json")
        before.write_text(json.dumps(old))
        after.write_text(json.dumps(new))

        lint(after, Options(before=str(before)))


@settings(max_examples=80, deadline=None)
@given(twisted(CHANGE_SETS))
def test_a_misplaced_value_in_a_change_set_is_judged_or_refused(tree: object) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "changes.json")
        path.write_text(json.dumps(tree))

        lint(path)


@settings(max_examples=40, deadline=None)
@given(twisted([decode((FIXTURES / "cdk/multi-stack/cdk.out/manifest.json").read_bytes()).tree]))
def test_a_misplaced_value_in_a_manifest_is_judged_or_refused(tree: object) -> None:
    with TemporaryDirectory() as folder:
        for template in (FIXTURES / "cdk/multi-stack/cdk.out").glob("*.template.json"):
            Path(folder, template.name).write_bytes(template.read_bytes())
        Path(folder, "manifest.json").write_text(json.dumps(tree))

        lint(Path(folder))


@pytest.mark.parametrize("kind", ["AWS::Lambda::Alias", "AWS::Lambda::Version"])
def test_what_stands_for_one_another_in_a_circle_is_open(tmp_path: Path, kind: str) -> None:
    circle = {
        "A": {"Type": kind, "Properties": {"FunctionName": {"Ref": "B"}}},
        "B": {"Type": kind, "Properties": {"FunctionName": {"Fn::Sub": "x${A}"}}},
        "Source": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "A"}}},
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps({"Resources": circle}))

    lint(path)


def test_a_run_on_a_template_imports_nothing_that_is_slow() -> None:
    program = f"""
import sys
from eni_lint.cli import cli
try:
    cli([{str(FIXTURES / "templates" / "network.yaml")!r}])
finally:
    print(*sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    loaded = {name.partition(".")[0] for name in run.stdout.splitlines()[-1].split()}
    assert "yaml" in loaded, run.stderr
    assert loaded.isdisjoint(SLOW)
