"""How a settlement and a payment move money between accounts, and what the next period starts from."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest
from ledger_world import MARCH_ROWS, NOW, SECRET, World, earning, month, released_at_once, settlement

from compengine.ledger import book, queries
from compengine.ledger.accounts import SETTLE, Account
from compengine.ledger.entries import Line, balanced, payment_lines, run_lines
from compengine.ledger.posting import POSTED_EARNING
from compengine.ledger.verify import verify
from compengine.source.diagnostic import Failed
from compengine.values.exact import exact
from compengine.values.frames import to_frame
from compengine.values.rows import Balance, Payable, Settlement

JANUARY = MARCH_ROWS[0]
ANA = ("ana", "sales")


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def accounts(world: World, **which: object) -> dict[str, int]:
    frame = queries.balances(world.store, ("account", "currency"), queries.Which(**which))  # type: ignore[arg-type]
    return {f"{account} {currency}": amount for account, currency, amount in frame.iter_rows()}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("draw", {"payable": 100, "owed": -100}),
        ("guarantee", {"payable": 100, "expense": -100}),
        ("recovered", {"payable": -100, "owed": 100}),
        ("carried", {"payable": 100, "carried": -100}),
        ("carried_recovered", {"payable": -100, "carried": 100}),
        ("collected", {"payable": 100, "receivable": -100}),
        ("forgiven", {"payable": 100, "expense": -100}),
        ("waiting", {"payable": -100, "waiting": 100}),
        ("brought", {"payable": 100, "waiting": -100}),
        ("draw_forgiven", {"owed": 100, "expense": -100}),
    ],
)
def test_each_part_of_a_settlement_moves_what_it_says(part: str, expected: dict[str, int]) -> None:
    rows = to_frame(Settlement, [settlement("ana", "2026-01", Decimal(5000), **{part: "1"})])
    payables = released_at_once([earning("ana", "A", "0%", "100000", "0.05", "2026-01")])
    lines = run_lines(POSTED_EARNING.to_frame(), to_frame(Payable, payables), rows, {}, month("2026-01"))
    assert {line.account: line.amount for line in lines if line.component == ""} == expected
    assert {line.reason for line in lines if line.component == ""} == {part}


def test_every_column_of_a_settlement_that_moves_money_has_its_move() -> None:
    amounts = {f.name for f in fields(Settlement) if f.type is Decimal}
    assert amounts - {move.reason.value for move in SETTLE} == {"due", "payable", "fx_rate", "paid"}


def test_a_draw_is_owed_and_recovered(world: World) -> None:
    """Earned 1,500, 2,375 and 3,000 with a top-up draw of 2,000: pays 2,000, 2,000, 2,875 and owes 500, 125, 0."""
    earned: list[object] = []
    openings = []
    for period, amount, parts in (
        ("2026-01", "1500", {"draw": "500"}),
        ("2026-02", "2375", {"recovered": "375"}),
        ("2026-03", "3000", {"recovered": "125"}),
    ):
        earned.append(earning("ana", period, "0%", amount, "1", period))
        row = settlement("ana", period, exact(amount), **parts)
        world.post(period, earned, None, [row])  # type: ignore[arg-type]
        openings.append({b.account: b.amount for b in queries.opening(world.store)})
    assert openings == [
        {"owed": exact(-500), "released": exact(1500)},
        {"owed": exact(-125), "released": exact(3875)},
        {"released": exact(6875)},
    ]
    frame = queries.balances(world.store, ("in_period", "currency"), queries.Which(account="payable"))
    assert frame["amount"].to_list() == [2000_00, 2000_00, 2875_00]
    assert verify(world.store, world.objects) == []


def test_an_opening_has_the_balances_the_settlement_asks_for(world: World) -> None:
    row = settlement("ana", "2026-01", exact("3000"), waiting="3000", draw_forgiven="2")
    world.post("2026-01", JANUARY, None, [row])
    assert queries.opening(world.store) == (
        Balance("ana", "sales", "owed", "USD", exact(2)),
        Balance("ana", "sales", "released", "USD", exact(3000)),
        Balance("ana", "sales", "waiting", "USD", exact(3000)),
    )
    assert queries.opening(world.store, "other") == ()


def test_a_payment_empties_payable(world: World) -> None:
    run = world.post("2026-01", JANUARY).run
    book.pay(world.store, world.objects, world.final(run), "cat", NOW)
    assert accounts(world) == {"expense USD": -3000_00, "paid USD": 3000_00}
    assert verify(world.store, world.objects) == []


def test_a_payment_in_another_currency_goes_through_exchange(world: World) -> None:
    row = settlement("ana", "2026-01", exact("3000"), pay_currency="JPY", fx_rate="150", paid="450000")
    run = world.post("2026-01", JANUARY, None, [row]).run
    book.pay(world.store, world.objects, world.final(run), "cat", NOW)
    assert accounts(world, posting=2) == {
        "exchange JPY": -450000,
        "exchange USD": 3000_00,
        "paid JPY": 450000,
        "payable USD": -3000_00,
    }
    assert verify(world.store, world.objects) == []


def test_balances_can_be_asked_as_of_a_posting_or_a_day(world: World) -> None:
    run = world.post("2026-01", JANUARY).run
    world.post("2026-02", MARCH_ROWS[1])
    book.pay(world.store, world.objects, world.final(run), "cat", NOW)
    assert accounts(world, through=1) == {"expense USD": -3000_00, "payable USD": 3000_00}
    assert accounts(world, until=month("2026-01").end) == {"expense USD": -3000_00, "paid USD": 3000_00}
    assert accounts(world, run=run, account=Account.PAYABLE) == {}
    assert accounts(world, payee="nobody") == {}


SETTLED = settlement("ana", "2026-01", exact("3000"))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [settlement("ana", "2026-01", exact("2999"))],
            "the settlement's due is what is released (ana, sales): due is 2999.00 USD, released is 3000.00 USD",
        ),
        (
            [replace(SETTLED, payable=exact("2999"))],
            "the settlement's payable is what the entries leave payable (ana, sales): payable is 2999.00 USD,"
            " left payable is 3000.00 USD",
        ),
        ([], "what is payable is settled (ana, sales): left payable is 3000.00 USD, settled is 0.00 USD"),
        (
            [replace(SETTLED, carried=exact("-1"), payable=exact("2999"))],
            "what a settlement moves is not negative (ana, sales): carried is -1.00 USD, and may not be below 0.00",
        ),
        (
            [replace(SETTLED, recovered=exact("3001"), payable=exact("-1"))],
            "what is payable is not negative (ana, sales): payable is -1.00 USD, and may not be below 0.00",
        ),
        (
            [replace(SETTLED, period="2026-02")],
            "a settlement is of the period of its run (ana, sales): the settlement's is 2026-02, the run's is 2026-01",
        ),
    ],
)
def test_nothing_is_posted_where_an_identity_is_broken_and_both_figures_are_said(
    world: World, rows: list[Settlement], message: str
) -> None:
    with pytest.raises(Failed) as caught:
        world.post("2026-01", JANUARY, None, rows)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("E609", message)
    assert queries.postings(world.store) == []


def test_a_run_of_other_earnings_than_its_entitlement_says_is_not_posted(world: World) -> None:
    record = replace(world.calculate("2026-01", JANUARY), entitlement="f" * 64)
    with pytest.raises(Failed, match=f"root over its earnings .*: the run says {'f' * 64}, its earnings give [0-9a-f]"):
        book.post(world.store, world.objects, world.approved(record), "ann", NOW, SECRET)
    assert queries.postings(world.store) == []


def test_nothing_is_paid_that_is_not_what_is_payable(world: World) -> None:
    lines = to_frame(Settlement, [replace(SETTLED, paid=exact("2999"))])
    with pytest.raises(Failed, match=r"what is paid .*: paid is 2999\.00 USD, payable is 3000\.00 USD"):
        payment_lines(lines, month("2026-01"))


def test_entries_that_do_not_sum_to_zero_are_not_written() -> None:
    line = Line("earned", "ana", "sales", "c", "2026-01", "2026-01", "held", "USD", 500)
    with pytest.raises(Failed, match=r"sum to zero \(USD\): their sum is 5\.00 USD, the sum that must be is 0\.00 USD"):
        balanced([line])
    balanced([line, replace(line, account="expense", amount=-500)])


def test_an_amount_the_ledger_cannot_hold_is_refused(world: World) -> None:
    rows = [earning("ana", "A", "0%", "9000000000000000", "1", "2026-01", currency="USD")]
    with pytest.raises(Failed, match="E513"):
        world.post("2026-01", rows)
