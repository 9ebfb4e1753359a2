"""What the product survives: faults at every system call, tampering, other machines, and what is found of it.

    python bench/reliability.py               everything
    python bench/reliability.py NAME …        these measures alone; the figures of the others stay

`make torture` (`make torture MEASURES="NAME …"`) writes `build/reliability.json`, a list of {"name", "value", "unit",
"target", "bound", "met"}. A measure is a module of `tests/torture` with a function `measure() -> list[Figure]`; a short
part of each, with a fixed seed, is among the tests. Exit code 1 where a target is missed.
"""

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("torture", "ledger", "cli", "")]

from figures import Figure, line, merge  # noqa: E402

REPORT = ROOT / "build" / "reliability.json"
MEASURES = (
    "hash_columns",
    "sqlite_faults",
    "tampering",
    "environments",
    "post_races",
    "postgres_faults",
    "postgres_crashes",
    "ledger_histories",
    "control_cases",
)
"""Modules of `tests/torture`, in the order in which they run."""
Measure = Callable[[], list[Figure]]


def measured(measures: Mapping[str, Measure], report: Path) -> list[Figure]:
    """Runs each and puts its figures into the report as soon as it ends."""
    found: list[Figure] = []
    for name, measure in measures.items():
        began = time.monotonic()
        figures = measure()
        merge(report, figures)
        found += figures
        print(f"{name}, {time.monotonic() - began:,.0f} s", flush=True)
        for figure in figures:
            print(f"  {line(figure)}", flush=True)
    return found


def missed(figures: list[Figure]) -> list[str]:
    return [figure.name for figure in figures if figure.met is False]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure reliability; writes build/reliability.json.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(MEASURES)}")
    names = parser.parse_args().names or list(MEASURES)
    if unknown := sorted(set(names) - set(MEASURES)):
        parser.error(f"there is no measure {unknown[0]}; there are {', '.join(MEASURES)}")
    bad = missed(measured({name: importlib.import_module(name).measure for name in names}, REPORT))
    sys.exit(f"targets missed: {', '.join(bad)}" if bad else 0)


if __name__ == "__main__":
    main()
