"""What the page says in words about lags, mediators, groups and robustness: sentences made from the results."""

from __future__ import annotations

import statistics

from integrade.judge.bundle import StudyResults, treatment_of
from integrade.judge.groups import adjusted_p, overall
from integrade.judge.named_rules import differ, noise_flattens, noise_matters
from integrade.judge.naming import group_numbers, label_of, lagged_labels, mediation_numbers, split_opening
from integrade.judge.parts import LEVEL
from integrade.numerals import fixed, p_equals, percent
from integrade.texts import listed, say


def lags(results: StudyResults) -> list[str]:
    """What the past adds, and what the placebo says."""
    study = results.lags
    if study is None:
        return []
    x, found = label_of(study.alone.variable, results.labels), study.alone
    if found.on == "both":
        return [say("answers.outcome-lagged-too")]
    names = lagged_labels(study, results.labels)
    alone = [say("answers.lag-alone", lag=names[c.column], p=p_equals(c.p_holm)) for c in found.columns if c.shift > 0]
    said: list[str] = [say("answers.lags-alone", x=x, lags=listed(alone, "clauses"))]
    if found.distributed and found.distributed.past:
        said.append(say("answers.lags-together", p=p_equals(found.distributed.past.p_value)))
    if found.placebo and found.placebo.future:
        p = found.placebo.future.p_value
        said.append(say("answers.placebo-passes" if p >= LEVEL else "answers.placebo-fails", p=p_equals(p)))
    return said


def mediation(results: StudyResults) -> list[str]:
    """How a mediator is judged, and what the verdict cannot say."""
    if not results.mediation:
        return []
    first, *others = mediation_numbers(results)
    if others:
        said: list[str] = [say("answers.mediators", tables=_tables([first, *others]))]
    else:
        said = [say("answers.mediator", table=first)]
    if noise_matters(results):
        said.append(say("answers.mediator-and-noise", share=percent(results.index.noise_share, 0)))
    return said


def _tables(numbers: list[str]) -> str:
    """``4, 5 and 6``; a language may put its word for a table before each."""
    return listed([say("answers.table-number", number=n) for n in numbers], "and")


def groups(results: StudyResults) -> list[str]:
    """What the tests of difference say, split by split."""
    said: list[str] = []
    for number, split in zip(group_numbers(results), results.groups, strict=True):
        permuted, adjusted = overall(split)[1], adjusted_p(split, results.group_family)
        tests = [say("answers.holm", p=p_equals(adjusted)) if len(results.group_family) > 1 else p_equals(adjusted)]
        if permuted is not None:
            tests.append(say("verdicts.permuted", p=p_equals(permuted)))
        said.append(
            say(
                "answers.groups-differ" if differ(results, split) else "answers.groups-do-not-differ",
                split=split_opening(split.how, split.title),
                table=number,
                tests=listed(tests, "clauses"),
            )
        )
    return [*said, *([noise_flattens()] if said and noise_matters(results) else [])]


def robustness(results: StudyResults) -> list[str]:
    """How far the turning point moves over all changes, and how often the test of the shape passes."""
    made = [v for v in results.robustness if v.turning_point is not None and v.family != "baseline"]
    if not made:
        return []
    points = [v.turning_point for v in made if v.turning_point is not None]
    passed = sum(v.u_test_p is not None and v.u_test_p < LEVEL and v.shape == "inverted U" for v in made)
    left = [v for v in results.robustness if v.b1 is None]
    said: list[str] = [
        say(
            "answers.changed-regressions",
            changed=str(len(made)),
            passed=str(passed),
            x=label_of(treatment_of(results), results.labels),
            low=fixed(min(points)),
            high=fixed(max(points)),
            median=fixed(statistics.median(points)),
        )
    ]
    if left:
        said.append(say("answers.changes-not-made", changes=len(left)))
    return said
