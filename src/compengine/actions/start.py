"""A workspace from nothing."""

from dataclasses import dataclass
from pathlib import Path

from compengine.actions.demo import write_demo, write_starter

SEED = 2026


@dataclass(frozen=True, slots=True)
class Started:
    folder: Path
    files: int
    demo: bool


def init(folder: Path, *, demo: bool = False, seed: int = SEED) -> Started:
    """Write the starter workspace, or the demo company, into `folder`; raises `Failed` (E707) where something is."""
    if demo:
        write_demo(folder, seed)
    else:
        write_starter(folder)
    return Started(folder, sum(p.is_file() for p in folder.rglob("*")), demo)
