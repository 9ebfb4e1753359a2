"""What cannot be printed is said before it is printed as boxes."""

import subprocess

import pytest

from compengine.actions import doctor


@pytest.mark.parametrize(("printed", "said"), [("Noto Sans CJK JP,Noto\n", "Noto Sans CJK JP"), ("", "empty boxes")])
def test_a_writing_without_a_font_is_said_with_the_package(
    monkeypatch: pytest.MonkeyPatch, printed: str, said: str
) -> None:
    def listed(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert words[:2] == ["fc-list", ":lang=ja"]
        return subprocess.CompletedProcess(words, 0, printed, "")

    monkeypatch.setattr(subprocess, "run", listed)
    found = doctor._script("Japanese", "ja", "fonts-noto-cjk")
    assert said in found.found and found.ok
    assert ("fonts-noto-cjk" in found.found) == (printed == "")


def test_without_fontconfig_it_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", absent)
    assert doctor._script("Thai", "th", "fonts-noto-core").found.startswith("unknown")
