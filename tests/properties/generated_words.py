"""Words of the language that generated plans lack, put into them afterwards: their own draws stay what they are."""

import re
from random import Random

MEASURES = (
    "distance: abs(attainment - 100%)",
    "reached: floor(ytd / 10_000 USD) + ceil(unit_part)",
    "least: (min(bookings, quarter to date) default 1 USD) + (min(main, period) default 2 USD)",
    "mean: (average(bookings, period) default 0 USD) + (average(main, period) default 0 USD)",
    "mean_level: average(payee.level, plan) default 100%",
    "best: (max(payee.goal, reports) default 1 USD) - (min(payee.goal, downline) default 0 USD)",
    "known_for: days_between(payee.hired_on, period.end) + months_between(payee.hired_on, period.start)",
    "by_days: sum(bookings, rolling 45 days) + sum(bookings, period, reports)",
    "by_year: sum(bookings, year from payee.hired_on last year) + sum(bookings, rolling 2 months last year)",
    "of_anniversary: sum(bookings, year from payee.hired_on to date) - sum(bookings, year to date last year)",
    "of_plan: sum(team, period to date, plan) + sum(team, previous period)",
    "ruled: match(rules.percent, team = payee.team, type = payee.title) default 4%",
    "old: sum(bookings, period last year) + sum(bookings, life to date)",
    "counted_deals: count(bookings, period, same payee.title) + count(main, period)",
    "met: if qtd > 0 USD and not (ytd < 0 USD or unit_count == 0) then 100% else -5%",
    "present: days_on_plan(year to date) / days_in(year)",
    'who: if payee.title in ("Rep", "Lead") or payee.team != "south" then 1 else 2',
    "age: if payee.hired_on between 2025-01-01 and 2026-06-30 then 10% else 20%",
    "parts: sum(bookings, year to date, same payee.team) / max(count(payee.level > 0%, same payee.team), 1)",
    "total_levels: sum(payee.level, plan) + count(payee.ramp < 100%, downline)",
)
"""All of a person, known at any time."""
RATES = (
    "match(rules.percent, type = deal.type, team = payee.team, customer = deal.customer) default 2%",
    "lookup(rates.percent, type = deal.type, team = payee.team) default ruled",
    "deal.cost / deal.acv",
    "sum(deal.payments.amount) / max(deal.acv, 1 USD)",
    "if max(deal.payments.amount) is not empty then max(deal.payments.amount) / deal.acv else 1%",
    "(average(deal.payments.part) default 10%) / 10",
    "min(0.1 * count(deal.payments where other.date >= credit.date), 30%)",
    "abs(deal.term - 24) / 100",
    "if min(deal.payments.amount) is not empty then min(deal.payments.amount) / deal.acv else 0%",
    "ceil(deal.units / 3) * 1% + floor(deal.term / 12) * 0.5%",
    "if deal.close_date not in 2026-03 and deal.term not in (6, 12) then 3% else 6%",
    "if payee.hired_on + 90 days > credit.date then 1.25% else 2.5%",
    "round(before(attainment) - after(attainment), 5%) + 3%",
)
PAYS = (
    "match(rules.fixed, customer = deal.customer, type = deal.type) default 5 USD",
    "(max(deal.cost, 10 USD) + min(credit.amount, 500 USD)) / 2",
    "round(credit.amount * 3.21987%, 0.50 USD) + abs(deal.cost) * 1%",
    "if deal.live_on is empty then 3 USD else days_between(credit.date, deal.live_on default credit.date) * 0.01 USD",
    "if credit.amount == 0 USD then 1 USD else if credit.share >= 50% then 2 USD else 3 USD",
)
WINDOWED = (
    "parts * 1%",
    "mean * 1% + least * 1%",
    "best * mean_level / 100",
    "(known_for + reached + counted_deals) * 0.01 USD",
    "(by_days + by_year + of_anniversary) * 0.1%",
    "of_plan * met / 100",
    "after(ytd) * 1% - before(ytd) * 1%",
    "share_of(500 USD, distance + present + 0.01, plan)",
    "share_of(100 USD * who, total_levels, downline) + share_of(10 USD, 1, reports)",
    "old * age * ruled",
)
LIMITS = (
    "first 1 per period across plan",
    "first 2 per year by deal.owner",
    "at most 333.33 USD per period by deal.type across plan",
    "at least -50 USD per credit",
    "at least 1 USD per life by deal.customer",
    "at most 2% * ytd + 100 USD per year",
    "at most 600 USD per period",
    "at least 2 USD per year from payee.hired_on",
)
RELEASES = (
    ("- {each: deal.payments, share: payment.amount / deal.acv, on: payment.date}",),
    (
        '- {each: deal.payments where payment.part > 10%, share: payment.part, on: if deal.type == "new" '
        "then payment.date else deal.live_on}",
    ),
    ("- {share: 25%, on: deal.close_date + 1 month}", "- {share: 75%, on: deal.close_date + 45 days}"),
)
ORDERS = ("draw, clawback, negative", "negative, clawback, draw", "clawback, negative, draw")
HEADS = ("late: restate", "title: What a generated person earns", "")


def worded(text: str, random: Random) -> str:
    """The plan `text`, with some of them."""
    lines: list[str] = []
    for line in text.splitlines():
        if line == "tables:":
            lines += [head for head in (random.choice(HEADS),) if head]
        lines.append(line)
        if line == "measures:":
            lines += [f"  {measure}" for measure in MEASURES]
        elif line == "  sold:":
            lines += random.choice(([], ["    shares_total: 100%"]))
        elif line == "earn:":
            lines += _components(random)
        elif line in ("  cancelled:", "  refunded:") and random.random() < 0.3:
            lines.append("    terms: What is returned is taken back.")
        elif line == "  main:":
            lines += random.sample(("    terms: A share of what you sell.", "    paid: yes"), random.choice((0, 1, 2)))
    text = "\n".join(lines) + "\n"
    if random.random() < 0.3:
        text = text.replace("    from: deals\n    each:", "    from: deals\n    convert: comp_date\n    each:")
    return _settled(text, random)


def _components(random: Random) -> list[str]:
    """`extra` and `fixed` per credit of bookings, `steady` per window, `podium` with prizes."""
    lines = ["  extra:", "    per: credit of bookings", "    of: credit.amount", f"    rate: {random.choice(RATES)}"]
    lines += _listed("limit", random.sample(LIMITS, random.choice((0, 0, 1, 2))))
    if random.random() < 0.6:
        lines += ["    release:", *(f"      {entry}" for entry in _wide(random.choice(RELEASES)))]
    lines += ["  fixed:", "    per: credit of bookings", f"    pay: {random.choice(PAYS)}"]
    if random.random() < 0.4:
        factor = "if months_between(payee.hired_on, credit.date) > 6 then 110% else 90%"
        lines += ["    multiply:", f"      seniority: {factor}"]
    unit = random.choice(("period", "month", "quarter", "year"))
    lines += ["  steady:", f"    per: {unit}", f"    pay: {random.choice(WINDOWED)}"]
    capped = ("at least 1 USD per period", f"at most 90 USD per {unit}", "at most 200 USD per year")
    lines += _listed("limit", random.sample(capped, random.choice((0, 1, 2))))
    if random.random() < 0.5:
        lines += [
            "  podium:",
            f"    per: {unit}",
            "    when: ytd >= 0 USD",
            "    pay:",
            "      rank: attainment",
            f"      among: {random.choice(('plan', 'same payee.title'))}",
            f"      ties: {random.choice(('share', 'next', '[lifetime]', '[unit_count, lifetime]'))}",
            "      prizes:",
            "        - {prize: 120 USD, when: attainment > 10%}",
            "        - {prize: 60 USD}",
        ]
    return lines


def _wide(entries: tuple[str, ...]) -> list[str]:
    """Entries of a list over several lines: in flow braces an expression may not hold a comma or a condition."""
    found: list[str] = []
    for entry in entries:
        pairs = re.split(r", (?=share: |on: |each: )", entry.removeprefix("- {").removesuffix("}"))
        found += [f"- {pairs[0]}", *(f"  {pair}" for pair in pairs[1:])]
    return found


def _listed(key: str, entries: list[str]) -> list[str]:
    return [f"    {key}:", *(f"      - {entry}" for entry in entries)] if entries else []


def _settled(text: str, random: Random) -> str:
    """Other words under `settle`: the order of recovery, the day of the rate."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.append(line)
        if line == "settle:" and random.random() < 0.5:
            lines.append(f"  order: [{random.choice(ORDERS)}]")
        if line == "  pay_in: payee.pay_currency" and "\n  convert: " not in text and random.random() < 0.3:
            lines.append("  convert: pay_date")
    return "\n".join(lines) + "\n"


def in_currency(text: str, currency: str) -> str:
    """The plan in another currency, its amounts with it."""
    return re.sub(r"\bUSD\b", currency, text)


def with_periods(text: str) -> str:
    """For calendars without months and quarters: their units are the period and the year."""
    text = re.sub(r"\bmonth\b(?! to date last)", "period", text)
    text = re.sub(r"(\+ \d+) period\b", r"\1 month", text)
    return re.sub(r"\bquarter\b", "year", text).replace("prorate: months", "prorate: days")


def late(text: str) -> str:
    """Late rows are paid in the open period; such a plan takes nothing back line by line."""
    text = re.sub(r"\n    attainment: \w+", "", text.replace("policy: original_lines", "policy: scale"))
    text = text.replace("\nlate: restate", "")
    return text.replace("\non_transfer: ", "\nlate: current_period\non_transfer: ", 1)
