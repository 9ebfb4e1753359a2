"""What an approver reads: a run beside the last posted period and the same period a year before."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from compengine.actions.figures import Money, share_of, summed
from compengine.actions.movers import STEPS, Key, Mover, PaidPeriod, by_key, movers, payable, signed
from compengine.actions.opened import Opened
from compengine.actions.pinned import CREDITS, EXCLUSIONS
from compengine.actions.runs import find_run, names_of, the_summed_ledger, to_post
from compengine.actions.unusual import TIMES, Finding, held, large_deals, pay_findings, standing_findings
from compengine.inputs.objects import get_table
from compengine.inputs.rejects import guarded
from compengine.ledger import queries
from compengine.ledger.leaves import EARNINGS
from compengine.ledger.queries import Posting, Which, opening_of
from compengine.ledger.rowfiles import PAYABLES, SETTLEMENTS, fetch
from compengine.ledger.runs import Run
from compengine.ledger.store.database import Store, reading
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.frames import to_rows
from compengine.values.money import fixed
from compengine.values.periods import DAY
from compengine.values.rows import Earning, Payable, Settlement

NOTHING = PaidPeriod("", "", (), ())


@dataclass(frozen=True, slots=True)
class Compared:
    """`plan`, `component`, `payee`: what the amount is of; what is empty is summed over. `last` is the last posted
    period, `year` the same period a year before, None where there is none. `percent` is of `last`."""

    level: str
    plan: str
    component: str
    payee: str
    name: str
    now: Money
    last: Money | None
    change: Money | None
    percent: Decimal | None
    year: Money | None
    year_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is paid now and of whom nothing was posted before, or who was paid in the last posted period and is
    not now."""

    payee: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Excluded:
    """How many rows earned nothing for one reason; `last`: how many did in the last posted run."""

    plan: str
    rule: str
    by: str
    count: int
    last: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """All of it is of the run whose content digest is `content`: what an approval approves."""

    run: str
    content: str
    period: str
    state: str
    last: str
    year: str
    totals: tuple[Compared, ...]
    plans: tuple[Compared, ...]
    components: tuple[Compared, ...]
    payees: tuple[Compared, ...]
    movers: tuple[Mover, ...]
    new: tuple[Person, ...]
    missing: tuple[Person, ...]
    exclusions: tuple[Excluded, ...]
    findings: tuple[Finding, ...]


def review(opened: Opened, which: str, times: Decimal = TIMES) -> Review:
    """`times`: pay and deals above so many times the average are findings. Raises `Failed`: E606; E609 where the run on
    record, or an object of it, is not what its digest says."""
    store = the_summed_ledger(opened)
    run = find_run(opened, store, which)
    record = run.record
    if run.stored != (record.id, record.content):
        message = f"the record of run {run.id} has the digest {record.content}, not {run.stored[1]}"
        raise Failed([Diagnostic("E609", message, Place(table="runs", row=run.id), "compengine verify")])
    posted = _posted_before(store, run)
    now = paid_period(opened, store, run)
    last_run = _run(store, posted[-1]) if posted else None
    year_run = next((_run(store, p) for p in posted if p.in_period == year_before(record.period.label)), None)
    last = paid_period(opened, store, last_run) if last_run else None
    year = last if year_run == last_run else paid_period(opened, store, year_run) if year_run else None
    names = names_of(opened, record.snapshot)
    with reading(store) as connection:
        opening = opening_of(connection, record.calendar)
    before = [
        to_rows(Settlement, fetch(opened.objects, SETTLEMENTS, _run(store, p).record.settlements)) for p in posted
    ]
    came, gone = _people(now, last, names, _settled_before(store, run))
    return Review(
        run=run.id,
        content=record.content,
        period=record.period.label,
        state=run.state.value,
        last=last.label if last else "",
        year=year.label if year else "",
        totals=_totals(now, last, year),
        plans=_grouped("plan", now, last, year),
        components=_grouped("component", now, last, year),
        payees=_payees(now, last, year, names),
        movers=movers(now, last, names) if last else (),
        new=came,
        missing=gone,
        exclusions=_exclusions(opened, run, last_run),
        findings=(
            *standing_findings(run, opening),
            *pay_findings(now.settlements, before, names, times),
            *_large(opened, run, last_run, times),
            *held(to_rows(Payable, fetch(opened.objects, PAYABLES, record.payables)), record.period.end, names),
        ),
    )


def year_before(label: str) -> str:
    """`2026-03` is `2025-03`: labels begin with their year."""
    return f"{int(label[:4]) - 1:04}{label[4:]}" if label[:4].isdecimal() else ""


def paid_period(opened: Opened, store: Store, run: Run) -> PaidPeriod:
    frame = to_post(opened, store, run).filter(pl.col("paid"))
    rows = tuple(zip(to_rows(Earning, frame), frame["sign"].to_list(), strict=True))
    settlements = to_rows(Settlement, fetch(opened.objects, SETTLEMENTS, run.record.settlements))
    return PaidPeriod(run.id, run.record.period.label, rows, tuple(settlements))


def _posted_before(store: Store, run: Run) -> list[Posting]:
    start = run.record.period.start.isoformat()
    mine = [p for p in queries.postings(store, run.record.calendar) if p.kind == "post"]
    return [p for p in mine if p.period_end < start]


def _run(store: Store, posting: Posting) -> Run:
    return queries.run(store, posting.run)


def _large(opened: Opened, run: Run, last: Run | None, times: Decimal) -> list[Finding]:
    credits = get_table(opened.objects, CREDITS, run.record.credits)
    before = get_table(opened.objects, CREDITS, last.record.credits) if last else None
    earnings = fetch(opened.objects, EARNINGS, run.record.earnings)
    return large_deals(credits, earnings, before, run.record.period, times)


# --- side by side


def compared(level: str, about: tuple[str, str, str, str], currency: str, sums: Sequence[Decimal | None]) -> Compared:
    """`sums` are now, last and a year before; None where there is no such period."""
    now, last, year = sums
    assert now is not None, "a run without itself"
    change = summed([now, -last]) if last is not None else None
    return Compared(
        level,
        *about,
        Money(now, currency),
        _money(last, currency),
        _money(change, currency),
        share_of(change, last) if change is not None and last is not None else None,
        _money(year, currency),
        share_of(summed([now, -year]), year) if year is not None else None,
    )


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def _totals(now: PaidPeriod, last: PaidPeriod | None, year: PaidPeriod | None) -> tuple[Compared, ...]:
    """The way from earned to payable, in each currency; steps that are nothing everywhere are left out."""
    three = [_by_currency(p) for p in (now, last or NOTHING, year or NOTHING)]
    there = [True, last is not None, year is not None]
    found = []
    for currency in sorted({c for each in three for c in each}):
        for name, take in STEPS.items():
            sums = [take(each.get(currency, NOTHING)) for each in three]
            if any(sums) or name in ("earned", "payable"):
                given = [x if here else None for x, here in zip(sums, there, strict=True)]
                found.append(compared("total", ("", name, "", ""), currency, given))
    return tuple(found)


def _by_currency(period: PaidPeriod) -> dict[str, PaidPeriod]:
    found = {}
    for currency in {*(r.currency for r, _ in period.rows), *(s.currency for s in period.settlements)}:
        rows = tuple(r for r in period.rows if r[0].currency == currency)
        settlements = tuple(s for s in period.settlements if s.currency == currency)
        found[currency] = PaidPeriod(period.run, period.label, rows, settlements)
    return found


def _grouped(level: str, now: PaidPeriod, last: PaidPeriod | None, year: PaidPeriod | None) -> tuple[Compared, ...]:
    """What is earned, corrections included, by plan, or by plan and component. Versions of a plan are one plan."""

    def sums(period: PaidPeriod | None) -> dict[tuple[str, str, str], Decimal]:
        groups: dict[tuple[str, str, str], list[Decimal]] = {}
        for row, sign in period.rows if period else ():
            key = (row.plan.split("@")[0], row.component if level == "component" else "", row.currency)
            groups.setdefault(key, []).append(signed(row, sign))
        return {key: summed(amounts) for key, amounts in groups.items()}

    three = [sums(p) for p in (now, last, year)]
    there = [True, last is not None, year is not None]
    found = []
    for plan, component, currency in sorted({key for each in three for key in each}):
        given = [
            e.get((plan, component, currency), Decimal(0)) if t else None for e, t in zip(three, there, strict=True)
        ]
        found.append(compared(level, (plan, component, "", ""), currency, given))
    return tuple(found)


def _payees(
    now: PaidPeriod, last: PaidPeriod | None, year: PaidPeriod | None, names: Mapping[str, str]
) -> tuple[Compared, ...]:
    """What is payable to each, over all plans of a currency; those to whom it is nothing each time are left out."""
    three = [{key: payable(p) for key, p in by_key(each).items()} if each else None for each in (now, last, year)]
    keys: set[Key] = {key for each in three if each for key, amount in each.items() if amount}
    found = []
    for payee, currency in keys:
        given = [each.get((payee, currency), Decimal(0)) if each is not None else None for each in three]
        found.append(compared("payee", ("", "", payee, names.get(payee, "")), currency, given))
    return tuple(sorted(found, key=lambda c: (-c.now.amount, c.payee, c.now.currency)))


def _people(
    now: PaidPeriod, last: PaidPeriod | None, names: Mapping[str, str], known: Collection[str]
) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """`known` are those of whom the ledger has something before: what was held, or carried, is not new."""
    if last is None:
        return (), ()
    ours, theirs = ({k: payable(p) for k, p in by_key(each).items() if payable(p)} for each in (now, last))

    def people(some: dict[Key, Decimal], keys: Iterable[Key]) -> tuple[Person, ...]:
        return tuple(Person(key[0], names.get(key[0], ""), Money(some[key], key[1])) for key in sorted(keys))

    came = {key for key in set(ours) - set(theirs) if key[0] not in known}
    return people(ours, came), people(theirs, set(theirs) - set(ours))


def _settled_before(store: Store, run: Run) -> set[str]:
    """Everybody of whom the postings of earlier periods of the calendar say anything."""
    which = Which(calendar=run.record.calendar, until=run.record.period.start - DAY)
    return set(queries.balances(store, ("payee", "account", "reason", "currency"), which)["payee"])


def _exclusions(opened: Opened, run: Run, last: Run | None) -> tuple[Excluded, ...]:
    now, before = _counts(opened, run), _counts(opened, last)
    counts, was = ({key: len(sources) for key, sources in each.items()} for each in (now, before))
    keys = sorted(now, key=lambda key: (was.get(key, 0) - counts[key], key))
    return tuple(
        Excluded(*key, counts[key], was.get(key, 0), tuple(_newest(now[key], before.get(key)))) for key in keys
    )


def _newest(sources: Sequence[str], before: Sequence[str] | None) -> list[str]:
    """Three of them, those first that were not there before."""
    old = set(before or ())
    return sorted(sources, key=lambda source: (source in old, source))[:3]


def _counts(opened: Opened, run: Run | None) -> dict[tuple[str, str, str], list[str]]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    if run is not None:
        frame = get_table(opened.objects, EXCLUSIONS, run.record.exclusions)
        for plan, rule, by, source in frame.select("plan", "rule", "by", "source").iter_rows():
            groups.setdefault((plan, rule, by), []).append(source)
    return groups


# --- as a file


COLUMNS = ("section", "plan", "component", "payee", "name", "about", "currency", "now", "last", "change", "percent")
MORE = ("year", "year_percent", "said")
TEXTS = frozenset(("section", "plan", "component", "payee", "name", "about", "said"))


def review_file(made: Review) -> str:
    """CSV: one line for each figure of the review. Amounts have no currency in them, percentages are `12.5`."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    columns = (*COLUMNS, *MORE)
    writer.writerow(columns)
    for line in _file_lines(made):
        cells = zip(columns, line, strict=True)
        writer.writerow([guarded(cell) if column in TEXTS else cell for column, cell in cells])
    return target.getvalue()


def _file_lines(made: Review) -> Iterable[tuple[str, ...]]:
    yield ("run", "", "", "", "", made.run, "", "", "", "", "", "", "", made.content)
    for c in (*made.totals, *made.plans, *made.components, *made.payees):
        amounts = (_plain(c.now), _plain(c.last), _plain(c.change), percent_text(c.percent))
        year = (_plain(c.year), percent_text(c.year_percent), "")
        yield (c.level, c.plan, c.component, c.payee, c.name, "", c.now.currency, *amounts, *year)
    for m in made.movers:
        for part in m.parts:
            said = f"{part.before} to {part.after}"
            about = f"{part.kind} {part.about}".rstrip()
            currency = part.amount.currency
            yield ("mover", "", "", m.payee, m.name, about, currency, "", "", _plain(part.amount), "", "", "", said)
    for section, people in (("new", made.new), ("missing", made.missing)):
        for p in people:
            paid = (_plain(p.amount), "") if section == "new" else ("", _plain(p.amount))
            yield (section, "", "", p.payee, p.name, "", p.amount.currency, *paid, "", "", "", "", "")
    for e in made.exclusions:
        yield ("exclusion", e.plan, e.rule, "", "", e.by, "", str(e.count), str(e.last), "", "", "", "", "")
    for f in made.findings:
        currency, amount = (f.amount.currency, _plain(f.amount)) if f.amount else ("", "")
        yield (f.kind, f.plan, "", f.payee, f.name, f.about, currency, amount, "", "", "", "", "", f.said)


def _plain(money: Money | None) -> str:
    return "" if money is None else fixed(money.amount, money.currency)


def percent_text(share: Decimal | None) -> str:
    """0.125 is `12.5`; nothing where there is none."""
    return "" if share is None else f"{share * 100:.1f}"
