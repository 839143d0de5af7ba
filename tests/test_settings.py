"""Configuration, suppressions and baselines do what they say, and say what they do not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from eni_lint import lint
from eni_lint.cli import cli
from eni_lint.config import effective, find, load
from eni_lint.finding import Severity
from eni_lint.model.deployment import Directive
from eni_lint.pack import shipped
from eni_lint.settings import Settings, Suppression
from eni_lint.suppress import sift

DEMO = Path(__file__).parent.parent / "fixtures" / "demo" / "plan.json"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(DEMO, tmp_path / "plan.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rules(*words: str) -> set[str]:
    return {finding["rule"] for finding in json.loads(run("plan.json", "-f", "json", *words).output)["findings"]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".eni-lint.yaml", "ignore: [IAM001]\nmin-severity: info\n"),
        ("eni-lint.toml", 'ignore = ["IAM001"]\nmin-severity = "info"\n'),
        ("pyproject.toml", '[tool.eni-lint]\nignore = ["IAM001"]\nmin-severity = "info"\n'),
    ],
)
def test_the_nearest_configuration_upwards_holds(here: Path, name: str, text: str) -> None:
    (here / name).write_text(text, "utf-8")
    below = here / "a" / "b"
    below.mkdir(parents=True)

    found = find(below)

    assert found == here / name
    assert effective({}, found).settings.min_severity is Severity.INFO
    assert "IAM001" not in rules()


def test_a_flag_wins_over_the_configuration_and_no_config_leaves_it_aside(here: Path) -> None:
    (here / ".eni-lint.yaml").write_text("fail-on: never\nignore: [IAM001]\n", "utf-8")

    assert run("plan.json").exit_code == 0
    assert run("plan.json", "--ignore", "ENI", "--fail-on", "error").exit_code == 1
    assert "IAM001" in rules("--no-config")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ingore: [IAM001]\n", "did you mean 'ignore'"),
        ("rules: {ENI002: {quoto: 250}}\n", "did you mean 'quota'"),
        ("rules: {ENI02: {quota: 250}}\n", "no rule 'ENI02'"),
        ("rules: {ENI002: {quota: many}}\n", "is a number"),
        ("min-severity: high\n", "error, warning or info"),
        ("suppress: [{rules: [IAM001], reason: ' '}]\n", "no reason"),
        ("ignore: [\n", ":2:1"),
        ("suppress: [{rules: [IAM001], reason: later, until: soon}]\n", "date"),
    ],
)
def test_a_wrong_configuration_is_one_line_and_exit_2(here: Path, text: str, says: str) -> None:
    (here / ".eni-lint.yaml").write_text(text, "utf-8")

    result = run("plan.json")

    assert result.exit_code == 2
    assert says in result.output
    assert len(result.output.splitlines()) == 1


def shown(*words: str) -> dict[str, str]:
    """Give the lines of `config show` by the setting or option that they show."""
    return {line.split(":")[0].strip(): line for line in run("config", "show", *words).output.splitlines()}


def test_config_show_tells_where_each_value_comes_from(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = here / ".eni-lint.yaml"
    path.write_text("strict: true\nrules: {ENI002: {quota: 250}}\nignore: [ENI003]\nmin-severity: info\n", "utf-8")
    monkeypatch.setenv("ENI_LINT_IGNORE", "ENI001")

    lines = shown("--min-severity", "error")

    assert re.fullmatch(rf"strict: true +# {re.escape(str(path))}", lines["strict"])
    assert re.fullmatch(r"fail-on: error +# default", lines["fail-on"])
    assert re.fullmatch(r"ignore: \[ENI001\] +# environment ENI_LINT_IGNORE", lines["ignore"])
    assert re.fullmatch(r"min-severity: error +# command line --min-severity", lines["min-severity"])
    assert re.search(rf"^    quota: 250 +# {re.escape(str(path))}$", run("config", "show").output, re.MULTILINE)
    assert re.fullmatch(r"    warn_ratio: 0.5 +# default", lines["warn_ratio"])


CONFIGURED = """\
select: [NET, "ROLE002"]
fail-on: never
show-undecided: true
baseline: known.json
rules: {ENI001: {ignore_groups: [sg-1, "*"], allowed_combinations: [[a, b]]}, ENI002: {quota: 12}}
paths: [{path: "sandbox/*", ignore: [NET], rules: {ENI002: {quota: 3}}}, {path: x}]
suppress:
  - {rules: [ROLE002], reason: "it's: # odd", until: 2999-01-31, address: 'module.x["a"].*'}
"""


def test_config_show_prints_a_configuration_that_says_the_same(here: Path) -> None:
    (here / ".eni-lint.yaml").write_text(CONFIGURED, "utf-8")

    (here / "again.yaml").write_text(run("config", "show").output, "utf-8")

    before, after = (effective({}, here / name).settings for name in (".eni-lint.yaml", "again.yaml"))
    options = {card.id: {**card.options, **before.rules.get(card.id, {})} for card in shipped() if card.options}
    assert after == replace(before, rules=options)


def test_defaults_that_config_show_prints_are_defaults_again(here: Path) -> None:
    (here / "eni.yaml").write_text(run("config", "show").output, "utf-8")

    assert run("plan.json", "--config", "eni.yaml").output == run("plan.json").output


def test_config_show_refuses_what_a_lint_would_refuse(here: Path) -> None:
    (here / ".eni-lint.yaml").write_text("select: [NOPE]\n", "utf-8")

    result = run("config", "show")

    assert (result.exit_code, result.output) == (2, "eni-lint: no rule is called 'NOPE'; see eni-lint rules\n")


def test_config_show_says_when_no_file_is_read(here: Path) -> None:
    (here / ".eni-lint.yaml").write_text("strict: true\n", "utf-8")

    assert run("config", "show", "--no-config").output.splitlines()[0] == "# no configuration file"


def test_paths_have_settings_of_their_own(here: Path) -> None:
    (here / ".eni-lint.yaml").write_text("paths: [{path: 'plan.*', ignore: [IAM]}]\n", "utf-8")

    assert "IAM001" not in rules()


@pytest.mark.parametrize("glob", ["infra", "./infra/", "infra/plan.json", "*/plan.*"])
@pytest.mark.parametrize("folder", [".", "infra", "elsewhere"])
def test_globs_of_paths_begin_at_the_configuration(
    here: Path, folder: str, glob: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("infra", "elsewhere"):
        (here / name).mkdir()
    plan = (here / "plan.json").rename(here / "infra" / "plan.json")
    (here / ".eni-lint.yaml").write_text(
        f"paths: [{{path: '{glob}', ignore: [IAM]}}]\nsuppress: [{{rules: [ROLE], path: '{glob}', reason: r}}]\n",
        "utf-8",
    )
    monkeypatch.chdir(here / folder)

    report = json.loads(run(os.path.relpath(plan), "-f", "json").output)

    assert [one["rule"] for one in report["findings"]] == ["NET003"]
    assert [one["finding"]["rule"] for one in report["suppressed"]] == ["ROLE001"]


def test_options_of_a_rule_reach_it() -> None:
    below = lint(DEMO, settings=Settings(rules={"ENI002": {"quota": 2}}))

    assert "ENI002" in {finding.rule for finding in below.findings}
    assert load is not None


def test_a_configured_suppression_hides_and_is_counted(here: Path) -> None:
    (here / ".eni-lint.yaml").write_text(
        "suppress: [{rules: [IAM001], address: '*invoices', reason: moves out next week, until: 2999-12-31}]\n", "utf-8"
    )

    report = json.loads(run("plan.json", "-f", "json").output)

    assert "IAM001" not in {finding["rule"] for finding in report["findings"]}
    assert [one["reason"] for one in report["suppressed"]] == ["moves out next week"]


def test_expired_unused_and_unreasoned_suppressions_are_said() -> None:
    findings = lint(DEMO).findings
    address = next(f for f in findings if f.rule == "IAM001").subject.address
    expired = Directive(address, ("IAM001",), "for a while", "2020-01-01")
    silent = Directive(address, ("IAM001",))
    unused = Suppression(("DEP",), "never seen")

    sifted = sift(findings, (expired, silent), (unused,), None)

    assert sifted.findings == findings
    assert [note.rpartition("] ")[2] for note in sifted.notes] == [
        "expired on 2020-01-01",
        "has no reason, so it suppresses nothing",
        "suppresses nothing",
    ]


def test_a_directive_hides_a_finding_that_names_its_resource() -> None:
    findings = lint(DEMO).findings
    address = next(f for f in findings if f.rule == "IAM001").subject.address

    sifted = sift(findings, (Directive(address, ("IAM",), "known"),), (), None)

    assert "IAM001" not in {finding.rule for finding in sifted.findings}
    assert sifted.suppressed[0].by == "directive"


def test_a_baseline_keeps_what_stood_and_shows_what_is_new(here: Path) -> None:
    assert run("plan.json", "--baseline", "known.json", "--write-baseline").exit_code == 0

    clean = run("plan.json", "--baseline", "known.json")
    entries = json.loads((here / "known.json").read_text("utf-8"))
    entries["findings"] = [*entries["findings"][1:], {"fingerprint": "0" * 32, "rule": "NET001", "subject": "gone"}]
    (here / "known.json").write_text(json.dumps(entries), "utf-8")
    changed = run("plan.json", "--baseline", "known.json")

    assert clean.exit_code == 0
    assert changed.exit_code == 1
    assert "baseline: stale entries: 1 of 3; --write-baseline drops them" in changed.output


def test_a_missing_or_broken_baseline_is_one_line_and_exit_2(here: Path) -> None:
    (here / "broken.json").write_text("[]", "utf-8")

    for name in ("missing.json", "broken.json"):
        result = run("plan.json", "--baseline", name)
        assert result.exit_code == 2
        assert len(result.output.splitlines()) == 1


def test_unrelated_files_are_passed_over_and_broken_templates_are_not(here: Path) -> None:
    (here / "package.json").write_text('{"name": "x"}', "utf-8")
    (here / "ci.yaml").write_text("jobs: {}\n", "utf-8")
    (here / "tsconfig.json").write_text("{ // comment\n}", "utf-8")
    (here / "broken.yaml").write_text("Resources:\n  A: {Type: AWS::Lambda::Function\n", "utf-8")

    assert run("package.json", "ci.yaml", "tsconfig.json", "--skip-unrelated").exit_code == 0
    assert run("package.json").exit_code == 2
    assert run("broken.yaml", "--skip-unrelated").exit_code == 2


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_since_shows_only_what_is_new_against_a_revision(here: Path) -> None:
    git(here, "init")
    git(here, "commit", "--allow-empty", "-m", "nothing yet")
    git(here, "add", "plan.json")
    git(here, "commit", "-m", "a plan")

    assert run("plan.json", "--since", "HEAD").exit_code == 0
    assert run("plan.json", "--since", "HEAD~1").exit_code == 1
    assert run("plan.json", "--since", "nowhere").exit_code == 2
