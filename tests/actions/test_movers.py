"""Reasons of a change: each part by itself, all of them together the change."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compengine.actions.figures import summed
from compengine.actions.movers import PaidPeriod, parts, payable
from compengine.actions.review import compared, year_before
from compengine.values.exact import exact, multiply
from compengine.values.money import minor_unit
from compengine.values.rounding import Rounding, round_to
from compengine.values.rows import Earning, Settlement

ZERO = exact(0)
ROW = Earning(
    "ae", "commission", "ann", "2026-01", date(2026, 1, 9), "D1", "rate", "rate", exact(1000), "USD",
    exact("0.05"), "%", exact(50), "USD", True,
)  # fmt: skip
SETTLED = Settlement(
    "ae", "ann", "2026-01", "USD", ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, "USD",
    exact(1), None, ZERO,
)  # fmt: skip


def row(label: str, basis: str, rate: str, **changes: str) -> tuple[Earning, int]:
    amount = round_to(multiply(exact(basis), exact(rate)), minor_unit("USD"), Rounding.HALF_UP)
    made = replace(ROW, for_period=label, basis=exact(basis), rate=exact(rate), amount=amount)
    return replace(made, **changes), 1  # type: ignore[arg-type]


def period(label: str, *rows: tuple[Earning, int], **settled: str) -> PaidPeriod:
    due = summed([r.amount for r, _ in rows])
    whole = replace(SETTLED, **{"due": due, "payable": due, **{k: exact(v) for k, v in settled.items()}})  # type: ignore[arg-type]
    return PaidPeriod(label, label, rows, (whole,))


def test_more_credits_and_another_rate_are_told_apart() -> None:
    last = period("2026-01", row("2026-01", "1000", "0.05"))
    now = period("2026-02", row("2026-02", "3000", "0.08"))
    found = {p.kind: (p.before, p.after, str(p.amount)) for p in parts(now, last, "USD")}
    assert found == {
        "credits": ("1000.00 USD", "3000.00 USD", "100.00 USD"),
        "rate": ("5.00%", "8.00%", "90.00 USD"),
    }


def test_the_same_rate_on_more_is_credits_alone() -> None:
    last = period("2026-01", row("2026-01", "1000", "0.05"))
    now = period("2026-02", row("2026-02", "3000", "0.05"))
    assert [(p.kind, str(p.amount)) for p in parts(now, last, "USD")] == [("credits", "100.00 USD")]


def test_limits_clawbacks_and_corrections_have_parts_of_their_own() -> None:
    last = period("2026-02")
    now = period(
        "2026-03",
        row("2026-03", "1000", "1", kind="cap"),
        row("2026-03", "20", "1", kind="claw"),
        row("2026-01", "7", "1"),
    )
    found = {p.kind: str(p.amount) for p in parts(now, last, "USD")}
    assert found == {"limit": "1000.00 USD", "clawback": "20.00 USD", "corrections": "7.00 USD"}


def test_what_the_settlement_does_is_a_part() -> None:
    last = period("2026-01", row("2026-01", "1000", "0.05"))
    now = period("2026-02", row("2026-02", "1000", "0.05"), payable="30", recovered="20")
    assert {p.kind: str(p.amount) for p in parts(now, last, "USD")} == {"draw": "-20.00 USD"}
    held = period("2026-02", row("2026-02", "1000", "0.05"), due="10", payable="10")
    assert {p.kind: str(p.amount) for p in parts(held, last, "USD")} == {"released": "-40.00 USD"}


KINDS = st.sampled_from(["rate", "flat", "cap", "claw", "prize", "multiplier"])
FIGURES = st.integers(-(10**9), 10**9).map(lambda n: format(Decimal(n).scaleb(-4), "f"))
ROWS = st.lists(st.tuples(st.sampled_from(["2026-01", "2026-02"]), FIGURES, FIGURES, KINDS), max_size=6)


@settings(deadline=None)
@given(ROWS, ROWS)
def test_the_parts_add_up_whatever_the_rows_are(
    ours: list[tuple[str, str, str, str]], theirs: list[tuple[str, str, str, str]]
) -> None:
    now = period("2026-02", *(row(label, basis, rate, kind=kind) for label, basis, rate, kind in ours))
    last = period("2026-01", *(row(label, basis, rate, kind=kind) for label, basis, rate, kind in theirs))
    change = summed([payable(now), -payable(last)])
    assert summed([p.amount.amount for p in parts(now, last, "USD")]) == change


@pytest.mark.parametrize(
    ("label", "before"), [("2026-03", "2025-03"), ("2026-W05", "2025-W05"), ("2026-P03", "2025-P03"), ("week", "")]
)
def test_a_period_has_one_a_year_before(label: str, before: str) -> None:
    assert year_before(label) == before


def test_what_was_a_year_before_has_its_own_percentage() -> None:
    made = compared("total", ("", "payable", "", ""), "USD", [exact(150), exact(100), exact(120)])
    assert (made.percent, made.year_percent) == (Decimal("0.5"), Decimal("0.25"))
    alone = compared("total", ("", "payable", "", ""), "USD", [exact(150), None, None])
    assert (alone.last, alone.change, alone.percent, alone.year) == (None, None, None, None)
