"""The rule that fits best, by both engines, against the sentence that defines it: of two that fit, key by key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compengine.engine import run as engine
from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.workspace import read_workspace
from compengine.oracle import run as oracle
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.diagnostic import Failed
from compengine.source.text import Text

KEYS = ("account", "product", "region")
WORKSPACE = """
workspace: rules
timezone: UTC
currencies: {base: USD}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01}
tables:
  payees: {row: payee, key: id, columns: {id: payee}}
  deals: {row: deal, key: id, columns: {id: text, owner: payee, account: text, product: text, region: text, day: date}}
  rules:
    row: rule
    key: id
    effective: [from, to]
    columns: {id: text, account: optional text, product: optional text, region: optional text, points: number}
"""
PLAN = """
plan: points
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.id != "nobody"
credits:
  won:
    from: deals
    date: deal.day
    amount: match(rules.points, account = deal.account, product = deal.product, region = deal.region) default 0
    to: deal.owner
measures:
  points: sum(won, period)
earn:
  pay: {per: period, pay: 0 USD}
"""


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    keys: tuple[str | None, ...]
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Deal:
    id: str
    keys: tuple[str, ...]
    day: date


VALUES = st.sampled_from(["a", "b"])
DAYS = st.sampled_from([date(2026, 1, day) for day in (1, 10, 11, 20, 31)])
RULES = st.lists(
    st.tuples(st.tuples(*[st.none() | VALUES] * 3), DAYS, st.none() | DAYS).filter(lambda r: not r[2] or r[1] <= r[2]),
    max_size=8,
).map(lambda rows: [Rule(f"r{n}", *row) for n, row in enumerate(rows)])
DEALS = st.lists(st.tuples(st.tuples(*[VALUES] * 3), DAYS), min_size=1, max_size=6).map(
    lambda rows: [Deal(f"d{n}", *row) for n, row in enumerate(rows)]
)


@cache
def program() -> tuple[Workspace, Program]:
    workspace = read_workspace(Text("compengine.yaml", WORKSPACE))
    made, diagnostics = check([Text("plan.yaml", PLAN)], workspace)
    assert made is not None, diagnostics
    return workspace, made


def snapshot(rules: Sequence[Rule], deals: Sequence[Deal]) -> Snapshot:
    return from_rows(
        program()[0],
        {
            "payees": [{"id": "ana"}],
            "deals": [
                {"id": d.id, "owner": "ana", "day": d.day, **dict(zip(KEYS, d.keys, strict=True))} for d in deals
            ],
            "rules": [
                {"id": r.id, "from": r.first, "to": r.last, "points": n, **dict(zip(KEYS, r.keys, strict=True))}
                for n, r in enumerate(rules, start=1)
            ],
        },
    )


def by_engine(rules: Sequence[Rule], deals: Sequence[Deal]) -> dict[str, Decimal]:
    """What is credited, by deal. Raises `Failed`."""
    made = program()[1]
    credits = engine.calculate(made, snapshot(rules, deals), made.plans[0].calendar.period("2026-01")).credits
    return dict(credits.select("source", "amount").iter_rows())


def by_oracle(rules: Sequence[Rule], deals: Sequence[Deal]) -> dict[str, Decimal]:
    made = program()[1]
    credits = oracle.calculate(made, snapshot(rules, deals), made.plans[0].calendar.period("2026-01")).credits
    return {credit.source: credit.amount for credit in credits}


Points = Callable[[Sequence[Rule], Sequence[Deal]], dict[str, Decimal]]
BOTH = pytest.mark.parametrize("points", [by_engine, by_oracle])


def fits(rule: Rule, deal: Deal) -> bool:
    in_force = rule.first <= deal.day and (rule.last is None or deal.day <= rule.last)
    return in_force and all(cell in (None, value) for cell, value in zip(rule.keys, deal.keys, strict=True))


def goes_before(a: Rule, b: Rule) -> bool:
    decisive = [(x, y) for x, y in zip(a.keys, b.keys, strict=True) if (x is None) != (y is None)]
    return bool(decisive) and decisive[0][0] is not None


def best(rules: Sequence[Rule], deal: Deal) -> list[int]:
    """The places of the rules that no other rule that fits goes before."""
    here = [n for n, rule in enumerate(rules) if fits(rule, deal)]
    return [n for n in here if not any(goes_before(rules[m], rules[n]) for m in here)]


@BOTH
@settings(max_examples=40, deadline=None)
@given(rules=RULES, deals=DEALS)
@example(rules=[], deals=[Deal("d0", ("a", "a", "a"), date(2026, 1, 10))])
def test_the_rule_that_fits_best_is_the_one_that_no_other_goes_before(
    points: Points, rules: list[Rule], deals: list[Deal]
) -> None:
    wanted = {deal.id: best(rules, deal) for deal in deals}
    tied = {", ".join(rules[n].id for n in found) for found in wanted.values() if len(found) > 1}
    if tied:
        with pytest.raises(Failed) as failed:
            points(rules, deals)
        assert {d.code for d in failed.value.diagnostics} == {"E508"}
        if points is by_engine:
            assert {d.message.split(" fit equally")[0] for d in failed.value.diagnostics} == tied
        return
    assert points(rules, deals) == {d: Decimal(found[0] + 1 if found else 0) for d, found in wanted.items()}


@BOTH
def test_an_early_key_outweighs_all_that_follow(points: Points) -> None:
    always = date(2026, 1, 1)
    rules = [Rule("named", ("a", None, None), always, None), Rule("usual", (None, "a", "a"), always, None)]
    assert points(rules, [Deal("d", ("a", "a", "a"), always)]) == {"d": Decimal(1)}


@BOTH
def test_rules_that_follow_each_other_in_time_do_not_tie(points: Points) -> None:
    rules = [
        Rule("old", ("a", None, None), date(2026, 1, 1), date(2026, 1, 10)),
        Rule("new", ("a", None, None), date(2026, 1, 11), None),
    ]
    deals = [Deal(f"d{day}", ("a", "b", "b"), date(2026, 1, day)) for day in (10, 11)]
    assert points(rules, deals) == {"d10": Decimal(1), "d11": Decimal(2)}


def test_a_tie_names_the_rules_and_the_row() -> None:
    always = date(2026, 1, 1)
    rules = [Rule("east", (None, None, "a"), always, None), Rule("coast", (None, None, "a"), always, None)]
    with pytest.raises(Failed) as failed:
        by_engine(rules, [Deal("d", ("a", "a", "a"), always)])
    (diagnostic,) = failed.value.diagnostics
    assert diagnostic.message.startswith("coast, east fit equally well in match(rules.points, ")
    assert diagnostic.message.endswith(": row d")
