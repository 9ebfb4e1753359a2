"""No text of data becomes more than text on the page."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hostile_texts import TEXTS, everywhere
from statement_samples import ALL

from compengine.statement.build import build
from compengine.statement.html import render_html
from compengine.statement.templates import load_template

TEMPLATE = load_template()
SAMPLES = ("crossing", "true_up", "draw", "nothing")


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


@pytest.mark.parametrize("at", range(10))
def test_a_hostile_text_in_every_place_leaves_the_tree_as_it_is(at: int) -> None:
    """Beside a harmless text as long: a picture leaves out a word for which there is no room."""
    view = build(ALL[SAMPLES[at % len(SAMPLES)]]())
    for text in TEXTS[at::10]:
        clean = tree(render_html(everywhere(view, "x" * len(text)), TEMPLATE))
        assert len(clean) > 100
        page = render_html(everywhere(view, text), TEMPLATE)
        assert tree(page) == clean, f"{text!r} became part of the page"
        assert "root:" not in page and ">49<" not in page


def test_a_template_that_does_not_escape_is_found() -> None:
    careless = replace(TEMPLATE, html=TEMPLATE.html.replace("{{ view.payer }}", "{{ view.payer | safe }}"))
    view = build(ALL["crossing"]())
    clean = tree(render_html(everywhere(view, "Harmless"), careless))
    assert tree(render_html(everywhere(view, "<img src=x>"), careless)) != clean
