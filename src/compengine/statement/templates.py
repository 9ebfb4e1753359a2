"""Where statement templates lie, and what is in one: `statement.html`, `statement.css`, fonts beside them."""

from dataclasses import dataclass
from pathlib import Path

from compengine.source.diagnostic import Diagnostic, Failed, Place

STANDARD = "standard"
FONTS = (".ttf", ".otf", ".woff", ".woff2")
_PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED = (_PACKAGE.parents[1] / "statements", _PACKAGE / "_shipped" / "statements")
"""The checkout's folder, else the wheel's."""


@dataclass(frozen=True, slots=True)
class Template:
    """`folder` is the template's own; `fonts` are the only files a page made with it may load."""

    name: str
    folder: Path
    html: str
    css: str
    fonts: frozenset[Path]


def load_template(name: str = STANDARD, root: Path | None = None) -> Template:
    """The template of that name under `root` (a folder of templates), else among our own; E802 where there is none."""
    assert name.replace("-", "").replace("_", "").isalnum(), f"{name!r} is not a template's name"
    roots = (root, *SHIPPED) if root is not None else SHIPPED
    for place in roots:
        folder = (place / name).resolve()
        if (folder / "statement.html").is_file() and (folder / "statement.css").is_file():
            return Template(
                name=name,
                folder=folder,
                html=(folder / "statement.html").read_text(encoding="utf-8"),
                css=(folder / "statement.css").read_text(encoding="utf-8"),
                fonts=frozenset(_fonts(folder) | _fonts(folder.parent / "fonts")),
            )
    looked = ", ".join(str(place / name) for place in roots)
    raise Failed([Diagnostic("E802", f"no statement template “{name}”", Place(note=looked))])


def _fonts(folder: Path) -> set[Path]:
    if not folder.is_dir():
        return set()
    return {p.resolve() for p in folder.iterdir() if p.suffix.lower() in FONTS and p.is_file()}
