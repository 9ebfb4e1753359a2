"""`compengine blame`."""

from collections.abc import Sequence

import click

from compengine.actions.blame import Blamed, Decision, Moved
from compengine.actions.changes import Change, RowChange
from compengine.cli.output import FORMAT, as_json, grouped, say, title
from compengine.cli.place import the_workspace

SHOWN = 20


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.argument("payee")
@click.argument("line", required=False, default="")
@click.option("--against", default="", metavar="RUN|PERIOD", help="Else the last one posted before it.")
@click.option(
    "--most", type=click.IntRange(2, 100_000), default=200, show_default=True, help="So many calculations at most."
)
@FORMAT
@click.pass_context
def blame(ctx: click.Context, run: str, payee: str, line: str, against: str, most: int, form: str) -> None:
    """Find the changes of plan or input that moved what PAYEE has earned: a LINE (a deal's id or a component), or all.

    Sets the run beside the last one posted before it was calculated, or `--against` another, for each period for which
    the number is another; its own period with the inputs of both. Where nothing was posted before it, the last run that
    comes to another number is taken. Every row, every passage of a plan and every adjustment that is different is a
    change; it computes with some of them made, halving, until each that moves the number is found. Changes that act
    together are shown together; those that cancel each other out are not seen.
    """
    from compengine.actions.blame import blame as action

    done = action(the_workspace(ctx), run, payee, line, most, against=against)
    if form == "json":
        as_json(done)
        return
    _page(done)


def _page(done: Blamed) -> None:
    what = f"{done.payee}{f', {done.line}' if done.line else ''}"
    posted = "posted" if done.posted else "not posted"
    say(f"{what}: run {done.run} of {done.period}, beside run {done.against} of {done.against_period}, {posted}")
    say(f"  {done.run} was calculated on {_time(done.run_time)}, {done.against} on {_time(done.against_time)} UTC")
    say(f"  both are computed for {done.period}, each with its own inputs")
    if done.first:
        say(f"  made first, for without them {done.period} cannot be computed: {_names(done.first)}")
    for one in done.periods:
        title(f"For {one.period}: {grouped(one.before)}, now {grouped(one.after)}")
        for at, moved in enumerate(one.moved):
            if at:
                say()
            _moved(moved)
    say()
    count = sum(len(one.moved) for one in done.periods)
    say(f"{count:,} of {done.looked_at:,} changes or groups of them moved it; {done.computed:,} calculations")


def _names(changes: Sequence[Change | Decision]) -> str:
    more = f" and {len(changes) - SHOWN:,} more" if len(changes) > SHOWN else ""
    return ", ".join(name_of(change) for change in changes[:SHOWN]) + more


def _time(text: str) -> str:
    return text[:16].replace("T", " ")


def _moved(one: Moved) -> None:
    sign = "+" if one.amount.amount > 0 else ""
    say(f"{sign}{grouped(one.amount)}, from {grouped(one.before)} to {grouped(one.after)}")
    if not one.whole:
        say(f"  one or several of {len(one.changes):,} changes; more calculations tell them apart: --most")
    elif len(one.changes) > 1:
        say(f"  {len(one.changes)} changes, which can only be made together:")
    for change in one.changes[:SHOWN]:
        for text in lines_of(change):
            say(f"  {text}")
    if len(one.changes) > SHOWN:
        say(f"  … and {len(one.changes) - SHOWN:,} more")
    if one.given:
        say(f"  by this amount only together with: {_names(one.given)}")


def name_of(change: Change | Decision) -> str:
    """`deals D01 changed`."""
    if isinstance(change, RowChange):
        return f"{change.table} {change.key} {change.verb}"
    return f"{change.kind} {change.name} {change.verb}"


def lines_of(change: Change | Decision) -> list[str]:
    """A row with its columns, old → new; of a text the lines that are different."""
    if isinstance(change, RowChange):
        cells = [f"  {c.column}: {c.before or '(empty)'} → {c.after or '(empty)'}" for c in change.cells]
        if change.verb != "changed":
            cells = [f"  {c.column}: {c.after or c.before}" for c in change.cells]
        return [name_of(change), *cells]
    if isinstance(change, Decision):
        return [name_of(change), f"  {change.said}"]
    return [name_of(change), *(f"  {line}" for line in change.diff)]
