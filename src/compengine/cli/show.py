"""`compengine runs` and `compengine show`."""

import click

from compengine.cli.output import FORMAT, as_json, grouped, say, table
from compengine.cli.place import AS_OF, the_workspace


@click.command()
@AS_OF
@FORMAT
@click.pass_context
def runs(ctx: click.Context, as_of: str, form: str) -> None:
    """List every run: its period, its state, who calculated it and what it pays."""
    from compengine.actions.runs import list_runs

    lines = list_runs(the_workspace(ctx, as_of))
    if form == "json":
        as_json({"runs": lines})
        return
    if not lines:
        say("no runs yet")
        return
    table(
        ("run", "period", "state", "by", "on", "payable"),
        [
            (
                x.run,
                x.period,
                x.state,
                x.last.actor,
                x.last.time[:16].replace("T", " "),
                ", ".join(grouped(m) for m in x.payable),
            )
            for x in lines
        ],
        "lllllr",
    )


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option("--payee", default="", metavar="ID", help="Only what concerns this payee.")
@click.option("--rows", is_flag=True, help="Each row that is posted, too.")
@AS_OF
@FORMAT
@click.pass_context
def show(ctx: click.Context, run: str, payee: str, rows: bool, as_of: str, form: str) -> None:
    """Show a run, by the start of its id, or the latest run of a period.

    What was computed, for whom, and how that differs from what the ledger holds already: that is what posting adds.
    """
    from compengine.actions.runs import show as action
    from compengine.cli.run_page import page

    view = action(the_workspace(ctx, as_of), run, payee)
    if form == "json":
        as_json(view)
        return
    page(view, whole=True, rows=rows)
