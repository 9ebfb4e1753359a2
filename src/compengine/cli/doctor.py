"""`compengine doctor`."""

import click

from compengine.cli.output import FORMAT, as_json, say
from compengine.cli.place import start
from compengine.source.diagnostic import Failed


@click.command()
@FORMAT
@click.pass_context
def doctor(ctx: click.Context, form: str) -> None:
    """Say what this installation runs on, and what is missing. Exit code 1 where anything is."""
    from compengine.actions.doctor import doctor as action
    from compengine.actions.opened import find_root, open_workspace

    try:
        opened = open_workspace(find_root(start(ctx)))
    except Failed:
        opened = None
    findings = action(opened)
    missing = [f for f in findings if not f.ok]
    if form == "json":
        as_json({"ok": not missing, "findings": findings})
        ctx.exit(1 if missing else 0)
    for finding in findings:
        say(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what}: {finding.found}")
        if not finding.ok and finding.help:
            say(f"      {finding.help}")
    ctx.exit(1 if missing else 0)
