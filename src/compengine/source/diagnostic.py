"""The one way the product says that something is wrong with a plan, a workspace, or data."""

from dataclasses import dataclass, field
from enum import StrEnum

from compengine.source.text import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """Where: a span of a text file, or a row of a table, or both unknown; `note` says what stands there."""

    span: Span | None = None
    table: str = ""
    row: str = ""
    column: str = ""
    note: str = ""

    def __str__(self) -> str:
        if self.span is not None:
            return str(self.span)
        parts = [self.table, f"row {self.row}" if self.row else "", f"column {self.column}" if self.column else ""]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What is wrong, where, and what to do about it.

    `code` is a key of `source.codes.CODES`; `message` states the facts of this case in one line; `help` is the fix.
    """

    code: str
    message: str
    place: Place = field(default_factory=Place)
    help: str = ""
    others: tuple[Place, ...] = ()
    severity: Severity = Severity.ERROR


class Failed(Exception):
    """A stage cannot go on: carries every diagnostic it found. The only exception users' mistakes travel in."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics[:3]))
