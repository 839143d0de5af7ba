#!/usr/bin/env python3
"""Make the plan JSON of the fixtures with Terraform itself, against a local stand-in for the AWS API.

Every folder named `terraform` below `fixtures/` that holds a `main.tf`, and the demo, gets a `plan.json` beside it:

    main.tf              what is planned
    terraform.tfvars     optional: values of its variables
    modules/…            optional: local modules of main.tf and of before/main.tf
    elsewhere/main.tf    optional: what others own; applied first, with a state of its own
    before/main.tf       optional: applied before main.tf is planned over its state
    destroy              optional, empty: plan the destruction of what was applied
    tfplan               optional: the saved plan, kept as it is made, with the times and ids of its plan.json
    plan.json            the output of `terraform show -json`
    plan.sum             the checksum of the sources that plan.json was made from

The provider block, credentials, endpoint and the zip of the functions' code exist only in a temporary copy.
Needs `terraform` and `moto_server` on the PATH, and a source of the AWS provider: the registry, the user's own
CLI configuration, or a folder given with `--mirror`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
DEMO = FIXTURES / "demo"
PORT = 5566
CODE = "code.zip"

PROVIDER = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
"""
REGION = """\
provider "aws" {
  region = "us-east-1"
}
"""
DEFAULT_PROVIDER = re.compile(r'^provider "aws" \{(?![^}]*\balias\b)', re.MULTILINE)

# The stand-in tells this VPC for every function, whatever its subnets are.
SOME_VPC = "vpc-123abc"
# Terraform prints these sets in the order of what hides behind the ids.
SETS = ("security_group_ids", "security_groups", "subnet_ids")
MOMENT = "2026-01-01T00:00:00Z"
TIME = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
DRAWN = re.compile(
    r"\b(?P<kind>[a-z]+-)[0-9a-f]{17}\b"
    r"|\b(?P<uuid>[0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b(?P<prefix>20)\d{16}[0-9a-f]{8}\b"
    r"|\b(?P<unique>A[A-Z]{3})[A-Z0-9]{17}\b"
)


class PlanError(Exception):
    """Say why no plan could be made of one case."""


def main() -> int:
    """Make the plans that are missing or stale, and say which."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = parse_arguments()
    cases = [options.truth] if options.truth else list(find_cases(options.paths or [FIXTURES, DEMO]))
    if not (options.all or options.truth):
        cases = [case for case in cases if is_stale(case)]
    if not cases:
        print("every plan is made from its sources as they are")
        return 0

    ports: SimpleQueue[int] = SimpleQueue()
    workers = min(options.jobs, len(cases))
    with tempfile.TemporaryDirectory(prefix="plans-") as scratch, aws_stand_ins(options.port, workers):
        for number in range(workers):
            ports.put(options.port + number)
        shop = Path(scratch)
        install_provider(shop, options.mirror)

        def attempt(group: list[Path]) -> bool:
            port = ports.get()
            try:
                return make_alike(group, Terraform(shop, port), port, with_truth=options.truth is not None)
            finally:
                ports.put(port)

        with ThreadPoolExecutor(workers) as pool:
            results = list(pool.map(attempt, alike(cases)))
    return 0 if all(results) else 1


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="only cases at or below these folders")
    parser.add_argument("--all", action="store_true", help="also make the plans that are up to date")
    parser.add_argument("--mirror", type=Path, help="a folder of providers, instead of the CLI configuration")
    parser.add_argument("--port", type=int, default=PORT, help="the first port for the stand-in of AWS")
    parser.add_argument("--jobs", type=int, default=1, help="cases at a time, each with a port of its own")
    parser.add_argument(
        "--truth", type=Path, metavar="DIR", help="plan DIR/main.tf, keep its tfplan, apply it, write truth.json"
    )
    return parser.parse_args()


def find_cases(paths: list[Path]) -> Iterator[Path]:
    """Yield the paths that hold a main.tf themselves, and every `terraform` folder with one at or below the others."""
    for path in paths:
        if not path.exists():
            raise SystemExit(f"{path}: there is no such folder")
        if (path / "main.tf").exists():
            yield path.resolve()
            continue
        for source in sorted(path.resolve().rglob("main.tf")):
            if source.parent.name == "terraform":
                yield source.parent


def shown(case: Path) -> str:
    """Name a case as a user would, from where the command was started."""
    return os.path.relpath(case)


def sources_of(case: Path) -> str:
    """Join all that the sources of a case say."""
    return "\n".join(path.read_text() for pattern in ("*.tf", "*.tfvars") for path in sorted(case.rglob(pattern)))


def checksum(case: Path) -> str:
    """Digest what a plan is made from: the sources of the case and the provider block of this script."""
    digest = hashlib.sha256((PROVIDER + REGION).encode())
    for path in sorted(case.rglob("*")):
        if path.suffix in {".tf", ".tfvars"} or path.name == "destroy":
            digest.update(path.relative_to(case).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_stale(case: Path) -> bool:
    """Tell whether the plan of a case is missing or was made from other sources."""
    recorded = case / "plan.sum"
    if not ((case / "plan.json").exists() and recorded.exists()):
        return True
    return recorded.read_text().strip() != checksum(case)


@contextmanager
def aws_stand_ins(first: int, count: int) -> Iterator[None]:
    """Run one stand-in for the AWS API per worker, on neighbouring ports, and stop them in the end."""
    environment = os.environ | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
    command = ["moto_server", "-H", "127.0.0.1", "-p"]
    servers: list[subprocess.Popen[bytes]] = []
    try:
        for port in range(first, first + count):
            if answers(port):
                raise SystemExit(f"port {port} is taken; give another one with --port")
            servers.append(
                subprocess.Popen(
                    [*command, str(port)],
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        for port, server in zip(range(first, first + count), servers, strict=True):
            await_answer(port, server)
        yield
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait()


def answers(port: int) -> bool:
    """Tell whether a stand-in for AWS answers on this port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=5):
            return True
    except (urllib.error.URLError, TimeoutError):
        return False


def await_answer(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server that was just started answers."""
    deadline = time.monotonic() + 60
    while not answers(port):
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"moto_server does not answer on port {port}")
        time.sleep(0.2)


def empty(port: int) -> None:
    """Let the stand-in forget everything."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request, timeout=60):
        pass


def install_provider(shop: Path, mirror: Path | None) -> None:
    """Install the provider once, and let every later command use it in place.

    An override spares each command an `init` and the checksum of a provider of several hundred megabytes.
    """
    environment = dict(os.environ)
    configuration = shop / "cli.tfrc"
    if mirror is not None:
        folder = json.dumps(str(mirror.resolve()))
        configuration.write_text(f"provider_installation {{\n  filesystem_mirror {{\n    path = {folder}\n  }}\n}}\n")
        environment["TF_CLI_CONFIG_FILE"] = str(configuration)
    (shop / "provider.tf").write_text(PROVIDER)
    run(["terraform", "init", "-no-color", "-input=false"], shop, environment)
    (package,) = (shop / ".terraform/providers").glob("*/hashicorp/aws/*/*")
    folder = json.dumps(str(package.resolve()))
    configuration.write_text(
        f'provider_installation {{\n  dev_overrides {{\n    "hashicorp/aws" = {folder}\n  }}\n  direct {{}}\n}}\n'
    )


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """Run a command in a folder and return what it prints."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PlanError(f"{' '.join(command[:2])} failed\n{done.stdout}{done.stderr}")
    return done.stdout


def alike(cases: list[Path]) -> list[list[Path]]:
    """Put the cases together that are planned over one and the same ground, which then is laid once."""
    groups: dict[str, list[Path]] = {}
    for case in cases:
        groups.setdefault(ground_of(case), []).append(case)
    return list(groups.values())


def ground_of(case: Path) -> str:
    """Digest all that is applied before a case is planned; cases that need nothing have nothing in common."""
    stages = [case / "elsewhere", first_stage(case)]
    paths = [path for stage in stages if stage.is_dir() for path in sorted(stage.glob("*.tf*"))]
    if not paths:
        return str(case)
    paths += sorted((case / "modules").rglob("*.tf"))
    return "".join(f"{path.parent.name}/{path.name}\0{path.read_text()}\0" for path in paths)


def first_stage(case: Path) -> Path:
    """Name the folder that is applied before the plan: `before`, or the case itself where it is only destroyed."""
    return case if (case / "destroy").exists() and not (case / "before").is_dir() else case / "before"


def make_alike(cases: list[Path], terraform: Terraform, port: int, *, with_truth: bool) -> bool:
    """Make the plans of cases that stand on one ground, and tell whether all could be made."""
    empty(port)
    failed = False
    with tempfile.TemporaryDirectory(dir=terraform.shop) as folder:
        ground = Path(folder)
        try:
            lay_ground(cases[0], ground, terraform)
        except PlanError as error:
            print(f"{shown(cases[0])}: {error}", file=sys.stderr, flush=True)
            return False
        for case in cases:
            try:
                make(case, ground / "work" / "terraform.tfstate", terraform, with_truth=with_truth)
                print(shown(case), flush=True)
            except PlanError as error:
                print(f"{shown(case)}: {error}", file=sys.stderr, flush=True)
                failed = True
    return not failed


def lay_ground(case: Path, ground: Path, terraform: Terraform) -> None:
    """Apply what others own, and what the case is planned over."""
    for sources, name in ((case / "elsewhere", "elsewhere"), (first_stage(case), "work")):
        if sources.is_dir():
            (ground / name).mkdir()
            lay_out(sources, case, ground / name)
            terraform.apply(ground / name)


def make(case: Path, state: Path, terraform: Terraform, *, with_truth: bool) -> None:
    """Write the plan of one case beside its sources, made over a state if there is one."""
    with tempfile.TemporaryDirectory(dir=terraform.shop) as folder:
        work = Path(folder)
        if state.exists():
            shutil.copy(state, work)
        destroys = (case / "destroy").exists()
        lay_out(first_stage(case) if destroys else case, case, work)
        terraform.plan(work, *(["-destroy"] if destroys else []))
        plan = terraform.run(work, "show", "-json", "tfplan")
        keeps_saved_plan = with_truth or (case / "tfplan").exists()
        if keeps_saved_plan:
            shutil.copy(work / "tfplan", case / "tfplan")
        steadied = plan if keeps_saved_plan else steady(plan, terraform.port, sources_of(case))
        (case / "plan.json").write_text(compact(steadied) + "\n")
        if with_truth:
            terraform.run(work, "apply", "-no-color", "tfplan")
            links = links_of(json.loads(terraform.run(work, "show", "-json")))
            (case / "truth.json").write_text(json.dumps(links, indent=1) + "\n")
        else:
            (case / "plan.sum").write_text(checksum(case) + "\n")


def lay_out(sources: Path, case: Path, work: Path) -> None:
    """Copy one stage of a case into its working folder, with all that Terraform needs around it."""
    for old in (*work.glob("*.tf"), *work.glob("*.tfvars")):
        old.unlink()
    if (case / "modules").is_dir():
        shutil.copytree(case / "modules", work / "modules", dirs_exist_ok=True)
    for path in (*sources.glob("*.tf"), *sources.glob("*.tfvars")):
        shutil.copy(path, work)
    text = "".join(path.read_text() for path in work.glob("*.tf"))
    (work / "provider.tf").write_text(PROVIDER + ("" if DEFAULT_PROVIDER.search(text) else REGION))
    with zipfile.ZipFile(work / CODE, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), "def handler(event, context): return event\n")


class Terraform:
    """Run Terraform commands against one stand-in, with nothing of the user's AWS configuration."""

    def __init__(self, shop: Path, port: int) -> None:
        self.shop = shop
        self.port = port
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environment = own | {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_S3_USE_PATH_STYLE": "true",
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_CONFIG_FILE": str(shop / "cli.tfrc"),
            "TF_IN_AUTOMATION": "1",
        }

    def run(self, folder: Path, *arguments: str) -> str:
        """Run one command in a folder and return what it prints."""
        return run(["terraform", *arguments], folder, self._environment)

    def apply(self, folder: Path) -> None:
        """Make what a folder describes."""
        self.run(folder, "get", "-no-color")
        self.run(folder, "apply", "-no-color", "-input=false", "-auto-approve")

    def plan(self, folder: Path, *options: str) -> None:
        """Save the plan of a folder as `tfplan`."""
        self.run(folder, "get", "-no-color")
        self.run(folder, "plan", "-no-color", "-input=false", "-out=tfplan", *options)


def steady(plan: str, port: int, sources: str) -> str:
    """Replace what differs from run to run: the port, times, and ids that are drawn at random or made of times.

    The ids of objects are numbered as Terraform lists the objects, which is by address; other ids, and those in
    sets, come after. An id that the sources spell out stays as it is.

    >>> steady('{"in":"subnet-0123456789abcdef0","of":{"id":"sg-0123456789abcdef0"}}', 1, "")
    '{"in":"subnet-1d000000000000002","of":{"id":"sg-1d000000000000001"}}'
    """
    ids = dict.fromkeys(str(each["id"]) for each in objects_in(json.loads(plan)) if "id" in each)
    numbers = {drawn: number for number, drawn in enumerate((each for each in ids if DRAWN.fullmatch(each)), 1)}

    def numbered(match: re.Match[str]) -> str:
        drawn = match.group()
        if drawn in sources:
            return drawn
        number = numbers.setdefault(drawn, len(numbers) + 1)
        match match.lastgroup:
            case "kind":
                return f"{match['kind']}1d{number:015x}"
            case "uuid":
                return f"00000000-0000-4000-8000-{number:012x}"
            case "prefix":
                return f"{MOMENT[:4]}{number:022x}"
            case _:
                return f"{match['unique']}{number:017X}"

    return DRAWN.sub(numbered, TIME.sub(MOMENT, plan.replace(f"127.0.0.1:{port}", f"127.0.0.1:{PORT}")))


def compact(plan: str) -> str:
    """Write JSON on one line, with sets in order and the VPCs of functions as AWS tells them."""
    content = json.loads(plan)
    content.get("relevant_attributes", []).sort(key=json.dumps)
    objects = list(objects_in(content))
    vpc_of = {each["id"]: each["vpc_id"] for each in objects if {"id", "vpc_id"} <= each.keys()}
    for name in SETS:
        for each in objects:
            if is_list_of_text(each.get(name)):
                each[name].sort()
    for network in (each for each in objects if each.get("vpc_id") == SOME_VPC):
        members = [*network.get("subnet_ids", []), *network.get("security_group_ids", [])]
        network["vpc_id"] = next((vpc_of[each] for each in members if each in vpc_of), SOME_VPC)
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def is_list_of_text(value: Any) -> bool:
    """Tell whether a value is a list of strings."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a JSON value."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from objects_in(each)


def links_of(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Tell for each function of a state which role, subnets and security groups it got, as addresses."""
    resources = list(resources_of(state["values"]["root_module"]))
    address_of = {
        identity: resource["address"]
        for resource in resources
        if resource["mode"] == "managed" and resource["type"] in {"aws_iam_role", "aws_subnet", "aws_security_group"}
        for identity in (resource["values"].get("arn"), resource["values"]["id"])
        if identity is not None
    }
    truth = {}
    for function in (each for each in resources if each["type"] == "aws_lambda_function"):
        values = function["values"]
        network = values["vpc_config"][0] if values["vpc_config"] else {}
        truth[function["address"]] = {
            "role": address_of.get(values["role"], values["role"]),
            "subnets": sorted(address_of.get(each, each) for each in network.get("subnet_ids", [])),
            "sgs": sorted(address_of.get(each, each) for each in network.get("security_group_ids", [])),
        }
    return dict(sorted(truth.items()))


def resources_of(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every resource of a state's module and of the modules in it."""
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources_of(child)


if __name__ == "__main__":
    sys.exit(main())
