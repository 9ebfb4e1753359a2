"""The tables are made by migrations, and a ledger that an older version made is brought up with all that is in it.

`released` has a ledger of each version of the tables, with data: a dump of either database, and its objects. With
`--update` those of the present version are written anew, which may be done only until that version is released.
"""

import functools
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from ledger_world import FIVE_DOLLARS, MARCH_ROWS, NOW, World, new_world
from servers import Server

from compengine.inputs.objects import Store as Objects
from compengine.ledger import book, queries
from compengine.ledger.chain import Head
from compengine.ledger.register import begin, step
from compengine.ledger.store import database, migrate, revision
from compengine.ledger.store.database import Address, guards_missing, open_store, reading
from compengine.ledger.store.sqlite import APPLICATION
from compengine.ledger.store.tables import METADATA
from compengine.ledger.verify import verify
from compengine.source.diagnostic import Failed

RELEASED = Path(__file__).parent / "released"
VERSIONS = sorted(path.name for path in RELEASED.glob("*") if path.is_dir()) or [revision.LATEST]
NEXT = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "next", "{}", None, None
def upgrade() -> None:
    op.create_table("later", sa.Column("x", sa.Integer, primary_key=True))
    op.create_index("runs_period", "runs", ["period"])
"""


def month(world: World) -> World:
    """A month with something of everything."""
    wrong = begin(world.store, "adjustment", ("monthly", "ann", "sales"), FIVE_DOLLARS, "a test", "ann", NOW)
    step(world.store, wrong.id, "approved", "seen", "bob", NOW)
    posted = world.post("2026-01", MARCH_ROWS[0])
    book.pay(world.store, world.objects, world.final(posted.run), "cat", NOW, document="e" * 64)
    return world


def test_the_released_ledgers_are_written(update: bool, server: Server, tmp_path: Path) -> None:
    folder = RELEASED / revision.LATEST
    if update:
        shutil.rmtree(folder, ignore_errors=True)
        filed, name = month(new_world(tmp_path)), server.new()
        served = month(World(open_store(server.address(name)), filed.objects))
        shutil.copytree(filed.objects.folder, folder / "objects")
        with sqlite3.connect(filed.store.path) as connection:
            dump = "\n".join((*connection.iterdump(), f"PRAGMA application_id = {APPLICATION};", ""))
        (folder / "sqlite.sql").write_text(dump, "utf-8")
        (folder / "postgresql.sql").write_text(server.dump(name), "utf-8")
        head = queries.head(served.store)
        (folder / "head").write_text(f"{head.seq} {head.hash}\n", "utf-8")
        server.drop(name)
    assert sorted(path.name for path in folder.iterdir()) == ["head", "objects", "postgresql.sql", "sqlite.sql"]


@pytest.fixture(params=["sqlite", "postgresql"])
def restored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Address, Address]]:
    """Where a ledger of the oldest version stands; the second is the address of who may migrate it."""
    folder = RELEASED / VERSIONS[0]
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        with sqlite3.connect(path) as connection:
            connection.executescript((folder / "sqlite.sql").read_text("utf-8"))
        yield path, path
        return
    server: Server = request.getfixturevalue("server")
    name = server.new("template1")
    server.restore(name, (folder / "postgresql.sql").read_text("utf-8"))
    yield server.address(name), server.address(name, "owner")
    server.drop(name)


def kept_head() -> Head:
    seq, hash = (RELEASED / VERSIONS[0] / "head").read_text("utf-8").split()
    return Head(int(seq), hash)


def objects(tmp_path: Path) -> Objects:
    """A copy, so that nothing is written beside the dumps."""
    shutil.copytree(RELEASED / VERSIONS[0] / "objects", tmp_path / "objects")
    return Objects(tmp_path / "objects")


def test_a_ledger_of_the_first_version_is_brought_up_and_goes_on(
    restored: tuple[Address, Address], tmp_path: Path
) -> None:
    address, owner = restored
    before, after = database.migrate(owner, "program", "payees")
    assert (before, after) == (VERSIONS[0], revision.LATEST)
    world = World(open_store(address), objects(tmp_path))
    assert queries.head(world.store) == kept_head()
    assert verify(world.store, world.objects, [kept_head()]) == []
    world.post("2026-02", MARCH_ROWS[1])
    assert verify(world.store, world.objects, [kept_head()]) == []


def a_later_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "next.py").write_text(text.format(revision.LATEST), "utf-8")
    folders = (migrate.VERSIONS, tmp_path / "versions")
    monkeypatch.setattr(migrate, "upgrade", functools.partial(migrate.upgrade, versions=folders))
    monkeypatch.setattr(revision, "LATEST", "next")


def test_a_later_version_asks_to_be_migrated_and_keeps_everything(
    restored: tuple[Address, Address], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, owner = restored
    a_later_version(tmp_path, monkeypatch, NEXT)
    with pytest.raises(Failed, match=r"E609.*and this program needs next"):
        open_store(address)
    assert database.migrate(owner, "program", "payees") == (VERSIONS[0], "next")
    store = open_store(address)
    assert verify(store, objects(tmp_path), [kept_head()]) == []
    with reading(store) as connection:
        assert guards_missing(connection) == []
        assert sa.inspect(connection).has_table("later")


def test_a_migration_that_fails_half_way_leaves_what_was_there(
    restored: tuple[Address, Address], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, owner = restored
    with monkeypatch.context() as patched:
        a_later_version(tmp_path, patched, NEXT + "    raise RuntimeError('power cut')\n")
        with pytest.raises(RuntimeError, match="power cut"):
            database.migrate(owner, "program", "payees")
    store = open_store(address)
    assert verify(store, objects(tmp_path), [kept_head()]) == []
    with reading(store) as connection:
        assert revision.recorded(connection) == VERSIONS[0]
        assert not sa.inspect(connection).has_table("later")


def test_a_ledger_newer_than_the_program_is_not_touched(restored: tuple[Address, Address]) -> None:
    address, owner = restored
    engine = sa.create_engine(
        f"sqlite:///{address}" if isinstance(address, Path) else str(owner), poolclass=sa.NullPool
    )
    with engine.begin() as connection:
        place = "" if isinstance(address, Path) else "compengine."
        connection.exec_driver_sql(f"UPDATE {place}alembic_version SET version_num = '9999'")
    with pytest.raises(Failed, match=r"E609.*have version 9999"):
        open_store(address)


def test_the_latest_version_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.VERSIONS.parent))
    assert ScriptDirectory.from_config(config).get_heads() == [revision.LATEST]
    assert revision.LATEST in VERSIONS


def tables(connection: sa.Connection) -> dict[str, list[str]]:
    """The declaration of each table, line by line."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'")
    return {
        row.name: sorted(line.strip(" \t,") for line in row.sql.splitlines())
        for row in rows
        if row.name != revision.TABLE
    }


def test_the_migrations_make_what_the_program_declares(fresh: World) -> None:
    """The texts where the database keeps them, else what can be read from its catalogue."""
    with reading(fresh.store) as connection:
        if connection.dialect.name == "sqlite":
            declared = sa.create_engine("sqlite://")
            with declared.begin() as other:
                METADATA.create_all(other)
                assert tables(connection) == tables(other)
            return
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables,
            },
        )
        assert compare_metadata(context, METADATA) == []
