"""Working days, rules of quotas and rates of conversion, put into a generated plan and company afterwards: their own
draws stay what they are."""

from datetime import date
from random import Random

from properties.companies import DAY, Rows

SPREADS = (
    "period.number",
    "season(period.number)",
    "if period.start < 2026-03-01 then 1.5 else 4",
    "max(period.number - 2, 0)",
    "1 / period.number",
    'lookup(rates.percent, type = "new", team = "north") default 50%',
)
SHARES = (
    "payee.ramp",
    "ramp(max(months_between(payee.hired_on, period.start), 0))",
    "payee.level / 3",
    'if payee.title == "Lead" then 0% else 100%',
    'lookup(rates.percent, type = "renewal", team = payee.team) default 70%',
    "if period.end >= payee.hired_on + 12 months then payee.ramp else 25%",
)
TABLES = (
    "  season: {by: [number], steps: {1: 1, 3: 0, 4: 2.25, 20: 0.5}}",
    "  ramp: {by: [number], steps: {0: 25%, 6: 33.3%, 12: 100%}}",
)


def ruled(text: str, random: Random) -> str:
    """The plan `text` with some of them; half of all plans stay as they are."""
    if random.random() < 0.5:
        return text
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("prorate: ") and random.random() < 0.5:
            line = "prorate: working days"
        if line == "tables:":
            lines += _quotas(random)
        lines.append(line)
        if line == "tables:":
            lines += TABLES
        if line == "    from: deals" and random.random() < 0.5:
            lines.append("    convert: plan_rate")
        if line == "  pay_in: payee.pay_currency" and random.random() < 0.7:
            lines.append(f"  convert: {random.choice(('period_average', 'plan_rate'))}")
    return "\n".join(lines) + "\n"


def _quotas(random: Random) -> list[str]:
    lines = []
    for name in ("bookings", "units"):
        rule = []
        if random.random() < 0.5:
            rule.append(f"    spread: {random.choice(SPREADS)}")
        if random.random() < 0.5:
            rule.append(f"    share: {random.choice(SHARES)}")
        if rule:
            lines += [f"  {name}:", *rule]
    return ["quotas:", *lines] if lines else []


def foreign(rows: Rows, random: Random) -> Rows:
    """The company with quotas cut in two, quotas and goals in euro, and rates given the other way round."""
    quotas = []
    for row in rows["quotas"]:
        first, last = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
        if first.year == 2026 and random.random() < 0.2:
            row = {**row, "amount": row["amount"].replace("USD", "EUR")}
        if first.year == 2026 and random.random() < 0.4:
            cut = first + random.randint(1, (last - first).days) * DAY
            quotas += [{**row, "to": str(cut - DAY)}, {**row, "from": str(cut)}]
        else:
            quotas.append(row)
    payees = [{**row, "goal": f"{row['goal']} EUR"} if random.random() < 0.1 else row for row in rows["payees"]]
    fx = rows["fx"]
    if random.random() < 0.4:
        days = [row["date"] for row in fx if random.random() < 0.4]
        fx = [*fx, *({"from": "USD", "to": "EUR", "date": d, "rate": f"0.{random.randint(80, 99)}1"} for d in days)]
    return {**rows, "quotas": quotas, "payees": payees, "fx": fx}
