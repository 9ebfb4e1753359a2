"""Reversals of credits, and what they take back (section 11)."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from compengine.oracle import rows
from compengine.oracle.book import Book, Item, Reversal, Scene, Subject, credit_scene, with_row
from compengine.oracle.evaluate import holds, required, rounded
from compengine.oracle.faults import Fault, Unbound
from compengine.oracle.rows import Row
from compengine.plan.typed import Clawback, ClawbackPolicy, RelatedRows
from compengine.values.exact import ONE, ZERO, add, multiply, subtract
from compengine.values.rows import Earning

TAKEN_BACK = ("rate", "flat", "share", "multiplier", "cap")


@dataclass(frozen=True, slots=True)
class Claim:
    """A reversal before it is known how much earlier ones have taken back."""

    date: date
    place: int
    key: str
    clawback: Clawback
    share: Decimal
    rows: dict[str, Row]


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
        found.append(Reversal(claim.clawback.name, name, claim.date, taken, after, claim.rows))
        taken = after
    return found


def _claims(book: Book, item: Item, clawback: Clawback, place: int) -> list[Claim]:
    scene = credit_scene(book, item, clawback.span)
    if clawback.reversals is None:
        candidates: list[tuple[str, Scene, dict[str, Row]]] = [("", scene, {})]
    else:
        candidates = [
            (row["@key"], with_row(scene, clawback.reversals.row, row), {clawback.reversals.row: row})
            for row in related_rows(book, clawback.reversals, scene)
        ]
    found = []
    for key, inner, added in candidates:
        if clawback.when is not None and not holds(clawback.when, inner):
            continue
        day: date = required(clawback.date, inner)
        if day > book.calculation.horizon.end:
            continue
        share: Decimal = required(clawback.share, inner)
        if share < 0:
            raise Fault("E514", f"the share {clawback.share.text} is negative", clawback.share.span)
        found.append(Claim(day, place, key, clawback, share, added))
    return found


def related_rows(book: Book, each: RelatedRows, scene: Scene) -> list[Row]:
    """The rows that refer to the one `root` and its hops lead to, where `where` holds, in order of key."""
    tables = book.calculation.tables
    base = scene.rows.get(each.root)
    if base is None:
        raise Unbound(each.root, each.where.span if each.where else book.plan.payees.span)
    for hop in each.hops:
        key = base[hop.column] if base is not None else None
        base = rows.by_key(tables, hop.table, key, scene.row_day) if key is not None else None
    if base is None:
        return []
    found = rows.related(tables, each.table, each.reference, base["@key"], scene.row_day)
    if each.where is None:
        return found
    return [row for row in found if holds(each.where, with_row(with_row(scene, each.row, row), "other", row))]


def claw_rows(book: Book, subject: Subject, earnings: list[Earning]) -> list[Earning]:
    """`original_lines`: every row of the credit is taken back by its step, in a row dated at the reversal."""
    assert subject.item is not None
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
