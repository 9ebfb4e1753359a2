"""What a seed gives: a plan that checks, a company, a period, and what stood before it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.render import render
from compengine.source.text import Text
from compengine.values.exact import exact
from compengine.values.periods import Window
from compengine.values.rows import Balance
from properties.companies import company
from properties.generated_carry import carrying
from properties.generated_plans import plan
from properties.generated_quotas import foreign, ruled


@dataclass(frozen=True, slots=True)
class Generated:
    program: Program
    snapshot: Snapshot
    period: Window
    opening: tuple[Balance, ...]


def the_workspace() -> Workspace:
    path = Path(__file__).parent / "workspace.yaml"
    return read_workspace(Text("workspace.yaml", path.read_text(encoding="utf-8")))


def generated(workspace: Workspace, seed: int) -> Generated:
    """Every plan that is put together must be one that the checker takes."""
    random = Random(seed)
    rules = Random(f"quotas {seed}")
    own = carrying(plan(random), Random(f"carry {seed}"))
    text = Text("generated.yaml", ruled(own, rules))
    program, diagnostics = check([text], workspace)
    assert program is not None, "\n".join(render(d, {text.path: text}) for d in diagnostics)
    rows = company(random)
    snapshot = from_rows(workspace, rows if text.content == own else foreign(rows, rules))
    day = random.choice((date(2026, 3, 31), date(2026, 5, 15)))
    opening = _balances(random)
    if program.plans[0].settle.convert != "pay_date":  # nobody knows in which currency p9 is paid
        opening = tuple(balance for balance in opening if balance.payee != "p9")
    return Generated(program, snapshot, program.plans[0].calendar.window("period", day), opening)


def _balances(random: Random) -> tuple[Balance, ...]:
    """Debts, waiting sums, and what was released."""
    found = []
    for payee in ("p0", "p1", "p2", "p9"):
        for account, sign in (("owed", -1), ("carried", -1), ("waiting", 1), ("released", 1)):
            if random.random() < 0.4:
                amount = exact(sign * random.randint(0, 90_000)) / 100
                found.append(Balance(payee, "generated", account, "USD", exact(amount)))
    return tuple(found)
