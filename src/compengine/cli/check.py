"""`compengine check`."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from compengine.cli.output import FORMAT, as_json, report, say
from compengine.cli.place import start


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@FORMAT
@click.pass_context
def check(ctx: click.Context, paths: tuple[Path, ...], form: str) -> None:
    """Check the workspace file, all plans, the workspace's own designs of statements and what the mail with them says,
    or the plans at PATHS (files or folders).

    Every mistake is shown at once, with its place and what to write. Exit code 1 where there is one.
    """
    from compengine.actions.own_designs import any_to_try
    from compengine.actions.plans import check_paths

    opened, checked = check_paths(start(ctx), paths)
    if opened is not None and not paths and any_to_try(opened):
        from compengine.actions.designs import check_designs

        checked = replace(checked, diagnostics=(*checked.diagnostics, *check_designs(opened)))
    if opened is not None and not paths and opened.workspace.delivery is not None:
        from compengine.actions.wording import check_wording

        checked = replace(checked, diagnostics=(*checked.diagnostics, *check_wording(opened)))
    if form == "json":
        as_json(
            {
                "ok": checked.errors == 0,
                "workspace": opened.workspace.name if opened else "",
                "plans": [text.path for text in checked.texts],
                "diagnostics": checked.diagnostics,
            }
        )
    else:
        report(checked.diagnostics, sys.stdout)
        if checked.diagnostics:
            say()
        count, errors = len(checked.texts), checked.errors
        plans = f"{count} plan{'s' if count != 1 else ''}"
        say(f"{plans} checked, {errors or 'no'} error{'s' if errors != 1 else ''}")
    ctx.exit(1 if checked.errors else 0)
