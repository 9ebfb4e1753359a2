"""A run as people read it."""

from compengine.actions.figures import Money
from compengine.actions.payee_lines import STEPS
from compengine.actions.runs import RunView
from compengine.cli.output import grouped, say, table, title

TOP = 10
SHOWN = 12
MORE = 24


def page(view: RunView, *, again: bool = False, whole: bool = False, rows: bool = False) -> None:
    """`whole`: every payee, digests, and who did what; `rows`: every correction and each row that is posted."""
    seen = " (as before)" if again else ""
    say(f"run {view.run} of {view.period}, {view.state}{seen}")
    for event in view.events if whole else ():
        say(f"  {event.kind} by {event.actor} on {event.time[:16].replace('T', ' ')} UTC")
    if whole:
        _digests(view)
    title("By component")
    table(
        ("plan", "component", f"for {view.period}", "corrections"),
        [
            (c.plan, c.component + ("" if c.paid else " (not paid)"), _m(c.earned), _z(c.corrections))
            for c in view.components
        ],
        "llrr",
    )
    _payees(view, whole)
    _corrections(view, len(view.corrections) if rows else MORE if whole else SHOWN)
    _exclusions(view, whole)
    if rows:
        _rows(view)
    say()
    done = "posted" if view.state in ("posted", "paid") else "to post"
    say(f"{done}: {view.rows_given:,} rows given, {view.rows_taken_back:,} taken back")
    say(f"payable: {', '.join(grouped(m) for m in view.payable) or 'nothing'}")


def _m(money: Money) -> str:
    return grouped(money)


def _z(money: Money) -> str:
    """An amount, nothing where it is zero."""
    return grouped(money) if money.amount else ""


def _digests(view: RunView) -> None:
    say(f"  content      {view.content}")
    say(f"  entitlement  {view.entitlement}")
    say(f"  snapshot     {view.snapshot}{f', loaded by {view.loaded.actor}' if view.loaded else ''}")
    say(f"  workspace    {view.workspace}")
    for name, digest in view.plans:
        say(f"  plan         {digest}  {name}")
    say(f"  engine       {view.engine}")


def _payees(view: RunView, whole: bool) -> None:
    if not view.payees:
        return
    listed = view.payees if whole else view.payees[:TOP]
    title(f"By payee ({len(view.payees)})" if whole else f"Top payees, of {len(view.payees)}")
    table(
        ("payee", "name", "plan", "earned", "corrections", *STEPS, "payable", "paid as"),
        [
            (
                p.payee,
                p.name,
                p.plan,
                _m(p.earned),
                _z(p.corrections),
                *(grouped(amount) if (amount := p.step(name)) else "" for name in STEPS),
                _m(p.payable),
                _abroad(p.payable, p.paid),
            )
            for p in listed
        ],
        "lll" + "r" * (len(STEPS) + 4),
    )


def _abroad(payable: Money, paid: Money) -> str:
    return "" if payable.currency == paid.currency else grouped(paid)


def _corrections(view: RunView, most: int) -> None:
    if not view.corrections:
        return
    listed = sorted(view.corrections, key=lambda c: -abs(c.amount.amount))[:most]
    title(f"Corrections of earlier periods ({len(view.corrections)})")
    table(
        ("payee", "plan", "component", "for", "amount"),
        [(c.payee, c.plan, c.component, c.for_period, _m(c.amount)) for c in listed],
        "llllr",
    )
    if len(view.corrections) > len(listed):
        say(f"  … and {len(view.corrections) - len(listed)} smaller ones: compengine show {view.run} --rows")


def _exclusions(view: RunView, whole: bool) -> None:
    if not view.exclusions:
        return
    listed = view.exclusions if whole else view.exclusions[:SHOWN]
    title(f"Earned nothing ({sum(r.count for r in view.exclusions):,} rows of all periods up to this one)")
    table(
        ("plan", "rule", "rows", "reason", "such as"),
        [(r.plan, r.rule, f"{r.count:,}", r.by, ", ".join(r.sources)) for r in listed],
        "llrll",
    )
    if len(view.exclusions) > len(listed):
        say(f"  … and {len(view.exclusions) - len(listed)} more reasons: compengine show {view.run}")


def _rows(view: RunView) -> None:
    title("Rows")
    table(
        ("payee", "component", "for", "source", "part", "basis", "", "rate", "amount"),
        [
            (
                r.payee,
                r.component,
                r.for_period,
                r.source,
                r.part,
                grouped(r.basis),
                "×",
                r.rate,
                _signed(r.amount, r.taken_back),
            )
            for r in view.rows
        ],
        "lllllrlrr",
    )


def _signed(amount: Money, back: bool) -> str:
    return f"{grouped(amount)}{' back' if back else ''}"
