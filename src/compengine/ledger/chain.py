"""The hash chain: every row of every table is hashed over all its columns and the hash of the row before it.

A row's hash is SHA-256 over `compengine-KIND-v1` and a zero byte (KIND is `run`, `event`, `posting`, `entry`,
`register`), then for each column, in the table's order and `previous` included, a length of eight bytes (big-endian),
and that many bytes: `i` and the decimal digits of an integer, or `t` and the UTF-8 of a text. The chain starts from
64 zeros.

The chain shows any change, removal or insertion before its head. By itself it cannot show that the end was cut off,
that an old copy was put back, or that everything was rewritten: for that a head (`queries.head`) must be kept
outside and compared.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from compengine.ledger.store.database import insert
from compengine.ledger.store.tables import CHAINED, ENTRIES, EVENTS, POSTINGS, REGISTER, RUNS, columns

GENESIS = "0" * 64
DOMAINS = {
    RUNS.name: b"compengine-run-v1\0",
    EVENTS.name: b"compengine-event-v1\0",
    POSTINGS.name: b"compengine-posting-v1\0",
    ENTRIES.name: b"compengine-entry-v1\0",
    REGISTER.name: b"compengine-register-v1\0",
}


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: the number of its rows and the last hash. Of an empty ledger, 0 and 64 zeros."""

    seq: int = 0
    hash: str = GENESIS


def canonical(values: Iterable[object]) -> bytes:
    """The bytes of the columns; raises `TypeError` for anything but integers and texts."""
    parts: list[bytes] = []
    for value in values:
        if type(value) is str:
            part = b"t" + value.encode()
        elif type(value) is int:
            part = b"i%d" % value
        else:
            raise TypeError(f"{value!r} is neither an integer nor a text")
        parts += len(part).to_bytes(8, "big"), part
    return b"".join(parts)


def texts(content: bytes) -> list[str]:
    """The other way, where all values are texts; raises `ValueError` for anything else."""
    values: list[str] = []
    while content:
        size = int.from_bytes(content[:8], "big")
        part = content[8 : 8 + size]
        if len(part) != size or part[:1] != b"t":
            raise ValueError("not a row of texts")
        values.append(part[1:].decode())
        content = content[8 + size :]
    return values


def row_hash(table: sa.Table, values: Iterable[object]) -> str:
    """The hash of one row, given its columns but `hash`, in order."""
    return hashlib.sha256(DOMAINS[table.name] + canonical(values)).hexdigest()


def read_head(connection: sa.Connection) -> Head:
    found = [
        connection.execute(sa.select(t.c.seq, t.c.hash).order_by(t.c.seq.desc()).limit(1)).first() for t in CHAINED
    ]
    return max((Head(row.seq, row.hash) for row in found if row is not None), key=lambda h: h.seq, default=Head())


def append(connection: sa.Connection, head: Head, table: sa.Table, rows: Sequence[Sequence[object]]) -> Head:
    """Insert `rows` (the columns between `seq` and `previous`) behind `head`; the new head.

    The caller holds the write lock and has read `head` under it.
    """
    names = (*columns(table), "hash")
    seq, previous = head.seq, head.hash
    values: list[tuple[object, ...]] = []
    for row in rows:
        seq += 1
        chained = (seq, *row, previous)
        previous = row_hash(table, chained)
        values.append((*chained, previous))
    if values:
        insert(connection, table, names, values)
    return Head(seq, previous)
