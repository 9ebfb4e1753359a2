"""When a part of an earning becomes payable (section 12, release)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compengine.oracle.book import Book, Scene, Subject, with_row
from compengine.oracle.clawback import related_rows
from compengine.oracle.evaluate import evaluate, required, rounded
from compengine.oracle.faults import Fault
from compengine.plan.typed import Component, Release
from compengine.values.exact import ONE, QUANTUM, ZERO, add, exact, multiply, subtract
from compengine.values.rows import Earning, Payable


@dataclass(frozen=True, slots=True)
class Due:
    """One release: the day, and the share released with it and before it."""

    on: date
    total: Decimal


def schedule(book: Book, component: Component, subject: Subject) -> list[Due]:
    """The releases of a subject by date, place, key of the `each` row; what has no date is held."""
    if not component.release:
        return [Due(subject.date, ONE)]
    entries = []
    for place, release in enumerate(component.release):
        for key, scene in _scenes(book, release, subject.scene):
            share: Decimal = required(release.share, scene)
            if share < 0:
                raise Fault("E514", f"the share {release.share.text} is negative", release.share.span)
            entries.append((evaluate(release.on, scene), place, key, share))
    near = multiply(QUANTUM, exact(len(entries)))
    total = ZERO
    for *_, share in entries:
        total = add(total, share)
    if subtract(total, ONE) > near:
        raise Fault("E516", f"{component.name} releases more than 100%", component.release[0].share.span)
    found, total = [], ZERO
    for on, _, _, share in sorted((e for e in entries if e[0] is not None), key=lambda e: (e[0], e[1], e[2].encode())):
        total = add(total, share)
        if abs(subtract(total, ONE)) <= near:
            total = ONE
        found.append(Due(on, total))
    return found


def _scenes(book: Book, release: Release, scene: Scene) -> list[tuple[str, Scene]]:
    if release.each is None:
        return [("", scene)]
    found = related_rows(book, release.each, scene)
    return [(row["@key"], with_row(scene, release.each.row, row)) for row in found]


def payables(earning: Earning, dues: list[Due], scene: Scene, not_before: date) -> list[Payable]:
    """The parts of one row, numbered in the order of release: after each, round(amount × total share) is released;
    the rest is held, without a date, under the last number."""
    found: list[Payable] = []
    released = ZERO
    for step, due in enumerate(dues):
        so_far = earning.amount if due.total == ONE else rounded(multiply(earning.amount, due.total), scene)
        _add(found, earning, step, max(due.on, not_before), subtract(so_far, released))
        released = so_far
    _add(found, earning, len(dues), None, subtract(earning.amount, released))
    return found


def _add(found: list[Payable], earning: Earning, step: int, on: date | None, amount: Decimal) -> None:
    if not amount.is_zero():
        found.append(
            Payable(
                earning.plan, earning.component, earning.payee, earning.for_period, earning.source, earning.part,
                step, on, amount, earning.currency,
            )
        )  # fmt: skip
