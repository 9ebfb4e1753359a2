"""No text of data becomes more than text on the page."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hostile_texts import TEXTS, declared, everywhere, filled, places
from statement_samples import ALL

from compengine.inputs.schema import Brand
from compengine.statement.build import build
from compengine.statement.html import render_html
from compengine.statement.templates import Template, load_template
from compengine.statement.view import StatementView

TEMPLATE = load_template()
SAMPLES = ("crossing", "true_up", "draw", "nothing")
SIZES = sorted({len(text) for text in TEXTS})
PARTS = [[text for text in TEXTS if SIZES.index(len(text)) % 10 == at] for at in range(10)]
"""All texts of one length are in one part: the harmless page beside them is made once."""


class Tree(HTMLParser):
    """Elements and the names of their attributes, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, *sorted(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(("/", tag))

    def handle_comment(self, data: str) -> None:
        self.seen.append(("comment",))

    def handle_decl(self, decl: str) -> None:
        self.seen.append(("declaration",))

    def handle_pi(self, data: str) -> None:
        self.seen.append(("instruction",))


def tree(page: str) -> list[tuple[str, ...]]:
    reader = Tree()
    reader.feed(page)
    reader.close()
    return reader.seen


def test_there_are_five_hundred_texts_and_all_differ() -> None:
    assert len(set(TEXTS)) >= 500
    assert sorted(text for part in PARTS for text in part) == sorted(TEXTS)


def test_a_view_can_be_made_with_a_text_in_every_place_for_one() -> None:
    view = everywhere(filled(build(ALL["crossing"]())), "evil")
    held = {place for place, text in places(view) if text == "evil"}
    assert held == declared(StatementView) and len(held) > 80
    assert {text for _, text in places(view)} == {"evil"}
    assert held > {place for place, _ in places(build(ALL["crossing"]()))}


@pytest.mark.parametrize("at", range(10))
def test_a_hostile_text_in_every_place_leaves_the_tree_as_it_is(at: int) -> None:
    """Beside a harmless text as long: a picture leaves out a word for which there is no room. The brand's texts, which
    are the workspace's, are replaced as well."""
    template = replace(load_template(("standard", "compact")[at % 2]), brand=Brand("x", "", "#2b5c8a", "x", "x"))
    view = filled(build(ALL[SAMPLES[at % len(SAMPLES)]]()))
    harmless: dict[int, list[tuple[str, ...]]] = {}
    for text in PARTS[at]:
        size = len(text)
        if size not in harmless:
            harmless[size] = tree(render_html(everywhere(view, "x" * size), everywhere_branded(template, "x" * size)))
        clean = harmless[size]
        assert len(clean) > 100
        page = render_html(everywhere(view, text), everywhere_branded(template, text))
        assert tree(page) == clean, f"{text!r} became part of the page"
        assert "root:" not in page and ">49<" not in page


def everywhere_branded(template: Template, text: str) -> Template:
    return replace(template, brand=everywhere(template.brand, text))


def test_a_template_that_does_not_escape_is_found() -> None:
    careless = replace(TEMPLATE, html=TEMPLATE.html.replace("{{ view.payer }}", "{{ view.payer | safe }}"))
    view = build(ALL["crossing"]())
    clean = tree(render_html(everywhere(view, "Harmless"), careless))
    assert tree(render_html(everywhere(view, "<img src=x>"), careless)) != clean
