"""Reversals of credits, and what they take back (section 11)."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from compengine.oracle.book import (
    Book,
    Entry,
    Item,
    Reversal,
    StreamResult,
    Subject,
    credit_scene,
    item_of,
    just_after,
    key_of,
    with_row,
)
from compengine.oracle.evaluate import holds, not_negative, related_rows, required, rounded
from compengine.oracle.faults import Fault
from compengine.plan.typed import Clawback, ClawbackPolicy, Stream, Unit
from compengine.values.exact import ONE, ZERO, add, multiply, subtract
from compengine.values.money import minor_unit
from compengine.values.rounding import round_to
from compengine.values.rows import Credit, Earning

TAKEN_BACK = ("rate", "flat", "share", "multiplier", "cap")


@dataclass(frozen=True, slots=True)
class Claim:
    """A reversal before it is known how much earlier ones have taken back."""

    date: date
    place: int
    key: str
    clawback: Clawback
    share: Decimal


def reversals_of(book: Book, item: Item) -> list[Reversal]:
    """The steps by which a credit is taken back: by date, the clawback's place in the file, key; up to 100%."""
    stream = item.credit.stream
    remembered = book.taken_back.setdefault(stream, {})
    if item.key not in remembered:
        remembered[item.key] = _steps(book, item) if item.of is None else []
    return remembered[item.key]


def _steps(book: Book, item: Item) -> list[Reversal]:
    claims = []
    for place, clawback in enumerate(book.plan.clawbacks.values()):
        if clawback.stream == item.credit.stream:
            claims += _claims(book, item, clawback, place)
    claims.sort(key=lambda claim: (claim.date, claim.place, claim.key.encode()))
    found, taken = [], ZERO
    for claim in claims:
        after = min(add(taken, claim.share), ONE)
        if after == taken:
            continue
        name = claim.clawback.name + (f"/{claim.key}" if claim.clawback.reversals is not None else "")
        found.append(Reversal(claim.clawback.name, name, claim.date, taken, after))
        taken = after
    return found


def _claims(book: Book, item: Item, clawback: Clawback, place: int) -> list[Claim]:
    scene = credit_scene(book, item, clawback.span)
    if clawback.reversals is None:
        candidates = [("", scene)]
    else:
        found_rows = related_rows(clawback.reversals, scene, clawback.span)
        candidates = [(row["@key"], with_row(scene, clawback.reversals.row, row)) for row in found_rows]
    found = []
    for key, inner in candidates:
        if clawback.when is not None and not holds(clawback.when, inner):
            continue
        day: date = required(clawback.date, inner)
        if day > book.calculation.horizon.end:
            continue
        found.append(Claim(day, place, key, clawback, not_negative(clawback.share, inner)))
    return found


def claw_rows(book: Book, subject: Subject, earnings: list[Earning]) -> list[Earning]:
    """`original_lines`: every row of the credit is taken back by its step, in a row dated at the reversal."""
    assert subject.item is not None
    if not any(c.policy is ClawbackPolicy.ORIGINAL_LINES for c in book.plan.clawbacks.values()):
        return []  # a credit that stands for a deleted row has nothing left to ask
    found = []
    for reversal in reversals_of(book, subject.item):
        clawback = book.plan.clawbacks[reversal.clawback]
        if clawback.policy is not ClawbackPolicy.ORIGINAL_LINES:
            continue
        period = book.period(reversal.date, clawback.span)
        for earning in earnings:
            if earning.kind not in TAKEN_BACK:
                continue
            high = rounded(multiply(earning.amount, reversal.after), subject.scene)
            low = rounded(multiply(earning.amount, reversal.before), subject.scene)
            found.append(
                replace(
                    earning,
                    for_period=period.label,
                    date=reversal.date,
                    part=f"claw:{reversal.name}:{earning.part}",
                    kind="claw",
                    basis=earning.amount,
                    basis_unit=earning.currency,
                    rate=subtract(reversal.before, reversal.after),
                    rate_unit="%",
                    amount=subtract(low, high),
                    position_from=None,
                    position_to=None,
                )
            )
    return found


def with_reversals(book: Book, stream: Stream, items: list[Item], broken: set[str]) -> StreamResult:
    """Credits after `recompute`, with the negative credits of `scale`, and what `reduced` takes out of measures."""
    clawbacks = [clawback for clawback in book.plan.clawbacks.values() if clawback.stream == stream.name]
    if not any(c.policy is not ClawbackPolicy.ORIGINAL_LINES or c.attainment_reduced for c in clawbacks):
        return StreamResult(items, [], broken)
    kept: list[Item] = []
    adjustments: list[tuple[Item, Entry]] = []
    for item in items:
        credit, gone = item.credit, ZERO
        try:
            found = reversals_of(book, item)
        except Fault as fault:
            broken.add(credit.payee)
            book.calculation.note(fault, stream.source.name, credit.source, credit.payee)
            continue
        for reversal in found:
            clawback = book.plan.clawbacks[reversal.clawback]
            source, taken = (f"{credit.source}~{reversal.name}", _taken(book, stream, item, reversal))
            if clawback.policy is ClawbackPolicy.RECOMPUTE:
                credit = replace(credit, amount=add(credit.amount, taken))
                gone = add(gone, subtract(reversal.after, reversal.before))
            elif clawback.policy is ClawbackPolicy.SCALE:
                kept.append(item_of(further(item.credit, source, reversal.date, taken), item.rows, item))
            elif clawback.attainment_reduced:
                key = just_after(key_of(reversal.date, source, stream.name, credit.payee))
                adjustments.append((item, Entry(key, taken, False, False)))
        if gone < ONE:
            kept.append(item_of(credit, item.rows, item.of))
    return StreamResult(kept, adjustments, broken)


def further(credit: Credit, source: str, day: date, amount: Decimal) -> Credit:
    """A credit beside another one, which tells of no conversion."""
    return replace(
        credit, source=source, date=day, amount=amount,
        original_amount=ZERO, original_currency="", fx_rate=ZERO, fx_date=None,
    )  # fmt: skip


def _taken(book: Book, stream: Stream, item: Item, reversal: Reversal) -> Decimal:
    """round(a × S) − round(a × S′), a itself at 100%; what is not money is not rounded (section 11)."""
    amount, plan = item.credit.amount, book.plan
    low, high = multiply(amount, reversal.before), multiply(amount, reversal.after)
    if stream.amount.type.unit is Unit.MONEY:
        unit = minor_unit(plan.currency)
        low = round_to(low, unit, plan.rounding)
        high = amount if reversal.after == ONE else round_to(high, unit, plan.rounding)
    return subtract(low, high)
