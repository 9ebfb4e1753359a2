"""A frozen set of input tables, known by its digest.

Frames have one column per declared column, and these besides:

- `@key`: the row's key as text, parts joined by `/` (all versions of one row of an effective table share it)
- `NAME@currency`: for each money column, the currency of its cell

Types: text, payee, currency and ref are String (a ref holds the `@key` of its row); number, percent and money are
`Decimal(38, 12)`; date is Date; bool is Boolean. Null means empty. Rows stand in order of key, then first day.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`digests` has the digest of each table's content; a table never loaded is an empty frame."""

    frames: dict[str, pl.DataFrame]
    digests: dict[str, str]
    digest: str

    def frame(self, table: str) -> pl.DataFrame:
        return self.frames[table]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The same as plain values: `str`, `Decimal`, `date`, `bool`, `None`."""
        return self.frames[table].to_dicts()
