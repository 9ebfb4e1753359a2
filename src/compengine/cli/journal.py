"""`compengine journal`."""

import click

from compengine.cli.output import as_json, grouped, say, table
from compengine.cli.place import the_workspace


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
@click.pass_context
def journal(ctx: click.Context, run: str, form: str) -> None:
    """Print what a run put on the ledger as a journal for the general ledger: debits and credits that balance.

    The numbers of the accounts stand in the workspace file under `journal`.
    """
    from compengine.actions.figures import Money
    from compengine.actions.journal import journal as action
    from compengine.actions.journal import journal_file

    made = action(the_workspace(ctx), run)
    if form == "json":
        as_json(made)
        return
    if form == "csv":
        click.echo(journal_file(made), nl=False)
        return
    say(f"journal of run {made.run}, {made.period}: {made.entries:,} entries of the ledger")
    rows, named = [], any(line.entity for line in made.lines)
    for line in made.lines:
        debit = grouped(Money(line.debit, line.currency)) if line.debit else ""
        credit = grouped(Money(line.credit, line.currency)) if line.credit else ""
        cells = (str(line.posting), line.date, line.account, line.plan, debit, credit)
        rows.append((line.entity, *cells) if named else cells)
    heads = ("posting", "date", "account", "plan", "debit", "credit")
    table(("entity", *heads) if named else heads, rows, "lrlllrr"[not named :])
    for entity, total in made.by_entity if named else ():
        say(f"{entity}: debits and credits {grouped(total)}")
    say(f"debits and credits: {', '.join(grouped(total) for total in made.totals) or 'nothing'}")
