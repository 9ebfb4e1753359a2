"""A PostgreSQL server of our own for the length of a test session, and databases on it.

The cluster lies in memory where it can, so that the settings a ledger asks for (fsync and all) cost nothing. The server
dies with the process that started it.
"""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from compengine.ledger.store import database

NUMBER = itertools.count(1)
ROLES = (
    "CREATE ROLE owner LOGIN NOSUPERUSER",
    "CREATE ROLE program LOGIN NOSUPERUSER",
    "CREATE ROLE payees NOLOGIN NOSUPERUSER",
    "GRANT payees TO program",
)


def binaries() -> Path | None:
    """The folder of the newest server's programs; None where no server is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    path = shutil.which("initdb")
    places = [*([Path(path).resolve()] if path else []), *found]
    return places[-1].parent if places else None


@dataclass
class Server:
    folder: Path
    bin: Path
    process: "subprocess.Popen[bytes]"
    engines: dict[str, sa.Engine] = field(default_factory=dict)

    def address(self, name: str, user: str = "program") -> str:
        return f"postgresql+psycopg://{user}@/{name}?host={self.folder}"

    def run(self, name: str, *statements: str, user: str = "postgres") -> list[sa.Row[tuple[object, ...]]]:
        """Statements one by one, each for itself, as somebody with a client; the rows of the last."""
        engine = sa.create_engine(self.address(name, user), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            rows: list[sa.Row[tuple[object, ...]]] = []
            for statement in statements:
                done = connection.execution_options(no_parameters=True).exec_driver_sql(statement)
                rows = list(done.all()) if done.returns_rows else []
            return rows

    def new(self, template: str = "ledger_template") -> str:
        """The name of a new database, a copy of that one."""
        name = f"ledger{next(NUMBER)}"
        self.run("postgres", f"CREATE DATABASE {name} OWNER owner TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self.run("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def dump(self, name: str) -> str:
        command = [self.bin / "pg_dump", "-h", self.folder, "-U", "postgres", "--schema=compengine", name]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def restore(self, name: str, text: str) -> None:
        command = [self.bin / "psql", "-q", "-h", self.folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", name]
        subprocess.run(command, check=True, input=text, capture_output=True, text=True)


def _as_somebody(words: list[str], *, watched: bool = False) -> list[str]:
    """The command, run by somebody who is not root; killed with us where it is `watched`."""
    options = ["--pdeathsig", "KILL"] if watched else []
    if os.getuid() == 0:
        options += ["--reuid=nobody", f"--regid={pwd.getpwnam('nobody').pw_gid}", "--clear-groups"]
    return ["setpriv", *options, "--", *words] if options else words


@contextmanager
def running(at: Path | None = None) -> Iterator[Server]:
    """A server with the roles of a ledger, and `ledger_template`, an empty ledger to copy; its files lie in a folder
    in `at`, else in memory."""
    bin = binaries()
    assert bin is not None, "PostgreSQL is not installed: scripts/setup.sh says how"
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="compengine-pg-", dir=at or (memory if os.access(memory, os.W_OK) else None)))
    give(folder)
    init = [str(bin / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--data-checksums"]
    init += ["--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run(_as_somebody(init), check=True, capture_output=True, cwd="/")
    server = Server(folder, bin, _started(folder, bin))
    try:
        _wait(server)
        server.run("postgres", *ROLES, "CREATE DATABASE ledger_template OWNER owner")
        database.migrate(server.address("ledger_template", "owner"), "program", "payees")
        yield server
    finally:
        server.process.kill() if server.process.poll() is not None else server.process.send_signal(3)
        server.process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def give(folder: Path) -> None:
    """The folder belongs to whom the server runs as."""
    if os.getuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)


def crash(server: Server) -> float:
    """Kill the server as nothing could be prepared for, and start it on what is left; the seconds until it answers."""
    server.process.kill()
    server.process.wait(20)
    began = time.monotonic()
    end = began + 60
    while True:  # a process of the old server may still hold its memory
        server.process = _started(server.folder, server.bin)
        try:
            _wait(server)
            return time.monotonic() - began
        except AssertionError:
            assert time.monotonic() < end, (server.folder / "log").read_text()
            time.sleep(0.05)


def _started(folder: Path, bin: Path) -> "subprocess.Popen[bytes]":
    start = [str(bin / "postgres"), "-D", str(folder / "data"), "-k", str(folder), "-c", "listen_addresses="]
    start += ["-c", "max_connections=50", "-c", "shared_buffers=16MB", "-c", "log_min_messages=fatal"]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(_as_somebody(start, watched=True), stdout=log, stderr=log, cwd="/")


def _wait(server: Server) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            server.run("postgres", "SELECT 1")
            return
        except sa.exc.OperationalError:
            assert server.process.poll() is None, (server.folder / "log").read_text()
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.05)
