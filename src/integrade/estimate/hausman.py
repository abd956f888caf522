"""Test fixed against random effects: the cluster-robust Mundlak test, or the Hausman test in several forms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.engine.frames import collect, enter
from integrade.errors import BadFormula, NotIdentified, TooFew, UnknownColumn, UsageError, did_you_mean, option
from integrade.estimate.cluster_names import joined_names
from integrade.estimate.formula import Formula, Term, parse_formula
from integrade.estimate.results import Vector
from integrade.records import tidied
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import column_word
from integrade.regress.students import chi2_upper, f_upper
from integrade.wording.sheet import Sheet, number, shown
from integrade.wording.sheet import listed as listed_plainly
from plainwords.texts import listed, say

Indices = NDArray[np.int64]
Method = Literal["mundlak", "classical", "sigmamore", "sigmaless", "stata", "stata_without_dummies"]
_ROWS = 8_192  # rows in a block of the QR decomposition, so that a block stays in cache
_LIMIT = 200_000_000  # largest number of values in the dense design (1.6 GB)


@dataclass(frozen=True)
class HausmanTest:
    """Options of the comparison of fixed and random effects.

    Parameters
    ----------
    method
        ``mundlak``: cluster-robust Wald test on the units' means. ``classical``: Hausman with each model's own error
        variance; ``sigmamore`` and ``sigmaless`` use in both the variance of the random-effects or of the fixed-effects
        model. ``stata``: as Stata's ``hausman`` after ``xtreg, fe`` and ``xtreg, re`` with dummies of further effects;
        ``stata_without_dummies``: the same without the dummies.
    cluster
        Column by which the Mundlak test is clustered, or two as ``"firm+region"`` or ``["firm", "region"]``; by default
        the first effect.
    """

    method: Method = "mundlak"
    cluster: str | None = field(default=None, metadata={"given": str | Sequence[str] | None})

    def __post_init__(self) -> None:
        """Join a list of cluster variables into one text. Raises `UsageError` for other types."""
        object.__setattr__(self, "cluster", joined_names(self.cluster))


@shown
@dataclass(frozen=True)
class Hausman:
    """A test of fixed against random effects.

    ``valid`` is false if V_FE - V_RE is not positive definite; the Hausman test then has no p-value.
    """

    method: str
    statistic: float
    df: float
    p_value: float
    valid: bool
    note: str = ""
    nobs: int = 0
    units: int = 0
    effects: tuple[str, ...] = ()

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the test and a description of its sample as text."""
        p = f"p = {self.p_value:.4f}" if self.valid else "no valid test"
        headline = f"Hausman ({self.method}): {number(self.statistic)} for {self.df:g} coefficients, {p}"
        sample = f"n = {self.nobs:,}, {self.units:,} units; effects {listed_plainly(self.effects)}"
        return Sheet(headline, lines=(self.note, sample))


@dataclass(frozen=True)
class _Panel:
    """Rows sorted by unit: outcome y (n,), regressors (n, k), dummies (n, m), and the first row of each unit (N,).

    ``clusters`` holds a sign and codes (n,) for each set of clusters. There is one set, or there are two sets with sign
    1 and their combination with sign -1.
    """

    y: Vector
    x: Vector
    dummies: Vector
    starts: Indices
    clusters: tuple[tuple[int, Indices], ...]
    names: tuple[str, ...]
    clustered_by: str

    @property
    def sizes(self) -> Vector:
        """Number of rows of each unit, shape (N,)."""
        return np.diff(np.append(self.starts, len(self.y))).astype(float)

    def means(self, z: Vector) -> Vector:
        """Return, for each row, the means of the columns over its unit, shape (n, p)."""
        sums = np.add.reduceat(z, self.starts, axis=0)
        return np.repeat(sums / self.sizes[:, None], self.sizes.astype(int), axis=0)


@dataclass(frozen=True)
class _Ols:
    """Least squares on the independent columns ``kept``: coefficients, (x'x)^-1, residuals."""

    kept: list[int]
    b: Vector
    bread: Vector
    residuals: Vector


@keywords(HausmanTest)
def hausman(panel: Any, formula: str, options: HausmanTest | None = None, **changes: Any) -> Hausman:
    """Test whether the unit effects (the first effect of the formula) are uncorrelated with the regressors.

    Formula: Mundlak: pooled least squares of y on x, dummies of the further effects, and the unit means of all of them;
        Wald test that the means of x have zero coefficients, CR1 by cluster, p from F(q, G - 1).
        Classical: H = (b_FE - b_RE)' [V_FE - V_RE]^-1 (b_FE - b_RE), random effects by Swamy and Arora (Baltagi and
        Chang for unbalanced panels). Dummies are in both models; their coefficients are not compared.
        Stata: the same H with the default variance components of ``xtreg, re``: s2_u = max(0, SSR_b / (N - K) - s2_e /
        T), with SSR_b of the regression of the units' means, one row a unit, and T the harmonic mean of their rows. The
        coefficients of the dummies are compared, too. In a balanced panel this is Swamy and Arora.
    Missing values: rows with any column missing are left out.

    Args:
        panel: any table.
        formula: ``"y ~ x + x^2 | firm + year"``; further effects become dummies.
        options: see `HausmanTest`; or single options by name.

    Returns:
        One `Hausman`. When V_FE - V_RE is not positive definite the classical statistic is still reported, ``valid`` is
        False and there is no p-value.

    Raises: `BadFormula` without an effect or with instruments, `NotIdentified`, `TooFew`, `UnknownColumn`.

    Reference: Hausman (1978), Mundlak (1978), Wooldridge (2019); Swamy and Arora (1972), Baltagi and Chang (1994).

    Example:
        >>> hausman(panel, "quality ~ market + scale | firm + year", cluster="region")  # doctest: +SKIP
    """
    chosen = choose(HausmanTest, options, changes)
    parsed = parse_formula(formula)
    if not parsed.effects or parsed.endogenous:
        what = "has instruments" if parsed.endogenous else "names no unit"
        raise BadFormula(f"the formula {what}", where=formula, remedy='write "y ~ x1 + x2 | firm + year"')
    if chosen.method == "stata_without_dummies":
        parsed = replace(parsed, effects=parsed.effects[:1])
    data = _read(panel, parsed, chosen)
    test = _mundlak(data) if chosen.method == "mundlak" else _classical(data, chosen.method)
    effects = tuple("^".join(e) for e in parsed.effects)
    return replace(test, nobs=len(data.y), units=len(data.starts), effects=effects)


def _read(panel: Any, formula: Formula, chosen: HausmanTest) -> _Panel:
    """Collect complete rows sorted by unit, with the dummies of further effects and the codes of the clusters."""
    frame = enter(panel)
    present = frame.collect_schema().names()
    unit = formula.effects[0]
    sets = [(part.strip(),) for part in chosen.cluster.split("+")] if chosen.cluster else [unit]
    by = tuple(c for columns in sets for c in columns)
    if len(sets) > 2:
        raise UsageError(
            f"cluster={chosen.cluster!r} has {len(sets)} dimensions",
            remedy=f"give one or two, as {option('cluster', 'firm + year')}",
        )
    names = list(dict.fromkeys((*formula.numeric_columns, *formula.effect_columns, *by)))
    for name in names:
        if name not in present:
            raise UnknownColumn(f"no column {name!r} in the panel", remedy=did_you_mean(name, present))
    rows = collect(frame.select(*names))
    terms = {"_y": _value(formula.outcome)} | {f"_x{i}": _value(t) for i, t in enumerate(formula.regressors)}
    rows = rows.with_columns(e.alias(n) for n, e in terms.items())
    rows = rows.filter(pl.all_horizontal(*[pl.col(n).is_finite() for n in terms])).drop_nulls(
        formula.effect_columns + by
    )
    rows = rows.with_columns(_unit=_codes(unit)).sort("_unit", maintain_order=True)
    if rows["_unit"].n_unique() < 2:
        raise TooFew(
            say("impossible.few-units", unit="^".join(unit)),
            where=formula.text,
            remedy="put another unit first among the effects, or take more rows",
        )
    dummies = [np.empty((rows.height, 0))]
    for effect in formula.effects[1:]:
        codes = rows.select(_codes(effect)).to_series().to_numpy()
        levels = int(codes.max()) + 1
        if rows.height * 2 * (levels + len(terms)) > _LIMIT:
            raise UsageError(
                f"effect {'^'.join(effect)!r} has {levels:,} levels, too many for dummies here",
                remedy="leave it out of the Hausman formula: only the first effect is tested",
            )
        dummies.append(np.asarray(codes[:, None] == np.arange(1, levels), dtype=float))
    signed = [(1, columns) for columns in sets] + ([(-1, by)] if len(sets) == 2 else [])
    clusters = tuple((sign, rows.select(_codes(columns)).to_series().to_numpy()) for sign, columns in signed)
    first = np.flatnonzero(np.diff(rows["_unit"].to_numpy(), prepend=-1))
    return _Panel(
        rows["_y"].to_numpy(),
        rows.select([n for n in terms if n != "_y"]).to_numpy(),
        np.hstack(dummies),
        first,
        clusters,
        tuple(t.name for t in formula.regressors),
        chosen.cluster or "^".join(unit),
    )


def _value(term: Term) -> pl.Expr:
    """Return an expression for the values of a term: not finite where its logarithm does not exist."""
    value = pl.lit(1.0)
    for part in term.parts:
        column = pl.col(part.column).cast(pl.Float64)
        value = value * (column.log() if part.log else column) ** part.power
    return value


def _codes(columns: tuple[str, ...]) -> pl.Expr:
    """Return an expression that numbers the distinct values 0, 1, ... in sorted order."""
    return pl.struct(columns).rank("dense").cast(pl.Int64) - 1


def _mundlak(p: _Panel) -> Hausman:
    """Test that the unit means of the regressors have zero coefficients.

    The unit means of the dummies are in the regression, but are not tested.
    """
    both = p.means(np.hstack([p.dummies, p.x]))
    design = np.hstack([np.ones((len(p.y), 1)), p.x, p.dummies, both])
    fit = _ols(design, p.y)
    first = design.shape[1] - p.x.shape[1]
    tested = [i for i, column in enumerate(fit.kept) if column >= first]
    if not tested:
        raise NotIdentified(
            say("impossible.no-variation-both"),
            where=", ".join(p.names),
            remedy="give a regressor that does, or put another unit first among the effects",
        )
    groups, q = min(int(codes.max()) + 1 for _, codes in p.clusters), len(tested)
    if groups < 2:
        raise TooFew(say("impossible.one-cluster", column=str(p.clustered_by)), remedy="cluster by a finer column")
    if len(p.y) <= len(fit.kept):
        raise TooFew(
            say("impossible.rows-for-coefficients", rows=str(len(p.y)), coefficients=str(len(fit.kept))),
            remedy="take fewer regressors or effects",
        )
    gamma, vcov = fit.b[tested], _clustered(p, design, fit, groups)[np.ix_(tested, tested)]
    eigenvalues = _eigenvalues(vcov, np.diag(fit.bread)[tested])
    # a covariance with an eigenvalue this small (relatively) is singular up to rounding; the statistic would be noise
    if eigenvalues[0] < 1e-10 * eigenvalues[-1]:
        why = say(
            "models_fit.mean-not-positive-definite", means=str(q), clusters=str(groups), by=column_word(p.clustered_by)
        )
        return Hausman("mundlak", math.nan, q, math.nan, False, why)
    absent = [name for i, name in enumerate(p.names) if first + i not in fit.kept]
    note = say("models_fit.wald-of-means", by=column_word(p.clustered_by), clusters=str(groups))
    if absent:
        note = say("models_fit.no-separate-mean", test=note, terms=listed(absent, "comma"))
    statistic = float(gamma @ np.linalg.solve(vcov, gamma))
    return Hausman("mundlak", statistic, q, f_upper(statistic / q, q, groups - 1), True, note)


def _clustered(p: _Panel, design: Vector, fit: _Ols, groups: int) -> Vector:
    """Return the CR1 covariance, with the small-sample factor of the cluster variable that has the fewest clusters.

    With two cluster variables it is V1 + V2 - V12, which may not be positive definite.
    """
    n, k = len(p.y), len(fit.kept)
    meat = np.zeros((k, k))
    for sign, codes in p.clusters:
        columns = (design[:, j] * fit.residuals for j in fit.kept)
        scores = np.column_stack([np.bincount(codes, column) for column in columns])
        meat += sign * (scores.T @ scores)
    return np.asarray(groups / (groups - 1) * (n - 1) / (n - k) * fit.bread @ meat @ fit.bread)


def _classical(p: _Panel, method: Method) -> Hausman:
    """Compare the coefficients of fixed and random effects with the difference of their covariances."""
    z = np.hstack([p.x, p.dummies])
    n, units = len(p.y), len(p.starts)
    within = _ols(z - p.means(z), p.y - p.means(p.y[:, None])[:, 0], size=z)
    stata = method in ("stata", "stata_without_dummies")
    compared = [i for i, column in enumerate(within.kept) if stata or column < p.x.shape[1]]
    if not compared:
        raise NotIdentified(
            say("impossible.no-variation-within"),
            where=", ".join(p.names),
            remedy="give a regressor that does, or put another unit first among the effects",
        )
    if n - units - len(within.kept) < 1:
        raise TooFew(
            say("impossible.no-freedom", rows=str(n), units=str(units)),
            remedy="give more years of the units, or fewer regressors",
        )
    s2_fixed = float(within.residuals @ within.residuals) / (n - units - len(within.kept))
    # the fit is exact up to rounding: 1e-20 is the square of 1e-10, the rounding of a residual relative to y
    if s2_fixed <= 1e-20 * float(np.var(p.y)):
        raise NotIdentified(say("impossible.exact-fit"), where=", ".join(p.names))
    theta = _theta_of_stata(p, z, s2_fixed) if stata else _theta(p, z, s2_fixed)
    design = np.hstack([np.ones((n, 1)), z])
    quasi = design - theta[:, None] * p.means(design)
    random = _ols(quasi, p.y - theta * p.means(p.y[:, None])[:, 0], size=design)
    s2_random = float(random.residuals @ random.residuals) / (n - len(random.kept))
    compared = [i for i in compared if within.kept[i] + 1 in random.kept]
    at = [random.kept.index(within.kept[i] + 1) for i in compared]
    scale_fixed = s2_random if method == "sigmamore" else s2_fixed
    scale_random = s2_fixed if method == "sigmaless" else s2_random
    v_fixed = scale_fixed * within.bread[np.ix_(compared, compared)]
    v_random = scale_random * random.bread[np.ix_(at, at)]
    left = [name for i, name in enumerate(p.names) if i not in within.kept]
    dummies = p.dummies.shape[1] > 0
    key = "theta" if not stata else "theta-stata-dummies" if dummies else "theta-stata"
    note = say(f"models_fit.{key}", low=f"{theta.min():.4f}", high=f"{theta.max():.4f}")
    if left:
        note = say("models_fit.not-compared", test=note, terms=listed(left, "comma"))
    gap, difference, df = within.b[compared] - random.b[at], v_fixed - v_random, len(compared)
    eigenvalues = _eigenvalues(difference, np.diag(v_fixed))
    # an eigenvalue of the scaled difference below this is zero up to rounding; a convention
    singular = float(np.abs(eigenvalues).min()) < 1e-12
    statistic = math.nan if singular else float(gap @ np.linalg.solve(difference, gap))
    if eigenvalues[0] > 0 and not singular:
        return Hausman(method, statistic, df, chi2_upper(statistic, df), True, note)
    return Hausman(method, statistic, df, math.nan, False, say("models_fit.no-distribution", test=note))


def _theta(p: _Panel, z: Vector, s2: float) -> Vector:
    """Return, for each row, the share of its unit mean that random effects subtract, shape (n,).

    The variances are by Swamy and Arora, and by Baltagi and Chang if the panel is unbalanced.
    """
    design = np.hstack([np.ones((len(p.y), 1)), z])
    means = p.means(design)
    between = _ols(means, p.means(p.y[:, None])[:, 0], size=design)
    free = len(p.starts) - len(between.kept)
    if free < 1:
        raise TooFew(
            say("impossible.no-between", units=str(len(p.starts)), coefficients=str(len(between.kept))),
            remedy=f"use {option('method', 'mundlak')}",
        )
    sums = p.sizes[:, None] * means[p.starts][:, between.kept]
    trace = float(np.trace(between.bread @ (sums.T @ sums)))
    unit_variance = (float(between.residuals @ between.residuals) - free * s2) / (len(p.y) - trace)
    theta = 1 - np.sqrt(s2 / (s2 + p.sizes * max(unit_variance, 0.0)))
    return np.repeat(theta, p.sizes.astype(int))


def _theta_of_stata(p: _Panel, z: Vector, s2: float) -> Vector:
    """Return, for each row, the share of its unit mean that ``xtreg, re`` subtracts by default."""
    means = p.means(np.hstack([np.ones((len(p.y), 1)), z, p.y[:, None]]))[p.starts]
    between = _ols(means[:, :-1], means[:, -1])
    free = len(p.starts) - len(between.kept)
    if free < 1:
        raise TooFew(
            say("impossible.no-between", units=str(len(p.starts)), coefficients=str(len(between.kept))),
            remedy=f"use {option('method', 'mundlak')}",
        )
    harmonic = len(p.starts) / float((1 / p.sizes).sum())
    unit_variance = max(float(between.residuals @ between.residuals) / free - s2 / harmonic, 0.0)
    return np.repeat(1 - np.sqrt(s2 / (s2 + p.sizes * unit_variance)), p.sizes.astype(int))


def _eigenvalues(matrix: Vector, variances: Vector) -> Vector:
    """Return the ascending eigenvalues of a symmetric matrix in units of ``variances``.

    The scaling makes the eigenvalues independent of the units of x.
    """
    scale = 1 / np.sqrt(variances)
    return np.asarray(np.linalg.eigvalsh(matrix * np.outer(scale, scale)))


def _ols(x: Vector, y: Vector, *, size: Vector | None = None) -> _Ols:
    """Fit least squares on the columns that are independent of earlier columns.

    A remaining norm counts as zero relative to the norm of the same column of ``size`` (default: x).
    """
    # the triangle R of the QR decomposition of [x, y], computed by blocks of rows; its columns have the same inner
    # products as the columns of [x, y]
    parts = [np.zeros((0, x.shape[1] + 1))]
    for start in range(0, len(y), _ROWS):
        rows = slice(start, start + _ROWS)
        parts.append(np.asarray(np.linalg.qr(np.column_stack([x[rows], y[rows]]), mode="r")))
    triangle = np.asarray(np.linalg.qr(np.vstack(parts), mode="r"))
    r, right = triangle[:, :-1], triangle[:, -1]
    norms = np.linalg.norm(r if size is None else size, axis=0)
    room = np.empty(r.shape, order="F")
    kept: list[int] = []
    for j, norm in enumerate(norms):
        left, basis = r[:, j].copy(), room[:, : len(kept)]
        for _ in range(2):  # the second pass restores orthogonality
            left -= basis @ (basis.T @ left)
        length = float(np.linalg.norm(left))
        # the tolerance of collinearity of METHODS 5.1 (1e-9 to 1e-10 of the column's norm)
        if length > 1e-9 * norm:
            room[:, len(kept)] = left / length
            kept.append(j)
    basis = room[:, : len(kept)]
    inverse = np.linalg.inv(np.triu(basis.T @ r[:, kept]))
    b = inverse @ (basis.T @ right)
    return _Ols(kept, b, inverse @ inverse.T, y - x[:, kept] @ b)
