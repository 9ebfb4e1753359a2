"""What must hold of every closed period, whatever the plan: each cent earned is somewhere, none comes of nothing."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from compengine.actions.case_runs import Closed, opening_of
from compengine.ledger.accounts import Account, Reason
from compengine.ledger.entries import Line
from compengine.values.exact import ZERO
from compengine.values.frames import to_rows
from compengine.values.money import from_minor
from compengine.values.rows import Balance, Earning, Payable, Settlement

Place = tuple[str, str, str]
"""Payee, plan, currency."""
Sums = dict[Place, Decimal]


def lost(closed: Closed, before: Sequence[Line]) -> list[str]:
    """Every equation that does not hold; `before` are the lines of the periods before."""
    earnings = to_rows(Earning, closed.computed.earnings)
    payables = to_rows(Payable, closed.computed.payables)
    settlements = to_rows(Settlement, closed.computed.settlements)
    ours = [line for line in closed.lines if line.plan in {plan.name for plan in closed.plans}]
    return [
        *_rows_are_paid_in_parts(earnings, payables),
        *_accounts(closed, ours, earnings, payables),
        *[told for row in settlements for told in _settled(row)],
        *_balances(opening_of(before), opening_of(closed.lines), settlements),
        *_paid(closed, settlements),
        *_never_more_taken_back_than_released(earnings, payables),
    ]


def _rows_are_paid_in_parts(earnings: list[Earning], payables: list[Payable]) -> list[str]:
    """The parts of each paid row add up to its amount; what is only shown has none."""
    due: dict[tuple[str, ...], Decimal] = {}
    for part in payables:
        key = (part.plan, part.component, part.payee, part.source, part.part)
        due[key] = due.get(key, ZERO) + part.amount
    found = []
    for row in earnings:
        key = (row.plan, row.component, row.payee, row.source, row.part)
        owed = row.amount if row.paid else ZERO
        if due.pop(key, ZERO) != owed:
            found.append(f"the parts of {' '.join(key)} are not {owed}")
    return found + [f"paid without being earned: {' '.join(key)}" for key in due]


def _accounts(closed: Closed, lines: list[Line], earnings: list[Earning], payables: list[Payable]) -> list[str]:
    """Lines sum to zero; what is granted is what is earned; what is held is what has no day yet, or a later one."""
    last = closed.period.end
    earned = _sums((r.payee, r.plan, r.currency, r.amount) for r in earnings if r.paid)
    held = _sums((p.payee, p.plan, p.currency, p.amount) for p in payables if p.on is None or p.on > last)
    released = _sums((p.payee, p.plan, p.currency, p.amount) for p in payables if p.on is not None and p.on <= last)
    granted = _of_lines(line for line in lines if _is(line, Account.EXPENSE, Reason.EARNED))
    return [
        *_unbalanced(lines),
        *_differing("granted", {place: -amount for place, amount in granted.items()}, earned),
        *_differing("held", _of_lines(line for line in lines if line.account == Account.HELD), held),
        *_differing("released", _of_lines(x for x in lines if _is(x, Account.PAYABLE, Reason.RELEASED)), released),
    ]


def _is(line: Line, account: Account, reason: Reason) -> bool:
    return line.account == account and line.reason == reason


def _settled(row: Settlement) -> list[str]:
    """The sentence about a settlement's columns, and that none of them but `due` is negative."""
    payable = (
        row.due + row.brought + row.draw + row.guarantee - row.recovered - row.carried_recovered
        + row.carried + row.collected + row.forgiven - row.waiting
    )  # fmt: skip
    columns = [
        "brought", "draw", "guarantee", "recovered", "carried_recovered", "carried", "collected", "forgiven",
        "waiting", "draw_forgiven", "payable", "paid",
    ]  # fmt: skip
    below = [name for name in columns if getattr(row, name) < 0]
    found = [f"{name} of {row.payee} is negative" for name in below]
    return found if payable == row.payable else [*found, f"{row.payee} is paid {row.payable}, not {payable}"]


def _balances(before: Iterable[Balance], after: Iterable[Balance], settlements: list[Settlement]) -> list[str]:
    """Opening + movements = closing, account by account."""
    moved = {
        "owed": [(s, s.recovered + s.draw_forgiven - s.draw) for s in settlements],
        "carried": [(s, s.carried_recovered - s.carried) for s in settlements],
        "waiting": [(s, s.waiting - s.brought) for s in settlements],
        "released": [(s, s.due) for s in settlements],
    }
    opened, closed = list(before), list(after)
    found = []
    for account, moves in moved.items():
        expected = _sums(
            [(b.payee, b.plan, b.currency, b.amount) for b in opened if b.account == account]
            + [(s.payee, s.plan, s.currency, amount) for s, amount in moves]
        )
        stands = _sums((b.payee, b.plan, b.currency, b.amount) for b in closed if b.account == account)
        found += _differing(account, stands, expected)
    return found


def _paid(closed: Closed, settlements: list[Settlement]) -> list[str]:
    """What is paid out is what the settlements pay, in the currency of payment."""
    paid = _of_lines(line for line in closed.paid if line.account == Account.PAID)
    return _differing("paid", paid, _sums((s.payee, s.plan, s.pay_currency, s.paid) for s in settlements))


def _never_more_taken_back_than_released(earnings: list[Earning], payables: list[Payable]) -> list[str]:
    """At any day what is released of a row and of what takes it back is not below zero (above, of a negative row)."""
    whole = {(r.plan, r.component, r.payee, r.source, r.part): r for r in earnings if r.kind != "claw"}
    dated: dict[tuple[str, str, str, str, str], list[Payable]] = {}
    for part in payables:
        origin = part.part.split(":", 2)[2] if part.part.startswith("claw:") else part.part
        key = (part.plan, part.component, part.payee, part.source, origin)
        if part.on is not None:
            dated.setdefault(key, []).append(part)
    found = []
    for whose, parts in dated.items():
        if not any(part.part.startswith("claw:") for part in parts):
            continue
        sign = 1 if whole[whose].amount > 0 else -1
        for day in sorted({part.on for part in parts if part.on is not None}):
            standing = sum((p.amount for p in parts if p.on is not None and p.on <= day), ZERO)
            if standing * sign < 0:
                found.append(f"{standing} of {' '.join(whose)} stand released on {day}")
    return found


def _sums(rows: Iterable[tuple[str, str, str, Decimal]]) -> Sums:
    found: Sums = {}
    for payee, plan, currency, amount in rows:
        found[payee, plan, currency] = found.get((payee, plan, currency), ZERO) + amount
    return {place: amount for place, amount in found.items() if amount}


def _of_lines(lines: Iterable[Line]) -> Sums:
    return _sums((line.payee, line.plan, line.currency, from_minor(line.amount, line.currency)) for line in lines)


def _unbalanced(lines: Iterable[Line]) -> list[str]:
    return [f"all accounts of {' '.join(place)} come to {amount}" for place, amount in _of_lines(lines).items()]


def _differing(what: str, ours: Sums, theirs: Sums) -> list[str]:
    places = {*ours, *theirs}
    return [
        f"{what}: {' '.join(place)} has {ours.get(place, ZERO)}, not {theirs.get(place, ZERO)}"
        for place in sorted(places)
        if ours.get(place, ZERO) != theirs.get(place, ZERO)
    ]
