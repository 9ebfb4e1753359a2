"""The life of a run: which event may follow which, who may bring it about, and who must be somebody else.

This is the only place that says so. The database repeats `FOLLOWS` and the rule of the two persons in its triggers
(`store.sqlite`), `verify` asks here again.

A run is calculated, submitted by who prepared it, approved (or rejected, and submitted again) by somebody else,
posted, finalized, and paid by somebody who did not approve it. Nobody approves a run that pays himself.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from compengine.inputs.schema import Controls, Role
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.money import from_minor


class State(StrEnum):
    CALCULATED = "calculated"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    POSTED = "posted"
    FINALIZED = "finalized"
    PAID = "paid"


FOLLOWS: dict[State, tuple[State, ...]] = {
    State.CALCULATED: (),
    State.SUBMITTED: (State.CALCULATED, State.REJECTED),
    State.APPROVED: (State.SUBMITTED, State.APPROVED),
    State.REJECTED: (State.SUBMITTED, State.APPROVED),
    State.POSTED: (State.APPROVED,),
    State.FINALIZED: (State.POSTED,),
    State.PAID: (State.FINALIZED,),
}
"""What the event before must be; the first event of a run follows nothing."""

ROLE: dict[State, Role] = {
    State.CALCULATED: Role.PREPARER,
    State.SUBMITTED: Role.PREPARER,
    State.APPROVED: Role.APPROVER,
    State.REJECTED: Role.APPROVER,
    State.POSTED: Role.PREPARER,
    State.FINALIZED: Role.APPROVER,
    State.PAID: Role.PAYER,
}


LIVES: dict[str, dict[str, tuple[str, ...]]] = {
    "adjustment": {
        "requested": (),
        "approved": ("requested",),
        "refused": ("requested",),
        "withdrawn": ("requested",),
    },
    "hold": {"placed": (), "released": ("placed",)},
    "dispute": {
        "opened": (),
        "reviewed": ("opened",),
        "accepted": ("opened", "reviewed"),
        "refused": ("opened", "reviewed"),
        "withdrawn": ("opened", "reviewed"),
    },
    "statements": {"issued": ()},
    "load": {"loaded": ()},
    "key": {"made": ()},
}
"""The same for what stands in the register, by kind."""

DECISIONS = ("approved", "reviewed", "refused", "accepted")
"""States of the register that come from another person than the one who began."""
OWN = "withdrawn"
"""The state that comes from the one who began, and from nobody else."""


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody did something with a run. `content` is the run's; `document` the digest of a file made by it; `note`
    what was said about it."""

    seq: int
    run: str
    kind: State
    content: str
    posting: int
    document: str
    note: str
    actor: str
    time: str


def same_person(one: str, other: str) -> bool:
    """Whether two actors are one person: spaces around and capitals do not tell people apart."""
    return one.strip().casefold() == other.strip().casefold()


def approvals(events: Sequence[Event]) -> tuple[Event, ...]:
    """The approvals since the run was last submitted; none where it was rejected after them."""
    found: list[Event] = []
    for event in events:
        if event.kind in (State.SUBMITTED, State.REJECTED):
            found = []
        elif event.kind is State.APPROVED:
            found.append(event)
    return tuple(found)


def approvals_needed(controls: Controls, totals: Iterable[tuple[str, int]]) -> int:
    """Two where what is payable in any currency lies above the workspace's threshold for it, else one.

    `totals` are (currency, minor units). A currency without a threshold, where others have one, needs two: its
    amounts cannot be compared.
    """
    above = dict(controls.second_above)
    if not above:
        return 1
    return 2 if any(from_minor(minor, code) > above.get(code, Decimal(0)) for code, minor in totals) else 1


def faults_of_order(events: Sequence[Event]) -> list[tuple[int, str]]:
    """Events that may not follow the one before them, or come from a person they may not come from: (seq, what)."""
    found = []
    for at, event in enumerate(events):
        before = events[:at]
        if not _follows(before, event.kind):
            found.append((event.seq, f"{event.kind} may not follow {before[-1].kind if before else 'nothing'}"))
        for other in _persons(before, event.kind):
            if same_person(other.actor, event.actor):
                found.append((event.seq, f"{event.kind} by {event.actor}, by whom it was {other.kind}"))
    return found


def faults_of_controls(
    events: Sequence[Event], controls: Controls, totals: Sequence[tuple[str, int]], payees: Collection[str]
) -> list[tuple[int, str]]:
    """Events by people who have not the role for them, approvals by people whom the run pays, and postings without as
    many approvals as the amount needs: (seq, what). `controls` are the run's own, `payees` whom it pays."""
    found = []
    needed = approvals_needed(controls, totals)
    for at, event in enumerate(events):
        role = ROLE[event.kind]
        if not has_role(role, event.actor, controls):
            found.append((event.seq, f"{event.kind} by {event.actor}, who has not the role {role}"))
        if event.kind is State.APPROVED and (mine := _own(event.actor, payees, controls)):
            found.append((event.seq, f"approved by {event.actor}, whose own pay is in it ({mine[0]})"))
        given = len(approvals(events[:at]))
        if event.kind is State.POSTED and given < needed:
            found.append((event.seq, f"posted with {given} of {needed} approvals"))
    return found


def admit(run: str, events: Sequence[Event], kind: State, actor: str, controls: Controls) -> None:
    """Raises `Failed` where `actor` may not do this to the run now: E613 role, E603 person, else the code of the state
    that is missing (`_ORDER`)."""
    require_role(ROLE[kind], actor, controls)
    if not _follows(events, kind):
        code, message = _out_of_order(events, kind)
        raise failed(code, f"run {run} {message}", run, what_is_next(events[-1].kind, run))
    for event in _persons(events, kind):
        if same_person(event.actor, actor):
            verb = {State.APPROVED: "approve", State.REJECTED: "reject", State.PAID: "pay"}[kind]
            message = f"{actor} {event.kind} run {run} and may not {verb} it"
            raise failed("E603", message, run, f"somebody else must {verb} it")


def require_role(role: Role, actor: str, controls: Controls) -> None:
    """Raises `Failed` (E613) where the workspace gives roles to people, and not this one to `actor`."""
    if not has_role(role, actor, controls):
        people = ", ".join(sorted(controls.roles.get(role, ()))) or "nobody"
        message = f"{actor} has not the role {role}"
        raise failed("E613", message, "", f"{role} in the workspace file: {people}")


def require_limit(record: str, actor: str, currency: str, amount: Decimal, controls: Controls) -> None:
    """Raises `Failed` where `actor` may not decide an adjustment of `amount`, up or down: E618 above the limits of all
    roles that he has; E613 without any of them. Where there are no limits, every approver may decide any.

    A currency without a limit, where others have one, cannot be decided: its amounts cannot be compared.
    """
    if not controls.adjustment_limits:
        require_role(Role.APPROVER, actor, controls)
        return
    roles = {role for role, _, _ in controls.adjustment_limits}
    mine = {
        role
        for role in roles
        if not controls.roles or any(same_person(actor, one) for one in controls.roles.get(role, ()))
    }
    if not mine:
        named = " or ".join(sorted(roles))
        raise refused("E613", f"{actor} has not the role {named}", record, "only these may decide an adjustment")
    limits = [limit for role, code, limit in controls.adjustment_limits if role in mine and code == currency]
    if not limits or abs(amount) > max(limits):
        most = f"{max(limits):,f} {currency}" if limits else f"no amount in {currency}"
        message = f"adjustment {record} is {amount:,f} {currency}, and {actor} may decide {most}"
        raise refused("E618", message, record, "somebody whose role has a higher limit must decide")


def require_no_self_interest(
    run: str, actor: str, payees: Collection[str], controls: Controls, what: str = "run"
) -> None:
    """Raises `Failed` (E614) where the run (or `what` it is) holds pay of `actor`: by the workspace's list of people,
    else by name."""
    for payee in _own(actor, payees, controls):
        if what == "run":
            message = f"run {run} holds pay of {actor} ({payee}), who may not approve it"
            raise failed("E614", message, run, "somebody whose pay is not in the run must approve")
        message = f"{what} {run} is about the pay of {actor} ({payee}), who may not decide it"
        raise refused("E614", message, run, "somebody else must decide")


def failed(code: str, message: str, run: str, help: str = "") -> Failed:
    return Failed([Diagnostic(code, message, Place(table="runs", row=run), help)])


def refused(code: str, message: str, record: str, help: str = "") -> Failed:
    """The same about a record of the register."""
    return Failed([Diagnostic(code, message, Place(table="register", row=record), help)])


def has_role(role: Role, actor: str, controls: Controls) -> bool:
    """Everybody has all roles where the workspace gives none."""
    return not controls.roles or any(same_person(actor, person) for person in controls.roles.get(role, ()))


def _own(actor: str, payees: Collection[str], controls: Controls) -> list[str]:
    """Which of the payees the actor is."""
    mine = {payee for person, payee in controls.people if same_person(person, actor)} or {actor.strip()}
    return [payee for payee in sorted(payees) if any(same_person(payee, one) for one in mine)]


def _follows(before: Sequence[Event], kind: State) -> bool:
    return before[-1].kind in FOLLOWS[kind] if before else not FOLLOWS[kind]


def _persons(before: Sequence[Event], kind: State) -> tuple[Event, ...]:
    """The events whose persons may not do this one."""
    match kind:
        case State.APPROVED | State.REJECTED:
            prepared = tuple(e for e in before if e.kind in (State.CALCULATED, State.SUBMITTED))
            return (*prepared, *(approvals(before) if kind is State.APPROVED else ()))
        case State.PAID:
            return approvals(before)
    return ()


def what_is_next(last: State, run: str) -> str:
    """What may be done with a run after that event."""
    match last:
        case State.CALCULATED | State.REJECTED:
            return f"next: compengine submit {run}"
        case State.SUBMITTED:
            return f"next, by somebody else: compengine approve {run}"
        case State.APPROVED:
            return f"next: compengine post {run}"
        case State.POSTED:
            return f"next: compengine finalize {run}"
        case State.FINALIZED:
            return f"next: compengine pay {run}"
    return "what is wrong in it is corrected in the next period"


def _out_of_order(events: Sequence[Event], kind: State) -> tuple[str, str]:
    """The code and the message where `kind` cannot come now."""
    last = events[-1]
    done = next((e for e in events if e.kind is kind), None)
    if kind is State.PAID and done is not None:
        return "E608", f"was paid by {done.actor} on {done.time}"
    if done is not None and last.kind is not State.REJECTED:
        return "E615", f"was {done.kind} already, by {done.actor} on {done.time}"
    match kind:
        case State.POSTED:
            return "E604", f"is not approved: it is {last.kind}"
        case State.FINALIZED:
            return "E607", f"is not posted: it is {last.kind}"
        case State.PAID:
            if any(e.kind is State.POSTED for e in events):
                return "E615", "is not finalized"
            return "E607", f"is not posted: it is {last.kind}"
    return "E615", f"cannot be {kind}: it is {last.kind}, not {' or '.join(FOLLOWS[kind])}"
