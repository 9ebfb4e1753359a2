"""Limits that carry and positions that roll, put into a generated plan afterwards: its own draws stay what they are."""

from random import Random

EXTRA = {
    "aaa": ("at most 300 USD per {unit} carry", "at most 600 USD per month carry"),
    "zzz": ("at most 200 USD per {unit} carry",),
    "override": ("at most 30 USD per {unit} carry", "at most 20 USD + ytd * 0.1% per quarter carry"),
    "engineering": ("at most 25 USD per {unit} by deal.type carry", "at most payee.goal / 500 per month carry"),
    "per_unit": (
        "at most 5 USD per month by deal.customer carry",
        "at most 40 USD per year from payee.hired_on carry",
        "at most 10 USD per {unit} carry",
    ),
    "upward": ("at most 10 USD per {unit} carry",),
    "bonus": ("at most 60 USD per {unit} carry", "at most payee.goal / 200 per {unit} carry"),
    "over_time": ("at most 90 USD per {unit} carry",),
    "on_top": ("at most 12 USD per {unit} carry", "at most 2% * main per {unit} carry"),
}
"""Limits for components that the plan leaves without any."""
AFTER = (
    "at most 80 USD per quarter",
    "at least 5 USD per month",
    "at most 60 USD per quarter carry",
    "at most 45 USD per month carry",
    "at most 500 USD per life across plan",
    "at least 3 USD per credit",
)


def carrying(text: str, random: Random) -> str:
    """The plan `text` with `carry` behind some of its limits, and some limits and positions more."""
    kept = "policy: original_lines" in text
    units = ("month", "quarter") if "pay_period: weekly" in text else ("period", "month", "quarter")
    found: list[str] = []
    section = name = ""
    for line in text.splitlines():
        if not line.startswith(" "):
            section = line
        elif line.startswith("  ") and not line.startswith("   "):
            name = line.strip().rstrip(":")
        if line == "      position: ytd" and name == "over_time" and random.random() < 0.4:
            line = "      position: trailing"
        found.append(line)
        open_to = name in EXTRA and not (kept and line == "    per: credit of bookings")
        if section == "earn:" and line.startswith("    per: ") and open_to and random.random() < 0.5:
            found += ["    limit:", f"      - {random.choice(EXTRA[name]).format(unit=random.choice(units))}"]
            per_credit = line.startswith("    per: credit")
            after = [x for x in AFTER if per_credit or "per credit" not in x]
            found += [f"      - {x}" for x in random.sample(after, random.choice((0, 0, 1, 2)))]
    lines = found
    for at, line in enumerate(lines):
        component = line.startswith("      - at most ") and not kept
        of_plan = line.startswith("    - at most ")
        if (component or of_plan) and _may_carry(lines, at) and random.random() < 0.7:
            lines[at] += " carry"
    return "\n".join(lines) + "\n"


def _may_carry(lines: list[str], at: int) -> bool:
    """Whether the limit has later windows, and the limits after it need no row."""
    line = lines[at]
    if line.endswith(" carry") or any(word in line for word in ("per credit", "per life", "across plan")):
        return False
    indent = line[: line.index("-")]
    for later in lines[at + 1 :]:
        if not later.startswith(f"{indent}- "):
            return True
        if " by " in later and not later.startswith(f"{indent}- first"):
            return False
    return True
