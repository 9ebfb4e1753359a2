"""Damaged files: a value that is taken is the value that stands there, or the row is refused.

The second reading below shares no code with the product: a machine of four states for the cells, and plain checks of
characters for the values.
"""

import os
import random
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from inputs_world import world

from compengine.inputs.load import load
from compengine.source.diagnostic import Failed

FILES = int(os.environ.get("COMPENGINE_FILES", "480"))
"""How many; a release is tested with 2,400 and more."""

WORLD = world()
HEADER = ["id", "owner", "acv", "units", "close_date", "won"]
BITS = [
    ",", ";", "\t", '"', '""', "\n", "\r\n", "\r", " ", "-", "+", ".", "_", "%", "e5", "E+05", "USD", " USD", "EUR ",
    "usd", "XYZ", "$", "€", "(", ")", "\x00", "\x07", "\ufeff", "\u202e", "\u00a0", "１", "−", "1/2/26", "2026-02-30",
    "2026-02-01T04:30:00Z", "NaN", "inf", "NULL", "true", "0", "99999999999999", "0.1234567890123", "é",
    "e\u0301", "=1",
]  # fmt: skip


def sound(dice: random.Random) -> list[str]:
    rows = []
    for i in range(dice.randint(1, 8)):
        amount = f"{dice.randint(-(10**6), 10**9)}.{dice.randint(0, 99):02}" + dice.choice(["", " USD", " EUR"])
        day = date(2026, dice.randint(1, 12), dice.randint(1, 28)).isoformat()
        units = dice.choice(["", str(dice.randint(0, 99))])
        rows.append(",".join([f"D{i}", dice.choice(["ana", "bob"]), amount, units, day, dice.choice(["yes", "no"])]))
    return rows


def damaged(dice: random.Random) -> bytes:
    lines = [",".join(HEADER), *sound(dice)]
    for _ in range(dice.randint(0, 4)):
        at = dice.randrange(1, len(lines)) if dice.random() < 0.97 else 0
        line = lines[at]
        cut = dice.randint(0, len(line))
        match dice.randrange(6):
            case 0 | 1:
                lines[at] = line[:cut] + dice.choice(BITS) + line[cut:]
            case 2:
                lines[at] = line[:cut] + line[cut + dice.randint(1, 5) :]
            case 3:
                cells = line.split(",")
                cells[dice.randrange(len(cells))] = dice.choice(BITS)
                lines[at] = ",".join(cells)
            case 4:
                lines.append(line)
            case _:
                cells = [f'"{cell}"' for cell in line.split(",")]
                lines[at] = ",".join(cells)
    content = "\n".join(lines).encode() + b"\n"
    if dice.random() < 0.05:
        cut = dice.randrange(len(content))
        content = content[:cut] + bytes([dice.randrange(256)]) + content[cut:]
    return content


def cells_of(text: str) -> list[list[str]]:
    """Rows by the rules of RFC 4180; a quote that does not open a cell is a character like any other."""
    rows: list[list[str]] = [[]]
    cell, state = "", "start"
    for mark in text:
        if state == "quoted":
            if mark == '"':
                state = "closing"
            else:
                cell += mark
        elif state == "closing" and mark == '"':
            cell, state = cell + '"', "quoted"
        elif mark == ",":
            rows[-1].append(cell)
            cell, state = "", "start"
        elif mark == "\n":
            rows[-1].append(cell)
            rows.append([])
            cell, state = "", "start"
        elif mark == '"' and state == "start":
            state = "quoted"
        else:
            cell, state = cell + mark, "plain"
    rows[-1].append(cell)
    return [row for row in rows if row != [""]]


def value_of(text: str) -> Fraction | None:
    """The number that a plain decimal stands for; None where it is anything else."""
    digits = text.removeprefix("-").replace("_", "")
    whole, point, places = digits.partition(".")
    if not whole or (point and not places) or any(c not in "0123456789" for c in whole + places):
        return None
    value = Fraction(int(whole + places), 10 ** len(places))
    return -value if text.startswith("-") else value


def composed(text: str) -> str:
    return text.replace("e\u0301", "é")


def agrees(cells: list[str], row: dict[str, object]) -> bool:
    """Whether a row that was taken is what its cells say."""
    cells = [cell.strip() for cell in cells]
    amount = cells[2].split(" ")
    currency = next((part.upper() for part in amount if part.isalpha()), "USD")
    number = next((part for part in amount if not part.isalpha()), "")
    day = row["close_date"]
    assert isinstance(day, date)
    written = cells[4]
    same_day = written.startswith(day.isoformat()) or (written == "2026-02-01T04:30:00Z" and day == date(2026, 1, 31))
    return (
        (composed(cells[0]), composed(cells[1])) == (row["id"], row["owner"])
        and value_of(number) == Fraction(str(row["acv"]))
        and currency == row["acv@currency"]
        and (Fraction(str(row["units"])) if row["units"] is not None else None) == value_of(cells[3])
        and same_day
        and cells[5].lower() in (("yes", "true", "1") if row["won"] else ("no", "false", "0"))
    )


@pytest.mark.parametrize("part", range(4))
def test_a_value_is_what_stands_there_or_is_refused(part: int, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,manager,ramp,from,to\nana,,1,2026-01-01,\nbob,,1,2026-01-01,\n")
    _, start = load(WORLD, None, "payees", tmp_path / "p.csv")
    seen: Counter[str] = Counter()
    for number in range(FILES // 4):
        dice = random.Random(f"{part}/{number}")
        content = damaged(dice)
        (tmp_path / "d.csv").write_bytes(content)
        try:
            report, after = load(WORLD, start, "deals", tmp_path / "d.csv", allow_rejects=True)
        except Failed as failed:
            assert {d.code for d in failed.diagnostics} <= {"E401", "E402", "E409"}
            seen["refused"] += 1
            continue
        assert report.read == report.new + report.changed + report.rejected + report.duplicates
        seen.update(loaded=report.new, rejected=report.rejected, duplicates=report.duplicates)
        for total in report.totals:
            assert total.read == total.accepted + total.rejected + total.duplicates
        written = cells_of(content.decode("utf-8-sig").replace("\r\n", "\n"))[1:]
        assert report.read == len(written), content
        for row in after.rows("deals"):
            same = [c for c in written if len(c) == 6 and composed(c[0].strip()) == row["id"]]
            assert any(agrees(c, row) for c in same), (content, row)
        if number % 5:
            continue
        strict, unchanged = load(WORLD, start, "deals", tmp_path / "d.csv")
        assert strict.loaded == (not strict.rejects)
        assert strict.loaded or unchanged is start
    assert min(seen["refused"], seen["loaded"], seen["rejected"], seen["duplicates"]) > 10, seen
