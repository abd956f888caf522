"""Write the sentences of the report's page. Every sentence is made from the results printed next to it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from integrade.estimate.inverted_u import CurvePoint, UTest, curve
from integrade.estimate.results import FitResult
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.inference.clusters import ClusterReport, ClusterTerm
from integrade.subjects.quality_alone import verdict as quality_alone
from integrade.subjects.quality_alone.model import QualitySummary
from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established
from integrade.subjects.situation import verdict as situation
from integrade.subjects.truth.model import Truth
from integrade.verdicts import places
from integrade.verdicts.bundle import (
    Index,
    StudyResults,
    Verdict,
    of_demand,
    of_quality,
    of_the_index,
    treatment_of,
    treatment_terms,
    years_of,
)
from integrade.verdicts.bundle import headline as headline
from integrade.verdicts.clustering import FEW
from integrade.verdicts.estimates import estimates_sigma
from integrade.verdicts.naming import (
    Labels,
    clusters_by,
    dimension_word,
    errors_words,
    followed,
    label_of,
    labelled,
    number_of_table,
    one_shape,
    prose_of,
    word_of_outcome,
    word_of_treatment,
)
from integrade.verdicts.quoted import noise_between, reliability_text
from integrade.wording.numerals import coverage_text, fixed, noise_text, percent, placed
from plainwords.texts import Cell, listed, quoted, say


def curve_of(results: StudyResults, fit: FitResult, test: UTest) -> tuple[CurvePoint, ...]:
    """Return the points of the fitted curve.

    They come from the question about its shape if it was asked, else from the headline.
    """
    shape = results.shape
    return shape.curve if shape is not None and shape.curve else curve(fit, test.variable)


def summary(results: StudyResults) -> list[str]:
    """Describe the study in a few sentences."""
    first, last = years_of(results.index)
    index, column = results.index, headline(results)
    measured = {"regions": str(index.n_regions), "first": str(first), "last": str(last)}
    if column is None:
        return _of_measures(results, measured)
    sentences: list[str] = [_question(results, measured), _regression(column, results)]
    if of_the_index(results):
        sentences += _regions_left_out(column, index)
    terms = treatment_terms(column)
    if terms and terms[0] in results.labels and of_the_index(results):  # a label of the study's own says less
        sentences.append(say("headline.the-index", x=prose_of(terms[0], results.labels)))
    if of_demand(results):
        sentences.append(say("headline.the-quality", outcome=prose_of(column.headline.outcome, results.labels)))
    trusted = "headline.how-far-to-trust" if index.there else "headline.how-far-to-trust-a-panel"
    sentences.append(
        say("headline.simulated", n=len(results.truth), table=number_of_table(results, places.TRUTH))
        if results.truth
        else say(trusted)
    )
    return sentences


def _regions_left_out(column: Column, index: Index) -> list[str]:
    """Return a sentence on the regions of the index without a row in the regression; empty if there are none."""
    clusters = column.headline.clusters.get("region")
    if clusters is None or not 0 < clusters < index.n_regions:
        return []
    return [say("headline.regions-left-out", n=index.n_regions - clusters, regions=index.n_regions)]


def _of_measures(results: StudyResults, measured: Mapping[str, str]) -> list[str]:
    """Describe what a study without a regression measures: the index, the quality, or both."""
    index, quality, sentences = results.index, results.quality_alone, list[str]()
    if index.there:
        how = {"goods": str(index.n_goods)} if index.by_prices else {"measure": index.measure}
        sentences.append(
            say("headline.index-of-prices" if index.by_prices else "headline.index-by-measure", **measured, **how)
        )
        sentences.append(say("headline.how-far-to-trust-the-index"))
    if quality is not None and quality.years:
        sentences += [
            quality_alone.question(quality, results.labels),
            *([] if index.there else [say("quality_alone.how-far")]),
        ]
    return sentences


def _regression(column: Column, results: StudyResults) -> str:
    """Describe the headline regression: its variables, effects and standard errors."""
    fit, labels = column.headline, results.labels
    terms = [k.term for k in fit.coefficients]
    squared = next((t for t in terms if f"{t}^2" in terms), None)
    x = say("headline.with-square", x=prose_of(squared, labels)) if squared else prose_of(terms[0], labels)
    outcome, errors = prose_of(fit.outcome, labels), errors_words(fit)
    effects = listed([dimension_word(e.name) for e in fit.effects], "and")
    if not effects:
        return say("headline.regression", outcome=outcome, n=fit.nobs, x=x, errors=errors)
    return say("headline.regression-with-effects", outcome=outcome, n=fit.nobs, x=x, effects=effects, errors=errors)


class KeyNumber(NamedTuple):
    """A number of the headline box: a key that is the same in every language, its name, and the number as text."""

    key: str
    name: str
    value: str


def _question(results: StudyResults, measured: Mapping[str, str]) -> str:
    """Describe what the study measures and asks, whether about quality and integration or other variables."""
    index, outcome = results.index, results.benchmark[-1].headline.outcome if results.benchmark else "quality"
    usual = (treatment_of(results) or "market", outcome) == ("market", "quality")
    if not index.there:
        words = {"treatment": word_of_treatment(results), "outcome": word_of_outcome(results)}
        return say("headline.study-of-a-panel", **words)
    how = {"goods": str(index.n_goods)} if index.by_prices else {"measure": index.measure}
    if usual:
        return say("headline.study-of-prices" if index.by_prices else "headline.study-by-measure", **measured, **how)
    of_others = "headline.study-of-prices-of" if index.by_prices else "headline.study-by-measure-of"
    words = {"treatment": word_of_treatment(results), "outcome": word_of_outcome(results)}
    return say(of_others, **measured, **how, **words)


def numbers_of_measures(results: StudyResults) -> list[KeyNumber]:
    """Return the numbers of the brief of a study without a regression: those of its index and of its quality."""
    return [*_index_numbers(results.index), *_quality_numbers(results.quality_alone, results.labels)]


def _index_numbers(index: Index) -> list[KeyNumber]:
    """Return the numbers on the index for a study without a regression: its inputs and one on its reliability.

    That number is the share of measurement error or, if it is not known, the reliability.
    """
    if not index.there:
        return []
    first, last = years_of(index)
    noise = KeyNumber("noise_share", say("headline.noise-share"), noise_text(index.noise_share))
    numbers = [
        KeyNumber("years", say("headline.years"), f"{first}-{last}"),
        KeyNumber("regions", say("headline.regions"), f"{index.n_regions:,}"),
        KeyNumber("goods_per_year", say("headline.goods"), f"{index.n_goods:,}" if index.by_prices else ""),
        noise
        if noise.value
        else KeyNumber("reliability_spearman_brown", say("headline.reliability"), fixed(index.spearman_brown, 2)),
    ]
    return [number for number in numbers if number.value]


def _quality_numbers(quality: QualitySummary | None, labels: Labels) -> list[KeyNumber]:
    """Return the numbers on quality for a study without a regression."""
    if quality is None:
        return []
    numbers = [
        KeyNumber("rows", say("quality_alone.rows"), f"{quality.rows:,}"),
        KeyNumber("firms", followed(labels, heading=True), f"{quality.firms:,}" if quality.firms else ""),
        KeyNumber("products", say("quality_alone.products"), f"{quality.products:,}"),
        KeyNumber("destinations", say("quality_alone.destinations"), f"{quality.destinations:,}"),
        KeyNumber("missing_value", say("quality_tables.missing-value"), percent(quality.missing_value)),
    ]
    return [number for number in numbers if number.value]


def turns(test: UTest) -> bool:
    """Return whether the data locate the turning point, which they do if Fieller's set is an interval."""
    return test.fieller_kind == "interval"


def trust(index: Index) -> list[str]:
    """Describe how reliable the index is."""
    if not index.there:
        return []
    if not index.by_prices:
        return [say("headline.not-from-prices", measure=index.measure)]
    sentences: list[str] = []
    reliability = index.spearman_brown
    if reliability is not None:
        sentences.append(
            say(
                "headline.mostly-noise"
                # Cuts of the Spearman-Brown reliability at 0.5 and 0.8: conventions of the wording, not tests.
                if reliability < 0.5
                else "headline.partly-noise"
                if reliability < 0.8
                else "headline.mostly-signal",
                goods=str(index.n_goods),
                correlation=reliability_text(index),
            )
        )
    if index.noise_share is not None:
        sentences.append(say("headline.sampling-error", share=noise_between(index.noise_share)))
    sentences.append(say("headline.averages-over-pairs"))
    if index.jackknife_coverage is not None:
        cell = Cell(places.TRUST, "value", "coverage_of_the_95_interval")
        sentences.append(say("headline.coverage", share=quoted(coverage_text(index.jackknife_coverage), cell)))
    return sentences


def inference(results: StudyResults) -> list[str]:
    """Describe the basis of the standard errors."""
    column = headline(results)
    if column is None:
        return []
    fit = column.headline
    sentences: list[str] = []
    if not fit.clusters:
        # under a preset of the paper, other standard errors are in a second table, which the paper does not have
        beyond = places.BEYOND_THE_PAPER if results.of_the_paper else ""
        table = number_of_table(results, f"{places.BENCHMARK}{beyond}")
        sentences.append(say("headline.too-small-errors", table=table))
    few = [clusters_by(name, count) for name, count in fit.clusters.items() if count < FEW]
    if finer_clusters(results, fit):
        sentences.append(
            say("headline.finer-clusters", clusters=listed(list(map(dimension_word, fit.clusters)), "and"))
        )
    elif few:
        key = "headline.few-clusters" if of_the_index(results) else "headline.few-clusters-of-another"
        sentences.append(say(key, clusters=listed(few, "and"), n=fit.nobs))
    return sentences


def effective_clusters(results: StudyResults) -> tuple[ClusterReport, ClusterTerm] | None:
    """Return the report on clusters, and its entry for the treatment's square (without a square: the treatment)."""
    report, column = results.inference.clusters if results.inference else None, headline(results)
    terms = treatment_terms(column) if column else ()
    term = next((t for t in report.terms if terms and t.term == terms[-1]), None) if report else None
    return None if report is None or term is None else (report, term)


def assuming(term: ClusterTerm) -> str:
    """Explain what the effective number of clusters assumes, and give the number for errors equal within clusters."""
    if term.g_star_correlated is None:
        return say("clustering.assuming-independent")
    equal = Cell(places.INFERENCE, f"{term.term}_t", "effective_number_equal")
    return say("clustering.assuming-either", correlated=quoted(fixed(term.g_star_correlated, 1), equal))


FINER = {"firm", "industry", "year", "product", "destination"}
"""Columns that divide a region into several clusters.

Clustering by them ignores that the errors within one region are related.
"""


def finer_clusters(results: StudyResults, fit: FitResult) -> bool:
    """Return whether the treatment is the index and all clusters are finer than regions.

    The firms of a region share the index, so such clusters are too fine.
    """
    return of_the_index(results) and bool(fit.clusters) and all(FINER & {*name.split("^")} for name in fit.clusters)


def names_of_verdicts(verdicts: Sequence[Verdict]) -> list[str]:
    """Return the names of hypotheses. Hypotheses that share a name are named by their headings instead."""
    named = [v.hypothesis for v in verdicts]
    return [v.hypothesis if named.count(v.hypothesis) == 1 else v.heading.rstrip(".。") for v in verdicts]


def shape(results: StudyResults) -> list[str]:
    """Describe the curve: where it turns, and on which side of the turning point the observations are."""
    column = headline(results)
    if column is None or column.u_test is None:
        return []
    test = column.u_test
    name, outcome = prose_of(test.variable, results.labels), prose_of(column.headline.outcome, results.labels)
    ends = {
        "x": name,
        "point": placed(test.turning_point),
        "slope_low": fixed(test.slope_low, 4),
        "t_low": fixed(test.t_low, 2),
        "slope_high": fixed(test.slope_high, 4),
        "t_high": fixed(test.t_high, 2),
    }
    inside, established = test.low < test.turning_point < test.high, turn_established(curve_of_benchmark(results))
    sentences: list[str] = [
        say("headline.curve-turns-outside", **ends)
        if not inside
        else say("headline.curve", **ends, shape=one_shape(test.shape))
        if established
        else say("headline.curve-not-established", **ends)
    ]
    if established and test.share_past is not None and turns(test) and test.shape == "inverted U":
        sentences.append(say("headline.past-it", share=percent(test.share_past), x=name, outcome=outcome))
    middle = next(((x, slope, error) for where, x, slope, error in test.slopes if where == "p50"), None)
    if middle:
        x, slope, error = middle
        sentences.append(say("headline.at-the-median", x=placed(x), slope=fixed(slope, 4), error=fixed(error, 4)))
    return sentences


def truth(results: StudyResults) -> list[str]:
    """Compare the estimates with the simulated truth in sentences."""
    labels = results.labels
    judged = [t for t in results.truth if holds_truth(t) is not None]
    missed = [t for t in judged if not holds_truth(t)]
    covered = str(len(judged) - len(missed))
    sentences: list[str] = [say("headline.truth-held", held=covered, judged=str(len(judged)))] if judged else []
    for on_true_data, key in MISSED.items():
        names = [
            labelled(label_of(t.parameter, labels), labels) for t in missed if oracle_holds_truth(t) is on_true_data
        ]
        notes = {} if on_true_data is None else {"table": number_of_table(results, places.TRUTH)}
        sentences += [say(key, parameters=listed(names, "semicolon"), **notes)] if names else []
    return sentences


MISSED = {
    True: "headline.truth-missed-by-measurement",
    False: "headline.truth-missed-on-true-data",
    None: "headline.truth-missed",
}
"""Keys of the sentence on intervals that miss the truth, by whether the interval on true data covers it.

None: there is no interval on true data.
"""


def limits(results: StudyResults) -> list[str]:
    """List the limits of this study."""
    sentences = list[str]()
    if results.benchmark and all(c.headline.iv is None for c in results.benchmark):
        sentences.append(
            say("headline.instruments-tried", table=number_of_table(results, places.INSTRUMENTS))
            if results.instruments
            else say("headline.no-instrument", units=followed(results.labels))
        )
    if results.quality_alone is not None:
        sentences.append(say("quality_alone.limit-of-errors"))
    if results.benchmark and of_quality(results):
        if of_demand(results):
            key = "headline.limits-of-quality-estimated" if estimates_sigma(results) else "headline.limits-of-quality"
            sentences.append(say(key))
        sentences.append(say("headline.limits-of-index-and-quality"))
    elif of_the_index(results):
        sentences.append(say("headline.limits-of-the-index"))
    sentences += situation.limits(results)
    if results.index.breaks:
        sentences.append(say("headline.breaks", breaks=listed(results.index.breaks, "semicolon")))
    return sentences


def holds_truth(t: Truth) -> bool | None:
    """Return whether the interval of the estimate contains the truth; None without an interval."""
    return _within(t.conf_low, t.truth, t.conf_high)


def oracle_holds_truth(t: Truth) -> bool | None:
    """Return whether the interval on true data contains the truth; None without an interval."""
    return _within(t.oracle_low, t.truth, t.oracle_high)


def _within(low: float | None, value: float, high: float | None) -> bool | None:
    return None if low is None or high is None or math.isnan(low) or math.isnan(high) else low <= value <= high
