"""Components: what is earned, limited and released."""

from collections.abc import Sequence
from decimal import Decimal

from compengine.plan import keys, parse, scopes
from compengine.plan import syntax as s
from compengine.plan import typed as t
from compengine.plan import written as w
from compengine.plan.check_credits import related_rows
from compengine.plan.check_scale import scale
from compengine.plan.demands import amount, boolean, fraction, number, of_units, percent_sign
from compengine.plan.expressions import needed, typed
from compengine.plan.narrow import facts
from compengine.plan.scope import ComponentFacts, Declared, Scope
from compengine.plan.typed import Unit
from compengine.plan.units import shown
from compengine.plan.windows import anchor, group, has_unit
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.source.shape import note, suggestion
from compengine.source.text import Span
from compengine.values.exact import ONE

_KEYS = {key.name for key in keys.COMPONENT}


def component(written: w.Component, declared: Declared, found: list[Diagnostic]) -> t.Component | None:
    """Also notes in `declared` what others may know of it, even where a part of it is wrong."""
    before = len(found)
    scope = _scope(written, declared, found)
    _check_form(written, found)
    if scope is None or written.per is None:
        return None
    when = boolean(needed(written.when, scope), "when", scope) if written.when else None
    scope = scope.knowing(facts(written.when))
    of = amount(needed(written.of, scope), "of", scope) if written.of else None
    rate = _rate(written, scope)
    pay = _pay(written, scope)
    _check_product(written, of, rate, scope)
    rate_unit = (rate.unit if isinstance(rate, t.Scale) else rate.type.unit) if rate else None
    basis = of.type.unit if of else Unit.MONEY if written.pay else None
    declared.components[written.name.value] = ComponentFacts(
        written.name.value,
        scope.stream,
        basis,
        rate_unit or (Unit.PERCENT if written.pay else None),
        next((limit.carry.span for limit in written.limits if limit.carry is not None), None),
    )
    multiply = [(n.value, number(needed(v, scope), n.value, scope)) for n, v in written.multiply]
    limits = check_limits(written.limits, scope, bool(scope.stream))
    release = _releases(written, scope)
    if len(found) > before:
        return None
    per = t.PerCredit(scope.stream) if isinstance(written.per, s.PerCredit) else t.PerWindow(written.per.unit)
    factors = tuple((name, factor) for name, factor in multiply if factor is not None)
    return t.Component(
        written.name.value,
        written.terms,
        per,
        when,
        of,
        rate,
        pay,
        factors,
        limits,
        release,
        written.paid,
        written.name.span,
    )


def _scope(written: w.Component, declared: Declared, found: list[Diagnostic]) -> Scope | None:
    match written.per:
        case s.PerCredit(stream=stream):
            if declared.kind(stream.name) != "stream":
                help = suggestion(stream.name, declared.of_kind("stream"), "streams")
                kind = declared.kind(stream.name)
                what = f"{stream.name} is a {kind}, not a stream" if kind else f"there is no stream {stream.name}"
                note(found, "E211", what, stream.span, help)
                return None
            known = declared.streams.get(stream.name)
            return scopes.of_credit(declared, found, known) if known else None
        case s.PerWindow(unit=unit):
            scope = scopes.of_window(declared, found, unit)
            return scope if has_unit(written.per, scope) else None
    return None


def _check_form(written: w.Component, found: list[Diagnostic]) -> None:
    """Either a basis and a rate, or a sum."""
    name, given = written.name.value, written.keys
    if not given.keys() <= _KEYS:
        return
    if "pay" in given and ("of" in given or "rate" in given):
        other = "of" if "of" in given else "rate"
        message = f"{name} has pay and {other}; pay stands alone"
        note(found, "E302", message, given[other], "keep of and rate, or pay")
    elif "pay" not in given and "of" not in given and "rate" not in given:
        note(found, "E105", f"component {name} says neither of and rate, nor pay", written.name.span)
    elif "pay" not in given and ("of" in given) != ("rate" in given):
        has, lacks = ("of", "rate") if "of" in given else ("rate", "of")
        note(found, "E302", f"{name} has {has} without {lacks}", given[has], f"add {lacks}, or write pay")
    if not written.paid and "release" in given:
        note(found, "E302", f"{name} is not paid, so nothing of it is released", given["release"], "leave release out")


def _rate(written: w.Component, scope: Scope) -> t.Expr | t.Scale | None:
    match written.rate:
        case None:
            return None
        case w.Scale():
            return scale(written.rate, scope)
        case _:
            return percent_sign(amount(needed(written.rate, scope), "rate", scope), "a rate", scope)


def _check_product(written: w.Component, of: t.Expr | None, rate: t.Expr | t.Scale | None, scope: Scope) -> None:
    if of is None or rate is None:
        return
    basis, unit = of.type.unit, rate.unit if isinstance(rate, t.Scale) else rate.type.unit
    if (basis is Unit.MONEY) is not (unit is Unit.MONEY):
        return
    span = rate.span if not isinstance(rate, t.Scale) else rate.bands[0].rate.span
    help = "the rate is a percent" if basis is Unit.MONEY else "the rate is an amount per unit, or of is money"
    note(scope.found, "E203", f"of is {shown(basis)} and the rate is {shown(unit)}: that is not money", span, help)


def _pay(written: w.Component, scope: Scope) -> t.Expr | t.Rank | None:
    match written.pay:
        case None:
            return None
        case w.Rank():
            return _rank(written.pay, scope)
        case _:
            return of_units(needed(written.pay, scope), (Unit.MONEY,), "pay", scope)


# --- ranks


def _rank(written: w.Rank, scope: Scope) -> t.Rank | None:
    if scope.stream:
        note(scope.found, "E302", "people are ranked per window, not per credit", written.span, "write per: quarter")
        return None
    by = amount(needed(written.by, scope), "rank", scope) if written.by else None
    among = None
    if written.among is not None:
        try:
            among = group(parse.group(written.among), scope)
        except Failed as failed:
            scope.found.extend(failed.diagnostics)
    if not written.ties_said:
        help = "ties: share, all, next, or a list of measures that break the tie"
        note(scope.found, "E301", "a rank must say what tied people get", written.span, help)
    tiebreak = [amount(needed(value, scope), "a tiebreak", scope) for value in written.tiebreak]
    prizes = [_prize(prize, scope) for prize in written.prizes]
    if by is None or among is None:
        return None
    good = tuple(p for p in prizes if p is not None)
    return t.Rank(by, among, written.ties, tuple(v for v in tiebreak if v is not None), good, written.span)


def _prize(written: w.Prize, scope: Scope) -> t.Prize | None:
    when = boolean(needed(written.when, scope), "when", scope) if written.when else None
    prize = of_units(needed(written.prize, scope.knowing(facts(written.when))), (Unit.MONEY,), "prize", scope)
    return t.Prize(prize, when) if prize else None


# --- limits


def check_limits(
    written: Sequence[s.Limit], scope: Scope, per_credit: bool, of_plan: bool = False
) -> tuple[t.Limit, ...]:
    """`per_credit` limits may count per credit and by the row's values; `of_plan` limits are those of `settle`."""
    limits: list[t.Limit] = []
    carry: s.Limit | None = None
    for limit in written:
        if limit.carry is not None:
            _check_carry(limit, limit.carry.span, scope.found)
        if carry is not None and limit.by is not None and limit.kind != "first":
            message = f"what {carry.text} pays later has no {limit.by.text}"
            note(scope.found, "E302", message, limit.by.span, "put this limit before the one that carries")
        alone = limit.carry is not None or (carry is not None and limit.kind != "first")
        made = _limit(
            limit,
            scope,
            scope.alone().on("limits that carry, and those after them,") if alone else scope,
            per_credit,
            of_plan,
        )
        if made is not None:
            limits.append(made)
        carry = carry or (limit if limit.carry is not None else None)
    return tuple(limits)


def _not_below_zero(value: t.Expr) -> t.Expr:
    """What exceeds a limit below zero would be more than was earned, and would be paid later."""
    if isinstance(value, t.Literal) and isinstance(value.value, Decimal) and value.value >= 0:
        return value
    zero = t.Literal(t.Type(Unit.MONEY, t.Grain.CONSTANT), value.span, "0", Decimal(0))
    return t.Call(value.type, value.span, value.text, "max", (value, zero))


def _check_carry(written: s.Limit, span: Span, found: list[Diagnostic]) -> None:
    """What exceeds a limit can wait for the next window of one person."""
    if written.scope.kind in ("credit", "life"):
        message = f"per {written.scope.kind} there is no later window to carry anything into"
        note(found, "E302", message, span, "write per month carry, or leave carry out")
    if written.across_plan:
        message = "what exceeds a limit across the plan belongs to nobody who could get it later"
        note(found, "E302", message, span, "leave out carry, or across plan")


def _limit(written: s.Limit, scope: Scope, of_value: Scope, per_credit: bool, of_plan: bool) -> t.Limit | None:
    """`of_value` is what the value of the limit may see."""
    found, kind = scope.found, written.kind
    value = needed(written.value, of_value)
    value = number(value, "first", scope) if kind == "first" else of_units(value, (Unit.MONEY,), kind, scope)
    if kind == "first" and isinstance(value, t.Literal) and (value.value != int(value.value) or value.value < 1):  # type: ignore[arg-type,operator]
        note(found, "E204", "first takes a whole number from 1", value.span)
    if kind == "first" and of_plan:
        note(
            found, "E302", "first counts rows of a component; settle has none", written.span, "move it to the component"
        )
    start = None
    if written.scope.anchor is not None:
        start = anchor(written.scope.anchor, scope, typed)
    elif written.scope.kind == "credit" and not per_credit:
        note(found, "E302", "a rule per window has no credit to limit", written.scope.span, "write per month")
    elif written.scope.kind not in ("credit", "life"):
        has_unit(written.scope, scope)
    by = None
    if written.by is not None:
        by = needed(written.by, scope)
        if not per_credit:
            note(found, "E302", "a rule per window has no rows to keep apart", written.by.span, "leave by out")
    if value is None or (written.scope.anchor is not None and start is None) or (written.by is not None and by is None):
        return None
    if written.carry is not None:
        value = _not_below_zero(value)
    text = " ".join(written.text.split())
    where = t.Scope(written.scope.kind, start, " ".join(written.scope.text.split()))
    return t.Limit(kind, value, where, by, written.across_plan, written.carry is not None, text, written.span)


# --- releases


def _releases(written: w.Component, scope: Scope) -> tuple[t.Release, ...]:
    parts = [part for rule in written.release if (part := _release(rule, scope)) is not None]
    total = Decimal(0)
    for part in parts:
        if part.each is None and isinstance(part.share, t.Literal) and isinstance(part.share.value, Decimal):
            total += part.share.value
            if total > ONE:
                help = "the shares add up to 100% at most"
                note(scope.found, "E310", f"{written.name.value} releases more than 100%", part.share.span, help)
                break
    return tuple(parts)


def _release(written: w.Release, scope: Scope) -> t.Release | None:
    each = related_rows(written.each, scope) if written.each else None
    if written.each is not None and each is None:
        return None
    if each is not None and written.each is not None:
        scope = scope.seeing({each.row: scope.declared.workspace.tables[each.table]})
        scope = scope.knowing(facts(written.each.condition))
    share = fraction(needed(written.share, scope), "share", scope) if written.share else None
    on = of_units(typed(written.on, scope), (Unit.DATE,), "on", scope) if written.on else None
    return t.Release(share, on, each, written.span) if share and on else None
