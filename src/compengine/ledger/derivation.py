"""Derives every posting again from the objects it was made of, and says where the ledger has something else.

The state of a calendar is carried from posting to posting: its live rows, what is released, and the balances that
the next run starts from. Everything is folded here from entries, apart from the queries that posting used.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date

import polars as pl

from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_bytes
from compengine.ledger.accounts import OPENING, RELEASED, Account, Reason
from compengine.ledger.chain import GENESIS
from compengine.ledger.closed import Closed, read_closed
from compengine.ledger.decided import as_of, by_hand
from compengine.ledger.entries import Key, Line, payment_lines, run_lines, totals
from compengine.ledger.leaves import EARNINGS, POSTED, entitlement_root, posted_root, read_salt
from compengine.ledger.posting import POSTED_EARNING, difference, fold
from compengine.ledger.queries import Entry, Opening, Posting
from compengine.ledger.register import Record
from compengine.ledger.rowfiles import PAYABLES, SETTLEMENTS, fetch
from compengine.ledger.runs import Run, RunRecord, pairs_text
from compengine.source.diagnostic import Failed
from compengine.values.money import from_minor
from compengine.values.periods import DAY
from compengine.values.rows import Balance

LINE = tuple(f.name for f in fields(Line))


@dataclass(slots=True)
class Standing:
    """One calendar after some postings. `live` is None once a posting's rows could not be read; `closed` is what each
    of the postings left to compare with, in order; `payables` the digest of what the last one made payable."""

    calendar: str
    head: str = GENESIS
    last_end: date | None = None
    payables: str = ""
    closed: list[Closed] = field(default_factory=list)
    live: pl.DataFrame | None = field(default_factory=lambda: fold(POSTED_EARNING.to_frame()))
    released: dict[Key, int] = field(default_factory=dict)
    balances: dict[tuple[str, str, str, str], int] = field(default_factory=dict)

    def opening(self, records: Sequence[Record]) -> Opening:
        """With what stood decided by hand in these records."""
        found = [
            Balance(payee, plan, account, currency, from_minor(amount, currency))
            for (payee, plan, account, currency), amount in sorted(self.balances.items())
            if amount
        ]
        end = "" if self.last_end is None else self.last_end.isoformat()
        decided = by_hand(records, self.calendar, self.payables, end)
        return Opening(self.calendar, self.head, self.last_end, tuple(found), decided)

    def add(self, entries: Sequence[Entry] | Sequence[Line]) -> None:
        for e in entries:
            if e.account in OPENING:
                self._add_balance(e, e.account)
            if e.account == Account.PAYABLE and e.reason == Reason.RELEASED:
                self._add_balance(e, RELEASED)
                key = Key(e.payee, e.plan, e.component, e.for_period, e.currency)
                self.released[key] = self.released.get(key, 0) + e.amount

    def _add_balance(self, e: Entry | Line, account: str) -> None:
        key = (e.payee, e.plan, account, e.currency)
        self.balances[key] = self.balances.get(key, 0) + e.amount


def resumed(
    objects: Objects,
    calendar: str,
    done: Sequence[tuple[Posting, RunRecord]],
    entries: Sequence[Entry],
    closing: str,
) -> tuple[Standing, list[tuple[int, str]]]:
    """One calendar after postings that are not derived again, with their entries as they stand; and what is wrong with
    the objects of their rows, as (seq, what). `done` is not empty, `closing` the hash that closed its last."""
    frames, wrong = [POSTED_EARNING.to_frame()], []
    for posting, _ in done:
        try:
            frames.append(fetch(objects, POSTED, posting.rows))
        except Failed as failed:
            wrong += [(posting.seq, d.message) for d in failed.diagnostics]
    standing, last = Standing(calendar), done[-1][1]
    standing.live = None if wrong else fold(pl.concat(frames))
    standing.add(entries)
    standing.head, standing.last_end, standing.payables = closing, last.period.end, last.payables
    standing.closed = [Closed(calendar, record.period.end, record.credits) for _, record in done]
    return standing, wrong


def check_post(
    objects: Objects,
    standing: Standing,
    run: Run,
    posting: Posting,
    entries: Sequence[Entry],
    closing: str,
    records: Sequence[Record],
) -> list[tuple[int, str]]:
    """What is wrong with a posted run, as (seq, what); moves `standing` on. `records` are all of the register."""
    record, wrong = run.record, _described(posting, run.record)
    if standing.last_end is not None and record.period.start - DAY != standing.last_end:
        wrong.append((posting.seq, f"{posting.in_period} does not follow the period that ends on {standing.last_end}"))
    if record.opening != standing.opening(as_of(records, posting.seq)).digest:
        wrong.append((posting.seq, f"run {run.id} was calculated against another opening"))
    rows: pl.DataFrame | None = None
    lines: list[Line] = []
    try:
        rows = fetch(objects, POSTED, posting.rows)
        if posted_root(rows, read_salt(posting.secret)) != posting.rows_root:
            wrong.append((posting.seq, "the root over its rows is another"))
        lines = _lines_of_run(objects, standing, record, rows)
        wrong += compared(posting, entries, lines, Account.PAYABLE)
    except Failed as failed:
        wrong += [(posting.seq, d.message) for d in failed.diagnostics]
    except (AssertionError, ValueError) as error:
        wrong.append((posting.seq, f"cannot be derived again: {error}"))
    standing.live = None if rows is None or standing.live is None else _folded(standing.live, rows)
    standing.add(lines or entries)
    standing.head, standing.last_end, standing.payables = closing, record.period.end, record.payables
    standing.closed.append(Closed(record.calendar, record.period.end, record.credits))
    return wrong


def check_compared(
    objects: Objects, standings: Mapping[str, Standing], run: Run, posting: Posting
) -> list[tuple[int, str]]:
    """What is wrong with what a run about to be posted was compared with: of its own calendar it must be the posting
    before, of another any posting so far."""
    if not run.record.posted:
        return []
    try:
        named = read_closed(get_bytes(objects, run.record.posted))
    except Failed as failed:
        return [(posting.seq, d.message) for d in failed.diagnostics]
    except ValueError as error:
        return [(posting.seq, f"run {run.id}: {error}")]
    wrong = []
    for closed in named:
        there = standings[closed.calendar].closed if closed.calendar in standings else []
        if closed not in (there[-1:] if closed.calendar == run.record.calendar else there):
            what = f"run {run.id} was compared with other credits than those posted up to {closed.end}"
            wrong.append((posting.seq, what))
    return wrong


def check_pay(objects: Objects, run: Run, posting: Posting, entries: Sequence[Entry]) -> list[tuple[int, str]]:
    """What is wrong with a payment, as (seq, what)."""
    wrong = _described(posting, run.record)
    try:
        lines = payment_lines(fetch(objects, SETTLEMENTS, run.record.settlements), run.record.period)
        wrong += compared(posting, entries, lines, Account.PAID)
    except Failed as failed:
        wrong += [(posting.seq, d.message) for d in failed.diagnostics]
    except (AssertionError, ValueError) as error:
        wrong.append((posting.seq, f"cannot be derived again: {error}"))
    return wrong


def compared(
    posting: Posting, entries: Sequence[Entry], lines: Sequence[Line], account: Account
) -> Iterator[tuple[int, str]]:
    """Where the stored entries are not the derived lines."""
    for entry, line in zip(entries, lines, strict=False):
        for name in LINE:
            stored, derived = getattr(entry, name), getattr(line, name)
            if stored != derived:
                yield entry.seq, f"{name} is {stored!r}, and {derived!r} when derived again"
    if len(entries) != len(lines):
        yield posting.seq, f"has {len(entries)} entries, and {len(lines)} when derived again"
    if posting.totals != pairs_text(totals(lines, account)):
        yield posting.seq, f"totals are {posting.totals}, and {totals(lines, account)} when derived again"


def _lines_of_run(objects: Objects, standing: Standing, record: RunRecord, rows: pl.DataFrame) -> list[Line]:
    earnings = fetch(objects, EARNINGS, record.earnings)
    if entitlement_root(earnings) != record.entitlement:
        raise ValueError("the root over the earnings is another")
    if standing.live is not None and not difference(earnings, standing.live, record.period.label).equals(rows):
        raise ValueError("its rows are not the difference between what is earned and what was posted")
    payables, settlements = fetch(objects, PAYABLES, record.payables), fetch(objects, SETTLEMENTS, record.settlements)
    return run_lines(rows, payables, settlements, standing.released, record.period)


def _described(posting: Posting, record: RunRecord) -> list[tuple[int, str]]:
    """The columns of a posting that repeat its run's."""
    period = record.period
    expected = (record.calendar, period.label, period.start.isoformat(), period.end.isoformat(), record.entitlement)
    found = (posting.calendar, posting.in_period, posting.period_start, posting.period_end, posting.entitlement)
    return [] if found == expected else [(posting.seq, f"says {found}, and its run says {expected}")]


def _folded(live: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The live rows after one more posting."""
    standing = live.with_columns(sign=pl.col("count").cast(pl.Int8), in_period=pl.lit(""))
    return fold(pl.concat([standing.select(POSTED_EARNING.names()), rows]))


assert tuple(f.name for f in fields(Entry))[2:-2] == LINE, "lines and entries have the same columns"
