"""Clawbacks, draws and the settlement of a plan."""

from decimal import Decimal

from compengine.plan import scopes
from compengine.plan import typed as t
from compengine.plan import written as w
from compengine.plan.check_credits import whole_share
from compengine.plan.check_earn import check_limits
from compengine.plan.demands import boolean, fraction, of_units
from compengine.plan.expressions import needed
from compengine.plan.narrow import facts
from compengine.plan.scope import Declared, Scope
from compengine.plan.typed import ClawbackPolicy, SourceKind, Unit
from compengine.source.diagnostic import Diagnostic, Place
from compengine.source.shape import note, suggestion

DEFAULT_ORDER = ("draw", "clawback", "negative")


def clawback(written: w.Clawback, declared: Declared, found: list[Diagnostic]) -> t.Clawback | None:
    before = len(found)
    _check_policy(written, found)
    if written.of is None:
        return None
    stream = written.of.value
    if declared.kind(stream) != "stream":
        help = suggestion(stream, declared.of_kind("stream"), "streams")
        note(found, "E211", f"there is no stream {stream}", written.of.span, help)
        return None
    known = declared.streams.get(stream)
    if known is None:
        return None
    scope = scopes.of_credit(declared, found, known)
    reversals = _reversals(written, known.source, scope)
    if written.reversals is not None and reversals is None:
        return None
    if reversals is not None:
        scope = scope.seeing({reversals.row: declared.workspace.tables[reversals.table]})
    when = boolean(needed(written.when, scope), "when", scope) if written.when else None
    scope = scope.knowing(facts(written.when))
    day = of_units(needed(written.date, scope), (Unit.DATE,), "date", scope) if written.date else None
    share: t.Expr | None = whole_share(written.name.span)
    if written.share is not None:
        share = fraction(needed(written.share, scope), "share", scope)
    if len(found) > before or day is None or share is None or not written.policy:
        return None
    if written.policy == "original_lines":
        _check_carried(written, stream, declared, found)
    policy, reduced = ClawbackPolicy(written.policy), written.attainment == "reduced"
    return t.Clawback(
        written.name.value, stream, reversals, when, day, share, policy, reduced, written.name.span, written.terms
    )


def _check_policy(written: w.Clawback, found: list[Diagnostic]) -> None:
    name = written.name.value
    if "policy" not in written.keys:
        help = "policy: original_lines takes back what was earned, scale goes back down, recompute forgets the credit"
        note(found, "E301", f"clawback {name} must say its policy", written.name.span, help)
    elif written.policy == "original_lines" and "attainment" not in written.keys:
        help = "attainment: kept, or attainment: reduced"
        note(found, "E301", f"clawback {name} must say whether the credit still counts", written.name.span, help)
    elif written.policy in ("scale", "recompute") and "attainment" in written.keys:
        message = f"with policy {written.policy} the credit never counts"
        note(found, "E302", message, written.keys["attainment"], "leave attainment out")


def _check_carried(written: w.Clawback, stream: str, declared: Declared, found: list[Diagnostic]) -> None:
    """Rows that a clawback takes back have no part in what their limit pays later."""
    for rule in declared.components.values():
        if rule.carry is not None and rule.stream == stream:
            message = f"{written.name.value} takes back the lines of {rule.name}, and cannot take back what it carried"
            help = "leave carry out, or write policy: scale or policy: recompute"
            note(found, "E302", message, rule.carry, help, (Place(written.name.span, note="taken back here"),))


def _reversals(written: w.Clawback, source: t.Source, scope: Scope) -> t.RelatedRows | None:
    """The table of reversals: exactly one of its columns refers to the stream's rows."""
    given, found = written.reversals, scope.found
    if given is None:
        return None
    tables = scope.declared.workspace.tables
    table = tables.get(given.value)
    if table is None:
        note(
            found,
            "E211",
            f"the workspace has no table {given.value}",
            given.span,
            suggestion(given.value, list(tables)),
        )
        return None
    if source.kind is not SourceKind.TABLE:
        message = (
            f"the stream {written.of.value if written.of else ''} is not drawn from a table that could be referred to"
        )
        note(found, "E302", message, given.span, "claw back from the stream it is drawn from")
        return None
    references = table.references(source.name)
    if len(references) != 1:
        which = f"columns {', '.join(references)} refer" if references else "no column refers"
        help = "exactly one column refers to the rows of the stream"
        note(found, "E302", f"in {table.name} {which} to {source.name}", given.span, help)
        return None
    if table.row in scope.rows:
        note(found, "E305", f"the rows of {table.name} are called {table.row}, and so is a row here", given.span)
        return None
    return t.RelatedRows(source.row, (), table.name, references[0], table.row, None)


# --- settle


def settle(written: w.Settle | None, declared: Declared, found: list[Diagnostic]) -> t.Settle:
    """`negative` is empty where the plan says nothing."""
    _check_negative(written, found)
    if written is None:
        return t.Settle("", (), None, None, "pay_date", DEFAULT_ORDER, None, None)
    scope = scopes.of_settle(declared, found)
    limits = check_limits(written.limits, scope, per_credit=False, of_plan=True)
    minimum = of_units(needed(written.minimum, scope), (Unit.MONEY,), "minimum", scope) if written.minimum else None
    pay_in = of_units(needed(written.pay_in, scope), (Unit.CURRENCY,), "pay_in", scope) if written.pay_in else None
    if "convert" in written.keys and "pay_in" not in written.keys:
        message = "convert says how pay_in is converted, and there is no pay_in"
        note(found, "E302", message, written.keys["convert"], "add pay_in, or leave convert out")
    return t.Settle(
        written.negative,
        limits,
        minimum,
        pay_in,
        written.convert,
        written.order,
        _draw(written.draw, scope) if written.draw else None,
        written.span,
    )


def _check_negative(written: w.Settle | None, found: list[Diagnostic]) -> None:
    """A draw needs the word. Elsewhere a run that comes to a result below zero asks for it (E518)."""
    if written is None or written.draw is None or "negative" in written.keys:
        return
    help = "settle: {negative: carry}, collect or forgive"
    note(found, "E301", "a plan with a draw must say what becomes of a balance below zero", written.draw.span, help)


def _draw(written: w.Draw, scope: Scope) -> t.Draw | None:
    before = len(scope.found)
    amount = of_units(needed(written.amount, scope), (Unit.MONEY,), "amount", scope) if written.amount else None
    when = boolean(needed(written.when, scope), "when", scope) if written.when else None
    recover = None
    if written.recover is not None:
        recover = fraction(needed(written.recover, scope), "recover", scope)
    again = boolean(needed(written.recover_when, scope), "recover_when", scope) if written.recover_when else None
    owed = None
    if written.owed_limit is not None:
        owed = of_units(needed(written.owed_limit, scope), (Unit.MONEY,), "owed_limit", scope)
    _check_choices(written, recover, scope)
    if len(scope.found) > before or amount is None or recover is None:
        return None
    return t.Draw(written.kind, amount, when, recover, again, owed, written.at_end, written.span)


def _check_choices(written: w.Draw, recover: t.Expr | None, scope: Scope) -> None:
    """E301 for each choice a draw leaves open; a guarantee owes nothing, so it has no end to say."""
    guarantee = isinstance(recover, t.Literal) and recover.value == Decimal(0)
    choices = {
        "kind": "kind: top-up pays at least the amount, additive pays it on top",
        "recover": "recover: 100% recovers all that may be recovered, 0% makes it a guarantee",
    }
    if not guarantee:
        choices["at_end"] = "at_end: owed, or forgiven"
    for key, help in choices.items():
        if key not in written.keys:
            note(scope.found, "E301", f"a draw must say {key}", written.span, help)
