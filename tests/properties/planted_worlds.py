"""Faults planted in the engine and in posting that only whole worlds show: versions, matches, ratios, closings."""

from properties.planted import Fault

WORLD_FAULTS = (
    Fault("what was posted is posted again", "ledger.posting", 'change=1 - pl.col("count").fill_null(0)', 'change=1 - 0 * pl.col("count").fill_null(0)', 0),
    Fault("what no longer holds stays posted", "ledger.posting", 'change=-pl.col("count")', 'change=0 * pl.col("count")', 0),
    Fault("a corrected amount counts as posted", "ledger.posting", 'given = earnings.join(counts, on=CONTENT, how="left")', 'given = earnings.join(counts.unique(KEY), on=KEY, how="left")', 0),
    Fault("what was released is released again", "ledger.entries", "due.get(key, 0) - released.get(key, 0)", "due.get(key, 0)", 0),
    Fault("what was taken back is granted", "ledger.entries", 'pl.when(pl.col("sign") < 0).then(-pl.col("amount"))', 'pl.when(pl.col("sign") < 0).then("amount")', 0),
    Fault("foreign receipts are converted before they are divided", "ratio", "alike = first.is_null() | (first == last)", "alike = first.is_null()", 15),
    Fault("mixed receipts are divided as they stand", "ratio", "alike = first.is_null() | (first == last)", "alike = pl.lit(True)", 18),
    Fault("a version that has ended tells its measures", "measure", "plan.start <= period.end <= plan.end", "plan.start <= period.end", 1),
    Fault("a full window ends on the day", "aggregate", "if not node.window.to_date:", "if False:", 4),
    Fault("each part is released as if it were the first", "release", '(pl.col("@so_far") - pl.col("@so_far").shift(1).over(own).fill_null(ZERO_))', 'pl.col("@so_far")', 0),
    Fault("what waits is paid below the minimum", "settle", 'pl.col("payable") < pl.col("least")', 'pl.col("payable") < lit(0)', 3),
    Fault("one version draws on another", "credit", "if source.plan == plan.name:", "if False:", 38),
    Fault("what a later limit cuts from a carried sum is counted", "aggregate", "return carried | (limited & alone)", "return carried", 57),
    Fault("a version limits the periods of another", "settle", '.filter(pl.col("wend").is_between(pl.lit(plan.start), pl.lit(plan.end)))', '.filter(pl.col("wend") <= pl.lit(plan.end))', 71),
    Fault("the rule with most filled cells fits best", "lookup", "for row in filled.unique()}, reverse=True)", "for row in filled.unique()}, key=lambda p: (sum(p), p[::-1]), reverse=True)", 47),
    Fault("rules are looked up before they are in force", "lookup", "return hits.filter(started & (", "return hits.filter((", 41),
    Fault("an owed draw grows without limit", "settle", "pl.min_horizontal(added, room)", "added", 41),
)  # fmt: skip
"""Each is found in two closings of the world of its seed."""
