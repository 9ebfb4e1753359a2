"""Runs: a calculation on record, and what people did with it.

A run is known by its content: two calculations of the same inputs with the same result are one run. What has
happened to it stands in events; nothing is ever updated. Which events there are, and who may bring them about, is
said in `states`.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime

import sqlalchemy as sa

from compengine.inputs.schema import OPEN, Controls
from compengine.ledger.chain import Head, append, canonical, read_head
from compengine.ledger.states import (
    ROLE,
    Event,
    State,
    admit,
    approvals,
    approvals_needed,
    failed,
    require_no_self_interest,
    require_role,
    what_is_next,
)
from compengine.ledger.store.database import Store, retried, writing
from compengine.ledger.store.tables import EVENTS, RUNS, columns
from compengine.values.periods import Window

CONTENT_DOMAIN = b"compengine-run-content-v1\0"
ID_DIGITS = 12


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a run is: everything that went into it and came out of it.

    `plans` are (name, digest), `totals` (currency, minor units) of what is payable, both sorted. `opening` is the
    digest of what it was calculated against (`queries.read_opening`), `posted` that of what its late rows were compared
    with (`closed.content`), empty where they were not. `earnings`, `payables`, `settlements`, `credits`, `measures`
    and `exclusions` are digests of stored objects; `entitlement` is the root over the earnings
    (`leaves.entitlement_root`).
    """

    calendar: str
    period: Window
    engine: str
    plans: tuple[tuple[str, str], ...]
    workspace: str
    snapshot: str
    opening: str
    posted: str
    earnings: str
    payables: str
    settlements: str
    credits: str
    measures: str
    exclusions: str
    entitlement: str
    totals: tuple[tuple[str, int], ...]

    @property
    def content(self) -> str:
        """The digest of all of it: what an approval approves."""
        return hashlib.sha256(CONTENT_DOMAIN + canonical(_content(self))).hexdigest()

    @property
    def id(self) -> str:
        return self.content[:ID_DIGITS]


@dataclass(frozen=True, slots=True)
class Run:
    """`stored` is the id and content digest in the database, which `verify` compares with the record's own."""

    record: RunRecord
    seq: int
    stored: tuple[str, str]
    events: tuple[Event, ...]

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def state(self) -> State:
        return self.events[-1].kind

    def event(self, kind: State) -> Event | None:
        """The last event of that kind."""
        return next((e for e in reversed(self.events) if e.kind is kind), None)


@retried
def record_run(
    store: Store, record: RunRecord, actor: str, now: datetime, controls: Controls = OPEN, note: str = ""
) -> Run:
    """Put a calculation on record; the run that is there, if the same was recorded before.

    `note` says how it was calculated and is no part of what it is. `now` must know its zone. Raises `Failed`: E612
    without an actor, E613 role, E611, E609.
    """
    identified(actor)
    require_role(ROLE[State.CALCULATED], actor, controls)
    with writing(store) as connection:
        if not find_runs(connection, record.id):
            head = append(connection, read_head(connection), RUNS, [tuple(columns_of(record).values())])
            append_event(connection, head, record, State.CALCULATED, actor, now, note=note)
        return the_run(connection, record.id)


def submit(store: Store, run: str, actor: str, now: datetime, controls: Controls = OPEN) -> Run:
    """Hand a run over for approval; again after it was rejected. `run` is an id or the start of one.

    Raises `Failed`: E606 unknown; E615 submitted already; E613 role; E612, E611, E609.
    """
    return _happened(store, run, State.SUBMITTED, actor, now, controls)


def approve(
    store: Store,
    run: str,
    actor: str,
    now: datetime,
    content: str = "",
    *,
    payees: Collection[str] = (),
    controls: Controls = OPEN,
) -> Run:
    """Approve a submitted run; `content` is what the approver was shown, if not the id, `payees` whom it pays.

    Raises `Failed`: E606 unknown; E615 not submitted, or approved already; E602 where `content` is another; E603 where
    the actor prepared or approved it; E614 where it holds his own pay; E613 role; E612, E611, E609.
    """
    return _happened(store, run, State.APPROVED, actor, now, controls, content=content, payees=payees)


def reject(store: Store, run: str, actor: str, now: datetime, note: str, controls: Controls = OPEN) -> Run:
    """Send a submitted run back, with the reason. Raises `Failed` as `approve` does, and E616 without a reason."""
    if not note.strip():
        raise failed("E616", "a run is rejected with a reason", run, "say what must be mended")
    return _happened(store, run, State.REJECTED, actor, now, controls, note=note)


def finalize(store: Store, run: str, actor: str, now: datetime, controls: Controls = OPEN) -> Run:
    """Declare a posted run final: its statements go out, and it may be paid.

    Raises `Failed`: E607 not posted; E606 unknown; E615 finalized already; E613, E612, E611, E609.
    """
    return _happened(store, run, State.FINALIZED, actor, now, controls)


@retried
def _happened(
    store: Store,
    run: str,
    kind: State,
    actor: str,
    now: datetime,
    controls: Controls,
    *,
    content: str = "",
    payees: Collection[str] = (),
    note: str = "",
) -> Run:
    identified(actor)
    with writing(store) as connection:
        found = the_run(connection, run)
        if content and content != found.record.content:
            raise failed(
                "E602",
                f"run {found.id} is not what was shown for approval",
                found.id,
                "look at it again: compengine review",
            )
        admit(found.id, found.events, kind, actor, controls)
        require_no_self_interest(found.id, actor, payees, controls)
        needed = approvals_needed(controls, found.record.totals)
        if kind is State.APPROVED and len(approvals(found.events)) >= needed:
            by = ", ".join(f"{e.actor} on {e.time}" for e in approvals(found.events))
            message = f"run {found.id} was approved already, by {by}"
            raise failed("E615", message, found.id, what_is_next(State.APPROVED, found.id))
        append_event(connection, read_head(connection), found.record, kind, actor, now, note=note)
        return the_run(connection, found.id)


def append_event(
    connection: sa.Connection,
    head: Head,
    record: RunRecord,
    kind: State,
    actor: str,
    now: datetime,
    posting: int = 0,
    document: str = "",
    note: str = "",
) -> Head:
    row = (record.id, kind.value, record.content, posting, document, note, actor, time_text(now))
    return append(connection, head, EVENTS, [row])


def find_runs(connection: sa.Connection, start: str = "") -> list[Run]:
    """Runs whose id starts so, in order of recording."""
    select = sa.select(RUNS).where(RUNS.c.id.startswith(start, autoescape=True)).order_by(RUNS.c.seq)
    rows = connection.execute(select).all()
    events: dict[str, list[Event]] = {row.id: [] for row in rows}
    for event in read_events(connection):
        if event.run in events:
            events[event.run].append(event)
    return [Run(record_of(row._asdict()), row.seq, (row.id, row.content), tuple(events[row.id])) for row in rows]


def the_run(connection: sa.Connection, start: str) -> Run:
    """The one run whose id starts so; raises `Failed` (E606)."""
    found = find_runs(connection, start) if start else []
    if not found:
        raise failed("E606", f"there is no run {start!r}", start, "compengine runs lists them")
    if len(found) > 1:
        message = f"{len(found)} runs start with {start}: {', '.join(r.id for r in found[:5])}"
        raise failed("E606", message, start, "write more of the id")
    return found[0]


def read_events(connection: sa.Connection) -> list[Event]:
    names = [f.name for f in fields(Event)]
    rows = connection.execute(sa.select(*(EVENTS.c[name] for name in names)).order_by(EVENTS.c.seq)).all()
    return [Event(row.seq, row.run, State(row.kind), *row[3:]) for row in rows]


def identified(actor: str) -> None:
    if not actor.strip():
        raise failed("E612", "the ledger must know who is acting", "", "say who you are")


def time_text(now: datetime) -> str:
    """UTC, to the microsecond; asserts that `now` knows its zone."""
    assert now.tzinfo is not None, "a time without a zone"
    return now.astimezone(UTC).isoformat(timespec="microseconds")


def pairs_text(pairs: Mapping[str, object]) -> str:
    return json.dumps(pairs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _content(record: RunRecord) -> tuple[str, ...]:
    return (
        record.calendar,
        record.period.label,
        record.period.start.isoformat(),
        record.period.end.isoformat(),
        record.engine,
        pairs_text(dict(record.plans)),
        record.workspace,
        record.snapshot,
        record.opening,
        record.posted,
        record.earnings,
        record.payables,
        record.settlements,
        record.credits,
        record.measures,
        record.exclusions,
        record.entitlement,
        pairs_text(dict(record.totals)),
    )


def columns_of(record: RunRecord) -> dict[str, str]:
    """What is kept of a run, by column, in the table's order."""
    return dict(zip(columns(RUNS)[1:-1], (record.id, record.content, *_content(record)), strict=True))


def record_of(row: Mapping[str, str]) -> RunRecord:
    """The record from the columns it is kept in, by name (`columns_of`)."""
    period = Window(date.fromisoformat(row["period_start"]), date.fromisoformat(row["period_end"]), row["period"])
    plain = {f.name: row[f.name] for f in fields(RunRecord) if f.name not in ("period", "plans", "totals")}
    plans, totals = (tuple(json.loads(row[name]).items()) for name in ("plans", "totals"))
    return RunRecord(period=period, plans=plans, totals=totals, **plain)


assert columns(RUNS)[1:3] == ("id", "content"), "the columns of a run stand in another order"
