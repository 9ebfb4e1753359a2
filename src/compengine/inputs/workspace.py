"""The workspace file, `compengine.yaml`, to a `Workspace`. Every mistake in it is found in one reading."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from zoneinfo import available_timezones

from compengine.inputs.calendars import NAME, read_calendars
from compengine.inputs.controls import read_controls
from compengine.inputs.delivery import read_delivery
from compengine.inputs.entities import read_entities
from compengine.inputs.journal import read_journal
from compengine.inputs.presentation import read_presentation
from compengine.inputs.schema import Column, ColumnType, Table, Workspace
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import check_keys, closest, mapping, note, scalar, sequence, suggestion, word
from compengine.source.text import Span, Text
from compengine.source.yaml import Entry, Mapping, Node, Scalar, Sequence, compose
from compengine.values.digest import sha256_hex
from compengine.values.money import is_currency

KEYS = (
    "workspace",
    "timezone",
    "currencies",
    "calendars",
    "hierarchy",
    "quotas",
    "tables",
    "ledger",
    "controls",
    "journal",
    "statements",
    "delivery",
    "entity",
    "entities",
)
REQUIRED = ("workspace", "timezone", "currencies", "calendars", "tables")
WORKSPACE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
TYPES = tuple(t.value for t in ColumnType if t is not ColumnType.REF)
RESERVED = frozenset(
    (
        "credit",
        "earning",
        "period",
        "other",
        "and",
        "or",
        "not",
        "if",
        "then",
        "else",
        "in",
        "is",
        "empty",
        "default",
        "where",
        "between",
    )
)
"""Words of the language that a row cannot be called."""

SERVERS = ("postgresql+psycopg://", "postgresql://")
SECRET = re.compile(r"://[^/@]*:[^/@]*@|[?&]password=")
NOT_A_NAME = "a to z, 0 to 9 and _, a letter first"
QUOTA_COLUMNS = {
    "payee": Column("payee", ColumnType.PAYEE, table="payees"),
    "quota": Column("quota", ColumnType.TEXT),
    "from": Column("from", ColumnType.DATE),
    "to": Column("to", ColumnType.DATE),
    "amount": Column("amount", ColumnType.MONEY),
}
RATE_COLUMNS = {
    "from": ColumnType.CURRENCY,
    "to": ColumnType.CURRENCY,
    "date": ColumnType.DATE,
    "rate": ColumnType.NUMBER,
}


def read_workspace(text: Text) -> Workspace:
    """Raises `Failed` with every diagnostic of the file."""
    found: list[Diagnostic] = []
    root = compose(text)
    body = mapping(root, "the workspace file", found)
    if body is None:
        raise Failed(found)
    check_keys(body, "the workspace file", KEYS, REQUIRED, found)
    name = _name(body.get("workspace"), found)
    timezone = _timezone(body.get("timezone"), found)
    base, rates = _currencies(body.get("currencies"), found)
    calendars = read_calendars(body.get("calendars"), found)
    quotas = _quotas(body.get("quotas"), found)
    ledger = _ledger(body.get("ledger"), found)
    controls = read_controls(body.get("controls"), found)
    journal = read_journal(body.get("journal"), found)
    tables = _tables(body.get("tables"), found)
    if tables is not None:
        _check_rates(rates, tables, found)
        _check_payees(tables, body.get("tables"), found)
        _add_quotas(tables, quotas, body, found)
    hierarchy = _hierarchy(body.get("hierarchy"), tables or {}, found)
    payees = (tables or {}).get("payees")
    presentation = read_presentation(body.get("statements"), payees, found)
    delivery = read_delivery(body.get("delivery"), payees, found)
    entity, entities = read_entities(body.get("entity"), body.get("entities"), payees, presentation.brand, found)
    if found:
        raise Failed(found)
    return Workspace(
        name=name,
        timezone=timezone,
        base_currency=base,
        rates=rates.value if rates else "",
        hierarchy=hierarchy,
        calendars=calendars,
        quotas=quotas,
        tables=tables or {},
        digest=sha256_hex(text.content.encode()),
        ledger=ledger,
        controls=controls,
        journal=journal,
        statements=presentation,
        delivery=delivery,
        entity=entity,
        entities=entities,
    )


def _name(node: Node | None, found: list[Diagnostic]) -> str:
    text = scalar(node, "workspace", found)
    if text is not None and not WORKSPACE_NAME.fullmatch(text.value):
        note(found, "E108", f"{text.value} is not a name", text.span, "a to z, 0 to 9, - and _")
    return text.value if text else ""


def _ledger(node: Node | None, found: list[Diagnostic]) -> str:
    """A path, or the address of a database without a password: the file is stored with every run."""
    text = scalar(node, "ledger", found)
    if text is None:
        return "ledger.db"
    if "://" in text.value and not text.value.startswith(SERVERS):
        note(found, "E108", f"{text.value} is not a ledger", text.span, f"a path, or {SERVERS[0]}HOST/DATABASE")
    if SECRET.search(text.value):
        help = "leave it out: PostgreSQL reads it from ~/.pgpass, a service file or PGPASSWORD"
        note(found, "E108", "the address of the ledger holds a password", text.span, help)
    return text.value


@cache
def _zones() -> frozenset[str]:
    """Read from the disk once: it takes as long as all else of reading a workspace."""
    return frozenset(available_timezones())


def _timezone(node: Node | None, found: list[Diagnostic]) -> str:
    text = scalar(node, "timezone", found)
    zones = _zones()
    if text is not None and text.value not in zones:
        near = closest(text.value, zones)
        help = f"did you mean {near}?" if near else "use a name like America/New_York"
        note(found, "E107", f"{text.value} is not a time zone", text.span, help)
    return text.value if text else ""


def _currencies(node: Node | None, found: list[Diagnostic]) -> tuple[str, Scalar | None]:
    body = mapping(node, "currencies", found)
    if body is None:
        return "", None
    check_keys(body, "currencies", ("base", "rates"), ("base",), found)
    base = scalar(body.get("base"), "base of currencies", found)
    if base is not None and not is_currency(base.value):
        upper = base.value.upper()
        help = f"write {upper}" if is_currency(upper) else "use a code of ISO 4217: USD, EUR, JPY"
        note(found, "E410", f"{base.value} is not a currency", base.span, help)
    return base.value if base else "", scalar(body.get("rates"), "rates of currencies", found)


def _quotas(node: Node | None, found: list[Diagnostic]) -> dict[str, ColumnType]:
    body = mapping(node, "quotas", found)
    quotas: dict[str, ColumnType] = {}
    for entry in body.entries if body else ():
        if _is_name(entry, found):
            unit = word(entry.value, f"the unit of quota {entry.key.value}", ("money", "number"), found)
            if unit is not None:
                quotas[entry.key.value] = ColumnType(unit)
    return quotas


def _is_name(entry: Entry, found: list[Diagnostic]) -> bool:
    if NAME.fullmatch(entry.key.value):
        return True
    note(found, "E108", f"{entry.key.value} is not a name", entry.key.span, NOT_A_NAME)
    return False


def _tables(node: Node | None, found: list[Diagnostic]) -> dict[str, Table] | None:
    """None where the tables' own text is wrong, so that nothing else is said about what they lack."""
    whole, before = mapping(node, "tables", found), len(found)
    if whole is None:
        return None
    names = whole.keys()
    tables: dict[str, Table] = {}
    rows: dict[str, Span] = {}
    for entry in whole.entries:
        body = mapping(entry.value, f"table {entry.key.value}", found)
        if _is_name(entry, found) and body is not None:
            table = _table(entry.key.value, body, names, rows, found)
            if table is not None:
                tables[table.name] = table
    if len(found) > before:
        return None
    _check_related(whole, tables, found)
    return tables


def _table(
    name: str, body: Mapping, names: tuple[str, ...], rows: dict[str, Span], found: list[Diagnostic]
) -> Table | None:
    what = f"table {name}"
    check_keys(body, what, ("row", "key", "effective", "columns", "file"), ("row", "key", "columns"), found)
    row = _row(body.get("row"), name, rows, found)
    before = len(found)
    columns = _columns(body.get("columns"), name, names, found)
    whole = len(found) == before
    effective = _effective(body.get("effective"), what, columns, found)
    key = _key(body.get("key"), what, columns if whole else {}, effective, found)
    file = _file(body.get("file"), what, columns if whole else {}, found)
    if row is None or not columns or not key:
        return None
    return Table(name, row, key, columns, effective, file)


def _row(node: Node | None, table: str, rows: dict[str, Span], found: list[Diagnostic]) -> str | None:
    text = scalar(node, f"row of table {table}", found)
    if text is None:
        return None
    row = text.value
    if not NAME.fullmatch(row):
        note(found, "E108", f"{row} is not a name", text.span, NOT_A_NAME)
    elif row in RESERVED:
        note(found, "E107", f"a row cannot be called {row}", text.span, "the language uses that word")
    elif (row == "payee") != (table == "payees"):
        note(found, "E107", "rows of table payees, and no others, are called payee", text.span)
    elif row in rows:
        note(
            found, "E305", f"rows of two tables are called {row}", text.span, "", [Place(rows[row], note="first here")]
        )
    else:
        rows[row] = text.span
        return row
    return None


def _columns(node: Node | None, table: str, names: tuple[str, ...], found: list[Diagnostic]) -> dict[str, Column]:
    body = mapping(node, f"columns of table {table}", found)
    columns: dict[str, Column] = {}
    for entry in body.entries if body else ():
        if _is_name(entry, found) and (column := _column(entry, table, names, found)):
            columns[column.name] = column
    if body is not None and not body.entries:
        note(found, "E105", f"table {table} has no columns", body.span)
    money = any(c.type is ColumnType.MONEY for c in columns.values())
    if body and money and "currency" in columns and columns["currency"].type is not ColumnType.CURRENCY:
        at = body.get("currency")
        assert at is not None
        note(found, "E108", f"the column currency of table {table} must be of type currency", at.span)
    return columns


def _column(entry: Entry, table: str, names: tuple[str, ...], found: list[Diagnostic]) -> Column | None:
    name = entry.key.value
    text = scalar(entry.value, f"the type of column {name}", found)
    if text is None:
        return None
    words = text.value.split(" ")
    optional = words[0] == "optional"
    match words[1:] if optional else words:
        case ["ref", target] if target in names:
            return Column(name, ColumnType.REF, optional, target)
        case ["ref", target]:
            note(found, "E412", f"there is no table {target}", text.span, suggestion(target, names, "the tables are"))
        case ["payee"]:
            return Column(name, ColumnType.PAYEE, optional, "payees")
        case [kind] if kind in TYPES:
            return Column(name, ColumnType(kind), optional)
        case _:
            near = closest(words[-1], TYPES)
            help = f"did you mean {near}?" if near else f"types are: {', '.join(TYPES)}, ref TABLE; optional before it"
            note(found, "E107", f"column {name} of table {table} cannot be of type {text.value}", text.span, help)
    return None


def _names(node: Node | None, what: str, found: list[Diagnostic]) -> list[Scalar]:
    """One name or a list of them."""
    if isinstance(node, Sequence):
        return [text for item in node.items if (text := scalar(item, what, found))]
    text = scalar(node, what, found)
    return [text] if text else []


def _effective(
    node: Node | None, what: str, columns: dict[str, Column], found: list[Diagnostic]
) -> tuple[str, str] | None:
    """The columns of first and last day, which are added to `columns` as dates."""
    listed = sequence(node, f"effective of {what}", found)
    if listed is None:
        return None
    days = _names(listed, f"effective of {what}", found)
    if len(days) != 2 or days[0].value == days[1].value:
        note(found, "E106", f"effective of {what} names two columns: first day and last day", listed.span)
        return None
    for day, optional in zip(days, (False, True), strict=True):
        if not NAME.fullmatch(day.value):
            note(found, "E108", f"{day.value} is not a name", day.span, NOT_A_NAME)
        elif day.value in columns and columns[day.value].type is not ColumnType.DATE:
            note(found, "E108", f"column {day.value} of {what} must be of type date", day.span)
        else:
            columns[day.value] = Column(day.value, ColumnType.DATE, optional)
    return days[0].value, days[1].value


def _key(
    node: Node | None,
    what: str,
    columns: dict[str, Column],
    effective: tuple[str, str] | None,
    found: list[Diagnostic],
) -> tuple[str, ...]:
    parts = _names(node, f"key of {what}", found)
    for at, part in enumerate(parts):
        name = part.value
        if name in [p.value for p in parts[:at]]:
            note(found, "E305", f"the key of {what} names {name} twice", part.span)
        elif columns and name not in columns:
            note(found, "E210", f"{what} has no column {name}", part.span, suggestion(name, columns, "its columns are"))
        elif effective and name in effective:
            note(found, "E302", f"{name} tells versions of one row apart, so it is not part of the key", part.span)
        elif name in columns and columns[name].optional:
            note(found, "E302", f"{name} is part of the key of {what}, so it cannot be optional", part.span)
        elif name in columns and columns[name].type is ColumnType.MONEY:
            note(found, "E302", f"{name} is money and cannot be part of a key", part.span)
    return tuple(part.value for part in parts)


def _file(node: Node | None, what: str, columns: dict[str, Column], found: list[Diagnostic]) -> dict[str, str]:
    body = mapping(node, f"file of {what}", found)
    names: dict[str, str] = {}
    for entry in body.entries if body else ():
        target = scalar(entry.value, f"the column for {entry.key.value}", found)
        if target is None:
            continue
        if columns and target.value not in columns:
            help = suggestion(target.value, columns, "its columns are")
            note(found, "E210", f"{what} has no column {target.value}", target.span, help)
        elif target.value in names.values():
            note(found, "E305", f"two columns of the file become {target.value}", target.span)
        names[entry.key.value] = target.value
    return names


def _check_related(whole: Mapping, tables: dict[str, Table], found: list[Diagnostic]) -> None:
    """`deal.payments` must not mean both a column of deals and the payments that point at it."""
    for entry in whole.entries:
        table = tables[entry.key.value]
        targets: Iterable[str] = {c.table for c in table.columns.values() if c.type is ColumnType.REF}
        for target in sorted(targets):
            if table.name in tables[target].columns:
                message = f"{table.name} is both a column of {target} and a table that points at it"
                note(found, "E305", message, entry.key.span)


def _check_payees(tables: dict[str, Table], node: Node | None, found: list[Diagnostic]) -> None:
    assert node is not None
    payees = tables.get("payees")
    if payees is None:
        note(found, "E105", "a workspace has a table payees", node.span)
    elif len(payees.key) != 1:
        note(found, "E302", "the key of payees is one column", node.span)


def _check_rates(rates: Scalar | None, tables: dict[str, Table], found: list[Diagnostic]) -> None:
    if rates is None:
        return
    table = tables.get(rates.value)
    if table is None:
        help = suggestion(rates.value, tables, "the tables are")
        note(found, "E412", f"there is no table {rates.value}", rates.span, help)
        return
    for name, kind in RATE_COLUMNS.items():
        column = table.columns.get(name)
        if column is None or column.type is not kind or column.optional:
            note(found, "E210", f"the table of rates {rates.value} needs a column {name} of type {kind}", rates.span)


def _hierarchy(node: Node | None, tables: dict[str, Table], found: list[Diagnostic]) -> str:
    text = scalar(node, "hierarchy", found)
    if text is None:
        return ""
    table, _, name = text.value.partition(".")
    if table != "payees" or not name:
        note(
            found, "E108", f"hierarchy cannot be {text.value}", text.span, "write payees. and a column: payees.manager"
        )
    elif "payees" in tables:
        column = tables["payees"].columns.get(name)
        if column is None:
            near = suggestion(name, [c.name for c in tables["payees"].columns.values() if c.table == "payees"])
            note(found, "E210", f"payees has no column {name}", text.span, near)
        elif column.table != "payees":
            note(found, "E108", f"payees.{name} is not of type payee", text.span)
    return name


def _add_quotas(
    tables: dict[str, Table], quotas: dict[str, ColumnType], body: Mapping, found: list[Diagnostic]
) -> None:
    """The table `quotas` where the file declares quotas and not the table; a declared one gets amounts as money."""
    if not quotas:
        return
    declared = tables.get("quotas")
    if declared is None:
        taken = next((t.name for t in tables.values() if t.row == "quota"), None)
        if taken is not None:
            note(
                found,
                "E305",
                f"rows of table {taken} are called quota, as those of quotas are",
                body.entries[0].key.span,
            )
        tables["quotas"] = Table("quotas", "quota", ("payee", "quota", "from"), dict(QUOTA_COLUMNS))
        return
    entry = mapping(body.get("tables"), "tables", found)
    at = entry.entry("quotas") if entry else None
    assert at is not None
    columns, names = declared.columns, dict(QUOTA_COLUMNS)
    if "quota" not in columns and "measure" in columns:
        names["measure"] = replace(names.pop("quota"), name="measure")
    for name, wanted in names.items():
        kinds = (ColumnType.MONEY, ColumnType.NUMBER) if name == "amount" else (wanted.type,)
        if name not in columns or columns[name].type not in kinds or columns[name].optional:
            note(found, "E210", f"the table quotas needs a column {name} of type {wanted.type}", at.key.span)
    if "amount" in columns:
        amount = replace(columns["amount"], type=ColumnType.MONEY)
        tables["quotas"] = replace(declared, columns={**columns, "amount": amount})
