"""Hypotheses about channels: both paths at every place, and the direction that the hypothesis states."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import report_example as example
from each import each
from integrade.study.loaded import load_run
from integrade.study.run import Request, run_study
from integrade.study.template import write_demo
from integrade.subjects.mediation.mediate import mediate
from integrade.subjects.mediation.records import MediationResult
from integrade.subjects.mediation.verdict import acts, confirmed, promoted, promotion
from integrade.verdicts.bundle import OwnRule
from integrade.verdicts.collected import verdicts
from integrade.verdicts.named_rules import mediated_by
from plainwords.texts import speaking
from studies import edit


def result(
    a: float, b: float, bend: float = 0.0, at: tuple[str, ...] = ("p10", "p90"), *, name: str = "human_capital"
) -> MediationResult:
    """M = a x + bend x^2 + e, Y = 2 x + b M + e in 30 regions."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=1200)
    m = a * x + bend * x**2 + rng.normal(size=1200)
    y = 2 * x + b * m + rng.normal(size=1200)
    rows = pl.DataFrame({"region": np.repeat(np.arange(30), 40), "market": x, name: m, "quality": y})
    return mediate(rows, "quality ~ market + market^2", name, cluster="region", draws=199, at=at)


@each(
    ("a", "b", "bend", "promotes", "acts"),
    [
        (1.0, 0.6, 0.0, "supported", "supported"),
        (-1.0, -0.6, 0.0, "not supported", "supported"),  # it falls and harms: the product alone is above zero
        (1.0, -0.6, 0.0, "contradicted", "supported"),
        (-1.0, 0.6, 0.0, "contradicted", "supported"),
        (0.0, 0.6, -0.5, "not supported", "supported"),  # it rises, then falls
        (0.0, -0.6, -0.5, "not supported", "supported"),
        (0.0, 0.6, 0.0, "not supported", "not supported"),
        (1.0, 0.0, 0.0, "not supported", "not supported"),
    ],
)
def test_a_channel_with_a_direction_needs_more_of_the_mediator_and_that_this_raises(
    a: float, b: float, bend: float, promotes: str, acts: str
) -> None:
    study = example.study(mediation=(result(a, b, bend),))
    assert mediated_by("human_capital", promotes=True)(study).outcome == promotes
    assert mediated_by("human_capital")(study).outcome == acts


def test_the_order_of_places_decides_nothing() -> None:
    """The indirect effect has the other sign at p90: the first of the places was once the only one looked at."""
    said = set()
    for at in permutations(("p10", "p50", "p90")):
        study = example.study(mediation=(result(0.0, 0.6, -0.5, at),))
        found = next(v for v in verdicts(study) if v.hypothesis == "H2")
        said.add((found.outcome, found.sentence))
    # at p50 the product has p = 10 / 200 by 199 draws, which is not below 5%
    assert found.found == (
        "human capital rises with market integration (at p10), which raises export quality; "
        "human capital falls with market integration (at p90), which lowers export quality"
    )
    assert [(p.key, p.holds) for p in found.parts] == [("raises", True), ("nothing_else", False), ("clusters", True)]
    assert found.about == "promotes:human_capital"
    ((outcome, sentence),) = said
    assert outcome == "not supported"
    at_p10, at_p50, at_p90 = (sentence.index(f"({p})") for p in ("p10", "p50", "p90"))
    assert at_p10 < sentence.index("rises with") < at_p50
    assert "falls with" in sentence[at_p90:]


def test_places_where_nothing_is_established_do_not_count() -> None:
    m = result(0.6, 0.6, 0.235).mediators[0]  # the slope of the path is about 0 at p10 and 1.2 at p90
    assert [i.sense for i in m.indirect] == ["open", "rises and raises"]
    assert promoted(m.indirect) == "supported"
    assert promoted(m.indirect[:1]) == "not supported"


def test_a_rule_of_the_study_may_ask_for_the_direction() -> None:
    for b, outcome in ((0.6, "supported"), (-0.6, "not supported")):
        own = OwnRule("H9", "Mine.", "promotes(schools)")
        found = verdicts(example.study(mediation=(result(1.0, b, name="schools"),), hypotheses=(own,)))
        assert next(v for v in found if v.hypothesis == "H9").outcome == outcome


def test_the_sentence_says_what_is_established_in_both_languages() -> None:
    study = example.study(mediation=(result(-1.0, -0.6),))
    sentence = mediated_by("human_capital")(study).sentence
    assert "falls with" in sentence
    assert "higher human capital lowers" in sentence
    with speaking("zh"):
        assert "人力资本提高会降低出口产品质量" in mediated_by("human_capital")(study).sentence


PUBLISHED: dict[str, Any] = {"vcov": "iid", "a_path": "linear", "interval": "monte_carlo", "singletons": "keep"}
"""Errors and draws of the preset published."""


def of_regions(seed: int, a: float, b: float) -> pl.DataFrame:
    """Four firms in each of 20 regions over 8 years; treatment, mediator and a shock persist within a region.

    m = a x + e, y = x + b m + u.
    """
    rng = np.random.default_rng([seed, 4])

    def persistent(scale: float) -> np.ndarray[Any, Any]:
        z = np.zeros((20, 8))
        z[:, 0] = rng.normal(size=20)
        for t in range(1, 8):
            z[:, t] = 0.8 * z[:, t - 1] + 0.6 * rng.normal(size=20)
        return scale * z

    x, e, u = persistent(1.0), persistent(0.5), persistent(0.2)
    region, year = np.indices(x.shape).reshape(2, -1)
    cells = pl.DataFrame({"region": region, "year": 2000 + year, "market": x.ravel(), "u": u.ravel()})
    cells = cells.with_columns(human_capital=a * pl.col("market") + pl.Series(e.ravel()))
    firms = pl.DataFrame({"firm": np.arange(80), "region": np.arange(80) // 4})
    rows = firms.join(cells, on="region", how="left").sort("firm", "year")
    noise = pl.Series(rng.normal(0, 0.3, rows.height))
    return rows.with_columns(quality=pl.col("market") + b * pl.col("human_capital") + pl.col("u") + noise)


def of_published(seed: int, a: float, b: float, **options: Any) -> MediationResult:
    rows = of_regions(seed, a, b)
    return mediate(rows, "quality ~ market | firm + year", "human_capital", draws=199, **{**PUBLISHED, **options})


def test_errors_by_rows_support_no_channel_that_clusters_do_not() -> None:
    """There is no path to the mediator: rows taken as independent find one in this sample, whole regions do not."""
    seed = next(s for s in range(40) if promoted(of_published(s, 0.0, 0.5).mediators[0].indirect) == "supported")
    found = of_published(seed, 0.0, 0.5)
    study = example.study(mediation=(found,))
    for judge in (mediated_by("human_capital", promotes=True), mediated_by("human_capital")):
        verdict = judge(study)
        assert verdict.outcome == "not supported"
        assert verdict.found == "tests by clusters do not establish a mediation"
        assert {p.key: p.holds for p in verdict.parts}["clusters"] is False
        assert "Tests clustered by region do not establish a mediation: p" in verdict.sentence
        assert "region (CR3, 20 clusters, 199 draws of whole clusters;" in verdict.parts[-1].sentence
        assert "the path to the mediator also on 160 cell means" in verdict.parts[-1].sentence
    with speaking("zh"):
        verdict = mediated_by("human_capital", promotes=True)(study)
        assert "按地区聚类的检验不支持中介效应：p" in verdict.sentence
    for rule in ("promotes(human_capital)", "mediated(human_capital)"):
        own = replace(study, hypotheses=(OwnRule("H9", "Mine.", rule),))
        assert next(v for v in verdicts(own) if v.hypothesis == "H9").outcome == "not supported"


def test_errors_by_rows_support_a_channel_that_clusters_confirm() -> None:
    verdict = mediated_by("human_capital", promotes=True)(example.study(mediation=(of_published(1, 0.5, 0.5),)))
    assert verdict.outcome == "supported"
    assert all(p.holds for p in verdict.parts)


def test_what_the_tests_by_clusters_are_does_not_depend_on_the_errors_of_the_table() -> None:
    by_rows, by_regions = (
        of_published(1, 0.5, 0.5, **more).mediators[0].clustered
        for more in ({}, {"vcov": "CR3", "cluster": "region", "interval": "percentile"})
    )
    assert by_rows is not None
    assert by_regions is not None
    assert (by_rows.cluster, by_rows.n, by_rows.draws, by_rows.cells) == ("region", 20, 199, 160)
    assert [(i.p_a, i.p_draws, i.p_holm) for i in by_rows.indirect] == [
        (i.p_a, i.p_draws, i.p_holm) for i in by_regions.indirect
    ]


@pytest.mark.parametrize(("errors", "cluster"), [({"cluster": "firm", "vcov": "CR1"}, "region"), ({}, "region")])
def test_the_clusters_are_the_regions_where_the_treatment_varies_by_region_and_year(
    errors: dict[str, Any], cluster: str
) -> None:
    found = of_published(1, 0.5, 0.5, **errors).mediators[0].clustered
    assert found is not None
    assert found.cluster == cluster


def test_without_anything_to_draw_no_channel_is_supported() -> None:
    rows = of_regions(1, 0.5, 0.5).drop("region")
    found = mediate(rows, "quality ~ market | firm + year", "human_capital", draws=199, **PUBLISHED)
    assert found.mediators[0].clustered is None
    assert promoted(found.mediators[0].indirect) == "supported"
    (said,) = (note for note in found.notes if "no test by clusters: the panel has no column region" in note)
    assert "name the column of regions region, or give one cluster variable" in said
    remedied = [(rows.with_columns(region=pl.col("firm") // 4), {}), (rows, {"cluster": "firm", "vcov": "CR1"})]
    for panel, more in remedied:
        again = mediate(panel, "quality ~ market | firm + year", "human_capital", draws=99, **{**PUBLISHED, **more})
        assert again.mediators[0].clustered is not None
    verdict = mediated_by("human_capital", promotes=True)(example.study(mediation=(found,)))
    assert verdict.outcome == "not supported"
    assert verdict.found == "mediation is not established, because no test by clusters was run"
    assert {p.key: p.holds for p in verdict.parts}["clusters"] is None


FIRST = pl.int_range(pl.len()) == 0
ODD = {
    "no region in two rows": pl.when(~pl.int_range(pl.len()).is_in([0, 20])).then("region").alias("region"),
    "another index in one row": (pl.col("market") + 0.01 * FIRST).alias("market"),
    "a gross error in one row": (pl.col("market") + 50.0 * FIRST).alias("market"),
}


@pytest.mark.parametrize("odd", list(ODD))
def test_a_few_odd_rows_do_not_switch_the_tests_by_regions_and_on_cells_off(odd: str) -> None:
    rows = of_regions(1, 0.5, 0.5).with_columns(ODD[odd])
    found = mediate(rows, "quality ~ market | firm + year", "human_capital", draws=99, cluster="firm")
    tests = found.mediators[0].clustered
    assert tests is not None
    assert (tests.cluster, tests.cells, tests.others) == ("region", 160, ())


@pytest.mark.parametrize("spread", [0.05, 1.0])
def test_the_path_is_tested_on_cells_where_the_treatment_varies_mostly_between_them(spread: float) -> None:
    rows = of_regions(1, 0.5, 0.5)
    noise = pl.Series(np.random.default_rng(5).normal(0, spread, rows.height))
    rows = rows.with_columns(market=pl.col("market") + noise)
    tests = (
        mediate(rows, "quality ~ market | firm + year", "human_capital", draws=99, **PUBLISHED).mediators[0].clustered
    )
    assert tests is not None
    assert (tests.cluster, tests.cells) == ("region", 160 if spread < 1 else None)


def test_rows_without_a_region_are_left_out_of_the_tests_by_clusters_and_counted() -> None:
    rows = of_regions(1, 0.5, 0.5).with_columns(ODD["no region in two rows"])
    formula, options = "quality ~ market | firm + year", {**PUBLISHED, "draws": 99}
    found = mediate(rows, formula, "human_capital", **options)
    said = "tests clustered by region exclude 2 of 640 rows with missing region"
    assert said in found.notes
    assert found.total.nobs == 640
    with speaking("zh"):
        notes = mediate(rows, formula, "human_capital", **options).notes
    assert "640 个观测中有 2 个的地区缺失，未纳入按地区聚类的检验" in notes
    there = mediate(rows.drop_nulls("region"), formula, "human_capital", **options)
    a, b = (r.mediators[0].clustered for r in (found, there))
    assert a is not None
    assert b is not None
    assert [i.p_a for i in a.indirect] == pytest.approx([i.p_a for i in b.indirect])
    assert not any("exclude" in note for note in there.notes)


@pytest.mark.parametrize(
    ("cluster", "names"),
    [
        ("zone", ["region", "zone"]),  # coarser than regions
        ("firm", ["region"]),  # within regions
        ("firm+year", ["region", "year"]),
        ("region^year", ["region"]),
        ("zone+year", ["region", "zone"]),  # draws for two at most: those with the fewest clusters
    ],
)
def test_a_cluster_of_the_study_that_differs_from_regions_counts_with_the_larger_p(
    cluster: str, names: list[str]
) -> None:
    rows = of_regions(1, 0.5, 0.5).with_columns(zone=pl.col("region") // 3)
    formula, options = "quality ~ market | firm + year", {"draws": 99, "interval": "monte_carlo", "vcov": "CR1"}
    found = mediate(rows, formula, "human_capital", cluster=cluster, **options)
    tests = found.mediators[0].clustered
    assert tests is not None
    assert [tests.cluster, *(name for name, _ in tests.others)] == names
    alone = [
        mediate(rows.drop("region") if name != "region" else rows, formula, "human_capital", cluster=name, **options)
        for name in names
    ]
    each = [m.mediators[0].clustered for m in alone]
    assert tests.p_b == max(one.p_b for one in each if one is not None)
    sentence = mediated_by("human_capital", promotes=True)(example.study(mediation=(found,))).sentence
    assert (" and " in sentence.split("Tests clustered by ")[1].split(" confirm")[0]) == (len(names) > 1)


def test_without_regions_each_of_several_clusters_is_tested() -> None:
    rows = of_regions(1, 0.5, 0.5).rename({"region": "State"})
    formula, options = "quality ~ market | firm + year", {"draws": 199, "interval": "monte_carlo", "vcov": "CR1"}
    found, by_state, by_year = (
        mediate(rows, formula, "human_capital", cluster=c, **options).mediators[0].clustered
        for c in ("State+year", "State", "year")
    )
    assert found is not None
    assert by_state is not None
    assert by_year is not None
    assert (found.cluster, found.n, found.others) == ("year", 8, (("State", 20),))
    assert found.p_b == max(by_state.p_b, by_year.p_b)
    for both, one, other in zip(found.indirect, by_state.indirect, by_year.indirect, strict=True):
        assert (both.p_a, both.p_draws) == (max(one.p_a, other.p_a), max(one.p_draws, other.p_draws))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_conclusion_needs_both_kinds_of_tests_at_the_same_place(sign: int) -> None:
    m = result(1.0, sign * 0.6).mediators[0]
    outcome = "supported" if sign == 1 else "contradicted"
    assert m.clustered is not None
    low, high = m.clustered.indirect
    open_low, open_high = (replace(i, p_holm=0.3, sense="open") for i in (low, high))
    cases = {(low, high): outcome, (open_low, high): outcome, (open_low, open_high): "not supported"}
    for effects, expected in cases.items():
        own = replace(m, clustered=replace(m.clustered, indirect=effects))  # type: ignore[arg-type]
        assert promotion(own, 0.05) == expected
        assert acts(own, 0.05) == (expected != "not supported")
        assert [i.p_holm for i in confirmed(own, 0.05)] == [
            max(a.p_holm or 0.0, b.p_holm or 0.0) for a, b in zip(own.indirect, effects, strict=True)
        ]


@pytest.mark.slow
def test_how_often_a_channel_without_a_path_is_supported_by_errors_of_rows() -> None:
    """Monte Carlo: the table alone supports what is not there in about a third of samples; the verdict keeps its size.

    Of 100 samples at 5% more than 11 rejections would have a chance of .004.
    """
    table, both = 0, 0
    for seed in range(100):
        m = of_published(seed, 0.0, 0.5).mediators[0]
        table += promoted(m.indirect) != "not supported"
        both += promotion(m, 0.05) != "not supported"
    assert table > 30
    assert both <= 11


@pytest.mark.slow
def test_the_preset_published_supports_no_channel_in_the_economy_of_the_demo(tmp_path: Path) -> None:
    """The economy has an inverted U and no channel through human capital."""
    write_demo(tmp_path, firms=600, seed=20240101)
    file = tmp_path / "study.toml"
    text = file.read_text(encoding="utf-8")
    kept = (
        text[: text.index("[lags]")] + '[mediation]\nmediators = ["human_capital", "rd"]\n[report]\nformats = ["md"]\n'
    )
    file.write_text(kept, encoding="utf-8")
    edit(tmp_path, ('\npreset = "sound"', '\npreset = "published"'))
    run_study(tmp_path, Request(), tell=lambda _: None)
    found = load_run(tmp_path)
    h2 = next(v for v in found.results.verdicts if v.hypothesis == "H2")
    assert h2.outcome == "not supported"
    assert {p.key: p.holds for p in h2.parts} == {"raises": True, "nothing_else": True, "clusters": False}
    assert h2.truth is False
