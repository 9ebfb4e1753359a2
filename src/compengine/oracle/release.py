"""When a part of an earning becomes payable (section 12, release)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compengine.oracle.book import Scene, Subject, total_of, with_row
from compengine.oracle.evaluate import evaluate, not_negative, related_rows, rounded
from compengine.oracle.faults import Fault
from compengine.plan.typed import Component, Release
from compengine.values.exact import ONE, QUANTUM, ZERO, add, exact, multiply, subtract
from compengine.values.rows import Earning, Payable


@dataclass(frozen=True, slots=True)
class Due:
    """One release: the day, and the share released with it and before it."""

    on: date
    total: Decimal


def schedule(component: Component, subject: Subject) -> list[Due]:
    """The releases of a subject by date, place, key of the `each` row; what has no date is held."""
    if not component.release:
        return [Due(subject.date, ONE)]
    entries = []
    for place, release in enumerate(component.release):
        for key, scene in _scenes(release, subject.scene):
            entries.append((evaluate(release.on, scene), place, key, not_negative(release.share, scene)))
    near = multiply(QUANTUM, exact(len(entries)))
    if subtract(total_of(share for *_, share in entries), ONE) > near:
        raise Fault("E516", f"{component.name} releases more than 100%", component.release[0].share.span)
    found, total = [], ZERO
    for on, _, _, share in sorted((e for e in entries if e[0] is not None), key=lambda e: (e[0], e[1], e[2].encode())):
        total = add(total, share)
        if abs(subtract(total, ONE)) <= near:
            total = ONE
        found.append(Due(on, total))
    return found


def _scenes(release: Release, scene: Scene) -> list[tuple[str, Scene]]:
    if release.each is None:
        return [("", scene)]
    found = related_rows(release.each, scene, release.span)
    return [(row["@key"], with_row(scene, release.each.row, row)) for row in found]


def on_its_date(earning: Earning) -> list[Due]:
    return [Due(earning.date, ONE)]


def payables(earning: Earning, dues: list[Due], scene: Scene) -> list[Payable]:
    """The parts of one row, numbered in the order of release: after each, round(amount × total share) is released;
    the rest is held, without a date, under the last number. A clawed row is released no earlier than its reversal."""
    not_before = earning.date if earning.kind == "claw" else date.min
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
