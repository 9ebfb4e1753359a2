"""Typed expressions as trees: their parts, and measures replaced by what they stand for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from compengine.plan import typed as t


def parts(value: t.Expr) -> Iterator[t.Expr]:
    """The expression and everything in it; a window's anchor belongs to it."""
    yield value
    for entry in fields(value):
        yield from _parts(getattr(value, entry.name))


def _parts(value: object) -> Iterator[t.Expr]:
    if isinstance(value, t.Node):
        yield from parts(value)  # type: ignore[arg-type]
    elif isinstance(value, t.LookThrough):
        if value.anchor is not None:
            yield from parts(value.anchor)
    elif isinstance(value, tuple):
        for item in value:
            yield from _parts(item)


def inlined(value: t.Expr, measures: Mapping[str, t.MeasureRule]) -> t.Expr:
    """The same value with every measure written out."""

    def written_out(node: t.Expr) -> t.Expr:
        if isinstance(node, t.MeasureValue) and node.name in measures:
            return inlined(measures[node.name].value, measures)
        return _rebuilt(node, written_out)

    return written_out(value)


def _rebuilt(node: t.Expr, change: Callable[[t.Expr], t.Expr]) -> t.Expr:
    changed: dict[str, Any] = {}
    for entry in fields(node):
        before = getattr(node, entry.name)
        after: Any = _changed(before, change)
        if after is not before:
            changed[entry.name] = after
    return replace(node, **changed) if changed else node


def _changed(value: object, change: Callable[[t.Expr], t.Expr]) -> object:
    if isinstance(value, t.Node):
        return change(value)  # type: ignore[arg-type]
    if isinstance(value, tuple) and any(is_dataclass(v) or isinstance(v, tuple) for v in value):
        return tuple(_changed(item, change) for item in value)
    if isinstance(value, t.LookThrough) and value.anchor is not None:
        return replace(value, anchor=change(value.anchor))
    return value


def size(value: t.Expr, sizes: Mapping[str, int]) -> int:
    """Number of parts, with every measure counted as if it were written out."""
    return sum(sizes.get(p.name, 1) if isinstance(p, t.MeasureValue) else 1 for p in parts(value))


def looks_at_streams(value: t.Expr) -> bool:
    """Whether it moves as credits come in: a sum over a stream, a component's figure, a running measure."""
    moving = t.Aggregate | t.ComponentValue | t.Before | t.After | t.ShareOf
    return any(isinstance(part, moving) for part in parts(value))


def reads_rows(value: t.Expr) -> bool:
    """Whether it reads something of a row, outside the conditions and insides of sums."""
    match value:
        case t.Aggregate() | t.GroupAggregate() | t.ShareOf():
            return False
        case t.Before() | t.After():
            return True
        case t.Read(root=root):
            return root not in ("payee", "period")
        case t.RelatedAggregate():
            return True
    return any(reads_rows(part) for part in _children(value))


def _children(value: t.Expr) -> Iterator[t.Expr]:
    for entry in fields(value):
        content = getattr(value, entry.name)
        for item in content if isinstance(content, tuple) else (content,):
            if isinstance(item, t.Node):
                yield item  # type: ignore[misc]
            elif isinstance(item, tuple):
                yield from (i for i in item if isinstance(i, t.Node))  # type: ignore[misc]
