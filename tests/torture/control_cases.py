"""Every state of a run × every action × every set of roles × who acts: exactly what `allowed.csv` lists succeeds.

The table is written from the requirements, not from the program: who prepared a run does not approve it, nobody
approves his own pay or twice, who approved does not pay, a run above the threshold needs two approvals. The same is
tried with rows put into the tables by hand, on both databases; these know states and persons, and no roles.
"""

import csv
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from figures import Figure, at_least, at_most
from ledger_world import MARCH_ROWS, NOW, SECRET, World, new_world
from servers import binaries, running

from compengine.inputs.objects import Store as Objects
from compengine.inputs.schema import Controls, Role
from compengine.ledger import book, queries, runs
from compengine.ledger.chain import append, read_head
from compengine.ledger.runs import time_text
from compengine.ledger.states import State
from compengine.ledger.store.database import open_store
from compengine.ledger.store.tables import EVENTS
from compengine.source.diagnostic import Failed
from compengine.values.exact import exact

PERSONS = {"prepared": "ann", "approved": "bob", "own": "dan", "other": "eve"}
"""Who acts, by what he has to do with the run."""
PAYEES = ("dan", "ana")
ROLES = (Role.PREPARER, Role.APPROVER, Role.PAYER)
ROLE_SETS = tuple(chain.from_iterable(combinations(ROLES, size) for size in range(len(ROLES) + 1)))
TWO = (("USD", exact("1")),)
PATH = (
    ("calculated", "", ""),
    ("submitted", "submitted", "ann"),
    ("rejected", "rejected", "bea"),
    ("", "submitted", "ann"),
    ("half approved", "approved", "bob"),
    ("approved", "approved", "bea"),
    ("posted", "posted", "pat"),
    ("finalized", "finalized", "bea"),
    ("paid", "paid", "cat"),
)
"""Each state, and the step that leads to it: an action and who does it."""
ACTIONS = ("submitted", "approved", "rejected", "posted", "finalized", "paid")


@dataclass(frozen=True, slots=True)
class Case:
    """`leak` where it was done and is not listed, or is listed and was refused."""

    where: str
    state: str
    action: str
    roles: tuple[str, ...]
    person: str
    done: bool
    allowed: bool

    @property
    def leak(self) -> bool:
        return self.done != self.allowed


@dataclass(frozen=True, slots=True)
class Allowed:
    role: str
    never: frozenset[str]


Table = dict[tuple[str, str], Allowed]


def table() -> Table:
    with Path(__file__).with_name("allowed.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {(r["state"], r["action"]): Allowed(r["role"], frozenset(r["never"].split())) for r in rows}


def act(world: World, run: str, action: str, actor: str, controls: Controls) -> object:
    store, objects = world.store, world.objects
    verbs: dict[str, Callable[[], object]] = {
        "submitted": lambda: runs.submit(store, run, actor, NOW, controls),
        "approved": lambda: runs.approve(store, run, actor, NOW, payees=PAYEES, controls=controls),
        "rejected": lambda: runs.reject(store, run, actor, NOW, "not yet", controls),
        "posted": lambda: book.post(store, objects, run, actor, NOW, SECRET, controls),
        "finalized": lambda: runs.finalize(store, run, actor, NOW, controls),
        "paid": lambda: book.pay(store, objects, run, actor, NOW, "e" * 64, controls),
    }
    return verbs[action]()


def states(world: World) -> Iterator[tuple[str, str]]:
    """The run and its state, which it is in until the next is asked for."""
    run = runs.record_run(world.store, world.calculate("2026-01", MARCH_ROWS[0]), "ann", NOW).id
    for state, action, actor in PATH:
        if action:
            act(world, run, action, actor, Controls(second_above=TWO))
        if state:
            yield run, state


def by_program(folder: Path, allowed: Table) -> Iterator[Case]:
    """In a file; after what succeeds, the file is put back."""
    world = new_world(folder)
    kept = folder / "kept.db"
    for run, state in states(world):
        shutil.copy(world.store.path, kept)
        for action in ACTIONS:
            for roles in ROLE_SETS:
                for person, actor in PERSONS.items():
                    given = {role: frozenset({actor} if role in roles else {"nobody"}) for role in ROLES}
                    done = succeeds(lambda: act(world, run, action, actor, Controls(given, second_above=TWO)))  # noqa: B023
                    if done:
                        shutil.copy(kept, world.store.path)
                    one = allowed.get((state, action))
                    may = one is not None and one.role in [str(role) for role in roles] and person not in one.never
                    yield Case("program", state, action, tuple(map(str, roles)), person, done, may)


def succeeds(work: Callable[[], object]) -> bool:
    try:
        work()
    except Failed:
        return False
    return True


def by_hand(world: World, where: str, allowed: Table) -> Iterator[Case]:
    """Events with right numbers and hashes, as the program's own role; nothing of it stays. Without a posting before
    it, no event says that a run is posted or paid."""
    for run, state in states(world):
        same = ("half approved", "approved") if "approved" in state else (state,)
        content = queries.run(world.store, run).record.content
        for action in ("calculated", *ACTIONS):
            for person, actor in PERSONS.items():
                listed = [allowed[one, action] for one in same if (one, action) in allowed]
                never = frozenset().union(*(one.never for one in listed)) - {"own"}
                may = bool(listed) and person not in never and action not in ("posted", "paid")
                if action == "approved" and state == "approved":
                    may = person not in ("prepared", "approved")
                row = (run, action, content, 0, "", "", actor, time_text(NOW))
                yield Case(where, state, action, (), person, inserted(world, row), may)


def inserted(world: World, row: tuple[object, ...]) -> bool:
    with world.store.engine.connect() as plain:
        connection = plain.execution_options(writing=True)
        transaction = connection.begin()
        try:
            append(connection, read_head(connection), EVENTS, [row])
            return True
        except sa.exc.DBAPIError:
            return False
        finally:
            transaction.rollback()


def cases(allowed: Table) -> Iterator[Case]:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield from by_program(Path(name) / "program", allowed)
        yield from by_hand(new_world(Path(name) / "hand"), "sqlite", allowed)
        if binaries() is not None:
            with running() as server:
                store = open_store(server.address(server.new()))
                yield from by_hand(World(store, Objects(Path(name) / "objects")), "postgresql", allowed)


def leaks(found: Iterable[Case]) -> list[Case]:
    return [case for case in found if case.leak]


def measure() -> list[Figure]:
    found = list(cases(table()))
    for case in leaks(found):
        print("  ", case, flush=True)
    assert {State(case.action) for case in found} == set(State)
    return [
        at_least("control_cases", len(found), "states × actions × roles × persons, by program and by hand", 1500),
        at_most("control_leaks", len(leaks(found)), "cases that ended otherwise than the requirements say", 0),
    ]
