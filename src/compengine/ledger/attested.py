"""Steps of the ledger outside of it: rows that are held against signed checkpoints, without the rows between them.

A checkpoint signs the hash of its row. Whoever has the row with the hash of the row before it makes that hash again;
so everything in the row is signed, reasons and terms as well, and a list that lacks a step is found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import sqlalchemy as sa

from compengine.ledger.chain import GENESIS, row_hash
from compengine.ledger.checkpoint import Checkpoint, about_event, about_register, broken_links
from compengine.ledger.queries import Posting
from compengine.ledger.runs import RunRecord
from compengine.ledger.states import State
from compengine.ledger.store.database import Store, reading
from compengine.ledger.store.tables import EVENTS, REGISTER, columns

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Steps:
    """What happened to one run, and all that was decided by hand: rows by column but `hash`, in order."""

    events: tuple[Row, ...]
    register: tuple[Row, ...]


def read_steps(store: Store, run: str) -> Steps:
    with reading(store) as connection:
        found = []
        for table, which in ((EVENTS, EVENTS.c.run == run), (REGISTER, sa.true())):
            names = [table.c[name] for name in columns(table)]
            rows = connection.execute(sa.select(*names).where(which).order_by(table.c.seq)).all()
            found.append(tuple(row._asdict() for row in rows))
    return Steps(*found)


def in_columns(steps: Steps) -> Steps:
    """The same with the columns of the tables and nothing else, in order. Raises `KeyError`."""
    events, register = (
        tuple({name: row[name] for name in columns(table)} for row in rows)
        for table, rows in ((EVENTS, steps.events), (REGISTER, steps.register))
    )
    return Steps(events, register)


def unattested(steps: Steps, record: RunRecord, posting: Posting | None, found: Sequence[Checkpoint]) -> Iterator[str]:
    """What is otherwise in the steps of a run and in checkpoints, from the first on. Signatures are not looked at here.

    Raises `KeyError`, `TypeError`, `ValueError` for rows that are none.
    """
    if found and found[0].previous != GENESIS:
        yield f"checkpoint {found[0].seq} is not the first"
    yield from (f"checkpoint {seq} does not follow the one before it" for seq in broken_links(found))
    known = {one.seq: one for one in found}
    about = {one.seq: dict(one.about) for one in found}
    decided = [seq for seq in known if about[seq].get("kind") != "run"]
    happened = [seq for seq in known if seq not in decided and about[seq].get("id") == record.id]
    for name, rows, due in (("events", steps.events, happened), ("register", steps.register, decided)):
        if [row["seq"] for row in rows] != due:
            there = _numbers(row["seq"] for row in rows)
            yield f"{name}: there are the rows {there}, and there are checkpoints of {_numbers(due)}"
            return
    for row in steps.events:
        mine = posting is not None and row["posting"] == posting.number
        said = about_event(row, record, posting if mine else None)
        yield from _another("events", EVENTS, row, said, known)
    for row in steps.register:
        yield from _another("register", REGISTER, row, about_register(row), known)
    if posting is not None:
        yield from _another_posting(steps.events, record, posting)


def _another(
    name: str, table: sa.Table, row: Row, said: tuple[tuple[str, str], ...], known: Mapping[int, Checkpoint]
) -> Iterator[str]:
    one = known[int(row["seq"])]
    if row_hash(table, [row[column] for column in columns(table)]) != one.head:
        yield f"{name}: row {one.seq} is another than checkpoint {one.seq} was made of"
    paid = {"posting", "rows", "totals"} - {column for column, _ in said}
    signed = tuple((column, value) for column, value in one.about if column not in paid)
    if said != signed:
        yield f"{name}: checkpoint {one.seq} says something else than its row"


def _another_posting(events: Iterable[Row], record: RunRecord, posting: Posting) -> Iterator[str]:
    """Its root and totals are in the checkpoint of its event; the rest follows from the run and that event."""
    period, event = record.period, next((row for row in events if row["kind"] == State.POSTED), None)
    if event is None:
        yield "there is a posting, and no event says that the run was posted"
        return
    due = replace(
        posting,
        seq=posting.first_seq - 1,
        number=event["posting"],
        kind="post",
        run=record.id,
        calendar=record.calendar,
        in_period=period.label,
        period_start=period.start.isoformat(),
        period_end=period.end.isoformat(),
        entitlement=record.entitlement,
        last_seq=int(event["seq"]) - 1,
        actor=event["actor"],
        time=event["time"],
    )
    for field in fields(Posting):
        if getattr(posting, field.name) != getattr(due, field.name):
            yield f"the posting's {field.name} is {getattr(posting, field.name)}, and not {getattr(due, field.name)}"


def _numbers(found: Iterable[object]) -> str:
    return ", ".join(str(seq) for seq in found) or "none"
