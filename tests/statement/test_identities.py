"""Each identity holds on a true statement, and is broken here on purpose."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from statement_samples import (
    CARRYING,
    COMMISSION,
    abroad,
    balance,
    component,
    crossing,
    draw_month,
    facts,
    manager,
    many,
    moved,
    plan,
    row,
    settlement,
    true_up,
)

from compengine.source.diagnostic import Failed
from compengine.statement import identities
from compengine.statement.build import assemble, build
from compengine.statement.facts import EarnedBefore, Facts, Posted
from compengine.statement.recheck import recomputed
from compengine.statement.view import Figure, StatementView
from compengine.values.exact import exact

ONE = Decimal("0.01")
TESTS = Path(__file__).resolve().parents[1]
TABLE = TESTS.parent / "docs" / "internals" / "statement-fields.md"


def told_in(table: str) -> set[str]:
    """The identities that the table names with a test that there is."""
    tests = {
        name for path in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    rows = [line.split("|")[2:4] for line in table.splitlines() if line.count("|") == 4]
    named = [(set(re.findall(r"`(\w+)`", what)), set(re.findall(r"`(\w+)`", by))) for what, by in rows]
    return {name for names, by in named if by and by <= tests for name in names}


def test_every_identity_is_in_the_table_with_the_tests_that_break_it() -> None:
    table = TABLE.read_text("utf-8")
    names = {identity.__name__ for identity in identities.IDENTITIES}
    assert names <= told_in(table)
    lost = table.replace("`test_a_bridge_that_does_not_add_up`", "`test_a_bridge_that_nobody_wrote`")
    assert names - told_in(lost) == {"running"}


def broken(made: Facts, change: Callable[[StatementView], StatementView]) -> list[str]:
    view = assemble(made)
    assert not identities.check(view, made)
    return [d.message for d in identities.check(change(view), made)]


def test_a_line_whose_product_is_another_amount() -> None:
    wrong = replace(crossing(), rows=(), settlements=(settlement("3300.01"),), year=(), closing=None)
    rows = facts([row("D1", "33000", "0.1", part="0%", amount="3300.01")], settlement("3300.01"), wrong.plans[0].plan)
    with pytest.raises(Failed) as failure:
        build(rows)
    assert failure.value.diagnostics[0].code == "E801"
    assert failure.value.diagnostics[0].message == (
        "ana, statement 2026-03-0001: commission of D1, 0% is 3,300.01, but must be 3,300.00"
    )


def test_a_window_that_pays_more_of_earlier_ones_than_was_carried() -> None:
    rows = [row("2026-03", "500", "0", part="carried:period", kind="carried", amount="500.01", on=date(2026, 3, 31))]
    with pytest.raises(Failed, match=r"pays of earlier windows in 2026-03 is 500\.01, but must be 500\.00"):
        build(facts(rows, settlement("500.01"), plan(CARRYING)))


def test_a_component_whose_rounded_total_is_another() -> None:
    rounded = plan(component("commission"), per_component=True)
    rows = [row("D1", "0.33", "0.5", amount="0.17"), row("D2", "0.33", "0.5", amount="0.17")]
    with pytest.raises(Failed, match=r"the rates of commission is 0\.34, but must be 0\.33"):
        build(facts(rows, settlement("0.34"), rounded))


def test_a_correction_whose_new_line_is_no_product() -> None:
    made = true_up()
    bad = replace(made.rows[1], row=replace(made.rows[1].row, amount=exact("2400.01")))
    made = replace(made, rows=(made.rows[0], bad, *made.rows[2:]), settlements=(settlement("4475.01"),))
    with pytest.raises(Failed, match=r"for 2026-01 is 2,400\.01, but must be 2,400\.00"):
        build(made)


def test_a_subtotal_that_is_not_its_lines() -> None:
    def change(view: StatementView) -> StatementView:
        first, *rest = view.components
        return replace(view, components=(replace(first, subtotal=first.subtotal + ONE), *rest))

    assert broken(crossing(), change)[0].endswith("the subtotal of commission is 4,700.01, but must be 4,700.00")


def restated() -> Facts:
    """February's deal is worth another basis now: more than one line can tell."""
    old = row("D7", "80000", "0.02", period="2026-02")
    new = row("D7", "90000", "0.02", period="2026-02")
    return facts(
        [Posted(-1, old, "2026-03", "2026-01-000001"), Posted(1, new, "2026-03")], settlement("200"), plan(COMMISSION)
    )


def test_a_correction_that_is_not_its_rows() -> None:
    def change(view: StatementView) -> StatementView:
        (first,) = view.corrections
        return replace(view, corrections=(replace(first, amount=first.amount + ONE),))

    assert "the correction of D7 for 2026-02 is 200.01, but must be 200.00" in broken(restated(), change)[0]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("old", "the old amount of 2026-01 for 2026-01 is 1,600.01, but must be 1,600.00"),
        ("new", "the new amount of 2026-01 for 2026-01 is 2,400.01, but must be 2,400.00"),
        ("amount", "the difference of 2026-01 in commission for 2026-01 is 800.01, but must be 800.00"),
        ("basis", "basis × rate of the old amount of 2026-01 for 2026-01 is 1,600.0002, but must be 1,600.00"),
    ],
)
def test_a_change_that_is_not_what_was_posted(field: str, message: str) -> None:
    def change(view: StatementView) -> StatementView:
        first, *rest = view.changes
        (line,) = first.rows
        value = Figure(line.basis.value + ONE, "USD") if field == "basis" else getattr(line, field) + ONE
        return replace(view, changes=(replace(first, rows=(replace(line, **{field: value}),)), *rest))

    assert any(message in found for found in broken(true_up(), change))


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("old", "the old amounts of commission for 2026-01 is 1,600.01, but must be 1,600.00"),
        ("new", "the new amounts of commission for 2026-01 is 2,400.01, but must be 2,400.00"),
        ("amount", "the differences of commission for 2026-01 is 800.01, but must be 800.00"),
    ],
)
def test_changes_whose_sums_are_not_their_rows(field: str, message: str) -> None:
    def change(view: StatementView) -> StatementView:
        first, *rest = view.changes
        return replace(view, changes=(replace(first, **{field: getattr(first, field) + ONE}), *rest))

    assert any(message in found for found in broken(true_up(), change))


def change_line(key: str) -> Callable[[StatementView], StatementView]:
    def change(view: StatementView) -> StatementView:
        (bridge,) = view.bridges
        lines = tuple(replace(x, amount=x.amount + ONE) if x.key == key else x for x in bridge.lines)
        return replace(view, bridges=(replace(bridge, lines=lines),))

    return change


def test_earned_that_is_not_its_components() -> None:
    assert any("earned is 5,875.01, but must be 5,875.00" in m for m in broken(crossing(), change_line("earned")))


def test_a_bridge_that_does_not_add_up() -> None:
    found = broken(draw_month(), change_line("draw"))
    assert found == ["ana, statement 2026-03-0001: “Payable” of the bridge is 4,000.00, but must be 4,000.01"]


def test_a_row_left_out_of_the_statement() -> None:
    def change(view: StatementView) -> StatementView:
        return replace(view, components=view.components[:1])

    assert any("what was posted is 4,700.00, but must be 5,875.00" in m for m in broken(crossing(), change))


def test_a_payable_that_was_not_settled() -> None:
    made = crossing()
    with pytest.raises(Failed, match=r"payable in USD is 5,875\.00, but must be 5,874\.00"):
        build(replace(made, settlements=(replace(made.settlements[0], payable=exact(5874)),)))


def test_an_answer_that_is_not_paid() -> None:
    def change(view: StatementView) -> StatementView:
        return replace(view, answer=(replace(view.answer[0], value=exact(6000)),))

    assert "payable in USD is 6,000.00, but must be 5,875.00" in broken(crossing(), change)[0]


def test_a_conversion_at_another_rate() -> None:
    due = replace(settlement("5875"), pay_currency="EUR", fx_rate=exact("0.92"), paid=exact("5405.01"))
    with pytest.raises(Failed, match=r"paid for enterprise-ae is 5,405\.01, but must be 5,405\.00"):
        build(replace(crossing(), settlements=(due,), closing=None))


def _conversion(view: StatementView, at: int, **keys: object) -> StatementView:
    (bridge,) = view.bridges
    lines = list(bridge.conversions)
    lines[at] = replace(lines[at], **keys)  # type: ignore[arg-type]
    return replace(view, bridges=(replace(bridge, conversions=tuple(lines)),))


@pytest.mark.parametrize(
    ("at", "keys", "message"),
    [
        (0, {"basis": Figure(exact("5885"), "USD")}, "enterprise-ae pays in EUR is 5,470.21, but must be 5,479.52"),
        (0, {"fx": exact("0.9312")}, "enterprise-ae pays in EUR is 5,470.21, but must be 5,470.80"),
        (0, {"paid": Figure(exact("5470.22"), "EUR")}, "conversions pay in EUR is 5,470.21, but must be 5,470.22"),
        (1, {"basis": Figure(exact("9"), "USD")}, "what is converted of USD is 5,884.00, but must be 5,885.00"),
    ],
)
def test_a_conversion_that_is_not_its_basis_at_its_rate(at: int, keys: dict[str, object], message: str) -> None:
    assert any(message in found for found in broken(abroad(), lambda view: _conversion(view, at, **keys)))
    wrong = _conversion(build(abroad()), at, **keys)
    assert recomputed(wrong)[1] and not recomputed(build(abroad()))[1]


def test_an_account_that_does_not_close() -> None:
    def change(view: StatementView) -> StatementView:
        first, *rest = view.accounts
        return replace(view, accounts=(replace(first, closing=first.closing + ONE), *rest))

    assert (
        "the closing balance of owed (enterprise-ae) is −2,124.99, but must be −2,125.00"
        in broken(draw_month(), change)[0]
    )


@pytest.mark.parametrize("account", ["owed", "held", "carried", "waiting"])
def test_a_ledger_that_says_otherwise(account: str) -> None:
    made = draw_month()
    assert made.closing is not None
    said = tuple(b for b in made.closing if b.account != account)
    extra = replace(made.closing[0], account=account, amount=exact("-77"))
    with pytest.raises(Failed, match=rf"closing balance of {account} .* against the ledger"):
        build(replace(made, closing=(*said, extra)))


def test_a_hold_that_the_ledger_does_not_know() -> None:
    made = many(2)
    assert made.closing is not None
    with pytest.raises(Failed, match="closing balance of held"):
        build(replace(made, closing=made.closing[1:]))


def test_a_year_that_does_not_add_up() -> None:
    def change(view: StatementView) -> StatementView:
        (year,) = view.years
        return replace(view, years=(replace(year, totals=replace(year.totals, paid=exact(1))),))

    assert "the year's paid is 1.00" in broken(crossing(), change)[0]


def test_a_year_whose_month_is_not_this_statement() -> None:
    made = crossing()
    with pytest.raises(Failed, match=r"this period in the year so far is 4,700\.00, but must be 5,875\.00"):
        build(replace(made, year=made.year[:3]))


def test_a_correction_that_does_not_say_what_it_corrects() -> None:
    made = true_up()
    nameless = replace(made, rows=tuple(replace(p, origin="") for p in made.rows))
    assert ["name their statement" in d.message for d in identities.check(assemble(nameless), nameless)] == [True]
    assert identities.check(assemble(made), made) == []


def test_a_clawback_that_is_not_its_share_of_the_original() -> None:
    def change(view: StatementView) -> StatementView:
        (first,) = view.clawbacks
        return replace(view, clawbacks=(replace(first, share=first.share - ONE),))

    found = broken(true_up(), change)
    assert found == [
        "ana, statement 2026-03-0001: what is taken back of D0961 in commission is −600.00, but must be −612.00"
    ]


def test_a_balance_that_does_not_open_as_the_statement_before_closed() -> None:
    made = replace(draw_month(), before=(balance("owed", "-500"),))
    assert build(made).accounts[0].opening == exact("-500")
    with pytest.raises(
        Failed, match=r"the opening balance of owed \(enterprise-ae\) is −500\.00, but must be −499\.99"
    ):
        build(replace(made, before=(balance("owed", "-499.99"),)))
    with pytest.raises(Failed, match="the opening balance of owed"):
        build(replace(made, before=()))


def test_holds_that_do_not_come_to_what_is_held() -> None:
    def change(view: StatementView) -> StatementView:
        first, *rest = view.holds
        return replace(view, holds=(replace(first, amount=first.amount + ONE), *rest))

    found = broken(many(2), change)
    assert len(found) == 1 and "what is held line by line (enterprise-ae) is" in found[0]


def test_a_year_whose_earlier_month_is_not_what_its_statement_said() -> None:
    said = (EarnedBefore("2026-01", exact(2500), "USD"), EarnedBefore("2026-02", exact(3500), "USD"))
    made = replace(crossing(), told=said)
    assert build(made).years
    with pytest.raises(Failed, match=r"the year's 2026-02, in USD is 3,500\.00, but must be 3,400\.00"):
        build(replace(made, told=(said[0], replace(said[1], earned=exact(3400)))))
    with pytest.raises(Failed, match=r"the year's 2026-01, in USD is 2,500\.00, but must be 0\.00"):
        build(replace(made, told=said[1:]))


def test_entities_whose_lines_are_not_what_was_earned() -> None:
    def change(view: StatementView) -> StatementView:
        first, *rest = view.employments
        return replace(view, employments=(replace(first, amount=first.amount + ONE), *rest))

    assert broken(moved(), change) == [
        "ana, statement 2026-03-0001: what falls to each entity in USD is 450.01, but must be 450.00"
    ]


def test_people_below_that_do_not_add_up_to_the_components() -> None:
    made = manager()
    view = build(made)
    (table,) = view.downlines
    assert [(p.id, p.deals, p.credited, p.earned) for p in table.people] == [
        ("ben", 2, exact(50000), exact(1000)),
        ("cleo", 1, exact(40000), exact(800)),
    ]
    assert (table.own_earned, table.other, table.earned) == (exact(100), exact(-100), exact(1800))
    odd = replace(table.people[0], earned=exact(1001), credited=exact(1))
    assert len(identities.check(replace(view, downlines=(replace(table, people=(odd, table.people[1])),)), made)) == 2
    more = replace(view, downlines=(replace(table, earned=exact(1), other=exact(-1899)),))
    assert ["people below" in d.message for d in identities.check(more, made)] == [True]
