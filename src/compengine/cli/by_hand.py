"""`compengine adjust`, `hold`, `release`, `dispute`, `decide`, `withdraw` and `register`."""

from collections.abc import Sequence
from pathlib import Path

import click

from compengine.cli.output import AS, FORMAT, as_json, grouped, say, table, title
from compengine.cli.place import now, the_workspace
from compengine.values.money import is_currency

KINDS = ("adjustment", "hold", "dispute", "statements", "load", "key")
BECAUSE = click.option("--because", "note", required=True, metavar="TEXT", help="The reason, in a sentence.")


def _say_record(line: object, form: str) -> None:
    from compengine.actions.register import RecordLine

    assert isinstance(line, RecordLine)
    if form == "json":
        as_json(line)
        return
    last = line.steps[-1]
    about = [line.payee, line.plan, *([grouped(line.amount)] if line.amount else [])]
    said = ", ".join([*filter(None, about), *(f"{name} {value}" for name, value in line.about.items())])
    say(f"{line.kind} {line.id} {last.state} by {last.actor}: {said}")
    if line.due is not None and line.state in ("opened", "reviewed"):
        say(f"to be decided by {line.due}")


def _require_quotes(amount: str, others: Sequence[str]) -> None:
    """A shell hands over `-40 USD` in two words, and the second one stands among the arguments."""
    currency = next((word for word in others if is_currency(word)), "")
    if currency and " " not in amount.strip():
        raise click.UsageError(f'Amount and currency go together, in quotes: --amount "{amount} {currency}".')


@click.command(context_settings={"allow_extra_args": True})
@click.argument("payee")
@click.option("--plan", required=True, metavar="NAME", help="The plan it is paid with.")
@click.option("--amount", required=True, metavar="AMOUNT", help='In the plan\'s currency: "250.00 USD", "-40 USD".')
@click.option("--for", "period", required=True, metavar="PERIOD", help="The period it belongs to.")
@click.option("--kind", required=True, metavar="KIND", help="bonus, correction, exception, recovery or dispute.")
@click.option("--code", required=True, metavar="CODE", help="Your reason code: capitals, digits and dashes.")
@BECAUSE
@click.option(
    "--attach",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Evidence; its bytes are kept with the ledger's objects.",
)
@click.option("--dispute", default="", metavar="ID", help="The dispute that it ends.")
@AS
@FORMAT
@click.pass_context
def adjust(
    ctx: click.Context,
    payee: str,
    plan: str,
    amount: str,
    period: str,
    kind: str,
    code: str,
    note: str,
    attach: Path | None,
    dispute: str,
    actor: str,
    form: str,
) -> None:
    """Ask for an amount that no plan gives. It is paid once somebody else has approved it.

    An approved adjustment is a row of every later calculation, posted once; it is never edited. To take one back, ask
    for another of the same amount below zero. What belongs to a period that is still to come is paid with that one.
    """
    from compengine.actions.by_hand import Asked
    from compengine.actions.by_hand import adjust as action

    _require_quotes(amount, [*ctx.args, payee])
    if ctx.args:
        raise click.UsageError(f"There is more than one payee: {' '.join([payee, *ctx.args])}.")
    asked = Asked(payee, plan, amount, period, kind, code, attach, dispute)
    _say_record(action(the_workspace(ctx), asked, note, actor, now()), form)


@click.command()
@click.argument("payee")
@click.option("--plan", default="", metavar="NAME", help="Only this plan.")
@click.option("--component", default="", metavar="NAME", help="Only this component.")
@click.option("--source", default="", metavar="ID", help="Only this deal, or whatever a row is about.")
@BECAUSE
@AS
@FORMAT
@click.pass_context
def hold(
    ctx: click.Context, payee: str, plan: str, component: str, source: str, note: str, actor: str, form: str
) -> None:
    """Keep back pay that is not released yet, until `release`. It is earned all the same.

    What a posted run has released stays released, and corrections of it go on. A draw is no earning: it is paid.
    """
    from compengine.actions.by_hand import Scope
    from compengine.actions.by_hand import hold as action

    _say_record(action(the_workspace(ctx), Scope(payee, plan, component, source), note, actor, now()), form)


@click.command()
@click.argument("id", metavar="HOLD")
@BECAUSE
@AS
@FORMAT
@click.pass_context
def release(ctx: click.Context, id: str, note: str, actor: str, form: str) -> None:
    """End a hold. What it kept back is released in the open period, as far as the plan releases it."""
    from compengine.actions.by_hand import release as action

    _say_record(action(the_workspace(ctx), id, note, actor, now()), form)


@click.command()
@click.argument("number", metavar="STATEMENT")
@click.option("--line", default="", metavar="SOURCE[/PART]", help="The line; else the statement as a whole.")
@click.option("--calendar", default="", metavar="NAME", help="Where two calendars have a statement of that number.")
@BECAUSE
@AS
@FORMAT
@click.pass_context
def dispute(ctx: click.Context, number: str, line: str, calendar: str, note: str, actor: str, form: str) -> None:
    """Say that a statement of a posted run is wrong, by its number. Anybody may; somebody else decides.

    It is to be decided within the days that the workspace file gives (`dispute_days`, else 30). It ends accepted, with
    an approved adjustment made for it, or refused with the reason; the next statement of the payee says which.
    """
    from compengine.actions.disputes import dispute as action

    _say_record(action(the_workspace(ctx), number, line, calendar, note, actor, now()), form)


@click.command()
@click.argument("id", metavar="ID")
@click.argument("verb", type=click.Choice(["approve", "refuse", "review", "accept"]))
@BECAUSE
@AS
@FORMAT
@click.pass_context
def decide(ctx: click.Context, id: str, verb: str, note: str, actor: str, form: str) -> None:
    """Approve or refuse an adjustment; review, accept or refuse a dispute. Not by who began it (E603).

    An adjustment above the limit of the roles of who decides is refused (E618), and so is one of his own pay (E614). A
    dispute is accepted only when an adjustment for it is approved (E619).
    """
    from compengine.actions.by_hand import decide as action

    _say_record(action(the_workspace(ctx), id, verb, note, actor, now()), form)


@click.command()
@click.argument("id", metavar="ID")
@BECAUSE
@AS
@FORMAT
@click.pass_context
def withdraw(ctx: click.Context, id: str, note: str, actor: str, form: str) -> None:
    """Take back an adjustment or a dispute of your own, before it is decided."""
    from compengine.actions.by_hand import withdraw as action

    _say_record(action(the_workspace(ctx), id, note, actor, now()), form)


@click.command()
@click.option("--kind", type=click.Choice(KINDS), help="Only these.")
@click.option(
    "--csv", "file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it to a new file."
)
@FORMAT
@click.pass_context
def register(ctx: click.Context, kind: str | None, file: Path | None, form: str) -> None:
    """List every adjustment, hold and dispute with all its steps, and the control totals of adjustments.

    Who issued statements, loaded tables or made a key stands there, too, where it was known who acted.

    Requested and approved are sums of the register, posted is what the ledger's entries say.
    """
    from compengine.actions.opened import shown
    from compengine.actions.register import register as action
    from compengine.actions.register import write_register

    made = action(the_workspace(ctx), now(), kind or "")
    if file is not None:
        write_register(made, file)
        say(f"{shown(file)}: {len(made.records)} records")
    elif form == "json":
        as_json(made)
    elif not made.records:
        say("nothing is on record yet")
    else:
        for r in made.records:
            whom = ", ".join(filter(None, (r.payee, r.plan, grouped(r.amount) if r.amount else "")))
            title(f"{r.id}  {r.kind}, {r.state}{whom and f': {whom}'}")
            said = [f"{name} {value}" for name, value in r.about.items()]
            said += [f"posted in {', '.join(r.posted)}"] if r.posted else []
            if r.due is not None:
                said.append(f"open {r.days} days, due {r.due}{', overdue' if r.overdue else ''}")
            if said:
                say(f"  {', '.join(said)}")
            for s in r.steps:
                say(f"  {s.state} by {s.actor} on {s.time[:16].replace('T', ' ')} UTC: {s.note}")
        if made.totals:
            title("Adjustments")
            table(
                ("currency", "requested", "approved", "posted"),
                [(t.currency, grouped(t.requested), grouped(t.approved), grouped(t.posted)) for t in made.totals],
                "lrrr",
            )
