"""Who is credited with what (section 8)."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from compengine.oracle import people, rows
from compengine.oracle.book import EVERYBODY, Book, Entry, Item, Scene, StreamResult, just_after, key_of, total_of
from compengine.oracle.clawback import reversals_of
from compengine.oracle.evaluate import evaluate, first_false, holds, required, rounded
from compengine.oracle.faults import Fault, Unbound
from compengine.oracle.rows import Row
from compengine.plan.typed import (
    Clawback,
    ClawbackPolicy,
    Read,
    SharesTotal,
    SourceKind,
    Stream,
    ToManagers,
    ToMatching,
    ToPayee,
    Unit,
)
from compengine.values.exact import ONE, QUANTUM, ZERO, add, exact, multiply, subtract
from compengine.values.money import minor_unit
from compengine.values.rounding import FINEST, split
from compengine.values.rows import Credit, Exclusion


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row credits come from: its key, the rows in scope, and for whom it failed where it is a credit itself."""

    key: str
    rows: dict[str, Row]


@dataclass(frozen=True, slots=True)
class Part:
    """One related row of a source row (or the source row alone) on its way to credits."""

    id: str
    scene: Scene
    date: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Recipient:
    part: Part
    payee: str
    share: Decimal
    level: int = 0
    via: str = ""


def stream_result(book: Book, stream: Stream) -> StreamResult:
    """All credits of a stream dated up to P, reversals of section 11 included."""
    sources, broken = _source_rows(book, stream)
    found: list[Item] = []
    for source in sources:
        try:
            found += _credits_of(book, stream, source)
        except Fault as fault:
            payee = _readable_payee(stream, _scene(book, source.rows))
            broken.add(payee or EVERYBODY)
            book.calculation.note(fault, stream.source.name, source.key, payee)
    found.sort(key=lambda item: item.key)
    return _with_reversals(book, stream, found, broken)


# --- source rows


def _source_rows(book: Book, stream: Stream) -> tuple[list[SourceRow], set[str]]:
    source, calculation = stream.source, book.calculation
    match source.kind:
        case SourceKind.TABLE:
            table_rows = rows.all_rows(calculation.tables, source.name)
            return [SourceRow(row["@key"], {source.row: row}) for row in table_rows], set()
        case SourceKind.STREAM:
            result = book.stream(source.name)
            found = [SourceRow(f"{i.credit.source}:{i.credit.payee}", i.rows) for i in result.items]
            return found, {EVERYBODY} if result.broken else set()
        case SourceKind.COMPONENT:
            return _earning_rows(book, stream)


def _earning_rows(book: Book, stream: Stream) -> tuple[list[SourceRow], set[str]]:
    """One row per payee and source of a component's rows, clawed rows apart (section 8, from a component)."""
    found, broken = [], set()
    for other in book.calculation.books.values():
        named = stream.source.plan in (other.plan.id, other.plan.name)
        if not named or stream.source.name not in other.plan.components:
            continue
        component = other.component(stream.source.name)
        if component.broken:
            broken.add(EVERYBODY)
        for subject, earnings in zip(component.subjects, component.rows, strict=True):
            if not earnings:
                continue
            rated = [earning for earning in earnings if earning.kind == "rate"]
            row: Row = {
                "@key": f"{subject.source}:{subject.payee}",
                "amount": component.figures[subject.payee, subject.source],
                "amount@currency": other.plan.currency,
                "basis": total_of(earning.basis for earning in rated),
                "basis@currency": rated[-1].basis_unit if rated else "",
                "rate": rated[-1].rate if rated else ZERO,
                "rate@currency": rated[-1].rate_unit.strip("%") if rated else "",
                "payee": subject.payee,
                "date": subject.date,
            }
            found.append(SourceRow(row["@key"], {stream.source.row: row}))
    return found, broken


def _scene(book: Book, in_scope: dict[str, Row], day: date | None = None) -> Scene:
    """A credit rule: rows of the source, references as of the row's date."""
    horizon = book.calculation.horizon
    at = day or horizon.end
    return Scene(book, in_scope, "", day, day, at, at, None, horizon)


# --- one source row


def _credits_of(book: Book, stream: Stream, source: SourceRow) -> list[Item]:
    """`when`, `date`, `amount`, `to`, `share`, in this order, for each related row."""
    parts = _parts(book, stream, source)
    if stream.shares_total is SharesTotal.OVERLAY:
        recipients = [recipient for part in parts for recipient in _recipients(book, stream, part)]
        if isinstance(stream.to, ToManagers):
            recipients = _lowest(recipients)
        amounts = [_overlay(stream, recipient) for recipient in recipients]
    else:
        recipients = [recipient for part in parts for recipient in _recipients(book, stream, part)]
        amounts = _divided(book, stream, recipients)
    last = book.calculation.horizon.end
    pairs = zip(recipients, amounts, strict=True)
    return [_item(book, stream, recipient, amount) for recipient, amount in pairs if recipient.part.date <= last]


def divides(stream: Stream) -> bool:
    """Whether one amount is divided over `each` rows, which may have dates of their own: later ones count in it."""
    return stream.each is not None and stream.shares_total is not SharesTotal.OVERLAY


def _parts(book: Book, stream: Stream, source: SourceRow) -> list[Part]:
    found = []
    each = _each_rows(book, stream, source)
    for row_id, in_scope in each:
        scene = _dated(book, stream, in_scope)
        if stream.when is not None:
            reason = first_false(stream.when, scene)
            if reason:
                if scene.row_day is None or scene.row_day <= book.calculation.horizon.end:
                    _exclude(book, stream, row_id, _readable_payee(stream, scene), reason)
                continue
        day: date = required(stream.date, scene)
        if day > book.calculation.horizon.end and not divides(stream):
            continue
        dated = _scene(book, in_scope, day)
        found.append(Part(row_id, dated, day, required(stream.amount, dated)))
    if not each:
        _without_each(book, stream, source)
    return found


def _each_rows(book: Book, stream: Stream, source: SourceRow) -> list[tuple[str, dict[str, Row]]]:
    """Id and rows in scope of each related row; the source row alone where there is no `each`."""
    each = stream.each
    if each is None:
        return [(source.key, source.rows)]
    base = source.rows.get(each.root)
    if base is None:
        raise Unbound(each.root, stream.span)
    day = _dated(book, stream, source.rows).row_day
    tables = book.calculation.tables
    for hop in each.hops:
        key = base[hop.column] if base is not None else None
        base = rows.by_key(tables, hop.table, key, day) if key is not None else None
    found = []
    for row in rows.related(tables, each.table, each.reference, base["@key"], day) if base is not None else []:
        in_scope = {**source.rows, each.row: row}
        if each.where is not None and not holds(each.where, _scene(book, {**in_scope, "other": row}, day)):
            continue
        beside = rows.key_beside(tables.workspace.tables[each.table], row, each.reference)
        found.append((f"{source.key}/{beside}" if beside else source.key, in_scope))
    return found


def _without_each(book: Book, stream: Stream, source: SourceRow) -> None:
    """A source row that passes `when` and has no related row: E507."""
    assert stream.each is not None
    scene = _dated(book, stream, source.rows)
    if stream.when is not None:
        try:
            reason = first_false(stream.when, scene)
        except Unbound:
            reason = ""
        if reason and (scene.row_day is None or scene.row_day <= book.calculation.horizon.end):
            _exclude(book, stream, source.key, _readable_payee(stream, scene), reason)
        if reason:
            return
    if scene.row_day is not None and scene.row_day > book.calculation.horizon.end:
        return
    raise Fault("E507", f"row {source.key} has no row in {stream.each.table}", stream.span)


def _dated(book: Book, stream: Stream, in_scope: dict[str, Row]) -> Scene:
    """The scene of `when`: as of the row's date, where it has one."""
    try:
        day = evaluate(stream.date, _scene(book, in_scope))
    except Fault:
        day = None
    return _scene(book, in_scope, day)


def _exclude(book: Book, stream: Stream, source: str, payee: str, by: str) -> None:
    book.calculation.exclusions.append(Exclusion(book.plan.name, stream.name, source, payee, by))


def _readable_payee(stream: Stream, scene: Scene) -> str:
    """The payee of a plain `to`, where it can be read."""
    if not isinstance(stream.to, ToPayee):
        return ""
    try:
        return evaluate(stream.to.payee, scene) or ""
    except Fault:
        return ""


# --- recipients and their amounts


def _recipients(book: Book, stream: Stream, part: Part) -> list[Recipient]:
    everybody = book.calculation.people
    match stream.to:
        case ToPayee(payee):
            name: str = required(payee, part.scene)
            return [Recipient(part, name, _share(stream, part.scene))]
        case ToManagers(payee, low, high):
            below: str = required(payee, part.scene)
            chain = people.chain(everybody, below, part.date, high, stream.span)
            if len(chain) < low:
                _exclude(book, stream, part.id, "", f"nobody above {below} on {part.date}")
            path = [below, *chain]
            levels = range(low, len(chain) + 1)
            return [Recipient(part, path[n], _share(stream, part.scene), n, path[n - 1]) for n in levels]
        case ToMatching(condition):
            found = []
            for candidate in everybody.versions:
                if people.on(everybody, candidate, part.date) is None:
                    continue
                scene = replace(part.scene, payee=candidate, payee_day=part.date)
                if holds(condition, scene):
                    found.append(Recipient(part, candidate, _share(stream, scene)))
            return found


def _share(stream: Stream, scene: Scene) -> Decimal:
    share: Decimal = required(stream.share, scene)
    if share < 0:
        raise Fault("E514", f"the share {stream.share.text} is negative", stream.share.span)
    return share


def _lowest(recipients: list[Recipient]) -> list[Recipient]:
    """Managers are credited once per source row, at the lowest level."""
    found: dict[str, Recipient] = {}
    for recipient in sorted(recipients, key=lambda r: (r.level, r.part.id.encode())):
        found.setdefault(recipient.payee, recipient)
    return list(found.values())


def _overlay(stream: Stream, recipient: Recipient) -> Decimal:
    amount = multiply(recipient.part.amount, recipient.share)
    return rounded(amount, recipient.part.scene) if stream.amount.type.unit is Unit.MONEY else amount


def _divided(book: Book, stream: Stream, recipients: list[Recipient]) -> list[Decimal]:
    """The amount times the total of the shares, divided by the shares (section 6), ties by payee."""
    if not recipients:
        return []
    total = total_of(recipient.share for recipient in recipients)
    near = multiply(QUANTUM, exact(len(recipients)))
    off = subtract(total, ONE)
    if off > near or (off < -near and stream.shares_total is SharesTotal.WHOLE):
        wanted = "100%" if stream.shares_total is SharesTotal.WHOLE else "at most 100%"
        percent = f"{multiply(total, exact(100)).normalize():f}%"
        raise Fault("E506", f"the shares add up to {percent}, not {wanted}", stream.share.span)
    if abs(off) <= near:
        total = ONE
    if total.is_zero():
        return [ZERO for _ in recipients]
    money = stream.amount.type.unit is Unit.MONEY
    unit = minor_unit(book.plan.currency) if money else FINEST
    scene = recipients[0].part.scene
    if len({recipient.part.amount for recipient in recipients}) > 1:
        own = [multiply(recipient.part.amount, recipient.share) for recipient in recipients]
        return [rounded(amount, scene) for amount in own] if money else own
    weights = [(recipient.payee, recipient.share) for recipient in recipients]
    amount = recipients[0].part.amount
    if total != ONE:
        amount = multiply(amount, total)
        amount = rounded(amount, scene) if money else amount
    return split(amount, weights, unit)


def _item(book: Book, stream: Stream, recipient: Recipient, amount: Decimal) -> Item:
    part, payee = recipient.part, recipient.payee
    if payee not in book.calculation.people.versions:
        raise Fault("E512", f"{payee} is not in payees", stream.span)
    original = _original(book, stream, part)
    unit = book.plan.currency if stream.amount.type.unit is Unit.MONEY else ""
    credit = Credit(
        book.plan.name, stream.name, payee, part.id, part.date, amount, unit, recipient.share, recipient.level,
        recipient.via, *original,
    )  # fmt: skip
    return item_of(credit, part.scene.rows, None)


def item_of(credit: Credit, in_scope: dict[str, Row], of: Item | None) -> Item:
    """A credit with the rows its rules see: those of its source, and itself as `credit`."""
    row: Row = {
        "amount": credit.amount,
        "date": credit.date,
        "share": credit.share,
        "payee": credit.payee,
        "via": credit.via or None,
        "level": exact(credit.level),
        "id": credit.source,
    }
    key = key_of(credit.date, credit.source, credit.stream, credit.payee)
    return Item(credit, key, {**in_scope, "credit": row}, of)


def _original(book: Book, stream: Stream, part: Part) -> tuple[Decimal, str, Decimal, date | None]:
    """What a converted amount was: where `amount` is a column as it stands."""
    none = (ZERO, "", ZERO, None)
    node = stream.amount
    if not isinstance(node, Read) or node.type.unit is not Unit.MONEY:
        return none
    base = part.scene.rows.get(node.root)
    for hop in node.hops:
        key = base[hop.column] if base is not None else None
        base = rows.by_key(book.calculation.tables, hop.table, key, part.date) if key is not None else None
    if base is None:
        return none
    amount, currency = base[node.column], base.get(node.column + "@currency")
    if not currency or currency == book.plan.currency:
        return none
    plan = book.plan
    found = rows.exchange(book.calculation.tables, amount, currency, plan.currency, part.date, plan.rounding, node.span)
    return amount, currency, found.rate, found.on


# --- reversals


def _with_reversals(book: Book, stream: Stream, items: list[Item], broken: set[str]) -> StreamResult:
    """Credits after `recompute`, with the negative credits of `scale`, and what `reduced` takes out of measures."""
    clawbacks = {c.name: c for c in book.plan.clawbacks.values() if c.stream == stream.name}
    if all(_leaves_credits(clawback) for clawback in clawbacks.values()):
        return StreamResult(items, [], broken)
    kept: list[Item] = []
    adjustments: list[tuple[Item, Entry]] = []
    for item in items:
        lessened, gone = item.credit.amount, ZERO
        added: list[Item] = []
        try:
            found = reversals_of(book, item)
        except Fault as fault:
            broken.add(item.credit.payee)
            book.calculation.note(fault, stream.source.name, item.credit.source, item.credit.payee)
            continue
        for reversal in found:
            step = _step(book, stream, item, reversal.before, reversal.after)
            match clawbacks[reversal.clawback].policy:
                case ClawbackPolicy.RECOMPUTE:
                    lessened = subtract(lessened, step)
                    gone = add(gone, subtract(reversal.after, reversal.before))
                case ClawbackPolicy.SCALE:
                    credit = replace(
                        item.credit, source=f"{item.credit.source}~{reversal.name}", date=reversal.date,
                        amount=subtract(ZERO, step), original_amount=ZERO, original_currency="", fx_rate=ZERO,
                        fx_date=None,
                    )  # fmt: skip
                    added.append(item_of(credit, {**item.rows, **reversal.rows}, item))
                case ClawbackPolicy.ORIGINAL_LINES if clawbacks[reversal.clawback].attainment_reduced:
                    source = f"{item.credit.source}~{reversal.name}"
                    key = just_after(key_of(reversal.date, source, stream.name, item.credit.payee))
                    adjustments.append((item, Entry(key, subtract(ZERO, step), False, False)))
        if gone < ONE:
            kept.append(item if lessened == item.credit.amount else _lessened(item, lessened))
        kept += added
    kept.sort(key=lambda item: item.key)
    return StreamResult(kept, adjustments, broken)


def _leaves_credits(clawback: Clawback) -> bool:
    return clawback.policy is ClawbackPolicy.ORIGINAL_LINES and not clawback.attainment_reduced


def _step(book: Book, stream: Stream, item: Item, before: Decimal, after: Decimal) -> Decimal:
    """round(a × S′) − round(a × S), a itself at 100%; what is not money is not rounded (section 11)."""
    high, low = multiply(item.credit.amount, after), multiply(item.credit.amount, before)
    if stream.amount.type.unit is not Unit.MONEY:
        return subtract(high, low)
    scene = _scene(book, item.rows)
    return subtract(item.credit.amount if after == ONE else rounded(high, scene), rounded(low, scene))


def _lessened(item: Item, amount: Decimal) -> Item:
    return item_of(replace(item.credit, amount=amount), item.rows, item.of)
