"""Which workspace a command works in."""

from datetime import UTC, datetime
from pathlib import Path

import click

from compengine.actions.opened import Opened, find_root, open_workspace


def start(ctx: click.Context) -> Path:
    """The folder given with `-C`, else the one we stand in."""
    folder = ctx.find_root().obj
    return folder if isinstance(folder, Path) else Path.cwd()


def the_workspace(ctx: click.Context) -> Opened:
    return open_workspace(find_root(start(ctx)))


def now() -> datetime:
    return datetime.now(UTC)
