"""Random histories of a small company over its real ledger, against a model in plain Python.

Deals are loaded, amended, cancelled, come late; quotas change; people calculate, submit, approve, reject, post,
finalize and pay, in any order and by anybody; any of it may die at a statement of the database or where a file is
synced or gets its name, and the process knows nothing afterwards. The model knows what each person should have been
posted, in which state each run is, and what is allowed next.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from figures import Figure, at_least, at_most, plain
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from compengine.actions import calculate, closing, load, payment, verify
from compengine.actions.opened import Opened, open_workspace
from compengine.inputs.current import read_current
from compengine.inputs.load import Source
from compengine.ledger import queries
from compengine.ledger.store.database import exists, open_store
from compengine.source.diagnostic import Failed

WORKSPACE = """\
workspace: small
timezone: UTC
currencies: {base: USD}
controls: {act_as: yes}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01, pay_date: period.end + 15 days}
quotas: {bookings: money}
tables:
  payees: {row: payee, key: id, columns: {id: payee, name: text}}
  deals:
    row: deal
    key: id
    columns: {id: text, owner: payee, stage: text, amount: money, close_date: date}
"""
PLAN = """\
plan: small
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.id != ""
credits:
  bookings:
    from: deals
    when: deal.stage == "Won"
    date: deal.close_date
    amount: deal.amount
    to: deal.owner
measures:
  attainment: sum(bookings, month) / quota(bookings, month)
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate: {position: attainment, mode: whole, bands: {0%: 5%, 100%: 10%}}
settle: {negative: carry}
"""
PAYEES = ("ann", "ben")
PEOPLE = ("olive", "frank", "petra", "quinn")
LAST = {1: 31, 2: 28, 3: 31, 4: 30}
MONTHS = tuple(LAST)
QUOTA = 1000
NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
Earned = dict[tuple[str, int], int]
"""Cents by payee and month."""


class Crash(BaseException):
    """The process died."""


@contextmanager
def dying(at: int) -> Iterator[None]:
    """The process dies before the call of that number, counted over all that write or may fail; never where it is 0."""
    left = [at]
    places: list[tuple[Any, str, Any]] = [
        *((SQLiteDialect_pysqlite, n, getattr(SQLiteDialect_pysqlite, n)) for n in ("do_execute", "do_commit")),
        (os, "fsync", os.fsync),
        (Path, "replace", Path.replace),
    ]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Crash
            return real(*args, **kwargs)

        return call

    for owner, name, real in places if at else ():
        setattr(owner, name, counted(real))
    try:
        yield
    finally:
        for owner, name, real in places if at else ():
            setattr(owner, name, real)


@dataclass
class Modelled:
    """A run as the model has it: `earned` is what it pays for, `base` how many postings there were before it."""

    month: int
    state: str
    earned: Earned
    base: int
    prepared: set[str]
    approved: list[str] = field(default_factory=list)


@contextmanager
def template() -> Iterator[Path]:
    """The company before anything happened, in memory where there is a folder for it."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        root = Path(name) / "template"
        quotas = [
            f"{payee},bookings,2026-{m:02}-01,2026-{m:02}-{LAST[m]},{QUOTA} USD" for payee in PAYEES for m in MONTHS
        ]
        files = {
            "compengine.yaml": WORKSPACE,
            "plans/small.yaml": PLAN,
            "payees.csv": "\n".join(["id,name", *(f"{p},Example {p}" for p in PAYEES), ""]),
            "quotas.csv": "\n".join(["payee,quota,from,to,amount", *quotas, ""]),
            "deals.csv": "id,owner,stage,amount,close_date\nZ0,ann,Won,100 USD,2026-01-31\n",
        }
        for file, text in files.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text, "utf-8")
        sources = [Source(name, root / f"{name}.csv") for name in ("payees", "quotas", "deals")]
        assert load.load(open_workspace(root), sources, NOW).loaded
        yield root


COUNTS = {"histories": 0, "steps": 0, "crashes": 0, "refused": 0, "posted": 0}


class LedgerHistory(RuleBasedStateMachine):
    """`deals` are (owner, amount, month, won) by id, `quotas` by payee and month; both as loaded."""

    template: Path

    @initialize()
    def begin(self) -> None:
        COUNTS["histories"] += 1
        self.folder = TemporaryDirectory(dir=self.template.parent)
        self.root = Path(self.folder.name) / "small"
        shutil.copytree(self.template, self.root)
        self.deals: dict[str, tuple[str, int, int, bool]] = {"Z0": ("ann", 100, 1, True)}
        self.quotas = {(payee, month): QUOTA for payee in PAYEES for month in MONTHS}
        self.runs: dict[str, Modelled] = {}
        self.posted: Earned = {}
        self.posts: list[str] = []
        self.carried = dict.fromkeys(PAYEES, 0)
        self.payable: dict[str, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @property
    def opened(self) -> Opened:
        return open_workspace(self.root)

    @property
    def open_month(self) -> int:
        return len(self.posts) + 1

    def earned(self, until: int) -> Earned:
        """What everybody should have by the end of that month, from the facts alone."""
        found: Earned = {}
        for payee in PAYEES:
            for month in range(1, until + 1):
                total = sum(a for owner, a, m, won in self.deals.values() if (owner, m, won) == (payee, month, True))
                rate = 10 if total >= self.quotas[payee, month] else 5
                if total:
                    found[payee, month] = total * rate
        return found

    # Facts

    @rule(
        id=st.sampled_from("ABC"),
        owner=st.sampled_from(PAYEES),
        amount=st.integers(1, 15),
        month=st.sampled_from(MONTHS),
        won=st.booleans(),
        die=st.integers(0, 12),
    )
    def deal(self, id: str, owner: str, amount: int, month: int, won: bool, die: int) -> None:
        """New, amended, reassigned, late, cancelled, or won after all."""
        row = f"{id},{owner},{'Won' if won else 'Lost'},{amount * 100} USD,2026-{month:02}-10"
        if self.loaded("deals", f"id,owner,stage,amount,close_date\n{row}\n", die):
            self.deals[id] = (owner, amount * 100, month, won)

    @rule(payee=st.sampled_from(PAYEES), month=st.sampled_from(MONTHS), amount=st.integers(1, 20))
    def quota(self, payee: str, month: int, amount: int) -> None:
        row = f"{payee},bookings,2026-{month:02}-01,2026-{month:02}-{LAST[month]},{amount * 100} USD"
        if self.loaded("quotas", f"payee,quota,from,to,amount\n{row}\n", 0):
            self.quotas[payee, month] = amount * 100

    def loaded(self, table: str, text: str, die: int) -> bool:
        file, before = self.root / f"{table}.csv", read_current(self.root)
        file.write_text(text, "utf-8")
        try:
            with dying(die):
                return load.load(self.opened, [Source(table, file)], NOW).loaded
        except Crash:
            COUNTS["crashes"] += 1
            return read_current(self.root) != before

    # Runs

    @rule(ahead=st.integers(-1, 0), who=st.sampled_from(PEOPLE), die=st.integers(0, 60))
    def calculate(self, ahead: int, who: str, die: int) -> None:
        month = self.open_month + ahead
        if month not in MONTHS:
            return
        before = self.recorded()
        allowed = ahead == 0
        period = f"2026-{month:02}"
        done = self.tried(
            lambda: calculate.calculate(self.opened, period, "", who, NOW), allowed, f"calculate {period}", die
        )
        id = done.view.run if done else next(iter(self.recorded().keys() - before.keys()), "")
        if id and id not in self.runs:
            self.runs[id] = Modelled(month, "calculated", self.earned(month), len(self.posts), {who})

    @rule(pick=st.integers(0, 9), who=st.sampled_from(PEOPLE), die=st.integers(0, 50))
    def submit(self, pick: int, who: str, die: int) -> None:
        self.stepped("submitted", closing.submit, pick, who, die, lambda run: run.state in ("calculated", "rejected"))

    @rule(pick=st.integers(0, 9), who=st.sampled_from(PEOPLE), die=st.integers(0, 50), honest=st.integers(0, 4))
    def approve(self, pick: int, who: str, die: int, honest: int) -> None:
        """Now and then of another content than was shown."""
        shown = "" if honest else "0" * 64
        self.stepped(
            "approved",
            lambda opened, id, actor, now: closing.approve(opened, id, actor, now, shown),
            pick,
            who,
            die,
            lambda run: run.state == "submitted" and who not in run.prepared and not shown,
        )

    @rule(pick=st.integers(0, 9), who=st.sampled_from(PEOPLE))
    def reject(self, pick: int, who: str) -> None:
        self.stepped(
            "rejected",
            lambda opened, id, actor, now: closing.reject(opened, id, actor, now, "not yet"),
            pick,
            who,
            0,
            lambda run: run.state in ("submitted", "approved") and who not in run.prepared,
        )

    @rule(pick=st.integers(0, 9), who=st.sampled_from(PEOPLE), die=st.integers(0, 120))
    def post(self, pick: int, who: str, die: int) -> None:
        self.stepped(
            "posted",
            closing.post,
            pick,
            who,
            die,
            lambda run: run.state == "approved" and run.base == len(self.posts) and run.month == self.open_month,
        )

    @rule(pick=st.integers(0, 9), who=st.sampled_from(PEOPLE), die=st.integers(0, 50))
    def finalize(self, pick: int, who: str, die: int) -> None:
        self.stepped("finalized", closing.finalize, pick, who, die, lambda run: run.state == "posted")

    @rule(pick=st.integers(0, 9), who=st.sampled_from(PEOPLE), die=st.integers(0, 70))
    def pay(self, pick: int, who: str, die: int) -> None:
        self.stepped(
            "paid", payment.pay, pick, who, die, lambda run: run.state == "finalized" and who not in run.approved
        )

    @rule(die=st.sampled_from((0, 0, 0, 40, 90, 110)), people=st.permutations(PEOPLE))
    def close(self, die: int, people: list[str]) -> None:
        """A month from end to end, which chance alone would seldom do; a command that died is given again."""
        if self.open_month not in MONTHS:
            return
        olive, frank, petra, _ = people
        self.calculate(0, olive, die)
        month = self.open_month
        mine = [id for id, run in self.runs.items() if (run.month, run.base) == (month, len(self.posts))]
        if not mine:
            return
        at = list(self.runs).index(mine[-1])
        for _ in range(2):
            self.submit(at, olive, die)
            self.approve(at, frank, 0, 1)
            self.post(at, olive, die)
            self.finalize(at, frank, die)
            self.pay(at, petra, die)

    def stepped(
        self,
        state: str,
        action: Callable[[Opened, str, str, datetime], object],
        pick: int,
        who: str,
        die: int,
        allowed: Callable[[Modelled], bool],
    ) -> None:
        if not self.runs:
            return
        id = list(self.runs)[pick % len(self.runs)]
        run = self.runs[id]
        before = self.recorded()[id]
        what = f"{who} {state} {id}, {run.state}"
        done = self.tried(lambda: action(self.opened, id, who, NOW), allowed(run), what, die)
        if len(self.recorded()[id]) == len(before):
            assert done is None, f"{what}: acknowledged, and not on record"
            return
        assert allowed(run), f"{state} stands in the ledger, and was not allowed"
        run.state = state
        if state == "submitted":
            run.prepared.add(who)
        if state in ("submitted", "rejected"):
            run.approved = []
        if state == "approved":
            run.approved.append(who)
        if state == "posted":
            self.move(id, run)

    def move(self, id: str, run: Modelled) -> None:
        """Post in the model: what is carried, and what becomes payable."""
        COUNTS["posted"] += 1
        total = 0
        for payee in PAYEES:
            keys = [key for key in {**run.earned, **self.posted} if key[0] == payee]
            due = sum(run.earned.get(key, 0) - self.posted.get(key, 0) for key in keys)
            taken = min(max(due, 0), self.carried[payee])
            self.carried[payee] += max(-due, 0) - taken
            total += max(due, 0) - taken
        self.payable[id] = total
        self.posted = dict(run.earned)
        self.posts.append(id)

    def tried(self, work: Callable[[], Any], allowed: bool, what: str, die: int) -> Any:
        """What the command gives, None where it was refused or died; it must be done where it is allowed, and only
        there."""
        COUNTS["steps"] += 1
        try:
            with dying(die):
                done = work()
        except Crash:
            COUNTS["crashes"] += 1
            return None
        except Failed as failed:
            COUNTS["refused"] += 1
            codes = {d.code for d in failed.diagnostics}
            assert not allowed, f"{what}: {failed.diagnostics[0].message}"
            assert codes <= {"E601", "E602", "E603", "E604", "E605", "E606", "E607", "E608", "E615"}, codes
            return None
        assert allowed, f"{what} was done, and is not allowed"
        return done

    def recorded(self) -> dict[str, list[str]]:
        """The events of each run."""
        if not exists(self.opened.ledger):
            return {}
        runs = queries.runs(open_store(self.opened.ledger))
        return {run.id: [event.kind.value for event in run.events] for run in runs}

    @invariant()
    def the_ledger_is_sound_and_is_what_the_model_says(self) -> None:
        if not hasattr(self, "root") or not exists(self.opened.ledger):
            return
        if not self.recorded():
            return
        verified = verify.verify(self.opened)
        assert verified.diagnostics == ()
        store = open_store(self.opened.ledger)
        assert {run.id: run.state.value for run in queries.runs(store)} == {id: r.state for id, r in self.runs.items()}
        posts = [p for p in queries.postings(store) if p.kind == "post"]
        assert [p.run for p in posts] == self.posts
        assert len({p.in_period for p in posts}) == len(posts)
        by = ("payee", "for_period", "currency")
        found = queries.balances(store, by, queries.Which(account="expense", reason="earned"))
        stands = {(payee, int(period[-2:])): -cents for payee, period, _, cents in found.iter_rows()}
        assert stands == {key: cents for key, cents in self.posted.items() if cents}
        balances = {}
        for account in ("payable", "paid"):
            rows = queries.balances(store, ("payee", "currency"), queries.Which(account=account))
            balances[account] = sum(cents for _, _, cents in rows.iter_rows())
        paid = sum(cents for id, cents in self.payable.items() if self.runs[id].state == "paid")
        assert balances == {"payable": sum(self.payable.values()) - paid, "paid": paid}, (balances, self.payable)


def run_histories(number: int, steps: int = 10, begin: int = 1) -> None:
    """Raises what the first history with a fault raises."""
    with template() as root:
        machine = type("LedgerHistory", (LedgerHistory,), {"template": root})
        given = settings(
            max_examples=number,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
            print_blob=False,
        )
        run_state_machine_as_test(seed(begin)(machine), settings=given)


HISTORIES = 2000


def measure() -> list[Figure]:
    COUNTS.update(dict.fromkeys(COUNTS, 0))
    bad = 0
    for begin in range(HISTORIES // 100):
        try:
            run_histories(100, begin=begin)
        except Exception as error:
            bad += 1
            print("  ", begin, repr(error)[:2000], flush=True)
    return [
        at_least("histories", COUNTS["histories"], "random histories of a ledger against a model", HISTORIES),
        at_most("histories_bad", bad, "hundreds of histories with a fault", 0),
        plain("histories_steps", COUNTS["steps"], "commands"),
        plain("histories_crashes", COUNTS["crashes"], "commands that died in the middle"),
        plain("histories_posted", COUNTS["posted"], "postings"),
    ]
