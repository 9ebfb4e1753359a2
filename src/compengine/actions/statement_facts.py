"""What is known about each payee of a run: the facts that statements are built from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from compengine.actions.computed import Computed, stored_results
from compengine.actions.decided_facts import ByHandFacts, by_hand_facts, of_payee
from compengine.actions.entities import brand_of, entities_on, stays
from compengine.actions.figures import summed
from compengine.actions.held_before import HeldBefore, held_before
from compengine.actions.numbering import ORIGIN, statement_numbers, with_origins
from compengine.actions.opened import Opened
from compengine.actions.people_facts import payee_locales, people
from compengine.actions.pinned import EXCLUSIONS, pinned_program, pinned_snapshot
from compengine.actions.positions import positions
from compengine.actions.runs import to_post
from compengine.actions.source_facts import Sources
from compengine.inputs.objects import get_table
from compengine.inputs.schema import LOCALES, Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.ledger import queries
from compengine.ledger.accounts import Account, Reason
from compengine.ledger.leaves import POSTED
from compengine.ledger.queries import Entry, Posting, Which, closing_hash
from compengine.ledger.rowfiles import fetch
from compengine.ledger.runs import Run
from compengine.ledger.states import State, approvals
from compengine.ledger.store.database import Store, reading
from compengine.plan.typed import Program
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.employment import Stay
from compengine.statement.facts import (
    EarnedBefore,
    Facts,
    PartBefore,
    PlanFacts,
    Posted,
    RunFacts,
    ScalePosition,
    Status,
    YearCell,
)
from compengine.statement.reference import Reissue
from compengine.values.frames import to_rows
from compengine.values.money import from_minor
from compengine.values.rows import Balance, Credit, Earning, Exclusion, Measure, Payable, Settlement


@dataclass(frozen=True, slots=True)
class Told:
    """Everything of a run that its statements share; rows by payee. `posting` is None for a run that is not posted.

    `shown` is the workspace file that says how a statement looks and who is named on it: the run's own, but where
    statements are printed again (`reissues`, by payee)."""

    run: Run
    program: Program
    shown: Workspace
    snapshot: Snapshot
    posting: Posting | None
    facts: RunFacts
    numbers: Mapping[str, str]
    rows: Mapping[str, list[Posted]]
    results: Computed
    news: pl.DataFrame
    opening: Mapping[str, list[Balance]]
    closing: Mapping[str, list[Balance]] | None
    before: Mapping[str, list[Balance]] | None
    earned: Mapping[str, list[EarnedBefore]]
    year: Mapping[str, list[YearCell]]
    positions: Mapping[str, list[ScalePosition]]
    sources: Sources
    people: Mapping[str, dict[str, str]]
    locales: Mapping[str, str]
    by_hand: ByHandFacts
    held: HeldBefore
    entities: Mapping[str, str]
    stays: Mapping[str, tuple[Stay, ...]]
    reissues: Mapping[str, Reissue] = field(default_factory=dict)


def told(opened: Opened, store: Store, run: Run) -> Told:
    """Read once for all statements of a run."""
    record, objects = run.record, opened.objects
    program = pinned_program(objects, record)
    snapshot = pinned_snapshot(objects, record, program.workspace)
    posting = next((p for p in queries.postings(store) if p.run == run.id and p.kind == "post"), None)
    frame = with_origins(opened, store, run, to_post(opened, store, run))
    results = stored_results(objects, record)
    until = posting.number - 1 if posting else None
    rows = _posted(frame, record.period.label)
    opening = _balances(store, until)
    closing = _balances(store, posting.number) if posting else None
    earlier = _earlier(store, run, until)
    locales = payee_locales(program, snapshot, record.period.end)
    return Told(
        run=run,
        program=program,
        shown=program.workspace,
        snapshot=snapshot,
        posting=posting,
        facts=_run_facts(store, run, posting, program.workspace.timezone),
        numbers=statement_numbers(opened, store, run),
        rows=rows,
        results=results,
        news=_news(opened, store, run, results.exclusions),
        opening=opening,
        closing=closing,
        before=_balances(store, earlier[-1].number) if earlier else None,
        earned=_earned_before(opened, [p for p in earlier if _same_year(p, run)]),
        year=_year(
            _year_entries(store, [p for p in earlier if _same_year(p, run)]),
            rows,
            to_rows(Settlement, results.settlements),
            record.period.label,
        ),
        positions=positions(program, snapshot, record.period),
        sources=Sources(program, snapshot),
        people=people(program, snapshot, record.period.end, locales),
        locales=locales,
        by_hand=by_hand_facts(opened, store, run, posting),
        held=held_before(opened, store, run, earlier[-1] if earlier else None),
        entities=entities_on(program.workspace, snapshot, record.period.end),
        stays=stays(program.workspace, snapshot),
    )


def _run_facts(store: Store, run: Run, posting: Posting | None, timezone: str) -> RunFacts:
    record, approved = run.record, approvals(run.events)
    calculated = run.events[0]
    made = calculated.time if posting is None else posting.time
    ledger = ""
    if posting is not None:
        with reading(store) as connection:
            ledger = closing_hash(connection, posting)
    return RunFacts(
        run=run.id,
        number="",
        status=Status.PREVIEW if posting is None else Status.FINAL,
        engine=record.engine,
        snapshot=record.snapshot,
        workspace=record.workspace,
        entitlement=record.entitlement,
        ledger=ledger,
        checkpoint=posting.last_seq + 1 if posting else 0,
        calculated_by=calculated.actor,
        calculated_at=datetime.fromisoformat(calculated.time),
        approved_by=", ".join(event.actor for event in approved),
        approved_at=datetime.fromisoformat(approved[-1].time) if approved else None,
        dated=datetime.fromisoformat(made).astimezone(ZoneInfo(timezone)).date(),
    )


def _posted(frame: pl.DataFrame, period: str) -> dict[str, list[Posted]]:
    rows: dict[str, list[Posted]] = {}
    posted = zip(to_rows(Earning, frame), frame["sign"].to_list(), frame[ORIGIN].to_list(), strict=True)
    for row, sign, origin in posted:
        rows.setdefault(row.payee, []).append(Posted(sign, row, period, origin))
    return rows


def _balances(store: Store, through: int | None) -> dict[str, list[Balance]]:
    """Every account of every payee, after the posting of that number (None: as it is now)."""
    found: dict[str, list[Balance]] = {}
    for payee, plan, account, currency, amount in queries.balances(store, which=Which(through=through)).iter_rows():
        if account not in (Account.EXPENSE, Account.EXCHANGE):
            balance = Balance(payee, plan, account, currency, from_minor(amount, currency))
            found.setdefault(payee, []).append(balance)
    return found


def _news(opened: Opened, store: Store, run: Run, exclusions: pl.DataFrame) -> pl.DataFrame:
    """What earned nothing now and was not so when the period before was posted: each statement tells it once."""
    earlier = [
        r
        for r in queries.runs(store)
        if r.event(State.POSTED) is not None
        and r.record.calendar == run.record.calendar
        and r.record.period.end < run.record.period.start
    ]
    if not earlier:
        return exclusions
    last = max(earlier, key=lambda r: r.record.period.end)
    before = get_table(opened.objects, EXCLUSIONS, last.record.exclusions)
    return exclusions.join(before, on=exclusions.columns, how="anti")


# --- the year so far


def _earlier(store: Store, run: Run, until: int | None) -> list[Posting]:
    """The calendar's postings of periods before this run's, as far as they were there when it was posted."""
    end = run.record.period.end.isoformat()
    return [
        p
        for p in queries.postings(store, run.record.calendar)
        if p.kind == "post" and (until is None or p.number <= until) and p.period_end < end
    ]


def _same_year(posting: Posting, run: Run) -> bool:
    return posting.period_end[:4] == run.record.period.end.isoformat()[:4]


def _earned_before(opened: Opened, postings: Iterable[Posting]) -> dict[str, list[EarnedBefore]]:
    """By payee: what the rows posted with each earlier statement came to, by currency."""
    found: dict[str, list[EarnedBefore]] = {}
    amount = pl.when(pl.col("sign") < 0).then(-pl.col("amount")).otherwise(pl.col("amount"))
    for posting in postings:
        rows = fetch(opened.objects, POSTED, posting.rows).filter("paid")
        sums = rows.group_by("payee", "currency").agg(amount.sum().alias("amount"))
        for payee, currency, earned in sums.select("payee", "currency", "amount").iter_rows():
            found.setdefault(payee, []).append(EarnedBefore(posting.in_period, earned, currency))
    return found


def _year_entries(store: Store, postings: Iterable[Posting]) -> list[Entry]:
    return [e for posting in postings for e in queries.entries(store, Which(posting=posting.number))]


def _year(
    entries: Iterable[Entry], rows: Mapping[str, list[Posted]], settlements: Iterable[Settlement], period: str
) -> dict[str, list[YearCell]]:
    """Earned by component and period; what became payable in a period stands in the cell of its first component."""
    earned: dict[tuple[str, str, str, str, str], list[Decimal]] = {}
    payable: dict[tuple[str, str, str, str], list[Decimal]] = {}
    for e in entries:
        amount = from_minor(e.amount, e.currency)
        if (e.reason, e.account) == (Reason.EARNED, Account.HELD):
            earned.setdefault((e.payee, e.in_period, e.plan, e.component, e.currency), []).append(amount)
        elif e.account == Account.PAYABLE:
            payable.setdefault((e.payee, e.in_period, e.plan, e.currency), []).append(amount)
    for payee, mine in rows.items():
        for posted in mine:
            if posted.row.paid:
                key = (payee, period, posted.row.plan, posted.row.component, posted.row.currency)
                earned.setdefault(key, []).append(posted.amount)
    for s in settlements:
        payable.setdefault((s.payee, period, s.plan, s.currency), []).append(s.payable)
    cells: dict[str, list[YearCell]] = {}
    left = {key: summed(amounts) for key, amounts in payable.items()}
    components = {(payee, plan): component for payee, _, plan, component, _ in sorted(earned, reverse=True)}
    for (payee, label, plan, currency), _ in payable.items():
        if left[payee, label, plan, currency] and (payee, plan) in components:
            earned.setdefault((payee, label, plan, components[payee, plan], currency), [])
    for (payee, label, plan, component, currency), amounts in sorted(earned.items()):
        paid = left.pop((payee, label, plan, currency), Decimal(0))
        cells.setdefault(payee, []).append(YearCell(label, plan, component, summed(amounts), paid, currency))
    return cells


# --- one payee


def facts_of(told: Told, payee: str) -> Facts:
    """Everything about one payee, and nothing about anybody else."""
    results, period = told.results, told.run.record.period
    workspace, entity = told.shown, told.entities.get(payee, "")
    settings, brand = workspace.statements, brand_of(workspace, entity)
    rows = tuple(told.rows.get(payee, ()))
    settlements = tuple(to_rows(Settlement, _mine(results.settlements, payee)))
    credits = tuple(to_rows(Credit, _mine(results.credits, payee)))
    payables = tuple(to_rows(Payable, _mine(results.payables, payee)))
    parts = tuple(told.held.parts.get(payee, ()))
    names = (
        {p.plan for p in (*payables, *(one.part for one in parts))}
        | {r.row.plan for r in rows}
        | {s.plan for s in settlements}
    )
    exclusions = tuple(e for e in to_rows(Exclusion, _mine(told.news, payee)) if e.plan in names)
    closing = None if told.closing is None else tuple(told.closing.get(payee, ()))
    decided, register, disputes = of_payee(told.by_hand, payee)
    return Facts(
        run=_numbered(told.facts, told.numbers[payee], told.reissues.get(payee)),
        workspace=brand.name or workspace.name,
        plans=tuple(_plans(told, names)),
        payee_id=payee,
        payee=told.people.get(payee, {}),
        rows=rows,
        payables=payables,
        parts=parts,
        credits=credits,
        measures=tuple(to_rows(Measure, _mine(results.measures, payee))),
        positions=tuple(p for p in told.positions.get(payee, ()) if p.plan in names),
        exclusions=exclusions,
        settlements=settlements,
        opening=tuple(told.opening.get(payee, ())),
        closing=closing,
        before=None if told.before is None else tuple(told.before.get(payee, ())),
        told=tuple(told.earned.get(payee, ())),
        year=tuple(told.year.get(payee, ())),
        sources=told.sources.about(_named(rows, payables, parts, exclusions, period.end)),
        below={c.via: told.people.get(c.via, {}).get("name", c.via) for c in credits if c.via},
        query=brand.contact,
        query_days=settings.query_days,
        time_zone=told.program.workspace.timezone,
        entity=entity,
        address=workspace.entities[entity].address if entity else (),
        stays=told.stays.get(payee, ()),
        locale=_locale(told, payee),
        decided=decided,
        lifted=tuple(told.held.lifted.get(payee, ())),
        register=register,
        disputes=disputes,
    )


def _named(
    rows: Iterable[Posted],
    payables: Iterable[Payable],
    parts: Iterable[PartBefore],
    exclusions: Iterable[Exclusion],
    end: date,
) -> set[str]:
    """What the statement will name: its rows, what was and what is held at the period's end, what earned nothing."""
    held = {p.source for p in payables if p.on is None or p.on > end} | {one.part.source for one in parts}
    return {r.row.source for r in rows} | {e.source for e in exclusions} | held


def _mine(frame: pl.DataFrame, payee: str) -> pl.DataFrame:
    return frame.filter(pl.col("payee") == payee)


def _numbered(facts: RunFacts, number: str, again: Reissue | None) -> RunFacts:
    if again is None:
        return replace(facts, number=number)
    return replace(facts, number=number, status=Status.CORRECTED, dated=again.day, reissue=again)


def _plans(told: Told, names: set[str]) -> Iterator[PlanFacts]:
    """Versions of the payee's plans that have begun, oldest first."""
    period = told.run.record.period
    for plan in told.program.plans:
        if plan.name in names and plan.start <= period.end:
            yield PlanFacts(plan, period, plan.calendar.pay_date(period))


def _locale(told: Told, payee: str) -> str:
    """Raises `Failed` (E806) where the payee's own locale is none that statements are written for."""
    settings = told.shown.statements
    text = told.locales.get(payee, settings.locale)
    if text in LOCALES:
        return text
    message = f"{payee} has the locale “{text[:40]}”, and no statement is written for it"
    place = Place(table="payees", row=payee, column=settings.locale_column)
    raise Failed([Diagnostic("E806", message, place, f"one of {', '.join(LOCALES)}, or nothing for {settings.locale}")])
