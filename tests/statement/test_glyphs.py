"""Characters that no font has are told, not printed as boxes in silence."""

import pytest

from compengine.statement import glyphs
from compengine.statement.glyphs import unprintable
from compengine.statement.templates import load_template

FONTS = load_template().fonts


def test_what_the_statement_fonts_have_needs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "_installed", lambda: ())
    assert unprintable("Ann Müller-Lüdenscheidt × 5,25 % Ωмега\n\u200d\ufe0f", FONTS) == ""


def test_what_no_font_has_is_named_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "_installed", lambda: ((0x4E00, 0x9FFF),))
    assert unprintable("千代 ไทย ท", FONTS) == "ทยไ"


def test_nothing_is_said_where_nobody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "_installed", lambda: None)
    assert unprintable("千代", FONTS) == ""


def test_installed_fonts_are_asked_for_their_characters() -> None:
    found = glyphs._installed()
    if found is None:
        pytest.skip("fontconfig is not installed")
    assert any(first <= ord("a") <= last for first, last in found)
