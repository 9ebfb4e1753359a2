"""A posting happens whole or not at all, whoever else is at it and whatever kills it."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from ledger_world import NOW, SECRET, World, earning, new_world

from compengine.inputs.objects import Store as Objects
from compengine.ledger import book, queries
from compengine.ledger.chain import Head
from compengine.ledger.store.database import open_store
from compengine.ledger.verify import verify

POST = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from compengine.inputs.objects import Store
from compengine.ledger import book
from compengine.ledger.store.database import open_store
from compengine.source.diagnostic import Failed
folder, run = Path(sys.argv[1]), sys.argv[2]
store, objects = open_store(folder / "ledger.db", int(sys.argv[3])), Store(folder / "objects")
print("ready", flush=True)
sys.stdin.readline()
try:
    book.post(store, objects, run, "ann", datetime(2026, 4, 1, 9, 30, tzinfo=UTC), bytes(range(32)))
    print("posted", flush=True)
except Failed as failed:
    print(failed.diagnostics[0].code, flush=True)
"""


@pytest.fixture
def prepared(tmp_path: Path) -> tuple[World, str]:
    """January is posted, February approved: 300 payees, so that the commit takes many pages."""
    world = new_world(tmp_path / "world")
    january = [earning(f"p{n:03}", "A", "pay", str(n + 1), "1", "2026-01") for n in range(300)]
    world.post("2026-01", january)
    february = [*january[10:], *(earning(f"p{n:03}", "B", "pay", "7", "1", "2026-02") for n in range(300))]
    return world, world.approved(world.calculate("2026-02", february))


def child(folder: Path, run: str, wait_ms: int = 5000) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", POST, str(folder), run, str(wait_ms)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def copy(world: World, target: Path) -> World:
    shutil.copytree(world.store.path.parent, target)
    return World(open_store(target / "ledger.db"), Objects(target / "objects"))


def heads(world: World, run: str, scratch: Path) -> tuple[Head, Head]:
    """Before and after the posting, the second from a copy."""
    other = copy(world, scratch)
    book.post(other.store, other.objects, run, "ann", NOW, SECRET)
    return queries.head(world.store), queries.head(other.store)


def test_of_processes_that_post_the_same_run_one_wins(prepared: tuple[World, str]) -> None:
    world, run = prepared
    children = [child(world.store.path.parent, run) for _ in range(2)]
    assert [said(c) for c in children] == ["ready"] * 2
    for c in children:
        go(c)
    outcomes = sorted(said(c) for c in children)
    for c in children:
        c.communicate()
    assert outcomes.count("posted") == 1 and set(outcomes) <= {"posted", "E605", "E611"}
    assert len(queries.postings(world.store)) == 2
    assert verify(world.store, world.objects) == []


def test_a_posting_killed_at_any_moment_leaves_the_old_ledger_or_the_new(
    prepared: tuple[World, str], tmp_path: Path
) -> None:
    world, run = prepared
    old, new = heads(world, run, tmp_path / "scratch")
    chance = random.Random(7)
    seen: set[Head] = set()
    for trial in range(2):
        target = copy(world, tmp_path / f"trial{trial}")
        process = child(target.store.path.parent, run)
        assert said(process) == "ready"
        go(process)
        time.sleep(chance.uniform(0, 0.35))
        process.kill()
        process.communicate()
        seen.add(settled(target, run, old, new))
    assert seen <= {old, new}


def settled(world: World, run: str, old: Head, new: Head) -> Head:
    """What the killed posting left, after asserting that it is whole and that posting again reaches the same end."""
    left = queries.head(world.store)
    assert left in (old, new)
    assert verify(world.store, world.objects, [old]) == []
    if left == old:
        book.post(world.store, world.objects, run, "ann", NOW, SECRET)
    assert queries.head(world.store) == new
    return left


def injected(folder: Path, run: str, call: str, number: int, fault: str) -> tuple[int, str]:
    """Post under `strace`, which does `fault` at that call of that name after "ready"."""
    what = "signal=KILL" if fault == "KILL" else f"error={fault}"
    command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={number}"]
    done = subprocess.run(
        [*command, sys.executable, "-c", POST, str(folder), run, "200"],
        input="\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


def traceable() -> bool:
    return (
        shutil.which("strace") is not None
        and subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode == 0
    )


ERRORS = {"pwrite64": "ENOSPC", "fdatasync": "EIO", "fsync": "EIO", "unlink": "EIO"}
STRIDE = {("pwrite64", "KILL"): [40], ("fdatasync", "EIO"): [3], ("unlink", "KILL"): [1]}
ALL = os.environ.get("COMPENGINE_FAULTS") == "all"
"""With it, every call of every kind is made to kill the process, and to fail: minutes instead of seconds."""


def points() -> dict[tuple[str, str], Iterable[int]]:
    if not ALL:
        return dict(STRIDE)
    return {(call, fault): range(1, 10_000) for call, error in ERRORS.items() for fault in ("KILL", error)}


@pytest.mark.skipif(not traceable(), reason="needs strace")
def test_a_posting_killed_or_failed_at_a_system_call_leaves_the_old_ledger_or_the_new(
    prepared: tuple[World, str], tmp_path: Path
) -> None:
    world, run = prepared
    old, new = heads(world, run, tmp_path / "scratch")
    counts: Counter[tuple[str, str, str]] = Counter()
    for (call, fault), numbers in points().items():
        unharmed = 0
        for number in numbers:
            target = copy(world, tmp_path / "point")
            code, output = injected(target.store.path.parent, run, call, number, fault)
            left = settled(target, run, old, new)
            acknowledged = "posted" in output
            assert not acknowledged or left == new, f"{call} {number} {fault}: acknowledged and lost"
            counts[call, fault, "new" if left == new else "old"] += 1
            shutil.rmtree(target.store.path.parent)
            unharmed = unharmed + 1 if acknowledged and code == 0 else 0
            if unharmed == 3:
                break  # there are no more calls of this name
    assert sum(counts.values()) >= len(STRIDE), counts
    assert any(kept == "old" for _, _, kept in counts), counts
    if ALL:
        print(dict(counts))
