"""The columnar engine beside the same plan written by hand: 1,000,000 deals, 5,000 payees, three levels, five rules.

Each side runs in processes of its own, in turns, and the best run of each counts, so that the machine is the same for
both. Both must give the same earning rows: payee, component, period, source, part, and the amount to the cent.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from company import PLAN, TABLES, WORKSPACE, write_company

from compengine.actions.load import load
from compengine.actions.opened import open_workspace
from compengine.inputs.load import Source

ROUNDS = 3
SIDES = ("floor", "product")


def measured(deals: int) -> tuple[dict[str, dict[str, float]], int]:
    """Of each side the least `seconds` and the most `mb` of its runs, and how many earning rows there are."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        prepare(root, deals)
        runs: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
        for _ in range(ROUNDS):
            for side in SIDES:
                runs[side].append(run(side, root))
        rows = compare(root)
    best = {
        side: {"seconds": min(r["seconds"] for r in found), "mb": max(r["mb"] for r in found)}
        for side, found in runs.items()
    }
    return best, rows


def prepare(root: Path, deals: int, plan: str = PLAN) -> None:
    """A workspace with one plan and the company's tables, loaded."""
    (root / "compengine.yaml").write_text(WORKSPACE, encoding="utf-8")
    (root / "plans").mkdir()
    (root / "plans" / "bench.yaml").write_text(plan, encoding="utf-8")
    (root / "files").mkdir()
    write_company(root / "files", deals)
    sources = [Source(name, root / "files" / f"{name}.parquet") for name in TABLES]
    if not load(open_workspace(root), sources, datetime.now(UTC)).loaded:
        sys.exit("the tables of the bench are refused")


def run(side: str, root: Path) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).with_name("sides.py")), side, str(root), str(root / side)]
    own = {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}  # not this process's
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=own)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def compare(root: Path) -> int:
    """How many earning rows both sides gave, which must be the same ones."""
    by_hand, product = (pl.read_parquet(root / side) for side in SIDES)
    if not by_hand.equals(product):
        wrong = by_hand.join(product, on=by_hand.columns, how="anti").head(5)
        sys.exit(f"the sides differ ({len(by_hand)} and {len(product)} rows), by hand but not in the product:\n{wrong}")
    return len(product)
