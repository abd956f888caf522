"""Which interval of the size of the effect contains the noise of the index, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import report_example as example
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import percentile_of, u_test
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.noise import verdict as judged
from integrade.subjects.noise.corrected import corrected
from integrade.subjects.noise.pipeline import PipelineBootstrap, Replicated
from integrade.subjects.noise.records import NoiseStudy
from integrade.subjects.noise.simex import simex
from integrade.subjects.noise.tables import noise_table
from integrade.subjects.noise.verdict import (
    Coverage,
    Setting,
    cell_of_way,
    interval_with_noise,
    like_certified,
    noise_net,
    others_covered,
)
from integrade.verdicts.against import against
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.opening import turning_said
from noisy_index import FORMULA, study
from plainwords.texts import Cell, Said


@pytest.fixture(scope="module")
def found() -> NoiseStudy:
    prices, _, panel = study(150)
    naive = fit(panel, FORMULA, cluster="region", vcov="CR3")
    return NoiseStudy(
        "market",
        naive,
        halves=corrected(prices, panel, FORMULA, splits=5),
        simex=simex(prices, panel, FORMULA, draws=20),
    )


def results(found: NoiseStudy | None, naive: Any) -> StudyResults:
    column = Column("(1)", naive, u_test=u_test(naive, "market") if "market^2" in naive.formula else None)
    return replace(example.study(), benchmark=(column,), noise=found)


def keys(sentence: str) -> list[str]:
    """The ids of the sentences, in order."""
    assert isinstance(sentence, Said)
    return [part.key for part in sentence.given.values() if isinstance(part, Said)]


def test_the_way_is_the_best_that_was_gone_and_the_sentence_is_of_that_way(found: NoiseStudy) -> None:
    prices, index, panel = study(150)
    assert found.simex is not None
    independent = simex(index, panel, FORMULA, draws=20)
    blank = simex(prices, panel, FORMULA, draws=20, se="none")
    ways = {
        "halves": found,
        "simex_goods": replace(found, halves=None),
        "simex_independent": replace(found, simex=independent, halves=None),
        "none": replace(found, simex=None, halves=None),
    }
    for way, noise in ways.items():
        told = interval_with_noise(results(noise, found.naive))
        assert told is not None
        assert told.way == way
        assert keys(told.sentence)[0] == f"noise_interval.{way.replace('_', '-')}"
        assert told.turning is not None  # a fit whose sample is not known is judged on the headline's
        assert told.contains_noise == (way in ("halves", "simex_goods"))
    without = interval_with_noise(results(None, found.naive))
    assert without is not None
    assert without.way == "none"
    no_error = interval_with_noise(results(replace(found, simex=blank, halves=None), found.naive))
    assert no_error is not None
    assert no_error.way == "none"  # without standard errors there is no interval
    assert found.halves is not None
    for too_noisy in (
        replace(found, halves=replace(found.halves, identified=False)),
        replace(found, halves=None, uncorrected="why"),
    ):
        told = interval_with_noise(results(too_noisy, found.naive))
        assert told is not None
        assert told.way == "none"  # where halves agree too little, SIMEX is far off


def test_the_move_is_from_p25_to_p75_of_the_sample(found: NoiseStudy) -> None:
    told = interval_with_noise(results(found, found.naive))
    assert told is not None
    assert found.halves is not None
    fit_ = found.halves.fit
    _, _, panel = study(150)
    a, b = (percentile_of(found.naive, "market", p) for p in (25, 75))
    assert (told.move.start, told.move.end) == (a, b)
    assert np.quantile(panel["market"], 0.25) == pytest.approx(a, abs=0.02)
    g = np.array([b - a, b * b - a * a])
    beta = np.array([fit_["market"].estimate, fit_["market^2"].estimate])
    v = np.array([[fit_.covariance(i, j) for j in ("market", "market^2")] for i in ("market", "market^2")])
    assert told.estimate == pytest.approx(float(g @ beta))
    width = float(np.sqrt(g @ v @ g)) * 2.0423 if fit_.df_t == 30 else told.high - told.estimate
    assert told.high - told.low == pytest.approx(2 * width, rel=1e-4)
    assert [s.name for s in told.slopes] == ["p10", "p50", "p90"]
    at = told.slopes[0]
    assert at.estimate == pytest.approx(beta[0] + 2 * at.start * beta[1])
    assert told.turning is not None
    assert told.turning.turning_point == pytest.approx(-beta[0] / 2 / beta[1])


def test_a_line_moves_by_one_standard_deviation() -> None:
    _, _, panel = study(150)
    line = fit(panel, "quality ~ market + scale | firm + year", cluster="region", vcov="CR3")
    told = interval_with_noise(results(None, line))
    assert told is not None
    assert told.move.name == "one s.d."
    assert told.estimate == pytest.approx(line["market"].estimate * line.deviations["market"])
    assert told.turning is None
    assert told.slopes == ()


def test_a_treatment_that_is_no_index_has_no_noise_of_the_index() -> None:
    _, _, panel = study(150)
    other = fit(panel.rename({"market": "research"}), "quality ~ research + research^2 | firm + year", cluster="region")
    column = Column("(1)", other, u_test=u_test(other, "research"))
    told = interval_with_noise(replace(example.study(), benchmark=(column,)))
    assert told is not None
    assert isinstance(told.sentence, Said)
    assert told.sentence.key == "noise_interval.as-measured"
    assert told.noise_share is None
    assert told.covered is None


def test_the_size_of_the_noise_is_said_or_that_it_is_not_known(found: NoiseStudy) -> None:
    plain = results(None, found.naive)
    known = interval_with_noise(replace(plain, index=replace(plain.index, noise_share=0.43)))
    unknown = interval_with_noise(replace(plain, index=replace(plain.index, noise_share=None)))
    assert known is not None
    assert unknown is not None
    assert "43%" in known.sentence
    assert "noise_interval.share-unknown" in keys(unknown.sentence)
    assert interval_with_noise(replace(plain, benchmark=())) is None


OF_WAYS = {"none": (0.4, 0.77), "simex_goods": (0.95, 0.97), "halves": (0.93, 0.96)}
"""Coverage of the move and of the turning point that the tests certify."""


def certify(monkeypatch: pytest.MonkeyPatch, of_ways: Mapping[str, tuple[float, float]] = OF_WAYS) -> None:
    """Let every study with a parabola be near to 140 samples of three designs."""

    def told(way: str, _: object) -> tuple[Coverage | None, Coverage | None]:
        def of(name: str) -> Coverage | None:
            return Coverage(3, 140, 0.1, *of_ways[name], 0.02) if name in of_ways else None

        return of(way), of("none")

    monkeypatch.setattr(judged, "setting_of", lambda _, slopes: Setting(10, 0.4, 1.0, 15, 0.3) if slopes else None)
    monkeypatch.setattr(judged, "both_covered", told)


def test_each_interval_is_quoted_with_the_coverage_of_its_own_way(
    found: NoiseStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    certify(monkeypatch)
    monkeypatch.setattr("integrade.verdicts.opening.turn_established", lambda _: True)
    every = results(found, found.naive)
    told = interval_with_noise(every)
    assert told is not None
    assert "in 93%" in told.sentence
    assert "96%" not in told.sentence  # that is of the turning point, which the sentence does not print
    said = turning_said(every)
    own, corrected = next(s for s in said if "77%" in s), next(s for s in said if "(ORIV)" in s)
    assert said.index(own) == 3  # after the headline's own set, which follows the corrected one
    assert told.turning is not None
    assert f"{told.turning.turning_point:.3f}" in corrected
    assert "96%" in said[said.index(corrected) + 1]
    assert (
        "In 2% of samples simulated from designs near this study, the corrected Fieller set contains every value"
        in said[said.index(corrected) + 1]
    )
    uncorrected = turning_said(results(None, found.naive))
    assert any("77%" in s for s in uncorrected)
    assert not any("SIMEX" in s or "alves" in s for s in uncorrected)
    others = others_covered(told, every)
    assert others is not None
    assert "77%" in others


def test_coverage_is_quoted_for_intervals_of_the_certified_kind_alone(
    found: NoiseStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    certify(monkeypatch)
    _, _, panel = study(150)
    for how in ({"cluster": "region", "vcov": "CR1"}, {"cluster": "firm", "vcov": "CR3"}, {"vcov": "HC1"}):
        other = fit(panel, FORMULA, **how)
        assert not like_certified(other)
        told = interval_with_noise(results(found, other))
        assert told is not None
        assert told.covered is None
        assert "simulated" not in told.sentence
        assert not any("simulated" in s for s in turning_said(results(None, other)))
    assert like_certified(found.naive)
    twenty = panel["region"].unique().sort()[:20].to_list()
    few = fit(panel.filter(panel["region"].is_in(twenty)), FORMULA, cluster="region", vcov="CR3")
    assert not like_certified(few)  # 20 regions beside the 31 of the simulation


def test_the_interval_that_takes_the_index_as_known_is_quoted_beside_the_corrected_one(
    found: NoiseStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard errors of 140 samples: p = (140 x .8 + 2) / 144, sqrt(p (1 - p) / 144) = 3.4 points; 1.0 gives 1.0."""
    of_ways = {"none": (0.8, 0.9), "simex_goods": (1.0, 0.9), "halves": (1.0, 0.9)}
    certify(monkeypatch, of_ways)
    alone, told = (interval_with_noise(results(way, found.naive)) for way in (None, found))
    assert alone is not None
    assert told is not None
    assert told.way != "none"
    assert "In 140 simulated samples from designs near this study" in alone.sentence
    assert "in 80% of samples (Agresti-Coull standard error: 3.4 percentage points)" in alone.sentence
    assert "Intervals that ignore noise in the index contain it in 80% of 140 samples" in told.sentence
    assert (
        "Agresti-Coull standard error: 1.0 percentage points). "
        "Intervals that ignore noise in the index contain it in 80% of 140 samples (standard error: 3.4 points"
        in told.sentence
    )
    assert "tails of price changes" in told.sentence


def test_the_share_of_noise_is_net_of_the_headlines_effects_where_that_is_known(found: NoiseStudy) -> None:
    plain = results(found, found.naive)
    noisy = replace(plain, index=replace(plain.index, noise_share=0.28))
    assert found.simex is not None
    net = found.simex.noise_share
    assert net is not None
    assert noise_net(noisy) == net
    told = interval_with_noise(noisy)
    assert told is not None
    for said in (told.sentence, *(a.sentence for a in against(noisy) if a.kind == "noise")):
        assert f"{100 * net:.0f}% of the varia" in said
    assert "28%" in told.sentence
    without = replace(noisy, noise=None)
    assert noise_net(without) is None
    unknown = interval_with_noise(without)
    assert unknown is not None
    assert "Net of the fixed effects of the main result, the share of noise can be larger" in unknown.sentence
    _, _, panel = study(150)
    other = fit(panel, "quality ~ market + market^2 | firm", cluster="region", vcov="CR3")
    assert noise_net(results(found, other)) is None  # SIMEX was of another formula


def test_the_noise_and_the_coverage_of_the_first_page_stand_in_the_table_of_noise(
    found: NoiseStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    certify(monkeypatch, {"none": (0.8, 0.7), "simex_goods": (0.9, 0.6), "halves": (0.9, 0.6)})
    study = results(found, found.naive)
    table = noise_table(found, {}, found.naive, interval_with_noise(study))
    rows = {row.key: row.cells[1:] for row in table.rows if row.key}
    net = noise_net(study)
    assert net is not None
    assert rows["noise_net"] == (f"{100 * net:.0f}%", "", "")
    assert rows["covered.move"] == ("80%", "90%", "")  # as measured, halves, SIMEX
    assert rows["covered.turning"] == ("70%", "60%", "")
    assert rows["covered.uninformative"] == ("2%", "2%", "")
    assert cell_of_way(study, "halves", "covered.move") == Cell("A4", 2, "covered.move")
    assert cell_of_way(study, "none", "covered.turning") == Cell("A4", 1, "covered.turning")
    alone = noise_table(found, {}, found.naive)
    assert not any(row.key.startswith("covered") for row in alone.rows)


def test_the_bootstrap_of_the_regression_as_measured_stands_in_its_column(found: NoiseStudy) -> None:
    """Its s.e., interval and mean filled the columns of three ways around noise; with fewer ways some were cut off."""
    drawn = [
        Replicated("market", 2.3253, 1.9945, 0.3604, 1.5892, 3.0614, 1.5, 3.0),
        Replicated("market^2", -0.2865, -0.2454, 0.0439, -0.3763, -0.1968, -0.4, -0.2),
    ]
    made = PipelineBootstrap(tuple(drawn), "The target.", "both", 1.0, 199, 0, 0.95, 20240101, 10, {"region": 31}, 900)
    study = replace(found, pipeline=made)
    for noise, empty in ((study, ("", "")), (replace(study, simex=None), ("",)), (replace(study, halves=None), ("",))):
        rows = {row.key: row.cells for row in noise_table(noise, {}, found.naive).rows if row.key}
        assert rows["bootstrap.market"] == ("Market: mean of the draws (s.e.)", "1.9945 (0.3604)", *empty)
        assert rows["bootstrap_interval.market^2"] == ("95% interval", "[-0.3763, -0.1968]", *empty)
