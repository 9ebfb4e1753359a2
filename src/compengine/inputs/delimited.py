"""Delimited text to rows of cells, nothing guessed but the delimiter.

UTF-8 (a byte order mark is passed over), lines end with LF or CRLF, cells may stand in double quotes with quotes
doubled inside, blank lines do not count. A file in which every line is one well-formed row is cut by columns; any
other goes through the standard library's strict reader, which is the meaning of both.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl

from compengine.inputs.tables import Reject
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span

DELIMITERS = (",", ";", "\t")
LATE_QUOTE = r'^[ \t]\s*"'
"""A cell that was probably meant to be quoted, with a blank before the quote."""

Rows = tuple[list[str], pl.DataFrame, pl.Series, tuple[Reject, ...]]


@dataclass(frozen=True, slots=True)
class Delimited:
    """A file's bytes; `known` are the column names that tell which delimiter it uses, unless `delimiter` does."""

    path: str
    content: bytes
    known: Collection[str]
    delimiter: str = ""


def read_delimited(table: str, form: Delimited) -> Rows:
    """Header; cells (String columns named by position); the line each row starts on; rows that are not as wide as
    the header. Raises `Failed` with E409."""
    text = _text(form)
    first, _, rest = text.partition("\n")
    delimiter = form.delimiter or _delimiter(form, first)
    if not first.strip():
        raise _failed(form.path, "the first line is empty", 1, "the first line names the columns")
    header = next(_records(form.path, first, delimiter))[1] if _closed(first) else None
    if header is not None and (cells := _by_columns(rest, delimiter, len(header))) is not None:
        return header, cells, pl.Series(range(2, cells.height + 2), dtype=pl.Int64), ()
    return _by_rows(table, form.path, text, delimiter)


def _failed(path: str, message: str, line: int, help: str = "") -> Failed:
    return Failed([Diagnostic("E409", message, Place(Span(path, line, 1, line, 1)), help)])


def _text(form: Delimited) -> str:
    content = form.content
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _failed(form.path, "the file is UTF-16", 1, "save it as CSV UTF-8")
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise _failed(form.path, "the file holds a zero byte", line, "it is damaged, or not a text file")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _failed(form.path, "the file is not UTF-8", line, "save it as CSV UTF-8") from None
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        raise _failed(form.path, "a line ends with CR alone", line, "save it with LF or CRLF line ends")
    return text.rstrip("\n")


def _delimiter(form: Delimited, header: str) -> str:
    """The one that cuts the header into the most names we know, then into the most cells."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([header], delimiter=delimiter))
        except (csv.Error, StopIteration):
            return 0, 0
        return sum(cell.strip() in form.known for cell in cells), len(cells)

    return max(DELIMITERS, key=score)


def _closed(line: str) -> bool:
    return line.count('"') % 2 == 0


def _by_columns(body: str, delimiter: str, width: int) -> pl.DataFrame | None:
    """The cells where every line is a row of `width` cells, quoted well or not at all; else, or in doubt, None."""
    names = [str(i) for i in range(width)]
    if not body:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{mark}]*)'
    row = rf"^{cell}(?:{mark}{cell}){{{width - 1}}}$" if width > 1 else rf"^{cell}$"
    lines = pl.Series(body.split("\n"), dtype=pl.String)
    if not (lines.str.contains(row) & (lines.str.len_bytes() > 0)).all():
        return None
    del lines
    cells = pl.read_csv(
        io.BytesIO(body.encode()),
        has_header=False,
        new_columns=names,
        separator=delimiter,
        infer_schema=False,
        schema_overrides=dict.fromkeys([f"column_{i + 1}" for i in range(width)], pl.String),
    )
    if '"' in body and cells.select(pl.any_horizontal(pl.all().str.contains(LATE_QUOTE)).any()).item():
        return None
    return cells


def _records(path: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        reason = "a quote is not closed" if "unexpected end" in str(error) else str(error)
        help = 'a quote inside a quoted cell is doubled: "5"" pipe"'
        raise _failed(path, f"not a well-formed row: {reason}", line, help) from None


def _by_rows(table: str, path: str, text: str, delimiter: str) -> Rows:
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    unread: list[Reject] = []
    late = re.compile(LATE_QUOTE)
    for line, row in _records(path, text, delimiter):
        if not header:
            header = row
        elif len(row) != len(header):
            message = f"the row has {len(row)} cells, the header {len(header)}"
            help = "a cell that holds the delimiter stands in quotes"
            unread.append(Reject(table, line, "", "", "E409", message, help))
        elif any(late.match(cell) for cell in row):
            help = "a quoted cell follows the delimiter at once"
            unread.append(Reject(table, line, "", "", "E409", "a blank stands before a quote", help))
        else:
            rows.append(row)
            lines.append(line)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    cells = pl.DataFrame({str(i): pl.Series(list(column), dtype=pl.String) for i, column in enumerate(columns)})
    return header, cells, pl.Series(lines, dtype=pl.Int64), tuple(unread)
