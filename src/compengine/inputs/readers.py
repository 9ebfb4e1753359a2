"""A file of rows to `Raw`: which format it is, and which of its columns is which of ours."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from compengine.inputs.delimited import Delimited, read_delimited
from compengine.inputs.schema import Table
from compengine.inputs.tables import Raw, has_measure
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import closest
from compengine.source.text import Span

INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
TEXTUAL = (pl.String, pl.Categorical, pl.Enum)


def read_file(
    table: Table,
    file: Path,
    *,
    ignore: bool = False,
    rename: Mapping[str, str] | None = None,
    delimiter: str = "",
) -> Raw:
    """The rows of a `.csv`, `.tsv`, `.txt` or `.parquet` file. Raises `Failed` where the file as a whole is no good:
    E401 and E402 for its columns, E403 for a column of binary fractions, E409 for its form.

    `ignore` passes over columns the table does not declare. `rename` maps columns of the file to ours, beside and
    before what the workspace says under `file`. `delimiter` is found out where it is not given.
    """
    names = {**table.file, **(rename or {})}
    if has_measure(table) and "quota" not in names:
        names["quota"] = "measure"
    try:
        if file.suffix.lower() == ".parquet":
            return _parquet(table, file, names, ignore)
        if file.suffix.lower() in (".csv", ".tsv", ".txt"):
            form = Delimited(str(file), file.read_bytes(), {*names, *table.columns}, delimiter)
            header, cells, lines, unread = read_delimited(table.name, form)
            columns = match_columns(table, header, names, ignore, header_spans(form, header))
            return Raw(_chosen(cells, columns), lines, unread)
    except FileNotFoundError:
        raise _failed(str(file), "E409", "there is no such file") from None
    except OSError as error:
        raise _failed(str(file), "E409", f"cannot be read: {error.strerror}") from None
    help = "a file of rows is .csv, .tsv, .txt or .parquet"
    raise _failed(str(file), "E409", f"{file.suffix or 'a file without suffix'} is not a format of rows", help)


def _failed(path: str, code: str, message: str, help: str = "") -> Failed:
    return Failed([Diagnostic(code, message, Place(Span(path, 1, 1, 1, 1)), help)])


def _chosen(cells: pl.DataFrame, columns: Sequence[str | None]) -> pl.DataFrame:
    return cells.select(
        pl.col(old).alias(new) for old, new in zip(cells.columns, columns, strict=True) if new is not None
    )


def header_spans(form: Delimited, header: Sequence[str]) -> list[Span]:
    """Where each name of the first line stands; its start where the name is not written as it reads."""
    line = form.content.split(b"\n", 1)[0].decode("utf-8-sig", errors="replace").rstrip("\r")
    found: list[Span] = []
    at = 0
    for name in header:
        start = line.find(name, at)
        if start < 0:
            found.append(Span(form.path, 1, 1, 1, 1))
            continue
        first = start + len(name) - len(name.lstrip())
        found.append(Span(form.path, 1, first + 1, 1, first + 1 + len(name.strip())))
        at = start + len(name)
    return found


def match_columns(
    table: Table, header: Sequence[str], names: Mapping[str, str], ignore: bool, spans: Sequence[Span]
) -> list[str | None]:
    """Our name of each column of the file, None for one passed over; `spans` are where they stand. Raises `Failed` with
    E401 and E402."""
    found: list[Diagnostic] = []
    place = Place(replace(spans[0], column=1, end_column=1), table.name) if spans else Place(table=table.name)
    columns: list[str | None] = []
    for number, (written, span) in enumerate(zip(header, spans, strict=True), 1):
        here = Place(span, table.name)
        title = unicodedata.normalize("NFC", written.strip())
        ours = names.get(title, title)
        if ours not in table.columns:
            columns.append(None)
            if not ignore:
                found.append(_unknown(table, title, number, header, names, here))
        elif ours in columns:
            columns.append(None)
            found.append(Diagnostic("E401", f"two columns of the file are {ours}", here, "keep one"))
        else:
            columns.append(ours)
    for column in table.columns.values():
        if not column.optional and column.name not in columns:
            message = f"the file has no column {column.name}, which table {table.name} needs"
            found.append(Diagnostic("E402", message, place, _where(table, column.name)))
    if found:
        raise Failed(found)
    return columns


def _unknown(
    table: Table, title: str, number: int, header: Sequence[str], names: Mapping[str, str], place: Place
) -> Diagnostic:
    have = {names.get(h.strip(), h.strip()) for h in header}
    near = closest(title.replace(" ", "_"), [c for c in table.columns if c not in have])
    said = f"column {title}" if title else f"column {number}, which has no name"
    hint = f"did you mean {near}? Say so in the workspace: file: {{{title}: {near}}}" if near else ""
    hint = hint or "declare it, or pass over columns that are not declared"
    return Diagnostic("E401", f"table {table.name} has no {said}", place, hint)


def _where(table: Table, column: str) -> str:
    if table.effective and column == table.effective[0]:
        return "the first day of each version; 0001-01-01 stands for always"
    return ""


def _parquet(table: Table, file: Path, names: Mapping[str, str], ignore: bool) -> Raw:
    try:
        frame = pl.read_parquet(file)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        raise _failed(str(file), "E409", "is not a Parquet file") from None
    nowhere = [Span(str(file), 1, 1, 1, 1)] * len(frame.columns)
    columns = match_columns(table, frame.columns, names, ignore, nowhere)
    frame = _chosen(frame, columns)
    found: list[Diagnostic] = []
    texts = [_as_text(table, name, kind, found) for name, kind in frame.schema.items()]
    if found:
        raise Failed(found)
    return Raw(frame.select(texts), pl.Series(range(1, frame.height + 1), dtype=pl.Int64))


def _as_text(table: Table, name: str, kind: pl.DataType, found: list[Diagnostic]) -> pl.Expr:
    """A typed column as the texts that a delimited file would hold."""
    column = pl.col(name)
    match kind:
        case pl.Decimal():
            text = column.cast(pl.String)
            return text.str.strip_chars_end("0").str.strip_chars_end(".") if kind.scale else text
        case pl.Datetime():
            if not kind.time_zone:
                return column.dt.date().cast(pl.String)
            return column.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        case pl.Date() | pl.Boolean() | pl.Null():
            return column.cast(pl.String)
        case _ if kind in INTEGERS or kind.base_type() in TEXTUAL:
            return column.cast(pl.String)
    place, help = Place(table=table.name, column=name), ""
    if kind.is_float():
        help = "a binary fraction is not what was written; store the column as decimal or text"
    found.append(Diagnostic("E403", f"the file's column {name} is of type {kind}", place, help))
    return column
