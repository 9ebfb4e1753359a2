"""What a statement costs: one of forty rows, one of five thousand, many by two processes, and a plain page.

`measured()` gives seconds, megabytes and ratios by name. A statement is printed as a process of a batch does it: with
what `batch.py` calls there, so without the collector of cyclic objects until it is written, with the file on disk and
with the collection after it. Seconds of one core are those of the process; each big thing is done in a process of its
own, so that its memory is its own.
"""

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "statement"))

PLAIN = """<table><thead><tr><th>Deal</th><th>Date</th><th>Tier</th><th>Basis</th><th>Rate</th><th>USD</th></tr></thead>
<tbody>{rows}</tbody></table>"""
ROW = "<tr><td>D{n}</td><td>1 Mar 2026</td><td>0% to 100%</td><td>{n},200.50</td><td>10%</td><td>120.05</td></tr>"


BATCHES = (500, 2500)
"""Statements of the two batches whose memory is compared."""
OFTEN = 0.2
"""Seconds between two looks at the memory of a batch."""


def main(what: str, *numbers: str) -> None:
    work = {"one": one, "pool": pool, "long": long, "batch": batch}[what]
    print(json.dumps(work(*map(int, numbers))))


def printer(folder: Path, rows: int) -> Callable[[], Path]:
    """Prints a statement of so many rows into the folder. This process is from here on like one of a batch."""
    from statement_samples import many

    from compengine.statement.batch import Sheet, Where, begin_printing, print_and_collect
    from compengine.statement.build import build
    from compengine.statement.manifest import Printed
    from compengine.statement.proof import enclosures
    from compengine.statement.templates import load_template

    view = build(many(rows))
    sheet, where = Sheet(view, enclosures(view, None)), Where(folder, load_template())
    begin_printing(folder / ".fonts")

    def work() -> Path:
        done = print_and_collect(sheet, where)
        assert isinstance(done, Printed), done
        return done.path

    return work


def one() -> dict[str, float]:
    """CPU of forty rows, and of a page of it beside a page of a plain table."""
    from weasyprint import HTML

    plain = PLAIN.format(rows="".join(ROW.format(n=n) for n in range(120)))

    def bare() -> bytes:
        content: bytes = HTML(string=plain).write_pdf()
        gc.collect()
        return content

    with tempfile.TemporaryDirectory() as folder:
        work = printer(Path(folder), 40)
        content = work().read_bytes()
        shares = [cpu(work) / pages(content), cpu(bare) / pages(bare())]
    return {"seconds": shares[0] * pages(content), "vs_plain": shares[0] / shares[1], "kb": len(content) / 1024}


def pages(content: bytes) -> int:
    import pikepdf

    with pikepdf.open(BytesIO(content)) as pdf:
        return len(pdf.pages)


def cpu(work: Callable[[], object], times: int = 10) -> float:
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def pool(count: int = 60) -> dict[str, float]:
    """By one process and by two, both as a batch does it."""
    taken = []
    for workers in (2, 1):
        began = time.perf_counter()
        print_many(count, 40, workers)
        taken.append(time.perf_counter() - began)
    return {"speedup": taken[1] / taken[0], "per_second": count / taken[0]}


def print_many(count: int, rows: int, workers: int) -> None:
    from statement_samples import many

    from compengine.statement.batch import Sheet, Where, print_all
    from compengine.statement.build import build
    from compengine.statement.manifest import Printed
    from compengine.statement.templates import load_template

    view, template = build(many(rows)), load_template()
    with tempfile.TemporaryDirectory() as folder:
        sheets = (Sheet(replace(view, number=f"2026-03-{n:06}")) for n in range(count))
        done = sum(
            isinstance(each, Printed) for each in print_all(sheets, Where(Path(folder), template), None, workers)
        )
    assert done == count


def long() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        taken = cpu(printer(Path(folder), 5000), times=1)
    return {"seconds": taken, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def batch(count: int) -> dict[str, float]:
    """The most memory at one time of this process and the two that print for it, statements of three rows."""
    most, ended = 0.0, threading.Event()

    def look() -> None:
        nonlocal most
        while not ended.wait(OFTEN):
            most = max(most, sum(map(resident, family(os.getpid()))))

    watch = threading.Thread(target=look)
    watch.start()
    print_many(count, 3, workers=2)
    ended.set()
    watch.join()
    return {"mb": most}


def family(process: int) -> list[int]:
    """The process and those that it began."""
    with suppress(OSError):
        found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return [process, *(one for child in found for one in family(int(child)))]
    return []


def resident(process: int) -> float:
    """MB; none of a process that has just ended."""
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return 0.0


def measured() -> dict[str, dict[str, float]]:
    """By name; of `batch` the memory of the smaller one, and by how many percent that of the larger is more."""
    path = os.pathsep.join([str(ROOT / "tests" / "statement"), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path}

    def told(*words: str) -> dict[str, float]:
        command = [sys.executable, __file__, *words]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return dict(json.loads(done.stdout))

    small, large = (told("batch", str(count))["mb"] for count in BATCHES)
    growth = {"mb": small, "percent": 100 * (large - small) / small}
    return {what: told(what) for what in ("one", "pool", "long")} | {"batch": growth}


if __name__ == "__main__":
    main(*sys.argv[1:])
