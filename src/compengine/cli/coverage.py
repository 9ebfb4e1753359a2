"""`compengine coverage`."""

import sys
from collections.abc import Sequence

import click

from compengine.actions.coverage import Asked, Coverage
from compengine.cli.output import FORMAT, as_json, report, say, table, title
from compengine.cli.place import the_workspace

SHOWN = 20


@click.command()
@click.argument("plan", required=False, default="")
@click.option("--period", default="", metavar="PERIOD", help="Else the latest in which a row is dated.")
@click.option("--calendar", default="", metavar="NAME", help="Needed where plans are paid by several calendars.")
@click.option("--all", "every", is_flag=True, help=f"Every row, not only the first {SHOWN} of each kind.")
@FORMAT
@click.pass_context
def coverage(ctx: click.Context, plan: str, period: str, calendar: str, every: bool, form: str) -> None:
    """Show whether the rules that plans seek with match(…) cover a period: all plans, or PLAN.

    Overlaps are rules of a table that fit the same rows on the same day, found in the table itself. Orphans are rows
    that no rule fits, where the plan has no default. Contested rows are fitted by several rules: who wins, and who is
    next. Idle rules decided nothing. Rows that nobody is credited for are listed with the reason. Exit code 1 where
    there are overlaps, ties or orphans, or the period cannot be calculated.
    """
    from compengine.actions.coverage import coverage as action

    done = action(the_workspace(ctx), plan, period, calendar)
    if form == "json":
        as_json({"ok": done.ok, **{name: getattr(done, name) for name in Coverage.__slots__}})
    else:
        _page(done, None if every else SHOWN)
    ctx.exit(0 if done.ok else 1)


def _page(done: Coverage, most: int | None) -> None:
    say(f"coverage of {done.period}: {_counted(done)}")
    if done.matches:
        title("By rule of a plan")
        table(
            ("plan", "rule", "table", "rows", "matched", "orphans", "by default", "tied", "contested"),
            [
                (m.plan, m.rule, m.table, *map(_n, (m.rows, m.matched, m.orphans, m.defaulted, m.tied, m.contested)))
                for m in done.matches
            ],
            "lllrrrrrr",
        )
    _section(
        f"Rules that overlap ({len(done.overlaps)})",
        ("plan", "table", "rules", "same", "from", "to"),
        [(o.plan, o.table, ", ".join(o.rules), o.same, str(o.first), str(o.last)) for o in done.overlaps],
        most,
    )
    _rows(f"Rows that several rules fit equally well ({len(done.ties)})", done.ties, most)
    _rows(f"Orphans: rows that no rule fits ({len(done.orphans)})", done.orphans, most)
    _rows(f"Contested rows ({len(done.contested)})", done.contested, most)
    _section(
        f"Idle rules ({len(done.idle)})",
        ("plan", "table", "rule", "from", "to", "why"),
        [(i.plan, i.table, i.rule, str(i.first or ""), str(i.last or ""), _why(i.fits)) for i in done.idle],
        most,
    )
    _section(
        f"Rows credited to nobody ({len(done.uncredited)})",
        ("table", "row", "date", "reasons"),
        [(u.table, u.row, str(u.date), "; ".join(u.reasons)) for u in done.uncredited],
        most,
    )
    if done.stopped:
        title("The period cannot be calculated, so credits, people and idle rules are not looked at")
        report(done.stopped, sys.stdout)


def _counted(done: Coverage) -> str:
    found = [
        (len(done.overlaps), "overlap"),
        (len(done.ties), "tie"),
        (len(done.orphans), "orphan"),
    ]
    return ", ".join(f"{count or 'no'} {what}{'' if count == 1 else 's'}" for count, what in found)


def _n(count: int) -> str:
    return f"{count:,}" if count else ""


def _why(fits: int) -> str:
    return f"fits {fits:,} row{'' if fits == 1 else 's'}, a better one takes each" if fits else "fits no row"


def _rows(head: str, asked: Sequence[Asked], most: int | None) -> None:
    _section(
        head,
        ("plan", "rule", "table", "row", "date", "sought", "best", "next"),
        [(a.plan, a.rule, a.table, a.row, str(a.date), a.sought, ", ".join(a.best), ", ".join(a.next)) for a in asked],
        most,
    )


def _section(head: str, columns: tuple[str, ...], rows: Sequence[Sequence[str]], most: int | None) -> None:
    if not rows:
        return
    title(head)
    table(columns, rows[:most])
    if most is not None and len(rows) > most:
        say(f"  … and {len(rows) - most} more, with --all")
