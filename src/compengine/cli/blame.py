"""`compengine blame`."""

import click

from compengine.actions.blame import Moved
from compengine.actions.changes import Change, RowChange
from compengine.cli.output import FORMAT, as_json, grouped, say, title
from compengine.cli.place import the_workspace

SHOWN = 20


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.argument("payee")
@click.argument("line", required=False, default="")
@click.option(
    "--most", type=click.IntRange(2, 100_000), default=200, show_default=True, help="So many calculations at most."
)
@FORMAT
@click.pass_context
def blame(ctx: click.Context, run: str, payee: str, line: str, most: int, form: str) -> None:
    """Find the change of plan or input that moved a number of PAYEE: a LINE (a deal's id or a component), or all.

    Looks back for the last run whose inputs give another number for the same period, takes every row and every
    passage of a plan that has changed since, and computes with some of the changes made, halving, until each change
    that moves the number is found. Changes that act together are shown together; those that cancel each other out are
    not seen.
    """
    from compengine.actions.blame import blame as action

    done = action(the_workspace(ctx), run, payee, line, most)
    if form == "json":
        as_json(done)
        return
    what = f"{done.payee}{f', {done.line}' if done.line else ''}"
    before, after = grouped(done.before), grouped(done.after)
    say(f"{what}: {before} with the inputs of run {done.old}, {after} with those of {done.new}")
    say(f"  {done.old} was calculated on {_time(done.old_time)}, {done.new} on {_time(done.new_time)} UTC")
    for one in done.moved:
        _moved(one)
    say()
    say(f"{len(done.moved)} of {done.looked_at:,} changes or groups of them moved it; {done.computed:,} calculations")


def _time(text: str) -> str:
    return text[:16].replace("T", " ")


def _moved(one: Moved) -> None:
    sign = "+" if one.amount.amount > 0 else ""
    title(f"{sign}{grouped(one.amount)}, from {grouped(one.before)} to {grouped(one.after)}")
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
        names = ", ".join(name_of(change) for change in one.given)
        say(f"  by this amount only together with: {names}")


def name_of(change: Change) -> str:
    """`deals D01 changed`."""
    if isinstance(change, RowChange):
        return f"{change.table} {change.key} {change.verb}"
    return f"{change.kind} {change.name} {change.verb}"


def lines_of(change: Change) -> list[str]:
    """A row with its columns, old → new; of a text the lines that are different."""
    if isinstance(change, RowChange):
        cells = [f"  {c.column}: {c.before or '(empty)'} → {c.after or '(empty)'}" for c in change.cells]
        if change.verb != "changed":
            cells = [f"  {c.column}: {c.after or c.before}" for c in change.cells]
        return [name_of(change), *cells]
    return [name_of(change), *(f"  {line}" for line in change.diff)]
