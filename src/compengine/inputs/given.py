"""Rows written out in a case file or a test, to a snapshot. Cells follow the rules of files."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from compengine.inputs.checks import circles, dangling, overlapping, references
from compengine.inputs.manifest import manifest_digest
from compengine.inputs.schema import Table, Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.tables import Raw, empty_frame, has_measure, identity, ordered, read_rows
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import suggestion
from compengine.values.digest import field_text, table_digest

Cell = str | int | Decimal | date | bool | None
REVISION = "revision"


def from_rows(
    workspace: Workspace, rows: Mapping[str, Sequence[Mapping[str, Cell]]], *, partial: bool = False
) -> Snapshot:
    """A snapshot of these rows by table; tables left out are empty. Raises `Failed`.

    Of rows with one key the one with the highest `revision` counts (a row without has 0). With `partial`, columns may
    be left out and references are not checked. A version without a first day has always been in force.
    """
    found: list[Diagnostic] = []
    frames = {name: empty_frame(table) for name, table in workspace.tables.items()}
    for name, given in rows.items():
        table = workspace.tables.get(name)
        if table is None:
            help = suggestion(name, workspace.tables, "the tables are")
            found.append(Diagnostic("E412", f"the workspace has no table {name}", Place(table=name), help))
        else:
            frames[name] = _frame(workspace, table, given, partial, found)
    if found:
        raise Failed(found)
    found += _whole(workspace, frames, partial)
    if found:
        raise Failed(found)
    digests = {name: table_digest(name, frames[name]) for name in sorted(rows)}
    return Snapshot(frames, digests, manifest_digest(digests))


def _frame(
    workspace: Workspace, table: Table, given: Sequence[Mapping[str, Cell]], partial: bool, found: list[Diagnostic]
) -> pl.DataFrame:
    if has_measure(table):
        given = [{"measure" if k == "quota" else k: v for k, v in row.items()} for row in given]
    known = {name: None for row in given for name in row}
    names = [name for name in known if name in table.columns]
    revised = REVISION in known and REVISION not in table.columns
    for name in known:
        if name not in table.columns and not (revised and name == REVISION):
            help = suggestion(name, table.columns, "its columns are")
            place = Place(table=table.name, column=name)
            found.append(Diagnostic("E401", f"table {table.name} has no column {name}", place, help))
    names += [name for name in _filled(table) if name not in names]
    missing = [] if partial else [c.name for c in table.columns.values() if not c.optional and c.name not in names]
    for name in missing if given else ():
        place = Place(table=table.name, column=name)
        found.append(Diagnostic("E402", f"rows of table {table.name} lack the column {name}", place))
    if found:
        return empty_frame(table)
    given = [{**_filled(table), **{k: v for k, v in row.items() if v != ""}} for row in given]
    cells = {name: pl.Series([_text(row.get(name)) for row in given], dtype=pl.String) for name in names}
    raw = Raw(pl.DataFrame(cells), pl.Series(range(1, len(given) + 1), dtype=pl.Int64))
    typed = read_rows(workspace, table, raw, partial=partial)
    found += [_without_line(reject.diagnostic()) for reject in typed.rejects]
    revisions = pl.Series([_revision(row) if revised else 0 for row in given], dtype=pl.Int64)
    frame = _latest(table, typed.frame.with_columns(revisions.alias("@revision")), found)
    return ordered(table, frame).drop("@line", "@revision")


def _filled(table: Table) -> dict[str, Cell]:
    return {table.effective[0]: date.min} if table.effective else {}


def _text(value: Cell) -> str | None:
    return None if value is None else value if isinstance(value, str) else field_text(value)


def _without_line(diagnostic: Diagnostic) -> Diagnostic:
    place = Place(None, diagnostic.place.table, diagnostic.place.row, diagnostic.place.column)
    return Diagnostic(diagnostic.code, diagnostic.message, place, diagnostic.help)


def _revision(row: Mapping[str, Cell]) -> int:
    text = str(row.get(REVISION, 0))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Failed([Diagnostic("E403", f"revision is not a whole number: {text}", Place(column=REVISION))])
    return int(text)


def _latest(table: Table, frame: pl.DataFrame, found: list[Diagnostic]) -> pl.DataFrame:
    """One row per identity: the highest revision. Two rows of the same revision are E405, unless they are equal."""
    same = identity(table)
    content = [c for c in frame.columns if c != "@line"]
    frame = frame.unique(subset=content, keep="first", maintain_order=True)
    top = frame.filter(pl.col("@revision") == pl.col("@revision").max().over(same))
    for key in top.filter(pl.len().over(same) > 1).select("@key").unique(maintain_order=True).to_series():
        found.append(
            Diagnostic("E405", f"two different rows have the key {key}", Place(table=table.name, row=key or ""))
        )
    return top


def _whole(workspace: Workspace, frames: dict[str, pl.DataFrame], partial: bool) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for name, table in workspace.tables.items():
        for key in overlapping(table, frames[name])["@key"].unique(maintain_order=True):
            place = Place(table=name, row=key)
            found.append(Diagnostic("E407", f"two versions of {key} are in force on the same day", place))
        for column, target in () if partial else references(table):
            for key, value in dangling(frames[name], column, frames[target]).select("@key", column).iter_rows():
                place = Place(table=name, row=key, column=column)
                found.append(Diagnostic("E406", f"there is no row {value} in {target}", place))
    for circle in circles(workspace, frames["payees"]):
        place = Place(table="payees", row=circle.payees[0], column=workspace.hierarchy)
        found.append(Diagnostic("E509", str(circle), place, "correct the manager of one of them"))
    return found
