"""What the explorer of the page is given: versions, regions and numbers of goods, checked against regressions."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import audit_example
import explorer_example
import report_example as example
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import curve, parabola, u_test
from integrade.report.explorer.block import explorer_of
from integrade.report.explorer.choices import versions_of
from integrade.report.explorer.estimates import EFFECT, TURNING
from integrade.report.explorer.goods import between, goods_of
from integrade.report.explorer.regions import regions_of
from integrade.study.records import from_json, to_json
from integrade.subjects.audit.switches import Audit
from integrade.subjects.inference.clusters import cluster_report
from integrade.subjects.inference.randomisation import InferenceStudy
from integrade.subjects.robustness.model import robustness
from integrade.verdicts.bundle import StudyResults
from plainwords.texts import speaking

FORMULA = "quality ~ market + market^2 + scale | firm + year"


def panel() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    firms, regions, years = 240, 12, 6
    firm, year = (a.ravel() for a in np.meshgrid(np.arange(firms), np.arange(years), indexing="ij"))
    region = firm % regions
    market = rng.normal(4, 0.3, (regions, years)) + rng.normal(0, 0.4, (regions, 1))
    x = market[region, year]
    scale = rng.normal(size=firm.size)
    y = 0.9 * x - 0.11 * x**2 + 0.02 * scale + rng.normal(0, 0.1, firm.size) + 0.1 * region
    return pl.DataFrame(
        {
            "firm": [f"F{f}" for f in firm],
            "year": 2004 + year,
            "region": [f"R{r}" for r in region],
            "quality": y,
            "market": x,
            "scale": scale,
        }
    )


def estimated(rows: pl.DataFrame) -> StudyResults:
    own = fit(rows, FORMULA, cluster="region", vcov="CR3")
    column = replace(example.study().benchmark[-1], headline=own, u_test=u_test(own, "market"))
    checks = robustness(
        rows, FORMULA, "market", checks=("effects", "leave_out"), effects=("region",), leave_out=("region",)
    )
    clusters = cluster_report(rows, FORMULA, "region")
    points = example.study().index.points[:0]
    return replace(
        example.study(),
        benchmark=(column,),
        robustness=tuple(checks),
        inference=InferenceStudy(None, clusters),
        index=replace(example.study().index, points=points),
    )


def test_a_curve_in_eight_numbers_is_the_curve() -> None:
    own = example.study().benchmark[-1].headline
    p = parabola(own, "market")
    points = curve(own, "market", 41)
    x = np.array([one.x for one in points])
    g1, g2 = x - p.centre, x**2 - p.centre**2
    y, half = p.b1 * g1 + p.b2 * g2, np.sqrt(p.w11 * g1**2 + 2 * p.w12 * g1 * g2 + p.w22 * g2**2)
    assert (x[0], x[-1]) == (p.low, p.high)
    assert [one.fit for one in points] == pytest.approx(y.tolist(), rel=1e-12, abs=1e-15)
    assert [one.high - one.fit for one in points] == pytest.approx(half.tolist(), rel=1e-9, abs=1e-12)


def test_the_band_of_a_check_is_that_of_its_regression() -> None:
    """The stored check has standard errors only: the covariance of both coefficients follows from three of them."""
    rows = panel()
    told = next(v for v in versions_of(estimated(rows), None) if v.key == "regression.effects")
    again = parabola(fit(rows, f"{FORMULA} + region", cluster="region", vcov="CR3"), "market")
    assert told.curve is not None
    assert told.curve[3:8] == pytest.approx(again[3:8], rel=1e-6)
    low, high = told.quantities[EFFECT][1:]
    assert low is not None
    assert high is not None
    assert low < told.quantities[EFFECT][0] < high


def test_cut_tails_keep_the_units_and_another_estimator_does_not() -> None:
    rows = panel()
    checks = robustness(rows, FORMULA, "market", checks=("winsor", "poisson"), winsor=((1, 99),))
    versions = {v.key: v for v in versions_of(replace(estimated(rows), robustness=tuple(checks)), None)}
    assert set(versions["winsor.cuts"].quantities) == {"turning", "effect", "p10", "p90"}
    assert not versions["winsor.cuts"].alone
    assert set(versions["estimator"].quantities) == {"turning"}
    assert versions["estimator"].alone


def test_a_region_is_left_out_as_a_regression_without_it_and_weights_add_up() -> None:
    rows = panel()
    results = estimated(rows)
    column = results.benchmark[0]
    points = tuple(replace(example.study().index.points[0], region=f"R{r}", year=2004) for r in range(12))
    regions = regions_of(replace(results, index=replace(results.index, points=points)))
    assert sum(r.weight or 0.0 for r in regions) == pytest.approx(1.0)
    some = next(r for r in regions if r.name == "R3")
    again = u_test(fit(rows.filter(pl.col("region") != "R3"), FORMULA, cluster="region"), "market")
    assert some.curve is not None
    assert some.curve.point == pytest.approx(again.turning_point, rel=1e-8)
    assert some.quantities[TURNING][0] == some.curve.point
    assert column.u_test is not None
    without_report = replace(results, inference=None, index=replace(results.index, points=points))
    other = next(r for r in regions_of(without_report) if r.name == "R3")
    assert other.weight is None
    assert other.curve is not None
    assert other.curve.point == pytest.approx(again.turning_point, rel=1e-8)


def test_more_goods_give_the_regression_on_an_index_with_less_noise() -> None:
    """The curves with 10 goods and without noise give those with 5, 20 and 40 goods."""
    rng = np.random.default_rng(11)
    n, noise = 400_000, 1.2
    x = rng.normal(0, 1, n)
    y = 0.4 * x - 0.3 * x**2 + rng.normal(0, 0.3, n)

    def coefficients(t: float) -> np.ndarray:
        w = x + rng.normal(0, np.sqrt(noise * t), n)
        return np.linalg.lstsq(np.column_stack([np.ones(n), w, w**2]), y, rcond=None)[0][1:]

    true, measured = np.array([0.4, -0.3]), coefficients(1.0)
    for t in (2.0, 0.5, 0.25):
        told = [between(true[i], measured[i], noise, t, i + 1) for i in (0, 1)]
        assert told == pytest.approx(coefficients(t), abs=0.006)


def test_the_slider_ends_at_the_corrected_curve_and_passes_the_study() -> None:
    results = explorer_example.study()
    goods = {g.number: g for g in goods_of(results)}
    own, none = goods[10], goods[None]
    assert own.own
    measured = results.benchmark[-1].headline
    assert (own.curve.b1, own.curve.b2) == pytest.approx((measured["market"].estimate, measured["market^2"].estimate))
    assert results.noise is not None
    assert results.noise.halves is not None
    better = results.noise.halves.fit
    assert (none.curve.b1, none.curve.b2) == pytest.approx((better["market"].estimate, better["market^2"].estimate))
    shares = [goods[k].share for k in (5, 10, 20, 40, 80, None)]
    assert shares == pytest.approx([2 / 3, 1 / 2, 1 / 3, 1 / 5, 1 / 9, 0.0])
    unlike = replace(results.noise.halves, identified=False)
    assert goods_of(replace(results, noise=replace(results.noise, halves=unlike))) == []


def test_an_audit_is_read_back_with_its_curves_and_an_older_one_without() -> None:
    audit = audit_example.audit()
    assert from_json(Audit, to_json(audit)) == audit
    stored = json.loads(to_json(audit))
    for name in ("drawn", "spread"):
        del stored["baseline"][name]
    older = from_json(Audit, json.dumps(stored))
    assert (older.baseline.drawn, older.baseline.spread) == (None, None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_gets_every_version_of_an_audit_in_words(language: str) -> None:
    with speaking(language):
        found = explorer_of(explorer_example.with_deviations(), audit_example.audit())
    assert found is not None
    named = {
        "en": [
            "Quality: elasticity of substitution: 3",
            "Standard errors: independent errors",
            "Sample: years up to 2007",
        ],
        "zh": ["质量：替代弹性：3", "标准误：独立误差", "样本：2007 年及以前"],
    }
    versions = found["versions"]["list"]
    assert [v["said"][0] for v in versions] == named[language]
    assert "bread" in found["versions"]["impossible"][0]
    assert versions[0]["quantities"]["turning"] == [3.9, 3.8, 4.0]
    assert versions[0]["alone"]
    assert found["more"] == ""
    assert len(json.dumps(found, ensure_ascii=False).encode()) < 100_000


def test_an_audit_of_another_state_is_not_shown() -> None:
    audit, study = audit_example.audit(), explorer_example.with_deviations()
    for base in (
        replace(audit.baseline, nobs=audit.baseline.nobs - 1),
        replace(audit.baseline, b1=audit.baseline.b1 * 1.001),
        replace(audit.baseline, drawn=None),
    ):
        found = explorer_of(study, replace(audit, baseline=base))
        assert found is not None
        assert found["versions"]["list"] == []
        assert "integrade audit STUDY" in found["more"]


def test_a_study_without_a_regression_has_its_regions_alone() -> None:
    found = explorer_of(example.study(benchmark=(), robustness=(), verdicts=()))
    assert found is not None
    assert found["own"] is None
    assert found["goods"] == []
    hebei = next(r for r in found["regions"]["list"] if r["name"] == "Hebei")
    assert "curve" not in hebei
    assert len(hebei["series"]) == len(example.YEARS)


def test_a_study_without_an_audit_says_how_to_get_one() -> None:
    found = explorer_of(explorer_example.with_deviations())
    assert found is not None
    assert "integrade audit STUDY" in found["more"]
    assert "integrade report STUDY" in found["more"]
