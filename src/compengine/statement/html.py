"""View → HTML. Whatever comes from data is escaped; a name the view does not have stops the page."""

from functools import lru_cache
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from compengine.statement import charts, figures
from compengine.statement.templates import Template
from compengine.statement.view import StatementView

WORDS: dict[str, Any] = {
    "money": figures.money,
    "signed": figures.signed,
    "figure": figures.figure,
    "named": figures.named,
    "number": figures.number,
    "percent": figures.percent,
    "cut": figures.cut,
    "day": figures.day,
    "short_day": figures.short_day,
    "moment": figures.moment,
    "period_name": figures.period,
    "brief": figures.brief,
    "ladder": charts.ladder,
    "guide": charts.guide,
    "away": charts.away,
    "year_bars": charts.year_bars,
}
"""What a template may call: how figures are written, and the pictures."""


@lru_cache(maxsize=8)
def _environment(template: Template) -> Environment:
    environment = Environment(
        loader=DictLoader({"statement.html": template.html}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(WORDS)
    return environment


def render_html(view: StatementView, template: Template, style: bool = False) -> str:
    """The statement as one HTML document; with `style` its stylesheet stands inside it (for a browser)."""
    page = _environment(template).get_template("statement.html")
    return page.render(view=view, style=Markup(template.css) if style else "")
