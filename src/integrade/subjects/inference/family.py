"""Test several coefficients of one regression as a family, by Holm, Benjamini-Hochberg and Romano-Wolf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from integrade.errors import NotIdentified, UnknownName, UsageError, did_you_mean, option
from integrade.estimate.formula import Formula
from integrade.estimate.linear import Fit, drawing, enough_clusters, estimate, prepare
from integrade.estimate.multiple import benjamini_hochberg, holm, romano_wolf
from integrade.estimate.results import Basis
from integrade.records import tidied
from integrade.records.catalogue import choose, keywords
from integrade.regress.wild import forms, plan_draws, statistics
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Family", "FamilyTest", "romano_wolf_family"]

DRAWS = 9999  # default number of draws; (1 + #) / (B + 1) is then a multiple of 1e-4


@dataclass(frozen=True)
class FamilyTest:
    """One coefficient: its own wild bootstrap p-value, and its p-values adjusted over the family."""

    term: str
    estimate: float
    p_value: float
    p_holm: float
    p_bh: float
    p_romano_wolf: float


@shown
@dataclass(frozen=True)
class Family:
    """The tests of a family, the clusters, the draws and their seed."""

    formula: str
    tests: tuple[FamilyTest, ...]
    cluster: str
    groups: int
    draws: int
    weights: str
    seed: int
    basis: Basis | None = None

    def __getitem__(self, term: str) -> FamilyTest:
        """Return the test of a term."""
        return next(t for t in self.tests if t.term == term)

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the family as text."""
        lines = [
            f"{len(self.tests)} tests together, {self.draws:,} {self.weights} draws of {self.groups:,} clusters "
            f"({self.cluster}), seed {self.seed}",
            f"  {'':<20}{'estimate':>12}{'p alone':>10}{'Holm':>10}{'BH':>10}{'Romano-Wolf':>13}",
        ]
        lines += [
            f"  {t.term:<20.20}{t.estimate:>12.6g}"
            + "".join(f"{p:>10.4f}" for p in (t.p_value, t.p_holm, t.p_bh))
            + f"{t.p_romano_wolf:>13.4f}"
            for t in self.tests
        ]
        return of_text("\n".join(lines))


@keywords(Fit, wild=DRAWS)
def romano_wolf_family(
    panel: Any, formula: str | Formula, terms: Sequence[str] = (), options: Fit | None = None, **changes: Any
) -> Family:
    """Test several coefficients of one regression as a family, by the wild cluster bootstrap.

    Formula: each t has draws with its own null imposed. The same weights are drawn for all t, so their dependence is
        kept. The step-down compares each |t| with the largest |t*| over the tests not yet rejected (`romano_wolf`).
    Missing values: as in `fit`.

    Args:
        panel: any table. formula: without instruments.
        terms: the family; by default all coefficients.
        options: a `Fit` with one cluster variable; ``wild`` is the number of draws (9,999 where 0).

    Raises:
        UsageError: there is not exactly one cluster variable, or there are instruments. UnknownName, NotIdentified: a
            term has no coefficient.

    Reference: Romano and Wolf (2005, 2016).

    Example:
        >>> romano_wolf_family(panel, "quality ~ market + scale | firm + year", cluster="region")  # doctest: +SKIP
    """
    chosen = choose(Fit, options, {"wild": DRAWS, **changes} if options is None or not options.wild else changes)
    if not chosen.cluster or "+" in chosen.cluster:
        raise UsageError("a family of tests needs one cluster variable", remedy=f"give {option('cluster', 'region')}")
    design = prepare(panel, formula, chosen)
    if design.endogenous:
        raise UsageError(
            "a family of tests is for least squares", where=design.formula.text, remedy="leave the instruments out"
        )
    for term in terms:
        if term in design.dropped:
            raise NotIdentified(
                say("impossible.dropped", term=repr(term), why=design.dropped[term]),
                where=design.formula.text,
                remedy="leave it out of the family, or remove the effect or regressor that absorbs it",
            )
        if term not in design.regressors:
            raise UnknownName(
                f"no term {term!r}", where=design.formula.text, remedy=did_you_mean(term, design.regressors)
            )
    names = list(dict.fromkeys(terms)) or list(design.regressors)
    plain = estimate(design, Fit(vcov="CR1", cluster=chosen.cluster, ssc=chosen.ssc))
    cluster, how = enough_clusters(design.cluster(chosen.cluster)), drawing(chosen)
    columns = [*design.kept, len(design.names) - 1]
    cross_products = forms(design.plan, np.ascontiguousarray(design.matrix[:, columns]), cluster)
    bread = np.asarray(np.linalg.inv(design.gram[np.ix_(design.kept, design.kept)]), dtype=np.float64)
    b = np.array([c.estimate for c in plain.coefficients])
    pairs = [statistics(cross_products, bread, b, design.regressors.index(name), how) for name in names]
    kind, total, extra = plan_draws(cluster.levels, how)
    t, drawn = np.array([statistic for statistic, _ in pairs]), np.column_stack([draws for _, draws in pairs])
    # a draw within 1e-9 (relatively) of the statistic is a tie and counts (METHODS 5.2)
    reached = (np.abs(drawn) >= np.abs(t) * (1 - 1e-9)).sum(axis=0)
    p = (extra + reached) / (total + extra)
    adjusted = zip(names, p, holm(p), benjamini_hochberg(p), romano_wolf(t, drawn), strict=True)
    tests = tuple(FamilyTest(name, plain[name].estimate, *(float(v) for v in values)) for name, *values in adjusted)
    return Family(design.formula.text, tests, cluster.name, cluster.levels, total, kind, how.seed, plain.basis)
