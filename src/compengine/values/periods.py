"""Pay periods and the windows that measures look through.

A window is a first and a last day, both included, and a label. Four units exist in every calendar: `period`,
`month`, `quarter`, `year`. What they are depends on the calendar's kind:

| kind          | period                         | month, quarter, year                                   |
| ------------- | ------------------------------ | ------------------------------------------------------ |
| `months`      | a month from the anchor's day  | the period; three and twelve of them from the anchor   |
| `half months` | day 1 to 15, day 16 to the end | calendar months; three and twelve from the anchor      |
| `weeks`       | seven days from the anchor     | calendar months, quarters and years                    |
| `4-4-5`       | 4, 4 or 5 weeks                | the period; 13 weeks; 52 (or 53) weeks                 |
| `years`       | twelve months from the anchor  | months, quarters from the anchor; the period           |
| `dates`       | between listed first days      | the period where 12 make a year; quarters of listed    |
|               |                                | periods where the number per year allows; `per_year`   |

A year is named after the calendar year that holds its middle; quarters and 4-4-5 periods are numbered in it.
"""

import calendar as civil
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
UNITS = ("period", "month", "quarter", "year")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SATURDAY, SUNDAY = 5, 6


class Kind(StrEnum):
    MONTHS = "months"
    HALF_MONTHS = "half months"
    WEEKS = "weeks"
    FOUR_FOUR_FIVE = "4-4-5"
    YEARS = "years"
    DATES = "dates"


class NoWindow(ValueError):
    """The calendar has no such window: a date outside the listed periods, or an unknown label."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """`start` and `end` are both included."""

    start: date
    end: date
    label: str

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a company cuts time. `anchor` is the first day of any one year (for `weeks`, of any one week).

    `long_years` (4-4-5) are the years whose last period has a 53rd week. `starts`, `ends` and `per_year` belong to
    `dates`: the first day of each period, the last day of the last one, and how many periods make a year.
    `pay_after` is the number of days from a period's end to its pay date. `weekend` holds days of the week (Monday
    is 0); they and the `holidays` are not worked.
    """

    name: str
    kind: Kind
    anchor: date
    pay_after: int = 0
    long_years: frozenset[int] = frozenset()
    starts: tuple[date, ...] = ()
    ends: date | None = None
    per_year: int = 0
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    holidays: frozenset[date] = frozenset()

    def pay_date(self, period: Window) -> date:
        return period.end + self.pay_after * DAY

    def is_worked(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.holidays

    def working_days(self, first: date, last: date) -> int:
        """The number of days worked from `first` to `last`, both included; none where `last` lies before `first`."""
        if last < first:
            return 0
        weeks, rest = divmod((last - first).days + 1, 7)
        over = {(first.weekday() + n) % 7 for n in range(rest)} - self.weekend
        free = sum(first <= day <= last and day.weekday() not in self.weekend for day in self.holidays)
        return weeks * (7 - len(self.weekend)) + len(over) - free

    def window(self, unit: str, day: date) -> Window:
        """The window of that unit which holds `day`; raises `NoWindow`."""
        match unit, self.kind:
            case "period", Kind.MONTHS:
                return self._month(day)
            case "period", Kind.HALF_MONTHS:
                last = civil.monthrange(day.year, day.month)[1]
                half, first, end = ("H1", 1, 15) if day.day <= 15 else ("H2", 16, last)
                return Window(day.replace(day=first), day.replace(day=end), f"{day:%Y-%m}-{half}")
            case "period", Kind.WEEKS:
                start = day - ((day - self.anchor).days % 7) * DAY
                return Window(start, start + 6 * DAY, f"{start:%Y}-W{(start.timetuple().tm_yday - 1) // 7 + 1:02}")
            case "period" | "year", Kind.YEARS:
                return self._year(day)
            case _, Kind.FOUR_FOUR_FIVE:
                return self._four_four_five(unit, day)
            case _, Kind.DATES:
                return self._listed(unit, day)
            case "month", Kind.HALF_MONTHS | Kind.WEEKS:
                return _civil_month(day)
            case "month", _:
                return self._month(day)
            case "quarter", _:
                return self._quarter(day)
            case "year", _:
                return self._year(day)
        raise NoWindow(f"calendar {self.name} has no {unit}")

    def period(self, label: str) -> Window:
        """The period of that label; raises `NoWindow`."""
        return self.named("period", label)

    def named(self, unit: str, label: str) -> Window:
        """The window of that unit and label; raises `NoWindow`."""
        year = int(label[:4]) if label[:4].isdecimal() and label[:4].isascii() else 0
        if 1900 <= year <= 2200:
            for found in self.between(unit, date(year - 1, 1, 1), date(year + 1, 12, 31)):
                if found.label == label:
                    return found
        first = self.starts[0] if self.starts else self.anchor
        names = [w.label for w in self.between(unit, first, first + 70 * DAY)[:3]]
        raise NoWindow(f"{label} is not a {unit} of calendar {self.name}, where they are called {', '.join(names)} …")

    def between(self, unit: str, first: date, last: date) -> list[Window]:
        """Every window of that unit with a day from `first` to `last`, in order."""
        if self.kind is Kind.DATES and self.starts and self.ends is not None:
            first, last = max(first, self.starts[0]), min(last, self.ends)
        found: list[Window] = []
        while first <= last:
            found.append(self.window(unit, first))
            first = found[-1].end + DAY
        return found

    def previous(self, unit: str, day: date) -> Window:
        """The window before the one that holds `day`."""
        return self.window(unit, self.window(unit, day).start - DAY)

    def _month(self, day: date) -> Window:
        offset = months_between(self.anchor, day)
        start = add_months(self.anchor, offset)
        return Window(start, add_months(self.anchor, offset + 1) - DAY, f"{start:%Y-%m}")

    def _origin(self) -> date:
        """The first day of a year: calendars of weeks have civil years."""
        return date(self.anchor.year, 1, 1) if self.kind is Kind.WEEKS else self.anchor

    def _year(self, day: date) -> Window:
        origin = self._origin()
        offset = months_between(origin, day) // 12 * 12
        start, end = add_months(origin, offset), add_months(origin, offset + 12) - DAY
        return Window(start, end, _year_name(start, end))

    def _quarter(self, day: date) -> Window:
        origin, year = self._origin(), self._year(day)
        offset = months_between(origin, day) // 3 * 3
        number = offset % 12 // 3 + 1
        return Window(add_months(origin, offset), add_months(origin, offset + 3) - DAY, f"{year.label}-Q{number}")

    def _four_four_five(self, unit: str, day: date) -> Window:
        start, end, name = self._long_year(day)
        if unit == "year":
            return Window(start, end, name)
        lengths = [4, 4, 5] * 4
        if (end - start).days + 1 == 53 * 7:
            lengths[-1] = 6
        firsts = [start]
        for weeks in lengths:
            firsts.append(firsts[-1] + weeks * 7 * DAY)
        if unit == "quarter":
            firsts = firsts[::3]
        at = bisect_right(firsts, day) - 1
        mark = f"Q{at + 1}" if unit == "quarter" else f"P{at + 1:02}"
        return Window(firsts[at], firsts[at + 1] - DAY, f"{name}-{mark}")

    def _long_year(self, day: date) -> tuple[date, date, str]:
        start = self.anchor
        while True:
            name = _year_name(start, start + 363 * DAY)
            end = start + ((53 if int(name) in self.long_years else 52) * 7 - 1) * DAY
            if day > end:
                start = end + DAY
            elif day < start:
                before = _year_name(start - 364 * DAY, start - DAY)
                start -= (53 if int(before) in self.long_years else 52) * 7 * DAY
            else:
                return start, end, name

    def _listed(self, unit: str, day: date) -> Window:
        if self.ends is None or not self.starts or not self.starts[0] <= day <= self.ends:
            raise NoWindow(f"calendar {self.name} lists no period for {day}")
        size = {"period": 1, "year": self.per_year}.get(unit, 0)
        if unit == "quarter" and self.per_year % 4 == 0:
            size = self.per_year // 4
        if unit == "month" and self.per_year == 12:
            size = 1
        if size == 0:
            raise NoWindow(f"calendar {self.name} has no {unit}")
        at = bisect_right(self.starts, day) - 1
        first = at // size * size
        start, end = self._stretch(first, size)
        year = at // self.per_year * self.per_year
        name = _year_name(*self._stretch(year, self.per_year))
        place = (first - year) // size + 1
        mark = {"period": f"-P{place:02}", "month": f"-P{place:02}", "quarter": f"-Q{place}", "year": ""}[unit]
        return Window(start, end, name + mark)

    def _stretch(self, first: int, size: int) -> tuple[date, date]:
        assert self.ends is not None
        after = first + size
        return self.starts[first], (self.starts[after] - DAY if after < len(self.starts) else self.ends)


def _civil_month(day: date) -> Window:
    last = civil.monthrange(day.year, day.month)[1]
    return Window(day.replace(day=1), day.replace(day=last), f"{day:%Y-%m}")


def _year_name(start: date, end: date) -> str:
    return str((start + (end - start + DAY) // 2).year)


def add_months(day: date, months: int) -> date:
    """The same day of the month, or the month's last day where it has fewer: 31 January and one month is 28 February.

    Always counted from `day` itself, so that adding 1 twice and adding 2 may differ; callers add once.
    """
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, civil.monthrange(year, month + 1)[1]))


def months_between(first: date, second: date) -> int:
    """Completed months from `first` to `second`: the largest n with `add_months(first, n) <= second`.

    31 January to 28 February is one. Negative where `second` lies before `first`.
    """
    n = (second.year - first.year) * 12 + second.month - first.month
    while add_months(first, n) > second:
        n -= 1
    while add_months(first, n + 1) <= second:
        n += 1
    return n


def anniversary_year(origin: date, day: date) -> Window:
    """The year counted from `origin` (a hire date) that holds `day`; 29 February becomes 28 in common years."""
    n = months_between(origin, day) // 12
    start = add_months(origin, 12 * n)
    return Window(start, add_months(origin, 12 * (n + 1)) - DAY, f"{start.isoformat()}/P1Y")
