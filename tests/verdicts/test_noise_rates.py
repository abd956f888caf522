"""How often a verdict is wrong on a noisy index, in economies that share no code with the program (`other_economy`).

Samples are the first ones of benchmarks/verdicts_noise.py. A share of false claims is bounded by 5% plus two
standard errors of a share of so many samples. Each bound is beside the rate as printed, which is far above it where the
rule without the correction fails: the test would not pass without the correction.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from integrade.subjects.mediation.mediate import mediate
from integrade.verdicts import without_noise
from integrade.verdicts.bundle import StudyResults

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
importlib.import_module("verdict_samples")
vn: Any = importlib.import_module("verdicts_noise")

SEED, DRAWS = 20240101, 30
MOST = 0.05 + 2 * np.sqrt(0.05 * 0.95 / DRAWS)
TEN, FORTY = vn.TEN, vn.FORTY


@cache
def rates(draw: Any, prices: Any, truth: str) -> Mapping[str, float]:
    found = [draw(prices, truth, SEED, number) for number in range(DRAWS)]
    return {name: float(np.nanmean([f[name] for f in found])) for name in found[0]}


@pytest.mark.parametrize("prices", [TEN, FORTY, vn.STILL], ids=lambda p: p.name)
def test_a_mediator_that_moves_with_the_index_and_has_no_effect_is_no_channel(prices: Any) -> None:
    found = rates(vn.of_mediators, prices, vn.RISES)
    assert found["printed"] > 0.3
    assert found["b"] > 0.5
    assert found["supported"] <= MOST
    assert found["acts_supported"] <= MOST
    assert found["b_corrected"] <= MOST


def test_neither_is_one_of_firms_nor_one_that_falls() -> None:
    of_firms = rates(vn.of_mediators, vn.OF_FIRMS, vn.RISES)
    falls = rates(vn.of_mediators, TEN, vn.FALLS)
    assert of_firms["printed"] > 0.15
    assert of_firms["supported"] <= MOST
    assert falls["acts_printed"] > 0.3
    assert falls["acts_supported"] <= MOST


@pytest.mark.parametrize(("prices", "least"), [(TEN, 0.25), (FORTY, 0.7)])
def test_a_mediator_with_an_effect_is_found(prices: Any, least: float) -> None:
    assert rates(vn.of_mediators, prices, vn.RAISES)["supported"] >= least


@pytest.mark.parametrize(("prices", "least"), [(TEN, 0.3), (FORTY, 0.15)])
def test_next_year_and_last_year_have_no_effect_that_noise_alone_makes(prices: Any, least: float) -> None:
    found = rates(vn.of_years, prices, vn.NOW)
    assert found["printed"] > least
    assert found["lag_printed"] > least
    assert found["supported"] <= MOST
    assert found["lag"] <= MOST


def test_next_year_and_last_year_are_found_with_many_goods() -> None:
    assert rates(vn.of_years, FORTY, vn.AHEAD)["supported"] >= 0.5
    assert rates(vn.of_years, FORTY, vn.LASTS)["lag"] >= 0.5


def test_groups_whose_indices_are_unequally_noisy_do_not_differ() -> None:
    found = rates(vn.of_groups, vn.CALM, vn.REGIONS_EQUAL)
    assert found["printed"] > 0.15
    assert found["supported"] <= MOST


def test_kinds_of_firms_with_one_effect_do_not_differ_and_others_do() -> None:
    assert rates(vn.of_groups, TEN, vn.FIRMS_EQUAL)["supported"] <= MOST
    assert rates(vn.of_groups, TEN, vn.YEARS_EQUAL)["supported"] <= MOST
    assert rates(vn.of_groups, FORTY, vn.FIRMS_DIFFER)["supported"] >= 0.4


def test_curves_that_never_fall_are_no_inverted_u() -> None:
    for truth in (vn.NONE, vn.LINE, vn.FLAT):
        assert rates(vn.of_curves, TEN, truth)["supported"] <= MOST
    assert rates(vn.of_curves, FORTY, vn.HILL)["supported"] >= 0.5


NUMBER = 0
"""An economy in which the rule on the index as printed takes the mediator without effect for a channel."""


@cache
def settled_study(through: float, sign: int = 1) -> tuple[StudyResults, Any]:
    """One study with a mediator of this effect, and the finding on H2; ``sign`` is that of the outcome."""
    made = vn.economy(TEN, SEED, NUMBER)
    panel = made.panel.with_columns(y=sign * (pl.col("y") + vn.PARABOLA + through * pl.col("m")))
    channel = mediate(panel, vn.FORMULA, "m", cluster="region", draws=199, halves=made.halves)
    results = vn.study(made, panel, mediation=(channel,))
    rule = vn.RULES_OF_M[""]
    return results, without_noise.settled(rule, results, without_noise.corrected_results(results))


def test_one_economy_is_settled() -> None:
    """Without an effect the printed claim cannot be told; with a large one it stands."""
    results, finding = settled_study(0.0)
    assert vn.RULES_OF_M[""].judge(results).outcome == "supported"
    assert finding.outcome in ("cannot be told", "not supported")
    assert finding.parts[-1].key == "corrected"
    assert finding.parts[-1].holds is False
    assert settled_study(1.0)[1].outcome == "supported"


def test_with_the_other_sign_support_is_contradiction() -> None:
    results, finding = settled_study(0.0, -1)
    assert vn.RULES_OF_M[""].judge(results).outcome == "contradicted"
    assert finding.outcome == settled_study(0.0)[1].outcome
    assert settled_study(1.0, -1)[1].outcome == "contradicted"


def test_a_rate_is_quoted_from_designs_near_the_study_only() -> None:
    """The sentence has the rate of the file, pooled by hand; studies unlike those designs have none."""
    results, finding = settled_study(0.0)
    assert results.noise is not None
    assert results.noise.halves is not None
    net, tails = results.noise.halves.noise_share, results.noise.halves.tails or 0.0
    rows = json.loads((files("integrade.verdicts") / "noise_rates.json").read_text(encoding="utf-8"))["rows"]
    near = [
        r
        for r in rows
        if r[:2] == ["promotes", "cells"]
        and 10 / 1.5 <= r[2] <= 15
        and abs(r[3] - net) <= 0.1
        and abs(r[4] - tails) <= 0.1
    ]
    draws = sum(r[7] for r in near)
    assert draws >= 50
    printed = sum(r[5] * r[7] for r in near) / draws
    assert f"appears to be a channel in {100 * printed:.0f} of 100 samples ({draws:,} draws)" in finding.sentence
    far = replace(results, index=replace(results.index, n_goods=100))
    noisier = replace(
        results, noise=replace(results.noise, halves=replace(results.noise.halves, noise={"market": 0.99}))
    )
    for other in (far, noisier):
        assert without_noise.certified_rate("promotes", "cells", other) is None
    assert without_noise.certified_rate("acts", "cells", results) is not None
    assert without_noise.certified_rate("differs", "cells", results) is None
