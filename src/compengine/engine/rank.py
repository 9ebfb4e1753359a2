"""Contests: who takes which prize.

The contestants of one window and group are few; places are given in a plain loop over them, everything before and
after it in columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from compengine.engine.evaluate import evaluate
from compengine.engine.read import rows_of
from compengine.engine.work import Scene
from compengine.plan.typed import Component, GroupKind, Rank
from compengine.values.exact import add
from compengine.values.frames import EXACT
from compengine.values.money import minor_unit
from compengine.values.rounding import round_to, split


@dataclass(frozen=True, slots=True)
class Contestant:
    index: int
    payee: str
    score: tuple[Decimal, ...]
    prizes: tuple[Decimal, ...]
    meets: tuple[bool, ...]


def ranked(scene: Scene, frame: pl.DataFrame, component: Component, rank: Rank) -> pl.DataFrame:
    """Rows of the prizes: the frame's columns, and part, kind, basis, rate, units and `@exact`."""
    nodes = {"@score0": rank.by} | {f"@score{n + 1}": t for n, t in enumerate(rank.tiebreak)}
    nodes |= {f"@prize{n}": p.prize for n, p in enumerate(rank.prizes)}
    nodes |= {f"@meets{n}": p.when for n, p in enumerate(rank.prizes) if p.when is not None}
    found = evaluate(scene, frame, nodes)
    for name in nodes:
        scene.work.faults.tell(found, f"{name}!", "source", "payee")
    scene.work.faults.stop()
    key = pl.Series([""], dtype=pl.String).new_from_index(0, len(found))
    if rank.among.kind is GroupKind.SAME:
        column = scene.work.snapshot.frame("payees")[rank.among.column]
        key = column.gather(rows_of(scene, "payees", found["payee"], found["asof"])).cast(pl.String).fill_null("")
    found = found.with_columns(key.alias("@key"))
    taken: list[tuple[int, str, Decimal]] = []
    for _, group in found.group_by("source", "@key", maintain_order=True):
        taken += _places(scene, group["source"][0], list(_contestants(group, rank)), rank)
    table = pl.DataFrame(taken, schema={"@i": pl.UInt32, "part": pl.String, "@exact": EXACT}, orient="row")
    none = frame.join(table, on="@i", how="anti").with_columns(pl.lit("no prize left").alias("by"))
    scene.work.exclude(scene.plan.name, component.name, none)
    return frame.join(table, on="@i", how="inner", maintain_order="left").with_columns(
        pl.lit("prize").alias("kind"),
        pl.col("@exact").alias("basis"),
        pl.lit(1).cast(EXACT).alias("rate"),
        pl.lit(scene.plan.currency).alias("basis_unit"),
        pl.lit("").alias("rate_unit"),
    )


def _contestants(group: pl.DataFrame, rank: Rank) -> Iterator[Contestant]:
    for row in group.iter_rows(named=True):
        yield Contestant(
            row["@i"],
            row["payee"],
            tuple(row[f"@score{n}"] for n in range(len(rank.tiebreak) + 1)),
            tuple(row[f"@prize{n}"] for n in range(len(rank.prizes))),
            tuple(p.when is None or bool(row[f"@meets{n}"]) for n, p in enumerate(rank.prizes)),
        )


def _places(scene: Scene, window: str, people: list[Contestant], rank: Rank) -> list[tuple[int, str, Decimal]]:
    """(index, place in the list of prizes, amount) of those who take one."""
    unit = minor_unit(scene.plan.currency)
    left = list(range(len(rank.prizes)))
    taken: list[tuple[int, str, Decimal]] = []
    people = sorted(people, key=lambda c: c.payee.encode())
    for score in sorted({c.score for c in people}, reverse=True):
        tied = [c for c in people if c.score == score]
        meets = [[n for n in left if c.meets[n]] for c in tied]
        if not any(meets):
            continue
        if len(tied) > 1 and (rank.tiebreak or any(m != meets[0] for m in meets)):
            names = ", ".join(c.payee for c in tied)
            why = "are still tied after the tiebreak" if rank.tiebreak else "are tied but meet different prizes"
            scene.work.faults.add("E510", f"{names} {why} in {window}", rank.by, window)
            continue
        first = meets[0][0]
        used = [first]
        if len(tied) > 1 and rank.ties == "share":
            used = meets[0][: len(tied)]
            pool = Decimal(0)
            for n in used:
                pool = add(pool, round_to(tied[0].prizes[n], unit, scene.plan.rounding))
            parts = split(pool, [(c.payee, Decimal(1)) for c in tied], unit)
            taken += [(c.index, str(first + 1), part) for c, part in zip(tied, parts, strict=True)]
        else:
            if rank.ties == "all":
                used = meets[0][: len(tied)]
            taken += [(c.index, str(first + 1), c.prizes[first]) for c in tied]
        left = [n for n in left if n not in used]
    return taken
