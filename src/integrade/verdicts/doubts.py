"""Write the report's sentences on shape, inference, noise, omitted variables, instruments, rows and neighbours."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial

from integrade.estimate.contrasts import Combination, combination, delta
from integrade.estimate.inverted_u import turning_point
from integrade.estimate.results import Coefficient, FitResult, by_term
from integrade.subjects.instruments.verdict import rejected, set_words, sets_of, strength_of, test_p
from integrade.subjects.instruments.weak_iv import Instrumented
from integrade.subjects.noise.oriv import NoiseStudy
from integrade.subjects.noise.verdict import WAYS, interval_with_noise, others_covered, shares_of_truth, turning, ways
from integrade.subjects.row_level.model import RowLevelResult
from integrade.subjects.sensitivity.model import Confounder, Oster
from integrade.subjects.shape.two_lines import CubicTest, ShapeStudy
from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established
from integrade.verdicts.bundle import Column, StudyResults, treatment_terms
from integrade.verdicts.headline import assuming, effective_clusters, headline
from integrade.verdicts.moves import effect_of_move
from integrade.verdicts.naming import (
    dimension_word,
    errors_words,
    instrument_opening,
    label_of,
    names_of,
    number_of_table,
    one_shape,
    part_word,
    place_word,
    target_name,
    term_word,
)
from integrade.verdicts.parts import LEVEL
from integrade.wording.numerals import fixed, p_equals, percent, placed
from integrade.wording.texts import listed, say


def left_out(results: StudyResults, section: str) -> list[str]:
    """Return why a section has no result."""
    return list(results.left_out.get(section, ()))


def shape(results: StudyResults) -> list[str]:
    """Describe the second range, the other functional forms and the shares by year."""
    result = results.shape
    if result is None:
        return left_out(results, "shape")
    low, high = result.ends
    inner, whole = p_equals(result.inner.p_value), p_equals(result.whole.p_value)
    sentences: list[str] = [say("doubts.u-test-by-range", low=low, high=high, inner=inner, whole=whole)]
    if result.two_lines is not None:
        t = result.two_lines
        sentences.append(
            say(
                "doubts.two-lines",
                shape=one_shape(t.verdict),
                first=fixed(t.first.slope, 4),
                first_p=p_equals(t.first.p_value),
                second=fixed(t.second.slope, 4),
                second_p=p_equals(t.second.p_value),
                at=placed(t.break_at),
            )
        )
    if result.cubic is not None:
        sentences.append(_cube(result.cubic))
    if result.past and turn_established(curve_of_benchmark(results)):
        sentences.append(_past(result))
    return [*sentences, *left_out(results, "shape")]


def _cube(cubic: CubicTest) -> str:
    """Say whether a cube is needed; give both tests if the t test and the wild bootstrap disagree."""
    p, wild = cubic.p_value, cubic.p_wild
    if wild is not None and (p < LEVEL) != (wild < LEVEL):
        return say("doubts.cube-open", p=p_equals(p), wild=p_equals(wild), level=percent(LEVEL, 0))
    return say("doubts.cube" if p < LEVEL else "doubts.no-cube", p=p_equals(p))


def _past(found: ShapeStudy) -> str:
    """Give the shares of regions, firms and observations past the turning point in the first and the last year."""
    first, last = found.past[1], found.past[-1]
    shares = {
        "first": str(first.year),
        "last": str(last.year),
        "regions_first": percent(first.share_regions),
        "regions_last": percent(last.share_regions),
        "rows_first": percent(first.share_rows),
        "rows_last": percent(last.share_rows),
    }
    if first.share_units is None:
        return say("doubts.past", **shares)
    firms = {"firms_first": percent(first.share_units), "firms_last": percent(last.share_units)}
    return say("doubts.past-and-firms", **shares, **firms)


def inference(results: StudyResults) -> list[str]:
    """Describe the tests next to the headline's, and the effective number of clusters."""
    result, sentences = results.inference, list[str]()
    if result is None:
        return left_out(results, "inference")
    if result.randomisation is not None:
        r = result.randomisation
        each = [
            say("doubts.tested-term", term=label_of(t.term, results.labels), p=p_equals(t.p_value)) for t in r.terms
        ]
        sentences.append(
            say(
                "doubts.permuted-paths",
                regions=str(r.exchanged),
                times=r.permutations,
                terms=listed(each, "clauses"),
                joint=p_equals(r.p_joint),
            )
        )
    c, term = effective_clusters(results) or (None, None)
    if c is not None and term is not None:
        sentences.append(
            say(
                "doubts.effective-clusters",
                clusters=str(c.g),
                term=term_word(term.term, results.labels),
                effective=fixed(term.g_star, 1),
                assuming=assuming(term),
                heaviest=place_word(term.heaviest),
                share=percent(term.partial_leverage, 0),
                without=place_word(term.most_moving),
                estimate=fixed(term.estimate, 4),
                becomes=fixed(term.without, 4),
            )
        )
    return [*sentences, *left_out(results, "inference")]


def noise(results: StudyResults) -> list[str]:
    """Describe the effect of the noise, the effect expected from simulation, and the result after each correction."""
    result = results.noise
    if result is None:
        return left_out(results, "noise")
    sentences = [_expected(result)] if result.expected else []
    sentences += _beside_truth(result, results) if result.on_true_index is not None else _moved(result, results)
    interval = interval_with_noise(results)
    if interval is not None:
        others = others_covered(interval)
        move = {
            "x": label_of(result.variable, results.labels),
            "start": placed(interval.move.start),
            "end": placed(interval.move.end),
        }
        move["change"] = fixed(interval.move.estimate, 4)
        what = (
            say("doubts.of-the-move", **move)
            if interval.way == "none"
            else say("doubts.of-the-move-corrected", **move, way=say(WAYS[interval.way]))
        )
        sentences += [what, interval.sentence, *([others] if others else [])]
    return [*sentences, *left_out(results, "noise")]


def _expected(found: NoiseStudy) -> str:
    low, high = found.expected[0], found.expected[-1]
    return say(
        "doubts.expected-of-noise",
        goods=str(low.n_goods),
        slopes=_span(percent(low.slope, 0), percent(high.slope, 0)),
        squares=_span(percent(low.square, 0), percent(high.square, 0)),
        low=f"{low.spread:g}",
        high=f"{high.spread:g}",
    )


def _span(low: str, high: str) -> str:
    return low if low == high else say("doubts.span", low=low, high=high)


def _moved(found: NoiseStudy, results: StudyResults) -> list[str]:
    """Describe how far the corrections move the curvature, for a study without a known truth."""
    term = f"{found.variable}^2" if f"{found.variable}^2" in by_term(found.naive) else found.variable
    moved: list[str] = []
    if found.oriv:
        moved.append(say("doubts.oriv-gives", estimate=fixed(by_term(found.oriv.fit)[term].estimate, 4)))
    if found.simex:
        moved.append(say("doubts.simex-gives", estimate=fixed(by_term(found.simex.corrected)[term].estimate, 4)))
    if not moved:
        return []
    name, base = label_of(term, results.labels), fixed(by_term(found.naive)[term].estimate, 4)
    return [say("doubts.corrections", term=name, estimate=base, corrected=listed(moved, "clauses"))]


def _beside_truth(found: NoiseStudy, results: StudyResults) -> list[str]:
    """Compare the coefficient of each way with that on the true index, and say what difference remains."""
    assert found.on_true_index is not None
    term = f"{found.variable}^2" if f"{found.variable}^2" in by_term(found.on_true_index) else found.variable
    shares, name = shares_of_truth(found, term), label_of(term, results.labels)
    truth = by_term(found.on_true_index)[term]
    each = [say("doubts.share-found", way=way, share=percent(share, 0)) for way, share in shares.items()]
    sentences: list[str] = [
        say("doubts.on-true-index", term=name, estimate=fixed(truth.estimate, 4), shares=listed(each, "clauses"))
    ]
    corrected = {
        w.heading: by_term(w.fit)[term] for w in ways(found) if w.heading in shares and w.fit is not found.naive
    }
    if corrected:
        sentences.append(_remains(found, corrected, truth, results))
    true, measured = turning(found, found.on_true_index), turning(found, found.naive)
    if true is not None and measured is not None:
        points = {"true": placed(true.turning_point), "measured": placed(measured.turning_point)}
        sentences.append(say("doubts.two-turning-points", **points))
    return sentences


def _remains(found: NoiseStudy, corrected: Mapping[str, Coefficient], truth: Coefficient, results: StudyResults) -> str:
    """Say for each quantity which ways come nearest to the regression on the true index, and which error remains."""
    assert found.on_true_index is not None
    estimated = [w for w in ways(found) if w.fit is not found.on_true_index]
    nearest = dict[tuple[str, ...], list[str]]()
    for name, of in _quantities(found, results).items():
        true = of(found.on_true_index)
        values = {w.heading: value for w in estimated if (value := of(w.fit)) is not None}
        if true is not None and values:
            nearest.setdefault(_nearest(values, true.estimate), []).append(name)
    each = [
        say("doubts.nearest", way=listed(tied, "and"), quantities=listed(quantities, "and"))
        for tied, quantities in nearest.items()
    ]
    precise = min(corrected, key=lambda k: corrected[k].std_error)
    return say(
        "doubts.remains",
        nearest=listed(each, "semicolon"),
        tied=percent(TIED, 0),
        term=label_of(truth.term, results.labels),
        way=precise,
        wider=fixed(corrected[precise].std_error / truth.std_error, 1),
    )


TIED = 0.1
"""Tolerance of a tie: a difference below this part of the smaller standard error counts as equal. A convention."""


def _nearest(values: Mapping[str, Combination], true: float) -> tuple[str, ...]:
    """Return the way nearest to the truth, and those as near (`TIED`), in their order."""
    gaps = {way: abs(value.estimate - true) for way, value in values.items()}
    first = min(gaps, key=lambda way: gaps[way])

    def is_tied(way: str) -> bool:
        return gaps[way] - gaps[first] < TIED * min(values[way].std_error, values[first].std_error)

    return tuple(way for way in gaps if way == first or is_tied(way))


def _quantities(found: NoiseStudy, results: StudyResults) -> dict[str, Callable[[FitResult], Combination | None]]:
    """Return the quantities compared with the true index's regression: move, coefficients, slopes, turning point."""
    x, column = found.variable, headline(results)
    terms = [t for t in (x, f"{x}^2") if t in by_term(found.naive)]
    of: dict[str, Callable[[FitResult], Combination | None]] = {}
    move = None if column is None else effect_of_move(found.naive, column.headline, x)
    if move is not None and len(terms) > 1:
        steps = {x: move.end - move.start, f"{x}^2": move.end**2 - move.start**2}
        of[say("doubts.effect-of-the-move", start=placed(move.start), end=placed(move.end))] = partial(
            _weighted, weights=steps
        )
    of |= {label_of(t, results.labels): partial(_weighted, weights={t: 1.0}) for t in terms}
    if len(terms) > 1:
        of |= {
            say("doubts.slope-at", place=where): partial(_weighted, weights={x: 1.0, f"{x}^2": 2 * value})
            for where, value in found.places
        }
        of[say("doubts.turning-point")] = partial(_turn, x=x)
    return of


def _weighted(fit: FitResult, *, weights: Mapping[str, float]) -> Combination | None:
    return combination(fit, weights, "") if set(weights) <= set(by_term(fit)) else None


def _turn(fit: FitResult, *, x: str) -> Combination | None:
    """Compute -b1 / (2 b2), with its standard error by the delta method."""
    point = turning_point(fit, x)
    if point is None:
        return None
    b2 = by_term(fit)[f"{x}^2"].estimate
    return delta(fit, point, {x: -1 / (2 * b2), f"{x}^2": -point / b2}, "")


def sensitivity(results: StudyResults) -> list[str]:
    """Say how strong an omitted variable would have to be, at the place where the slope is clearest."""
    result = results.sensitivity
    if result is None:
        return left_out(results, "sensitivity")
    clearest = result.clearest
    sentences = [] if clearest is None else [_confounder(clearest, results)]
    bounds = [o for o in result.oster if clearest is None or o.at == clearest.at]
    steepest = max(bounds, key=lambda one: abs(one.full), default=None)
    if steepest is not None:
        sentences.append(_oster(steepest, there=clearest is not None))
    return [*sentences, *left_out(results, "sensitivity")]


def _confounder(c: Confounder, results: StudyResults) -> str:
    """Say what would remove the estimate, and its significance if it has any."""
    values = {"place": _place(c.at), "value": percent(c.robustness_value), "taken": part_word(c.q)}
    errors = _insignificant_with(c, results)
    if errors:
        return say("doubts.confounder-not-significant", **values, errors=errors)
    return say("doubts.confounder", **values, value_alpha=percent(c.robustness_value_alpha))


def _insignificant_with(c: Confounder, results: StudyResults) -> str:
    """Return the standard errors with which the slope is not significant; empty if it is significant with all."""
    column = headline(results)
    if column is not None and _p_at(c, column) >= c.alpha:
        return errors_words(column.headline)
    return say("naming.errors-of-kind", kind="iid") if c.robustness_value_alpha == 0 else ""


def _p_at(c: Confounder, column: Column) -> float:
    """Return the headline's p-value of the slope at the place; zero if the headline has no such slope."""
    if c.at is None:
        coefficient = by_term(column.headline).get(c.term)
        return 0.0 if coefficient is None else coefficient.p_value
    if f"{c.term}^2" not in by_term(column.headline):
        return 0.0
    at = combination(column.headline, {c.term: 1.0, f"{c.term}^2": 2 * c.at}, c.term)
    return at.p_value


def _oster(o: Oster, *, there: bool) -> str:
    """Give Oster's bound at the place just described, or where the slope is steepest."""
    values = {
        "delta": f"{o.delta:g}",
        "bound": fixed(o.bound, 4),
        "full": fixed(o.full, 4),
        "zero": fixed(o.delta_zero, 2),
    }
    return say("doubts.oster", **values) if there else say("doubts.oster-alone", **values, place=_place(o.at))


def _place(at: float | None) -> str:
    return say("doubts.everywhere") if at is None else say("doubts.at", value=placed(at))


def instruments(results: StudyResults) -> list[str]:
    """Describe the result of each instrument in one sentence."""
    sentences = [
        text
        for instrument in results.instruments
        for text in (_instrument(instrument, results), *_exogeneity(instrument))
    ]
    if sentences:
        sentences.insert(0, say("doubts.no-instrument-is-good", table=number_of_table(results, "A6")))
    return [*sentences, *left_out(results, "instruments")]


def _instrument(found: Instrumented, results: StudyResults) -> str:
    title = instrument_opening(found.builder, found.title)
    if found.weak is None:
        if not found.estimates:
            return say("doubts.instrument-without-estimates", instrument=title)
        return say("doubts.instrument-without-sets", instrument=title, ways=listed([*found.estimates], "comma"))
    names = names_of(found, results.labels)
    every = sets_of(found.weak)
    sets = [s for s in every if s.target in (found.variable, "slope at p50")] or list(every[:1])
    targets = dict[str, list[str]]()
    for s in sets:
        targets.setdefault(set_words(s, effect=rejected(found.weak)), []).append(target_name(s, names))
    each = [
        say("doubts.set-of", target=listed(target_names, "and"), values=values)
        for values, target_names in targets.items()
    ]
    return say(
        "doubts.instrument",
        instrument=title,
        strength=_strength(found.estimates.get("2SLS") or found.weak.fit),
        p=p_equals(test_p(found.weak)),
        level=f"{100 * found.weak.level:g}",
        sets=listed(each, "semicolon"),
    )


def _exogeneity(found: Instrumented) -> list[str]:
    """Give both tests of exogeneity given a valid instrument: the C statistic and the control function."""
    weak, control = found.weak, found.control
    c = None if weak is None else weak.c_p
    tests = {"c-statistic": c, "control-function": None if control is None else control.exogeneity.p_value}
    sentences = [
        say(f"doubts.by-{key}", p=p_equals(p)) for key, p in tests.items() if p is not None and not math.isnan(p)
    ]
    return [say("doubts.exogeneity", tests=listed(sentences, "clauses"))] if sentences else []


def _strength(fit: FitResult) -> str:
    strength = strength_of(fit)
    return say("doubts.no-f") if strength is None else say(f"doubts.{strength.kind}-f", f=fixed(strength.f, 2))


def rows(results: StudyResults) -> list[str]:
    """Compare the regression on customs rows with that on firm-years."""
    result = results.row_level
    column = headline(results)
    if result is None or column is None:
        return left_out(results, "row_level")
    x = treatment_terms(column)[0]
    term = f"{x}^2" if f"{x}^2" in by_term(result.rows) else x
    if term not in by_term(result.rows) or term not in by_term(result.firm_year):
        return left_out(results, "row_level")
    a, b = by_term(result.firm_year)[term], by_term(result.rows)[term]
    values: dict[str, str | int] = {
        "rows": result.rows.nobs,
        "effects": listed([dimension_word(e.name) for e in result.rows.effects], "comma"),
        "term": label_of(term, results.labels),
        "on_rows": fixed(b.estimate, 4),
        "t_rows": fixed(b.statistic, 2),
        "firm_years": result.firm_year.nobs,
        "on_firm_years": fixed(a.estimate, 4),
        "t_firm_years": fixed(a.statistic, 2),
    }
    first, second = turning_point(result.rows, x), turning_point(result.firm_year, x)
    if first is None or second is None:
        sentence = say("doubts.rows", **values)
    else:
        sentence = say("doubts.rows-and-points", **values, point_rows=placed(first), point_firm_years=placed(second))
    why = _why_rows_differ(result, a.estimate, b.estimate, term)
    return [listed([sentence, why], "sentences"), *left_out(results, "row_level")]


def _why_rows_differ(found: RowLevelResult, on_firm_years: float, on_rows: float, term: str) -> str:
    """Say how much of the difference comes from rows and weights and how much from effects, or its possible reasons."""
    alike = found.alike.get(term)
    if alike is None:
        return say("doubts.rows-differ")
    return say(
        "doubts.rows-decomposed",
        effects=listed([dimension_word(e.name) for e in found.firm_year.effects], "comma"),
        alike=fixed(alike, 4),
        weights=fixed(alike - on_firm_years, 4),
        mix=fixed(on_rows - alike, 4),
    )
