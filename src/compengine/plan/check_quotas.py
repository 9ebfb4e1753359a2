"""What a plan says of the workspace's quotas: how they are spread, and who carries how much of them."""

from collections.abc import Iterable

from compengine.plan import scopes
from compengine.plan import typed as t
from compengine.plan import written as w
from compengine.plan.demands import number, percent_sign
from compengine.plan.expressions import needed
from compengine.plan.scope import Declared
from compengine.plan.windows import calendar_has
from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import note, suggestion


def quota_rules(written: Iterable[w.Quota], declared: Declared, found: list[Diagnostic]) -> dict[str, t.QuotaRule]:
    """By name; what is wrong with others is noted in `found`."""
    spreads, shares = scopes.of_spread(declared, found), scopes.of_share(declared, found)
    quotas = declared.workspace.quotas
    rules: dict[str, t.QuotaRule] = {}
    for rule in written:
        name = rule.name.value
        if name not in quotas:
            help = suggestion(name, list(quotas), "quotas") if quotas else "name it under quotas in compengine.yaml"
            note(found, "E202", f"the workspace names no quota {name}", rule.name.span, help)
        spread = number(needed(rule.spread, spreads), "spread", spreads) if rule.spread else None
        share = number(needed(rule.share, shares), "share", shares) if rule.share else None
        rules[name] = t.QuotaRule(spread, percent_sign(share, "a share", shares), rule.name.span)
    return rules


def check_prorate(plan: w.Plan, declared: Declared, found: list[Diagnostic]) -> None:
    """E209 where lengths are counted in months and the calendar has none."""
    if plan.words["prorate"] == "months" and not calendar_has(declared.calendar, "month"):
        place = plan.keys["prorate"]
        note(found, "E209", f"the calendar {declared.calendar.name} has no month", place, "prorate by days")
