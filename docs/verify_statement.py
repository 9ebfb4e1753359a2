"""Checks a printed statement against kept checkpoints, with Python's standard library alone.

    python verify_statement.py PDF CHECKPOINTS KEY

The rows enclosed in the file are followed to a signed checkpoint, everything on it is multiplied and added up again,
and its amounts, currencies and name must stand on its pages. verify.py has to lie beside it. Exit code 0 and `OK`, or 1
and what is wrong.
"""

import hashlib
import json
import re
import runpy
import sys
import unicodedata
import zlib
from collections import Counter
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from types import SimpleNamespace

ledger = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("verify.py"))))
WITHOUT_MINOR = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
PLACES = dict.fromkeys(WITHOUT_MINOR, 0) | dict.fromkeys(THREE, 3)
ANEW = (
    "it is not written as compengine writes a statement: another program saved it anew, or it is damaged. This program "
    "reads statements only as they were written; compengine verify reads the others too"
)


# A statement as the printer writes it: streams one after another, the last but one of all other objects, and nothing
# else in the file. A file that another program saved anew is honest as well, and refused here by name:
# `compengine verify` reads it.
class File:
    def __init__(self, content: bytes) -> None:
        self.streams: dict[int, tuple[bytes, bytes]] = {}
        self.objects: dict[int, bytes] = {}
        header = re.match(rb"%PDF-1\.7\n%[^\n]*\n", content)
        ledger.need(header is not None, ANEW if content.startswith(b"%PDF-") else "it is no PDF")
        place = header.end()
        while found := re.compile(rb"(\d+) 0 obj\n(<<.*?>>)\nstream\n", re.DOTALL).match(content, place):
            size = int(self.entry(found[2], rb"Length (\d+)"))
            raw, place = content[found.end() : found.end() + size], found.end() + size
            ledger.need(
                content.startswith(b"\nendstream\nendobj\n", place), "it is cut off, or a stream has another length"
            )
            place += len(b"\nendstream\nendobj\n")
            self.streams[int(found[1])] = (found[2], self.plain(raw) if b"/FlateDecode" in found[2] else raw)
        ledger.need(place > header.end(), ANEW)
        foot = re.compile(rb"startxref\n(\d+)\n%%EOF\n").match(content, place)
        ledger.need(foot is not None, "something else is in the file")
        packed = [(head, body) for head, body in self.streams.values() if b"/Type /ObjStm" in head]
        ledger.need(len(packed) == 1, ANEW)
        first, body = int(self.entry(packed[0][0], rb"First (\d+)")), packed[0][1]
        numbers = list(map(int, body[:first].split()))
        starts = [*numbers[1::2], len(body) - first]
        for number, start, end in zip(numbers[::2], starts, starts[1:], strict=False):
            self.objects[number] = body[first + start : first + end].strip()
        tables = [head for head, _ in self.streams.values() if b"/Type /XRef" in head]
        ledger.need(len(tables) == 1, "it has no root, or several")
        root = int(self.entry(tables[0], rb"Root (\d+) 0 R"))
        self.root, self.start, self.seal = self.objects[root], foot.end(), content[foot.end() :]
        sealed = not self.seal or self.only_sealed(root, tables[0], foot[1])
        ledger.need(sealed, "something else is in the file, behind the statement")

    def only_sealed(self, root: int, before: bytes, place: bytes) -> bool:
        """Whether what follows the statement is a seal and nothing else: the catalogue and the first page, each with an
        entry more, a field outside of every page, a signature (not checked here), and the table of these."""
        pages = self.objects[int(self.entry(self.root, rb"Pages (\d+) 0 R"))]
        first, field = int(self.entry(pages, rb"Kids \[(\d+) 0 R")), max(*self.objects, *self.streams) + 1
        form = b"/AcroForm <</Fields [%d 0 R]/SigFlags 3>>/Perms <</DocMDP %d 0 R>>>>" % (field, field + 1)
        page, new = self.objects[first], b"/Annots [%d 0 R" % field
        page = page.replace(b"/Annots [", new + b" ", 1) if b"/Annots [" in page else page[:-2] + new + b"]>>"
        again = b"%d 0 obj\n%s\nendobj\n%d 0 obj\n%s\nendobj\n" % (root, self.root[:-2] + form, first, page)
        found = {int(m[1]): m.start() + self.start for m in re.finditer(rb"^(\d+) 0 obj$", self.seal, re.MULTILINE)}
        index = b" ".join(b"%d 1" % number for number in sorted(found))
        table = b"".join(b"\1" + at.to_bytes(4, "big") + b"\0" for _, at in sorted(found.items()))
        same = self.entry(before, rb"(Info \d+ 0 R/ID \[\(.*?\)) \(")
        last = (index, field + 3, root, re.escape(same), place, re.escape(table), found.get(field + 2, 0))
        form = rb"%d 0 obj\n<</Type /Annot/Subtype /Widget/FT /Sig[^\n<>]*/Rect \[-9999 -9999 -9999 -9999\]>>\nendobj\n"
        form += rb"%d 0 obj\n<</Type /Sig/[^\n]*>>\nendobj\n%d 0 obj\n<</Type /XRef/Index \[%s\]/W \[1 4 1\]/Size %d"
        form += rb"/Root %d 0 R/%s <[0-9a-f]{32}>\]/Prev %s/Length 30>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n"
        rest = re.compile(form % (field, field + 1, field + 2, *last) + b"%%EOF\n", re.DOTALL)
        there = self.seal.startswith(again) and {*found} == {root, first, *range(field, field + 3)}
        return there and rest.fullmatch(self.seal, len(again)) is not None

    @staticmethod
    def plain(raw: bytes) -> bytes:
        try:
            return zlib.decompress(raw)
        except zlib.error:
            raise ledger.Wrong("it is damaged: a part of it cannot be unpacked") from None

    @staticmethod
    def entry(dictionary: bytes, pattern: bytes) -> bytes:
        found = re.search(b"/" + pattern, dictionary, re.DOTALL)
        ledger.need(found is not None, ANEW)
        return found[1]

    def enclosed(self) -> dict[str, bytes]:
        names = self.entry(self.root, rb"EmbeddedFiles <</Names \[(.*?)\]>>")
        specs = {n.decode(): self.objects[int(r)] for n, r in re.findall(rb"\(([\w.]+)\) (\d+) 0 R", names)}
        return {name: self.streams[int(self.entry(spec, rb"EF <</F (\d+) 0 R"))][1] for name, spec in specs.items()}

    def text(self) -> str:
        """The words of all pages, one line for each piece of text."""
        pages = self.objects[int(self.entry(self.root, rb"Pages (\d+) 0 R"))]
        pieces: list[str] = []
        for number in re.findall(rb"(\d+) 0 R", self.entry(pages, rb"Kids \[(.*?)\]")):
            page = self.objects[int(number)]
            resources = self.objects[int(self.entry(page, rb"Resources (\d+) 0 R"))]
            fonts = self.objects[int(self.entry(resources, rb"Font (\d+) 0 R"))]
            known = {name: self.glyphs(int(at)) for name, at in re.findall(rb"/(\S+) (\d+) 0 R", fonts)}
            content, font = self.streams[int(self.entry(page, rb"Contents (\d+) 0 R"))][1], {}
            for name, shown in re.findall(rb"/(\S+) [-\d.]+ Tf|\[([^\]]*)\] ?TJ", content):
                font = known[name] if name else font
                codes = re.findall(b"....", b"".join(re.findall(rb"<([0-9a-f]*)>", shown)))
                pieces += ["".join(font.get(int(code, 16), "?") for code in codes)] if shown else []
        return "\n".join(pieces)

    def glyphs(self, number: int) -> dict[int, str]:
        table = self.streams[int(self.entry(self.objects[number], rb"ToUnicode (\d+) 0 R"))][1]
        pairs = re.findall(
            rb"<([0-9a-fA-F]+)> ?<([0-9a-fA-F]+)>",
            b"".join(re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL)),
        )
        return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def statement(path: str, known: list[dict[str, str]]) -> str:
    """Rows, sums, their proof, and that the pages show the amounts."""
    try:
        file = File(Path(path).read_bytes())
        files, text = file.enclosed(), file.text()
    except ledger.Wrong as wrong:
        raise ledger.Wrong(f"{path}: {wrong}") from None
    except (ValueError, KeyError, TypeError):
        raise ledger.Wrong(f"{path}: {ANEW}") from None
    ledger.need(
        {"statement.json", "proof.json"} <= {*files}, f"{path} encloses no statement.json and proof.json to prove it by"
    )
    data, proof = files["statement.json"], json.loads(files["proof.json"])
    ledger.need(hashlib.sha256(data).hexdigest() == proof["data"], "statement.json is not the one that was proved")
    view = json.loads(data)["statement"]
    audit = view["audit"]
    said = (audit["run"], audit["checkpoint"], audit["ledger"])
    ledger.need(said == (proof["run"], proof["seq"], proof["head"]), "statement and proof are of different runs")
    one = next((one for one in known if one["seq"] == str(proof["seq"])), {})
    ledger.need(
        (one.get("head"), one.get("id")) == (proof["head"], proof["run"]),
        f"there is no checkpoint {proof['seq']} of the run",
    )
    sums(view)
    held_against(view, ledger.included(proof, known) if proof["text"] else "")
    shown(view, text)
    name = f"statement {view['number']} of {view['person']['id']}{', sealed (not checked here)' if file.seal else ''}"
    return f"{name}, run {proof['run']}, checkpoint {proof['seq']}: {paid(view)}"


def paid(view: dict) -> str:
    return ", ".join(f"{figure['value']} {figure['unit']}" for figure in view["answer"])


def equal(what: str, found: Decimal, due: Decimal) -> None:
    ledger.need(found == due, f"{what} is {found}, and must be {due}")


def sums(view: dict) -> None:
    with localcontext(prec=60):
        for component in view["components"]:
            lines = [line for deal in component["deals"] for line in deal["slices"]]
            equal(component["title"], Decimal(component["subtotal"]), sum(Decimal(line["amount"]) for line in lines))
            for line in lines:
                if line["kind"] == "rate" and not line["shared"]:
                    ledger.need(
                        Decimal(line["amount"]) in products(view, component, line),
                        f"{line['amount']} in {component['title']}",
                    )
        for bridge in view["bridges"]:
            so_far = Decimal(0)
            for line in bridge["lines"]:
                if line["total"]:
                    equal(line["label"], Decimal(line["amount"]), so_far)
                else:
                    so_far += Decimal(line["amount"])
        for figure in view["answer"]:
            due = [Decimal(amount) for b in view["bridges"] for amount, unit in given(b) if unit == figure["unit"]]
            equal(f"payable in {figure['unit']}", Decimal(figure["value"]), sum(due))
        for bridge in view["bridges"]:
            conversions(view, bridge)
        for account in view["accounts"]:
            moved = sum((Decimal(amount) for _, amount in account["movements"]), Decimal(account["opening"]))
            equal(account["label"], Decimal(account["closing"]), moved)


def given(bridge: dict) -> list[tuple[str, str]]:
    """What is paid of a bridge, each amount with its currency."""
    paid = [(one["paid"]["value"], one["paid"]["unit"]) for one in bridge["conversions"]]
    return paid or [(bridge["lines"][-1]["amount"], bridge["currency"])]


def conversions(view: dict, bridge: dict) -> None:
    """basis × rate is what is paid, and the bases are the payable."""
    for one in bridge["conversions"]:
        product = Decimal(one["basis"]["value"]) * Decimal(one["fx"] or 1)
        due = rounded(view, one["plan"], product, one["paid"]["unit"])
        ledger.need(
            Decimal(one["paid"]["value"]) in due, f"{one['paid']['value']} paid for {one['plan']} is no product"
        )
    if bridge["conversions"]:
        bases = sum(Decimal(one["basis"]["value"]) for one in bridge["conversions"])
        equal("what is converted", bases, Decimal(bridge["lines"][-1]["amount"]))


def products(view: dict, component: dict, line: dict) -> list[Decimal]:
    """basis × rate."""
    product = Decimal(line["basis"]["value"]) * Decimal(line["rate"]["value"])
    return rounded(view, component["plan"], product, component["currency"])


def rounded(view: dict, plan: str, product: Decimal, currency: str) -> list[Decimal]:
    """As each version of the plan says."""
    modes = {p["rounding"] for p in view["plans"] if p["name"] == plan}
    unit = Decimal(1).scaleb(-PLACES.get(currency, 2))
    return [product.quantize(unit, ROUND_HALF_UP if mode == "half-up" else ROUND_HALF_EVEN) for mode in modes]


def held_against(view: dict, text: str) -> None:
    """Each component of the statement is what was posted for it, and all that was posted is on the statement."""
    head, *body = text.splitlines() or [""]
    names = [column.partition(":")[0] for column in head.split("\t")[2:]]
    posted: Counter[tuple[str, str]] = Counter()
    for line in body:
        row = dict(zip(names, line.split("\t"), strict=True))
        ledger.need(row["payee"] == view["person"]["id"], "a row is of somebody else")
        posted[row["plan"].partition("@")[0], row["component"]] += Decimal(row["amount"]) * int(row["sign"])
    said: Counter[tuple[str, str]] = Counter()
    for c in view["components"]:
        said[c["plan"], c["name"]] += Decimal(c["subtotal"])
    for part in (*view["changes"], *view["corrections"], *view["clawbacks"]):
        said[part["plan"], part["component"]] += Decimal(part["amount"])
    for one in view["adjustments"]:
        said[one["plan"], "adjustment"] += Decimal(one["amount"])
    for plan, component in {*said, *posted}:
        equal(component, said[plan, component], posted[plan, component])


def shown(view: dict, text: str) -> None:
    """The amounts stand on the pages, whatever marks stand between their digits; the payee and the currencies as well.

    The pay date is written in the words of a language, which is not read here.
    """
    squeezed = "".join(text.split())
    for word in (view["number"], view["person"]["id"], view["person"]["name"], *(f["unit"] for f in view["answer"])):
        turned = any(
            unicodedata.bidirectional(c) in ("R", "AL", "NSM") or unicodedata.category(c) == "Mc" for c in word
        )
        ledger.need(turned or "".join(word.split()) in squeezed, f"{word} does not stand on the pages")
    numbers = re.findall(r"(?<![0-9A-Za-z])([−-]?)(\d(?:[.,\u00a0\u202f'’]?\d)*)(?![0-9A-Za-z])", text)
    found = Counter(("-" if sign else "") + re.sub(r"\D", "", number) for sign, number in numbers)
    due: Counter[str] = Counter()
    for bridge in view["bridges"]:
        due.update(digits(line["amount"], bridge["currency"]) for line in bridge["lines"])
        due.update(digits(one["paid"]["value"], one["paid"]["unit"]) for one in bridge["conversions"])
    for component in view["components"]:
        lines = [line for deal in component["deals"] for line in deal["slices"]]
        due.update(digits(line["amount"], component["currency"]) for line in lines)
    due.update(digits(figure["value"], figure["unit"]) for figure in view["answer"])
    for figure, count in due.items():
        ledger.need(
            found[figure] >= count, f"the amount {figure} of the data does not stand on the pages {count} times"
        )


def digits(amount: str, currency: str) -> str:
    value = Decimal(amount)
    written = f"{abs(value):.{PLACES.get(currency, 2)}f}"
    return ("-" if value < 0 else "") + written.replace(".", "")


def main(words: list[str]) -> int:
    if len(words) != 3:
        print(__doc__)
        return 2
    return ledger.told(words, statement)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
