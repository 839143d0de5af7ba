"""The command line: words become settings, verdicts become text and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import click

from eni_lint import __version__
from eni_lint.finding import Severity, Verdict

SEVERITIES = click.Choice([severity.word for severity in sorted(Severity)])
REPORTS = "eni_lint.reports"
STANDARD_OUTPUT = "-"
FORMAT_HELP = (
    "How to report: text (the default), concise, json, sarif, junit, github, gitlab, markdown or csv. "
    "Several formats in one run each take a -o FILE."
)


class LintByDefault(click.Group):
    """A group whose default command is `lint`; a subcommand's name wins over a path."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the default command where the first word names none."""
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h", "--version")):
            args = ["lint", *args]
        return super().parse_args(ctx, args)


class Reporting(click.Command):
    """A command that remembers which `-o FILE` stands behind which `-f FORMAT`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the formats and files in the order of the command line, which click gives apart from one another."""
        given, _, order = self.make_parser(ctx).parse_args(list(args))
        words = {name: iter(given.get(name, ())) for name in ("form", "output")}
        ctx.meta[REPORTS] = [(param.name, next(words[param.name])) for param in order if param.name in words]
        return super().parse_args(ctx, args)


@click.group(cls=LintByDefault, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="eni-lint")
def cli() -> None:
    """Judge Lambda functions in VPCs before they are deployed.

    eni-lint PATH... lints plans, templates and directories; `lint` may be left out.
    """


@cli.command(cls=Reporting)
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option("-f", "--format", "form", multiple=True, metavar="FORMAT", help=FORMAT_HELP)
@click.option("-o", "--output", multiple=True, metavar="FILE", help="Write the format before it to a file.")
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
@click.pass_context
def lint(
    ctx: click.Context, /, paths: tuple[str, ...], select: tuple[str, ...], ignore: tuple[str, ...], **flags: Any
) -> None:
    """Lint plans, templates and directories (the default command); `-` is standard input."""
    outputs = paired(ctx.meta[REPORTS] or [("form", form) for form in flags["form"]])

    from eni_lint.engine import judge
    from eni_lint.readers.detect import read
    from eni_lint.settings import Settings, SettingsError

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
    _report(verdict, outputs, settings, color, flags["quiet"])
    raise SystemExit(0 if flags["exit_zero"] and not verdict.errors else exit_code(verdict, settings))


def paired(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give the format that goes to each file, from formats (`form`) and files (`output`) in the order given.

    >>> paired([("form", "sarif"), ("output", "out.sarif"), ("form", "text")])
    {'out.sarif': 'sarif', '-': 'text'}
    """
    pairs: list[tuple[str, str]] = []
    for kind, word in words:
        if kind == "form":
            pairs.append((word, STANDARD_OUTPUT))
        elif not pairs:
            pairs.append(("text", word))
        elif pairs[-1][1] == STANDARD_OUTPUT:
            pairs[-1] = (pairs[-1][0], word)
        else:
            fail(f"-o {word} has no format of its own; put -f FORMAT before it")
    return _outputs(pairs or [("text", STANDARD_OUTPUT)])


def _outputs(pairs: list[tuple[str, str]]) -> dict[str, str]:
    from eni_lint.report import FORMATS

    outputs: dict[str, str] = {}
    for form, file in pairs:
        if form not in FORMATS:
            fail(f"no format is called '{form}'; there are {', '.join(FORMATS)}")
        if file in outputs:
            place = "standard output" if file == STANDARD_OUTPUT else file
            fail(f"{outputs[file]} and {form} both go to {place}; give one of them its own -o FILE")
        outputs[file] = form
    return outputs


def _report(verdict: Verdict, outputs: dict[str, str], settings: Any, color: bool, quiet: bool) -> None:
    """Write every report; colours are for the terminal only."""
    from eni_lint.report import render
    from eni_lint.report.view import View

    here = Path.cwd()
    for file, form in outputs.items():
        on_terminal = file == STANDARD_OUTPUT
        view = View(
            min_severity=settings.min_severity,
            show_undecided=settings.show_undecided,
            color=color and on_terminal,
            quiet=quiet,
            root=str(repository(here)),
            here=str(here),
        )
        text = render(verdict, form, view)
        if on_terminal:
            click.echo(text, nl=False, color=color)
        else:
            _write(file, text)


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror}")


def repository(here: Path) -> Path:
    """Find the top of the repository that a folder is in, or the folder where there is none."""
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


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
