"""`compengine`: the group of commands. Each command's module is imported only when it is asked for."""

import errno
import importlib
import sys
from pathlib import Path
from typing import Any

import click

from compengine.source.diagnostic import Diagnostic, Failed

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Make a workspace: a small one to start from, or a demo company."),
    "check": ("check", "Check the workspace file and all plans."),
    "test": ("test", "Run the cases beside the plans."),
    "load": ("load", "Load files into the tables."),
    "coverage": ("coverage", "Find rows that no rule fits, and rules that overlap."),
    "calculate": ("calculate", "Compute a period, as often as you like."),
    "runs": ("show", "List the runs."),
    "show": ("show", "Show a run: totals, payees, what would be posted."),
    "balances": ("balances", "Show what stands on the accounts, now or as of a day."),
    "review": ("review", "Compare a run with what was posted before, for who approves it."),
    "submit": ("closing", "Hand a calculated run over for approval."),
    "approve": ("closing", "Approve a run that somebody else prepared."),
    "reject": ("closing", "Send a submitted run back, with the reason."),
    "post": ("closing", "Post an approved run; its period is closed with it."),
    "finalize": ("closing", "Declare a posted run final, to be paid."),
    "pay": ("closing", "Write the pay file of a final run."),
    "adjust": ("by_hand", "Ask for an amount by hand."),
    "hold": ("by_hand", "Keep back what is not released yet."),
    "release": ("by_hand", "End a hold."),
    "dispute": ("by_hand", "Dispute a line of a statement."),
    "decide": ("by_hand", "Decide an adjustment or a dispute."),
    "withdraw": ("by_hand", "Take back a request before it is decided."),
    "register": ("by_hand", "List what is decided by hand."),
    "statements": ("statements", "Print a statement for each payee, as PDF."),
    "send": ("send", "Send the statements of a final run by mail."),
    "explain": ("explain", "Show how an amount came about, down to plan line and data row."),
    "why": ("why", "Show what made somebody's pay another than in the run before."),
    "blame": ("blame", "Find the change of plan or input that moved a number."),
    "replay": ("proof", "Compute a run again from its stored inputs, and compare."),
    "bundle": ("proof", "Put a run and all it stands on into one file."),
    "sample": ("sample", "Draw rows of a run for an auditor, with what stands behind each."),
    "journal": ("journal", "Print what a run posted, for the general ledger."),
    "verify": ("proof", "Check the whole ledger and every object it names."),
    "checkpoint": ("checkpoint", "Print the last checkpoint, or sign with a new key."),
    "migrate": ("migrate", "Make the ledger's tables, or bring them up to date."),
    "doctor": ("doctor", "Say what this installation runs on, and what is missing."),
    "completion": ("completion", "Print a script that completes commands in your shell."),
}
"""Name → module below `compengine.cli`, and the line in the list of commands."""

GROUPS = (
    ("Write plans", ("init", "check", "test")),
    (
        "Close a month",
        (
            "load",
            "coverage",
            "calculate",
            "runs",
            "show",
            "balances",
            "review",
            "submit",
            "approve",
            "reject",
            "post",
            "finalize",
            "statements",
            "send",
            "pay",
            "journal",
        ),
    ),
    ("Decide by hand", ("adjust", "hold", "release", "dispute", "decide", "withdraw", "register")),
    ("Prove it", ("explain", "why", "blame", "replay", "verify", "checkpoint", "bundle", "sample")),
    ("This installation", ("migrate", "doctor", "completion")),
)

EPILOG = """\b
Exit codes:
  0  done, nothing wrong
  1  findings: check, test, coverage, replay or verify found something
  2  wrong usage, or an input that cannot be taken
  3  refused by a control: not approved, same person, not the open period (E6xx)
"""


class LazyGroup(click.Group):
    """Knows its commands by name; imports one when it is run or its help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"compengine.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else " See compengine --help."
            ctx.fail(f"There is no command {args[0]}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in GROUPS:
            with formatter.section(title):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Failed as failed:
            from compengine.cli.output import exit_code, report

            report(failed.diagnostics)
            ctx.exit(exit_code(failed.diagnostics))
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read our output has gone: click ends quietly
                raise
            from compengine.cli.output import exit_code, report

            report([refused(error)])
            ctx.exit(exit_code([refused(error)]))


def refused(error: OSError) -> Diagnostic:
    """What the system said of a file."""
    what = f"{error.filename}: " if error.filename else ""
    help = "make room, or mend the place, and give the command again"
    return Diagnostic("E709", f"{what}{error.strerror or error}", help=help)


def _version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked:
        import compengine

        click.echo(f"compengine {compengine.__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "--workspace",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Work in this folder; else in the nearest folder above that holds compengine.yaml.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.pass_context
def cli(ctx: click.Context, folder: Path | None) -> None:
    """Comp plans as checked text, pay as exact figures, closed months on a ledger that only grows."""
    ctx.obj = folder


def main() -> None:
    """The entry point: ends the process with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="compengine")


if __name__ == "__main__":
    main()
