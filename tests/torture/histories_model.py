"""What a small company should have been posted and paid, in plain Python: read it beside the guides, and no engine.

A deal pays 5% of its amount, and 10% where the owner's won deals of the month reach the quota of the month. An
approved adjustment pays its amount. What a hold is on is earned, and not released; what the last posted run released
stays released. Each month posts the difference to the month before; a negative one is carried into the next.
"""

from dataclasses import dataclass, field

PAYEES = ("ann", "ben")
LAST = {1: 31, 2: 28, 3: 31, 4: 30}
MONTHS = tuple(LAST)
QUOTA = 1000


@dataclass(frozen=True)
class Deal:
    """`amount` is in whole dollars."""

    owner: str
    amount: int
    month: int
    won: bool


@dataclass(frozen=True)
class Row:
    """Something that somebody is paid for, in a month; of an adjustment, `source` is its id."""

    payee: str
    month: int
    component: str
    source: str


@dataclass
class Adjustment:
    payee: str
    month: int
    cents: int
    by: str
    dispute: str = ""
    state: str = "requested"


@dataclass
class Hold:
    """An empty component or source means all."""

    payee: str
    component: str
    source: str
    by: str
    state: str = "placed"


@dataclass
class Dispute:
    payee: str
    by: str
    state: str = "opened"


Opening = tuple[int, tuple[str, ...], tuple[str, ...]]
"""What a run stands on: how many months are posted, which adjustments are approved, which holds are in force."""


@dataclass
class Run:
    """`facts` are the deals and quotas of then, `rows` what everybody is entitled to, in cents; `held` those of them
    that a hold keeps back."""

    month: int
    opening: Opening
    facts: object
    rows: dict[Row, int]
    held: set[Row]
    prepared: set[str]
    state: str = "calculated"
    approved: list[str] = field(default_factory=list)

    @property
    def released(self) -> dict[Row, int]:
        return {row: cents for row, cents in self.rows.items() if row not in self.held}


@dataclass
class Model:
    """Everything by its id. `posts` are the posted runs in order, `carried` what each payee still has to make good."""

    deals: dict[str, Deal] = field(default_factory=lambda: {"Z0": Deal("ann", 100, 1, True)})
    quotas: dict[tuple[str, int], int] = field(default_factory=lambda: {(p, m): QUOTA for p in PAYEES for m in MONTHS})
    runs: dict[str, Run] = field(default_factory=dict)
    adjustments: dict[str, Adjustment] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    posts: list[str] = field(default_factory=list)
    carried: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PAYEES, 0))
    payable: dict[str, int] = field(default_factory=dict)

    @property
    def open_month(self) -> int:
        return len(self.posts) + 1

    @property
    def opening(self) -> Opening:
        approved = tuple(id for id, one in self.adjustments.items() if one.state == "approved")
        placed = tuple(id for id, one in self.holds.items() if one.state == "placed")
        return len(self.posts), approved, placed

    @property
    def last(self) -> Run | None:
        return self.runs[self.posts[-1]] if self.posts else None

    @property
    def posted(self) -> dict[Row, int]:
        return self.last.rows if self.last else {}

    @property
    def released(self) -> dict[Row, int]:
        return self.last.released if self.last else {}


def entitled(model: Model, until: int) -> dict[Row, int]:
    """What everybody should have by the end of that month, from the facts of now alone."""
    found = {}
    for id, deal in model.deals.items():
        if deal.won and deal.month <= until:
            mine = [d for d in model.deals.values() if d.won and (d.owner, d.month) == (deal.owner, deal.month)]
            percent = 10 if sum(d.amount for d in mine) >= model.quotas[deal.owner, deal.month] else 5
            found[Row(deal.owner, deal.month, "commission", id)] = deal.amount * percent
    for id, one in model.adjustments.items():
        if one.state == "approved" and one.month <= until:
            found[Row(one.payee, one.month, "adjustment", id)] = one.cents
    return found


def held(model: Model, rows: dict[Row, int]) -> set[Row]:
    """What of it a hold reaches: whatever has not been released already, in whichever month it was then."""
    free = {(row.payee, row.component, row.source) for row in model.released}
    return {
        row
        for row in rows
        for hold in model.holds.values()
        if hold.state == "placed"
        and hold.payee == row.payee
        and hold.component in ("", row.component)
        and hold.source in ("", row.source)
        and (row.payee, row.component, row.source) not in free
    }


def lines(model: Model, month: int, payee: str) -> list[str]:
    """What a posted statement is surely about: what it gives, takes back, or holds."""
    run = model.runs[model.posts[month - 1]]
    before = model.runs[model.posts[month - 2]].rows if month > 1 else {}
    told = {row for row in {**run.rows, **before} if run.rows.get(row) != before.get(row)} | run.held
    return sorted({row.source for row in told if row.payee == payee})


def calculated(model: Model, month: int, who: str) -> Run:
    rows = entitled(model, month)
    return Run(month, model.opening, (dict(model.deals), dict(model.quotas)), rows, held(model, rows), {who})


def same(one: Run, other: Run) -> bool:
    """Whether two calculations are one run: of the same inputs, whoever makes them."""
    return (one.month, one.opening, one.facts) == (other.month, other.opening, other.facts)


def may(model: Model, verb: str, id: str, who: str) -> bool:
    """Whether somebody may do this to a run now."""
    run = model.runs[id]
    stranger = who not in run.prepared
    match verb:
        case "submit":
            return run.state in ("calculated", "rejected")
        case "approve":
            return run.state == "submitted" and stranger and who not in PAYEES
        case "reject":
            return run.state in ("submitted", "approved") and stranger
        case "post":
            return run.state == "approved" and run.month == model.open_month and run.opening == model.opening
        case "finalize":
            return run.state == "posted"
        case "pay":
            return run.state == "finalized" and who not in run.approved
    raise AssertionError(verb)


STATES = {
    "submit": "submitted",
    "approve": "approved",
    "reject": "rejected",
    "post": "posted",
    "finalize": "finalized",
    "pay": "paid",
}


def step(model: Model, verb: str, id: str, who: str) -> None:
    run = model.runs[id]
    run.state = STATES[verb]
    if verb == "submit":
        run.prepared.add(who)
    if verb in ("submit", "reject"):
        run.approved = []
    if verb == "approve":
        run.approved.append(who)
    if verb == "post":
        post(model, id)


def post(model: Model, id: str) -> None:
    """What becomes payable: what is released now and was not before, less what is carried."""
    run, before, total = model.runs[id], model.released, 0
    for payee in PAYEES:
        now = sum(cents for row, cents in run.released.items() if row.payee == payee)
        due = now - sum(cents for row, cents in before.items() if row.payee == payee)
        taken = min(max(due, 0), model.carried[payee])
        model.carried[payee] += max(-due, 0) - taken
        total += max(due, 0) - taken
    model.payable[id] = total
    model.posts.append(id)


def may_decide(model: Model, verb: str, id: str, who: str) -> bool:
    """Whether somebody may do this to an adjustment, a hold or a dispute now: nobody about his own pay, and nobody
    decides what he began."""
    if id in model.holds:
        hold = model.holds[id]
        return verb == "release" and hold.state == "placed" and who != hold.payee
    one = model.adjustments.get(id) or model.disputes[id]
    pending = one.state in ("requested", "opened", "reviewed")
    match verb:
        case "withdraw":
            return pending and who == one.by
        case "approve":
            return id in model.adjustments and pending and who not in (one.by, one.payee)
        case "refuse":
            return pending and who not in (one.by, one.payee)
        case "review":
            return id in model.disputes and one.state == "opened" and who not in (one.by, one.payee)
        case "accept":
            ended = [a for a in model.adjustments.values() if a.dispute == id and a.state == "approved"]
            return id in model.disputes and pending and who not in (one.by, one.payee) and bool(ended)
    return False


DECIDED = {
    "approve": "approved",
    "refuse": "refused",
    "review": "reviewed",
    "accept": "accepted",
    "withdraw": "withdrawn",
    "release": "released",
}


def decide(model: Model, verb: str, id: str) -> None:
    for found in (model.adjustments, model.holds, model.disputes):
        if id in found:
            found[id].state = DECIDED[verb]


def standing(model: Model) -> dict[tuple[str, str], int]:
    """What must stand on the accounts, by account and payee in cents: earned as much as held, carried and settled."""
    found: dict[tuple[str, str], int] = {}
    for payee in PAYEES:
        earned = sum(cents for row, cents in model.posted.items() if row.payee == payee)
        released = sum(cents for row, cents in model.released.items() if row.payee == payee)
        found["expense", payee] = -earned
        found["held", payee] = earned - released
        found["carried", payee] = -model.carried[payee]
        found["settled", payee] = released + model.carried[payee]
    return {key: cents for key, cents in found.items() if cents}
