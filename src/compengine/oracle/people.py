"""Who people are on a day, who is on a plan, and who stands above whom (sections 5 and 7)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from compengine.inputs.schema import Workspace
from compengine.oracle.faults import Fault
from compengine.oracle.rows import Row
from compengine.plan.typed import Plan
from compengine.source.text import Span
from compengine.values.periods import DAY

Stay = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Version:
    """One dated version of one payee, first and last day included."""

    start: date
    end: date
    row: Row


@dataclass(frozen=True, slots=True)
class People:
    """Everybody by id (in order of bytes), with their versions in order."""

    versions: dict[str, tuple[Version, ...]]
    manager: str


def people_of(workspace: Workspace, rows: Iterable[Row]) -> People:
    table = workspace.tables["payees"]
    found: dict[str, list[Version]] = {}
    for row in rows:
        first = last = None
        if table.effective is not None:
            first, last = row[table.effective[0]], row[table.effective[1]]
        found.setdefault(row["@key"], []).append(Version(first or date.min, last or date.max, row))
    ordered = sorted(found, key=str.encode)
    versions = {payee: tuple(sorted(found[payee], key=lambda v: v.start)) for payee in ordered}
    return People(versions, workspace.hierarchy.rpartition(".")[2])


def on(people: People, payee: str, day: date) -> Row | None:
    """The version of a payee in force on a day."""
    for version in people.versions.get(payee, ()):
        if version.start <= day <= version.end:
            return version.row
    return None


def known_stays(people: People, payee: str) -> list[Stay]:
    """The days on which `payees` knows somebody."""
    return [(version.start, version.end) for version in people.versions.get(payee, ())]


# --- who is on a plan


def plan_stays(plan: Plan, people: People, holds: Callable[[str, Version], bool]) -> dict[str, list[Stay]]:
    """The days on which each payee is on this plan version: those of the payee's versions for which `payees` is
    true, within `effective` (section 7). Neighbouring stretches are joined."""
    stays: dict[str, list[Stay]] = {}
    for payee, versions in people.versions.items():
        for version in versions:
            first, last = max(version.start, plan.start), min(version.end, plan.end)
            if first <= last and holds(payee, version):
                stays.setdefault(payee, []).append((first, last))
    return {payee: joined(parts) for payee, parts in stays.items()}


def joined(stays: Iterable[Stay]) -> list[Stay]:
    """The same days in as few stretches as possible, in order."""
    result: list[Stay] = []
    for first, last in sorted(stays):
        if result and first <= after(result[-1][1]):
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def after(day: date) -> date:
    """The next day; the last day there is stays."""
    return day if day == date.max else day + DAY


def holds_on(stays: Iterable[Stay], day: date) -> bool:
    return any(first <= day <= last for first, last in stays)


def days_within(stays: Iterable[Stay], first: date, last: date) -> int:
    """How many days from `first` to `last` the stretches (which do not overlap) have."""
    return sum(max(0, (min(end, last) - max(start, first)).days + 1) for start, end in stays)


def last_within(stays: Iterable[Stay], first: date, last: date) -> date | None:
    """The last day from `first` to `last` in any of the stretches."""
    days = [min(end, last) for start, end in stays if start <= last and end >= first]
    return max(days) if days else None


def arrivals(here: list[Stay], elsewhere: dict[str, list[Stay]]) -> list[date]:
    """The days on which somebody came onto this plan from another one (section 7, transfer).

    A stretch on this plan begins with a transfer where the last day before it on any other plan ended that other
    stay. Whoever stays on the other plan as well has not moved.
    """
    found = []
    for first, _ in here:
        if first == date.min:
            continue
        left = [stays for stays in elsewhere.values() if not holds_on(stays, first)]
        ended = [last for stays in left for _, last in stays if last < first]
        here_before = [last for _, last in here if last < first]
        if ended and (not here_before or max(ended) > max(here_before)):
            found.append(first)
    return found


# --- hierarchy


def manager_of(people: People, payee: str, day: date) -> str | None:
    row = on(people, payee, day)
    above: str | None = row.get(people.manager) if row and people.manager else None
    return above or None


def chain(people: People, payee: str, day: date, height: int | None, span: Span | None) -> list[str]:
    """Those above a payee on a day, nearest first, at most `height` of them; a circle is an error (section 8)."""
    found: list[str] = []
    seen = {payee}
    below = payee
    while height is None or len(found) < height:
        above = manager_of(people, below, day)
        if above is None:
            return found
        if above in seen:
            raise Fault("E509", f"the hierarchy above {payee} runs in a circle at {above} on {day}", span)
        seen.add(above)
        found.append(above)
        below = above
    return found


def reports(people: People, payee: str, day: date) -> list[str]:
    return [other for other in people.versions if manager_of(people, other, day) == payee]


def downline(people: People, payee: str, day: date, span: Span | None) -> list[str]:
    """Everybody below a payee on a day."""
    return [other for other in people.versions if other != payee and payee in chain(people, other, day, None, span)]
