"""Who is credited with what (section 8)."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial

from compengine.oracle import people, rows
from compengine.oracle.book import EVERYBODY, Book, Item, Scene, StreamResult, item_of, rate_day, total_of
from compengine.oracle.clawback import with_reversals
from compengine.oracle.evaluate import (
    converted,
    evaluate,
    first_false,
    holds,
    not_negative,
    related_rows,
    required,
    rounded,
)
from compengine.oracle.faults import Fault, Unbound
from compengine.oracle.late import keeping_posted
from compengine.oracle.rows import Row
from compengine.plan.typed import Read, SharesTotal, SourceKind, Stream, ToManagers, ToMatching, ToPayee, Unit
from compengine.values.exact import ONE, QUANTUM, ZERO, exact, multiply, subtract
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
            payee = _readable_payee(stream, _scene(book, stream, source.rows))
            broken.add(payee or EVERYBODY)
            book.calculation.note(fault, stream.source.name, source.key, payee)
    result = with_reversals(book, stream, found, broken)
    items = keeping_posted(book, stream, result.items, partial(_rows_by_id, book, stream, sources))
    return replace(result, items=sorted(items, key=lambda item: item.key))


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
        if other.plan.name == book.plan.name and other is not book:
            continue  # a version draws on itself
        component = other.component(stream.source.name)
        if component.broken:
            broken.add(EVERYBODY)
        for draft in component.drafts:
            subject, rated = (draft.subject, [row for row in draft.rows if row.kind == "rate"])
            if not draft.rows:
                continue
            row: Row = {
                "@key": f"{subject.source}:{subject.payee}",
                "amount": draft.amount,
                "amount@currency": other.plan.currency,
                "basis": total_of(row.basis for row in rated),
                "basis@currency": rated[-1].basis_unit if rated else "",
                "rate": rated[-1].rate if rated else ZERO,
                "rate@currency": rated[-1].rate_unit.strip("%") if rated else "",
                "payee": subject.payee,
                "date": subject.date,
            }
            found.append(SourceRow(row["@key"], {stream.source.row: row}))
    return found, broken


def _scene(book: Book, stream: Stream, in_scope: dict[str, Row], day: date | None = None) -> Scene:
    """A credit rule: rows of the source, references as of the row's date."""
    horizon = book.calculation.horizon
    at = day or horizon.end
    return Scene(book, in_scope, "", day, day, at, at, None, horizon, rate_day(book, stream.name))


# --- one source row


def _credits_of(book: Book, stream: Stream, source: SourceRow) -> list[Item]:
    """`when`, `date`, `amount`, `to`, `share`, in this order, for each related row."""
    recipients = [r for part in _parts(book, stream, source) for r in _recipients(book, stream, part)]
    if stream.shares_total is SharesTotal.OVERLAY:
        if isinstance(stream.to, ToManagers):
            recipients = _lowest(recipients)
        amounts = [_overlay(stream, recipient) for recipient in recipients]
    else:
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
        dated = _scene(book, stream, in_scope, day)
        found.append(Part(row_id, dated, day, required(stream.amount, dated)))
    if not each:
        _without_each(book, stream, source)
    return found


def _each_rows(book: Book, stream: Stream, source: SourceRow) -> list[tuple[str, dict[str, Row]]]:
    """Id and rows in scope of each related row; the source row alone where there is no `each`."""
    each = stream.each
    if each is None:
        return [(source.key, source.rows)]
    table = book.calculation.tables.workspace.tables[each.table]
    found = []
    for row in related_rows(each, _dated(book, stream, source.rows), stream.span):
        beside = rows.key_beside(table, row, each.reference)
        found.append((f"{source.key}/{beside}" if beside else source.key, {**source.rows, each.row: row}))
    return found


def _rows_by_id(book: Book, stream: Stream, sources: list[SourceRow]) -> dict[str, dict[str, Row]]:
    """The rows in scope of every id that the source has now, whether or not it is credited, and of its own key."""
    found = {source.key: source.rows for source in sources}
    if stream.each is not None:
        any_related = replace(stream, each=replace(stream.each, where=None))
        found |= {id: in_scope for source in sources for id, in_scope in _each_rows(book, any_related, source)}
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
        day = evaluate(stream.date, _scene(book, stream, in_scope))
    except Fault:
        day = None
    return _scene(book, stream, in_scope, day)


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
            return [Recipient(part, name, not_negative(stream.share, part.scene))]
        case ToManagers(payee, low, high):
            below: str = required(payee, part.scene)
            chain = people.chain(everybody, below, part.date, high, stream.span)
            if len(chain) < low:
                _exclude(book, stream, part.id, "", f"nobody above {below} on {part.date}")
            path = [below, *chain]
            levels = range(low, len(chain) + 1)
            return [Recipient(part, path[n], not_negative(stream.share, part.scene), n, path[n - 1]) for n in levels]
        case ToMatching(condition):
            found = []
            for candidate in everybody.versions:
                if people.on(everybody, candidate, part.date) is None:
                    continue
                scene = replace(part.scene, payee=candidate, payee_day=part.date)
                if holds(condition, scene):
                    found.append(Recipient(part, candidate, not_negative(stream.share, scene)))
            return found


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


def _original(book: Book, stream: Stream, part: Part) -> tuple[Decimal, str, Decimal, date | None]:
    """What a converted amount was: where `amount` is a column as it stands."""
    none = (ZERO, "", ZERO, None)
    node = stream.amount
    if not isinstance(node, Read) or node.type.unit is not Unit.MONEY:
        return none
    base = rows.follow(book.calculation.tables, part.scene.rows.get(node.root), node.hops, part.date)
    amount, currency = (base[node.column], base.get(node.column + "@currency")) if base is not None else (None, None)
    if amount is None or not currency or currency == book.plan.currency:
        return none
    found = converted(amount, currency, part.date, part.scene, node.span)
    return amount, currency, found.rate, found.on
