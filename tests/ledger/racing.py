"""Processes that post the same period at the same moment, round after round."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ledger_world import World, earning

from compengine.ledger import queries
from compengine.ledger.verify import verify

WORKERS = 8
POSTER = """
import json
import sys
from datetime import datetime, UTC
from pathlib import Path
from compengine.inputs.objects import Store
from compengine.ledger import book
from compengine.ledger.store.database import open_store
from compengine.source.diagnostic import Failed
for line in sys.stdin:
    asked = json.loads(line)
    address = asked["address"]
    store = open_store(address if "://" in address else Path(address))
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        objects, now = Store(Path(asked["objects"])), datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
        book.post(store, objects, asked["run"], "ann", now, bytes(range(32)))
        print("posted", flush=True)
    except Failed as failed:
        print(failed.diagnostics[0].code, failed.diagnostics[0].message, flush=True)
"""
Poster = subprocess.Popen[str]


@dataclass
class Outcome:
    """`answers` counts what the processes got: `posted`, or the code of the refusal. `forks` are rounds after which the
    ledger does not hold exactly one more posting; one more where it does not verify in the end."""

    rounds: int = 0
    forks: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    messages: set[str] = field(default_factory=set)


@contextmanager
def posters(number: int = WORKERS, script: str = POSTER) -> Iterator[list[Poster]]:
    command = [sys.executable, "-c", script]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(number)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.communicate()


def race(world: World, processes: list[Poster], rounds: int) -> Outcome:
    """Two runs of each period are approved; half of the processes post one, half the other. Each year is a calendar of
    its own, so that the last round reads no more than the twelfth."""
    outcome = Outcome()
    before = len(queries.postings(world.store))
    for number in range(rounds):
        year, period = f"year{number // 12}", f"2026-{number % 12 + 1:02}"
        rows = [earning("ana", f"D{number}", "0%", str(number + 1), "1", "2026-01")]
        first = world.calculate(period, rows, calendar=year)
        runs = [world.approved(first), world.approved(replace(first, engine="0.2.0"))]
        answers = _round(world, processes, runs)
        outcome.rounds += 1
        outcome.answers.update(answer.split()[0] for answer in answers)
        outcome.messages.update(answer for answer in answers if answer != "posted")
        won = sum(answer == "posted" for answer in answers)
        posted = len(queries.postings(world.store))
        outcome.forks += (won, posted) != (1, before + 1)
        before = posted
    found = verify(world.store, world.objects)
    outcome.forks += bool(found)
    outcome.messages.update(f"verify {diagnostic}" for diagnostic in found)
    return outcome


def _round(world: World, processes: list[Poster], runs: list[str]) -> list[str]:
    for number, process in enumerate(processes):
        run = runs[number % len(runs)]
        asked = {"address": str(world.store.address), "objects": str(world.objects.folder), "run": run}
        _say(process, json.dumps(asked))
    assert [_heard(process) for process in processes] == ["ready"] * len(processes)
    for process in processes:
        _say(process, "go")
    return [_heard(process) for process in processes]


def _say(process: Poster, line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _heard(process: Poster) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
