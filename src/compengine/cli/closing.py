"""`compengine submit`, `approve`, `reject`, `post`, `finalize` and `pay`."""

from collections.abc import Iterable

import click

from compengine.actions.figures import Money
from compengine.cli.output import AS, FORMAT, as_json, grouped, say
from compengine.cli.place import now, the_workspace


def _say_done(what: str, kind: str, actor: str, payable: Iterable[Money], content: str) -> None:
    say(f"{what} {kind} by {actor}: {', '.join(grouped(m) for m in payable)}")
    say(f"content {content}")


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@AS
@FORMAT
@click.pass_context
def submit(ctx: click.Context, run: str, actor: str, form: str) -> None:
    """Hand a calculated run over for approval."""
    from compengine.actions.closing import submit as action

    view = action(the_workspace(ctx), run, actor, now())
    if form == "json":
        as_json(view)
        return
    event = view.events[-1]
    _say_done(f"run {view.run} of {view.period}", event.kind, event.actor, view.payable, view.content)


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option("--content", default="", metavar="DIGEST", help="Refuse unless the run's content has this digest.")
@AS
@FORMAT
@click.pass_context
def approve(ctx: click.Context, run: str, content: str, actor: str, form: str) -> None:
    """Approve a submitted run. Whoever prepared it may not (E603), nor anybody whose pay is in it (E614).

    A run that pays more than the workspace's threshold needs two approvals.
    """
    from compengine.actions.closing import approve as action

    view = action(the_workspace(ctx), run, actor, now(), content)
    if form == "json":
        as_json(view)
        return
    event = view.events[-1]
    _say_done(f"run {view.run} of {view.period}", event.kind, event.actor, view.payable, view.content)


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option("--because", "note", required=True, metavar="TEXT", help="What must be mended.")
@AS
@FORMAT
@click.pass_context
def reject(ctx: click.Context, run: str, note: str, actor: str, form: str) -> None:
    """Send a submitted run back to who prepared it, with the reason; it can be submitted again."""
    from compengine.actions.closing import reject as action

    view = action(the_workspace(ctx), run, actor, now(), note)
    if form == "json":
        as_json(view)
        return
    event = view.events[-1]
    _say_done(f"run {view.run} of {view.period}", event.kind, event.actor, view.payable, view.content)


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@AS
@FORMAT
@click.pass_context
def post(ctx: click.Context, run: str, actor: str, form: str) -> None:
    """Post an approved run into the ledger: its period is closed with it, for good.

    Refused where the run is not approved (E604), its period is not the open one (E601, E605), or the ledger has moved
    since it was calculated (E602).
    """
    from compengine.actions.closing import post as action

    done = action(the_workspace(ctx), run, actor, now())
    if form == "json":
        as_json(done)
        return
    say(f"{done.period} is posted and closed: run {done.run}, {done.rows:,} rows, {done.entries:,} entries")
    say(f"payable: {', '.join(grouped(m) for m in done.payable) or 'nothing'}")
    say(f"ledger head {done.head_seq} {done.head}")


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@AS
@FORMAT
@click.pass_context
def finalize(ctx: click.Context, run: str, actor: str, form: str) -> None:
    """Declare a posted run final: its statements are final, and it may be paid."""
    from compengine.actions.closing import finalize as action

    view = action(the_workspace(ctx), run, actor, now())
    if form == "json":
        as_json(view)
        return
    event = view.events[-1]
    _say_done(f"run {view.run} of {view.period}", event.kind, event.actor, view.payable, view.content)


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@AS
@FORMAT
@click.pass_context
def pay(ctx: click.Context, run: str, actor: str, form: str) -> None:
    """Write the pay file of a posted run, once, and note it in the ledger as paid.

    The file is pay/PERIOD-RUN.csv: a line per payment, then a control total per currency. It is never overwritten.
    Where the workspace names legal entities, pay/PERIOD-RUN-ENTITY.csv has the lines of each.
    """
    from compengine.actions.opened import shown
    from compengine.actions.payment import pay as action

    done = action(the_workspace(ctx), run, actor, now())
    if form == "json":
        as_json(done)
        return
    say(f"{done.period} is paid: {done.payments:,} payments, {', '.join(grouped(m) for m in done.totals) or 'nothing'}")
    say(f"{shown(done.file)}  sha256 {done.digest}")
    for part in done.parts:
        totals = ", ".join(grouped(m) for m in part.totals)
        say(f"{shown(part.file)}  {part.payments:,} payments, {totals}")
