"""Cut the two static weights of `statements/fonts` from the variable Noto Sans of the package `fontpkg-noto-sans`.

`python scripts/fonts.py` writes them; `--check` only compares. The family gets a name of its own in the stylesheet,
so that a Noto Sans of the system is never taken instead. Licence: SIL OFL 1.1, in `OFL.txt` beside the fonts.
"""

import sys
import tempfile
from pathlib import Path

import fontpkg_noto_sans
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FOLDER = Path(__file__).resolve().parents[1] / "statements" / "fonts"
SOURCE = fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf"
WEIGHTS = {"StatementSans-Regular.ttf": 400, "StatementSans-SemiBold.ttf": 600}


def cut(weight: int, target: Path) -> None:
    """One weight at normal width; the font's own date stays, so that the same source gives the same bytes."""
    font = instancer.instantiateVariableFont(TTFont(SOURCE, recalcTimestamp=False), {"wght": weight, "wdth": 100})
    font.save(target)


def main(check: bool) -> int:
    different = []
    for name, weight in WEIGHTS.items():
        with tempfile.TemporaryDirectory() as beside:
            made = Path(beside) / name
            cut(weight, made)
            if not check:
                (FOLDER / name).write_bytes(made.read_bytes())
            elif made.read_bytes() != (FOLDER / name).read_bytes():
                different.append(name)
    for name in different:
        sys.stderr.write(f"{name} is not what {SOURCE.name} gives\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
