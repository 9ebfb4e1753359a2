"""The first tables: runs, events, postings, entries and the register, and the one chain through them.

On PostgreSQL two more, beside the ledger: `links` has every number and every hash before of all five tables under one
unique key, so that a fork fails whichever table its branches are in; `ledger_lock` never holds a row, writers lock it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BOUND = 10**16
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, INTEGER, nullable=False) for name in names]


def _chained(name: str, *items: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("seq", INTEGER, nullable=False, autoincrement=False, primary_key=True),
        *items,
        sa.Column("previous", TEXT, nullable=False, unique=True),
        sa.Column("hash", TEXT, nullable=False),
        sa.CheckConstraint("seq > 0", name=f"{name}_seq"),
        sa.CheckConstraint("length(hash) = 64 AND length(previous) = 64", name=f"{name}_hash"),
        sqlite_strict=True,
    )


def upgrade() -> None:
    _chained(
        "runs",
        sa.Column("id", TEXT, nullable=False, unique=True),
        *_texts("content", "calendar", "period", "period_start", "period_end", "engine", "plans", "workspace"),
        *_texts("snapshot", "opening", "posted", "earnings", "payables", "settlements", "credits", "measures"),
        *_texts("exclusions", "entitlement", "totals"),
    )
    _chained(
        "events",
        *_texts("run", "kind", "content"),
        *_integers("posting"),
        *_texts("document", "note", "actor", "time"),
        sa.CheckConstraint(
            "kind IN ('calculated', 'submitted', 'approved', 'rejected', 'posted', 'finalized', 'paid')",
            name="events_kind",
        ),
        sa.CheckConstraint("(posting > 0) = (kind IN ('posted', 'paid'))", name="events_posting"),
        sa.CheckConstraint("actor <> ''", name="events_actor"),
    )
    _chained(
        "postings",
        sa.Column("number", INTEGER, nullable=False, unique=True),
        *_texts("kind", "run", "calendar", "in_period", "period_start", "period_end", "rows", "rows_root"),
        *_texts("secret", "entitlement", "totals"),
        *_integers("first_seq", "last_seq"),
        *_texts("actor", "time"),
        sa.UniqueConstraint("run", "kind", name="postings_once"),
        sa.UniqueConstraint("calendar", "in_period", "kind", name="postings_period"),
        sa.CheckConstraint("kind IN ('post', 'pay')", name="postings_kind"),
        sa.CheckConstraint("number > 0", name="postings_number"),
        sa.CheckConstraint("length(secret) = CASE kind WHEN 'post' THEN 64 ELSE 0 END", name="postings_secret"),
        sa.CheckConstraint("first_seq = seq + 1 AND last_seq >= seq", name="postings_range"),
    )
    _chained(
        "entries",
        sa.Column("posting", INTEGER, sa.ForeignKey("postings.number"), nullable=False),
        *_texts("reason", "payee", "plan", "component", "for_period", "in_period", "account", "currency"),
        *_integers("amount"),
        sa.CheckConstraint("amount <> 0", name="entries_amount"),
        sa.CheckConstraint(f"amount BETWEEN -{BOUND} AND {BOUND}", name="entries_bound"),
        sa.CheckConstraint("payee <> '' AND plan <> '' AND currency <> ''", name="entries_named"),
    )
    _chained(
        "register",
        *_texts("kind", "id", "state", "calendar", "payee", "plan", "body", "note", "actor", "time"),
        sa.CheckConstraint(
            "kind IN ('adjustment', 'hold', 'dispute', 'statements', 'load', 'key')", name="register_kind"
        ),
        sa.CheckConstraint("id <> '' AND actor <> ''", name="register_named"),
    )
    op.create_index("entries_payee", "entries", ["payee", "plan"])
    op.create_index("register_id", "register", ["id"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "links",
            sa.Column("seq", INTEGER, nullable=False, autoincrement=False, primary_key=True),
            sa.Column("previous", TEXT, nullable=False, unique=True),
        )
        op.create_table("ledger_lock", sa.Column("nothing", INTEGER, sa.CheckConstraint("false", name="lock_empty")))
