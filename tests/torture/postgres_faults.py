"""Commands on a ledger on a server: killed, or cut off from the server, at every call; answers lost after the commit.

The database before each command is a template; a copy of it, and of the workspace, meets one fault. Then

- the ledger verifies against the head before, and ends at that head or at the one after the command;
- a command that ended with exit code 0 is on record;
- the command, given again, leads to the same head and checkpoints as if nothing had happened, or is told that it is
  done already.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from broken_calls import Answer, Asked, Fault, Forks, forks
from cut_answers import Door, door
from figures import Figure, at_least, at_most, plain
from servers import Server, running
from small_company import OPEN, write_company

from compengine.inputs.objects import Store as Objects
from compengine.ledger import queries
from compengine.ledger.chain import Head
from compengine.ledger.store.database import open_store
from compengine.ledger.verify import verify

PEOPLE = 25
"""So many that a posting goes in by COPY."""
STEPS = (
    ("", ("load", "first"), ""),
    ("", ("calculate", "--period", "2026-01"), "olive"),
    ("", ("submit", "2026-01"), "olive"),
    ("", ("approve", "2026-01"), "frank"),
    ("", ("post", "2026-01"), "frank"),
    ("", ("load", "second"), ""),
    ("calculate", ("calculate", "--period", "2026-02"), "olive"),
    ("submit", ("submit", "2026-02"), "olive"),
    ("approve", ("approve", "2026-02"), "frank"),
    ("post", ("post", "2026-02"), "frank"),
    ("finalize", ("finalize", "2026-02"), "frank"),
    ("pay", ("pay", "2026-02"), "petra"),
)
"""Name, words, who. Steps without a name meet no faults."""
WORK = "work"
LOST = 200


@dataclass(frozen=True, slots=True)
class Prepared:
    """A command, the workspace and the name of the database before it, and what it leads to when nothing happens."""

    name: str
    asked: Asked
    before: Path
    template: str
    old: Head
    new: Head
    checkpoints: bytes
    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """What came of one fault: `wrong` is empty where all promises held."""

    step: str
    what: str
    code: int
    left: str
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    server: Server
    forks: Forks
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "work"

    @property
    def address(self) -> str:
        return self.server.address(WORK)

    def head(self) -> Head:
        return queries.head(open_store(self.address))

    def restore(self, one: Prepared) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(one.before, self.root)
        copied(self.server, one.template, WORK)


def copied(server: Server, template: str, name: str) -> None:
    server.drop(name)
    server.run("postgres", f"CREATE DATABASE {name} OWNER owner TEMPLATE {template} STRATEGY FILE_COPY")


@contextmanager
def bench(at: Path | None = None) -> Iterator[Bench]:
    """`at` is where the files of the server lie, if not in memory."""
    memory = Path("/dev/shm")
    with (
        TemporaryDirectory(dir=memory if memory.is_dir() else None) as name,
        running(at) as server,
        forks(Path(name) / "outputs") as made,
    ):
        yield Bench(server, made, Path(name))


def prepared(bench: Bench, names: Iterable[str] = ()) -> list[Prepared]:
    """The company, step by step; each named step (or of `names`) with copies of what was before it."""
    copied(bench.server, "ledger_template", WORK)
    write_company(bench.root, PEOPLE, OPEN, bench.address)
    checkpoints, found = bench.root / f"checkpoints-{WORK}.txt", []
    for name, words, who in STEPS:
        asked = Asked(str(bench.root), words, who, admin=_plain(bench.server.address("postgres", "postgres")))
        wanted = name and (not names or name in names)
        old, before = bench.head(), bench.folder / f"before-{name}"
        if wanted:
            shutil.copytree(bench.root, before)
            copied(bench.server, WORK, f"before_{name}")
        done = bench.forks.run(asked)
        assert done.code == 0, done.err
        if wanted:
            made = Prepared(
                name, asked, before, f"before_{name}", old, bench.head(), checkpoints.read_bytes(), done.calls
            )
            assert made.new != old
            found.append(made)
    return found


def _plain(address: str) -> str:
    return address.replace("+psycopg", "")


def faults(one: Prepared, what: str, stride: int = 1) -> list[Fault]:
    """Before every `stride`-th call, and after every commit: after any other call is before the next."""
    numbers = range(1, len(one.calls) + 1)
    found = [Fault(what, "before", number) for number in numbers]
    found += [Fault(what, "after", number) for number in numbers if one.calls[number - 1] == "do_commit"]
    return sorted(found, key=lambda fault: fault.number)[::stride]


def faulted(bench: Bench, one: Prepared, fault: Fault) -> Point:
    bench.restore(one)
    done = bench.forks.run(_with(one.asked, fault=fault))
    wrong = [] if fault.what != "kill" or done.code == -9 else ["it was not killed"]
    place = f"{fault.what} {fault.when} {fault.number} {one.calls[fault.number - 1]}"
    return settled(bench, one, place, done, wrong)


def lost(bench: Bench, one: Prepared, shut: Door, at: Path) -> Point:
    """The commit's answer does not come back; the command may not say that it is done."""
    bench.restore(one)
    before = shut.cut
    done = bench.forks.run(_with(one.asked, ledger=bench.address.replace(str(bench.server.folder), str(at))))
    wrong = [] if shut.cut == before + 1 else ["no answer was held back"]
    wrong += [] if done.code == 3 and "E611" in done.err else [f"exit code {done.code}: {done.err}"]
    wrong += [] if bench.head() == one.new else ["what was committed is not there"]
    return settled(bench, one, "answer lost", done, wrong)


def _with(asked: Asked, fault: Fault | None = None, ledger: str = "") -> Asked:
    return Asked(asked.root, asked.words, asked.who, ledger, asked.admin, fault)


def settled(bench: Bench, one: Prepared, what: str, done: Answer, wrong: list[str]) -> Point:
    """The promises after a fault, and after the command was given again."""
    store, objects = open_store(bench.address), Objects(bench.root / ".compengine" / "objects")
    found, left = verify(store, objects, [one.old] if one.old.seq else []), queries.head(store)
    wrong += [d.message for d in found]
    wrong += [] if left in (one.old, one.new) else [f"the ledger ends at {left}"]
    wrong += ["acknowledged and lost"] if done.code == 0 and left != one.new else []
    wrong += ["no message but a traceback"] if "Traceback (most recent" in done.err else []
    again = bench.forks.run(one.asked)
    allowed = (0,) if left == one.old else (0, 3)
    wrong += [] if again.code in allowed else [f"given again: exit code {again.code}, {again.err}"]
    wrong += [] if queries.head(store) == one.new else ["given again, it leads elsewhere"]
    kept = bench.root / f"checkpoints-{WORK}.txt"
    wrong += [] if kept.read_bytes() == one.checkpoints else ["given again, the checkpoints are others"]
    wrong += [d.message for d in verify(store, objects, [one.new])]
    return Point(one.name, what, done.code, "new" if left == one.new else "old", tuple(wrong))


def measure() -> list[Figure]:
    points: list[Point] = []
    answers: list[Point] = []
    with bench() as made:
        steps = prepared(made)
        for one in steps:
            points += [faulted(made, one, f) for what in ("kill", "terminate") for f in faults(one, what)]
            print(f"  {one.name}: {len(points):,} points, {sum(bool(p.wrong) for p in points)} bad", flush=True)
        at = made.folder / "door"
        with door(at, made.server.folder) as shut:
            answers = [lost(made, steps[n % len(steps)], shut, at) for n in range(LOST)]
    for point in [p for p in (*points, *answers) if p.wrong]:
        print("  ", point, flush=True)
    return [
        at_least("pg_fault_points", len(points), "calls of the database that killed or cut off a command", 500),
        at_most("pg_fault_bad", sum(bool(p.wrong) for p in points), "points", 0),
        plain("pg_fault_new", sum(p.left == "new" for p in points), "points that left the state after"),
        at_least("pg_lost_answers", len(answers), "answers lost after the commit", LOST),
        at_most("pg_lost_answers_bad", sum(bool(p.wrong) for p in answers), "answers", 0),
    ]
