"""The company's seal: a signature (PAdES B-B) appended to a printed statement, whose bytes stay as they are.

What is appended follows from the statement, the time and the signature, to the byte, and is given in `Appendix`: the
catalogue and the first page again, each with one entry more; a field without area, outside of every page, so that
nothing is painted and nothing is to be read aloud (ISO 19005-3, 6.3.3; ISO 14289-1, 7.18.1); and the signature, which
permits no later change. Who knows the statement can tell whether a file adds anything else.
"""

import hashlib
import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

END = b"%%EOF\n"
ROOM = 256
"""Bytes more for the signature than a first one took: signatures on curves differ in length."""
_STREAM = re.compile(rb"(\d+) 0 obj\n(<<(?:(?!\nstream\n).)*?>>)\nstream\n", re.DOTALL)
TIME = "D:%Y%m%d%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Seal:
    """`key` is PKCS#8, `certificate` its own, `chain` those above it, all DER; `made` is the time that seals say."""

    key: bytes = field(repr=False)
    certificate: bytes
    chain: tuple[bytes, ...]
    made: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """What a seal needs to know of a statement: numbers and texts of its catalogue and first page, the number of its
    information, how many objects it has, where its table of them lies, and its identifier as it is written."""

    root: int
    catalogue: bytes
    info: int
    first: int
    page: bytes
    size: int
    table: int
    identifier: bytes


@dataclass(frozen=True, slots=True)
class Appendix:
    """`content[:start]` and `content[end:]` are signed; between them lies the signature in hexadecimal digits."""

    content: bytes
    start: int
    end: int


def can_seal() -> bool:
    """Whether pyHanko is installed, which comes with `compengine[seal]`."""
    return find_spec("pyhanko") is not None


def sealed(content: bytes, seal: Seal) -> bytes:
    """The statement with the seal behind it. Raises `ValueError` where `content` is not as the printer wrote it."""
    room = _room(seal)
    empty = appendix(content, seal.made, room)
    whole = content + empty.content
    start, end = len(content) + empty.start, len(content) + empty.end
    digest = hashlib.sha256(whole[:start] + whole[end:]).digest()
    signature = _signed(seal, digest).hex().encode()
    return whole[: start + 1] + signature.ljust(2 * room, b"0") + whole[end - 1 :]


def appendix(content: bytes, made: datetime, room: int) -> Appendix:
    """What a seal with `room` bytes for its signature appends; zeros stand for it. Raises `ValueError`."""
    known = read_written(content)
    field, signature, table = known.size, known.size + 1, known.size + 2
    named = b"/AcroForm <</Fields [%d 0 R]/SigFlags 3>>/Perms <</DocMDP %d 0 R>>>>" % (field, signature)
    head = _object(known.root, known.catalogue[:-2] + named)
    page = _object(known.first, _with_field(known.page, field))
    widget = _object(
        field,
        b"<</Type /Annot/Subtype /Widget/FT /Sig/T (Seal)/TU (Seal of the company)/F 132/P %d 0 R/V %d 0 R"
        b"/Rect [-9999 -9999 -9999 -9999]>>" % (known.first, signature),
    )
    value, start, end = _value(made, room, signature)
    places, body = {}, b""
    for number, text in ((known.root, head), (known.first, page), (field, widget), (signature, value)):
        places[number] = len(content) + len(body)
        body += text
    start, end = (at + len(body) - len(value) for at in (start, end))
    places[table] = len(content) + len(body)
    rest = _table(known, places)
    ranges = _ranges(len(content) + start, len(content) + end, len(content) + len(body) + len(rest))
    return Appendix(body.replace(_ranges(0, 0, 0), ranges) + rest, start, end)


def _with_field(page: bytes, field: int) -> bytes:
    reference = b"%d 0 R" % field
    if b"/Annots [" in page:
        return page.replace(b"/Annots [", b"/Annots [%s " % reference, 1)
    return page[:-2] + b"/Annots [%s]>>" % reference


def _object(number: int, text: bytes) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (number, text)


def _value(made: datetime, room: int, number: int) -> tuple[bytes, int, int]:
    """The signature's dictionary, and from where to where its contents lie."""
    head = (
        b"%d 0 obj\n<</Type /Sig/Filter /Adobe.PPKLite/SubFilter /ETSI.CAdES.detached/M (%s)"
        b"/Reference [<</Type /SigRef/TransformMethod /DocMDP"
        b"/TransformParams <</Type /TransformParams/P 1/V /1.2>>>>]/ByteRange %s/Contents "
        % (number, made.astimezone(UTC).strftime(TIME).encode(), _ranges(0, 0, 0))
    )
    return head + b"<%s>>>\nendobj\n" % (b"0" * 2 * room), len(head), len(head) + 2 * room + 2


def _ranges(start: int, end: int, whole: int) -> bytes:
    return b"[0 %-10d %-10d %-10d]" % (start, end, max(whole - end, 0))


def _table(known: Written, places: dict[int, int]) -> bytes:
    """Where each object lies, as a stream, which is the form that the statement's own table has."""
    rows = sorted(places.items())
    number = max(places)
    index = b" ".join(b"%d 1" % each for each, _ in rows)
    data = b"".join(b"\1" + at.to_bytes(4, "big") + b"\0" for _, at in rows)
    head = (
        b"%d 0 obj\n<</Type /XRef/Index [%s]/W [1 4 1]/Size %d/Root %d 0 R/Info %d 0 R/ID [%s <%s>]/Prev %d/Length %d>>"
        % (
            number,
            index,
            number + 1,
            known.root,
            known.info,
            known.identifier,
            hashlib.sha256(known.identifier).hexdigest()[:32].encode(),
            known.table,
            len(data),
        )
    )
    return head + b"\nstream\n" + data + b"\nendstream\nendobj\nstartxref\n%d\n" % places[number] + END


# --- the signature


@lru_cache(maxsize=2)
def _room(seal: Seal) -> int:
    return len(_signed(seal, bytes(32))) + ROOM


def _signed(seal: Seal, digest: bytes) -> bytes:
    return bytes(by_pyhanko().signed(seal.key, seal.certificate, seal.chain, digest))


def by_pyhanko() -> ModuleType:
    """`statement.signatures`, which takes half a second to load, and only where `can_seal`."""
    return import_module("compengine.statement.signatures")


# --- the statement as the printer wrote it


def read_written(content: bytes) -> Written:
    """Raises `ValueError` where it is no file of the printer."""
    end = re.search(rb"startxref\n(\d+)\n%%EOF\n\Z", content[-64:])
    if end is None:
        raise ValueError("it does not end as a statement does")
    table = _stream_at(content, int(end[1]))[0]
    objects = _objects(content)
    root = int(_entry(table, rb"Root (\d+) 0 R"))
    pages = int(_entry(objects[root], rb"Pages (\d+) 0 R"))
    first = int(_entry(objects[pages], rb"Kids \[(\d+) 0 R"))
    return Written(
        root,
        objects[root],
        int(_entry(table, rb"Info (\d+) 0 R")),
        first,
        objects[first],
        int(_entry(table, rb"Size (\d+)")),
        int(end[1]),
        _entry(table, rb"ID \[(\(.*?\)) \([0-9a-f]{32}\)\]"),
    )


def _objects(content: bytes) -> dict[int, bytes]:
    """The objects that are packed together: all that are no streams. They are the last stream but the table."""
    packed = content.rfind(b" 0 obj\n<</Type /ObjStm")
    head, body = _stream_at(content, content.rfind(b"\n", 0, max(packed, 0)) + 1)
    first, count = int(_entry(head, rb"First (\d+)")), int(_entry(head, rb"N (\d+)"))
    numbers = [int(each) for each in body[:first].split()]
    starts = [*numbers[1::2], len(body) - first]
    if len(numbers) != 2 * count:
        raise ValueError("its objects are not counted as they are")
    places = zip(numbers[::2], starts, starts[1:], strict=False)
    return {number: body[first + start : first + end].strip() for number, start, end in places}


def _stream_at(content: bytes, place: int) -> tuple[bytes, bytes]:
    found = _STREAM.match(content, place)
    if found is None:
        raise ValueError("it is not written as a statement is")
    raw = content[found.end() : found.end() + int(_entry(found[2], rb"Length (\d+)"))]
    try:
        return found[2], zlib.decompress(raw)
    except zlib.error as fault:
        raise ValueError("a part of it cannot be unpacked") from fault


def _entry(dictionary: bytes, pattern: bytes) -> bytes:
    found = re.search(b"/" + pattern, dictionary, re.DOTALL)
    if found is None:
        raise ValueError("it is not written as a statement is")
    return found[1]
