"""The text of a plan file → the plan as written: keys, words and syntax; every mistake noted, none fatal."""

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from compengine.plan import keys, parse
from compengine.plan import syntax as s
from compengine.plan import written as w
from compengine.plan.constants import currency_literal
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.source.shape import check_keys, mapping, note, scalar, sequence, word
from compengine.source.text import Span, Text
from compengine.source.yaml import Entry, Mapping, Node, Scalar, compose

T = TypeVar("T")
_NAME = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
_PLAN_NAME = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\s+to\s+(\d{4}-\d{2}-\d{2})", re.ASCII)


def read_plan(text: Text, found: list[Diagnostic]) -> w.Plan | None:
    """None where the file is not YAML or not a mapping."""
    root = _root(text, found)
    if root is None:
        return None
    _keys(root, "a plan", keys.PLAN, found)
    words = {k.name: _word(root, k, found) for k in keys.PLAN if k.words}
    name, earn = _name(root.get("plan"), found), _rules(root, "earn", _component, found)
    earn_node = root.get("earn")
    if isinstance(earn_node, Mapping) and not earn_node.entries:
        note(found, "E105", "earn has no component", earn_node.span, "a plan earns something")
    settle = mapping(root.get("settle"), "settle", found)
    return w.Plan(
        text=text,
        name=name,
        title=_text(root, "title", found) or (name.value if name else ""),
        currency=scalar(root.get("currency"), "currency", found),
        effective=_effective(scalar(root.get("effective"), "effective", found), found),
        pay_period=scalar(root.get("pay_period"), "pay_period", found),
        payees=_value(root, "payees", "payees", found),
        words=words,
        quotas=_quotas(root, found),
        use=_uses(root, found),
        own=_shared(root, found),
        earn=earn,
        clawback=_rules(root, "clawback", _clawback, found),
        settle=_settle(settle, found) if settle else None,
        keys=_places(root),
    )


def read_shared(text: Text, found: list[Diagnostic]) -> w.Shared:
    """A file named under `use`."""
    root = _root(text, found)
    if root is None:
        return w.Shared()
    _keys(root, "a shared file", keys.SHARED, found)
    return _shared(root, found)


def _root(text: Text, found: list[Diagnostic]) -> Mapping | None:
    try:
        return mapping(compose(text), "the file", found)
    except Failed as failed:
        found.extend(failed.diagnostics)
        return None


# --- the head of a plan


def _name(node: Node | None, found: list[Diagnostic]) -> Scalar | None:
    name = scalar(node, "plan", found)
    if name is not None and not _PLAN_NAME.fullmatch(name.value):
        note(found, "E108", f"{name.value} is not the name of a plan", name.span, "use a-z, 0-9 and -")
        return None
    return name


def _effective(value: Scalar | None, found: list[Diagnostic]) -> tuple[date, date] | None:
    if value is None:
        return None
    match = _DAYS.fullmatch(value.value.strip())
    try:
        days = (date.fromisoformat(match.group(1)), date.fromisoformat(match.group(2))) if match else None
    except ValueError:
        days = None
    if days is None:
        note(found, "E108", "effective is not a pair of days", value.span, "write 2026-01-01 to 2026-12-31")
    elif days[0] > days[1]:
        note(found, "E108", "effective ends before it begins", value.span, "put the first day first")
        return None
    return days


def _uses(root: Mapping, found: list[Diagnostic]) -> tuple[Scalar, ...]:
    node = sequence(root.get("use"), "use", found)
    texts = [scalar(item, "a file under use", found) for item in node.items] if node else []
    return tuple(t for t in texts if t is not None)


def _shared(root: Mapping, found: list[Diagnostic]) -> w.Shared:
    measures = []
    section = mapping(root.get("measures"), "measures", found)
    for entry in section.entries if section else ():
        if _named(entry, "a measure", found) and (value := _expression(entry.value, entry.key.value, found)):
            measures.append(w.Measure(entry.key, value))
    tables, credits = _rules(root, "tables", _table, found), _rules(root, "credits", _credit, found)
    return w.Shared(tables, credits, tuple(measures))


# --- rules


def _quotas(root: Mapping, found: list[Diagnostic]) -> tuple[w.Quota, ...]:
    """The names are those of the workspace: whether there are such quotas is asked later."""
    section = mapping(root.get("quotas"), "quotas", found)
    quotas = []
    for entry in section.entries if section else ():
        what = f"quota {entry.key.value}"
        rule = mapping(entry.value, what, found)
        if rule is None:
            continue
        _keys(rule, what, keys.QUOTA, found)
        if not rule.entries:
            note(found, "E105", f"{what} has neither spread nor share", entry.key.span, "add one, or leave it out")
        spread, share = _value(rule, "spread", "spread", found), _value(rule, "share", "share", found)
        quotas.append(w.Quota(entry.key, spread, share))
    return tuple(quotas)


def _table(name: Scalar, node: Mapping, found: list[Diagnostic]) -> w.Table:
    _keys(node, f"table {name.value}", keys.TABLE, found)
    by = sequence(node.get("by"), "by", found)
    units = [scalar(item, "a unit of by", found) for item in by.items] if by else []
    kinds = [entry for kind in ("steps", "curve", "cumulative") if (entry := node.entry(kind)) is not None]
    if len(kinds) != 1:
        place = kinds[1].key.span if kinds else name.span
        which = "has several of" if kinds else "needs one of"
        note(found, "E302", f"table {name.value} {which} steps, curve and cumulative", place, "keep one")
    entries = mapping(kinds[0].value, kinds[0].key.value, found) if len(kinds) == 1 else None
    kind = kinds[0].key.value if kinds else "steps"
    boundary = _word(node, _key(keys.TABLE, "boundary"), found)
    return w.Table(name, tuple(u for u in units if u is not None), kind, entries, boundary)


def _credit(name: Scalar, node: Mapping, found: list[Diagnostic]) -> w.Credit:
    _keys(node, f"stream {name.value}", keys.CREDIT, found)
    return w.Credit(
        name=name,
        source=scalar(node.get("from"), "from", found),
        each=_parsed(node.get("each"), "each", parse.related, found),
        when=_value(node, "when", "when", found),
        date=_value(node, "date", "date", found),
        amount=_value(node, "amount", "amount", found),
        to=_parsed(node.get("to"), "to", parse.recipient, found),
        share=_value(node, "share", "share", found),
        shares_total=_word(node, _key(keys.CREDIT, "shares_total"), found),
        shares_total_said=node.entry("shares_total") is not None,
        convert=_word(node, _key(keys.CREDIT, "convert"), found),
    )


def _component(name: Scalar, node: Mapping, found: list[Diagnostic]) -> w.Component:
    _keys(node, f"component {name.value}", keys.COMPONENT, found)
    multiply = mapping(node.get("multiply"), "multiply", found)
    rate, pay = node.get("rate"), node.get("pay")
    return w.Component(
        name=name,
        terms=_text(node, "terms", found),
        per=_parsed(node.get("per"), "per", parse.per, found),
        when=_value(node, "when", "when", found),
        of=_value(node, "of", "of", found),
        rate=_scale(rate, found) if isinstance(rate, Mapping) else _value(node, "rate", "rate", found),
        pay=_rank(pay, found) if isinstance(pay, Mapping) else _value(node, "pay", "pay", found),
        multiply=tuple(
            (entry.key, value)
            for entry in (multiply.entries if multiply else ())
            if _named(entry, "a multiplier", found) and (value := _expression(entry.value, entry.key.value, found))
        ),
        limits=_limits(node, found),
        release=_releases(node, found),
        paid=_word(node, _key(keys.COMPONENT, "paid"), found) == "yes",
        keys=_places(node),
    )


def _scale(node: Mapping, found: list[Diagnostic]) -> w.Scale:
    _keys(node, "a scale", keys.SCALE, found)
    section = mapping(node.get("bands"), "bands", found)
    bands = []
    for entry in section.entries if section else ():
        band = _parsed(entry.value, f"the band {entry.key.value}", parse.band, found)
        bands.append((entry.key, band or s.Band(entry.value.span, "", s.Broken(entry.value.span, ""), False)))
    if section is not None and not bands:
        note(found, "E105", "bands has no entry", section.span, "write a lower bound and a rate, such as 0%: 5%")
    mode = _word(node, _key(keys.SCALE, "mode"), found)
    if node.entry("mode") is None:
        help = "mode: marginal rates each slice by itself, mode: whole re-rates everything at the rate reached"
        note(found, "E301", "a scale must say its mode", node.entries[0].key.span if node.entries else node.span, help)
    span = node.entries[0].key.span if node.entries else node.span
    position = _value(node, "position", "position", found)
    return w.Scale(span, position, mode, _word(node, _key(keys.SCALE, "boundary"), found), tuple(bands))


def _rank(node: Mapping, found: list[Diagnostic]) -> w.Rank:
    _keys(node, "a rank", keys.RANK, found)
    ties, word_of_ties, tiebreak = node.get("ties"), "", []
    if isinstance(ties, Scalar):
        word_of_ties = word(ties, "ties", ("share", "all", "next"), found) or ""
    elif (listed := sequence(ties, "ties", found)) is not None:
        tiebreak = [v for item in listed.items if (v := _expression(item, "a tiebreak", found)) is not None]
    prizes = sequence(node.get("prizes"), "prizes", found)
    read = [_prize(item, found) for item in prizes.items] if prizes else []
    span = node.entries[0].key.span if node.entries else node.span
    return w.Rank(
        span,
        _value(node, "rank", "rank", found),
        scalar(node.get("among"), "among", found),
        word_of_ties,
        tuple(tiebreak),
        ties is not None,
        tuple(prize for prize in read if prize is not None),
    )


def _prize(node: Node, found: list[Diagnostic]) -> w.Prize | None:
    rule = mapping(node, "a prize", found)
    if rule is None:
        return None
    _keys(rule, "a prize", keys.PRIZE, found)
    prize = _value(rule, "prize", "prize", found)
    return w.Prize(prize or s.Broken(rule.span, ""), _value(rule, "when", "when", found))


def _releases(node: Mapping, found: list[Diagnostic]) -> tuple[w.Release, ...]:
    parts = []
    listed = sequence(node.get("release"), "release", found)
    for item in listed.items if listed else ():
        rule = mapping(item, "a release", found)
        if rule is None:
            continue
        _keys(rule, "a release", keys.RELEASE, found)
        each = _parsed(rule.get("each"), "each", parse.related, found)
        span = rule.entries[0].key.span if rule.entries else rule.span
        parts.append(w.Release(span, each, _value(rule, "share", "share", found), _value(rule, "on", "on", found)))
    return tuple(parts)


def _clawback(name: Scalar, node: Mapping, found: list[Diagnostic]) -> w.Clawback:
    _keys(node, f"clawback {name.value}", keys.CLAWBACK, found)
    return w.Clawback(
        name=name,
        terms=_text(node, "terms", found),
        of=scalar(node.get("of"), "of", found),
        reversals=scalar(node.get("from"), "from", found),
        when=_value(node, "when", "when", found),
        date=_value(node, "date", "date", found),
        share=_value(node, "share", "share", found),
        policy=_word(node, _key(keys.CLAWBACK, "policy"), found),
        attainment=_word(node, _key(keys.CLAWBACK, "attainment"), found),
        keys=_places(node),
    )


def _settle(node: Mapping, found: list[Diagnostic]) -> w.Settle:
    _keys(node, "settle", keys.SETTLE, found)
    order, draw = sequence(node.get("order"), "order", found), mapping(node.get("draw"), "draw", found)
    listed = _order(order.items, found) if order else ()
    return w.Settle(
        span=node.entries[0].key.span if node.entries else node.span,
        negative=_word(node, _key(keys.SETTLE, "negative"), found),
        limits=_limits(node, found),
        minimum=_value(node, "minimum", "minimum", found),
        pay_in=_currency(node.get("pay_in"), found),
        convert=_word(node, _key(keys.SETTLE, "convert"), found),
        order=listed or ("draw", "clawback", "negative"),
        draw=_draw(draw, found) if draw else None,
        keys=_places(node),
    )


def _currency(node: Node | None, found: list[Diagnostic]) -> s.Expression | None:
    """A currency code, or an expression."""
    code = currency_literal(node) if isinstance(node, Scalar) else None
    return code or _expression(node, "pay_in", found)


def _order(items: tuple[Node, ...], found: list[Diagnostic]) -> tuple[str, ...]:
    allowed = _key(keys.SETTLE, "order").words
    words: list[str] = []
    for item in items:
        given = word(item, "an entry of order", allowed, found)
        if given in words:
            note(found, "E302", f"order names {given} twice", item.span)
        elif given is not None:
            words.append(given)
    return (*words, *(w for w in allowed if w not in words)) if words else ()


def _draw(node: Mapping, found: list[Diagnostic]) -> w.Draw:
    _keys(node, "a draw", keys.DRAW, found)
    return w.Draw(
        span=node.entries[0].key.span if node.entries else node.span,
        kind=_word(node, _key(keys.DRAW, "kind"), found),
        amount=_value(node, "amount", "amount", found),
        when=_value(node, "when", "when", found),
        recover=_value(node, "recover", "recover", found),
        recover_when=_value(node, "recover_when", "recover_when", found),
        owed_limit=_value(node, "owed_limit", "owed_limit", found),
        at_end=_word(node, _key(keys.DRAW, "at_end"), found),
        keys=_places(node),
    )


# --- pieces


def _rules(
    root: Mapping, section: str, read: Callable[[Scalar, Mapping, list[Diagnostic]], T], found: list[Diagnostic]
) -> tuple[T, ...]:
    """A section of named rules."""
    node = mapping(root.get(section), section, found)
    rules = []
    for entry in node.entries if node else ():
        rule = mapping(entry.value, entry.key.value, found)
        if _named(entry, f"an entry of {section}", found) and rule is not None:
            rules.append(read(entry.key, rule, found))
    return tuple(rules)


def _named(entry: Entry, what: str, found: list[Diagnostic]) -> bool:
    """Whether a rule can go by its name; a word of the language is noted, and found by whoever reads it."""
    name = entry.key.value
    if name in keys.RESERVED:
        note(found, "E108", f"{name} is a word of the language", entry.key.span, "choose another name")
        return True
    if not _NAME.fullmatch(name):
        note(found, "E108", f"{name} cannot name {what}", entry.key.span, "use a-z, 0-9 and _, a letter first")
        return False
    return True


def _keys(node: Mapping, what: str, table: tuple[keys.Key, ...], found: list[Diagnostic]) -> None:
    """Unknown and missing keys; an expression that a flow mapping has cut at its comma is told apart."""
    allowed = [k.name for k in table]
    cut = _cut_at_comma(node, allowed)
    kept = Mapping(tuple(e for e in node.entries if e not in cut), node.span)
    for entry in cut:
        before = node.entries[node.entries.index(entry) - 1]
        if before not in cut:
            help = "write the rule on several lines instead of in { }"
            note(found, "E109", "the expression is cut at its comma", before.value.span, help)
    check_keys(kept, what, allowed, [k.name for k in table if k.required], found, keys.SAID_OTHERWISE)


def _cut_at_comma(node: Mapping, allowed: list[str]) -> list[Entry]:
    cut: list[Entry] = []
    for before, entry in zip(node.entries, node.entries[1:], strict=False):
        empty = isinstance(entry.value, Scalar) and entry.value.value == "" and entry.key.value not in allowed
        if empty and (before in cut or (isinstance(before.value, Scalar) and _is_cut(before.value.value))):
            cut.append(entry)
    return cut


def _is_cut(source: str) -> bool:
    return source.count("(") > source.count(")")


def _key(table: tuple[keys.Key, ...], name: str) -> keys.Key:
    return next(k for k in table if k.name == name)


def _word(node: Mapping, key: keys.Key, found: list[Diagnostic]) -> str:
    """The word under a key; its default where it is absent or not allowed (empty without one)."""
    return word(node.get(key.name), key.name, key.words, found) or key.default


def _places(node: Mapping) -> dict[str, Span]:
    return {entry.key.value: entry.key.span for entry in node.entries}


def _text(node: Mapping, key: str, found: list[Diagnostic]) -> str:
    value = scalar(node.get(key), key, found)
    return value.value.strip() if value else ""


def _value(node: Mapping, key: str, what: str, found: list[Diagnostic]) -> s.Expression | None:
    """An expression; `Broken` where the key is there and cannot be read."""
    given = node.get(key)
    if isinstance(given, Scalar) and _is_cut(given.value) and _cut_at_comma(node, []):
        return s.Broken(given.span, given.value)
    return _expression(given, what, found)


def _expression(node: Node | None, what: str, found: list[Diagnostic]) -> s.Expression | None:
    if node is None:
        return None
    return _parsed(node, what, parse.expression, found) or s.Broken(node.span, "")


def _limits(node: Mapping, found: list[Diagnostic]) -> tuple[s.Limit, ...]:
    listed = sequence(node.get("limit"), "limit", found)
    read = [_parsed(item, "a limit", parse.limit, found) for item in listed.items] if listed else []
    return tuple(limit for limit in read if limit is not None)


def _parsed(node: Node | None, what: str, parser: Callable[[Scalar], T], found: list[Diagnostic]) -> T | None:
    value = scalar(node, what, found)
    if value is None:
        return None
    try:
        return parser(value)
    except Failed as failed:
        found.extend(failed.diagnostics)
        return None
