"""Figures of reliability, and the file that keeps the last of each."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

Number = int | float


@dataclass(frozen=True, slots=True)
class Figure:
    """`bound` says which side of `target` is good: `at least`, `at most`, or empty for a figure without a target."""

    name: str
    value: Number
    unit: str
    target: Number | None = None
    bound: str = ""

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.bound == "at least" else self.value <= self.target


def at_least(name: str, value: Number, unit: str, target: Number) -> Figure:
    return Figure(name, value, unit, target, "at least")


def at_most(name: str, value: Number, unit: str, target: Number) -> Figure:
    return Figure(name, value, unit, target, "at most")


def plain(name: str, value: Number, unit: str) -> Figure:
    return Figure(name, value, unit)


def read(file: Path) -> dict[str, dict[str, object]]:
    """What the file holds, by name; nothing where there is no file."""
    if not file.exists():
        return {}
    return {entry["name"]: entry for entry in json.loads(file.read_text("utf-8"))}


def merge(file: Path, figures: Iterable[Figure]) -> None:
    """Put the figures into the file, in the place of those of the same names; the others stay."""
    kept = read(file)
    for figure in figures:
        kept[figure.name] = {**asdict(figure), "met": figure.met}
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps([kept[name] for name in sorted(kept)], indent=2) + "\n", encoding="utf-8")
    new.replace(file)


def line(figure: Figure) -> str:
    said = f"{figure.name}: {figure.value:,} {figure.unit}"
    if figure.target is None:
        return said
    return f"{said}, {figure.bound} {figure.target:,}: {'met' if figure.met else 'MISSED'}"
