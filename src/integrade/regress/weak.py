"""Compute inference that holds with weak instruments (Anderson-Rubin sets, LIML, tF), and a test of endogeneity.

Notation as in `integrade.regress.iv`. A hypothesis on b is written as a direction c = (1, -b) of the columns a = [y,
x]. The Anderson-Rubin statistic is ``AR(c) = (z'a c)' S(c)^-1 (z'a c)``, with S(c) the covariance of the scores of ``a
c`` net of z. It does not depend on the length of c. So an infinite b is the ordinary direction (0, -1), where AR is the
first-stage Wald statistic. Sets that are unbounded, in pieces, or hold every value need no special treatment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

import numpy as np

from integrade.regress.covariance import cluster_scores
from integrade.regress.effects import Vector
from integrade.regress.iv import Errors, in_unit_scale, meat, rest_df, small_sample
from integrade.regress.ols import cross_products, least_squares
from integrade.regress.students import chi2_upper

SetKind = Literal["interval", "two_rays", "pieces", "line", "empty"]
End = float | None
_ANGLES = 1_024  # directions on the circle between which roots are sought; a convention
_INNER = 256  # angles of the coefficient that is minimised out, before three rounds of refinement; a convention


@dataclass(frozen=True)
class AndersonRubin:
    """The Anderson-Rubin statistic as a function of a direction c.

    ``g`` (1 + p, L) = z'a; ``t`` (1 + p, 1 + p, L, L) holds the covariances of scores of each pair of columns.
    ``scale`` is the small-sample factor divided by L. ``df`` is the second degrees of freedom of F(L, df).
    """

    g: Vector
    t: Vector
    scale: float
    df: float

    def f(self, directions: Vector) -> Vector:
        """Return F of each direction (..., 1 + p)."""
        g, many = directions @ self.g, self.g.shape[1]
        pairs = (directions[..., :, None] * directions[..., None, :]).reshape(*directions.shape[:-1], -1)
        s = (pairs @ self.t.reshape(-1, many * many)).reshape(*directions.shape[:-1], many, many)
        return _quadratic(g, s) * self.scale

    def turned(self, matrix: Vector) -> AndersonRubin:
        """Return the statistic for the coefficients of the columns x @ ``matrix`` (p, p) in place of x."""
        full = np.eye(len(self.g))
        full[1:, 1:] = matrix
        t = np.einsum("ik,jl,ijab->klab", full, full, self.t)
        return AndersonRubin(full.T @ self.g, t, self.scale, self.df)


def _quadratic(g: Vector, s: Vector) -> Vector:
    """Return g' s^-1 g for each g (..., L) and s (..., L, L), in closed form for one or two instruments.

    Raises `LinAlgError` for a singular s.
    """
    many = g.shape[-1]
    if many > 2:
        return np.asarray(np.einsum("...l,...l->...", g, np.linalg.solve(s, g[..., None])[..., 0]))
    if many == 1:
        top, determinant = g[..., 0] ** 2, s[..., 0, 0]
    else:
        a, b, c, d = (s[..., i, j] for i in (0, 1) for j in (0, 1))
        x, y = g[..., 0], g[..., 1]
        top, determinant = d * x * x - (b + c) * x * y + a * y * y, a * d - b * c
    if not np.all(determinant):
        raise np.linalg.LinAlgError("Singular matrix")
    return np.asarray(top / determinant)


def anderson_rubin(x: Vector, w: Vector, z: Vector, y: Vector, errors: Errors) -> AndersonRubin:
    """Prepare the statistic for y on [x, w] with instruments [z, w]."""
    weights = errors.weights
    zt, a = (
        np.column_stack([least_squares(w, c, weights).residuals for c in m.T]) for m in (z, np.column_stack([y, x]))
    )
    many = zt.shape[1]
    g = (a if weights is None else a * weights[:, None]).T @ zt
    left = np.column_stack([least_squares(zt, c, weights).residuals for c in a.T])
    df = min(c.levels for c in errors.clusters) - 1 if errors.clusters else rest_df(len(y), errors, many)
    return AndersonRubin(g, _pairs(zt, left, errors), small_sample(len(y), errors, many) / many, df)


def _pairs(z: Vector, left: Vector, errors: Errors) -> Vector:
    """Return the covariance of the scores of every two columns, (1 + p, 1 + p, L, L).

    With several cluster variables, the covariances of all of them are added. The covariance of their intersection is
    not subtracted (Davezies, D'Haultfoeuille and Guyonvarch 2021). The difference of Cameron, Gelbach and Miller
    need not be positive for every hypothesised coefficient. An F below zero would then wrongly accept that value. The
    sum is too large and therefore conservative.
    """
    weighted = left if errors.weights is None else left * errors.weights[:, None]
    if errors.kind == "iid":
        return np.asarray(np.einsum("ij,lm->ijlm", left.T @ weighted / len(left), cross_products(z, errors.weights)))
    if errors.kind == "robust":
        scores = weighted[:, :, None] * z[:, None, :]
        return np.asarray(np.einsum("nil,njm->ijlm", scores, scores))
    total = np.zeros((left.shape[1], left.shape[1], z.shape[1], z.shape[1]))
    for cluster in errors.clusters:
        s = np.stack([cluster_scores(z, u, cluster, errors.weights) for u in left.T], axis=1)
        total += np.einsum("gil,gjm->ijlm", s, s)
    return total


class ConfidenceSet(NamedTuple):
    """All values that are not rejected, as closed intervals in order. An end is None if there is no bound."""

    kind: SetKind
    intervals: tuple[tuple[End, End], ...]


def confidence_set(ar: AndersonRubin, *, critical: float, centre: float, spread: float) -> ConfidenceSet:
    """Return the values of the first coefficient that the Anderson-Rubin test does not reject.

    These have F <= critical; F is minimised over the second coefficient if there are two.

    The real line is mapped to a circle by b = centre + spread tan(angle). The ends of the set are roots between
    neighbouring angles. With two coefficients the set is the projection of the joint region: its level is at least the
    nominal one.
    """
    from scipy.optimize import brentq, minimize_scalar

    value = profile(ar, centre, spread)

    def excess(angle: float) -> float:
        return float(value(np.array([angle]))[0]) - critical

    angles = np.linspace(-np.pi / 2, np.pi / 2, _ANGLES + 1)
    at = value(angles[:-1]) - critical
    at = np.append(at, at[0])  # the circle closes at infinity
    points, heights = [float(angles[0])], [float(at[0])]
    step = float(angles[1] - angles[0])
    for i in range(1, _ANGLES + 1):
        before, here, after = at[i - 1], at[i], at[i % _ANGLES + 1]
        turns = (here - before) * (after - here) <= 0
        if turns and i < _ANGLES and np.sign(before) == np.sign(here) == np.sign(after):
            sign = float(np.sign(here))
            ends = (float(angles[i]) - step, float(angles[i]) + step)
            extreme = minimize_scalar(lambda v, s=sign: s * excess(v), bounds=ends, method="bounded")
            if extreme.fun < 0 and extreme.x > points[-1]:
                points.append(float(extreme.x))
                heights.append(sign * float(extreme.fun))
        if float(angles[i]) > points[-1]:
            points.append(float(angles[i]))
            heights.append(float(at[i]))
    roots = [
        float(brentq(excess, a, b, xtol=1e-14))
        for a, b, u, v in zip(points[:-1], points[1:], heights[:-1], heights[1:], strict=True)
        if (u > 0) != (v > 0)
    ]
    return as_set([centre + spread * float(np.tan(r)) for r in roots], inside=bool(at[0] <= 0))


def as_set(ends: list[float], *, inside: bool) -> ConfidenceSet:
    """Return the set with these ends in order. ``inside`` is true if infinity belongs to the set."""
    if not ends:
        return ConfidenceSet("line", ((None, None),)) if inside else ConfidenceSet("empty", ())
    bounds: list[End] = [None, *ends, None] if inside else [*ends]
    pieces = tuple(zip(bounds[::2], bounds[1::2], strict=True))
    if not inside:
        return ConfidenceSet("interval" if len(pieces) == 1 else "pieces", pieces)
    return ConfidenceSet("two_rays" if len(pieces) == 2 else "pieces", pieces)


def profile(ar: AndersonRubin, centre: float, spread: float) -> Callable[[Vector], Vector]:
    """Return a function from the angle of the first coefficient to F, minimised over the second coefficient.

    The coefficient at an angle is ``centre + spread tan(angle)``.
    """
    coefficients = len(ar.g) - 1

    def lines(angles: Vector) -> tuple[Vector, Vector]:
        along = np.cos(angles)
        return along, -(centre * along + spread * np.sin(angles))

    if coefficients == 1:
        return lambda angles: ar.f(np.stack(lines(angles), axis=-1))
    size = float(np.sqrt(np.trace(ar.t[0, 0]) / max(float(np.trace(ar.t[2, 2])), 1e-300)))

    def inner(angles: Vector) -> Vector:
        y, x = lines(angles)
        turn = np.broadcast_to(np.linspace(-np.pi / 2, np.pi / 2, _INNER + 1), (len(angles), _INNER + 1))
        width = np.pi / _INNER
        for _ in range(4):
            c = np.cos(turn)
            values = ar.f(np.stack([y[:, None] * c, x[:, None] * c, -size * np.sin(turn)], axis=-1))
            best = np.argmin(values, axis=1)
            middle = np.take_along_axis(turn, best[:, None], axis=1)
            turn = middle + np.linspace(-width, width, 33)
            width /= 16
        return np.asarray(values.min(axis=1))

    return inner


class Liml(NamedTuple):
    """Limited-information maximum likelihood: b (k,), kappa, bread (k, k), and whether it is identified."""

    coefficients: Vector
    kappa: float
    bread: Vector
    identified: bool


def liml(gram: Vector, endogenous: int, exogenous: int) -> Liml:
    """Compute LIML from the cross-products of [x, w, z, y].

    kappa is the smallest root of det(A'M_w A - kappa A'M_wz A), A = [y, x]; b = (X'(I - kappa M_wz) X)^-1
    X'(I - kappa M_wz) y with X = [x, w].
    """
    p, k = endogenous, endogenous + exogenous
    scale = np.sqrt(np.maximum(np.diag(gram), 1e-300))
    unit = gram / np.outer(scale, scale)
    a = [len(gram) - 1, *range(p)]
    w, wz = list(range(p, k)), list(range(p, len(gram) - 1))
    net_w, net_wz = _net(unit, a, w), _net(unit, a, wz)
    from scipy.linalg import eigh

    net_values = np.linalg.eigvalsh(net_wz)
    if net_values[0] > 1e-12 * net_values[-1]:
        kappa = float(eigh(net_w, net_wz, eigvals_only=True, subset_by_index=(0, 0))[0])
    else:  # the instruments explain a regressor exactly, so A'M_wz A has no inverse: take the largest root of 1 / kappa
        kappa = 1 / float(eigh(net_wz, net_w, eigvals_only=True, subset_by_index=(p, p))[0])
    x = list(range(k))
    left = unit[np.ix_(x, [*x, -1])] - kappa * _net(unit, [*x, len(gram) - 1], wz)[:-1]
    values = np.linalg.eigvalsh(left[:, :-1])
    # eigenvalues of unit columns below 1e-12 of the largest are rounding: the coefficients are then not identified
    inverse = np.linalg.pinv(left[:, :-1], rcond=1e-12, hermitian=True)
    b = inverse @ left[:, -1] * scale[-1] / scale[:k]
    return Liml(b, kappa, inverse / np.outer(scale[:k], scale[:k]), bool(values[0] > 1e-12 * values[-1]))


def _net(gram: Vector, of: list[int], given: list[int]) -> Vector:
    """Return the cross-products of the columns ``of``, net of the columns ``given``."""
    if not given:
        return np.asarray(gram[np.ix_(of, of)])
    cross = gram[np.ix_(given, of)]
    return np.asarray(gram[np.ix_(of, of)] - cross.T @ np.linalg.lstsq(gram[np.ix_(given, given)], cross)[0])


class Endogeneity(NamedTuple):
    """The C statistic.

    It is chi-squared with ``df`` = p degrees of freedom if the regressors called endogenous are exogenous.
    """

    statistic: float
    df: int
    p_value: float


def c_statistic(x: Vector, w: Vector, z: Vector, y: Vector, errors: Errors) -> Endogeneity | None:
    """Compute the C statistic: J with x among the instruments, minus J with x endogenous, both with the same weight.

    The weight comes from the residuals with x exogenous, so the difference is not negative; ivreg2's ``endog()`` does
    the same. Under iid errors C is the Durbin-Wu-Hausman statistic. Returns None if the weight has no inverse
    (`in_unit_scale`).
    """
    regressors, every = np.hstack([x, w]), np.hstack([x, z, w])
    u = least_squares(regressors, y, errors.weights).residuals
    scaling = in_unit_scale(meat(every, u, errors))
    if scaling is None:
        return None
    scale, inner = scaling
    weighted = every if errors.weights is None else every * errors.weights[:, None]
    a_x, a_y = weighted.T @ regressors / scale[:, None], weighted.T @ y / scale
    p = x.shape[1]
    value = _j(a_x, a_y, inner) - _j(a_x[p:], a_y[p:], inner[p:, p:])
    return Endogeneity(value, p, chi2_upper(value, p))


def _j(a_x: Vector, a_y: Vector, inner: Vector) -> float:
    """Return J at the GMM estimate, with the inverse of ``inner`` as weight."""
    inverse = np.linalg.inv(inner)
    b = np.linalg.solve(a_x.T @ inverse @ a_x, a_x.T @ inverse @ a_y)
    g = a_y - a_x @ b
    return float(g @ inverse @ g)


def tf_critical(f: float) -> float:
    """Return the tF critical value of |t| at 5%, for one regressor and one instrument with first-stage F ``f``.

    Formula: c(F) for which t^2 > c(F) has probability .05 for every strength of the instrument in the worst case, where
        the errors of both equations are perfectly correlated. Then t = z s / f0 with z standard normal, s = f0 + z the
        first-stage t and f0 its mean, and the two ends in z of the rejection region follow from each other. Never below
        the normal 1.96 (from F = 104.7 on); infinite up to F = 3.84.

    Reference: Lee, McCrary, Moreira and Porter (2022, AER).

    Example:
        >>> round(tf_critical(10), 2), round(tf_critical(104.7), 2)
        (3.43, 1.96)
    """
    root = float(np.sqrt(f))
    roots, inverse = _tf_curve()
    if root <= roots[0]:
        return float("inf")
    return float(1 / np.interp(root, roots, inverse))


@cache
def _tf_curve() -> tuple[Vector, Vector]:
    """Return ascending square roots of F, and the inverse of the critical value at each, by fixed-point iteration."""
    from scipy.special import ndtr, ndtri

    least = float(ndtri(0.975))
    mean = np.geomspace(1e-4, 8.6, 800)
    upper = np.full_like(mean, ndtri(0.95))
    for _ in range(60):
        roots, inverse = np.append(least, mean + upper), np.append(0.0, mean / (upper * (mean + upper)))
        low, high = np.full_like(mean, least), np.full_like(mean, least + 12)
        for _ in range(50):
            s = (low + high) / 2  # |first-stage t| on the other side of zero, where z = -(s + mean)
            rejected = (s + mean) * s / mean * np.interp(s, roots, inverse) > 1
            low, high = np.where(rejected, low, s), np.where(rejected, s, high)
        upper = ndtri(0.95 + ndtr(-(low + mean)))
    return roots, np.minimum(inverse, 1 / least)
