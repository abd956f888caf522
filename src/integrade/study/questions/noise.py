"""The noise of the index in the benchmark: ORIV, SIMEX, the pipeline bootstrap, and what to expect of so many goods."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from integrade.errors import NotIdentified
from integrade.frames import Table
from integrade.models.fit.fit import Fit, fit
from integrade.models.instruments.builders import join_instrument, split_goods
from integrade.models.measurement_error.attenuation import (
    Attenuation,
    PipelineOptions,
    SimexOptions,
    expected_attenuation,
    pipeline_bootstrap,
    simex,
)
from integrade.models.measurement_error.oriv import Oriv, OrivResult, oriv
from integrade.models.measurement_error.study import NoiseStudy
from integrade.models.shape.inverted_u import u_test
from integrade.study.questions.asked import Answer, Asked, one
from integrade.study.sections import Noise

PLACES = ("p10", "p50", "p90")


def answer(asked: Asked) -> Answer:
    """The record, or why there is none."""
    section = asked.study.noise or Noise()
    return one(lambda: _noise(asked, section), "The corrections for the noise of the index are")


def _noise(asked: Asked, section: Noise) -> NoiseStudy:
    """Everything the section asks for. Raises `NotIdentified` where the treatment is not an index made from prices."""
    prices, x = asked.needed_prices(), asked.treatment
    how = replace(asked.fit, wild=0, wild_ci=False)
    if not how.cluster or "+" in how.cluster:
        how = replace(how, cluster="region", vcov="CR3")
    corrected = simex(prices, asked.sample, asked.formula, _simex(asked, section, how)) if section.simex else None
    drawn = None
    if section.pipeline:
        drawn = pipeline_bootstrap(prices, asked.sample, asked.formula, _pipeline(asked, section, how))
    naive = fit(asked.sample, asked.formula, how)
    squared = {x, f"{x}^2"} <= {c.term for c in naive.coefficients}
    slopes = u_test(naive, x).slopes if squared else ()
    return NoiseStudy(
        x,
        naive,
        tuple((where, value) for where, value, _, _ in slopes if where in PLACES),
        _oriv(asked, section, how) if section.oriv else None,
        corrected,
        drawn,
        _expected(asked, section, prices),
    )


def _simex(asked: Asked, section: Noise, how: Fit) -> SimexOptions:
    return SimexOptions(
        treatment=asked.treatment,
        draws=section.simex,
        extrapolant=section.extrapolant,
        seed=section.seed,
        index=asked.index_options,
        fit=how,
    )


def _pipeline(asked: Asked, section: Noise, how: Fit) -> PipelineOptions:
    return PipelineOptions(
        treatment=asked.treatment,
        resample=section.resample,
        draws=section.pipeline,
        seed=section.seed,
        index=asked.index_options,
        fit=how,
    )


def _oriv(asked: Asked, section: Noise, how: Fit) -> OrivResult:
    halves = split_goods(asked.needed_prices(), section.seed, asked.index_options)
    rows = join_instrument(Table("panel", asked.sample), halves)
    found = oriv(rows, asked.formula, Oriv(variable=asked.treatment, seed=section.seed, fit=how))
    return replace(found, notes=tuple(n for n in found.notes if not n.startswith("no simulated bias")))


def _expected(asked: Asked, section: Noise, prices: Table) -> tuple[Attenuation, ...]:
    """For an index of so many goods of the regions and years of the sample."""
    if not section.samples:
        return ()
    if section.samples < 2:
        raise NotIdentified("the expected attenuation needs two samples or more")
    goods = prices.polars().group_by("year").agg(pl.col("commodity").n_unique()).get_column("commodity")
    regions, years = (asked.sample[c].n_unique() for c in ("region", "year"))
    return tuple(
        expected_attenuation(
            regions, round(float(str(goods.median()))), years, spread, section.seed, draws=section.samples
        )
        for spread in section.spreads
    )
