"""What stands in a folder of printed statements: a manifest, and until it is written, a line for each file finished.

`manifest.json` names each file with its SHA-256 and what it pays, and the totals of all; the same run gives the same
bytes. `.progress` holds the same entries line by line while a batch goes on, so that one that was killed is taken up
where it ended: of a line half written nothing is taken, and no entry is believed whose file is not what it says.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from compengine.inputs.objects import write_content
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.values.exact import ZERO, add
from compengine.values.money import fixed

NAME = "manifest.json"
PROGRESS = ".progress"
FORMAT = "compengine-statements-v1"

Totals = tuple[tuple[str, Decimal], ...]
"""Currency and amount paid, sorted."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One file written. `digest` is the SHA-256 of its bytes, `origin` that of all it was made from; `kept` says that
    it was there already. `unsealed` is of a sealed file: SHA-256 and size of what it begins with. `supersedes` is the
    number of the statement that it stands for; empty for the first of a payee."""

    number: str
    payee: str
    path: Path
    digest: str
    size: int
    totals: Totals = ()
    origin: str = ""
    kept: bool = False
    unsealed: tuple[str, int] | None = None
    supersedes: str = ""

    @property
    def plain(self) -> str:
        """SHA-256 of what the page is, without a seal: the same whenever it is printed."""
        return self.unsealed[0] if self.unsealed else self.digest


@dataclass(frozen=True, slots=True)
class Missing:
    """A payee whose statement could not be made."""

    number: str
    payee: str
    totals: Totals


def manifest_text(about: Mapping[str, str], printed: Iterable[Printed], missing: Iterable[Missing]) -> str:
    """`about` says which run the statements are of. Amounts are texts with the places of their currency. The totals
    are those of each payee's first statement: one that supersedes it pays nothing more."""
    made = sorted(printed, key=lambda p: p.number)
    lost = sorted(missing, key=lambda m: m.number)
    said = {
        "format": FORMAT,
        **about,
        "totals": _texts(summed(p.totals for p in made if not p.supersedes)),
        "statements": [_entry(each) for each in made],
        "missing": [{"number": m.number, "payee": m.payee, "totals": _texts(m.totals)} for m in lost],
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def write_manifest(folder: Path, text: str) -> str:
    """Writes it, whole, and forgets the progress; its SHA-256."""
    content = text.encode()
    write_content(folder / NAME, content)
    (folder / PROGRESS).unlink(missing_ok=True)
    return hashlib.sha256(content).hexdigest()


def summed(all_totals: Iterable[Totals]) -> Totals:
    sums: dict[str, Decimal] = {}
    for totals in all_totals:
        for currency, amount in totals:
            sums[currency] = add(sums.get(currency, ZERO), amount)
    return tuple(sorted(sums.items()))


def finished(folder: Path) -> dict[str, Printed]:
    """By number: what an earlier batch finished, whether or not it came to its end. The files are not looked at."""
    lines: list[object] = []
    with suppress(OSError, ValueError):
        lines += json.loads((folder / NAME).read_bytes())["statements"]
    with suppress(OSError):
        for line in (folder / PROGRESS).read_bytes().split(b"\n"):
            with suppress(ValueError):
                lines.append(json.loads(line))
    found: dict[str, Printed] = {}
    for each in lines:
        with suppress(KeyError, TypeError, ArithmeticError):
            printed = _printed(folder, each)
            found[printed.number] = printed
    return found


def listed(folder: Path, content: bytes) -> tuple[Printed, ...]:
    """The files that a manifest names, which this program wrote; they are not looked at."""
    return tuple(_printed(folder, each) for each in json.loads(content)["statements"])


def intact(printed: Printed) -> bool:
    """Whether its file is there as it was written."""
    try:
        return hashlib.sha256(printed.path.read_bytes()).hexdigest() == printed.digest
    except OSError:
        return False


@contextmanager
def noting(folder: Path) -> Iterator["Notes"]:
    """The progress of one batch, for one process at a time; raises `Failed` (E803) while another prints here."""
    descriptor = os.open(folder / PROGRESS, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = f"another process is printing statements into {folder}"
            raise Failed([Diagnostic("E803", message, help="wait for it, or name another folder with --out")]) from None
        yield Notes(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Notes:
    descriptor: int

    def add(self, printed: Printed) -> None:
        line = json.dumps(_entry(printed), ensure_ascii=False).encode()
        os.write(self.descriptor, b"\n" + line + b"\n")


def _entry(printed: Printed) -> dict[str, object]:
    before = printed.unsealed
    sealed = {"unsealed": {"digest": before[0], "bytes": before[1]}} if before else {}
    stands_for = {"supersedes": printed.supersedes} if printed.supersedes else {}
    return {
        "number": printed.number,
        **stands_for,
        "payee": printed.payee,
        "file": printed.path.name,
        "digest": printed.digest,
        "bytes": printed.size,
        **sealed,
        "totals": _texts(printed.totals),
        "origin": printed.origin,
    }


def _printed(folder: Path, entry: object) -> Printed:
    """Raises `KeyError`, `TypeError` or `ArithmeticError` where it is no entry."""
    if not isinstance(entry, dict) or Path(str(entry["file"])).name != entry["file"]:
        raise TypeError("not an entry")
    totals = tuple(sorted((str(c), Decimal(a)) for c, a in entry["totals"].items()))
    number, payee, digest, origin = (str(entry[key]) for key in ("number", "payee", "digest", "origin"))
    before = entry.get("unsealed")
    unsealed = (str(before["digest"]), int(before["bytes"])) if before else None
    path, size = folder / entry["file"], int(entry["bytes"])
    supersedes = str(entry.get("supersedes", ""))
    return Printed(number, payee, path, digest, size, totals, origin, unsealed=unsealed, supersedes=supersedes)


def _texts(totals: Totals) -> dict[str, str]:
    return {currency: fixed(amount, currency) for currency, amount in totals}
