"""Estimate by obviously related instrumental variables.

The index of one half of the goods instruments the index of the other half.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import polars as pl

from integrade.engine import frames
from integrade.errors import UnknownName, UsageError, did_you_mean, option
from integrade.estimate.fit import fit, gather, regression_rows
from integrade.estimate.formula import (
    Formula,
    Part,
    Term,
    has,
    parse_formula,
    rendered,
    square,
    swapped,
    with_regressors,
)
from integrade.estimate.inverted_u import UTest, u_test
from integrade.estimate.linear import Fit, prepare
from integrade.estimate.ready import Ready
from integrade.estimate.results import Basis, FitResult
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.needs import SIZE
from integrade.subjects.mediation.indirect import residuals
from integrade.subjects.noise.attenuation import Attenuation, expected_attenuation
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

__all__ = ["Oriv", "OrivResult", "oriv"]


HALF = "goods_half"


@dataclass(frozen=True)
class Oriv:
    """Options of the instrumented halves of the index.

    Parameters
    ----------
    variable
        The regressor of the formula that denotes the index.
    halves
        The columns of the indices from the two halves of the goods (`split_goods`).
    goods
        Number of goods of the whole index, for the simulated bias; without it no bias is given.
    spreads
        Standard deviations of ln tau, the true differences between regions, for which the bias is simulated.
    samples
        Simulated samples per spread.
    seed
        Seed of the simulation.
    fit
        How the regression is estimated; the clusters must hold both copies of a row.
    """

    variable: str = "market"
    halves: tuple[str, str] = ("market_a", "market_b")
    goods: int | None = None
    spreads: tuple[float, ...] = (0.2, 0.4)
    samples: Annotated[int, SIZE] = 40
    seed: int = 20240101
    fit: Fit = field(default_factory=lambda: Fit(cluster="region"))


@shown
@dataclass(frozen=True)
class OrivResult:
    """The stacked estimate, naive estimates for comparison, and simulated expectations of both.

    ``naive`` holds least squares on each half and, if the panel has it, on the whole index. ``correlation`` is the
    correlation of the two halves net of effects and controls. ``expected`` holds simulated slopes for the same numbers
    of regions, goods and years.
    """

    variable: str
    fit: FitResult
    naive: tuple[tuple[str, FitResult], ...]
    u_test: UTest | None
    correlation: float
    expected: tuple[Attenuation, ...]
    notes: tuple[str, ...] = ()

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors, clusters and degrees of freedom of the result."""
        return self.fit.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the stacked estimate, the naive estimates and the simulated bias as text."""
        terms = [t for t in (self.variable, f"{self.variable}^2") if any(c.term == t for c in self.fit.coefficients)]
        lines = [
            self.fit.formula,
            f"  halves of the goods correlate {self.correlation:.3f} net of effects and controls",
        ]
        for term in terms:
            c = self.fit[term]
            lines.append(f"  {term}: {c.estimate:.6g} ({c.std_error:.4g}), 95% [{c.conf_low:.5g}, {c.conf_high:.5g}]")
            for name, naive in self.naive:
                coefficient = naive[term.replace(self.variable, name)]
                lines.append(f"    least squares on {name}: {coefficient.estimate:.6g} ({coefficient.std_error:.4g})")
        if self.u_test is not None:
            lines.append(f"  U-test p {self.u_test.p_value:.4f}, turning point {self.u_test.turning_point:.4g}")
        lines += [e.sheet().text() for e in self.expected]
        return of_text("\n".join([*lines, *(f"  ! {n}" for n in self.notes)]))


@keywords(Oriv, within="fit")
def oriv(panel: Any, formula: str, options: Oriv | None = None, **changes: Any) -> OrivResult:
    """Instrument the index of half of the goods by the index of the other half, in both directions at once.

    Formula: every row twice, once with x = A and z = B, once with x = B and z = A; y on (x, x^2) with instruments
        (z, z^2), each copy with its own effects (or intercept), the controls' coefficients in common. The copies of a
        row are in one cluster, so the errors count them once.
    Missing values: rows without either half are in neither copy.

    Args:
        panel: with the columns ``halves``; the whole index is not required.
        formula: with the variable as if it were the whole index: ``"quality ~ market + market^2 | firm + year"``.
        options: see `Oriv`; or single options by name, those of `Fit` included. With one cluster (region by default)
            the covariance is CR3.

    Returns:
        One `OrivResult`.

    Raises:
        UnknownName: the variable is not in the formula. UsageError: the formula has instruments, or there is no cluster
        variable. Otherwise as `fit`.

    Reference: Gillen, Snowberg and Yariv (2019, JPE).

    Example:
        >>> halves = split_goods(prices)  # doctest: +SKIP
        >>> oriv(join_instrument(panel, halves), "quality ~ market + market^2 | firm + year", goods=8)  # doctest: +SKIP
    """
    chosen = request(Oriv, options, changes)
    parsed = parse_formula(formula)
    terms = _index_terms(parsed, chosen)
    x, (a, b) = chosen.variable, chosen.halves
    other = f"{x}_other_half"
    plain = replace(chosen.fit, singletons="keep")
    both = with_regressors(parsed, [*_in_place(parsed, x, a).regressors, Term((Part(b),))])
    rows = regression_rows(panel, both, chosen.fit)
    # every row twice: each half is once the regressor and once the instrument
    copies = [
        rows.table.with_columns(pl.col(regressor).alias(x), pl.col(instrument).alias(other), pl.lit(copy).alias(HALF))
        for copy, (regressor, instrument) in enumerate(((a, b), (b, a)))
    ]
    # each copy has its own effects, or its own intercept
    controls = [t for t in parsed.regressors if t not in terms]
    if not parsed.effects:
        controls.append(Term((Part(HALF),)))
    instrumented = rendered(
        replace(
            parsed,
            regressors=tuple(controls),
            effects=tuple((*e, HALF) for e in parsed.effects),
            endogenous=tuple(terms),
            instruments=tuple(swapped(t, {x: other}) for t in terms),
        )
    )
    stacked = fit(pl.concat(copies), instrumented, plain)
    naive = [(half, fit(rows, _in_place(parsed, x, half), plain)) for half in chosen.halves]
    if x in frames.enter(panel).collect_schema().names():
        # the whole index, on the rows that also have both halves
        of_whole = gather(panel, parsed, chosen.fit, also=chosen.halves)
        of_whole = of_whole.filter(pl.all_horizontal(pl.col(*chosen.halves).cast(pl.Float64).is_finite()))
        naive.append((x, fit(of_whole, parsed, chosen.fit)))
    notes = [say("models_error.over-corrects"), say("models_error.answers-sampling-error")]
    if chosen.goods is None:
        notes.append(say("models_error.no-simulated-bias"))
    test = u_test(stacked, x) if len(terms) > 1 else None
    correlation = _correlation(rows, parsed, chosen)
    expected = list[Attenuation]()
    if chosen.goods is not None and {"region", "year"} <= set(rows.columns):
        regions, years = (rows.series(c).n_unique() for c in ("region", "year"))
        expected = [
            expected_attenuation(regions, chosen.goods, years, spread, chosen.seed, draws=chosen.samples)
            for spread in chosen.spreads
        ]
    return OrivResult(x, stacked, tuple(naive), test, correlation, tuple(expected), tuple(notes))


def _index_terms(parsed: Formula, chosen: Oriv) -> list[Term]:
    """Return the terms with the index. Raises an error unless halves of the goods can instrument them."""
    x, cluster = chosen.variable, chosen.fit.cluster
    if parsed.endogenous:
        raise UsageError(
            "the halves are the instruments, so the formula must not contain others",
            where=parsed.text,
            remedy="leave the instruments out, and put the index among the regressors",
        )
    if not cluster:
        raise UsageError(
            "the two copies of a row are not independent, so clusters must contain both",
            remedy=f"give {option('cluster', 'region')}",
        )
    terms = [t for t in parsed.regressors if has(t, x)]
    if Term((Part(x),)) not in terms:
        known = [c for t in parsed.regressors for c in t.columns]
        remedy = did_you_mean(x, known) + f"; give {option('variable', ...)}"
        raise UnknownName(f"{x!r} is not a regressor", where=parsed.text, remedy=remedy)
    mixed = [t for t in terms if t not in (Term((Part(x),)), square(x))]
    if mixed:
        raise UsageError(
            f"only {x!r} and its square can be instrumented by halves, not {mixed[0].name!r}",
            where=parsed.text,
            remedy="leave that term out",
        )
    return terms


def _in_place(parsed: Formula, x: str, half: str) -> Formula:
    """Return the formula with the index of one half in place of the whole index."""
    return with_regressors(parsed, [swapped(t, {x: half}) for t in parsed.regressors])


def _correlation(rows: Ready, parsed: Formula, chosen: Oriv) -> float:
    """Return the correlation of the two halves net of effects and controls."""
    a, b = chosen.halves
    controls = tuple(t for t in parsed.regressors if not has(t, chosen.variable))
    asked = with_regressors(parsed, [Term((Part(b),)), *controls], Term((Part(a),)))
    design = prepare(rows, asked, replace(chosen.fit, singletons="keep"))
    at = design.names.index(b)
    return residuals(design.gram, [j for j in design.kept if j != at], len(design.names) - 1, at).correlation
