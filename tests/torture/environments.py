"""The same month closed in many environments: one digest of everything that was computed, posted and paid.

    python environments.py ROOT SEED     closes it in this process's environment, and prints the digest

Each environment is a process of its own: another order of the rows in every file, hash seed, time zone, locale, number
of threads, database, and version of Python, where one is found that has the libraries (`COMPENGINE_PYTHONS` names more,
separated by colons). The clock stands still; people act in the same order.
"""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from imported import CLOCK

ROOT = Path(__file__).parents[2]
TESTS = [str(ROOT / "tests" / name) for name in ("torture", "ledger", "cli")]
ZONES = ("UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Niue")
LOCALES = ("C", "C.UTF-8", "POSIX", "tr_TR.UTF-8", "de_DE.UTF-8")
MONTHS = ("2026-01", "2026-02")
KEY = "07" * 32 + "\n"
"""What signs checkpoints and salts the leaves of postings: else each workspace would make one of its own."""
ENVIRONMENTS = 12
"""With SQLite and this Python; a third as many with the other database, and with each other version."""


@dataclass(frozen=True, slots=True)
class Environment:
    python: str
    database: str
    seed: int

    @property
    def variables(self) -> dict[str, str]:
        chance = random.Random(self.seed)
        return {
            "PYTHONHASHSEED": str(chance.randrange(2**32)),
            "TZ": ZONES[self.seed % len(ZONES)],
            "LC_ALL": LOCALES[self.seed // 2 % len(LOCALES)],
            "POLARS_MAX_THREADS": str(1 + self.seed % 4),
        }


def digest_in(environment: Environment, folder: Path, address: str = "") -> str:
    """Closes the months in a process of that environment; raises `AssertionError` with what it says where it fails."""
    variables = {**os.environ, **environment.variables, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *TESTS])}
    variables["COMPENGINE_LEDGER"] = address
    command = [environment.python, str(Path(__file__)), str(folder), str(environment.seed)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def close_here(folder: Path, seed: int) -> str:
    """The digest of the runs, the head of the ledger and the pay files, of the starter workspace with its rows in an
    order of their own."""
    from cli_world import call, close, files, starter

    from compengine.cli import place

    place.now = lambda: CLOCK
    root = starter(folder, loaded=False)
    for file in sorted((root / "data").iterdir()):
        head, *rows = file.read_text("utf-8").splitlines()
        random.Random(seed).shuffle(rows)
        file.write_text("\n".join([head, *rows, ""]), "utf-8")
    keys = root / ".compengine" / "keys"
    keys.mkdir(mode=0o700, parents=True)
    (keys / "checkpoint.key").write_text(KEY)
    (keys / "checkpoint.key").chmod(0o600)
    assert call(root, "load", "data").code == 0
    for month in MONTHS:
        close(root, month)
    verified = call(root, "verify", "--format", "json").json
    assert verified["ok"], verified
    said = [call(root, "show", month, "--format", "json").json["content"] for month in MONTHS]
    paid = {name: hashlib.sha256(content).hexdigest() for name, content in files(root / "pay").items()}
    whole = json.dumps([said, verified["head_seq"], verified["head"], sorted(paid.items())])
    return hashlib.sha256(whole.encode()).hexdigest()


def pythons() -> list[str]:
    """This Python, and others that have what the product needs."""
    named = [p for p in os.environ.get("COMPENGINE_PYTHONS", "").split(":") if p]
    others = [found for minor in (12, 13, 14) if (found := shutil.which(f"python3.{minor}"))]
    needed = "import click, polars, sqlalchemy, weasyprint, cryptography, alembic, psycopg, pydantic, lark"
    able = [p for p in (*named, *others) if subprocess.run([p, "-c", needed], capture_output=True).returncode == 0]
    return [sys.executable, *able]


def version(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def environments(number: int, with_server: bool, interpreters: Sequence[str]) -> Iterator[Environment]:
    for place, python in enumerate(interpreters):
        many = number if place == 0 else max(1, number // 3)
        yield from (Environment(python, "sqlite", 1000 * place + n) for n in range(many))
        if with_server:
            yield from (Environment(python, "postgresql", 1000 * place + 500 + n) for n in range(max(1, many // 3)))


def digests(number: int, interpreters: Sequence[str]) -> Iterator[tuple[Environment, str]]:
    """Each environment with its digest; PostgreSQL where it is installed."""
    from servers import binaries, running

    with ExitStack() as stack:
        server = stack.enter_context(running()) if binaries() is not None else None
        folder = Path(stack.enter_context(TemporaryDirectory()))
        for place, each in enumerate(environments(number, server is not None, interpreters)):
            mine, address = folder / str(place), ""
            mine.mkdir()
            if each.database == "postgresql" and server is not None:
                address = server.address(server.new())
            yield each, digest_in(each, mine, address)


def measure() -> "list[Figure]":  # noqa: F821
    from figures import at_least, at_most, plain

    found = []
    for each, digest in digests(ENVIRONMENTS, pythons()):
        found.append((each, digest))
        print(f"  {version(each.python)} {each.database} {each.variables} {digest[:12]}", flush=True)
    versions = {version(each.python) for each, _ in found}
    databases = {each.database for each, _ in found}
    return [
        at_least("replay_environments", len(found), "environments", 24),
        at_most("replay_digests", len({digest for _, digest in found}), "digests", 1),
        plain("replay_python_versions", len(versions), f"versions of CPython: {', '.join(sorted(versions))}"),
        plain("replay_databases", len(databases), f"databases: {', '.join(sorted(databases))}"),
    ]


if __name__ == "__main__":
    print(close_here(Path(sys.argv[1]), int(sys.argv[2])))
