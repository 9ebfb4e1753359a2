"""Whether a page shows the figures of its data, whatever the design and the language: digits are compared, and signs.

An amount that every design prints must be there as often as it is due. A figure that looks like money and is nowhere in
the data has no business on the page, nor has a currency that is not in it. Who is paid, and when, must be there too.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from unicodedata import bidirectional, category

from compengine.statement import figures
from compengine.statement.data import to_json
from compengine.statement.language import DEFAULT, language
from compengine.statement.view import StatementView
from compengine.values.money import EXPONENTS, is_currency

_GROUP = "., \u00a0\u202f'’٬٫".replace(" ", "")
_NUMBER = re.compile(rf"(?<![0-9A-Za-z])([−-]?)(\d(?:[{_GROUP}]?\d)*)(?![0-9A-Za-z])(\s?%)?")
"""Not the digits inside of a digest."""
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{3}(?![A-Za-z0-9])")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")


def differing(view: StatementView, texts: Sequence[str]) -> list[str]:
    """What the pages show otherwise than the data. `texts` are lines of text, page by page."""
    everything = "\n".join(texts)
    squeezed = "".join(everything.split())
    said = [(what, word) for what, word in _words(view) if _read_in_order(word)]
    wrong = [f"the pages do not say {what} {word}" for what, word in said if "".join(word.split()) not in squeezed]
    found = Counter(sign.replace("−", "-") + _digits(number) for sign, number, _ in _NUMBER.findall(everything))
    for figure, count in sorted(_due(view).items()):
        if found[figure] < count:
            times = f"{found[figure]} times, and must {count} times" if found[figure] else "nowhere"
            wrong.append(f"the amount {figure[:-2]}.{figure[-2:]} of the data stands on the pages {times}")
    return wrong + [f"the pages show {shown}, which is not in the data" for shown in _strangers(view, everything)]


def _words(view: StatementView) -> Iterator[tuple[str, str]]:
    yield "the number", view.number
    yield "the run", view.audit.run
    yield "the payee", view.person.id
    yield "the name", view.person.name
    yield "the pay date", figures.day(language(view.locale), view.pay_date)
    for currency in sorted({figure.unit for figure in view.answer}):
        yield "the currency", currency
    if view.audit.checkpoint:
        yield "the checkpoint", figures.brief(view.audit.ledger)


def _read_in_order(word: str) -> bool:
    """Whether letters come out of a page as they went in: not where they run to the left or are put together."""
    return not any(bidirectional(c) in ("R", "AL", "NSM") or category(c) == "Mc" for c in word)


def _due(view: StatementView) -> Counter[str]:
    """What is paid, the way to it, each row's amount and the sum of each component."""
    shown = [(figure.value, figure.unit) for figure in view.answer]
    shown += [(line.amount, bridge.currency) for bridge in view.bridges for line in bridge.lines]
    shown += [(one.paid.value, one.paid.unit) for bridge in view.bridges for one in bridge.conversions]
    for component in view.components:
        shown += [(s.amount, component.currency) for d in component.deals for s in d.slices]
        shown += [(component.subtotal, component.currency)] if component.deals else []
    return Counter(_signed(amount, unit) for amount, unit in shown if is_currency(unit))


def _signed(amount: Decimal, currency: str) -> str:
    return ("-" if amount < 0 else "") + _digits(figures.money(language(DEFAULT), amount, currency))


def _digits(text: str) -> str:
    return "".join(ch for ch in text if ch.isdigit())


def _strangers(view: StatementView, text: str) -> list[str]:
    """What ends in as many places as a currency of the statement has, is no percentage, and is not in the data."""
    places = {EXPONENTS[c] for c in _currencies(view)} - {0}
    data = to_json(view).decode()
    known = _known(json.loads(data), places)
    found = [code for code in _CODE.findall(text) if is_currency(code) and code not in data]
    for _, number, percent in _NUMBER.findall(text):
        last = re.split(rf"[{_GROUP}]", number)[-1]
        if not percent and len(last) in places and last != number and _digits(number) not in known:
            found.append(number)
    return sorted(set(found))


def _currencies(view: StatementView) -> set[str]:
    return {b.currency for b in view.bridges} | {f.unit for f in view.answer if is_currency(f.unit)}


def _known(node: Any, places: set[int]) -> set[str]:
    match node:
        case dict():
            return set().union(*(_known(each, places) for each in node.values()))
        case list():
            return set().union(*(_known(each, places) for each in node))
        case str() if _DECIMAL.fullmatch(node):
            value = abs(Decimal(node))
            return {_digits(figures.number(language(DEFAULT), value, n)) for n in (0, *places)}
        case str():
            return {_digits(number) for _, number, _ in _NUMBER.findall(node)}
    return set()
