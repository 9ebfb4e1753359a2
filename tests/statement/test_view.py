"""Facts become the view that a reader can follow."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from statement_samples import (
    ALL,
    CARRYING,
    COMMISSION,
    HERE,
    LIMITED,
    abroad,
    balance,
    component,
    crossing,
    decided,
    draw_month,
    facts,
    many,
    measure,
    moved,
    negative,
    nothing,
    plan,
    row,
    scale,
    settlement,
    true_up,
)

from compengine.plan.typed import Grain, Step, Table, TableCall, TableKind, Type, Unit
from compengine.statement.build import build
from compengine.statement.data import to_json
from compengine.statement.facts import PartBefore, Posted
from compengine.statement.html import render_html
from compengine.statement.language import language
from compengine.statement.lines import credit_text
from compengine.statement.templates import load_template
from compengine.statement.view import Bridge, Figure
from compengine.values.exact import exact
from compengine.values.rounding import Rounding
from compengine.values.rows import Credit, Earning, Measure, Payable


def amounts(bridge: Bridge) -> dict[str, Decimal]:
    return {line.key: line.amount for line in bridge.lines}


@pytest.mark.parametrize("name", ALL)
def test_every_sample_adds_up(name: str) -> None:
    assert build(ALL[name]()).number


def test_who_moved_sees_what_falls_to_which_entity_and_who_pays() -> None:
    view = build(moved())
    assert [(e.entity, e.first, e.last, e.amount, e.pays) for e in view.employments] == [
        ("acme-us", date(2026, 3, 1), date(2026, 3, 14), exact(150), False),
        ("acme-eu", date(2026, 3, 15), date(2026, 3, 31), exact(300), True),
    ]
    given = moved()
    stayed = replace(given, stays=(replace(given.stays[1], first=date.min),))
    assert build(stayed).employments == ()
    long_ago = replace(
        given,
        stays=(replace(given.stays[0], last=date(2026, 2, 28)), replace(given.stays[1], first=date(2026, 3, 1))),
    )
    assert [(e.first, e.amount) for e in build(long_ago).employments] == [
        (None, exact(50)),  # a line of January alone
        (date(2026, 3, 1), exact(400)),
    ]


def test_a_statement_says_its_own_day_and_which_earlier_ones_it_corrects() -> None:
    view = build(true_up())
    assert view.dated == date(2026, 4, 4)
    assert view.corrects == ("2026-01-000001", "2026-02-000001")
    assert build(crossing()).corrects == ()
    page = " ".join(render_html(view, load_template()).split())
    assert "Dated</th><td>4 April 2026" in page
    assert "Corrects</th><td>2026-01-000001, 2026-02-000001" in page
    assert f">{sha256(to_json(view)).hexdigest()}</td>" in page and "confidential" in page


def test_a_clawback_says_how_long_after_the_credit_it_came() -> None:
    given = true_up()
    credit = Credit(
        "enterprise-ae", "bookings", "ana", "D0961", date(2026, 1, 19), exact(12000), "USD", exact(1), 0, "",
        exact(0), "", exact(0), None,
    )  # fmt: skip
    view = build(replace(given, credits=(*given.credits, credit)))
    assert view.clawbacks[0].credited == date(2026, 1, 19)
    assert "60 days after 19 Jan 2026" in render_html(view, load_template())
    assert build(given).clawbacks[0].credited is None


@pytest.mark.parametrize(
    ("part", "title"),
    [("24", "Bonus, 24 to 36"), ("36", "Bonus, 36 and above"), ("cap:period", "Bonus, cap"), ("rate", "Bonus")],
)
def test_a_clawback_says_of_which_step_or_limit_it_takes(part: str, title: str) -> None:
    steps = Table(
        "term", TableKind.STEPS, (Unit.NUMBER,), Unit.PERCENT,
        tuple(Step(key, Decimal(key), Decimal(0)) for key in ("0", "24", "36")), True, HERE,
    )  # fmt: skip
    call = TableCall(Type(Unit.PERCENT, Grain.ROW), HERE, "term(deal.months)", "term", ())
    given = plan(component("bonus", rate=call), tables={"term": steps})
    claw = row("D9", "100", "-1", component="bonus", part=f"claw:cancelled:{part}", kind="claw", amount="-100")
    (shown,) = build(facts([claw], settlement("-100", carried="100"), given)).clawbacks
    assert shown.title == title


def test_an_adjustment_says_who_asked_for_it_and_which_dispute_it_ends() -> None:
    page = render_html(build(decided()), load_template())
    assert "asked for by olive, for dispute D0002" in page
    assert "on hold H0001" in page and "19 days so far" in page  # earned on 12 March


def test_a_deal_that_crosses_a_tier_has_a_line_for_each() -> None:
    commission = build(crossing()).components[0]
    (deal,) = commission.deals
    assert [(s.label, s.basis.value, s.rate.value, s.amount) for s in deal.slices] == [
        ("0% to 100%", exact(33000), exact("0.1"), exact(3300)),
        ("100% to 150%", exact(7000), exact("0.2"), exact(1400)),
    ]
    assert deal.amount == commission.subtotal == exact("4700.00")
    assert commission.terms == COMMISSION.terms


def test_the_answer_is_what_is_paid_and_the_bridge_leads_to_it() -> None:
    view = build(crossing())
    assert view.answer == (Figure(exact(5875), "USD"),)
    assert amounts(view.bridges[0]) == {
        "component:enterprise-ae.commission": exact(4700),
        "component:enterprise-ae.multi_year": exact(1175),
        "component:enterprise-ae.analytics_spif": exact(0),
        "earned": exact(5875),
        "payable": exact(5875),
    }


def test_where_the_payee_stands_and_what_is_missing_to_the_next_tier() -> None:
    (stand,) = build(crossing()).performance
    assert (stand.credited, stand.quota) == (Figure(exact(40000), "USD"), Figure(exact(33000), "USD"))
    assert [t.current for t in stand.tiers] == [False, True, False]
    assert stand.tiers[1].from_amount == Figure(exact(33000), "USD")
    assert (stand.next_label, stand.next_rate, stand.to_next) == ("150% and above", "25%", Figure(exact(9500), "USD"))
    assert stand.effective == exact("0.1175")


def test_attainment_comes_from_the_plans_measure_where_the_caller_gives_no_position() -> None:
    made = replace(crossing(), positions=())
    (stand,) = build(made).performance
    assert stand.quota is None and stand.value.value == made.measures[0].value


def test_a_measure_that_no_scale_shows_is_listed() -> None:
    extra = Measure("enterprise-ae", "demos_held", "ana", "2026-03", exact(14), "")
    made = crossing()
    view = build(replace(made, measures=(*made.measures, extra)))
    assert [(p.label, p.value) for p in view.performance if not p.tiers] == [("Demos held", Figure(exact(14), ""))]


@pytest.mark.parametrize(
    ("value", "band"), [("0.5", 0), ("0.999999999999", 0), ("1", 1), ("1.5", 2), ("9", 2), ("-1", 0)]
)
def test_a_value_on_a_bound_belongs_to_the_band_it_opens(value: str, band: int) -> None:
    made = crossing()
    view = build(replace(made, positions=(replace(made.positions[0], value=exact(value)),)))
    assert [t.current for t in view.performance[0].tiers].index(True) == band


def test_a_re_rated_month_is_paired_and_said_in_a_sentence() -> None:
    first, late = build(true_up()).changes
    assert first.sentence == "January 2026 re-rated, 2% → 3% on 80,000.00"
    assert [(r.old, r.new, r.amount) for r in first.rows] == [(exact(1600), exact(2400), exact(800))]
    assert (first.basis, first.amount) == (Figure(exact(80000), "USD"), exact(800))
    assert (late.sentence, late.amount) == (
        "February 2026: not on an earlier statement, 3% on 12,500.00",
        exact(375),
    )


def test_deals_re_rated_together_are_one_group_whose_columns_add_up() -> None:
    deals = [("D7", "1000.01"), ("D8", "2000"), ("D9", "3000")]

    def earned(source: str, basis: str, rate: str) -> Earning:
        return row(source, basis, rate, period="2026-02", on=date(2026, 2, 3))

    posted = [Posted(-1, earned(*deal, "0.005"), "2026-03", "2026-01-000001") for deal in deals]
    posted += [Posted(1, earned(*deal, "0.01"), "2026-03") for deal in deals]
    due = str(sum((p.amount for p in posted), Decimal(0)))
    view = build(facts(posted, settlement(due), plan(COMMISSION)))
    (group,) = view.changes
    assert group.sentence == "February 2026 re-rated, 0.5% → 1%, 3 lines on 6,000.01"
    assert (group.old, group.new, group.amount) == (exact(30), exact(60), exact(30))
    assert not view.corrections and amounts(view.bridges[0])["corrections"] == exact(30)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (("80000", "0.02"), ("90000", "0.02"), "February 2026 restated, 80,000.00 → 90,000.00 at 2%"),
        (("80000", "0.02"), None, "February 2026: no longer earned, 2% on 80,000.00"),
        (("80000", "0.02"), ("90000", "0.03"), "February 2026 re-rated: another part of it lies in each tier"),
    ],
)
def test_what_changed_is_said(old: tuple[str, str], new: tuple[str, str] | None, sentence: str) -> None:
    def dated(figures: tuple[str, str]):  # type: ignore[no-untyped-def]
        return row("D7", *figures, period="2026-02", on=date(2026, 2, 3))

    posted = [Posted(-1, dated(old), "2026-03", "2026-01-000001")] + ([Posted(1, dated(new), "2026-03")] if new else [])
    due = sum((p.amount for p in posted), Decimal(0))
    view = build(facts(posted, settlement(str(due), carried=str(max(Decimal(0), -due))), plan(COMMISSION)))
    assert (*view.changes, *view.corrections)[0].sentence == sentence


def test_a_clawback_names_its_original_and_the_share() -> None:
    (claw,) = build(true_up()).clawbacks
    assert (claw.source, claw.reversal, claw.original, claw.share, claw.amount) == (
        "D0961",
        "Cancelled (R7)",
        exact(1200),
        exact("-0.5"),
        exact(-600),
    )


def test_the_draw_account_moves_from_opening_to_closing_in_the_plans_words() -> None:
    owed = next(a for a in build(draw_month()).accounts if a.account == "owed")
    assert (owed.opening, owed.movements, owed.closing) == (exact(-500), (("advanced", exact(-1625)),), exact(-2125))
    assert owed.note.startswith("Top-up draw of 4,000 USD, while the plan's condition for it holds; ")
    assert "period.end" not in owed.note


def test_a_negative_result_is_carried_and_nothing_is_paid() -> None:
    view = build(negative())
    assert view.answer == (Figure(exact(0), "USD"),)
    assert amounts(view.bridges[0])["carried"] == exact(1800)


def test_a_month_without_rows_shows_every_component_at_zero_and_why() -> None:
    view = build(nothing())
    assert [(c.name, c.subtotal, c.note) for c in view.components] == [
        ("commission", exact(0), ""),
        ("multi_year", exact(0), ""),
        ("quarterly_bonus", exact(0), "settled once a quarter"),
    ]
    assert [(e.source, e.reason) for e in view.excluded] == [("D1003", "stage is not Closed Won")]


def test_what_is_held_is_marked_on_its_line_left_out_of_pay_and_listed_with_its_condition() -> None:
    view = build(many(3))
    (hold,) = view.holds
    assert (hold.source, hold.amount, hold.expected, hold.condition) == (
        "D2000",
        exact("120.05"),
        None,
        "“paid on”",
    )
    assert [d.status for d in view.components[0].deals] == ["held", "", ""]
    assert amounts(view.bridges[0])["withheld"] == exact("-120.05")


def test_a_part_held_until_a_day_says_how_much() -> None:
    made = many(1)
    later = replace(made.payables[0], on=date(2026, 5, 31), amount=exact("100.05"))
    now = replace(made.payables[0], step=1, on=date(2026, 3, 31), amount=exact(20))
    view = build(replace(made, payables=(later, now), settlements=(settlement("20"),), closing=None))
    assert view.components[0].deals[0].status == "100.05 held until 31 May 2026"


def test_a_release_of_an_earlier_month_comes_out_of_held() -> None:
    earlier = Payable("enterprise-ae", "commission", "ana", "2026-01", "D7", "0%", 0, None, exact(1000), "USD")
    made = facts(
        [],
        settlement("700"),
        plan(COMMISSION),
        opening=(balance("held", "1000"),),
        closing=(balance("held", "300"), balance("payable", "700")),
        payables=(Payable("enterprise-ae", "commission", "ana", "2026-01", "D7", "0%", 0, None, exact(300), "USD"),),
        parts=(PartBefore(earlier, True, "2026-01-000001"),),
    )
    view = build(made)
    assert amounts(view.bridges[0])["released"] == exact(700)
    assert next(a for a in view.accounts if a.account == "held").movements == (("released", exact(-700)),)


def test_a_cap_is_a_line_of_its_own_in_the_plans_words() -> None:
    rows = [
        row("D1", "120000", "0.1", part="0%", start="0"),
        row("D1", "12000", "0", part="cap:period", kind="cap", amount="-2000"),
    ]
    view = build(facts(rows, settlement("10000"), plan(LIMITED)))
    cap = view.components[0].deals[0].slices[-1]
    assert (cap.label, cap.amount, cap.note) == (
        "cap",
        exact(-2000),
        "at most 10,000 USD per period; before it USD 12,000.00",
    )


def test_what_a_limit_keeps_for_later_and_pays_of_before_is_said() -> None:
    rows = [
        row("D1", "120000", "0.1", part="0%", start="0"),
        row("D1", "12000", "0", part="cap:period", kind="cap", amount="-2000"),
        row("2026-03", "1500", "0", part="carried:period", kind="carried", amount="500", on=date(2026, 3, 31)),
        row("2026-03", "40", "0", part="carried:period#2:disk", kind="carried", amount="30", on=date(2026, 3, 31)),
    ]
    view = build(facts(rows, settlement("10530"), plan(CARRYING)))
    deal, window = view.components[0].deals
    assert (
        deal.slices[-1].note
        == "at most 10,000 USD per period; before it USD 12,000.00; the rest waits for later periods"
    )
    assert [(line.label, line.amount, line.note) for line in window.slices] == [
        ("from earlier periods", exact(500), "at most 10,000 USD per period; USD 1,500.00 waited"),
        ("from earlier periods", exact(30), "carried per period; USD 40.00 waited"),
    ]


@pytest.mark.parametrize(
    ("amount", "share", "said"),
    [
        ("5085", "0.3", "credited at 30% of 16,950.00"),
        ("33.3333333333", "0.333333333333", "credited at 1/3 (33.33%) of 100.00"),
        ("33.34", "0.333333333333", "credited at 1/3 (33.33%)"),
        ("10", "1", ""),
    ],
)
def test_a_split_says_of_how_much_where_that_comes_out(amount: str, share: str, said: str) -> None:
    credit = Credit(
        "p", "s", "ana", "D1", date(2026, 3, 1), exact(amount), "USD", exact(share), 0, "", exact(0), "", exact(0), None
    )
    assert credit_text(language("en-GB"), credit) == said


def test_what_is_carried_by_a_value_names_it() -> None:
    limit = replace(
        CARRYING.limits[0], by=measure("deal.product"), text="at most 10_000 USD per period by deal.product carry"
    )
    carried = row(
        "2026-03", "1500", "0", part="carried:period:disk", kind="carried", amount="500", on=date(2026, 3, 31)
    )
    view = build(facts([carried], settlement("500"), plan(replace(CARRYING, limits=(limit,)))))
    note = "at most 10,000 USD per period, by product (disk); USD 1,500.00 waited"
    assert view.components[0].deals[0].slices[0].note == note


def test_a_line_of_nothing_says_why() -> None:
    view = build(facts([row("D1", "500", "0", part="0%")], settlement("0"), plan(COMMISSION)))
    assert view.components[0].deals[0].slices[0].note == "nothing: the rate is 0 here"


def test_lines_rounded_with_their_component_say_so_and_add_up_as_a_whole() -> None:
    rounded = plan(component("commission"), per_component=True, rounding=Rounding.HALF_UP)
    rows = [
        row("D1", "0.33", "0.5", amount="0.17"),
        row("D2", "0.33", "0.5", amount="0.16"),
    ]
    slices = [s for d in build(facts(rows, settlement("0.33"), rounded)).components[0].deals for s in d.slices]
    assert [(s.shared, s.unrounded) for s in slices] == [(True, exact("0.165")), (True, exact("0.165"))]


def test_pay_in_another_currency_shows_the_rate() -> None:
    due = replace(
        settlement("5875"), pay_currency="EUR", fx_rate=exact("0.92"), fx_date=date(2026, 4, 15), paid=exact("5405")
    )
    view = build(replace(crossing(), settlements=(due,), closing=None))
    assert view.answer == (Figure(exact(5405), "EUR"),)
    (one,) = view.bridges[0].conversions
    assert (one.basis, one.fx, one.paid) == (Figure(exact(5875), "USD"), exact("0.92"), Figure(exact(5405), "EUR"))


def test_what_is_converted_and_what_is_not_have_a_line_each_and_make_the_payable() -> None:
    view = build(abroad())
    (bridge,) = view.bridges
    assert [(c.plan, c.basis.value, c.fx, c.paid) for c in bridge.conversions] == [
        ("enterprise-ae", exact(5875), exact("0.9311"), Figure(exact("5470.21"), "EUR")),
        ("spring-spif", exact(10), None, Figure(exact(10), "USD")),
    ]
    assert (bridge.payable, view.answer) == (exact(5885), bridge.paid)
    page = " ".join(render_html(view, load_template()).replace("\u00a0", " ").split())
    assert "enterprise-ae: USD 5,875.00 × 0.9311 EUR for 1 USD, 31 Mar 2026" in page
    assert "spring-spif: USD 10.00</td>" in page


def test_two_plans_share_one_statement_and_one_bridge() -> None:
    made = crossing()
    spif = plan(component("bonus", rate=scale(("0%", "1%"))), name="spring-spif", title="Spring SPIF")
    more = row("D9", "100", "0.01", component="bonus", part="0%", plan="spring-spif")
    view = build(
        replace(
            made,
            plans=(made.plans[0], replace(made.plans[0], plan=spif)),
            rows=(*made.rows, Posted(1, more, "2026-03")),
            settlements=(*made.settlements, replace(settlement("1"), plan="spring-spif")),
            closing=None,
            year=(),
        )
    )
    assert view.answer == (Figure(exact(5876), "USD"),)
    assert [c.plan for c in view.components] == ["enterprise-ae"] * 3 + ["spring-spif"]
