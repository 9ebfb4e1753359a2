"""Which workspace a command works in, and as of when."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from compengine.actions.opened import Opened, find_root, open_workspace

AS_OF = click.option(
    "--as-of",
    default="",
    metavar="DAY|TIME|NUMBER",
    help="As the ledger was at the end of a day, at a time, or with its row of that number.",
)


def start(ctx: click.Context) -> Path:
    """The folder given with `-C`, else the one we stand in."""
    folder = ctx.find_root().obj
    return folder if isinstance(folder, Path) else Path.cwd()


def the_workspace(ctx: click.Context, as_of: str = "") -> Opened:
    """`as_of`: for commands that only read."""
    opened = open_workspace(find_root(start(ctx)))
    if not as_of:
        return opened
    from compengine.ledger.past import moment

    try:
        moment(as_of, opened.workspace.timezone)
    except ValueError:
        message = f"{as_of} is no day (2026-05-03), time (2026-05-03T17:00) or number of a row"
        raise click.BadParameter(message, param_hint="--as-of") from None
    return replace(opened, as_of=as_of)


def now() -> datetime:
    return datetime.now(UTC)
