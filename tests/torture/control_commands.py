"""The control matrix through the command line: every state × action × set of roles × person, each as `--as` says.

For each set of roles a workspace of its own is taken through all states, by people who have the roles for it. Those
who try have exactly this set. Who prepared or approved a run, or began a record, must have had the role for it: where
the set lacks it, there is no such person. What succeeds is undone by putting the folder back.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from control_table import ROLE_SETS, Case, Table
from forks import Done, Said
from in_process import codes, in_process
from small_company import WORKSPACE, write

from compengine.inputs.schema import Role

DATA = {
    "data/payees.csv": "id,name\np00,Own Example\np01,Other Example\n",
    "more.csv": "id,owner,amount,close_date\nC,p01,3000,2026-02-05\n",
    "data/deals.csv": "id,owner,amount,close_date\nA,p00,2000,2026-01-05\nB,p01,2000,2026-01-06\n",
}
DELIVERY = "delivery: {server: 127.0.0.1:9, tls: none, from: pay@acme.example, address_column: email}\n"
"""No statement is issued here, so nothing is ever sent."""
PATH = (
    ("calculated", "calculate", "prepared"),
    ("submitted", "submit", "prepared"),
    ("rejected", "reject", "approver1"),
    ("", "submit", "preparer1"),
    ("half approved", "approve", "approved"),
    ("approved", "approve", "approver2"),
    ("posted", "post", "preparer1"),
    ("finalized", "finalize", "approver1"),
    ("paid", "pay", "payer1"),
)
"""Each state of a run, and the step that leads to it; who has not the role for it is stood in for."""
STAND_IN = {"prepared": "preparer1", "approved": "approver1", "began": "preparer1"}
RUN_ACTIONS = ("calculate", "submit", "approve", "reject", "post", "finalize", "pay", "statements", "send")
RECORD_ACTIONS = ("approve", "refuse", "review", "accept", "withdraw", "release")
ASKED = {"requested to 500": "500", "requested to 10000": "10000", "requested above": "10000.01"}
"""Amounts in dollars on either side of the limits of a preparer and an approver."""


@dataclass(frozen=True)
class Desk:
    """A workspace whose people have one set of roles, or the one role that their name says."""

    root: Path
    roles: tuple[Role, ...]

    def people(self, *relations: str) -> list[str]:
        """Those of them who can be."""
        needed = {"prepared": Role.PREPARER, "approved": Role.APPROVER}
        return [who for who in relations if who not in needed or needed[who] in self.roles]

    def stand_in(self, who: str, role: Role) -> str:
        return who if role in self.roles else STAND_IN[who]

    def say(self, who: str, *words: str) -> Done:
        return in_process(self.root, Said((*words, "--as", who)))

    def done(self, who: str, *words: str) -> str:
        """What it printed, of a step that must succeed."""
        done = self.say(who, *words)
        assert done.code == 0, f"{who} {words}: {done.err}"
        return done.out


def desk(folder: Path, roles: tuple[Role, ...]) -> Desk:
    """January calculated by nobody yet."""
    tried = ["prepared", "approved", "own", "other", "began"]
    fixed = {Role.PREPARER: ["preparer1"], Role.APPROVER: ["approver1", "approver2"], Role.PAYER: ["payer1"]}
    named = {role: [*people, *(tried if role in roles else ())] for role, people in fixed.items()}
    lines = [f"    {role}: [{', '.join(people)}]" for role, people in named.items()]
    controls = "\n".join(
        [
            *("controls:", "  act_as: yes", "  roles:", *lines, "  people: {own: p00}"),
            *("  second_approval_above: 1 USD", "  adjustment_limits: {preparer: 500 USD, approver: 10_000 USD}", ""),
        ]
    )
    workspace = WORKSPACE.replace("name: text}", "name: text, email: optional text}") + DELIVERY + controls
    made = Desk(write(folder, {**DATA, "compengine.yaml": workspace}), roles)
    assert in_process(made.root, Said(("load", str(made.root / "data"), "--as", "preparer1"))).code == 0
    return made


def by_command(folder: Path, allowed: Table, sets: tuple[tuple[Role, ...], ...] = ROLE_SETS) -> Iterator[Case]:
    """`folder` is made."""
    for number, roles in enumerate(sets):
        yield from of_runs(desk(folder / f"runs{number}", roles), allowed)
        yield from of_records(desk(folder / f"records{number}", roles), allowed)


# Runs


def of_runs(desk: Desk, allowed: Table) -> Iterator[Case]:
    for state, action, who in PATH:
        role = {"prepared": Role.PREPARER, "approved": Role.APPROVER}.get(who)
        desk.done(desk.stand_in(who, role) if role else who, *run_words(action))
        if state:
            desk.done("reader", *run_words("statements"))  # so that who tries it prints nothing anew
            for tried in RUN_ACTIONS:
                for person in desk.people("prepared", "approved", "own", "other"):
                    yield tried_case(desk, allowed, ("run", state, tried), person, run_words(tried))


def run_words(action: str) -> tuple[str, ...]:
    match action:
        case "calculate":
            return ("calculate", "--period", "2026-01")
        case "reject":
            return ("reject", "2026-01", "--because", "not yet")
    return (action, "2026-01")


# Adjustments, holds and disputes


def of_records(desk: Desk, allowed: Table) -> Iterator[Case]:
    """Once January is posted: a statement of it can be disputed."""
    for _, action, who in PATH[:-2]:
        desk.done(STAND_IN.get(who, who), *run_words(action))
    for action, words in open_words(desk):
        for person in ("own", "other"):
            yield tried_case(desk, allowed, ("ledger", "open", action), person, words)
    for about, state, id in records_of(desk):
        able = about == "dispute" or Role.PREPARER in desk.roles
        for action in RECORD_ACTIONS:
            words = (action, id) if action in ("withdraw", "release") else ("decide", id, action)
            for person in (*(("began",) if able else ()), "own", "other"):
                yield tried_case(desk, allowed, (about, state, action), person, (*words, "--because", "seen"))


HOLD = ("hold", "p00", "--because", "unsigned")
DISPUTE = ("dispute", "2026-01-000001", "--because", "wrong")


def adjust_words(amount: str, dispute: str = "") -> tuple[str, ...]:
    said = ("adjust", "p00", "--plan", "small", "--amount", f"{amount} USD", "--for", "2026-01", "--kind", "bonus")
    return (*said, "--code", "SPIF", "--because", "agreed", *(("--dispute", dispute) if dispute else ()))


def open_words(desk: Desk) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What can be done with a ledger whatever stands in it."""
    yield "adjust", adjust_words("5")
    yield "hold", HOLD
    yield "dispute", DISPUTE
    yield "load", ("load", "deals", str(desk.root / "more.csv"))
    yield "new key", ("checkpoint", "--new-key")


def records_of(desk: Desk) -> Iterator[tuple[str, str, str]]:
    """A record in each state: (what it is, its state, its id)."""
    asks, seen = desk.stand_in("began", Role.PREPARER), ("--because", "seen")

    def begun(who: str, words: tuple[str, ...]) -> str:
        return desk.done(who, *words).split()[1]

    for state, amount in ASKED.items():
        yield "adjustment", state, begun(asks, adjust_words(amount))
    for state, verb in (("approved", "approve"), ("refused", "refuse")):
        id = begun(asks, adjust_words("5"))
        desk.done("approver1", "decide", id, verb, *seen)
        yield "adjustment", state, id
    id = begun(asks, adjust_words("5"))
    desk.done(asks, "withdraw", id, *seen)
    yield "adjustment", "withdrawn", id
    yield "hold", "placed", begun(asks, HOLD)
    id = begun(asks, HOLD)
    desk.done("approver1", "release", id, *seen)
    yield "hold", "released", id
    yield "dispute", "opened", begun("began", DISPUTE)
    for state, verb in (("opened with adjustment", ""), ("reviewed with adjustment", "review"), ("accepted", "accept")):
        id = begun("began", DISPUTE)
        desk.done("approver2", "decide", begun("preparer1", adjust_words("5", id)), "approve", *seen)
        if verb:
            desk.done("approver1", "decide", id, verb, *seen)
        yield "dispute", state, id
    for state, verb in (("reviewed", "review"), ("refused", "refuse")):
        id = begun("began", DISPUTE)
        desk.done("approver1", "decide", id, verb, *seen)
        yield "dispute", state, id
    id = begun("began", DISPUTE)
    desk.done("began", "withdraw", id, *seen)
    yield "dispute", "withdrawn", id


def tried_case(desk: Desk, allowed: Table, key: tuple[str, str, str], person: str, words: tuple[str, ...]) -> Case:
    """A command that changed something is undone. `send` is done where no control refused it: nothing is there to be
    sent; `statements` where they are put on record, for anybody may print them."""
    ledger = (desk.root / "ledger.db").read_bytes()
    kept = desk.root.with_name("kept")
    shutil.copytree(desk.root, kept)
    done = desk.say(person, *words)
    assert done.code in (0, 3) or key[2] == "send", f"{person} {words}: {done.code} {done.err}"
    succeeded = done.code == 0
    if key[2] == "send":
        succeeded = not codes(done) & {"E607", "E613", "E615"}
    elif key[2] == "statements":
        succeeded = "on record as" in done.out
    assert done.code == 0 or (desk.root / "ledger.db").read_bytes() == ledger, (
        f"{words}: refused, and something changed"
    )
    shutil.rmtree(desk.root)
    kept.rename(desk.root)
    return Case("command", *key, tuple(map(str, desk.roles)), person, succeeded, allowed.may(key, desk.roles, person))
