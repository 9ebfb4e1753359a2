"""Runs by id or period, and what is in one: what it pays, to whom, and how that differs from what is posted."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from compengine.actions.checkpoints import kept_checkpoints, open_checked
from compengine.actions.figures import Money, summed
from compengine.actions.load import load_of
from compengine.actions.opened import Opened
from compengine.actions.payee_lines import PayeeLine, payee_lines, signed
from compengine.inputs.manifest import read_manifest
from compengine.inputs.objects import get_bytes, get_table
from compengine.ledger import queries
from compengine.ledger.intact import require_entries_intact
from compengine.ledger.leaves import EARNINGS, POSTED
from compengine.ledger.past import ledger_at
from compengine.ledger.posting import difference
from compengine.ledger.queries import folded_rows
from compengine.ledger.rowfiles import PAYABLES, SETTLEMENTS, fetch
from compengine.ledger.runs import Run
from compengine.ledger.states import State, failed
from compengine.ledger.store.database import Store, exists, reading
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.frames import to_rows
from compengine.values.money import from_minor
from compengine.values.periods import NoWindow
from compengine.values.rows import Earning, Settlement

_ID = re.compile("[0-9a-f]{1,12}")


@dataclass(frozen=True, slots=True)
class Happened:
    """Somebody did something with a run."""

    kind: str
    actor: str
    time: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in a list. `payable` is by currency."""

    run: str
    period: str
    calendar: str
    state: str
    calculated: Happened
    last: Happened
    payable: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class ComponentTotal:
    """What a run posts for one component: for its own period, and as corrections of earlier ones."""

    plan: str
    component: str
    earned: Money
    corrections: Money
    paid: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """What changes for an earlier period."""

    payee: str
    plan: str
    component: str
    for_period: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One row that is posted: `amount` is negative where the row is taken back."""

    payee: str
    plan: str
    component: str
    for_period: str
    source: str
    part: str
    kind: str
    basis: str
    rate: str
    amount: Money
    taken_back: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """How many rows earned nothing for one reason, and the first few of them."""

    plan: str
    rule: str
    by: str
    count: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """`loaded` is the load that made the run's snapshot, None where nobody is on record for it."""

    run: str
    content: str
    calendar: str
    period: str
    state: str
    events: tuple[Happened, ...]
    engine: str
    plans: tuple[tuple[str, str], ...]
    workspace: str
    snapshot: str
    loaded: Happened | None
    opening: str
    entitlement: str
    payable: tuple[Money, ...]
    components: tuple[ComponentTotal, ...]
    payees: tuple[PayeeLine, ...]
    corrections: tuple[Correction, ...]
    exclusions: tuple[Reason, ...]
    rows_given: int
    rows_taken_back: int
    rows: tuple[PostingRow, ...]


def is_period(opened: Opened, label: str) -> bool:
    """Whether a calendar of the workspace has a period of that name."""
    for calendar in opened.workspace.calendars.values():
        with suppress(NoWindow):
            calendar.period(label)
            return True
    return False


def _require_period(opened: Opened, which: str) -> None:
    """Raises `Failed`: E606 where it is a period that nothing was calculated for, E704 where it is neither that nor the
    start of an id."""
    if is_period(opened, which):
        message = f"nothing was calculated for {which}{f' by {opened.as_of}' if opened.as_of else ''}"
        help = f"compengine runs lists what was; to calculate it: compengine calculate --period {which}"
        raise failed("E606", message, "", help)
    if not _ID.fullmatch(which):
        help = "a run is named by its period or its id: compengine runs lists them"
        raise Failed([Diagnostic("E704", f"{which} is no period of a calendar here, and no id of a run", help=help)])


def the_ledger(opened: Opened) -> Store:
    """The workspace's ledger, now or as it was. Raises `Failed`: E606 where there was nothing yet, E609, E617, E611."""
    if not exists(opened.ledger) and not kept_checkpoints(opened):
        help = "compengine calculate --period PERIOD"
        raise Failed([Diagnostic("E606", "nothing has been calculated in this workspace yet", Place(), help)])
    return _at(opened, open_checked(opened))


def the_summed_ledger(opened: Opened) -> Store:
    """The same, for figures that are summed from entries: each is looked at. Raises `Failed` as `the_ledger` does."""
    store = the_ledger(opened)
    require_entries_intact(store)
    return store


def _at(opened: Opened, store: Store) -> Store:
    """The ledger, or as it was then."""
    return ledger_at(store, opened.as_of, opened.workspace.timezone) if opened.as_of else store


def find_run(opened: Opened, store: Store, which: str) -> Run:
    """By id, or the start of one, or a period's label: then the posted run of that period, else the latest that could
    be posted, else the latest. Raises `Failed`: E606 where there is none, E704 where `which` can be neither."""
    known = queries.runs(store)
    of_period = [run for run in known if run.record.period.label == which]
    if not of_period:
        if not any(run.id.startswith(which) for run in known):
            _require_period(opened, which)
        return queries.run(store, which)
    calendar = of_period[-1].record.calendar
    mine = [run for run in of_period if run.record.calendar == calendar]
    if posted := [run for run in mine if run.event(State.POSTED) is not None]:
        return posted[-1]
    if len(mine) == 1:
        return mine[0]
    opening = queries.read_opening(store, calendar).digest
    return ([run for run in mine if run.record.opening == opening] or mine)[-1]


def list_runs(opened: Opened) -> tuple[RunLine, ...]:
    """Every run in order of recording; none where there is no ledger."""
    if not exists(opened.ledger) and not kept_checkpoints(opened):
        return ()
    return tuple(_line(run) for run in queries.runs(the_ledger(opened)))


def _line(run: Run) -> RunLine:
    said = [Happened(e.kind.value, e.actor, e.time, e.note) for e in run.events]
    record = run.record
    payable = _totals(record.totals)
    return RunLine(run.id, record.period.label, record.calendar, run.state.value, said[0], said[-1], payable)


def _totals(totals: Iterable[tuple[str, int]]) -> tuple[Money, ...]:
    return tuple(Money(from_minor(minor, currency), currency) for currency, minor in totals)


def to_post(opened: Opened, store: Store, run: Run) -> pl.DataFrame:
    """The rows the run has posted, or would post now (`ledger.posting.POSTED_EARNING`)."""
    done = [p for p in queries.postings(store) if p.run == run.id and p.kind == "post"]
    if done:
        return fetch(opened.objects, POSTED, done[0].rows)
    earnings = fetch(opened.objects, EARNINGS, run.record.earnings)
    with reading(store) as connection:
        live = folded_rows(connection, opened.objects, run.record.calendar)
    return difference(earnings, live, run.record.period.label)


def show(opened: Opened, which: str, payee: str = "") -> RunView:
    """Everything about a run, or what concerns one payee of it. Raises `Failed`: E606; E512 for a payee without any
    row in it."""
    store = the_ledger(opened)
    return view_of(opened, store, find_run(opened, store, which), payee)


def view_of(opened: Opened, store: Store, run: Run, payee: str = "", *, rows: bool = True) -> RunView:
    """Without `rows` those of the posting are not in it one by one."""
    record, objects = run.record, opened.objects
    frame = to_post(opened, store, run)
    settlements = to_rows(Settlement, fetch(objects, SETTLEMENTS, record.settlements))
    exclusions = get_table(objects, "exclusions", record.exclusions)
    if payee:
        frame = frame.filter(pl.col("payee") == payee)
        settlements = [s for s in settlements if s.payee == payee]
        exclusions = exclusions.filter(pl.col("payee") == payee)
        if frame.is_empty() and not settlements and exclusions.is_empty():
            message = f"run {run.id} of {record.period.label} has nothing for {payee}"
            help = f"compengine show {run.id} lists who has anything in it"
            raise Failed([Diagnostic("E512", message, Place(table="payees", row=payee), help)])
    label = record.period.label
    load = load_of(store, record.snapshot, run.seq)
    held = _held(fetch(objects, PAYABLES, record.payables), record.period.end, payee)
    return RunView(
        run=run.id,
        content=record.content,
        calendar=record.calendar,
        period=label,
        state=run.state.value,
        events=tuple(Happened(e.kind.value, e.actor, e.time, e.note) for e in run.events),
        engine=record.engine,
        plans=record.plans,
        workspace=record.workspace,
        snapshot=record.snapshot,
        loaded=Happened(load.state, load.actor, load.time, load.note) if load else None,
        opening=record.opening,
        entitlement=record.entitlement,
        payable=_payable(settlements),
        components=_components(frame, label),
        payees=payee_lines(frame, settlements, held, label, names_of(opened, record.snapshot)),
        corrections=_corrections(frame, label),
        exclusions=_reasons(exclusions),
        rows_given=frame.filter(pl.col("sign") > 0).height,
        rows_taken_back=frame.filter(pl.col("sign") < 0).height,
        rows=_posting_rows(frame) if rows else (),
    )


def _held(payables: pl.DataFrame, end: date, payee: str) -> pl.DataFrame:
    """Of one payee, or of all: those that the end has not reached."""
    later = payables.filter(pl.col("on").is_null() | (pl.col("on") > end))
    return later.filter(pl.col("payee") == payee) if payee else later


def _payable(settlements: Iterable[Settlement]) -> tuple[Money, ...]:
    """By currency of the plans."""
    sums: dict[str, list[Decimal]] = {}
    for s in settlements:
        sums.setdefault(s.currency, []).append(s.payable)
    return tuple(Money(summed(amounts), currency) for currency, amounts in sorted(sums.items()))


def _components(rows: pl.DataFrame, period: str) -> tuple[ComponentTotal, ...]:
    own = pl.col("for_period") == period
    sums = rows.group_by("plan", "component").agg(
        signed().filter(own).sum().alias("earned"),
        signed().filter(~own).sum().alias("corrections"),
        pl.col("currency", "paid").first(),
    )
    return tuple(
        ComponentTotal(plan, component, Money(earned, currency), Money(corrections, currency), paid)
        for plan, component, earned, corrections, currency, paid in sums.sort("plan", "component").iter_rows()
    )


def _corrections(rows: pl.DataFrame, period: str) -> tuple[Correction, ...]:
    key = ["payee", "plan", "component", "for_period", "currency"]
    sums = rows.filter(pl.col("for_period") != period).group_by(key).agg(signed().sum().alias("sum")).sort(key)
    return tuple(
        Correction(payee, plan, component, label, Money(amount, currency))
        for payee, plan, component, label, currency, amount in sums.iter_rows()
        if amount
    )


def _reasons(exclusions: pl.DataFrame) -> tuple[Reason, ...]:
    key = ["plan", "rule", "by"]
    counts = exclusions.group_by(key, maintain_order=True).agg(pl.len(), pl.col("source").head(3)).sort(key)
    return tuple(Reason(plan, rule, by, n, tuple(such)) for plan, rule, by, n, such in counts.iter_rows())


def _posting_rows(rows: pl.DataFrame) -> tuple[PostingRow, ...]:
    return tuple(posting_row(row, sign) for row, sign in zip(to_rows(Earning, rows), rows["sign"], strict=True))


def posting_row(row: Earning, sign: int) -> PostingRow:
    amount = Money(row.amount if sign > 0 else -row.amount, row.currency)
    return PostingRow(
        row.payee,
        row.plan,
        row.component,
        row.for_period,
        row.source,
        row.part,
        row.kind,
        _figure(row.basis, row.basis_unit),
        _figure(row.rate, row.rate_unit),
        amount,
        sign < 0,
    )


def _figure(value: Decimal, unit: str) -> str:
    """`1200 USD`, `0.05`, `5%`: without trailing zeros."""
    if unit == "%":
        return f"{plain_percent(value)}%"
    shown = format(value.normalize() + 0, "f")
    return f"{shown} {unit}" if unit else shown


def plain_percent(value: Decimal) -> str:
    return format((value * 100).normalize() + 0, "f")


def names_of(opened: Opened, snapshot: str) -> dict[str, str]:
    """Names of payees by id, the latest known, where the table has a column `name`."""
    digests = read_manifest(get_bytes(opened.objects, snapshot)) or {}
    if "payees" not in digests:
        return {}
    frame = get_table(opened.objects, "payees", digests["payees"])
    return dict(frame.select("@key", "name").iter_rows()) if "name" in frame.columns else {}
