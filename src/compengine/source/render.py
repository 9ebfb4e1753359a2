"""Diagnostics as people read them: the place, the line, a caret, the help."""

import unicodedata
from collections.abc import Iterable, Mapping

from compengine.source.diagnostic import Diagnostic, Place
from compengine.source.text import Text


def render(diagnostic: Diagnostic, texts: Mapping[str, Text]) -> str:
    """One diagnostic, without colour:

    ```text
    error[E203]: money cannot be multiplied by money
      --> plans/ae/plan.yaml:7:11
     7 |     of: credit.amount * quota(bookings, year)
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: divide by the quota to get a ratio
    ```
    """
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    lines += _place(diagnostic.place, texts)
    for other in diagnostic.others:
        lines += _place(other, texts)
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(lines)


def _place(place: Place, texts: Mapping[str, Text]) -> list[str]:
    shown = str(place)
    if not shown:
        return []
    note = f"  ({place.note})" if place.note else ""
    lines = [f"  --> {shown}{note}"]
    span = place.span
    if span is None or span.path not in texts:
        return lines
    source = texts[span.path].line(span.line)
    if not source:
        return lines
    end = span.end_column if span.end_line == span.line else len(source) + 1
    before, marked = source[: span.column - 1], source[span.column - 1 : end - 1]
    gutter = " " * len(str(span.line))
    lines.append(f" {span.line} | {source}")
    lines.append(f" {gutter} | {_blank(before)}{'^' * max(1, _width(marked))}")
    return lines


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _blank(text: str) -> str:
    return "".join("\t" if c == "\t" else " " * _width(c) for c in text)


def by_place(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """In reading order: by file, line and column, then table and row."""

    def key(d: Diagnostic) -> tuple[str, int, int, str, str, str]:
        span = d.place.span
        where = (span.path, span.line, span.column) if span else ("", 0, 0)
        return (*where, d.place.table, d.place.row, d.code)

    return sorted(diagnostics, key=key)
