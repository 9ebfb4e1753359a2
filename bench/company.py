"""The company of the large measurement: a workspace, a plan of five components, and its tables as Parquet files.

The same number of deals gives the same company: every cell is a function of its row's number. One of the payees in
nine or so manages; above the reps stand three levels of managers, and each rep sells about 225 deals a year, of which
one in forty is given back (a negative amount).
"""

from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl

WORKSPACE = """
workspace: bench
timezone: UTC
currencies: {base: USD}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01}
hierarchy: payees.manager
quotas: {bookings: money}
tables:
  payees: {row: payee, key: id, columns: {id: payee, title: text, manager: optional payee}}
  deals: {row: deal, key: id, columns: {id: text, owner: payee, amount: money, close_date: date, kind: text}}
"""
PLAN = """
plan: bench
currency: USD
effective: 2026-01-01 to 2026-12-31
pay_period: monthly
payees: payee.title in ("Rep", "Manager")
credits:
  bookings: {from: deals, date: deal.close_date, amount: deal.amount, to: deal.owner}
  team:
    from: bookings
    date: credit.date
    amount: credit.amount
    to: managers(credit.payee, 1 to 3)
    shares_total: overlay
measures:
  attainment: sum(bookings, year to date) / quota(bookings, year)
  quarter_attainment: sum(bookings, quarter) / quota(bookings, quarter)
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate: {position: attainment, mode: marginal, bands: {0%: 5%, 50%: 8%, 100%: 12%, 150%: 15%}}
  kicker: {per: credit of bookings, when: deal.kind == "new", of: commission, rate: 10%}
  override: {per: credit of team, of: credit.amount, rate: 0.5%}
  spiff:
    per: credit of bookings
    when: deal.kind == "multi-year"
    of: credit.amount
    rate: 3%
    limit: [at most 10_000 USD per year]
  bonus:
    per: quarter
    when: quarter_attainment >= 100%
    of: sum(bookings, quarter)
    rate: 0.75%
settle: {negative: carry}
"""
PERIOD = "2026-12"
TABLES = ("payees", "quotas", "deals")

_PRIME = 2**31 - 1
_VPS, _DIRECTORS, _MANAGERS = 5, 50, 500


def write_company(folder: Path, deals: int, payees: int = 5_000) -> None:
    """`payees.parquet`, `quotas.parquet` and `deals.parquet`."""
    reps = payees - _VPS - _DIRECTORS - _MANAGERS
    people = pl.concat(
        [
            _people("v", _VPS, "", 1),
            _people("d", _DIRECTORS, "v", _VPS),
            _people("m", _MANAGERS, "d", _DIRECTORS),
            _people("r", reps, "m", _MANAGERS),
        ]
    )
    people.write_parquet(folder / "payees.parquet")
    _quotas(people["id"]).write_parquet(folder / "quotas.parquet")
    _deals(deals, reps).write_parquet(folder / "deals.parquet")


def _people(letter: str, count: int, above: str, managers: int) -> pl.DataFrame:
    number = pl.int_range(count)
    return pl.select(
        _named(letter, number).alias("id"),
        pl.lit("Rep" if letter == "r" else "Manager").alias("title"),
        (_named(above, number % managers) if above else pl.lit(None, dtype=pl.String)).alias("manager"),
    )


def _quotas(payees: pl.Series) -> pl.DataFrame:
    return pl.select(
        payees.alias("payee"),
        pl.lit("bookings").alias("quota"),
        pl.lit(date(2026, 1, 1)).alias("from"),
        pl.lit(date(2026, 12, 31)).alias("to"),
        (_drawn("quota", len(payees), 200) * 10_000 + 1_000_000).cast(pl.Decimal(18, 2)).alias("amount"),
    )


def _deals(count: int, reps: int) -> pl.DataFrame:
    """Amounts from 1.00 to 20,001.00; half of the deals are new, a third renewals, a sixth for several years."""
    cents = (_drawn("cents", count, 2_000_001) + 100) * pl.when(_drawn("back", count, 40) == 0).then(-1).otherwise(1)
    kind = _drawn("kind", count, 6)
    return pl.select(
        pl.format("deal-{}", pl.int_range(count).cast(pl.String).str.zfill(8)).alias("id"),
        _named("r", _drawn("owner", count, reps)).alias("owner"),
        (cents.cast(pl.Decimal(18, 2)) / pl.lit(100, dtype=pl.Decimal(18, 2))).alias("amount"),
        (pl.lit(date(2026, 1, 1)) + pl.duration(days=_drawn("day", count, 365))).alias("close_date"),
        pl.when(kind < 3).then(pl.lit("new")).when(kind < 5).then(pl.lit("renewal")).otherwise(pl.lit("multi-year"))
        .alias("kind"),
    )  # fmt: skip


def _named(letter: str, number: pl.Expr) -> pl.Expr:
    return pl.lit(letter) + number.cast(pl.String).str.zfill(5)


def _drawn(what: str, count: int, below: int) -> pl.Expr:
    """For each row a number from 0 up to, not with, `below`, as if drawn; another sequence for each `what`."""
    salt = int.from_bytes(sha256(what.encode()).digest()[:3])
    number = pl.int_range(1, count + 1) + salt
    for _ in range(3):  # squares stay under 2 ** 62
        number = (number * number + salt) % _PRIME
    return number % below
