"""A workspace's own design is tried before it prints: each kind of mistake is found, with its file and line."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from held_samples import deal
from statement_samples import ALL, crossing, draw_month, manager, many, moved, nothing, true_up

from compengine.statement.build import build
from compengine.statement.data import to_json
from compengine.statement.facts import Status
from compengine.statement.reference import Reissue
from compengine.statement.templates import Template, load_template
from compengine.statement.trial import SAMPLES, samples, try_template
from compengine.statement.view import StatementView

FOLDER = Path(__file__).resolve().parents[2] / "statements"


def full() -> StatementView:
    """Everything that can stand on a statement, from several samples; its figures need not add up."""
    view, changed, held, drawn = (build(f) for f in (crossing(), true_up(), many(3), draw_month()))
    other = next((build(ALL[n]()) for n in ALL if build(ALL[n]()).adjustments), view)
    return replace(
        view,
        status=Status.CORRECTED.value,
        reissue=Reissue("2026-03-0000", "The name was misspelled.", date(2026, 5, 2)),
        accounts=(*drawn.accounts, *held.accounts),
        changes=changed.changes,
        corrections=changed.corrections,
        clawbacks=changed.clawbacks,
        adjustments=other.adjustments,
        disputes=other.disputes,
        holds=held.holds,
        releases=build(deal("0.04", "0.04", held="800", still="0", due="800")).releases,
        downlines=build(manager()).downlines,
        address=build(moved()).address,
        employments=build(moved()).employments,
    )


def test_the_samples_are_up_to_date(update: bool) -> None:
    for name, view in zip(SAMPLES, (full(), build(nothing())), strict=True):
        if update:
            (FOLDER / name).write_bytes(to_json(view))
        assert (FOLDER / name).read_bytes() == to_json(view), "run pytest --update"


@pytest.mark.parametrize("name", ["standard", "compact"])
def test_shipped_designs_hold(name: str) -> None:
    assert try_template(load_template(name)) == ()


def own(tmp_path: Path, html: str = "<p>{{ view.number }}</p>\n", css: str = "p { color: #000 }\n") -> Template:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "statement.html").write_text(html)
    (folder / "statement.css").write_text(css)
    return load_template("mine", tmp_path)


@pytest.mark.parametrize(
    ("html", "css", "code", "line", "said"),
    [
        ("<p>\n{% if view.number %}\n</p>", "", "E807", 3, "end of template"),
        ("<p>\n{{ view.numbr }}</p>", "", "E807", 2, "no attribute 'numbr'"),
        ("\n\n{% for c in view.components %}{{ c.titel }}{% endfor %}", "", "E807", 3, "no attribute 'titel'"),
        ("<p>\n{{ day(view.pay_dat) }}", "", "E807", 2, "no attribute 'pay_dat'"),
        ("{{ view.number | shout }}", "", "E807", 1, "shout"),
        ("<p>\n{{ monney(view.earned, 'USD') }}", "", "E807", 2, "'monney' is undefined"),
        ("<p>\n{{ say('no.such.word') }}", "", "E807", 2, "no.such.word"),
        ("\n{% include 'other.html' %}", "", "E802", 2, "other.html"),
        ("<p>\n<img src='/etc/passwd.png' alt='x'></p>", "", "E802", 2, "passwd.png"),
        ("<p>\n<img src='https://example.com/pixel.png' alt='x'></p>", "", "E802", 2, "pixel.png"),
        ("<p>x</p>", "p { color: #000 }\nbody { background: url(wall.png) }", "E802", 2, "wall.png"),
        ("<p>x</p>", "@import 'more.css';", "E802", 1, "more.css"),
    ],
)
def test_each_mistake_is_found_at_its_line(
    tmp_path: Path, html: str, css: str, code: str, line: int, said: str
) -> None:
    found = try_template(own(tmp_path, html, css))
    assert [d.code for d in found] == [code]
    assert said in found[0].message
    span = found[0].place.span
    assert span is not None and span.line == line
    assert Path(span.path).name == ("statement.css" if css else "statement.html")


def test_a_design_that_holds_says_nothing(tmp_path: Path) -> None:
    assert try_template(own(tmp_path)) == ()


def test_the_full_sample_has_every_section() -> None:
    view = samples()[0]
    for name in ("changes", "clawbacks", "holds", "excluded", "years", "accounts", "performance", "adjustments"):
        assert getattr(view, name), name
