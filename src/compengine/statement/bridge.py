"""The way from earned to payable, and the balances on the way. Formulas are those of `values.rows.Settlement`."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from compengine.plan.typed import Draw
from compengine.statement import figures
from compengine.statement.decision import Adjusted
from compengine.statement.facts import Facts
from compengine.statement.holding import held_moves
from compengine.statement.language import Language, counted, language, say
from compengine.statement.pages import Plans, plan_name
from compengine.statement.view import (
    Account,
    Bridge,
    BridgeLine,
    Changes,
    Clawback,
    Component,
    Conversion,
    Correction,
    Figure,
    total,
)
from compengine.values.rows import Settlement

ZERO = Decimal(0)
HELD, OWED, CARRIED, WAITING = "held", "owed", "carried", "waiting"
RECEIVABLE, PAYABLE, PAID = "receivable", "payable", "paid"
LABELS = {
    HELD: "held",
    OWED: "account.owed",
    CARRIED: "account.carried",
    WAITING: "account.waiting",
    RECEIVABLE: "account.receivable",
    PAYABLE: "payable",
    PAID: "account.paid",
}
"""The account's name in the catalogue."""

STEPS: tuple[tuple[str, Callable[[Settlement], Decimal]], ...] = (
    ("brought", lambda s: s.brought),
    ("draw", lambda s: s.draw),
    ("guarantee", lambda s: s.guarantee),
    ("recovered", lambda s: -s.recovered),
    ("carried_recovered", lambda s: -s.carried_recovered),
    ("carried", lambda s: s.carried),
    ("collected", lambda s: s.collected),
    ("forgiven", lambda s: s.forgiven),
    ("waiting", lambda s: -s.waiting),
)
"""What settlement does, and with which sign; the words are `step.…` of the catalogue."""


def bridges(
    facts: Facts,
    plans: Plans,
    components: Sequence[Component],
    corrections: Sequence[Changes | Correction],
    clawbacks: Sequence[Clawback],
    adjustments: Sequence[Adjusted],
) -> tuple[Bridge, ...]:
    """One per plan currency, its plans together."""
    currencies = tuple(dict.fromkeys(plans.current(name).plan.currency for name in plans.names()))
    beside = (corrections, clawbacks, adjustments)
    return tuple(_bridge(facts, plans, currency, components, beside) for currency in currencies)


def _bridge(
    facts: Facts,
    plans: Plans,
    currency: str,
    components: Sequence[Component],
    beside: tuple[Sequence[Changes | Correction], Sequence[Clawback], Sequence[Adjusted]],
) -> Bridge:
    """`beside` the components: corrections, clawbacks, adjustments."""
    corrections, clawbacks, adjustments = beside
    words = language(facts.locale)
    names = [n for n in plans.names() if plans.current(n).plan.currency == currency]
    several = len(names) > 1
    lines = [
        BridgeLine(f"component:{c.plan}.{c.name}", c.title, c.subtotal, _beside(words, plans, c, several))
        for c in components
        if c.paid and c.plan in names
    ]
    earlier = [c for c in corrections if c.paid and c.plan in names]
    taken = [c for c in clawbacks if c.paid and c.plan in names]
    if earlier:
        periods = tuple(figures.period(words, label) for label in sorted({c.for_period for c in earlier}))
        few = len(periods) <= 3
        said = ", ".join(periods) if few else say(words, "range", first=periods[0], last=periods[-1])
        lines.append(BridgeLine("corrections", say(words, "corrections"), total([c.amount for c in earlier]), said))
    if taken:
        lines.append(BridgeLine("clawbacks", say(words, "clawbacks"), total([c.amount for c in taken])))
    if by_hand := [a for a in adjustments if a.plan in names]:
        said = ", ".join(dict.fromkeys(a.code for a in by_hand))
        lines.append(BridgeLine("adjustments", say(words, "adjustments"), total([a.amount for a in by_hand]), said))
    lines.append(BridgeLine("earned", say(words, "step.earned"), total([x.amount for x in lines]), total=True))
    lines += _settlement(facts, plans, names, currency, lines[-1].amount)
    settled = [s for s in facts.settlements if s.currency == currency]
    return Bridge(currency, tuple(lines), _conversions(settled))


def _conversions(settled: Sequence[Settlement]) -> tuple[Conversion, ...]:
    """None where all is paid in the plans' own currency; a plan that pays nothing in it needs no line."""
    if all(s.pay_currency == s.currency for s in settled):
        return ()
    return tuple(
        Conversion(
            plan=plan_name(s.plan),
            basis=Figure(s.payable, s.currency),
            paid=Figure(s.paid, s.pay_currency),
            fx=s.fx_rate if s.pay_currency != s.currency else None,
            fx_date=s.fx_date if s.pay_currency != s.currency else None,
        )
        for s in settled
        if s.payable or s.pay_currency != s.currency
    )


def _beside(words: Language, plans: Plans, component: Component, several: bool) -> str:
    """What stands beside a component in the bridge: its plan, where there are several, and how many deals made it."""
    plan = plans.current(component.plan).plan
    count = len(component.deals)
    said = component.note or say(words, "nothing")
    if count:
        said = counted(words, "count.lines", count)
    return f"{plan.title or plan.name}, {said}" if several else said


def _settlement(facts: Facts, plans: Plans, names: Sequence[str], currency: str, earned: Decimal) -> list[BridgeLine]:
    """From earned to payable; steps of nothing are left out, and so is a subtotal that nothing follows or precedes."""
    words = language(facts.locale)
    settled = [s for s in facts.settlements if s.currency == currency]
    moves = [m for m in held_moves(facts, plans) if m.plan in names]
    amounts = (
        ("withheld", total([-m.added for m in moves if m.added > 0])),
        ("unearned", total([-m.added for m in moves if m.added < 0])),
        ("released", total([m.released for m in moves])),
    )
    lines = [
        BridgeLine(key, say(words, f"step.{key}"), amount, say(words, f"step.{key}.note"))
        for key, amount in amounts
        if amount
    ]
    steps = [BridgeLine(key, say(words, f"step.{key}"), total([take(s) for s in settled])) for key, take in STEPS]
    steps = [step for step in steps if step.amount]
    if lines and steps:
        lines.append(BridgeLine("due", say(words, "step.due"), total([earned, *(x.amount for x in lines)]), total=True))
    lines += steps
    moved = total([x.amount for x in lines if not x.total])
    lines.append(BridgeLine("payable", say(words, "payable"), total([earned, moved]), total=True))
    return lines


# --- balances


def accounts(facts: Facts, plans: Plans) -> tuple[Account, ...]:
    """The balances of every plan that are or were not zero; `payable` and `paid` at the end."""
    made: list[Account] = []
    for name in plans.names():
        settled = [s for s in facts.settlements if plan_name(s.plan) == name]
        made += _accounts(facts, plans, name, settled)
    return tuple(a for a in made if _has_moved(facts, a))


def _has_moved(facts: Facts, account: Account) -> bool:
    ledger = balance(facts, account.plan, account.account, account.currency, closing=True)
    return bool(account.opening or account.movements or account.closing or ledger)


def _accounts(facts: Facts, plans: Plans, name: str, settled: Sequence[Settlement]) -> list[Account]:
    words = language(facts.locale)
    plan = plans.current(name).plan
    moves = [m for m in held_moves(facts, plans) if m.plan == name]
    paid_out = _paid_out(facts, name, plan.currency, total([s.payable for s in settled]))
    sums = {key: total([take(s) for s in settled]) for key, take in STEPS}
    abroad = any(s.pay_currency != s.currency for s in settled)
    draw_forgiven = total([s.draw_forgiven for s in settled])

    def account(which: str, *movements: tuple[str, Decimal], note: str = "") -> Account:
        opening = balance(facts, name, which, plan.currency)
        shown = tuple((say(words, f"move.{moved}"), amount) for moved, amount in movements if amount)
        label = say(words, LABELS[which])
        return Account(
            which, label, name, plan.currency, opening, shown, total([opening, *(a for _, a in shown)]), note
        )

    return [
        account(
            HELD,
            ("held", total([m.added for m in moves if m.added > 0])),
            ("unearned", total([m.added for m in moves if m.added < 0])),
            ("released", total([-m.released for m in moves])),
        ),
        account(
            OWED,
            ("advanced", -sums["draw"]),
            ("recovered", -sums["recovered"]),
            ("forgiven", draw_forgiven),
            note=_policy(words, plan.settle.draw),
        ),
        account(CARRIED, ("forward", -sums["carried"]), ("taken", -sums["carried_recovered"])),
        account(WAITING, ("waits", -sums["waiting"]), ("added", -sums["brought"])),
        account(RECEIVABLE, ("collected", -sums["collected"])),
        account(PAYABLE, ("statement", total([s.payable for s in settled])), ("paid", -paid_out)),
        *([] if abroad else [account(PAID, ("paid", paid_out))]),
    ]


def _paid_out(facts: Facts, plan: str, currency: str, payable: Decimal) -> Decimal:
    """What left `payable` in the period; nothing yet where there are no closing balances."""
    if facts.closing is None:
        return ZERO
    before = balance(facts, plan, PAYABLE, currency)
    return total([before, payable, -balance(facts, plan, PAYABLE, currency, closing=True)])


def balance(facts: Facts, plan: str, account: str, currency: str, closing: bool = False) -> Decimal:
    """What the ledger says; without closing balances (a preview) the closing is the opening."""
    rows = facts.opening if facts.closing is None or not closing else facts.closing
    return total(
        [b.amount for b in rows if (plan_name(b.plan), b.account, b.currency) == (plan, account, currency)],
    )


def _policy(words: Language, draw: Draw | None) -> str:
    """In one sentence; that there is a condition is said, not how the plan writes it."""
    if draw is None:
        return ""
    said = say(words, f"policy.{draw.kind}", amount=figures.as_written(words, draw.amount.text))
    if draw.when is not None:
        said = say(words, "policy.while", said=said)
    said = say(words, "policy.recovered", said=said, share=figures.as_written(words, draw.recover.text))
    if draw.recover_when is not None:
        said = say(words, "policy.while", said=said)
    if draw.at_end:
        said = say(words, "policy.end", said=said, fate=say(words, f"fate.{draw.at_end}"))
    return say(words, "sentence", text=said)
