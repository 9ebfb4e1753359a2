"""`compengine balances`."""

import click

from compengine.cli.output import FORMAT, as_json, grouped, say, table, title
from compengine.cli.place import AS_OF, the_workspace


@click.command()
@click.option("--payee", default="", metavar="ID", help="Only this payee's.")
@click.option("--for", "period", default="", metavar="PERIOD", help="What was earned for this period, and when posted.")
@AS_OF
@FORMAT
@click.pass_context
def balances(ctx: click.Context, payee: str, period: str, as_of: str, form: str) -> None:
    """Show what stands on the accounts of payees, or what was posted for a period.

    Amounts are signed from the payee's side. With --as-of, the ledger as it was then.
    """
    from compengine.actions.balances import balances as action

    done = action(the_workspace(ctx, as_of), payee, period)
    if form == "json":
        as_json(done)
        return
    say(f"head {done.seq}:{done.head}")
    if period:
        rows = [(e.payee, e.plan, e.component, e.in_period, grouped(e.amount)) for e in done.earned]
        title(f"Earned for {period}")
        table(("payee", "plan", "component", "posted in", "amount"), rows, "llllr")
    else:
        title("Balances")
        lines = [(x.payee, x.plan, x.account, grouped(x.amount)) for x in done.lines]
        table(("payee", "plan", "account", "amount"), lines, "lllr")
    title("In total")
    table(("", "amount"), [(x.account, grouped(x.amount)) for x in done.totals], "lr")
