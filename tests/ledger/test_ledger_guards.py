"""The database itself refuses everything but the next row; what is said in the words of SQLite, a file is asked."""

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger_world import MARCH_ROWS, NOW, World, new_world

from compengine.ledger import queries
from compengine.ledger.chain import append, read_head
from compengine.ledger.runs import record_run
from compengine.ledger.store import sqlite
from compengine.ledger.store.database import open_store, reading, writing
from compengine.ledger.store.guards import unique_keys
from compengine.ledger.store.tables import CHAINED, ENTRIES, POSTINGS
from compengine.ledger.verify import verify
from compengine.source.diagnostic import Failed

TABLES = [table.name for table in CHAINED]


def raw(world: World, statement: str, *settings: str) -> None:
    """As somebody with the file and the `sqlite3` program would."""
    connection = sqlite3.connect(world.store.path)
    try:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")
        with connection:
            connection.execute(statement)
    finally:
        connection.close()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("settings", [(), ("recursive_triggers = ON",)])
def test_no_row_can_be_changed_removed_or_replaced(filed: World, table: str, settings: tuple[str, ...]) -> None:
    before = queries.head(filed.store)
    statements = [
        f"UPDATE {table} SET hash = hash",
        f"UPDATE OR REPLACE {table} SET seq = seq + 1",
        f"UPDATE OR IGNORE {table} SET hash = ''",
        f"DELETE FROM {table}",
        f"DELETE FROM {table} WHERE seq = (SELECT max(seq) FROM {table})",
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        f"REPLACE INTO {table} SELECT * FROM {table} WHERE seq = (SELECT max(seq) FROM {table})",
        f"INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT DO UPDATE SET hash = excluded.hash",
    ]
    for statement in statements:
        with pytest.raises(sqlite3.IntegrityError):
            raw(filed, statement, *settings)
    assert queries.head(filed.store) == before
    assert verify(filed.store, filed.objects) == []


def all_keys() -> list[tuple[str, tuple[str, ...]]]:
    return [(table.name, key) for table in CHAINED for key in [("seq",), *unique_keys(table)]]


@pytest.mark.parametrize(("table", "key"), all_keys())
def test_replacing_a_row_under_any_unique_key_is_refused(filed: World, table: str, key: tuple[str, ...]) -> None:
    """REPLACE would remove the old row without running a trigger where triggers are not recursive."""
    columns = [column.name for column in next(t for t in CHAINED if t.name == table).columns]
    fresh = {
        "seq": "1000",
        "hash": f"'{'1' * 64}'",
        "previous": f"'{'2' * 64}'",
        "number": "1000",
        "id": "'x'",
        "run": "'x'",
    }
    values = [column if column in key else fresh.get(column, column) for column in columns]
    count = f"SELECT count(*) FROM {table}"
    with reading(filed.store) as connection:
        before = connection.exec_driver_sql(count).scalar_one()
    with pytest.raises(sqlite3.IntegrityError):
        raw(filed, f"REPLACE INTO {table} SELECT {', '.join(values)} FROM {table} LIMIT 1", "recursive_triggers = OFF")
    with reading(filed.store) as connection:
        assert connection.exec_driver_sql(count).scalar_one() == before


def line(amount: int) -> tuple[object, ...]:
    return ("earned", "ana", "sales", "c", "2026-04", "2026-04", "held", "USD", amount)


def posting_row(number: int, first: int, last: int, run: str) -> tuple[object, ...]:
    texts = ("post", run, "monthly", "2026-04", "2026-04-01", "2026-04-31", "", "", "a" * 64, "", "{}")
    return (number, *texts, first, last, "ann", "now")


def test_a_posting_that_does_not_sum_to_zero_cannot_be_closed(world: World) -> None:
    run = world.approved(world.calculate("2026-04", MARCH_ROWS[0]))
    with pytest.raises(sa.exc.IntegrityError, match="sum to zero"), writing(world.store) as connection:
        head = read_head(connection)
        row = posting_row(7, head.seq + 2, head.seq + 2, run)
        head = append(connection, head, POSTINGS, [row])
        head = append(connection, head, ENTRIES, [(7, *line(1))])
        append(connection, head, CHAINED[1], [(run, "posted", "", 7, "", "", "ann", "now")])


@pytest.mark.parametrize("kind", ["runs", "events", "postings", "register"])
def test_nothing_comes_between_a_posting_and_the_event_that_closes_it(world: World, kind: str) -> None:
    run = record_run(world.store, world.calculate("2026-04", MARCH_ROWS[0]), "ann", NOW).id
    with pytest.raises(sa.exc.IntegrityError, match="not complete"), writing(world.store) as connection:
        head = read_head(connection)
        head = append(connection, head, POSTINGS, [posting_row(7, head.seq + 2, head.seq + 1, run)])
        row: dict[str, tuple[object, ...]] = {
            "runs": ("x",) * 20,
            "events": (run, "submitted", "", 0, "", "", "ann", "now"),
            "register": ("hold", "H9", "placed", "monthly", "ann", "sales", "{}", "why", "ann", "now"),
            "postings": (
                8,
                "post",
                "q",
                "monthly",
                "2026-05",
                *("",) * 4,
                "a" * 64,
                "",
                "",
                head.seq + 2,
                head.seq + 1,
                "ann",
                "now",
            ),
        }
        append(connection, head, next(t for t in CHAINED if t.name == kind), [row[kind]])


def test_entries_stand_only_inside_their_posting(world: World) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="not complete"), writing(world.store) as connection:
        append(connection, read_head(connection), ENTRIES, [(6, *line(1))])


@pytest.mark.parametrize(
    ("seq", "previous", "message"),
    [
        ("last.seq + 2", "last.hash", "not linked"),
        ("last.seq + 1", f"'{'2' * 64}'", "not linked"),
        ("last.seq", "last.previous", "not the next|exists|not complete"),
        ("1", f"'{'0' * 64}'", "not the next|exists|not complete"),
    ],
)
def test_a_row_must_be_the_next_link(filed: World, seq: str, previous: str, message: str) -> None:
    names = [column.name for column in CHAINED[0].columns]
    fresh = {"hash": f"'{'1' * 64}'", "id": "'x'", "seq": seq, "previous": previous}
    values = ", ".join(fresh.get(name, f"runs.{name}") for name in names)
    last = "(SELECT * FROM events ORDER BY seq DESC LIMIT 1) AS last"
    with pytest.raises(sqlite3.IntegrityError, match=message):
        raw(filed, f"INSERT INTO runs SELECT {values} FROM runs, {last} LIMIT 1")


@pytest.mark.parametrize("amount", ["0", "10000000000000001", "-10000000000000001", "1.5", "'x'", "x'00'", "NULL"])
def test_an_amount_is_a_bounded_integer_other_than_zero(filed: World, amount: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"entries_amount|entries_bound|cannot store|NOT NULL"):
        # triggers come before constraints, so they are taken away first
        connection = sqlite3.connect(filed.store.path)
        with connection:
            for name in sqlite.GUARDS:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(
                "INSERT INTO entries SELECT seq + 1000, posting, reason, payee, plan, component, for_period, in_period,"
                f" account, currency, {amount}, '{'1' * 64}', '{'2' * 64}' FROM entries LIMIT 1"
            )


def test_a_connection_runs_with_every_setting(filed: World) -> None:
    with reading(filed.store) as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name, _, _ in sqlite.SETTINGS}
    assert found == {name: expected for name, _, expected in sqlite.SETTINGS}
    assert found["journal_mode"] == "delete" and found["synchronous"] == 3


def test_a_setting_that_does_not_take_is_refused(filed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "SETTINGS", (("synchronous", "OFF", 3),))
    with pytest.raises(Failed, match=r"E609.*synchronous is 0, not 3"):
        open_store(filed.store.path)


def test_a_missing_trigger_stops_writing_and_is_reported(filed: World) -> None:
    raw(filed, "DROP TRIGGER entries_no_update")
    with pytest.raises(Failed, match=r"E609.*entries_no_update"):
        filed.post("2026-04", MARCH_ROWS[2])
    (diagnostic,) = verify(filed.store, filed.objects)
    assert "entries_no_update" in diagnostic.message


@pytest.mark.parametrize("statement", ["CREATE TABLE other (x)", "PRAGMA user_version = 7"])
def test_another_database_is_not_touched(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Failed, match="E609"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("payee,amount\n" * 200)
    with pytest.raises(Failed, match="E609"):
        open_store(path)
    assert path.read_text().startswith("payee")


def test_a_busy_ledger_says_so(tmp_path: Path) -> None:
    world = new_world(tmp_path, wait_ms=50)
    other = sqlite3.connect(world.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(Failed, match="E611: another process is writing"):
            world.approved(world.calculate("2026-01", MARCH_ROWS[0]))
    finally:
        other.close()
    world.post("2026-01", MARCH_ROWS[0])


def test_opening_a_new_ledger_at_the_same_time_makes_one(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def opened() -> None:
        try:
            open_store(tmp_path / "ledger.db")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=opened) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert queries.head(open_store(tmp_path / "ledger.db")).seq == 0
