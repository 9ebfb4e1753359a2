"""What the ledger says: balances, entries, rows, runs, and where the chain ends.

Everything is a fold over entries and posted rows; nothing is kept besides them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa

from compengine.inputs.objects import Store as Objects
from compengine.ledger.accounts import OPENING, RELEASED, Account, Reason
from compengine.ledger.chain import GENESIS, Head, canonical, read_head
from compengine.ledger.decided import ByHand, by_hand
from compengine.ledger.entries import Key
from compengine.ledger.leaves import POSTED
from compengine.ledger.posting import EARNING, POSTED_EARNING, fold
from compengine.ledger.register import find_records
from compengine.ledger.rowfiles import fetch
from compengine.ledger.runs import Run, find_runs, read_events, the_run
from compengine.ledger.states import Event
from compengine.ledger.store.database import Store, reading
from compengine.ledger.store.tables import ENTRIES, EVENTS, POSTINGS
from compengine.values.money import from_minor
from compengine.values.rows import Balance

OPENING_DOMAIN = b"compengine-opening-v1\0"


@dataclass(frozen=True, slots=True)
class Posting:
    """A step of the ledger: a run posted or paid. `totals` is JSON, minor units of what became payable or was paid.
    `rows_root` is over the leaves of its rows, salted from `secret` (`leaves`), 64 hexadecimal digits each."""

    seq: int
    number: int
    kind: str
    run: str
    calendar: str
    in_period: str
    period_start: str
    period_end: str
    rows: str
    rows_root: str
    secret: str
    entitlement: str
    totals: str
    first_seq: int
    last_seq: int
    actor: str
    time: str


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    posting: int
    reason: str
    payee: str
    plan: str
    component: str
    for_period: str
    in_period: str
    account: str
    currency: str
    amount: int
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Which:
    """Entries that agree with every part that is given. `until` takes postings of periods that end by that day;
    `through` takes postings up to that number."""

    payee: str | None = None
    plan: str | None = None
    component: str | None = None
    account: str | None = None
    reason: str | None = None
    currency: str | None = None
    for_period: str | None = None
    in_period: str | None = None
    calendar: str | None = None
    posting: int | None = None
    run: str | None = None
    until: date | None = None
    through: int | None = None


EVERYTHING = Which()
BY = ("payee", "plan", "account", "currency")


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the open period of a calendar starts: after which posting, with which balances, in which order of days,
    and with what is decided by hand.

    `head` is the hash of the event that closed the last posting of the calendar. `last_end` is the last day of the
    last posted period, None before the first.
    """

    calendar: str
    head: str
    last_end: date | None
    balances: tuple[Balance, ...]
    by_hand: ByHand = field(default=ByHand())

    @property
    def content(self) -> bytes:
        """Canonical bytes of all of it but `last_end`, which `head` stands for; what is decided by its digest, last."""
        values: list[str] = [self.calendar, self.head]
        for b in self.balances:
            values += b.payee, b.plan, b.account, b.currency, format(b.amount, "f")
        if decided := self.by_hand.content:
            values.append(hashlib.sha256(decided).hexdigest())
        return OPENING_DOMAIN + canonical(values)

    @property
    def digest(self) -> str:
        """What a run records as its `opening`: SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()


def head(store: Store) -> Head:
    """The end of the chain. Keep it outside: only that shows a cut-off, replaced or rewritten ledger."""
    with reading(store) as connection:
        return read_head(connection)


def opening(store: Store, calendar: str | None = None) -> tuple[Balance, ...]:
    """Balances that the settlement of the open period starts from, of one calendar or of all.

    Accounts `owed`, `carried`, `waiting` and the pseudo account `released`, per payee, plan and currency; zeros left
    out; sorted.
    """
    with reading(store) as connection:
        return _opening_balances(connection, calendar)


def read_opening(store: Store, calendar: str) -> Opening:
    with reading(store) as connection:
        return opening_of(connection, calendar)


def opening_of(connection: sa.Connection, calendar: str) -> Opening:
    last = last_post(connection, calendar)
    return Opening(
        calendar,
        GENESIS if last is None else closing_hash(connection, last),
        None if last is None else date.fromisoformat(last.period_end),
        _opening_balances(connection, calendar),
        decided_of(connection, calendar),
    )


def decided_of(connection: sa.Connection, calendar: str) -> ByHand:
    """What stands decided by hand in a calendar, after its last posting."""
    last = last_post(connection, calendar)
    payables = "" if last is None else the_run(connection, last.run).record.payables
    return by_hand(find_records(connection), calendar, payables, "" if last is None else last.period_end)


def balances(store: Store, by: Sequence[str] = BY, which: Which = EVERYTHING) -> pl.DataFrame:
    """Sums of entries in whole minor units: the columns of `by` (always with `currency`), then `amount`; no zeros."""
    with reading(store) as connection:
        return _balances(connection, by, which)


def entries(store: Store, which: Which = EVERYTHING) -> list[Entry]:
    select = sa.select(*(ENTRIES.c[f.name] for f in fields(Entry))).order_by(ENTRIES.c.seq)
    with reading(store) as connection:
        return [Entry(*row) for row in connection.execute(_those(select, which))]


def postings(store: Store, calendar: str | None = None) -> list[Posting]:
    with reading(store) as connection:
        return read_postings(connection, calendar)


def runs(store: Store) -> list[Run]:
    with reading(store) as connection:
        return find_runs(connection)


def run(store: Store, start: str) -> Run:
    """The one run whose id starts so; raises `Failed` (E606)."""
    with reading(store) as connection:
        return the_run(connection, start)


def events(store: Store) -> list[Event]:
    with reading(store) as connection:
        return read_events(connection)


def posted_rows(store: Store, objects: Objects, posting: int) -> pl.DataFrame:
    """The rows of one posting (`posting.POSTED_EARNING`); of a payment, or a number that is none, no rows."""
    digests = [p.rows for p in postings(store) if p.number == posting and p.rows]
    return fetch(objects, POSTED, digests[0]) if digests else POSTED_EARNING.to_frame()


def live_rows(store: Store, objects: Objects, calendar: str | None = None) -> pl.DataFrame:
    """Every earning that stands: the fold of all posted rows, of one calendar or of all."""
    with reading(store) as connection:
        return folded_rows(connection, objects, calendar).select(EARNING.names())


def folded_rows(connection: sa.Connection, objects: Objects, calendar: str | None) -> pl.DataFrame:
    """The same with its count (`posting.LIVE`)."""
    frames = [fetch(objects, POSTED, p.rows) for p in read_postings(connection, calendar) if p.rows]
    return fold(pl.concat([POSTED_EARNING.to_frame(), *frames]))


def read_postings(connection: sa.Connection, calendar: str | None = None) -> list[Posting]:
    select = sa.select(*(POSTINGS.c[f.name] for f in fields(Posting))).order_by(POSTINGS.c.number)
    if calendar is not None:
        select = select.where(POSTINGS.c.calendar == calendar)
    return [Posting(*row) for row in connection.execute(select)]


def last_post(connection: sa.Connection, calendar: str) -> Posting | None:
    return next((p for p in reversed(read_postings(connection, calendar)) if p.kind == "post"), None)


def closing_hash(connection: sa.Connection, posting: Posting) -> str:
    """The hash of the event that closed a posting: it stands for the posting and all its entries. Empty if none did."""
    last = sa.select(EVENTS.c.hash).where(EVENTS.c.seq == posting.last_seq + 1, EVENTS.c.posting == posting.number)
    return connection.execute(last).scalar_one_or_none() or ""


def released(connection: sa.Connection, calendar: str) -> dict[Key, int]:
    """What the postings of a calendar have released, by key, in minor units; no zeros."""
    which = Which(account=Account.PAYABLE, reason=Reason.RELEASED, calendar=calendar)
    by = tuple(f.name for f in fields(Key))
    return {Key(*key): amount for *key, amount in _balances(connection, by, which).iter_rows()}


def _opening_balances(connection: sa.Connection, calendar: str | None) -> tuple[Balance, ...]:
    by = ("payee", "plan", "currency")
    found = [
        Balance(payee, plan, account, currency, from_minor(amount, currency))
        for account, which in (
            *((a.value, Which(account=a, calendar=calendar)) for a in OPENING),
            (RELEASED, Which(account=Account.PAYABLE, reason=Reason.RELEASED, calendar=calendar)),
        )
        for payee, plan, currency, amount in _balances(connection, by, which).iter_rows()
    ]
    return tuple(sorted(found, key=lambda b: (b.payee, b.plan, b.account, b.currency)))


def _balances(connection: sa.Connection, by: Sequence[str], which: Which) -> pl.DataFrame:
    assert "currency" in by, "amounts of two currencies have no sum"
    group = [ENTRIES.c[name] for name in by]
    total = sa.func.sum(ENTRIES.c.amount)
    select = sa.select(*group, sa.cast(total, sa.BigInteger)).group_by(*group).having(total != 0)
    schema = {name: pl.Int64 if name == "posting" else pl.String for name in by} | {"amount": pl.Int64}
    rows = [tuple(row) for row in connection.execute(_those(select, which))]
    return pl.DataFrame(rows, schema=schema, orient="row").sort(by)


def _those(select: sa.Select[Any], which: Which) -> sa.Select[Any]:
    for name in ("payee", "plan", "component", "account", "reason", "currency", "for_period", "in_period", "posting"):
        value = getattr(which, name)
        if value is not None:
            select = select.where(ENTRIES.c[name] == value)
    if which.through is not None:
        select = select.where(ENTRIES.c.posting <= which.through)
    chosen = sa.select(POSTINGS.c.number)
    if which.calendar is not None:
        chosen = chosen.where(POSTINGS.c.calendar == which.calendar)
    if which.run is not None:
        chosen = chosen.where(POSTINGS.c.run == which.run)
    if which.until is not None:
        chosen = chosen.where(POSTINGS.c.period_end <= which.until.isoformat())
    if (which.calendar, which.run, which.until) != (None, None, None):
        select = select.where(ENTRIES.c.posting.in_(chosen))
    return select
