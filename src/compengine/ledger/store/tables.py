"""Five append-only tables and the one chain that runs through their rows.

`seq` counts through all five tables without a gap; `previous` is the hash of the row with the `seq` before, wherever
it stands, and is unique, so the chain cannot fork. A posting is a row of `postings`, its `entries`, and the row of
`events` that closes it, one after another. Times are UTC, ISO 8601; dates are ISO; digests are 64 hexadecimal digits
or empty; amounts are whole minor units.

A change here is a change of `migrations` as well; a test compares the two.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()
AMOUNT_BOUND = 10**16
"""Largest magnitude of an entry in minor units: 10^13 of a currency with three places."""

_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Ordered by its bytes everywhere."""


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=False)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, _INTEGER, nullable=False)


def _chained(name: str, *items: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        sa.Column("seq", _INTEGER, primary_key=True, autoincrement=False, nullable=False),
        *items,
        sa.Column("previous", _TEXT, nullable=False, unique=True),
        sa.Column("hash", _TEXT, nullable=False),
        sa.CheckConstraint("seq > 0", name=f"{name}_seq"),
        sa.CheckConstraint("length(hash) = 64 AND length(previous) = 64", name=f"{name}_hash"),
        sqlite_strict=True,
    )


RUNS = _chained(
    "runs",
    sa.Column("id", _TEXT, nullable=False, unique=True),
    _text("content"),
    _text("calendar"),
    _text("period"),
    _text("period_start"),
    _text("period_end"),
    _text("engine"),
    _text("plans"),
    _text("workspace"),
    _text("snapshot"),
    _text("opening"),
    _text("posted"),
    _text("earnings"),
    _text("payables"),
    _text("settlements"),
    _text("credits"),
    _text("measures"),
    _text("exclusions"),
    _text("entitlement"),
    _text("totals"),
)

EVENTS = _chained(
    "events",
    _text("run"),
    _text("kind"),
    _text("content"),
    _integer("posting"),
    _text("document"),
    _text("note"),
    _text("actor"),
    _text("time"),
    sa.CheckConstraint(
        "kind IN ('calculated', 'submitted', 'approved', 'rejected', 'posted', 'finalized', 'paid')",
        name="events_kind",
    ),
    sa.CheckConstraint("(posting > 0) = (kind IN ('posted', 'paid'))", name="events_posting"),
    sa.CheckConstraint("actor <> ''", name="events_actor"),
)

POSTINGS = _chained(
    "postings",
    sa.Column("number", _INTEGER, nullable=False, unique=True),
    _text("kind"),
    _text("run"),
    _text("calendar"),
    _text("in_period"),
    _text("period_start"),
    _text("period_end"),
    _text("rows"),
    _text("rows_root"),
    _text("secret"),
    _text("entitlement"),
    _text("totals"),
    _integer("first_seq"),
    _integer("last_seq"),
    _text("actor"),
    _text("time"),
    sa.UniqueConstraint("run", "kind", name="postings_once"),
    sa.UniqueConstraint("calendar", "in_period", "kind", name="postings_period"),
    sa.CheckConstraint("kind IN ('post', 'pay')", name="postings_kind"),
    sa.CheckConstraint("number > 0", name="postings_number"),
    sa.CheckConstraint("length(secret) = CASE kind WHEN 'post' THEN 64 ELSE 0 END", name="postings_secret"),
    sa.CheckConstraint("first_seq = seq + 1 AND last_seq >= seq", name="postings_range"),
)

ENTRIES = _chained(
    "entries",
    sa.Column("posting", _INTEGER, sa.ForeignKey("postings.number"), nullable=False),
    _text("reason"),
    _text("payee"),
    _text("plan"),
    _text("component"),
    _text("for_period"),
    _text("in_period"),
    _text("account"),
    _text("currency"),
    _integer("amount"),
    sa.CheckConstraint("amount <> 0", name="entries_amount"),
    sa.CheckConstraint(f"amount BETWEEN -{AMOUNT_BOUND} AND {AMOUNT_BOUND}", name="entries_bound"),
    sa.CheckConstraint("payee <> '' AND plan <> '' AND currency <> ''", name="entries_named"),
    sa.Index("entries_payee", "payee", "plan"),
)

REGISTER = _chained(
    "register",
    _text("kind"),
    _text("id"),
    _text("state"),
    _text("calendar"),
    _text("payee"),
    _text("plan"),
    _text("body"),
    _text("note"),
    _text("actor"),
    _text("time"),
    sa.CheckConstraint("kind IN ('adjustment', 'hold', 'dispute', 'statements', 'load', 'key')", name="register_kind"),
    sa.CheckConstraint("id <> '' AND actor <> ''", name="register_named"),
    sa.Index("register_id", "id"),
)
"""What people decide by hand: manual adjustments, holds, disputes; and who issued statements, loaded tables, or made a
key. Each row is one step in the life of one of them."""

CHAINED = (RUNS, EVENTS, POSTINGS, ENTRIES, REGISTER)


def columns(table: sa.Table) -> tuple[str, ...]:
    """The names of a table's columns in the order they are hashed: all but `hash` itself."""
    return tuple(column.name for column in table.columns if column.name != "hash")
