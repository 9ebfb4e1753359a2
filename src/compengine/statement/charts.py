"""Pictures of a statement, as SVG made by hand: the same figures give the same bytes.

Positions are whole numbers of a 520-wide drawing; the numbers printed beside them come from `figures`. Every picture
is readable in grey: length and words carry the meaning, not colour. Each has a title and a description.
"""

from decimal import Decimal

from markupsafe import Markup, escape

from compengine.statement import figures
from compengine.statement.language import Language, say
from compengine.statement.view import Performance, YearToDate

WIDTH = 520
INK, ACCENT, PALE, PALER, MUTED = "#1a2230", "#2b5c8a", "#d5dce4", "#e9edf2", "#5b6676"
FONT = "Statement Sans, Noto Sans, DejaVu Sans, sans-serif"
LABEL_ROOM = 46
"""Narrower than this, a bound's label would run into the one before it."""


def _svg(height: int, title: str, description: str, body: list[str]) -> Markup:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
    )
    return Markup(head + "".join(body) + "</svg>")


def _text(
    x: int, y: int, words: str, anchor: str = "start", fill: str = MUTED, weight: int = 400, size: int = 10
) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}" font-family="{FONT}" font-size="{size}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )


def _box(x: int, y: int, width: int, height: int, fill: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{max(0, width)}" height="{height}" fill="{fill}"/>'


def _at(value: Decimal, top: Decimal) -> int:
    """Where `value` lies on a scale from 0 to `top`, cut to the drawing."""
    if top <= 0:
        return 0
    return min(WIDTH, max(0, int(value * WIDTH / top)))


def guide(words: Language, shown: Performance) -> str:
    """The position as a guide: a percentage to two places, half up, anything else in full."""
    if shown.value.unit == figures.PERCENT:
        return figures.percent(words, _position(shown))
    return figures.named(words, shown.value)


def _position(shown: Performance) -> Decimal:
    """To two places of a percentage; cut where it would else seem to stand in a tier that is not reached."""
    value, near = shown.value.value, figures.rounded(shown.value.value, 4)
    if shown.to_next is not None and near >= value + shown.to_next.value:
        return figures.cut(value, 4)
    return near


def away(words: Language, shown: Performance) -> str:
    """The distance to the next tier, as a guide beside the position: they add up to the next bound."""
    assert shown.to_next is not None, "there is no next tier"
    if shown.to_next.unit == figures.PERCENT:
        return figures.percent(words, shown.value.value + shown.to_next.value - _position(shown))
    return figures.named(words, shown.to_next)


def ladder(words: Language, shown: Performance, accent: str = "") -> Markup:
    """Tiers side by side with their rates, and a bar from zero to where the payee stands, in the brand's colour."""
    if not shown.tiers:
        return Markup("")
    here = max(Decimal(0), shown.value.value)
    highest = max(t.lower for t in shown.tiers)
    top = max(highest * Decimal("1.3"), here * Decimal("1.08"))
    if top <= 0:
        top = Decimal(1)
    mark = _at(here, top)
    anchor = "start" if mark < 40 else "end" if mark > WIDTH - 40 else "middle"
    body = [_text(mark, 10, guide(words, shown), anchor, INK, 600, 11)]
    body.append(f'<path d="M{min(WIDTH - 8, max(0, mark - 4))} 14h8l-4 5z" fill="{INK}"/>')
    body.append(_box(0, 20, WIDTH, 9, PALER))
    body.append(_box(0, 20, mark, 9, accent or ACCENT))
    last_label = -LABEL_ROOM
    for tier in shown.tiers:
        left = _at(max(Decimal(0), tier.lower), top)
        right = WIDTH if tier.upper is None else _at(tier.upper, top)
        body.append(_box(left + (1 if left else 0), 31, right - left - 1, 18, PALE if tier.current else PALER))
        if right - left > 8 + 6 * len(tier.rate):
            weight = 600 if tier.current else 400
            body.append(_text((left + right) // 2, 44, tier.rate, "middle", INK, weight))
        if left - last_label >= LABEL_ROOM:
            body.append(_text(left, 61, _bound(words, shown, tier.lower), "middle" if left else "start"))
            last_label = left
    description = "; ".join(f"{t.label}: {t.rate}" for t in shown.tiers)
    return _svg(66, f"{shown.label}: {guide(words, shown)}", description, body)


def _bound(words: Language, shown: Performance, bound: Decimal) -> str:
    return figures.percent(words, bound) if shown.value.unit == figures.PERCENT else figures.number(words, bound)


def year_bars(words: Language, year: YearToDate, accent: str = "") -> Markup:
    """Earned by period, one bar each from a common zero line; what is negative hangs below it."""
    rows = year.rows
    if not rows:
        return Markup("")
    highest = max([Decimal(0), *(r.total for r in rows)])
    lowest = min([Decimal(0), *(r.total for r in rows)])
    reach = highest - lowest or Decimal(1)
    room = 58
    zero = 14 + int(highest * room / reach)
    step = min(WIDTH // len(rows), 86)
    wide = step * 3 // 5
    label = figures.short_period if step > 60 else figures.month
    body = [_box(0, zero, step * len(rows), 1, MUTED)]
    for at, row in enumerate(rows):
        left = at * step + (step - wide) // 2
        tall = int(abs(row.total) * room / reach)
        up = row.total >= 0
        body.append(
            _box(left, zero - tall if up else zero + 1, wide, tall, (accent or ACCENT) if row.current else PALE)
        )
        if step > 40:
            amount = figures.number(words, figures.nearest(row.total))
            middle = left + wide // 2
            body.append(
                _text(
                    middle, zero - tall - 4 if up else zero - 4, amount, "middle", INK, 600 if row.current else 400, 9
                )
            )
        body.append(_text(left + wide // 2, 98, label(words, row.period), "middle", size=9))
    description = "; ".join(
        f"{figures.short_period(words, r.period)}: {figures.money(words, r.total, year.currency)}" for r in rows
    )
    return _svg(102, say(words, "chart.earned", currency=year.currency), description, body)
