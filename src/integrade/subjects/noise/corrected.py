"""Estimate a regression as it would be on an index without sampling error, by halves of the goods.

The correction serves every question: whatever function of the index stands in the formula (its square, lags and leads,
products with groups), the function of one half of the goods is instrumented by the same function of the other half.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias

import numpy as np

from integrade.errors import Coverage, NotIdentified, UnknownName, UsageError, did_you_mean, option
from integrade.estimate.contrasts import coefficient
from integrade.estimate.design import Design
from integrade.estimate.formula import Formula, Part, Term, parse_formula
from integrade.estimate.linear import Fit, drawing, estimate, prepare
from integrade.estimate.results import Basis, FitResult, Vector, Wild
from integrade.estimate.wild_tests import nulls_of, record_of
from integrade.integration.options import RelativePrice
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.needs import DRAWS
from integrade.regress.effects import Codes, Factor
from integrade.regress.jackknife import moments_by_cluster
from integrade.regress.partial import demean
from integrade.regress.wild import Forms, wild
from integrade.subjects.noise.halves import Halves, Kinship, halves_of
from integrade.subjects.noise.treatment import SAME
from integrade.wording.numerals import p_equals
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

SEED = 20240101


@dataclass(frozen=True)
class CorrectedOptions:
    """Options of `corrected`.

    Parameters
    ----------
    treatment
        Column of the panel that holds the index. Its lags and leads are the columns that `add_lags` names
        (``market_l1``, ``market_f1``).
    splits
        Number of splits of the goods into halves, whose moments are summed.
    seed
        Seed of the splits.
    index
        Options with which the panel's index was computed.
    fit
        The regression: clusters, weights, singletons.
    """

    treatment: str = "market"
    splits: Annotated[int, DRAWS] = 20
    seed: int = SEED
    index: RelativePrice = field(default_factory=RelativePrice)
    fit: Fit = field(default_factory=lambda: Fit(cluster="region"))


@shown
@dataclass(frozen=True)
class Corrected:
    """A regression on the index as measured (``naive``), and corrected for the index's sampling error (``fit``).

    ``identified`` is false if the halves agree too little to tell the effects of the index apart: in the sample, or
    without one of the clusters, the corrected cross-products of the index's terms are not positive definite. All
    standard errors of ``fit`` are then missing (NaN). ``noise`` gives, for each term of the index, the share of its
    variation (net of effects and of all other regressors but the index's) that the halves do not share. ``tails`` is
    that of the price changes (`halves.tails_of`), ``kinship`` how much goods share shocks (`halves.kinship_of`).
    """

    treatment: str
    naive: FitResult
    fit: FitResult
    identified: bool
    noise: Mapping[str, float]
    splits: int
    seed: int
    goods: int
    tails: float | None = None
    kinship: Kinship | None = None

    @property
    def noise_share(self) -> float:
        """The share of noise in the treatment itself, or in its first term if it stands in products only."""
        return self.noise.get(self.treatment, next(iter(self.noise.values())))

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors and clusters of the corrected regression."""
        return self.fit.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return both regressions in words."""
        lines = [
            f"{self.fit.formula}  (n = {self.fit.nobs:,})",
            f"  halves of {self.goods} goods, {self.splits} splits, seed {self.seed}; noise in the index "
            f"{100 * self.noise_share:.0f}% of its variation",
            f"  {'':<20} uncorrected (s.e.) -> corrected (s.e.), p-value",
        ]
        lines += [
            f"  {c.term:<20} {self.naive[c.term].estimate:>11.6g} ({self.naive[c.term].std_error:.4g}) -> "
            f"{c.estimate:>11.6g} ({c.std_error:.4g})" + (f", {p_equals(c.p_value)}" if self.identified else "")
            for c in self.fit.coefficients
        ]
        if not self.identified:
            lines.append("  ! the halves agree too little: this index cannot determine the corrected effects")
        return of_text("\n".join(lines))


@keywords(CorrectedOptions, within="fit")
def corrected(
    prices: Any, panel: Any, formula: str, options: CorrectedOptions | None = None, **changes: Any
) -> Corrected:
    """Estimate a regression corrected for measurement error in the index, with halves of the goods as instruments.

    Formula: the goods are split into halves A and B in S ways. F(A) are the formula's functions of the index of half A
        (index, square, lags, products), Z the other regressors; effects are removed from all columns. The corrected
        coefficients solve sum over splits of [F(B), Z]'(y - [F(A), Z] b) + [F(A), Z]'(y - [F(B), Z] b) = 0: halves
        instrument each other in both directions, and moments are summed, not estimates. The sampling errors of two
        halves are independent if goods are, so that the sum has the cross-products of the true index. For a square,
        the variance of the error must not depend on the index; that of a logarithm of a variance hardly does.
    Variance: cluster jackknife, (G - 1) / G sum over clusters of (b without g - b)^2 with effects removed again;
        t(G - 1). With ``wild`` draws, also a wild bootstrap of the clusters' moments with the null imposed.
    Missing values: as in `fit`. A split with a half that lacks the index in a needed region and year is not used.

    Args:
        prices: the prices from which the panel's index was computed.
        panel: the estimation panel; its ``treatment`` (and lags of it) must be that index.
        formula: as in `fit`; the treatment may enter in powers, lags, leads, and products with other columns.
        options: a `CorrectedOptions`; single options, also those of `Fit`, by name.

    Raises:
        UsageError: the treatment is not the index of ``prices``, enters as a logarithm, the formula has instruments, or
        there is not exactly one cluster variable. UnknownName: the treatment is not a regressor. TooFew: fewer than
        four goods. Coverage: a region and year of the panel has no index. NotIdentified: no split has an index in every
        needed region and year, or a term of the index was dropped.

    Reference: Gillen, Snowberg and Yariv (2019, JPE) for two measures; METHODS 5.15.

    Example:
        >>> corrected(prices, panel, "y ~ market + market^2 + human_capital | firm + year").fit  # doctest: +SKIP
    """
    chosen = request(CorrectedOptions, options, changes)
    return correct(halves_of(prices, chosen.index, chosen.splits, chosen.seed), panel, formula, chosen)


def correct(halves: Halves, panel: Any, formula: str | Formula, chosen: CorrectedOptions) -> Corrected:
    """Return the result of `corrected` for halves that are already computed."""
    parsed = formula if isinstance(formula, Formula) else parse_formula(formula)
    shifts, terms = _index_terms(parsed, chosen)
    if not chosen.fit.cluster or "+" in chosen.fit.cluster:
        raise UsageError("one cluster variable is needed here", remedy=f"give {option('cluster', 'region')}")
    how = dataclasses.replace(chosen.fit, vcov="CR3", wild=0, wild_ci=False, wild_joint=None)
    own = [c for t in terms for c in t.columns]
    design = prepare(panel, parsed, how, also=tuple(dict.fromkeys(("region", "year", *own))))
    for term in terms:
        if term.name in design.dropped:
            raise NotIdentified(
                say("impossible.dropped", term=repr(term.name), why=design.dropped[term.name]),
                where=parsed.text,
                remedy="remove the fixed effect or the collinear regressor that absorbs it",
            )
    naive = estimate(design, how)
    values = _Values(design, halves, shifts, terms)
    values.require_same(chosen.treatment)
    names = design.regressors
    at = [names.index(t.name) for t in terms]
    others = [j for j in range(len(names)) if j not in at]
    order = np.argsort([*at, *others])
    fixed = design.matrix[:, [*(design.kept[j] for j in others), len(design.names) - 1]]
    found = _moments(design, values, fixed, design.cluster(str(how.cluster)))
    moments = np.concatenate([found.whole[None], found.without])
    p = len(terms)
    columns = [design.kept[j] for j in (*at, *others)]
    measured = _net(design.gram[np.ix_(columns, columns)][None], p)[0]
    net = _net(moments[:, :-1, :-1], p)
    scale = np.sqrt(np.diag(measured))
    identified = bool(np.linalg.eigvalsh(net / np.outer(scale, scale)).min() > 0)
    solutions = _solved(moments)
    b, groups = solutions[0], len(moments) - 1
    away = solutions[1:] - b
    vcov = (groups - 1) / groups * away.T @ away if identified else np.full((len(b), len(b)), np.nan)
    noise = {t.name: float(1 - net[0, i, i] / measured[i, i]) for i, t in enumerate(terms)}
    result = as_fit(naive, b[order], vcov[np.ix_(order, order)], groups - 1)
    if chosen.fit.wild and identified:
        result = dataclasses.replace(result, wild=_wild(design, found.within, b, order, chosen.fit))
    return Corrected(
        chosen.treatment,
        naive,
        result,
        identified,
        noise,
        found.splits,
        chosen.seed,
        halves.goods,
        halves.tails,
        halves.kinship,
    )


Estimator: TypeAlias = Callable[[Any, str | Formula, Fit], FitResult]
"""A function that estimates a formula on a panel, as `integrade.estimate.fit.fit` does."""


def estimator(halves: Halves, treatment: str) -> Estimator:
    """Return a function that estimates a regression corrected for noise in its index.

    It stands in for `integrade.estimate.fit.fit` where a question is asked again without noise. Clusters are those of
    the fit if it has exactly one cluster variable, otherwise regions. The function raises `NotIdentified` where halves
    agree too little, and the errors of `corrected`.
    """

    def run(panel: Any, formula: str | Formula, how: Fit) -> FitResult:
        one = how.cluster is not None and "+" not in how.cluster
        options = CorrectedOptions(treatment, fit=how if one else dataclasses.replace(how, cluster="region"))
        result = correct(halves, panel, formula, options)
        if not result.identified:
            raise NotIdentified(say("impossible.halves-disagree"), remedy="give the prices of more goods or years")
        return result.fit

    return run


def shift_of(column: str, treatment: str) -> int | None:
    """Return how many years back a column has the treatment, negative for leads; None for another column."""
    if column == treatment:
        return 0
    found = re.fullmatch(rf"{re.escape(treatment)}_([lf])(\d+)", column)
    return None if found is None else int(found[2]) * (1 if found[1] == "l" else -1)


def _index_terms(parsed: Formula, chosen: CorrectedOptions) -> tuple[dict[str, int], list[Term]]:
    """Return the shift of each column of the index in the formula, and the regressors that have such a column."""
    if parsed.endogenous:
        raise UsageError(
            "the halves are the instruments, so the formula must not contain others",
            where=parsed.text,
            remedy="leave the instruments out, and put the index among the regressors",
        )
    known = [c for t in parsed.regressors for c in t.columns]
    shifts = {c: s for c in known if (s := shift_of(c, chosen.treatment)) is not None}
    terms = [t for t in parsed.regressors if shifts.keys() & set(t.columns)]
    if not terms:
        raise UnknownName(
            f"{chosen.treatment!r} is not a regressor",
            where=parsed.text,
            remedy=f"{did_you_mean(chosen.treatment, known)}; give {option('treatment', ...)}",
        )
    logs = [t for t in terms for p in t.parts if p.column in shifts and p.log]
    if logs:
        raise UsageError(
            f"{logs[0].name!r}: a logarithm of the index cannot be corrected by halves",
            where=parsed.text,
            remedy="leave the logarithm out: the index itself is a logarithm by default",
        )
    return shifts, terms


class _Values:
    """The regressors that are functions of the index, for any values of the index by year and region."""

    def __init__(self, design: Design, halves: Halves, shifts: Mapping[str, int], terms: Sequence[Term]) -> None:
        self.design, self.halves, self.shifts, self.terms = design, halves, shifts, terms
        labels = design.labels
        region = {name: i for i, name in enumerate(halves.regions)}
        year = {name: i for i, name in enumerate(halves.years)}
        self.region = _positions(labels["region"], {str(k): v for k, v in region.items()}, str)
        self.years = {
            s: _positions(labels["year"], {y + s: at for y, at in year.items()}, int) for s in shifts.values()
        }
        self.columns = {c: labels[c].to_numpy().astype(np.float64) for t in terms for c in t.columns}

    def of(self, column: str, index: Vector) -> Vector:
        """Return a column of the index (n,) for values of the index (T, N); NaN where there is none."""
        years = self.years[self.shifts[column]]
        there = (years >= 0) & (self.region >= 0)
        return np.where(there, index[years, self.region], np.nan)

    def matrix(self, index: Vector) -> Vector:
        """Return the terms (n, p) for values of the index (T, N)."""
        own = {c: self.of(c, index) for c in self.shifts}
        columns = np.ones((len(self.region), len(self.terms)), order="F")
        for i, term in enumerate(self.terms):
            for part in term.parts:
                columns[:, i] *= _power(own.get(part.column, self.columns[part.column]), part)
        return np.ascontiguousarray(columns)

    def require_same(self, treatment: str) -> None:
        """Raise `Coverage` for rows without an index, and `UsageError` if the panel has another index."""
        labels = self.design.labels

        def place(row: int) -> str:
            return f"region={labels['region'][row]}, year={labels['year'][row]}"

        for column in self.shifts:
            panel, index = self.columns[column], self.of(column, self.halves.whole)
            lacking = np.flatnonzero(~np.isfinite(index))
            if len(lacking):
                raise Coverage(
                    say("impossible.index-lacks", n=len(lacking), source="prices"),
                    example=place(int(lacking[0])),
                    remedy="give the table the panel was made from",
                )
            differ = np.flatnonzero(np.abs(panel - index) > SAME * np.abs(index))
            if len(differ):
                row = int(differ[0])
                raise UsageError(
                    f"{column!r} is not the index of the prices in {len(differ):,} of {len(index):,} rows",
                    example=f"{place(row)}: {panel[row]:.6g} in the panel, {index[row]:.6g} there",
                    remedy="give the options the panel's index was made with (index=RelativePrice(...)), "
                    f"without winsorising {treatment!r}",
                )


def _power(values: Vector, part: Part) -> Vector:
    with np.errstate(invalid="ignore", divide="ignore"):
        base = np.log(values) if part.log else values
    return np.asarray(base**part.power if part.power > 1 else base)


def _positions(labels: Any, known: Mapping[Any, int], kind: type) -> Codes:
    """Return the position of each label (n,); -1 for a label that is not known."""
    distinct = labels.unique()
    places = [known.get(kind(v), -1) for v in distinct]
    return np.asarray(labels.replace_strict(distinct, places).to_numpy(), dtype=np.intp)


class _Moments(NamedTuple):
    """Moments averaged over splits and over the directions in which halves instrument each other.

    Columns are the index's terms, the other regressors and the outcome. ``whole`` (k + 1, k + 1) is of all rows,
    ``without`` (G, k + 1, k + 1) of the rows without each cluster with effects removed again, ``within`` of the rows of
    each cluster with effects as removed from all rows. ``splits`` is the number of splits used.
    """

    whole: Vector
    without: Vector
    within: Vector
    splits: int


def _moments(design: Design, values: _Values, fixed: Vector, cluster: Factor) -> _Moments:
    plan, p = design.plan, len(values.terms)
    size, groups = p + fixed.shape[1], cluster.levels
    total, used = np.zeros((1 + 2 * groups, size, size)), 0
    pairs = (np.hstack([values.matrix(first), values.matrix(second)]) for first, second in values.halves.pairs)
    columns = (np.hstack([demean(plan, pair), fixed]) for pair in pairs if np.isfinite(pair).all())
    for within, without in moments_by_cluster(plan, columns, cluster):
        moments = np.concatenate([within.sum(axis=0)[None], without, within])
        between = moments[:, :p, p : 2 * p]
        total[:, :p, :p] += (between + between.transpose(0, 2, 1)) / 2
        total[:, :p, p:] += (moments[:, :p, 2 * p :] + moments[:, p : 2 * p, 2 * p :]) / 2
        total[:, p:, p:] += moments[:, 2 * p :, 2 * p :]
        used += 1
    if not used:
        raise NotIdentified(say("impossible.no-halves"), remedy="give more goods, or leave out goods with many gaps")
    total[:, p:, :p] = total[:, :p, p:].transpose(0, 2, 1)
    total /= used
    return _Moments(total[0], total[1 : 1 + groups], total[1 + groups :], used)


def _wild(design: Design, within: Vector, b: Vector, order: Codes, how: Fit) -> tuple[Wild, ...]:
    """Return the wild cluster bootstrap of every null of the fit (restricted, by scores).

    The moments of each cluster at the restricted estimate are drawn with the weights of the clusters. The halves are
    not drawn again, and neither are the effects removed again.
    """
    place = np.concatenate([order, [len(b)]])
    grams = within[:, place[:, None], place]
    bread = np.linalg.pinv(grams.sum(axis=0)[:-1, :-1], hermitian=True)
    known, chosen = Forms(grams, lambda _, __: []), drawing(how)
    chosen = dataclasses.replace(chosen, alpha=None)
    nulls = nulls_of(design, how.wild_joint)
    return tuple(
        record_of(name, wild(known, bread, b[order], null=null, how=chosen), chosen) for name, null in nulls.items()
    )


def _solved(moments: Vector) -> Vector:
    """Return the coefficients (B, k) from moments (B, k + 1, k + 1) with the outcome last, solved in unit columns."""
    scale = np.sqrt(np.diag(np.abs(moments[0])))[:-1]
    inner = moments[:, :-1, :-1] / np.outer(scale, scale)
    return (
        np.asarray(np.linalg.pinv(inner, rcond=1e-13, hermitian=True) @ (moments[:, :-1, -1] / scale)[..., None])[
            ..., 0
        ]
        / scale
    )


def _net(gram: Vector, p: int) -> Vector:
    """Return the cross-products (B, p, p) of the first columns net of the others, from those of all (B, k, k)."""
    if gram.shape[1] == p:
        return gram
    inverse = np.linalg.pinv(gram[:, p:, p:], hermitian=True)  # a control can vanish with a cluster
    return np.asarray(gram[:, :p, :p] - gram[:, :p, p:] @ inverse @ gram[:, p:, :p])


def as_fit(
    naive: FitResult, b: Vector, vcov: Vector, df: int, *, kind: str = "CR3", notes: Sequence[str] = ()
) -> FitResult:
    """Return the naive fit with other coefficients and their covariance.

    Its R2, root mean square error, constant and bootstrap are removed, because they describe least squares.
    """
    errors = np.sqrt(np.diag(vcov))
    names = [c.term for c in naive.coefficients]
    missing = float("nan")
    return dataclasses.replace(
        naive,
        coefficients=tuple(map(coefficient, names, b.tolist(), errors.tolist(), [float(df)] * len(names))),
        vcov=vcov,
        kind=kind,
        df_t=float(df),
        constant=None,
        wild=(),
        df_by_term={},
        r2=missing,
        r2_adjusted=missing,
        r2_within=missing,
        r2_within_xtreg=missing,
        rmse=missing,
        notes=(*naive.notes, *notes),
    )
