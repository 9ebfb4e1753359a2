"""Every state × every action × every set of roles × who acts: exactly what `allowed.csv` lists succeeds.

The table is written from the requirements, not from the program: who prepared a run does not approve it, nobody
approves his own pay or twice, who approved does not pay, a run above the threshold needs two approvals; nobody decides
what he began or what is about his own pay, or above the limit of his roles. It is held against the commands
(`control_commands`), against the functions of the ledger with controls of any kind, and against rows that are put into
the tables by hand, on both databases; these know states and persons, and no roles.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from control_commands import RECORD_ACTIONS, by_command
from control_table import ROLE_SETS, ROLES, Case, Table, leaks, table
from figures import Figure, at_least, at_most, plain
from ledger_world import FIVE_DOLLARS, MARCH_ROWS, NOW, SECRET, World, new_world
from servers import binaries, running

from compengine.inputs.objects import Store as Objects
from compengine.inputs.schema import Controls
from compengine.ledger import book, queries, runs
from compengine.ledger.chain import append, read_head
from compengine.ledger.register import Record, begin, step
from compengine.ledger.runs import time_text
from compengine.ledger.states import State
from compengine.ledger.store.database import open_store
from compengine.ledger.store.tables import EVENTS, REGISTER
from compengine.source.diagnostic import Failed
from compengine.values.exact import exact

PERSONS = {"prepared": "ann", "approved": "bob", "own": "dan", "other": "eve"}
"""Who acts, by what he has to do with the run."""
BEGAN = {"began": "ann", "other": "eve"}
"""The same for a record of the register; whose pay it is about, the tables do not know."""
PAYEES = ("dan", "ana")
TWO = (("USD", exact("1")),)
PATH = (
    ("calculated", "", ""),
    ("submitted", "submit", "ann"),
    ("rejected", "reject", "bea"),
    ("", "submit", "ann"),
    ("half approved", "approve", "bob"),
    ("approved", "approve", "bea"),
    ("posted", "post", "pat"),
    ("finalized", "finalize", "bea"),
    ("paid", "pay", "cat"),
)
"""Each state, and the step that leads to it: an action and who does it."""
EVENT = {
    "calculate": "calculated",
    "submit": "submitted",
    "approve": "approved",
    "reject": "rejected",
    "post": "posted",
    "finalize": "finalized",
    "pay": "paid",
}
ACTIONS = tuple(EVENT)[1:]
STEP = {
    "approve": "approved",
    "refuse": "refused",
    "review": "reviewed",
    "accept": "accepted",
    "withdraw": "withdrawn",
    "release": "released",
}
RECORDS = {
    "adjustment": ("requested", "approved", "refused", "withdrawn"),
    "hold": ("placed", "released"),
    "dispute": ("opened", "reviewed", "accepted", "refused", "withdrawn"),
}
"""States that a record can be brought into, each in one step after the first."""
LISTED = {"requested": "requested to 10000", "opened": "opened with adjustment", "reviewed": "reviewed with adjustment"}
"""What such a state is called in the table, of a record with which nothing else stands in the way."""


def act(world: World, run: str, action: str, actor: str, controls: Controls) -> object:
    store, objects = world.store, world.objects
    verbs: dict[str, Callable[[], object]] = {
        "submit": lambda: runs.submit(store, run, actor, NOW, controls),
        "approve": lambda: runs.approve(store, run, actor, NOW, payees=PAYEES, controls=controls),
        "reject": lambda: runs.reject(store, run, actor, NOW, "not yet", controls),
        "post": lambda: book.post(store, objects, run, actor, NOW, SECRET, controls),
        "finalize": lambda: runs.finalize(store, run, actor, NOW, controls),
        "pay": lambda: book.pay(store, objects, run, actor, NOW, "e" * 64, controls),
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


def by_function(folder: Path, allowed: Table) -> Iterator[Case]:
    """In a file; after what succeeds, the file is put back. Persons may have any roles, whatever they did before."""
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
                    key = ("run", state, action)
                    yield Case("function", *key, tuple(map(str, roles)), person, done, allowed.may(key, roles, person))


def succeeds(work: Callable[[], object]) -> bool:
    try:
        work()
    except Failed:
        return False
    return True


def by_hand(world: World, where: str, allowed: Table) -> Iterator[Case]:
    """Rows with right numbers and hashes, as the program's own role; nothing of it stays."""
    yield from events_by_hand(world, where, allowed)
    yield from records_by_hand(world, where, allowed)


def events_by_hand(world: World, where: str, allowed: Table) -> Iterator[Case]:
    """Without a posting before it, no event says that a run is posted or paid; and none that it is calculated again,
    for that is no event."""
    for run, state in states(world):
        same = ("half approved", "approved") if "approved" in state else (state,)
        content = queries.run(world.store, run).record.content
        for action, kind in EVENT.items():
            for person, actor in PERSONS.items():
                listed = [one for s in same if (one := allowed.rows.get(("run", s, action)))]
                never = frozenset().union(*(one.never for one in listed)) - {"own"}
                may = bool(listed) and person not in never and action not in ("calculate", "post", "pay")
                if action == "approve" and state == "approved":
                    may = person not in ("prepared", "approved")
                row = (run, kind, content, 0, "", "", actor, time_text(NOW))
                yield Case(where, "run", state, action, (), person, inserted(world, EVENTS, row), may)


def records_by_hand(world: World, where: str, allowed: Table) -> Iterator[Case]:
    for about, names in RECORDS.items():
        for state in names:
            record = begun(world, about, state)
            for action in RECORD_ACTIONS:
                for person, actor in BEGAN.items():
                    one = allowed.rows.get((about, LISTED.get(state, state), action))
                    may = one is not None and person not in one.never
                    last = record.steps[-1]
                    kept = (last.calendar, last.payee, last.plan, last.body)
                    row = (about, record.id, STEP[action], *kept, "seen", actor, time_text(NOW))
                    yield Case(where, about, state, action, (), person, inserted(world, REGISTER, row), may)


def begun(world: World, kind: str, state: str) -> Record:
    """A record in that state, begun by whom `BEGAN` says."""
    made = begin(world.store, kind, ("monthly", "dan", "sales"), FIVE_DOLLARS, "a test", BEGAN["began"], NOW)
    if state == made.state:
        return made
    actor = BEGAN["began"] if state == "withdrawn" else "bob"
    return step(world.store, made.id, state, "seen", actor, NOW)


def inserted(world: World, table: sa.Table, row: tuple[object, ...]) -> bool:
    with world.store.engine.connect() as plain:
        connection = plain.execution_options(writing=True)
        transaction = connection.begin()
        try:
            append(connection, read_head(connection), table, [row])
            return True
        except sa.exc.DBAPIError:
            return False
        finally:
            transaction.rollback()


def cases(allowed: Table) -> Iterator[Case]:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield from by_command(Path(name) / "command", allowed)
        yield from by_function(Path(name) / "function", allowed)
        yield from by_hand(new_world(Path(name) / "hand"), "sqlite", allowed)
        if binaries() is not None:
            with running() as server:
                store = open_store(server.address(server.new()))
                yield from by_hand(World(store, Objects(Path(name) / "objects")), "postgresql", allowed)


def measure() -> list[Figure]:
    found = list(cases(table()))
    for case in leaks(found):
        print("  ", case, flush=True)
    assert {EVENT[case.action] for case in found if case.where == "sqlite" and case.about == "run"} == set(State)
    commands = sum(case.where == "command" for case in found)
    return [
        at_least("control_cases", len(found), "states × actions × roles × persons, by any way", 4500),
        plain("control_commands", commands, "of these through the command line"),
        at_most("control_leaks", len(leaks(found)), "cases that ended otherwise than the requirements say", 0),
    ]
