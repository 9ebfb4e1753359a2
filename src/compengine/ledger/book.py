"""The two verbs that write entries: post a run into the open period, and pay what a posted run left payable.

The rows of a posting are written and synced as an object before the database commit that names them. Everything is
prepared before the write lock is taken and checked again under it, so the lock is held only while rows go in.
"""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, datetime

import sqlalchemy as sa

from compengine.inputs.objects import Store as Objects
from compengine.inputs.schema import OPEN, Controls
from compengine.ledger.accounts import Account
from compengine.ledger.chain import GENESIS, append, read_head
from compengine.ledger.conservation import broken
from compengine.ledger.entries import Line, payment_lines, run_lines, totals
from compengine.ledger.leaves import EARNINGS, POSTED, entitlement_root, posted_root
from compengine.ledger.posting import difference
from compengine.ledger.queries import (
    Posting,
    closing_hash,
    decided_of,
    folded_rows,
    last_post,
    opening_of,
    read_postings,
    released,
)
from compengine.ledger.register import find_records
from compengine.ledger.rowfiles import PAYABLES, SETTLEMENTS, fetch, keep
from compengine.ledger.runs import Run, append_event, identified, pairs_text, the_run, time_text
from compengine.ledger.states import State, admit, approvals, approvals_needed, failed
from compengine.ledger.store.database import Store, reading, retried, writing
from compengine.ledger.store.tables import ENTRIES, POSTINGS
from compengine.values.periods import DAY


def may_post(store: Store, run: str, actor: str, controls: Controls = OPEN) -> Run:
    """The run, if it could be posted now. Raises `Failed` as `post` does."""
    identified(actor)
    with reading(store) as connection:
        found = the_run(connection, run)
        _may_post(connection, found, actor, controls)
        if opening_of(connection, found.record.calendar).digest != found.record.opening:
            raise _moved_on(connection, found)
    return found


@retried
def post(
    store: Store,
    objects: Objects,
    run: str,
    actor: str,
    now: datetime,
    secret: bytes,
    controls: Controls = OPEN,
    note: str = "",
) -> Posting:
    """Post an approved run: its period is closed with it, even if nothing changes. `note` says how it was checked.

    `secret` (32 bytes) salts the leaves of its rows, and is stored: after a command that died it must be given again
    as it was, so that the posting is the same.

    `run` is an id or the start of one. Raises `Failed`: E606 unknown; E605 its period is posted; E604 not approved, or
    not by as many as its amount needs; E613 role; E601 its period is not the open one; E602 the ledger has moved since
    it was calculated; E612; E611; E609.
    """
    identified(actor)
    with reading(store) as connection:
        found = the_run(connection, run)
        _may_post(connection, found, actor, controls)
        opening = opening_of(connection, found.record.calendar)
        if opening.digest != found.record.opening:
            raise _moved_on(connection, found)
        live = folded_rows(connection, objects, found.record.calendar)
        before = released(connection, found.record.calendar)
    period = found.record.period
    earnings = fetch(objects, EARNINGS, found.record.earnings)
    if (made := entitlement_root(earnings)) != found.record.entitlement:
        figures = f"the run says {found.record.entitlement}, its earnings give {made}"
        raise broken("the entitlement of a run is the root over its earnings", f"run {found.id}", figures)
    rows = difference(earnings, live, period.label)
    lines = run_lines(
        rows,
        fetch(objects, PAYABLES, found.record.payables),
        fetch(objects, SETTLEMENTS, found.record.settlements),
        before,
        period,
    )
    made_of = keep(objects, POSTED, rows), posted_root(rows, secret), secret.hex()
    with writing(store) as connection:
        found = the_run(connection, found.id)
        _may_post(connection, found, actor, controls)
        last = last_post(connection, found.record.calendar)
        head = GENESIS if last is None else closing_hash(connection, last)
        if (opening.head, opening.by_hand) != (head, decided_of(connection, found.record.calendar)):
            raise _moved_on(connection, found)
        amounts = totals(lines, Account.PAYABLE)
        return _write(connection, found, State.POSTED, made_of, amounts, lines, actor, now, "", note)


@retried
def pay(
    store: Store,
    objects: Objects,
    run: str,
    actor: str,
    now: datetime,
    document: str = "",
    controls: Controls = OPEN,
) -> Posting:
    """Record that a finalized run is paid; `document` is the digest of the file that pays it.

    Raises `Failed`: E606 unknown; E607 not posted; E615 not finalized; E608 paid already; E603 where the actor
    approved it; E613 role; E612; E611; E609.
    """
    identified(actor)
    with reading(store) as connection:
        found = the_run(connection, run)
        _may_pay(found, actor, controls)
    settlements = fetch(objects, SETTLEMENTS, found.record.settlements)
    lines = payment_lines(settlements, found.record.period)
    with writing(store) as connection:
        found = the_run(connection, found.id)
        _may_pay(found, actor, controls)
        amounts = totals(lines, Account.PAID)
        return _write(connection, found, State.PAID, ("", "", ""), amounts, lines, actor, now, document)


def _may_post(connection: sa.Connection, run: Run, actor: str, controls: Controls) -> None:
    period = run.record.period
    done = [p for p in read_postings(connection, run.record.calendar) if p.kind == "post"]
    for posting in done:
        if posting.in_period == period.label:
            message = f"{period.label} is posted already: run {posting.run}, by {posting.actor} on {posting.time}"
            raise failed("E605", message, run.id, "calculate the next period; it will hold the corrections")
    admit(run.id, run.events, State.POSTED, actor, controls)
    given, needed = approvals(run.events), approvals_needed(controls, run.record.totals)
    if any(approval.content != run.record.content for approval in given) or len(given) < needed:
        message = f"run {run.id} of {period.label} has {len(given)} of {needed} approvals"
        raise failed("E604", message, run.id, "a second person must approve what is payable above the threshold")
    if done:
        last = done[-1]
        after = (period.start - DAY).isoformat()
        if after != last.period_end:
            message = f"{period.label} is not the open period: {last.in_period}, posted last, ends on {last.period_end}"
            begins = date.fromisoformat(last.period_end) + DAY
            raise failed("E601", message, run.id, f"post the run of the period that begins on {begins} first")


def _may_pay(run: Run, actor: str, controls: Controls) -> None:
    admit(run.id, run.events, State.PAID, actor, controls)


def _moved_on(connection: sa.Connection, run: Run) -> Exception:
    message = f"run {run.id} was calculated against another state of the ledger than the one it would be posted to"
    since = [
        f"{record.kind} {record.id} was {record.state}"
        for record in find_records(connection)
        if record.steps[0].calendar in ("", run.record.calendar)
        and record.steps[-1].seq > run.seq
        and record.state in ("approved", "placed", "released")
    ]
    message += f": {', '.join(since)} since" if since else ""
    return failed("E602", message, run.id, "calculate again, and have the new run approved")


def _write(
    connection: sa.Connection,
    run: Run,
    kind: State,
    rows: tuple[str, str, str],
    amounts: dict[str, int],
    lines: Sequence[Line],
    actor: str,
    now: datetime,
    document: str,
    note: str = "",
) -> Posting:
    """A posting, its entries, and the event that closes it, in one transaction. `rows` are the digest of what it posts,
    the root over it, and the secret of its salts."""
    period, head = run.record.period, read_head(connection)
    number = len(read_postings(connection)) + 1
    posting = Posting(
        seq=head.seq + 1,
        number=number,
        kind="post" if kind is State.POSTED else "pay",
        run=run.id,
        calendar=run.record.calendar,
        in_period=period.label,
        period_start=period.start.isoformat(),
        period_end=period.end.isoformat(),
        rows=rows[0],
        rows_root=rows[1],
        secret=rows[2],
        entitlement=run.record.entitlement,
        totals=pairs_text(amounts),
        first_seq=head.seq + 2,
        last_seq=head.seq + 1 + len(lines),
        actor=actor,
        time=time_text(now),
    )
    head = append(connection, head, POSTINGS, [astuple(posting)[1:]])
    head = append(connection, head, ENTRIES, [(number, *astuple(line)) for line in lines])
    append_event(connection, head, run.record, kind, actor, now, number, document, note)
    return posting
