"""What a statement's own data must satisfy, asked without plan, tables or ledger: rows, sums, and the posted rows.

`identities` asks the same, and more, before a statement is printed; here nothing is known but the file.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from compengine.statement import figures
from compengine.statement.language import DEFAULT, language
from compengine.statement.pages import plan_name
from compengine.statement.view import Bridge, Changes, Clawback, Component, Correction, Slice, StatementView, total
from compengine.values.decided import ADJUSTMENT
from compengine.values.exact import CONTEXT, ONE, ZERO, multiply, subtract
from compengine.values.money import minor_unit
from compengine.values.rounding import Rounding, round_to

Fault = tuple[str, Decimal, Decimal]
"""What was asked, what stands there, and what must."""


@dataclass(frozen=True, slots=True)
class Line:
    """A posted row, as its canonical text has it; `amount` is signed."""

    payee: str
    plan: str
    component: str
    in_period: str
    source: str
    part: str
    kind: str
    basis: Decimal
    rate: Decimal
    amount: Decimal
    given: bool


def read_lines(text: str) -> list[Line]:
    """The rows of a leaf; raises `ValueError` where it is not the canonical text of posted rows."""
    head, *body = text.split("\n")
    columns = [column.partition(":")[0] for column in head.split("\t")[2:]]
    if not head.startswith("compengine table 1\tposted earnings\t") or body[-1:] != [""]:
        raise ValueError("not the text of posted rows")
    try:
        return [_line(dict(zip(columns, row.split("\t"), strict=True))) for row in body[:-1]]
    except (KeyError, InvalidOperation) as fault:
        raise ValueError(f"not a posted row: {fault}") from fault


def _line(row: dict[str, str]) -> Line:
    sign = int(row["sign"])
    texts = {n: row[n] for n in ("payee", "plan", "component", "in_period", "source", "part", "kind")}
    amount = multiply(Decimal(row["amount"]), Decimal(sign))
    return Line(**texts, basis=Decimal(row["basis"]), rate=Decimal(row["rate"]), amount=amount, given=sign > 0)


# --- the data by itself


def recomputed(view: StatementView) -> tuple[int, list[Fault]]:
    """How many rows were multiplied again, and what does not come out."""
    faults: list[Fault] = []
    count = 0
    for component in view.components:
        rates = [(d.source, s) for d in component.deals for s in d.slices if s.kind == "rate"]
        count += len(rates)
        faults += _products(view, component, rates)
    for check in (_subtotals, _bridges, _answer, _accounts, _years):
        faults += [fault for fault in check(view) if fault[1] != fault[2]]
    return count, faults


def _products(view: StatementView, component: Component, rates: list[tuple[str, Slice]]) -> Iterator[Fault]:
    shared = [line for _, line in rates if line.shared]
    for source, line in rates:
        product = multiply(line.basis.value, line.rate.value)
        if line.unrounded != product:
            yield f"basis × rate of {source} in {component.title}", line.unrounded, product
        if not line.shared and line.amount not in _rounded(view, component, product):
            yield f"the amount of {source} in {component.title}", line.amount, _rounded(view, component, product)[0]
    if shared:
        exact = total([multiply(s.basis.value, s.rate.value) for s in shared])
        stands = total([s.amount for s in shared])
        if stands not in _rounded(view, component, exact):
            yield f"the rates of {component.title}", stands, _rounded(view, component, exact)[0]


def _rounded(view: StatementView, component: Component, value: Decimal) -> list[Decimal]:
    """By the rule of each version of the plan; there is more than one where the plan was changed within the period."""
    modes = {p.rounding for p in view.plans if p.name == component.plan}
    return [round_to(value, minor_unit(component.currency), Rounding(mode)) for mode in sorted(modes)]


def _subtotals(view: StatementView) -> Iterator[Fault]:
    for component in view.components:
        yield f"the sum of {component.title}", component.subtotal, total([d.amount for d in component.deals])
    for table in view.downlines:
        what = f"through the people below in {table.title}"
        mine = [c.subtotal for c in view.components if c.plan == table.plan and c.name in table.components]
        yield f"earned {what}", table.earned, total(mine)
        earned = [table.own_earned, table.other, *(p.earned for p in table.people)]
        yield f"the sum earned {what}", table.earned, total(earned)
        yield f"credited {what}", table.credited, total([table.own_credited, *(p.credited for p in table.people)])
    for changes in view.changes:
        what = f"{changes.title} for {changes.for_period}"
        for row in changes.rows:
            yield f"the difference of {row.source} in {what}", row.amount, subtract(row.new, row.old)
        yield f"the differences of {what}", changes.amount, total([r.amount for r in changes.rows])
        yield f"the old amounts of {what}", changes.old, total([r.old for r in changes.rows])
        yield f"the new amounts of {what}", changes.new, total([r.new for r in changes.rows])
    for correction in view.corrections:
        what = f"the correction of {correction.source} for {correction.for_period}"
        yield what, correction.amount, total([r.amount for r in correction.rows])


def _bridges(view: StatementView) -> Iterator[Fault]:
    for bridge in view.bridges:
        earned = total([line.amount for line in bridge.lines if line.key == "earned"])
        yield f"earned in {bridge.currency}", earned, _parts(view, bridge)
        so_far = ZERO
        for line in bridge.lines:
            if line.total:
                yield f"“{line.label}”", line.amount, so_far
            else:
                so_far = total([so_far, line.amount])


def _parts(view: StatementView, bridge: Bridge) -> Decimal:
    parts: list[Changes | Correction | Clawback] = [*view.changes, *view.corrections, *view.clawbacks]
    return total(
        [
            *(c.subtotal for c in view.components if c.paid and c.currency == bridge.currency),
            *(p.amount for p in parts if p.paid and p.currency == bridge.currency),
            *(a.amount for a in view.adjustments if a.currency == bridge.currency),
        ]
    )


def _answer(view: StatementView) -> Iterator[Fault]:
    sums: dict[str, list[Decimal]] = {}
    modes = {p.name: Rounding(p.rounding) for p in view.plans}
    for bridge in view.bridges:
        for figure in bridge.paid:
            sums.setdefault(figure.unit, []).append(figure.value)
        for one in bridge.conversions:
            due = round_to(multiply(one.basis.value, one.fx or ONE), minor_unit(one.paid.unit), modes[one.plan])
            yield f"what {one.plan} pays in {one.paid.unit}", one.paid.value, due
        if bridge.conversions:
            yield "what is converted", total([one.basis.value for one in bridge.conversions]), bridge.payable
    for figure in view.answer:
        yield f"payable in {figure.unit}", figure.value, total(sums.pop(figure.unit, []))
    for unit, amounts in sums.items():
        yield f"payable in {unit}, which is not said", ZERO, total(amounts)


def _accounts(view: StatementView) -> Iterator[Fault]:
    for account in view.accounts:
        moved = total([account.opening, *(amount for _, amount in account.movements)])
        yield f"the balance “{account.label}”", account.closing, moved


def _years(view: StatementView) -> Iterator[Fault]:
    for year in view.years:
        for at, label in enumerate(year.components):
            yield f"the year's {label}", year.totals.earned[at], total([r.earned[at] for r in year.rows])
        for row in (*year.rows, year.totals):
            yield f"the year's row {row.period or 'of sums'}", row.total, total(row.earned)
        yield "the year's paid", year.totals.paid, total([r.paid for r in year.rows])


# --- the data beside the posted rows


def posted(view: StatementView, lines: list[Line]) -> list[str]:
    """Where the statement and the rows that were posted for the payee tell different things."""
    wrong = [f"a posted row is of {x.payee}, not {view.person.id}" for x in lines if x.payee != view.person.id]
    wrong += [f"a row was posted in {x.in_period}" for x in lines if x.in_period != view.period.label]
    there = Counter(_key(x.plan, x.component, x.source, x.part, x.basis, x.rate, x.amount) for x in lines if x.given)
    for component in view.components:
        for deal in component.deals:
            for s in deal.slices:
                key = _key(component.plan, component.name, deal.source, s.part, s.basis.value, s.rate.value, s.amount)
                there[key] -= 1
                if there[key] < 0:
                    wrong.append(f"{deal.source} in {component.title} ({s.amount}) was not posted so")
    by_hand = Counter((x.source, x.part, x.amount) for x in lines if x.component == ADJUSTMENT)
    by_hand.subtract((a.id, a.code, CONTEXT.plus(a.amount)) for a in view.adjustments)
    wrong += [f"adjustment {id} ({amount}) was not posted so" for (id, _, amount), n in by_hand.items() if n < 0]
    for name, said in _by_component(view).items():
        amounts = [x.amount for x in lines if (plan_name(x.plan), x.component) == name]
        if total(amounts) != said:
            told = [figures.number(language(DEFAULT), amount, 2) for amount in (said, total(amounts))]
            wrong.append(f"{name[1]} is {told[0]}, and {told[1]} was posted")
    known = set(_by_component(view))
    stray = {(plan_name(x.plan), x.component) for x in lines} - known
    return wrong + [f"{component} was posted and is not on the statement" for _, component in sorted(stray)]


def _key(plan: str, component: str, source: str, part: str, *numbers: Decimal) -> tuple[object, ...]:
    return (plan_name(plan), component, source, part, *(CONTEXT.plus(n) for n in numbers))


def _by_component(view: StatementView) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for c in view.components:
        sums.setdefault((c.plan, c.name), []).append(c.subtotal)
    parts: list[Changes | Correction | Clawback] = [*view.changes, *view.corrections, *view.clawbacks]
    for part in parts:
        sums.setdefault((part.plan, part.component), []).append(part.amount)
    for one in view.adjustments:
        sums.setdefault((one.plan, ADJUSTMENT), []).append(one.amount)
    return {name: total(amounts) for name, amounts in sums.items()}
