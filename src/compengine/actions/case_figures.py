"""What a closed period gave, held against what a case expects: a finding for each figure that is another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from compengine.actions.case_files import Then
from compengine.actions.case_runs import Closed, balances
from compengine.actions.figures import summed
from compengine.ledger.accounts import Account, Reason
from compengine.plan.check import RESERVED
from compengine.plan.limits import limit_of
from compengine.source.diagnostic import Diagnostic, Place
from compengine.source.text import Span
from compengine.source.yaml import Scalar
from compengine.values.exact import exact, plain
from compengine.values.frames import to_rows
from compengine.values.money import fixed, is_currency, minor_unit
from compengine.values.rows import Earning, Exclusion, Measure, Settlement

Name = tuple[str, str]
PAY_DATE = "pay_date"
OWING = ("owed", "carried")
"""Balances that are negative in the ledger, and shown as what they come to."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its unit: a currency, `%`, or nothing."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        if is_currency(self.unit):
            whole = self.value % minor_unit(self.unit) == 0  # a measure may be finer than a cent
            return f"{_grouped(fixed(self.value, self.unit) if whole else plain(self.value))} {self.unit}"
        if self.unit == "%":
            return f"{plain(exact(self.value * 100))}%"
        return plain(self.value)


def _grouped(text: str) -> str:
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, rest = digits.partition(".")
    return f"{sign}{int(whole):_}{dot}{rest}"


def read_figure(text: str) -> Figure | None:
    """`90%`, `4_500.00 USD`, `3`; None where it is none of these."""
    figure, _, unit = text.strip().partition(" ")
    percent = figure.endswith("%")
    digits = figure.removesuffix("%").replace("_", "")
    if not digits.lstrip("-").replace(".", "", 1).isdigit() or (unit and (percent or not is_currency(unit))):
        return None
    value = exact(digits)
    return Figure(exact(value / 100), "%") if percent else Figure(value, unit)


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` is what `--write` puts in the place of `span`; empty where it cannot."""

    diagnostic: Diagnostic
    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Actual:
    """What a closing gave, in the terms of `then`."""

    measures: dict[Name, Figure]
    earned: dict[Name, Figure]
    earnings: tuple[Earning, ...]
    posted: dict[tuple[str, str, str], Figure]
    excluded: tuple[Exclusion, ...]
    closed: Closed

    def balance(self, payee: str, word: str) -> Figure:
        """Zero, in the currency of the plan, where nothing stands."""
        lines, paid = self.closed.lines, self.closed.paid
        match word:
            case "paid":
                found = balances(paid, Account.PAID, payee)
            case "forfeited":
                lost = [e for e in self.earnings_of(payee) if e.kind == "cap" and not self._carries(e)]
                found = _by_currency(lost)
            case "capped":
                every = [e for e in to_rows(Earning, self.closed.computed.earnings) if e.payee == payee]
                found = _by_currency(
                    [e for e in every if e.kind == "carried" or (e.kind == "cap" and self._carries(e))]
                )
            case "payable":
                found = balances(
                    [x for x in lines if x not in paid or x.reason != Reason.PAYMENT], Account.PAYABLE, payee
                )
            case _:
                found = balances(lines, word, payee)
        sums = {c: a for c, a in found.items() if a} or found
        currency = next(iter(sums), self._currency(payee, Account.PAID if word == "paid" else ""))
        amount = sums.get(currency, Decimal(0))
        return Figure(-amount if word in OWING and amount else amount, currency)

    def settled(self, payee: str, word: str) -> Figure | None:
        """One figure of the period's settlement, over all plans in one currency; None for somebody without one."""
        rows = [s for s in to_rows(Settlement, self.closed.computed.settlements) if s.payee == payee]
        if not rows:
            return None
        currency = rows[0].pay_currency if word == "paid" else rows[0].currency
        return Figure(summed([getattr(row, word) for row in rows]), currency)

    def _currency(self, payee: str, account: str) -> str:
        """That of the payee's last line on the account, else of any."""
        mine = [line for line in self.closed.lines if line.payee == payee]
        there = [line.currency for line in mine if line.account == account] or [line.currency for line in mine]
        return there[-1] if there else ""

    def _carries(self, row: Earning) -> bool:
        """Whether the row is of a limit that pays later what it takes away."""
        plan = next(p for p in self.closed.plans if p.name == row.plan and p.start <= row.date <= p.end)
        rule = plan.components.get(row.component)
        limit = limit_of(row.part, rule.limits if rule is not None else plan.settle.limits)
        return limit is not None and limit.carry

    def earnings_of(self, payee: str) -> list[Earning]:
        return [e for e in self.earnings if e.payee == payee]


def _by_currency(rows: Iterable[Earning]) -> dict[str, Decimal]:
    """What the rows take away, less what they give."""
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row.currency] = summed([found.get(row.currency, Decimal(0)), -row.amount])
    return found


def actual(closed: Closed) -> Actual:
    label = closed.period.label
    rows = to_rows(Earning, closed.posted)
    signs = closed.posted["sign"].to_list()
    posted: dict[tuple[str, str, str], Figure] = {}
    for row, sign in zip(rows, signs, strict=True):
        key = (row.payee, row.component, row.for_period)
        before = posted.get(key, Figure(Decimal(0), row.currency)).value
        posted[key] = Figure(summed([before, row.amount if sign > 0 else -row.amount]), row.currency)
    return Actual(
        {(m.payee, m.measure): Figure(m.value, m.unit) for m in to_rows(Measure, closed.computed.measures)},
        {(payee, component): figure for (payee, component, period), figure in posted.items() if period == label},
        tuple(e for e in to_rows(Earning, closed.computed.earnings) if e.for_period == label),
        posted,
        tuple(to_rows(Exclusion, closed.computed.exclusions)),
        closed,
    )


def compare(then: Then, got: Actual) -> list[Finding]:
    """In the order of the file's sections."""
    found: list[Finding] = []
    for name, wanted in then.measures.items():
        found += _figure(f"{name[0]}.{name[1]}", wanted, got.measures.get(name), "the measure is not there")
    for name, wanted in then.earned.items():
        nothing = Figure(Decimal(0), _unit(wanted))
        if not any(name[1] in (*plan.components, *RESERVED) for plan in got.closed.plans):
            found.append(_fail(f"no plan of the case has a component {name[1]}", wanted.span))
            continue
        found += _figure(f"{name[0]}.{name[1]}", wanted, got.earned.get(name, nothing))
    found += _rows(then, got)
    found += _posted(then, got)
    for name, wanted in then.settled.items():
        if name[1] == PAY_DATE:
            found += _pay_date(name[0], wanted, got)
            continue
        absent = f"there is no settlement of {name[0]}"
        found += _figure(f"{name[1]} of {name[0]}", wanted, got.settled(*name), absent)
    for name, wanted in then.balances.items():
        found += _balance(name, wanted, got.balance(*name))
    known = {(e.rule, e.source, e.by) for e in got.excluded}
    for entry in then.excluded:
        found += _exclusion(entry, known)
    return found


def _pay_date(payee: str, wanted: Scalar, got: Actual) -> list[Finding]:
    """The day on which the closed period is paid, for somebody who has a settlement in it."""
    day = str(got.closed.pay_date)
    if got.settled(payee, "payable") is None:
        return [_fail(f"pay_date of {payee}: expected {wanted.value}, there is no settlement of {payee}", wanted.span)]
    return [] if wanted.value == day else [_fail(f"pay_date: expected {wanted.value}, got {day}", wanted.span, day)]


def _unit(wanted: Scalar) -> str:
    figure = read_figure(wanted.value)
    return figure.unit if figure else ""


def _fail(message: str, span: Span, text: str = "", code: str = "E701") -> Finding:
    return Finding(Diagnostic(code, message, Place(span)), span, text)


def _figure(what: str, wanted: Scalar, got: Figure | None, absent: str = "") -> list[Finding]:
    expected = read_figure(wanted.value)
    if expected is None:
        return [_fail(f"{wanted.value} is no figure: write 4_500.00 USD, 90% or 3", wanted.span, code="E108")]
    if got is None:
        return [_fail(f"{what}: expected {wanted.value}, {absent}", wanted.span)]
    if _equal(expected, got):
        return []
    shown = Figure(got.value, "%") if expected.unit == "%" and not is_currency(got.unit) else got
    return [_fail(f"{what}: expected {wanted.value}, got {shown}", wanted.span, str(shown))]


def _equal(expected: Figure, got: Figure) -> bool:
    """A percentage is a number; only currencies tell figures of one value apart."""
    money = [f.unit for f in (expected, got) if is_currency(f.unit)]
    return expected.value == got.value and len(set(money)) <= 1 and len(money) != 1


def _balance(name: Name, wanted: Scalar, got: Figure) -> list[Finding]:
    shown = got if got.unit or got.value else Figure(got.value, _unit(wanted))
    return _figure(f"{name[1]} of {name[0]}", wanted, shown)


# --- lists


def _rows(then: Then, got: Actual) -> list[Finding]:
    """Each listed row must be there, and for the payees and components named no other."""
    found: list[Finding] = []
    left = list(got.earnings)
    for entry in then.rows:
        hit = next((row for row in left if not _unlike(entry, row)), None)
        if hit is not None:
            left.remove(hit)
            continue
        near = [row for row in left if _same(entry, row)]
        if not near:
            found.append(_fail(f"there is no row {_told(entry)}", entry["payee"].span))
            continue
        closest = min(near, key=lambda row: len(_unlike(entry, row)))
        left.remove(closest)
        for column in _unlike(entry, closest):
            actual_text = _cell(closest, column)
            message = f"{column} of {_told(entry)}: expected {entry[column].value}, got {actual_text}"
            found.append(_fail(message, entry[column].span, actual_text))
    named = {(e["payee"].value, e["component"].value): e["payee"].span for e in then.rows}
    for row in left:
        span = named.get((row.payee, row.component))
        if span is not None:
            message = f"a row more than listed: {row.payee} {row.component} {row.source}, "
            message += f"{_cell(row, 'basis')} × {_cell(row, 'rate')} = {_cell(row, 'amount')}"
            found.append(_fail(message, span))
    return found


def _same(entry: Mapping[str, Scalar], row: Earning) -> bool:
    names = [c for c in ("payee", "component", "source") if c in entry]
    return all(entry[c].value == getattr(row, c) for c in names)


def _told(entry: Mapping[str, Scalar]) -> str:
    return " ".join(entry[c].value for c in ("payee", "component", "source") if c in entry)


def _unlike(entry: Mapping[str, Scalar], row: Earning) -> list[str]:
    """The columns of an expected row that the row does not have so."""
    if not _same(entry, row):
        return [*entry]
    figures = {c: read_figure(entry[c].value) for c in ("basis", "rate", "amount") if c in entry}
    units = {"basis": row.basis_unit, "rate": row.rate_unit, "amount": row.currency}
    return [c for c, f in figures.items() if f is None or not _equal(f, Figure(getattr(row, c), units[c]))]


def _cell(row: Earning, column: str) -> str:
    unit = {"basis": row.basis_unit, "rate": row.rate_unit, "amount": row.currency}[column]
    if column == "rate" and not is_currency(unit):
        unit = "%"
    value: Decimal = getattr(row, column)
    if is_currency(unit) and value != exact(round(value, 2)):
        return f"{plain(value)} {unit}"
    return str(Figure(value, unit))


def _posted(then: Then, got: Actual) -> list[Finding]:
    found: list[Finding] = []
    listed: dict[tuple[str, str, str], Scalar] = {}
    for entry in then.posted:
        payee, component, period = (entry[c].value for c in ("payee", "component", "for"))
        wanted = entry["amount"]
        listed[payee, component, period] = entry["payee"]
        nothing = Figure(Decimal(0), _unit(wanted))
        figure = got.posted.get((payee, component, period), nothing)
        found += _figure(f"{payee} {component} for {period}", wanted, figure)
    named = {(payee, component): scalar.span for (payee, component, _), scalar in listed.items()}
    for key, figure in sorted(got.posted.items()):
        if key[:2] in named and key not in listed and figure.value:
            found.append(_fail(f"posted more than listed: {' '.join(key)}, {figure}", named[key[:2]]))
    return found


def _exclusion(entry: Mapping[str, Scalar], known: Iterable[tuple[str, str, str]]) -> list[Finding]:
    stream, source = entry["stream"].value, entry["source"].value
    reasons = [by for rule, of, by in known if (rule, of) == (stream, source)]
    if not reasons:
        return [_fail(f"{source} was not left out of {stream}", entry["source"].span)]
    by = entry.get("by")
    if by is not None and by.value not in reasons:
        return [_fail(f"{source} was left out of {stream} by {reasons[0]}", by.span, reasons[0])]
    return []
