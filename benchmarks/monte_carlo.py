"""How often each test rejects a true null, and each interval covers, in a simulated panel of provinces.

Model: ``y_ft = a_f + d_t + s_pt + e_ft`` for firm f of province p in year t, ``s`` an AR(.7) with innovations of s.d.
.15, ``e`` standard normal; the regressor ``x_pt`` an AR(.7) that has no effect. Firms stay in their province and are
seen every year, so the regression of y on x, x^2, firm and year effects is the regression of province-year means with
weights (firms), and only what looks inside provinces (iid, clusters by firm) needs the rows of firms. Effects are added
to the estimates: least squares moves with them one for one and its covariance does not move.

Run: python benchmarks/monte_carlo.py (seconds a draw), or with ``balanced 40 250 20240101`` for 250 draws with this
seed, as JSON. One thread: the matrices are small, and several threads only wait for one another.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported

import numpy as np
import polars as pl

from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import UTest, u_test
from integrade.estimate.linear import Fit
from integrade.estimate.results import Coefficient, FitResult
from integrade.regress import ssc
from integrade.regress.bias_reduced import bias_reduced
from integrade.regress.covariance import cluster_scores, clustered, iid
from integrade.regress.effects import Factor, Vector
from integrade.regress.jackknife import all_from_moments, jackknife
from integrade.regress.ols import Solution, cross_products, least_squares
from integrade.regress.partial import Absorber, absorber, demean
from integrade.regress.students import f_upper, t_two_sided
from integrade.regress.wild import Drawing, forms, wild

PROVINCES, YEARS = 31, 10
PERSISTENCE, SHOCK = 0.7, 0.15
WILD_DRAWS = 399
TURNING_POINT = 0.5
CURVATURES = {"strong": -0.1, "weak": -0.02}  # of the inverted U whose turning point is to be covered
BOUNDARY = -0.1  # curvature where the slope is zero at the largest x
OPTIONS = {
    "iid": Fit(vcov="iid"),
    "firm": Fit(vcov="CR1", cluster="firm"),
    "CR1": Fit(vcov="CR1", cluster="region"),
    "CR2": Fit(vcov="CR2", cluster="region"),
    "CR3": Fit(vcov="CR3", cluster="region"),
}
TERMS = {1: ("x",), 2: ("x", "x^2")}


@dataclass(frozen=True)
class Design:
    """How many firms each province has."""

    name: str
    firms: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.firms)


def balanced(each: int) -> Design:
    return Design(f"balanced, {each} firms a province", (each,) * PROVINCES)


def skewed(average: int) -> Design:
    """Five provinces hold 78% of the firms, the other 26 the rest."""
    total = average * PROVINCES
    large = round(0.78 * total / 5)
    rest = total - 5 * large
    small = [rest // 26 + (i < rest % 26) for i in range(26)]
    return Design(f"skewed, {average} firms a province on average", (*[large] * 5, *small))


@dataclass(frozen=True)
class Layout:
    """What stays the same over draws: the plans that remove effects from firm rows and from cells, and the clusters."""

    design: Design
    firm: Factor
    home: Factor
    rows: Absorber
    cells: Absorber
    province: Factor


@dataclass(frozen=True)
class Sample:
    """One draw: x (provinces, years) and y (firms, years), firms in the order of their provinces."""

    x: Vector
    y: Vector


@dataclass(frozen=True)
class Estimate:
    """Coefficients of a polynomial of x, and by kind of covariance (k, k) with the degrees of freedom of t by term."""

    b: Vector
    vcov: Mapping[str, Vector]
    df: Mapping[str, Vector]


def layout(design: Design) -> Layout:
    homes = np.repeat(np.arange(PROVINCES), design.firms)
    firm = Factor("firm", np.repeat(np.arange(design.total), YEARS), design.total)
    home = Factor("region", np.repeat(homes, YEARS), PROVINCES)
    province = Factor("region", np.repeat(np.arange(PROVINCES), YEARS), PROVINCES)
    weights = np.repeat(np.array(design.firms, dtype=np.float64), YEARS)
    rows = absorber([firm, _years(design.total)])
    return Layout(design, firm, home, rows, absorber([province, _years(PROVINCES)], weights), province)


def _years(times: int) -> Factor:
    return Factor("year", np.tile(np.arange(YEARS), times), YEARS)


def simulate(design: Design, seed: tuple[int, ...]) -> Sample:
    """Draw x, shocks and noise; the same seed gives the same sample."""
    rng = np.random.default_rng(seed)
    x = persistent(rng.normal(size=(PROVINCES, YEARS)))
    shocks = persistent(rng.normal(0, SHOCK, (PROVINCES, YEARS)))
    y = rng.normal(size=(design.total, YEARS))
    y += np.repeat(shocks, design.firms, axis=0)
    return Sample(x, y)


def persistent(innovations: Vector) -> Vector:
    """An AR by row that starts at its first innovation."""
    found = innovations.copy()
    for t in range(1, YEARS):
        found[:, t] += PERSISTENCE * found[:, t - 1]
    return found


def firm_rows(plan: Layout, sample: Sample) -> Vector:
    """[x, x^2, y] by firm and year with the effects removed, (n, 3)."""
    x = np.repeat(sample.x, plan.design.firms, axis=0).ravel()
    return demean(plan.rows, np.column_stack([x, x * x, sample.y.ravel()]))


def cell_rows(plan: Layout, sample: Sample) -> Vector:
    """[x, x^2, mean of y] by province and year with the effects removed, (cells, 3)."""
    starts = np.cumsum([0, *plan.design.firms[:-1]])
    means = np.add.reduceat(sample.y, starts, axis=0) / np.array(plan.design.firms)[:, None]
    x = sample.x.ravel()
    return demean(plan.cells, np.column_stack([x, x * x, means.ravel()]))


def columns(matrix: Vector, degree: int) -> Vector:
    """The first ``degree`` powers and the outcome."""
    return np.ascontiguousarray(matrix[:, [*range(degree), 2]])


def parameters(plan: Layout, degree: int, *, nested: bool) -> int:
    sizes = [ssc.Size(plan.design.total, nested, {}), ssc.Size(YEARS, False, {0: 1})]
    return ssc.parameters("reghdfe", degree, sizes, clustered=nested)


def within_provinces(plan: Layout, matrix: Vector, degree: int) -> Estimate:
    """Inference that needs the rows of firms: iid and clusters by firm."""
    z = columns(matrix, degree)
    x, n = z[:, :-1], len(z)
    found = least_squares(x, z[:, -1])
    free = n - parameters(plan, degree, nested=False)
    by_firm = clustered(
        found.bread,
        lambda c: cluster_scores(x, found.residuals, c),
        clusters=[plan.firm],
        n=n,
        k=parameters(plan, degree, nested=True),
    )
    degrees = {"iid": float(free), "firm": plan.design.total - 1.0}
    return Estimate(
        found.coefficients,
        {"iid": iid(found, None, free), "firm": by_firm.vcov},
        {kind: np.full(degree, df) for kind, df in degrees.items()},
    )


def between_provinces(plan: Layout, matrix: Vector, degree: int) -> tuple[Estimate, Solution]:
    """Inference by province: CR1, CR2 and CR3, from weighted cells."""
    z = columns(matrix, degree)
    x, weights = z[:, :-1], plan.cells.weights
    found = least_squares(x, z[:, -1], weights)
    full = cross_products(z, weights)
    cr1 = clustered(
        found.bread,
        lambda c: cluster_scores(x, found.residuals, c, weights),
        clusters=[plan.province],
        n=plan.design.total * YEARS,
        k=parameters(plan, degree, nested=True),
    )
    cr2 = bias_reduced(plan.cells, x, found, plan.province)
    cr3 = jackknife(
        plan.cells, z, plan.province, estimate=lambda g: all_from_moments(g, full), coefficients=found.coefficients
    )
    few = np.full(degree, PROVINCES - 1.0)
    vcov = {"CR1": cr1.vcov, "CR2": cr2.vcov, "CR3": cr3.vcov}
    return Estimate(found.coefficients, vcov, {"CR1": few, "CR2": cr2.df, "CR3": few}), found


def wild_p(plan: Layout, matrix: Vector, solution: Solution, degree: int, seed: int) -> dict[str, float]:
    """The restricted wild cluster bootstrap of every null of this specification."""
    known = forms(plan.cells, columns(matrix, degree), plan.province)
    how = Drawing(WILD_DRAWS, seed)
    nulls = {"linear": [0]} if degree == 1 else {"square": [1], "joint": [0, 1]}
    return {
        f"WCR {name}": wild(known, solution.bread, solution.coefficients, null=null, how=how).p_value
        for name, null in nulls.items()
    }


def p_values(estimate: Estimate) -> dict[str, float]:
    """The t-test of x alone, or of the square, and the F-test (G - 1 degrees of freedom by province) of both."""
    found = {}
    for kind, vcov in estimate.vcov.items():
        b, df = estimate.b, estimate.df[kind]
        test = "linear" if len(b) == 1 else "square"
        found[f"{kind} {test}"] = t_two_sided(float(b[-1] / np.sqrt(vcov[-1, -1])), float(df[-1]))
        if len(b) == 2:
            wald = float(b @ np.linalg.solve(vcov, b)) / 2
            found[f"{kind} joint"] = f_upper(wald, 2, PROVINCES - 1 if kind.startswith("CR") else float(df[-1]))
    return found


def record(estimate: Estimate, kind: str, effect: tuple[float, float]) -> FitResult:
    """A fit whose true coefficients of x and x^2 are ``effect``."""
    vcov, df = estimate.vcov[kind], float(estimate.df[kind].min())
    nothing = float("nan")
    terms = tuple(
        Coefficient(term, float(b + e), float(np.sqrt(v)), nothing, nothing, nothing, nothing)
        for term, b, e, v in zip(TERMS[2], estimate.b, effect, np.diag(vcov), strict=True)
    )
    return FitResult(
        formula="y ~ x + x^2 | firm + year",
        outcome="y",
        coefficients=terms,
        vcov=vcov,
        nobs=0,
        n_singletons=0,
        n_missing=0,
        dropped={},
        effects=(),
        r2=nothing,
        r2_adjusted=nothing,
        r2_within=nothing,
        r2_within_xtreg=nothing,
        rmse=nothing,
        df_t=df,
        kind=kind,
        ssc="reghdfe",
        clusters={},
        constant=None,
    )


def u_tests(estimate: Estimate, sample: Sample) -> dict[str, float]:
    """The U-test with no effect and with slope zero at the largest x; 1 where an interval covers."""
    low, high = float(sample.x.min()), float(sample.x.max())
    found = {}
    for kind in ("CR1", "CR3"):
        none = u_test(record(estimate, kind, (0.0, 0.0)), "x", low=low, high=high)
        edge = u_test(record(estimate, kind, (-2 * BOUNDARY * high, BOUNDARY)), "x", low=low, high=high)
        found[f"{kind} U none"] = none.p_value if none.shape == "inverted U" else 1.0
        found[f"{kind} U none, either shape"] = none.p_value
        found[f"{kind} U edge"] = edge.p_value if edge.shape == "inverted U" else 1.0
        for name, curvature in CURVATURES.items():
            effect = (-2 * curvature * TURNING_POINT, curvature)
            test = u_test(record(estimate, kind, effect), "x", low=low, high=high)
            found[f"{kind} Fieller {name}"] = float(covers(test, TURNING_POINT))
            found[f"{kind} delta {name}"] = float(test.delta_low <= TURNING_POINT <= test.delta_high)
            found[f"{kind} bounded {name}"] = float(test.fieller_kind == "interval")
    return found


def covers(test: UTest, point: float) -> bool:
    if test.fieller_low is None or test.fieller_high is None:
        return True
    inside = test.fieller_low <= point <= test.fieller_high
    return inside if test.fieller_kind == "interval" else not (test.fieller_low < point < test.fieller_high)


def draw(plan: Layout, seed: int, number: int) -> dict[str, float]:
    """All p-values and coverages of one sample."""
    sample = simulate(plan.design, (seed, number))
    rows, cells = firm_rows(plan, sample), cell_rows(plan, sample)
    found: dict[str, float] = {}
    for degree in (1, 2):
        estimate, solution = between_provinces(plan, cells, degree)
        found |= p_values(within_provinces(plan, rows, degree)) | p_values(estimate)
        found |= wild_p(plan, cells, solution, degree, seed=seed + number)
        found["df linear" if degree == 1 else "df square"] = float(estimate.df["CR2"][-1])
    return found | u_tests(estimate, sample)


def by_fit(plan: Layout, sample: Sample, seed: int) -> dict[str, float]:
    """Numbers of `draw` as `integrade.fit` and `integrade.u_test` give them on the firm panel itself."""
    table = panel(plan, sample)
    edge = -2 * BOUNDARY * float(sample.x.max())
    bent = table.with_columns(y=pl.col("y") + edge * pl.col("x") + BOUNDARY * pl.col("x") ** 2)
    found: dict[str, float] = {}
    for degree, test, formula in ((1, "linear", "y ~ x | firm + year"), (2, "square", "y ~ x + x^2 | firm + year")):
        for kind, options in OPTIONS.items():
            result = fit(table, formula, options)
            b = np.array([c.estimate for c in result.coefficients])
            df = np.array([result.df_by_term.get(t, result.df_t) for t in TERMS[degree]])
            found |= p_values(Estimate(b, {kind: result.vcov}, {kind: df}))
            found[f"{kind} {test}"] = result[TERMS[degree][-1]].p_value
            if degree == 2 and kind in ("CR1", "CR3"):
                found[f"{kind} U none, either shape"] = u_test(result, "x").p_value
                found[f"{kind} U edge"] = u_test(fit(bent, formula, options), "x").p_value
        wilds = fit(table, formula, cluster="region", wild=WILD_DRAWS, seed=seed).wild
        names = {"x": "linear"} if degree == 1 else {"x^2": "square", "x + x^2": "joint"}
        found |= {f"WCR {names[w.null]}": w.p_value for w in wilds if w.null in names}
    return found


def panel(plan: Layout, sample: Sample) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "firm": plan.firm.codes,
            "region": plan.home.codes,
            "year": np.tile(np.arange(YEARS), plan.design.total),
            "x": np.repeat(sample.x, plan.design.firms, axis=0).ravel(),
            "y": sample.y.ravel(),
        }
    )


def disagreement(plan: Layout, seed: int, numbers: range) -> float:
    """Largest difference between the p-values of `draw` and of `integrade.fit` on the firm panel."""
    worst = 0.0
    for number in numbers:
        cheap = draw(plan, seed, number)
        full = by_fit(plan, simulate(plan.design, (seed, number)), seed + number)
        worst = max(worst, *(abs(cheap[name] - value) for name, value in full.items()))
    return worst


def series(plan: Layout, seed: int, numbers: range) -> dict[str, list[float]]:
    """Draws side by side."""
    rows = [draw(plan, seed, number) for number in numbers]
    return {key: [row[key] for row in rows] for key in rows[0]}


def main(arguments: list[str]) -> None:
    if arguments:
        shape, average, draws, seed = arguments
        design = {"balanced": balanced, "skewed": skewed}[shape](int(average))
        json.dump(series(layout(design), int(seed), range(int(draws))), sys.stdout)
        return
    for design in (balanced(40), balanced(400), skewed(40), skewed(400)):
        plan = layout(design)
        worst = disagreement(plan, 1, range(1))
        started = time.perf_counter()
        series(plan, 1, range(5))
        seconds = (time.perf_counter() - started) / 5
        print(f"{design.name}: {1000 * seconds:.0f} ms a draw; p-values differ from fit's by at most {worst:.1e}")


if __name__ == "__main__":
    main(sys.argv[1:])
