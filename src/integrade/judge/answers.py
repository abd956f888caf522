"""What the page says in words about lags, mediators, groups and robustness: sentences made from the results."""

from __future__ import annotations

import statistics

from integrade.judge.bundle import StudyResults, treatment_of
from integrade.judge.groups import adjusted_p, overall
from integrade.judge.naming import group_numbers, label_of, lagged_labels, mediation_numbers
from integrade.judge.verdicts import LEVEL, NOISY, differ, noise_matters
from integrade.numerals import fixed, p_equals, percent


def lags(results: StudyResults) -> list[str]:
    """What the past adds, and what the placebo says."""
    study = results.lags
    if study is None:
        return []
    x, found = label_of(study.alone.variable, results.labels), study.alone
    if found.on == "both":
        return [
            "The outcome is lagged together with the regressors, as in the published table: each column is a "
            "regression of one year on itself with fewer firms and says nothing about delay."
        ]
    names = lagged_labels(study, results.labels)
    alone = [f"{names[c.column]} {p_equals(c.p_holm)}" for c in found.columns if c.shift > 0]
    said = [
        f"{x} of earlier years is taken from the region's own series, so that no firm is lost for being new. Each lag "
        f"alone, its terms together, Holm-adjusted: {', '.join(alone)}. A lag alone also carries what this year's "
        "value does, as the series persists."
    ]
    if found.distributed and found.distributed.past:
        said.append(
            f"With this year's value beside them, all lags together have {p_equals(found.distributed.past.p_value)}."
        )
    if found.placebo and found.placebo.future:
        p = found.placebo.future.p_value
        reading = "no sign of" if p >= LEVEL else "a sign of"
        said.append(
            f"The placebo, later years beside past and present, has {p_equals(p)}: {reading} trends that come first."
        )
    return said


def mediation(results: StudyResults) -> list[str]:
    """How a mediator is judged, and what the verdict cannot say."""
    if not results.mediation:
        return []
    numbers = mediation_numbers(results)
    where = f"Table {numbers[0]}" if len(numbers) == 1 else f"Tables {', '.join(numbers[:-1])} and {numbers[-1]}"
    said = [
        f"{where}: a mediator counts when both paths are significant and the interval of the indirect effect "
        "excludes zero. A causal reading needs that nothing omitted moves both the mediator and the outcome."
    ]
    if noise_matters(results):
        said.append(
            f"The index is noisy ({percent(results.index.noise_share, 0)} of its variation between regions in a year): "
            "a mediator that is measured well and moves with the true index takes over part of the direct effect, so "
            "shares are too large."
        )
    return said


def groups(results: StudyResults) -> list[str]:
    """What the tests of difference say, split by split."""
    said = []
    for number, split in zip(group_numbers(results), results.groups, strict=True):
        permuted, adjusted = overall(split)[1], adjusted_p(split, results.group_family)
        drawn = f", by permuted labels {p_equals(permuted)}" if permuted is not None else ""
        conclusion = "the effect differs" if differ(results, split) else "no difference is established"
        title = split.title[:1].upper() + split.title[1:]
        said.append(f"{title} (Table {number}): {conclusion}; Holm-adjusted {p_equals(adjusted)}{drawn}.")
    return [*said, *([NOISY.strip()] if said and noise_matters(results) else [])]


def robustness(results: StudyResults) -> list[str]:
    """How far the turning point moves over all changes, and how often the test of the shape passes."""
    made = [v for v in results.robustness if v.turning_point is not None and v.family != "baseline"]
    if not made:
        return []
    points = [v.turning_point for v in made if v.turning_point is not None]
    passed = sum(v.u_test_p is not None and v.u_test_p < LEVEL and v.shape == "inverted U" for v in made)
    left = [v for v in results.robustness if v.b1 is None]
    said = [
        f"{len(made)} changed regressions: an inverted U at 5 % in {passed} of them; the turning point in "
        f"{label_of(treatment_of(results), results.labels)} lies between {fixed(min(points))} and "
        f"{fixed(max(points))}, median {fixed(statistics.median(points))}."
    ]
    if left:
        said.append(f"{len(left)} changes could not be made; the table says why.")
    return said
