"""Calls that cannot be meant: coded errors that say what to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.errors import did_you_mean, speaking

F = "y ~ x | firm + year"


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    """40 firms in 8 regions over 10 years; m is by region and year."""
    rng = np.random.default_rng(1)
    firms, years = np.repeat(np.arange(40), 10), np.tile(np.arange(2000, 2010), 40)
    rows = pl.DataFrame({"firm": firms, "year": years, "region": [f"r{i % 8}" for i in firms]})
    m = pl.col("year") * 0.1 + pl.col("region").str.slice(1).cast(pl.Float64)
    return rows.with_columns(y=rng.normal(size=400), x=rng.normal(size=400), z=rng.normal(size=400), m=m)


OPTIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "cluster by position": (lambda p: ig.fit(p, F, "region"), "cluster='region'"),  # type: ignore[arg-type]
    "a number": (lambda p: ig.fit(p, F, options=3), "wild=3"),  # type: ignore[arg-type]
    "variable by position": (lambda p: ig.lag_table(p, F, "x"), "variable='x'"),  # type: ignore[arg-type]
    "treatment by position": (lambda p: ig.mediate(p, F, "z", "x"), "treatment='x'"),  # type: ignore[arg-type]
    "choice by position": (lambda p: ig.relative_price(p, "jackknife"), "se='jackknife'"),  # type: ignore[arg-type]
    "mapping": (lambda p: ig.fit(p, F, {"vcov": "iid"}), "by its name, or all of a mapping with **"),  # type: ignore[arg-type]
    "economy": (lambda _: ig.simulate(3), "options=Economy(...)"),  # type: ignore[arg-type]
}


@each("name", OPTIONS)
def test_what_is_no_record_of_options_is_refused_with_the_option_that_is_meant(name: str, panel: pl.DataFrame) -> None:
    call, remedy = OPTIONS[name]
    with pytest.raises(ig.errors.UsageError, match="is given where") as refused:
        call(panel)
    assert remedy in refused.value.remedy


@each(
    ("option", "value", "wanted"),
    [
        ("wild", "many", "a whole number"),
        ("wild", 99.5, "a whole number"),
        ("wild_ci", "yes", "True or False"),
        ("movers_nested", "few", "a number"),
        ("weights", 3, "a text or None"),
        ("lags", 1, "several values in brackets, as (a, b) or (a,): each a whole number"),
        ("lags", ("one",), "several values in brackets, as (a, b) or (a,): each a whole number"),
    ],
)
def test_a_value_of_another_type_is_refused(option: str, value: object, wanted: str, panel: pl.DataFrame) -> None:
    call: Any = ig.lag_table if option == "lags" else ig.fit
    with pytest.raises(ig.errors.UsageError, match=f"{option}=.* is not a value of (Fit|Lags)") as refused:
        call(panel, F, **{option: value})
    assert refused.value.remedy == f"{option} takes {wanted}"


def test_numbers_of_numpy_and_lists_are_values(panel: pl.DataFrame) -> None:
    given: Any = {"wild": np.int64(9), "wild_ci": np.bool_(False), "movers_nested": np.float32(0.5)}
    plain = ig.fit(panel, F, cluster="region", wild=9, movers_nested=0.5)
    assert ig.fit(panel, F, cluster="region", **given).params == plain.params
    listed: Any = [1]
    assert ig.lag_table(panel, F, variable="x", lags=listed, leads=(), lives_on=("firm", "year")).columns


@pytest.mark.parametrize("formula", [["y ~ x"], None, 3, {"a": "y ~ x"}])
def test_fit_takes_one_formula_and_names_fit_many(formula: Any, panel: pl.DataFrame) -> None:
    for call in (ig.fit, ig.questions.ppml):
        with pytest.raises(ig.errors.UsageError, match="is not a formula: a formula is a text") as refused:
            call(panel, formula)
        assert "fit_many(panel, formulas)" in refused.value.remedy


def test_fit_many_takes_formulas(panel: pl.DataFrame) -> None:
    given: Any = 3
    with pytest.raises(ig.errors.UsageError, match="needs a formula, a list of formulas, or name -> formula"):
        ig.fit_many(panel, given)
    with pytest.raises(ig.errors.BadFormula, match=r"c\(\) expands to several regressions") as refused:
        ig.fit(panel, "c(y, z) ~ x")
    assert "fit_many" in refused.value.remedy


@pytest.mark.parametrize("formula", ["y ~ sw(x)", "c(y) ~ x", "y ~ csw(x) | firm"])
def test_one_alternative_is_one_regression(formula: str, panel: pl.DataFrame) -> None:
    (found,) = ig.fit_many(panel, formula).values()
    effects = formula.partition(" |")[2]
    assert found.params == ig.fit(panel, "y ~ x" + (f" |{effects}" if effects else "")).params


def test_capital_letters_make_no_difference_to_what_is_meant(panel: pl.DataFrame) -> None:
    vcov: Any = "cr3"
    with pytest.raises(ig.errors.UnknownName, match="did you mean 'CR3'"):
        ig.fit(panel, F, vcov=vcov)
    assert did_you_mean("latest", ["latest", "other"]) == "known: latest, other"
    assert did_you_mean("markett", ["Market", "age"]).startswith("did you mean 'Market'?")


def test_remedies_name_the_option_as_the_caller_writes_it(panel: pl.DataFrame) -> None:
    alone = panel.with_columns(row=pl.int_range(panel.height))
    with pytest.raises(ig.errors.EmptyTable) as refused:
        ig.fit(alone, "y ~ x | row")
    assert refused.value.remedy.endswith('singletons="keep"')
    with speaking("command"), pytest.raises(ig.errors.EmptyTable) as refused:
        ig.fit(alone, "y ~ x | row")
    assert refused.value.remedy.endswith("--singletons keep")
    with pytest.raises(ig.errors.UsageError) as logit:
        ig.questions.ppml(panel, F, ig.options.Fit(wild=9, cluster="region"))
    assert logit.value.remedy == 'leave wild out; vcov="CR3" is offered'


@pytest.mark.parametrize(("column", "cells"), [("x", '("firm", "year")'), ("m", '("region", "year")')])
def test_a_lag_in_the_way_of_stata_is_that_of_the_cells_of_the_variable(
    column: str, cells: str, panel: pl.DataFrame
) -> None:
    for rows in (panel, panel.to_pandas(), panel.lazy()):
        with pytest.raises(ig.errors.UnknownColumn) as refused:
            ig.fit(rows, f"y ~ L.{column}")
        assert f'ig.questions.add_lags(panel, "{column}", lags=(1,), lives_on={cells})' in refused.value.remedy


def test_errors_and_figures_list_their_public_names_alone() -> None:
    found = "anderson_rubin coefficients curve distributions effects groups lags leave_one_out past robustness"
    assert dir(ig.plot) == [*found.split(), "specifications"]
    assert {"UsageError", "DataError", "IntegradeError"} <= set(dir(ig.errors))
    assert all(issubclass(getattr(ig.errors, name), ig.errors.IntegradeError) for name in dir(ig.errors))
