"""Facts → view. A pure function; `identities.require` proves what it made."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal

from compengine.statement import figures, identities
from compengine.statement.below import downlines
from compengine.statement.bridge import accounts, bridges
from compengine.statement.corrections import adjustments, changes, clawbacks, corrections
from compengine.statement.decision import Disputed
from compengine.statement.employed import employments
from compengine.statement.facts import Facts, PlanFacts, YearCell
from compengine.statement.holding import releases
from compengine.statement.language import Language, language, say
from compengine.statement.lines import components, holds, sort_rows
from compengine.statement.pages import Plans, beside, component_title, plan_name, plans_of, title
from compengine.statement.performance import performance
from compengine.statement.reference import PlanReference
from compengine.statement.view import Audit, Bridge, Excluded, Figure, Person, StatementView, YearRow, YearToDate, total
from compengine.statement.wording import why_not
from compengine.values.exact import add
from compengine.values.money import minor_unit

OWN_COLUMNS = ("name", "id", "payee")
COLUMNS = (
    "manager", "team", "role", "region", "territory", "department", "cost_centre", "hired_on", "target_incentive",
)  # fmt: skip
"""Columns of `payees` that the catalogues have a word for."""


def build(facts: Facts) -> StatementView:
    """The statement of one payee for one period; raises `Failed` (E801) where its figures do not add up."""
    view = assemble(facts)
    identities.require(view, facts)
    return view


def assemble(facts: Facts) -> StatementView:
    """The same without the proof: for a look at figures that do not add up."""
    assert facts.plans, "a statement is made from at least one plan"
    plans = plans_of(facts)
    rows = sort_rows(facts, plans)
    made = components(facts, plans, rows.current)
    changed = changes(facts, plans, rows.corrections)
    corrected = corrections(facts, plans, rows.corrections)
    clawed = clawbacks(facts, plans, rows.clawed)
    adjusted = adjustments(facts, rows.adjusted)
    steps = bridges(facts, plans, made, (*changed, *corrected), clawed, adjusted)
    main = facts.plans[-1]
    return StatementView(
        number=facts.run.number,
        dated=facts.run.dated,
        locale=facts.locale,
        status=facts.run.status.value,
        reissue=facts.run.reissue,
        payer=facts.workspace,
        address=facts.address,
        entity=facts.entity,
        person=_person(facts),
        period=main.period,
        pay_date=main.pay_date,
        time_zone=facts.time_zone,
        plans=tuple(_reference(p, language(facts.locale)) for p in facts.plans),
        answer=_answer(facts, steps),
        bridges=steps,
        accounts=accounts(facts, plans),
        employments=employments(facts, plans),
        performance=performance(facts, plans, rows.current),
        components=made,
        downlines=downlines(facts, plans, made),
        changes=changed,
        corrections=corrected,
        clawbacks=clawed,
        adjustments=adjusted,
        releases=releases(facts, plans),
        holds=holds(facts, plans),
        disputes=tuple(Disputed(**{f.name: getattr(d, f.name) for f in fields(d)}) for d in facts.disputes),
        excluded=_excluded(facts),
        years=_years(facts, plans),
        query=facts.query,
        query_days=facts.query_days,
        audit=_audit(facts),
    )


def _person(facts: Facts) -> Person:
    words = language(facts.locale)
    details = tuple((_column(words, k), v) for k, v in facts.payee.items() if k not in OWN_COLUMNS and v)
    return Person(facts.payee_id, facts.payee.get("name") or facts.payee_id, details)


def _column(words: Language, name: str) -> str:
    """A column of `payees` that most have is said in the statement's language; a title says itself what it is."""
    if name == "title":
        return ""
    return say(words, f"column.{name}") if name in COLUMNS else title(name)


def _reference(facts: PlanFacts, words: Language) -> PlanReference:
    plan = facts.plan
    unit = figures.number(words, minor_unit(plan.currency))
    grain = "rounded.component" if plan.per_component else "rounded.row"
    note = say(words, grain, unit=unit, mode=say(words, f"mode.{plan.rounding.value}"))
    return PlanReference(
        name=plan.name,
        title=plan.title or plan.name,
        start=plan.start,
        end=plan.end,
        currency=plan.currency,
        digest=plan.digest,
        rounding=plan.rounding.value,
        per_component=plan.per_component,
        note=note,
    )


def _answer(facts: Facts, steps: Sequence[Bridge]) -> tuple[Figure, ...]:
    """What is paid, by currency of payment; zero in the first plan's currency where nothing is settled."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for settlement in facts.settlements:
        sums[settlement.pay_currency] = add(sums[settlement.pay_currency], settlement.paid)
    if not sums:
        return (Figure(steps[0].payable, steps[0].currency),)
    return tuple(Figure(amount, currency) for currency, amount in sums.items())


def _excluded(facts: Facts) -> tuple[Excluded, ...]:
    mine = [e for e in facts.exclusions if e.payee in ("", facts.payee_id)]
    words = language(facts.locale)
    return tuple(
        Excluded(
            plan_name(e.plan), component_title(words, e.rule), e.source, beside(facts, e.source), why_not(words, e.by)
        )
        for e in sorted(mine, key=lambda e: (e.source, e.plan, e.rule))
    )


def _years(facts: Facts, plans: Plans) -> tuple[YearToDate, ...]:
    currencies = tuple(dict.fromkeys(c.currency for c in facts.year))
    return tuple(_year(facts, plans, [c for c in facts.year if c.currency == x], x) for x in currencies)


def _year(facts: Facts, plans: Plans, cells: Sequence[YearCell], currency: str) -> YearToDate:
    several = len({plan_name(c.plan) for c in cells}) > 1
    columns = tuple(dict.fromkeys((plan_name(c.plan), c.component) for c in cells))
    by_plan = {p.plan.name: p.plan for p in facts.plans}
    words = language(facts.locale)
    titles = [component_title(words, c) for _, c in columns]
    labels = tuple(
        f"{by_plan[plan].title or plan}: {title}" if several and plan in by_plan else title
        for (plan, _), title in zip(columns, titles, strict=True)
    )

    def row(period: str, mine: Sequence[YearCell]) -> YearRow:
        earned = tuple(total([c.earned for c in mine if (plan_name(c.plan), c.component) == col]) for col in columns)
        return YearRow(
            period=period,
            earned=earned,
            total=total(list(earned)),
            paid=total([c.paid for c in mine]),
            current=period == facts.plans[-1].period.label,
        )

    periods = sorted({c.period for c in cells})
    rows = tuple(row(p, [c for c in cells if c.period == p]) for p in periods)
    return YearToDate(currency, labels, rows, row("", cells))


def _audit(facts: Facts) -> Audit:
    run = facts.run
    return Audit(
        run=run.run,
        engine=run.engine,
        snapshot=run.snapshot,
        workspace=run.workspace,
        entitlement=run.entitlement,
        ledger=run.ledger,
        checkpoint=run.checkpoint,
        calculated=run.calculated_by,
        approved=run.approved_by,
        calculated_at=run.calculated_at,
        approved_at=run.approved_at,
    )
