"""Random histories of a small company over its real ledger, against a model in plain Python.

Deals are loaded, amended, reassigned, cancelled, come late; quotas change; adjustments are asked for and decided,
holds placed and released, statements disputed; people calculate, submit, approve, reject, post, finalize and pay, in
any order and by anybody. Any command may die at a statement of the database or where a file is synced or gets its
name, or its process be killed at a system call; the next one knows nothing of it. The model (`histories_model`) says
what each person should have been posted, in which state each run and each decision is, and what is allowed next.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import histories_model as models
from figures import Figure, at_least, at_most, plain
from forks import Done, Said
from histories_company import (
    ALIVE,
    HEADS,
    Company,
    Death,
    accounts,
    company,
    earned,
    paid,
    postings,
    quota_row,
    recorded,
)
from histories_model import MONTHS, PAYEES, Adjustment, Deal, Dispute, Hold, Model
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from in_process import codes

from compengine.inputs.current import read_current

PEOPLE = ("olive", "frank", "petra", "ann")
"""Ann is a payee as well: nobody decides about his own pay."""
REFUSALS = {f"E6{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 19)}
CLOSING = ("calculate", "submit", "approve", "post", "finalize", "pay")
WHO = st.sampled_from(PEOPLE)
CENTS = st.integers(-90_000, 90_000).filter(bool)
PICK = st.integers(0, 9)
COUNTS = dict.fromkeys(("histories", "steps", "died", "killed", "refused", "posted", "by_hand"), 0)


def deaths(calls: int, system: int) -> st.SearchStrategy[Death]:
    """Half of the commands live; of the longest, so many calls are counted, and so many system calls."""
    raised = st.builds(Death, st.just("raise"), st.integers(1, calls))
    killed = st.builds(Death, st.just("kill"), st.integers(1, system))
    return st.sampled_from(range(8)).flatmap(lambda n: raised if n < 3 else killed if n == 3 else st.just(ALIVE))


LINE = st.sampled_from(("whole", "whole", "first", "last"))
RECORDED = deaths(30, 25)
"""For a command that puts a row on record."""


class LedgerHistory(RuleBasedStateMachine):
    """`model` goes along with the workspace in `root`."""

    company: Company

    @initialize()
    def begin(self) -> None:
        COUNTS["histories"] += 1
        self.folder = TemporaryDirectory(dir=self.company.template.parent)
        self.root = Path(self.folder.name) / "small"
        shutil.copytree(self.company.template, self.root)
        self.model = Model()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.verified()
            self.folder.cleanup()

    # Facts

    @rule(
        id=st.sampled_from("ABC"),
        owner=st.sampled_from(PAYEES),
        amount=st.integers(1, 15),
        month=st.sampled_from(MONTHS),
        won=st.sampled_from((True, True, False)),
        death=deaths(12, 25),
    )
    def deal(self, id: str, owner: str, amount: int, month: int, won: bool, death: Death) -> None:
        """New, amended, reassigned, late, cancelled, or won after all."""
        row = f"{id},{owner},{'Won' if won else 'Lost'},{amount * 100} USD,2026-{month:02}-10"
        if self.loaded("deals", row, death):
            self.model.deals[id] = Deal(owner, amount * 100, month, won)

    @rule(payee=st.sampled_from(PAYEES), month=st.sampled_from(MONTHS), amount=st.integers(1, 20))
    def quota(self, payee: str, month: int, amount: int) -> None:
        if self.loaded("quotas", quota_row(payee, month, amount * 100), ALIVE):
            self.model.quotas[payee, month] = amount * 100

    def loaded(self, table: str, row: str, death: Death) -> bool:
        file, before = self.root / "data" / f"{table}.csv", read_current(self.root)
        file.write_text(f"{HEADS[table]}\n{row}\n", "utf-8")
        done = self.said(Said(("load", table, str(file))), death)
        if died(done):
            return read_current(self.root) != before
        assert done.code == 0, done.err
        return True

    # Runs

    @rule(ahead=st.sampled_from((0, 0, 0, -1, 1)), who=WHO, death=deaths(60, 90))
    def calculate(self, ahead: int, who: str, death: Death) -> None:
        month = self.model.open_month + ahead
        if month not in MONTHS:
            return
        new = models.calculated(self.model, month, who)
        known = any(models.same(new, run) for run in self.model.runs.values())
        words = ("calculate", "--period", label(month))
        for id, state in self.taken(words, who, death, allowed=ahead >= 0, silent=known):
            assert state == "calculated" and not known
            self.model.runs[id] = new

    @rule(verb=st.sampled_from(("submit", "approve", "finalize", "pay")), pick=PICK, who=WHO, death=deaths(50, 40))
    def run_step(self, verb: str, pick: int, who: str, death: Death) -> None:
        if self.model.runs:
            self.stepped(verb, list(self.model.runs)[pick % len(self.model.runs)], who, death)

    @rule(pick=PICK, who=WHO, death=deaths(120, 57))
    def post(self, pick: int, who: str, death: Death) -> None:
        self.run_step("post", pick, who, death)

    @rule(pick=PICK, who=WHO)
    def reject(self, pick: int, who: str) -> None:
        self.run_step("reject", pick, who, ALIVE)

    @precondition(lambda self: any(run.state == "submitted" for run in self.model.runs.values()))
    @rule(pick=PICK, who=WHO)
    def approve_another_content(self, pick: int, who: str) -> None:
        """Of another content than was shown: never."""
        id = list(self.model.runs)[pick % len(self.model.runs)]
        words = ("approve", id, "--content", "0" * 64)
        assert self.taken(words, who, ALIVE, allowed=False) == []

    @rule(people=st.permutations(PEOPLE[:3]), dying=st.sampled_from(("", "", *CLOSING)), death=deaths(110, 57))
    def close(self, people: list[str], dying: str, death: Death) -> None:
        """A month from end to end, which chance alone would seldom do; the command that dies is given again."""
        if self.model.open_month not in MONTHS:
            return
        olive, frank, petra = people
        new = models.calculated(self.model, self.model.open_month, olive)
        if dying == "calculate":
            self.calculate(0, olive, death)
        self.calculate(0, olive, ALIVE)
        (id,) = [id for id, run in self.model.runs.items() if models.same(run, new)]
        for verb, who in zip(CLOSING[1:], (olive, frank, olive, frank, petra), strict=True):
            if verb == dying:
                self.stepped(verb, id, who, death)
            self.stepped(verb, id, who, ALIVE)

    def stepped(self, verb: str, id: str, who: str, death: Death) -> None:
        words = (verb, id, *(("--because", "not yet") if verb == "reject" else ()))
        allowed = models.may(self.model, verb, id, who)
        for about, state in self.taken(words, who, death, allowed):
            assert (about, state) == (id, models.STATES[verb])
            models.step(self.model, verb, id, who)
            COUNTS["posted"] += verb == "post"

    # Decisions by hand

    @rule(
        payee=st.sampled_from(PAYEES),
        month=st.sampled_from(MONTHS),
        cents=CENTS,
        who=WHO,
        disputed=st.booleans(),
        death=RECORDED,
    )
    def adjust(self, payee: str, month: int, cents: int, who: str, disputed: bool, death: Death) -> None:
        """Where there are disputes, half of the adjustments name the last one."""
        dispute = list(self.model.disputes)[-1] if disputed and self.model.disputes else ""
        about = self.model.disputes.get(dispute)
        allowed = about is None or (about.payee == payee and about.state in ("opened", "reviewed"))
        amount = f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02} USD"
        words = ("adjust", payee, "--plan", "small", "--amount", amount, "--for", label(month), "--kind", "bonus")
        words += ("--code", "SPIF", "--because", "agreed", *(("--dispute", dispute) if dispute else ()))
        for id, state in self.taken(words, who, death, allowed):
            assert state == "requested"
            self.model.adjustments[id] = Adjustment(payee, month, cents, who, dispute)

    @rule(payee=st.sampled_from(PAYEES), month=st.sampled_from(MONTHS), cents=CENTS, people=st.permutations(PEOPLE[:3]))
    def grant(self, payee: str, month: int, cents: int, people: list[str]) -> None:
        """Asked for and approved at once."""
        before = len(self.model.adjustments)
        self.adjust(payee, month, cents, people[0], False, ALIVE)
        self.decided("approve", list(self.model.adjustments)[before], people[1], ALIVE)

    @rule(
        payee=st.sampled_from(PAYEES),
        component=st.sampled_from(("", "commission", "adjustment")),
        source=st.sampled_from(("", "", "A", "B", "Z0", "A0001")),
        who=WHO,
        death=RECORDED,
    )
    def hold(self, payee: str, component: str, source: str, who: str, death: Death) -> None:
        words = ["hold", payee, "--because", "unsigned"]
        words += ["--component", component] if component else []
        words += ["--source", source] if source else []
        for id, state in self.taken(tuple(words), who, death, allowed=True):
            assert state == "placed"
            self.model.holds[id] = Hold(payee, component, source, who)

    @rule(month=st.sampled_from((1, 1, 2, 3)), at=st.integers(0, 1), line=LINE, who=WHO, death=RECORDED)
    def dispute(self, month: int, at: int, line: str, who: str, death: Death) -> None:
        """A statement of each payee, in the order of their names, for each month that is posted: of all of it, or
        of its first or last line."""
        posted = month < self.model.open_month
        told = models.lines(self.model, month, PAYEES[at]) if posted else []
        about = {"first": told[:1], "last": told[-1:]}.get(line, [])
        words = ("dispute", f"{label(month)}-{at + 1:06}", "--line", "".join(about), "--because", "wrong")
        for id, state in self.taken(words, who, death, allowed=posted):
            assert state == "opened"
            self.model.disputes[id] = Dispute(PAYEES[at], who)

    @precondition(lambda self: self.model.holds)
    @rule(pick=PICK, who=WHO, death=RECORDED)
    def release(self, pick: int, who: str, death: Death) -> None:
        self.decided("release", list(self.model.holds)[pick % len(self.model.holds)], who, death)

    @precondition(lambda self: self.model.adjustments)
    @rule(verb=st.sampled_from(("approve",) * 4 + ("refuse", "withdraw", "accept")), pick=PICK, who=WHO, death=RECORDED)
    def decide_adjustment(self, verb: str, pick: int, who: str, death: Death) -> None:
        self.decided(verb, list(self.model.adjustments)[pick % len(self.model.adjustments)], who, death)

    @precondition(lambda self: self.model.disputes)
    @rule(
        verb=st.sampled_from(("accept", "accept", "refuse", "review", "withdraw")), pick=PICK, who=WHO, death=RECORDED
    )
    def decide_dispute(self, verb: str, pick: int, who: str, death: Death) -> None:
        self.decided(verb, list(self.model.disputes)[pick % len(self.model.disputes)], who, death)

    @precondition(lambda self: self.model.posts)
    @rule(
        at=st.integers(0, 1),
        line=st.sampled_from(("whole", "first")),
        people=st.permutations(PEOPLE[:3]),
        cents=st.integers(1, 90_000),
    )
    def settle_dispute(self, at: int, line: str, people: list[str], cents: int) -> None:
        """A dispute from its beginning to the adjustment that ends it, which chance alone would seldom bring."""
        opener, olive, frank = people
        before = len(self.model.disputes), len(self.model.adjustments)
        self.dispute(1, at, line, opener, ALIVE)
        self.decide_dispute("review", before[0], olive, ALIVE)
        self.adjust(PAYEES[at], 2, cents, olive, True, ALIVE)
        self.decided("accept", list(self.model.disputes)[before[0]], frank, ALIVE)
        self.decided("approve", list(self.model.adjustments)[before[1]], frank, ALIVE)
        self.decided("accept", list(self.model.disputes)[before[0]], frank, ALIVE)

    def decided(self, verb: str, id: str, who: str, death: Death) -> None:
        words = (verb, id) if verb in ("release", "withdraw") else ("decide", id, verb)
        allowed = models.may_decide(self.model, verb, id, who)
        for about, state in self.taken((*words, "--because", "seen"), who, death, allowed):
            assert (about, state) == (id, models.DECIDED[verb])
            models.decide(self.model, verb, id)
            COUNTS["by_hand"] += 1

    # Every command

    def said(self, said: Said, death: Death) -> Done:
        COUNTS["steps"] += 1
        done = self.company.run(self.root, said, death)
        if died(done):
            COUNTS["killed" if death.how == "kill" else "died"] += 1
            self.verified()
        return done

    def taken(
        self, words: tuple[str, ...], who: str, death: Death, allowed: bool, silent: bool = False
    ) -> list[tuple[str, str]]:
        """What the command put on record: one step, or none; it must be done where it is allowed, and only there.
        `silent` where it has nothing to put there."""
        what, before = f"{who}: {' '.join(words)}", recorded(self.root)
        ledger = (self.root / "ledger.db").read_bytes()
        done = self.said(Said(words, who), death)
        after = recorded(self.root)
        new = after[len(before) :]
        assert after[: len(before)] == before and len(new) <= 1, f"{what}: {new}"
        if not died(done):
            assert done.code in (0, 3), f"{what}: {done.code} {done.err}"
            assert done.code or allowed, f"{what} was done, and is not allowed"
            assert done.code == 0 or not allowed, f"{what}: {done.err}"
            assert done.code or new or silent, f"{what}: acknowledged, and not on record"
        if done.code == 3:
            COUNTS["refused"] += 1
            assert codes(done) <= REFUSALS, done.err
            assert (self.root / "ledger.db").read_bytes() == ledger, f"{what}: refused, and the ledger is another"
        assert allowed or not new, f"{what}: stands in the ledger, and was not allowed"
        return new

    @invariant()
    def the_ledger_holds_what_the_model_says(self) -> None:
        if not hasattr(self, "root"):
            return
        model, root = self.model, self.root
        states = {
            id: one.state
            for kind in (model.runs, model.adjustments, model.holds, model.disputes)
            for id, one in kind.items()
        }
        assert dict(recorded(root)) == states
        assert postings(root) == [(id, label(at)) for at, id in enumerate(model.posts, start=1)]
        sums: dict[tuple[str, int, str], int] = {}
        for row, cents in model.posted.items():
            key = (row.payee, row.month, row.component)
            sums[key] = sums.get(key, 0) + cents
        assert earned(root) == {key: cents for key, cents in sums.items() if cents}
        assert accounts(root) == models.standing(model)
        assert paid(root) == sum(cents for id, cents in model.payable.items() if model.runs[id].state == "paid")

    def verified(self) -> None:
        done = self.company.run(self.root, Said(("verify",)), ALIVE)
        assert done.code == 0, done.out + done.err


def died(done: Done) -> bool:
    return done.code is None or done.code < 0


def label(month: int) -> str:
    return f"2026-{month:02}"


def run_histories(number: int, steps: int = 10, begin: int = 1) -> None:
    """Raises what the first history with a fault raises."""
    with company() as small:
        run_in(small, number, steps, begin)


def run_in(small: Company, number: int, steps: int = 10, begin: int = 1) -> None:
    machine = type("LedgerHistory", (LedgerHistory,), {"company": small})
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
    with company() as small:
        for begin in range(HISTORIES // 100):
            try:
                run_in(small, 100, begin=begin)
            except Exception as error:
                bad += 1
                print("  ", begin, repr(error)[:2000], flush=True)
    return [
        at_least("histories", COUNTS["histories"], "random histories of a ledger against a model", HISTORIES),
        at_most("histories_bad", bad, "hundreds of histories with a fault", 0),
        plain("histories_steps", COUNTS["steps"], "commands"),
        plain("histories_died", COUNTS["died"], "commands that died in the middle, by an exception"),
        plain("histories_killed", COUNTS["killed"], "commands whose process was killed at a system call"),
        plain("histories_posted", COUNTS["posted"], "postings"),
        plain("histories_by_hand", COUNTS["by_hand"], "adjustments, holds and disputes taken a step further"),
    ]
