"""Constant prices, capital by perpetual inventory and ownership classes, against sums done by hand."""

from __future__ import annotations

import random
from itertools import pairwise

import polars as pl
import pytest

from integrade.engine.frames import Table
from integrade.errors import Coverage, MissingColumn, NotANumber, OutOfRange, UsageError
from integrade.panel import deflate, ownership_classes, real_capital

PRICES = pl.DataFrame(
    {
        "industry": ["13", "13", "13", "14", "14", "14"],
        "year": [2004, 2005, 2006] * 2,
        "output_price": [100.0, 110.0, 121.0, 100.0, 90.0, 81.0],
        "input_price": [100.0, 125.0, 150.0, 100.0, 100.0, 80.0],
    }
)
FIRMS = pl.DataFrame(
    {
        "firm": ["A", "A", "B", "B", "C"],
        "year": [2005, 2006, 2005, 2007, 2006],
        "industry": ["1311", "1311", "1420", "1420", "1510"],
        "gross_output": [220.0, 242.0, 90.0, 50.0, 10.0],
        "intermediate_inputs": [125.0, 300.0, None, 40.0, 5.0],
    }
)


def test_output_and_inputs_have_their_own_prices() -> None:
    found = deflate(Table("firms", FIRMS), PRICES)
    rows = found.polars()
    assert rows["real_gross_output"].round(9).to_list() == [200.0, 200.0, 100.0, None, None]
    assert rows["real_intermediate_inputs"].round(9).to_list() == [100.0, 200.0, None, None, None]
    assert "2 rows without output_price: real values missing" in str(found.account)
    assert "gross_output in 2004 prices, deflated by output_price" in str(found.account)
    later = deflate(FIRMS, PRICES, base=2006)
    assert later["real_gross_output"].round(9).to_list()[:3] == [242.0, 242.0, 81.0]
    assert later.drop("real_gross_output", "real_intermediate_inputs").equals(FIRMS)


def test_the_base_is_the_first_year_with_a_price() -> None:
    outputs = PRICES.with_columns(output_price=pl.when(pl.col("year") > 2004).then("output_price"))
    found = deflate(Table("firms", FIRMS), outputs)
    assert found.polars()["real_gross_output"].round(9).to_list() == [220.0, 220.0, 90.0, None, None]  # 2005 = 1
    assert "gross_output in 2005 prices, deflated by output_price" in str(found.account)
    assert "intermediate_inputs in 2004 prices, deflated by input_price" in str(found.account)
    empty = PRICES.with_columns(output_price=pl.lit(None, pl.Float64))
    for call, column in ((deflate, "output_price"), (real_capital, "capital_price")):
        firms, prices = FIRMS.with_columns(capital_at_cost=1.0), empty.with_columns(capital_price="output_price")
        with pytest.raises(Coverage) as caught:
            call(firms, prices)
        assert caught.value.what == f"no row of the deflators has a price in {column!r}"
        assert "None" not in str(caught.value)


def test_links_are_chained_to_the_same_levels() -> None:
    links = PRICES.with_columns(
        (100 * pl.col(c) / pl.col(c).shift(1).over("industry")).fill_null(77.0).alias(c)
        for c in ("output_price", "input_price")
    )
    fixed, chained = deflate(FIRMS, PRICES), deflate(FIRMS, links, form="link")
    for c in ("real_gross_output", "real_intermediate_inputs"):
        assert chained[c].round(9).to_list() == fixed[c].round(9).to_list()
    gap = links.filter(~((pl.col("industry") == "13") & (pl.col("year") == 2005)))
    assert deflate(FIRMS, gap, form="link")["real_gross_output"].to_list()[:2] == [None, None]


def test_one_price_for_all_and_by_province() -> None:
    national = pl.DataFrame({"region": ["X", "X", "Y", "Y"], "year": [2005, 2006] * 2, "p": [50.0, 100, 50, 25]})
    firms = FIRMS.with_columns(region=pl.Series(["X", "X", "Y", "Y", "Y"]))
    rows = deflate(firms, national, output_price="p", inputs=())
    assert rows["real_gross_output"].to_list() == [220.0, 121.0, 90.0, None, 20.0]


def test_deflators_are_refused_with_a_remedy() -> None:
    with pytest.raises(MissingColumn, match="no column 'output_price'"):
        deflate(FIRMS, PRICES.drop("output_price"))
    with pytest.raises(OutOfRange, match="not positive in 1 rows"):
        deflate(FIRMS, PRICES.with_columns(output_price=pl.when(pl.int_range(pl.len()) == 2).then(0.0).otherwise(1.0)))
    with pytest.raises(Coverage, match="the deflators cover 2004 to 2006"):
        deflate(FIRMS, PRICES, base=1998)
    with pytest.raises(NotANumber, match="'gross_output'"):
        deflate(FIRMS.cast({"gross_output": pl.String}), PRICES)
    with pytest.raises(MissingColumn, match="firms has none of"):
        deflate(FIRMS.select("firm", "year", "industry"), PRICES)
    with pytest.raises(UsageError, match="is not a share"):
        real_capital(FIRMS, PRICES, depreciation=1.2)


def twin(
    records: list[tuple[int, float]], founded: int | None, price: dict[int, float], d: float, g: float | None
) -> list[float]:
    """Year by year, from investment in current prices."""

    def p(year: int) -> float:
        return price[max([y for y in price if y <= year] or [min(price)])]

    first, cost = records[0]
    invest: dict[int, float] = {}
    if g is None or founded is None or founded >= first:
        invest[first] = cost
        start = first
    else:
        start = founded
        book = {y: cost / (1 + g) ** (first - y) for y in range(founded, first + 1)}
        invest[founded] = book[founded]
        invest |= {y: book[y] - book[y - 1] for y in range(founded + 1, first + 1)}
    for (y0, b0), (y1, b1) in pairwise(records):
        invest |= dict.fromkeys(range(y0 + 1, y1 + 1), (b1 - b0) / (y1 - y0))
    found = []
    for year, _ in records:
        found.append(sum((1 - d) ** (year - s) * i / p(s) for s, i in invest.items() if start <= s <= year))
    return found


@pytest.mark.parametrize("growth", [None, 0.12])
def test_capital_is_the_sum_of_what_is_left_of_past_investment(growth: float | None) -> None:
    draw = random.Random(4)
    price = {y: 100 * 1.03 ** (y - 1998) * draw.uniform(0.97, 1.03) for y in range(1998, 2009)}
    base = {y: v / price[2000] for y, v in price.items()}
    rows, expected = [], {}
    for i in range(60):
        years = sorted(draw.sample(range(1998, 2009), draw.randint(1, 6)))
        founded = draw.choice([None, 1985, 1997, 2003])
        records = [(y, draw.uniform(50, 500)) for y in years]
        rows += [{"firm": f"F{i}", "year": y, "capital_at_cost": b, "founded": founded} for y, b in records]
        stocks = twin(records, founded, base, 0.09, growth)
        expected |= {(f"F{i}", y): k for (y, _), k in zip(records, stocks, strict=True)}
    draw.shuffle(rows)
    prices = pl.DataFrame({"year": list(price), "capital_price": list(price.values())})
    prices = pl.concat([prices.with_columns(region=pl.lit(r)) for r in ("X", "Y")])
    firms = pl.DataFrame(rows, infer_schema_length=None).with_columns(region=pl.lit("X"))
    found = real_capital(firms, prices, growth=growth, base=2000)
    assert found.drop("real_capital").equals(firms)
    for row in found.iter_rows(named=True):
        assert row["real_capital"] == pytest.approx(expected[row["firm"], row["year"]], rel=1e-12)


def test_a_founding_year_of_zero_does_not_make_capital_grow_for_two_thousand_years() -> None:
    prices = pl.DataFrame({"region": ["X"] * 2, "year": [2004, 2005], "capital_price": [1.0, 2.0]})
    firms = pl.DataFrame({"firm": ["A", "B"], "year": [2005] * 2, "capital_at_cost": [100.0] * 2, "founded": [0, None]})
    found = real_capital(firms.with_columns(region=pl.lit("X")), prices, growth=0.12, base=2004)
    assert found["real_capital"].to_list() == [50.0, 50.0]


def test_rows_without_cost_are_counted_and_bridged() -> None:
    firms = pl.DataFrame({"firm": ["A"] * 3, "year": [2004, 2005, 2006], "capital_at_cost": [100.0, None, 120.0]})
    prices = pl.DataFrame({"region": ["X"] * 3, "year": [2004, 2005, 2006], "capital_price": [1.0, 1.0, 1.0]})
    found = real_capital(Table("firms", firms.with_columns(region=pl.lit("X"))), prices, depreciation=0.1)
    assert found.polars()["real_capital"].to_list() == [100.0, None, pytest.approx((100 * 0.9 + 10) * 0.9 + 10)]
    assert "real_capital: 1 rows without cost or price" in str(found.account)


def test_ownership_by_code_and_by_share() -> None:
    firms = pl.DataFrame(
        {
            "firm": list("ABCDEFG"),
            "year": [2004] * 7,
            "ownership": ["110", "151", "173", "220", "330", None, None],
            "state_capital": [0.0, 1.0, 60.0, 0.0, None, 51.0, None],
            "paid_in_capital": [100.0] * 6 + [0.0],
        }
    )
    found = ownership_classes(Table("firms", firms))
    rows = found.polars()
    assert rows["soe"].to_list() == [1, 1, 1, 0, 0, 1, None]
    assert rows["hmt"].to_list() == [0, 0, 0, 1, 0, None, None]
    assert rows["foreign"].to_list() == [0, 0, 0, 0, 1, None, None]
    assert "ownership classes of 7 firm-years: soe 4, hmt 1, foreign 1" in str(found.account)
    with pytest.raises(MissingColumn, match="neither ownership nor"):
        ownership_classes(firms.select("firm", "year"))
