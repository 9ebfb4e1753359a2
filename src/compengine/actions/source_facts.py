"""What stands beside a deal's id on a statement: the customer, the product, whatever its row tells in words."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from compengine.inputs.schema import ColumnType, Table
from compengine.inputs.snapshot import Snapshot
from compengine.plan.typed import Program, SourceKind, Stream

FIRST = ("customer", "account", "company", "client", "name", "title", "description", "product", "type")
"""Columns that say most, best first; other texts follow in the workspace's order."""
MOST = 2

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """`rows` holds the tables' rows by key, filled as they are asked for."""

    program: Program
    snapshot: Snapshot
    rows: dict[str, dict[str, dict[str, object]]] = field(default_factory=dict)

    def about(self, sources: Iterable[str]) -> dict[str, Pairs]:
        """By source: label and value pairs; nothing for what is no row (a window)."""
        tables = self.tables()
        found: dict[str, Pairs] = {}
        for source in sources:
            for table in tables:
                pairs = next((p for key in row_keys(source) if (p := self._pairs(table, key))), ())
                if pairs:
                    found[source] = pairs
                    break
        return found

    def tables(self) -> list[Table]:
        """The tables that credits come from."""
        names = {self._root(plan.streams, s) for plan in self.program.plans for s in plan.streams.values()}
        return [self.program.workspace.tables[name] for name in sorted(names) if name]

    def _root(self, streams: dict[str, Stream], stream: Stream) -> str:
        for _ in range(len(streams) + 1):
            if stream.source.kind is not SourceKind.STREAM:
                break
            stream = streams[stream.source.name]
        return stream.source.name if stream.source.kind is SourceKind.TABLE else ""

    def _pairs(self, table: Table, key: str) -> Pairs:
        row = self._row(table.name, key)
        if row is None:
            return ()
        texts = [c.name for c in table.columns.values() if c.type is ColumnType.TEXT and c.name not in table.key]
        texts.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
        told = tuple((_label(name), str(row[name])) for name in texts if row[name] is not None)
        if told:
            return told[:MOST]
        for column in table.columns.values():
            target = self.program.workspace.tables.get(column.table)
            if column.type is ColumnType.REF and target is not None and row[column.name] is not None:
                return ((_label(target.row), str(row[column.name])), *self._pairs(target, str(row[column.name])))[:MOST]
        return ()

    def _row(self, table: str, key: str) -> dict[str, object] | None:
        if table not in self.rows:
            self.rows[table] = {row["@key"]: row for row in self.snapshot.frame(table).to_dicts()}
        return self.rows[table].get(key)


def row_keys(source: str) -> tuple[str, ...]:
    """What the key of the row may be: the id itself, or what stands before marks of parts, reversals and late rows."""
    first = source.split("/")[0].split("~")[0]
    return source, first, source.rpartition("@")[0], first.rpartition("@")[0]


def _label(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
