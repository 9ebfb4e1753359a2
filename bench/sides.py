"""One calculation of the large company, in a process of its own: `python bench/sides.py SIDE WORKSPACE ANSWER`.

SIDE is `product` or `floor`. The time is from the Parquet files of the workspace's current tables, one copy for both,
to payables in memory; starting Python and importing is not in it. `product` is what `compengine calculate` does but
for its ledger: it reads workspace and plan, opens the snapshot and checks the digests of its tables, calculates
credits, measures, earnings, payables, settlements and what earned nothing. Nothing is written by either.

Prints {"seconds", "mb", "rows"}: `mb` is the largest resident memory of the process at that moment. Then writes the
earning rows to ANSWER, as Parquet, for the other side to be compared with.
"""

import json
import resource
import sys
import time
from pathlib import Path

import compengine  # noqa: F401  # first, so that both sides get memory alike

# isort: split
import floor
import polars as pl
from company import PERIOD, TABLES

from compengine.actions.calculate import the_period
from compengine.actions.computed import compute_all
from compengine.actions.load import the_snapshot
from compengine.actions.opened import open_workspace
from compengine.actions.plans import the_program
from compengine.inputs.current import read_current, store_of
from compengine.inputs.manifest import read_manifest
from compengine.inputs.objects import get_bytes

COLUMNS = ["payee", "component", "for_period", "source", "part", "amount"]


def product(root: Path) -> tuple[float, pl.DataFrame]:
    began = time.perf_counter()
    opened = open_workspace(root)
    program, _ = the_program(opened)
    calendar, period = the_period(program, PERIOD, "")
    computed = compute_all(program, the_snapshot(opened), calendar, period, ())
    return time.perf_counter() - began, computed.earnings.select(COLUMNS)


def by_hand(root: Path) -> tuple[float, pl.DataFrame]:
    store = store_of(root)
    digests = read_manifest(get_bytes(store, read_current(root) or "")) or {}
    files = {name: store.place(digests[name]) for name in TABLES}
    began = time.perf_counter()
    rows = floor.calculate(files)
    return time.perf_counter() - began, rows.select(COLUMNS)


SIDES = {"product": product, "floor": by_hand}


def main() -> None:
    side, root, answer = sys.argv[1:]
    seconds, rows = SIDES[side](Path(root))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "mb": peak, "rows": len(rows)}))
    rows.write_parquet(answer)


if __name__ == "__main__":
    main()
