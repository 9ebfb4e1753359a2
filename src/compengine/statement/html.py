"""View → HTML. Whatever comes from data is escaped; a name the view does not have stops the page."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, Undefined
from markupsafe import Markup, escape

from compengine.statement import charts, figures
from compengine.statement.data import to_json
from compengine.statement.language import Language, counted, language, say
from compengine.statement.templates import Template
from compengine.statement.view import Figure, StatementView

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")

PLAIN: dict[str, Any] = {"rounded": figures.rounded, "brief": figures.brief}
SPOKEN: dict[str, Any] = {
    "say": say,
    "money": figures.money,
    "signed": figures.signed,
    "figure": figures.figure,
    "named": figures.named,
    "number": figures.number,
    "percent": figures.percent,
    "share": figures.share,
    "day": figures.day,
    "short_day": figures.short_day,
    "moment": figures.moment,
    "period_name": figures.period,
    "ladder": charts.ladder,
    "guide": charts.guide,
    "away": charts.away,
    "year_bars": charts.year_bars,
}
"""What a template may call: how figures are written in the statement's language, and the pictures."""


def figures_digest(words: Language, view: StatementView) -> str:
    """SHA-256 of the statement's data, as it is enclosed."""
    return hashlib.sha256(to_json(view)).hexdigest()


def worth(words: Language, value: Decimal, currency: str) -> str:
    """An amount that stands alone."""
    return figures.named(words, Figure(value, currency))


def marked(words: Language, key: str, **values: str) -> Markup:
    """A text whose values may be marked up."""
    text = words.words[key]
    assert isinstance(text, str), f"{key} is said with a number"
    return Markup(escape(text)).format_map(values)


def bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def opened(text: str) -> str:
    """With a capital at its start."""
    return text[:1].upper() + text[1:]


def page_parts(words: Language) -> tuple[str, str, str]:
    """What stands before, between and after the number of a page and the number of pages."""
    first, rest = say(words, "page", page="\0", pages="\1").split("\0")
    middle, last = rest.split("\1")
    return first, middle, last


def _spoken(one: Callable[..., Any], words: Language) -> Callable[..., Any]:
    """`one` in a language. A name that the view does not have says so here, and not as whatever `one` makes of it."""

    def call(*given: Any, **named: Any) -> Any:
        for value in (*given, *named.values()):
            if isinstance(value, Undefined):
                str(value)  # raises, with the name
        return one(words, *given, **named)

    return call


@lru_cache(maxsize=16)
def _environment(pages: tuple[tuple[str, str], ...], locale: str) -> Environment:
    """`pages` are templates by their names: they are compiled once for all brands."""
    environment = Environment(
        loader=DictLoader(dict(pages)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = language(locale)
    spoken = SPOKEN | {"marked": marked, "page_parts": page_parts, "worth": worth, "counted": counted}
    spoken |= {"figures_digest": figures_digest}
    environment.globals.update(PLAIN | {"bold": bold} | {name: _spoken(one, words) for name, one in spoken.items()})
    environment.globals["code_first"] = words.code_first
    environment.filters |= {"brief": figures.brief, "opened": opened}
    return environment


def render_html(view: StatementView, template: Template, style: bool = False) -> str:
    """The statement as one HTML document; with `style` its stylesheet stands inside it (for a browser)."""
    under = template.under
    pages = (("statement.html", template.html), *([(under.name, under.html)] if under else []))
    page = _environment(pages, view.locale).get_template("statement.html")
    return page.render(
        view=view,
        style=Markup("".join(_own_style(css) for css, _ in template.sheets)) if style else "",
        brand=template.brand,
        logo=_logo(template, inside=style),
    )


def _own_style(css: str) -> str:
    """The stylesheet for a browser, without fonts that are beside it: a page by itself has none."""
    return _FONT_FACE.sub("", css)


def _logo(template: Template, inside: bool) -> str:
    """The address of the logo: its content itself for a page that stands alone, else its file."""
    if template.logo is None:
        return ""
    if not inside:
        return template.logo.as_uri()
    kind = "png" if template.logo.suffix.lower() == ".png" else "svg+xml"
    return f"data:image/{kind};base64,{b64encode(template.picture).decode()}"
