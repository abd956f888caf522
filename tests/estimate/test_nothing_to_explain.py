"""Regressions in which nothing varies or nothing is left: a code, a name and a remedy, never a bare error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import integrade as ig
from each import each, each_pair
from integrade.cli import run
from integrade.errors import EmptyTable, IntegradeError, NotIdentified, OutOfRange, TooFew
from integrade.estimate.rows import LEAST
from panels import panel

ROWS = panel(3)
EFFECTS = ["", " | firm", " | firm + year", " | firm + industry^year"]
OPTIONS: dict[str, dict[str, Any]] = {
    "iid": {},
    "CR1": {"cluster": "region"},
    "CR2": {"cluster": "region", "vcov": "CR2"},
    "CR3 wild": {"cluster": "region", "vcov": "CR3", "wild": 99},
    "weights": {"weights": "w"},
    "ppml": {"model": "ppml"},
    "fractional": {"model": "fractional"},
}
IN_FIRMS = pl.col("firm").rank("dense").cast(pl.Float64)


@each_pair(("effects", EFFECTS), ("options", OPTIONS), ("value", [0.0, 0.1, 1.0]))
def test_a_constant_outcome_is_refused_by_name(value: float, options: str, effects: str) -> None:
    rows = ROWS.with_columns(y=pl.lit(value), w=pl.lit(3.0))
    with pytest.raises(NotIdentified, match=f"outcome 'y' is constant: {value:.6g}") as caught:
        ig.fit(rows, f"y ~ market{effects}", **OPTIONS[options])
    assert caught.value.remedy


@each("outcome", [IN_FIRMS, 0.1 * IN_FIRMS + 1e6, IN_FIRMS + pl.col("year")])
@each("options", ["iid", "CR3 wild"])
def test_an_outcome_that_effects_explain_whole_is_refused(outcome: pl.Expr, options: str) -> None:
    with pytest.raises(NotIdentified, match="the outcome 'y' does not vary within the effects firm, year"):
        ig.fit(ROWS.with_columns(y=outcome), "y ~ market | firm + year", **OPTIONS[options])


CONSTANTS = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) >= LEAST)


@settings(max_examples=40, deadline=None)
@given(CONSTANTS, st.sampled_from(EFFECTS), st.floats(1e-3, 1e3))
def test_whatever_the_constant_and_the_scale(constant: float, effects: str, scale: float) -> None:
    """A constant is refused; the outcome moved and scaled is not, however far it is from zero."""
    with pytest.raises(NotIdentified):
        ig.fit(ROWS.with_columns(y=pl.lit(constant)), f"y ~ market{effects}")
    base = ig.fit(ROWS, f"y ~ market{effects}")["market"]
    moved = ig.fit(ROWS.with_columns(y=pl.col("y") * scale + constant), f"y ~ market{effects}")["market"]
    # adding 1e9 leaves 1e-7 of absolute precision in a double; the outcome's spread is about one
    assert moved.estimate == pytest.approx(base.estimate * scale, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("estimator", ["auto", "liml", "gmm"])
def test_with_instruments(estimator: str) -> None:
    with pytest.raises(NotIdentified, match="is constant"):
        ig.fit(ROWS.with_columns(y=pl.lit(2.0)), "y ~ scale | firm + year | market ~ z1", estimator=estimator)


def test_without_an_intercept_a_constant_is_an_outcome_like_any_other() -> None:
    found = ig.fit(ROWS.with_columns(y=pl.lit(2.0)), "y ~ market - 1")
    x = ROWS["market"].to_numpy()
    assert found["market"].estimate == pytest.approx(2 * x.sum() / (x @ x))


def test_one_of_several_outcomes_is_named() -> None:
    rows = ROWS.with_columns(flat=pl.lit(2.0), held=IN_FIRMS)
    for name in ("flat", "held"):
        with pytest.raises(NotIdentified, match=f"'{name}'"):
            ig.fit_many(rows, f"c(y, {name}) ~ market + scale | firm + year", cluster="region", vcov="CR3")


def test_regressors_that_do_not_vary_are_dropped_or_refused() -> None:
    flat = ROWS.with_columns(scale=pl.lit(2.0))
    found = ig.fit(flat, "y ~ market + scale | firm + year")
    assert "scale" in found.dropped
    with pytest.raises(NotIdentified, match="no regressor remains"):
        ig.fit(flat, "y ~ scale | firm + year")


@pytest.mark.parametrize("kind", [pl.Float64, pl.Null])
def test_a_column_without_a_value_is_named(kind: Any) -> None:
    with pytest.raises(EmptyTable, match="no row has a value of 'market'") as caught:
        ig.fit(ROWS.with_columns(market=pl.lit(None, dtype=kind)), "y ~ market | firm + year")
    assert caught.value.remedy


def test_no_rows_and_single_rows() -> None:
    with pytest.raises(EmptyTable, match="the panel has no rows"):
        ig.fit(ROWS.head(0), "y ~ market | firm + year")
    with pytest.raises(EmptyTable, match="a singleton of an effect"):
        ig.fit(ROWS.unique("firm"), "y ~ market | firm")
    with pytest.raises(TooFew):
        ig.fit(ROWS.head(1), "y ~ market")


COMMANDS = {
    "constant": (pl.lit(2.0), "D209"),
    "within": (IN_FIRMS, "D209"),
    "missing": (pl.lit(None, dtype=pl.Float64), "D205"),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_on_the_command_line(case: str, tmp_path: Path, capsys: Any) -> None:
    outcome, code = COMMANDS[case]
    ROWS.with_columns(y=outcome).write_parquet(tmp_path / "panel.parquet")
    out = tmp_path / "out.json"
    asked = ["fit", str(tmp_path / "panel.parquet"), "y ~ market | firm + year", "--cluster", "region", "--vcov", "CR3"]
    assert run([*asked, "--u-test", "market", "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert code in said
    assert "remedy" in said
    assert not out.exists()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 1.0, float("nan")]), min_size=12, max_size=12),
    st.lists(st.sampled_from([0.0, 1.0, float("nan")]), min_size=12, max_size=12),
    st.sampled_from(["", " | firm", " | firm + year"]),
    st.sampled_from(["iid", "CR1", "CR2"]),
)
def test_tiny_tables_give_a_result_or_a_coded_error(y: list[float], x: list[float], effects: str, kind: str) -> None:
    rows = pl.DataFrame(
        {
            "firm": [f"F{i // 3}" for i in range(12)],
            "year": [2000 + i % 3 for i in range(12)],
            "region": [f"R{i // 4}" for i in range(12)],
            "y": y,
            "market": x,
        }
    )
    try:
        ig.summary(ig.fit(rows, f"y ~ market{effects}", **OPTIONS[kind]))
    except IntegradeError as refused:
        assert refused.code  # noqa: PT017


def test_a_row_that_is_dropped_for_several_reasons_is_counted_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ROWS.with_columns(x=pl.col("y").abs() + 1)
    at = pl.int_range(pl.len())
    rows = rows.with_columns(
        y=pl.when(at >= 5).then("y"), x=pl.when(at.is_between(3, 8)).then(-1.0).otherwise("x"), z=pl.lit(1.0)
    )
    rows = rows.with_columns(z=pl.when(at.is_between(7, 10)).then(-1.0).otherwise(pl.col("x").abs() + 1))
    result = ig.fit(rows, "y ~ log(x) + log(z) + market")
    assert result.n_missing == 11
    counts = [int(note.split(" row")[0]) for note in result.notes if "dropped" in note]
    assert counts == [5, 4, 2]
    rows.write_csv(tmp_path / "p.csv")
    assert run(["fit", str(tmp_path / "p.csv"), "y ~ log(x) + log(z) + market"]) == 0
    printed = capsys.readouterr()
    assert [stream.count("5 rows dropped") for stream in printed] == [1, 1]


@pytest.mark.parametrize("name", ["y", "market"])
def test_numbers_whose_squares_are_zero_are_refused_as_such(name: str) -> None:
    rows = ROWS.with_columns(pl.col(name) * 1e-200)
    with pytest.raises(OutOfRange, match=f"all values of '{name}' are smaller in size than 1e-150"):
        ig.fit(rows, "y ~ market | firm")
    assert ig.fit(ROWS.with_columns(pl.col(name) * 1e-120), "y ~ market | firm").nobs
