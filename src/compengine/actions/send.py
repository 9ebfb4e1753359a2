"""Sends the statements of a final run by mail, each version to each address at most once unless told otherwise.

Before a message is handed over, `sending` is on the disk; after the server's answer, what became of it. A message that
stays at `sending` may have been delivered or not: it is named, and sent again only where that is asked for.
"""

import os
import smtplib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from compengine.actions.entities import entities_of
from compengine.actions.mail_server import Account, Outcome, Reply, close, connect, hand_over
from compengine.actions.opened import Opened, acting
from compengine.actions.outbox import Known, Outbox, Sending, Stage, read_outbox, writing_outbox
from compengine.actions.outgoing import Outgoing, addressed, attached, issued_files, require_final
from compengine.actions.runs import find_run, the_ledger
from compengine.actions.wording import check_wording, wording
from compengine.inputs.objects import write_content
from compengine.inputs.schema import Delivery, Role
from compengine.ledger.runs import Run, time_text
from compengine.ledger.states import require_role
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.mail import Envelope, Wording, message, message_id

USER, PASSWORD = "COMPENGINE_SMTP_USER", "COMPENGINE_SMTP_PASSWORD"
WAITS = (2, 10, 30)
"""Seconds before what a server would not take now is tried again, all of it together, so that a slow server costs
these waits once and not once for each message."""

Clock = Callable[[], datetime]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """`payee`: only this one's; `folder`: where the statements lie, else statements/PERIOD; `again`: also what is
    uncertain and what was refused."""

    payee: str = ""
    folder: Path | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """`todo` are to be sent now; `before` is how many were sent earlier; `diagnostics` name who is left out."""

    run: Run
    delivery: Delivery
    wording: Wording
    todo: tuple[Outgoing, ...]
    before: int
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """`queued` is how many still wait because no message would be taken; `diagnostics` has one for each statement that
    did not go out, and one for what stopped all."""

    run: str
    period: str
    sent: tuple[Sending, ...]
    before: int
    queued: int
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The files written, and who would be left out."""

    run: str
    period: str
    files: tuple[Path, ...]
    before: int
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every message of one batch shares."""

    batch: Batch
    outbox: Outbox
    account: Account
    actor: str
    clock: Clock


def send(
    opened: Opened,
    which: str,
    asked: Asked,
    actor: str,
    clock: Clock,
    pause: Callable[[float], None] = time.sleep,
    progress: Progress = lambda done, of: None,
) -> Sent:
    """Raises `Failed` before anything is sent: E706 without `delivery` or statements; E607, E615 not final; E805 not as
    issued; E512; E807, E802 a template; E302 a password that would travel in the clear, E108 one that cannot; E811
    another process sends; E612, E613 who may not; E606, E609."""
    who = acting(opened, actor)
    require_role(Role.PREPARER, who, opened.workspace.controls)
    with writing_outbox(opened) as outbox:
        batch = _batch(opened, which, asked, clock(), outbox.known)
        desk = Desk(batch, outbox, _account(batch.delivery), who, clock)
        fresh = [_step(desk, each, Stage.QUEUED, "") for each in batch.todo]
        outbox.add(s for s in fresh if s.key not in outbox.known or outbox.known[s.key].stage is not Stage.QUEUED)
        stopped = _work(desk, pause, progress) if batch.todo else None
        last = [outbox.known[each.key] for each in batch.todo]
    found = [*batch.diagnostics, *(_fault(step) for step in last if step.stage not in (Stage.SENT, Stage.QUEUED))]
    queued = sum(step.stage is Stage.QUEUED for step in last)
    if stopped is not None:
        found.append(_stopped(batch.delivery, stopped, queued))
    sent = tuple(step for step in last if step.stage is Stage.SENT)
    return Sent(batch.run.id, batch.run.record.period.label, sent, batch.before, queued, tuple(found))


def rehearse(opened: Opened, which: str, asked: Asked, folder: Path, now: datetime) -> Rehearsed:
    """Writes what would be sent now as NUMBER.eml; sends and notes nothing. Raises `Failed` as `send` does."""
    batch = _batch(opened, which, asked, now, read_outbox(opened))
    found, files = list(batch.diagnostics), []
    for each in batch.todo:
        try:
            content = _content(batch, each, now)
        except Failed as failed:
            found += failed.diagnostics
            continue
        path = folder / f"{each.printed.number}.eml"
        write_content(path, content)
        files.append(path)
    return Rehearsed(batch.run.id, batch.run.record.period.label, tuple(files), batch.before, tuple(found))


def outbox_of(opened: Opened, which: str) -> tuple[Sending, ...]:
    """Where every message of a run stands. Raises `Failed`: E606, E811."""
    run = find_run(opened, the_ledger(opened), which)
    mine = [step for step in read_outbox(opened).values() if step.run == run.id]
    return tuple(sorted(mine, key=lambda step: step.number))


def _batch(opened: Opened, which: str, asked: Asked, now: datetime, known: Known) -> Batch:
    delivery = opened.workspace.delivery
    if delivery is None:
        help = "add it as docs/reference/workspace.md says, under Delivery"
        raise Failed([Diagnostic("E706", "the workspace file has no delivery, so nothing can be sent", help=help)])
    if wrong := check_wording(opened):
        raise Failed(wrong)
    store = the_ledger(opened)
    run = find_run(opened, store, which)
    require_final(run)
    period = run.record.period.label
    files = issued_files(opened, store, run, asked.folder or opened.root / "statements" / period)
    if asked.payee:
        files = tuple(each for each in files if each.payee == asked.payee)
        if not files:
            place = Place(table="payees", row=asked.payee)
            raise Failed([Diagnostic("E512", f"{asked.payee} has no statement for {period}", place)])
    day = now.astimezone(ZoneInfo(opened.workspace.timezone)).date()
    outgoing, found = addressed(opened, delivery, files, day, entities_of(opened, run))
    todo, before = [], 0
    for each in outgoing:
        last = known.get(each.key)
        if last is not None and last.stage is Stage.SENT:
            before += 1
        elif last is not None and last.stage in (Stage.SENDING, Stage.BOUNCED) and not asked.again:
            found.append(_fault(last))
        else:
            todo.append(each)
    return Batch(run, delivery, wording(opened, delivery), tuple(todo), before, tuple(found))


def _account(delivery: Delivery) -> Account:
    account = Account(os.environ.get(USER, ""), os.environ.get(PASSWORD, ""))
    if account.user and delivery.tls == "none":
        help = f"write tls: starttls, or unset {USER}"
        raise Failed([Diagnostic("E302", "with tls: none the password would travel in the clear", help=help)])
    if not (account.user + account.password).isascii():
        message = f"{USER} or {PASSWORD} has letters that a login cannot carry"
        raise Failed([Diagnostic("E108", message, help="have a password of plain ASCII made for this")])
    return account


def _work(desk: Desk, pause: Callable[[float], None], progress: Progress) -> Outcome | None:
    """Everything, and again what was put off; what stopped all of it, if anything did. What was put off to the end has
    failed."""
    waiting: Sequence[Outgoing] = desk.batch.todo
    total = len(waiting)
    stopped: Outcome | None = None
    for wait in (0, *WAITS):
        if wait:
            pause(wait)
        waiting, stopped = _round(desk, waiting, lambda left: progress(total - left, total))
        if not waiting or (stopped is not None and stopped.reply is Reply.CLOSED):
            break
    if stopped is None:
        notes = [desk.outbox.known[each.key].note for each in waiting]
        desk.outbox.add(_step(desk, e, Stage.FAILED, note) for e, note in zip(waiting, notes, strict=True))
    return stopped


def _round(
    desk: Desk, waiting: Sequence[Outgoing], left: Callable[[int], None]
) -> tuple[list[Outgoing], Outcome | None]:
    """Each once: those put off, and why the round ended early, if it did."""
    later: list[Outgoing] = []
    server: smtplib.SMTP | None = None
    try:
        for at, each in enumerate(waiting):
            if server is None or server.sock is None:
                made = connect(desk.batch.delivery, desk.account)
                if isinstance(made, Outcome):
                    return [*later, *waiting[at:]], made
                server = made
            outcome = _one(desk, server, each)
            if outcome.reply is Reply.CLOSED:
                return [*later, *waiting[at:]], outcome
            if outcome.reply is Reply.LATER:
                later.append(each)
            left(len(waiting) - at - 1 + len(later))
        return later, None
    finally:
        close(server)


def _one(desk: Desk, server: smtplib.SMTP, each: Outgoing) -> Outcome:
    """Noted before and after."""
    sender, recipient = desk.batch.delivery.sender, each.recipient
    try:
        content = _content(desk.batch, each, desk.clock())
    except Failed as failed:
        outcome = Outcome(Reply.REFUSED, failed.diagnostics[0].message)
        desk.outbox.add([_step(desk, each, Stage.FAILED, outcome.text)])
        return outcome
    desk.outbox.add([_step(desk, each, Stage.SENDING, "")])
    outcome = hand_over(server, sender, recipient, content)
    desk.outbox.add([_step(desk, each, _STAGES[outcome.reply], outcome.text)])
    return outcome


_STAGES = {
    Reply.TAKEN: Stage.SENT,
    Reply.REFUSED: Stage.BOUNCED,
    Reply.LATER: Stage.QUEUED,
    Reply.CLOSED: Stage.QUEUED,
    Reply.UNKNOWN: Stage.SENDING,
}
"""What a message is after an answer to it."""


def _content(batch: Batch, each: Outgoing, now: datetime) -> bytes:
    """Raises `Failed`: E805 where the file was changed since, E807."""
    file = attached(each.printed)
    sender = batch.delivery.sender
    id = message_id(each.printed.number, each.printed.digest, each.recipient, sender)
    envelope = Envelope(sender, each.recipient, id)
    return message(envelope, batch.wording, each.said, None if batch.delivery.link else file, now)


def _step(desk: Desk, each: Outgoing, stage: Stage, note: str) -> Sending:
    printed = each.printed
    return Sending(
        run=desk.batch.run.id,
        number=printed.number,
        digest=printed.digest,
        payee=printed.payee,
        recipient=each.recipient,
        id=message_id(printed.number, printed.digest, each.recipient, desk.batch.delivery.sender),
        stage=stage,
        note=note,
        actor=desk.actor,
        time=time_text(desk.clock()),
    )


def _fault(step: Sending) -> Diagnostic:
    what = f"statement {step.number} to {step.recipient}"
    place = Place(table="payees", row=step.payee)
    match step.stage:
        case Stage.SENDING:
            why = f": {step.note}" if step.note else ": the command ended while it was handed over"
            help = f"ask whether {step.id} arrived; --again sends it once more"
            return Diagnostic("E810", f"{what} was perhaps delivered{why}", place, help)
        case Stage.BOUNCED:
            help = "load another address, or give --again once the cause is mended"
            return Diagnostic("E809", f"{what} was refused: {step.note}", place, help)
        case _:
            help = "give the same command again"
            return Diagnostic("E809", f"{what} was not sent: {step.note}", place, help)


def _stopped(delivery: Delivery, outcome: Outcome, queued: int) -> Diagnostic:
    server = f"{delivery.host}:{delivery.port}"
    what = "takes no mail of ours" if outcome.reply is Reply.CLOSED else "cannot be reached"
    help = f"{queued} still wait: mend it, and give the same command again"
    return Diagnostic("E809", f"the mail server {server} {what}: {outcome.text}", help=help)
