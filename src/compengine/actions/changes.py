"""What is different between the inputs of two runs, change by change, and the inputs with only some of them made."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher, unified_diff
from itertools import groupby

import polars as pl

from compengine.actions.pinned import pinned_texts, snapshot_tables
from compengine.inputs.current import conform, snapshot_of
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_bytes, get_table
from compengine.inputs.schema import ColumnType, Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.tables import identity
from compengine.inputs.workspace import read_workspace
from compengine.ledger.runs import RunRecord
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.source.text import Text
from compengine.values.exact import plain

WORKSPACE = "compengine.yaml"
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run was computed from. `texts` are the workspace file, plans by id and what they bring in, by (kind,
    name): `workspace`, `plan`, `used`."""

    texts: Mapping[tuple[str, str], str]
    tables: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a row, as it was and as it is; empty where there was no row, or nothing in it."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of a table, added, taken out or changed. `identity` is its key and, where rows have versions, the first
    day, in the columns `by`; `before` and `after` are the rows, None where there is none."""

    table: str
    key: str
    verb: str
    cells: tuple[Cell, ...]
    by: tuple[str, ...]
    identity: tuple[object, ...]
    before: Row | None
    after: Row | None


@dataclass(frozen=True, slots=True)
class TextChange:
    """Lines of a text: those from `first` up to `last` (from 0, the end not included) become `lines`. `diff` shows it.
    A text that only one side has is one change."""

    kind: str
    name: str
    verb: str
    first: int
    last: int
    lines: tuple[str, ...]
    diff: tuple[str, ...]


Change = RowChange | TextChange


def inputs_of(objects: Objects, record: RunRecord) -> Inputs:
    """Raises `Failed` (E609)."""
    plans, used = pinned_texts(objects, record)
    texts = {("workspace", WORKSPACE): get_bytes(objects, record.workspace).decode()}
    texts |= {("plan", name): text.content for (name, _), text in zip(record.plans, plans, strict=True)}
    texts |= {("used", name): text.content for name, text in used.items()}
    tables = snapshot_tables(objects, record)
    return Inputs(texts, {name: get_table(objects, name, digest) for name, digest in tables.items()})


def changes(before: Inputs, after: Inputs) -> tuple[Change, ...]:
    """Texts first, then rows by table and key."""
    workspace = read_workspace(Text(WORKSPACE, after.texts["workspace", WORKSPACE]))
    found: list[Change] = []
    for kind, name in sorted({*before.texts, *after.texts}, key=lambda k: (k[0] != "workspace", k)):
        found += _text_changes(kind, name, before.texts.get((kind, name)), after.texts.get((kind, name)))
    for table in sorted({*before.tables, *after.tables}):
        by = identity(workspace.tables[table]) if table in workspace.tables else ["@key"]
        found += _row_changes(table, by, before.tables.get(table), after.tables.get(table))
    return tuple(found)


def _text_changes(kind: str, name: str, before: str | None, after: str | None) -> Iterator[TextChange]:
    if before == after:
        return
    ours, theirs = ((text or "").splitlines(keepends=True) for text in (before, after))
    if before is None or after is None:
        verb = "added" if before is None else "taken out"
        shown = _diff(name, ours, theirs)
        yield TextChange(kind, name, verb, 0, len(ours), tuple(theirs), shown)
        return
    for tag, first, last, low, high in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag != "equal":
            made = [*ours[:first], *theirs[low:high], *ours[last:]]
            yield TextChange(kind, name, "changed", first, last, tuple(theirs[low:high]), _diff(name, ours, made))


def _diff(name: str, before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    return tuple(line.rstrip("\n") for line in unified_diff(before, after, name, name, n=2))


def _row_changes(
    table: str, by: Sequence[str], before: pl.DataFrame | None, after: pl.DataFrame | None
) -> Iterator[RowChange]:
    if before is not None and after is not None and before.equals(after):
        return
    ours, theirs = (_keyed(frame, by) for frame in _only_differing(before, after))
    for name in sorted({*ours, *theirs}, key=lambda n: tuple(str(part) for part in n)):
        old, new = ours.get(name), theirs.get(name)
        if old != new:
            verb = "added" if old is None else "taken out" if new is None else "changed"
            key = " from ".join(str(part) for part in name if part is not None)
            yield RowChange(table, key, verb, tuple(_cells(old or {}, new or {})), tuple(by), name, old, new)


def _only_differing(
    before: pl.DataFrame | None, after: pl.DataFrame | None
) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    """Both without the rows that they share, where they have the same columns."""
    if before is None or after is None or before.schema != after.schema:
        return before, after
    every = list(before.schema)
    return (
        before.join(after, on=every, how="anti", nulls_equal=True),
        after.join(before, on=every, how="anti", nulls_equal=True),
    )


def _keyed(frame: pl.DataFrame | None, by: Sequence[str]) -> dict[tuple[object, ...], Row]:
    return {} if frame is None else {tuple(row.get(c) for c in by): row for row in frame.iter_rows(named=True)}


def _cells(old: Row, new: Row) -> Iterator[Cell]:
    for column in dict.fromkeys([*old, *new]):
        if column.startswith("@") or column.endswith("@currency"):
            continue
        cell = Cell(column, _shown(old, column), _shown(new, column))
        if cell.before != cell.after:
            yield cell


def _shown(row: Row, column: str) -> str:
    value, currency = row.get(column), row.get(f"{column}@currency")
    if value is None:
        return ""
    said = plain(value) if isinstance(value, Decimal) else str(value)
    return f"{said} {currency}" if currency else said


# --- some of the changes made


def in_order(found: Iterable[Change], workspace: Workspace) -> tuple[tuple[Change, ...], ...]:
    """An order in which they can be made: rows that others need come before them (people, rates, quotas, then what is
    referred to), rows are taken out the other way round, and texts come last. A row stands in one group with those
    that refer to it: a deal with its splits."""
    rows = [c for c in found if isinstance(c, RowChange)]
    known = {(c.table, str(c.identity[0])): c for c in rows}
    names = {name: _path(change, known, workspace, set()) for name, change in known.items()}

    def place(change: RowChange) -> tuple[tuple[int, str, str], ...]:
        return (*names[change.table, str(change.identity[0])], (0, "", change.key))

    gone = sorted((c for c in rows if c.verb == "taken out"), key=place, reverse=True)
    rest = sorted((c for c in rows if c.verb != "taken out"), key=place)
    grouped = groupby((*rest, *gone), key=lambda c: (c.verb == "taken out", place(c)[0]))
    return (*(tuple(group) for _, group in grouped), *((c,) for c in found if isinstance(c, TextChange)))


def _path(
    change: RowChange, known: Mapping[tuple[str, str], RowChange], workspace: Workspace, seen: set[tuple[str, str]]
) -> tuple[tuple[int, str, str], ...]:
    """The changed row that it refers to, with that one's own before it, and then itself."""
    name = (change.table, str(change.identity[0]))
    table = workspace.tables.get(change.table)
    first = ("payees", workspace.rates, "quotas")
    rank = first.index(change.table) if change.table in first else len(first)
    row = change.after or change.before or {}
    for column in table.columns.values() if table is not None and rank == len(first) else ():
        parent = (column.table, str(row.get(column.name)))
        if column.type is ColumnType.REF and parent in known and parent not in {*seen, name}:
            return (*_path(known[parent], known, workspace, {*seen, name}), (rank, *name))
    return ((rank, *name),)


def made(before: Inputs, after: Inputs, some: Collection[Change]) -> Inputs:
    """`before` with these changes of `changes(before, after)`; with all of them it is `after`."""
    texts = dict(before.texts)
    by_text: dict[tuple[str, str], list[TextChange]] = {}
    by_table: dict[str, list[RowChange]] = {}
    for change in some:
        if isinstance(change, TextChange):
            by_text.setdefault((change.kind, change.name), []).append(change)
        else:
            by_table.setdefault(change.table, []).append(change)
    for name, mine in by_text.items():
        lines = texts.pop(name, "").splitlines(keepends=True)
        for change in sorted(mine, key=lambda c: -c.first):
            lines[change.first : change.last] = change.lines
        if mine[0].verb != "taken out":
            texts[name] = "".join(lines)
    tables = dict(before.tables)
    for table, changed in by_table.items():
        tables[table] = _patched(before.tables.get(table), after.tables.get(table), changed)
    return Inputs(texts, tables)


def _patched(before: pl.DataFrame | None, after: pl.DataFrame | None, changed: Sequence[RowChange]) -> pl.DataFrame:
    """In the order in which tables stand: by identity."""
    shape = after if after is not None else before
    assert shape is not None, "a change of a table that neither side has"
    by = [c for c in changed[0].by if c in shape.columns]
    kept = [] if before is None else list(_without(before, changed).iter_rows(named=True))
    new = [c.after for c in changed if c.after is not None]
    rows = [{name: row.get(name) for name in shape.columns} for row in [*kept, *new]]
    return pl.DataFrame(rows, schema=shape.schema, orient="row").sort(by, maintain_order=True)


def _without(frame: pl.DataFrame, changed: Sequence[RowChange]) -> pl.DataFrame:
    by = [c for c in changed[0].by if c in frame.columns]
    gone = [{c: v for c, v in zip(one.by, one.identity, strict=True) if c in by} for one in changed]
    names = pl.DataFrame(gone, schema={c: frame.schema[c] for c in by})
    return frame.join(names, on=by, how="anti", nulls_equal=True)


def program_of(inputs: Inputs) -> tuple[Program, Snapshot]:
    """Checked plans and the snapshot as their workspace declares it. Raises `Failed` with what is wrong."""
    workspace = read_workspace(Text(WORKSPACE, inputs.texts["workspace", WORKSPACE]))
    plans = [Text(name, content) for (kind, name), content in sorted(inputs.texts.items()) if kind == "plan"]
    used = {name: Text(name, content) for (kind, name), content in inputs.texts.items() if kind == "used"}
    program, found = check(plans, workspace, used)
    if program is None:
        raise Failed(list(found))
    return program, _snapshot(workspace, inputs.tables)


def _snapshot(workspace: Workspace, tables: Mapping[str, pl.DataFrame]) -> Snapshot:
    found: list[Diagnostic] = []
    known = {name: conform(workspace.tables[name], f, found) for name, f in tables.items() if name in workspace.tables}
    if found:
        raise Failed(found)
    return snapshot_of(workspace, known, {})


def about(changes: Iterable[Change], payee: str, keys: Collection[str]) -> list[RowChange]:
    """The rows that name the payee in a cell, or have one of these keys."""

    def names(row: Row | None) -> bool:
        return row is not None and (row["@key"] in keys or payee in row.values())

    return [c for c in changes if isinstance(c, RowChange) and (names(c.before) or names(c.after))]
