"""`compengine send`."""

from pathlib import Path

import click

from compengine.cli.output import AS, FORMAT, as_json, note, progress, report, say, table
from compengine.cli.place import now, the_workspace
from compengine.source.diagnostic import Diagnostic


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option("--payee", default="", metavar="ID", help="Only this payee's.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the statements were printed; else statements/PERIOD.",
)
@click.option("--again", is_flag=True, help="Also what is uncertain, and what the server has refused.")
@click.option(
    "--dry-run",
    "rehearsal",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write each message to DIR as NUMBER.eml, and send nothing.",
)
@click.option("--list", "listing", is_flag=True, help="Show where each message stands, and send nothing.")
@AS
@FORMAT
@click.pass_context
def send(
    ctx: click.Context,
    run: str,
    payee: str,
    folder: Path | None,
    again: bool,
    rehearsal: Path | None,
    listing: bool,
    actor: str,
    form: str,
) -> None:
    """Send the printed statements of a final run by mail, as the workspace's `delivery` says.

    Only files that are on record as issued go out: print them with `statements RUN --as NAME` first. User and password
    of the mail server come from the environment, COMPENGINE_SMTP_USER and COMPENGINE_SMTP_PASSWORD.

    A statement goes to an address at most once: give the command as often as you like. Where it cannot be known whether
    the server took a message, because the command or the connection ended just then, it is named as uncertain and sent
    once more only with --again. What a server does not take now is tried four times within a minute; what it refuses,
    once. Exit code 1 where a statement did not go out; the others do.
    """
    from compengine.actions.send import Asked, outbox_of, rehearse
    from compengine.actions.send import send as action

    if listing and (rehearsal is not None or again):
        raise click.UsageError("--list sends nothing: leave --again and --dry-run out")
    opened = the_workspace(ctx)
    if listing:
        steps = [step for step in outbox_of(opened, run) if payee in ("", step.payee)]
        if form == "json":
            as_json({"outbox": steps})
        elif not steps:
            say(f"nothing was sent of {run}")
        else:
            rows = [(s.number, s.payee, s.recipient, _standing(s.stage.value), s.time, s.note) for s in steps]
            table(("statement", "payee", "to", "state", "since", "note"), rows)
        return
    asked = Asked(payee, folder, again)
    if rehearsal is not None:
        tried = rehearse(opened, run, asked, rehearsal, now())
        _told(tried.diagnostics)
        if form == "json":
            as_json(tried)
        else:
            say(f"{_count(len(tried.files))} of {tried.period} in {rehearsal}, nothing sent{_before(tried.before)}")
        ctx.exit(1 if tried.diagnostics else 0)
    with progress("mail") as told:
        done = action(opened, run, asked, actor, now, progress=told)
    _told(done.diagnostics)
    if form == "json":
        as_json(done)
    else:
        waiting = f", {done.queued} still queued" if done.queued else ""
        say(f"{_count(len(done.sent))} of {done.period} sent{_before(done.before)}{waiting}")
    ctx.exit(1 if done.diagnostics else 0)


def _told(diagnostics: tuple[Diagnostic, ...]) -> None:
    if diagnostics:
        report(diagnostics)
        note("")


def _standing(stage: str) -> str:
    return "uncertain" if stage == "sending" else stage


def _count(number: int) -> str:
    return f"{number} statement{'s' if number != 1 else ''}"


def _before(number: int) -> str:
    return f", {number} sent before" if number else ""
