"""`compengine why`."""

import click

from compengine.actions.why import Cause, Why
from compengine.cli.blame import lines_of
from compengine.cli.output import FORMAT, as_json, grouped, say, table, title
from compengine.cli.place import the_workspace
from compengine.cli.review import mover_rows

SHOWN = 20


@click.command()
@click.argument("payee")
@click.option("--run", "which", default="", metavar="RUN|PERIOD", help="Else the last run.")
@click.option("--against", default="", metavar="RUN|PERIOD", help="Else the run before it.")
@click.option("--all", "every", is_flag=True, help=f"Every changed row, not only the first {SHOWN}.")
@FORMAT
@click.pass_context
def why(ctx: click.Context, payee: str, which: str, against: str, every: bool, form: str) -> None:
    """Show what made the pay of PAYEE another than in the run before.

    The parts of the change; what the pay depends on that is another now, down to the payee it is coupled with and by
    which rule, or that nothing is; changed rows that name the payee or stand behind a credit, column by column; changed
    passages of the plans that pay the payee; opening balances; adjustments and holds. Other changed rows are counted:
    in a team, a contest or a common limit they can matter as well. `blame` finds which of them moved a number.
    """
    from compengine.actions.why import why as action

    done = action(the_workspace(ctx), payee, which, against)
    if form == "json":
        as_json(done)
        return
    _page(done, None if every else SHOWN)


def _page(done: Why, most: int | None) -> None:
    name = f" ({done.name})" if done.name else ""
    say(f"{done.payee}{name}: run {done.run} of {done.period}, beside run {done.against} of {done.against_period}")
    if done.pay:
        title("Payable")
        rows = [row for mover in done.pay for row in mover_rows(mover)]
        table(("payee", "name", "before", "now", "change", ""), rows, "llrrrr")
    else:
        say("payable: the same")
    _causes(done, most)
    if done.rows:
        title(f"Changed rows ({len(done.rows):,})")
        for change in done.rows[:most]:
            for line in lines_of(change):
                say(f"  {line}")
        if most is not None and len(done.rows) > most:
            say(f"  … and {len(done.rows) - most:,} more, with --all")
    if done.others:
        say()
        told = ", ".join(f"{count:,} in {name}" for name, count in done.others)
        say(f"changed rows that do not name {done.payee}: {told}")
    if done.texts:
        title("Changed plans and settings")
        for text in done.texts:
            for line in lines_of(text):
                say(f"  {line}")
    if done.other_texts:
        say()
        say(f"other plans that changed: {', '.join(done.other_texts)}")
    if done.balances:
        title("Opening balances")
        rows = [(b.plan, b.account, grouped(b.before), grouped(b.now)) for b in done.balances]
        table(("plan", "account", "before", "now"), rows, "llrr")
    if done.decided:
        title("Decided by hand")
        for one in done.decided:
            say(f"  {one}")
    if done.engine:
        say()
        say(f"the engine changed: {done.engine}")


def _causes(done: Why, most: int | None) -> None:
    """Why it was computed, or that it need not have been."""
    if done.everything:
        say(f"everybody is computed again: {done.everything}")
        return
    if not done.causes:
        how = "taken over from" if done.taken else "the same as in"
        say(f"{how} run {done.against}: nothing that the pay of {done.payee} depends on has changed")
        return
    title(f"Computed again ({len(done.causes):,})")
    for cause in done.causes[:most]:
        say(f"  {cause.plan}: {_said(cause)}")
    if most is not None and len(done.causes) > most:
        say(f"  … and {len(done.causes) - most:,} more, with --all")


def _said(cause: Cause) -> str:
    match cause.kind:
        case "plan":
            return f"the text of {cause.name} changed"
        case "balance":
            return f"the opening balance of {cause.name} is another"
        case "coupled":
            return f"coupled with {cause.name} by {cause.rule}"
        case "row" if cause.rule:
            return f"{cause.name} {cause.verb}, and everybody is coupled by {cause.rule}"
    return f"{cause.name} {cause.verb or 'changed'}"
