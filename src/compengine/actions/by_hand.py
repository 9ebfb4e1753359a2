"""What people decide by hand: adjustments asked for and decided, holds placed and released.

Nothing here moves money. What is approved or placed is an input of every later calculation (`ledger.decided`).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from compengine.actions.askable import the_amount, the_code, the_component, the_kind, the_payee, the_period, the_plan
from compengine.actions.checkpoints import open_checked
from compengine.actions.load import the_snapshot
from compengine.actions.opened import Opened, acting, shown
from compengine.actions.plans import the_program
from compengine.actions.register import RecordLine, line_of
from compengine.actions.runs import the_ledger
from compengine.inputs.objects import put_bytes
from compengine.inputs.schema import Controls, Role
from compengine.ledger.register import Record, begin, records, step
from compengine.ledger.states import refused, require_limit, require_no_self_interest, require_role
from compengine.ledger.store.database import Store
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span
from compengine.values.decided import ADJUSTMENT
from compengine.values.exact import exact, plain

LARGEST = 20 * 1024 * 1024
"""So many bytes an attachment may have."""
OPEN = ("opened", "reviewed")
"""States of a dispute that is not decided."""
VERBS = {"approve": "approved", "accept": "accepted", "refuse": "refused", "review": "reviewed"}


@dataclass(frozen=True, slots=True)
class Asked:
    """An adjustment as it is asked for: `amount` like `250.00 USD`, negative to take back. `dispute` is the id of the
    dispute that it ends, empty without one."""

    payee: str
    plan: str
    amount: str
    period: str
    kind: str
    code: str
    attachment: Path | None = None
    dispute: str = ""


def adjust(opened: Opened, asked: Asked, note: str, actor: str, now: datetime) -> RecordLine:
    """Ask for an adjustment.

    Raises `Failed`: E108 an amount or code that is none; E107 another kind; E705, E704, E512 an unknown plan, period or
    payee; E213 another currency than the plan's; E101 an attachment that cannot be read, E110 a large one; E606 an
    unknown dispute, E615 one that is about somebody else or decided; E616, E613, E612, E611.
    """
    who = acting(opened, actor)
    plan = the_plan(the_program(opened)[0], asked.plan)
    kind, code, value = the_kind(asked.kind), the_code(asked.code), the_amount(asked.amount, plan)
    period = the_period(plan, asked.period)
    the_payee(_payees(opened), asked.payee)
    require_role(Role.PREPARER, who, opened.workspace.controls)
    store = open_checked(opened)
    if asked.dispute:
        _require_open(store, asked.dispute, asked.payee)
    body = {
        "amount": plain(value),
        "currency": plan.currency,
        "for_period": period,
        "kind": kind,
        "code": code,
        "attachment": _kept(opened, asked.attachment),
        "dispute": asked.dispute,
    }
    about = (plan.calendar.name, asked.payee, plan.name)
    return line_of(begin(store, ADJUSTMENT, about, body, note, who, now), now)


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a payee a hold is on; an empty plan, component or source means all of them."""

    payee: str
    plan: str = ""
    component: str = ""
    source: str = ""


def hold(opened: Opened, scope: Scope, note: str, actor: str, now: datetime) -> RecordLine:
    """Keep back what lies in the scope and is not released yet, from the next run on.

    Raises `Failed`: E705, E512, E211 an unknown plan, payee or component; E616, E613, E612, E611.
    """
    who = acting(opened, actor)
    program, _ = the_program(opened)
    plan = the_plan(program, scope.plan) if scope.plan else None
    if scope.component:
        the_component(program, scope.plan, scope.component)
    the_payee(_payees(opened), scope.payee)
    require_role(Role.PREPARER, who, opened.workspace.controls)
    about = ("" if plan is None else plan.calendar.name, scope.payee, scope.plan)
    body = {"component": scope.component, "source": scope.source}
    return line_of(begin(open_checked(opened), "hold", about, body, note, who, now), now)


def release(opened: Opened, id: str, note: str, actor: str, now: datetime) -> RecordLine:
    """End a hold: what it kept back is released with the next run that is posted.

    Raises `Failed`: E614 where it holds pay of the actor; E606, E615, E616, E613, E612, E611.
    """
    who, store = acting(opened, actor), the_ledger(opened)
    found = the_record(store, id)
    if found.kind != "hold":
        raise refused("E606", f"{id} is no hold", id, "compengine register --kind hold lists them")
    controls = opened.workspace.controls
    require_role(Role.APPROVER, who, controls)
    require_no_self_interest(id, who, [found.steps[0].payee], controls, "hold")
    return line_of(step(store, id, "released", note, who, now), now)


def decide(opened: Opened, id: str, verb: str, note: str, actor: str, now: datetime) -> RecordLine:
    """Decide an adjustment (`approve`, `refuse`) or a dispute (`review`, `accept`, `refuse`); not by who began it.

    Raises `Failed`: E603 the same person; E614 where it is about the actor's pay; E618 above the limit of his roles;
    E619 a dispute accepted without an approved adjustment for it; E606, E615, E616, E613, E612, E611.
    """
    who, store = acting(opened, actor), the_ledger(opened)
    found, state = the_record(store, id), VERBS[verb]
    if found.kind == "hold":
        raise refused("E615", f"hold {id} is released, not decided", id, f"compengine release {id}")
    if found.kind != ADJUSTMENT or verb in ("approve", "refuse"):
        _may_decide(found, state, who, opened.workspace.controls)
    if state == "accepted" and found.kind == "dispute" and found.state in OPEN and not _made_for(store, found.id):
        help = f"compengine adjust {found.steps[0].payee} … --dispute {id}, and have it approved"
        raise refused("E619", f"no adjustment for dispute {id} is approved", id, help)
    return line_of(step(store, id, state, note, who, now), now)


def withdraw(opened: Opened, id: str, note: str, actor: str, now: datetime) -> RecordLine:
    """Take back a request or a dispute before it is decided; by who began it.

    Raises `Failed`: E613 where it is somebody else's; E606, E615, E616, E612, E611.
    """
    who, store = acting(opened, actor), the_ledger(opened)
    return line_of(step(store, id, "withdrawn", note, who, now), now)


def the_record(store: Store, id: str) -> Record:
    """Raises `Failed` (E606)."""
    found = next((r for r in records(store) if r.id == id), None)
    if found is None:
        raise refused("E606", f"there is no adjustment, hold or dispute {id!r}", id, "compengine register")
    return found


def _may_decide(found: Record, state: str, who: str, controls: Controls) -> None:
    if found.kind == ADJUSTMENT:
        amount, currency = exact(found.body["amount"]), found.body["currency"]
        require_limit(found.id, who, currency, Decimal(plain(amount)), controls)
    else:
        require_role(Role.APPROVER, who, controls)
    require_no_self_interest(found.id, who, [found.steps[0].payee], controls, found.kind)


def _made_for(store: Store, dispute: str) -> list[Record]:
    """The approved adjustments that were asked for because of a dispute."""
    found = records(store, ADJUSTMENT)
    return [r for r in found if r.state == "approved" and r.body.get("dispute") == dispute]


def _require_open(store: Store, dispute: str, payee: str) -> None:
    found = the_record(store, dispute)
    if found.kind != "dispute":
        raise refused("E606", f"{dispute} is no dispute", dispute, "compengine register --kind dispute lists them")
    if found.steps[0].payee != payee:
        message = f"dispute {dispute} is about {found.steps[0].payee}, not {payee}"
        raise refused("E615", message, dispute, "compengine register --kind dispute lists them")
    if found.state not in OPEN:
        help = "leave --dispute out, or have a new dispute opened first: compengine dispute"
        raise refused("E615", f"dispute {dispute} is {found.state} already", dispute, help)


def _payees(opened: Opened) -> list[str]:
    return the_snapshot(opened).frame("payees")["@key"].unique().to_list()


def _kept(opened: Opened, attachment: Path | None) -> str:
    """The digest under which the bytes of the file are kept."""
    if attachment is None:
        return ""
    place = Place(Span(shown(attachment), 1, 1, 1, 1))
    try:
        if attachment.stat().st_size > LARGEST:
            raise Failed([Diagnostic("E110", f"the attachment has more than {LARGEST:,} bytes", place)])
        return put_bytes(opened.objects, attachment.read_bytes())
    except OSError as error:
        raise Failed(
            [Diagnostic("E101", f"the file cannot be read: {error.strerror}", place, "name another file")]
        ) from error
