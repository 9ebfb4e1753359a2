"""What a plan must say is asked for, never guessed."""

from pathlib import Path

import pytest

from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.source.text import Text

HERE = Path(__file__).parent
WORKSPACE = read_workspace(Text("compengine.yaml", (HERE / "compengine.yaml").read_text(encoding="utf-8")))


def plan_of(folder: str) -> str:
    return (HERE / folder / "plan.yaml").read_text(encoding="utf-8")


def codes(content: str) -> list[str]:
    return [diagnostic.code for diagnostic in check([Text("plan.yaml", content)], WORKSPACE)[1]]


@pytest.mark.parametrize(
    ("folder", "said", "code"),
    [
        pytest.param("tier-mode-whole", "      mode: whole\n", "E301", id="tier-mode"),
        pytest.param("interpolation-curve", "below: 2 USD, ", "E308", id="interpolation-below"),
        pytest.param("interpolation-curve", ", above: continue", "E308", id="interpolation-above"),
        pytest.param("interpolation-cumulative", ", end: 3_000", "E308", id="interpolation-end"),
        pytest.param("tier-mode-whole", ", year to date", "E208", id="window-of-a-sum"),
        pytest.param("tier-mode-mixed", ", year)", "E208", id="window-of-a-quota"),
        pytest.param("rollup-as-of-date", "    shares_total: overlay\n", "E306", id="split-overlay"),
        pytest.param("return-scale", "    policy: scale\n", "E301", id="return-policy"),
        pytest.param("return-original-lines-kept", "    attainment: kept\n", "E301", id="return-attainment"),
        pytest.param("draw-top-up", "kind: top-up, ", "E301", id="draw-kind"),
        pytest.param("draw-top-up", "recover: 100%, ", "E301", id="draw-recover"),
        pytest.param("draw-top-up", ", at_end: owed", "E301", id="draw-at-end"),
        pytest.param("draw-top-up", "  negative: carry\n", "E301", id="negative-with-a-draw"),
        pytest.param("contest-tie-share", "      ties: share\n", "E301", id="contest-tie"),
        pytest.param("missing-with-a-value", " default deal.owner", "E205", id="missing-recipient"),
        pytest.param("missing-with-a-value", " default 2%", "E205", id="missing-lookup"),
        pytest.param("missing-with-a-value", " else 0%", "E201", id="missing-else"),
        pytest.param("window-kinds", " default 0 USD", "E205", id="missing-maximum"),
    ],
)
def test_a_plan_silent_on_a_choice_is_refused(folder: str, said: str, code: str) -> None:
    content = plan_of(folder)
    assert said in content
    assert codes(content) == []
    assert set(codes(content.replace(said, ")" if said.endswith(")") else ""))) == {code}


def test_a_window_that_is_open_is_not_used_before_it_closes() -> None:
    content = plan_of("tier-mode-one-rate")
    assert codes(content.replace("sum(sold, year to date)", "sum(sold, year)")) == ["E207", "E207"]
    assert codes(plan_of("window-kinds").replace("{per: quarter,", "{per: month,")) != []


@pytest.mark.parametrize(
    ("folder", "key", "default"),
    [
        ("rounding-half-up-per-row", "rounding", "half-up per row"),
        ("mid-period-prorate-days", "prorate", "days"),
        ("late-deal-restate", "late", "restate"),
    ],
)
def test_a_default_said_is_the_same_plan_as_one_left_out(folder: str, key: str, default: str) -> None:
    lines = [line for line in plan_of(folder).splitlines() if not line.startswith(f"{key}: ")]
    at = next(n for n, line in enumerate(lines) if line.startswith("payees:"))
    said = "\n".join([*lines[:at], f"{key}: {default}", *lines[at:]]) + "\n"
    silent = "\n".join(lines) + "\n"
    one, other = (check([Text("plan.yaml", text)], WORKSPACE)[0] for text in (said, silent))
    assert one is not None and other is not None
    assert getattr(one.plans[0], key) == getattr(other.plans[0], key)
