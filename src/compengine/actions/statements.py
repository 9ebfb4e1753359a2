"""A statement for each payee of a run, as files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from compengine.actions.figures import Money
from compengine.actions.inclusion import Grounds, grounds_of, proof_for
from compengine.actions.opened import Opened
from compengine.actions.payment import paid_totals
from compengine.actions.runs import find_run, the_summed_ledger
from compengine.actions.sealing import load_seal
from compengine.actions.statement_facts import Told, facts_of, told
from compengine.actions.versions import reissued, restored, versions
from compengine.inputs.objects import write_content
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.batch import Sheet, Where, file_name, print_all, sweep, totals_of
from compengine.statement.build import build
from compengine.statement.data import to_json
from compengine.statement.facts import Status
from compengine.statement.glyphs import unprintable
from compengine.statement.html import render_html
from compengine.statement.language import catalogue, language
from compengine.statement.manifest import (
    Missing,
    Printed,
    Totals,
    finished,
    manifest_text,
    noting,
    summed,
    write_manifest,
)
from compengine.statement.pdf import Paper
from compengine.statement.proof import enclosures
from compengine.statement.rows import rows_csv
from compengine.statement.seal import Seal
from compengine.statement.templates import Template, branded, load_template
from compengine.statement.view import StatementView
from compengine.statement.workbook import workbook
from compengine.values.digest import sha256_hex
from compengine.values.frames import to_rows
from compengine.values.rows import Settlement

Progress = Callable[[int, int], None]
"""Called with how many are done, of how many."""

PDF = "pdf"
WRITERS: dict[str, Callable[[StatementView, Template], bytes]] = {
    "html": lambda view, template: render_html(view, template, style=True).encode(),
    "xlsx": lambda view, _: workbook(view),
    "csv": lambda view, _: rows_csv(view),
    "json": lambda view, _: to_json(view),
}
FORMATS = (PDF, *WRITERS)


@dataclass(frozen=True, slots=True)
class Statements:
    """`printed` by number, those that were there already among them; `diagnostics` has one for each that could not be
    made; `manifest` is the SHA-256 of the folder's manifest, empty where only some were asked for. `boxes` are the
    characters on PDFs that no font has: they are printed as empty boxes. `sealed`: the PDFs have the company's seal."""

    run: str
    period: str
    status: str
    folder: Path
    printed: tuple[Printed, ...]
    diagnostics: tuple[Diagnostic, ...]
    totals: tuple[Money, ...]
    manifest: str = ""
    boxes: str = ""
    sealed: bool = False


def statements(
    opened: Opened,
    which: str,
    now: datetime,
    *,
    payee: str = "",
    folder: Path | None = None,
    paper: Paper | None = None,
    design: str = "",
    formats: Sequence[str] = (PDF,),
    progress: Progress | None = None,
) -> Statements:
    """Previews of a run that is not posted, final ones of one that is, into `statements/PERIOD` unless told otherwise.

    One file per payee and format, `statement-2026-03-000123.pdf` and so on; `formats` are names of `FORMATS`. What was
    printed as PDF before from the same figures, template and paper is left as it is; a batch that was killed is
    taken up where it ended. A design of the workspace (`statements/DESIGN`) comes before the shipped one of that
    name; design, paper and brand are those of the workspace file that the run was calculated with, unless told
    otherwise. Final PDFs are sealed, at the time `now`, with the seal of the workspace file as it stands.
    A statement on record as issued is never another file under its number: it is left out with an E813. What was
    reissued (`actions.reissue`) is put into the folder as it is on record.
    Raises `Failed`: E606; E512 where the payee has no statement; E802 where there is no such design; E803
    where another process prints there; E812 where the seal cannot be used.
    """
    store = the_summed_ledger(opened)
    run = find_run(opened, store, which)
    known, grounds = told(opened, store, run), grounds_of(opened, store, run)
    payees = the_payees(known, payee)
    target = folder or opened.root / "statements" / run.record.period.label
    target.mkdir(parents=True, exist_ok=True)
    seal = load_seal(opened, now) if PDF in formats and known.facts.status is not Status.PREVIEW else None
    where = where_of(opened, known, target, paper, design, seal)
    issued = versions(opened, store, run, target)
    found: list[Diagnostic] = []
    made: list[Printed] = []
    manifest = ""
    characters: set[str] = set()
    if PDF in formats:
        due = {number: version.printed.plain for number, version in issued.items()}
        for outcome in _printed(known, grounds, payees, where, progress or (lambda done, of: None), characters, due):
            if isinstance(outcome, Printed):
                made.append(outcome)
            else:
                found += outcome
        made += [restored(opened, each) for each in reissued(issued) if each.payee in payees]
        if not payee:
            found += _untied(known, made, paid_totals(opened, run))
            if not any(d.code == "E813" for d in found):
                manifest = write_manifest(target, manifest_of(known, made))
    other = [form for form in WRITERS if form in formats]
    if other:
        again: list[Diagnostic] = []
        for view in _views(known, payees, again):
            made += [_file(view, where, form) for form in other]
        found += [d for d in again if d not in found]
    made.sort(key=lambda p: (p.number, p.path.suffix != f".{PDF}", p.path))
    once = {p.number: p.totals for p in made if not p.supersedes}
    status, totals = known.facts.status.value, _money(summed(once.values()))
    boxes, label = unprintable(characters, where.template.fonts), run.record.period.label
    return Statements(
        run.id, label, status, target, tuple(made), tuple(found), totals, manifest, boxes, where.seal is not None
    )


def where_of(opened: Opened, known: Told, folder: Path, paper: Paper | None, design: str, seal: Seal | None) -> Where:
    """How the pages look, as the workspace file behind `known` says unless told otherwise."""
    settings = known.shown.statements
    template = load_template(design or settings.design, opened.root / "statements")
    return Where(
        folder,
        branded(template, settings.brand, opened.root),
        paper or Paper(settings.paper),
        {name: branded(template, e.brand, opened.root) for name, e in known.shown.entities.items()},
        seal,
    )


def the_payees(known: Told, payee: str) -> list[str]:
    """The longest statements first: one that begins last keeps everybody waiting."""
    payees = sorted({*known.numbers, *known.rows}, key=lambda p: (-len(known.rows.get(p, ())), p.encode()))
    if payee and payee not in payees:
        message = f"{payee} has no statement for {known.run.record.period.label}"
        help = f"compengine show {known.run.id} lists who has anything in it"
        raise Failed([Diagnostic("E512", message, Place(table="payees", row=payee), help)])
    return [payee] if payee else payees


def _printed(
    known: Told,
    grounds: Grounds | None,
    payees: Sequence[str],
    where: Where,
    progress: Progress,
    characters: set[str],
    issued: Mapping[str, str],
) -> Iterator[Printed | tuple[Diagnostic, ...]]:
    with noting(where.folder) as notes:
        sweep(where.folder)
        before = finished(where.folder)
        sheets = (_noted(sheet_of(known, grounds, each, issued), characters) for each in payees)
        for count, outcome in enumerate(print_all(sheets, where, before), start=1):
            if isinstance(outcome, Printed) and not outcome.kept:
                notes.add(outcome)
            progress(count, len(payees))
            yield outcome


def _noted(sheet: Sheet | tuple[Diagnostic, ...], characters: set[str]) -> Sheet | tuple[Diagnostic, ...]:
    """The sheet as it is; what is written on it goes into `characters`."""
    if isinstance(sheet, Sheet):
        characters.update(to_json(sheet.view).decode(), str(catalogue(language(sheet.view.locale).locale.language)))
    return sheet


def sheet_of(
    known: Told, grounds: Grounds | None, payee: str, issued: Mapping[str, str]
) -> Sheet | tuple[Diagnostic, ...]:
    """What the payee's statement is printed from, or why there is none; whatever is wrong with one stays with it.
    `issued` has the SHA-256, without a seal, of the statements on record by their number."""
    try:
        view = build(facts_of(known, payee))
        enclosed = enclosures(view, proof_for(grounds, payee) if grounds is not None else None)
        return Sheet(view, enclosed, issued.get(view.number, ""))
    except Failed as failed:
        return failed.diagnostics
    except Exception as fault:
        number = known.numbers.get(payee, "")
        return (Diagnostic("E803", f"statement {number} of {payee}: {type(fault).__name__}: {fault}"),)


def _views(known: Told, payees: Sequence[str], found: list[Diagnostic]) -> Iterator[StatementView]:
    for each in payees:
        sheet = sheet_of(known, None, each, {})
        if isinstance(sheet, Sheet):
            yield sheet.view
        else:
            found += sheet


def manifest_of(known: Told, made: Sequence[Printed]) -> str:
    about = {"run": known.run.id, "content": known.run.record.content, "period": known.run.record.period.label}
    about["status"] = known.facts.status.value
    return manifest_text(about, made, _missing(known, made))


def _missing(known: Told, made: Sequence[Printed]) -> list[Missing]:
    there, paid = {p.number for p in made}, _paid(known)
    return [Missing(n, payee, paid.get(payee, ())) for payee, n in known.numbers.items() if n not in there]


def _paid(known: Told) -> dict[str, Totals]:
    """What the run pays each payee."""
    found: dict[str, list[Totals]] = {}
    for s in to_rows(Settlement, known.results.settlements):
        found.setdefault(s.payee, []).append(((s.pay_currency, s.paid),))
    return {payee: summed(each) for payee, each in found.items()}


def _untied(known: Told, made: Sequence[Printed], pay: Sequence[Money]) -> list[Diagnostic]:
    """Where the statements do not pay what the pay file does: each by itself, and all together."""
    paid = _paid(known)
    wrong = [
        Diagnostic(
            "E801", f"{p.payee}, statement {p.number}, says {_said(p.totals)}, and the run pays {_said(paid[p.payee])}"
        )
        for p in made
        if p.payee in paid and _nonzero(p.totals) != _nonzero(paid[p.payee])
    ]
    everything = summed([*(p.totals for p in made if not p.supersedes), *(m.totals for m in _missing(known, made))])
    file = tuple(sorted((m.currency, m.amount) for m in pay))
    if _nonzero(everything) != _nonzero(file):
        message = f"the statements together say {_said(everything)}, and the pay file {_said(file)}"
        wrong.append(Diagnostic("E801", message))
    return wrong


def _nonzero(totals: Totals) -> dict[str, Decimal]:
    return {currency: amount for currency, amount in totals if amount}


def _said(totals: Totals) -> str:
    return ", ".join(str(each) for each in _money(totals)) or "nothing"


def _money(totals: Totals) -> tuple[Money, ...]:
    return tuple(Money(amount, currency) for currency, amount in totals)


def _file(view: StatementView, where: Where, form: str) -> Printed:
    """The statement in another format than PDF, whole or not there."""
    content = WRITERS[form](view, where.template_of(view))
    path = (where.folder / file_name(view)).with_suffix(f".{form}")
    write_content(path, content)
    return Printed(view.number, view.person.id, path, sha256_hex(content), len(content), totals_of(view))
