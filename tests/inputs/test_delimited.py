"""Delimited files: what is read is what stands there, what is not well-formed is refused."""

import csv
import io
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs_world import WORKSPACE, world

from compengine.inputs.delimited import LATE_QUOTE, Delimited, _by_columns, _by_rows, _text, read_delimited
from compengine.inputs.load import load
from compengine.inputs.readers import read_file
from compengine.source.diagnostic import Failed

KNOWN = {"id", "acv", "owner"}


def read(content: bytes, delimiter: str = "") -> tuple[list[str], list[tuple[str, ...]], list[int], list[int]]:
    header, cells, lines, unread = read_delimited("deals", Delimited("d.csv", content, KNOWN, delimiter))
    rows = [tuple(x or "" for x in row) for row in cells.iter_rows()]
    return header, rows, lines.to_list(), [r.line for r in unread]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_delimiter_line_end_and_byte_order_mark_do_not_matter(delimiter: str, end: str, mark: bytes) -> None:
    text = end.join(["id,acv", "D1,5", "", '"D,2","say ""x"""', ""]).replace(",", delimiter)
    header, rows, lines, unread = read(mark + text.encode())
    assert header == ["id", "acv"]
    assert rows == [("D1", "5"), (f"D{delimiter}2", 'say "x"')]
    assert lines == [2, 4] and not unread


def test_lines_count_through_cells_of_several_lines() -> None:
    assert read(b'id,acv\nD1,"a\nb"\nD2\nD3,1\n') == (["id", "acv"], [("D1", "a\nb"), ("D3", "1")], [2, 5], [4])


def test_a_row_of_another_width_is_unread() -> None:
    assert read(b"id,acv\nD1,1,234.56\nD2,5\n")[1:] == ([("D2", "5")], [3], [2])


def test_a_quote_after_a_blank_is_unread() -> None:
    assert read(b'id,acv\nD1, "5"\n')[1:] == ([], [], [2])


def test_the_header_that_is_known_tells_the_delimiter() -> None:
    assert read(b"id;acv, in USD;owner\nD1;5;ana\n")[0] == ["id", "acv, in USD", "owner"]
    assert read(b"id;acv\n1;2\n", ",")[0] == ["id;acv"]


BROKEN = [
    (b'id,acv\nD1,"5\nD2,6\n', 2),
    (b'id,acv\nD1,"5"x\n', 2),
    (b"id,acv\nD1,\x00\n", 2),
    (b"id,acv\nD1,5\nD2,\xff\n", 3),
    ("id,acv\nD1,5\n".encode("utf-16"), 1),
    (b"id,acv\nD1,5\rD2,6\r", 2),
    (b"", 1),
    (b"\n\nid,acv\n", 1),
]


@pytest.mark.parametrize(("content", "line"), BROKEN)
def test_a_file_that_is_not_well_formed_is_refused(content: bytes, line: int) -> None:
    with pytest.raises(Failed) as failed:
        read(content)
    (found,) = failed.value.diagnostics
    assert found.code == "E409" and found.place.span is not None and found.place.span.line == line


CELL = st.text(st.sampled_from('ab "1,;\té\n'), max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=1, max_size=8)))
def test_both_readers_give_the_same_cells(rows: list[list[str]]) -> None:
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n").writerows(rows)
    header = [f"c{i}" for i in range(len(rows[0]))]
    text = _text(Delimited("f.csv", (",".join(header) + "\n" + target.getvalue()).encode(), ()))
    _, slow, _, unread = _by_rows("t", "f.csv", text, ",")
    fast = _by_columns(text.partition("\n")[2], ",", len(header))
    if fast is not None:
        assert not unread
        assert [[x or "" for x in r] for r in fast.iter_rows()] == [[x or "" for x in r] for r in slow.iter_rows()]
    if not any(re.match(LATE_QUOTE, cell) for row in rows for cell in row):
        assert not unread and [list(r) for r in slow.iter_rows()] == rows


HEADER = "id,owner,acv,close_date,won\n"


def deals(tmp_path: Path, text: str, name: str = "d.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def codes(tmp_path: Path, text: str, **options: bool) -> list[tuple[str, str]]:
    with pytest.raises(Failed) as failed:
        read_file(world().tables["deals"], deals(tmp_path, text), **options)
    return [(d.code, d.help) for d in failed.value.diagnostics]


def test_unknown_and_missing_columns_are_named(tmp_path: Path) -> None:
    found = codes(tmp_path, "id,owner,ACV,close_date,won\n")
    assert [code for code, _ in found] == ["E401", "E402"]
    assert "did you mean acv" in found[0][1]
    assert [c for c, _ in codes(tmp_path, HEADER.replace("acv", "id"))] == ["E401", "E402"]
    assert [c for c, _ in codes(tmp_path, HEADER.replace("\n", ",\n"))] == ["E401"]


@pytest.mark.parametrize(
    ("header", "at"),
    [
        ("id,owner,ACV,currency,units,close_date,won\n", [(10, 13)]),
        ('\ufeff"id";owner ;"A C V";close_date;won\r\n', [(14, 19)]),
        ("id\towner\tacv\tclose_date\twon\tid\n", [(29, 31)]),
        ('id,owner,acv,close_date,won,"said ""so"""\n', [(1, 1)]),
    ],
)
def test_the_place_of_an_unknown_column_is_its_name(tmp_path: Path, header: str, at: list[tuple[int, int]]) -> None:
    with pytest.raises(Failed) as failed:
        read_file(world().tables["deals"], deals(tmp_path, header))
    spans = [d.place.span for d in failed.value.diagnostics if d.code == "E401"]
    assert [(s.column, s.end_column) for s in spans if s is not None] == at


def test_unknown_columns_may_be_passed_over(tmp_path: Path) -> None:
    file = deals(tmp_path, HEADER.replace("won", "won,Notes") + 'D1,ana,5,2026-01-01,yes,"a\nb"\n')
    raw = read_file(world().tables["deals"], file, ignore=True)
    assert raw.cells.columns == ["id", "owner", "acv", "close_date", "won"] and raw.cells.height == 1


def test_columns_of_an_export_are_mapped(tmp_path: Path) -> None:
    file = deals(tmp_path, "Deal ID,Amount,owner,close_date,won\nD1,5,ana,2026-01-01,yes\n")
    raw = read_file(world().tables["deals"], file, rename={"Amount": "acv"})
    assert raw.cells.to_dicts() == [{"id": "D1", "acv": "5", "owner": "ana", "close_date": "2026-01-01", "won": "yes"}]


def test_unknown_formats_and_absent_files_are_refused(tmp_path: Path) -> None:
    for name in ("d.xlsx", "d", "absent.csv", "absent.parquet"):
        with pytest.raises(Failed, match="E409"):
            read_file(world().tables["deals"], tmp_path / name)
    with pytest.raises(Failed, match="E409"):
        read_file(world().tables["deals"], deals(tmp_path, "not parquet", "d.parquet"))


def test_parquet_is_read_like_text(tmp_path: Path) -> None:
    rows = "id,owner,acv,close_date,won\n7,ana,5.25,2026-01-31,true\n8,ana,-1.5,2026-02-28,false\n"
    text = deals(tmp_path, rows)
    frame = pl.read_csv(text, schema_overrides={"acv": pl.Decimal(20, 14), "close_date": pl.Date})
    moments = frame.with_columns(
        (pl.col("close_date").cast(pl.Datetime("us")) + pl.duration(hours=28)).dt.replace_time_zone("UTC")
    )
    w = world(WORKSPACE.replace("owner: payee", "owner: text"))
    frame.write_parquet(tmp_path / "d.parquet")
    moments.write_parquet(tmp_path / "m.parquet")
    digests = {load(w, None, "deals", tmp_path / f)[1].digest for f in ("d.csv", "d.parquet", "m.parquet")}
    assert len(digests) == 1


def test_binary_fractions_are_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["D1"], "owner": ["a"], "acv": [0.1], "close_date": ["2026-01-01"], "won": [True]})
    frame.write_parquet(tmp_path / "d.parquet")
    with pytest.raises(Failed) as failed:
        read_file(world().tables["deals"], tmp_path / "d.parquet")
    assert [(d.code, d.place.column) for d in failed.value.diagnostics] == [("E403", "acv")]
