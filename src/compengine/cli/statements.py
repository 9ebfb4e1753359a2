"""`compengine statements`."""

from pathlib import Path

import click

from compengine.cli.output import FORMAT, as_json, note, progress, report, say
from compengine.cli.place import the_workspace


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option("--payee", default="", metavar="ID", help="Only this payee's.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Else statements/PERIOD.")
@click.option("--paper", type=click.Choice(["A4", "Letter"]), default="A4", show_default=True, help="Size of the page.")
@click.option("--html", is_flag=True, help="Web pages instead of PDFs.")
@FORMAT
@click.pass_context
def statements(ctx: click.Context, run: str, payee: str, out: Path | None, paper: str, html: bool, form: str) -> None:
    """Print a statement for each payee: a preview before a run is posted, final ones after.

    The same run gives the same bytes, and what is there already is not printed again: after an interruption the same
    command goes on. The folder's manifest.json names every file, its SHA-256 and what it pays; the totals are those of
    the pay file. Exit code 1 where one could not be made; the others are.
    """
    from compengine.actions.opened import shown
    from compengine.actions.statements import statements as action
    from compengine.statement.pdf import Paper

    opened = the_workspace(ctx)
    with progress("statements") as told:
        done = action(opened, run, payee=payee, folder=out, paper=Paper(paper), html=html, progress=told)
    if done.diagnostics:
        report(done.diagnostics)
        note("")
    if form == "json":
        as_json(done)
    else:
        count = len(done.printed)
        what = f"{count} statement{'s' if count != 1 else ''} of {done.period} ({done.status.lower()})"
        kept = sum(one.kept for one in done.printed)
        say(f"{what} in {shown(done.folder)}{f', {kept} of them there already' if kept else ''}")
        for one in done.printed[:3]:
            say(f"  {one.path.name}  {one.payee}")
        if count > 3:
            say(f"  … and {count - 3} more")
    ctx.exit(1 if done.diagnostics else 0)
