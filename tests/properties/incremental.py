"""Worlds calculated, changed a little, and calculated again from the first run; the second must be a whole one."""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any

from compengine.actions.case_runs import Books, close, opening_of
from compengine.actions.computed import Computed, compute_all
from compengine.actions.dirty import Side, dirty
from compengine.actions.incremental import recomputed
from compengine.engine.work import Standing
from compengine.inputs.schema import Workspace
from compengine.ledger.leaves import in_order
from compengine.plan.check import check
from compengine.source.diagnostic import Failed
from compengine.source.text import Text
from compengine.values.decided import Adjustment, Decided, Hold
from compengine.values.digest import table_digest
from compengine.values.exact import exact
from compengine.values.periods import Calendar, Window
from compengine.values.rows import Balance
from properties.companies import TEAMS, Rows
from properties.retroactive import CHANGES
from properties.thinning import blocks, thinned, without
from properties.worlds import World, world

PEOPLE = 9
TOGETHER = re.compile(r"\bplan\)|across plan|among: plan|payees where|from: main\b")
"""What makes everybody of a plan dirty at once."""


def apart(text: str, random: Random) -> str:
    """A plan of fewer rules, of which few couple everybody."""
    for _ in range(2):
        text = thinned(text, random)
    if random.random() < 0.2:
        return text
    coupling = {name for _, name, lines in blocks(text) if name and TOGETHER.search("\n".join(lines))} - {"main"}
    left = without(text, coupling) if coupling else text
    return left if "\nearn:" in left else text


@dataclass(frozen=True, slots=True)
class Again:
    """A calculation, its inputs a little later, and what late rows of both are compared with."""

    seed: int
    calendar: Calendar
    sides: tuple[Side, Side]
    period: Window
    posted: Standing | None
    changed: str


@dataclass(frozen=True, slots=True)
class Told:
    """`differing` tables, empty where both are the same; how many payees of all plans were taken over, and computed."""

    differing: tuple[str, ...]
    taken: int
    computed: int


def again(workspace: Workspace, seed: int) -> Again | None:
    """None where what a seed gives cannot be calculated."""
    made = world(workspace, seed, changed=apart, people=PEOPLE)
    random = Random(f"again {seed}")
    books, rows, periods = Books(), made.rows, made.periods(2)
    if random.random() < 0.2:
        try:
            close(made.program, made.plan, made.snapshot(rows), periods[0].label, books)
        except Failed:
            return None
        period = periods[1]
    else:
        period = periods[0]
    opening = opening_of(books.lines)
    first = Side(made.program, made.snapshot(rows), opening, books.decided)
    name, change = random.choice(EVENTS)
    second = change(random, made, rows, first)
    return None if second is None else Again(seed, made.plan.calendar, (first, second), period, books.standing, name)


def told(case: Again) -> Told | None:
    """None where one of the two cannot be calculated."""
    before, after = case.sides
    try:
        first, whole = (_whole(case, side) for side in (before, after))
    except Failed:
        return None
    everybody = after.snapshot.frame("payees")["@key"].n_unique()
    try:
        found = dirty(before, after, case.period)
        month = (case.calendar, case.period)
        part = recomputed(first, case.sides, found, month, case.posted)
    except Failed:  # then everybody is computed
        return Told((), 0, everybody)
    given = digests(part)
    differing = tuple(name for name, digest in digests(whole).items() if given[name] != digest)
    computed = sum(everybody if plan in found.whole else len(found.payees[plan]) for plan in found.causes)
    return Told(differing, everybody * len(found.causes) - computed, computed)


def _whole(case: Again, side: Side) -> Computed:
    return compute_all(side.program, side.snapshot, case.calendar, case.period, side.opening, case.posted, side.decided)


def digests(computed: Computed) -> dict[str, str]:
    """Of each table as a run keeps it."""
    frames = {field.name: getattr(computed, field.name) for field in fields(Computed)}
    frames["earnings"] = in_order(frames["earnings"])
    return {name: table_digest(name, frame) for name, frame in frames.items()}


# --- what happens in between

Event = Callable[[Random, World, Rows, Side], Side | None]


def _with_rows(side: Side, made: World, rows: Rows) -> Side:
    return replace(side, snapshot=made.snapshot(rows))


def _some_rows(random: Random, made: World, rows: Rows, side: Side) -> Side | None:
    after = copy.deepcopy(rows)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        random.choice(CHANGES)(random, after)
    return _with_rows(side, made, after)


def _one_cell(table: str, column: str, values: Callable[[Random, Rows], Any]) -> Event:
    def event(random: Random, made: World, rows: Rows, side: Side) -> Side | None:
        after = copy.deepcopy(rows)
        if not after[table]:
            return None
        random.choice(after[table])[column] = values(random, after)
        try:
            return _with_rows(side, made, after)
        except Failed:
            return None

    return event


def _manager(random: Random, rows: Rows) -> str:
    return random.choice(("", *sorted({row["id"] for row in rows["payees"]})))


def _gone_deal(random: Random, made: World, rows: Rows, side: Side) -> Side:
    after = copy.deepcopy(rows)
    gone = random.choice(after["deals"])
    after["deals"].remove(gone)
    for table in ("splits", "payments", "refunds"):
        after[table] = [row for row in after[table] if row["deal"] != gone["id"]]
    return _with_rows(side, made, after)


def _new_payee(random: Random, made: World, rows: Rows, side: Side) -> Side:
    after = copy.deepcopy(rows)
    like = random.choice(after["payees"])
    after["payees"].append({**like, "id": "pnew", "from": "2026-01-01", "to": ""})
    quotas = [row for row in after["quotas"] if row["payee"] == like["id"]]
    after["quotas"] += [{**row, "payee": "pnew"} for row in quotas]
    if random.random() < 0.5:
        random.choice(after["deals"])["owner"] = "pnew"
    return _with_rows(side, made, after)


def _gone_quota(random: Random, made: World, rows: Rows, side: Side) -> Side:
    after = copy.deepcopy(rows)
    after["quotas"].remove(random.choice(after["quotas"]))
    return _with_rows(side, made, after)


def _plan_text(random: Random, made: World, rows: Rows, side: Side) -> Side | None:
    """Another rate, or other people, in one of the files."""
    texts = list(made.texts)
    at = random.randrange(len(texts))
    content = texts[at].content
    if random.random() < 0.3:
        changed = re.sub(r"^payees: .*$", 'payees: payee.team == "south"', content, count=1, flags=re.MULTILINE)
    else:
        found = list(re.finditer(r"(?<=rate: )\d+(\.\d+)?%", content))
        if not found:
            return None
        one = random.choice(found)
        changed = f"{content[: one.start()]}7.75%{content[one.end() :]}"
    texts[at] = Text(texts[at].path, changed)
    program, _ = check(texts, made.program.workspace)
    return None if program is None else replace(side, program=program)


def _by_hand(random: Random, made: World, rows: Rows, side: Side) -> Side:
    payee, plan = random.choice(rows["payees"])["id"], random.choice(made.program.plans)
    label = plan.calendar.window("period", plan.start).label
    one = Adjustment("A0009", payee, plan.name, label, "FIX", exact(25), plan.currency)
    hold = Hold("H0009", payee, random.choice(("", plan.name)))
    if random.random() < 0.5:
        return replace(side, decided=Decided((*side.decided.adjustments, one), side.decided.holds))
    return replace(side, decided=Decided(side.decided.adjustments, (*side.decided.holds, hold)))


def _another_balance(random: Random, made: World, rows: Rows, side: Side) -> Side:
    payee, plan = random.choice(rows["payees"])["id"], random.choice(made.program.plans)
    kept = [b for b in side.opening if (b.payee, b.plan, b.account) != (payee, plan.name, "owed")]
    return replace(side, opening=(*kept, Balance(payee, plan.name, "owed", plan.currency, exact(-40))))


EVENTS: tuple[tuple[str, Event], ...] = (
    *(("rows", _some_rows),) * 6,
    ("deal gone", _gone_deal),
    ("payee added", _new_payee),
    ("quota gone", _gone_quota),
    ("plan text", _plan_text),
    ("by hand", _by_hand),
    ("balance", _another_balance),
    ("manager", _one_cell("payees", "manager", _manager)),
    ("team", _one_cell("payees", "team", lambda random, _: random.choice(TEAMS))),
    ("level", _one_cell("payees", "level", lambda random, _: random.choice(("0%", "105%")))),
    ("customer", _one_cell("customers", "since", lambda *_: "2026-02-02")),
    ("payment", _one_cell("payments", "part", lambda *_: "3%")),
    ("split", _one_cell("splits", "payee", lambda random, rows: random.choice(rows["payees"])["id"])),
)
