"""`compengine statements`."""

from pathlib import Path

import click

from compengine.actions.opened import Opened, shown
from compengine.actions.reissue import Asked
from compengine.cli.output import AS, as_json, note, progress, report, say
from compengine.cli.place import AS_OF, now, the_workspace

FORMATS = "pdf, html, xlsx, csv, json"


def _formats(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    known = FORMATS.split(", ")
    for name in names:
        if name not in known:
            raise click.BadParameter(f"{name!r} is none of {FORMATS}")
    if not names:
        raise click.BadParameter(f"name at least one of {FORMATS}")
    return names


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option("--payee", default="", metavar="ID", help="Only this payee's.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Else statements/PERIOD.")
@click.option("--paper", type=click.Choice(["A4", "Letter"]), help="Size of the page; else the workspace's, or A4.")
@click.option("--design", default="", metavar="NAME", help="standard, compact, or one of the workspace.")
@click.option(
    "--format", "forms", default="pdf", show_default=True, metavar="LIST", callback=_formats, help=f"Of {FORMATS}."
)
@click.option("--reissue", is_flag=True, help="Print, under new numbers, those on record that would be others now.")
@click.option("--because", default="", metavar="REASON", help="Why they are reissued; it is printed on each.")
@AS
@AS_OF
@click.option("--json", "as_document", is_flag=True, help="Print what was written as one JSON document.")
@click.pass_context
def statements(
    ctx: click.Context,
    run: str,
    payee: str,
    out: Path | None,
    paper: str | None,
    design: str,
    forms: tuple[str, ...],
    reissue: bool,
    because: str,
    actor: str,
    as_of: str,
    as_document: bool,
) -> None:
    """Print a statement for each payee: a preview before a run is posted, final ones after.

    PDF to read and keep, HTML for a phone, XLSX to recompute every line, CSV and JSON for programs; several at once
    with commas: --format pdf,xlsx.

    The same run gives the same bytes, and what is there already is not printed again: after an interruption the same
    command goes on. The folder's manifest.json names every file, its SHA-256 and what it pays; the totals are those of
    the pay file. Of all the final statements of a run the manifest's digest goes into the ledger, where it is known who
    acts and that he is a preparer. Final ones are sealed where the workspace names a seal. Exit code 1 where one could
    not be made; the others are.

    A statement on record is never another file under its number: one that would be is left out and named. With
    --reissue each of them, or --payee's, is printed with names, texts, language and design as they are now, says which
    one it stands for, and why (--because). The amounts are those that were posted.
    """
    from compengine.actions.statements import statements as action
    from compengine.statement.pdf import Paper

    if reissue != bool(because.strip()):
        raise click.UsageError("--reissue and --because REASON go together")
    if reissue and (as_of or forms != ("pdf",)):
        raise click.UsageError("--reissue prints PDFs as of now: leave --as-of and --format out")
    if as_of and out is None:
        raise click.UsageError("with --as-of, say with --out where to: statements/PERIOD holds those of now")
    opened = the_workspace(ctx, as_of)
    if reissue:
        _reissue(opened, run, Asked(because, payee, out, Paper(paper) if paper else None, design), actor, as_document)
        return
    with progress("statements") as told:
        done = action(
            opened,
            run,
            now(),
            payee=payee,
            folder=out,
            paper=Paper(paper) if paper else None,
            design=design,
            formats=forms,
            progress=told,
        )
    issued = None
    if actor or not opened.workspace.controls.act_as:
        from compengine.actions.issued import issue, not_issuing

        why = not_issuing(opened, actor)
        issued = None if as_of or why else issue(opened, done, actor, now())
        if why:
            note(f"not put on record: {why}")
    if done.boxes:
        some = f"{' '.join(done.boxes[:12])}{' …' if len(done.boxes) > 12 else ''}"
        note(f"warning: no font here has {some}: printed as empty boxes; compengine doctor names what to install")
    if done.diagnostics:
        report(done.diagnostics)
        note("")
    if as_document:
        as_json(done)
    else:
        count = len({one.number for one in done.printed})
        status = f"{done.status.lower()}{', sealed' if done.sealed else ''}"
        what = f"{count} statement{'s' if count != 1 else ''} of {done.period} ({status})"
        kept = sum(one.kept for one in done.printed)
        say(f"{what} in {shown(done.folder)}{f', {kept} of them there already' if kept else ''}")
        if issued is not None:
            say(f"on record as {issued.id}, manifest {done.manifest}")
        for one in done.printed[:3]:
            say(f"  {one.path.name}  {one.payee}")
        if len(done.printed) > 3:
            say(f"  … and {len(done.printed) - 3} more")
    ctx.exit(1 if done.diagnostics else 0)


def _reissue(opened: Opened, run: str, asked: Asked, actor: str, as_document: bool) -> None:
    from compengine.actions.reissue import reissue

    with progress("statements") as told:
        done = reissue(opened, run, asked, actor, now(), told)
    if as_document:
        as_json(done)
        return
    alone = f", {done.same} as they were" if done.same else ""
    count = len(done.printed)
    say(f"{count} statement{'s' if count != 1 else ''} of {done.period} (corrected) in {shown(done.folder)}{alone}")
    say(f"on record as {done.record.id}, manifest {done.record.body['manifest']}")
    for one in done.printed[:3]:
        say(f"  {one.path.name}  {one.payee}  stands for {one.supersedes}")
    if len(done.printed) > 3:
        say(f"  … and {len(done.printed) - 3} more")
