"""`compengine review`."""

from decimal import Decimal, InvalidOperation

import click

from compengine.actions.figures import Money
from compengine.actions.movers import Mover
from compengine.actions.review import Compared, Review, percent_text
from compengine.cli.output import as_json, grouped, say, table, title
from compengine.cli.place import AS_OF, the_workspace

SHOWN = 10
FORMAT3 = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)


def _times(_ctx: click.Context, _param: click.Parameter, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or not 1 <= value <= 1000:
        raise click.BadParameter(f"{text} is not a number from 1 to 1000")
    return value


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option(
    "--times", default="3", callback=_times, metavar="N", help="Above N times the average is unusual; else 3."
)
@click.option("--all", "every", is_flag=True, help=f"Every line, not only the first {SHOWN} of each kind.")
@AS_OF
@FORMAT3
@click.pass_context
def review(ctx: click.Context, run: str, times: Decimal, every: bool, as_of: str, form: str) -> None:
    """Compare a run with the last posted period and the same period a year before, for who approves it.

    Totals, plans, components and payees; whose pay moved and by which parts; who is new and who is not paid now; what
    earned nothing, and what is unusual. All of it is of the content whose digest is printed last: `approve --content`
    approves that and nothing else. Percentages are of the size of the earlier amount, half-up to a tenth.
    """
    from compengine.actions.review import review as action
    from compengine.actions.review import review_file

    made = action(the_workspace(ctx, as_of), run, times)
    if form == "json":
        as_json(made)
        return
    if form == "csv":
        click.echo(review_file(made), nl=False)
        return
    _page(made, None if every else SHOWN)


def _page(made: Review, most: int | None) -> None:
    beside = [f"last posted {made.last}"] if made.last else ["nothing posted before"]
    beside += [f"a year before {made.year}"] if made.year else []
    say(f"review of run {made.run} of {made.period}, {made.state}; {', '.join(beside)}")
    _compared("Totals", made, made.totals, ("component",), None)
    _compared("By plan", made, made.plans, ("plan",), most)
    _compared("By component", made, made.components, ("plan", "component"), most)
    _compared(f"By payee ({len(made.payees)}), payable", made, made.payees, ("payee", "name"), most)
    _movers(made.movers, most)
    for head, people in (("New payees", made.new), (f"Paid in {made.last}, not now", made.missing)):
        if people:
            title(f"{head} ({len(people)})")
            table(("payee", "name", "amount"), [(p.payee, p.name, grouped(p.amount)) for p in people[:most]], "llr")
            _more(len(people), most)
    _exclusions(made, most)
    _findings(made, most)
    say()
    say(f"content {made.content}")
    if made.state == "submitted":
        say(f"approve exactly this: compengine approve {made.run} --content {made.content}")


def _more(count: int, most: int | None) -> None:
    if most is not None and count > most:
        say(f"  … and {count - most} more, with --all")


def _m(money: Money | None) -> str:
    return "" if money is None else grouped(money)


def _percent(line: Compared | Mover) -> str:
    if line.percent is None:
        return "new" if line.last is not None and line.now.amount else ""
    return f"{percent_text(line.percent)}%"


def _compared(head: str, made: Review, lines: tuple[Compared, ...], about: tuple[str, ...], most: int | None) -> None:
    if not lines:
        return
    title(head)
    rows = []
    for c in lines[:most]:
        year = f"{percent_text(c.year_percent)}%" if c.year_percent is not None else ""
        rows.append(
            (*(getattr(c, a) for a in about), _m(c.now), _m(c.last), _m(c.change), _percent(c), _m(c.year), year)
        )
    names = tuple("" if head == "Totals" else a for a in about)
    columns = (*names, made.period, made.last or "last", "change", "", made.year or "year", "")
    table(columns, rows, "l" * len(about) + "rrrrrr")
    _more(len(lines), most)


def _movers(found: tuple[Mover, ...], most: int | None) -> None:
    if not found:
        return
    title(f"Whose pay moved ({len(found)})")
    rows = [row for m in found[:most] for row in mover_rows(m)]
    table(("payee", "name", "before", "now", "change", ""), rows, "llrrrr")
    _more(len(found), most)


def mover_rows(m: Mover) -> list[tuple[str, ...]]:
    """The change, and a row for each part of it."""
    rows: list[tuple[str, ...]] = [(m.payee, m.name, _m(m.last), _m(m.now), _m(m.change), _percent(m))]
    for part in m.parts:
        about = f"  {part.kind}{f' of {part.about}' if part.about else ''}"
        rows.append((about, "", grouped(part.before), grouped(part.after), _m(part.amount), ""))
    return rows


def _exclusions(made: Review, most: int | None) -> None:
    if not made.exclusions:
        return
    title(f"Earned nothing ({sum(e.count for e in made.exclusions):,} rows of all periods up to this one)")
    table(
        ("plan", "rule", "rows", "last", "reason", "such as"),
        [
            (e.plan, e.rule, f"{e.count:,}", f"{e.last:,}" if made.last else "", e.by, ", ".join(e.sources))
            for e in made.exclusions[:most]
        ],
        "llrrll",
    )
    _more(len(made.exclusions), most)


def _findings(made: Review, most: int | None) -> None:
    for kind in dict.fromkeys(f.kind for f in made.findings):
        mine = [f for f in made.findings if f.kind == kind]
        title(f"{kind[:1].upper()}{kind[1:]} ({len(mine)})")
        rows = [(f.payee, f.name, f.plan, f.about, _m(f.amount), f.said) for f in mine[:most]]
        table(("payee", "name", "plan", "about", "amount", ""), rows, "llllrl")
        _more(len(mine), most)
