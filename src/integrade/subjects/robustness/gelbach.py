"""Decompose a coefficient's change into parts of controls that do not depend on their order (Gelbach 2016)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from integrade.errors import NotIdentified, UnknownName, UsageError, did_you_mean
from integrade.estimate.contrasts import Combination, at_error
from integrade.estimate.covariances import Setting
from integrade.estimate.design import Design, part_of
from integrade.estimate.formula import Formula
from integrade.estimate.linear import Fit, estimate, prepare, setting_of
from integrade.estimate.results import Basis, FitResult, Vector
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.schema import column_word
from integrade.regress.covariance import cluster_scores, clustered
from integrade.regress.effects import Factor
from integrade.regress.jackknife import each, jackknife
from integrade.wording.sheet import Sheet, clustered_by, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Explained", "Gelbach", "GelbachResult", "gelbach"]

EVERY = "all groups"


@dataclass(frozen=True)
class Gelbach:
    """Options of the decomposition.

    Parameters
    ----------
    terms
        Terms of the base regression whose change is decomposed; all of them by default.
    fit
        How the regressions are estimated; with one cluster variable and no vcov the covariance is CR3.
    """

    terms: tuple[str, ...] = ()
    fit: Fit = field(default_factory=Fit)


@dataclass(frozen=True)
class Explained:
    """The part that one group of controls has in the change of a term's coefficient, base minus full regression."""

    term: str
    group: str
    change: Combination
    share: float  # of the total change of this coefficient


@shown
@dataclass(frozen=True)
class GelbachResult:
    """The base regression (without the groups), the full regression, and the parts of every change with errors.

    ``parts`` holds, for each term, the part of every group and then their sum. ``identity`` is the largest distance
    between base minus full and the sum of the parts.
    """

    base: FitResult
    full: FitResult
    groups: Mapping[str, tuple[str, ...]]
    parts: tuple[Explained, ...]
    identity: float
    kind: str  # of the covariance of the parts: HC1, CR1 or CR3
    notes: tuple[str, ...] = ()

    def __getitem__(self, key: tuple[str, str]) -> Explained:
        """Return the part of a group in the change of a term; the key is (term, group)."""
        return next(p for p in self.parts if (p.term, p.group) == key)

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors, clusters and degrees of freedom of the result."""
        return self.full.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the change of each coefficient and its parts as text."""
        lines = [f"{self.full.formula}", f"  base: {self.base.formula}"]
        for term in dict.fromkeys(p.term for p in self.parts):
            a, b = self.base[term].estimate, self.full[term].estimate
            lines.append(f"  {term}: {a:.6g} without the controls, {b:.6g} with them; the difference comes from")
            for p in self.parts:
                if p.term == term:
                    c = p.change
                    listed = f" ({' + '.join(self.groups[p.group])})" if p.group in self.groups else ""
                    lines.append(
                        f"    {p.group + listed:<32} {c.estimate:>11.6g} ({c.std_error:.4g})  p = {c.p_value:.4f}"
                        f"  {100 * p.share:6.1f}%"
                    )
        clusters = clustered_by(self.full.clusters)
        lines.append(f"  errors: {self.kind}" + (f", {clusters}" if clusters else ""))
        return of_text("\n".join([*lines, *(f"  ! {n}" for n in self.notes)]))


@keywords(Gelbach, within="fit")
def gelbach(
    panel: Any,
    formula: str | Formula,
    groups: Sequence[str] | Mapping[str, Sequence[str]],
    options: Gelbach | None = None,
    **changes: Any,
) -> GelbachResult:
    """Decompose the change of coefficients when controls enter into parts, one for each group of controls.

    Formula: with X1 the regressors of the base, X2 the controls with coefficients b2 in the full regression, all net of
        the effects, and Gamma = (X1'X1)^-1 X1'X2: base minus full = Gamma b2, and a group's part is the sum over its
        controls. Adding controls one after the other gives parts that depend on the order; the parts of this formula do
        not. The covariance comes from the joint influence of Gamma and b2 (CR1; HC1 without clusters). CR3 deletes
        clusters from both.
    Missing values: as in `fit`; both regressions use the rows of the full regression.

    Args:
        panel: any table.
        formula: the full regression, without instruments.
        groups: ``{"size": ["scale", "age"]}``, or texts such as ``"size = scale + age"`` or ``"scale + age"``.
        options: a `Gelbach`; single options, also those of `Fit`, by name.

    Raises:
        UnknownName: a control is not in the formula. UsageError: there are instruments, a control is in two groups, or
            no regressor is left for the base.
        NotIdentified: a term of the base was dropped.

    Reference: Gelbach (2016), J. Labor Economics 34, 509-543.

    Example:
        >>> gelbach(panel, "quality ~ market + scale + age | firm + year", ["size = scale", "age"])  # doctest: +SKIP
    """
    chosen = request(Gelbach, options, changes)
    design = prepare(panel, formula, chosen.fit)
    if design.endogenous:
        raise UsageError(
            "the decomposition is for least squares", where=design.formula.text, remedy="leave the instruments out"
        )
    named, notes = _groups(design, groups)
    members = [t for group in named.values() for t in group]
    base = [j for j in design.kept if design.names[j] not in members]
    terms = [design.names[j] for j in base if not chosen.terms or design.names[j] in chosen.terms]
    _require(design, chosen.terms, members, base)
    how = replace(chosen.fit, wild=0)
    full = estimate(design, how)
    short = estimate(part_of(design, base, len(design.names) - 1), how)
    setting, _, _ = setting_of(design, chosen.fit)
    places = [[design.names.index(t) for t in group if t not in design.dropped] for group in named.values()]
    rows = [[design.names[j] for j in base].index(t) for t in terms]
    parts = _Parts(tuple(base), tuple(tuple(p) for p in places))
    change = parts.of(design.gram)
    vcov = _covariance(design, parts, change, setting)
    explained, k = list[Explained](), len(base)
    for term, j in zip(terms, rows, strict=True):
        for g, name in enumerate([*named, EVERY]):
            error = float(np.sqrt(max(vcov[g * k + j, g * k + j], 0.0)))
            value, whole = float(change[g, j]), float(change[-1, j])
            test = at_error(name, value, error, full.df_t)
            explained.append(Explained(term, name, test, value / whole if whole else 0.0))
    apart = np.array([short[t].estimate - full[t].estimate for t in terms]) - change[-1][rows]
    kind = "CR3" if setting.kind == "CR3" else "CR1" if setting.clusters else "HC1"
    largest = float(np.max(np.abs(apart), initial=0.0))
    return GelbachResult(short, full, named, tuple(explained), largest, kind, tuple(notes))


def _groups(
    design: Design, groups: Sequence[str] | Mapping[str, Sequence[str]]
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Return a dictionary from the name of a group to its terms, and notes on terms that were dropped."""
    if isinstance(groups, Mapping):
        named = {name: tuple(terms) for name, terms in groups.items()}
    else:
        halves = [text.split("=", 1) for text in groups]
        named = {h[0].strip(): tuple(t.strip() for t in h[-1].split("+")) for h in halves}
    known = [t.name for t in design.formula.regressors]
    seen: list[str] = []
    for terms in named.values():
        for term in terms:
            if term not in known:
                raise UnknownName(
                    f"no control {term!r} in the formula", where=design.formula.text, remedy=did_you_mean(term, known)
                )
            if term in seen:
                raise UsageError(f"{term!r} is in two groups", remedy="a control belongs to one group")
            seen.append(term)
    if not seen:
        raise UsageError("no group of controls", remedy='give e.g. "size = scale + age"')
    gone = {t: why for t, why in design.dropped.items() if t in seen}
    return named, [say("models_omitted.explains-nothing", term=column_word(t), why=why) for t, why in gone.items()]


def _require(design: Design, terms: Sequence[str], members: Sequence[str], base: Sequence[int]) -> None:
    """Raise an error if the base has no regressor, or if it lacks a requested term or does not identify this term."""
    if not base:
        raise UsageError("no regressor is left in the base", where=design.formula.text, remedy="group fewer controls")
    for term in terms:
        if term in design.dropped:
            raise NotIdentified(
                say("impossible.dropped", term=repr(term), why=design.dropped[term]),
                where=design.formula.text,
                remedy="leave it out of terms, or remove the effect or regressor that absorbs it",
            )
        if term in members or term not in design.names[:-1]:
            raise UnknownName(
                f"{term!r} is not in the base",
                where=design.formula.text,
                remedy=did_you_mean(term, [design.names[j] for j in base]),
            )


@dataclass(frozen=True)
class _Parts:
    """Positions among the columns: of the base regressors, and of the controls in each group."""

    base: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]

    @property
    def every(self) -> list[int]:
        """Positions of all regressors, base regressors first."""
        return [*self.base, *(j for g in self.groups for j in g)]

    def slopes(self, gram: Vector) -> tuple[Vector, Vector]:
        """Return Gamma (k1, k2), and the coefficients of the full regression (k1 + k2,) with base regressors first."""
        x, k = self.every, len(self.base)
        scale = np.sqrt(np.maximum(np.diag(gram)[x], 1e-300))
        unit = gram[np.ix_(x, x)] / np.outer(scale, scale)
        gamma = np.linalg.lstsq(unit[:k, :k], unit[:k, k:])[0] * scale[k:] / scale[:k, None]
        return np.asarray(gamma), np.asarray(np.linalg.lstsq(unit, gram[x, -1] / scale)[0] / scale)

    def of(self, gram: Vector) -> Vector:
        """Return each group's part in the change of every base coefficient, then their sum: shape (groups + 1, k1)."""
        gamma, b = self.slopes(gram)
        parts = [gamma[:, at] @ b[len(self.base) + at] for at in self.positions()]
        return np.array([*parts, np.sum(parts, axis=0)])

    def positions(self) -> list[Any]:
        """Return, for each group, the positions of its controls among all controls."""
        ends = np.cumsum([0, *(len(g) for g in self.groups)])
        return [np.arange(a, b) for a, b in pairwise(ends)]


def _covariance(design: Design, parts: _Parts, change: Vector, setting: Setting) -> Vector:
    """Return the covariance of the flattened changes, a square matrix with (groups + 1) k1 rows."""
    if setting.kind == "CR3":
        left = jackknife(
            design.plan,
            design.matrix,
            setting.clusters[0],
            estimate=each(lambda g: (parts.of(g).ravel(), True)),
            coefficients=change.ravel(),
        )
        return left.vcov
    influence = _influence(design, parts, change)
    n, weights = len(influence), design.plan.weights
    if not setting.clusters:
        rows = influence if weights is None else influence * weights[:, None]
        return np.asarray(rows.T @ rows * n / (n - setting.k))

    def scores(cluster: Factor) -> Vector:
        return cluster_scores(influence, np.ones(n), cluster, weights)

    unit = np.eye(influence.shape[1])
    return clustered(unit, scores, clusters=setting.clusters, n=n, k=setting.k, rule=setting.rule).vcov


def _influence(design: Design, parts: _Parts, change: Vector) -> Vector:
    """Return each row's influence on each change, shape (n, (groups + 1) k1).

    It is the sum of the influence through Gamma and the influence through b2.
    """
    gamma, b = parts.slopes(design.gram)
    k, x = len(parts.base), design.matrix[:, parts.every]
    u = design.outcome - x @ b
    inner = np.linalg.inv(design.gram[np.ix_(parts.base, parts.base)])
    through = x @ np.linalg.inv(design.gram[np.ix_(parts.every, parts.every)])[:, k:] * u[:, None]  # of b2
    influences = []
    for at, delta in zip(parts.positions(), change, strict=False):
        index = x[:, k + at] @ b[k + at]
        through_gamma = x[:, :k] @ inner * (index - x[:, :k] @ delta)[:, None]
        influences.append(through_gamma + through[:, at] @ gamma[:, at].T)
    return np.hstack([*influences, np.sum(influences, axis=0)])
