"""Every result of a public function shows itself in a terminal and in a notebook, with what it rests on.

A new public function that returns a record is found by itself: it must be called in `made`, its record must show
itself, and where it takes a formula or a fit, say sample, effects, kind of errors, clusters, small-sample rule.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

import integrade as ig
from each import each
from integrade import surface
from integrade.engine.frames import Table
from integrade.estimate.linear import Fit
from integrade.estimate.results import Basis
from integrade.report.printed import PrintedTable
from integrade.simulation import Economy, Simulated, simulate
from integrade.simulation.exporters import simulate_registers
from integrade.study.citing import Citations
from integrade.wording.sheet import Sheet, complete, shown
from tablecheck.printed import PublishedTable

FORMULA = "quality ~ market + market^2 + scale + age | firm + year"
WITHOUT = (PublishedTable, PrintedTable, Table, Simulated, Citations, ig.results.LoadedRun)
"""What is read or printed, not estimated: a table has its own two ways, `read_printed` and `load_run` return input."""


def record_of(function: Any) -> type | None:
    """The record class that a public function promises to return: alone, or several of them."""
    hint = typing.get_type_hints(function).get("return")
    for kind in (hint, *typing.get_args(hint)):
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            return kind
    return None


PUBLIC = {*ig.__all__, *surface.names(surface.FORMER), *surface.measures()}
PROMISED = {
    name: kind for name in PUBLIC if inspect.isfunction(getattr(ig, name)) and (kind := record_of(getattr(ig, name)))
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One result of every public function that returns a record."""
    printed = tmp_path_factory.mktemp("printed") / "table4.csv"
    text = "variable,stat,(1),(2)\nx,b,0.50***,0.50\nx,se,(0.10),0.10\nx,t,5.00,7.00\nN,,100,100\n"
    printed.write_text(text, encoding="utf-8")
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
    own = ig.shift_share_instrument(
        index,
        pl.DataFrame({"region": index["region"].unique().sort()}).with_columns(
            coast=pl.int_range(pl.len()).cast(pl.Float64)
        ),
    )
    exposed = ig.join_instrument(panel, own.instrument)
    split = ig.compare_groups(panel, FORMULA, "ownership", permutations=9, **how)
    shares = panel.with_columns(quality=pl.col("quality").rank() / (pl.len() + 1))
    registers = simulate_registers(150, n_exporters=60, share=0.05)
    accounts = ig.firm_identity(registers.firms, id_alone="drop")
    weak = "quality ~ scale + age | firm + year | market ~ neighbours"
    return {
        "adjust_family": ig.adjust_family({"ownership": split}),
        "break_date": ig.break_date(range(14), [0.1 * (t % 3) + (t > 6) for t in range(14)], draws=19),
        "effect_sizes": ig.effect_sizes(base),
        "extremes": ig.extremes(index, 2),
        "firm_identity": accounts,
        "fit_many": ig.fit_many(panel, "quality ~ sw(scale, age) | firm + year", cluster="region"),
        "fractional_logit": ig.fractional_logit(shares, "quality ~ market + scale | region", Fit(cluster="region")),
        "group_trends": ig.group_trends(panel, by=("ownership",)),
        "match_firms": ig.match_firms(accounts.table, registers.exporters),
        "ppml": ig.ppml(shares, "quality ~ market + scale | firm + year", Fit(cluster="region")),
        "audit_table": ig.audit_table(printed),
        "review": ig.review(ig.read_printed([printed])),
        "specification_curve": ig.specification_curve(panel, controls=("scale",), permutations=3, draws=9, seed=5),
        "cluster_report": ig.cluster_report(panel, FORMULA),
        "compare_groups": split,
        "compare_measures": ig.compare_measures({"a": index, "b": ig.relative_price(economy.prices, ddof=0)}),
        "control_function": ig.control_function(
            wider, "quality ~ market^2 + scale | firm + year | market ~ neighbours", cluster="region"
        ),
        "corrected": ig.questions.corrected(economy.prices, panel, FORMULA, splits=4),
        "correlate": ig.correlate(panel, ["quality", "market", "scale"]),
        "cubic_test": ig.cubic_test(panel, FORMULA, **how, wild=99),
        "describe": ig.describe(panel, ["quality", "market"]),
        "expected_attenuation": ig.expected_attenuation(8, 6, 3, draws=4),
        "fit": base,
        "gelbach": ig.gelbach(panel, FORMULA, ["scale", "age"], **how),
        "halves_of": ig.questions.halves_of(economy.prices, splits=3),
        "power": ig.questions.power(draws=20, splits=4),
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
    }


NAMES = sorted(name for name, kind in PROMISED.items() if kind not in WITHOUT)


def several(result: Any) -> list[Any]:
    """The records of a result: itself, or those it is a collection of."""
    if isinstance(result, dict):
        return list(result.values())
    return list(result) if isinstance(result, tuple) else [result]


def test_every_function_that_returns_records_is_called_here(made: dict[str, Any]) -> None:
    assert set(NAMES) <= set(made), "call the new function in `made`"
    assert set(made) <= set(NAMES), "not a public function that promises a record"


@each("name", NAMES)
def test_record_class_has_both_ways_of_its_own(name: str) -> None:
    own = vars(PROMISED[name])
    assert "__str__" in own
    assert "_repr_html_" in own


@each("name", NAMES)
def test_result_is_shown_in_a_terminal_and_in_a_notebook(made: dict[str, Any], name: str) -> None:
    for result in several(made[name]):
        assert isinstance(result, PROMISED[name])
        text, page = str(result), result._repr_html_()
        assert len(text) > 60
        assert not text.startswith(f"{type(result).__name__}(")  # not the dataclass's own repr
        assert "<table" in page or "<pre" in page
        assert re.search(r"\d", page)


def parameters(name: str) -> set[str]:
    """The parameters that are not options."""
    shown = inspect.signature(getattr(ig, name)).parameters.values()
    return {p.name for p in shown if p.kind is not inspect.Parameter.KEYWORD_ONLY}


RESTING = [n for n in NAMES if parameters(n) & {"formula", "fit"}]
"""Functions whose result rests on a regression."""
IN_OWN_WORDS = {
    "adjust_family": (),  # p-values of tests that say themselves what they rest on
    "cluster_report": (FORMULA, "rows", "clusters (region)"),
    "power": ("31 regions, 10 years and 10 goods", "region and year effects"),  # of a design, before data
    "hausman": ("n = ", "units", "effects firm, year", "clustered by region", "clusters"),
}
"""Results that say it without a `Basis`: no small-sample rule applies to them, or their tests carry it."""
HOW_DRAWN = ("draws", "permutations", "samples")


@each("name", RESTING)
def test_result_names_what_it_rests_on(made: dict[str, Any], name: str) -> None:
    """Sample size, effects, kind of errors, clusters, small-sample rule."""
    for result in several(made[name]):
        text, page = str(result), result._repr_html_()
        if name in IN_OWN_WORDS:
            assert all(words in text for words in IN_OWN_WORDS[name])
            continue
        basis = result.basis
        assert isinstance(basis, Basis)
        for words in (f"{basis.nobs:,}", "effect", basis.ssc, basis.kind, *basis.effects):
            assert words in text, words
            assert words in page, words
        assert all(f"{cluster} ({count:,} clusters)" in text for cluster, count in basis.clusters.items())


def drawn(value: Any) -> Iterator[tuple[str, int]]:
    """Every number of draws and every seed inside a record."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            own = getattr(value, field.name)
            if field.name in (*HOW_DRAWN, "seed") and isinstance(own, int) and own:
                yield field.name, own
            yield from drawn(own)
    elif isinstance(value, tuple | dict):
        for one in several(value):
            yield from drawn(one)


@each("name", NAMES)
def test_draws_and_seeds_are_named(made: dict[str, Any], name: str) -> None:
    for result in several(made[name]):
        text = str(result)
        for what, value in dict.fromkeys(drawn(result)):
            assert (f"seed {value}" if what == "seed" else f"{value:,}") in text, (what, value)


def test_a_record_without_a_rendering_would_fail() -> None:
    """The tests above look at what they should: a bare record class has neither of the two ways."""

    @dataclasses.dataclass(frozen=True)
    class Bare:
        p_value: float

    def found() -> tuple[Bare, ...]:
        return ()

    found.__annotations__["return"] = tuple[Bare, ...]
    assert record_of(found) is Bare
    assert "_repr_html_" not in vars(Bare)
    assert "__str__" not in vars(Bare)
    assert list(drawn(Bare(0.1))) == []


def test_a_fit_names_everything_itself(made: dict[str, Any]) -> None:
    text = str(made["fit"])
    for words in (
        "n = ",
        "effect firm",
        "effect year",
        "clustered by region",
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
    assert (
        str(basis)
        == "n = 12; effects firm; standard errors CR3, clustered by region (3 clusters); t(2); corrections as reghdfe"
    )
    assert "seed 5" in Found(7, 5)._repr_html_()  # type: ignore[attr-defined]
