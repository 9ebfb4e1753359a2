"""What of the register goes into a run: approved adjustments and holds in force, kept by content like all its inputs.

A run's opening names it (`queries.Opening`). So whatever is decided after a run was calculated is not in it, and the
run can no longer be posted: what is approved is what was shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from compengine.ledger.chain import canonical, texts
from compengine.ledger.register import Record
from compengine.values.decided import Adjustment, Hold, Released, covers
from compengine.values.exact import exact
from compengine.values.frames import schema

DOMAIN = b"compengine-decided-v1\0"


@dataclass(frozen=True, slots=True)
class Taken:
    """An approved adjustment, and the digest of its attachment, empty without one."""

    adjustment: Adjustment
    attachment: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """What stands decided in one calendar. `payables` is the digest of what the last posted run made payable, and
    `end` the last day of its period: from them follows what no hold reaches; both empty without holds or posting."""

    taken: tuple[Taken, ...] = ()
    holds: tuple[Hold, ...] = ()
    payables: str = ""
    end: str = ""

    @property
    def content(self) -> bytes:
        """The bytes of the object that says it; none where nothing is decided."""
        if not self.taken and not self.holds:
            return b""
        values = [str(len(self.taken)), self.payables, self.end]
        for one in self.taken:
            a = one.adjustment
            values += [a.id, a.payee, a.plan, a.for_period, a.code, format(a.amount.normalize(), "f"), a.currency]
            values.append(one.attachment)
        for h in self.holds:
            values += [h.id, h.payee, h.plan, h.component, h.source]
        return DOMAIN + canonical(values)


def by_hand(records: Iterable[Record], calendar: str, payables: str, end: str) -> ByHand:
    """Of the records of one calendar, and of those of all (an empty one), in the order of their beginning; raises
    `ValueError` for a body that is none."""
    mine = [record for record in records if record.steps[0].calendar in ("", calendar)]
    taken = tuple(_taken(r) for r in mine if (r.kind, r.state) == ("adjustment", "approved"))
    holds = tuple(hold_of(r) for r in mine if (r.kind, r.state) == ("hold", "placed"))
    return ByHand(taken, holds, payables if holds else "", end if holds else "")


def _taken(record: Record) -> Taken:
    first, body = record.steps[0], record.body
    try:
        amount, currency = exact(body["amount"]), body["currency"]
        named = Adjustment(record.id, first.payee, first.plan, body["for_period"], body["code"], amount, currency)
    except (KeyError, ArithmeticError) as error:
        raise ValueError(f"{record.kind} {record.id} does not say what it is about: {error!r}") from error
    return Taken(named, body.get("attachment", ""))


def hold_of(record: Record) -> Hold:
    first, body = record.steps[0], record.body
    return Hold(record.id, first.payee, first.plan, body.get("component", ""), body.get("source", ""))


def released_of(payables: pl.DataFrame, end: date, holds: Sequence[Hold]) -> tuple[Released, ...]:
    """What these payables released until the end of a period, in the scope of these holds."""
    payees = {hold.payee for hold in holds}
    due = payables.filter(pl.col("payee").is_in(payees) & (pl.col("on") <= end)).select(list(schema(Released)))
    found = (Released(*row) for row in due.unique().sort(pl.all()).iter_rows())
    return tuple(r for r in found if any(covers(hold, r.payee, r.plan, r.component, r.source) for hold in holds))


def as_of(records: Iterable[Record], seq: int) -> list[Record]:
    """The records as they stood before that row of the chain."""
    cut = [replace(record, steps=tuple(s for s in record.steps if s.seq < seq)) for record in records]
    return [record for record in cut if record.steps]


def read_by_hand(stored: bytes) -> ByHand:
    """From its content; raises `ValueError` for anything else."""
    if not stored.startswith(DOMAIN):
        raise ValueError("an object that should say what was decided by hand says something else")
    values = texts(stored.removeprefix(DOMAIN))
    count, payables, end, rest = int(values[0]), values[1], values[2], values[3:]
    taken = [rest[at : at + 8] for at in range(0, 8 * count, 8)]
    holds = [rest[at : at + 5] for at in range(8 * count, len(rest), 5)]
    return ByHand(
        tuple(
            Taken(Adjustment(id, payee, plan, period, code, exact(amount), currency), attachment)
            for id, payee, plan, period, code, amount, currency, attachment in taken
        ),
        tuple(Hold(*row) for row in holds),
        payables,
        end,
    )
