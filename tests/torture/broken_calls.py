"""Commands in processes forked from one that has imported everything; in each, one call of the database goes wrong.

Asked with a line of JSON (`Asked`), it answers with the exit code. The calls are the statements and the commits of
SQLAlchemy's dialect for psycopg, and the beginnings of a COPY. `kill` ends the process by SIGKILL, `terminate` has the
server end the session, `crash PID` ends the server's first process by SIGKILL; each right before or right after the
call. The clock stands still, so that the same commands give the same ledger.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from imported import imported


@dataclass(frozen=True, slots=True)
class Fault:
    """`what` is `kill`, `terminate` or `crash PID`, `when` is `before` or `after` the call of that number, from 1."""

    what: str
    when: str
    number: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Words behind `compengine` in a folder; `ledger` takes the place of the workspace's own where it is not empty;
    `admin` is where a session may be ended from."""

    root: str
    words: tuple[str, ...]
    who: str = ""
    ledger: str = ""
    admin: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` is negative where a signal ended the process; `calls` of the database, by name, where it ended itself."""

    code: int
    out: str
    err: str
    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forks:
    process: "subprocess.Popen[str]"
    folder: Path

    def run(self, asked: Asked) -> Answer:
        for old in self.folder.iterdir():
            old.unlink()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(self.folder), asdict(asked)]) + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        texts = [(self.folder / name).read_text("utf-8") for name in ("out", "err")]
        calls = self.folder / "calls"
        return Answer(code, texts[0], texts[1], tuple(calls.read_text().split()) if calls.exists() else ())


@contextmanager
def forks(folder: Path) -> Iterator[Forks]:
    """`folder` is made, for what the commands print."""
    folder.mkdir(parents=True)
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Forks(process, folder)
    finally:
        process.communicate()


def _serve() -> None:
    main = imported("sqlalchemy.dialects.postgresql.psycopg")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            folder, asked = json.loads(line)
            _behave(Path(folder), asked, main)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _behave(folder: Path, asked: dict[str, Any], main: Callable[[], None]) -> None:
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_CREAT | os.O_WRONLY), number)
    os.chdir(asked["root"])
    os.environ["COMPENGINE_AS"] = asked["who"]
    if asked["ledger"]:
        os.environ["COMPENGINE_LEDGER"] = asked["ledger"]
    calls: list[str] = []
    _watch(calls, asked["fault"], asked["admin"])
    sys.argv = ["compengine", *asked["words"]]
    try:
        main()
    finally:
        (folder / "calls").write_text("\n".join(calls))


def _watch(calls: list[str], fault: dict[str, Any] | None, admin: str) -> None:
    import psycopg
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    def around(name: str, real: Callable[..., Any], session: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            inserts = any(isinstance(given, str) and given.startswith("INSERT") for given in args)
            calls.append("insert" if inserts else name)
            mine = fault is not None and fault["number"] == len(calls)
            if mine and fault["when"] == "before":
                _strike(fault["what"], session(self, *args), admin)
            result = real(self, *args, **kwargs)
            if mine and fault["when"] == "after":
                _strike(fault["what"], session(self, *args), admin)
            return result

        return call

    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        real = getattr(PGDialect_psycopg, name)
        setattr(PGDialect_psycopg, name, around(name, real, lambda _, cursor, *rest: cursor.connection))
    real = PGDialect_psycopg.do_commit
    PGDialect_psycopg.do_commit = around("do_commit", real, lambda _, held: held.driver_connection)  # type: ignore[method-assign]
    psycopg.Cursor.copy = around("copy", psycopg.Cursor.copy, lambda cursor, *rest: cursor.connection)  # type: ignore[method-assign]


def _strike(what: str, session: Any, admin: str) -> None:
    import psycopg

    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what.startswith("crash "):
        os.kill(int(what.split()[1]), signal.SIGKILL)
        return
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend({session.info.backend_pid}, 10000)")


if __name__ == "__main__":
    _serve()
