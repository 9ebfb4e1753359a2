"""`compengine calculate`."""

import click

from compengine.actions.incremental import TakenOver
from compengine.cli.output import AS, FORMAT, as_json, note
from compengine.cli.place import now, the_workspace


@click.command()
@click.option("--period", required=True, metavar="PERIOD", help="Such as 2026-01, 2026-W05 or 2026-P03.")
@click.option("--calendar", default="", metavar="NAME", help="Needed where plans are paid by several calendars.")
@click.option("--incremental", is_flag=True, help="Compute only what changed since the last run of PERIOD.")
@AS
@FORMAT
@click.pass_context
def calculate(ctx: click.Context, period: str, calendar: str, incremental: bool, actor: str, form: str) -> None:
    """Compute PERIOD (such as 2026-01) from the current tables and plans, and keep it as a run.

    A trial: nothing is posted, and it can be done as often as you like. The same inputs give the same run.

    With --incremental the last run of PERIOD is where it starts: payees whose pay depends on nothing that has changed
    are taken over from it, all others are computed, and the run is the one that computing everybody gives. Where there
    is no such run, or something has changed that everything depends on, it says so and computes everybody.
    """
    from compengine.actions.calculate import calculate as action
    from compengine.cli.run_page import page

    done = action(the_workspace(ctx), period, calendar, actor, now(), incremental=incremental, rows=form == "json")
    for warning in done.warnings:
        note(f"warning: {warning}")
    if done.taken is not None:
        note(_taken_over(done.taken))
    if form == "json":
        as_json(done)
        return
    page(done.view, again=done.again)


def _taken_over(taken: TakenOver) -> str:
    if not taken.run:
        return f"everybody was computed: {taken.reason}"
    return f"{taken.computed:,} payees computed, {taken.kept:,} taken over from run {taken.run}"
