"""Linting as a function: what the command line and Python programs share."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath

from eni_lint.engine import judge
from eni_lint.finding import Verdict
from eni_lint.readers.detect import read
from eni_lint.readers.options import PLAIN, Options
from eni_lint.settings import Settings


def lint(
    *paths: str | PathLike[str], settings: Settings | None = None, options: Options = PLAIN, baseline: str = ""
) -> Verdict:
    """Lint inputs and give the verdict: findings, open facts, what could not be read, and how much was judged.

    Paths are plans, templates, assemblies, change sets and directories, as on the command line; `settings` choose
    rules and figures, `options` say how inputs are read, and `baseline` names a file whose findings are not new.
    Raises `SettingsError` for settings that cannot be; inputs that cannot be read are `Verdict.errors`.
    """
    chosen = settings if settings is not None else Settings()
    return lint_all([fspath(path) for path in paths], chosen, options, baseline)


def lint_all(paths: Sequence[str], settings: Settings, options: Options, baseline: str = "") -> Verdict:
    """Lint inputs under settings that are complete."""
    known = None
    if baseline or settings.baseline:
        from pathlib import Path

        from eni_lint.suppress import read_baseline

        known = read_baseline(Path(baseline or settings.baseline))
    return judge(read(paths or (".",), options), settings, known)
