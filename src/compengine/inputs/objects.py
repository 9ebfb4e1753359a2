"""A folder of things that never change, each named by the digest of its content.

A table is kept as Parquet and named by the digest of its canonical text (`values.digest`), anything else by that of
its bytes. A name appears only when the whole content is on disk; reading checks the content against the name.

Behind a table's Parquet stands the SHA-256 of it. The reader of Parquet takes a process down over some damage, so what
it is given is known to be what was written; and other bytes are noticed that stand for the same rows.
"""

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from compengine.source.diagnostic import Diagnostic, Failed
from compengine.values.digest import sha256_hex, table_digest

DIGEST = re.compile(r"[0-9a-f]{64}")
SEAL = hashlib.sha256().digest_size
"""Bytes behind the Parquet of a table."""


@dataclass(frozen=True, slots=True)
class Store:
    """`folder` is made when the first object is put."""

    folder: Path

    def place(self, digest: str) -> Path:
        assert DIGEST.fullmatch(digest), f"{digest} is not a digest"
        return self.folder / digest[:2] / digest


def put_bytes(store: Store, content: bytes) -> str:
    """The content's digest; a sound object of that name is left alone, a damaged one replaced."""
    digest = sha256_hex(content)
    place = store.place(digest)
    if not place.exists() or sha256_hex(place.read_bytes()) != digest:
        write_content(place, content)
    return digest


def put_table(store: Store, name: str, frame: pl.DataFrame) -> str:
    """The digest of the table's canonical text."""
    digest = table_digest(name, frame)
    place = store.place(digest)
    if not place.exists() or _table_digest(place, name) != digest:
        write_whole(place, lambda path: _write_table(path, frame))
    return digest


def get_bytes(store: Store, digest: str) -> bytes:
    """Raises `Failed` with E609 where the object is missing or damaged."""
    try:
        content = store.place(digest).read_bytes()
    except FileNotFoundError:
        raise Failed([_missing(digest)]) from None
    if sha256_hex(content) != digest:
        raise Failed([_damaged(digest)])
    return content


def get_table(store: Store, name: str, digest: str) -> pl.DataFrame:
    """Raises `Failed` with E609 where the object is missing or damaged."""
    place = store.place(digest)
    if not place.exists():
        raise Failed([_missing(digest, f"table {name}")])
    frame = _read(place)
    if frame is None or table_digest(name, frame) != digest:
        raise Failed([_damaged(digest, f"table {name}")])
    return frame


def _missing(digest: str, what: str = "object") -> Diagnostic:
    return Diagnostic("E609", f"{what} {digest} is not in the store", help="restore it from a backup")


def _damaged(digest: str, what: str = "object") -> Diagnostic:
    return Diagnostic("E609", f"{what} {digest} is damaged: its content has another digest", help="restore it")


def _read(place: Path) -> pl.DataFrame | None:
    """None where it is not what was written, or not sound Parquet. The reader may panic on Parquet that somebody made,
    and a panic is no `Exception`.

    The file is read once and whole: another process may put a new one there."""
    try:
        content = place.read_bytes()
        parquet, seal = content[:-SEAL], content[-SEAL:]
        return pl.read_parquet(parquet) if hashlib.sha256(parquet).digest() == seal else None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        return None


def _table_digest(place: Path, name: str) -> str:
    frame = _read(place)
    return "" if frame is None else table_digest(name, frame)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _write_table(path: Path, frame: pl.DataFrame) -> None:
    try:
        frame.write_parquet(path, compression="zstd", compression_level=3)
    except pl.exceptions.PolarsError as error:  # the writer's own errors do not say what the disk said
        raise OSError(errno.EIO, f"the table cannot be written: {error}", str(path)) from error
    _seal(path)


def _seal(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(hashlib.file_digest(file, "sha256").digest())


def write_whole(place: Path, write: Callable[[Path], None]) -> None:
    """Have `write` fill a file beside `place`, then give it that name: after a crash there is the old content or the
    new one. Folders are made as needed. Whatever `write` raises leaves nothing behind."""
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".part-", dir=place.parent)
    os.close(descriptor)
    part = Path(name)
    try:
        write(part)
        _sync(part)
        part.replace(place)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    for folder in (place.parent, place.parent.parent):
        _sync(folder)


def write_content(place: Path, content: bytes) -> None:
    """The same for content that is there already."""
    write_whole(place, lambda part: _write(part, content))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
