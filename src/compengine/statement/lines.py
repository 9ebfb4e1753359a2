"""Posted rows → the lines of a statement: the components of this period, and what of them is held."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compengine.plan.typed import Component as Rule
from compengine.plan.typed import PerWindow, Plan
from compengine.statement import figures
from compengine.statement.facts import Facts, Posted, RecordFacts
from compengine.statement.language import Language, language, say
from compengine.statement.pages import (
    Key,
    Plans,
    basis_figure,
    beside,
    component_title,
    key,
    part_label,
    plan_name,
    rate_figure,
    row_key,
    row_note,
)
from compengine.statement.view import Component, Deal, Exchange, Figure, Hold, Slice, total
from compengine.statement.wording import released
from compengine.values.decided import ADJUSTMENT, Released, covers
from compengine.values.exact import divide, multiply
from compengine.values.money import is_currency, minor_unit
from compengine.values.rounding import Rounding, round_to
from compengine.values.rows import Credit, Earning, Payable

PRODUCTS = ("rate", "multiplier")
Credits = dict[tuple[str, str, str], Credit]
"""By the name of the plan, stream and source."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Every posted row in exactly one of four places; `corrections` are grouped by what they correct."""

    current: tuple[Posted, ...]
    corrections: tuple[tuple[Posted, ...], ...]
    clawed: tuple[Posted, ...]
    adjusted: tuple[Posted, ...]


def sort_rows(facts: Facts, plans: Plans) -> Sorted:
    """Current: new rows of the period being paid. A source whose posted rows are negated is a correction as a whole."""
    groups: dict[tuple[str, str, str, str], list[Posted]] = defaultdict(list)
    clawed: list[Posted] = []
    adjusted = tuple(p for p in facts.rows if p.row.kind == ADJUSTMENT)
    for posted in facts.rows:
        row = posted.row
        if row.kind == "claw" and posted.sign > 0:
            clawed.append(posted)
        elif row.kind != ADJUSTMENT:
            groups[(plan_name(row.plan), row.component, row.for_period, row.source)].append(posted)
    current: list[Posted] = []
    corrections: list[tuple[Posted, ...]] = []
    for (plan, _, for_period, _), members in groups.items():
        if for_period == plans.current(plan).period.label and all(m.sign > 0 for m in members):
            current.extend(members)
        else:
            corrections.append(tuple(members))
    corrections.sort(key=lambda group: (group[0].row.for_period, group[0].row.date, group[0].row.source))
    return Sorted(tuple(current), tuple(corrections), tuple(clawed), adjusted)


def _in_order(names: Sequence[str], seen: Sequence[str]) -> list[str]:
    return [*names, *sorted(set(seen) - set(names))]


def components(facts: Facts, plans: Plans, rows: Sequence[Posted]) -> tuple[Component, ...]:
    """Every paid component of every plan, and any other that has rows, in the plan's order."""
    by_name: dict[tuple[str, str], list[Earning]] = defaultdict(list)
    for posted in rows:
        by_name[(plan_name(posted.row.plan), posted.row.component)].append(posted.row)
    held = _held(facts, plans)
    credits = credits_of(facts)
    made: list[Component] = []
    for name in plans.names():
        plan = plans.current(name).plan
        for component in _in_order(list(plan.components), [c for p, c in by_name if p == name]):
            mine = sorted(by_name.get((name, component), ()), key=lambda r: (r.date, r.source))
            rule = plan.components.get(component)
            if mine or (rule is not None and rule.paid):
                made.append(_component(facts, plan, component, rule, mine, held, credits))
    return tuple(made)


def _component(
    facts: Facts,
    plan: Plan,
    name: str,
    rule: Rule | None,
    rows: list[Earning],
    held: dict[Key, list[Payable]],
    credits: Credits,
) -> Component:
    words = language(facts.locale)
    by_source: dict[str, list[Earning]] = defaultdict(list)
    for row in rows:
        by_source[row.source].append(row)
    credited = {source: credit_of(credits, plan.name, rule, source) for source in by_source}
    deals = tuple(
        Deal(
            source=source,
            date=mine[0].date,
            facts=beside(facts, source),
            credit=credit_text(words, credit := credited[source]),
            slices=tuple(_slice(words, row, rule, plan) for row in _by_band(mine, rule)),
            status=_status(words, mine, held),
            exchange=exchange_of(credit),
            through=credit.via if credit is not None else "",
        )
        for source, mine in by_source.items()
    )
    return Component(
        plan=plan.name,
        name=name,
        title=component_title(words, name),
        terms=rule.terms if rule else "",
        currency=plan.currency,
        deals=deals,
        subtotal=total([r.amount for r in rows]),
        paid=rows[0].paid if rows else True,
        note=_rhythm(words, rule) if not rows else "",
    )


def _rhythm(words: Language, rule: Rule | None) -> str:
    if rule is not None and isinstance(rule.per, PerWindow) and rule.per.unit not in ("period", "month"):
        return say(words, f"once.{rule.per.unit}")
    return ""


def _by_band(rows: list[Earning], rule: Rule | None) -> list[Earning]:
    """Products from the lowest position up, then what was added to them, each in the order given."""
    order = {
        kind: at
        for at, kind in enumerate(("rate", "flat", "share", "prize", "multiplier", "minimum", "cap", "carried"))
    }

    def place(row: Earning) -> tuple[int, Decimal]:
        return order.get(row.kind, len(order)), row.position_from if row.position_from is not None else Decimal(0)

    return sorted(rows, key=place)


def _slice(words: Language, row: Earning, rule: Rule | None, plan: Plan) -> Slice:
    product = multiply(row.basis, row.rate) if row.kind in PRODUCTS else row.amount
    return Slice(
        part=row.part,
        label=part_label(words, row, rule, plan.tables),
        kind=row.kind,
        basis=basis_figure(row),
        rate=rate_figure(row),
        amount=row.amount,
        unrounded=product,
        shared=plan.per_component and row.kind in PRODUCTS,
        note=row_note(words, row, plan),
    )


def credits_of(facts: Facts) -> Credits:
    return {(plan_name(c.plan), c.stream, c.source): c for c in facts.credits}


def credit_of(credits: Credits, plan: str, rule: Rule | None, source: str) -> Credit | None:
    """What a row of the component was credited from; None for what is earned by window, or is no credit any more."""
    stream = "" if rule is None or isinstance(rule.per, PerWindow) else rule.per.stream
    return credits.get((plan, stream, source))


def exchange_of(credit: Credit | None) -> Exchange | None:
    if credit is None or not credit.original_currency:
        return None
    return Exchange(Figure(credit.original_amount, credit.original_currency), credit.fx_rate)


def credit_text(words: Language, credit: Credit | None) -> str:
    """`credited at 60% of 40,000.00`; the deal's own amount and its rate where it is in another currency.

    Empty where the whole amount is credited as it is."""
    if credit is None:
        return ""
    said: list[str] = []
    if credit.share != 1:
        said.append(_shared(words, credit))
    if credit.original_currency:
        rate = say(words, "fx.at", rate=figures.number(words, credit.fx_rate)) if credit.fx_rate else ""
        when = say(words, "fx.of", day=figures.short_day(words, credit.fx_date)) if credit.fx_date else ""
        original = figures.named(words, Figure(credit.original_amount, credit.original_currency))
        said.append(" ".join(filter(None, [original, rate, when])))
    if credit.via:
        said.append(say(words, "through", who=credit.via))
    return ", ".join(said)


def _shared(words: Language, credit: Credit) -> str:
    """With the whole where it comes out in places of the currency; a converted deal has its own amount beside it."""
    share = figures.share(words, credit.share)
    if not credit.share or credit.original_currency or not is_currency(credit.unit):
        return say(words, "credited.at", share=share)
    whole = round_to(divide(credit.amount, credit.share), minor_unit(credit.unit), Rounding.HALF_UP)
    if multiply(whole, credit.share) != credit.amount:
        return say(words, "credited.at", share=share)
    return say(words, "credited.of", share=share, whole=figures.money(words, whole, credit.unit))


# --- when it is paid


def waits(payable: Payable, plans: Plans) -> bool:
    """Whether there is something of it, and the period's end has not reached its day."""
    end = plans.current(payable.plan).period.end
    return (payable.on is None or payable.on > end) and payable.amount != 0


def _held(facts: Facts, plans: Plans) -> dict[Key, list[Payable]]:
    """Payables that the period's end has not reached, by the row they belong to."""
    found: dict[Key, list[Payable]] = defaultdict(list)
    for payable in facts.payables:
        if waits(payable, plans):
            part = key(payable.plan, payable.component, payable.for_period, payable.source, payable.part)
            found[part].append(payable)
    return found


def _status(words: Language, rows: list[Earning], held: dict[Key, list[Payable]]) -> str:
    waiting = [p for row in rows for p in held.get(row_key(row), ())]
    if not waiting:
        return ""
    amount = total([p.amount for p in waiting])
    whole = amount == total([r.amount for r in rows])
    dates = {p.on for p in waiting}
    when = next(iter(dates)) if len(dates) == 1 else None
    until = say(words, "held.until", day=figures.short_day(words, when)) if when else say(words, "held.open")
    return (
        until
        if whole
        else say(words, "held.part", amount=figures.money(words, amount, waiting[0].currency), held=until)
    )


def holds(facts: Facts, plans: Plans) -> tuple[Hold, ...]:
    words = language(facts.locale)
    since: dict[Key, date] = {row_key(p.row): p.row.date for p in facts.rows if p.sign > 0}
    credits = credits_of(facts)
    merged: dict[tuple[str, str, str, str, date | None], list[Payable]] = defaultdict(list)
    for members in _held(facts, plans).values():
        for payable in members:
            merged[(payable.plan, payable.component, payable.for_period, payable.source, payable.on)].append(payable)
    made = [
        Hold(
            plan=plan_name(plan),
            component=component,
            title=component_title(words, component),
            source=source,
            facts=beside(facts, source) if component != ADJUSTMENT else (),
            amount=total([p.amount for p in members]),
            currency=members[0].currency,
            condition="; ".join(
                [
                    *_by_hand(words, facts, members[0]),
                    *conditions(words, plans.current(plan).plan.components.get(component), members),
                ]
            ),
            expected=on,
            since=since.get(key(plan, component, for_period, source, members[0].part))
            or _credited(credits, plans, plan, component, source),
        )
        for (plan, component, for_period, source, on), members in merged.items()
    ]
    return tuple(sorted(made, key=lambda h: (h.expected or date.max, h.source, h.component)))


def _credited(credits: Credits, plans: Plans, plan: str, component: str, source: str) -> date | None:
    """The day of the credit of something that an earlier statement added."""
    rule = plans.current(plan).plan.components.get(component)
    credit = credit_of(credits, plan_name(plan), rule, source)
    return credit.date if credit is not None else None


def conditions(words: Language, rule: Rule | None, parts: Sequence[Payable]) -> list[str]:
    """The releases that these parts wait for or came by, each once: each its own, unless one release makes a part for
    every related row."""
    releases = rule.release if rule is not None else ()
    if all(r.each is None for r in releases):
        mine = sorted({p.step for p in parts if p.step < len(releases)})
        releases = tuple(releases[step] for step in mine)
    return list(dict.fromkeys(released(words, release) for release in releases))


def _by_hand(words: Language, facts: Facts, part: Payable) -> list[str]:
    """The reasons of the holds that keep a part back."""
    name = plan_name(part.plan)
    if Released(part.payee, name, part.component, part.source, part.step) in facts.decided.released:
        return []
    found = [h for h in facts.decided.holds if covers(h, part.payee, name, part.component, part.source)]
    return [_said(words, hold.id, facts.register.get(hold.id)) for hold in found]


def _said(words: Language, id: str, record: RecordFacts | None) -> str:
    if record is None:
        return say(words, "on.hold", id=id)
    return say(words, "on.hold.since", id=id, day=figures.short_day(words, record.begun), reason=record.reason)
