"""What stands beside a person's name on a statement."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from compengine.inputs.schema import LOCALES, Column, ColumnType, Table
from compengine.inputs.snapshot import Snapshot
from compengine.plan.typed import Program
from compengine.statement import figures
from compengine.statement.language import DEFAULT, Language, language, locale_tag
from compengine.statement.view import Figure

FIRST = ("name", "title", "manager", "team")
"""Columns that say most; others follow in the workspace's order."""
SAID = (ColumnType.TEXT, ColumnType.PAYEE, ColumnType.DATE, ColumnType.MONEY)
MOST = 6


def people(program: Program, snapshot: Snapshot, end: date, locales: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The row of `payees` in force on `end`, else the latest before it; a manager by name, values as people read them.

    `locales` says by payee how values are written. At most six columns, of those that say something in words, days or
    amounts.
    """
    table, found = program.workspace.tables["payees"], _in_force(program, snapshot, end)
    workspace = program.workspace
    skipped = {*table.key, *(table.effective or ()), workspace.statements.locale_column, workspace.entity}
    if workspace.delivery is not None:
        skipped.add(workspace.delivery.address_column)
    columns = [c for c in table.columns.values() if c.type in SAID and c.name not in skipped]
    columns.sort(key=lambda c: FIRST.index(c.name) if c.name in FIRST else len(FIRST))
    names = {key: str(row.get("name") or key) for key, row in found.items()}
    return {key: _told(row, columns, names, language(_known(locales.get(key, DEFAULT)))) for key, row in found.items()}


def payee_locales(program: Program, snapshot: Snapshot, end: date) -> dict[str, str]:
    """Each payee's locale: that of the column the workspace names, else the workspace's. What is no locale stands."""
    settings = program.workspace.statements
    found: dict[str, str] = {}
    for key, row in _in_force(program, snapshot, end).items():
        own = str(row.get(settings.locale_column) or "") if settings.locale_column else ""
        found[key] = (locale_tag(own) or own) if own else settings.locale
    return found


def _known(text: str) -> str:
    return text if text in LOCALES else DEFAULT


def _in_force(program: Program, snapshot: Snapshot, end: date) -> dict[str, dict[str, object]]:
    return rows_in_force(program.workspace.tables["payees"], snapshot, end)


def rows_in_force(table: Table, snapshot: Snapshot, end: date) -> dict[str, dict[str, object]]:
    """By payee, the row of `payees` that holds on `end`, else the latest before it, else the first."""
    first = table.effective[0] if table.effective is not None else ""
    found: dict[str, dict[str, object]] = {}
    for row in snapshot.frame("payees").to_dicts():
        if row["@key"] in found and first and row[first] is not None and row[first] > end:
            continue
        found[row["@key"]] = row
    return found


def _told(
    row: Mapping[str, object], columns: list[Column], names: Mapping[str, str], words: Language
) -> dict[str, str]:
    shown = {c.name: _cell(words, row, c, names) for c in columns}
    return dict([(name, text) for name, text in shown.items() if text][:MOST])


def _cell(words: Language, row: Mapping[str, object], column: Column, names: Mapping[str, str]) -> str:
    value = row[column.name]
    if value is None:
        return ""
    if column.type is ColumnType.PAYEE:
        return names.get(str(value), str(value))
    if isinstance(value, date):
        return figures.short_day(words, value)
    if isinstance(value, Decimal) and column.type is ColumnType.MONEY:
        return figures.named(words, Figure(value, str(row[f"{column.name}@currency"])))
    return str(value)
