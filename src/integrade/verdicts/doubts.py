"""Write the report's sentences on shape, inference, noise, omitted variables, instruments, rows and neighbours."""

from __future__ import annotations

import math
from collections.abc import Mapping

from integrade.estimate.contrasts import combination
from integrade.estimate.results import Coefficient, FitResult, by_term
from integrade.subjects.instruments.verdict import rejected, set_words, sets_of, strength_of, test_p
from integrade.subjects.instruments.weak_iv import Instrumented
from integrade.subjects.noise.records import NoiseStudy
from integrade.subjects.noise.verdict import (
    WAYS,
    cell_of_way,
    cell_under,
    interval_with_noise,
    others_covered,
    shares_of_truth,
    turning,
    ways,
)
from integrade.subjects.row_level.verdict import size_of_rows
from integrade.subjects.sensitivity.model import Confounder
from integrade.subjects.sensitivity.verdict import size_of_slopes
from integrade.subjects.shape.two_lines import CubicTest, ShapeStudy
from integrade.subjects.shape.verdict import curve_of_benchmark, size_of_shape, turn_established
from integrade.verdicts import cells, places
from integrade.verdicts.bundle import Column, StudyResults, of_the_index, treatment_terms
from integrade.verdicts.headline import assuming, effective_clusters, headline
from integrade.verdicts.naming import (
    dimension_word,
    errors_words,
    instrument_opening,
    names_of,
    number_of_table,
    one_shape,
    part_word,
    place_word,
    prose_of,
    target_name,
)
from integrade.verdicts.parts import LEVEL
from integrade.verdicts.quoted import effective, largest_share
from integrade.wording.numerals import Printing, below, by_interval, fixed, p_equals, percent, placed, shared
from plainwords.texts import Cell, listed, quoted, say


def left_out(results: StudyResults, section: str) -> list[str]:
    """Return sentences on why a section of the study has no result."""
    return list(results.left_out.get(section, ()))


def shape(results: StudyResults) -> list[str]:
    """Describe the U-test on the second range, other functional forms, and the shares past the turning point."""
    result = results.shape
    if result is None:
        return left_out(results, "shape")
    low, high = result.ends
    whole, inner = (
        quoted(p_equals(test.p_value), Cell(places.SHAPE, column, "u_test"))
        for column, test in enumerate((result.whole, result.inner), start=1)
    )
    sentences: list[str] = [say("doubts.u-test-by-range", low=low, high=high, inner=inner, whole=whole)]
    if result.two_lines is not None:
        t, slope = result.two_lines, size_of_shape(result)
        sentences.append(
            say(
                "doubts.two-lines",
                shape=one_shape(t.verdict),
                first=quoted(slope(t.first.slope), Cell(places.SHAPE, 1, "two_lines.below")),
                second=quoted(slope(t.second.slope), Cell(places.SHAPE, 1, "two_lines.above")),
                at=quoted(placed(t.break_at), Cell(places.SHAPE, 1, "two_lines.break")),
            )
        )
    if result.cubic is not None:
        sentences.append(_cube(result.cubic))
    if result.past and turn_established(curve_of_benchmark(results)):
        sentences.append(_past(result))
    return [*sentences, *left_out(results, "shape")]


def _cube(cubic: CubicTest) -> str:
    """Return a sentence on whether a cube is needed.

    If the t test and the wild bootstrap disagree, the sentence gives both p-values.
    """
    p, wild, cube = cubic.p_value, cubic.p_wild, Cell(places.SHAPE, 2, "cube")
    if wild is not None and below(p, LEVEL) != below(wild, LEVEL):
        tests = {"p": quoted(p_equals(p), cube), "wild": quoted(p_equals(wild), cube)}
        return say("doubts.cube-open", **tests, level=percent(LEVEL, 0))
    return say("doubts.cube" if below(p, LEVEL) else "doubts.no-cube", p=quoted(p_equals(p), cube))


def _past(study: ShapeStudy) -> str:
    """Return a sentence on the share of regions past the turning point in the first and in the last year."""
    first, last = study.past[1], study.past[-1]
    return say(
        "doubts.past",
        first=str(first.year),
        last=str(last.year),
        regions_first=quoted(percent(first.share_regions), Cell(places.PAST, 6, first.year)),
        regions_last=quoted(percent(last.share_regions), Cell(places.PAST, 6, last.year)),
    )


def inference(results: StudyResults) -> list[str]:
    """Describe the permutation of regions' paths, and the effective number of clusters."""
    result, sentences = results.inference, list[str]()
    if result is None:
        return left_out(results, "inference")
    if result.randomisation is not None:
        r = result.randomisation
        sentences.append(
            say(
                "doubts.permuted-paths",
                regions=str(r.exchanged),
                times=r.permutations,
                joint=quoted(p_equals(r.p_joint), Cell(places.INFERENCE, 2, "randomisation.both")),
            )
        )
    c, term = effective_clusters(results) or (None, None)
    if c is not None and term is not None:
        sentences.append(
            say(
                "doubts.effective-clusters",
                clusters=str(c.g),
                term=prose_of(term.term, results.labels),
                effective=effective(term),
                assuming=assuming(term),
                heaviest=place_word(term.heaviest),
                share=largest_share(term),
                without=place_word(term.most_moving),
                estimate=quoted(fixed(term.estimate, 4), cells.of_headline(results, term.term)),
                becomes=quoted(fixed(term.without, 4), Cell(places.INFERENCE, f"{term.term}_t", "estimate_without_it")),
            )
        )
    return [*sentences, *left_out(results, "inference")]


def noise(results: StudyResults) -> list[str]:
    """Describe the attenuation expected from simulation, the result of each correction, and an interval with noise."""
    result = results.noise
    if result is None:
        return left_out(results, "noise")
    sentences = list[str]()
    if result.expected:
        low, high = result.expected[0], result.expected[-1]
        sentences.append(
            say(
                "doubts.expected-of-noise",
                goods=str(low.n_goods),
                slopes=_span(percent(low.slope, 0), percent(high.slope, 0)),
                squares=_span(percent(low.square, 0), percent(high.square, 0)),
            )
        )
    if result.on_true_index is None:
        sentences += _corrections(result, results)
    else:
        sentences += _compared_with_truth(result, results)
    interval = interval_with_noise(results)
    if interval is not None and not of_the_index(results):  # the section on the size of the effect says it otherwise
        size = by_interval(interval.low, interval.high)
        move = {
            "x": prose_of(result.variable, results.labels),
            "start": quoted(placed(interval.move.start), cells.of_size(results, "from")),
            "end": quoted(placed(interval.move.end), cells.of_size(results, "to")),
            "change": quoted(size(interval.move.estimate), cell_of_way(results, interval.way, "move")),
        }
        what = (
            say("doubts.of-the-move", **move)
            if interval.way == "none"
            else say("doubts.of-the-move-corrected", **move, way=say(WAYS[interval.way]))
        )
        # the interval follows its estimate in the same paragraph
        sentences.append(listed([what, interval.sentence], "sentences"))
    if interval is not None and (others := others_covered(interval, results)):
        sentences.append(others)
    return [*sentences, *left_out(results, "noise")]


def _span(low: str, high: str) -> str:
    return low if low == high else say("doubts.span", low=low, high=high)


def _corrections(study: NoiseStudy, results: StudyResults) -> list[str]:
    """Describe how far the corrections move the curvature, for a study without a known truth."""
    term = f"{study.variable}^2" if f"{study.variable}^2" in by_term(study.naive) else study.variable
    moved: list[str] = []

    size = _size_of(study, term)

    def estimate(fit: FitResult, way: str) -> str:
        return quoted(size(by_term(fit)[term].estimate), cell_under(study, say(way), term))

    if study.halves and study.halves.identified:
        moved.append(say("doubts.halves-give", estimate=estimate(study.halves.fit, "ways.halves")))
    if study.simex:
        moved.append(say("doubts.simex-gives", estimate=estimate(study.simex.corrected, "ways.simex")))
    if not moved:
        return []
    name, base = prose_of(term, results.labels), estimate(study.naive, "ways.as-measured")
    return [say("doubts.corrections", term=name, estimate=base, corrected=listed(moved, "clauses"))]


def _size_of(study: NoiseStudy, term: str) -> Printing:
    """Return the function that prints a coefficient in every way, as the table of corrections does."""
    estimated = [k for way in ways(study) if (k := by_term(way.fit).get(term)) is not None]
    return shared([k.estimate for k in estimated], [k.std_error for k in estimated], 4)


def _compared_with_truth(study: NoiseStudy, results: StudyResults) -> list[str]:
    """Compare the coefficients of the corrections with the coefficient on the true index.

    The remaining difference is described.
    """
    assert study.on_true_index is not None
    term = f"{study.variable}^2" if f"{study.variable}^2" in by_term(study.on_true_index) else study.variable
    shares, name = shares_of_truth(study, term), prose_of(term, results.labels)
    truth = by_term(study.on_true_index)[term]
    each = [
        say(
            "doubts.share-found",
            way=way,
            share=quoted(percent(share, 0), cell_under(study, way, f"{term}.share_of_truth")),
        )
        for way, share in shares.items()
    ]
    on_truth = say("ways.true-index")
    estimate = quoted(_size_of(study, term)(truth.estimate), cell_under(study, on_truth, term))
    sentences: list[str] = [say("doubts.on-true-index", term=name, estimate=estimate, shares=listed(each, "clauses"))]
    corrected = {
        w.heading: by_term(w.fit)[term] for w in ways(study) if w.heading in shares and w.fit is not study.naive
    }
    if corrected:
        sentences.append(_remains(corrected, truth, results))
    true, measured = turning(study, study.on_true_index), turning(study, study.naive)
    if true is not None and measured is not None:
        points = {
            "true": quoted(placed(true.turning_point), cell_under(study, on_truth, "turning_point")),
            "measured": quoted(placed(measured.turning_point), cell_of_way(results, "none", "turning_point")),
        }
        sentences.append(say("doubts.two-turning-points", **points))
    return sentences


def _remains(corrected: Mapping[str, Coefficient], truth: Coefficient, results: StudyResults) -> str:
    """Describe the precision that is lost to noise, with the most precise correction."""
    precise = min(corrected, key=lambda k: corrected[k].std_error)
    wider = fixed(corrected[precise].std_error / truth.std_error, 1)
    return say("doubts.remains", term=prose_of(truth.term, results.labels), way=precise, wider=wider)


def sensitivity(results: StudyResults) -> list[str]:
    """Describe how strong an omitted variable would have to be, at the treatment's value with the clearest slope.

    Oster's bound is described at the same value. Without Cinelli and Hazlett's values, it is described where the slope
    is largest.
    """
    result = results.sensitivity
    if result is None:
        return left_out(results, "sensitivity")
    clearest = result.clearest
    sentences = [] if clearest is None else [_confounder(clearest, results)]
    bounds = [o for o in result.oster if clearest is None or o.at == clearest.at]
    steepest = max(bounds, key=lambda one: abs(one.full), default=None)
    if steepest is not None:
        at, slope = next(i for i, o in enumerate(result.oster, start=1) if o is steepest), size_of_slopes(result)
        values = {
            "delta": f"{steepest.delta:g}",
            "bound": quoted(slope(steepest.bound), Cell(places.SENSITIVITY, at, "oster")),
            "full": quoted(slope(steepest.full), Cell(places.SENSITIVITY, at, "full")),
            "zero": quoted(fixed(steepest.delta_zero, 2), Cell(places.SENSITIVITY, at, "delta_zero")),
        }
        if clearest is not None:  # the previous sentence names the value of the treatment for this bound
            sentences.append(say("doubts.oster", **values))
        else:
            sentences.append(say("doubts.oster-alone", **values, place=_place(steepest.at)))
    return [*sentences, *left_out(results, "sensitivity")]


def _confounder(c: Confounder, results: StudyResults) -> str:
    """Describe the omitted variable that would remove the estimate, and the one that would make it insignificant."""
    value, alpha = (cells.of_confounder(results, row) for row in ("robustness_value", "robustness_value.p"))
    values = {"place": _place(c.at), "value": quoted(percent(c.robustness_value), value), "taken": part_word(c.q)}
    column, errors = headline(results), ""  # the kinds of standard errors with which the slope is not significant
    if column is not None and not below(_p_at(c, column), c.alpha):
        errors = errors_words(column.headline)
    elif c.robustness_value_alpha == 0:
        errors = say("naming.errors-of-kind", kind="iid")
    if errors:
        return say("doubts.confounder-not-significant", **values, errors=errors)
    return say("doubts.confounder", **values, value_alpha=quoted(percent(c.robustness_value_alpha), alpha))


def _p_at(c: Confounder, column: Column) -> float:
    """Return the headline's p-value of the slope at the value ``c.at``; zero if the headline lacks this slope."""
    if c.at is None:
        coefficient = by_term(column.headline).get(c.term)
        return 0.0 if coefficient is None else coefficient.p_value
    if f"{c.term}^2" not in by_term(column.headline):
        return 0.0
    at = combination(column.headline, {c.term: 1.0, f"{c.term}^2": 2 * c.at}, c.term)
    return at.p_value


def _place(at: float | None) -> str:
    return say("doubts.everywhere") if at is None else say("doubts.at", value=placed(at))


def instruments(results: StudyResults) -> list[str]:
    """Describe the result of each instrument in one sentence."""
    sentences = [
        listed([_instrument(instrument, results), *_exogeneity(instrument, results)], "sentences")
        for instrument in results.instruments
    ]
    if sentences:
        sentences.insert(0, say("doubts.no-instrument-is-good", table=number_of_table(results, places.INSTRUMENTS)))
    return [*sentences, *left_out(results, "instruments")]


def _instrument(instrument: Instrumented, results: StudyResults) -> str:
    title = instrument_opening(instrument.builder, instrument.title)
    if instrument.weak is None:
        if not instrument.estimates:
            return say("doubts.instrument-without-estimates", instrument=title)
        return say("doubts.instrument-without-sets", instrument=title, ways=listed([*instrument.estimates], "comma"))
    strength = strength_of(instrument.estimates.get("2SLS") or instrument.weak.fit)
    f = say("doubts.no-f")
    if strength is not None:
        f = say(f"doubts.{strength.kind}-f", f=cells.f_text(results, instrument, strength))
    cell = cells.of_instrument(results, instrument, "anderson_rubin_test_all_endogenous")
    names = names_of(instrument, results.labels)
    every = sets_of(instrument.weak)
    sets = [s for s in every if s.target in (instrument.variable, "slope at p50")] or list(every[:1])
    targets = dict[str, list[str]]()
    for s in sets:
        targets.setdefault(set_words(s, effect=rejected(instrument.weak)), []).append(target_name(s, names))
    level = f"{100 * instrument.weak.level:g}"
    each = [
        say("doubts.set-of", level=level, target=listed(target_names, "and"), values=values)
        for values, target_names in targets.items()
    ]
    test = say("doubts.instrument", instrument=title, strength=f, p=quoted(p_equals(test_p(instrument.weak)), cell))
    return listed([test, *each], "sentences")


def _exogeneity(instrument: Instrumented, results: StudyResults) -> list[str]:
    """Return sentences with both tests of the treatment's exogeneity: the C statistic and the control function.

    Both assume that the instrument is valid.
    """
    weak, control = instrument.weak, instrument.control
    c = None if weak is None else weak.c_p
    tests = {
        "c-statistic": (c, "exogeneity_c_statistic"),
        "control-function": (None if control is None else control.exogeneity.p_value, "control_function"),
    }
    sentences = [
        say(f"doubts.by-{key}", p=quoted(p_equals(p), cells.of_instrument(results, instrument, row)))
        for key, (p, row) in tests.items()
        if p is not None and not math.isnan(p)
    ]
    return [say("doubts.exogeneity", tests=listed(sentences, "clauses"))] if sentences else []


def rows(results: StudyResults) -> list[str]:
    """Compare the regression on customs rows with the regression on firm-years."""
    result = results.row_level
    column = headline(results)
    if result is None or column is None:
        return left_out(results, "row_level")
    x = treatment_terms(column)[0]
    term = f"{x}^2" if f"{x}^2" in by_term(result.rows) else x
    if term not in by_term(result.rows) or term not in by_term(result.firm_year):
        return left_out(results, "row_level")
    a, b, columns = by_term(result.firm_year)[term], by_term(result.rows)[term], list(result.columns)

    size = size_of_rows(result, term)

    def number(text: str, column: str, row: str) -> str:
        return quoted(text, Cell(places.ROW_LEVEL, columns.index(column) + 1, row) if column in columns else None)

    sentence: str = say(
        "doubts.rows",
        term=prose_of(term, results.labels),
        on_rows=number(size(b.estimate), "rows", term),
        on_firm_years=number(size(a.estimate), "firm-years", term),
    )
    why, alike = say("doubts.rows-differ"), result.alike.get(term)
    if alike is not None:  # the difference is a part due to rows and weights, and a part due to effects
        why = say(
            "doubts.rows-decomposed",
            effects=listed([dimension_word(e.name) for e in result.firm_year.effects], "and"),
            alike=size(alike),
            weights=size(alike - a.estimate),
            mix=size(b.estimate - alike),
        )
    return [listed([sentence, why], "sentences"), *left_out(results, "row_level")]
