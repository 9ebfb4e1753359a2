"""What stands on the accounts, and what has been earned for a period, posting by posting."""

from dataclasses import dataclass

from compengine.actions.figures import Money
from compengine.actions.opened import Opened
from compengine.actions.runs import is_period, the_summed_ledger
from compengine.ledger import queries
from compengine.ledger.accounts import Account, Reason
from compengine.ledger.queries import Which
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.money import from_minor


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """Signed from the payee's side; what stands on `expense` is the company's."""

    payee: str
    plan: str
    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class EarnedLine:
    """What was posted in `in_period` for `for_period`; negative where it was taken back."""

    payee: str
    plan: str
    component: str
    for_period: str
    in_period: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Balances:
    """`seq` and `head` are where the chain ended. `lines` are empty where a period was asked for, `earned` where none
    was; `totals` are by account, or of what was earned."""

    seq: int
    head: str
    lines: tuple[BalanceLine, ...]
    earned: tuple[EarnedLine, ...]
    totals: tuple[BalanceLine, ...]


def balances(opened: Opened, payee: str = "", for_period: str = "") -> Balances:
    """Of everybody or one payee. Raises `Failed`: E512 where nothing was ever posted for the payee; E704 where no
    calendar has the period; E606, E609."""
    store = the_summed_ledger(opened)
    if payee and not queries.entries(store, Which(payee=payee)):
        help = "compengine balances lists everybody"
        raise Failed([Diagnostic("E512", f"nothing was posted for {payee}", Place(table="payees", row=payee), help)])
    if for_period and not is_period(opened, for_period):
        help = "compengine runs lists runs by their periods"
        raise Failed([Diagnostic("E704", f"{for_period} is no period of a calendar here", help=help)])
    head = queries.head(store)
    whose = payee or None
    if not for_period:
        which = Which(payee=whose)
        lines = [
            BalanceLine(name, plan, account, Money(from_minor(minor, currency), currency))
            for name, plan, account, currency, minor in queries.balances(store, which=which).iter_rows()
        ]
        sums = [
            BalanceLine("", "", account, Money(from_minor(minor, currency), currency))
            for account, currency, minor in queries.balances(store, ("account", "currency"), which).iter_rows()
        ]
        return Balances(head.seq, head.hash, tuple(lines), (), tuple(sums))
    which = Which(payee=whose, for_period=for_period, account=Account.HELD, reason=Reason.EARNED)
    by = ("payee", "plan", "component", "for_period", "in_period", "currency")
    earned = [
        EarnedLine(name, plan, component, for_period, in_period, Money(from_minor(minor, currency), currency))
        for name, plan, component, _, in_period, currency, minor in queries.balances(store, by, which).iter_rows()
    ]
    sums = [
        BalanceLine("", "", "earned", Money(from_minor(minor, currency), currency))
        for currency, minor in queries.balances(store, ("currency",), which).iter_rows()
    ]
    return Balances(head.seq, head.hash, (), tuple(earned), tuple(sums))
