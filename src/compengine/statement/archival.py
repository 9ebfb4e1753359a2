"""What makes a printed page PDF/A-3a and PDF/UA-1 at once, and what is enclosed in it. Done just before it is written.

WeasyPrint prepares one of the two: tags, the language, embedded fonts, a colour profile. Added here: metadata that
names both, files that belong to the page (`/AF`), running heads and feet as artifacts (they are no part of the text
that is read aloud), the scope of header cells, and where pictures lie, in the page's own measure. Tags that say nothing
are left out, and contents and tags are written once: pydyf would do it twice, the second time for a digest of the file.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from xml.sax.saxutils import escape

import pydyf  # type: ignore[import-untyped]

OPTIONS = {"pdf_variant": "pdf/a-3a", "output_intent": ""}
"""What WeasyPrint is to prepare. The colour profile is put in here: it would leave the profile's file open."""
PROFILE = "sRGB2014.icc"
POINTS = 0.75
"""Of a CSS pixel."""
_EMPTY, _PLAIN = ("/Span", "/NonStruct"), {"Type", "S", "P", "Pg", "K"}
"""Kinds of tags that mean nothing by themselves, and what a tag has at least."""
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
{properties}
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file keeps to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_PROPERTIES = {
    "Title": '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:title>',
    "Author": "<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>",
    "Subject": '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description>',
    "Keywords": "<pdf:Keywords>{}</pdf:Keywords>",
    "Creator": "<xmp:CreatorTool>{}</xmp:CreatorTool>",
    "Producer": "<pdf:Producer>{}</pdf:Producer>",
}
"""What stands in the file's information and must stand in its metadata in the same words."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file inside the file. `name` is ASCII, `kind` its media type, `relation` one of ISO 32000-2, 7.11.3."""

    name: str
    kind: str
    about: str
    content: bytes
    relation: str = "Data"


@dataclass(slots=True)
class Tag:
    """An object of pydyf that is written already. What else it asks of an object is that of any that is packed."""

    number: int
    data: bytes
    offset: int = 0
    generation: int = 0
    free: str = "n"
    compressible: bool = True


def finish(pdf: pydyf.PDF, enclosures: tuple[Enclosure, ...], made: datetime | None) -> None:
    """Completes what WeasyPrint made with `OPTIONS`. `made`, with its zone, is the time that the file gives for itself;
    it comes from the run, or there is none."""
    _describe(pdf, made)
    _colour(pdf)
    _enclose(pdf, enclosures, made)
    read = _read_aloud(pdf)
    _leave_out(pdf, read)
    _headers_and_pictures(pdf)
    _leave_out_empty_tags(pdf)
    _write_tags(pdf)
    _compress(pdf)


def _describe(pdf: pydyf.PDF, made: datetime | None) -> None:
    said = [form.format(escape(pdf.info[key].string)) for key, form in _PROPERTIES.items() if key in pdf.info]
    if made is not None:
        time = made.astimezone(UTC)
        pdf.info["CreationDate"] = pdf.info["ModDate"] = _date(made)
        stamp = f"{time:%Y-%m-%dT%H:%M:%SZ}"
        said.append(f"<xmp:CreateDate>{stamp}</xmp:CreateDate><xmp:ModifyDate>{stamp}</xmp:ModifyDate>")
    metadata = _object(pdf, pdf.catalog["Metadata"])
    metadata.stream, metadata.compress = [_XMP.format(properties="\n".join(said)).encode()], False


@lru_cache(maxsize=1)
def _profile() -> bytes:
    return (files("weasyprint.pdf") / PROFILE).read_bytes()


def _colour(pdf: pydyf.PDF) -> None:
    profile = pydyf.Stream([_profile()], {"N": 3}, compress=True)
    pdf.add_object(profile)
    intent = pydyf.Dictionary({"Type": "/OutputIntent", "S": "/GTS_PDFA1", "DestOutputProfile": profile.reference})
    intent["OutputConditionIdentifier"] = intent["Info"] = pydyf.String("sRGB")
    pdf.catalog["OutputIntents"] = pydyf.Array([intent])


def _date(time: datetime) -> pydyf.String:
    return pydyf.String(f"D:{time.astimezone(UTC):%Y%m%d%H%M%S}Z")


def _enclose(pdf: pydyf.PDF, enclosures: tuple[Enclosure, ...], made: datetime | None) -> None:
    if not enclosures:
        return
    names, files = pydyf.Array(), pydyf.Array()
    for each in sorted(enclosures, key=lambda e: e.name):
        checksum = hashlib.md5(each.content, usedforsecurity=False).hexdigest()
        parameters = pydyf.Dictionary({"Size": len(each.content), "CheckSum": f"<{checksum}>"})
        if made is not None:
            parameters["ModDate"] = _date(made)
        extra = {"Type": "/EmbeddedFile", "Subtype": f"/{each.kind.replace('/', '#2f')}", "Params": parameters}
        stream = pydyf.Stream([each.content], extra, compress=True)
        pdf.add_object(stream)
        named = pydyf.Dictionary(
            {
                "Type": "/Filespec",
                "F": pydyf.String(each.name),
                "UF": pydyf.String(each.name),
                "EF": pydyf.Dictionary({"F": stream.reference, "UF": stream.reference}),
                "Desc": pydyf.String(each.about),
                "AFRelationship": f"/{each.relation}",
            }
        )
        pdf.add_object(named)
        names += [pydyf.String(each.name), named.reference]
        files.append(named.reference)
    pdf.catalog.setdefault("Names", pydyf.Dictionary())["EmbeddedFiles"] = pydyf.Dictionary({"Names": names})
    pdf.catalog["AF"] = files


def _object(pdf: pydyf.PDF, reference: bytes) -> pydyf.Object:
    return pdf.objects[int(reference.split()[0])]


def _elements(pdf: pydyf.PDF) -> Iterator[pydyf.Dictionary]:
    for each in pdf.objects:
        if isinstance(each, dict) and each.get("Type") == "/StructElem":
            yield each


def _read_aloud(pdf: pydyf.PDF) -> set[int]:
    """The numbers of the elements that hang on the tree of tags."""
    found: set[int] = set()
    ahead = [pdf.catalog["StructTreeRoot"]]
    while ahead:
        reference = ahead.pop()
        found.add(int(reference.split()[0]))
        kids = _object(pdf, reference).get("K", ())
        ahead += [kid for kid in kids if isinstance(kid, bytes)]
    return found


def _leave_out(pdf: pydyf.PDF, read: set[int]) -> None:
    """Marks what hangs on no element, which is what stands in the margins, as artifacts."""
    numbers = _object(pdf, _object(pdf, pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"]
    for page, elements in zip(pdf.page_references, numbers[1::2], strict=False):
        outside = {at for at, element in enumerate(elements) if int(element.split()[0]) not in read}
        stream = _object(pdf, _object(pdf, page)["Contents"]).stream
        for at, part in enumerate(stream):
            if isinstance(part, dict) and part.get("MCID") in outside and stream[at + 1] == b"BDC":
                stream[at - 1], stream[at] = "/Artifact", pydyf.Dictionary({"Type": "/Pagination"})
        for at in outside:
            elements[at] = b"null"
    for element in list(_elements(pdf)):
        if element.number not in read:
            _free(pdf, element)


def _free(pdf: pydyf.PDF, element: pydyf.Object) -> None:
    """Leaves the number to the object of nobody, which is the first of each file (ISO 32000-2, 7.5.4)."""
    pdf.objects[element.number] = pdf.objects[0]


def _headers_and_pictures(pdf: pydyf.PDF) -> None:
    """A header cell is of its row, unless it stands in the head of its table. A picture's box is in pixels from the
    top, and must be in points from the foot."""
    for element in _elements(pdf):
        if element["S"] == "/TH":
            group = _object(pdf, _object(pdf, element["P"])["P"])
            element["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"
        elif element["S"] == "/Figure":
            height = _object(pdf, element["Pg"])["MediaBox"][3]
            left, top, right, foot = (each * POINTS for each in element["A"]["BBox"])
            element["A"]["BBox"] = pydyf.Array((left, height - foot, right, height - top))
            element["A"]["Placement"] = "/Block"


def _leave_out_empty_tags(pdf: pydyf.PDF) -> None:
    """A span around text and nothing else says no more than its parent, which takes the text itself. That is two thirds
    of all tags. They are numbered parents first."""
    parents: dict[bytes, bytes] = {}
    for element in reversed(list(_elements(pdf))):
        if element["S"] in _EMPTY and element.keys() == _PLAIN and all(isinstance(kid, int) for kid in element["K"]):
            own, above = element.reference, element["P"]
            kids = _object(pdf, above)["K"]
            at = kids.index(own)
            kids[at : at + 1] = element["K"]
            parents[own] = above
            _free(pdf, element)
    for elements in _object(pdf, _object(pdf, pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"][1::2]:
        if isinstance(elements, bytes):  # that of a link, which is kept
            continue
        for at, reference in enumerate(elements):
            while reference in parents:
                reference = parents[reference]
            elements[at] = reference


def _write_tags(pdf: pydyf.PDF) -> None:
    """As they will stand in the file: pydyf would write each twice, the second time for a digest."""
    for element in list(_elements(pdf)):
        pdf.objects[element.number] = Tag(element.number, element.data)


def _compress(pdf: pydyf.PDF) -> None:
    for stream in pdf.objects:
        if isinstance(stream, pydyf.Stream) and stream.compress:
            stream.stream, stream.compress = [zlib.compress(b"\n".join(map(_bytes, stream.stream)))], False
            stream.extra["Filter"] = "/FlateDecode"


def _bytes(part: bytes | str | pydyf.Object) -> bytes:
    if isinstance(part, bytes):
        return part
    return part.encode() if isinstance(part, str) else bytes(part.data)
