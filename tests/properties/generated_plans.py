"""Generated plans: texts put together from the parts of the language, so that the checker is on the way too."""

from random import Random

PER_CREDIT_WHEN = (
    'deal.type == "new"',
    'deal.type in ("new", "expansion") and deal.term >= 12',
    "credit.amount > 1_000 USD",
    "deal.live_on is not empty and deal.live_on >= credit.date",
    "attainment >= 20%",
    "not (deal.term < 12) or credit.share < 60%",
    "credit.date in 2026-Q1",
    "payee.level > 80%",
    "count(deal.payments) >= 1",
    "months_between(payee.hired_on, credit.date) >= 2",
    'deal.owner.team == "north"',
)
POSITIONS = ("attainment", "qtd / quota(bookings, quarter)", "ytd", "credit.amount", "unit_count", "trailing")
RATES = (
    "7.5%",
    "steps_of(attainment)",
    "steps_of(after(attainment))",
    "curve_of(before(attainment))",
    "by_type(deal.type)",
    "by_two(deal.type, max(attainment, 0%))",
    "if ytd > 20_000 USD then 8% else 4%",
    "if before(counted) > 2_000 USD then 2% else 1%",
    "if after(counted) > 2_000 USD then 2% else 1%",
    "lookup(rates.percent, type = deal.type, team = payee.team) default 3%",
    "payee.level / 10",
    "round(deal.term / 36, 0.05)",
    "if deal.live_on is not empty and months_between(credit.date, deal.live_on) >= 1 then 9% else 5%",
)
PAYS = (
    "250 USD",
    "worth(credit.amount)",
    "credit.amount * 1% + 10 USD",
    "max(credit.amount - deal.cost, 0 USD) / 10",
    "deal.units * 12.5 USD",
)
WINDOW_PAYS = (
    "if count(bookings, {w}) > 1 then 100 USD else 0 USD",
    "share_of(max(sum(bookings, {w}, plan), 0 USD) * 1%, payee.weight, plan)",
    "share_of(1_000 USD, payee.weight + 0.25, same payee.team)",
    "(max(bookings, {w}) default 0 USD) * 1%",
    "(average(bookings, {w}) default 0 USD) * 2%",
    "(max(main, {w}) default 0 USD) * 3% + count(main, {w}) * 1 USD",
    "days_on_plan({w}) * 1 USD + days_in({w}) * 0.10 USD",
)
LIMITS = (
    "at most 400 USD per credit",
    "at least 20 USD per credit",
    "at most 900 USD per {unit}",
    "at least 150 USD per {unit}",
    "at most 700 USD per {unit} by deal.type",
    "at most payee.goal per year from payee.hired_on",
    "at most 1_500 USD per life across plan",
    "first 2 per {unit}",
    "first 3 per life by deal.customer",
)
MEASURES = {
    "counted": "sum(aaa, year to date) + sum(zzz, quarter to date)",
    "ytd": "sum(bookings, year to date)",
    "qtd": "sum(bookings, quarter to date)",
    "attainment": "sum(bookings, year to date) / quota(bookings, year)",
    "unit_count": "count(bookings, year to date)",
    "trailing": "sum(bookings, rolling 3 months)",
    "lifetime": "sum(bookings, life to date)",
    "by_team": "sum(bookings, quarter to date, same payee.team)",
    "below": "sum(bookings, year to date, downline)",
    "team_quota": "sum(quota(bookings, year) * payee.ramp, reports)",
    "people": "count(payee.level > 80%, plan)",
    "new_only": 'sum(bookings where deal.type == "new", year to date)',
    "anniversary": "sum(bookings, year from payee.hired_on to date)",
    "prior": "sum(bookings, previous month) + sum(bookings, month last year)",
    "progress": "quota(bookings, year to date)",
    "unit_part": "count(bookings, quarter to date) / quota(units, quarter)",
}


MATCHING = (
    'payee.team == deal.owner.team and payee.title == "Lead"',
    'deal.type == "new" and payee.title != "Rep"',
    "payee.level > 100% or payee.goal > deal.acv",
)


def plan(random: Random, name: str = "generated") -> str:
    calendar = random.choice(("monthly", "monthly", "monthly", "fiscal", "halves", "weekly", "retail"))
    who = random.choice(("payee.level > 0%", 'payee.title in ("Rep", "Senior")', 'payee.team == "north"'))
    lines = [
        f"plan: {name}",
        "currency: USD",
        "effective: 2026-01-01 to 2026-12-31",
        f"pay_period: {calendar}",
        f"payees: {who}",
        f"rounding: {random.choice(('half-up', 'half-even'))} per {random.choice(('row', 'row', 'component'))}",
        f"prorate: {random.choice(('days', 'months', 'none'))}",
        f"on_transfer: {random.choice(('carry', 'reset'))}",
        "tables:",
        _tables(random),
        "credits:",
        *_bookings(random),
        *_others(random),
        "measures:",
        *[f"  {key}: {value}" for key, value in MEASURES.items()],
        "earn:",
        *_components(random, calendar),
        *_clawback(random),
        *_settle(random),
    ]
    return "\n".join(lines) + "\n"


def _tables(random: Random) -> str:
    boundary = random.choice(("upper", "lower"))
    return "\n".join(
        [
            "  steps_of:",
            "    by: [percent]",
            f"    boundary: {boundary}",
            "    steps: {-100000%: 1%, 0%: 2%, 50%: 4%, 100%: 6%}",
            "  curve_of: {by: [percent], curve: {below: 0%, 0%: 1%, 50%: 5%, 100%: 10%, above: "
            + random.choice(("continue", "12%"))
            + "}}",
            "  by_type: {by: [text], steps: {new: 8%, renewal: 3%, otherwise: 5%}}",
            "  by_two:",
            "    by: [text, percent]",
            "    steps:",
            "      new: {0%: 5%, 80%: 9%}",
            "      renewal: {0%: 2%, 100%: 4%}",
            "      otherwise: {0%: 1%}",
            "  worth:",
            "    by: [money]",
            "    cumulative: {0 USD: 10 USD, 1_000 USD: 40 USD, 5_000 USD: 100 USD, end: 40_000 USD}",
        ]
    )


def _bookings(random: Random) -> list[str]:
    split = random.random() < 0.5
    lines = ["  bookings:", "    from: deals"]
    if split:
        lines.append("    each: deal.splits")
    if random.random() < 0.4:
        lines.append(
            f"    when: {random.choice(('deal.acv > -2_000 USD', 'deal.term >= 12', 'deal.type != chr'))}".replace(
                "chr", '"renewal"'
            )
        )
    lines += [
        "    date: deal.close_date",
        f"    amount: {random.choice(('deal.acv', 'deal.acv', 'deal.acv - deal.cost', 'deal.acv * 1.5'))}",
        f"    to: {'split.payee' if split else 'deal.owner'}",
    ]
    if split:
        share = random.choice(("split.percent", "split.percent", "1 / count(deal.splits)", "split.percent * 0.9"))
        lines.append(f"    share: {share}")
        if share.endswith("0.9"):
            lines.append("    shares_total: at most 100%")
    return lines


def _others(random: Random) -> list[str]:
    return [
        "  team:",
        "    from: bookings",
        "    date: credit.date",
        "    amount: credit.amount",
        f"    to: managers(credit.payee, {random.choice(('1', '1 to 2', '1 to 3'))})",
        f"    share: {random.choice(('100%', '50%', '33%'))}",
        "    shares_total: overlay",
        "  overlay:",
        "    from: deals",
        "    when: deal.live_on is not empty",
        "    date: deal.live_on",
        "    amount: deal.acv",
        f"    to: payees where {random.choice(MATCHING)}",
        "    shares_total: overlay",
        "  sold:",
        "    from: deals",
        "    date: deal.close_date",
        "    amount: deal.units",
        "    to: deal.owner",
        "  kicked:",
        "    from: main",
        "    date: earning.date",
        "    amount: earning.amount + earning.basis * 1%",
        "    to: managers(earning.payee, 1)",
        "    shares_total: overlay",
    ]


def _rate(random: Random) -> list[str]:
    if random.random() < 0.5:
        return [f"    rate: {random.choice(RATES)}"]
    position = random.choice(POSITIONS)
    unit = {"ytd": " USD", "credit.amount": " USD", "trailing": " USD", "unit_count": ""}.get(position, "%")
    bounds = {" USD": (0, 10_000, 25_000), "%": (0, 50, 100), "": (0, 2, 4)}[unit]
    mode = random.choice(("marginal", "marginal", "whole"))
    mixed = mode == "marginal" and random.random() < 0.4
    rates = [f"{random.randint(0, 9)}%" for _ in bounds]
    if mixed:
        rates[1] += " whole"
    bands = ", ".join(f"{bound}{unit}: {rate}" for bound, rate in zip(bounds, rates, strict=True))
    boundary = random.choice(("upper", "lower"))
    return [
        "    rate:",
        f"      position: {position}",
        f"      mode: {mode}",
        f"      boundary: {boundary}",
        f"      bands: {{{bands}}}",
    ]


def _limits(random: Random, units: tuple[str, ...]) -> list[str]:
    chosen = random.sample(LIMITS, random.choice((0, 0, 1, 1, 2, 3)))
    if not chosen:
        return []
    return ["    limit:", *[f"      - {text.format(unit=random.choice(units))}" for text in chosen]]


def _release(random: Random) -> list[str]:
    return random.choice(
        (
            [],
            [],
            ["    release:", "      - {share: 50%, on: deal.close_date}", "      - {share: 50%, on: deal.live_on}"],
            ["    release:", "      - {share: 30%, on: deal.live_on}", "      - {share: 45%, on: deal.cancelled_on}"],
            ["    release:", "      - {each: deal.payments, share: payment.part, on: payment.date}"],
            [
                "    release:",
                "      - share: 40%",
                "        on: credit.date + 2 months",
                "      - share: 1 / 3",
                "        on: credit.date",
            ],
        )
    )


def _components(random: Random, calendar: str) -> list[str]:
    units = {"weekly": ("month", "quarter", "year", "period")}.get(calendar, ("period", "month", "quarter", "year"))
    lines = ["  aaa:", "    paid: no", "    per: credit of bookings", "    of: credit.amount", "    rate: 50%"]
    lines += ["  zzz:", "    paid: no", "    per: credit of bookings", "    of: credit.amount", "    rate: 25%"]
    lines += ["  main:", "    per: credit of bookings"]
    if random.random() < 0.5:
        lines.append(f"    when: {random.choice(PER_CREDIT_WHEN)}")
    bases = ("credit.amount", "credit.amount", "credit.amount - deal.cost", "deal.units * 100 USD")
    lines.append(f"    of: {random.choice(bases)}")
    lines += _rate(random)
    if random.random() < 0.3:
        lines += ["    multiply:", "      fast: 1.5", '      kind: if deal.type == "new" then 120% else 95%']
    lines += _limits(random, units) + _release(random)
    lines += ["  flat:", "    per: credit of bookings", f"    pay: {random.choice(PAYS)}"]
    if random.random() < 0.5:
        lines.append(f"    when: {random.choice(PER_CREDIT_WHEN)}")
    lines += _limits(random, units) + _release(random)
    lines += ["  kicker:", "    per: credit of bookings", "    of: main + flat", "    rate: 12.5%"]
    if random.random() < 0.3:
        lines.append("    paid: no")
    lines += ["  override:", "    per: credit of team", "    of: credit.amount", "    rate: 1% * credit.level"]
    lines += ["  spanned:", "    per: quarter", "    of: sum(bookings, 2026-05)", "    rate: 1%"]
    lines += ["  engineering:", "    per: credit of overlay", "    of: credit.amount", "    rate: 0.5%"]
    lines += ["  per_unit:", "    per: credit of sold", "    of: credit.amount", "    rate: 3.335 USD"]
    lines += ["  upward:", "    per: credit of kicked", "    of: credit.amount", "    rate: 10%"]
    unit = random.choice(("period", "month", "quarter"))
    lines += ["  bonus:", f"    per: {unit}", f"    pay: {random.choice(WINDOW_PAYS).format(w=unit)}"]
    if random.random() < 0.5:
        lines.append(
            f"    when: {random.choice(('people > 1', 'lifetime >= 0 USD', 'ytd > 1_000 USD', 'below >= 0 USD'))}"
        )
    lines += ["  over_time:", f"    per: {unit}", f"    of: sum(bookings, {unit})"]
    lines += [
        "    rate:",
        f"      position: {random.choice(('ytd', f'sum(bookings, {unit})'))}",
        f"      mode: {random.choice(('marginal', 'whole'))}",
        "      bands: {0 USD: 1%, 10_000 USD: 2%, 30_000 USD: 3%}",
        "  moved:",
        f"    per: {unit}",
        "    of: payee.goal",
        "    rate: attainment - before(attainment)",
        "  on_top:",
        f"    per: {unit}",
        "    of: main + bonus",
        "    rate: 5%",
    ]
    if random.random() < 0.6:
        lines += [
            "  contest:",
            f"    per: {unit}",
            "    pay:",
            f"      rank: sum(bookings, {unit})",
            f"      among: {random.choice(('plan', 'same payee.team'))}",
            f"      ties: {random.choice(('share', 'all', 'next'))}",
            "      prizes:",
            "        - {prize: 500 USD}",
            "        - {prize: 300.01 USD}",
            "        - {prize: 100 USD}",
        ]
    return lines


def _clawback(random: Random) -> list[str]:
    policy = random.choice(("none", "original_lines", "scale", "recompute", "original_lines"))
    if policy == "none":
        return []
    lines = ["clawback:"]
    if random.random() < 0.7:
        lines += [
            "  cancelled:",
            "    of: bookings",
            "    when: deal.cancelled_on is not empty and deal.cancelled_on <= credit.date + 120 days",
            "    date: deal.cancelled_on",
            f"    policy: {policy}",
            f"    share: {random.choice(('100%', '1 - days_between(credit.date, deal.cancelled_on) / 120'))}",
        ]
        if policy == "original_lines":
            lines.append(f"    attainment: {random.choice(('kept', 'reduced'))}")
    if random.random() < 0.6 or len(lines) == 1:
        lines += [
            "  refunded:",
            "    of: bookings",
            "    from: refunds",
            "    date: refund.date",
            f"    policy: {policy}",
        ]
        lines.append("    share: refund.part")
        if policy == "original_lines":
            lines.append("    attainment: kept")
    return lines


def _settle(random: Random) -> list[str]:
    lines = ["settle:", f"  negative: {random.choice(('carry', 'collect', 'forgive'))}"]
    if random.random() < 0.3:
        word = random.choice(("at most 1_200 USD", "at least 75 USD"))
        lines += ["  limit:", f"    - {word} per {random.choice(('year', 'quarter', 'period'))}"]
    if random.random() < 0.3:
        lines.append("  minimum: 50 USD")
    if random.random() < 0.4:
        lines.append("  pay_in: payee.pay_currency")
    if random.random() < 0.5:
        lines += [
            "  draw:",
            f"    kind: {random.choice(('top-up', 'additive'))}",
            f"    amount: {random.choice(('500 USD', '40 USD', 'payee.goal / 100'))}",
            "    when: period.end <= 2026-04-30",
            f"    recover: {random.choice(('100%', '50%', '0%'))}",
        ]
        if random.random() < 0.5:
            lines.append("    recover_when: period.start >= 2026-03-01")
        if random.random() < 0.5:
            lines.append("    owed_limit: 800 USD")
        lines.append(f"    at_end: {random.choice(('owed', 'forgiven'))}")
    return lines
