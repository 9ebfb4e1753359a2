"""Posting is the difference between what is earned and what is posted."""

from collections import Counter
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_world import MARCH_ROWS, World, earning, released_at_once

from compengine.ledger import queries
from compengine.ledger.leaves import in_order
from compengine.ledger.posting import CONTENT, LIVE, POSTED_EARNING, difference, fold
from compengine.ledger.verify import verify
from compengine.values.exact import exact
from compengine.values.frames import to_frame
from compengine.values.rows import Earning

JANUARY, FEBRUARY, MARCH = MARCH_ROWS


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def shown(rows: pl.DataFrame) -> list[tuple[str, ...]]:
    signed = rows.with_columns(pl.col("basis", "amount") * pl.col("sign"))
    return [
        (r["for_period"], r["source"], r["part"], f"{r['basis']:,.0f}", f"{r['amount']:,.0f}")
        for r in signed.iter_rows(named=True)
    ]


def amounts(world: World, by: str, **which: object) -> dict[str, int]:
    frame = queries.balances(world.store, (by, "currency"), queries.Which(**which))  # type: ignore[arg-type]
    return dict(frame.select(by, "amount").iter_rows())


def test_a_late_deal_is_restated_as_in_the_worked_example(world: World) -> None:
    world.post("2026-01", JANUARY)
    world.post("2026-02", FEBRUARY)
    march = world.post("2026-03", MARCH)
    rows = queries.posted_rows(world.store, world.objects, march.number)
    assert shown(rows) == [
        ("2026-01", "L", "0%", "20,000", "1,000"),
        ("2026-02", "B", "0%", "-40,000", "-2,000"),
        ("2026-02", "B", "0%", "20,000", "1,000"),
        ("2026-02", "B", "100%", "-20,000", "-2,000"),
        ("2026-02", "B", "100%", "40,000", "4,000"),
    ]
    assert amounts(world, "account", in_period="2026-03") == {"expense": -2000_00, "payable": 2000_00}
    assert amounts(world, "for_period", account="payable", reason="released") == {
        "2026-01": 4000_00,
        "2026-02": 5000_00,
    }
    assert verify(world.store, world.objects) == []


def test_posting_what_is_posted_adds_nothing_but_closes_the_period(world: World) -> None:
    world.post("2026-01", JANUARY)
    before = queries.balances(world.store)
    again = world.post("2026-02", JANUARY)
    assert queries.posted_rows(world.store, world.objects, again.number).is_empty()
    assert queries.entries(world.store, queries.Which(posting=again.number)) == []
    assert queries.balances(world.store).equals(before)
    assert queries.read_opening(world.store, "monthly").last_end == date(2026, 2, 28)


def test_a_correction_and_its_correction_net_to_zero(world: World) -> None:
    world.post("2026-01", JANUARY)
    world.post("2026-02", [replace(JANUARY[0], rate=exact("0.04"), amount=exact("2400"))])
    world.post("2026-03", JANUARY)
    assert amounts(world, "in_period", account="expense") == {
        "2026-01": -3000_00,
        "2026-02": 600_00,
        "2026-03": -600_00,
    }
    assert amounts(world, "account") == {"expense": -3000_00, "payable": 3000_00}
    assert queries.live_rows(world.store, world.objects).equals(in_order(to_frame(Earning, JANUARY)))
    assert verify(world.store, world.objects) == []


def test_what_is_not_released_is_held_until_its_day(world: World) -> None:
    payables = [
        replace(released_at_once(JANUARY)[0], amount=exact("1000")),
        replace(released_at_once(JANUARY)[0], step=1, on=date(2026, 2, 28), amount=exact("500")),
        replace(released_at_once(JANUARY)[0], step=2, on=None, amount=exact("1500")),
    ]
    world.post("2026-01", JANUARY, payables)
    assert amounts(world, "account") == {"expense": -3000_00, "held": 2000_00, "payable": 1000_00}
    world.post("2026-02", JANUARY, payables)
    assert amounts(world, "account") == {"expense": -3000_00, "held": 1500_00, "payable": 1500_00}
    world.post("2026-03", [], [])
    assert amounts(world, "account") == {"carried": -1500_00, "payable": 1500_00}
    assert verify(world.store, world.objects) == []


def test_figures_that_are_not_paid_are_kept_and_move_nothing(world: World) -> None:
    posting = world.post("2026-01", [earning("ana", "A", "0%", "100", "0.5", "2026-01", paid=False)])
    assert queries.posted_rows(world.store, world.objects, posting.number).height == 1
    assert queries.entries(world.store) == []


def test_position_is_evidence_and_no_reason_to_post(world: World) -> None:
    world.post("2026-01", JANUARY)
    moved = replace(JANUARY[0], position_from=exact("5"), position_to=None)
    again = world.post("2026-02", [moved])
    assert queries.posted_rows(world.store, world.objects, again.number).is_empty()


def test_each_calendar_posts_against_its_own_rows(world: World) -> None:
    world.post("2026-01", JANUARY, calendar="monthly")
    world.post("2026-01", [earning("bea", "Q", "0%", "100", "0.5", "2026-01", plan="other")], calendar="second")
    assert queries.live_rows(world.store, world.objects, "monthly")["payee"].to_list() == ["ana"]
    assert queries.live_rows(world.store, world.objects).height == 2
    assert verify(world.store, world.objects) == []


def test_earnings_that_share_a_key_are_our_mistake() -> None:
    doubled = to_frame(Earning, [JANUARY[0], replace(JANUARY[0], amount=exact("1"))])
    with pytest.raises(AssertionError, match="share their key"):
        difference(doubled, LIVE.to_frame(), "2026-01")


ROWS = [
    earning(payee, source, "0%", basis, "0.5", "2026-01", at=at)
    for payee in ("ana", "bea")
    for source in ("A", "B")
    for basis in ("10", "20", "30")
    for at in ("0", "7")
]


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from([(r.payee, r.source) for r in ROWS]), st.sampled_from(range(6))),
    st.dictionaries(st.sampled_from(range(len(ROWS))), st.integers(-3, 3)),
)
def test_posted_plus_difference_is_earned_whatever_was_posted(
    earned: dict[tuple[str, str], int], posted: dict[int, int]
) -> None:
    rows = [[r for r in ROWS if (r.payee, r.source) == key][place] for key, place in earned.items()]
    signs = [(ROWS[at], 1 if count > 0 else -1) for at, count in posted.items() for _ in range(abs(count))]
    before = to_frame(Earning, [row for row, _ in signs]).with_columns(
        sign=pl.Series([sign for _, sign in signs], dtype=pl.Int8), in_period=pl.lit("2025-12")
    )
    added = difference(to_frame(Earning, rows), fold(before), "2026-01")
    after = fold(pl.concat([before, added]))
    assert after["count"].to_list() == [1] * len(rows)
    assert after.select(CONTENT).equals(in_order(to_frame(Earning, rows)).select(CONTENT))
    assert difference(to_frame(Earning, rows), after, "2026-02").is_empty()
    assert after.schema == LIVE and added.schema == POSTED_EARNING
    counts = Counter({(r.payee, r.source, r.basis): 1 for r in rows})
    counts.subtract(_counted(signs))
    assert _counted([(r, s) for r, s in zip(_rows(added), added["sign"], strict=True)]) == {
        k: v for k, v in counts.items() if v
    }


def _rows(posted: pl.DataFrame) -> list[Earning]:
    return [Earning(**row) for row in posted.drop("sign", "in_period").iter_rows(named=True)]


def _counted(signs: list[tuple[Earning, int]]) -> dict[tuple[str, str, object], int]:
    counts: Counter[tuple[str, str, object]] = Counter()
    for row, sign in signs:
        counts[row.payee, row.source, row.basis] += sign
    return {key: count for key, count in counts.items() if count}
