"""A printed statement read again: the files enclosed in it, and the words on its pages as a reader copies them.

Only what the printer writes is taken: a file that was changed afterwards (a later version appended, something laid over
a page, text that is not seen) is said to be so. What a picture shows cannot be read.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import TypeVar

import pikepdf

T = TypeVar("T")
Texts = dict[int, str]
"""Code of a glyph → what it stands for."""
_RANGES = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_CODES = re.compile(rb"<([0-9a-fA-F]+)>")
_OF_A_PAGE = {"/Type", "/Parent", "/MediaBox", "/BleedBox", "/TrimBox", "/Contents", "/Resources", "/StructParents"}
_OF_A_PAGE |= {"/Tabs", "/Annots", "/Group"}
"""What the printer says of a page: nothing that shows a part of it, or turns it."""
LARGEST = 200 * 1024 * 1024


FAULTS = (
    pikepdf.PdfError,
    zlib.error,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    RecursionError,
)
"""What the library raises of a part that is damaged; its words name its own objects, and are no help to a reader."""


class NotRead(Exception):
    """The file is no PDF, or none as we write them; the text says what cannot be read."""


@dataclass(frozen=True, slots=True)
class Pages:
    """`texts` has the words of each page, one line per piece of text; `odd` says what the printer would not have
    written."""

    files: dict[str, bytes]
    texts: tuple[str, ...]
    odd: tuple[str, ...]


def read_pdf(content: bytes) -> Pages:
    """Raises `NotRead`."""
    if len(content) > LARGEST:
        raise NotRead(f"it has more than {LARGEST:,} bytes")
    if not content.startswith(b"%PDF-"):
        raise NotRead("it is empty" if not content else "it is no PDF")
    with _read("it is cut off or damaged, and cannot be opened", lambda: pikepdf.open(BytesIO(content))) as pdf:
        names = _read("the list of the files enclosed is damaged", lambda: list(pdf.attachments))
        files = {name: _read(f"{name}, enclosed in it, is damaged", partial(_content, pdf, name)) for name in names}
        found = _read("the list of its pages is damaged", lambda: list(pdf.pages))
        pages = [_read(f"page {n} of it is damaged", partial(_page, page)) for n, page in enumerate(found, 1)]
        beside = _read("what lies on its pages is damaged", lambda: list(_beside(pdf)))
    odd = [*_appended(content), *beside, *(f"page {n}: {w}" for n, (_, o) in enumerate(pages, 1) for w in o)]
    return Pages(files, tuple(text for text, _ in pages), tuple(odd))


def _read(otherwise: str, part: Callable[[], T]) -> T:
    try:
        return part()
    except FAULTS as fault:
        raise NotRead(otherwise) from fault


def _content(pdf: pikepdf.Pdf, name: str) -> bytes:
    """Uncompressed with its checksum, which the library does not insist on."""
    stream = pdf.attachments[name].get_file().obj
    if stream.get("/Filter") != pikepdf.Name.FlateDecode:
        return bytes(stream.read_bytes())
    return zlib.decompress(bytes(stream.read_raw_bytes()))


def _appended(content: bytes) -> Iterator[str]:
    if content.count(b"%%EOF") != 1 or not content.rstrip().endswith(b"%%EOF"):
        yield "something was appended to the file after it was written"


def _beside(pdf: pikepdf.Pdf) -> Iterator[str]:
    for name in ("/AcroForm", "/OpenAction", "/AA"):
        if name in pdf.Root:
            yield f"the file has {name[1:]}"
    for number, page in enumerate(pdf.pages, 1):
        for key in sorted({*page.obj.keys()} - _OF_A_PAGE):
            yield f"page {number}: the printer writes no {key[1:]}"
        kinds = {str(a.get("/Subtype")) for a in page.obj.get("/Annots", [])} - {"/Link"}
        for kind in sorted(kinds):
            yield f"page {number}: {kind[1:]} lies over the page"


def _page(page: pikepdf.Page) -> tuple[str, list[str]]:
    fonts = {str(name): _texts_of(font) for name, font in page.resources.get("/Font", {}).items()}
    pieces: list[str] = []
    odd: list[str] = []
    font: Texts = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands = instruction.operands
        match str(instruction.operator):
            case "Tf":
                font = fonts.get(str(operands[0]), {})
            case "TJ":
                pieces.append("".join(_text(bytes(o), font) for o in operands[0] if isinstance(o, pikepdf.String)))
            case "Tr" if int(operands[0]) > 2:
                odd.append("text is there that is not seen")
            case "Tj" | "'" | '"' | "INLINE IMAGE":
                odd.append(f"the printer writes no {instruction.operator}")
    return "\n".join(pieces), odd


def _text(codes: bytes, font: Texts) -> str:
    return "".join(font.get(codes[at] << 8 | codes[at + 1], "\ufffd") for at in range(0, len(codes) - 1, 2))


def _texts_of(font: pikepdf.Object) -> Texts:
    """What the font's own table says that its glyphs stand for."""
    if "/ToUnicode" not in font:
        return {}
    found: Texts = {}
    for kind, body in _RANGES.findall(font.ToUnicode.read_bytes()):
        codes = _CODES.findall(body)
        step = 2 if kind == b"char" else 3
        for at in range(0, len(codes) - step + 1, step):
            first, last = int(codes[at], 16), int(codes[at + step - 2], 16)
            text = bytes.fromhex(codes[at + step - 1].decode()).decode("utf-16-be", "replace")
            for code in range(first, min(last, first + 65535) + 1):
                found[code] = text[:-1] + chr(ord(text[-1]) + code - first) if text else ""
    return found
