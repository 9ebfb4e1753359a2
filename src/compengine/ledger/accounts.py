"""The accounts of the ledger and the moves between them.

Every account is signed from the payee's side: a positive balance is good for the payee. Each move takes an amount
from one account and puts it on another, so every posting sums to zero in every currency.

| account      | holds |
| ------------ | ----- |
| `expense`    | the company's side; minus what it has granted |
| `held`       | earned, not released yet |
| `payable`    | released and settled, not paid yet |
| `paid`       | paid out |
| `owed`       | draws; negative is what the payee owes |
| `carried`    | negative results moved to a later period; negative |
| `waiting`    | below the minimum, waits for the next period |
| `receivable` | negative results to be collected from the payee; negative |
| `exchange`   | between the plan's currency and the currency of payment |
"""

from dataclasses import dataclass
from enum import StrEnum


class Account(StrEnum):
    EXPENSE = "expense"
    HELD = "held"
    PAYABLE = "payable"
    PAID = "paid"
    OWED = "owed"
    CARRIED = "carried"
    WAITING = "waiting"
    RECEIVABLE = "receivable"
    EXCHANGE = "exchange"


class Reason(StrEnum):
    EARNED = "earned"
    RELEASED = "released"
    DRAW = "draw"
    GUARANTEE = "guarantee"
    RECOVERED = "recovered"
    CARRIED = "carried"
    CARRIED_RECOVERED = "carried_recovered"
    COLLECTED = "collected"
    FORGIVEN = "forgiven"
    WAITING = "waiting"
    BROUGHT = "brought"
    DRAW_FORGIVEN = "draw_forgiven"
    PAYMENT = "payment"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Move:
    """An amount under `reason` lowers `source` and raises `target`."""

    reason: Reason
    source: Account
    target: Account


EARN = Move(Reason.EARNED, Account.EXPENSE, Account.HELD)
RELEASE = Move(Reason.RELEASED, Account.HELD, Account.PAYABLE)
PAY = Move(Reason.PAYMENT, Account.PAYABLE, Account.PAID)
PAY_AWAY = Move(Reason.EXCHANGE, Account.PAYABLE, Account.EXCHANGE)
"""The plan currency's half of a payment in another currency."""
PAY_ABROAD = Move(Reason.PAYMENT, Account.EXCHANGE, Account.PAID)
"""Its other half, in the currency of payment."""

SETTLE = (
    Move(Reason.DRAW, Account.OWED, Account.PAYABLE),
    Move(Reason.GUARANTEE, Account.EXPENSE, Account.PAYABLE),
    Move(Reason.RECOVERED, Account.PAYABLE, Account.OWED),
    Move(Reason.CARRIED, Account.CARRIED, Account.PAYABLE),
    Move(Reason.CARRIED_RECOVERED, Account.PAYABLE, Account.CARRIED),
    Move(Reason.COLLECTED, Account.RECEIVABLE, Account.PAYABLE),
    Move(Reason.FORGIVEN, Account.EXPENSE, Account.PAYABLE),
    Move(Reason.WAITING, Account.PAYABLE, Account.WAITING),
    Move(Reason.BROUGHT, Account.WAITING, Account.PAYABLE),
    Move(Reason.DRAW_FORGIVEN, Account.EXPENSE, Account.OWED),
)
"""One move per column of `Settlement` that moves money; the reason is the column's name."""

OPENING = (Account.OWED, Account.CARRIED, Account.WAITING)
"""Accounts whose balances the settlement of the next period starts from."""
RELEASED = "released"
"""The pseudo account of an opening: all that ever reached `payable` by release."""
