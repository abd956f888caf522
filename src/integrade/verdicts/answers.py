"""Write the report's sentences on lags, mediators, groups and robustness."""

from __future__ import annotations

import math

from integrade.subjects.groups.records import GroupSplit
from integrade.subjects.groups.verdict import adjusted_p, adjusted_wild, cells_of_tests, differ, overall
from integrade.subjects.lags.records import larger_p
from integrade.subjects.robustness.verdict import PLACEBO, impossible, own_p, placebos, read_together
from integrade.verdicts import places
from integrade.verdicts.bundle import StudyResults, treatment_of
from integrade.verdicts.clustering import needs_wild
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import group_numbers, mediation_numbers, number_of_table, prose_of, split_opening
from integrade.verdicts.parts import LEVEL
from integrade.verdicts.quoted import noise_between
from integrade.wording.numerals import below, p_equals, placed
from plainwords.texts import Cell, listed, quoted, say


def lags(results: StudyResults) -> list[str]:
    """Describe the effect of past years, and all placebos of the study together."""
    study = results.lags
    if study is None:
        return []
    x, result = prose_of(study.alone.variable, results.labels), study.alone
    if result.on == "both":
        return []  # the note of the table says that outcome and treatment are of the same year
    alone = [
        say(
            "answers.lag-alone",
            lag=_lagged(x, c.shift),
            p=quoted(p_equals(c.p_holm), Cell(places.LAGS, i, "past.holm")),
        )
        for i, c in enumerate((c for c in result.columns if c.shift > 0), start=1)
    ]
    sentences: list[str] = [say("answers.lags-alone", x=x, lags=listed(alone, "clauses"))]
    if result.distributed and result.distributed.past:
        sentences.append(_past(larger_p(result.distributed.fit, result.distributed.past), results))
    return [*sentences, *([read_together(results)] if result.placebo and result.placebo.future else [])]


def _lagged(x: str, years: int) -> str:
    return say("naming.shifted", x=x, shift=f"{-years:+d}")


def _past(p: float, results: StudyResults) -> str:
    """Return a sentence on whether the lags are jointly significant.

    If the index is noisy, the sentence adds its share of noise, because noise alone can make lags significant.
    """
    if not below(p, LEVEL):
        return say("answers.lags-add-nothing", p=p_equals(p))
    if noise_matters(results):
        share = noise_between(results.index.noise_share)
        return say("answers.lags-together-with-noise", p=p_equals(p), share=share)
    return say("answers.lags-together", p=p_equals(p))


def mediation(results: StudyResults) -> list[str]:
    """Name the tables of mediators, and say how noise of the index affects them if the noise matters."""
    if not results.mediation:
        return []
    first, *others = (number_of_table(results, _tested(place, results)) for place in mediation_numbers(results))
    if others:
        # a language may put its word for a table before each number
        tables = listed([say("answers.table-number", number=n) for n in (first, *others)], "and")
        sentences: list[str] = [say("answers.mediators", tables=tables)]
    else:
        sentences = [say("answers.mediator", table=first)]
    if noise_matters(results):
        sentences.append(say("answers.mediator-and-noise", share=noise_between(results.index.noise_share)))
    return sentences


def _tested(place: str, results: StudyResults) -> str:
    """Return the place of a mediator's tests: under a preset of the paper, the table behind the paper's table."""
    return f"{place}{places.BEYOND_THE_PAPER}" if results.of_the_paper and place in places.MEDIATORS else place


def groups(results: StudyResults) -> list[str]:
    """Describe, split by split, whether every required test rejects that groups have equal effects."""
    sentences = [
        _of_split(split, place, results) for place, split in zip(group_numbers(results), results.groups, strict=True)
    ]
    if not sentences or not noise_matters(results):
        return sentences
    corrected = any(split.comparison.corrected is not None for split in results.groups)
    return [*sentences, say("verdicts.noise-flattens"), *([say("answers.groups-uncorrected")] if corrected else [])]


def _of_split(split: GroupSplit, place: str, results: StudyResults) -> str:
    """Describe the tests of one split by the p-value that decides, as `integrade.verdicts.brief.deciding` does.

    It is the largest if all tests reject, otherwise the largest of the tests that do not reject.
    """
    wild, permuted = adjusted_wild(split, results.groups), overall(split).permuted
    values = {"split": split_opening(split.how, split.title), "table": number_of_table(results, place)}
    if wild is None and needs_wild(split.comparison.stacked):
        return say("answers.groups-untested", **values)
    tests = [(adjusted_p(split, results.group_family), "adjusted")]
    if wild is not None:
        tests.append((wild, "adjusted_wild"))
    if permuted is not None and split.comparison.permuted is not None:
        tests.append((permuted, "permuted"))
    apart = differ(results, split)
    p, cell = max(tests if apart else (test for test in tests if not below(test[0], LEVEL)))
    text = quoted(p_equals(p), cells_of_tests(results, split)[cell])
    adjusted = cell != "permuted" and len(results.group_family) > 1
    key = "groups-do-not-differ" if not apart else "groups-differ" if len(tests) > 1 else "groups-differ-by-one-test"
    return say(
        f"answers.{key}",
        **values,
        tests=listed([say(f"answers.test-{name.replace('_', '-')}") for _, name in tests], "and"),
        test=say(f"answers.test-{cell.replace('_', '-')}"),
        p=say("answers.holm", p=text) if adjusted else text,
    )


def robustness(results: StudyResults) -> list[str]:
    """Describe how far the turning point moves over all changes, and how often the test of the shape passes.

    Placebos are reported separately. Here a variant counts as an inverted U by the U-test only: p is below 5% on the
    variant's own rows, and the square has a negative coefficient.
    """
    changes = [v for v in results.robustness if v.family not in ("baseline", PLACEBO)]
    variants = [v for v in changes if v.turning_point is not None]
    if not variants:
        return _placebo(results)
    points = [v.turning_point for v in variants if v.turning_point is not None]
    left_out = [at for v in variants for r in v.ranges if r.quantity == "turning point" for at in (r.low, r.high)]
    varied = [v for v in variants if not v.ranges] or variants  # a row of leave-one-out covers many regressions
    passed = sum(v.u_test_p is not None and below(v.u_test_p, LEVEL) and v.shape == "inverted U" for v in varied)
    left = [v for v in changes if v.b1 is None]
    sentences: list[str] = [
        say(
            "answers.changed-and-left-out" if left_out else "answers.changed-regressions",
            table=number_of_table(results, places.ROBUSTNESS),
            changed=str(len(varied)),
            passed=str(passed),
            test=say("answers.u-test-uncorrected" if noise_matters(results) else "answers.u-test"),
            x=prose_of(treatment_of(results), results.labels),
            low=placed(min(*points, *left_out, math.inf)),
            high=placed(max(*points, *left_out, -math.inf)),
        )
    ]
    if left:
        sentences.append(say("answers.changes-not-made", changes=len(left)))
    return [*sentences, *_placebo(results)]


def _placebo(results: StudyResults) -> list[str]:
    """Describe the placebo of the robustness table, which does not count as a change, and placebos without a test.

    If the section on lags did not describe all placebos together, this is done here.
    """
    sentences: list[str] = [say("placebo.not-made", why=v.note) for v in impossible(results)]
    tests = [p for p in placebos(results) if p.table == places.ROBUSTNESS]
    if not tests:
        return sentences
    if results.lags is None or all(p.table != places.LAGS for p in placebos(results)):
        return [*sentences, read_together(results)]
    key = "placebo.not-counted-and-rejects" if tests[0].rejects else "placebo.not-counted"
    return [*sentences, say(key, joint=listed(own_p(tests[0]), "clauses"))]
