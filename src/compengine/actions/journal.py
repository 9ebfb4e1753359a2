"""A run's postings as a double-entry journal for the general ledger.

The ledger's accounts are signed from the payee's side; a company books the other way round: what a payee gains is a
credit, what the company grants a debit. One line for each posting, account, plan and currency; no line of nothing.

Where the workspace names legal entities, each posting is divided among them: whatever concerns a payee is booked by the
entity that pays the period. What the ledger held for somebody who has moved since the period before is handed on, by
lines in both entities against the account `intercompany`. Each entity's lines balance.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from decimal import Decimal

from compengine.actions.entities import entities_of
from compengine.actions.figures import Money, summed
from compengine.actions.opened import Opened
from compengine.actions.pinned import pinned_workspace
from compengine.actions.runs import find_run, the_summed_ledger
from compengine.inputs.journal import BETWEEN
from compengine.inputs.rejects import guarded
from compengine.ledger import queries
from compengine.ledger.accounts import Account
from compengine.ledger.queries import Posting
from compengine.ledger.store.database import Store
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.money import fixed, from_minor


@dataclass(frozen=True, slots=True)
class JournalLine:
    """`account` is the number in the general ledger, `ledger_account` ours. One of `debit` and `credit` is zero.
    `entity` is empty where the workspace names none."""

    entity: str
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
    """`totals`: by currency, what all debits sum to, which is what all credits sum to; `by_entity` the same for each
    legal entity. `entries` are those told."""

    run: str
    period: str
    postings: tuple[int, ...]
    entries: int
    lines: tuple[JournalLine, ...]
    totals: tuple[Money, ...]
    by_entity: tuple[tuple[str, Money], ...]


BY = ("payee", "account", "plan", "currency")
MOVED = (Account.HELD, Account.OWED, Account.CARRIED, Account.WAITING)
"""Accounts whose balance goes along when somebody changes entity. What is payable is paid by the run that made it so,
and what is to be collected stays with who asks for it."""

Sums = dict[tuple[str, str, str, str], int]
"""Minor units by entity, account, plan and currency, from the payee's side."""


def journal(opened: Opened, which: str) -> Journal:
    """What a run has put on the ledger so far: its posting on the period's last day, its payment on the pay date.

    Raises `Failed`: E607 for a run that is not posted; E609 where debits and credits differ; E606.
    """
    store = the_summed_ledger(opened)
    run = find_run(opened, store, which)
    record = run.record
    done = [p for p in queries.postings(store) if p.run == run.id]
    if not done:
        message = f"run {run.id} of {record.period.label} is not posted"
        raise Failed([Diagnostic("E607", message, Place(table="runs", row=run.id), "a journal is of what is posted")])
    pay_date = pinned_workspace(opened.objects, record).calendars[record.calendar].pay_date(record.period)
    names, entities = dict(opened.workspace.journal), entities_of(opened, run)
    lines: list[JournalLine] = []
    for posting in done:
        day = posting.period_end if posting.kind == "post" else pay_date.isoformat()
        sums = _sums(store, queries.Which(posting=posting.number), entities)
        if posting.kind == "post":
            _hand_on(opened, store, posting, entities, sums)
        for (entity, account, plan, currency), minor in sorted(sums.items()):
            if minor:
                amount, nothing = from_minor(abs(minor), currency), Decimal(0)
                sides = (amount, nothing) if minor < 0 else (nothing, amount)
                line = (posting.number, day, posting.in_period, names.get(account, account), account, plan, currency)
                lines.append(JournalLine(entity, *line, *sides))
    entries = sum(p.last_seq - p.first_seq + 1 for p in done)
    by_entity = tuple(_totals(run.id, lines, apart=True))
    totals = tuple(total for _, total in _totals(run.id, lines, apart=False))
    numbers = tuple(p.number for p in done)
    return Journal(run.id, record.period.label, numbers, entries, tuple(lines), totals, by_entity)


def _sums(store: Store, which: queries.Which, entities: Mapping[str, str]) -> Sums:
    sums: Sums = {}
    for payee, account, plan, currency, minor in queries.balances(store, BY, which).iter_rows():
        key = (entities.get(payee, ""), str(account), plan, currency)
        sums[key] = sums.get(key, 0) + minor
    return sums


def _hand_on(opened: Opened, store: Store, posting: Posting, entities: Mapping[str, str], sums: Sums) -> None:
    """Adds to `sums` what those who have changed entity since the calendar's posting before had on their accounts."""
    earlier = [p for p in queries.postings(store, posting.calendar) if p.kind == "post" and p.number < posting.number]
    before = entities_of(opened, queries.run(store, earlier[-1].run)) if earlier and entities else {}
    moved = {payee for payee, entity in entities.items() if before.get(payee, entity) != entity}
    which = queries.Which(calendar=posting.calendar, through=posting.number - 1)
    for payee, account, plan, currency, minor in queries.balances(store, BY, which).iter_rows() if moved else ():
        if payee in moved and account in MOVED:
            for entity, sign in ((before[payee], -1), (entities[payee], 1)):
                for name, amount in ((str(account), sign * minor), (BETWEEN, -sign * minor)):
                    key = (entity, name, plan, currency)
                    sums[key] = sums.get(key, 0) + amount


def _totals(run: str, lines: Sequence[JournalLine], apart: bool) -> list[tuple[str, Money]]:
    """What debits and credits sum to, by currency, and by entity where these are told `apart`."""
    sums: dict[tuple[str, str], tuple[list[Decimal], list[Decimal]]] = {}
    for line in lines:
        debits, credits = sums.setdefault((line.entity if apart else "", line.currency), ([], []))
        debits.append(line.debit)
        credits.append(line.credit)
    found = []
    for (entity, currency), sides in sorted(sums.items()):
        debit, credit = (summed(side) for side in sides)
        if debit != credit:
            of = f" of {entity}" if entity else ""
            message = f"the journal{of} of run {run} has {debit} of debits and {credit} of credits in {currency}"
            raise Failed([Diagnostic("E609", message, Place(table="postings"), "compengine verify")])
        found.append((entity, Money(debit, currency)))
    return found


def journal_file(made: Journal) -> str:
    """CSV: a line for each line, then one control total per currency, with entities of each. Without entities it has no
    column for them."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    named = any(line.entity for line in made.lines)
    writer.writerow([f.name for f in fields(JournalLine)][not named :])
    for line in made.lines:
        *texts, debit, credit = astuple(line)[not named :]
        texts = [guarded(text) if isinstance(text, str) else text for text in texts]
        writer.writerow([*texts, fixed(debit, line.currency), fixed(credit, line.currency)])
    for entity, total in made.by_entity:
        amount = fixed(total.amount, total.currency)
        writer.writerow([entity, "TOTAL", "", made.period, "", "", "", total.currency, amount, amount][not named :])
    return target.getvalue()
