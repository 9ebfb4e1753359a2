"""`compengine load`."""

from decimal import Decimal
from pathlib import Path

import click

from compengine.cli.output import AS, FORMAT, as_json, grouped, note, report, say, table
from compengine.cli.place import now, the_workspace

SHOWN = 20


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="FOLDER | TABLE FILE")
@click.option("--replace", is_flag=True, help="The file is the whole table: rows that are not in it go.")
@click.option("--allow-rejects", is_flag=True, help="Load the good rows even if others are refused.")
@click.option("--ignore-unknown", is_flag=True, help="Pass over columns that the table does not declare.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@AS
@FORMAT
@click.pass_context
def load(
    ctx: click.Context,
    what: tuple[str, ...],
    replace: bool,
    allow_rejects: bool,
    ignore_unknown: bool,
    dry_run: bool,
    actor: str,
    form: str,
) -> None:
    """Load the files of FOLDER that are named like tables (deals.csv), or one FILE into TABLE.

    All files of one command become one new state of the tables, or nothing does. Rows are added; a row whose key is
    there replaces the earlier one. Where a row is refused, nothing is loaded and the exit code is 2.
    Where it is known who acts, the ledger's register says who loaded what: register --kind load.
    """
    from compengine.actions.load import load as action
    from compengine.actions.load import sources_in
    from compengine.inputs.load import Source

    opened = the_workspace(ctx)
    match what:
        case (folder,) if Path(folder).is_dir():
            sources = sources_in(opened, Path(folder), replace=replace, ignore=ignore_unknown)
        case (one,):
            reason = "is a file: name its table first" if Path(one).is_file() else "is not a folder"
            raise click.UsageError(f"{one} {reason} (compengine load TABLE FILE).")
        case (name, file):
            sources = [Source(name, Path(file), replace, ignore_unknown)]
        case _:
            raise click.UsageError("Load one folder, or one table from one file.")
    done = action(opened, sources, now(), actor, allow_rejects=allow_rejects, dry=dry_run)
    if form == "json":
        as_json(done)
        ctx.exit(0 if done.loaded else 2)
    heads = ("table", "read", "new", "changed", "duplicates", "rejected", "gone")
    table(
        heads,
        [
            (r.table, *(f"{n:,}" for n in (r.read, r.new, r.changed, r.duplicates, r.rejected, r.vanished)))
            for r in done.reports
        ],
        "lrrrrrr",
    )
    sums = [
        (f"{r.table}.{t.column}", t.currency, *(_sum(x) for x in (t.read, t.accepted, t.duplicates, t.rejected)))
        for r in done.reports
        for t in r.totals
    ]
    if sums:
        say()
        table(("sums", "", "read", "accepted", "duplicates", "rejected"), sums, "llrrrr")
    rejected = [reject for r in done.reports for reject in r.rejects]
    if rejected:
        note("")
        report([reject.diagnostic() for reject in rejected[:SHOWN]])
        if len(rejected) > SHOWN:
            note(f"… and {len(rejected) - SHOWN} more")
        if done.rejects is not None:
            note(f"every refused cell is listed in {done.rejects.relative_to(opened.root)}")
    say()
    if not done.loaded:
        say("nothing was loaded")
        ctx.exit(2)
    record = f", on record as {done.record}" if done.record else ""
    say(f"{'would be ' if dry_run else ''}snapshot {done.snapshot[:12]}{record}")


def _sum(value: Decimal) -> str:
    text = f"{value:f}".rstrip("0").rstrip(".")
    whole, _, rest = text.partition(".")
    return grouped(f"{whole}.{rest.ljust(2, '0')}")
