"""A small company and its commands: in this process, dying at a call there, or in a process that is killed.

Every command goes through the command line's entry point and opens everything anew. What it has put on record is read
from the tables of the ledger past the program.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from forks import Done, Said, Server, forking
from histories_model import LAST, MONTHS, PAYEES, QUOTA
from in_process import in_process
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlite_faults import CALLS, traced

WORKSPACE = """\
workspace: small
timezone: UTC
currencies: {base: USD}
controls: {act_as: yes}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01, pay_date: period.end + 15 days}
quotas: {bookings: money}
tables:
  payees: {row: payee, key: id, columns: {id: payee, name: text}}
  deals:
    row: deal
    key: id
    columns: {id: text, owner: payee, stage: text, amount: money, close_date: date}
"""
PLAN = """\
plan: small
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.id != ""
credits:
  bookings:
    from: deals
    when: deal.stage == "Won"
    date: deal.close_date
    amount: deal.amount
    to: deal.owner
measures:
  attainment: sum(bookings, month) / quota(bookings, month)
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate: {position: attainment, mode: whole, bands: {0%: 5%, 100%: 10%}}
settle: {negative: carry}
"""
HEADS = {"deals": "id,owner,stage,amount,close_date", "quotas": "payee,quota,from,to,amount", "payees": "id,name"}
KILLING = tuple(call for call in CALLS if call not in ("write", "writev"))
"""Threads wake each other by `write`: what is written to a file is synced by one of the others."""


@dataclass(frozen=True)
class Death:
    """Where a command dies: at the `at`-th call that writes or may fail, by an exception (`raise`), or by SIGKILL at
    the `at`-th system call that changes a file (`kill`). It does not die where it makes fewer."""

    how: str = ""
    at: int = 0


ALIVE = Death()


class Crash(BaseException):
    """The process died."""


@dataclass(frozen=True)
class Company:
    """`template` is the workspace before anything happened; `server` runs commands that are killed."""

    template: Path
    server: Server

    def run(self, root: Path, said: Said, death: Death) -> Done:
        """Of a command that died, the code is None or negative."""
        if death.how == "kill":
            log = self.template.parent / "calls"
            trace, inject = f"trace={','.join(KILLING)}", f"inject={','.join(KILLING)}:signal=KILL:when={death.at}"
            return traced(self.server, root, said, log, "-e", trace, "-e", inject, ended=False)
        try:
            with dying(death.at if death.how else 0):
                return in_process(root, said)
        except Crash:
            return Done(None, "", "")


@contextmanager
def dying(at: int) -> Iterator[None]:
    """The process dies before the call of that number, counted over all that write or may fail; never where it is 0."""
    left = [at]
    places: list[tuple[Any, str, Any]] = [
        *((SQLiteDialect_pysqlite, n, getattr(SQLiteDialect_pysqlite, n)) for n in ("do_execute", "do_commit")),
        (os, "fsync", os.fsync),
        (Path, "replace", Path.replace),
    ]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Crash
            return real(*args, **kwargs)

        return call

    for owner, name, real in places if at else ():
        setattr(owner, name, counted(real))
    try:
        yield
    finally:
        for owner, name, real in places if at else ():
            setattr(owner, name, real)


@contextmanager
def company() -> Iterator[Company]:
    """In memory where there is a folder for it; its ledger is made, and empty."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        root = Path(name) / "template"
        quotas = [quota_row(payee, month, QUOTA) for payee in PAYEES for month in MONTHS]
        files = {
            "compengine.yaml": WORKSPACE,
            "plans/small.yaml": PLAN,
            "data/payees.csv": "\n".join([HEADS["payees"], *(f"{p},Example {p}" for p in PAYEES), ""]),
            "data/quotas.csv": "\n".join([HEADS["quotas"], *quotas, ""]),
            "data/deals.csv": f"{HEADS['deals']}\nZ0,ann,Won,100 USD,2026-01-31\n",
        }
        for file, text in files.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text, "utf-8")
        for words in (("load", str(root / "data")), ("migrate",)):
            done = in_process(root, Said(words))
            assert done.code == 0, done.err
        with forking(Path(name) / "outputs") as server:
            yield Company(root, server)


def quota_row(payee: str, month: int, amount: int) -> str:
    return f"{payee},bookings,2026-{month:02}-01,2026-{month:02}-{LAST[month]},{amount} USD"


# What stands in the ledger


def recorded(root: Path) -> list[tuple[str, str]]:
    """Every step so far in order: what it is about, and its state."""
    return _read(
        root,
        "SELECT about, state FROM (SELECT seq, run AS about, kind AS state FROM events "
        "UNION ALL SELECT seq, id, state FROM register) ORDER BY seq",
    )


def postings(root: Path) -> list[tuple[str, str]]:
    """The run and the month of each month that was posted."""
    return _read(root, "SELECT run, in_period FROM postings WHERE kind = 'post' ORDER BY number")


def earned(root: Path) -> dict[tuple[str, int, str], int]:
    """Cents by payee, month and component."""
    rows = _read(
        root,
        "SELECT payee, for_period, component, -sum(amount) FROM entries "
        "WHERE account = 'expense' AND reason = 'earned' GROUP BY 1, 2, 3",
    )
    return {(payee, int(period[-2:]), component): cents for payee, period, component, cents in rows if cents}


def accounts(root: Path) -> dict[tuple[str, str], int]:
    """Cents by account and payee; what is payable or paid is settled."""
    rows = _read(
        root,
        "SELECT CASE WHEN account IN ('payable', 'paid') THEN 'settled' ELSE account END, payee, sum(amount) "
        "FROM entries GROUP BY 1, 2",
    )
    return {(account, payee): cents for account, payee, cents in rows if cents}


def paid(root: Path) -> int:
    ((cents,),) = _read(root, "SELECT coalesce(sum(amount), 0) FROM entries WHERE account = 'paid'")
    return int(cents)


def _read(root: Path, statement: str) -> list[Any]:
    """SQLite itself plays back the journal of a command that was killed."""
    connection = sqlite3.connect(root / "ledger.db")
    try:
        return list(connection.execute(statement))
    finally:
        connection.close()
