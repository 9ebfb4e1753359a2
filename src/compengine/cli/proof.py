"""`compengine replay` and `verify`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from compengine.actions.replay import Attested
from compengine.actions.versions import Version
from compengine.cli.output import FORMAT, as_json, grouped, note, report, say
from compengine.cli.place import the_workspace
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.statement.sealcheck import SealFound

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("run", metavar="RUN|PERIOD|FILE.zip")
@click.option("--independent", is_flag=True, help="By the second engine, row by row, instead of the first.")
@click.option("--key", type=FILE, metavar="FILE", help="Of a FILE.zip: the public key that signed its checkpoints.")
@FORMAT
@click.pass_context
def replay(ctx: click.Context, run: str, independent: bool, key: Path | None, form: str) -> None:
    """Compute a run again from its stored inputs, and compare every digest.

    The files of the workspace are not read: plans, tables, opening balances and the credits that late rows are
    compared with come from the stored objects, or from a file that `bundle` wrote: then no workspace is needed. Exit
    code 1, and the first row that is another, where anything differs.

    Of a file, everything to be read in it is made again and compared, and what people did is held against the signed
    checkpoints in it: exit code 2, and the name of what was changed. Without --key the key in the file is taken, with
    which whoever made the file may have signed anything.
    """
    from compengine.actions.replay import replay as action
    from compengine.actions.unbundle import replay_bundle

    if run.endswith(".zip"):
        done = replay_bundle(Path(run), independent=independent, key=key)
    elif key is not None:
        raise click.UsageError("--key is for a file that `bundle` wrote")
    else:
        done = action(the_workspace(ctx), run, independent=independent)
    if form == "json":
        as_json(done)
        ctx.exit(0 if done.matches else 1)
    by = "the second engine" if independent else "the engine"
    say(f"run {done.run} of {done.period}, computed again by {by} from its stored inputs")
    for part in (*done.tables, done.entitlement, *([done.posted] if done.posted else [])):
        verdict = "same" if part.stored == part.computed else "DIFFERENT"
        say(f"  {part.table:<12} {part.rows:>9,} rows  {part.computed}  {verdict}")
    for difference in done.differences:
        say(f"  {difference.table}: {difference.row}")
        say(f"    stored:   {difference.ours or 'not there'}")
        say(f"    computed: {difference.theirs or 'not there'}")
    if done.attested is not None:
        _attested(done.attested)
    say("MATCH" if done.matches else "DIFFERENT")
    ctx.exit(0 if done.matches else 1)


def _attested(found: Attested) -> None:
    say(f"  {found.files:,} files made again and compared")
    say(f"  {found.events:,} events and {found.register:,} rows of the register, as signed in checkpoints")
    say(f"  last checkpoint {found.seq} {found.head}")
    own = "that the bundle encloses: whoever made it may have signed anything; name the one you were handed, --key FILE"
    say(f"  key {f'in {found.key}' if found.key else own}")
    say("  not held against anything: the versions in manifest.json, and what was done after the last checkpoint")


@click.command()
@click.argument("run", metavar="RUN|PERIOD")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, help="The file; else RUN.zip."
)
@FORMAT
@click.pass_context
def bundle(ctx: click.Context, run: str, output: Path | None, form: str) -> None:
    """Put a run into one file: plans, inputs, results, who approved it, and what it was computed with.

    On any other machine, `compengine replay FILE.zip` computes it again from that file alone. The same run gives the
    same bytes.
    """
    from compengine.actions.bundle import bundle as action
    from compengine.actions.opened import shown

    opened = the_workspace(ctx)
    done = action(opened, run, output or Path(f"{run}.zip"))
    if form == "json":
        as_json(done)
        return
    say(f"run {done.run} of {done.period}: {done.files:,} files, {done.bytes:,} bytes in {shown(done.file)}")
    say(f"sha256 {done.digest}")


@click.command()
@click.argument("statement", required=False, default=None, type=FILE, metavar="[STATEMENT.pdf]")
@click.option("--head", "heads", multiple=True, metavar="NUMBER:HASH", help="A head that was kept outside; repeatable.")
@click.option("--checkpoint", "kept", type=FILE, metavar="FILE", help="Checkpoints that were kept outside.")
@click.option("--trust", type=FILE, metavar="FILE", help="Certificates, one of which must stand behind the seal.")
@click.option("--key", type=FILE, metavar="FILE", help="The public key that signed them; else the workspace's own.")
@click.option(
    "--since", default="", metavar="FILE|NUMBER", help="Only what follows a checkpoint: FILE's last, or NUMBER."
)
@FORMAT
@click.pass_context
def verify(
    ctx: click.Context,
    statement: Path | None,
    heads: tuple[str, ...],
    kept: Path | None,
    key: Path | None,
    trust: Path | None,
    since: str,
    form: str,
) -> None:
    """Check the ledger's chain, its balances, and every object that a run or posting names.

    Prints the head of the chain. Keep it somewhere else, or the file checkpoints.txt: only what was kept outside shows
    that a ledger was cut off or replaced, together with all that stands beside it. Exit code 1 where anything is wrong.

    With --since, only what follows a checkpoint is checked, which is faster: the last one of a file that was kept
    outside, or the one of that number in --checkpoint FILE or else the workspace's own. Its row must be in the ledger,
    with that hash and signed, and everything after is linked to it. What stands before is taken as it stands, and
    balances are added up from it: a change there, or of the objects of runs before, is found by a whole verify only.

    With a statement, that file alone is checked, and no workspace is needed: each row is multiplied again, the sums are
    added up, the rows are followed to the checkpoint of their posting, and the pages must show the amounts,
    currencies, name and pay date of the data. With --checkpoint and --key the checkpoint must stand in that file, and
    be signed. A file that another program changed or saved anew is not proven: its data may be, and its pages may show
    anything. Of a file in the printer's own form, only the seal, or the file's digest on record, which is looked up
    in a workspace, shows that nothing else is drawn on its pages. A company's seal on it is looked at as well; with
    --trust it must be there, and its certificate must be one in that file or issued by one.
    """
    if statement is not None:
        if heads or since:
            raise click.UsageError(f"{'--head' if heads else '--since'} is for the ledger, not for a statement")
        _prove(ctx, statement, kept, key, trust, form)
    if trust is not None:
        raise click.UsageError("--trust is for a statement, not for the ledger")
    from compengine.actions.verify import verify as action
    from compengine.ledger.chain import Head

    known = []
    for text in heads:
        number, colon, digest = text.partition(":")
        if not (colon and number.isdigit() and len(digest) == 64):
            raise click.BadParameter(f"{text} is not NUMBER:HASH", param_hint="--head")
        known.append(Head(int(number), digest))
    done = action(the_workspace(ctx), tuple(known), kept, key, since)
    bad = bool(done.diagnostics)
    if form == "json":
        as_json({"ok": not bad, **{f: getattr(done, f) for f in done.__dataclass_fields__}})
        ctx.exit(1 if bad else 0)
    if since:
        say(f"since checkpoint {done.since}; what stands before it was not checked")
    say(f"runs {done.runs:,}, postings {done.postings:,}, entries {done.entries:,}, objects {done.objects:,}")
    say(f"head {done.head_seq}:{done.head}")
    if bad:
        say()
        report(done.diagnostics, sys.stdout)
        say()
    say(f"{len(done.diagnostics)} found" if bad else "SOUND")
    ctx.exit(1 if bad else 0)


def _prove(
    ctx: click.Context, statement: Path, kept: Path | None, key: Path | None, trust: Path | None, form: str
) -> None:
    from compengine.actions.proven import prove

    try:
        done = prove(statement, kept, key, trust)
    except Failed as failed:
        if not {d.code for d in failed.diagnostics} <= {"E804", "E805"}:
            raise
        _refuted(ctx, failed.diagnostics, form)
    bad = bool(done.diagnostics)
    recorded, after = _looked_up(ctx, done.digest)
    if form == "json":
        by = [one.printed.number for one in after]
        found = {f: getattr(done, f) for f in done.__dataclass_fields__}
        as_json({"ok": not bad, "on_record": recorded, "superseded_by": by, **found})
        ctx.exit(1 if bad else 0)
    paid = ", ".join(grouped(m) for m in done.payable)
    say(f"statement {done.number} of {done.payee}, {done.period} ({done.status.lower()}): {paid}")
    if recorded is not None:
        issued = (
            "yes: it is, byte for byte, a file that was issued" if recorded else "no: it is no file that was issued"
        )
        say(f"  on record   {issued}")
    say(f"  run         {done.run}")
    if done.checkpoint:
        alone = "as enclosed: compare it with one that was kept, --checkpoint FILE"
        how = "as it was kept" if done.kept else f"not so in {kept}" if done.compared else alone
        say(f"  checkpoint  {done.checkpoint} {done.head}")
        say(f"              {how}{', signed' if done.signed else ''}")
    say(f"  rows        {done.rows:,} multiplied again, {done.posted:,} posted, on {done.pages:,} pages")
    for at, line in enumerate(_seal_lines(done.seal)):
        say(f"  {'' if at else 'seal':<12}{line}")
    for one in after:
        assert one.reissue is not None
        say(f"  superseded  by {one.printed.number} of {one.reissue.day}: {one.reissue.reason}")
    say(f"  sha256      {done.digest}")
    if not recorded:
        say(
            "              of names, approvals and what pages look like: hold it against the manifest that is on record"
        )
    if bad:
        say()
        report(done.diagnostics, sys.stdout)
        say()
    say(f"{len(done.diagnostics)} found" if bad else "PROVEN" if done.checkpoint else "CORRECT, and a preview")
    ctx.exit(1 if bad else 0)


def _looked_up(ctx: click.Context, digest: str) -> tuple[bool | None, tuple[Version, ...]]:
    """Whether the file is one of those issued, and what stands for it now, as far as the workspace that we stand in can
    tell; None and nothing outside of one."""
    from compengine.actions.runs import the_ledger
    from compengine.actions.versions import is_on_record, successors
    from compengine.ledger.store.database import exists

    try:
        opened = the_workspace(ctx)
        if not exists(opened.ledger):
            return None, ()
        store = the_ledger(opened)
        return is_on_record(opened, store, digest), successors(opened, store, digest)
    except Failed as failed:
        if {d.code for d in failed.diagnostics} != {"E703"}:
            note("warning: whether it is on record, and another statement stands for it, was not looked up:")
            report(failed.diagnostics)
        return None, ()


def _seal_lines(seal: SealFound | None) -> list[str]:
    """Nothing where there is none."""
    if seal is None:
        return []
    made = f"made {seal.made:%Y-%m-%d %H:%M} UTC, as it says itself"
    if seal.sound is None:
        return [f"there, {made}", "not checked: pip install 'compengine[seal]'"]
    if seal.until is None:
        return [f"there, {made}", "cannot be read"]
    covers = "covers the whole file" if seal.whole else "does not cover all"
    fits = f"{'fits' if seal.sound else 'does not fit'}, and {covers}"
    issued = f"certificate of {seal.issuer}, until {seal.until:%Y-%m-%d}"
    verdict = {None: "not checked against a trusted certificate: --trust FILE", True: "trusted", False: "not trusted"}
    return [f"{seal.owner}, {made}", fits, issued, verdict[seal.trusted]]


def _refuted(ctx: click.Context, found: Sequence[Diagnostic], form: str) -> NoReturn:
    """A file of which nothing can be said but that it is no statement, or was changed: a finding, not a wrong call."""
    if form == "json":
        as_json({"ok": False, "diagnostics": found})
        ctx.exit(1)
    report(found, sys.stdout)
    say()
    say(f"{len(found)} found")
    ctx.exit(1)
