"""Where statement templates lie, and what is in one: `statement.html`, `statement.css`, fonts beside them.

A page may begin with `{% extends "standard" %}`: it is the shipped one of that name with some blocks of its own, and
its stylesheet comes after that one's.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from compengine.inputs.schema import PLAIN, Brand
from compengine.source.diagnostic import Diagnostic, Failed, Place

STANDARD = "standard"
FONTS = (".ttf", ".otf", ".woff", ".woff2")
LARGEST_LOGO = 256 * 1024
_EXTENDS = re.compile(rf'\s*\{{%-?\s*extends\s+"{STANDARD}"\s*-?%\}}')
_PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED = (_PACKAGE.parents[1] / "statements", _PACKAGE / "_shipped" / "statements")
"""The checkout's folder, else the wheel's."""


@dataclass(frozen=True, slots=True)
class Template:
    """`folder` is the template's own; `fonts` and the `logo` are the only files a page made with it may load.

    `under` is the design it extends, whose fonts are among its own. `brand` says whose page it is; `picture` is the
    logo's content.
    """

    name: str
    folder: Path
    html: str
    css: str
    fonts: frozenset[Path]
    under: "Template | None" = None
    brand: Brand = PLAIN.brand
    logo: Path | None = None
    picture: bytes = b""

    @property
    def sheets(self) -> tuple[tuple[str, Path], ...]:
        """Stylesheets in their order, each with the file that it stands in."""
        own = (self.css, self.folder / "statement.css")
        return (*self.under.sheets, own) if self.under else (own,)


def load_template(name: str = STANDARD, root: Path | None = None) -> Template:
    """The template of that name under `root` (a folder of templates), else among our own; E802 where there is none."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise Failed([Diagnostic("E802", f"“{name[:40]}” is not the name of a design")])
    roots = (root, *SHIPPED) if root is not None else SHIPPED
    for place in roots:
        folder = (place / name).resolve()
        if (folder / "statement.html").is_file() and (folder / "statement.css").is_file():
            html = (folder / "statement.html").read_text(encoding="utf-8")
            under = load_template() if _EXTENDS.match(html) else None
            return Template(
                name=name,
                folder=folder,
                html=html,
                css=(folder / "statement.css").read_text(encoding="utf-8"),
                fonts=frozenset(_fonts(folder) | _fonts(folder.parent / "fonts") | (under.fonts if under else set())),
                under=under,
            )
    looked = ", ".join(str(place / name) for place in roots)
    raise Failed([Diagnostic("E802", f"no statement template “{name}”", Place(note=looked))])


def _fonts(folder: Path) -> set[Path]:
    if not folder.is_dir():
        return set()
    return {p.resolve() for p in folder.iterdir() if p.suffix.lower() in FONTS and p.is_file()}


def branded(template: Template, brand: Brand, root: Path) -> Template:
    """The template with a brand whose logo lies under `root`; E802 where the logo is not a picture that can be used."""
    if not brand.logo:
        return replace(template, brand=brand)
    path = (root / brand.logo).resolve()
    why = ""
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        why = "is not a file of the workspace"
    elif path.stat().st_size > LARGEST_LOGO:
        why = f"is larger than {LARGEST_LOGO // 1024} KB"
    elif not _is_picture(path):
        why = "is not a PNG or SVG picture by its content"
    if why:
        raise Failed([Diagnostic("E802", f"the logo {brand.logo} {why}", Place(note=str(path)))])
    return replace(template, brand=brand, logo=path, picture=path.read_bytes())


def _is_picture(path: Path) -> bool:
    """By content. An SVG may declare no entities: a small one could grow without bound."""
    content = path.read_bytes()
    if path.suffix.lower() == ".png":
        return content.startswith(b"\x89PNG\r\n\x1a\n")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return False
    try:
        return ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
    except ElementTree.ParseError:
        return False
