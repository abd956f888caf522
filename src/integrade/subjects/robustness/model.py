"""Re-estimate the main regression under one change at a time: other rows, effects, weights, outcomes or models."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from integrade.engine.frames import collect, enter
from integrade.errors import IntegradeError, NotIdentified, UnknownName, did_you_mean
from integrade.estimate.contrasts import combination, joint_test
from integrade.estimate.design import Design
from integrade.estimate.fit import fit
from integrade.estimate.formula import parse_formula
from integrade.estimate.inverted_u import FiellerKind, UTest, u_test
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import Basis, FitResult
from integrade.geography import place_said
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.drawing import draw
from integrade.records.schema import column_word
from integrade.subjects.noise.corrected import estimator
from integrade.subjects.noise.halves import Halves
from integrade.subjects.robustness import alternatives
from integrade.subjects.robustness.alternatives import Change, Changes, Impossible, Study
from integrade.subjects.robustness.gelbach import EVERY, Gelbach, gelbach
from integrade.subjects.robustness.leave_out import LeftOut, Range, leave_one_out, ranges
from integrade.wording.numerals import shared
from integrade.wording.sheet import Sheet, shown
from plainwords.texts import Said, listed, say

if TYPE_CHECKING:
    from integrade.records.drawing import Chart

_PLACES = ("p10", "p50", "p90")


@dataclass(frozen=True)
class Robustness:
    """The checks to run and how each is made.

    Parameters
    ----------
    checks
        Which families of changes to run: balanced, leave_out, winsor, effects, weights, outcomes, indices, collapsed,
            poisson, fractional. placebo is a test of the design and no change. gelbach runs if groups are given.
    unit
        The unit of the panel, for the balanced panel.
    leave_out
        Columns whose levels are left out one at a time.
    winsor
        Pairs of percentiles at which outcome and controls are cut.
    effects
        Further fixed effects, added one at a time; group is East, Central and West.
    weight_columns
        Columns to weight by.
    outcomes
        Other columns for the outcome.
    indices
        Other columns for the treatment.
    gelbach
        Groups of controls such as "size = scale + age": how much each group changes the coefficients of the treatment.
    fit
        The regression: covariance, clusters, singletons. Draws of the wild bootstrap, ``wild``, are for the placebo.
    """

    checks: tuple[str, ...] = (
        "balanced",
        "leave_out",
        "winsor",
        "effects",
        "weights",
        "outcomes",
        "indices",
        "placebo",
        "collapsed",
        "poisson",
        "fractional",
    )
    unit: str = "firm"
    leave_out: tuple[str, ...] = ("region", "year", "industry")
    winsor: tuple[tuple[float, float], ...] = ((1, 99), (2.5, 97.5), (5, 95))
    effects: tuple[str, ...] = alternatives.USUAL_EFFECTS
    weight_columns: tuple[str, ...] = ("value",)
    outcomes: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()
    gelbach: tuple[str, ...] = ()
    fit: Fit = field(default_factory=lambda: Fit(cluster="region"))


@dataclass(frozen=True)
class Without:
    """The regression without one level: both coefficients and the turning point, missing if not identified.

    ``influence`` is Cook's distance of the treatment's coefficients, measured with their covariance in the whole
    sample.
    """

    level: str
    b1: float | None = None
    b2: float | None = None
    turning_point: float | None = None
    influence: float | None = None


@shown
@dataclass(frozen=True)
class Variant:
    """The regression after one change. If it cannot be estimated, numbers are missing and ``note`` gives the reason.

    ``slopes`` holds (where, x, slope, standard error) at p10, p50 and p90 of the variant's own sample. For
    leave-one-out, the numbers are those without the most influential level, which the label names. ``ranges`` is then
    over all levels, and ``each`` holds the numbers without each level of ``column``. ``fieller_*`` describe the 95%
    interval of the turning point, as in a `UTest`. For the placebo, ``joint_p`` tests the terms of the next year
    (``tested``) jointly. It is a test of the design, not a variant. ``wild_p`` is the p-value of the wild cluster
    bootstrap of the same null; it is missing if none was drawn. ``corrected_p`` tests the same null in the regression
    corrected for noise in the treatment (`subjects.noise.corrected`): the larger p of the joint test and the bootstrap.
    It is None if this was not asked for; ``uncorrected`` is the reason if it could not be made. ``intervals``: the 95%
    intervals (name, low, high) of the coefficient (b1) and of the slopes. ``basis``: rows, effects, errors and clusters
    behind the numbers, if there are any.
    """

    family: str
    label: str
    changed: str
    formula: str
    b1: float | None = None
    se1: float | None = None
    b2: float | None = None
    se2: float | None = None
    turning_point: float | None = None
    u_test_p: float | None = None
    shape: str | None = None
    share_past: float | None = None
    slopes: tuple[tuple[str, float, float, float], ...] = ()
    nobs: int = 0
    joint_p: float | None = None
    tested: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    note: str = ""
    basis: Basis | None = None
    wild_p: float | None = None
    intervals: tuple[tuple[str, float, float], ...] = ()
    fieller_kind: FiellerKind | None = None
    fieller_low: float | None = None
    fieller_high: float | None = None
    column: str = ""
    each: tuple[Without, ...] = ()
    corrected_p: float | None = None
    uncorrected: str = ""

    def sheet(self) -> Sheet:
        """Return the line of the table for this variant, with its formula as the title."""
        return Sheet(self.formula, lines=tuple(_lines((self,))))


@shown
@dataclass(frozen=True)
class Variants:
    """The baseline and every variant, in order. The record is a sequence of `Variant`.

    ``basis`` is the basis of the baseline. ``treatment`` is the regressor of interest.
    """

    variants: tuple[Variant, ...]
    basis: Basis | None = None
    treatment: str = ""

    def __iter__(self) -> Iterator[Variant]:
        return iter(self.variants)

    def __len__(self) -> int:
        return len(self.variants)

    def __getitem__(self, place: int) -> Variant:
        return self.variants[place]

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def plot(self, quantity: str = "") -> Chart:
        """Draw a forest plot of the variants (`integrade.plot.robustness`)."""
        return draw("robustness", self, self.treatment, quantity)

    def sheet(self) -> Sheet:
        """Return one line per variant, followed by its ranges and placebo tests."""
        return Sheet(self.variants[0].formula, lines=tuple(_lines(self.variants)))


@keywords(Robustness, within="fit")
def robustness(
    panel: Any,
    formula: str,
    treatment: str,
    options: Robustness | None = None,
    *,
    halves: Halves | None = None,
    **changes: Any,
) -> Variants:
    """Re-estimate a regression under one change at a time; the first variant is the baseline.

    Formula: each variant has its formula in its record. Leaving out a level is exact: cross-products are taken without
        it and effects removed again. The most influential level has the largest d' V^-1 d over the treatment's
        coefficients.

    Missing values: each variant drops rows as `fit` does. Winsorising, the balanced panel, the collapsed cells and
        leave-one-out start from the rows of the baseline.

    Args:
        panel: the estimation panel.
        formula: the baseline.
        treatment: the regressor of interest, without its square.
        options: a `Robustness`; single options, also those of `Fit`, by name.
        halves: indices of halves of the goods (`halves_of`), if the treatment is an index of prices: the placebo is
            then also tested corrected for noise in the index.

    Returns:
        One `Variant` per change, as a sequence. A change that the panel does not allow has a note and no numbers.

    Raises:
        UnknownName: the treatment is not in the formula. UsageError: an unknown check. NotIdentified: the baseline
        does not identify the treatment. Errors of `fit` for the baseline.

    Reference: METHODS 5.12.

    Example:
        >>> for v in robustness(panel, "y ~ market + market^2 | firm + year", "market"):  # doctest: +SKIP
        ...     print(v.label, v.b2, v.turning_point, v.note)
    """
    chosen = request(Robustness, options, changes)
    parsed = parse_formula(formula)
    names = {t.name for t in (*parsed.regressors, *parsed.endogenous)}
    if treatment not in names:
        raise UnknownName(f"{treatment!r} is not in the formula", where=formula, remedy=did_you_mean(treatment, names))
    rows = collect(enter(panel))
    listed = [c for c in chosen.leave_out if c in rows.columns]
    plain = replace(chosen.fit, wild=0, wild_ci=False, wild_joint=None)
    held = ready(rows)
    design = prepare(held, parsed, plain, also=tuple(listed))
    baseline = estimate(design, plain)
    lost = [t for t in (treatment, f"{treatment}^2") if t in baseline.dropped]
    if lost:
        raise NotIdentified(
            say("impossible.dropped", term=repr(lost[0]), why=baseline.dropped[lost[0]]),
            where=formula,
            remedy="remove the fixed effect or the collinear regressor that absorbs it",
        )
    study = Study(rows, rows if design.rows is None else rows[design.rows], parsed, treatment, plain)
    kept = held if design.rows is None else held.on(design.rows)
    makers: Mapping[str, Callable[[], Changes]] = {
        "balanced": lambda: alternatives.balanced(study, chosen.unit, "year"),
        "winsor": lambda: alternatives.winsorised(study, chosen.winsor),
        "effects": lambda: alternatives.more_effects(study, chosen.effects),
        "weights": lambda: alternatives.weighted(study, chosen.weight_columns),
        "outcomes": lambda: alternatives.other_outcomes(study, chosen.outcomes),
        "indices": lambda: alternatives.other_indices(study, chosen.indices),
        "placebo": lambda: alternatives.lead_placebo(study),
        "collapsed": lambda: alternatives.collapsed(study),
        "poisson": lambda: alternatives.other_models(study, "ppml"),
        "fractional": lambda: alternatives.other_models(study, "fractional"),
    }
    alternatives.require(chosen.checks, [*makers, "leave_out"])
    first = _numbers("baseline", "baseline", say("models_samples.as-given"), baseline, treatment)
    variants: list[Variant] = [first]
    for check in chosen.checks:
        if check == "leave_out":
            variants += [_left_out(study, kept, design, baseline, column) for column in chosen.leave_out]
        else:
            variants += [_estimated(change, study, held, chosen.fit.wild, halves) for change in makers[check]()]
    return Variants((*variants, *_decomposed(study, chosen)), baseline.basis, treatment)


def _decomposed(study: Study, chosen: Robustness) -> list[Variant]:
    """Return one variant for each group of controls, and one for all groups.

    Its b1 and b2 are the changes of the coefficients that the group causes.
    """
    if not chosen.gelbach:
        return []
    square = f"{study.treatment}^2"
    result = gelbach(study.sample, study.formula, chosen.gelbach, Gelbach(fit=study.fit))
    variants = []
    for group in (*result.groups, EVERY):
        parts = {p.term: p.change for p in result.parts if p.group == group}
        linear, squared = parts[study.treatment], parts.get(square)
        changed = "change of the coefficients through these controls: without less with (Gelbach 2016)"
        plain = Variant(
            "explained by",
            group,
            changed,
            result.full.formula,
            linear.estimate,
            linear.std_error,
            nobs=result.full.nobs,
            basis=result.full.basis,
        )
        variants.append(plain if squared is None else replace(plain, b2=squared.estimate, se2=squared.std_error))
    return variants


def _lines(variants: Iterable[Variant]) -> list[str]:
    """Return the variants as lines of a table for the terminal."""
    lines = [f"{'':<34}{'b1':>10}{'b2':>11}{'turning':>9}{'U-test p':>9}{'past':>7}{'n':>9}"]
    for v in variants:
        name = f"{v.family}: {v.label}" if v.family != v.label else v.label
        cells = [
            _cell(v.b1, 10, ".4g"),
            _cell(v.b2, 11, ".4g"),
            _cell(v.turning_point, 9, ".4g"),
            _cell(v.u_test_p, 9, ".4f"),
            _cell(v.share_past, 7, ".1%"),
            f"{v.nobs:>9,}",
        ]
        lines.append(f"{name:<34.34}" + "".join(cells) if v.b1 is not None else f"{name:<34.34}  {v.note}")
        lines += [
            f"    {r.quantity} from {r.low:.4g} (without {r.low_without}) to {r.high:.4g} (without {r.high_without})"
            for r in v.ranges
        ]
        if v.joint_p is not None:
            wild = "" if v.wild_p is None else f", wild {v.wild_p:.4f}"
            clean = "" if v.corrected_p is None else f", with the index corrected for noise {v.corrected_p:.4f}"
            lines.append(f"    terms of the next year, jointly: p = {v.joint_p:.4f}{wild}{clean}")
            lines += [f"    ! not corrected for noise in the index: {v.uncorrected}"] if v.uncorrected else []
    return lines


def _cell(value: float | None, width: int, form: str) -> str:
    return f"{'' if value is None else format(value, form):>{width}}"


def _estimated(change: Change | Impossible, given: Study, held: Ready, draws: int, halves: Halves | None) -> Variant:
    """Estimate the variant of a change. If the data or the installation do not allow it, its note is the reason.

    ``held`` holds the cached rows of the ``given`` study, which many changes leave unchanged. ``draws`` is the number
    of wild bootstrap draws; they are made only for terms that a change tests jointly.
    """
    if isinstance(change, Impossible):
        return Variant(change.family, change.label, change.changed, "", note=change.why)
    study, together = change.study, " + ".join(change.also)
    how = replace(study.fit, wild=draws, wild_joint=together) if change.also and draws else study.fit
    try:
        result = fit(held if study.rows is given.rows else study.rows, study.formula, how)
        numbers = _numbers(change.family, change.label, change.changed, result, study.treatment)
        joint = joint_test(result, change.also).p_value if change.also else None
    except IntegradeError as error:
        why = error.what
        if error.remedy:
            why = say("models_samples.error-and-remedy", what=error.what, remedy=error.remedy)
        return Variant(change.family, change.label, change.changed, study.formula.text, note=why)
    drawn = next((w.p_value for w in result.wild if w.null == together), None)
    variant = replace(numbers, joint_p=joint, wild_p=drawn, tested=change.also, note=_note(result))
    if halves is None or not change.also:
        return variant
    try:
        corrected = estimator(halves, study.treatment)(study.rows, study.formula, how)
        p = joint_test(corrected, change.also).p_value
        return replace(variant, corrected_p=max(p, *(w.p_value for w in corrected.wild if w.null == together), 0.0))
    except IntegradeError as error:
        return replace(variant, uncorrected=error.what)


TOLD = ("models_fit.of-model", "models_fit.rows-a-level", "models_fit.every-outcome")
"""Keys of the notes of a fit that a variant repeats.

These notes are about estimators other than least squares, and about the rows that they leave out.
"""


def _note(result: FitResult) -> str:
    """Return a variant's note: remarks of its estimator, the average marginal effect, and terms that were dropped."""
    notes = [n for n in result.notes if isinstance(n, Said) and n.key in TOLD]
    for c in result.marginal[:1]:
        size = shared([c.estimate], [c.std_error], 4)
        numbers = {"estimate": size(c.estimate), "error": size(c.std_error)}
        notes.append(say("models_samples.average-marginal-effect", term=column_word(c.term), **numbers))
    notes += [say("models_samples.dropped", term=column_word(term), why=why) for term, why in result.dropped.items()]
    notes.sort(key=lambda note: note.key == "models_fit.rows-a-level")  # whole sentences come last
    return listed(notes, "semicolon") if notes else ""


def _numbers(family: str, label: str, changed: str, result: FitResult, treatment: str) -> Variant:
    """Return the variant of an estimated regression. Raises `NotIdentified` if the treatment was dropped."""
    if treatment in result.dropped:
        raise NotIdentified(say("models_samples.was-dropped", term=repr(treatment), why=result.dropped[treatment]))
    coefficient = result[treatment]
    plain = Variant(
        family,
        label,
        changed,
        result.formula,
        coefficient.estimate,
        coefficient.std_error,
        nobs=result.nobs,
        basis=result.basis,
        intervals=(("b1", coefficient.conf_low, coefficient.conf_high),),
    )
    test = _u_test(result, treatment)
    if test is None:
        return plain
    square = result[f"{treatment}^2"]
    slopes = tuple(s for s in test.slopes if s[0] in _PLACES)
    moves = [combination(result, {treatment: 1.0, f"{treatment}^2": 2 * x}, where) for where, x, *_ in slopes]
    return replace(
        plain,
        b2=square.estimate,
        se2=square.std_error,
        turning_point=test.turning_point,
        u_test_p=test.p_value,
        shape=test.shape,
        share_past=test.share_past,
        slopes=slopes,
        intervals=(*plain.intervals, *((m.name, m.conf_low, m.conf_high) for m in moves)),
        fieller_kind=test.fieller_kind,
        fieller_low=test.fieller_low,
        fieller_high=test.fieller_high,
    )


def _u_test(result: FitResult, treatment: str) -> UTest | None:
    """Return the U-test; None if the formula has no square. Raises an error if the square was dropped."""
    square = f"{treatment}^2"
    if square not in result.dropped and square not in (c.term for c in result.coefficients):
        return None
    return u_test(result, treatment)


def _left_out(study: Study, kept: Ready, design: Design, baseline: FitResult, column: str) -> Variant:
    """Return the regression without the column's most influential level, and the ranges over all of its levels."""
    name = column_word(column)
    what = ("leave-one-out", name, say("models_samples.left-out-in-turn", column=name))
    if column not in study.rows.columns:
        return Variant(*what, "", note=say("models_samples.no-column", column=repr(column)))
    square = f"{study.treatment}^2"
    terms = [t for t in (study.treatment, square) if t in (c.term for c in baseline.coefficients)]
    try:
        left = leave_one_out(design, baseline, column, terms)
        rows = kept.on((kept.series(column).cast(pl.String) != left.worst).fill_null(False).to_numpy())
        numbers = _numbers(
            what[0],
            say("models_samples.without", column=name, level=place_said(str(left.worst))),
            what[2],
            fit(rows, study.formula, study.fit),
            study.treatment,
        )
        test = _u_test(baseline, study.treatment)
        places = [(where, x) for where, x, *_ in (test.slopes if test else ()) if where in _PLACES]
        all_ranges = ranges(left, baseline, study.treatment, places)
    except IntegradeError as error:
        return Variant(*what, study.formula.text, note=error.what)
    lost = sum(1 for row in left.coefficients.tolist() if row[0] != row[0])
    note = say("models_samples.not-identified-without", lost=str(lost), levels=str(len(left.levels))) if lost else ""
    return replace(numbers, ranges=all_ranges, note=note, column=column, each=_each(left, baseline, terms))


def _each(left: LeftOut, baseline: FitResult, terms: Sequence[str]) -> tuple[Without, ...]:
    """Return, for each level, the coefficients of the treatment without this level."""
    names = [c.term for c in baseline.coefficients]
    without = []
    for level, row, influence in zip(left.levels, left.coefficients, left.influence, strict=True):
        if not math.isfinite(row[0]):
            without.append(Without(level))
            continue
        b1, *squares = (float(row[names.index(t)]) for t in terms)
        b2 = squares[0] if squares else None
        without.append(Without(level, b1, b2, -b1 / (2 * b2) if b2 else None, float(influence)))
    return tuple(without)


__all__ = ["Range", "Robustness", "Variant", "robustness"]
