"""What `late: current_period` goes with: credits that were posted stay, so nothing may take their rows back."""

from collections.abc import Sequence

from compengine.plan import written as w
from compengine.source.diagnostic import Diagnostic, Place
from compengine.source.shape import note


def check_late(plans: Sequence[w.Plan], found: list[Diagnostic]) -> None:
    """E302 for a clawback that the plan cannot have, and for versions of one plan that treat late rows in two ways."""
    for at, plan in enumerate(plans):
        if plan.words["late"] == "current_period":
            for rule in plan.clawback:
                _check_clawback(plan, rule, found)
        for earlier in plans[:at]:
            if plan.name is not None and earlier.name is not None and plan.name.value == earlier.name.value:
                _check_versions(plan, earlier, found)


def _check_clawback(plan: w.Plan, rule: w.Clawback, found: list[Diagnostic]) -> None:
    if rule.policy != "original_lines":
        return
    message = f"{rule.name.value} takes back lines of closed periods, and late: current_period leaves those as they are"
    others = (Place(plan.keys["late"], note="late rows are kept out of them here"),)
    help = "write policy: scale or policy: recompute, or late: restate"
    note(found, "E302", message, rule.keys["policy"], help, others)


def _check_versions(plan: w.Plan, earlier: w.Plan, found: list[Diagnostic]) -> None:
    one, other = plan.words["late"], earlier.words["late"]
    if one == other:
        return
    assert plan.name is not None and earlier.name is not None
    here, there = plan.keys.get("late", plan.name.span), earlier.keys.get("late", earlier.name.span)
    message = f"two versions of plan {plan.name.value} treat late rows in two ways: {other}, then {one}"
    note(found, "E302", message, here, "say the same in both", (Place(there, note="the other is here"),))
