"""A world closed month by month while people adjust, hold and release; whatever does not hold is told."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random

from compengine.actions.case_runs import Books, Closed, close, opening_of
from compengine.actions.computed import Computed, compute_all
from compengine.actions.pinned import posted_rows
from compengine.inputs.snapshot import Snapshot
from compengine.ledger.accounts import Account, Reason
from compengine.ledger.decided import released_of
from compengine.source.diagnostic import Failed
from compengine.values.decided import ADJUSTMENT, Adjustment, Decided, Hold
from compengine.values.exact import ZERO, exact
from compengine.values.frames import to_rows
from compengine.values.money import from_minor, minor_unit
from compengine.values.periods import DAY, NoWindow, Window
from compengine.values.rows import Payable
from properties.agreement import differences
from properties.conservation import lost
from properties.retroactive import changed
from properties.worlds import World

Sums = dict[tuple[str, str], Decimal]


def wrong(world: World) -> list[str]:
    """What does not hold in three periods; a period that both engines refuse is the last."""
    random = Random(f"by hand {world.seed}")
    books, rows, last = Books(), world.rows, None
    for period in world.periods(3):
        books.decided = _decided(world, books.decided, period, last, random)
        snapshot = world.snapshot(rows)
        before, standing = list(books.lines), books.standing
        try:
            closed = close(world.program, world.plan, snapshot, period.label, books)
        except Failed:
            opening, posted = opening_of(before), posted_rows(standing)
            return differences(world.program, snapshot, period, opening, posted, books.decided)
        found = [closed.differing] if closed.differing else []
        plain = _computed(world, snapshot, period, replace(books.decided, holds=()), closed, standing)
        found += lost(closed, before) + _paid_once(world, books, period) + _kept(closed, books.decided, last, plain)
        if found:
            return [f"{period.label}: {told}" for told in found]
        last, rows = closed, changed(rows, random)
    return []


def _decided(world: World, before: Decided, period: Window, last: Closed | None, random: Random) -> Decided:
    """Some more adjustments, some holds more, some of before released."""
    calendar = world.plan.calendar
    plans = [plan for plan in world.program.plans if plan.calendar.name == calendar.name]
    payees = sorted({row["id"] for row in world.rows["payees"]})
    made = list(before.adjustments)
    for _ in range(random.choice((0, 1, 2, 4))):
        plan = random.choice(plans)
        day = random.choice((period.start, period.end, period.end + DAY, period.start - DAY))
        try:
            label = calendar.window("period", day).label
        except NoWindow:
            label = period.label
        amount = exact(random.choice((-1, 1, 1)) * random.randint(1, 200_000) * minor_unit(plan.currency))
        name, code = f"A{len(made) + 1:04}", random.choice(("SPIF", "FIX-1"))
        made.append(Adjustment(name, random.choice(payees), plan.name, label, code, amount, plan.currency))
    holds = [hold for hold in before.holds if random.random() < 0.5]
    for _ in range(random.choice((0, 1, 2))):
        scope = _scope(last, payees, random)
        holds.append(Hold(f"H{random.randint(1, 9999):04}", *scope))
    released = released_of(last.computed.payables, last.period.end, holds) if last is not None else ()
    return Decided(tuple(made), tuple(holds), released)


def _scope(last: Closed | None, payees: list[str], random: Random) -> tuple[str, str, str, str]:
    """Around something that was due before, as wide as it comes; else a whole payee."""
    if last is None or last.computed.payables.is_empty():
        return random.choice(payees), "", "", ""
    part = random.choice(to_rows(Payable, last.computed.payables))
    source = part.source.replace("@", "/").split("/")[0]
    plan, component, source = (random.choice(("", name)) for name in (part.plan, part.component, source))
    return part.payee, plan, component, source


def _computed(
    world: World, snapshot: Snapshot, period: Window, decided: Decided, closed: Closed, standing: object
) -> Computed:
    """The same without holds; only its earnings and payables are looked at."""
    from compengine.engine.work import Standing

    assert standing is None or isinstance(standing, Standing)
    opening = opening_of(closed.lines)  # settlements are of no interest here
    return compute_all(world.program, snapshot, world.plan.calendar, period, opening, standing, decided)


def _paid_once(world: World, books: Books, period: Window) -> list[str]:
    """What the lines grant as adjustments is what was approved for the periods until now, held or not."""
    wanted: Sums = {}
    for one in books.decided.adjustments:
        if world.plan.calendar.period(one.for_period).end <= period.end:
            wanted[one.payee, one.plan] = wanted.get((one.payee, one.plan), ZERO) + one.amount
    granted: Sums = {}
    for line in books.lines:
        if (line.component, line.reason, line.account) == (ADJUSTMENT, Reason.EARNED, Account.HELD):
            key = (line.payee, line.plan)
            granted[key] = granted.get(key, ZERO) + from_minor(line.amount, line.currency)
    wanted, granted = ({k: v for k, v in sums.items() if v} for sums in (wanted, granted))
    return [] if wanted == granted else [f"granted by hand {granted}, not {wanted}"]


def _kept(closed: Closed, decided: Decided, last: Closed | None, plain: Computed) -> list[str]:
    """Holds change no earning and no amount; what they reach has no day unless it was released before; nothing else
    loses its day."""
    found = [] if closed.computed.earnings.equals(plain.earnings) else ["a hold changed what is earned"]
    parts, free = to_rows(Payable, closed.computed.payables), to_rows(Payable, plain.payables)
    if [replace(p, on=None) for p in parts] != [replace(p, on=None) for p in free]:
        return [*found, "a hold changed more than the day of a part"]
    before = _released(last)
    for part, own in zip(parts, free, strict=True):
        held = _step(part) not in before and any(_reached(hold, part) for hold in decided.holds)
        if part.on != (None if held else own.on):
            found.append(f"{part} is payable {own.on} without holds, {decided.holds}")
    return found


def _step(part: Payable) -> tuple[str, str, str, str, int]:
    return part.payee, part.plan, part.component, part.source, part.step


def _released(last: Closed | None) -> set[tuple[str, str, str, str, int]]:
    parts: Sequence[Payable] = [] if last is None else to_rows(Payable, last.computed.payables)
    return {_step(p) for p in parts if last is not None and p.on is not None and p.on <= last.period.end}


def _reached(hold: Hold, part: Payable) -> bool:
    about = hold.source == "" or part.source.replace("@", "/").split("/")[0] == hold.source
    return (
        hold.payee == part.payee and about and hold.plan in ("", part.plan) and hold.component in ("", part.component)
    )
