"""Posted rows → what a statement changes about earlier ones: corrections and clawbacks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from compengine.plan.typed import Component, Table
from compengine.statement import figures
from compengine.statement.decision import Adjusted
from compengine.statement.facts import Facts, Posted
from compengine.statement.language import Language, counted, language, say
from compengine.statement.lines import PRODUCTS, Credits, credit_of, credit_text, credits_of, exchange_of
from compengine.statement.pages import (
    Plans,
    basis_figure,
    beside,
    component_title,
    part_label,
    plan_name,
    rate_figure,
    row_note,
    title,
)
from compengine.statement.reference import Origin
from compengine.statement.view import Change, Changes, Clawback, Correction, CorrectionRow, Figure, total
from compengine.values.exact import ZERO, subtract
from compengine.values.rows import Credit, Earning

Group = tuple[Posted, ...]
"""The posted rows of one source, in one component and period."""


def corrections(facts: Facts, plans: Plans, groups: Sequence[Group]) -> tuple[Correction, ...]:
    """Of the sources that more than one line is needed for; `changes` has the others."""
    credits = credits_of(facts)
    return tuple(_correction(facts, plans, group, credits) for group in groups if not _one_line(group))


def changes(facts: Facts, plans: Plans, groups: Sequence[Group]) -> tuple[Changes, ...]:
    """By period, plan, component and what happened; a component in the order of its plan."""
    found: dict[tuple[str, int, int, str, str], list[Group]] = defaultdict(list)
    for group in groups:
        if _one_line(group):
            row = group[0].row
            at = plans.names().index(plan_name(row.plan))
            names = list(plans.current(row.plan).plan.components)
            place = names.index(row.component) if row.component in names else len(names)
            found[(row.for_period, at, place, _what(group), row.basis_unit)].append(group)
    credits = credits_of(facts)
    return tuple(
        _changes(facts, what, [(group, _credit(plans, group, credits)) for group in members])
        for (_, _, _, what, _), members in sorted(found.items())
    )


def _credit(plans: Plans, group: Group, credits: Credits) -> Credit | None:
    """What the source is credited with now; None where the rows are only taken back."""
    new = [p.row for p in group if p.sign > 0]
    if not new:
        return None
    row = new[0]
    return credit_of(credits, plan_name(row.plan), plans.of(row).components.get(row.component), row.source)


def _one_line(group: Group) -> bool:
    """At most one product before and one after, on the same basis."""
    old, new = _sides(group)
    if any(p.row.kind != "rate" for p in group) or len(old) > 1 or len(new) > 1:
        return False
    return not (old and new) or (
        (old[0].basis, old[0].basis_unit, old[0].paid) == (new[0].basis, new[0].basis_unit, new[0].paid)
    )


def _sides(group: Group) -> tuple[list[Earning], list[Earning]]:
    return [p.row for p in group if p.sign < 0], [p.row for p in group if p.sign > 0]


def _what(group: Group) -> str:
    old, new = _sides(group)
    if old and new:
        return "re-rated" if rate_figure(old[0]) != rate_figure(new[0]) else "restated"
    return "new" if new else "gone"


def _changes(facts: Facts, what: str, groups: Sequence[tuple[Group, Credit | None]]) -> Changes:
    words = language(facts.locale)
    first = groups[0][0][0].row
    rows = tuple(_change(facts, group, credit) for group, credit in groups)
    amount = total(r.amount for r in rows)
    return Changes(
        plan=plan_name(first.plan),
        component=first.component,
        title=component_title(words, first.component),
        for_period=first.for_period,
        sentence=_summary(words, first, what, rows),
        rows=rows,
        basis=Figure(total(r.basis.value for r in rows), first.basis_unit),
        old=total(r.old for r in rows),
        new=total(r.new for r in rows),
        amount=amount,
        currency=first.currency,
        paid=first.paid,
    )


def _change(facts: Facts, group: Group, credit: Credit | None) -> Change:
    old, new = _sides(group)
    was, now = (rows[0].amount if rows else ZERO for rows in (old, new))
    return Change(
        source=group[0].row.source,
        facts=beside(facts, group[0].row.source),
        date=group[0].row.date,
        basis=basis_figure(group[0].row),
        rate_was=rate_figure(old[0]) if old else None,
        rate=rate_figure(new[0]) if new else None,
        old=was,
        new=now,
        amount=subtract(now, was),
        origin=next((_origin(p) for p in group if p.sign < 0), None),
        credit=credit_text(language(facts.locale), credit),
        exchange=exchange_of(credit),
    )


def _origin(posted: Posted, part: str = "") -> Origin | None:
    """Of what the row corrects; `part` where that is not its own."""
    if not posted.origin:
        return None
    return Origin(posted.origin, f"{posted.row.source}/{part or posted.row.part}")


def _summary(words: Language, first: Earning, what: str, rows: Sequence[Change]) -> str:
    """`April 2026 re-rated, 0.5% → 1%, 143 lines on 312,345.67`; rates only where all lines have the same."""
    said = say(words, f"change.{what}", period=figures.period(words, first.for_period))
    rates = {(_rate(words, r.rate_was), _rate(words, r.rate)) for r in rows}
    if len(rates) == 1:
        said += ", " + " → ".join(dict.fromkeys(text for text in next(iter(rates)) if text))
    basis = figures.figure(words, Figure(total(r.basis.value for r in rows), first.basis_unit))
    if len(rows) == 1:
        return say(words, "change.on", said=said, basis=basis)
    return f"{said}, {counted(words, 'count.lines.on', len(rows), basis=basis)}"


def _rate(words: Language, rate: Figure | None) -> str:
    return "" if rate is None else figures.figure(words, rate)


def _correction(facts: Facts, plans: Plans, group: Group, credits: Credits) -> Correction:
    words, credit = language(facts.locale), _credit(plans, group, credits)
    first = group[0].row
    ordered = sorted(group, key=lambda p: p.sign)
    return Correction(
        plan=plan_name(first.plan),
        component=first.component,
        title=component_title(words, first.component),
        for_period=first.for_period,
        source=first.source,
        facts=beside(facts, first.source),
        sentence=_sentence(words, group),
        rows=tuple(
            CorrectionRow(
                sign=p.sign,
                label=part_label(words, p.row, plans.of(p.row).components.get(p.row.component), plans.of(p.row).tables),
                basis=basis_figure(p.row),
                rate=rate_figure(p.row),
                amount=p.amount,
                kind=p.row.kind,
                note=row_note(words, p.row, plans.of(p.row)) if p.row.kind != "rate" else "",
                origin=_origin(p) if p.sign < 0 else None,
            )
            for p in ordered
        ),
        amount=total([p.amount for p in group]),
        currency=first.currency,
        paid=first.paid,
        credit=credit_text(words, credit),
        exchange=exchange_of(credit),
    )


def _sentence(words: Language, group: Group) -> str:
    """`January 2026 re-rated, 2% → 3% on 80,000.00`."""
    old, new = _sides(group)
    when = figures.period(words, group[0].row.for_period)
    if not (old and new):
        return say(words, "change.new" if new else "change.gone", period=when)
    was, now = (
        " + ".join(figures.figure(words, rate_figure(r)) for r in rows if r.kind in PRODUCTS) for rows in (old, new)
    )
    basis_was, basis_now = (total([r.basis for r in rows if r.kind == "rate"]) for rows in (old, new))
    unit = old[0].basis_unit
    if basis_was == basis_now and was != now:
        said = f"{say(words, 'change.re-rated', period=when)}, {was} → {now}"
        return say(words, "change.on", said=said, basis=figures.figure(words, Figure(basis_now, unit)))
    if was == now:
        said = say(words, "change.restated", period=when)
        between = " → ".join(figures.figure(words, Figure(basis, unit)) for basis in (basis_was, basis_now))
        return say(words, "change.at", said=said, between=between, rate=now) if basis_was != basis_now else said
    return say(words, "change.tiers", period=when)


def adjustments(facts: Facts, rows: Sequence[Posted]) -> tuple[Adjusted, ...]:
    """In the order of their ids."""
    return tuple(_adjusted(facts, posted) for posted in sorted(rows, key=lambda p: (p.row.source, p.sign)))


def _adjusted(facts: Facts, posted: Posted) -> Adjusted:
    row = posted.row
    record = facts.register.get(row.source)
    return Adjusted(
        id=row.source,
        plan=plan_name(row.plan),
        for_period=row.for_period,
        kind=record.kind if record is not None else "",
        code=row.part,
        reason=record.reason if record is not None else "",
        asked_by=record.begun_by if record is not None else "",
        approved_by=record.decided_by if record is not None else "",
        approved=record.decided if record is not None else None,
        dispute=record.dispute if record is not None else "",
        amount=posted.amount,
        currency=row.currency,
    )


def _taken_from(words: Language, row: Earning, part: str, rule: Component | None, tables: Mapping[str, Table]) -> str:
    """The tier, step or limit of the row that is taken back; empty where it was the only one."""
    if part in ("rate", "pay"):
        return ""
    kind = "cap" if part.startswith("cap:") else "rate"
    return part_label(words, replace(row, kind=kind, part=part), rule, tables)


def clawbacks(facts: Facts, plans: Plans, rows: Sequence[Posted]) -> tuple[Clawback, ...]:
    credits = credits_of(facts)
    return tuple(_clawback(facts, plans, p, credits) for p in sorted(rows, key=lambda p: (p.row.date, p.row.source)))


def _clawback(facts: Facts, plans: Plans, posted: Posted, credits: Credits) -> Clawback:
    row = posted.row
    words = language(facts.locale)
    _, reversal, part = [*row.part.split(":", 2), "", ""][:3]
    rule = plans.of(row).components.get(row.component)
    tier = _taken_from(words, row, part, rule, plans.of(row).tables)
    credit = credit_of(credits, plan_name(row.plan), rule, row.source)
    clause = plans.of(row).clawbacks.get(reversal.partition("/")[0])
    return Clawback(
        plan=plan_name(row.plan),
        component=row.component,
        title=component_title(words, row.component) + (f", {tier}" if tier else ""),
        source=row.source,
        facts=beside(facts, row.source),
        reversal=title(reversal.partition("/")[0]) + (f" ({reversal.partition('/')[2]})" if "/" in reversal else ""),
        terms=clause.terms if clause is not None else "",
        date=row.date,
        credited=credit.date if credit is not None else None,
        for_period=row.for_period,
        original=row.basis,
        share=row.rate,
        amount=row.amount,
        currency=row.currency,
        paid=row.paid,
        origin=_origin(posted, part),
    )
