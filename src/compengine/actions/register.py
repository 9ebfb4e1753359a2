"""The register as people read it: every adjustment, hold and dispute, with all its steps, and control totals."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from compengine.actions.checkpoints import kept_checkpoints, open_checked
from compengine.actions.figures import Money, summed
from compengine.actions.opened import Opened, shown
from compengine.inputs.objects import write_content
from compengine.inputs.rejects import guarded
from compengine.ledger import queries
from compengine.ledger.accounts import Account, Reason
from compengine.ledger.queries import Which
from compengine.ledger.register import Record, records
from compengine.ledger.store.database import Store, exists
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.values.decided import ADJUSTMENT
from compengine.values.exact import exact
from compengine.values.money import fixed, from_minor

CLOSED = ("accepted", "refused", "withdrawn")
"""States in which the clock of a dispute has stopped."""


@dataclass(frozen=True, slots=True)
class StepLine:
    seq: int
    state: str
    actor: str
    time: str
    note: str


@dataclass(frozen=True, slots=True)
class RecordLine:
    """`amount` is that of an adjustment. `about` is what its first step says it is about, by name. `posted` are the
    periods in which an adjustment was posted. Of a dispute, `days` is how long it is or was open, `due` the day by
    which it is to be decided, and `overdue` whether it was not."""

    id: str
    kind: str
    state: str
    payee: str
    plan: str
    amount: Money | None
    about: Mapping[str, str]
    steps: tuple[StepLine, ...]
    posted: tuple[str, ...] = ()
    days: int | None = None
    due: date | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all adjustments in one currency: what was ever requested, what is approved, and what the ledger has posted."""

    currency: str
    requested: Money
    approved: Money
    posted: Money


@dataclass(frozen=True, slots=True)
class Register:
    records: tuple[RecordLine, ...]
    totals: tuple[Totals, ...]


def register(opened: Opened, now: datetime, kind: str = "") -> Register:
    """Every record, or those of one kind, in order of their beginning; totals where adjustments are among them.

    Nothing where there is no ledger. Raises `Failed`: E609, E611, E617.
    """
    if not exists(opened.ledger) and not kept_checkpoints(opened):
        return Register((), ())
    store = open_checked(opened)
    found = records(store, kind)
    posted = posted_in(opened, store) if any(r.kind == ADJUSTMENT for r in found) else {}
    lines = tuple(line_of(record, now, posted.get(record.id, ())) for record in found)
    return Register(lines, _totals(store, found))


def line_of(record: Record, now: datetime, posted: Iterable[str] = ()) -> RecordLine:
    first, body = record.steps[0], record.body
    amount = Money(exact(body["amount"]), body["currency"]) if "amount" in body else None
    line = RecordLine(
        record.id,
        record.kind,
        record.state,
        first.payee,
        first.plan,
        amount,
        {name: value for name, value in body.items() if name not in ("amount", "currency") and value},
        tuple(StepLine(s.seq, s.state, s.actor, s.time, s.note) for s in record.steps),
        tuple(posted),
    )
    return _with_clock(line, record, now) if record.kind == "dispute" else line


def _with_clock(line: RecordLine, record: Record, now: datetime) -> RecordLine:
    opened = day_of(record.steps[0].time)
    last = day_of(record.steps[-1].time) if record.state in CLOSED else now.date()
    due = due_of(record.steps[0].time, record.body["days"])
    return RecordLine(
        line.id, line.kind, line.state, line.payee, line.plan, line.amount, line.about, line.steps, line.posted,
        (last - opened).days, due, last > due,
    )  # fmt: skip


def day_of(time: str) -> date:
    """The day, in UTC, of a time as the ledger keeps it."""
    return datetime.fromisoformat(time).date()


def due_of(time: str, days: str) -> date:
    """The last day of a dispute's clock."""
    return day_of(time) + timedelta(days=int(days))


def posted_in(opened: Opened, store: Store) -> dict[str, list[str]]:
    """The periods whose posting has rows of an adjustment, by its id."""
    found: dict[str, list[str]] = {}
    for posting in queries.postings(store):
        if posting.rows:
            rows = queries.posted_rows(store, opened.objects, posting.number)
            for source in rows.filter(pl.col("component") == ADJUSTMENT)["source"]:
                found.setdefault(source, []).append(posting.in_period)
    return found


def _totals(store: Store, found: Iterable[Record]) -> tuple[Totals, ...]:
    """Requested and approved by the register, posted by the entries of the ledger."""
    asked: dict[str, list[Decimal]] = {}
    granted: dict[str, list[Decimal]] = {}
    for record in found:
        if record.kind == ADJUSTMENT:
            amount, currency = exact(record.body["amount"]), record.body["currency"]
            asked.setdefault(currency, []).append(amount)
            if record.state == "approved":
                granted.setdefault(currency, []).append(amount)
    which = Which(component=ADJUSTMENT, account=Account.HELD, reason=Reason.EARNED)
    posted = {
        code: from_minor(minor, code) for code, minor in queries.balances(store, ("currency",), which).iter_rows()
    }
    return tuple(
        Totals(
            code,
            Money(summed(asked[code]), code),
            Money(summed(granted.get(code, [])), code),
            Money(posted.get(code, Decimal(0)), code),
        )
        for code in sorted(asked)
    )


COLUMNS = (
    "id", "kind", "payee", "plan", "amount", "currency", "about", "seq", "state", "actor", "time", "note", "posted",
    "days", "due", "overdue",
)  # fmt: skip


def register_file(made: Register) -> str:
    """CSV: a line for each step of each record, then three control totals for each currency.

    Texts that a spreadsheet would take for a formula get an apostrophe in front.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for r in made.records:
        amount = (fixed(r.amount.amount, r.amount.currency), r.amount.currency) if r.amount else ("", "")
        about = "; ".join(f"{name} {value}" for name, value in r.about.items())
        clock = ("" if r.days is None else str(r.days), str(r.due or ""), "yes" if r.overdue else "")
        for s in r.steps:
            texts = [guarded(text) for text in (r.id, r.kind, r.payee, r.plan)]
            said = [guarded(text) for text in (s.state, s.actor, s.time, s.note)]
            writer.writerow([*texts, *amount, guarded(about), str(s.seq), *said, " ".join(r.posted), *clock])
    for t in made.totals:
        for name, money in (("requested", t.requested), ("approved", t.approved), ("posted", t.posted)):
            writer.writerow(["TOTAL", ADJUSTMENT, "", "", fixed(money.amount, t.currency), t.currency, name, *[""] * 9])
    return target.getvalue()


def write_register(made: Register, file: Path) -> None:
    """Write the same into a new file, whole; raises `Failed` (E707) where there is one with other content."""
    content = register_file(made).encode()
    if file.exists() and file.read_bytes() != content:
        raise Failed([Diagnostic("E707", f"{shown(file)} is there already, with other content", help="name another")])
    write_content(file, content)
