"""Couplings and differences that are left out, each in turn: what is taken over is then not what a whole run gives."""

from properties.planted import Fault

INCREMENTAL_FAULTS = (
    Fault("another text of a plan dirties nobody", "actions.dirty", "if names & found.texts:", "if False:", 7),
    Fault("what couples everybody of a plan couples nobody", "actions.dirty", "if together:", "if False:", 7),
    Fault("people of one team are not coupled", "actions.dirty", "if coupling.kind is GroupKind.SAME:", "if False:", 0),
    Fault("managers are not coupled with those below", "actions.dirty", "elif coupling.kind is not GroupKind.PLAN:", "elif False:", 5),
    Fault("those whose values are read are not computed", "actions.dirty", "found.works, back=True)", "found.works, back=False)", 5),
    Fault("a limit across the plan couples nobody", "plan.coupling", "case Limit(across_plan=True, text=text):", "case Limit(across_plan=None, text=text):", 7),
    Fault("a rank couples nobody", "plan.coupling", "case Rank(among=group):", "case Rank(among=None as group):", 0),
    Fault("a pool couples nobody", "plan.coupling", " | ShareOf(group=group):", ":", 0),
    Fault("a value per person of a group couples nobody", "plan.coupling", " | GroupAggregate(group=group) | ", " | ", 0),
    Fault("a sum over a group couples nobody", "plan.coupling", "case Aggregate(group=Group() as group) | ", "case ", 5),
    Fault("credits to whoever matches follow from the row", "plan.coupling", "for stream in plan.streams.values() if not follows_from_rows(stream)]", "for stream in plan.streams.values() if False]", 0),
    Fault("plans that draw on others stand alone", "actions.dirty", "linked = drawn_on(plan) | {plan.name}", "linked = {plan.name}", 0),
    Fault("references are not followed", "actions.affected", "for way in up if way[2] in fresh]", "for way in () if way[2] in fresh]", 0),
    Fault("related rows do not count", "actions.affected", "for way in down if way[0] in fresh]", "for way in () if way[0] in fresh]", 0),
    Fault("rows that are looked up do not count", "actions.dirty", "{table for way in all_ways for table in way.sought} | {workspace.rates}", "{workspace.rates}", 0),
    Fault("exchange rates do not count", "actions.dirty", " | {workspace.rates}", "", 0),
    Fault("quotas do not count", "actions.dirty", 'if "quotas" in rows:', "if False:", 0),
    Fault("who is above whom does not count", "actions.dirty", "differing(*(work.people.ancestors for work in works))", "differing(*(work.people.ancestors for work in works)).clear()", 0),
    Fault("who comes onto a plan does not count", "actions.dirty", "differing(*(_members(work) for work in works))", "differing(*(_members(work) for work in works)).clear()", 7),
    Fault("balances do not count", "actions.dirty", "{*before.opening} ^ {*after.opening}", "{*()}", 0),
    Fault("adjustments do not count", "actions.dirty", "{*before.decided.adjustments} ^ {*after.decided.adjustments}", "{*()}", 0),
    Fault("holds do not count", "actions.dirty", "{*before.decided.holds} ^ {*after.decided.holds}", "{*()}", 0),
    Fault("who was credited before is forgotten", "actions.dirty", "both = pl.concat([then, now]).unique()", "both = now", 0),
    Fault("who is credited now is not looked for", "actions.dirty", "both = pl.concat([then, now]).unique()", "both = then", 0),
    Fault("rows of people who changed stay as they were", "actions.dirty", "affected = pl.concat([source, of_moved])", "affected = pl.concat([source, of_moved.clear()])", 0),
    Fault("managers are credited with nothing", "engine.trace", "if isinstance(stream.to, ToManagers) else []", "if False else []", 0),
    Fault("late rows follow from their row", "plan.coupling", 'if plan.late == "current_period" else []', "if False else []", 0),
    Fault("what earned nothing before still does", "actions.incremental", 'join(old.filter(nobodys), on=every, how="anti")', 'join(old.filter(nobodys).clear(), on=every, how="anti")', 0),
    Fault("rows of a payee stand behind those of others", "actions.incremental", "return in_order(pl.concat([stored.filter(~mine), new.filter(mine)]), by)", "return pl.concat([stored.filter(~mine), new.filter(mine)])", 0),
)  # fmt: skip
"""Each is found with the case of its seed."""
