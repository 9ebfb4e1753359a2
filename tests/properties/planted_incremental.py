"""Couplings and differences that are left out, each in turn: what is taken over is then not what a whole run gives."""

from properties.planted import Fault

INCREMENTAL_FAULTS = (
    Fault("another text of a plan dirties nobody", "actions.dirty", "if names & found.texts:", "if False:", 7),
    Fault("what couples everybody of a plan couples nobody", "actions.dirty", "if together:", "if False:", 7),
    Fault("managers are not coupled with those below", "actions.dirty", "elif coupling.kind is not GroupKind.PLAN:", "elif False:", 5),
    Fault("those whose values are read are not computed", "actions.dirty", "found.works, back=True)", "found.works, back=False)", 5),
    Fault("a limit across the plan couples nobody", "plan.coupling", "case Limit(across_plan=True, text=text):", "case Limit(across_plan=None, text=text):", 7),
    Fault("a sum over a group couples nobody", "plan.coupling", "case Aggregate(group=Group() as group) | ", "case ", 5),
    Fault("credits to whoever matches follow from the row", "plan.coupling", "for stream in plan.streams.values() if not follows_from_rows(stream)]", "for stream in plan.streams.values() if False]", 17),
    Fault("related rows do not count", "actions.affected", "for way in down if way[0] in fresh]", "for way in () if way[0] in fresh]", 36),
    Fault("quotas do not count", "actions.dirty", 'if "quotas" in rows:', "if False:", 90),
    Fault("who comes onto a plan does not count", "actions.dirty", "differing(*(_members(work) for work in works))", "differing(*(_members(work) for work in works)).clear()", 7),
    Fault("balances do not count", "actions.dirty", "{*before.opening} ^ {*after.opening}", "{*()}", 77),
    Fault("adjustments do not count", "actions.dirty", "{*before.decided.adjustments} ^ {*after.decided.adjustments}", "{*()}", 56),
    Fault("who was credited before is forgotten", "actions.dirty", "both = pl.concat([then, now]).unique()", "both = now", 41),
    Fault("who is credited now is not looked for", "actions.dirty", "both = pl.concat([then, now]).unique()", "both = then", 69),
    Fault("rows of a payee stand behind those of others", "actions.incremental", "return in_order(both, by) if by else both", "return both", 0),
)  # fmt: skip
"""Each is found with the case of its seed."""
