"""What goes into productivity, what is left out and why, and what does not matter."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from each import each
from integrade.engine.frames import Table
from integrade.errors import MissingColumn, NotANumber, TooFew, UsageError, speaking
from integrade.panel.productivity import tfp
from integrade.panel.productivity.results import Elasticity, Technology
from integrade.panel.productivity.tfp import _other_solutions
from integrade.simulation import simulate_production

METHODS = ("acf", "gnr", "lp", "op", "wooldridge", "fe", "ols", "solow", "index")


def accounts(n_firms: int = 120, **changes: Any) -> pl.DataFrame:
    made = simulate_production(n_firms=n_firms, n_years=5, seed=5, labour_error_sd=0.3, **changes).accounts
    return made.drop("ln_tfp_value_added", "ln_tfp_gross_output")


@pytest.mark.parametrize("method", METHODS)
def test_order_of_rows_does_not_matter(method: str) -> None:
    data = accounts(60)
    one = tfp(data, method=method, replicates=3)
    shuffled = data.sample(fraction=1.0, shuffle=True, seed=9)
    other = tfp(shuffled, method=method, replicates=3)
    assert one.technologies == other.technologies
    assert_frame_equal(shuffled.select("firm", "year"), other.table.polars().select("firm", "year"))
    assert_frame_equal(one.table.polars().sort("firm", "year"), other.table.polars().sort("firm", "year"))


def test_rows_without_an_input_keep_their_place_and_are_counted() -> None:
    data = accounts().with_row_index("at")
    data = data.with_columns(
        employees=pl.when(pl.col("at") == 3).then(None).otherwise("employees"),
        capital=pl.when(pl.col("at") == 10).then(0.0).otherwise("capital"),
        value_added=pl.when(pl.col("at").is_in([10, 11])).then(-1.0).otherwise("value_added"),
    )
    found = tfp(data, method="ols", replicates=0)
    assert found.dropped == {"value_added not positive": 2, "employees missing": 1}
    table = found.table.polars()
    assert (table.height, found.n_rows) == (data.height, data.height - 3)
    assert table.filter(pl.col("ln_tfp").is_null())["at"].to_list() == [3, 10, 11]
    assert "2 rows without ln_tfp: value_added not positive" in str(found.table.account)


@each("method", METHODS)
def test_infinite_values_are_left_out_by_their_own_reason(method: str) -> None:
    data = accounts(60).with_row_index("at")
    infinite = data.with_columns(
        employees=pl.when(pl.col("at") == 3).then(float("inf")).otherwise("employees"),
        capital=pl.when(pl.col("at") == 10).then(float("-inf")).otherwise("capital"),
        investment=pl.when(pl.col("at") == 20).then(float("inf")).otherwise("investment"),
    )
    found = tfp(infinite, method=method, replicates=0)
    assert found.dropped == {"employees infinite": 1, "capital infinite": 1}
    table = found.table.polars()
    assert table.filter(pl.col("ln_tfp").is_null())["at"].to_list() == [3, 10]
    assert table.drop_nulls("ln_tfp")["ln_tfp"].is_finite().all()
    none = data.with_columns(pl.when(pl.col("at").is_in([3, 10])).then(None).otherwise(pl.col(c)).alias(c)
                             for c in ("employees", "capital"))  # fmt: skip
    if method != "op":
        assert tfp(none, method=method, replicates=0).technologies == found.technologies


def test_no_finite_value_is_not_said_to_be_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("integrade.panel.productivity.tfp")
    real = module._productivity

    def holed(*given: Any) -> Any:
        value = np.array(real(*given))
        value[0] = np.inf
        return value

    monkeypatch.setattr(module, "_productivity", holed)
    assert tfp(accounts(60), method="ols", replicates=0).dropped == {"the method gives no finite value": 1}


def test_other_solutions_are_told_by_what_decided() -> None:
    def told(names: tuple[str, ...], others: tuple[tuple[float, ...], ...], reasons: tuple[str, ...]) -> list[str]:
        elasticities = tuple(Elasticity(n, 0.3) for n in (*names, "scale"))
        one = Technology("", elasticities, 100, 20, 80, None, None, others, True, 0, reasons)
        return [str(said) for said in _other_solutions(one)]

    assert told(("labour", "capital"), ((1.0, 0.0), (0.2, -1.0)), ("less-persistent", "beyond")) == [
        "all firms: the moment conditions also hold at labour 1.000, capital 0.000, where productivity is less"
        " persistent",
        "all firms: the moment conditions also hold at labour 0.200, capital -1.000, where an elasticity lies outside"
        " -0.25 to 1.25",
    ]
    (three,) = told(("labour", "capital", "materials"), ((0.1, 0.2, 0.7),), ("as-persistent",))
    assert "labour 0.100, capital 0.200, materials 0.700, where productivity is as persistent" in three


def test_groups_have_a_production_function_each() -> None:
    data = accounts().with_columns(
        industry=pl.when(pl.col("firm") <= "060").then(pl.lit("1310")).otherwise(pl.lit("1420"))
    )
    data = pl.concat([data, accounts(5).with_columns(pl.col("firm") + "x", industry=pl.lit("9900"))])
    found = tfp(data, method="ols", by="industry", digits=2, replicates=5)
    assert [t.group for t in found.technologies] == ["13", "14"]
    assert found.dropped == {"group with fewer than 50 usable rows": 25}
    alone = tfp(data.filter(pl.col("industry") == "1310"), method="ols", by="industry", digits=2, replicates=5)
    assert alone.technologies[0] == found.technologies[0]
    assert found.tidy().select("part", "term").rows()[:4] == [
        ("13", "labour"), ("13", "capital"), ("13", "scale"), ("14", "labour"),
    ]  # fmt: skip


def test_a_gap_of_years_is_no_year_before() -> None:
    data = accounts()
    gap = data.filter((pl.col("firm") != "001") | (pl.col("year") != 2000))
    whole, short = (tfp(d, replicates=0).technologies[0] for d in (data, gap))
    assert (whole.n_pairs, short.n_pairs) == (480, 478)


def test_investment_is_made_from_capital_where_there_is_none() -> None:
    data = accounts(capital_shock_sd=0.0)
    given = tfp(data, method="op", replicates=0)
    made = tfp(data.drop("investment"), method="op", depreciation=0.2, replicates=0).technologies[0]
    # K_t+1 = 0.8 K_t + I_t; the last year of a firm has no next one
    assert made.unseen == pytest.approx(0.2)
    assert made.elasticities[0].estimate == pytest.approx(given.technologies[0].elasticities[0].estimate, abs=0.03)


def test_years_without_investment_are_told() -> None:
    data = accounts().with_columns(investment=pl.when(pl.col("employees") < 3).then(0.0).otherwise("investment"))
    found = tfp(data, method="op", replicates=0)
    assert any("no positive investment" in w for w in found.warnings)
    assert found.n_rows == data.height  # they are productive all the same
    removed = tfp(data, method="op", noise="remove", replicates=0)
    assert removed.n_rows < data.height
    assert list(removed.dropped) == ["not in the first stage, so the noise cannot be removed"]


def test_an_elasticity_beyond_theory_is_told() -> None:
    # in DGP1 labour is a function of capital and materials: Levinsohn and Petrin give all to capital
    found = tfp(simulate_production(n_firms=200).accounts, method="lp", replicates=0)
    assert any("the elasticity of capital is 1." in w and "outside 0 to 1" in w for w in found.warnings)
    assert "warning: all firms: the elasticity of capital" in str(found.table.account)


def test_output_that_is_not_value_added_is_told() -> None:
    found = tfp(accounts(), method="ols", output="gross_output", replicates=0)
    assert found.warnings == ("the method requires value added, but gross_output includes materials",)
    gross = tfp(accounts(), method="ols", form="gross_output", replicates=0).warnings
    assert not any("value added" in w for w in gross)


@pytest.mark.parametrize("method", ["op", "lp", "acf", "wooldridge"])
def test_output_of_any_other_name_is_taken_to_be_value_added(method: Any) -> None:
    data = accounts().rename({"gross_output": "ricavi"})
    assert any(w.startswith("ricavi is treated as value added") for w in doubts(data, method=method, output="ricavi"))
    named = data.drop("value_added").rename({"ricavi": "output", "employees": "labour"})
    assert any(w.startswith("output is treated as value added") for w in doubts(named, method=method))
    assert not any("treated as" in w for w in doubts(data, method=method))


def doubts(data: pl.DataFrame, **asked: Any) -> tuple[str, ...]:
    found = tfp(data, replicates=0, **asked)
    assert all(f"warning: {w}" in str(found) for w in found.warnings)
    return found.warnings


def test_deflated_columns_come_first() -> None:
    data = accounts().with_columns(real_value_added=pl.col("value_added") * 2, real_capital=pl.col("capital"))
    assert tfp(data, method="ols", replicates=0).columns == {
        "output": "real_value_added", "labour": "employees", "capital": "real_capital",
    }  # fmt: skip


def test_the_kind_of_frame_and_the_account_go_along() -> None:
    found = tfp(Table("firms", accounts().to_pandas()), method="ols", replicates=0)
    assert "ln_tfp" in found.table.columns
    assert "ln_tfp by least squares from value added: 600 firm-years" in str(found.table.account)
    assert "labour" in str(found)
    assert "<table>" in found._repr_html_()  # type: ignore[attr-defined]


@each(
    ("changes", "error", "says"),
    [
        ({"method": "acf", "form": "gross_output"}, UsageError, "is not identified"),
        ({"method": "wooldridge", "form": "gross_output"}, UsageError, "is not identified"),
        ({"method": "gnr", "form": "value_added"}, UsageError, "requires gross output"),
        ({"method": "ols", "noise": "remove"}, UsageError, "does not separate noise"),
        ({"depreciation": 9.0}, UsageError, "is not a share"),
        ({"degree": 0}, UsageError, "below 1"),
        ({"output": "valueadded"}, MissingColumn, "did you mean 'value_added'"),
        ({"method": "solow", "wages": "pay"}, MissingColumn, "wages"),
        ({"labour": "firm"}, NotANumber, "contains text"),
    ],
)
def test_what_cannot_be_is_said(changes: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        tfp(accounts(20), **changes)


def test_messages_name_flags_on_the_command_line() -> None:
    with speaking("command"), pytest.raises(MissingColumn) as told:
        tfp(accounts(20).drop("employees"))
    assert "--method acf needs labour, and firms has no column employees or employment" in str(told.value)
    assert "name the column with --labour" in str(told.value)


def test_too_few_rows() -> None:
    with pytest.raises(TooFew, match="no group has 50 firm-years"):
        tfp(accounts(9))


def test_an_end_of_the_search_is_no_solution() -> None:
    # capital that nobody needs and that moves against output: the least squares are beyond what is searched
    data = accounts().with_columns(value_added=pl.col("value_added") / pl.col("capital") ** 3)
    found = tfp(data, method="lp", replicates=0)
    assert not found.technologies[0].solved
    assert any("have no solution in or near the range that theory allows" in w for w in found.warnings)


def test_without_any_investment_nothing_is_estimated() -> None:
    none = accounts().with_columns(investment=pl.lit(0.0))
    with pytest.raises(TooFew, match="with all columns and the year before"):
        tfp(none, method="op", replicates=0)


@pytest.mark.parametrize("given", [pl.Int32, pl.Int64, pl.Categorical, pl.String])
def test_identifiers_come_back_in_the_type_they_came_in(given: Any) -> None:
    number = accounts(60).with_columns(
        pl.col("firm").rank("dense").cast(pl.Int32) + 1000, pl.col("year").cast(pl.Int16)
    )
    text = number.with_columns(pl.col("firm").cast(pl.String))
    rows = (text if given == pl.Categorical else number).with_columns(pl.col("firm").cast(given))
    found, twin = (tfp(each, method="ols", replicates=0).table.polars() for each in (rows, text))
    assert [found.schema[name] for name in ("firm", "year")] == [given, pl.Int16]
    joined = rows.join(found.select("firm", "year", "ln_tfp"), on=["firm", "year"], maintain_order="left")
    assert_frame_equal(joined.select("ln_tfp"), twin.select("ln_tfp"))
