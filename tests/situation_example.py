"""The chapter on the index and on quality over time, made by hand, for the report of `report_example`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl

import report_example as example
from integrade.geography import PROVINCES
from integrade.integration.influence import GoodInfluence
from integrade.integration.trust import PeriodNoise, PureRegion
from integrade.subjects.benchmark.columns import Version
from integrade.subjects.shape.effect_size import effect_sizes
from integrade.subjects.situation.break_date import MODELS, break_date
from integrade.subjects.situation.distributions import distributions
from integrade.subjects.situation.model import PurePoint, Situation
from integrade.subjects.situation.trends import extremes, group_trends
from integrade.verdicts.bundle import StudyResults

SPREADS = {"scale": 1.4, "age": 0.6, "roa": 0.17, "rdebt": 0.27, "fic": 0.16}


def situation() -> Situation:
    """Ends of the ranking, breaks and trends from the example's index and a drawn panel; noise made by hand."""
    made = example.index()
    rows = [(p.region, p.year, p.segmentation) for p in made.points]
    table = pl.DataFrame(rows, schema=["region", "year", "segmentation"], orient="row")
    nation = [p for p in made.trend if p.series == "nation"]
    years, values = [p.year for p in nation], [p.integration for p in nation]
    random = np.random.default_rng(5)
    firms = pl.DataFrame(
        [
            {
                "firm": f"f{i}",
                "year": year,
                "region": PROVINCES[i % 31].english,
                "area": PROVINCES[i % 31].group,
                "ownership": "state" if i % 9 == 0 else "non_state",
                "two_digit": str(13 + i % 7),
                "quality": 0.7 + 0.004 * (year - 2004) + random.normal(0, 0.1),
                "value": float(random.uniform(1, 9)),
            }
            for i in range(310)
            for year in example.YEARS
            if random.random() < 0.7
        ]
    )
    goods = tuple(
        GoodInfluence(name, 0.98 - 0.1 * (name == "Food"), 0.03, change, "Tibet", "2009")
        for name, change in (("Food", 0.71), ("衣着", -0.4), ("Fuel", 0.2))
    )
    spread = {y: 0.02 + 0.002 * (y - 2004) for y in example.YEARS}
    noise = tuple(PeriodNoise(str(y), 0.012, v, 0.012 / v, 31) for y, v in spread.items())
    pure = tuple(PurePoint(p.english, 4.2 + 0.01 * i, 4.3 + 0.03 * i) for i, p in enumerate(PROVINCES))
    return Situation(
        extremes(table),
        tuple(break_date(years, values, model=m, series="nation", draws=199) for m in MODELS),
        group_trends(firms, "quality", ["area", "ownership", "two_digit"]),
        goods,
        PureRegion(0.4, 0.94, 310, 1),
        pure,
        noise,
        (),
        tuple(distributions(firms, "quality", by) for by in (None, "ownership")),
    )


@cache
def study() -> StudyResults:
    """The whole example with that chapter, effect sizes and one version of each kind."""
    plain = example.study()
    columns = [
        replace(
            c, headline=replace(c.headline, deviations={"quality": 0.107, **SPREADS}, means=dict.fromkeys(SPREADS, 1.0))
        )
        for c in plain.benchmark
    ]
    test = columns[-1].u_test
    assert test is not None
    by_province = {p.english: (i % 11) / 10 for i, p in enumerate(PROVINCES) if p.english != "Tibet"}
    columns[-1] = replace(columns[-1], u_test=replace(test, share_past_by_region=by_province))
    sizes = effect_sizes(columns[-1].headline)
    kinds = (
        ("outcome", "Unit value", "method = unit_value", 0.02),
        ("index", "Adjacent pairs", "pairs = adjacent", None),
        ("sample", "To 2008", "year <= 2008", None),
    )
    versions = tuple(
        Version(k, name, change, replace(columns[-1], beside={}), sizes, p) for k, name, change, p in kinds
    )
    return replace(plain, benchmark=tuple(columns), situation=situation(), effects=sizes, versions=versions)
