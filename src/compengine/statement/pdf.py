"""HTML → PDF. The same page gives the same bytes: no clock, no file but the template's fonts, no network.

The file's identifier and its dates come from the run, never from the machine; nothing of the process is changed.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from weasyprint import CSS, HTML, __version__  # type: ignore[import-untyped]
from weasyprint.html import UA  # type: ignore[import-untyped]
from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # type: ignore[import-untyped]

from compengine.source.diagnostic import Diagnostic, Failed
from compengine.statement.archival import OPTIONS, Enclosure, finish
from compengine.statement.html import render_html
from compengine.statement.room import with_room
from compengine.statement.templates import Template
from compengine.statement.view import StatementView

PRINTER = f"WeasyPrint {__version__}"
NOWHERE = "https://statement.invalid/"
"""What a relative address on a page leads to: the fetcher refuses it."""


_FOOTNOTES = re.compile(r"footnote|note\(")
_FOR_ALL = re.compile(r"^::[a-z-]+ \{.*\}$", re.MULTILINE)
"""Rules that make a pseudo-element of every element."""
TYPES = {".png": "image/png", ".svg": "image/svg+xml"}


class Paper(StrEnum):
    A4 = "A4"
    LETTER = "Letter"


class OnlyFonts(URLFetcher):  # type: ignore[misc]
    """Gives out the template's fonts and logo, and stops the rendering for anything else, whatever its scheme.

    Other errors are mere warnings to WeasyPrint, and the page would come out without what was refused. Inside a picture
    even this one is swallowed; so what was `refused` is remembered, and asked for at the end.
    """

    def __init__(self, template: Template) -> None:
        super().__init__(allow_redirects=False, fail_on_errors=True)
        self._files = template.fonts | {template.logo} if template.logo else template.fonts
        self.refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        path = _local(url)
        if path is None or path not in self._files:
            self.refused.append(url[:200])
            raise FatalURLFetchingError(f"a statement may not load {url[:200]}")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES.get(path.suffix.lower(), "font/ttf")})


def _local(url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc or parts.query or parts.fragment:
        return None
    text = unquote(url2pathname(parts.path))
    return None if "\0" in text else Path(text).resolve()


@dataclass(frozen=True, slots=True)
class Press:
    """What is made once per process and template: parsed styles and loaded fonts. `defaults` are those of HTML."""

    styles: tuple[CSS, ...]
    fonts: FontConfiguration
    defaults: CSS


@lru_cache(maxsize=4)
def _press(template: Template, paper: Paper) -> Press:
    """Raises `Failed` (E802) where the stylesheet itself asks for what is not ours."""
    fonts, fetcher = FontConfiguration(), OnlyFonts(template)
    with _only_ours(fetcher):
        sheets = [
            CSS(string=css, base_url=path.as_uri(), font_config=fonts, url_fetcher=fetcher)
            for css, path in template.sheets
        ]
        size = CSS(string=f"@page {{ size: {paper.value} }}", font_config=fonts, url_fetcher=fetcher)
        defaults = CSS(string=_defaults(template), url_fetcher=fetcher)
    return Press((*sheets, size), fonts, defaults)


def _defaults(template: Template) -> str:
    """WeasyPrint's own stylesheet has rules for footnotes that hold for every element, so that each has six styles.
    They are left out for a design without any."""
    designs = (template, template.under) if template.under else (template,)
    footnotes = any(_FOOTNOTES.search(design.css + design.html) for design in designs)
    return str(UA if footnotes else _FOR_ALL.sub("", UA))


@contextmanager
def _only_ours(fetcher: OnlyFonts) -> Iterator[None]:
    """Turns a refusal inside into `Failed` (E802), also where it was swallowed on the way."""
    with suppress(FatalURLFetchingError):
        yield
    if fetcher.refused:
        help = "A template may use only fonts of its own folder, and no other file or address."
        raise Failed([Diagnostic("E802", f"a statement may not load {url}", help=help) for url in fetcher.refused])


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a file says of itself. `identifier` tells it from others; `made` is a time of the run, with its zone."""

    identifier: str
    made: datetime | None = None
    enclosures: tuple[Enclosure, ...] = ()


def render_pdf(html: str, template: Template, imprint: Imprint, paper: Paper = Paper.A4) -> bytes:
    """The printed page, as PDF/A-3a and PDF/UA-1: two renderings of one page and imprint are byte for byte equal.

    Raises `Failed` (E802) where the page asks for anything that is not one of the template's fonts.
    """
    content: bytes = b""
    press, fetcher = _press(template, paper), OnlyFonts(template)
    with _only_ours(fetcher):
        page = HTML(string=html, base_url=NOWHERE, url_fetcher=fetcher)
        page._ua_stylesheets = lambda forms: [press.defaults]
        content = with_room(lambda: _printed(page, press, imprint))
    return content


def _printed(page: HTML, press: Press, imprint: Imprint) -> bytes:
    content: bytes = page.write_pdf(
        stylesheets=press.styles,
        font_config=press.fonts,
        **OPTIONS,
        pdf_identifier=hashlib.sha256(imprint.identifier.encode()).digest()[:16],
        finisher=lambda _, pdf: finish(pdf, imprint.enclosures, imprint.made),
    )
    return content


def statement_pdf(
    view: StatementView, template: Template, paper: Paper = Paper.A4, enclosures: tuple[Enclosure, ...] = ()
) -> bytes:
    """View → PDF, known by its run and number, dated as the run was approved (or calculated)."""
    imprint = Imprint(f"{view.audit.run}/{view.number}", view.audit.approved_at or view.audit.calculated_at, enclosures)
    return render_pdf(render_html(view, template), template, imprint, paper)
