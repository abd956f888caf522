"""Test for an inverted U with two lines instead of a parabola, and test whether the quadratic needs a cube."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np
import polars as pl

from integrade.errors import NotIdentified, TooFew, UsageError, option
from integrade.estimate.covariances import is_of_cluster
from integrade.estimate.fit import fit, regression_rows
from integrade.estimate.formula import Formula, Part, Term, parse_formula, square, with_regressors
from integrade.estimate.inverted_u import CurvePoint, UTest
from integrade.estimate.linear import Fit
from integrade.estimate.ready import Ready
from integrade.estimate.results import Basis, FitResult, Vector
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.confidence import Alpha
from integrade.records.needs import KNOTS
from integrade.regress.effects import Codes
from integrade.subjects.shape.bins import Bin, Binning
from integrade.subjects.shape.past import PastShare
from integrade.wording.numerals import below
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

__all__ = ["TwoLines", "cubic_test", "spline_basis", "two_lines"]

_LOW, _HIGH, _JUMP = "below the break", "above the break", "jump at the break"


@dataclass(frozen=True)
class TwoLines:
    """Options of the search for the break and of the two lines.

    Parameters
    ----------
    variable
        The regressor whose shape is tested.
    knots
        Knots of the cubic regression spline, at equally spaced quantiles of the distinct values; fewer when there are
        fewer distinct values.
    alpha
        The size of the test of each slope; both must reject.
    fit
        How each regression is estimated.
    """

    variable: str = "market"
    knots: Annotated[int, KNOTS] = 10
    alpha: Alpha = 0.05
    fit: Fit = field(default_factory=Fit)


@dataclass(frozen=True)
class Line:
    """One of the two lines: slope, standard error, p, and the number of rows on its side.

    Rows at the break count on both sides.
    """

    slope: float
    std_error: float
    statistic: float
    p_value: float
    rows: int
    p_wild: float | None = None


@shown
@dataclass(frozen=True)
class TwoLinesResult:
    """Simonsohn's two-lines test.

    ``verdict`` is U or inverted U if the slopes have opposite signs and both p < alpha, else neither.

    ``shape`` is the shape tested for; the slope of a quadratic at the smallest value decides it. The smoothed outcome
    is most extreme at the value ``extreme``. ``flat_low`` and ``flat_high`` bound the flat set: the values whose
    smoothed outcome is within one standard error of the most extreme one. ``first_break`` is the median of the flat
    set, and ``break_at`` the Robin Hood break.
    """

    variable: str
    verdict: str
    shape: str
    break_at: float
    first_break: float
    extreme: float
    flat_low: float
    flat_high: float
    knots: int
    first: Line
    second: Line
    alpha: float
    nobs: int
    kind: str
    notes: tuple[str, ...] = ()
    basis: Basis | None = None

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the two lines in words."""
        lines = [
            f"two lines in {self.variable}: {self.verdict} (both p < {self.alpha:g}; {self.kind}, n = {self.nobs:,})"
        ]
        for label, line in (("below", self.first), ("above", self.second)):
            wild = "" if line.p_wild is None else f", wild p {line.p_wild:.4f}"
            slope = f"slope {line.slope:.6g} ({line.std_error:.6g}), p = {line.p_value:.4f}{wild}"
            lines.append(f"  {label} {self.break_at:.6g}: {slope}, {line.rows:,} rows")
        flat = f"flat from {self.flat_low:.6g} to {self.flat_high:.6g} around {self.extreme:.6g}"
        lines.append(f"  looked for: {self.shape}; {flat} (spline with {self.knots} knots)")
        return of_text("\n".join([*lines, *self.notes]))


@shown
@dataclass(frozen=True)
class CubicTest:
    """The coefficient of x^3 in a regression on x, x^2 and x^3.

    If it is significant, a quadratic is not enough.
    """

    variable: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    p_wild: float | None
    fit: FitResult = field(repr=False)

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors, clusters and degrees of freedom of the regression with the cube."""
        return self.fit.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the test of the cube in words, with the number of draws of its wild bootstrap."""
        wild = "" if self.p_wild is None else f", wild p {self.p_wild:.4f}"
        test = f"cube of {self.variable}: {self.estimate:.6g} ({self.std_error:.6g}), p = {self.p_value:.4f}{wild}"
        drawn = tuple(f"wild bootstrap: {w.draws:,} draws, seed {w.seed}" for w in self.fit.wild[:1])
        return Sheet(test, lines=drawn)


@dataclass(frozen=True)
class ShapeStudy:
    """The shape of the curve: its points, U-tests over two ranges, shares past the turn, two lines, and a cube.

    ``ends`` names the ends of the second range (p5, p95). ``level`` is the confidence of the intervals and of the
    curve's pointwise band. ``bins`` are binned means of the rows on the scale of the curve. ``binning`` describes how
    they were computed.
    """

    variable: str
    whole: UTest
    inner: UTest
    ends: tuple[str, str]
    level: float
    past: tuple[PastShare, ...] = ()
    two_lines: TwoLinesResult | None = None
    cubic: CubicTest | None = None
    curve: tuple[CurvePoint, ...] = ()
    bins: tuple[Bin, ...] = ()
    binning: Binning | None = None


@keywords(TwoLines, within="fit")
def two_lines(panel: Any, formula: str, options: TwoLines | None = None, **changes: Any) -> TwoLinesResult:
    """Run Simonsohn's two-lines test with fixed effects: two significant slopes of opposite sign make a U.

    Formula: (1) y on a cubic regression spline of x, the other regressors and the effects; (2) the slope of a quadratic
        at the smallest x gives the shape to look for; (3) among the middle 80% of rows, the flat set: x whose fit is
        within one standard error of the most extreme fit; (4) interrupted regression
        ``y = b1 min(x - c, 0) + b2 max(x - c, 0) + b3 [x above c]`` at the median c of the flat set, which gives z1 and
        z2; (5) the break is the quantile z2 / (z1 + z2) of the flat set ("Robin Hood": the weaker line gets more
        observations); (6) slope 1 with rows at the break counted below it, slope 2 with them above.
    Differences from Simonsohn (2018): the spline is a regression spline without penalty (his is a penalised GAM),
    because effects must be removed from it. Standard errors of the spline (about its mean over the sample) and of the
    slopes follow the options of the fit, such as clusters; his are HC. Terms of the variable in the formula (x, x^2,
    ...) are replaced.
    Missing values: as in `fit`.

    Args:
        panel: any table. formula: as for `fit`, with the variable among the regressors.
        options: see `TwoLines`; or single options by name, those of `Fit` included. With a cluster the covariance is
            CR3.

    Returns:
        One `TwoLinesResult`; the verdict is ``U``, ``inverted U`` or ``neither``.

    Raises:
        UsageError: the variable is not a plain regressor, or is instrumented.
        TooFew: fewer than five distinct values. NotIdentified: a line cannot be estimated.

    Reference: Simonsohn (2018), AMPPS 1, 538-555.

    Example:
        >>> two_lines(panel, "quality ~ market + scale | firm + year", cluster="region")  # doctest: +SKIP
    """
    chosen = request(TwoLines, options, changes)
    parsed = _others(parse_formula(formula), chosen.variable)
    if chosen.knots < 4:
        raise UsageError(
            f"{option('knots', chosen.knots)} is too few for a spline",
            remedy=f"give at least 4 knots, such as {option('knots', 5)}",
        )
    how = replace(chosen.fit, wild=0)
    plain = with_regressors(parsed, [Term((Part(chosen.variable),)), *parsed.regressors])
    rows = regression_rows(panel, plain, how)
    x = rows.series(chosen.variable).cast(pl.Float64).to_numpy()
    distinct, place = np.unique(x, return_inverse=True)
    shape = _shape(rows, parsed, chosen.variable, how)
    if len(distinct) < 5:
        raise TooFew(say("impossible.few-values", n=len(distinct)), remedy="use the U-test")
    knots = np.quantile(distinct, np.linspace(0, 1, min(chosen.knots, len(distinct))))
    smooth, error = _smoothed(rows, parsed, (distinct, place), knots, how)
    extreme, flat = _flat(x, smooth, error, shape)
    first_break = _quantile(flat, 0.5)
    halves = _interrupted(rows, parsed, x, how, at=first_break, side="above")
    z1, z2 = (abs(halves[t].statistic) for t in (_LOW, _HIGH))
    break_at = _quantile(flat, z2 / (z1 + z2))
    below = _interrupted(rows, parsed, x, chosen.fit, at=break_at, side="below")
    above = _interrupted(rows, parsed, x, chosen.fit, at=break_at, side="above")
    first, second = _line(below, _LOW, int((x <= break_at).sum())), _line(above, _HIGH, int((x >= break_at).sum()))
    return TwoLinesResult(
        chosen.variable,
        _verdict(first, second, chosen.alpha),
        shape,
        break_at,
        first_break,
        extreme,
        float(flat[0]),
        float(flat[-1]),
        len(knots),
        first,
        second,
        chosen.alpha,
        below.nobs,
        below.kind,
        tuple(dict.fromkeys(n for f in (below, above) for n in f.notes if is_of_cluster(n))),
        below.basis,
    )


@keywords(TwoLines, within="fit")
def cubic_test(
    panel: Any, formula: str, variable: str = "market", options: Fit | None = None, **changes: Any
) -> CubicTest:
    """Add the cube of the variable to x and x^2 and test it.

    The square is added if the formula lacks it. With a cluster the covariance is CR3. Raises `NotIdentified` if the
    cube is collinear.

    Example:
        >>> cubic_test(panel, "quality ~ market + market^2 | firm + year", cluster="region")  # doctest: +SKIP
    """
    chosen = request(TwoLines, TwoLines(variable=variable, fit=options or Fit()), changes)
    parsed = _others(parse_formula(formula), variable)
    cube = Term((Part(variable, 3),))
    powers = [Term((Part(variable),)), square(variable), cube]
    result = fit(panel, with_regressors(parsed, [*powers, *parsed.regressors]), chosen.fit)
    if cube.name in result.dropped:
        raise NotIdentified(
            say("impossible.cube-dropped", variable=repr(variable), why=result.dropped[cube.name]),
            where=result.formula,
            remedy="leave out the effects or regressors that absorb it",
        )
    c = result[cube.name]
    wild = next((w.p_value for w in result.wild if w.null == cube.name), None)
    return CubicTest(variable, c.estimate, c.std_error, c.statistic, c.p_value, wild, result)


def spline_basis(x: Vector, knots: Vector) -> Vector:
    """Return a natural cubic regression spline without its constant, shape (n, K - 1); linear beyond the outer knots.

    Formula: x, and ``d_k(x) - d_{K-1}(x)`` for k < K - 1, ``d_k(x) = ((x - t_k)_+^3 - (x - t_K)_+^3) / (t_K - t_k)``,
        x scaled to the span of the knots (Hastie, Tibshirani and Friedman 2009, equation 5.4).
    """
    span = knots[-1] - knots[0]
    u, t = (x - knots[0]) / span, (knots - knots[0]) / span
    beyond = np.maximum(u[:, None] - t[None, :], 0.0)
    cubes = beyond * beyond * beyond
    d = (cubes[:, :-1] - cubes[:, -1:]) / (t[-1] - t[:-1])
    return np.column_stack([u, d[:, :-1] - d[:, -1:]])


def _others(parsed: Formula, variable: str) -> Formula:
    """Return the formula without the terms of the variable. Raises `UsageError` for instruments and mixed terms."""
    if parsed.endogenous:
        raise UsageError(
            "two lines are not available with instruments", where=parsed.text, remedy="leave the instruments out"
        )
    own_terms = [t for t in parsed.regressors if t.columns == (variable,) and not t.parts[0].log]
    if not own_terms:
        raise UsageError(
            f"{variable!r} is not a regressor",
            where=parsed.text,
            remedy=f"give {option('variable', ...)} of the formula",
        )
    left = [t for t in parsed.regressors if t not in own_terms]
    mixed = [t.name for t in left if variable in t.columns]
    if mixed:
        raise UsageError(f"{variable!r} also appears in {mixed[0]!r}", where=parsed.text, remedy="leave that term out")
    return with_regressors(parsed, left)


def _shape(rows: Ready, parsed: Formula, variable: str, how: Fit) -> str:
    """Return the shape to test for: an inverted U if a quadratic rises at the smallest value, else a U."""
    terms = [Term((Part(variable),)), square(variable)]
    result = fit(
        rows, with_regressors(parsed, [*terms, *parsed.regressors]), replace(how, vcov="iid", df="auto", cluster=None)
    )
    if terms[1].name in result.dropped:
        raise NotIdentified(
            say("impossible.square-dropped", variable=repr(variable), why=result.dropped[terms[1].name]),
            where=result.formula,
        )
    low = float(rows.series(variable).min())  # type: ignore[arg-type]
    rises = result[variable].estimate + 2 * result[terms[1].name].estimate * low > 0
    return "inverted U" if rises else "U"


def _smoothed(
    rows: Ready, parsed: Formula, values: tuple[Vector, Codes], knots: Vector, how: Fit
) -> tuple[Vector, Vector]:
    """Return the spline minus its mean at every row, and its standard error. Collinear columns are left out.

    ``values`` holds the distinct values of the variable and, for each row, its position among them.
    """
    distinct, place = values
    basis = spline_basis(distinct, knots)
    names = [f"spline {j + 1}" for j in range(basis.shape[1])]
    wide = rows.plus({n: basis[:, j].take(place) for j, n in enumerate(names)})
    result = fit(wide, with_regressors(parsed, [*(Term((Part(n),)) for n in names), *parsed.regressors]), how)
    kept = [(j, n) for j, n in enumerate(names) if n not in result.dropped]
    terms = [c.term for c in result.coefficients]
    at = [terms.index(n) for _, n in kept]
    centred = basis[:, [j for j, _ in kept]]
    centred = centred - np.bincount(place, minlength=len(distinct)) @ centred / len(place)
    smooth = centred @ np.array([result.coefficients[i].estimate for i in at])
    variance = np.einsum("ij,ij->i", centred @ result.vcov[np.ix_(at, at)], centred)
    return smooth[place], np.sqrt(np.maximum(variance, 0.0))[place]


def _flat(x: Vector, smooth: Vector, error: Vector, shape: str) -> tuple[float, Vector]:
    """Return where the smoothed outcome is most extreme within the middle 80% of rows, and the sorted flat set."""
    middle = (x > _quantile(x, 0.1)) & (x < _quantile(x, 0.9))
    if not middle.any():
        raise TooFew(say("impossible.no-value-between"), remedy="use the U-test")
    sign = 1.0 if shape == "inverted U" else -1.0
    inside, height = x[middle], sign * smooth[middle]
    top = height.max()
    flat = np.sort(inside[height + error[middle] >= top])
    return float(inside[height >= top].min()), flat


def _quantile(values: Vector, probability: float) -> float:
    return float(np.quantile(values, probability, method="averaged_inverted_cdf"))


def _interrupted(rows: Ready, parsed: Formula, x: Vector, how: Fit, *, at: float, side: str) -> FitResult:
    """Fit two lines with a jump between them. Rows at the break belong to the line on ``side``."""
    below = x <= at if side == "below" else x < at
    columns = {
        _LOW: np.where(below, x - at, 0.0),
        _HIGH: np.where(below, 0.0, x - at),
        _JUMP: (~below).astype(np.float64),
    }
    terms = [Term((Part(n),)) for n in columns]
    result = fit(rows.plus(columns), with_regressors(parsed, [*terms, *parsed.regressors]), how)
    for name in (_LOW, _HIGH):
        if name in result.dropped:
            raise NotIdentified(
                say("impossible.line-dropped", name=name, at=f"{at:.6g}", why=result.dropped[name]), where=parsed.text
            )
    return result


def _line(result: FitResult, name: str, rows: int) -> Line:
    c = result[name]
    wild = next((w.p_value for w in result.wild if w.null == name), None)
    return Line(c.estimate, c.std_error, c.statistic, c.p_value, rows, wild)


def _verdict(first: Line, second: Line, alpha: float) -> str:
    if not below(max(first.p_value, second.p_value), alpha) or first.slope * second.slope >= 0:
        return "neither"
    return "inverted U" if first.slope > 0 else "U"
