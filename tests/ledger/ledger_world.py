"""A small company for ledger tests: earnings made by hand, settled in the plainest way, kept in a folder."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from compengine.inputs.objects import Store as Objects
from compengine.ledger import book, queries
from compengine.ledger.accounts import SETTLE
from compengine.ledger.leaves import EARNINGS, entitlement_root
from compengine.ledger.register import begin, step
from compengine.ledger.rowfiles import PAYABLES, SETTLEMENTS, keep
from compengine.ledger.runs import RunRecord, approve, finalize, record_run, submit
from compengine.ledger.store.database import Store, open_store
from compengine.values.exact import ZERO, exact
from compengine.values.frames import to_frame
from compengine.values.money import to_minor
from compengine.values.periods import Calendar, Kind, Window
from compengine.values.rows import Earning, Payable, Settlement

MONTHS = Calendar("monthly", Kind.MONTHS, date(2026, 1, 1))
NOW = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
SECRET = bytes(range(32))
FIVE_DOLLARS = {"amount": "5", "currency": "USD", "for_period": "2026-01", "code": "TEST"}
"""What an adjustment is about."""


def month(label: str) -> Window:
    return MONTHS.period(label)


def earning(
    payee: str,
    source: str,
    part: str,
    basis: str,
    rate: str,
    period: str,
    *,
    plan: str = "sales",
    component: str = "commission",
    currency: str = "USD",
    paid: bool = True,
    at: str = "0",
) -> Earning:
    """Amount is basis × rate, which the tests choose to fall on the minor grid."""
    return Earning(
        plan,
        component,
        payee,
        period,
        month(period).start,
        source,
        part,
        "rate",
        exact(basis),
        currency,
        exact(rate),
        "",
        exact(exact(basis) * exact(rate)),
        currency,
        paid,
        exact(at),
        exact(at) + exact(basis),
    )


_A = earning("ana", "A", "0%", "60000", "0.05", "2026-01")
MARCH_ROWS = (
    [_A],
    [
        _A,
        earning("ana", "B", "0%", "40000", "0.05", "2026-02", at="60000"),
        earning("ana", "B", "100%", "20000", "0.10", "2026-02", at="100000"),
    ],
    [
        _A,
        earning("ana", "L", "0%", "20000", "0.05", "2026-01", at="60000"),
        earning("ana", "B", "0%", "20000", "0.05", "2026-02", at="80000"),
        earning("ana", "B", "100%", "40000", "0.10", "2026-02", at="100000"),
    ],
)
"""What is earned as known in January, February and March, when a deal of January arrives: the design's example."""


def released_at_once(earnings: Iterable[Earning]) -> list[Payable]:
    return [
        Payable(
            e.plan,
            e.component,
            e.payee,
            e.for_period,
            e.source,
            e.part,
            0,
            month(e.for_period).end,
            e.amount,
            e.currency,
        )
        for e in earnings
        if e.paid
    ]


def settlement(
    payee: str, period: str, due: Decimal, *, plan: str = "sales", currency: str = "USD", **parts: str
) -> Settlement:
    """What is not said in `parts` is zero; `payable` follows."""
    names = [move.reason.value for move in SETTLE]
    values = {name: exact(parts.get(name, "0")) for name in names}
    pluses = sum((values[n] for n in ("brought", "draw", "guarantee", "carried", "collected", "forgiven")), due)
    payable = pluses - values["recovered"] - values["carried_recovered"] - values["waiting"]
    pay_currency, rate = parts.get("pay_currency", currency), parts.get("fx_rate", "1")
    return Settlement(
        plan,
        payee,
        period,
        currency,
        exact(due),
        **values,
        payable=exact(payable),
        pay_currency=pay_currency,
        fx_rate=exact(rate),
        fx_date=None,
        paid=exact(parts.get("paid", str(payable))),
    )


def settled_plainly(payables: Iterable[Payable], balances: Iterable[object], period: Window) -> list[Settlement]:
    """Negative results are carried, and carried ones are taken from the next positive result."""
    due: dict[tuple[str, str, str], Decimal] = {}
    for p in payables:
        if p.on is not None and p.on <= period.end:
            key = (p.payee, p.plan, p.currency)
            due[key] = due.get(key, ZERO) + p.amount
    carried: dict[tuple[str, str, str], Decimal] = {}
    for b in balances:
        key = (b.payee, b.plan, b.currency)  # type: ignore[attr-defined]
        if b.account == "released":  # type: ignore[attr-defined]
            due[key] = due.get(key, ZERO) - b.amount  # type: ignore[attr-defined]
        if b.account == "carried":  # type: ignore[attr-defined]
            carried[key] = -b.amount  # type: ignore[attr-defined]
    made = []
    for key in sorted(due.keys() | carried.keys()):
        amount, before = due.get(key, ZERO), carried.get(key, ZERO)
        take = min(max(amount, ZERO), before)
        parts = {"carried": str(max(-amount, ZERO)), "carried_recovered": str(take)}
        made.append(settlement(key[0], period.label, amount, plan=key[1], currency=key[2], **parts))
    return made


@dataclass
class World:
    store: Store
    objects: Objects

    def calculate(
        self,
        period: str,
        earnings: list[Earning],
        payables: list[Payable] | None = None,
        settlements: list[Settlement] | None = None,
        calendar: str = "monthly",
    ) -> RunRecord:
        window = month(period)
        opening = queries.read_opening(self.store, calendar)
        payables = released_at_once(earnings) if payables is None else payables
        if settlements is None:
            settlements = settled_plainly(payables, opening.balances, window)
        totals: dict[str, int] = {}
        for s in settlements:
            totals[s.currency] = totals.get(s.currency, 0) + to_minor(s.payable, s.currency)
        frame = to_frame(Earning, earnings)
        nothing = "d" * 64
        return RunRecord(
            calendar=calendar,
            period=window,
            engine="0.1.0",
            plans=(("sales", "a" * 64),),
            workspace="b" * 64,
            snapshot="c" * 64,
            opening=opening.digest,
            posted="",
            earnings=keep(self.objects, EARNINGS, frame),
            payables=keep(self.objects, PAYABLES, to_frame(Payable, payables)),
            settlements=keep(self.objects, SETTLEMENTS, to_frame(Settlement, settlements)),
            credits=nothing,
            measures=nothing,
            exclusions=nothing,
            entitlement=entitlement_root(frame),
            totals=tuple(sorted(totals.items())),
        )

    def approved(self, record: RunRecord) -> str:
        run = submit(self.store, record_run(self.store, record, "ann", NOW).id, "ann", NOW)
        return approve(self.store, run.id, "bob", NOW).id

    def post(
        self,
        period: str,
        earnings: list[Earning],
        payables: list[Payable] | None = None,
        settlements: list[Settlement] | None = None,
        calendar: str = "monthly",
    ) -> queries.Posting:
        run = self.approved(self.calculate(period, earnings, payables, settlements, calendar))
        return book.post(self.store, self.objects, run, "ann", NOW, SECRET)

    def final(self, run: str) -> str:
        """A posted run, ready to be paid."""
        return finalize(self.store, run, "bob", NOW).id


def new_world(folder: Path, wait_ms: int = 5000) -> World:
    folder.mkdir(parents=True, exist_ok=True)
    return World(open_store(folder / "ledger.db", wait_ms), Objects(folder / "objects"))


def three_months(world: World) -> World:
    """Posted and paid, with an approved adjustment in the register."""
    wrong = begin(world.store, "adjustment", ("monthly", "ann", "sales"), FIVE_DOLLARS, "a test", "ann", NOW)
    step(world.store, wrong.id, "approved", "seen", "bob", NOW)
    for period, rows in zip(("2026-01", "2026-02", "2026-03"), MARCH_ROWS, strict=True):
        posted = world.post(period, rows)
        book.pay(world.store, world.objects, world.final(posted.run), "cat", NOW, document="e" * 64)
    return world
