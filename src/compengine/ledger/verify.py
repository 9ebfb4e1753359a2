"""Checks the whole ledger: the chain, every posting against the objects it was made of, and every run's events.

What it finds: any change, removal, insertion or exchange of rows before the end of the chain, in any column of any
table; objects that are missing or changed; postings that do not sum to zero or do not follow from their run; missing
triggers. What it cannot find by itself: that the end was cut off, that an old copy was put back, that somebody
rewrote everything from some row on with right hashes. For that, give it heads that were kept outside.

From a head that is known to be right (`since`) only what follows is checked: its row must be there and give that hash,
and everything after is linked to it. What stands before it is taken as it stands: rows are not hashed, postings not
derived. Of it only the objects of posted rows are read, with their digests, where a posting after it builds on them.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields

import sqlalchemy as sa

from compengine.inputs.objects import Store as Objects
from compengine.ledger.chain import GENESIS, Head, row_hash
from compengine.ledger.checkpoint import hash_at
from compengine.ledger.derivation import Standing, check_compared, check_pay, check_post, resumed
from compengine.ledger.queries import Entry, Posting, closing_hash, read_postings
from compengine.ledger.register import faults_of_records, find_records
from compengine.ledger.runs import Run, find_runs, read_events
from compengine.ledger.states import faults_of_order
from compengine.ledger.store.database import Store, damage, guards_missing, reading
from compengine.ledger.store.tables import CHAINED, ENTRIES, POSTINGS, columns
from compengine.source.diagnostic import Diagnostic, Failed, Place

LIMIT = 100
"""So many findings are listed, the first first."""

Finding = tuple[sa.Table | None, int, str]
"""The table, the number of the row, what is wrong; no table for the end of the chain."""
START = Head()
ONE = {"runs": "run", "events": "event", "postings": "posting", "entries": "entry", "register": "record"}
_AT_ONCE = 10_000


def verify(store: Store, objects: Objects, known: Sequence[Head] = (), since: Head = START) -> list[Diagnostic]:
    """Everything that is wrong, in order of the chain, at most `LIMIT`; nothing where the ledger is sound.

    `since` is the head after a step of the ledger; only what follows it is checked.

    `known` are heads kept outside. Only when runs, events and postings are as they were written is every posting
    derived again; entries that were tampered with are then named with what they should be.
    """
    try:
        with reading(store) as connection:
            found = list(faults_of_chain(connection, known, since))
            if all(table in (ENTRIES, None) for table, _, _ in found):
                found += _readable(_contents(connection, objects, since.seq))
            said = [_said(*finding) for finding in found[:LIMIT]]
            said += [_plain(f"the database says: {line}") for line in damage(connection)]
            guards = guards_missing(connection)
            said += [_plain(f"triggers are missing or changed: {', '.join(guards)}")] if guards else []
    except Failed as failed:
        said = list(failed.diagnostics)
    return said[:LIMIT]


def _said(table: sa.Table | None, seq: int, what: str) -> Diagnostic:
    if table is None:
        return _plain(what)
    return Diagnostic("E609", f"{ONE[table.name]} {seq}: {what}", Place(table=table.name, row=str(seq)))


def _plain(message: str) -> Diagnostic:
    return Diagnostic("E609", message, Place(table="ledger"))


def _readable(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings, up to a row that means nothing at all."""
    try:
        yield from findings
    except ValueError as error:
        yield None, 0, f"the ledger cannot be read: {error}"


def faults_of_chain(connection: sa.Connection, known: Sequence[Head] = (), since: Head = START) -> Iterator[Finding]:
    """Every row of every table in order, from that of `since`: gapless, linked, and hashed as it stands."""
    last = Head()
    heads = {h.seq: h.hash for h in known}
    for seq in [seq for seq in heads if seq < since.seq]:
        if hash_at(connection, seq) != heads.pop(seq):
            yield None, seq, f"row {seq} is not the one that a head kept outside was made from"
    rows = (rows_of(connection, table, since.seq) for table in CHAINED)
    for seq, table, values, stored in heapq.merge(*rows, key=lambda row: row[0]):
        first = bool(since.seq) and not last.seq
        if first and (seq, stored) != (since.seq, since.hash):
            yield table, seq, f"is not row {since.seq} with the hash {since.hash}, from which on the chain is checked"
        elif seq == last.seq:
            yield table, seq, "another row has this number"
        elif seq != last.seq + 1 and not first:
            yield table, seq, f"the row before it has the number {last.seq}; something was removed"
        if values[-1] != last.hash and not first:
            yield table, seq, "is not linked to the row before it"
        if not is_hashed(table, values, stored):
            yield table, seq, "is not what its hash was made from"
        if heads.pop(seq, stored) != stored:
            yield table, seq, "is not the row that a head kept outside was made from"
        last = Head(seq, stored)
    if last.seq < since.seq:
        yield None, since.seq, f"the chain is to be checked from row {since.seq} on, and the ledger has no such row"
    for seq in sorted(heads):
        if heads[seq] != GENESIS or seq:
            what = f"a head kept outside stands at {seq}, and the ledger ends at {last.seq}"
            yield None, seq, f"{what}: its end was cut off, or an old copy was put back"


def is_hashed(table: sa.Table, values: Sequence[object], stored: str) -> bool:
    """Whether `stored` is the hash of a row, given its columns but that."""
    try:
        return row_hash(table, values) == stored
    except (TypeError, UnicodeEncodeError):
        return False


def rows_of(
    connection: sa.Connection, table: sa.Table, first: int = 0
) -> Iterator[tuple[int, sa.Table, tuple[object, ...], str]]:
    """The rows of a table from that number on: number, table, all columns but the hash, and the hash."""
    select = sa.select(*(table.c[name] for name in columns(table)), table.c.hash).order_by(table.c.seq)
    if first:
        select = select.where(table.c.seq >= first)
    for row in connection.execute(select, execution_options={"yield_per": _AT_ONCE}):
        yield row[0], table, tuple(row[:-1]), row[-1]


def _contents(connection: sa.Connection, objects: Objects, since: int) -> Iterator[Finding]:
    """Runs and their events, then every posting in order: those of which something stands after that row."""
    from_tables = {t.name: t for t in CHAINED}
    runs, found = find_runs(connection), read_postings(connection)
    for run in runs:
        if any(event.seq > since for event in run.events) or run.seq > since:
            yield from ((from_tables[name], seq, what) for name, seq, what in _run_findings(run))
    by_id = {run.id: run for run in runs}
    for event in read_events(connection):
        if event.seq > since and event.run not in by_id:
            yield from_tables["events"], event.seq, f"its run {event.run} is not there"
    records = find_records(connection)
    for seq, what in faults_of_records([record for record in records if record.steps[-1].seq > since]):
        yield from_tables["register"], seq, what
    standings, wrong = _standings(connection, objects, by_id, found, since)
    postings, belonging = from_tables["postings"], 0
    yield from ((postings, seq, what) for seq, what in wrong)
    for place, posting in enumerate(found, start=1):
        if posting.seq <= since:
            continue
        if posting.number != place:
            yield postings, posting.seq, f"has the number {posting.number}, not {place}"
        entries = _entries(connection, posting)
        belonging += len(entries)
        findings = list(_posting_findings(posting, entries))
        closing = closing_hash(connection, posting)
        if not closing:
            findings.append((posting.seq, "is not closed by an event"))
        owner = by_id.get(posting.run)
        if owner is None:
            yield postings, posting.seq, f"its run {posting.run} is not there"
            continue
        if posting.kind == "post":
            standing = standings.setdefault(posting.calendar, Standing(posting.calendar))
            findings += check_compared(objects, standings, owner, posting)
            findings += check_post(objects, standing, owner, posting, entries, closing, records)
        else:
            findings += check_pay(objects, owner, posting, entries)
        for seq, what in sorted(findings):
            yield (postings if seq == posting.seq else ENTRIES), seq, what
    yield from _belonging_nowhere(connection, belonging, since)


def _belonging_nowhere(connection: sa.Connection, belonging: int, since: int) -> Iterator[Finding]:
    """Entries after that row that are in no posting; `belonging` are those that are in one."""
    after = ENTRIES.c.seq > since
    if belonging != connection.execute(sa.select(sa.func.count()).select_from(ENTRIES).where(after)).scalar_one():
        inside = sa.exists().where(ENTRIES.c.seq.between(POSTINGS.c.first_seq, POSTINGS.c.last_seq))
        for seq in connection.execute(sa.select(ENTRIES.c.seq).where(after, ~inside).order_by(ENTRIES.c.seq)).scalars():
            yield ENTRIES, seq, "belongs to no posting"


def _standings(
    connection: sa.Connection, objects: Objects, runs: Mapping[str, Run], found: Sequence[Posting], since: int
) -> tuple[dict[str, Standing], list[tuple[int, str]]]:
    """Each calendar after what was posted up to that row, as it stands; and what of it cannot be built upon."""
    standings: dict[str, Standing] = {}
    wrong: list[tuple[int, str]] = []
    before = [p for p in found if p.kind == "post" and p.seq <= since]
    for calendar in dict.fromkeys(p.calendar for p in before):
        mine = [p for p in before if p.calendar == calendar]
        gone = [p for p in mine if p.run not in runs]
        wrong += [(p.seq, f"its run {p.run} is not there") for p in gone]
        if gone or not any(p.seq > since for p in found):
            continue
        done = [(p, runs[p.run].record) for p in mine]
        entries = [entry for p in mine for entry in _entries(connection, p)]
        standings[calendar], more = resumed(objects, calendar, done, entries, closing_hash(connection, mine[-1]))
        wrong += more
    return standings, wrong


def _entries(connection: sa.Connection, posting: Posting) -> list[Entry]:
    names = [f.name for f in fields(Entry)]
    inside = ENTRIES.c.seq.between(posting.first_seq, posting.last_seq)
    select = sa.select(*(ENTRIES.c[name] for name in names)).where(inside).order_by(ENTRIES.c.seq)
    return [Entry(*row) for row in connection.execute(select)]


def _posting_findings(posting: Posting, entries: Iterable[Entry]) -> Iterator[tuple[int, str]]:
    sums: dict[str, int] = {}
    for entry in entries:
        if (entry.posting, entry.in_period) != (posting.number, posting.in_period):
            yield entry.seq, f"stands in posting {posting.number} and says {entry.posting}, {entry.in_period}"
        sums[entry.currency] = sums.get(entry.currency, 0) + entry.amount
    for currency, amount in sorted(sums.items()):
        if amount:
            yield posting.seq, f"its entries sum to {amount} minor units of {currency}, not to zero"


def _run_findings(run: Run) -> Iterator[tuple[str, int, str]]:
    """A run is what its id says; its events came in order, from the people they may come from."""
    if run.stored != (run.record.id, run.record.content):
        yield "runs", run.seq, f"its content has the digest {run.record.content}, not {run.stored[1]}"
    if not run.events:
        yield "runs", run.seq, "has no event"
    for event in run.events:
        if event.content != run.record.content:
            yield "events", event.seq, "is about another content of its run"
    yield from (("events", seq, what) for seq, what in faults_of_order(run.events))
