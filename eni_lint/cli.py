"""The command line: words become settings, verdicts become text and an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from eni_lint import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from eni_lint.config import Effective
    from eni_lint.finding import Verdict
    from eni_lint.readers.options import Options
    from eni_lint.report.view import View
    from eni_lint.settings import Settings

PATH = click.Path()
PRESENT = click.Path(exists=True)
CONFIGURATION = click.Path(exists=True, dir_okay=False)
DIRECTORY = click.Path(file_okay=False)
SEVERITIES = click.Choice(["info", "warning", "error"])
FAILING = click.Choice(["error", "warning", "info", "never"])
FLAGS = ("min_severity", "fail_on", "strict", "show_undecided", "changed_only", "baseline")
VARIABLES = "ENI_LINT"
REPORTS = "eni_lint.reports"
FIRST_WORD = "eni_lint.first_word"
STANDARD_OUTPUT = "-"
FORMAT_HELP = (
    "How to report: text (the default), concise, json, sarif, junit, github, gitlab, markdown or csv. "
    "Several formats in one run each take a -o FILE."
)


class LintByDefault(click.Group):
    """A group whose default command is `lint`; a subcommand's name wins over a path."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the default command where the first word names none."""
        ctx.meta[FIRST_WORD] = not args
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h", "--version")):
            self._check(args)
            args = ["lint", *args]
        return super().parse_args(ctx, args)

    def _check(self, args: list[str]) -> None:
        """Stop at a first word that is no path, and nearly a subcommand."""
        if args and not args[0].startswith("-") and not Path(args[0]).exists():
            from eni_lint.settings import nearest

            if close := nearest(args[0], self.commands):
                fail(f"there is no file and no command '{args[0]}'{close}")


class Reporting(click.Command):
    """A command that remembers which `-o FILE` stands behind which `-f FORMAT`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the formats and files in the order of the command line, which click gives apart from one another."""
        given, _, order = self.make_parser(ctx).parse_args(list(args))
        words = {name: iter(given.get(name, ())) for name in ("form", "output")}
        ctx.meta[REPORTS] = [(param.name, next(words[param.name])) for param in order if param.name in words]
        return super().parse_args(ctx, args)


def _inputs(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a path, and a subcommand where the first word is yet to come."""
    from click.shell_completion import CompletionItem

    names = cli.commands if ctx.meta[FIRST_WORD] else ()
    # Files come first: where bash is told of them, it forgets what it was told before.
    files = CompletionItem(incomplete, type="file")
    return [files, *(CompletionItem(name) for name in names if name.startswith(incomplete))]


def _formats(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from eni_lint.report import FORMATS

    return [form for form in FORMATS if form.startswith(incomplete)]


def _rules(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the last of the rules that commas part."""
    from eni_lint.pack import shipped

    before, comma, word = incomplete.rpartition(",")
    return [before + comma + card.id for card in shipped() if card.id.startswith(word.upper())]


CHOICES = (
    click.option(
        "--select",
        multiple=True,
        metavar="RULES",
        shell_complete=_rules,
        help="Only these rules (ids or prefixes, by comma).",
    ),
    click.option("--ignore", multiple=True, metavar="RULES", shell_complete=_rules, help="Not these rules."),
    click.option("--min-severity", type=SEVERITIES, help="What is shown (default: warning)."),
    click.option("--fail-on", type=FAILING, help="What makes the run fail (default: error)."),
    click.option("--strict", is_flag=True, default=None, help="Fail when something could not be decided."),
    click.option("--show-undecided", is_flag=True, default=None, help="List every subject of an open fact."),
    click.option("--changed-only", is_flag=True, default=None, help="Only what this change touches."),
    click.option("--baseline", type=PATH, metavar="FILE", help="Findings that are not new."),
    click.option(
        "-c",
        "--config",
        type=CONFIGURATION,
        metavar="FILE",
        help="The configuration, instead of the nearest one upwards.",
    ),
    click.option("--no-config", is_flag=True, help="No configuration file."),
)


def chosen(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the flags that configuration files have a setting for, and those that choose the file."""
    for choice in reversed(CHOICES):
        command = choice(command)
    return command


@click.group(cls=LintByDefault, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="eni-lint")
def cli() -> None:
    """Judge Lambda functions in VPCs before they are deployed.

    eni-lint PATH... lints plans, templates and directories; `lint` may be left out.
    """


@cli.command(cls=Reporting, context_settings={"auto_envvar_prefix": VARIABLES})
@click.argument("paths", nargs=-1, metavar="[PATH...]", shell_complete=_inputs)
@click.option(
    "-f",
    "--format",
    "form",
    multiple=True,
    metavar="FORMAT",
    envvar="ENI_LINT_FORMAT",
    shell_complete=_formats,
    help=FORMAT_HELP,
)
@click.option("-o", "--output", multiple=True, type=PATH, metavar="FILE", help="Write the format before it to a file.")
@chosen
@click.option("--since", metavar="REF", help="Only what is new against a git revision.")
@click.option("--write-baseline", is_flag=True, help="Write what is found now to the baseline.")
@click.option(
    "--add-ignore", metavar="REASON", help="Suppress all that is shown, for this reason, where it is written."
)
@click.option("--parameters", multiple=True, type=PRESENT, metavar="FILE", help="Values of template parameters.")
@click.option(
    "--stack-name", multiple=True, metavar="[FILE=]NAME", help="What a template's stack is called; as often as needed."
)
@click.option(
    "--var-file",
    "var_files",
    multiple=True,
    type=PRESENT,
    metavar="FILE",
    envvar="ENI_LINT_VAR_FILE",
    help="Values of Terraform variables.",
)
@click.option("--workspace", default="default", metavar="NAME", help="The Terraform workspace.")
@click.option("--source-root", default="", type=DIRECTORY, metavar="DIR", help="The Terraform source behind a plan.")
@click.option(
    "--saved-plan", default="", type=PATH, metavar="FILE", help="The saved plan, or raw state, behind a plan's JSON."
)
@click.option("--before", type=PRESENT, metavar="FILE", help="The template or assembly that stands today.")
@click.option("--stack-dir", is_flag=True, help="The templates of a directory are one stack.")
@click.option("--skip-unrelated", is_flag=True, help="Pass over JSON and YAML that is none of the inputs.")
@click.option("--hide-suppressed", is_flag=True, help="Leave suppressed findings out of SARIF, JUnit and CSV.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="Only the summary.")
@click.pass_context
def lint(ctx: click.Context, /, paths: tuple[str, ...], **flags: Any) -> None:
    """Lint plans, templates and directories (the default command); `-` is standard input."""
    outputs = paired(ctx.meta[REPORTS] or [("form", form) for form in flags["form"]])

    from eni_lint.api import lint_all
    from eni_lint.readers.options import Options
    from eni_lint.report.view import View
    from eni_lint.settings import SettingsError

    options = Options(**{name: flags[name] for name in Options.__struct_fields__ if flags[name] is not None})
    try:
        holds = _effective(ctx, flags)
        settings = holds.settings
        if flags["write_baseline"]:
            _write_baseline(paths, settings, options)
            return
        verdict = lint_all(paths, settings, options)
        if flags["since"]:
            verdict = _since(flags["since"], verdict, paths, settings, options)
    except SettingsError as error:
        fail(str(error))
    if flags["add_ignore"] is not None:
        _add_ignores(verdict, flags["add_ignore"], holds)
    color = flags["color"] == "always" or (flags["color"] == "auto" and _terminal())
    view = View(
        min_severity=settings.min_severity,
        show_undecided=settings.show_undecided,
        color=color,
        quiet=flags["quiet"],
        hide_suppressed=flags["hide_suppressed"],
        root=str(repository(Path.cwd())),
        here=str(Path.cwd()),
    )
    _report(verdict, outputs, view)
    raise SystemExit(0 if flags["exit_zero"] and not verdict.errors else exit_code(verdict, settings))


def _effective(ctx: click.Context, flags: dict[str, Any]) -> Effective:
    """Join the flags with the configuration that holds here."""
    from eni_lint.config import effective, find

    stated = {name: flags[name] for name in FLAGS if flags[name] is not None}
    stated |= {name: _words(flags[name]) for name in ("select", "ignore") if flags[name]}
    path = None if flags["no_config"] else Path(flags["config"]) if flags["config"] else find(Path.cwd())
    return effective(stated, path, {name: _origin(ctx, name) for name in stated})


def _origin(ctx: click.Context, name: str) -> str:
    """Tell whether a flag was written, or is a variable of the environment."""
    if ctx.get_parameter_source(name) is ParameterSource.ENVIRONMENT:
        return f"environment {VARIABLES}_{name.upper()}"
    return f"command line --{name.replace('_', '-')}"


def _write_baseline(paths: tuple[str, ...], settings: Settings, options: Options) -> None:
    from msgspec.structs import replace

    from eni_lint.api import lint_all
    from eni_lint.suppress import write_baseline

    if not settings.baseline:
        fail("--write-baseline needs --baseline FILE, or a baseline in the configuration")
    verdict = lint_all(paths, replace(settings, baseline=""), options)
    for problem in verdict.errors:
        fail(f"{problem.file}: {problem.message}")
    number = write_baseline(verdict.findings, Path(settings.baseline))
    click.echo(f"wrote {number} findings to {settings.baseline}")


def _since(ref: str, verdict: Verdict, paths: tuple[str, ...], settings: Settings, options: Options) -> Verdict:
    from eni_lint.since import only_new

    return only_new(ref, verdict, paths, settings, options)


def _add_ignores(verdict: Verdict, reason: str, holds: Effective) -> NoReturn:
    """Write suppressions for all that is shown; end with 1 where some could not be, and with 2 as a lint does."""
    from datetime import date

    from eni_lint.ignoring import add_ignores
    from eni_lint.readers.directives import parted
    from eni_lint.report.view import counted

    says, until = parted(reason)
    if not says:
        fail("--add-ignore needs a reason")
    try:
        date.fromisoformat(until or "2000-01-01")
    except ValueError:
        fail(f"--add-ignore: {until} is no date")
    for problem in verdict.errors:
        fail(f"{problem.file}: {problem.message}")
    shown = [finding for finding in verdict.findings if finding.severity >= holds.settings.min_severity]
    try:
        written = add_ignores(shown, reason, holds.file)
    except OSError as error:
        fail(f"cannot write {error.filename}: {error.strerror}")
    for line in written.says or (("nothing to suppress",) if not written.left else ()):
        click.echo(line)
    if written.left and holds.file:
        click.echo(f"{counted(written.left, 'finding')} left: {holds.file} has a form that nothing can be added to")
    elif written.left:
        click.echo(
            f"{counted(written.left, 'finding')} left, written nowhere by hand; a configuration could hold what "
            "suppresses them: make an empty .eni-lint.yaml, and run this again"
        )
    raise SystemExit(1 if written.left else 0)


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


def _report(verdict: Verdict, outputs: dict[str, str], view: View) -> None:
    """Write every report; colours are for the terminal only."""
    from msgspec.structs import replace

    from eni_lint.report import render

    for file, form in outputs.items():
        if file == STANDARD_OUTPUT:
            click.echo(render(verdict, form, view), nl=False, color=view.color)
        else:
            _write(file, render(verdict, form, replace(view, color=False)))


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror}")


def repository(here: Path) -> Path:
    """Find the top of the repository that a folder is in, or the folder where there is none."""
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def exit_code(verdict: Verdict, settings: Settings) -> int:
    """Give the exit code of a run: 0 clean, 1 findings, 2 something could not be read."""
    from eni_lint.settings import fails

    if verdict.errors:
        return 2
    if any(fails(finding, settings) for finding in verdict.findings):
        return 1
    return 1 if settings.strict and verdict.undecided else 0


@cli.command()
@click.argument("rule", shell_complete=_rules)
def explain(rule: str) -> None:
    """Say what a rule finds, why it hurts, and how to mend it."""
    from eni_lint.pack import card
    from eni_lint.report.explain import explained

    found = card(rule)
    if found is None:
        from eni_lint.settings import unknown_rule

        fail(unknown_rule(rule))
    click.echo(explained(found))


@cli.group(name="config")
def configuration() -> None:
    """Look at the configuration."""


@configuration.command(context_settings={"auto_envvar_prefix": VARIABLES})
@chosen
@click.pass_context
def show(ctx: click.Context, /, **flags: Any) -> None:
    """Show every setting with its value and where that comes from, as YAML that would say it.

    Takes the flags of a lint that are settings, and shows what they would do.
    """
    from eni_lint.report.configuration import configured
    from eni_lint.settings import SettingsError, selected

    try:
        found = _effective(ctx, flags)
        selected(found.settings)
    except SettingsError as error:
        fail(str(error))
    click.echo(configured(found), nl=False)


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
    gc.disable()  # a run is short, and what it reads stays until its end
    try:
        cli(prog_name="eni-lint")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    finally:
        gc.freeze()  # the interpreter's last collection, which nobody waits for, has nothing to walk
