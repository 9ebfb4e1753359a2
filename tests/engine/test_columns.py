"""Dividing an amount in columns is dividing it in plain decimals."""

from decimal import Decimal

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from compengine.engine.columns import divided
from compengine.values.exact import exact
from compengine.values.frames import EXACT
from compengine.values.rounding import split

CENT = Decimal("0.01")
AMOUNTS = st.integers(-(10**19), 10**19).map(lambda n: exact(Decimal(n).scaleb(-12)))
WEIGHTS = st.lists(st.integers(0, 10**13).map(lambda n: exact(Decimal(n).scaleb(-12))), min_size=1, max_size=6)


@given(AMOUNTS, WEIGHTS.filter(any))
@example(exact("2441406.249999995"), [exact("0.0001")])
@example(exact("100"), [exact("1"), exact("0"), exact("1"), exact("1")])
@example(exact("-30"), [exact("0.333333333333")] * 3)
def test_columns_divide_like_plain_decimals_and_lose_nothing(amount: Decimal, weights: list[Decimal]) -> None:
    frame = pl.DataFrame(
        {
            "g": [1] * len(weights),
            "amount": [amount] * len(weights),
            "w": weights,
            "who": [f"p{n}" for n in range(len(weights))],
        },
        schema={"g": pl.Int64, "amount": EXACT, "w": EXACT, "who": pl.String},
    )
    parts = divided(frame, ["g"], "amount", "w", "who", CENT).to_list()
    assert parts == split(amount, [(f"p{n}", w) for n, w in enumerate(weights)], CENT)
    assert exact(sum(parts)) == amount
