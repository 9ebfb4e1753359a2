"""The ledger as it was: what a command said at a moment, it says again whenever it is asked about that moment."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_world import call, close, files

from compengine.ledger.past import last_step, moment
from compengine.ledger.store.database import open_store, reading
from compengine.ledger.store.past import as_it_was
from compengine.ledger.store.tables import EVENTS

READS: tuple[tuple[str, ...], ...] = (
    ("runs",),
    ("show", "2026-01"),
    ("show", "2026-02", "--payee", "ann"),
    ("explain", "ann", "2026-01"),
    ("review", "2026-01"),
    ("balances",),
    ("balances", "--payee", "ann", "--for", "2026-01"),
)


def said(root: Path, *more: str) -> list[tuple[int, str]]:
    done = [call(root, *words, *more, "--format", "json") for words in READS]
    return [(one.code, one.out) for one in done]


def head(root: Path) -> int:
    return int(call(root, "balances", "--format", "json").json["seq"])


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, list[tuple[int, str]]]]:
    """A ledger, and what was said at some of its moments: a trial, January posted, February with a late deal."""
    from cli_world import starter

    root = starter(tmp_path_factory.mktemp("past"))
    kept: dict[int, list[tuple[int, str]]] = {}
    call(root, "calculate", "--period", "2026-01", who="olive")
    kept[head(root)] = said(root)
    close(root, "2026-01")
    kept[head(root)] = said(root)
    (root / "late.csv").write_text("id,owner,stage,amount,close_date\nD21,ann,Won,10000.00 USD,2026-01-30\n")
    call(root, "load", "deals", "late.csv")
    call(root, "calculate", "--period", "2026-02", who="olive")
    kept[head(root)] = said(root)
    close(root, "2026-02")
    return root, kept


def test_what_was_said_is_said_again(history: tuple[Path, dict[int, list[tuple[int, str]]]]) -> None:
    root, kept = history
    assert len(kept) == 3
    before = files(root)
    for seq, then in kept.items():
        assert said(root, "--as-of", str(seq)) == then
        assert said(root) != then
    assert files(root) == before


def test_what_was_believed_about_january_changes_when_the_late_deal_is_posted(
    history: tuple[Path, dict[int, list[tuple[int, str]]]],
) -> None:
    root, kept = history
    words = ("balances", "--payee", "ann", "--for", "2026-01", "--format", "json")

    def total(*more: str) -> Any:
        return call(root, *words, *more).json["totals"][0]["amount"]["amount"]

    assert (total("--as-of", str(sorted(kept)[1])), total()) == ("3875.00", "4375.00")
    lines = [(e["in_period"], e["amount"]["amount"]) for e in call(root, *words).json["earned"]]
    assert sum(1 for period, _ in lines if period == "2026-02") == 1


def test_between_the_rows_of_one_step_there_is_the_step_before(
    history: tuple[Path, dict[int, list[tuple[int, str]]]],
) -> None:
    root, _ = history
    db = sqlite3.connect(root / "ledger.db")
    first, last = db.execute("SELECT first_seq, last_seq FROM postings WHERE kind = 'post' ORDER BY seq").fetchone()
    db.close()
    for seq in (first, last):
        assert call(root, "show", "2026-01", "--as-of", str(seq), "--format", "json").json["state"] == "approved"
    done = call(root, "show", "2026-01", "--as-of", str(last + 1), "--format", "json")
    assert done.json["state"] == "posted"


def test_a_day_ends_at_midnight_where_the_workspace_is() -> None:
    assert moment("2026-05-03", "America/New_York") == "2026-05-04T03:59:59.999999+00:00"
    assert moment("2026-05-03", "UTC") == "2026-05-03T23:59:59.999999+00:00"
    assert moment("2026-05-03T12:00", "America/New_York") == "2026-05-03T16:00:00.000000+00:00"
    assert moment("2026-05-03T12:00+00:00", "America/New_York") == "2026-05-03T12:00:00.000000+00:00"
    assert moment("37", "UTC") == 37


def test_a_time_and_a_number_lead_to_the_same_step(history: tuple[Path, dict[int, list[tuple[int, str]]]]) -> None:
    root, _ = history
    store = open_store(root / "ledger.db")
    with reading(store) as connection:
        for seq, when in connection.execute(EVENTS.select().with_only_columns(EVENTS.c.seq, EVENTS.c.time)).all():
            assert last_step(connection, when) == last_step(connection, seq) == seq
            assert last_step(connection, seq - 1) < seq
    day = datetime.now(UTC).date() + timedelta(days=1)
    assert said(root, "--as-of", day.isoformat()) == said(root)


def test_before_the_first_step_there_is_nothing(history: tuple[Path, dict[int, list[tuple[int, str]]]]) -> None:
    root, _ = history
    for when in ("1", "2001-01-01"):
        done = call(root, "show", "2026-01", "--as-of", when)
        assert (done.code, "nothing had been recorded by" in done.err) == (3, True)


@pytest.mark.parametrize("text", ["yesterday", "0", "-3", "2026-13-01", "2026-02-30", "\u0663", "9" * 30])
def test_what_is_no_moment_is_refused(history: tuple[Path, dict[int, list[tuple[int, str]]]], text: str) -> None:
    done = call(history[0], "runs", "--as-of", text)
    assert (done.code, "is no day" in done.err) == (2, True)


def test_the_past_cannot_be_written_to(history: tuple[Path, dict[int, list[tuple[int, str]]]]) -> None:
    past = as_it_was(open_store(history[0] / "ledger.db"), 3)
    with past.engine.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("DELETE FROM events")


def test_statements_of_the_past_do_not_go_where_those_of_now_are(
    history: tuple[Path, dict[int, list[tuple[int, str]]]], tmp_path: Path
) -> None:
    root, kept = history
    words = ("statements", "2026-01", "--payee", "ann", "--format", "html", "--as-of", str(min(kept)))
    assert call(root, *words).code == 2
    done = call(root, *words, "--out", str(tmp_path), "--json")
    assert done.json["status"] == "Preview"
