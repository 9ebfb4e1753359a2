"""What a new row may not be, in SQL that both databases read: the rules their triggers refuse by.

Each rule is a condition on the row that is being inserted (`NEW`) and on what stands already. The order of states and
the two persons come from `ledger.states`, so that the database and the program cannot say different things.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compengine.ledger.states import DECISIONS, FOLLOWS, LIVES, OWN
from compengine.ledger.store.tables import CHAINED, ENTRIES, EVENTS, POSTINGS, REGISTER

START = "0" * 64
"""What the first row of a chain names as the hash before it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """No row goes into `table` of which `wrong` is true; `message` says why."""

    name: str
    table: str
    wrong: str
    message: str


def unique_keys(table: sa.Table) -> list[tuple[str, ...]]:
    """The keys besides `seq`."""
    return sorted(
        tuple(column.name for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    )


def new_keys(table: sa.Table) -> list[Rule]:
    """No second row under a unique key: where a statement may replace rows, a constraint alone does not refuse it."""
    made = []
    for key in unique_keys(table):
        equal = " AND ".join(f"{column} = NEW.{column}" for column in key)
        wrong = f"EXISTS (SELECT 1 FROM {table.name} WHERE {equal})"
        made.append(Rule(f"{table.name}_new_{'_'.join(key)}", table.name, wrong, f"{', '.join(key)} exists"))
    return made


def next_link(table: sa.Table) -> list[Rule]:
    """Nothing but the next link of the chain."""
    name = table.name
    later = " OR ".join(f"EXISTS (SELECT 1 FROM {t.name} WHERE seq >= NEW.seq)" for t in CHAINED)
    before = " OR ".join(
        f"EXISTS (SELECT 1 FROM {t.name} WHERE seq = NEW.seq - 1 AND hash = NEW.previous)" for t in CHAINED
    )
    unlinked = f"NOT ((NEW.seq = 1 AND NEW.previous = '{START}') OR {before})"
    return [
        Rule(f"{name}_next", name, later, "not the next number of the chain"),
        Rule(f"{name}_linked", name, unlinked, "not linked to the chain"),
    ]


def whole_postings() -> list[Rule]:
    """A posting is followed by its entries and nothing else, then by the event that closes it; it sums to zero."""
    made = []
    for table in CHAINED:
        wrong = {
            ENTRIES.name: "NOT EXISTS (SELECT 1 FROM postings WHERE number = NEW.posting"
            " AND NEW.seq BETWEEN first_seq AND last_seq AND in_period = NEW.in_period)",
            EVENTS.name: "EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq"
            " OR (last_seq = NEW.seq - 1 AND number <> NEW.posting))",
        }.get(table.name, "EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq - 1)")
        made.append(Rule(f"{table.name}_in_turn", table.name, wrong, "a posting is not complete"))
    foreign = (
        f"NEW.posting > 0 AND NOT EXISTS (SELECT 1 FROM {POSTINGS.name} WHERE number = NEW.posting"
        " AND last_seq = NEW.seq - 1 AND run = NEW.run)"
    )
    unequal = (
        f"EXISTS (SELECT 1 FROM {POSTINGS.name} p JOIN {ENTRIES.name} e ON e.seq BETWEEN p.first_seq AND p.last_seq"
        " WHERE p.number = NEW.posting GROUP BY e.currency HAVING sum(e.amount) <> 0)"
    )
    return [
        *made,
        Rule("events_closing", EVENTS.name, foreign, "the event closes no posting"),
        Rule("events_balanced", EVENTS.name, unequal, "the posting does not sum to zero"),
    ]


RUN_LIFE = {str(state): tuple(map(str, before)) for state, before in FOLLOWS.items()}


def lives() -> list[Rule]:
    """A run and a record of the register go through their states in order, and not by the hand of one person."""
    last = "(SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1)"
    same = "lower(trim(actor)) = lower(trim(NEW.actor))"
    submitted = "(SELECT max(seq) FROM events WHERE run = NEW.run AND kind = 'submitted')"
    earlier = f"EXISTS (SELECT 1 FROM events WHERE run = NEW.run AND {same} AND "
    approver = (
        f"(NEW.kind IN ('approved', 'rejected') AND {earlier} kind IN ('calculated', 'submitted')))"
        f" OR (NEW.kind = 'approved' AND {earlier} kind = 'approved' AND seq > {submitted}))"
        f" OR (NEW.kind = 'paid' AND {earlier} kind = 'approved' AND seq > {submitted}))"
    )
    record = "FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq"
    state = f"(SELECT state {record} DESC LIMIT 1)"
    cases = " ".join(f"WHEN '{kind}' THEN {_in_order('NEW.state', state, life)}" for kind, life in LIVES.items())
    began = f"(SELECT actor {record} LIMIT 1)"
    mine = f"lower(trim({began})) = lower(trim(NEW.actor))"
    decided = f"(NEW.state IN {_texts(DECISIONS)} AND {mine}) OR (NEW.state = '{OWN}' AND NOT {mine})"
    ordered = f"NOT {_in_order('NEW.kind', last, RUN_LIFE)}"
    unordered = f"NOT CASE NEW.kind {cases} ELSE false END"
    return [
        Rule("events_in_order", EVENTS.name, ordered, "the run is not in a state for this"),
        Rule("events_persons", EVENTS.name, approver, "another person must do this"),
        Rule("register_in_order", REGISTER.name, unordered, "not in this state"),
        Rule("register_persons", REGISTER.name, decided, "another person must do this"),
    ]


def _texts(words: Iterable[str]) -> str:
    return f"({', '.join(repr(str(word)) for word in words)})"


def _in_order(new: str, last: str, follows: Mapping[str, tuple[str, ...]]) -> str:
    """True where the state `new` may follow the state `last` (null where nothing stands yet)."""
    cases = [
        f"WHEN '{state}' THEN " + (f"coalesce({last} IN {_texts(before)}, false)" if before else f"{last} IS NULL")
        for state, before in follows.items()
    ]
    return f"CASE {new} {' '.join(cases)} ELSE false END"


RULES = tuple([rule for table in CHAINED for rule in next_link(table)] + whole_postings() + lives())
"""What both databases refuse."""
