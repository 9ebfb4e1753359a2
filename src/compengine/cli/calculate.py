"""`compengine calculate`."""

import click

from compengine.cli.output import AS, FORMAT, as_json, note
from compengine.cli.place import now, the_workspace


@click.command()
@click.option("--period", required=True, metavar="PERIOD", help="Such as 2026-01, 2026-W05 or 2026-P03.")
@click.option("--calendar", default="", metavar="NAME", help="Needed where plans are paid by several calendars.")
@AS
@FORMAT
@click.pass_context
def calculate(ctx: click.Context, period: str, calendar: str, actor: str, form: str) -> None:
    """Compute PERIOD (such as 2026-01) from the current tables and plans, and keep it as a run.

    A trial: nothing is posted, and it can be done as often as you like. The same inputs give the same run.
    """
    from compengine.actions.calculate import calculate as action
    from compengine.cli.run_page import page

    done = action(the_workspace(ctx), period, calendar, actor, now())
    for warning in done.warnings:
        note(f"warning: {warning}")
    if form == "json":
        as_json(done)
        return
    page(done.view, again=done.again)
