"""Faults of a calculation, marked in columns and told in one go.

Columns are evaluated for all rows and all branches, so a fault cannot be raised where it happens. A fault is a small
number in a column beside the value; `if`, `and`, `or` and `default` drop the marks of what they do not take.
"""

from dataclasses import dataclass, field

import polars as pl

from compengine.plan.typed import Node
from compengine.source.diagnostic import Diagnostic, Failed, Place

MARK = pl.UInt32()
NONE = pl.lit(None, dtype=MARK)
_SHOWN = 100
_HELP = {
    "E502": "load a row of quotas for these days, or write what holds without one: quota(…) default …",
    "E503": "load a row of exchange rates between the two, of that day or an earlier one",
    "E506": "correct the rows that say who gets which share, and load them again: the whole, and each payee once",
    "E507": "load the rows that say who is credited, or leave the row out with `when`",
}


@dataclass(slots=True)
class Faults:
    """The catalogue of one run: number → (code, message, node). `told` are the diagnostics found so far, `asked`
    the quotas that are missing (message and payee): each is told once, with the first row that asks for it."""

    known: list[tuple[str, str, Node]] = field(default_factory=list)
    told: list[Diagnostic] = field(default_factory=list)
    asked: set[tuple[str, str]] = field(default_factory=set)

    def mark(self, code: str, message: str, node: Node) -> int:
        entry = (code, message, node)
        if entry not in self.known:
            self.known.append(entry)
        return self.known.index(entry)

    def when(self, condition: pl.Expr, code: str, message: str, node: Node) -> pl.Expr:
        """The mark where `condition` is true, else nothing."""
        return pl.when(condition).then(pl.lit(self.mark(code, message, node), dtype=MARK))

    def missing(self) -> list[int]:
        """Marks that `default` answers: a quota that is not there."""
        return [n for n, (code, _, _) in enumerate(self.known) if code == "E502"]

    def tell(self, frame: pl.DataFrame, marks: str, row: str = "", payee: str = "") -> None:
        """A diagnostic for each marked row; `row` and `payee` are the columns that name it."""
        found = frame.filter(pl.col(marks).is_not_null())
        if payee and (quotas := self.missing()):
            found = found.filter(~pl.col(marks).is_in(quotas) | pl.struct(marks, payee).is_first_distinct())
        for values in found.head(_SHOWN).iter_rows(named=True):
            code, message, node = self.known[values[marks]]
            who = values.get(payee) if payee else None
            where = values.get(row) if row else None
            if code == "E502" and who:
                if (message, who) in self.asked:
                    continue
                self.asked.add((message, who))
            about = " ".join(str(part) for part in (where and f"row {where}", who and f"payee {who}") if part)
            self.add(code, f"{message}: {about}" if about else message, node, str(where or ""))

    def add(self, code: str, message: str, node: Node, row: str = "") -> None:
        diagnostic = Diagnostic(code, message, Place(span=node.span, row=row), _HELP.get(code, ""))
        if diagnostic not in self.told:
            self.told.append(diagnostic)

    def stop(self) -> None:
        """Raises `Failed` if anything was told."""
        if self.told:
            raise Failed(self.told)
