"""Payables before and now → how what is held has moved, and what of it is released."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from compengine.statement import figures
from compengine.statement.facts import Facts, PartBefore
from compengine.statement.language import Language, language, say
from compengine.statement.lines import conditions, waits
from compengine.statement.pages import Plans, beside, component_title, plan_name
from compengine.statement.release import HeldMove, Release
from compengine.statement.view import total
from compengine.values.decided import ADJUSTMENT, covers
from compengine.values.exact import ZERO
from compengine.values.rows import Payable

Subject = tuple[str, str, str]
"""The name of the plan, component and source."""


def held_moves(facts: Facts, plans: Plans) -> tuple[HeldMove, ...]:
    """One for each source in a component of which something is or was held, in no particular order."""
    before: dict[Subject, list[Decimal]] = defaultdict(list)
    earned: dict[Subject, list[Decimal]] = defaultdict(list)
    after: dict[Subject, list[Decimal]] = defaultdict(list)
    for one in facts.parts:
        if one.held:
            before[_subject(one.part)].append(one.part.amount)
    for payable in facts.payables:
        if waits(payable, plans):
            after[_subject(payable)].append(payable.amount)
    for posted in facts.rows:
        row = posted.row
        if row.paid:
            earned[plan_name(row.plan), row.component, row.source].append(posted.amount)
    return tuple(
        _move(plans, subject, total(before[subject]), total(earned[subject]), total(after[subject]))
        for subject in dict.fromkeys((*before, *after))
    )


def _subject(part: Payable) -> Subject:
    return plan_name(part.plan), part.component, part.source


def _move(plans: Plans, subject: Subject, before: Decimal, earned: Decimal, after: Decimal) -> HeldMove:
    plan, component, source = subject
    due = total([before, earned, -after])
    first = min(due, before) if before > 0 else max(due, before)
    return HeldMove(
        plan=plan,
        component=component,
        source=source,
        currency=plans.current(plan).plan.currency,
        before=before,
        earned=earned,
        after=after,
        released=first if (first > 0) == (before > 0) else ZERO,
    )


def releases(facts: Facts, plans: Plans) -> tuple[Release, ...]:
    """By the day on which they became payable."""
    words = language(facts.locale)
    made = [_release(words, facts, plans, move) for move in held_moves(facts, plans) if move.released]
    return tuple(sorted(made, key=lambda r: (r.on or date.max, r.source, r.component)))


def _release(words: Language, facts: Facts, plans: Plans, move: HeldMove) -> Release:
    subject = (move.plan, move.component, move.source)
    before = [one for one in facts.parts if _subject(one.part) == subject]
    now = _freed(before, [p for p in facts.payables if _subject(p) == subject and not waits(p, plans)])
    rule, days = plans.current(move.plan).plan.components.get(move.component), {p.on for p in now}
    return Release(
        plan=move.plan,
        component=move.component,
        title=component_title(words, move.component),
        source=move.source,
        facts=beside(facts, move.source) if move.component != ADJUSTMENT else (),
        statements=tuple(sorted({one.statement for one in before if one.held and one.statement})),
        why="; ".join((*_lifted(words, facts, move), *conditions(words, rule, now))),
        on=days.pop() if len(days) == 1 else None,
        amount=move.released,
        currency=move.currency,
    )


def _freed(before: Sequence[PartBefore], due: Sequence[Payable]) -> list[Payable]:
    """Those of the parts that are due whose day was no day of release before."""
    known = {one.part.on for one in before if not one.held}
    return [p for p in due if p.on not in known] or list(due)


def _lifted(words: Language, facts: Facts, move: HeldMove) -> list[str]:
    found = [h for h in facts.lifted if covers(h, facts.payee_id, move.plan, move.component, move.source)]
    return [_ended(words, facts, hold.id) for hold in found]


def _ended(words: Language, facts: Facts, id: str) -> str:
    record = facts.register.get(id)
    if record is None or record.decided is None:
        return say(words, "hold.lifted", id=id)
    return say(words, "hold.lifted.on", id=id, day=figures.short_day(words, record.decided))
