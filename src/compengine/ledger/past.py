"""Moments of the ledger: the number of a row, a day, or a time, and the step that was the last one then."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from compengine.ledger.chain import read_head
from compengine.ledger.runs import time_text
from compengine.ledger.states import failed
from compengine.ledger.store.database import Store, reading
from compengine.ledger.store.past import as_it_was
from compengine.ledger.store.tables import EVENTS, REGISTER

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)


def moment(text: str, zone: str) -> int | str:
    """The number of a row, or a time as the ledger writes it. A day (`2026-05-03`) ends at midnight in `zone`, and a
    time without a zone is one of `zone`. Raises `ValueError` for anything else."""
    if _NUMBER.fullmatch(text):
        return int(text)
    try:
        return _time(text, zone)
    except OverflowError as error:
        raise ValueError(f"{text} is after all days there are") from error


def _time(text: str, zone: str) -> str:
    if _DAY.fullmatch(text):
        midnight = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), ZoneInfo(zone))
        return time_text(midnight.astimezone(UTC) - timedelta(microseconds=1))
    found = datetime.fromisoformat(text)
    return time_text(found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone)))


def last_step(connection: sa.Connection, when: int | str) -> int:
    """The number of the row that ended the last step up to then, 0 before the first: between the rows of one step
    nobody ever saw the ledger."""
    found = [0]
    for table in (EVENTS, REGISTER):
        until = table.c.seq <= when if isinstance(when, int) else table.c.time <= when
        found.append(connection.execute(sa.select(sa.func.max(table.c.seq)).where(until)).scalar_one() or 0)
    return max(found)


def ledger_at(store: Store, text: str, zone: str) -> Store:
    """The ledger as it was then. Raises `Failed` (E606) before its first step and after its last row, `ValueError` as
    `moment` does."""
    when = moment(text, zone)
    with reading(store) as connection:
        seq, end = last_step(connection, when), read_head(connection).seq
    if isinstance(when, int) and when > end:
        raise failed("E606", f"the ledger has no row {when} yet: it ends with row {end}", "", "name an earlier one")
    if not seq:
        raise failed("E606", f"nothing had been recorded by {text}", "", "compengine runs")
    return as_it_was(store, seq)
