"""What a workspace declares: tables and their columns, calendars, currencies, quotas.

This is the only declaration of columns; readers, checker, engines and docs read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from compengine.values.periods import Calendar


class ColumnType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"
    DATE = "date"
    BOOL = "bool"
    PAYEE = "payee"
    CURRENCY = "currency"
    REF = "ref"


@dataclass(frozen=True, slots=True)
class Column:
    """`table` is the table a `ref` points at (for `payee`: `payees`)."""

    name: str
    type: ColumnType
    optional: bool = False
    table: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`row` names a row of it in expressions. `effective` are the columns of first and last day of a dated version
    (the last may be empty: still in force); they are columns of type date even where the file leaves them out of
    `columns`. `file` maps column names of an export to ours."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    effective: tuple[str, str] | None = None
    file: dict[str, str] = field(default_factory=dict)

    def references(self, table: str) -> tuple[str, ...]:
        """The columns that point at `table`."""
        return tuple(c.name for c in self.columns.values() if c.table == table)


class Role(StrEnum):
    PREPARER = "preparer"
    APPROVER = "approver"
    PAYER = "payer"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Controls:
    """Who may do what, and what is asked before money moves.

    `roles` names the people of each role; empty means that everybody has all of them. `people` are (person, payee id):
    whose pay is whose. `second_above` are (currency, amount): a run that pays more needs two approvals.
    `adjustment_limits` are (role, currency, amount): the largest manual adjustment that role may decide.
    `act_as`: whether a command believes a person's word for who acts (`--as`), for trying out. `witness`: a second
    place for checkpoints, from the workspace's folder. `dispute_days`: within so many days a dispute is to be decided.
    """

    roles: Mapping[Role, frozenset[str]] = field(default_factory=dict)
    people: tuple[tuple[str, str], ...] = ()
    second_above: tuple[tuple[str, Decimal], ...] = ()
    adjustment_limits: tuple[tuple[Role, str, Decimal], ...] = ()
    act_as: bool = True
    witness: str = ""
    dispute_days: int = 30


OPEN = Controls()
"""A workspace that says nothing: everybody has every role; the rules of two persons hold all the same."""


DEFAULT_LOCALE = "en-GB"
LOCALES = (DEFAULT_LOCALE, "en-US", "de-DE", "fr-FR", "ja-JP", "pt-BR")
"""The tags that a statement can be written for."""


@dataclass(frozen=True, slots=True)
class Brand:
    """`name` is the legal entity that pays, `logo` a picture's path from the workspace's folder, `colour` `#rrggbb`.

    `legal` stands below each statement, `contact` where questions go. What is empty is left out.
    """

    name: str = ""
    logo: str = ""
    colour: str = ""
    legal: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal entity that pays: its address in lines, and its brand, whose `name` is the entity's."""

    address: tuple[str, ...]
    brand: Brand


@dataclass(frozen=True, slots=True)
class Sealing:
    """Where the company's seal is kept: `key` is a PKCS#12 or PEM file, `certificate` a PEM file with certificates that
    are not beside the key, or empty. Paths are from the workspace's folder."""

    key: str
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Presentation:
    """`locale_column` is the column of `payees` that holds each payee's own locale, empty where all have `locale`.

    `query_days` is how long after the pay date questions are taken, 0 where nothing is said.
    """

    design: str = "standard"
    paper: str = "A4"
    locale: str = DEFAULT_LOCALE
    locale_column: str = ""
    query_days: int = 0
    brand: Brand = Brand()
    seal: Sealing | None = None


PLAIN = Presentation()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How statements go out by mail. `tls` is `starttls`, `tls` or `none`; `sender` a bare address; `address_column` a
    text column of `payees`; `link` has `{number}` and perhaps `{digest}` in it, empty where the file goes along.

    `subject` is a template, `body` the path of one from the workspace's folder; what is empty is ours.
    """

    host: str
    port: int
    tls: str
    sender: str
    address_column: str
    link: str = ""
    subject: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Workspace:
    """`hierarchy` is the column of `payees` that names the manager, empty without one. `rates` is the table of
    exchange rates (columns from, to, date, rate), empty without one. `quotas` maps each quota's name to `money` or
    `number`. `journal` are (account of the ledger, account of the general ledger). `ledger` is the path of the
    ledger's file, from the workspace's folder. `entity` is the column of `payees` that names each one's legal entity,
    empty where there are no `entities`.

    `payees` is always a table. `quotas` is a table of its own making where `quotas` is not empty and none is
    declared: columns payee, quota (text), from, to (dates), amount. Its amount is a money column whose currency is
    empty for a quota that is a number. A declared `quotas` table may call its column `measure` instead of `quota`;
    its frame has both.
    """

    name: str
    timezone: str
    base_currency: str
    rates: str
    hierarchy: str
    calendars: dict[str, Calendar]
    quotas: dict[str, ColumnType]
    tables: dict[str, Table]
    digest: str
    ledger: str = "ledger.db"
    controls: Controls = OPEN
    journal: tuple[tuple[str, str], ...] = ()
    statements: Presentation = PLAIN
    delivery: Delivery | None = None
    entity: str = ""
    entities: Mapping[str, Entity] = field(default_factory=dict)

    def row(self, name: str) -> Table | None:
        """The table whose rows go by this name in expressions."""
        return next((t for t in self.tables.values() if t.row == name), None)
