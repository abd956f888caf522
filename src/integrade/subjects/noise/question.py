"""Examine the noise of the index in the benchmark: halves of goods, SIMEX, a bootstrap, and expected attenuation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import polars as pl
from pydantic import Field

from integrade.engine.frames import Table
from integrade.errors import DataError, NotIdentified
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.estimate.ready import ready
from integrade.records.needs import DRAWS
from integrade.records.question import Flags, question
from integrade.study.asked import Answer, Asked, OfFit, Told, tried, without_spreads
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import Draws, Seed, Strict
from integrade.subjects.noise.attenuation import (
    Attenuation,
    PipelineOptions,
    SimexOptions,
    expected_attenuation,
    pipeline_bootstrap,
    simex,
)
from integrade.subjects.noise.corrected import CorrectedOptions, correct, corrected
from integrade.subjects.noise.halves import halves_of
from integrade.subjects.noise.oriv import Oriv
from integrade.subjects.noise.pipeline import FOR_STUDIES as PIPELINE_FOR_STUDIES
from integrade.subjects.noise.records import NoiseStudy
from integrade.subjects.noise.simex import FOR_STUDIES as SIMEX_FOR_STUDIES
from integrade.verdicts import places
from plainwords.texts import say

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[noise]                        # the index of few goods is noisy; what that does, and what can be done
simex = 100                    # draws of simulation-extrapolation; 0 for none. extrapolant = "linear" for another one
pipeline = 199                 # draws of goods and regions through index and regression; 0 for none
# families = { food = ["pork", "rice"] }   # goods that share shocks stay in one half
# simex_errors = "goods"       # what SIMEX draws: goods, whose errors regions share, or independent
# resample = "both"            # what the pipeline draws: both, goods, clusters
# halves = 20                  # splits of the goods in half; one half instruments the other in every question. 0: none
# spreads = [0.2, 0.4]         # true s.d. of log dispersion between regions for which attenuation is simulated,
# samples = 40                 # with so many samples each; 0 for none
# seed = 20240101
"""


@with_keys_of(CorrectedOptions, halves="splits")
@with_keys_of(Oriv, "spreads", "samples")
@with_keys_of(PipelineOptions, "resample", "seed", pipeline="draws", defaults=PIPELINE_FOR_STUDIES)
@with_keys_of(SimexOptions, "extrapolant", "seed", simex="draws", simex_errors="errors", defaults=SIMEX_FOR_STUDIES)
class Noise(Strict):
    """The effect of the index's sampling error on the slope, and corrections for it."""

    run: bool = True
    halves: Draws = Field(description="splits of the goods into halves that correct every question; 0 for none")
    families: dict[str, list[str]] = Field(
        default_factory=dict, description="families of goods that share shocks; each family stays in one half"
    )
    simex: Draws = Field(description="draws of simulation-extrapolation; 0 for none")
    extrapolant: Any
    simex_errors: Literal["goods", "independent"] = Field(
        description="how errors are drawn: by good (correlated between regions) or independently by region and year"
    )
    pipeline: Draws = Field(description="bootstrap of goods and regions through index and regression; 0 for none")
    resample: Any
    spreads: tuple[Annotated[float, Field(gt=0)], ...]
    samples: Draws = Field(description="simulated samples per spread; 0 for no expected attenuation")
    seed: Seed = Field(description="seed of all draws")


@dataclass(frozen=True)
class NoiseFlags:
    """Sampling error of the index; each option needs the prices that it was made from.

    Parameters
    ----------
    halves
        Splits of the goods in half, 0 for none: the index of one half instruments that of the other.
    simex
        Draws of simulation-extrapolation to an index without error, 0 for none.
    pipeline
        Draws of the bootstrap of goods and clusters through index and regression, 0 for none.
    """

    halves: Annotated[int, DRAWS] = 0
    simex: Annotated[int, DRAWS] = 0
    pipeline: Annotated[int, DRAWS] = 0


def _expected(asked: Asked, section: Noise, prices: Table) -> tuple[Attenuation, ...]:
    """Return the attenuation expected for an index with the study's numbers of goods, regions and years."""
    if not section.samples:
        return ()
    if section.samples < 2:
        raise NotIdentified(say("left_out.two-samples"))
    goods = prices.polars().group_by("year").agg(pl.col("commodity").n_unique()).get_column("commodity")
    regions, years = (asked.sample[c].n_unique() for c in ("region", "year"))
    return tuple(
        expected_attenuation(
            regions, round(float(str(goods.median()))), years, spread, section.seed, draws=section.samples
        )
        for spread in section.spreads
    )


def told(asked: OfFit, flags: NoiseFlags) -> Iterator[Told]:
    """Yield the regression corrected by halves of the goods, by SIMEX, and the bootstrap of the whole pipeline."""
    if flags.halves:
        how = CorrectedOptions(asked.treatment, flags.halves, fit=asked.clustered())
        halves = corrected(asked.prices(), asked.table, asked.formula, how)
        yield Told("corrected", halves, halves.sheet().text())
    if flags.simex:
        options = SimexOptions(treatment=asked.treatment, draws=flags.simex, fit=asked.clustered())
        extrapolated = simex(asked.prices(), asked.table, asked.formula, options)
        yield Told("simex", extrapolated, extrapolated.sheet().text())
    if flags.pipeline:
        drawn = PipelineOptions(treatment=asked.treatment, draws=flags.pipeline, fit=asked.clustered())
        whole = pipeline_bootstrap(asked.prices(), asked.table, asked.formula, drawn)
        yield Told("pipeline", whole, whole.sheet().text())


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return tables A4 and A4b."""
    from integrade.subjects.noise.tables import attenuation_table, noise_table
    from integrade.subjects.noise.verdict import interval_with_noise
    from integrade.verdicts.headline import headline

    result = results.noise
    if not result:
        return []
    column = headline(results)
    fit_of_headline = None if column is None else column.headline
    return [
        noise_table(result, results.labels, fit_of_headline, interval_with_noise(results)),
        *([attenuation_table(result)] if result.expected else []),
    ]


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.verdicts import doubts

    return [*doubts.noise(results), *made.table(places.NOISE, places.ATTENUATION)]


def usual(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the options of a study without the section: the correction that verdicts need, and nothing else.

    Returns None for a study without regressions, or whose treatment is no index made from its own prices.
    """
    regression, integration = raw.get("regression", {}), raw.get("integration", {})
    winsor = raw.get("winsor", {})
    sections = all(isinstance(section, Mapping) for section in (regression, integration, winsor))
    if not {"prices", "firms"} <= raw.keys() or "panel" in raw or not sections:
        return None
    by_prices = integration.get("method", "relative_price") == "relative_price"
    of_a_year = integration.get("dispersion") != "over_time" and "market" not in winsor.get("columns", ())
    of_index = regression.get("treatment", "market") == "market" and "formula" not in regression
    return {"simex": 0, "pipeline": 0, "samples": 0} if by_prices and of_a_year and of_index else None


@question(
    "noise",
    place=70,
    options=Noise,
    result=NoiseStudy | None,
    left_out="left_out.noise",
    steps=("prices", "integration"),
    published={"simex": 0, "pipeline": 0, "samples": 0},
    usual=usual,
    part="doubts",
    section=20,
    tables=tables,
    places=(places.NOISE, places.ATTENUATION),
    printed=printed,
    flags=Flags(NoiseFlags, "Noise in the index", told),
    functions=("corrected", "halves_of", "oriv", "simex", "pipeline_bootstrap", "expected_attenuation"),
    example=EXAMPLE,
    seconds=3.0,
)
def noise(asked: Asked, section: Noise) -> Answer:
    """What does the sampling error of the index do to the slope?

    Computes everything the section asks for. If one correction cannot be made, the others are kept, and a sentence says
    why. Raises `NotIdentified` if the treatment is not an index made from prices.
    """
    prices, x, rows = asked.needed_prices(), asked.treatment, ready(asked.sample)
    how = replace(asked.fit, wild=0, wild_ci=False)
    if not how.cluster or "+" in how.cluster:
        how = replace(how, cluster="region", vcov="CR3")
    extrapolated, drawn, by_halves, why, sentences = None, None, None, "", list[str]()
    given, not_made = (prices, rows, asked.formula), "left_out.noise"
    if section.simex:
        simex_options = record_of(section, SimexOptions, treatment=x, index=asked.index_options, fit=how)
        extrapolated = tried(sentences, not_made, lambda: simex(*given, simex_options))
    if section.pipeline:
        pipeline_options = record_of(section, PipelineOptions, treatment=x, index=asked.index_options, fit=how)
        drawn = tried(sentences, not_made, lambda: pipeline_bootstrap(*given, pipeline_options))
    naive = fit(rows, asked.formula, how)
    squared = {x, f"{x}^2"} <= {c.term for c in naive.coefficients}
    slopes = u_test(naive, x).slopes if squared else ()
    at_percentiles = tuple((where, value) for where, value, _, _ in slopes if where in ("p10", "p50", "p90"))
    if section.halves:
        drawing = replace(how, wild=asked.wild)  # a rule that needs the wild bootstrap needs it without noise too
        of_halves = CorrectedOptions(x, section.halves, section.seed, asked.index_options, drawing)
        try:
            halves = halves_of(prices, asked.index_options, section.halves, section.seed, families=section.families)
            by_halves = correct(halves, rows, asked.formula, of_halves)
        except DataError as problem:
            why = problem.what
    expected = _expected(asked, section, prices)
    found = NoiseStudy(x, naive, at_percentiles, by_halves, extrapolated, drawn, expected, uncorrected=why)
    return Answer(without_spreads(found), tuple(sentences))
