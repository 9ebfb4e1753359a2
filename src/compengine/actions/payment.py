"""The file that payroll takes in, and the record in the ledger that it was made.

Where the workspace names legal entities the file says of each payment whose it is, and each entity has a file of its
own beside it, of the same lines.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from compengine.actions.closing import controls_of
from compengine.actions.entities import entities_of
from compengine.actions.figures import Money, summed
from compengine.actions.numbering import statement_numbers
from compengine.actions.opened import Opened, acting, shown
from compengine.actions.pinned import pinned_workspace
from compengine.actions.runs import find_run, names_of, the_ledger
from compengine.inputs.objects import write_content
from compengine.inputs.rejects import guarded
from compengine.ledger import book
from compengine.ledger.rowfiles import SETTLEMENTS, fetch
from compengine.ledger.runs import Run
from compengine.ledger.states import State
from compengine.ledger.store.database import Store
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span
from compengine.values.frames import to_rows
from compengine.values.money import fixed
from compengine.values.rows import Settlement

COLUMNS = ("statement", "payee", "name", "plan", "currency", "amount", "pay_date")
ENTITY = "entity"
"""The column before all others where the workspace names legal entities."""
TOTAL = "TOTAL"


@dataclass(frozen=True, slots=True)
class Part:
    """The payments of one legal entity, in a file of their own."""

    entity: str
    file: Path
    payments: int
    totals: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Paid:
    """`digest` is the SHA-256 of the file's bytes, which stands in the ledger; `totals` are its control totals. The
    `parts` have the same lines, by legal entity."""

    run: str
    period: str
    file: Path
    digest: str
    payments: int
    totals: tuple[Money, ...]
    posting: int
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """A line of the file; `entity` is empty where the workspace names none."""

    entity: str
    statement: str
    name: str
    settled: Settlement


def pay(opened: Opened, which: str, actor: str, now: datetime) -> Paid:
    """Write `pay/PERIOD-RUN.csv`, whole and synced, and `pay/PERIOD-RUN-ENTITY.csv` for each legal entity that pays any
    of it, then record it. After a crash between the two, paying again finds the same files and goes on.

    Raises `Failed`: E607 not posted; E615 not finalized; E603 where the actor
    approved it; E608 paid already; E707 where another file has the name; E606, E611, E612, E609.
    """
    who, store = acting(opened, actor), the_ledger(opened)
    run = find_run(opened, store, which)
    payments, day = _payments(opened, store, run), _pay_date(opened, run)
    content = pay_file(payments, day).encode()
    folder, name = opened.root / "pay", f"{run.record.period.label}-{run.id}"
    place, parts = folder / f"{name}.csv", _parts(payments, folder, name)
    if run.state is State.FINALIZED:
        for part in parts:
            _write(part.file, pay_file([p for p in payments if p.entity == part.entity], day).encode())
        _write(place, content)
    digest = hashlib.sha256(content).hexdigest()
    posting = book.pay(store, opened.objects, run.id, who, now, digest, controls_of(opened, run))
    label, totals = run.record.period.label, _totals(payments)
    return Paid(run.id, label, place, digest, len(payments), totals, posting.number, tuple(parts))


def _parts(payments: Sequence[Payment], folder: Path, name: str) -> list[Part]:
    made = []
    for entity in dict.fromkeys(p.entity for p in payments if p.entity):
        mine = [p for p in payments if p.entity == entity]
        made.append(Part(entity, folder / f"{name}-{entity}.csv", len(mine), _totals(mine)))
    return made


def _write(place: Path, content: bytes) -> None:
    if place.exists():
        if place.read_bytes() == content:
            return
        message = "this pay file is there already, with other content"
        raise Failed([Diagnostic("E707", message, Place(Span(shown(place), 1, 1, 1, 1)), "move it away")])
    write_content(place, content)


def _settled(opened: Opened, run: Run) -> list[Settlement]:
    settlements = to_rows(Settlement, fetch(opened.objects, SETTLEMENTS, run.record.settlements))
    return [s for s in settlements if s.paid]


def _payments(opened: Opened, store: Store, run: Run) -> list[Payment]:
    """By entity, payee and plan."""
    numbers, names = statement_numbers(opened, store, run), names_of(opened, run.record.snapshot)
    entities = entities_of(opened, run)
    made = [
        Payment(entities.get(s.payee, ""), numbers[s.payee], names.get(s.payee, ""), s) for s in _settled(opened, run)
    ]
    return sorted(made, key=lambda p: (p.entity, p.settled.payee, p.settled.plan))


def _pay_date(opened: Opened, run: Run) -> str:
    record = run.record
    return pinned_workspace(opened.objects, record).calendars[record.calendar].pay_date(record.period).isoformat()


def _totals(payments: Iterable[Payment]) -> tuple[Money, ...]:
    return _sums(p.settled for p in payments)


def _sums(settled: Iterable[Settlement]) -> tuple[Money, ...]:
    sums: dict[str, list[Decimal]] = {}
    for one in settled:
        sums.setdefault(one.pay_currency, []).append(one.paid)
    return tuple(Money(summed(amounts), currency) for currency, amounts in sorted(sums.items()))


def paid_totals(opened: Opened, run: Run) -> tuple[Money, ...]:
    """The control totals of the run's pay file, by currency of payment."""
    return _sums(_settled(opened, run))


def pay_file(payments: Sequence[Payment], day: str) -> str:
    """One line per payment, then one control total per currency with the number of payments in the column `plan`.

    With entities those totals come for each entity, then for all. Texts that a spreadsheet would take for a formula get
    an apostrophe in front.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    entities = tuple(dict.fromkeys(p.entity for p in payments if p.entity))
    writer.writerow([ENTITY, *COLUMNS] if entities else COLUMNS)
    for p in payments:
        s = p.settled
        texts = [p.statement, guarded(s.payee), guarded(p.name), guarded(s.plan)]
        line = [*texts, s.pay_currency, fixed(s.paid, s.pay_currency), day]
        writer.writerow([p.entity, *line] if entities else line)
    for entity in (*(entities if len(entities) > 1 else ()), ""):
        mine = [p for p in payments if entity in ("", p.entity)]
        for total in _totals(mine):
            count = sum(p.settled.pay_currency == total.currency for p in mine)
            amount = fixed(total.amount, total.currency)
            line = [TOTAL, "", "", f"{count} payments", total.currency, amount, day]
            writer.writerow([entity or (entities[0] if len(entities) == 1 else ""), *line] if entities else line)
    return target.getvalue()
