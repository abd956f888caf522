"""Every result of a public function shows itself in a terminal and in a notebook, with what it rests on."""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from typing import Any

import polars as pl
import pytest

import integrade as ig
from integrade.frames import Table
from integrade.models.linear.results import Basis
from integrade.report.printed import PrintedTable
from integrade.review.printed import PrintedTables
from integrade.sheet import Sheet, complete, shown
from integrade.simulate import Economy, Simulated, simulate

FORMULA = "quality ~ market + market^2 + scale + age | firm + year"
WITHOUT = (PrintedTables, PrintedTable, Table, Simulated)
"""What is read or printed, not estimated: a table has its own two ways, `read_printed` returns input."""


def record_of(function: Any) -> type | None:
    """The record class that a public function promises to return."""
    hint = typing.get_type_hints(function).get("return")
    return hint if isinstance(hint, type) and dataclasses.is_dataclass(hint) else None


PROMISED = {
    name: kind
    for name in ig.__all__
    if inspect.isfunction(getattr(ig, name)) and (kind := record_of(getattr(ig, name)))
}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """One result of every public function that returns a record."""
    economy = simulate(Economy(n_firms=260, n_products=12, n_destinations=6, n_years=5, seed=3))
    index = ig.relative_price(economy.prices, se="jackknife")
    quality = economy.true_quality.drop("market")
    panel = quality.join(index.select("region", "year", market="integration"), on=["region", "year"])
    panel = panel.join(index.select("region", "year", rd="se_integration"), on=["region", "year"])
    rows = economy.true_rows.rename({"ln_lambda": "quality"})
    how: dict[str, Any] = {"cluster": "region", "vcov": "CR3"}
    base = ig.fit(panel, FORMULA, **how, wild=99)
    halves = ig.split_goods(economy.prices)
    instrument = ig.neighbour_instrument(economy.prices)
    wider = ig.join_instrument(ig.join_instrument(panel, halves), instrument)
    own = ig.shift_share_instrument(index, pl.DataFrame({"region": index["region"].unique().sort()}).with_columns(
        coast=pl.int_range(pl.len()).cast(pl.Float64)))  # fmt: skip
    exposed = ig.join_instrument(panel, own.instrument)
    split = ig.compare_groups(panel, FORMULA, "ownership", permutations=9, **how)
    weak = "quality ~ scale + age | firm + year | market ~ neighbours"
    return {
        "adjust_family": ig.adjust_family({"ownership": split}),
        "cluster_report": ig.cluster_report(panel, FORMULA),
        "compare_groups": split,
        "compare_measures": ig.compare_measures({"a": index, "b": ig.relative_price(economy.prices, ddof=0)}),
        "control_function": ig.control_function(wider, "quality ~ market^2 + scale | firm + year | market ~ neighbours",
                                                cluster="region"),
        "correlate": ig.correlate(panel, ["quality", "market", "scale"]),
        "cubic_test": ig.cubic_test(panel, FORMULA, **how, wild=99),
        "describe": ig.describe(panel, ["quality", "market"]),
        "expected_attenuation": ig.expected_attenuation(8, 6, 3, draws=4),
        "fit": base,
        "gelbach": ig.gelbach(panel, FORMULA, ["scale", "age"], **how),
        "hausman": ig.hausman(panel, "quality ~ market + scale | firm + year", cluster="region"),
        "index_trust": ig.index_trust(economy.prices, draws=4),
        "lag_table": ig.lag_table(panel, FORMULA, lags=(1,), **how),
        "lagged_index": ig.lagged_index(index, 1),
        "mechanical_correlation": ig.mechanical_correlation(economy.prices),
        "mediate": ig.mediate(panel, FORMULA, "rd", draws=9, **how),
        "neighbour_instrument": instrument,
        "omitted_confounder": ig.omitted_confounder(panel, FORMULA, "market", at="p50"),
        "oriv": ig.oriv(wider, FORMULA),
        "oster": ig.oster(panel, FORMULA, "market", at="p50"),
        "pipeline_bootstrap": ig.pipeline_bootstrap(economy.prices, panel, FORMULA, draws=5),
        "quality_breaks": ig.quality_breaks(economy.customs),
        "randomisation": ig.randomisation(panel, FORMULA, permutations=9),
        "robustness": ig.robustness(panel, FORMULA, "market", checks=("balanced",), **how),
        "romano_wolf_family": ig.romano_wolf_family(panel, FORMULA, cluster="region", wild=99),
        "row_level": ig.row_level(rows, panel, "quality ~ market + scale | firm + product", cluster="region"),
        "shift_share_errors": ig.shift_share_errors(exposed, weak.replace("neighbours", "shift_share"), own),
        "shift_share_instrument": own,
        "simex": ig.simex(index, panel, FORMULA, draws=3),
        "split_goods": halves,
        "terrain_instrument": ig.terrain_instrument(
            pl.DataFrame({"region": ["A", "B"], "relief": [1.0, 2.0]}),
            pl.DataFrame({"year": [1, 2], "road": [3.0, 4.0]}),
        ),
        "two_lines": ig.two_lines(panel, FORMULA, **how),
        "u_test": ig.u_test(base, "market"),
        "weak_iv": ig.weak_iv(wider, weak, draws=99, **how),
    }  # fmt: skip


ELSEWHERE = ("fractional_logit", "ppml", "review", "specification_curve")
"""Whose results are fits like any other, or are tried with what they need in tests of their own."""
NAMES = sorted(name for name, kind in PROMISED.items() if kind not in WITHOUT)


@pytest.mark.parametrize("name", NAMES)
def test_record_class_has_both_ways_of_its_own(name: str) -> None:
    own = vars(PROMISED[name])
    assert "__str__" in own
    assert "_repr_html_" in own


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ELSEWHERE])
def test_result_is_shown_in_a_terminal_and_in_a_notebook(made: dict[str, Any], name: str) -> None:
    result = made[name]
    assert isinstance(result, PROMISED[name])
    text, page = str(result), result._repr_html_()
    assert len(text) > 60
    assert not text.startswith(f"{type(result).__name__}(")  # not the dataclass's own repr
    assert "<table" in page or "<pre" in page
    assert re.search(r"\d", page)


REST = {
    name: kind for name, kind in PROMISED.items()
    if "basis" in {f.name for f in dataclasses.fields(kind)} or hasattr(kind, "basis")
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(REST) - {"fit", *ELSEWHERE}))
def test_result_names_what_it_rests_on(made: dict[str, Any], name: str) -> None:
    """Sample size, effects, kind of errors, clusters, small-sample rule; draws and seed where there are such."""
    result = made[name]
    text, page, basis = str(result), result._repr_html_(), result.basis
    assert isinstance(basis, Basis)
    for words in (f"{basis.nobs:,}", "effects", basis.ssc, basis.kind):
        assert words in text
        assert words in page
    assert all(f"{count:,} clusters of {cluster}" in text for cluster, count in basis.clusters.items())
    if getattr(result, "draws", None):
        assert f"{result.draws:,} draws" in text
    if getattr(result, "seed", None) is not None:
        assert f"seed {result.seed}" in text


def test_results_of_regressions_all_have_a_basis() -> None:
    resting = {"lag_table", "compare_groups", "two_lines", "cubic_test", "mediate", "randomisation", "simex", "oriv",
               "pipeline_bootstrap", "weak_iv", "control_function", "oster", "omitted_confounder", "row_level",
               "u_test", "gelbach", "shift_share_errors", "robustness", "fit"}  # fmt: skip
    assert resting <= set(REST)


def test_a_fit_names_everything_itself(made: dict[str, Any]) -> None:
    text = str(made["fit"])
    for words in (
        "n = ",
        "effect firm",
        "effect year",
        "clusters of region",
        "corrections as reghdfe",
        "99 rademacher",
    ):
        assert words in text


def test_sheet_aligns_and_escapes() -> None:
    sheet = Sheet("市场 <a>", ("", "值"), (("粮食", "1"), ("a<b", "22")), ("said & done",))
    text, page = sheet.text(), sheet.html()
    assert text.splitlines()[2:4] == ["粮食   1", "a<b   22"]
    assert "&lt;a&gt;" in page
    assert "<td>a&lt;b</td>" in page
    assert "said &amp; done" in page


def test_mechanism_adds_only_what_is_not_said() -> None:
    @shown
    @dataclasses.dataclass(frozen=True)
    class Found:
        draws: int
        seed: int
        basis: Basis | None = None

        def sheet(self) -> Sheet:
            return Sheet("found", lines=("7 draws",))

    basis = Basis(12, ("firm",), "CR3", {"region": 3}, 2.0, "reghdfe")
    assert complete(Found(7, 5, basis)).lines == ("7 draws", str(basis), "seed 5")
    assert str(basis) == "n = 12; effects firm; standard errors CR3, 3 clusters of region; t(2); corrections as reghdfe"
    assert "seed 5" in Found(7, 5)._repr_html_()  # type: ignore[attr-defined]
