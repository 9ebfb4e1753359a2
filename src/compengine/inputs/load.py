"""Files into a snapshot: what is new, what changed, what is refused and why, with counts and sums that add up.

Nothing is written here; `current.save` and `current.advance` make a loaded snapshot the workspace's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl

from compengine.inputs.current import empty_snapshot, snapshot_of
from compengine.inputs.given import from_rows
from compengine.inputs.merge import Incoming, Merge, State, merge
from compengine.inputs.readers import read_file
from compengine.inputs.schema import ColumnType, Table, Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.tables import Raw, Reject, read_rows
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import suggestion
from compengine.values.digest import table_digest
from compengine.values.exact import ZERO, add

__all__ = ["LoadReport", "Source", "Total", "from_rows", "load", "load_files"]


MOST = 100
"""So many rows are told of beside a file that cannot be read."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file for a table, and how to read it (see `readers.read_file`)."""

    table: str
    file: Path
    replace: bool = False
    ignore: bool = False
    rename: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of one money column in one currency (empty: none): read = accepted + rejected + duplicates."""

    column: str
    currency: str
    read: Decimal
    accepted: Decimal
    rejected: Decimal
    duplicates: Decimal


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of the rows of one file: read = accepted + rejected + duplicates, accepted = new + changed.

    A duplicate equals an earlier row of the file or the row already there. `vanished` counts the rows that were
    there and are not in a file that replaces the table; `vanished_keys` names the first hundred. `unreadable` counts
    the cells of each money column that could not be read and so are in no total. `loaded` is false where a rejected
    row kept everything out. `digest` is the table's, `snapshot` that of the whole after it.
    """

    table: str
    file: str
    read: int
    new: int
    changed: int
    rejected: int
    duplicates: int
    vanished: int
    vanished_keys: tuple[str, ...]
    totals: tuple[Total, ...]
    unreadable: dict[str, int]
    rejects: tuple[Reject, ...]
    loaded: bool
    digest: str
    snapshot: str

    @property
    def accepted(self) -> int:
        return self.new + self.changed


def load(
    workspace: Workspace,
    snapshot: Snapshot | None,
    table: str,
    file: Path,
    *,
    replace: bool = False,
    allow_rejects: bool = False,
    ignore: bool = False,
    rename: Mapping[str, str] | None = None,
    delimiter: str = "",
) -> tuple[LoadReport, Snapshot]:
    """One file into one table; `load_files` says the rest."""
    source = Source(table, file, replace, ignore, rename or {}, delimiter)
    reports, after = load_files(workspace, snapshot, [source], allow_rejects=allow_rejects)
    return reports[0], after


def load_files(
    workspace: Workspace, snapshot: Snapshot | None, sources: Sequence[Source], *, allow_rejects: bool = False
) -> tuple[list[LoadReport], Snapshot]:
    """Files for different tables, checked against each other as one. Gives a report each and the snapshot after.

    Rows are added; a row whose key is there replaces the earlier one; rows not in the file stay, unless the source
    replaces its table. Where any row is rejected nothing is loaded and the snapshot given is the snapshot returned,
    unless `allow_rejects`. Raises `Failed`: files that cannot be read at all (E401, E402, E403, E409) or are of a table
    not declared (E412), with what is wrong in the rows of the others; rows already there that would be left referring
    to nothing (E406) or otherwise broken.
    """
    before = snapshot or empty_snapshot(workspace)
    incoming = _all_incoming(workspace, sources)
    result = merge(workspace, before.frames, [i for i, _ in incoming])
    loaded = allow_rejects or not any(result.rejects[i.table.name] or raw.unread for i, raw in incoming)
    after = before
    if loaded and result.broken:
        raise Failed([reject.diagnostic() for reject in result.broken])
    if loaded:
        digests = dict(before.digests)
        for i, _ in incoming:
            digests[i.table.name] = table_digest(i.table.name, result.frames[i.table.name])
        frames = {**before.frames, **{i.table.name: result.frames[i.table.name] for i, _ in incoming}}
        after = snapshot_of(workspace, frames, digests)
    reports = [
        _report(source, i, raw, result, before, after, loaded)
        for source, (i, raw) in zip(sources, incoming, strict=True)
    ]
    return reports, after


def _all_incoming(workspace: Workspace, sources: Sequence[Source]) -> list[tuple[Incoming, Raw]]:
    """Every file is read, so that all that can be seen is told at once. How rows hang together is not looked at while
    a file is missing."""
    found: list[Diagnostic] = []
    made: list[tuple[Incoming, Raw]] = []
    for source in sources:
        try:
            made.append(_incoming(workspace, source))
        except Failed as failed:
            found += failed.diagnostics
    if found:
        rejects = [reject for incoming, raw in made for reject in (*incoming.typed.rejects, *raw.unread)]
        raise Failed([*found, *(reject.diagnostic() for reject in rejects[:MOST])])
    return made


def _incoming(workspace: Workspace, source: Source) -> tuple[Incoming, Raw]:
    table = workspace.tables.get(source.table)
    if table is None:
        help = suggestion(source.table, workspace.tables, "the tables are")
        message = f"the workspace has no table {source.table}"
        raise Failed([Diagnostic("E412", message, Place(table=source.table), help)])
    raw = read_file(table, source.file, ignore=source.ignore, rename=source.rename, delimiter=source.delimiter)
    unread = tuple(reject.line for reject in raw.unread)
    return Incoming(table, read_rows(workspace, table, raw), source.replace, unread), raw


def _report(
    source: Source, incoming: Incoming, raw: Raw, result: Merge, before: Snapshot, after: Snapshot, loaded: bool
) -> LoadReport:
    table = incoming.table
    states = result.states[table.name]
    counts: dict[str, int] = dict(states.group_by("@state").len().iter_rows())
    rejects = tuple(sorted((*result.rejects[table.name], *raw.unread), key=lambda r: r.line))
    money = [c.name for c in table.columns.values() if c.type is ColumnType.MONEY]
    vanished = result.vanished[table.name]
    report = LoadReport(
        table=table.name,
        file=str(source.file),
        read=states.height + len(raw.unread),
        new=counts.get(State.NEW, 0),
        changed=counts.get(State.CHANGED, 0),
        rejected=counts.get(State.REJECTED, 0) + len(raw.unread),
        duplicates=counts.get(State.DUPLICATE, 0),
        vanished=len(vanished),
        vanished_keys=tuple(vanished[:100]),
        totals=_totals(table, states),
        unreadable={name: len(raw.unread) + _refused(incoming.typed.rejects, name) for name in money},
        rejects=rejects,
        loaded=loaded,
        digest=after.digests.get(table.name, ""),
        snapshot=after.digest,
    )
    assert report.read == report.accepted + report.rejected + report.duplicates, "rows are lost or counted twice"
    return report


def _refused(rejects: Sequence[Reject], column: str) -> int:
    return sum(r.column == column and r.code != "E404" for r in rejects)


def _totals(table: Table, states: pl.DataFrame) -> tuple[Total, ...]:
    """Sums by column and currency; that of all rows is made on its own and must be the sum of the others."""
    totals = []
    for column in table.columns.values():
        if column.type is not ColumnType.MONEY:
            continue
        currency = pl.col(f"{column.name}@currency").fill_null("").alias("currency")
        amounts = states.filter(pl.col(column.name).is_not_null()).select(currency, "@state", column.name)
        whole = dict(amounts.group_by("currency").agg(pl.col(column.name).sum()).iter_rows())
        parts = amounts.group_by("currency", "@state").agg(pl.col(column.name).sum())
        by_state: dict[tuple[str, str], Decimal] = {(c, s): total for c, s, total in parts.iter_rows()}
        for code in sorted(whole):
            of = {state: by_state.get((code, state), ZERO) for state in State}
            accepted = add(of[State.NEW], of[State.CHANGED])
            total = Total(column.name, code, whole[code], accepted, of[State.REJECTED], of[State.DUPLICATE])
            whole_again = add(total.accepted, add(total.rejected, total.duplicates))
            assert total.read == whole_again, "amounts are lost or counted twice"
            totals.append(total)
    return tuple(totals)
