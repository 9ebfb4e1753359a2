"""A statement for each payee of a run, as files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from compengine.actions.opened import Opened
from compengine.actions.runs import find_run, the_ledger
from compengine.actions.statement_facts import facts_of, told
from compengine.inputs.objects import write_whole
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.statement.batch import Printed, file_name, print_all
from compengine.statement.build import build
from compengine.statement.html import render_html
from compengine.statement.pdf import Paper
from compengine.statement.templates import Template, load_template
from compengine.statement.view import StatementView


@dataclass(frozen=True, slots=True)
class Statements:
    """`diagnostics` has one for each statement that could not be made; the others were."""

    run: str
    period: str
    status: str
    folder: Path
    printed: tuple[Printed, ...]
    diagnostics: tuple[Diagnostic, ...]


def statements(
    opened: Opened,
    which: str,
    *,
    payee: str = "",
    folder: Path | None = None,
    paper: Paper = Paper.A4,
    html: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Statements:
    """Previews of a run that is not posted, final ones of one that is, into `statements/PERIOD` unless told otherwise.

    A template `templates/standard` of the workspace comes before the shipped one. Raises `Failed`: E606; E512 where
    the payee has no statement.
    """
    store = the_ledger(opened)
    run = find_run(store, which)
    known = told(opened, store, run)
    payees = sorted({*known.numbers, *known.rows}, key=str.encode)
    if payee and payee not in payees:
        message = f"{payee} has no statement for {run.record.period.label}"
        raise Failed([Diagnostic("E512", message, Place(table="payees", row=payee))])
    views: list[StatementView] = []
    found: list[Diagnostic] = []
    for each in [payee] if payee else payees:
        try:
            views.append(build(facts_of(known, each)))
        except Failed as failed:
            found += failed.diagnostics
    target = folder or opened.root / "statements" / run.record.period.label
    target.mkdir(parents=True, exist_ok=True)
    template = load_template(root=opened.root / "templates")
    if html:
        printed = tuple(_page(view, target, template) for view in views)
    else:
        batch = print_all(views, target, template, paper, progress=progress)
        printed = batch.printed
        found += batch.diagnostics
    return Statements(run.id, run.record.period.label, known.facts.status.value, target, printed, tuple(found))


def _page(view: StatementView, folder: Path, template: Template) -> Printed:
    """The statement as one HTML file with its styles inside."""
    content = render_html(view, template, style=True).encode()
    path = (folder / file_name(view)).with_suffix(".html")
    write_whole(path, lambda part: _put(part, content))
    return Printed(view.number, view.person.id, path, "", len(content))


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)
