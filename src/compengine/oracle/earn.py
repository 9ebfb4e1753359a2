"""What a component comes to: rows per credit or window, in the four steps of section 10."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from compengine.oracle import people
from compengine.oracle.book import (
    EVERYBODY,
    Book,
    ComponentResult,
    Draft,
    Item,
    Rule,
    Subject,
    credit_scene,
    key_of,
    total_of,
    window_scene,
)
from compengine.oracle.clawback import claw_rows
from compengine.oracle.evaluate import first_false, labelled, rounded, table_call
from compengine.oracle.faults import Fault, Follows
from compengine.oracle.limit import Totals, among_first, apply_limits
from compengine.oracle.rank import winners
from compengine.oracle.release import on_its_date, payables, schedule
from compengine.oracle.scale import slices
from compengine.plan.typed import Component, Expr, Limit, PerCredit, PerWindow, Rank, Scale, ShareOf, TableCall, Unit
from compengine.values.exact import ONE, exact, multiply, subtract
from compengine.values.money import minor_unit
from compengine.values.rounding import floor_to
from compengine.values.rows import Earning, Payable


@dataclass(frozen=True, slots=True)
class Product:
    """One multiplication before it is rounded."""

    part: str
    kind: str
    basis: Decimal
    basis_unit: str
    rate: Decimal
    rate_unit: str
    position_from: Decimal | None = None
    position_to: Decimal | None = None

    @property
    def amount(self) -> Decimal:
        return multiply(self.basis, self.rate)


def component_result(book: Book, component: Component) -> ComponentResult:
    """Every row of a component for all periods up to P."""
    subjects, broken = _subjects(book, component)
    match component.per:
        case PerCredit(stream):
            rule = Rule(book, component.name, "", book.plan.streams[stream].source.name, component.paid, broken)
        case PerWindow(unit):
            rule = Rule(book, component.name, unit, "", component.paid, broken)
    passed = _gated(rule, component, subjects)
    for limit in component.limits:
        if limit.kind == "first":
            passed = _first_of(rule, limit, passed)
    drafts = _drafts(rule, component, passed)
    for name, factor in component.multiply:
        _multiply(rule, drafts, name, factor)
    apply_limits(rule, component.limits, drafts)
    drafts.sort(key=lambda draft: draft.subject.key)
    claws, paid = _after(rule, component, drafts)
    figures = {(d.subject.payee, d.subject.source): d.amount for d in drafts if d.subject.item is not None}
    return ComponentResult(drafts, claws, paid, figures, broken)


# --- what it is for


def _subjects(book: Book, component: Component) -> tuple[list[Subject], set[str]]:
    """The credits or windows that may earn, in the total order (section 7)."""
    match component.per:
        case PerCredit(stream):
            result = book.stream(stream)
            found = []
            for item in result.items:
                if people.holds_on(book.stays.get(item.credit.payee, ()), item.credit.date):
                    found.append(credit_subject(book, item, component))
            return found, set(result.broken)
        case PerWindow(unit):
            return _window_subjects(book, component, unit), set()


def credit_subject(book: Book, item: Item, component: Component) -> Subject:
    scene = credit_scene(book, item, component.span)
    credit = item.credit
    return Subject(credit.payee, credit.source, credit.date, item.key, scene, item, scene.window.label)


def _window_subjects(book: Book, component: Component, unit: str) -> list[Subject]:
    """Each window whose last day lies in `effective` and is not after P, for everybody on the plan on a day of it."""
    found = []
    for window in book.closed(unit, component.span):
        for payee in sorted(book.stays, key=str.encode):
            if book.on_plan_in(payee, window):
                key = key_of(window.end, window.label, component.name, payee)
                period = book.period(window.end, component.span)
                scene = window_scene(book, payee, window)
                found.append(Subject(payee, window.label, window.end, key, scene, None, period.label))
    return found


# --- when, first N


def _gated(rule: Rule, component: Component, subjects: list[Subject]) -> list[Subject]:
    """Step 1: where `when` is false nothing is earned, and the part that failed is reported."""
    condition = component.when
    if condition is None:
        return subjects
    passed = []
    for subject in subjects:
        try:
            reason = first_false(condition, subject.scene)
        except Fault as fault:
            rule.failed(fault, subject)
            continue
        if reason:
            rule.exclude(subject, reason)
        else:
            passed.append(subject)
    return passed


def _first_of(rule: Rule, limit: Limit, subjects: list[Subject]) -> list[Subject]:
    """`first N` keeps the first N that passed `when`; a reversal or further credit follows its original, even one that
    is dated after it."""
    totals, among, failed = Totals(limit), set[tuple[str, str]](), set[tuple[str, str]]()
    for subject in subjects:
        if _follows(subject) is None:
            try:
                if among_first(totals, subject):
                    among.add((subject.source, subject.payee))
            except Fault as fault:
                failed.add((subject.source, subject.payee))
                rule.failed(fault, subject)
    kept = []
    for subject in subjects:
        if (_follows(subject) or subject.source, subject.payee) in among:
            kept.append(subject)
        elif (subject.source, subject.payee) not in failed:
            rule.exclude(subject, limit.text)
    return kept


def _follows(subject: Subject) -> str | None:
    """The id of the credit that a reversal or further credit belongs to; None for any other."""
    item = subject.item
    if item is None or item.counted:
        return None
    return item.id if item.of is None else item.of.id


# --- basis and rate, or pay


def _drafts(rule: Rule, component: Component, subjects: list[Subject]) -> list[Draft]:
    """Step 2: the rows of the rate, or the sum."""
    if isinstance(component.pay, Rank):
        return _prizes(rule, component.pay, subjects)
    found = []
    for subject in subjects:
        try:
            found.append((subject, products(rule.book, component, subject)))
        except Fault as fault:
            rule.failed(fault, subject)
    return _rounded(rule, found)


def products(book: Book, component: Component, subject: Subject) -> list[Product]:
    """basis × rate, one per slice; a sum counts once."""
    scene, currency = subject.scene, book.plan.currency
    if component.pay is not None:
        assert not isinstance(component.pay, Rank)
        kind, part = ("share", "share") if isinstance(component.pay, ShareOf) else ("flat", "pay")
        return [Product(part, kind, labelled("pay", component.pay, scene), currency, ONE, "")]
    assert component.of is not None and component.rate is not None
    basis: Decimal = labelled("of", component.of, scene)
    basis_unit = currency if component.of.type.unit is Unit.MONEY else ""
    rate = component.rate
    if not isinstance(rate, Scale):
        value: Decimal = labelled("rate", rate, scene)
        return [Product(_part(rate, subject), "rate", basis, basis_unit, value, _unit(rate, currency))]
    found = []
    for piece in slices(rate, basis, scene, subject.date):
        band = piece.band
        value = labelled(f"rate from {band.bound}", band.rate, scene)
        unit = _unit(band.rate, currency)
        found.append(Product(band.bound, "rate", piece.basis, basis_unit, value, unit, piece.start, piece.end))
    return found


def _part(rate: Expr, subject: Subject) -> str:
    """The key of the entry where the rate is itself a call of a steps table, else `rate`."""
    if not isinstance(rate, TableCall):
        return "rate"
    recorders = subject.scene.book.calculation.recorders
    resting = recorders[:]
    recorders.clear()
    try:
        keys = table_call(rate, subject.scene)[1]
    finally:
        recorders.extend(resting)
    return " / ".join(keys) or "rate"


def _unit(rate: Expr, currency: str) -> str:
    return {Unit.MONEY: currency, Unit.PERCENT: "%"}.get(rate.type.unit, "")


def _prizes(rule: Rule, rank: Rank, subjects: list[Subject]) -> list[Draft]:
    found = []
    for _, in_window in groupby(subjects, key=lambda subject: subject.date):
        taking_part = list(in_window)
        try:
            won, without = winners(rule.book, rank, taking_part)
        except Fault as fault:
            rule.broken.add(EVERYBODY)
            rule.book.calculation.note(fault, "", taking_part[0].source, "")
            continue
        for subject in without:
            rule.exclude(subject, "no prize left")
        currency = rule.book.plan.currency
        for prize in won:
            product = Product(str(prize.place), "prize", prize.amount, currency, ONE, "")
            found.append((prize.subject, [product]))
    found.sort(key=lambda pair: pair[0].key)
    return _rounded(rule, found)


# --- rounding (section 6)


def _rounded(rule: Rule, made: list[tuple[Subject, list[Product]]]) -> list[Draft]:
    drafts = [Draft(subject, []) for subject, _ in made]
    _append(rule, drafts, [made_of for _, made_of in made])
    return drafts


def _append(rule: Rule, drafts: list[Draft], made: list[list[Product]]) -> None:
    """Round the products and add them to the drafts as rows."""
    flat = [(draft, product) for draft, found in zip(drafts, made, strict=True) for product in found]
    if rule.book.plan.per_component:
        amounts = _per_component(rule, flat)
    else:
        amounts = [rounded(product.amount, draft.subject.scene) for draft, product in flat]
    for (draft, product), amount in zip(flat, amounts, strict=True):
        draft.rows.append(earning(rule, draft.subject, product, amount))


def _per_component(rule: Rule, flat: list[tuple[Draft, Product]]) -> list[Decimal]:
    """The exact products of one payee and period are added and the total rounded; rows are cut down to whole minor
    units, and those missing go one each to the largest cut-off parts; ties by date, source, then band."""
    unit = minor_unit(rule.book.plan.currency)
    groups: dict[tuple[str, str], list[int]] = {}
    for place, (draft, _) in enumerate(flat):
        groups.setdefault((draft.subject.payee, draft.subject.for_period), []).append(place)
    amounts = [floor_to(product.amount, unit) for _, product in flat]
    for places in groups.values():
        scene = flat[places[0]][0].subject.scene
        target = rounded(total_of(flat[place][1].amount for place in places), scene)
        missing = subtract(target, total_of(amounts[place] for place in places))

        def most_cut(place: int) -> tuple[Decimal, date, bytes, int]:
            draft, product = flat[place]
            cut = subtract(product.amount, amounts[place])
            return -cut, draft.subject.date, draft.subject.source.encode(), place

        for place in sorted(places, key=most_cut)[: int(missing / unit)]:
            amounts[place] = exact(amounts[place] + unit)
    return amounts


def earning(rule: Rule, subject: Subject, product: Product, amount: Decimal) -> Earning:
    plan = rule.book.plan
    return Earning(
        plan.name, rule.name, subject.payee, subject.for_period, subject.date, subject.source, product.part,
        product.kind, product.basis, product.basis_unit, product.rate, product.rate_unit, amount, plan.currency,
        rule.paid, product.position_from, product.position_to,
    )  # fmt: skip


# --- multipliers


def _multiply(rule: Rule, drafts: list[Draft], name: str, factor: Expr) -> None:
    """Step 3: a row of the amount so far × (factor − 1)."""
    currency = rule.book.plan.currency
    made: list[list[Product]] = []
    for draft in drafts:
        try:
            value = labelled(name, factor, draft.subject.scene)
        except Fault as fault:
            rule.failed(fault, draft.subject)
            made.append([])
            continue
        made.append([Product(name, "multiplier", draft.amount, currency, subtract(value, ONE), "%")])
    _append(rule, drafts, made)


# --- taken back, and when payable


def _after(
    rule: Rule, component: Component, drafts: list[Draft]
) -> tuple[list[tuple[Subject, Earning]], list[Payable]]:
    claws: list[tuple[Subject, Earning]] = []
    paid: list[Payable] = []
    for draft in drafts:
        subject = draft.subject
        try:
            taken = claw_rows(rule.book, subject, draft.rows) if subject.item is not None else []
            claws += [(subject, row) for row in taken]
            if component.paid:
                rows = [row for row in draft.rows + taken if not row.amount.is_zero()]
                asked = draft.released and any(row.kind != "carried" for row in rows)
                released = schedule(component, subject) if asked else []
                for row in rows:
                    dues = released if draft.released and row.kind != "carried" else on_its_date(row)
                    paid += payables(row, dues, subject.scene)
        except Follows:
            rule.broken.add(subject.payee)
        except Fault as fault:
            rule.failed(fault, subject)
    return claws, paid
