"""Which characters of a statement no font can print: they would come out as empty boxes.

The statement fonts have Latin, Greek and Cyrillic; anything else is taken from the fonts that are installed.
"""

import subprocess
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

_UNSEEN = ("C", "Z", "Mn", "Me")
"""Categories of characters that leave no mark of their own, or only on the one before."""


def unprintable(text: Iterable[str], fonts: Iterable[Path]) -> str:
    """The characters that neither these fonts nor installed ones have, each once, in order; empty where fontconfig
    is not there to be asked."""
    seen = {c for c in text if not unicodedata.category(c).startswith(_UNSEEN)}
    rest = {c for c in seen if not any(ord(c) in _characters(font) for font in fonts)}
    installed = _installed() if rest else ()
    if installed is None:
        return ""
    return "".join(sorted(c for c in rest if not any(first <= ord(c) <= last for first, last in installed)))


@lru_cache(maxsize=16)
def _characters(font: Path) -> frozenset[int]:
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


@lru_cache(maxsize=1)
def _installed() -> tuple[tuple[int, int], ...] | None:
    """First and last character of each stretch that an installed font has; None without an answer."""
    try:
        asked = ["fc-list", "--format", "%{charset}\n"]
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    ends = {stretch.partition("-")[::2] for stretch in answer.split()}
    return tuple(sorted({(int(first, 16), int(last or first, 16)) for first, last in ends}))
