"""A world closed period by period, with what comes to light in between; whatever does not hold is told."""

from dataclasses import fields
from random import Random

import polars as pl

from compengine.actions.case_runs import Books, Closed, close, opening_of
from compengine.actions.computed import Computed, compute_all
from compengine.actions.pinned import posted_rows
from compengine.inputs.snapshot import Snapshot
from compengine.ledger.posting import POSTED_EARNING, difference, fold
from compengine.source.diagnostic import Failed
from compengine.values.periods import Window
from properties.agreement import differences
from properties.companies import Rows
from properties.conservation import lost
from properties.retroactive import changed
from properties.worlds import World


def wrong(world: World, closings: int = 0) -> list[str]:
    """What does not hold in one to three periods of a world; a period that both engines refuse is its last."""
    random = Random(f"changes {world.seed}")
    books, rows = Books(), world.rows
    for period in world.periods(closings or random.choice((1, 1, 2, 2, 3))):
        snapshot = world.snapshot(rows)
        before, standing = list(books.lines), books.standing
        try:
            closed = close(world.program, world.plan, snapshot, period.label, books)
        except Failed as failure:
            if any(d.code == "E609" for d in failure.diagnostics):
                return [str(d.message) for d in failure.diagnostics]
            return differences(world.program, snapshot, period, opening_of(before), posted_rows(standing))
        found = [closed.differing] if closed.differing else []
        found += lost(closed, before) + _posted_again(closed, books)
        if found:
            return [f"{period.label}: {told}" for told in found]
        rows = changed(rows, random)
    return []


def _posted_again(closed: Closed, books: Books) -> list[str]:
    """A run against its own posting has nothing to post."""
    live = fold(pl.concat([POSTED_EARNING.to_frame(), *books.posted]))
    again = difference(closed.computed.earnings, live, closed.period.label)
    return [] if again.is_empty() else [f"posted again, {len(again)} rows are posted: {again.row(0)}"]


def in_any_order(world: World) -> list[str]:
    """The same rows, mixed and loaded in parts with amendments, are the same snapshot and the same run."""
    random = Random(f"order {world.seed}")
    period = world.periods(1)[0]
    one, other = world.snapshot(world.rows), world.snapshot(_in_parts(world.rows, random))
    if one.digest != other.digest:
        return ["the rows in another order are another snapshot"]
    ran = [_run(world, snapshot, period) for snapshot in (one, other)]
    if isinstance(ran[0], str) or isinstance(ran[1], str):
        return [] if ran[0] == ran[1] else [f"{ran[0]}, {ran[1]}"]
    names = [field.name for field in fields(Computed)]
    return [f"the {name} differ" for name in names if not getattr(ran[0], name).equals(getattr(ran[1], name))]


def _run(world: World, snapshot: Snapshot, period: Window) -> Computed | str:
    try:
        return compute_all(world.program, snapshot, world.plan.calendar, period, ())
    except Failed as failure:
        return " ".join(sorted(d.code for d in failure.diagnostics))


def _in_parts(rows: Rows, random: Random) -> Rows:
    """Each table mixed; some rows come twice, and some were other rows before they were amended."""
    found: Rows = {}
    for table, listed in rows.items():
        latest = [{**row, "revision": 1} for row in listed]
        column, value = AMENDED[table]
        stale = [{**row, column: value, "revision": 0} for row in listed if random.random() < 0.3]
        again = [row for row in latest if random.random() < 0.2]
        found[table] = [*latest, *stale, *again]
        random.shuffle(found[table])
    return found


AMENDED = {
    "deals": ("acv", "123"), "payments": ("part", "3%"), "refunds": ("part", "7%"), "splits": ("percent", "50%"),
    "fx": ("rate", "9"), "rates": ("percent", "99%"), "rules": ("percent", "77%"), "payees": ("weight", "7"),
    "quotas": ("amount", "7"), "customers": ("since", "2020-05-05"),
}  # fmt: skip
"""What another value once stood in, by table."""
