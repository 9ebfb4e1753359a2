"""What a statement says of adjustments, holds and disputes, and that its figures add up with them."""

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from proven_samples import proof
from statement_samples import COMMISSION, by_hand, decided, facts, plan, row, settlement

from compengine.source.diagnostic import Failed
from compengine.statement.build import assemble, build
from compengine.statement.data import from_json, to_json
from compengine.statement.facts import DisputeFacts, Facts, Posted, RecordFacts
from compengine.statement.html import render_html
from compengine.statement.identities import check
from compengine.statement.recheck import posted, read_lines, recomputed
from compengine.statement.rows import rows_csv
from compengine.statement.templates import load_template
from compengine.values.decided import ADJUSTMENT, Adjustment, Decided, Hold, Released
from compengine.values.exact import exact
from compengine.values.rows import Earning, Payable

TEMPLATE = load_template(root=Path("nowhere"))
APPROVED = RecordFacts("bonus", "Launch <b>prize</b>", date(2026, 3, 2), date(2026, 3, 3), "frank")


def adjusted(*rows: Earning, approved: str = "250") -> Facts:
    """A commission of 100 and these rows; A0001 was approved."""
    due = exact(100) + sum(r.amount for r in rows)
    made = facts([row("D1", "1000", "0.1", part="0%"), *rows], settlement(str(due)), plan(COMMISSION))
    taken = Adjustment("A0001", "ana", "enterprise-ae", rows[0].for_period, "SPIF-Q1", exact(approved), "USD")
    return replace(made, decided=Decided((taken,)), register={"A0001": APPROVED})


@pytest.mark.parametrize(("amount", "period"), [("250", "2026-03"), ("-30", "2026-01")])
def test_an_adjustment_has_a_section_of_its_own_and_a_line_in_the_bridge(amount: str, period: str) -> None:
    view = build(adjusted(by_hand(amount, period), approved=amount))
    (told,) = view.adjustments
    assert (told.id, told.for_period, told.kind, told.code) == ("A0001", period, "bonus", "SPIF-Q1")
    assert (told.reason, told.approved_by, told.approved) == (APPROVED.reason, "frank", date(2026, 3, 3))
    lines = {line.key: line.amount for line in view.bridges[0].lines}
    assert lines["adjustments"] == exact(amount)
    assert lines["earned"] == lines["payable"] == exact(100) + exact(amount)
    assert (view.corrections, view.changes) == ((), ())
    assert ADJUSTMENT not in [c.name for c in view.components]


def test_the_page_shows_it_and_its_data_are_read_back() -> None:
    view = build(adjusted(by_hand("250")))
    page = render_html(view, TEMPLATE)
    assert "Launch &lt;b&gt;prize&lt;/b&gt;" in page
    assert "<b>A0001</b>" in page
    assert from_json(to_json(view)) == view


def test_another_amount_than_was_approved_is_not_printed() -> None:
    with pytest.raises(Failed, match=r"adjustment A0001 is 250\.00, but must be 249\.99"):
        build(adjusted(by_hand("250"), approved="249.99"))


def test_an_adjustment_that_nobody_approved_is_not_printed() -> None:
    with pytest.raises(Failed, match=r"adjustment A0002 is 5\.00, but must be 0\.00"):
        build(adjusted(by_hand("250"), by_hand("5", id="A0002")))


def test_an_adjustment_that_is_left_out_is_missed() -> None:
    made = adjusted(by_hand("250"))
    view = assemble(made)
    assert not check(view, made)
    found = check(replace(view, adjustments=()), made)
    assert any("earned is" in d.message for d in found)


def test_what_is_taken_back_whole_is_not_held_against_its_approval() -> None:
    made = adjusted(by_hand("250"))
    back = replace(made, rows=(made.rows[0], Posted(-1, by_hand("250"), "2026-03")), decided=Decided())
    view = build(replace(back, settlements=(settlement("-150", carried="150"),)))
    assert [a.amount for a in view.adjustments] == [exact(-250)]


def held(*released: Released, hold: str = "D1") -> Facts:
    made = facts([row("D1", "1000", "0.1", part="0%")], settlement("0"), plan(COMMISSION))
    part = Payable("enterprise-ae", "commission", "ana", "2026-03", "D1", "0%", 0, None, exact(100), "USD")
    reason = {"H0001": RecordFacts("", "contract unsigned", date(2026, 3, 2))}
    decided = Decided((), (Hold("H0001", "ana", "", "", hold),), released)
    return replace(made, payables=(part,), decided=decided, register=reason)


def test_what_somebody_holds_is_listed_with_the_reason() -> None:
    (told,) = build(held()).holds
    assert told.condition == "on hold H0001 since 2 Mar 2026: contract unsigned"


@pytest.mark.parametrize(
    "made", [held(hold="D2"), held(Released("ana", "enterprise-ae", "commission", "D1", 0))], ids=["other", "released"]
)
def test_a_hold_that_does_not_reach_a_part_is_not_its_reason(made: Facts) -> None:
    assert [h.condition for h in build(made).holds] == [""]


def test_a_held_adjustment_is_not_taken_for_a_deal_of_that_name() -> None:
    made = adjusted(by_hand("250"))
    part = Payable("enterprise-ae", ADJUSTMENT, "ana", "2026-03", "A0001", "SPIF-Q1", 0, None, exact(250), "USD")
    sources = {"A0001": (("Customer", "Bluebird"),)}
    made = replace(made, payables=(part,), settlements=(settlement("100"),), sources=sources)
    assert [(h.title, h.facts) for h in build(made).holds] == [("Adjustments", ())]


def test_disputes_say_how_they_stand() -> None:
    opened, due = date(2026, 3, 4), date(2026, 4, 3)
    told = DisputeFacts("D0001", "2026-02-000001", "D1/0%", "wrong", "reviewed", opened, due, opened)
    over = replace(told, id="D0002", state="refused", last=date(2026, 3, 9), outcome="the rate is right")
    page = render_html(build(replace(adjusted(by_hand("250")), disputes=(told, over))), TEMPLATE)
    assert "in review, to be decided by 3 Apr 2026" in page
    assert "refused on 9 Mar 2026: the rate is right" in page
    assert "statement 2026-02-000001, D1/0%" in page


def test_a_file_that_shows_another_adjustment_than_was_posted_is_found() -> None:
    made = decided()
    view = assemble(made)
    lines = read_lines(proof(made)[0].text)
    assert posted(view, lines) == []
    swapped = replace(view, adjustments=tuple(replace(a, id="A0009") for a in view.adjustments))
    assert "adjustment A0009 (250.000000000000) was not posted so" in posted(swapped, lines)
    assert recomputed(view)[1] == []
    left_out = recomputed(replace(view, adjustments=view.adjustments[:1]))[1]
    assert ("earned in USD", exact(520), exact(550)) in left_out


def test_adjustments_are_rows_of_a_section_of_their_own() -> None:
    lines = list(csv.DictReader(io.StringIO(rows_csv(build(decided())).decode())))
    told = [
        (r["source"], r["for_period"], r["part"], r["amount"], r["note"]) for r in lines if r["section"] == "adjustment"
    ]
    assert told == [
        ("A0001", "2026-03", "SPIF-Q1", "250.00", "Launch prize"),
        ("A0002", "2026-01", "OVERPAID", "-30.00", "Paid twice"),
    ]
