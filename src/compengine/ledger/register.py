"""The register of what people decide by hand: manual adjustments, holds, disputes. Issued statements, loads of tables
and new keys stand in it, too.

Each is known by an id and goes through states (`states.LIVES`); every step is a row that names who took it and why.
What it is about stands in its first row: `body` is JSON of texts alone, in sorted keys, the same for all its rows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa

from compengine.ledger.chain import append, read_head
from compengine.ledger.runs import identified, pairs_text, time_text
from compengine.ledger.states import DECISIONS, LIVES, OWN, refused, same_person
from compengine.ledger.store.database import Store, reading, retried, writing
from compengine.ledger.store.tables import REGISTER
from compengine.source.diagnostic import Diagnostic, Failed


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the register."""

    seq: int
    kind: str
    id: str
    state: str
    calendar: str
    payee: str
    plan: str
    body: str
    note: str
    actor: str
    time: str


@dataclass(frozen=True, slots=True)
class Record:
    """An adjustment, a hold or a dispute, with all its steps in order."""

    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        return self.steps[0].id

    @property
    def kind(self) -> str:
        return self.steps[0].kind

    @property
    def state(self) -> str:
        return self.steps[-1].state

    @property
    def body(self) -> dict[str, str]:
        return dict(json.loads(self.steps[0].body))


@retried
def begin(
    store: Store,
    kind: str,
    about: tuple[str, str, str],
    body: Mapping[str, str],
    note: str,
    actor: str,
    now: datetime,
    after: int | None = None,
) -> Record:
    """Open a record; `about` is (calendar, payee, plan). `after` is how many of its kind were there when what it says
    was made out, where that must not have changed. Raises `Failed`: E616 without a note, E615 where one was begun in
    the meantime, E612, E611, E609."""
    identified(actor)
    _noted(note, f"the {kind}")
    with writing(store) as connection:
        number = len([r for r in find_records(connection) if r.kind == kind]) + 1
        if after is not None and number != after + 1:
            raise refused("E615", f"somebody else has put {kind} on record in the meantime", kind, "try again")
        id = f"{kind[0].upper()}{number:04}"
        first = next(state for state, before in LIVES[kind].items() if not before)
        row = (kind, id, first, *about, pairs_text(body), note, actor, time_text(now))
        append(connection, read_head(connection), REGISTER, [row])
        return the_record(connection, id)


@retried
def step(store: Store, id: str, state: str, note: str, actor: str, now: datetime) -> Record:
    """Take a record on. Raises `Failed`: E606 unknown; E615 not in a state for this; E603 where another person must
    decide; E616, E612, E611, E609."""
    identified(actor)
    _noted(note, id)
    with writing(store) as connection:
        found = the_record(connection, id)
        last = found.steps[-1]
        if found.state not in LIVES[found.kind].get(state, ()):
            message = f"{found.kind} {found.id} was {last.state} by {last.actor} on {last.time} and cannot be {state}"
            raise refused("E615", message, found.id, _possible(found))
        if state in DECISIONS and same_person(found.steps[0].actor, actor):
            message = f"{actor} began {found.kind} {found.id} and may not be the one by whom it is {state}"
            raise refused("E603", message, found.id, "somebody else must decide")
        if state == OWN and not same_person(found.steps[0].actor, actor):
            message = f"{found.kind} {found.id} was begun by {found.steps[0].actor}"
            raise refused("E613", message, found.id, "its decision is to refuse it")
        kept = (last.calendar, last.payee, last.plan, last.body)
        row = (found.kind, found.id, state, *kept, note, actor, time_text(now))
        append(connection, read_head(connection), REGISTER, [row])
        return the_record(connection, id)


def records(store: Store, kind: str = "") -> tuple[Record, ...]:
    """Every record, or those of one kind, in order of their beginning."""
    with reading(store) as connection:
        return tuple(r for r in find_records(connection) if kind in ("", r.kind))


def find_records(connection: sa.Connection) -> list[Record]:
    names = [f.name for f in fields(Step)]
    rows = connection.execute(sa.select(*(REGISTER.c[name] for name in names)).order_by(REGISTER.c.seq))
    steps: dict[str, list[Step]] = {}
    for row in rows:
        steps.setdefault(row.id, []).append(Step(*row))
    return [Record(tuple(mine)) for mine in steps.values()]


def the_record(connection: sa.Connection, id: str) -> Record:
    """Raises `Failed` (E606)."""
    found = next((r for r in find_records(connection) if r.id == id), None)
    if found is None:
        raise refused("E606", f"there is no adjustment, hold or dispute {id!r}", id, "compengine register lists them")
    return found


def faults_of_records(found: list[Record]) -> list[tuple[int, str]]:
    """Steps that may not follow the one before, or change what the record is about: (seq, what)."""
    wrong = []
    for record in found:
        first, before = record.steps[0], ""
        for at in record.steps:
            expected = LIVES.get(at.kind, {}).get(at.state)
            if expected is None or (before not in expected if before else bool(expected)):
                wrong.append((at.seq, f"{at.state} may not follow {before or 'nothing'}"))
            if (at.kind, at.calendar, at.payee, at.plan, at.body) != (
                first.kind,
                first.calendar,
                first.payee,
                first.plan,
                first.body,
            ):
                wrong.append((at.seq, "is about something else than its first step"))
            if at.state in DECISIONS and same_person(first.actor, at.actor):
                wrong.append((at.seq, f"{at.state} by {at.actor}, who began it"))
            if at.state == OWN and not same_person(first.actor, at.actor):
                wrong.append((at.seq, f"{at.state} by {at.actor}, and {first.actor} began it"))
            before = at.state
    return wrong


def _possible(record: Record) -> str:
    """What can come next."""
    names = [state for state, before in LIVES[record.kind].items() if record.state in before]
    if names:
        return f"it can be {' or '.join(names)}"
    if (record.kind, record.state) == ("adjustment", "approved"):
        return "to take it back, ask for another of the same amount with the other sign: compengine adjust"
    return f"it stays {record.state}"


def _noted(note: str, what: str) -> None:
    if not note.strip():
        raise Failed([Diagnostic("E616", f"{what} needs a reason", help="say why, in a sentence: --because TEXT")])
