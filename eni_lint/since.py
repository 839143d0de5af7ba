"""What is new against a git revision: the same inputs are linted as they stood there."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from msgspec.structs import replace

from eni_lint.api import lint_all
from eni_lint.finding import Verdict
from eni_lint.readers.options import Options
from eni_lint.settings import Settings, SettingsError
from eni_lint.suppress import VERSION, Baseline, Entry, sift


def only_new(ref: str, verdict: Verdict, paths: tuple[str, ...], settings: Settings, options: Options) -> Verdict:
    """Leave the findings of a verdict that did not stand at a revision; raise `SettingsError` where git cannot tell."""
    old = _verdict_at(ref, paths or (".",), settings, options)
    entries = tuple(Entry(finding.fingerprint, finding.rule, finding.subject.address) for finding in old.findings)
    sifted = sift(verdict.findings, (), (), Baseline(VERSION, entries))
    known = [replace(one, reason=f"stood at {ref} already") for one in sifted.suppressed]
    return replace(verdict, findings=sifted.findings, suppressed=(*verdict.suppressed, *known))


def _verdict_at(ref: str, paths: tuple[str, ...], settings: Settings, options: Options) -> Verdict:
    """Lint the inputs as they stood at a revision, in a work tree of its own; what was not there had no findings."""
    top = Path(_git(Path.cwd(), "rev-parse", "--show-toplevel"))
    try:
        _git(top, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    except SettingsError:
        raise SettingsError(f"--since: there is no revision '{ref}' here") from None
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="eni-lint-") as folder:
        tree = Path(folder) / "tree"
        _git(top, "worktree", "add", "--detach", "--quiet", str(tree), ref)
        try:
            standing = tree / here.relative_to(top)
            there = [path for path in paths if (standing / path).exists() and not Path(path).is_absolute()]
            if not there or not standing.is_dir():
                return Verdict()
            os.chdir(standing)
            named = tuple(name for name in options.stack_name if Path(name.rpartition("=")[0]).exists())
            then = replace(options, stack_name=named)
            return lint_all(there, replace(settings, baseline="", root=_moved(settings.root, top, tree)), then)
        finally:
            os.chdir(here)
            _git(top, "worktree", "remove", "--force", str(tree))


def _moved(folder: str, top: Path, tree: Path) -> str:
    """Give where a folder of the repository is in a work tree; one outside of the repository stays where it is."""
    return (
        str(tree.resolve() / Path(folder).relative_to(top)) if folder and Path(folder).is_relative_to(top) else folder
    )


def _git(folder: Path, *words: str) -> str:
    try:
        run = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603, S607
    except FileNotFoundError:
        raise SettingsError("--since needs git") from None
    except subprocess.CalledProcessError as error:
        says = error.stderr.strip().splitlines()
        raise SettingsError(f"--since: git {words[0]} failed" + (f": {says[-1]}" if says else "")) from None
    return run.stdout.strip()
