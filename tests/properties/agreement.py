"""Runs one plan and company through both engines and says where they differ."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, fields
from typing import Any

from compengine.engine import run as engine
from compengine.inputs.snapshot import Snapshot
from compengine.oracle import run as oracle
from compengine.oracle import settle as oracle_settle
from compengine.plan.typed import Program
from compengine.source.diagnostic import Failed
from compengine.values.decided import NOTHING, Decided
from compengine.values.frames import to_rows
from compengine.values.periods import Window
from compengine.values.rows import Balance, Credit, Earning, Exclusion, Measure, Payable, Posted, Settlement

STAGES = (
    ("credits", Credit),
    ("measures", Measure),
    ("earnings", Earning),
    ("payables", Payable),
    ("exclusions", Exclusion),
)
OPENING = ("released", "owed", "carried", "waiting")


def differences(
    program: Program,
    snapshot: Snapshot,
    horizon: Window,
    opening: tuple[Balance, ...] = (),
    posted: Posted | None = None,
    decided: Decided = NOTHING,
) -> list[str]:
    """Rows that only one side has, by stage; empty where both agree, or both refuse for the same reasons."""
    ours, theirs = (
        _run(engine.calculate, program, snapshot, horizon, posted, decided),
        _run(oracle.calculate, program, snapshot, horizon, posted, decided),
    )
    if isinstance(ours, Failed) or isinstance(theirs, Failed):
        return _refusals(ours, theirs)
    found: list[str] = []
    for name, row in STAGES:
        found += _compared(name, row, to_rows(row, getattr(ours, name)), getattr(theirs, name))
    if found:
        return found
    settled = _run(engine.settled, ours.work, ours.payables, horizon, opening)
    told = _run(oracle_settle.settle, program, theirs.payables, horizon, opening, snapshot, posted)
    if isinstance(settled, Failed) or isinstance(told, Failed):
        return _refusals(settled, told)
    return _compared("settlements", Settlement, to_rows(Settlement, settled), told)


def _run(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Failed as failure:
        return failure


def _refusals(ours: Any, theirs: Any) -> list[str]:
    """Both must refuse; the engine stops after the first rule at fault, so its codes are some of the oracle's."""
    if not isinstance(ours, Failed):
        return [f"only the oracle refuses: {d.code} {d.message}" for d in theirs.diagnostics[:3]]
    if not isinstance(theirs, Failed):
        return [f"only the engine refuses: {d.code} {d.message}" for d in ours.diagnostics[:3]]
    extra = {d.code for d in ours.diagnostics} - {d.code for d in theirs.diagnostics}
    return [f"the engine refuses with {code}, the oracle does not" for code in sorted(extra)]


def _compared(name: str, row: type, ours: Iterable[Any], theirs: Iterable[Any]) -> list[str]:
    a, b = Counter(ours), Counter(theirs)
    columns = [f.name for f in fields(row)]

    def shown(side: str, item: Any) -> str:
        return f"{name} only in {side}: " + ", ".join(f"{c}={v}" for c, v in zip(columns, astuple(item), strict=True))

    def key(item: Any) -> tuple[str, ...]:
        return tuple(str(v) for v in astuple(item))

    more, less = sorted((a - b).elements(), key=key), sorted((b - a).elements(), key=key)
    return [shown("engine", i) for i in more] + [shown("oracle", i) for i in less]
