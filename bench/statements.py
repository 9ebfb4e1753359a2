"""What a statement costs: one of forty rows, many by two processes, one of five thousand rows, and a plain one.

`measured()` gives seconds, megabytes and ratios by name. Seconds of one core are those of the process; each big thing
is done in a process of its own, so that its memory is its own.
"""

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "statement"))

PLAIN = """<table><thead><tr><th>Deal</th><th>Date</th><th>Tier</th><th>Basis</th><th>Rate</th><th>USD</th></tr></thead>
<tbody>{rows}</tbody></table>"""
ROW = "<tr><td>D{n}</td><td>1 Mar 2026</td><td>0% to 100%</td><td>{n},200.50</td><td>10%</td><td>120.05</td></tr>"


def main(what: str) -> None:
    work = {"one": one, "pool": pool, "long": long}[what]
    print(json.dumps(work()))


def one() -> dict[str, float]:
    """CPU of forty rows as a printing process does it, and of a page of it beside a page of a plain table."""
    import pikepdf
    from statement_samples import many
    from weasyprint import HTML

    from compengine.statement.build import build
    from compengine.statement.pdf import statement_pdf
    from compengine.statement.proof import enclosures
    from compengine.statement.templates import load_template

    template, view = load_template(), build(many(40))
    enclosed = enclosures(view, None)
    plain = PLAIN.format(rows="".join(ROW.format(n=n) for n in range(120)))
    content, bare = statement_pdf(view, template, enclosures=enclosed), HTML(string=plain).write_pdf()
    pages = [len(pikepdf.open(BytesIO(each)).pages) for each in (content, bare)]
    gc.freeze()
    gc.disable()
    ours = cpu(lambda: statement_pdf(view, template, enclosures=enclosed))
    theirs = cpu(lambda: HTML(string=plain).write_pdf())
    return {"seconds": ours, "vs_plain": (ours / pages[0]) / (theirs / pages[1]), "kb": len(content) / 1024}


def cpu(work: Callable[[], object], times: int = 10) -> float:
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
        gc.collect()
    return min(found)


def pool(count: int = 60) -> dict[str, float]:
    """By one process and by two, both as a batch does it; and by how much a process of the batch grows."""
    from statement_samples import many

    from compengine.statement.batch import Sheet, Where, print_all
    from compengine.statement.build import build
    from compengine.statement.templates import load_template

    view, template = build(many(40)), load_template()
    taken = []
    for workers in (2, 1):
        with tempfile.TemporaryDirectory() as folder:
            sheets = (Sheet(replace(view, number=f"2026-03-{n:06}")) for n in range(count))
            began = time.perf_counter()
            done = list(print_all(sheets, Where(Path(folder), template), workers=workers))
            taken.append(time.perf_counter() - began)
            assert len(done) == count
    return {"speedup": taken[1] / taken[0], "per_second": count / taken[0]}


def long() -> dict[str, float]:
    from statement_samples import many

    from compengine.statement.build import build
    from compengine.statement.pdf import statement_pdf
    from compengine.statement.proof import enclosures
    from compengine.statement.templates import load_template

    view = build(many(5000))
    began = time.process_time()
    statement_pdf(view, load_template(), enclosures=enclosures(view, None))
    taken = time.process_time() - began
    return {"seconds": taken, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def measured() -> dict[str, dict[str, float]]:
    path = os.pathsep.join([str(ROOT / "tests" / "statement"), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path}

    def told(what: str) -> dict[str, float]:
        command = [sys.executable, __file__, what]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return dict(json.loads(done.stdout))

    return {what: told(what) for what in ("one", "pool", "long")}


if __name__ == "__main__":
    main(sys.argv[1])
