"""The `statements` of a workspace file: how statements look, in which language, and whose they are."""

import re
from pathlib import PurePosixPath

from compengine.inputs.schema import LOCALES, PLAIN, Brand, ColumnType, Presentation, Sealing, Table
from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import check_keys, mapping, note, scalar, word
from compengine.source.yaml import Mapping, Node

PAPERS = ("A4", "Letter")
KEYS = ("design", "paper", "locale", "locale_column", "query_days", "brand", "seal")
BRAND = ("name", "logo", "colour", "legal", "contact")
SEAL = ("key", "certificate")
PICTURES = (".png", ".svg")
DESIGN = re.compile(r"[a-z][a-z0-9-]{0,39}")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
DAYS = re.compile(r"[1-9][0-9]{0,2}")
READABLE = 4.5
"""The least contrast with white paper, of WCAG 2 (1.4.3)."""


def read_presentation(node: Node | None, payees: Table | None, found: list[Diagnostic]) -> Presentation:
    """What is wrong is noted in `found`."""
    body = mapping(node, "statements", found)
    if body is None:
        return PLAIN
    check_keys(body, "statements", KEYS, (), found)
    design = _matching(body.get("design"), "design", DESIGN, "the name of a design, as `standard` or `compact`", found)
    days = _matching(body.get("query_days"), "query_days", DAYS, "a whole number of days, from 1 to 999", found)
    return Presentation(
        design=design or PLAIN.design,
        paper=word(body.get("paper"), "paper", PAPERS, found) or PLAIN.paper,
        locale=word(body.get("locale"), "locale", LOCALES, found) or PLAIN.locale,
        locale_column=_column(body.get("locale_column"), payees, found),
        query_days=int(days) if days else 0,
        brand=_brand(body.get("brand"), found),
        seal=_seal(body.get("seal"), found),
    )


def _matching(node: Node | None, key: str, form: re.Pattern[str], wanted: str, found: list[Diagnostic]) -> str:
    text = scalar(node, key, found)
    if text is None:
        return ""
    if not form.fullmatch(text.value):
        note(found, "E108", f"{text.value} is no {key}", text.span, f"write {wanted}")
        return ""
    return text.value


def _column(node: Node | None, payees: Table | None, found: list[Diagnostic]) -> str:
    text = scalar(node, "locale_column", found)
    if text is None or payees is None:
        return ""
    column = payees.columns.get(text.value)
    if column is None or column.type is not ColumnType.TEXT:
        help = f"declare it as text, and write one of {', '.join(LOCALES)} in it"
        note(found, "E108", f"{text.value} is no text column of payees", text.span, help)
        return ""
    return text.value


def _brand(node: Node | None, found: list[Diagnostic]) -> Brand:
    body = mapping(node, "brand", found)
    if body is None:
        return PLAIN.brand
    check_keys(body, "brand", BRAND, (), found)
    return read_brand(body, found)


def read_brand(body: Mapping, found: list[Diagnostic]) -> Brand:
    """What stands under the keys of `BRAND`."""
    said = {key: scalar(body.get(key), key, found) for key in ("name", "legal", "contact")}
    return Brand(
        name=said["name"].value if said["name"] else "",
        logo=_logo(body.get("logo"), found),
        colour=_colour(body.get("colour"), found),
        legal=said["legal"].value if said["legal"] else "",
        contact=said["contact"].value if said["contact"] else "",
    )


def _seal(node: Node | None, found: list[Diagnostic]) -> Sealing | None:
    body = mapping(node, "seal", found)
    if body is None:
        return None
    secrets = dict.fromkeys(("passphrase", "password"), "it comes from the environment: COMPENGINE_SEAL_PASSPHRASE")
    check_keys(body, "seal", SEAL, SEAL[:1], found, secrets)
    key, certificate = (scalar(body.get(name), name, found) for name in SEAL)
    return Sealing(key.value, certificate.value if certificate else "") if key else None


def _logo(node: Node | None, found: list[Diagnostic]) -> str:
    text = scalar(node, "logo", found)
    if text is None:
        return ""
    path = PurePosixPath(text.value)
    if path.is_absolute() or ".." in path.parts or path.suffix.lower() not in PICTURES:
        help = "a path within the workspace's folder, of a file that ends in .png or .svg"
        note(found, "E108", f"{text.value} is no logo", text.span, help)
        return ""
    return text.value


def _colour(node: Node | None, found: list[Diagnostic]) -> str:
    """A colour that can be read on white."""
    text = scalar(node, "colour", found)
    if text is None:
        return ""
    if not COLOUR.fullmatch(text.value):
        note(found, "E108", f"{text.value} is no colour", text.span, 'write it as "#2b5c8a"')
        return ""
    contrast = contrast_with_white(text.value)
    if contrast < READABLE:
        message = (
            f"{text.value} is too pale to be read on white: its contrast is {contrast:.1f}, and must be {READABLE}"
        )
        note(found, "E108", message, text.span, "take a darker colour")
        return ""
    return text.value.lower()


def contrast_with_white(colour: str) -> float:
    """From 1 (white) to 21 (black), as WCAG 2 reckons it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
