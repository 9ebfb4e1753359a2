"""The rows that flow between the stages. Both engines produce exactly these.

Decimals are on the twelve-place grid (`values.exact`); money amounts of earnings, payables and settlements are on
their currency's minor grid as well. An empty text means "none". Ids sort by their UTF-8 bytes.

`source` is what a row of pay is about: for a rule per credit the credit's id (`D1`, or `D1/ana` where `each` took a
related row), for a rule per window the window's label (`2026-03`, `2026-Q1`).
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Credit:
    """Who is credited with what. Unique by (plan, stream, payee, source); totally ordered by (date, source, stream).

    `unit` is the currency of a money amount, empty for numbers. `original_amount`, `original_currency`, `fx_rate` and
    `fx_date` tell of a conversion and are zero, empty, zero and None without one; `fx_rate` is units of the plan
    currency for one of the original.
    """

    plan: str
    stream: str
    payee: str
    source: str
    date: datetime.date
    amount: Decimal
    unit: str
    share: Decimal
    level: int
    via: str
    original_amount: Decimal
    original_currency: str
    fx_rate: Decimal
    fx_date: datetime.date | None


@dataclass(frozen=True, slots=True)
class Posted:
    """What `late: current_period` compares with: the credits of the last posted run of each calendar.

    `ends`: the last day of the last posted period, by the name of the calendar; one of which nothing is posted is not
    in it. `credits`: those of the runs of these periods, of all plans of these calendars, in any order.
    """

    ends: Mapping[str, datetime.date]
    credits: Sequence[Credit]


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a payee on the plan at the end of a period. `quota` is zero where the measure has none."""

    plan: str
    measure: str
    payee: str
    period: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Earning:
    """One multiplication: `basis × rate = amount`, rounded.

    Unique by (plan, component, payee, source, part). `kind` says how the amount follows:

    - `rate`: basis × rate, where rate stands for a slice, a table row or an expression; `part` is the lower bound of
      the band or the key of the table row as the plan writes it, else `rate`
    - `flat`: a sum (`pay`); basis is the amount and rate 1; `part` is `pay`
    - `share`, `prize`: a part of a pool, a prize of a contest; as `flat`, `part` is `share`, or the place (`1`)
    - `multiplier`: the amount so far × (factor − 1); `part` is the multiplier's name
    - `minimum`, `cap`: what a limit adds or takes; basis is the amount before, rate 0; `part` is `minimum:SCOPE`,
      `cap:SCOPE`
    - `carried`: what a limit with `carry` took away earlier and this window has room for; basis is what was carried
      into the window, rate 0; `source` is the window of the limit and `part` is `carried:SCOPE`, with `by`
      `carried:SCOPE:VALUE`
    - `claw`: part of an original row taken back; basis is the original amount, rate the share of this step as a
      negative number; `part` is `claw:REVERSAL:PART`

    `date` is the credit's date, the window's last day, or the reversal's. `position_from` and `position_to` are
    where on a scale the slice lies, in the unit the bands are written in; None without a scale. They are evidence,
    not content: a posting compares all columns but these two.
    `paid` is false for figures that are computed and shown only.
    """

    plan: str
    component: str
    payee: str
    for_period: str
    date: datetime.date
    source: str
    part: str
    kind: str
    basis: Decimal
    basis_unit: str
    rate: Decimal
    rate_unit: str
    amount: Decimal
    currency: str
    paid: bool
    position_from: Decimal | None = None
    position_to: Decimal | None = None


EVIDENCE = ("position_from", "position_to")


@dataclass(frozen=True, slots=True)
class Payable:
    """When a part of one earning row becomes payable. The parts of a row add up to its amount.

    `on` is None where no date is known yet: the part is held. `step` counts the releases of a row from 0.
    """

    plan: str
    component: str
    payee: str
    for_period: str
    source: str
    part: str
    step: int
    on: datetime.date | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Something of a payee (or of nobody) that earned nothing, and the condition that decided it.

    `rule` is the stream or component; `by` the text of the condition, or a sentence.
    """

    plan: str
    rule: str
    source: str
    payee: str
    by: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What stood on an account of a payee before the open period; see `ledger.accounts`. Signed from their side."""

    payee: str
    plan: str
    account: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one payee's pay on one plan comes about in the open period, in the plan currency.

    `due` is everything released and not yet settled, corrections of earlier periods included; `brought` the amount
    that waited below the minimum. Then
    `payable = due + brought + draw + guarantee − recovered − carried_recovered + carried + collected + forgiven
    − waiting`, never negative. `draw`: paid as an advance and owed (`top-up` and `additive`); `guarantee`: a top-up
    that is not owed; `recovered`: taken against what is owed; `carried`: a negative result moved to the next period
    (`carry`); `carried_recovered`: taken now for such a negative of before; `collected`, `forgiven`: the other two
    fates of a negative result; `waiting`: below the minimum. `draw_forgiven` reduces what is owed without payment
    (`at_end`).
    `paid` is `payable` in `pay_currency`, at `fx_rate` units of it for one of the plan's, taken on `fx_date`.
    All of these are zero or positive, except `due`, which may be negative.
    """

    plan: str
    payee: str
    period: str
    currency: str
    due: Decimal
    brought: Decimal
    draw: Decimal
    guarantee: Decimal
    recovered: Decimal
    carried_recovered: Decimal
    carried: Decimal
    collected: Decimal
    forgiven: Decimal
    waiting: Decimal
    draw_forgiven: Decimal
    payable: Decimal
    pay_currency: str
    fx_rate: Decimal
    fx_date: datetime.date | None
    paid: Decimal
