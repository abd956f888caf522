"""What the page says in words: every sentence is made from the results it stands beside."""

from __future__ import annotations

import math

from integrade.judge import situation
from integrade.judge.bundle import Column, Index, StudyResults, Truth, years_of
from integrade.judge.naming import fieller_text, inference_name, label_of
from integrade.judge.verdicts import wild_p
from integrade.models.fit.results import UTest
from integrade.numerals import fixed, p_text, percent

FEW_CLUSTERS = 50


def headline(results: StudyResults) -> Column | None:
    """The column the study rests on: the last benchmark column with a U-test, else the last one."""
    tested = [c for c in results.benchmark if c.u_test]
    found = tested or list(results.benchmark)
    return found[-1] if found else None


def summary(results: StudyResults) -> list[str]:
    """What this study is, in three sentences."""
    first, last = years_of(results.index)
    index, column = results.index, headline(results)
    sentences = [
        f"This study measures how integrated the {'goods ' if index.by_prices else ''}markets of {index.n_regions} "
        f"regions were from {first} to {last}, {_source(index)}, and asks whether firms in more integrated regions "
        "export better products."
    ]
    if column is not None:
        fit = column.headline
        terms = [k.term for k in fit.coefficients]
        squared = next((f"{label_of(t, results.labels)} and its square" for t in terms if f"{t}^2" in terms), "")
        effects = " and ".join(e.name for e in fit.effects)
        sentences.append(
            f"The regression relates {label_of(fit.outcome, results.labels)} of {fit.nobs:,} observations to "
            f"{squared or label_of(terms[0], results.labels)}"
            f"{f' with {effects} fixed effects' if effects else ''}; its standard errors are {inference_name(fit)}."
        )
    sentences.append(
        "The economy is simulated, so the truth is known and stands beside each estimate."
        if results.truth
        else "Beside each number stands how far it can be trusted: sampling error of the index, inference with few "
        "clusters, rows lost on the way."
    )
    return sentences


def _source(index: Index) -> str:
    return f"from the prices of {index.n_goods} goods" if index.by_prices else f"by the measure {index.measure}"


def key_numbers(results: StudyResults) -> list[tuple[str, str]]:
    """The numbers of the headline box."""
    column = headline(results)
    if column is None:
        return []
    fit, test = column.headline, column.u_test
    numbers = [("Observations", f"{fit.nobs:,}"), ("Standard errors", inference_name(fit))]
    if fit.clusters:
        numbers.append(("Clusters", ", ".join(f"{n:,}" for n in fit.clusters.values())))
    return [*(_test_numbers(column, test) if test else []), *numbers]


def _test_numbers(column: Column, test: UTest) -> list[tuple[str, str]]:
    wild = wild_p(column.headline, f"{test.variable}^2")
    found = [
        ("Turning point", fixed(test.turning_point)),
        ("95 % Fieller interval", fieller_text(test)),
        ("U-test p", p_text(test.p_value)),
        ("Wild-bootstrap p, square", p_text(wild)),
        ("Past the turning point", percent(test.share_past)),
    ]
    return [(name, value) for name, value in found if value]


def trust(index: Index) -> list[str]:
    """How far the index can be trusted, in words."""
    if not index.by_prices:
        return [
            f"The index is {index.measure}, which is not made from prices. Its sampling error is not known here: "
            "there are no goods to leave out one at a time or to split in halves, so the figures on trust are absent. "
            "Compare it with other measures before resting an argument on the order of regions."
        ]
    said = []
    reliability = index.spearman_brown
    if reliability is not None:
        how = "mostly noise" if reliability < 0.5 else "partly noise" if reliability < 0.8 else "mostly signal"
        said.append(
            f"The differences between regions within a year are {how}: with another {index.n_goods} goods the index "
            f"would be expected to correlate with this one at {fixed(reliability, 2)}."
        )
    if index.noise_share is not None:
        said.append(
            f"By its jackknife standard errors, {percent(index.noise_share, 0)} of the variation between regions in a "
            "year is sampling error. A regression on such an index is drawn towards zero, and its standard errors do "
            "not contain that error."
        )
    said.append(
        "Each region's value averages over its pairs with all other regions, so true differences between regions "
        "appear smaller than they are. Changes over time that all regions share are measured far better than ranks."
    )
    if index.jackknife_coverage is not None:
        said.append(
            f"Intervals of the index are delete-one-good jackknife intervals; in simulations with this many goods a "
            f"95 % interval held the truth {percent(index.jackknife_coverage, 0)} of the time."
        )
    return said


def inference(results: StudyResults) -> list[str]:
    """What the standard errors rest on."""
    column = headline(results)
    if column is None:
        return []
    fit = column.headline
    said = []
    if not fit.clusters:
        said.append(
            "The headline standard errors treat rows as independent. The treatment varies by region and year, so they "
            "are too small; read the clustered ones at the foot of Table 4 instead."
        )
    few = [f"{count} clusters by {name}" for name, count in fit.clusters.items() if count < FEW_CLUSTERS]
    if few:
        said.append(
            f"Inference rests on {' and '.join(few)}, not on {fit.nobs:,} rows. With few clusters of unequal size "
            "plain clustered standard errors (CR1) reject too often, and clustering by firm does not help, because "
            "the treatment does not vary between firms of a region: both are shown beside the headline, never alone."
        )
    return said


def shape(results: StudyResults) -> list[str]:
    """The curve in words: where it turns and on which side the observations are."""
    column = headline(results)
    if column is None or column.u_test is None:
        return []
    test = column.u_test
    name, outcome = label_of(test.variable, results.labels), label_of(column.headline.outcome, results.labels)
    said = [
        f"The fitted curve is {'an' if test.shape[0] == 'i' else 'a'} {test.shape} that turns at "
        f"{name} = {fixed(test.turning_point)}. The slope is {fixed(test.slope_low, 4)} at the lowest value in the "
        f"data (t = {fixed(test.t_low, 2)}) and {fixed(test.slope_high, 4)} at the highest "
        f"(t = {fixed(test.t_high, 2)})."
    ]
    if test.share_past is not None:
        said.append(
            f"{percent(test.share_past)} of the observations lie past the turning point: for them the fit says that "
            f"more {name} goes with lower {outcome}."
        )
    middle = next(((x, slope, error) for where, x, slope, error in test.slopes if where == "p50"), None)
    if middle:
        said.append(
            f"At the median ({fixed(middle[0])}) the slope is {fixed(middle[1], 4)} (s.e. {fixed(middle[2], 4)})."
        )
    return said


def truth(results: StudyResults) -> list[str]:
    """How the estimates compare with the simulated truth, in words."""
    labels = results.labels
    judged = {t.parameter: holds_truth(t) for t in results.truth if holds_truth(t) is not None}
    missed = [label_of(name, labels) for name, held in judged.items() if not held]
    said = [f"{len(judged) - len(missed)} of {len(judged)} intervals hold the truth."] if judged else []
    if missed:
        said.append(
            f'Not held: {", ".join(missed)}. The column "on true data" tells why: where it agrees with the truth, '
            "the regression is right and the measured index or quality is what differs."
        )
    return said


def limits(results: StudyResults) -> list[str]:
    """What this study does not show."""
    said = ["The coefficients describe the regions and years in the sample."]
    if all(c.headline.iv is None for c in results.benchmark):
        tried = (
            "The benchmark uses no instrument (Table A11 has those that were tried)"
            if results.instruments
            else ("No instrument was used")
        )
        said.append(f"{tried}: the coefficients are associations within firms over time, not causal effects.")
    said.append(
        "Quality is the residual of a demand equation: it depends on the elasticities and on the standardisation "
        "named in the settings. The index and quality are estimates; the standard errors of Table 4 take them as given."
    )
    said += situation.limits(results)
    if results.index.breaks:
        said.append(f"The index has breaks: {'; '.join(results.index.breaks)}.")
    tested = {v.hypothesis.split(":")[0] for v in results.verdicts}
    if tested:
        said.append(f"Hypotheses judged by a rule: {', '.join(sorted(tested))}. No other hypothesis was tested.")
    return said


def holds_truth(t: Truth) -> bool | None:
    """Whether the interval of the estimate holds the truth; nothing where there is no interval."""
    return _within(t.conf_low, t.truth, t.conf_high)


def oracle_holds_truth(t: Truth) -> bool | None:
    """Whether the interval on true data holds the truth; nothing where there is no interval."""
    return _within(t.oracle_low, t.truth, t.oracle_high)


def _within(low: float | None, value: float, high: float | None) -> bool | None:
    return None if low is None or high is None or math.isnan(low) or math.isnan(high) else low <= value <= high
