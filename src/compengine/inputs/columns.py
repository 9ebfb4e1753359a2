"""A whole column of cells at once, to exactly what `cells.read_cell` says of each.

The common way of writing a value is recognised by a pattern and cast as a column; every other text goes through
`read_cell`, once per distinct text.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from compengine.inputs.cells import Amount, Refusal, read_cell
from compengine.inputs.schema import ColumnType
from compengine.values.frames import EXACT
from compengine.values.money import EXPONENTS

_PLAIN = r"-?[0-9]{1,13}(?:\.[0-9]{1,12})?"
NUMBER = rf"^{_PLAIN}$"
AMOUNT = rf"^({_PLAIN})(?: ([A-Z]{{3}}))?$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
TEXT = r"^[!-~](?:[ -~]*[!-~])?$"

STORED: dict[ColumnType, pl.DataType] = {
    ColumnType.NUMBER: EXACT,
    ColumnType.PERCENT: EXACT,
    ColumnType.MONEY: EXACT,
    ColumnType.DATE: pl.Date(),
    ColumnType.BOOL: pl.Boolean(),
}
"""How a type stands in a frame; all others are String."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """`values` and `currencies` (money only, what the cells name) as long as the cells; null where empty or refused.
    `refused` marks the cells that cannot be read, `reasons` says why by their text."""

    values: pl.Series
    currencies: pl.Series | None
    refused: pl.Series
    reasons: dict[str, Refusal]


def stored(kind: ColumnType) -> pl.DataType:
    return STORED.get(kind, pl.String())


def read_column(kind: ColumnType, cells: pl.Series, zone: ZoneInfo) -> Parsed:
    """`cells` are texts; null and blank are empty."""
    frame = pl.DataFrame({"cell": cells}).with_columns(
        pl.col("cell").str.strip_chars().replace({"": None}).alias("cell")
    )
    frame = frame.with_columns(_fast(kind))
    if kind is ColumnType.MONEY:
        frame = frame.with_columns(pl.col("cell").str.extract(AMOUNT, 2).alias("currency"))
        known = pl.col("currency").is_null() | pl.col("currency").is_in(list(EXPONENTS))
        frame = frame.with_columns(
            pl.when(known).then("value").alias("value"), pl.when(known).then("currency").alias("currency")
        )
    rest = frame.filter(pl.col("value").is_null() & pl.col("cell").is_not_null())["cell"].unique().to_list()
    frame, reasons = _add_slow(kind, frame, rest, zone)
    currencies = frame["currency"] if kind is ColumnType.MONEY else None
    return Parsed(frame["value"], currencies, frame["refused"], reasons)


def _fast(kind: ColumnType) -> pl.Expr:
    """The value where the cell is written in the plain way, else null."""
    cell = pl.col("cell")
    match kind:
        case ColumnType.NUMBER | ColumnType.PERCENT:
            found = pl.when(cell.str.contains(NUMBER)).then(cell).cast(EXACT)
        case ColumnType.MONEY:
            found = cell.str.extract(AMOUNT, 1).cast(EXACT)
        case ColumnType.DATE:
            plain = cell.str.contains(DAY) & ~cell.str.starts_with("0000")
            found = pl.when(plain).then(cell).str.to_date("%Y-%m-%d", strict=False)
        case ColumnType.BOOL | ColumnType.CURRENCY:
            found = pl.lit(None, dtype=stored(kind))
        case _:
            found = pl.when(cell.str.contains(TEXT)).then(cell)
    return found.alias("value")


def _add_slow(
    kind: ColumnType, frame: pl.DataFrame, texts: list[str], zone: ZoneInfo
) -> tuple[pl.DataFrame, dict[str, Refusal]]:
    if not texts:
        return frame.with_columns(pl.lit(False).alias("refused")), {}
    read = [read_cell(kind, text, zone) for text in texts]
    reasons = {text: value for text, value in zip(texts, read, strict=True) if isinstance(value, Refusal)}
    values = [None if isinstance(v, Refusal) else v.value if isinstance(v, Amount) else v for v in read]
    found = pl.DataFrame(
        {
            "cell": pl.Series(texts, dtype=pl.String),
            "slow": pl.Series(values, dtype=stored(kind)),
            "named": pl.Series([v.currency or None if isinstance(v, Amount) else None for v in read], dtype=pl.String),
            "refused": pl.Series([isinstance(v, Refusal) for v in read], dtype=pl.Boolean),
        }
    )
    frame = frame.join(found, on="cell", how="left", maintain_order="left")
    frame = frame.with_columns(pl.coalesce("value", "slow").alias("value"), pl.col("refused").fill_null(False))
    if kind is ColumnType.MONEY:
        frame = frame.with_columns(pl.coalesce("currency", "named").alias("currency"))
    return frame, reasons
