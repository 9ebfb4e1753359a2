"""Rejected rows as a file that a person opens in a spreadsheet."""

import csv
import io
import unicodedata
from collections.abc import Iterable

from compengine.inputs.tables import Reject

COLUMNS = ("table", "line", "key", "column", "code", "message", "help")
FORMULA_STARTS = frozenset("=+-@\t\r")


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that could be gets an apostrophe in front. Fullwidth forms
    and leading blanks or quotes do not hide the start."""
    start = unicodedata.normalize("NFKC", text).lstrip(" \"'")[:1]
    return f"'{text}" if (start in FORMULA_STARTS and start) or (text[:1] in FORMULA_STARTS and text) else text


def rejects_csv(rejects: Iterable[Reject]) -> str:
    """One line per refused cell, a header first; texts are guarded."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for r in rejects:
        texts = [guarded(text) for text in (r.key, r.column, r.code, r.message, r.help)]
        writer.writerow([guarded(r.table), r.line, *texts])
    return target.getvalue()
