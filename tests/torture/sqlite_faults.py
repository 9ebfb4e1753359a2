"""Every command, killed or failed at every system call by which it changes a file: nothing torn, nothing lost.

A tiny company in a folder in memory, its ledger in SQLite. Before each command the folder is copied; `strace` kills the
copy's process at the n-th call of a name, or makes that call fail, or that call and every one after it. Then

- every file is as it was before the command, or as it is after it, and none under a final name is half there;
- the ledger verifies against the head before, and ends at that head or at the one after the command;
- a command that ended with exit code 0 is on record;
- the command, given again, leads to the same head, checkpoints and files as if nothing had happened.
"""

import hashlib
import json
import queue
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from figures import Figure, at_least, at_most, plain
from forks import HUNG, Done, Said, Server, forking
from small_company import write

CALLS = (
    *("write", "writev", "pwrite64", "pwritev", "copy_file_range", "ftruncate", "truncate", "fallocate"),
    *("fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir"),
)
"""System calls that change a file, its name, or what of it is on disk."""
FAULTS = {
    "KILL": "signal=KILL:when={}",
    "ENOSPC": "error=ENOSPC:when={}",
    "EIO": "error=EIO:when={}",
    "ENOSPC from there on": "error=ENOSPC:when={}+",
}
PATHS = re.compile(r'<(/[^>]*)>|^"([^"]*)"|, "([^"]*)"')
"""The files and folders in a line of `strace -y`."""
WORKERS = 2
VERIFY = Said(("verify", "--format", "json"))
LEDGER = "ledger.db"
CHECKPOINTS = "checkpoints.txt"
DATA = {
    "first/payees.csv": "id,name\nann,Ann Example\n",
    "first/deals.csv": "id,owner,amount,close_date\nD1,ann,1000,2026-01-05\nD2,ann,500,2026-01-20\n",
    "second/deals.csv": "id,owner,amount,close_date\nD2,ann,400,2026-01-20\nD3,ann,700,2026-02-03\n",
}


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    said: Said


STEPS = (
    Step("load first", Said(("load", "first"))),
    Step("calculate first", Said(("calculate", "--period", "2026-01"), "olive")),
    Step("", Said(("submit", "2026-01"), "olive")),
    Step("", Said(("approve", "2026-01"), "frank")),
    Step("", Said(("post", "2026-01"), "frank")),
    Step("", Said(("finalize", "2026-01"), "frank")),
    Step("", Said(("pay", "2026-01"), "petra")),
    Step("load", Said(("load", "second"))),
    Step("calculate", Said(("calculate", "--period", "2026-02"), "olive")),
    Step("submit", Said(("submit", "2026-02"), "olive")),
    Step("approve", Said(("approve", "2026-02"), "frank")),
    Step("post", Said(("post", "2026-02"), "frank")),
    Step("statements", Said(("statements", "2026-02"))),
    Step("finalize", Said(("finalize", "2026-02"), "frank")),
    Step("pay", Said(("pay", "2026-02"), "petra")),
)
"""Two months of the company, the second with an amended deal. Steps without a name are not made to fail."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A command, the workspace before it and after it; heads are empty where there is no ledger."""

    step: Step
    before: Path
    after: Path
    head_before: str
    head_after: str


@dataclass(frozen=True, slots=True)
class Point:
    """What came of one fault: `wrong` is empty where all promises held. `left` is `old` or `new`; `traced` is the end
    of a Python traceback that stood in the place of a message."""

    step: str
    call: str
    fault: str
    number: int
    code: int | None
    left: str
    traced: str
    wrong: tuple[str, ...]


Seen = dict[str, tuple[str, tuple[str, ...]]]
"""Digest of a folder → what is in it, and what is wrong with it."""


def head_of(done: Done) -> str:
    """The head a sound ledger ends at; empty where there is none, or nothing in it. Raises `AssertionError` where it is
    not sound."""
    if "E606" in done.err:
        return ""
    said = json.loads(done.out)
    assert said["ok"], done.out
    if said["head_seq"] == 0:
        return ""
    return f"{said['head_seq']}:{said['head']}"


def prepared(server: Server, folder: Path) -> list[Prepared]:
    """The company, step by step; each named step with copies of what was before and after it."""
    work, found, head = write(folder / "work", DATA), [], ""
    for number, step in enumerate(STEPS):
        before, after = folder / f"before{number}", folder / f"after{number}"
        shutil.copytree(work, before)
        (done, verified) = server.run(work, [step.said, VERIFY])
        assert done.code == 0, f"{step.said.words}: {done.err}"
        shutil.copytree(work, after)
        head_before, head = head, head_of(verified)
        if step.name:
            found.append(Prepared(step, before, after, head_before, head))
    return found


def traceable() -> bool:
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode == 0


@contextmanager
def tracing(log: Path, *options: str) -> Iterator["list[subprocess.Popen[bytes]]"]:
    """What attaches to a process is put into the list; it has ended when this has."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.wait(60)


def traced(server: Server, root: Path, said: Said, log: Path, *options: str, ended: bool = True) -> Done:
    """The command under `strace` with these options; what it did is in the log."""
    with tracing(log) as started:

        def attach(child: int) -> None:
            command = ["strace", "-f", "-o", str(log), *options, "-p", str(child)]
            started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            end = time.monotonic() + 30
            while "TracerPid:\t0" in Path(f"/proc/{child}/status").read_text():
                assert time.monotonic() < end, "strace does not attach"
                time.sleep(0.002)

        (done,) = server.run(root, [said], attach, ended)
    return done


@dataclass(frozen=True, slots=True)
class Calls:
    """How often one thread of a command makes each call at most, and the files and folders these calls are about."""

    most: Mapping[str, int]
    paths: tuple[str, ...]


def calls_of(server: Server, one: Prepared, scratch: Path) -> Calls:
    """Calls about other things than files of the workspace are left out: threads wake each other by `write`."""
    root, log = scratch / "root", scratch / "log"
    shutil.copytree(one.before, root)
    traced(server, root, one.step.said, log, "-y", "-s", "4096", "-e", f"trace={','.join(CALLS)}")
    shutil.rmtree(root)
    by_thread: Counter[tuple[str, str]] = Counter()
    paths: set[str] = set()
    for line in log.read_text(errors="replace").splitlines():
        thread, _, rest = line.partition(" ")
        call, opened, about = rest.strip().partition("(")
        named = {_absolute(path, root) for path in PATHS.findall(about)}
        named = {path for path in named if path.startswith(f"{root}/")}
        if opened and call in CALLS and named:
            paths |= named
            by_thread[thread, call] += 1
    most: Counter[str] = Counter()
    for (_, call), number in by_thread.items():
        most[call] = max(most[call], number)
    return Calls(most, tuple(sorted(paths)))


def _absolute(found: tuple[str, ...], root: Path) -> str:
    path = "".join(found)
    return path if path.startswith("/") else f"{root}/{path}"


def files(root: Path) -> dict[str, bytes]:
    """What stands under final names: no locks, no parts, no journal of the database."""
    found = {}
    for path in root.rglob("*"):
        name = str(path.relative_to(root))
        passing = path.name.startswith(".part-") or path.name.startswith(".statement-") or path.name == "lock"
        if path.is_file() and not passing and not name.startswith(LEDGER):
            found[name] = path.read_bytes()
    return found


def torn(left: Mapping[str, bytes], before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """Files that are neither as they were nor as they shall be. Of checkpoints, the last may be there in part."""
    found = [f"{name} is gone" for name in before if name not in left]
    for name, content in left.items():
        if name == CHECKPOINTS:
            whole = after.get(name, b"")
            if not (whole.startswith(content) and content.startswith(before.get(name, b""))):
                found.append(f"{name} is torn")
        elif "/keys/" in name and name not in before:
            continue  # made at random; `verify` checks what it signs
        elif content not in (before.get(name), after.get(name)):
            found.append(f"{name} is torn")
    return found


def faulted(
    server: Server, one: Prepared, calls: Calls, call: str, fault: str, number: int, scratch: Path, seen: Seen
) -> Point | None:
    """The promises after one fault; None where the command makes no such call any more."""
    root, log = scratch / "root", scratch / "log"
    shutil.copytree(one.before, root)
    inject = f"inject={call}:{FAULTS[fault].format(number)}"
    among = [word for path in calls.paths for word in ("-P", path)]
    done = traced(server, root, one.step.said, log, "-e", f"trace={call}", "-e", inject, *among)
    happened = log.read_text(errors="replace")
    if "(INJECTED)" not in happened and "killed by SIGKILL" not in happened:
        shutil.rmtree(root)
        return None
    state = digest_of(root)
    if state not in seen:
        seen[state] = examined(server, one, root)
    left, wrong = seen[state]
    wrong += ("it hangs",) if done.code == HUNG else ()
    wrong += ("acknowledged and lost",) if done.code == 0 and left != "new" else ()
    shutil.rmtree(root)
    tail = done.err.strip().splitlines()[-1] if "Traceback (most recent" in done.err else ""
    return Point(one.step.name, call, fault, number, done.code, left, tail, wrong)


def digest_of(root: Path) -> str:
    """Of everything in the folder, whatever its name."""
    found = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        content = path.read_bytes()
        found.update(f"{path.relative_to(root)}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def examined(server: Server, one: Prepared, root: Path) -> tuple[str, tuple[str, ...]]:
    """Whether the folder holds the state before the command or after it, `old` or `new`, and what is wrong with it.

    What is found depends on nothing but the folder: the same folder needs no second look.
    """
    before, after, own = files(one.before), files(one.after), not one.head_before
    left = files(root)
    wrong = torn(left, before, {**after, CHECKPOINTS: left.get(CHECKPOINTS, b"")} if own else after)
    finished = all(left.get(name) == content for name, content in after.items() if name != CHECKPOINTS)
    found, again, last = server.run(root, [_known(one), one.step.said, VERIFY])
    try:
        head = head_of(found)
        arrived = finished if one.head_before == one.head_after else head == one.head_after
        wrong += [] if head in (one.head_before, one.head_after) else [f"the ledger ends at {head}"]
        refusable = arrived and one.head_before != one.head_after
        wrong += [] if again.code in ((0, 3) if refusable else (0,)) else [f"given again: {again.code} {again.err}"]
        wrong += [] if head_of(last) == one.head_after else ["given again, it leads elsewhere"]
        wrong += [f"given again: {what}" for what in _other(files(root), after, own)]
    except (AssertionError, ValueError) as error:
        return "?", (*wrong, f"not sound: {error}")
    return ("new" if arrived else "old"), tuple(wrong)


def _known(one: Prepared) -> Said:
    """Verify against the head before the command, which somebody kept."""
    return Said((*VERIFY.words, *(("--head", one.head_before) if one.head_before else ())))


def _other(found: Mapping[str, bytes], after: Mapping[str, bytes], own: bool) -> list[str]:
    """Files that are not as after the undisturbed command; signatures of a key of its own are not compared."""
    names = [name for name in sorted({*found, *after}) if not (own and (name == CHECKPOINTS or "/keys/" in name))]
    return [f"{name} is another" for name in names if found.get(name) != after.get(name)]


def stride_of(call: str, fault: str) -> int:
    """Every call kills and is out of room, every synchronisation fails; of the rest each eighth, for it is alike."""
    syncs = call in ("fsync", "fdatasync", "unlink", "unlinkat", "rename", "mkdir")
    return 1 if fault in ("KILL", "ENOSPC") or (fault == "EIO" and syncs) else 8


def sweep(
    server: Server, one: Prepared, scratch: Path, stride: Callable[[str, str], int], faults: Iterable[str] = FAULTS
) -> list[Point]:
    """Every `stride`-th call of every name, with every fault."""
    found: list[Point] = []
    seen: Seen = {}
    calls = calls_of(server, one, scratch)
    for call, most in sorted(calls.most.items()):
        for fault in faults:
            for number in range(1, most + 1, stride(call, fault)):
                point = faulted(server, one, calls, call, fault, number, scratch, seen)
                if point is not None:
                    found.append(point)
    return found


def swept(todo: "queue.SimpleQueue[Prepared]", folder: Path) -> list[Point]:
    """Takes prepared commands until there are none; `folder` is made and is this worker's own."""
    points: list[Point] = []
    with forking(folder / "outputs") as server:
        (folder / "scratch").mkdir()
        while True:
            try:
                one = todo.get_nowait()
            except queue.Empty:
                return points
            found = sweep(server, one, folder / "scratch", stride_of)
            print(f"  {one.step.name}: {len(found):,} points, {sum(bool(p.wrong) for p in found)} bad", flush=True)
            points += found


def measure() -> list[Figure]:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder, todo = Path(name), queue.SimpleQueue[Prepared]()
        with forking(folder / "outputs") as server:
            for one in prepared(server, folder):
                todo.put(one)
        with ThreadPoolExecutor(WORKERS) as pool:
            work = [pool.submit(swept, todo, folder / f"worker{number}") for number in range(WORKERS)]
            points = [point for done in work for point in done.result()]
    for point in [p for p in points if p.wrong or p.traced]:
        print("  ", point, flush=True)
    return [
        at_least("sqlite_fault_points", len(points), "system calls that failed or killed", 1000),
        at_most("sqlite_fault_bad", sum(bool(p.wrong) for p in points), "points", 0),
        plain("sqlite_fault_old", sum(p.left == "old" for p in points), "points that left the state before"),
        plain("sqlite_fault_new", sum(p.left == "new" for p in points), "points that left the state after"),
        at_most("sqlite_fault_tracebacks", sum(bool(p.traced) for p in points), "points without a message", 0),
    ]
