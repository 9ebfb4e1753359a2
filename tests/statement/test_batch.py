"""Many statements: whole files, taken up after a kill, one bad one stopping nobody, nothing printed twice."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from statement_samples import crossing

from compengine.source.diagnostic import Diagnostic, Failed
from compengine.statement import batch
from compengine.statement.archival import Enclosure
from compengine.statement.batch import Outcome, Sheet, Where, print_all, sweep
from compengine.statement.build import build
from compengine.statement.manifest import (
    Missing,
    Printed,
    finished,
    intact,
    manifest_text,
    noting,
    write_manifest,
)
from compengine.statement.pdf import Paper
from compengine.statement.templates import load_template

TEMPLATE = load_template()
GOOD = build(crossing())


def sheets(count: int) -> list[Sheet]:
    return [Sheet(replace(GOOD, number=f"2026-03-{n:04}")) for n in range(1, count + 1)]


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def printed(outcomes: Iterator[Outcome]) -> list[Printed]:
    return [o for o in outcomes if isinstance(o, Printed)]


def test_one_bad_view_and_one_that_could_not_be_built_stop_no_other(tmp_path: Path) -> None:
    some: list[Sheet | tuple[Diagnostic, ...]] = [*sheets(4)]
    some[1] = Sheet(replace(GOOD, number="../../etc/x"))
    some[2] = Sheet(replace(GOOD, number="2026-03-0003", pay_date=None))  # type: ignore[arg-type]
    some.append((Diagnostic("E801", "bob does not add up"),))
    found = list(print_all(some, Where(tmp_path, TEMPLATE)))
    made = sorted(p.path.name for p in found if isinstance(p, Printed))
    assert made == ["statement-2026-03-0001.pdf", "statement-2026-03-0004.pdf"] == names(tmp_path)
    assert sorted(d.code for o in found if isinstance(o, tuple) for d in o) == ["E801", "E802", "E803"]


def test_one_process_writes_the_same_bytes_as_two(tmp_path: Path) -> None:
    digests = []
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        folder.mkdir()
        done = printed(print_all(sheets(2), Where(folder, TEMPLATE), workers=workers))
        digests.append(sorted(p.digest for p in done))
        assert all(hashlib.sha256(p.path.read_bytes()).hexdigest() == p.digest for p in done)
    assert digests[0] == digests[1]


def test_printing_processes_leave_nothing_of_theirs_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each unpacks the fonts into a folder that it does not remove; that they do is shown where a batch is killed."""
    folder, temporary = tmp_path / "out", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    assert len(printed(print_all(sheets(2), Where(folder, TEMPLATE)))) == 2 == len(names(folder))
    assert names(temporary) == []


def test_a_folder_that_cannot_be_written_is_a_diagnostic(tmp_path: Path) -> None:
    [outcome] = print_all(sheets(1), Where(tmp_path / "absent", TEMPLATE), workers=1)
    assert isinstance(outcome, tuple) and "cannot be written" in outcome[0].message


def test_no_more_views_are_asked_for_than_are_on_their_way(tmp_path: Path) -> None:
    """Memory stays flat because of this: of 40 views no more than a handful is alive at once."""
    asked = 0

    def lazily() -> Iterator[Sheet]:
        nonlocal asked
        for sheet in sheets(14):
            asked += 1
            yield sheet

    for done, _ in enumerate(print_all(lazily(), Where(tmp_path, TEMPLATE)), start=1):
        assert asked - done <= batch.WORKERS * batch.AHEAD


def test_processes_are_renewed_and_every_statement_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "RECYCLE", 2)
    done = printed(print_all(sheets(9), Where(tmp_path, TEMPLATE)))
    assert len(done) == 9 == len(names(tmp_path))


def test_what_kills_its_process_is_named_and_the_others_are_printed(tmp_path: Path) -> None:
    some = sheets(6)
    some[2] = replace(some[2], enclosures=(Enclosure("x.json", "application/json", "", _Deadly(b"{}")),))
    found = list(print_all(some, Where(tmp_path, TEMPLATE)))
    lost = [d.message for o in found if isinstance(o, tuple) for d in o]
    assert lost == ["statement 2026-03-0003 of ana: the process that printed it was stopped"]
    assert len(names(tmp_path)) == 5


class _Deadly(bytes):
    """Kills the process that takes it in."""

    def __reduce__(self) -> tuple[object, ...]:
        return (_kill_if_a_child, (os.getpid(),))


def _kill_if_a_child(parent: int) -> bytes:
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return b"{}"


# --- skipped and taken up


def test_what_is_there_unchanged_is_kept_and_anything_else_is_printed_again(tmp_path: Path) -> None:
    where = Where(tmp_path, TEMPLATE)
    first = printed(print_all(sheets(4), where))
    before = {p.number: p for p in first}
    times = {p.number: p.path.stat().st_mtime_ns for p in first}
    before["2026-03-0001"].path.write_bytes(b"%PDF-1.7 cut")
    before["2026-03-0002"].path.unlink()
    some = sheets(4)
    some[2] = Sheet(replace(some[2].view, payer="Another"))
    again = {p.number: p for p in print_all(some, where, before) if isinstance(p, Printed)}
    assert [n for n, p in sorted(again.items()) if p.kept] == ["2026-03-0004"]
    assert again["2026-03-0004"].path.stat().st_mtime_ns == times["2026-03-0004"]
    assert again["2026-03-0001"].digest == before["2026-03-0001"].digest and intact(again["2026-03-0001"])
    assert again["2026-03-0003"].digest != before["2026-03-0003"].digest


@pytest.mark.parametrize("change", ["paper", "template", "enclosure"])
def test_another_paper_template_or_enclosure_is_printed_again(tmp_path: Path, change: str) -> None:
    [first] = printed(print_all(sheets(1), Where(tmp_path, TEMPLATE), workers=1))
    where, sheet = Where(tmp_path, TEMPLATE), sheets(1)[0]
    match change:
        case "paper":
            where = replace(where, paper=Paper.LETTER)
        case "template":
            where = replace(where, template=replace(TEMPLATE, css=TEMPLATE.css + "h1 { color: red }"))
        case _:
            sheet = replace(sheet, enclosures=(Enclosure("a.json", "application/json", "", b"{}"),))
    [again] = printed(print_all([sheet], where, {first.number: first}, workers=1))
    assert not again.kept and again.digest != first.digest


def test_progress_survives_a_torn_line_and_believes_no_odd_one(tmp_path: Path) -> None:
    [one, two] = printed(print_all(sheets(2), Where(tmp_path, TEMPLATE), workers=1))
    with noting(tmp_path) as notes:
        notes.add(one)
        notes.add(two)
    place = tmp_path / ".progress"
    lines = place.read_bytes()
    place.write_bytes(lines[: len(lines) // 2 + 30] + b'{"number": "x"')
    assert finished(tmp_path) == {one.number: one}
    outside = json.loads(lines.split(b"\n")[1]) | {"file": "../../x.pdf", "number": "evil"}
    place.write_bytes(lines + json.dumps(outside).encode())
    assert finished(tmp_path) == {one.number: one, two.number: two}


def test_two_batches_do_not_print_into_one_folder_at_once(tmp_path: Path) -> None:
    with noting(tmp_path), pytest.raises(Failed, match="E803"), noting(tmp_path):
        pass


def test_the_manifest_tells_files_and_sums_and_is_read_again(tmp_path: Path) -> None:
    made = printed(print_all(sheets(3), Where(tmp_path, TEMPLATE)))
    lost = Missing("2026-03-0004", "bob", (("USD", Decimal("10.5")),))
    text = manifest_text({"run": "r"}, made, [lost])
    assert text == manifest_text({"run": "r"}, reversed(made), [lost])
    digest = write_manifest(tmp_path, text)
    stored = (tmp_path / "manifest.json").read_bytes()
    assert hashlib.sha256(stored).hexdigest() == digest
    said = json.loads(stored)
    assert said["totals"] == {"USD": "17625.00"} and said["missing"][0]["totals"] == {"USD": "10.50"}
    assert [e["file"] for e in said["statements"]] == [n for n in names(tmp_path) if n.startswith("statement")]
    assert sorted(finished(tmp_path).values(), key=lambda p: p.number) == sorted(made, key=lambda p: p.number)
    assert not (tmp_path / ".progress").exists()


SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
from statement_samples import crossing
from compengine.statement.batch import Printed, Sheet, Where, print_all, sweep
from compengine.statement.build import build
from compengine.statement.manifest import finished, noting
from compengine.statement.templates import load_template

if __name__ == "__main__":
    folder, good = Path(sys.argv[1]), build(crossing())
    sheets = (Sheet(replace(good, number=f"2026-03-{n:04}")) for n in range(1, 13))
    with noting(folder) as notes:
        sweep(folder)
        for outcome in print_all(sheets, Where(folder, load_template()), finished(folder)):
            assert isinstance(outcome, Printed), outcome
            if not outcome.kept:
                notes.add(outcome)
            print("kept" if outcome.kept else "new", flush=True)
"""


def test_a_batch_that_is_killed_leaves_whole_files_only_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    folder, script = tmp_path / "out", tmp_path / "print.py"
    folder.mkdir()
    script.write_text(SCRIPT)
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    command = [sys.executable, str(script), str(folder)]
    environment = {**os.environ, "PYTHONPATH": path}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 10
    while _children_print(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _children_print(folder), "the printing processes outlive the one that began them"
    visible = [p for p in folder.iterdir() if not p.name.startswith(".")]
    assert 4 <= len(visible) < 12
    for each in visible:
        with pikepdf.open(each) as pdf:
            assert not pdf.check_pdf_syntax()
    (folder / ".statement-2026-03-0001.pdf.99999").write_bytes(b"half")
    assert list((folder / batch.FONTS).glob("weasyprint-*/*"))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    lines = done.stdout.split()
    assert len(lines) == 12 and lines.count("kept") >= 4
    assert [n for n in names(folder) if n != ".progress"] == [f"statement-2026-03-{n:04}.pdf" for n in range(1, 13)]


def _children_print(folder: Path) -> list[int]:
    """Processes that hold the folder's progress open."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = [str(link.readlink()) for link in (process / "fd").iterdir()]
        except OSError:
            continue
        if str(folder / ".progress") in links:
            found.append(int(process.name))
    return found


def test_only_our_own_left_overs_are_swept(tmp_path: Path) -> None:
    for name in (".statement-2026-03-1.pdf.77", ".statement-2026-03-1.pdf.bak", "statement-2026-03-1.pdf", ".x.pdf.7"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / batch.FONTS / "x").mkdir(parents=True)
    sweep(tmp_path)
    assert names(tmp_path) == [".statement-2026-03-1.pdf.bak", ".x.pdf.7", "statement-2026-03-1.pdf"]
