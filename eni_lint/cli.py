"""The command line: words become settings, verdicts become text and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click

from eni_lint import __version__
from eni_lint.finding import Severity, Verdict

SEVERITIES = click.Choice([severity.word for severity in sorted(Severity)])


class LintByDefault(click.Group):
    """A group whose default command is `lint`; a subcommand's name wins over a path."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the default command where the first word names none."""
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h", "--version")):
            args = ["lint", *args]
        return super().parse_args(ctx, args)


@click.group(cls=LintByDefault, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="eni-lint")
def cli() -> None:
    """Judge Lambda functions in VPCs before they are deployed.

    eni-lint PATH... lints plans, templates and directories; `lint` may be left out.
    """


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option("-f", "--format", "form", default="text", help="How to report.", show_default=True)
@click.option("--select", multiple=True, metavar="RULES", help="Only these rules (ids or prefixes, by comma).")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these rules.")
@click.option("--min-severity", type=SEVERITIES, default="warning", show_default=True, help="What is shown.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="error", show_default=True)
@click.option("--strict", is_flag=True, help="Fail when something could not be decided.")
@click.option("--show-undecided", is_flag=True, help="List every subject of an open fact.")
@click.option("--changed-only", is_flag=True, help="Only what this change touches.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="Only the summary.")
def lint(paths: tuple[str, ...], form: str, select: tuple[str, ...], ignore: tuple[str, ...], **flags: Any) -> None:
    """Lint plans, templates and directories (the default command); `-` is standard input."""
    from eni_lint.engine import judge
    from eni_lint.readers.detect import read
    from eni_lint.report import FORMATS, render
    from eni_lint.report.view import View
    from eni_lint.settings import Settings, SettingsError

    if form not in FORMATS:
        fail(f"no format is called '{form}'; there are {', '.join(FORMATS)}")
    settings = Settings(
        select=_words(select),
        ignore=_words(ignore),
        min_severity=Severity[flags["min_severity"].upper()],
        fail_on=None if flags["fail_on"] == "never" else Severity[flags["fail_on"].upper()],
        strict=flags["strict"],
        show_undecided=flags["show_undecided"],
        changed_only=flags["changed_only"],
    )
    try:
        verdict = judge(read(paths or (".",)), settings)
    except SettingsError as error:
        fail(str(error))
    color = flags["color"] == "always" or (flags["color"] == "auto" and _terminal())
    view = View(settings.min_severity, settings.show_undecided, color, flags["quiet"])
    click.echo(render(verdict, form, view), nl=False, color=color)
    raise SystemExit(0 if flags["exit_zero"] and not verdict.errors else exit_code(verdict, settings))


def exit_code(verdict: Verdict, settings: Any) -> int:
    """Give the exit code of a run: 0 clean, 1 findings, 2 something could not be read."""
    from eni_lint.settings import fails

    if verdict.errors:
        return 2
    if any(fails(finding, settings) for finding in verdict.findings):
        return 1
    return 1 if settings.strict and verdict.undecided else 0


@cli.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Say what a rule finds, why it hurts, and how to mend it."""
    from eni_lint.pack import card
    from eni_lint.report.explain import explained

    found = card(rule)
    if found is None:
        fail(f"no rule is called '{rule}'; see eni-lint rules")
    click.echo(explained(found))


@cli.command()
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(form: str) -> None:
    """List every rule: id, name, severity and one line."""
    from eni_lint.report.explain import listed

    click.echo(listed(form))


def fail(message: str) -> NoReturn:
    """End with one line and exit code 2."""
    click.echo(f"eni-lint: {message}", err=True)
    raise SystemExit(2)


def _words(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for words in given for word in words.split(",") if word.strip())


def _terminal() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def main() -> None:
    """Run the command; a closed pipe ends it quietly."""
    try:
        cli(prog_name="eni-lint")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
