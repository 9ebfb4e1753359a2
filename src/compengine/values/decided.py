"""What people decide by hand and a run takes in: approved adjustments, and holds that are in force."""

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

ADJUSTMENT = "adjustment"
"""The component and the kind of an adjustment's row of pay; no plan may call a component so."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An approved amount, in the plan's currency and on its minor grid; negative takes back. It makes one earning:
    `source` is `id`, `part` is `code`, dated on the last day of `for_period`."""

    id: str
    payee: str
    plan: str
    for_period: str
    code: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Hold:
    """What of a payee is not to be released. An empty plan, component or source means all of them; a source stands for
    what hangs on it as well (`D1` for `D1/ana` and `D1@2026-03`)."""

    id: str
    payee: str
    plan: str = ""
    component: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """A release (`values.rows.Payable.step`) of a source that the last posted run has released: no hold reaches it, and
    corrections of it go on."""

    payee: str
    plan: str
    component: str
    source: str
    step: int


@dataclass(frozen=True, slots=True)
class Decided:
    """Of one calendar. `released` are those that lie in the scope of a hold, without doubles."""

    adjustments: tuple[Adjustment, ...] = ()
    holds: tuple[Hold, ...] = ()
    released: Collection[Released] = field(default=())


NOTHING = Decided()


def covers(hold: Hold, payee: str, plan: str, component: str, source: str) -> bool:
    """Whether something lies in the scope of a hold."""
    return (
        payee == hold.payee
        and hold.plan in ("", plan)
        and hold.component in ("", component)
        and (hold.source in ("", source) or source.startswith((f"{hold.source}/", f"{hold.source}@")))
    )
