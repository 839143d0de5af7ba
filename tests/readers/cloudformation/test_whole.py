"""The reader as a whole: whatever is in a file, and nothing that makes the start slow."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings

from eni_lint.readers.cloudformation.decode import decode
from eni_lint.readers.cloudformation.resolve import ANY, Resolver
from eni_lint.readers.cloudformation.scenarios import scenarios, with_defaults
from eni_lint.readers.cloudformation.values import key_of
from eni_lint.readers.cloudformation.worlds import Settings, World, read_template

from .samples import FIXTURES, mutated, twisted

WRITTEN = [path.read_bytes() for path in sorted(FIXTURES.glob("*/*.yaml")) if path.parent.name != "parameters"]


def exercise(world: World) -> None:
    """Ask everything that a later layer may ask."""
    wanted = [(name, condition) for name, stack in world.stacks.items() for condition in stack.section("Conditions")]
    found = scenarios(world.stacks, wanted).scenarios
    for scenario in (ANY, with_defaults(world.stacks), *found[:3]):
        resolver = Resolver(world.stacks, scenario)
        for name, stack in world.stacks.items():
            for logical_id in stack.section("Resources"):
                assert key_of(resolver.property(name, logical_id)) is not None
                assert resolver.exists(name, logical_id)
                assert world.sources[name].locate(("Resources", logical_id, "Properties"))[1].line
            for output in stack.section("Outputs"):
                assert key_of(resolver.output(name, output)) is not None


def test_every_template_of_the_fixtures_is_read_without_a_remark() -> None:
    for path in sorted(FIXTURES.glob("*/*.yaml")):
        world = read_template(str(path), Settings(root=str(path.parent)))
        assert (path, world.errors, world.notes) == (path, (), ())
        exercise(world)


@settings(max_examples=150, deadline=None)
@given(mutated(WRITTEN))
def test_no_template_can_do_more_than_be_refused(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "template.yaml")
        path.write_bytes(data)

        exercise(read_template(str(path), Settings(root=folder)))


@settings(max_examples=150, deadline=None)
@given(twisted([decode(text).tree for text in WRITTEN]))
def test_no_misplaced_value_can_do_more_than_be_refused(tree: object) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "template.json")
        path.write_text(json.dumps(tree))

        exercise(read_template(str(path), Settings(root=folder)))


def test_reading_a_template_imports_nothing_that_is_slow() -> None:
    program = f"""
import sys
from eni_lint.readers.cloudformation.worlds import read_template
read_template({str(FIXTURES / "sam" / "roles.yaml")!r})
print(*sys.modules)
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"cfnlint", "samtranslator", "boto3", "jsonschema", "hcl2", "tfparse", "dataclasses", "tomllib"}
