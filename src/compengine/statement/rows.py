"""View → one row for each multiplication on the statement, and the same as CSV with the people below at its end."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compengine.inputs.rejects import guarded
from compengine.statement.figures import PERCENT
from compengine.statement.lines import PRODUCTS
from compengine.statement.reference import Origin
from compengine.statement.view import Changes, Component, Correction, Exchange, Figure, Labelled, StatementView
from compengine.values.decided import ADJUSTMENT
from compengine.values.exact import ONE, multiply, plain
from compengine.values.money import EXPONENTS, is_currency

HUNDRED = Decimal(100)
EARNED, CORRECTION, CLAWBACK, BY_HAND = "earned", "correction", "clawback", "adjustment"
BELOW, RELEASED = "below", "released"
"""The sections of the lines that say again: by person below, what rows above have earned; by deal, what of earlier
statements is released. They are no rows that were posted, and nobody adds them to any."""
COLUMNS = (
    "statement", "status", "payee", "period", "section", "plan", "component", "for_period", "source", "details", "date",
    "part", "kind", "label", "basis", "basis_unit", "rate", "rate_unit", "unrounded", "amount", "currency", "paid",
    "rounded", "note", "original_statement", "original_line",
    "own_amount", "own_currency", "exchange_rate", "through",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One posted row as the statement has it. A row that is taken back has its basis and amount negated.

    `product` is whether `unrounded` is basis × rate; else it is the amount. `whole` marks a row that is rounded with
    its component, not alone. `origin` is what is corrected or clawed back.
    """

    section: str
    plan: str
    component: str
    for_period: str
    source: str
    details: Labelled
    date: date | None
    part: str
    kind: str
    label: str
    basis: Figure
    rate: Figure
    unrounded: Decimal
    amount: Decimal
    currency: str
    paid: bool
    product: bool
    whole: bool
    note: str
    origin: Origin | None = None
    exchange: Exchange | None = None
    through: str = ""


def rows(view: StatementView) -> tuple[Row, ...]:
    """In the order of the page: components, corrections, clawbacks, adjustments."""
    together = frozenset(p.name for p in view.plans if p.per_component)
    return (
        *(row for c in view.components for row in _earned(view, c)),
        *(row for c in view.changes for row in _changed(c, together)),
        *(row for c in view.corrections for row in _corrected(c, together)),
        *_clawed(view),
        *_adjusted(view),
    )


def _earned(view: StatementView, component: Component) -> Iterator[Row]:
    for deal in component.deals:
        for line in deal.slices:
            yield Row(
                section=EARNED,
                plan=component.plan,
                component=component.name,
                for_period=view.period.label,
                source=deal.source,
                details=deal.facts,
                date=deal.date,
                part=line.part,
                kind=line.kind,
                label=line.label,
                basis=line.basis,
                rate=line.rate,
                unrounded=line.unrounded,
                amount=line.amount,
                currency=component.currency,
                paid=component.paid,
                product=line.kind in PRODUCTS,
                whole=line.shared,
                note=line.note,
                exchange=deal.exchange,
                through=deal.through,
            )


def _changed(changes: Changes, together: frozenset[str]) -> Iterator[Row]:
    for change in changes.rows:
        sides = ((-1, change.rate_was, change.old), (1, change.rate, change.new))
        for sign, rate, amount in sides:
            if rate is not None:
                basis = Figure(sign * change.basis.value, change.basis.unit)
                yield Row(
                    section=CORRECTION,
                    plan=changes.plan,
                    component=changes.component,
                    for_period=changes.for_period,
                    source=change.source,
                    details=change.facts,
                    date=change.date,
                    part="",
                    kind="rate",
                    label="",
                    basis=basis,
                    rate=rate,
                    unrounded=multiply(basis.value, rate.value),
                    amount=sign * amount,
                    currency=changes.currency,
                    paid=changes.paid,
                    product=True,
                    whole=changes.plan in together,
                    note=changes.sentence,
                    exchange=change.exchange,
                    origin=change.origin if sign < 0 else None,
                )


def _corrected(correction: Correction, together: frozenset[str]) -> Iterator[Row]:
    for line in correction.rows:
        product = line.kind in PRODUCTS
        basis = Figure(line.sign * line.basis.value, line.basis.unit)
        yield Row(
            section=CORRECTION,
            plan=correction.plan,
            component=correction.component,
            for_period=correction.for_period,
            source=correction.source,
            details=correction.facts,
            date=None,
            part="",
            kind=line.kind,
            label=line.label,
            basis=basis,
            rate=line.rate,
            unrounded=multiply(basis.value, line.rate.value) if product else line.amount,
            amount=line.amount,
            currency=correction.currency,
            paid=correction.paid,
            product=product,
            whole=product and correction.plan in together,
            note=line.note or correction.sentence,
            exchange=correction.exchange if line.sign > 0 else None,
            origin=line.origin,
        )


def _clawed(view: StatementView) -> Iterator[Row]:
    for claw in view.clawbacks:
        yield Row(
            section=CLAWBACK,
            plan=claw.plan,
            component=claw.component,
            for_period=claw.for_period,
            source=claw.source,
            details=claw.facts,
            date=claw.date,
            part="",
            kind="claw",
            label=claw.reversal,
            basis=Figure(claw.original, claw.currency),
            rate=Figure(claw.share, "%"),
            unrounded=multiply(claw.original, claw.share),
            amount=claw.amount,
            currency=claw.currency,
            paid=claw.paid,
            product=True,
            whole=False,
            note=claw.terms,
            origin=claw.origin,
        )


def _adjusted(view: StatementView) -> Iterator[Row]:
    for one in view.adjustments:
        yield Row(
            section=BY_HAND,
            plan=one.plan,
            component=ADJUSTMENT,
            for_period=one.for_period,
            source=one.id,
            details=(("Approved", one.approved_by),) if one.approved_by else (),
            date=one.approved,
            part=one.code,
            kind=ADJUSTMENT,
            label=one.kind,
            basis=Figure(one.amount, one.currency),
            rate=Figure(ONE),
            unrounded=one.amount,
            amount=one.amount,
            currency=one.currency,
            paid=True,
            product=False,
            whole=False,
            note=one.reason,
        )


def _released(view: StatementView) -> Iterator[Row]:
    """A line for each release: `note` is what released it, and it names the statement that held it."""
    for one in view.releases:
        yield Row(
            section=RELEASED,
            plan=one.plan,
            component=one.component,
            for_period=view.period.label,
            source=one.source,
            details=one.facts,
            date=one.on,
            part="",
            kind=RELEASED,
            label="",
            basis=Figure(one.amount, one.currency),
            rate=Figure(ONE),
            unrounded=one.amount,
            amount=one.amount,
            currency=one.currency,
            paid=False,
            product=False,
            whole=False,
            note=one.why,
            origin=Origin(", ".join(one.statements), "") if one.statements else None,
        )


def people_below(view: StatementView) -> Iterator[Row]:
    """A line for each person below a manager: `basis` is what was credited through them, `amount` what that earned.

    They say again what is among the rows: nobody adds them to anything.
    """
    for table in view.downlines:
        for one in table.people:
            yield Row(
                section=BELOW,
                plan=table.plan,
                component=", ".join(table.components),
                for_period=view.period.label,
                source=one.id,
                details=(("Name", one.name),),
                date=None,
                part="",
                kind=BELOW,
                label=table.title,
                basis=Figure(one.credited, table.unit),
                rate=Figure(ONE),
                unrounded=one.earned,
                amount=one.earned,
                currency=table.currency,
                paid=False,
                product=False,
                whole=False,
                note="",
                through=one.id,
            )


def details(pairs: Labelled) -> str:
    """`Nordwind Logistics · Platform`."""
    return " · ".join(value for _, value in pairs)


def written(figure: Figure) -> str:
    """`4.5` of 4.5%, `450.00` of a currency with two places: in its unit, with its places and all further digits."""
    text = plain(multiply(figure.value, HUNDRED) if figure.unit == PERCENT else figure.value)
    whole, _, part = text.partition(".")
    part = part.ljust(EXPONENTS[figure.unit] if is_currency(figure.unit) else 0, "0")
    return f"{whole}.{part}" if part else whole


def _rate(row: Row) -> tuple[str, str]:
    return (written(row.rate), guarded(row.rate.unit)) if row.product else ("", "")


def _exchange(exchange: Exchange | None) -> tuple[str, str, str]:
    return ("", "", "") if exchange is None else (written(exchange.own), exchange.own.unit, plain(exchange.fx))


def rows_csv(view: StatementView) -> bytes:
    """RFC 4180 in UTF-8: a header, then a line per row, at the end one per person below. Figures are exact and in their
    unit, as `written` says; what is no product has no rate. A text that a spreadsheet could take for a formula gets an
    apostrophe in front."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in (*rows(view), *_released(view), *people_below(view)):
        texts = (view.number, view.status, view.person.id, view.period.label, row.section, row.plan, row.component)
        about = (row.for_period, row.source, details(row.details), row.date.isoformat() if row.date else "")
        writer.writerow(
            [
                *(guarded(text) for text in (*texts, *about, row.part, row.kind, row.label)),
                *(written(row.basis), guarded(row.basis.unit), *_rate(row)),
                *(written(Figure(amount, row.currency)) for amount in (row.unrounded, row.amount)),
                *(row.currency, "yes" if row.paid else "no", "component" if row.whole else "row", guarded(row.note)),
                *((guarded(row.origin.statement), guarded(row.origin.line)) if row.origin is not None else ("", "")),
                *(*_exchange(row.exchange), guarded(row.through)),
            ]
        )
    return target.getvalue().encode()
