"""Eight processes that post the same period at the same moment, on both databases: one wins, and no chain forks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from figures import Figure, at_least, at_most, plain
from ledger_world import World, new_world
from racing import posters, race
from servers import running

from compengine.inputs.objects import Store as Objects
from compengine.ledger.store.database import open_store

ROUNDS = 200


@contextmanager
def worlds() -> Iterator[list[World]]:
    """An empty ledger in a file, and one on a server; in memory where there is a folder for it."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name, running() as server:
        address = server.address(server.new())
        yield [new_world(Path(name) / "file"), World(open_store(address), Objects(Path(name) / "objects"))]


def measure() -> list[Figure]:
    with worlds() as found, posters() as processes:
        outcomes = [race(world, processes, ROUNDS) for world in found]
    for outcome in outcomes:
        print("  ", dict(outcome.answers), flush=True)
        if outcome.forks:
            print("  ", *sorted(m for m in outcome.messages if not m.startswith("E605")), sep="\n  ", flush=True)
    rounds = sum(outcome.rounds for outcome in outcomes)
    return [
        at_least("post_race_rounds", rounds, "rounds of 8 processes, on both databases", 2 * ROUNDS),
        at_most(
            "post_race_forks", sum(outcome.forks for outcome in outcomes), "rounds with another than one winner", 0
        ),
        plain("post_race_refused", sum(o.answers.total() - o.answers["posted"] for o in outcomes), "posts refused"),
    ]
