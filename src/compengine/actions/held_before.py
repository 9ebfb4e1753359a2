"""What was held after the posting before a run, part by part, for the statements that release it."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from compengine.actions.numbering import ORIGIN, with_holders
from compengine.actions.opened import Opened
from compengine.actions.pinned import pinned_decided
from compengine.ledger import queries
from compengine.ledger.queries import Posting
from compengine.ledger.rowfiles import PAYABLES, fetch
from compengine.ledger.runs import Run
from compengine.ledger.store.database import Store
from compengine.statement.facts import PartBefore
from compengine.values.decided import Hold
from compengine.values.exact import ZERO
from compengine.values.frames import to_rows
from compengine.values.rows import Payable

_SUBJECT = ["payee", "plan", "component", "source"]


@dataclass(frozen=True, slots=True)
class HeldBefore:
    """By payee: the parts of every source, by component, of which something was held; and holds that are over."""

    parts: Mapping[str, list[PartBefore]]
    lifted: Mapping[str, list[Hold]]


def held_before(opened: Opened, store: Store, run: Run, last: Posting | None) -> HeldBefore:
    """`last` is the calendar's posting before the run. Raises `Failed`: E609."""
    if last is None:
        return HeldBefore({}, {})
    record = queries.run(store, last.run).record
    payables = fetch(opened.objects, PAYABLES, record.payables).filter(pl.col("amount") != ZERO)
    payables = payables.with_columns(held=pl.col("on").is_null() | (pl.col("on") > record.period.end))
    asked = payables.join(payables.filter("held").select(_SUBJECT), on=_SUBJECT, how="semi", maintain_order="left")
    told = with_holders(opened, store, last, asked)
    parts: dict[str, list[PartBefore]] = {}
    for part, held, number in zip(to_rows(Payable, told), told["held"].to_list(), told[ORIGIN].to_list(), strict=True):
        parts.setdefault(part.payee, []).append(PartBefore(part, held, number))
    still = {hold.id for hold in pinned_decided(opened.objects, run.record).holds}
    lifted: dict[str, list[Hold]] = {}
    for hold in pinned_decided(opened.objects, record).holds:
        if hold.id not in still:
            lifted.setdefault(hold.payee, []).append(hold)
    return HeldBefore(parts, lifted)
