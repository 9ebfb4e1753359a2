"""`compengine sample`."""

from pathlib import Path

import click

from compengine.cli.output import FORMAT, as_json, grouped, say, table, title
from compengine.cli.place import the_workspace

PLACE = click.Path(path_type=Path)


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option("-n", "size", type=click.IntRange(1, 1000), default=25, show_default=True, help="How many rows.")
@click.option("--seed", default="", metavar="TEXT", help="Another text draws other rows.")
@click.option("-o", "--output", type=PLACE, default=None, help="A folder or a .zip that is not there; else sample-RUN.")
@FORMAT
@click.pass_context
def sample(ctx: click.Context, run: str, size: int, seed: str, output: Path | None, form: str) -> None:
    """Draw rows of a run for an auditor, and write down what stands behind each.

    Drawn by plan, component, kind and size of amount; always the largest in each currency, one of every kind, and
    negative ones. The first two are there even where that makes more rows than -n asks for. The run and the seed decide
    which, so that whoever draws again has the same rows; the method stands in method.md. For each row: the input rows,
    the credit, the measures, the plan's words, the arithmetic, its evaluation by the second engine, and the proof that
    it is part of what was posted.
    """
    from compengine.actions.figures import Money
    from compengine.actions.opened import shown
    from compengine.actions.sample import sample as action

    opened = the_workspace(ctx)
    made = action(opened, run, size, seed, output or Path(f"sample-{run}"))
    if form == "json":
        as_json(made)
        return
    say(f"{len(made.drawn)} of {made.rows:,} rows of run {made.run}, {made.period}, in {shown(made.place)}")
    title("Drawn")
    table(
        ("", "payee", "plan", "component", "for", "source", "kind", "amount", "why"),
        [
            (
                f"{number:02}",
                d.row.payee,
                d.row.plan,
                d.row.component,
                d.row.for_period,
                d.row.source,
                d.row.kind,
                grouped(Money(d.row.amount if d.sign > 0 else -d.row.amount, d.row.currency)),
                d.why,
            )
            for number, d in enumerate(made.drawn, start=1)
        ],
        "lllllllrl",
    )
    say()
    say(f"content {made.content}")
    say(f"manifest {made.digest}")
