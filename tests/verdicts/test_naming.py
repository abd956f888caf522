"""Names of terms in tables and sentences."""

from __future__ import annotations

from each import each
from integrade.subjects.instruments.weak_iv import Instrumented
from integrade.verdicts.naming import label_of, names_of


@each("columns", [("market_l2",), ("market_l2^2",), ("market_l2", "market_l2^2")])
def test_the_square_of_an_earlier_year_is_named_as_a_square(columns: tuple[str, ...]) -> None:
    names = names_of(Instrumented("lagged", "lagged", "market", columns, ""), {})
    assert label_of("market_l2", names) == "Market, 2 years earlier"
    assert label_of("market_l2^2", names) == "Market², 2 years earlier"
    own = names_of(Instrumented("lagged", "lagged", "market", columns, ""), {"market": "Openness"})
    assert label_of("market_l2^2", own) == "Openness², 2 years earlier"
    past = names_of(Instrumented("lagged", "lagged", "market", columns, ""), {"market_l2": "Past"})
    assert label_of("market_l2^2", past) == "Past²"


@each("column", ["ln_labour", "_l2", "rd_lag"])
def test_other_columns_with_an_l_keep_their_names(column: str) -> None:
    names = names_of(Instrumented("z", "column", "market", (column, f"{column}^2"), ""), {})
    assert label_of(column, names) == column
    assert label_of(f"{column}^2", names) == f"{column}²"
