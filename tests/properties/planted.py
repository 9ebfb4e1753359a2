"""Faults planted in the columnar engine, one at a time: text of a module that is replaced while a fault is planted."""

import inspect
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Fault:
    """`seed` makes a plan and a company on which the fault shows."""

    name: str
    module: str
    old: str
    new: str
    seed: int


FAULTS = (
    Fault("a membership ends a day early", "people", "ends.gather(begun) >= asked", "ends.gather(begun) > asked", 68),
    Fault("ties round to even where the plan says up", "columns", "return x.round(places, mode=_MODE[mode])", 'return x.round(places, mode="half_to_even")', 1),
    Fault("a bound belongs to the band below", "scale", "x >= b if scale.boundary_upper else x > b", "x > b if scale.boundary_upper else x >= b", 15),
    Fault("before a credit is after it", "evaluate", "isinstance(node, After))", "isinstance(node, Before))", 5),
    Fault("a scale starts where it ends", "scale", "scene.stream, after=False)", "scene.stream, after=True)", 7),
    Fault("a rolling window is a day too long", "windows", "add_months(at, -window.length.months) + _DAY, at", "add_months(at, -window.length.months), at", 45),
    Fault("quotas ignore when somebody joined", "lengths", 'if scene.plan.prorate == "none":', 'if True:', 1),
    Fault("limits run in the order of ids", "limit", "items = items.sort(ORDER)", 'items = items.sort("source", "payee")', 18),
    Fault("first n keeps one more", "limit", 'place < pl.col("@count")', 'place <= pl.col("@count")', 19),
    Fault("a minimum is also a maximum", "limit", 'if limit.kind == "at most" else pl.max_horizontal', 'if limit.kind != "first" else pl.max_horizontal', 4),
    Fault("what is clawed back is released like the original", "release", 'pl.max_horizontal("on", "date")', 'pl.col("on")', 19),
    Fault("a second reversal starts from nothing", "reversal", 'pl.col("after").shift(1).over("@n").fill_null(ZERO_).alias("before")', 'pl.lit(0).cast(EXACT).alias("before")', 58),
    Fault("a reversal counts once more", "reversal", 'pl.lit(0, dtype=pl.Int32).alias("counts"),', 'pl.lit(1, dtype=pl.Int32).alias("counts"),', 4),
    Fault("the rate of the next day is taken", "read", '.filter(pl.col("date") <= pl.col("day"))', '.filter(pl.col("date") <= pl.col("day") + pl.duration(days=7))', 1),
    Fault("the last cent goes to the last name", "columns", '.sort([*group, "takes", "rest", "tie"], descending=[*[False] * len(group), True, True, False])', '.sort([*group, "takes", "rest", "tie"], descending=[*[False] * len(group), True, True, True])', 4),
    Fault("recovery digs below the draw", "settle", 'pl.max_horizontal(pl.col("base") - pl.col("floor"), ZERO_).alias("excess")', 'pl.col("base").alias("excess")', 82),
    Fault("the person below is the person at the bottom", "people", 'pl.col("ancestor").alias("via"),\n                "first",', 'pl.col("payee").alias("via"),\n                "first",', 1),
    Fault("a multiplier is applied whole", "earn", '(pl.col("@factor") - ONE_).alias("rate")', 'pl.col("@factor").alias("rate")', 1),
    Fault("a window starts on its first day", "points", '(pl.col("wstart") - timedelta(days=1)).alias("upto")', 'pl.col("wstart").alias("upto")', 1),
    Fault("shared rounding favours the smallest remainder", "rows", '[*group, "@rest", "date", "source", "@at"], descending=[False, False, True, False, False, False]', '[*group, "@rest", "date", "source", "@at"], descending=[False, False, False, False, False, False]', 4),
    Fault("a year from a date is a calendar year", "limit", "labels = [anniversary_year(a, d).label for a, d in distinct.iter_rows()]", "labels = [str(d.year) for a, d in distinct.iter_rows()]", 25),
    Fault("the last month is never complete", "expression", 'pl.when(reached).then(0)', 'pl.when(reached).then(1)', 60),
    Fault("a curve ends at its last point", "expression", "value = line(points[-2], points[-1]) if len(points) > 1 else", "value = lit(points[-1][1]) if len(points) > 1 else", 5),
    Fault("whole bands rate only what is above them", "scale", 'found = pl.when(reached >= k).then(pl.lit(k, dtype=pl.Int32)).otherwise(found)', 'found = pl.when(reached > k).then(pl.lit(k, dtype=pl.Int32)).otherwise(found)', 1),
    Fault("a component's name decides its order", "aggregate", "if isinstance(rule.per, PerCredit):  # what", "if False:  # what", 9),
    Fault("a fixed span ends on the day", "aggregate", 'pl.when(uncut).then("we")', 'pl.when(uncut).then("until")', 1),
    Fault("the latest position is that of the credit", "scale", "    if scale.window is None:\n        return found.with_columns", "    if True:\n        return found.with_columns", 1),
    Fault("what is carried comes a window early", "carry", '(pl.col("@sum") - lowest).shift(1).over(_GROUP)', '(pl.col("@sum") - lowest)', 0),
    Fault("an open window pays what is carried", "carry", '(pl.col("wend") <= pl.lit(last)).alias("@pays")', 'pl.lit(True).alias("@pays")', 0),
    Fault("a rolling window is rated as of today", "scale", 'ends = by_day(frame["date"], lambda d: calendar.window("period", d))["end"]', "ends = pl.Series([LAST], dtype=pl.Date).new_from_index(0, len(frame))", 44),
    Fault("holidays are worked", "lengths", ' & ~pl.col("day").is_in(free.implode())', "", 4),
    Fault("every weekend is Saturday and Sunday", "lengths", "weekday.is_in(sorted(calendar.weekend))", "weekday.is_in([5, 6])", 2),
    Fault("a part of a period weighs like a whole one", "spread", 'weight = quotient(pl.col("@spread") * pl.col("l").cast(EXACT), pl.col("@whole").cast(EXACT))', 'weight = pl.col("@spread")', 2),
    Fault("the heaviest period stands for all", "spread", 'pl.col("@w").sum().over("@q")', 'pl.col("@w").max().over("@q")', 0),
    Fault("everybody carries a whole quota", "spread", 'spread * pl.col("share") * d', 'spread * d', 0),
    Fault("the share is that of the first day", "spread", 'once.with_columns(pl.col("wend").alias("t"))', 'once.with_columns(pl.col("wstart").alias("t"))', 13),
    Fault("foreign amounts keep the rate of their day", "read", '.convert == "plan_rate"', '.convert == ""', 2),
    Fault("pay at the plan's rate is paid at that of the day", "payment", 'if plan.settle.convert == "plan_rate"', 'if plan.settle.convert == ""', 13),
    Fault("the average is the last rate", "payment", 'quotient(pl.col("rate").sum(), pl.len().cast(EXACT))', 'pl.col("rate").last()', 11),
)  # fmt: skip


LATE_FAULTS = (
    Fault("restating plans pay late rows in the open period", "late", "plan.late != CURRENT or end is None", "end is None", 0),
    Fault("late rows keep their day", "late", '.then(pl.lit(first)).otherwise("date")', '.then("date").otherwise("date")', 0),
    Fault("what was added before is forgotten", "late", 'stood.group_by("payee", "of")', 'stood.filter(pl.col("source") == pl.col("of")).group_by("payee", "of")', 0),
    Fault("what is gone stays credited", "late", 'pl.col("amount").fill_null(ZERO_) - pl.col("@stood")', 'pl.col("amount").fill_null(pl.col("@stood")) - pl.col("@stood")', 0),
    Fault("rows of before the plan come late", "late", "pl.when(ours & (", "pl.when((", 2),
    Fault("a further credit is counted", "late", "pl.when(alone)", 'pl.when(pl.col("reverses") == "")', 0),
    Fault("a further credit has a limit of its own", "limit", 'pl.when(pl.col("corrects") == "").then(pl.col("source"))', 'pl.when(pl.lit(True)).then(pl.col("source"))', 0),
    Fault("a further credit is one of the first by itself", "limit", '(pl.col("reverses") == "") & (pl.col("corrects") == "")', 'pl.col("reverses") == ""', 2),
)  # fmt: skip
"""Of plans with `late`; the seed makes a history."""


def module_of(fault: Fault) -> types.ModuleType:
    """`module` is one of the engine, or of the package it names: `ledger.posting`."""
    return import_module(f"compengine.{fault.module if '.' in fault.module else f'engine.{fault.module}'}")


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """While in force, the module's functions run the changed text, whoever imported them."""
    module = module_of(fault)
    source = inspect.getsource(module)
    assert source.count(fault.old) == 1, (
        f"{fault.name}: the text stands {source.count(fault.old)} times in {fault.module}"
    )
    changed: dict[str, object] = {"__name__": module.__name__, "__file__": module.__file__}
    exec(compile(source.replace(fault.old, fault.new), str(module.__file__), "exec"), changed)
    kept = {}
    for name, function in vars(module).items():
        if isinstance(function, types.FunctionType) and function.__module__ == module.__name__:
            other = changed[name]
            assert isinstance(other, types.FunctionType)
            kept[name] = function.__code__
            function.__code__ = other.__code__
    try:
        yield
    finally:
        for name, code in kept.items():
            getattr(module, name).__code__ = code
