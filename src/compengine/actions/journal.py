"""A run's postings as a double-entry journal for the general ledger.

The ledger's accounts are signed from the payee's side; a company books the other way round: what a payee gains is a
credit, what the company grants a debit. One line for each posting, account, plan and currency; no line of nothing.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from decimal import Decimal

from compengine.actions.figures import Money, summed
from compengine.actions.opened import Opened
from compengine.actions.pinned import pinned_workspace
from compengine.actions.runs import find_run, the_ledger
from compengine.inputs.rejects import guarded
from compengine.ledger import queries
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.money import fixed, from_minor


@dataclass(frozen=True, slots=True)
class JournalLine:
    """`account` is the number in the general ledger, `ledger_account` ours. One of `debit` and `credit` is zero."""

    posting: int
    date: str
    period: str
    account: str
    ledger_account: str
    plan: str
    currency: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class Journal:
    """`totals`: by currency, what all debits sum to, which is what all credits sum to. `entries` are those told."""

    run: str
    period: str
    postings: tuple[int, ...]
    entries: int
    lines: tuple[JournalLine, ...]
    totals: tuple[Money, ...]


def journal(opened: Opened, which: str) -> Journal:
    """What a run has put on the ledger so far: its posting on the period's last day, its payment on the pay date.

    Raises `Failed`: E607 for a run that is not posted; E609 where debits and credits differ; E606.
    """
    store = the_ledger(opened)
    run = find_run(store, which)
    record = run.record
    done = [p for p in queries.postings(store) if p.run == run.id]
    if not done:
        message = f"run {run.id} of {record.period.label} is not posted"
        raise Failed([Diagnostic("E607", message, Place(table="runs", row=run.id), "a journal is of what is posted")])
    pay_date = pinned_workspace(opened.objects, record).calendars[record.calendar].pay_date(record.period)
    names = dict(opened.workspace.journal)
    lines: list[JournalLine] = []
    for posting in done:
        day = posting.period_end if posting.kind == "post" else pay_date.isoformat()
        by, which_entries = ("account", "plan", "currency"), queries.Which(posting=posting.number)
        for account, plan, currency, minor in queries.balances(store, by, which_entries).iter_rows():
            amount, nothing = from_minor(abs(minor), currency), Decimal(0)
            sides = (amount, nothing) if minor < 0 else (nothing, amount)
            line = (posting.number, day, posting.in_period, names.get(account, account), account, plan, currency)
            lines.append(JournalLine(*line, *sides))
    entries = sum(p.last_seq - p.first_seq + 1 for p in done)
    return Journal(
        run.id, record.period.label, tuple(p.number for p in done), entries, tuple(lines), _totals(run.id, lines)
    )


def _totals(run: str, lines: Iterable[JournalLine]) -> tuple[Money, ...]:
    debits: dict[str, list[Decimal]] = {}
    credits: dict[str, list[Decimal]] = {}
    for line in lines:
        debits.setdefault(line.currency, []).append(line.debit)
        credits.setdefault(line.currency, []).append(line.credit)
    found = []
    for currency in sorted(debits):
        debit, credit = summed(debits[currency]), summed(credits[currency])
        if debit != credit:
            message = f"the journal of run {run} has {debit} of debits and {credit} of credits in {currency}"
            raise Failed([Diagnostic("E609", message, Place(table="postings"), "compengine verify")])
        found.append(Money(debit, currency))
    return tuple(found)


def journal_file(made: Journal) -> str:
    """CSV: a line for each line, then one control total per currency."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([f.name for f in fields(JournalLine)])
    for line in made.lines:
        *texts, debit, credit = astuple(line)
        texts = [guarded(text) if isinstance(text, str) else text for text in texts]
        writer.writerow([*texts, fixed(debit, line.currency), fixed(credit, line.currency)])
    for total in made.totals:
        amount = fixed(total.amount, total.currency)
        writer.writerow(["TOTAL", "", made.period, "", "", "", total.currency, amount, amount])
    return target.getvalue()
