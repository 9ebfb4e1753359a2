"""Faults planted in what both engines do with decisions of people, and in what a hold is on."""

from properties.planted import Fault

FAULTS = (
    Fault("an adjustment is paid before its period", "engine.decided", "if last <= horizon.end:", "if True:", 0),
    Fault("an adjustment is dated by its code", "engine.decided", "one.id, one.code", "one.code, one.id", 0),
    Fault("a hold reaches what was released", "engine.decided", 'pl.col("@gone").fill_null(False) |', "", 0),
    Fault("a hold is on every payee", "engine.decided", 'pl.col("payee") == hold.payee', "pl.lit(True)", 0),
    Fault("a hold of a deal misses what hangs on it", "engine.decided", "(source == hold.source) | below", "source == hold.source", 7),
    Fault("the oracle forgets what takes back", "oracle.decided", "for adjustment in adjustments:", "for adjustment in [a for a in adjustments if a.amount > 0]:", 0),
    Fault("the oracle pays adjustments when they are asked for", "oracle.decided", "if period.end > book.calculation.horizon.end:", "if False:", 0),
    Fault("the oracle holds what was released", "oracle.decided", "same not in before and", "", 0),
    Fault("both forget the component of a hold", "values.decided", 'and hold.component in ("", component)', "", 0),
)  # fmt: skip
