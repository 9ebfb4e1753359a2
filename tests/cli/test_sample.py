"""A sample for an auditor: drawn the same again, with what must be in it, and evidence that can be checked."""

import csv
import hashlib
import json
import subprocess
import sys
import zipfile
from dataclasses import astuple, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from cli_world import call, files
from hypothesis import given, settings
from hypothesis import strategies as st

from compengine.actions.draw import draw, layers, size_of, stratum_of, ticket
from compengine.actions.movers import Signed, signed
from compengine.values.exact import exact
from compengine.values.rows import Earning

VERIFIER = Path(__file__).parents[2] / "docs" / "verify.py"
ROW = Earning(
    "ae", "commission", "ann", "2026-01", date(2026, 1, 9), "D1", "rate", "rate", exact(1000), "USD",
    exact("0.05"), "%", exact(50), "USD", True,
)  # fmt: skip
COMPONENTS, KINDS = st.sampled_from(["commission", "kicker"]), st.sampled_from(["rate", "flat", "claw", "cap"])
ROWS = st.lists(
    st.tuples(COMPONENTS, KINDS, st.integers(-99999, 99999), st.sampled_from([1, -1])), min_size=1, max_size=40
)


def population(told: list[tuple[str, str, int, int]]) -> list[Signed]:
    return [
        (replace(ROW, source=f"D{n}", component=component, kind=kind, amount=exact(amount)), sign)
        for n, (component, kind, amount, sign) in enumerate(told)
    ]


@settings(deadline=None)
@given(ROWS, st.integers(1, 30), st.text("ab", max_size=2))
def test_what_must_be_in_a_sample_is_in_it(told: list[tuple[str, str, int, int]], size: int, seed: str) -> None:
    rows = population(told)
    drawn = draw(rows, size, "c", seed)
    kinds = {row.kind for row, _ in rows}
    assert len({d.row.source for d in drawn}) == len(drawn)
    assert min(size, len(rows)) <= len(drawn) <= max(size, 1 + len(kinds))
    assert max(abs(row.amount) for row, _ in rows) == abs(drawn[0].row.amount)
    assert {d.row.kind for d in drawn} == kinds
    negative = [row for row in rows if signed(*row) < 0]
    if negative and size >= 3 * (1 + len(kinds)):
        assert any(signed(d.row, d.sign) < 0 for d in drawn)
    assert sum(one.rows for one in layers(rows, drawn)) == len(rows)
    assert sum(one.drawn for one in layers(rows, drawn)) == len(drawn)


@settings(deadline=None)
@given(ROWS, st.integers(1, 30))
def test_the_order_in_which_rows_come_does_not_matter(told: list[tuple[str, str, int, int]], size: int) -> None:
    rows = population(told)
    assert {d.ticket for d in draw(rows, size, "c", "")} == {d.ticket for d in draw(rows[::-1], size, "c", "")}


def test_every_stratum_is_drawn_from_before_any_is_twice() -> None:
    rows = population([("commission", "rate", 10**digits + n, 1) for digits in range(5) for n in range(8)])
    drawn = draw(rows, 5, "c", "")
    assert len({stratum_of(d.row) for d in drawn}) == 5


def test_another_seed_or_run_draws_others() -> None:
    rows = population([("commission", "rate", 100 + n, 1) for n in range(200)])
    samples = {tuple(d.row.source for d in draw(rows, 10, *key)) for key in (("c", ""), ("c", "x"), ("d", ""))}
    assert len(samples) == 3


def test_a_ticket_is_what_the_method_says() -> None:
    row = replace(ROW, position_from=exact("0.5"))
    cells = ["compengine sample 1", "content", "seed", "ae", "commission", "ann", "2026-01", "2026-01-09", "D1", "rate"]
    cells += ["rate", "1000.000000000000", "USD", "0.050000000000", "%", "50.000000000000", "USD", "true"]
    cells += ["0.500000000000", "", "-1"]
    line = "\t".join(cells) + "\n"
    assert len(cells) == 4 + len(astuple(row))
    assert ticket((row, -1), "content", "seed") == hashlib.sha256(line.encode()).hexdigest()


@pytest.mark.parametrize(
    ("amount", "size"),
    [
        ("0", "0"),
        ("0.99", "below 1"),
        ("1", "1 to 10"),
        ("-9.99", "1 to 10"),
        ("10", "10 to 100"),
        ("100", "100 to 1000"),
    ],
)
def test_sizes_are_digits_before_the_point(amount: str, size: str) -> None:
    assert size_of(Decimal(amount)) == size


@pytest.fixture(scope="module")
def drawn(closed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("drawn") / "s"
    done = call(closed, "sample", "2026-01", "-n", "10", "-o", str(target))
    assert done.code == 0, done.err
    return target


def test_the_same_run_and_seed_give_the_same_bytes(closed: Path, drawn: Path, tmp_path: Path) -> None:
    call(closed, "sample", "2026-01", "-n", "10", "-o", str(tmp_path / "again"))
    assert files(tmp_path / "again") == files(drawn)
    call(closed, "sample", "2026-01", "-n", "10", "--seed", "x", "-o", str(tmp_path / "other"))
    assert (tmp_path / "other" / "rows.csv").read_bytes() != (drawn / "rows.csv").read_bytes()
    call(closed, "sample", "2026-01", "-n", "10", "-o", str(tmp_path / "s.zip"))
    with zipfile.ZipFile(tmp_path / "s.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files(drawn)


def test_the_manifest_names_every_file(drawn: Path) -> None:
    manifest = json.loads((drawn / "manifest.json").read_text())
    there = {name: hashlib.sha256(content).hexdigest() for name, content in files(drawn).items()}
    del there["manifest.json"]
    assert manifest["files"] == there


def test_each_row_has_its_evidence(closed: Path, drawn: Path) -> None:
    rows = list(csv.DictReader((drawn / "rows.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 10
    for row in rows:
        text = (drawn / f"{int(row['number']):02}.md").read_text("utf-8")
        assert row["ticket"] in text
        assert f"  {row['component']}:" in text  # the plan's words
        assert f"= {Decimal(row['amount']).normalize():f}" in text
        assert f"- {row['payee']}: id {row['payee']}" in text  # the payee's own row
        assert not text.count("not evaluated")
    assert any("deals, of the table" in (drawn / f"{n:02}.md").read_text() for n in range(1, 11))


def test_the_rows_are_shown_to_be_posted_by_the_verifier_that_knows_nothing_of_us(closed: Path, drawn: Path) -> None:
    key = closed / ".compengine" / "keys" / "checkpoint.pub"
    proofs = sorted((drawn / "proofs").glob("*.json"))
    assert proofs
    for proof in proofs:
        words = [sys.executable, "-I", VERIFIER, "rows", proof, closed / "checkpoints.txt", key]
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    said = json.loads(proofs[0].read_text())
    changed = drawn.parent / "changed.json"
    changed.write_text(json.dumps({**said, "text": said["text"].replace(".0", ".1", 1)}))
    words = [sys.executable, "-I", VERIFIER, "rows", changed, closed / "checkpoints.txt", key]
    assert subprocess.run(list(map(str, words)), capture_output=True, check=False).returncode == 1


def test_a_run_that_is_not_posted_has_evidence_without_proofs(closed: Path, tmp_path: Path) -> None:
    assert call(closed, "sample", "2026-02", "-n", "3", "-o", str(tmp_path / "s")).code == 0
    assert "The run is not posted" in (tmp_path / "s" / "01.md").read_text()
    assert not (tmp_path / "s" / "proofs").exists()


def test_nothing_is_overwritten(closed: Path, drawn: Path) -> None:
    before = files(drawn)
    done = call(closed, "sample", "2026-01", "-o", str(drawn))
    assert (done.code, "E707" in done.err) == (2, True)
    assert files(drawn) == before


def test_what_was_decided_by_hand_has_those_who_decided_as_evidence(root: Path, tmp_path: Path) -> None:
    words = ("--plan", "account-executive", "--amount", "20 USD", "--for", "2026-01", "--kind", "bonus", "--code", "B1")
    asked = call(root, "adjust", "ann", *words, "--because", "won the Mock account", who="olive")
    assert asked.code == 0, asked.err
    assert call(root, "decide", "A0001", "approve", "--because", "agreed", who="frank").code == 0
    call(root, "calculate", "--period", "2026-01", who="olive")
    made = call(root, "sample", "2026-01", "-o", str(tmp_path / "s"), "--format", "json").json
    number = next(n for n, d in enumerate(made["drawn"], 1) if d["row"]["kind"] == "adjustment")
    text = (tmp_path / "s" / f"{number:02}.md").read_text()
    assert "requested by olive" in text and "won the Mock account" in text
    assert "approved by frank" in text
