"""Coverage is quoted only from simulated designs that are near the study in all that it depends on."""

from __future__ import annotations

from dataclasses import replace

import pytest

import report_example as example
from each import each
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.inference.clusters import cluster_report
from integrade.subjects.noise import verdict as judged
from integrade.subjects.noise.corrected import Corrected, corrected
from integrade.subjects.noise.verdict import (
    Certified,
    Setting,
    both_covered,
    certified,
    how_often_covered,
    interval_with_noise,
    is_near,
    setting_of,
)
from integrade.verdicts.bundle import InferenceStudy, StudyResults
from noisy_index import FORMULA, study

STUDY = Setting(goods=10, net=0.5, tails=1.1, clusters=12.0, bend=0.6)


@each(
    "change, near",
    [
        ({}, True),
        ({"goods": 14}, True),
        ({"goods": 16}, False),
        ({"goods": 6}, False),
        ({"net": 0.59}, True),
        ({"net": 0.61}, False),
        ({"net": 0.39}, False),
        ({"tails": 1.19}, True),
        ({"tails": 1.21}, False),
        ({"clusters": 17.5}, True),
        ({"clusters": 18.5}, False),
        ({"clusters": 7.5}, False),
        ({"bend": 0.79}, True),
        ({"bend": 0.81}, False),
    ],
)
def test_a_design_is_near_only_in_everything(change: dict[str, float], near: bool) -> None:
    assert is_near(replace(STUDY, **change), STUDY) == near  # type: ignore[arg-type]
    assert is_near(STUDY, replace(STUDY, **change)) == near  # type: ignore[arg-type]


def one(design: int, economy: int, way: str, share: float, **changes: float) -> Certified:
    """A design like STUDY whose shares are ``share``, 100 samples, and a fifth of the sets the whole line."""
    like = Certified(way, design, economy, 10, 0.5, 1.1, 12.0, 0.6, 100, share, share, share, share, share, 0.2)
    return like._replace(**changes)  # type: ignore[arg-type]


def test_near_designs_are_pooled_and_their_economies_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (
        one(0, 0, "halves", 0.9),
        one(1, 0, "halves", 0.8, draws=50, p90=0.5, uninformative=0.6),
        one(2, 1, "halves", 1.0),
        one(3, 1, "halves", 0.0, net=0.65),  # not near
        *(one(n, n // 2, "none", 0.1 * n) for n in range(4)),
        one(0, 0, "simex_goods", 0.7),
    )
    monkeypatch.setattr(judged, "certified", lambda: rows)
    found, own = both_covered("halves", STUDY)
    assert found is not None
    assert own is not None
    assert (found.designs, found.draws) == (3, 200)  # designs 0 and 1 have the same prices
    assert found.move == pytest.approx((90 + 40 + 100) / 250)
    assert found.slopes == pytest.approx((90 + 25 + 100) / 250)
    assert found.uninformative == pytest.approx((20 + 30 + 20) / 250)
    assert found.turning == pytest.approx((0.9 * 80 + 0.8 * 20 + 1.0 * 80) / 180)
    assert own.move == pytest.approx((0 + 0.1 + 0.2) / 3)
    of_simex, beside = both_covered("simex_goods", STUDY)
    assert of_simex is not None
    assert beside is not None
    assert (of_simex.move, beside.move) == (0.7, 0.0)  # the same design
    assert both_covered("oriv", STUDY) == (None, None)  # not simulated
    assert both_covered("halves", replace(STUDY, net=0.1)) == (None, None)
    assert how_often_covered("halves", frozenset()) is None
    few = [row._replace(draws=19) for row in rows]
    monkeypatch.setattr(judged, "certified", lambda: few)
    assert both_covered("halves", STUDY) == (None, None)  # 38 samples


def test_what_is_quoted_was_simulated_for_ways_of_a_study() -> None:
    assert {d.way for d in certified()} == {"none", "halves", "simex_goods"}
    for d in certified():
        assert 0 < d.bend <= 1
        assert 0 < d.net < 1
        assert d.draws >= 10
        assert all(0 <= s <= 1 for s in (d.p10, d.p50, d.p90, d.move, d.turning, d.uninformative))
    assert {d.goods for d in certified()} == {5, 10, 20, 40}
    assert min(d.net for d in certified()) < 0.3
    assert max(d.net for d in certified()) > 0.75


def results() -> StudyResults:
    """A study with a parabola and the report on clusters."""
    _, _, panel = study(150)
    naive = fit(panel, FORMULA, cluster="region", vcov="CR3")
    column = Column("(1)", naive, u_test=u_test(naive, "market"))
    return replace(
        example.study(),
        benchmark=(column,),
        noise=None,
        inference=InferenceStudy(clusters=cluster_report(panel, FORMULA)),
    )


@pytest.fixture
def halves(monkeypatch: pytest.MonkeyPatch) -> Corrected:
    prices, _, panel = study(150)
    found = corrected(prices, panel, FORMULA, splits=4)
    monkeypatch.setattr(judged, "halves_of_headline", lambda _: found)
    return found


def test_the_setting_of_a_study_is_what_it_measures(halves: Corrected, monkeypatch: pytest.MonkeyPatch) -> None:
    own = results()
    told = interval_with_noise(own)
    assert told is not None
    found = setting_of(own, told.slopes)
    assert found is not None
    s10, s90 = (s.estimate for s in told.slopes if s.name != "p50")
    assert found.bend == pytest.approx(abs(s10 - s90) / (abs(s10) + abs(s90)))
    assert found.net == halves.noise_share
    assert found.tails == halves.tails
    assert own.inference is not None
    assert own.inference.clusters is not None
    assert found.clusters == next(t.g_star for t in own.inference.clusters.terms if t.term == "market^2")
    assert found.goods == own.index.n_goods
    assert setting_of(replace(own, inference=None), told.slopes) is None
    assert setting_of(replace(own, index=replace(own.index, transform="inverse")), told.slopes) is None
    assert setting_of(own, ()) is None  # no parabola
    for lost in (replace(halves, tails=None), replace(halves, identified=False), None):
        monkeypatch.setattr(judged, "halves_of_headline", lambda _, lost=lost: lost)
        assert setting_of(own, told.slopes) is None


@pytest.mark.usefixtures("halves")
def test_nothing_is_quoted_without_a_near_design(monkeypatch: pytest.MonkeyPatch) -> None:
    own = results()
    told = interval_with_noise(own)
    assert told is not None
    like = setting_of(own, told.slopes)
    assert like is not None
    near = one(0, 0, "none", 0.5, **{k: getattr(like, k) for k in ("net", "tails", "clusters", "bend", "goods")})
    monkeypatch.setattr(judged, "certified", lambda: (near,))
    said = interval_with_noise(own)
    assert said is not None
    assert said.covered is not None
    assert "in 50% of samples (Agresti-Coull standard error:" in said.sentence
    for change in ({"net": like.net + 0.11}, {"tails": like.tails + 0.11}, {"clusters": like.clusters * 1.6}):
        monkeypatch.setattr(judged, "certified", lambda change=change: (near._replace(**change),))
        silent = interval_with_noise(own)
        assert silent is not None
        assert silent.covered is None
        assert "simulated" not in silent.sentence
