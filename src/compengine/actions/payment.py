"""The file that payroll takes in, and the record in the ledger that it was made."""

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from compengine.actions.closing import controls_of
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
TOTAL = "TOTAL"


@dataclass(frozen=True, slots=True)
class Paid:
    """`digest` is the SHA-256 of the file's bytes, which stands in the ledger; `totals` are its control totals."""

    run: str
    period: str
    file: Path
    digest: str
    payments: int
    totals: tuple[Money, ...]
    posting: int


def pay(opened: Opened, which: str, actor: str, now: datetime) -> Paid:
    """Write `pay/PERIOD-RUN.csv`, whole and synced, then record it. After a crash between the two, paying again finds
    the same file and goes on.

    Raises `Failed`: E607 not posted; E615 not finalized; E603 where the actor
    approved it; E608 paid already; E707 where another file has the name; E606, E611, E612, E609.
    """
    who, store = acting(opened, actor), the_ledger(opened)
    run = find_run(store, which)
    rows = _payments(opened, run)
    content = pay_file(opened, store, run, rows).encode()
    digest = hashlib.sha256(content).hexdigest()
    place = opened.root / "pay" / f"{run.record.period.label}-{run.id}.csv"
    if run.state is State.FINALIZED:
        _write(place, content)
    posting = book.pay(store, opened.objects, run.id, who, now, digest, controls_of(opened, run))
    return Paid(run.id, run.record.period.label, place, digest, len(rows), _totals(rows), posting.number)


def _write(place: Path, content: bytes) -> None:
    if place.exists():
        if place.read_bytes() == content:
            return
        message = "this pay file is there already, with other content"
        raise Failed([Diagnostic("E707", message, Place(Span(shown(place), 1, 1, 1, 1)), "move it away")])
    write_content(place, content)


def _payments(opened: Opened, run: Run) -> list[Settlement]:
    settlements = to_rows(Settlement, fetch(opened.objects, SETTLEMENTS, run.record.settlements))
    paid = [s for s in settlements if s.paid]
    return sorted(paid, key=lambda s: (s.payee, s.plan))


def _totals(rows: list[Settlement]) -> tuple[Money, ...]:
    sums: dict[str, list[Decimal]] = {}
    for row in rows:
        sums.setdefault(row.pay_currency, []).append(row.paid)
    return tuple(Money(summed(amounts), currency) for currency, amounts in sorted(sums.items()))


def paid_totals(opened: Opened, run: Run) -> tuple[Money, ...]:
    """The control totals of the run's pay file, by currency of payment."""
    return _totals(_payments(opened, run))


def pay_file(opened: Opened, store: Store, run: Run, rows: list[Settlement]) -> str:
    """One line per payment, then one control total per currency with the number of payments in the column `plan`.

    Texts that a spreadsheet would take for a formula get an apostrophe in front.
    """
    record = run.record
    calendar = pinned_workspace(opened.objects, record).calendars[record.calendar]
    day = calendar.pay_date(record.period).isoformat()
    numbers, names = statement_numbers(opened, store, run), names_of(opened, record.snapshot)
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for s in rows:
        texts = [numbers[s.payee], guarded(s.payee), guarded(names.get(s.payee, "")), guarded(s.plan)]
        writer.writerow([*texts, s.pay_currency, fixed(s.paid, s.pay_currency), day])
    for total in _totals(rows):
        count = sum(row.pay_currency == total.currency for row in rows)
        amount = fixed(total.amount, total.currency)
        writer.writerow([TOTAL, "", "", f"{count} payments", total.currency, amount, day])
    return target.getvalue()
