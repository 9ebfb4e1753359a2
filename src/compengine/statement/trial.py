"""A design tried on made-up statements before anybody's is printed with it: each mistake with its file and line."""

import re
import traceback
from functools import lru_cache

from jinja2 import TemplateNotFound, TemplateSyntaxError

from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.text import Span
from compengine.statement.data import from_json
from compengine.statement.html import render_html
from compengine.statement.pdf import statement_pdf
from compengine.statement.templates import SHIPPED, Template
from compengine.statement.view import StatementView

SAMPLES = ("sample-full.json", "sample-empty.json")
"""Statements with everything there can be on one, and with nothing."""
_TEMPLATE = "<template>"
_HELP = "The fields a template may use are those of docs/reference/statement.schema.json."


@lru_cache(maxsize=1)
def samples() -> tuple[StatementView, ...]:
    folder = next(root for root in SHIPPED if (root / SAMPLES[0]).is_file())
    return tuple(from_json((folder / name).read_bytes(), name) for name in SAMPLES)


def try_template(template: Template) -> tuple[Diagnostic, ...]:
    """What is wrong with it: E807 for what Jinja refuses and for fields a statement does not have, E802 for what a page
    may not load. The same mistake is told once."""
    found: dict[str, Diagnostic] = {}
    for view in samples():
        for one in _tried(template, view):
            found.setdefault(f"{one.place} {one.message}", one)
    return tuple(found.values())


def _tried(template: Template, view: StatementView) -> list[Diagnostic]:
    try:
        render_html(view, template)
    except TemplateSyntaxError as fault:
        return [Diagnostic("E807", str(fault.message), _at(template, "statement.html", fault.lineno), _HELP)]
    except TemplateNotFound as fault:
        line = _line_of(template.html, str(fault.name))
        message = f"the template asks for another file, {fault.name}"
        return [
            Diagnostic(
                "E802",
                message,
                _at(template, "statement.html", line),
                'write it into statement.html; only "standard" can be extended',
            )
        ]
    except Exception as fault:  # whatever a template does wrong is its author's to mend
        lines = [f.lineno for f in traceback.extract_tb(fault.__traceback__) if f.filename == _TEMPLATE]
        return [
            Diagnostic(
                "E807",
                str(fault) or type(fault).__name__,
                _at(template, "statement.html", (lines or [None])[-1]),
                _HELP,
            )
        ]
    try:
        statement_pdf(view, template)
    except Failed as failed:
        return [_placed(template, one) for one in failed.diagnostics]
    return []


def _placed(template: Template, refused: Diagnostic) -> Diagnostic:
    """With the line that names what was refused, as far as it is written there."""
    name = re.split(r"[/\s]", refused.message.rstrip("/"))[-1]
    for file, text in (("statement.html", template.html), ("statement.css", template.css)):
        if name in text:
            place = _at(template, file, _line_of(text, name))
            return Diagnostic(refused.code, refused.message, place, refused.help)
    return refused


def _line_of(text: str, part: str) -> int:
    return text[: max(text.find(part), 0)].count("\n") + 1


def _at(template: Template, file: str, line: int | None) -> Place:
    path = template.folder / file
    text = (template.html if file.endswith(".html") else template.css).splitlines()
    number = min(max(line or 1, 1), max(len(text), 1))
    width = len(text[number - 1]) if text else 0
    return Place(Span(str(path), number, 1, number, max(width, 1) + 1))
