"""Processes that put and get the same objects at the same moment: none finds one missing, half there or damaged."""

import hashlib
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import polars as pl
import pytest

from compengine.inputs import objects
from compengine.inputs.objects import Store, get_bytes, get_table, put_bytes, put_table
from compengine.source.diagnostic import Failed

PROCESSES, ROUNDS = 4, 40
SPAWN = multiprocessing.get_context("spawn")


def table(number: int) -> pl.DataFrame:
    return pl.DataFrame({"x": [f"{number}-{row}" for row in range(3000)], "y": list(range(3000))})


def under_its_name(place: Path, write: Callable[[Path], None]) -> None:
    """What `write_whole` must not do."""
    place.parent.mkdir(parents=True, exist_ok=True)
    write(place)


def opened_twice(place: Path) -> pl.DataFrame | None:
    """What `_read` must not do; another process puts a new file there in between."""
    seal, first = place.read_bytes()[-objects.SEAL :], place.stat().st_ino
    while place.stat().st_ino == first:
        time.sleep(0)
    parquet = place.read_bytes()[: -objects.SEAL]
    return pl.read_parquet(parquet) if hashlib.sha256(parquet).digest() == seal else None


def _work(folder: Path, together: Barrier, planted: bool, report: Path) -> None:
    """In a process: in each round the others put the same; what is put is got at once."""
    if planted:
        objects.write_whole = under_its_name
    store, found = Store(folder), []
    for number in range(ROUNDS):
        frame, content = table(number), f"{number}".encode() * 50_000
        together.wait(60)
        try:
            get_table(store, "t", put_table(store, "t", frame))
            get_bytes(store, put_bytes(store, content))
        except Failed as failed:
            found.append(failed.diagnostics[0].message)
        except Exception as fault:  # wrong as well, and no reason to leave the others waiting
            found.append(f"{type(fault).__name__}: {fault}".replace("\n", " "))
    report.write_text("\n".join(found))


def raced(folder: Path, planted: bool) -> list[str]:
    """What went wrong, of all processes."""
    together = SPAWN.Barrier(PROCESSES)
    reports = [folder / f"report{number}" for number in range(PROCESSES)]
    started = [SPAWN.Process(target=_work, args=(folder / "objects", together, planted, r)) for r in reports]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
    assert [process.exitcode for process in started] == [0] * PROCESSES
    return [line for report in reports for line in report.read_text().splitlines()]


def test_processes_that_put_the_same_at_once_find_it_whole_and_leave_nothing_else(tmp_path: Path) -> None:
    assert raced(tmp_path, planted=False) == []
    store = Store(tmp_path / "objects")
    for number in range(ROUNDS):
        get_table(store, "t", put_table(store, "t", table(number)))
    files = [path for path in store.folder.rglob("*") if path.is_file()]
    assert len(files) == 2 * ROUNDS and not [path for path in files if path.name.startswith(".part-")]


def test_an_object_written_under_its_name_is_seen_half_there(tmp_path: Path) -> None:
    assert any("has another digest" in line for line in raced(tmp_path, planted=True))


def _replace(place: Path, frame: pl.DataFrame, stop: Event) -> None:
    """The same table in two forms, as two versions of the program may write it, again and again."""

    def write(path: Path) -> None:
        frame.write_parquet(path, compression=("zstd", "uncompressed")[number % 2])
        objects._seal(path)

    number = 0
    while not stop.is_set():
        number += 1
        objects.write_whole(place, write)


def wrong_reads(folder: Path) -> int:
    """Of 600 reads while another process puts the same table there again in another form."""
    store, frame, stop, wrong = Store(folder), table(0), SPAWN.Event(), 0
    digest = put_table(store, "t", frame)
    place = store.place(digest)
    first = place.stat().st_ino
    other = SPAWN.Process(target=_replace, args=(place, frame, stop))
    other.start()
    try:
        while place.stat().st_ino == first:
            assert other.is_alive()
        for _ in range(600):
            try:
                get_table(store, "t", digest)
            except Failed:
                wrong += 1
    finally:
        stop.set()
        other.join(60)
    return wrong


def test_a_table_that_is_replaced_while_it_is_read_is_read_as_it_was_or_as_it_is(tmp_path: Path) -> None:
    assert wrong_reads(tmp_path) == 0


def test_a_table_opened_twice_is_seen_to_be_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_read", opened_twice)
    assert wrong_reads(tmp_path) > 0
