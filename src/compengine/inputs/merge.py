"""Typed rows of files laid over the rows already there.

Each row of a file ends in one state. Rows are rejected until what is left holds together: a rejected row may leave
another one without what it refers to, and brings back the row it would have replaced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from compengine.inputs.checks import FOREVER, circles, dangling, overlapping, references
from compengine.inputs.entities import homeless, no_entity
from compengine.inputs.schema import Table, Workspace
from compengine.inputs.tables import Reject, Typed, frame_schema, identity, ordered


class State(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Incoming:
    """Rows for a table; `replace`: they are the whole table. `unread` are lines of the file of which not even the cells
    are known."""

    table: Table
    typed: Typed
    replace: bool = False
    unread: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """By table: the frame after, the rows of the file with their `@state`, why rows were rejected, and the keys of
    rows that were there and are gone. `broken` are rows already there that would not fit what is left (E406, E407,
    E509): then the frames must not be used."""

    frames: dict[str, pl.DataFrame]
    states: dict[str, pl.DataFrame]
    rejects: dict[str, tuple[Reject, ...]]
    vanished: dict[str, list[str]]
    broken: tuple[Reject, ...]


def merge(workspace: Workspace, before: Mapping[str, pl.DataFrame], incoming: Sequence[Incoming]) -> Merge:
    parts = {i.table.name: i for i in incoming}
    assert len(parts) == len(incoming), "one file per table"
    states: dict[str, pl.DataFrame] = {}
    rejects: dict[str, list[Reject]] = {}
    for name, part in parts.items():
        states[name], conflicts = _first_states(part, before[name])
        rejects[name] = [*part.typed.rejects, *conflicts]
    while True:
        after = {name: _after(part, before[name], states[name]) for name, part in parts.items()}
        broken = _broken(workspace, {**before, **after}, parts, states)
        more = [r for r in broken if r.line]
        if not more:
            break
        for name in parts:
            lines = {r.line for r in more if r.table == name}
            rejects[name] += [r for r in more if r.table == name]
            states[name] = _reject(states[name], lines)
    for name, part in parts.items():
        rejects[name] += _references_of_rejected(part.table, parts, states, {**before, **after}, rejects[name])
    frames = {name: ordered(parts[name].table, frame.drop("@line")) for name, frame in after.items()}
    vanished = {name: _vanished(parts[name].table, before[name], frame) for name, frame in frames.items()}
    return Merge(frames, states, {name: tuple(r) for name, r in rejects.items()}, vanished, tuple(broken))


def _text(state: State) -> pl.Expr:
    return pl.lit(state.value, dtype=pl.String)


def _reject(states: pl.DataFrame, lines: set[int]) -> pl.DataFrame:
    which = pl.col("@line").is_in(sorted(lines))
    return states.with_columns(pl.when(which).then(_text(State.REJECTED)).otherwise("@state").alias("@state"))


def _first_states(incoming: Incoming, before: pl.DataFrame) -> tuple[pl.DataFrame, list[Reject]]:
    """The rows of the file with `@state`, and `@first`: the row counts, no earlier one is equal to it. Rows that
    share a key and differ are rejected, all of them."""
    table, same = incoming.table, identity(incoming.table)
    content = list(frame_schema(table))
    rows = incoming.typed.frame.with_columns(incoming.typed.good.alias("@good"))
    good = rows.filter("@good")
    first = good.unique(subset=content, keep="first", maintain_order=True)
    clash = first.filter(pl.len().over(same) > 1).select(same).unique()
    clashing = good.join(clash, on=same, how="semi").select("@line", "@key")
    there = before.select(content).with_columns(pl.lit(True).alias("@there"))
    single = first.join(clash, on=same, how="anti").join(there, on=same, how="left", suffix="@was")
    equal = pl.all_horizontal(
        pl.lit(True), *(pl.col(c).eq_missing(pl.col(f"{c}@was")) for c in content if c not in same)
    )
    state = pl.when(equal).then(_text(State.DUPLICATE)).otherwise(_text(State.CHANGED))
    state = pl.when(pl.col("@there").is_null()).then(_text(State.NEW)).otherwise(state)
    decided = single.select("@line", state.alias("@state"), pl.lit(True).alias("@first"))
    rows = rows.join(decided, on="@line", how="left", maintain_order="left")
    repeated = pl.when("@good").then(_text(State.DUPLICATE)).otherwise(_text(State.REJECTED))
    rows = rows.with_columns(pl.coalesce("@state", repeated).alias("@state"), pl.col("@first").fill_null(False))
    conflicts = [
        Reject(table.name, line, key, "", "E405", f"another row has the key {key} and differs", "keep the right one")
        for line, key in clashing.iter_rows()
    ]
    return _reject(rows, {r.line for r in conflicts}), conflicts


def _after(incoming: Incoming, before: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """The table's rows as they would be, with `@line` (null: not from the file)."""
    table, columns = incoming.table, [*frame_schema(incoming.table), "@line"]
    kept = [State.NEW.value, State.CHANGED.value, *([State.DUPLICATE.value] if incoming.replace else [])]
    taken = states.filter(pl.col("@first") & pl.col("@state").is_in(kept)).select(columns)
    if incoming.replace:
        return taken
    stay = before.join(taken, on=identity(table), how="anti").with_columns(pl.lit(None, dtype=pl.Int64).alias("@line"))
    return pl.concat([stay.select(columns), taken])


def _broken(
    workspace: Workspace,
    frames: Mapping[str, pl.DataFrame],
    parts: Mapping[str, Incoming],
    states: Mapping[str, pl.DataFrame],
) -> list[Reject]:
    """Every row that does not fit the others; those that are not from a file have line 0."""
    found: list[Reject] = []
    replaced = {name for name, part in parts.items() if part.replace}
    for name, table in workspace.tables.items():
        for column, target in references(table):
            if name in parts or target in replaced:
                found += _dangling(table, frames, column, _absent(target, parts, states))
    for name, part in parts.items():
        for line, key in overlapping(part.table, frames[name]).select("@line", "@key").iter_rows():
            message = f"two versions of {key} are in force on the same day"
            found.append(
                Reject(name, line or 0, key, "", "E407", message, "end the earlier one before the later starts")
            )
    if "payees" in parts:
        found += _circles(workspace, frames["payees"])
        found += _homeless(workspace, frames["payees"])
    return found


def _homeless(workspace: Workspace, payees: pl.DataFrame) -> list[Reject]:
    """Rows that name a legal entity which the workspace does not have."""
    found: list[Reject] = []
    if not workspace.entities:
        return found
    for line, key, name in homeless(workspace, payees).select("@line", "@key", workspace.entity).iter_rows():
        message, help = no_entity(workspace, name)
        found.append(Reject("payees", line or 0, key, workspace.entity, "E406", message, help))
    return found


@dataclass(frozen=True, slots=True)
class Absent:
    """What a load knows of a table whose row is missing: keys that were refused, lines of which not even the cells are
    known."""

    table: str
    refused: frozenset[str]
    unread: tuple[int, ...]

    def reject(self, table: Table, line: int, key: str, column: str, value: str) -> Reject:
        message, help = f"there is no row {value} in {self.table}", f"load {self.table} first, or with it"
        if value in self.refused:
            message = f"row {value} of {self.table} is in this load and was refused"
            help = "put that row right: this one then follows"
        elif self.unread:
            lines = ", ".join(str(number) for number in self.unread[:5]) + (" …" if len(self.unread) > 5 else "")
            message = f"no row {value} could be read in {self.table}"
            help = f"if it stands in a line of {self.table} that was refused ({lines}), put that right; else add it"
        return Reject(table.name, line, key, column, "E406", message, help)


def _absent(target: str, parts: Mapping[str, Incoming], states: Mapping[str, pl.DataFrame]) -> Absent:
    if target not in parts:
        return Absent(target, frozenset(), ())
    refused = states[target].filter(pl.col("@state") == _text(State.REJECTED))["@key"].drop_nulls()
    return Absent(target, frozenset(refused), parts[target].unread)


def _dangling(table: Table, frames: Mapping[str, pl.DataFrame], column: str, absent: Absent) -> list[Reject]:
    frame = frames[table.name]
    line = pl.col("@line").fill_null(0) if "@line" in frame.columns else pl.lit(0, dtype=pl.Int64).alias("@line")
    rows = dangling(frame, column, frames[absent.table]).select(line, "@key", column)
    return [absent.reject(table, line, key, column, value) for line, key, value in rows.iter_rows()]


def _references_of_rejected(
    table: Table,
    parts: Mapping[str, Incoming],
    states: Mapping[str, pl.DataFrame],
    frames: Mapping[str, pl.DataFrame],
    known: Sequence[Reject],
) -> list[Reject]:
    """What else is wrong with rows that are rejected anyway, so that it does not come up only when the first fault is
    put right: references to rows that are neither there nor in a file."""
    told = {(r.line, r.column) for r in known}
    rejected = states[table.name].filter(pl.col("@state") == _text(State.REJECTED))
    found = []
    for column, target in references(table):
        keys = [frame.select("@key") for frame in (frames[target], states.get(target)) if frame is not None]
        rows = dangling(rejected, column, pl.concat(keys)).select("@line", "@key", column)
        absent = _absent(target, parts, states)
        found += [
            absent.reject(table, line, key or "", column, value)
            for line, key, value in rows.iter_rows()
            if (line, column) not in told
        ]
    return found


def _circles(workspace: Workspace, payees: pl.DataFrame) -> list[Reject]:
    days = workspace.tables["payees"].effective
    found: dict[int, Reject] = {}
    for circle in circles(workspace, payees):
        rows = payees.filter(pl.col("@key").is_in(circle.payees))
        if days is not None:
            rows = rows.filter(pl.lit(circle.day).is_between(pl.col(days[0]), pl.col(days[1]).fill_null(FOREVER)))
        lines = rows.select(pl.col("@line").fill_null(0), "@key").sort("@line").rows()
        for line, key in [row for row in lines if row[0]] or lines[:1]:
            found[line] = Reject("payees", line, key, workspace.hierarchy, "E509", str(circle))
    return list(found.values())


def _vanished(table: Table, before: pl.DataFrame, after: pl.DataFrame) -> list[str]:
    return before.join(after, on=identity(table), how="anti")["@key"].to_list()
