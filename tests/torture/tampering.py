"""Somebody who has the whole workspace in his hands changes it: what `verify` finds, alone and with a checkpoint.

Each trial works on a copy of a company with three closed months. `alone` is `compengine verify` in the workspace, whose
ledger, objects, checkpoints and signing key the attacker has; `with checkpoint` is the same with a copy of
`checkpoints.txt` and of the public key that somebody kept elsewhere. The attacker knows the rules: where it helps him
he makes every hash right again, and has the checkpoints written and signed anew with the workspace's own key.
"""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from attacks import rechained, unguarded
from cli_world import call, close
from figures import Figure, at_least, at_most, plain
from ledger_world import World
from small_company import write

from compengine.actions.opened import Opened, open_workspace
from compengine.actions.verify import verify
from compengine.inputs.objects import Store as Objects
from compengine.ledger.chain import row_hash
from compengine.ledger.register import begin
from compengine.ledger.register import step as decide
from compengine.ledger.store.database import open_store
from compengine.ledger.store.tables import CHAINED, ENTRIES, columns
from compengine.source.diagnostic import Failed

SEED = 20260331
TRIALS = 300
FEWER = 100
"""Trials of the kinds that come after the nine."""
FLIPS = 1000
NOW = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
MONTHS = ("2026-01", "2026-02", "2026-03")
LEDGER = "ledger.db"
CHECKPOINTS = "checkpoints.txt"
KEPT = "kept.txt"
NAMES = tuple(table.name for table in CHAINED)


@dataclass(frozen=True, slots=True)
class Company:
    """`root` is the workspace, `older` the same after each month, `kept` and `key` what somebody keeps elsewhere."""

    root: Path
    older: tuple[Path, ...]
    kept: Path
    key: Path
    opened: Opened


Tamper = Callable[[Path, Company, random.Random], None]


def company(folder: Path) -> Company:
    """Three people, three months closed and paid, an adjustment and a hold in the register."""
    deals = [
        f"{owner}{month}{n},{owner},{1000 + 37 * n + month},2026-0{month}-{10 + n}"
        for month in (1, 2, 3)
        for owner in ("ann", "bob", "cid")
        for n in (1, 2)
    ]
    data = {
        "data/payees.csv": "id,name\nann,Ann\nbob,Bob\ncid,Cid\n",
        "data/deals.csv": "\n".join(("id,owner,amount,close_date", *deals, "")),
    }
    root, older = write(folder / "root", data), []
    assert call(root, "load", "data").code == 0
    for month in MONTHS:
        if month == MONTHS[1]:
            store = open_store(root / LEDGER)
            asked = begin(store, "hold", ("monthly", "ann", "small"), {"component": ""}, "a question", "frank", NOW)
            decide(store, asked.id, "released", "answered", "petra", NOW)
        close(root, month)
        older.append(Path(shutil.copytree(root, folder / f"older{month}")))
    kept, key = folder / KEPT, folder / "kept.pub"
    shutil.copy(root / CHECKPOINTS, kept)
    shutil.copy(root / ".compengine" / "keys" / "checkpoint.pub", key)
    return Company(root, tuple(older[:-1]), kept, key, open_workspace(root))


@contextmanager
def opened(root: Path) -> Iterator[tuple[World, sqlite3.Connection]]:
    """The ledger without its triggers and without any constraint on keys; they are back afterwards."""
    world = World(open_store(root / LEDGER), Objects(root / ".compengine" / "objects"))
    with unguarded(world) as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        yield world, raw


def _some_row(raw: sqlite3.Connection, chance: random.Random, tables: tuple[str, ...] = NAMES) -> tuple[str, int]:
    table = chance.choice(tables)
    return table, chance.choice([seq for (seq,) in raw.execute(f"SELECT seq FROM {table}")])


def _change(raw: sqlite3.Connection, chance: random.Random) -> None:
    """Any column of any row but its number and its links, to something else that is not taken."""
    while True:
        table, seq = _some_row(raw, chance)
        mine = CHAINED[NAMES.index(table)]
        column = chance.choice([name for name in columns(mine) if name not in ("seq", "previous")])
        (old,) = raw.execute(f'SELECT "{column}" FROM {table} WHERE seq = ?', (seq,)).fetchone()
        new = old + chance.choice((-1, 1, 100, 99_999)) if isinstance(old, int) else old + chance.choice("abcxyz019")
        with suppress(sqlite3.IntegrityError):
            raw.execute(f'UPDATE {table} SET "{column}" = ? WHERE seq = ?', (new, seq))
            return


def edit(root: Path, _company: Company, chance: random.Random) -> None:
    """Another amount, name, date, … in one row."""
    with opened(root) as (_, raw):
        _change(raw, chance)


def delete(root: Path, _company: Company, chance: random.Random) -> None:
    with opened(root) as (_, raw):
        table, seq = _some_row(raw, chance)
        raw.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))


def insert(root: Path, _company: Company, chance: random.Random) -> None:
    """One more entry, like another: beside a row of the same number, or at the end, rightly linked and hashed."""
    with opened(root) as (_, raw):
        _, seq = _some_row(raw, chance, ("entries",))
        names = columns(ENTRIES)
        row = list(raw.execute(f"SELECT {', '.join(names)} FROM entries WHERE seq = ?", (seq,)).fetchone())
        last, head = max(raw.execute(f"SELECT max(seq), hash FROM {name}").fetchone() for name in NAMES)
        taken = {n for (n,) in raw.execute("SELECT seq FROM entries")}
        end = chance.random() < 0.5
        row[0] = last + 1 if end else chance.choice([n for n in range(1, last) if n not in taken])
        row[-1] = head if end else f"{chance.getrandbits(256):064x}"
        row.append(row_hash(ENTRIES, tuple(row)))
        raw.execute(f"INSERT INTO entries ({', '.join((*names, 'hash'))}) VALUES ({', '.join('?' * len(row))})", row)


def swap(root: Path, _company: Company, chance: random.Random) -> None:
    """Two rows of a table change places, whole."""
    with opened(root) as (_, raw):
        table = chance.choice(NAMES)
        seqs = [seq for (seq,) in raw.execute(f"SELECT seq FROM {table}")]
        first, second = chance.sample(seqs, 2)
        for old, new in ((first, -1), (second, first), (-1, second)):
            raw.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (new, old))


def flip_hash(root: Path, _company: Company, chance: random.Random) -> None:
    """One digit of a hash, or of the link to the row before."""
    with opened(root) as (_, raw):
        table, seq = _some_row(raw, chance)
        column, at = chance.choice(("hash", "previous")), chance.randrange(64)
        (old,) = raw.execute(f"SELECT {column} FROM {table} WHERE seq = ?", (seq,)).fetchone()
        digit = chance.choice([d for d in "0123456789abcdef" if d != old[at]])
        raw.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (old[:at] + digit + old[at + 1 :], seq))


def cut(root: Path, _company: Company, chance: random.Random) -> None:
    """The end is cut off behind an event or a decision, and the checkpoints are made anew."""
    with opened(root) as (_, raw):
        ends = [seq for name in ("events", "register") for (seq,) in raw.execute(f"SELECT seq FROM {name}")]
        end = chance.choice(sorted(ends)[:-1])
        raw.execute("PRAGMA foreign_keys = OFF")
        for name in NAMES:
            raw.execute(f"DELETE FROM {name} WHERE seq > ?", (end,))
    (root / CHECKPOINTS).unlink()


def rewrite(root: Path, _company: Company, chance: random.Random) -> None:
    """One row is changed, every hash from there on made right, and the checkpoints are made anew."""
    with opened(root) as (world, raw):
        _change(raw, chance)
    rechained(world)
    (root / CHECKPOINTS).unlink()


def rollback(root: Path, company: Company, chance: random.Random) -> None:
    """The whole workspace as it was a month or two ago, from a backup."""
    shutil.rmtree(root)
    shutil.copytree(chance.choice(company.older), root)


def wipe(root: Path, _company: Company, _chance: random.Random) -> None:
    """A new, empty ledger, and no checkpoints."""
    for name in (LEDGER, CHECKPOINTS):
        (root / name).unlink()
    open_store(root / LEDGER)


def change_object(root: Path, _company: Company, chance: random.Random) -> None:
    """A stored plan, table or result that a run names is removed, cut short, or exchanged for another."""
    places = sorted(named(root))
    place, other = chance.sample(places, 2)
    match chance.choice(("gone", "short", "other")):
        case "gone":
            place.unlink()
        case "short":
            place.write_bytes(place.read_bytes()[: -chance.randint(1, 20)])
        case _:
            place.write_bytes(other.read_bytes())


def forge(root: Path, _company: Company, chance: random.Random) -> None:
    """Who approved, posted, paid or decided, when, or why, with right hashes and checkpoints made anew."""
    with opened(root) as (world, raw):
        table, seq = _some_row(raw, chance, ("events", "register"))
        column = chance.choice(("actor", "time", "note"))
        new = {"actor": f"somebody{chance.randrange(99)}", "time": "2026-01-01T00:00:00Z", "note": f"{chance.random()}"}
        raw.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (new[column], seq))
    rechained(world)
    (root / CHECKPOINTS).unlink()


def other_key(root: Path, _company: Company, chance: random.Random) -> None:
    """The checkpoints beside the ledger are signed with another key, which takes the place of the workspace's own."""
    shutil.rmtree(root / ".compengine" / "keys")
    (root / CHECKPOINTS).unlink()
    if chance.random() < 0.5:
        with opened(root) as (world, raw):
            raw.execute("UPDATE events SET note = note || ? WHERE kind = 'posted'", (str(chance.random()),))
        rechained(world)


CLASSES: dict[str, Tamper] = {
    "edit": edit,
    "delete": delete,
    "insert": insert,
    "swap": swap,
    "flip_hash": flip_hash,
    "cut": cut,
    "rewrite": rewrite,
    "rollback": rollback,
    "wipe": wipe,
    "object": change_object,
    "forge": forge,
    "other_key": other_key,
}


NINE = 9


@dataclass(frozen=True, slots=True)
class Trial:
    """`changed`: something that anybody reads is another than it was, as is always so where something is found.
    `crash` is what ended `verify` instead of an answer."""

    kind: str
    alone: bool
    with_checkpoint: bool
    changed: bool = True
    crash: str = ""


def examined(kind: str, root: Path, company: Company) -> Trial:
    """Whether `verify` finds something: alone, and with what was kept outside."""
    workspace = replace(company.opened, root=root)
    try:
        said = verify(workspace, (), company.kept, company.key).diagnostics
        mine = [d for d in said if KEPT not in d.message]
        if said and not mine:  # objects are looked at only where nothing else was found
            mine = list(verify(workspace).diagnostics)
        return Trial(kind, bool(mine), bool(said))
    except Failed:
        return Trial(kind, True, True)
    except Exception as error:
        return Trial(kind, True, True, crash=f"{type(error).__name__}: {error}")


def trials(company: Company, kind: str, number: int, scratch: Path) -> Iterator[Trial]:
    chance = random.Random(f"{SEED} {kind}")
    for _ in range(number):
        root = Path(shutil.copytree(company.root, scratch / "root"))
        CLASSES[kind](root, company, chance)
        yield examined(kind, root, company)
        shutil.rmtree(root)


def flips(company: Company, number: int, scratch: Path) -> Iterator[Trial]:
    """One bit of one byte of the database, of an object that a run names, or of the checkpoints, by turns."""
    chance = random.Random(f"{SEED} flips")
    before, objects = content(company.root), sorted(p.relative_to(company.root) for p in named(company.root))
    for turn in range(number):
        kind = ("database", "object", "checkpoints")[turn % 3]
        root = Path(shutil.copytree(company.root, scratch / "root"))
        place = {
            "database": root / LEDGER,
            "object": root / chance.choice(objects),
            "checkpoints": root / CHECKPOINTS,
        }[kind]
        damaged = bytearray(place.read_bytes())
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        place.write_bytes(damaged)
        trial = examined(kind, root, company)
        yield trial if trial.with_checkpoint else replace(trial, changed=content(root) != before)
        shutil.rmtree(root)


def named(root: Path) -> set[Path]:
    """Every object in the store."""
    return {p for p in (root / ".compengine" / "objects").rglob("*") if p.is_file()}


def content(root: Path) -> dict[str, object]:
    """All that anybody reads in a workspace: the rows and the rules of the database, the bytes of every object and of
    the checkpoints. A database that cannot be read is None; it is not equal to one that can."""
    found: dict[str, object] = {"checkpoints": _bytes(root / CHECKPOINTS), "database": _database(root / LEDGER)}
    return found | {place.name: place.read_bytes() for place in named(root)}


def _bytes(place: Path) -> bytes | None:
    return place.read_bytes() if place.exists() else None


def _database(place: Path) -> object:
    """Rows, statements that made the tables, and the settings in the head of the file that are ours."""
    try:
        with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            found: list[object] = [connection.execute("PRAGMA application_id").fetchone()]
            found += connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 2").fetchall()
            for name in NAMES:
                names = ", ".join((*columns(CHAINED[NAMES.index(name)]), "hash"))
                found.append(connection.execute(f"SELECT {names} FROM {name} ORDER BY seq").fetchall())
            found.append(connection.execute("PRAGMA integrity_check").fetchall())
            return found
    except sqlite3.Error:
        return None


def measure() -> list[Figure]:
    memory = Path("/dev/shm")
    found: list[Trial] = []
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        mine = company(folder / "company")
        (folder / "scratch").mkdir()
        for place, kind in enumerate(CLASSES):
            done = list(trials(mine, kind, TRIALS if place < NINE else FEWER, folder / "scratch"))
            print(f"  {kind}: {len(done)}, missed alone {sum(not t.alone for t in done)}", flush=True)
            found += done
        flipped = list(flips(mine, FLIPS, folder / "scratch"))
    return [*_of_classes(found), *_of_flips(flipped)]


def _of_classes(found: list[Trial]) -> list[Figure]:
    missed = [t for t in found if not t.with_checkpoint]
    crashed = [t for t in found if t.crash]
    for trial in (*missed, *crashed):
        print("  ", trial, flush=True)
    return [
        at_least("tamper_trials", len(found), f"trials of {len(CLASSES)} kinds of tampering", TRIALS * NINE),
        at_most("tamper_missed_with_checkpoint", len(missed), "trials", 0),
        at_most("tamper_crashes", len(crashed), "trials in which verify gave no answer", 0),
        *(_alone(kind, [t for t in found if t.kind == kind]) for kind in CLASSES),
    ]


def _alone(kind: str, found: list[Trial]) -> Figure:
    return plain(f"tamper_missed_alone_{kind}", sum(not t.alone for t in found), f"of {len(found)} trials")


def _of_flips(found: list[Trial]) -> list[Figure]:
    missed = [t for t in found if t.changed and not t.with_checkpoint]
    crashed = [t for t in found if t.crash]
    for trial in (*missed, *crashed):
        print("  ", trial, flush=True)
    return [
        at_least("tamper_flips", len(found), "bits flipped, one at a time", FLIPS),
        at_most("tamper_flips_missed_with_checkpoint", len(missed), "flips", 0),
        at_most("tamper_flips_crashes", len(crashed), "flips after which verify gave no answer", 0),
        plain("tamper_flips_missed_alone", sum(t.changed and not t.alone for t in found), "flips"),
        plain("tamper_harmless", sum(not t.changed for t in found), "flips after which everything read is the same"),
    ]
