"""Checks a ledger, its checkpoints and one person's rows, with Python's standard library alone.

    python verify.py checkpoints CHECKPOINTS KEY               the signatures, and that each names the one before it
    python verify.py chain LEDGER CHECKPOINTS KEY              the same, and a SQLite ledger against them
    python verify.py rows PROOF CHECKPOINTS KEY                the same, and that rows are part of what was posted
    python verify.py posted BUNDLE CHECKPOINTS KEY             the same, and that a bundle has all rows that were posted

Of a bundle, plans/, workspace.yaml, ledger/posted.txt and the steps in the manifest are held against the checkpoints,
all else (inputs/, results/, the rest of ledger/) by `compengine replay` alone.
Printed statements are read by verify_statement.py, which lies beside it. Nothing here is taken from compengine.
Exit code 0 and `OK`, or 1 and what is wrong.
"""

import base64
import hashlib
import hmac
import json
import re
import sqlite3
import sys
import zipfile
from pathlib import Path

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
BLOCK = re.compile(r"((?:[^\n]+\n){4,})\n— compengine ([A-Za-z0-9+/]{91}=)\n\n")
EVENT = "seq run kind content posting document note actor time previous".split()
REGISTER = "seq kind id state calendar payee plan body note actor time previous".split()
RUN = "calendar period period_start period_end engine plans workspace snapshot opening posted".split()
RUN += "earnings payables settlements credits measures exclusions entitlement totals".split()
TABLES = {"runs": "run", "events": "event", "postings": "posting", "entries": "entry", "register": "register"}


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


def hashed(kind: str, values: list | tuple) -> str:
    content = f"compengine-{kind}-v1\0".encode()
    for value in values:
        part = b"i%d" % value if isinstance(value, int) else b"t" + value.encode()
        content += len(part).to_bytes(8, "big") + part
    return hashlib.sha256(content).hexdigest()


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
        previous = hashed(kind, row[:-1])
        need(previous == row[-1], f"row {seq} is not what its hash was made from")
        need(heads.pop(seq, previous) == previous, f"row {seq} is not the one its checkpoint was made of")
    need(not heads, f"the ledger ends at {len(rows)}, and there are checkpoints up to {max(heads, default=0)}")
    return len(rows)


def rows(path: str, known: list[dict[str, str]]) -> str:
    """RFC 9162, 2.1.3.2. PROOF is JSON: `seq` of the checkpoint, `text` and `salt` of the rows, `index`, `size`, `path`."""
    return included(json.loads(Path(path).read_text("utf-8")), known)


def leaf(salt: bytes, text: bytes) -> bytes:
    return hashlib.sha256(b"\0" + salt + text).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def included(proof: dict, known: list[dict[str, str]]) -> str:
    one = next((one for one in known if one["seq"] == str(proof["seq"])), None)
    need(one is not None and "rows" in one, f"there is no checkpoint {proof['seq']} of a posting")
    index, last, steps = proof["index"], proof["size"] - 1, [bytes.fromhex(step) for step in proof["path"]]
    need(type(index) is int and type(last) is int and 0 <= index <= last, "there is no such place")
    need(re.fullmatch("[0-9a-f]{64}", proof["salt"]) is not None, "the salt has not 32 bytes")
    found = leaf(bytes.fromhex(proof["salt"]), proof["text"].encode())
    while last > 0:
        if index % 2 or index < last:
            need(bool(steps), "the path is too short")
            step = steps.pop(0)
            found = node(step, found) if index % 2 else node(found, step)
        index, last = index // 2, last // 2
    need(not steps, "the path is too long")
    need(found.hex() == one["rows"], f"the rows are not among those of checkpoint {proof['seq']}")
    return str(proof["text"])


def posted(path: str, known: list[dict[str, str]]) -> str:
    """The root over all rows: a leaf for each payee, in order, salted from the secret of the posting."""
    with zipfile.ZipFile(path) as bundle:
        posting = rules(bundle, known)
        need(posting is not None, f"{path} is of a run that is not posted")
        head, *lines = bundle.read("ledger/posted.txt").splitlines(keepends=True)
    place, secret = head.split(b"\t").index(b"payee:text") - 2, bytes.fromhex(posting["secret"])
    need(len(secret) == 32, "the secret of the posting has not 32 bytes")
    texts: dict[bytes, bytes] = {}
    for line in lines:
        payee = line.split(b"\t")[place]
        texts[payee] = texts.get(payee, head) + line
    salts = [hmac.digest(secret, at.to_bytes(8, "big"), "sha256") for at in range(len(texts))]
    level = [leaf(salt, texts[payee]) for salt, payee in zip(salts, sorted(texts), strict=True)]
    while len(level) > 1:
        pairs = [node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) // 2 * 2 :]
    root = level[0].hex() if level else hashlib.sha256(b"").hexdigest()
    one = next((one for one in known if one["seq"] == str(posting["last_seq"] + 1)), {})
    said = (one.get("id"), one.get("state"), one.get("rows"))
    need(said == (posting["run"], "posted", root), f"no checkpoint says that run {posting['run']} posted these rows")
    return f"{len(lines)} rows of {len(texts)} payees, posted by run {posting['run']}, checkpoint {one['seq']}"


def rules(bundle: zipfile.ZipFile, known: list[dict[str, str]]) -> dict | None:
    """The posting. Each file is as the manifest says; workspace and plans are those the run's digest was made of."""
    manifest = json.loads(bundle.read("manifest.json"))
    run, names = manifest["run"], [name for name in bundle.namelist() if name != "manifest.json"]
    files = {name: hashlib.sha256(bundle.read(name)).hexdigest() for name in names}
    other = sorted({*files.items()} ^ {*manifest["files"].items()})
    need(not other and len(names) == len(files), f"{other[:1]} is not what the manifest says")
    need(hashed("run-content", [run[name] for name in RUN]) == run["content"], "the run has another digest")
    need(files["workspace.yaml"] == run["workspace"], "workspace.yaml is not that of the run")
    used: set[str] = set()
    for name, digest in json.loads(run["plans"]).items():
        content = bundle.read(f"objects/{digest}").decode()
        own, *more = content.split("\n") if re.fullmatch("[0-9a-f]{64}(\n[0-9a-f]{64})+", content) else [digest]
        same = (files[f"objects/{digest}"], files[f"plans/{name}.yaml"]) == (digest, own)
        need(same, f"plans/{name}.yaml is not that of the run")
        used |= {own, *more}
    need({files[name] for name in files if name.startswith("plans/")} <= used, "plans/ holds what is not of the run")
    return steps(manifest, known)


def steps(manifest: dict, known: list[dict[str, str]]) -> dict | None:
    """The posting. What was done with the run and decided by hand is all there, as far as the checkpoints reach."""
    run, heads = manifest["run"], {int(one["seq"]): one["head"] for one in known}
    decided = {int(one["seq"]) for one in known if one["kind"] != "run"}
    happened = {int(one["seq"]) for one in known if one["kind"] == "run" and one["content"] == run["content"]}
    for part, kind, names, due in (("events", "event", EVENT, happened), ("register", "register", REGISTER, decided)):
        rows = [row for row in manifest[part] if row["seq"] <= max(heads)]
        need([row["seq"] for row in rows] == sorted(due), f"{part}: there are not the rows of the checkpoints")
        for seq, row in zip(sorted(due), rows, strict=True):
            same = len(row) == len(names) and hashed(kind, [row[name] for name in names]) == heads[seq]
            need(same, f"{part}: row {seq} is not that of its checkpoint")
    return manifest["posting"]


def main(words: list[str]) -> int:
    if len(words) not in (3, 4) or words[0] not in ("checkpoints", "chain", "rows", "posted"):
        print(__doc__)
        return 2
    return told(words)


def told(words: list[str], more: object = None) -> int:
    """Checks the checkpoints, and what is held against them: `more` is how, where it is none of the words here."""
    try:
        known = checkpoints(words[-2], words[-1])
        print(f"{len(known)} checkpoints, signed, up to row {known[-1]['seq']} {known[-1]['head']}")
        if words[0] == "chain":
            print(f"{chain(words[1], known)} rows in one chain")
        if words[0] == "rows":
            print(rows(words[1], known), end="")
        if words[0] == "posted":
            print(posted(words[1], known))
        if callable(more):
            print(more(words[0], known))
    except Wrong as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except OSError as error:
        print(f"WRONG: {error.filename}: {error.strerror}")
        return 1
    except zipfile.BadZipFile:
        print(f"WRONG: {words[1]} is no bundle")
        return 1
    except sqlite3.Error as error:
        print(f"WRONG: {words[1]} cannot be read as a ledger: {error}")
        return 1
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, IndexError):
        print(f"WRONG: one of {', '.join(words[more is None :])} is not in the form that it must have")
        return 1
    print("OK")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
