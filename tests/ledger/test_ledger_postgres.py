"""What is particular to PostgreSQL: who may do what, what the server must promise, and what happens when two write."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from attacks import force, unguarded
from ledger_world import MARCH_ROWS, NOW, SECRET, World, earning, new_world
from servers import Server

from compengine.inputs.objects import Store as Objects
from compengine.ledger import book, queries
from compengine.ledger.chain import append, read_head
from compengine.ledger.runs import record_run
from compengine.ledger.store import database, postgres
from compengine.ledger.store.database import Contended, guards_missing, open_store, reading, retried, writing
from compengine.ledger.store.postgres_guards import GUARDS
from compengine.ledger.store.tables import CHAINED, ENTRIES, RUNS
from compengine.ledger.verify import verify
from compengine.source.diagnostic import Failed

TABLES = [table.name for table in CHAINED]


def name_of(world: World) -> str:
    return sa.make_url(str(world.store.address)).database or ""


@pytest.fixture
def other(server: Server) -> Iterator[str]:
    """A database that may be spoilt."""
    name = server.new()
    yield name
    server.drop(name)


def test_the_same_months_have_the_same_head_on_both(sound: World, served: World) -> None:
    assert queries.head(served.store) == queries.head(sound.store)
    assert queries.head(sound.store).seq > 30


@pytest.mark.parametrize("user", ["program", "owner", "postgres"])
def test_no_row_can_be_changed_or_removed_by_anybody_while_the_triggers_stand(
    server: Server, served: World, user: str
) -> None:
    before = queries.head(served.store)
    for table in TABLES:
        named = f"compengine.{table}"
        for statement in (
            f"UPDATE {named} SET hash = hash",
            f"UPDATE {named} SET seq = seq + 1 WHERE false",
            f"DELETE FROM {named}",
            f"DELETE FROM {named} WHERE false",
            f"TRUNCATE {named} CASCADE",
            f"INSERT INTO {named} SELECT * FROM {named} ON CONFLICT (seq) DO UPDATE SET hash = excluded.hash",
        ):
            with pytest.raises(sa.exc.DBAPIError, match=r"append-only|permission denied|not the next"):
                server.run(name_of(served), statement, user=user)
    if user == "postgres":
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            server.run(name_of(served), "SET session_replication_role = replica", f"DELETE FROM {named}")
    assert queries.head(served.store) == before
    assert verify(served.store, served.objects) == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE compengine.entries DISABLE TRIGGER ALL",
        "DROP TRIGGER entries_keep ON compengine.entries",
        "DROP TABLE compengine.register",
        "ALTER TABLE compengine.events DROP CONSTRAINT events_kind",
        "INSERT INTO compengine.links VALUES (100, 'x')",
        "CREATE FUNCTION compengine.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP POLICY entries_all ON compengine.entries",
        "UPDATE compengine.alembic_version SET version_num = '0'",
        "INSERT INTO compengine.ledger_lock VALUES (1)",
        "CREATE TABLE compengine.mine (x int)",
    ],
)
def test_the_program_may_not_touch_what_guards_the_ledger(server: Server, served: World, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=r"permission denied|must be owner"):
        server.run(name_of(served), statement, user="program")


def test_a_temporary_table_does_not_stand_before_the_ledger(served: World) -> None:
    with reading(served.store) as connection:
        before = read_head(connection)
    with served.store.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE entries (seq bigint, hash text)")
        assert read_head(connection) == before


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_every_row_is_covered(served: World, server: Server, table: str) -> None:
    """Each column is changed in a row of the middle, and put back."""
    (row, *_) = server.run(
        name_of(served),
        f"SELECT * FROM compengine.{table} ORDER BY seq OFFSET (SELECT count(*) / 2 FROM compengine.{table})",
    )
    seq = row._mapping["seq"]
    with unguarded(served) as connection:
        for column, value in row._mapping.items():
            new = value + 100000 if isinstance(value, int) else f"{value}x"
            force(connection, f"UPDATE {table} SET {column} = {literal(new)} WHERE seq = {seq}")
            first = verify(served.store, served.objects)[0]
            assert first.code == "E609" and first.place.table in TABLES, (column, first)
            assert column == "seq" or (first.place.table, first.place.row) == (table, str(seq)), (column, first)
            changed = new if column == "seq" else seq
            force(connection, f"UPDATE {table} SET {column} = {literal(value)} WHERE seq = {changed}")
    assert all("triggers are missing" in d.message for d in verify(served.store, served.objects))


def literal(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE {table} DISABLE TRIGGER {trigger}",
        "ALTER TABLE {table} ENABLE TRIGGER {trigger}",
        "DROP TRIGGER {trigger} ON {table}",
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
)
def test_every_guard_that_is_missing_or_changed_stops_writing_and_is_reported(
    server: Server, other: str, statement: str
) -> None:
    world = World(open_store(server.address(other)), Objects(Path("/nowhere")))
    for (table, trigger), (function, _) in GUARDS.items():
        names = {"table": f"compengine.{table}", "trigger": trigger, "function": f"compengine.{function}"}
        server.run(other, statement.format(**names))
    with reading(world.store) as connection:
        assert guards_missing(connection) == [trigger for _, trigger in GUARDS]
    with pytest.raises(Failed, match=r"E609.*missing or changed"), writing(world.store):
        pass
    database.migrate(server.address(other, "owner"), "program", "payees")
    with reading(world.store) as connection:
        assert guards_missing(connection) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("ALTER TABLE compengine.events DROP CONSTRAINT events_previous_key", "events_previous_key"),
        ("ALTER TABLE compengine.links DROP CONSTRAINT links_pkey", "links_pkey"),
        ("ALTER TABLE compengine.entries DROP CONSTRAINT entries_bound", "entries_bound"),
        ("ALTER TABLE compengine.entries DROP CONSTRAINT entries_posting_fkey", "entries_posting_fkey"),
        ("ALTER TABLE compengine.entries NO FORCE ROW LEVEL SECURITY", "row-level security of entries"),
        ("ALTER TABLE compengine.register DISABLE ROW LEVEL SECURITY", "row-level security of register"),
    ],
)
def test_a_constraint_that_is_gone_is_reported(server: Server, other: str, statement: str, what: str) -> None:
    server.run(other, statement)
    with reading(open_store(server.address(other))) as connection:
        assert guards_missing(connection) == [what]


def insert_run(seq: str, previous: str, id: str) -> str:
    texts = ", ".join("''" for _ in range(19))
    return f"INSERT INTO compengine.runs VALUES ({seq}, '{id}', {texts}, '{previous}', '{'1' * 64}')"


def test_a_fork_fails_even_where_nobody_takes_the_lock(server: Server, served: World) -> None:
    """Two transactions with one view of the end of the chain put a row behind it, in two tables."""
    head = queries.head(served.store)
    record = "'hold', 'H1', 'placed', 'm', 'ann', 'sales', '{}', 'why', 'ann', 'now'"
    rival = f"INSERT INTO compengine.register VALUES ({head.seq + 1}, {record}, '{head.hash}', '{'2' * 64}')"
    engine = sa.create_engine(server.address(name_of(served)), poolclass=sa.NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            connection.exec_driver_sql("SELECT 1")
            connection.exec_driver_sql("SELECT max(seq) FROM compengine.events")
        one.exec_driver_sql(insert_run(str(head.seq + 1), head.hash, "forked"))
        done: list[str] = []

        def second() -> None:
            try:
                two.exec_driver_sql(rival)
                done.append("in")
            except sa.exc.IntegrityError as error:
                done.append(str(error.orig))

        thread = threading.Thread(target=second)
        thread.start()
        one.commit()
        thread.join(30)
        assert len(done) == 1 and "links_pkey" in done[0], done


def waits(server: Server, name: str) -> None:
    """Returns when somebody waits for a lock in that database."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
    end = time.monotonic() + 30
    while server.run("postgres", f"{asked}'{name}'")[0][0] == 0:
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.02)


def test_a_writer_that_waited_reads_what_the_one_before_left(server: Server, served: World) -> None:
    """Were the lock taken after the snapshot, the second would read the end as it was before the first."""
    seen: list[int] = []

    def waiting() -> None:
        with writing(served.store) as connection:
            seen.append(read_head(connection).seq)

    with writing(served.store) as connection:
        thread = threading.Thread(target=waiting)
        thread.start()
        waits(server, name_of(served))
        assert seen == []
        head = append(connection, read_head(connection), RUNS, [("x",) * 20])
    thread.join(30)
    assert seen == [head.seq]


def test_a_busy_ledger_says_so(server: Server, served: World) -> None:
    hasty = open_store(served.store.address, wait_ms=50)
    with writing(served.store), pytest.raises(Failed, match=r"E611.*another process is writing"), writing(hasty):
        pass


def test_what_the_server_undid_is_done_again_a_bounded_number_of_times(server: Server, other: str) -> None:
    """A trigger of the test's own fails the first so many times, as a server does that undoes a transaction."""
    world = World(open_store(server.address(other)), Objects(Path("/nowhere")))

    def failing(times: int, state: str) -> None:
        server.run(
            other,
            "DROP SEQUENCE IF EXISTS compengine.tries",
            "CREATE SEQUENCE compengine.tries",
            "GRANT USAGE ON SEQUENCE compengine.tries TO program",
            "CREATE OR REPLACE FUNCTION compengine.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF nextval('compengine.tries') <= {times} THEN RAISE EXCEPTION 'again' USING ERRCODE = '{state}';"
            " END IF; RETURN NEW; END $$",
            "CREATE OR REPLACE TRIGGER a_fail BEFORE INSERT ON compengine.runs FOR EACH ROW"
            " EXECUTE FUNCTION compengine.fail()",
        )

    def tries() -> object:
        return server.run(other, "SELECT last_value FROM compengine.tries")[0][0]

    @retried
    def add(id: str) -> None:
        with writing(world.store) as connection:
            append(connection, read_head(connection), RUNS, [(id, *("x",) * 19)])

    for state in ("40001", "40P01"):
        failing(4, state)
        add(state)
        assert tries() == 5
    failing(5, "40001")
    with pytest.raises(Contended, match="E611"):
        add("never")
    assert tries() == 5
    failing(1, "23505")
    with pytest.raises(sa.exc.IntegrityError):
        add("never")
    assert tries() == 1
    with reading(world.store) as connection:
        assert read_head(connection).seq == 2


@pytest.mark.parametrize(
    ("change", "back", "message"),
    [
        (
            "ALTER ROLE program SET synchronous_commit = off",
            "ALTER ROLE program RESET ALL",
            "synchronous_commit is off",
        ),
        ("ALTER ROLE program BYPASSRLS", "ALTER ROLE program NOBYPASSRLS", "passes by row-level security"),
        ("ALTER ROLE program SUPERUSER", "ALTER ROLE program NOSUPERUSER", "is a superuser"),
        ("GRANT owner TO program", "REVOKE owner FROM program", "owns"),
        ("GRANT UPDATE ON compengine.entries TO program", "SELECT 1", "may change or remove rows of entries"),
        ("GRANT UPDATE (hash) ON compengine.runs TO program", "SELECT 1", "may change or remove rows of runs"),
        ("GRANT TRUNCATE ON compengine.events TO PUBLIC", "SELECT 1", "may change or remove rows of events"),
        ("REVOKE INSERT ON compengine.postings FROM program", "SELECT 1", "may not insert into and read postings"),
        ("UPDATE compengine.alembic_version SET version_num = '9'", "SELECT 1", "have version 9"),
    ],
)
def test_a_role_or_a_setting_that_is_not_as_it_must_be_is_refused(
    server: Server, other: str, change: str, back: str, message: str
) -> None:
    server.run(other, change)
    try:
        with pytest.raises(Failed, match=f"E609.*{message}") as caught:
            open_store(server.address(other))
        assert all(d.code == "E609" and d.help for d in caught.value.diagnostics)
    finally:
        server.run(other, back)


@pytest.mark.parametrize("name", [name for name, _, _ in postgres.SETTINGS])
def test_every_setting_is_read_from_the_server(
    server: Server, other: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync and the like cannot be set for a session, so it is asked for a value that no server has."""
    wanted = tuple((n, ("never",) if n == name else good, help) for n, good, help in postgres.SETTINGS)
    monkeypatch.setattr(postgres, "SETTINGS", wanted)
    with pytest.raises(Failed, match=f"E609.*{name} is o"):
        open_store(server.address(other))


def test_a_server_without_checksums_or_too_old_is_refused(server: Server, other: str) -> None:
    found = {"server_version_num": "140000", **{name: good[0] for name, good, _ in postgres.SETTINGS}}
    found |= {"lock_timeout": "0", "statement_timeout": "1s", "idle_in_transaction_session_timeout": "1s"}
    found["data_checksums"] = "off"
    said = [what for what, _ in postgres._unsafe(found)]
    assert said == [
        "the server is older than PostgreSQL 15",
        "data_checksums is off, not on",
        "lock_timeout is not set",
    ]


def test_where_there_is_no_ledger_or_no_server_it_says_so(server: Server, tmp_path: Path) -> None:
    name = server.new("template1")
    with pytest.raises(Failed, match=r"E609.*holds no ledger yet") as caught:
        open_store(server.address(name))
    assert "compengine migrate" in caught.value.diagnostics[0].help
    server.drop(name)
    with pytest.raises(Failed, match=r"E609.*there is no such database|E609.*does not exist"):
        open_store(server.address("nothing"))
    with pytest.raises(Failed, match=r"E609.*cannot be reached"):
        open_store(f"postgresql+psycopg://program@/x?host={tmp_path}")


def test_a_password_is_never_shown() -> None:
    assert "secret" not in postgres.shown("postgresql+psycopg://ann:secret@db/ledger")


@pytest.mark.parametrize("table", ["entries", "register"])
def test_a_payee_sees_only_what_is_his(server: Server, served: World, table: str) -> None:
    name, select = name_of(served), f"SELECT DISTINCT payee FROM compengine.{table}"
    everybody = {row[0] for row in server.run(name, select, user="program")}
    mine = next(iter(everybody))
    as_payee = "SET ROLE payees"
    assert server.run(name, as_payee, select, user="program") == []
    for who, expected in ((mine, [(mine,)]), ("nobody", []), ("", [])):
        assert server.run(name, as_payee, f"SET compengine.payee = '{who}'", select, user="program") == expected
    for forbidden in ("runs", "events", "postings", "links"):
        with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
            server.run(name, as_payee, f"SELECT * FROM compengine.{forbidden}", user="program")
    with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
        server.run(name, as_payee, f"INSERT INTO compengine.{table} DEFAULT VALUES", user="program")


def test_many_rows_are_copied_and_meet_every_trigger(served: World) -> None:
    assert postgres.AT_ONCE <= 60
    row = ("earned", "ana", "sales", "c", "2026-04", "2026-04", "held", "USD", 1)
    with pytest.raises(sa.exc.IntegrityError, match="not complete"), writing(served.store) as connection:
        append(connection, read_head(connection), ENTRIES, [(6, *row)] * 60)


def test_a_connection_that_broke_says_what_to_do(server: Server, served: World) -> None:
    with pytest.raises(Failed, match=r"E611.*connection to the server was lost"), writing(served.store) as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        server.run("postgres", f"SELECT pg_terminate_backend({pid})")
        read_head(connection)
    assert verify(served.store, served.objects) == []


def test_rights_that_others_were_given_are_taken_away(server: Server, other: str) -> None:
    server.run(other, "GRANT ALL ON ALL TABLES IN SCHEMA compengine TO program, PUBLIC")
    with pytest.raises(Failed, match="may change"):
        open_store(server.address(other))
    database.migrate(server.address(other, "owner"), "program", "payees")
    open_store(server.address(other))


def test_a_large_posting_is_copied_and_verifies(server: Server, other: str, tmp_path: Path) -> None:
    rows = [earning(f"p{n:03}", "A", "pay", str(n + 1), "1", "2026-01") for n in range(100)]
    heads = []
    for world in (
        World(open_store(server.address(other)), Objects(tmp_path / "objects")),
        new_world(tmp_path / "file"),
    ):
        run = world.approved(replace(world.calculate("2026-01", rows), engine="0.1.0"))
        book.post(world.store, world.objects, run, "ann", NOW, SECRET)
        assert verify(world.store, world.objects) == []
        heads.append(queries.head(world.store))
    assert heads[0] == heads[1] and heads[0].seq > 2 * postgres.AT_ONCE


def test_recording_the_same_run_twice_is_one_run(served: World) -> None:
    record = served.calculate("2026-04", MARCH_ROWS[0])
    assert record_run(served.store, record, "ann", NOW) == record_run(served.store, record, "bob", NOW)
