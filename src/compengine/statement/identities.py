"""What must hold before a statement is printed. Every figure a reader can add up is added up here first."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

from compengine.plan.typed import Plan
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.statement import figures
from compengine.statement.bridge import HELD, PAID, PAYABLE, balance
from compengine.statement.facts import Facts
from compengine.statement.language import DEFAULT, language
from compengine.statement.pages import Plans, plan_name, plans_of
from compengine.statement.view import Bridge, Slice, StatementView, total
from compengine.values.decided import ADJUSTMENT
from compengine.values.exact import ONE, ZERO, multiply, subtract
from compengine.values.money import minor_unit
from compengine.values.rounding import round_to

Fault = tuple[str, Decimal, Decimal]
"""What was compared, the figure printed, and the figure it must be."""


def require(view: StatementView, facts: Facts) -> None:
    """Raises `Failed` with one E801 for each identity that does not hold."""
    found = check(view, facts)
    if found:
        raise Failed(found)


def check(view: StatementView, facts: Facts) -> list[Diagnostic]:
    english = language(DEFAULT)
    return [
        Diagnostic(
            code="E801",
            message=f"{view.person.id}, statement {view.number}: {what} is {figures.number(english, printed, 2)}, "
            f"but must be {figures.number(english, wanted, 2)}",
            help="Nothing was printed. Verify the ledger; if it is whole, this is a fault of compengine.",
        )
        for identity in IDENTITIES
        for what, printed, wanted in identity(view, facts)
        if printed != wanted
    ]


def products(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """basis × rate rounds to the amount; where a component is rounded as a whole, its total does."""
    plans = plans_of(facts)
    for component in view.components:
        plan = plans.current(component.plan).plan
        rates = [(d, s) for d in component.deals for s in d.slices if s.kind == "rate"]
        for deal, line in rates:
            if not line.shared:
                yield f"{component.name} of {deal.source}, {line.part}", line.amount, _rounded(_product(line), plan)
        shared = [line for _, line in rates if line.shared]
        if shared:
            exact_total = total([_product(line) for line in shared])
            yield f"the rates of {component.name}", total([s.amount for s in shared]), _rounded(exact_total, plan)


def corrected_products(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """The same for every posted row, old or new, where rows are rounded one by one."""
    for posted in facts.rows:
        plan = plans_of(facts).of(posted.row)
        if posted.row.kind == "rate" and not plan.per_component:
            product = _rounded(multiply(posted.row.basis, posted.row.rate), plan)
            yield (
                f"{posted.row.component} of {posted.row.source} for {posted.row.for_period}",
                posted.row.amount,
                product,
            )


def clawed(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """What is taken back is its share of the original, rounded; of several steps each may be off by what the steps
    before were rounded, which is less than a unit."""
    plans = plans_of(facts)
    for claw in view.clawbacks:
        plan = plans.current(claw.plan).plan
        exact = multiply(claw.original, claw.share)
        near = abs(subtract(claw.amount, exact)) < minor_unit(plan.currency)
        due = claw.amount if near else _rounded(exact, plan)
        yield f"what is taken back of {claw.source} in {claw.component}", claw.amount, due


def waited(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Of what a limit carried into a window no more is paid than was carried."""
    for component in view.components:
        for deal in component.deals:
            for line in deal.slices:
                if line.kind == "carried":
                    most = min(line.amount, line.basis.value)
                    yield f"what {component.name} pays of earlier windows in {deal.source}", line.amount, most


def changed(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Old and new of a change are what was and is posted for it, and so are basis × rate."""
    posted = {
        (plan_name(p.row.plan), p.row.component, p.row.for_period, p.row.source, p.sign): p.row for p in facts.rows
    }
    for changes in view.changes:
        for row in changes.rows:
            for sign, rate, amount in ((-1, row.rate_was, row.old), (1, row.rate, row.new)):
                meant = posted.get((changes.plan, changes.component, changes.for_period, row.source, sign))
                what = f"the {'old' if sign < 0 else 'new'} amount of {row.source} for {changes.for_period}"
                yield what, amount, meant.amount if meant is not None else ZERO
                if meant is not None:
                    product = multiply(row.basis.value, rate.value) if rate is not None else ZERO
                    yield f"basis × rate of {what}", product, multiply(meant.basis, meant.rate)


def named(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Whatever is taken back of an earlier statement names it."""
    meant = Counter((p.row.component, p.row.for_period, p.row.source) for p in facts.rows if p.sign < 0)
    told: Counter[tuple[str, str, str]] = Counter()
    for changes in view.changes:
        for row in changes.rows:
            told[changes.component, changes.for_period, row.source] += row.origin is not None
    for correction in view.corrections:
        for line in correction.rows:
            told[correction.component, correction.for_period, correction.source] += line.origin is not None
    for (component, period, source), count in meant.items():
        if component != ADJUSTMENT:
            what = f"the number of old rows of {source} in {component} for {period} that name their statement"
            yield what, Decimal(told[component, period, source]), Decimal(count)


def _product(line: Slice) -> Decimal:
    return multiply(line.basis.value, line.rate.value)


def _rounded(value: Decimal, plan: Plan) -> Decimal:
    return round_to(value, minor_unit(plan.currency), plan.rounding)


def subtotals(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Lines add up to their deal, deals to their component, rows of a correction to its difference.

    Of a change the difference is new less old, and every column adds up to the sum below it.
    """
    for component in view.components:
        yield f"the subtotal of {component.name}", component.subtotal, total([d.amount for d in component.deals])
    for changes in view.changes:
        what = f"{changes.component} for {changes.for_period}"
        for row in changes.rows:
            yield f"the difference of {row.source} in {what}", row.amount, subtract(row.new, row.old)
        yield f"the old amounts of {what}", changes.old, total([r.old for r in changes.rows])
        yield f"the new amounts of {what}", changes.new, total([r.new for r in changes.rows])
        yield f"the differences of {what}", changes.amount, total([r.amount for r in changes.rows])
        yield f"the basis of {what}", changes.basis.value, total([r.basis.value for r in changes.rows])
    for correction in view.corrections:
        what = f"the correction of {correction.source} for {correction.for_period}"
        yield what, correction.amount, total([r.amount for r in correction.rows])


def below(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """What the people below earned a manager is, with the rest, what the components per credit came to."""
    for table in view.downlines:
        what = f"through the people below in {table.title}"
        mine = [c.subtotal for c in view.components if c.plan == table.plan and c.name in table.components]
        people = table.people
        yield f"what was earned {what}", table.earned, total(mine)
        parts = [table.own_earned, table.other, *(p.earned for p in people)]
        yield f"the sum of what was earned {what}", table.earned, total(parts)
        yield f"credited {what}", table.credited, total([table.own_credited, *(p.credited for p in people)])


def earned(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Components, corrections and clawbacks are what was earned, and that is what was posted."""
    plans = plans_of(facts)
    for bridge in view.bridges:
        shown = total(
            [
                *(c.subtotal for c in view.components if c.paid and c.currency == bridge.currency),
                *(c.amount for c in view.changes if c.paid and c.currency == bridge.currency),
                *(c.amount for c in view.corrections if c.paid and c.currency == bridge.currency),
                *(c.amount for c in view.clawbacks if c.paid and c.currency == bridge.currency),
                *(a.amount for a in view.adjustments if a.currency == bridge.currency),
            ]
        )
        posted = [p.amount for p in facts.rows if p.row.paid and _currency(plans, p.row.plan) == bridge.currency]
        yield "earned", _line(bridge, "earned"), shown
        yield "what was posted", shown, total(posted)


def adjusted(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Each adjustment is paid as it was approved."""
    approved = {a.id: a.amount for a in facts.decided.adjustments}
    for one in view.adjustments:
        if one.amount and any(p.sign > 0 and p.row.source == one.id for p in facts.rows):
            yield f"adjustment {one.id}", one.amount, approved.get(one.id, ZERO)


def employed(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """What falls to each legal entity is, together, what was earned."""
    for bridge in view.bridges if view.employments else ():
        parts = [e.amount for e in view.employments if e.currency == bridge.currency]
        yield f"what falls to each entity in {bridge.currency}", total(parts), _line(bridge, "earned")


def _currency(plans: Plans, plan: str) -> str:
    return plans.current(plan).plan.currency


def _line(bridge: Bridge, key: str) -> Decimal:
    return total([line.amount for line in bridge.lines if line.key == key])


def running(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Each total of the bridge is the sum of the lines above it."""
    for bridge in view.bridges:
        sum_so_far = Decimal(0)
        for line in bridge.lines:
            if line.total:
                yield f"“{line.label}” of the bridge", line.amount, sum_so_far
            else:
                sum_so_far = total([sum_so_far, line.amount])


def payable(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """The bridge ends in what was settled, and the answer is what is paid."""
    for bridge in view.bridges:
        settled = [s for s in facts.settlements if s.currency == bridge.currency]
        yield f"payable in {bridge.currency}", bridge.payable, total([s.payable for s in settled])
    for answer in view.answer:
        paid = total([s.paid for s in facts.settlements if s.pay_currency == answer.unit])
        yield f"the figure payable in {answer.unit}", answer.value, paid
    for settlement in facts.settlements:
        plan = plans_of(facts).current(settlement.plan).plan
        due = settlement.payable
        if settlement.pay_currency != settlement.currency:
            due = round_to(
                multiply(settlement.payable, settlement.fx_rate), minor_unit(settlement.pay_currency), plan.rounding
            )
        yield f"paid for {plan_name(settlement.plan)}", settlement.paid, due


def converted(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Each conversion is its basis × its rate, rounded as its plan does; their bases are the payable."""
    plans = plans_of(facts)
    for bridge in view.bridges:
        for one in bridge.conversions:
            exact, mode = multiply(one.basis.value, one.fx or ONE), plans.current(one.plan).plan.rounding
            due = round_to(exact, minor_unit(one.paid.unit), mode)
            yield f"what {one.plan} pays in {one.paid.unit}", one.paid.value, due
        if bridge.conversions:
            converted = total([one.basis.value for one in bridge.conversions])
            yield f"what is converted of {bridge.currency}", converted, bridge.payable
    for answer in view.answer:
        paid = total([f.value for b in view.bridges for f in b.paid if f.unit == answer.unit])
        yield f"what the conversions pay in {answer.unit}", answer.value, paid


def balances(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Opening and movements make the closing, and that is the ledger's."""
    for account in view.accounts:
        what = f"the closing balance of {account.account} ({account.plan})"
        yield what, account.closing, total([account.opening, *(amount for _, amount in account.movements)])
        if facts.closing is not None:
            ledger = balance(facts, account.plan, account.account, account.currency, closing=True)
            yield f"{what} against the ledger", account.closing, ledger


def continued(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """A balance opens as the statement before closed; what is payable or paid moves between the two."""
    for account in view.accounts if facts.before is not None else ():
        if account.account not in (PAYABLE, PAID):
            closed = [b for b in facts.before or () if (b.account, b.currency) == (account.account, account.currency)]
            last = total([b.amount for b in closed if plan_name(b.plan) == account.plan])
            yield f"the opening balance of {account.account} ({account.plan})", account.opening, last


def held_back(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """The lines of what is held come to the balance of what is held."""
    for account in view.accounts:
        if account.account == HELD:
            lines = [h.amount for h in view.holds if (h.plan, h.currency) == (account.plan, account.currency)]
            yield f"what is held line by line ({account.plan})", total(lines), account.closing


def held_before(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """The parts that were held come to the balance of what was held."""
    for account in view.accounts:
        if account.account == HELD:
            parts = [one.part.amount for one in facts.parts if one.held and plan_name(one.part.plan) == account.plan]
            yield f"what was held, part by part ({account.plan})", total(parts), account.opening


def released(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """What is released is, line by line, that of the bridge, and no more than was held of it."""
    for bridge in view.bridges:
        lines = [r.amount for r in view.releases if r.currency == bridge.currency]
        yield f"what is released line by line in {bridge.currency}", total(lines), _line(bridge, "released")
    for one in view.releases:
        subject = (one.plan, one.component, one.source)
        parts = [b.part for b in facts.parts if b.held]
        held = total([p.amount for p in parts if (plan_name(p.plan), p.component, p.source) == subject])
        most = min(one.amount, held) if held > 0 else max(one.amount, held)
        yield f"what is released of {one.source} in {one.component}", one.amount, most


def repeated(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """What the year says of an earlier period is what its statement said."""
    for table in view.years if facts.told is not None else ():
        for row in table.rows:
            if not row.current:
                said = [t.earned for t in facts.told or () if (t.period, t.currency) == (row.period, table.currency)]
                yield f"the year's {row.period}, in {table.currency}", row.total, total(said)


def year(view: StatementView, facts: Facts) -> Iterator[Fault]:
    """Every column and row of the year adds up, and this period's row is this statement."""
    for table in view.years:
        for at, label in enumerate(table.components):
            yield f"the year's {label}", table.totals.earned[at], total([r.earned[at] for r in table.rows])
        for row in (*table.rows, table.totals):
            yield f"the year's row {row.period or 'total'}", row.total, total(list(row.earned))
        yield "the year's paid", table.totals.paid, total([r.paid for r in table.rows])
        now = [r for r in table.rows if r.current]
        mine = [b for b in view.bridges if b.currency == table.currency]
        if now and mine:
            yield "this period in the year so far", now[0].total, _line(mine[0], "earned")


IDENTITIES: tuple[Callable[[StatementView, Facts], Iterator[Fault]], ...] = (
    products,
    corrected_products,
    clawed,
    waited,
    changed,
    named,
    subtotals,
    below,
    earned,
    adjusted,
    employed,
    running,
    payable,
    converted,
    balances,
    continued,
    held_back,
    held_before,
    released,
    year,
    repeated,
)
