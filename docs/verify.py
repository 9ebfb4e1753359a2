"""Checks a ledger, its checkpoints and one person's rows, with Python's standard library alone.

    python verify.py checkpoints CHECKPOINTS KEY               the signatures, and that each names the one before it
    python verify.py chain LEDGER CHECKPOINTS KEY              the same, and a SQLite ledger against them
    python verify.py rows PROOF CHECKPOINTS KEY                the same, and that rows are part of what was posted
    python verify.py statement PDF CHECKPOINTS KEY             the same, and what a printed statement says and shows

Nothing here is taken from compengine. Exit code 0 and `OK`, or 1 and what is wrong.
"""

import base64
import hashlib
import json
import re
import sqlite3
import sys
import zlib
from collections import Counter
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
BLOCK = re.compile(r"((?:[^\n]+\n){4,})\n— compengine ([A-Za-z0-9+/]{91}=)\n\n")
TABLES = {"runs": "run", "events": "event", "postings": "posting", "entries": "entry", "register": "register"}


ANEW = (
    "it is not written as compengine writes a statement: another program saved it anew, or it is damaged. This program "
    "reads statements only as they were written; compengine verify reads the others too"
)


class Wrong(Exception):
    """Something does not verify."""


def need(condition: bool, what: str) -> None:
    if not condition:
        raise Wrong(what)


# Ed25519, RFC 8032: points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
def add(p: tuple, q: tuple) -> tuple:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n: int, p: tuple) -> tuple:
    found = (0, 1, 1, 0)
    while n:
        if n & 1:
            found = add(found, p)
        p, n = add(p, p), n >> 1
    return found


def point(content: bytes) -> tuple:
    number = int.from_bytes(content, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    need(y < P, "a point is not on the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    need((x * x - square) % P == 0 and not (x == 0 and sign), "a point is not on the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    try:
        a, r = point(public), point(signature[:32])
    except Wrong:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(h, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def read_key(text: str) -> bytes:
    name, number, encoded = text.split("+", 2)
    public = base64.b64decode(encoded, validate=True)
    need(name == "compengine" and len(public) == 33 and public[0] == 1, f"{text} is not a public key")
    need(hashlib.sha256(b"compengine\n" + public).hexdigest()[:8] == number, f"{text} has another number")
    return public[1:]


def read_keys(path: str) -> list[tuple[bytes, int]]:
    """Each with the row after which it signs. A later one is signed by the one before, unless that was lost."""
    first, *later = Path(path).read_text("ascii").strip().split("\n")
    found = [(read_key(first), 0)]
    for line in later:
        said, _, by = line.rpartition(" ")
        named, _, row = said.partition(" after ")
        if by == "unsigned":
            print(f"NOBODY VOUCHES for the key {named}: ask who handed it out")
        else:
            vouched = signed(found[-1][0], said.encode(), base64.b64decode(by, validate=True))
            need(vouched, f"the key before it does not vouch for {named}")
        need(int(row) >= found[-1][1], "the keys are not in order")
        found.append((read_key(named), int(row)))
    return found


def checkpoints(path: str, key: str) -> list[dict[str, str]]:
    """Each as its lines by name; `seq` and `head` are the second and third."""
    text, keys = Path(path).read_bytes().decode(), read_keys(key)
    found: list[dict[str, str]] = []
    place, before = 0, ""
    while match := BLOCK.match(text, place):
        lines, note = match[1].splitlines(), base64.b64decode(match[2])
        need(base64.b64encode(note).decode() == match[2], f"checkpoint {lines[1]}: the signature is written oddly")
        need(lines[0].startswith("compengine/"), f"{path} is of something else")
        need(re.fullmatch("[1-9][0-9]{0,17}", lines[1]) is not None, f"{lines[1]} is not a number of rows")
        public = [key for key, after in keys if after < int(lines[1]) or after == 0][-1]
        number = hashlib.sha256(b"compengine\n\x01" + public).digest()[:4]
        need(note[:4] == number and signed(public, match[1].encode(), note[4:]), f"checkpoint {lines[1]} is not signed")
        one = dict(line.partition(" ")[::2] for line in lines[3:]) | {"seq": lines[1], "head": lines[2]}
        if found:
            follows = one.get("previous") == before and int(one["seq"]) > int(found[-1]["seq"])
            need(follows, f"checkpoint {one['seq']} does not follow the one before it")
        before = hashlib.sha256(match[0].encode()).hexdigest()
        found.append(one)
        place = match.end()
    need(bool(found) and place == len(text), f"{path}: what follows checkpoint {len(found)} is none")
    return found


def chain(path: str, known: list[dict[str, str]]) -> int:
    """The rows of all tables, hashed in order; the checkpoints must stand among them."""
    rows = []
    with sqlite3.connect(f"file:{Path(path).resolve()}?mode=ro", uri=True) as ledger:
        for table, kind in TABLES.items():
            cursor = ledger.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            need(names[0] == "seq" and names[-2:] == ["previous", "hash"], f"{table} has other columns")
            rows += [(row[0], kind, row) for row in cursor]
    heads = {int(one["seq"]): one["head"] for one in known}
    previous = "0" * 64
    for place, (seq, kind, row) in enumerate(sorted(rows, key=lambda found: (found[0], found[1])), start=1):
        need(seq == place, f"row {place} is missing, or there twice")
        need(row[-2] == previous, f"row {seq} is not linked to the row before it")
        content = f"compengine-{kind}-v1\0".encode()
        for value in row[:-1]:
            part = b"i%d" % value if isinstance(value, int) else b"t" + value.encode()
            content += len(part).to_bytes(8, "big") + part
        previous = hashlib.sha256(content).hexdigest()
        need(previous == row[-1], f"row {seq} is not what its hash was made from")
        need(heads.pop(seq, previous) == previous, f"row {seq} is not the one its checkpoint was made of")
    need(not heads, f"the ledger ends at {len(rows)}, and there are checkpoints up to {max(heads, default=0)}")
    return len(rows)


def rows(path: str, known: list[dict[str, str]]) -> str:
    """RFC 9162, 2.1.3.2. PROOF is JSON: `seq` of the checkpoint, `text` of the rows, `index`, `size`, `path`."""
    return included(json.loads(Path(path).read_text("utf-8")), known)


def included(proof: dict, known: list[dict[str, str]]) -> str:
    one = next((one for one in known if one["seq"] == str(proof["seq"])), None)
    need(one is not None and "rows" in one, f"there is no checkpoint {proof['seq']} of a posting")
    index, last, steps = proof["index"], proof["size"] - 1, [bytes.fromhex(step) for step in proof["path"]]
    need(type(index) is int and type(last) is int and 0 <= index <= last, "there is no such place")
    found = hashlib.sha256(b"\0" + proof["text"].encode()).digest()
    while last > 0:
        if index % 2 or index < last:
            need(bool(steps), "the path is too short")
            step = steps.pop(0)
            found = hashlib.sha256(b"\1" + (step + found if index % 2 else found + step)).digest()
        index, last = index // 2, last // 2
    need(not steps, "the path is too long")
    need(found.hex() == one["rows"], f"the rows are not among those of checkpoint {proof['seq']}")
    return str(proof["text"])


# A statement as the printer writes it: streams one after another, the last but one of all other objects, and nothing
# else in the file.
# A file that another program saved anew is honest as well, and refused here by name: `compengine verify` reads it.
class File:
    def __init__(self, content: bytes) -> None:
        self.streams: dict[int, tuple[bytes, bytes]] = {}
        self.objects: dict[int, bytes] = {}
        header = re.match(rb"%PDF-1\.7\n%[^\n]*\n", content)
        need(header is not None, ANEW if content.startswith(b"%PDF-") else "it is no PDF")
        place = header.end()
        while found := re.compile(rb"(\d+) 0 obj\n(<<.*?>>)\nstream\n", re.DOTALL).match(content, place):
            size = int(self.entry(found[2], rb"Length (\d+)"))
            raw, place = content[found.end() : found.end() + size], found.end() + size
            need(content.startswith(b"\nendstream\nendobj\n", place), "it is cut off, or a stream has another length")
            place += len(b"\nendstream\nendobj\n")
            self.streams[int(found[1])] = (found[2], self.plain(raw) if b"/FlateDecode" in found[2] else raw)
        need(place > header.end(), ANEW)
        need(re.fullmatch(rb"startxref\n\d+\n%%EOF\n", content[place:]) is not None, "something else is in the file")
        packed = [(head, body) for head, body in self.streams.values() if b"/Type /ObjStm" in head]
        need(len(packed) == 1, ANEW)
        first, body = int(self.entry(packed[0][0], rb"First (\d+)")), packed[0][1]
        numbers = list(map(int, body[:first].split()))
        starts = [*numbers[1::2], len(body) - first]
        for number, start, end in zip(numbers[::2], starts, starts[1:], strict=False):
            self.objects[number] = body[first + start : first + end].strip()
        roots = [self.entry(head, rb"Root (\d+) 0 R") for head, _ in self.streams.values() if b"/Type /XRef" in head]
        need(len(roots) == 1, "it has no root, or several")
        self.root = self.objects[int(roots[0])]

    @staticmethod
    def plain(raw: bytes) -> bytes:
        try:
            return zlib.decompress(raw)
        except zlib.error:
            raise Wrong("it is damaged: a part of it cannot be unpacked") from None

    @staticmethod
    def entry(dictionary: bytes, pattern: bytes) -> bytes:
        found = re.search(b"/" + pattern, dictionary, re.DOTALL)
        need(found is not None, ANEW)
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
    except Wrong as wrong:
        raise Wrong(f"{path}: {wrong}") from None
    except (ValueError, KeyError, TypeError):
        raise Wrong(f"{path}: {ANEW}") from None
    need(
        {"statement.json", "proof.json"} <= {*files}, f"{path} encloses no statement.json and proof.json to prove it by"
    )
    data, proof = files["statement.json"], json.loads(files["proof.json"])
    need(hashlib.sha256(data).hexdigest() == proof["data"], "statement.json is not the one that was proved")
    view = json.loads(data)["statement"]
    audit = view["audit"]
    said = (audit["run"], audit["checkpoint"], audit["ledger"])
    need(said == (proof["run"], proof["seq"], proof["head"]), "statement and proof are of different runs")
    one = next((one for one in known if one["seq"] == str(proof["seq"])), {})
    need(
        (one.get("head"), one.get("id")) == (proof["head"], proof["run"]),
        f"there is no checkpoint {proof['seq']} of the run",
    )
    sums(view)
    held_against(view, included(proof, known) if proof["text"] else "")
    shown(view, text)
    name = f"statement {view['number']} of {view['person']['id']}"
    return f"{name}, run {proof['run']}, checkpoint {proof['seq']}: {paid(view)}"


def paid(view: dict) -> str:
    return ", ".join(f"{figure['value']} {figure['unit']}" for figure in view["answer"])


def equal(what: str, found: Decimal, due: Decimal) -> None:
    need(found == due, f"{what} is {found}, and must be {due}")


def sums(view: dict) -> None:
    with localcontext(prec=60):
        for component in view["components"]:
            lines = [line for deal in component["deals"] for line in deal["slices"]]
            equal(component["title"], Decimal(component["subtotal"]), sum(Decimal(line["amount"]) for line in lines))
            for line in lines:
                if line["kind"] == "rate" and not line["shared"]:
                    need(
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
        need(Decimal(one["paid"]["value"]) in due, f"{one['paid']['value']} paid for {one['plan']} is no product")
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


PLACES = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0)  # noqa: SIM905
PLACES |= dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)  # noqa: SIM905


def held_against(view: dict, text: str) -> None:
    """Each component of the statement is what was posted for it, and all that was posted is on the statement."""
    head, *body = text.splitlines() or [""]
    names = [column.partition(":")[0] for column in head.split("\t")[2:]]
    posted: Counter[tuple[str, str]] = Counter()
    for line in body:
        row = dict(zip(names, line.split("\t"), strict=True))
        need(row["payee"] == view["person"]["id"], "a row is of somebody else")
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
    """The amounts stand on the pages, whatever marks stand between their digits."""
    numbers = re.findall(r"([−-]?)(\d(?:[.,\u00a0\u202f'’]?\d)*)", text)
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
        need(found[figure] >= count, f"the amount {figure} of the data does not stand on the pages {count} times")


def digits(amount: str, currency: str) -> str:
    value = Decimal(amount)
    written = f"{abs(value):.{PLACES.get(currency, 2)}f}"
    return ("-" if value < 0 else "") + written.replace(".", "")


def main(words: list[str]) -> int:
    if len(words) not in (3, 4) or words[0] not in ("checkpoints", "chain", "rows", "statement"):
        print(__doc__)
        return 2
    try:
        known = checkpoints(words[-2], words[-1])
        print(f"{len(known)} checkpoints, signed, up to row {known[-1]['seq']} {known[-1]['head']}")
        if words[0] == "chain":
            print(f"{chain(words[1], known)} rows in one chain")
        if words[0] == "rows":
            print(rows(words[1], known), end="")
        if words[0] == "statement":
            print(statement(words[1], known))
    except Wrong as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except OSError as error:
        print(f"WRONG: {error.filename}: {error.strerror}")
        return 1
    except sqlite3.Error as error:
        print(f"WRONG: {words[1]} cannot be read as a ledger: {error}")
        return 1
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, IndexError):
        print(f"WRONG: one of {', '.join(words[1:])} is not in the form that it must have")
        return 1
    print("OK")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
