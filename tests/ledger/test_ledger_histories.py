"""Random histories: deals appear, change and vanish, months are posted, paid, or refused; the ledger always agrees
with a model that knows nothing but the latest earnings."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from ledger_world import NOW, SECRET, World, earning, new_world, released_at_once
from servers import Server

from compengine.inputs.objects import Store as Objects
from compengine.ledger import book, queries
from compengine.ledger.leaves import in_order
from compengine.ledger.store.database import open_store
from compengine.ledger.verify import verify
from compengine.source.diagnostic import Failed
from compengine.values.frames import to_frame
from compengine.values.money import to_minor
from compengine.values.rows import Earning

PERIODS = [f"2026-{month:02}" for month in range(1, 13)]
PAYEES = ("ana", "bea", "çem")
Deal = tuple[str, str]


class History(RuleBasedStateMachine):
    """`deals` are what is known now, `posted` what was known at the last posting; half of a deal of 7 is held."""

    @initialize()
    def start(self) -> None:
        self.folder = TemporaryDirectory()
        self.world: World = self.new()
        self.deals: dict[Deal, tuple[int, int]] = {}
        self.posted: dict[Deal, tuple[int, int]] = {}
        self.months = 0
        self.unpaid: list[str] = []

    def new(self) -> World:
        return new_world(Path(self.folder.name))

    def teardown(self) -> None:
        assert verify(self.world.store, self.world.objects) == []
        self.folder.cleanup()

    @rule(
        payee=st.sampled_from(PAYEES),
        source=st.sampled_from("ABC"),
        amount=st.integers(-9, 9).filter(bool),
        month=st.integers(0, 11),
    )
    def deal(self, payee: str, source: str, amount: int, month: int) -> None:
        self.deals[payee, source] = (amount, min(month, self.months))

    @rule(payee=st.sampled_from(PAYEES), source=st.sampled_from("ABC"))
    def cancel(self, payee: str, source: str) -> None:
        self.deals.pop((payee, source), None)

    @rule()
    def post(self) -> None:
        if self.months == len(PERIODS):
            return
        period, earnings = PERIODS[self.months], self.earnings(self.deals)
        before = queries.opening(self.world.store)
        payables = [p for p in released_at_once(earnings) if to_minor(p.amount, "USD") % 700]
        posting = self.world.post(period, earnings, payables)
        moved = queries.balances(
            self.world.store, ("account", "currency"), queries.Which(posting=posting.number, account="carried")
        )
        after = queries.opening(self.world.store)
        opened, closed = (
            sum(to_minor(b.amount, b.currency) for b in balances if b.account == "carried")
            for balances in (before, after)
        )
        assert opened + moved["amount"].sum() == closed
        self.posted = dict(self.deals)
        self.months += 1
        self.unpaid.append(posting.run)

    @rule()
    def post_again(self) -> None:
        if self.unpaid:
            head = queries.head(self.world.store)
            try:
                book.post(self.world.store, self.world.objects, self.unpaid[-1], "ann", NOW, SECRET)
                raise AssertionError("posted twice")
            except Failed:
                assert queries.head(self.world.store) == head

    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        if self.unpaid:
            run = self.unpaid.pop(data.draw(st.integers(0, len(self.unpaid) - 1)))
            book.pay(self.world.store, self.world.objects, self.world.final(run), "cat", NOW)

    def earnings(self, deals: dict[Deal, tuple[int, int]]) -> list[Earning]:
        return [
            earning(payee, source, "pay", str(amount), "1", PERIODS[month])
            for (payee, source), (amount, month) in sorted(deals.items())
        ]

    @invariant()
    def what_stands_is_what_was_earned(self) -> None:
        if not hasattr(self, "world"):
            return
        earned = to_frame(Earning, self.earnings(self.posted))
        assert queries.live_rows(self.world.store, self.world.objects).equals(in_order(earned))
        expected: dict[tuple[str, str], int] = {}
        for (payee, _), (amount, month) in self.posted.items():
            key = (payee, PERIODS[month])
            expected[key] = expected.get(key, 0) - 100 * amount
        found = queries.balances(
            self.world.store, ("payee", "for_period", "currency"), queries.Which(account="expense", reason="earned")
        )
        assert {(p, f): a for p, f, _, a in found.iter_rows()} == {k: a for k, a in expected.items() if a}

    @invariant()
    def balances_are_the_fold_of_entries_and_sum_to_zero(self) -> None:
        if not hasattr(self, "world"):
            return
        entries = queries.entries(self.world.store)
        folded: dict[tuple[str, str], int] = {}
        for entry in entries:
            folded[entry.payee, entry.account] = folded.get((entry.payee, entry.account), 0) + entry.amount
        found = queries.balances(self.world.store, ("payee", "account", "currency"))
        assert {(p, a): n for p, a, _, n in found.iter_rows()} == {k: n for k, n in folded.items() if n}
        assert found.select(pl.col("amount").sum()).item() == 0
        assert all(amount >= 0 for (_, account), amount in folded.items() if account == "payable")


FEW = settings(max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_histories_in_a_file() -> None:
    run_state_machine_as_test(History, settings=FEW)


def test_histories_on_a_server(server: Server) -> None:
    class Served(History):
        def new(self) -> World:
            self.name = server.new()
            return World(open_store(server.address(self.name)), Objects(Path(self.folder.name)))

        def teardown(self) -> None:
            super().teardown()
            server.drop(self.name)

    run_state_machine_as_test(Served, settings=settings(FEW, max_examples=4))
