"""`compengine explain`."""

import click

from compengine.actions.explain import Branch, Explained
from compengine.actions.runs import PostingRow
from compengine.cli.output import FORMAT, as_json, grouped, note, say, table, title
from compengine.cli.place import AS_OF, the_workspace

SHOWN = 30
WIDE = 4000


@click.command()
@click.argument("payee")
@click.argument("period", metavar="RUN|PERIOD")
@click.argument("source", required=False, default="")
@click.option("--component", default="", metavar="NAME", help="Of this component.")
@click.option("--all", "every", is_flag=True, help=f"Every row, not only the first {SHOWN}.")
@AS_OF
@FORMAT
@click.pass_context
def explain(
    ctx: click.Context, payee: str, period: str, source: str, component: str, every: bool, as_of: str, form: str
) -> None:
    """Show what PAYEE gets in a period, and how one earning of it came about.

    The earning is the one about SOURCE (a deal's id, a window's label), else the largest. It is evaluated again by
    the second engine: each expression with its value and its place in the plan, down to the rows of data behind it.
    """
    from compengine.actions.explain import explain as action

    done = action(the_workspace(ctx, as_of), payee, period, source, component)
    if form == "json":
        as_json(done)
        ctx.exit(0 if done.agrees else 1)
    _page(done, every)
    ctx.exit(0 if done.agrees else 1)


def _page(done: Explained, every: bool) -> None:
    say(f"{done.payee}{f' ({done.name})' if done.name else ''} in {done.period}: run {done.run}, {done.state}")
    listed = done.rows if every else done.rows[:SHOWN]
    if listed:
        title("Rows of this period")
        table(("component", "for", "source", "part", "basis", "", "rate", "", "amount"), map(_row, listed), "llllrlrlr")
    if len(done.rows) > len(listed):
        say(f"  … and {len(done.rows) - len(listed)} more, with --all")
    title(f"{done.plan}, {done.component}, {done.source}: {grouped(done.stored_total)}")
    _draw(done.tree)
    say()
    if done.agrees:
        say(f"The second engine comes to {grouped(done.computed_total)} too, row by row.")
        return
    note("THE SECOND ENGINE DIFFERS.")
    note(f"stored: {grouped(done.stored_total)}; computed now: {grouped(done.computed_total)}")


def _row(row: PostingRow) -> tuple[str, ...]:
    back = " back" if row.taken_back else ""
    return (
        row.component,
        row.for_period,
        row.source,
        row.part,
        grouped(row.basis),
        "×",
        row.rate,
        "=",
        grouped(row.amount) + back,
    )


def _draw(branch: Branch) -> None:
    """The tree, as wide as it is: nothing is cut and no value is taken for markup."""
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    def grown(part: Branch) -> Text:
        text = Text(" ".join(part.text.split()))
        text.append(f" = {part.value}", "bold")
        if part.place:
            text.append(f"   {part.place}", "dim")
        return text

    def grow(tree: Tree, part: Branch) -> None:
        for child in part.branches:
            grow(tree.add(grown(child)), child)
        for line in part.lines:
            tree.add(Text(line, "dim"))

    root = Tree(grown(branch))
    grow(root, branch)
    Console(highlight=False, width=WIDE).print(root, crop=False, no_wrap=True)
