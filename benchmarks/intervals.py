"""How often 95% intervals cover: indirect effects, Anderson-Rubin sets, the bootstrap of the whole pipeline.

Panels of `monte_carlo` (31 provinces, 10 years, firms that stay) with an effect added:

- mediation: x acts on a mediator of the province and on one of the firm, both on y; `mediate` itself on the firm panel;
- instruments: z is the x of `monte_carlo` and shifts an endogenous x; sets from weighted cells, with the number of rows
  of the firm panel in their small-sample factor;
- pipeline: x is an index of K goods, y follows the index of infinitely many. Firms stay, so the year effects of a
  replicate are means weighted by firms and copies of their province: all replicates at once.

`disagreement` compares the last two with `weak_iv` and `pipeline_bootstrap` on the firm panel.

Run: python benchmarks/intervals.py (seconds a draw), or with ``pipeline skewed 40 100 20240101`` for draws as JSON.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # before polars is imported: the tables are small

import monte_carlo as mc
import numpy as np
import polars as pl

from integrade.integration.dispersion import whole
from integrade.integration.options import RelativePrice
from integrade.regress import iv, weak, weak_clusters
from integrade.regress.effects import Vector
from integrade.regress.jackknife import each, jackknife
from integrade.regress.ols import cross_products
from integrade.regress.partial import demean
from integrade.regress.students import f_upper, t_quantile, t_two_sided
from integrade.regress.wild import Drawing
from integrade.subjects.instruments.weak_iv import weak_iv
from integrade.subjects.mediation.mediate import Mediation, mediate
from integrade.subjects.noise.index_draws import limit, measured, reweighted, simulated, stream, yearly
from integrade.subjects.noise.pipeline import pipeline_bootstrap

REPLICATES = 399
LEVEL = 0.95
FEW = mc.PROVINCES - 1

A = (0.2, -0.1)  # of x and x^2 on both mediators
B = {"schools": 0.5, "skill": 0.2}  # of the mediator of the province, and of that of the firm, on y
DIRECT = (0.1, -0.05)
MEDIATOR_SHOCK = 0.5
PLACES = ("p10", "p50", "p90")

EFFECT = (0.5, -0.1)  # of the instrumented x, and of its square where there is one
STRENGTHS = {"strong": 0.6, "weak": 0.1}  # of z on x
FEEDBACK, OWN_SHOCK = 2.0, 0.5  # of the mean error of a province on its x; s.d. of the innovations of the rest of x

GOODS = 10
SPREAD = 0.3  # s.d. of the innovations of ln tau, tau the s.d. of a province's price shocks
SCALE = 0.018
STRUCTURAL = 1.0  # slope of y on the index of infinitely many goods
FIRST_YEAR = 2004

Draws = Mapping[str, np.ndarray]
REGIONS = [f"province {p:02}" for p in range(mc.PROVINCES)]


def over_firms(plan: mc.Layout, cells: Vector) -> Vector:
    """A value of a province and year for each of its firms."""
    return np.repeat(cells, plan.design.firms, axis=0)


def over_provinces(plan: mc.Layout, firms: Vector) -> Vector:
    """Means of firms by province and year."""
    starts = np.cumsum([0, *plan.design.firms[:-1]])
    return np.asarray(np.add.reduceat(firms, starts, axis=0) / np.array(plan.design.firms)[:, None])


def curve(b: tuple[float, float], x: Vector) -> Vector:
    return b[0] * x + b[1] * x * x


def firm_panel(plan: mc.Layout, **values: Vector) -> pl.DataFrame:
    """One row per firm and year; values by firm or by province."""
    wide = {k: v if len(v) == plan.design.total else over_firms(plan, v) for k, v in values.items()}
    return pl.DataFrame(
        {
            "firm": plan.firm.codes,
            "region": np.repeat(REGIONS, np.array(plan.design.firms) * mc.YEARS),
            "year": np.tile(np.arange(mc.YEARS) + FIRST_YEAR, plan.design.total),
            **{k: v.ravel() for k, v in wide.items()},
        }
    )


# ---- mediation


def mediators(plan: mc.Layout, seed: int, number: int) -> pl.DataFrame:
    """A firm panel in which schools (by province) and skill (by firm) carry an inverted U of x to y."""
    sample = mc.simulate(plan.design, (seed, number))
    rng = np.random.default_rng([seed, number, 1])
    size = sample.x.shape
    path = curve(A, sample.x)
    schools = path + mc.persistent(rng.normal(0, MEDIATOR_SHOCK, size))
    skill = over_firms(plan, path + mc.persistent(rng.normal(0, MEDIATOR_SHOCK, size)))
    skill = skill + rng.normal(size=sample.y.shape)
    direct = over_firms(plan, curve(DIRECT, sample.x) + B["schools"] * schools)
    return firm_panel(plan, x=sample.x, y=sample.y + direct + B["skill"] * skill, schools=schools, skill=skill)


def mediation(plan: mc.Layout, seed: int, number: int) -> dict[str, float]:
    """Whether each interval covers the indirect slope at three percentiles of x, 1 or 0.

    Percentile and BCa intervals of the cluster bootstrap, and estimate +/- t(G - 1) times Sobel's error from CR3.
    """
    panel = mediators(plan, seed, number)
    options = Mediation(treatment="x", draws=REPLICATES, at=PLACES, level=LEVEL, seed=seed + number)
    width = t_quantile((1 + LEVEL) / 2, FEW)
    found: dict[str, float] = {}
    for kind in ("percentile", "bca"):
        result = mediate(panel, "y ~ x + x^2 | firm + year", list(B), options, interval=kind, cluster="region")
        found["replicates lost"] = float(result.lost)
        for name, b in B.items():
            for effect in result[name].indirect:
                assert effect.x is not None
                key, truth = f"indirect {name} {effect.place}", (A[0] + 2 * A[1] * effect.x) * b
                found[f"{key} {kind} covers"] = float(effect.conf_low <= truth <= effect.conf_high)
                found[f"{key} sobel covers"] = float(abs(effect.estimate - truth) <= width * effect.sobel.std_error)
                found[f"{key} z"] = effect.sobel.z
    return found


# ---- instruments


class Instrumented(NamedTuple):
    """y on an endogenous x with the instrument z; x and z by province and year, y by firm and year."""

    x: Vector
    z: Vector
    y: Vector


def instrumented(plan: mc.Layout, seed: int, number: int, strength: float, b: tuple[float, float]) -> Instrumented:
    sample = mc.simulate(plan.design, (seed, number))
    own = mc.persistent(np.random.default_rng([seed, number, 2]).normal(0, OWN_SHOCK, sample.x.shape))
    x = strength * sample.x + FEEDBACK * over_provinces(plan, sample.y) + own
    return Instrumented(x, sample.x, sample.y + over_firms(plan, curve(b, x)))


def anderson_rubin(plan: mc.Layout, sample: Instrumented, degree: int) -> tuple[weak.AndersonRubin, Vector]:
    """The statistic of the firm panel from weighted cells, and the cells [x.., z.., y] net of effects."""
    powers = range(1, degree + 1)
    columns = [*(sample.x**p for p in powers), *(sample.z**p for p in powers), over_provinces(plan, sample.y)]
    matrix = demean(plan.cells, np.column_stack([c.ravel() for c in columns]))
    errors = iv.Errors("cluster", (plan.province,), plan.cells.weights, mc.parameters(plan, 0, nested=True))
    x, z, none = matrix[:, :degree], matrix[:, degree:-1], np.zeros((len(matrix), 0))
    ar = weak.anderson_rubin(x, none, z, matrix[:, -1], errors)
    factor = iv.small_sample(plan.design.total * mc.YEARS, errors, degree) / degree
    return dataclasses.replace(ar, scale=factor), matrix


def critical(ar: weak.AndersonRubin) -> float:
    from scipy.special import fdtri

    return float(fdtri(ar.g.shape[1], ar.df, LEVEL))


def set_of(plan: mc.Layout, sample: Instrumented) -> tuple[weak.ConfidenceSet, float, float, float]:
    """The Anderson-Rubin set of the slope, the two-stage estimate and its error by CR3, the first-stage F."""
    ar, matrix = anderson_rubin(plan, sample, 1)
    b, _ = iv.from_moments(cross_products(matrix, plan.cells.weights), 1, 0)
    again = each(lambda g: iv.from_moments(g, 1, 0))
    left = jackknife(plan.cells, matrix, plan.province, estimate=again, coefficients=b)
    error = float(np.sqrt(left.vcov[0, 0]))
    found = weak.confidence_set(ar, critical=critical(ar), centre=float(b[0]), spread=2 * error)
    return found, float(b[0]), error, float(ar.f(np.array([0.0, 1.0])))


def few_clusters(plan: mc.Layout, sample: Instrumented, b: tuple[float, ...]) -> dict[str, float]:
    """p of the true coefficients by Anderson-Rubin on the cluster jackknife and on the wild bootstrap, null imposed."""
    powers = range(1, len(b) + 1)
    columns = [*(v**p for v in (sample.x, sample.z) for p in powers), over_provinces(plan, sample.y)]
    matrix = demean(plan.cells, np.column_stack([c.ravel() for c in columns]))
    true, size = np.array([1.0, *(-v for v in b)]), {"endogenous": len(b), "exogenous": 0}
    ar = weak_clusters.jackknifed(plan.cells, matrix, plan.province, **size)
    wild = weak_clusters.wild_anderson_rubin(plan.cells, matrix, plan.province, Drawing(REPLICATES, 1), **size)
    return {"CR3": f_upper(float(ar.f(true)), len(b), FEW), "WCR": wild.p_value(true)}


def inside(found: weak.ConfidenceSet, value: float) -> bool:
    return any((a is None or a <= value) and (b is None or value <= b) for a, b in found.intervals)


def instruments(plan: mc.Layout, seed: int, number: int) -> dict[str, float]:
    """Whether Anderson-Rubin sets and the two-stage t-interval (CR3) cover the true slope, and the shape of the sets.

    Sets on CR1, on the cluster jackknife (CR3) and on the wild bootstrap with the null imposed (WCR).

    ``joint``: the region of the coefficients of x and its square; ``projected``: of the slope at x = 0 from it.
    """
    found: dict[str, float] = {}
    for name, strength in STRENGTHS.items():
        sample = instrumented(plan, seed, number, strength, (EFFECT[0], 0.0))
        ar_set, b, error, first_stage = set_of(plan, sample)
        found[f"AR {name} covers"] = float(inside(ar_set, EFFECT[0]))
        found |= _accepted(f"AR {name}", few_clusters(plan, sample, EFFECT[:1]))
        found[f"{name} 2SLS covers"] = float(t_two_sided((b - EFFECT[0]) / error, FEW) > 1 - LEVEL)
        found[f"AR {name} bounded"] = float(ar_set.kind == "interval")
        found[f"{name} first-stage F"] = first_stage
    sample = instrumented(plan, seed, number, STRENGTHS["strong"], EFFECT)
    ar, _ = anderson_rubin(plan, sample, 2)
    most = critical(ar)
    found |= _accepted("AR joint", few_clusters(plan, sample, EFFECT))
    found["AR joint covers"] = float(ar.f(np.array([1.0, -EFFECT[0], -EFFECT[1]])) <= most)
    found["AR projected covers"] = float(_least(ar, EFFECT[0]) <= most)
    return found


def _accepted(name: str, p_values: Mapping[str, float]) -> dict[str, float]:
    return {f"{name} {how} covers": float(p > 1 - LEVEL) for how, p in p_values.items()}


def _least(ar: weak.AndersonRubin, slope: float) -> float:
    """F at this first coefficient, minimised over the second on a grid of its whole line."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 4001)[1:-1]
    size = float(np.sqrt(np.trace(ar.t[0, 0]) / np.trace(ar.t[2, 2])))
    return float(ar.f(np.column_stack([np.cos(angles), -slope * np.cos(angles), -size * np.sin(angles)])).min())


# ---- the whole pipeline


class Goods(NamedTuple):
    """Log price changes (years, provinces, goods) and the index with infinitely many goods (years, provinces)."""

    changes: Vector
    true: Vector


def goods(rng: np.random.Generator) -> Goods:
    """ln tau is an AR by province; price shocks are normal, independent over provinces, goods and years."""
    tau = SCALE * np.exp(mc.persistent(rng.normal(0, SPREAD, (mc.PROVINCES, mc.YEARS)))).T
    changes = rng.normal(size=(*tau.shape, GOODS)) * tau[:, :, None]
    return Goods(changes, np.array([limit(t) for t in tau]))


def price_table(changes: Vector) -> pl.DataFrame:
    """Link indices, previous year = 100, one row per year, province and good."""
    year, region, good = np.indices(changes.shape).reshape(3, -1)
    return pl.DataFrame(
        {
            "region": pl.Series(REGIONS).gather(region),
            "year": year + FIRST_YEAR,
            "commodity": pl.Series([f"good {k}" for k in range(changes.shape[2])]).gather(good),
            "index": 100 * np.exp(changes.ravel()),
        }
    )


def attenuation(plan: mc.Layout, seed: int, number: int) -> dict[str, float]:
    """Cross-products of the measured and the true index, effects removed: their sums give the slope as measured."""
    known = goods(np.random.default_rng([seed, number, 3]))
    index = simulated(known.changes, whole)[:, :, 0]
    x, true = demean(plan.cells, np.column_stack([index.T.ravel(), known.true.T.ravel()])).T
    weights = plan.cells.weights
    assert weights is not None
    return {"xx": float(x @ (weights * x)), "xy": float(x @ (weights * true))}


def slope_as_measured(draws: Draws) -> float:
    """The best linear predictor of y given the index of K goods, by pooling many economies."""
    return STRUCTURAL * float(draws["xy"].sum() / draws["xx"].sum())


def outcome(plan: mc.Layout, known: Goods, seed: int, number: int) -> Vector:
    return mc.simulate(plan.design, (seed, number)).y + over_firms(plan, STRUCTURAL * known.true.T)


def pipeline(plan: mc.Layout, seed: int, number: int) -> dict[str, float]:
    """The slope and its bootstrap over goods and provinces: errors with both and with provinces only, percentiles."""
    known = goods(np.random.default_rng([seed, number, 4]))
    y = over_provinces(plan, outcome(plan, known, seed, number))
    work = yearly(price_table(known.changes), RelativePrice())
    own = seed + number
    numbers = range(REPLICATES)
    weights = np.array([stream(own, d, 0).exponential(size=GOODS) for d in numbers]).T
    chances = np.full(mc.PROVINCES, 1 / mc.PROVINCES)
    counts = np.array([stream(own, d, 1).multinomial(mc.PROVINCES, chances) for d in numbers])
    index = measured(work).T[None]
    drawn = np.moveaxis(reweighted(work, weights), 2, 0).transpose(0, 2, 1)
    once = np.ones((1, mc.PROVINCES))
    both, provinces = (slopes(plan, x, y, counts) for x in (drawn, index))
    low, high = np.quantile(both, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {
        "estimate": float(slopes(plan, index, y, once)[0]),
        "mean": float(both.mean()),
        "error": float(both.std(ddof=1)),
        "error by provinces": float(provinces.std(ddof=1)),
        "low": float(low),
        "high": float(high),
    }


def slopes(plan: mc.Layout, x: Vector, y: Vector, counts: Vector) -> Vector:
    """Slopes (B,) of y (N, T) on x (B or 1, N, T) with firm and year effects, province p taken ``counts[b, p]`` times.

    Panels are balanced within provinces: means over years first, then weighted means over provinces.
    """
    w = counts * np.array(plan.design.firms)
    w = w / w.sum(axis=1, keepdims=True)
    within = [v - v.mean(axis=2, keepdims=True) for v in (x, y[None])]
    x, y = (v - np.einsum("bp,bpt->bt", w, np.broadcast_to(v, (len(w), *v.shape[1:])))[:, None] for v in within)
    return np.asarray(np.einsum("bp,bpt,bpt->b", w, x, y) / np.einsum("bp,bpt,bpt->b", w, x, x))


def pipeline_coverage(draws: Draws, target: float) -> dict[str, np.ndarray]:
    """Coverage of the slope as measured and of the structural one, draw by draw."""
    width = t_quantile((1 + LEVEL) / 2, FEW)
    found = {}
    for name, truth in (("slope as measured", target), ("structural slope", STRUCTURAL)):
        away = np.abs(draws["estimate"] - truth)
        found[f"pipeline covers {name}"] = away <= width * draws["error"]
        found[f"percentile interval covers {name}"] = (draws["low"] <= truth) & (truth <= draws["high"])
        found[f"provinces only covers {name}"] = away <= width * draws["error by provinces"]
    return {k: v.astype(np.float64) for k, v in found.items()}


# ---- the short cuts against the product's own commands on the firm panel


def disagreement(plan: mc.Layout, seed: int, number: int) -> float:
    """Largest relative difference between this file and `weak_iv` and `pipeline_bootstrap` on the firm panel."""
    return max(_instruments_differ(plan, seed, number), _pipeline_differs(plan, seed, number))


def _instruments_differ(plan: mc.Layout, seed: int, number: int) -> float:
    pairs: list[tuple[float, float]] = []
    for strength in STRENGTHS.values():
        sample = instrumented(plan, seed, number, strength, (EFFECT[0], 0.0))
        ours, b, error, first_stage = set_of(plan, sample)
        panel = firm_panel(plan, x=sample.x, z=sample.z, y=sample.y)
        full = weak_iv(panel, "y ~ 1 | firm + year | x ~ z", cluster="region")
        if full["x"].kind != ours.kind:
            return float("inf")
        assert full.fit.iv is not None
        pairs += [(b, full.fit["x"].estimate), (error, full.fit["x"].std_error)]
        pairs.append((first_stage, full.fit.iv.kp_f))
        for one, other in zip(ours.intervals, full["x"].intervals, strict=True):
            pairs += [(p, q) for p, q in zip(one, other, strict=True) if p is not None and q is not None]
    sample = instrumented(plan, seed, number, STRENGTHS["strong"], EFFECT)
    net = firm_panel(plan, x=sample.x, z=sample.z, y=sample.y - over_firms(plan, curve(EFFECT, sample.x)))
    full = weak_iv(net, "y ~ 1 | firm + year | x + x^2 ~ z + z^2", cluster="region", at=())
    ar, _ = anderson_rubin(plan, sample, 2)
    pairs.append((float(ar.f(np.array([1.0, -EFFECT[0], -EFFECT[1]]))), full.ar_f))
    return max(abs(p - q) / max(abs(q), 1e-3) for p, q in pairs)


def _pipeline_differs(plan: mc.Layout, seed: int, number: int) -> float:
    known = goods(np.random.default_rng([seed, number, 4]))
    prices = price_table(known.changes)
    market = measured(yearly(prices, RelativePrice())).T
    panel = firm_panel(plan, market=market, y=outcome(plan, known, seed, number))
    ours = pipeline(plan, seed, number)
    worst = 0.0
    for resample, error in (("both", "error"), ("clusters", "error by provinces")):
        full = pipeline_bootstrap(
            prices, panel, "y ~ market | firm + year", resample=resample, draws=REPLICATES, seed=seed + number
        )["market"]
        pairs = [(ours["estimate"], full.estimate), (ours[error], full.std_error)]
        if resample == "both":
            pairs += [
                (ours[k], v)
                for k, v in (("mean", full.mean), ("low", full.percentile_low), ("high", full.percentile_high))
            ]
        worst = max(worst, *(abs(p - q) / abs(q) for p, q in pairs))
    return worst


PARTS: Mapping[str, Callable[[mc.Layout, int, int], dict[str, float]]] = {
    "mediation": mediation,
    "instruments": instruments,
    "pipeline": pipeline,
    "attenuation": attenuation,
}


def series(part: str, plan: mc.Layout, seed: int, numbers: range) -> dict[str, list[float]]:
    """Draws side by side."""
    rows = [PARTS[part](plan, seed, number) for number in numbers]
    return {key: [row[key] for row in rows] for key in rows[0]}


def main(arguments: list[str]) -> None:
    shapes = {"balanced": mc.balanced, "skewed": mc.skewed}
    if arguments:
        part, shape, average, draws, seed = arguments
        plan = mc.layout(shapes[shape](int(average)))
        json.dump(series(part, plan, int(seed), range(int(draws))), sys.stdout)
        return
    for design in (mc.balanced(40), mc.skewed(40)):
        plan = mc.layout(design)
        print(f"{plan.design.name}: differs from the firm panel by at most {disagreement(plan, 1, 0):.1e}")
        for part in PARTS:
            started = time.perf_counter()
            series(part, plan, 1, range(5))
            print(f"  {part}: {200 * (time.perf_counter() - started):.0f} ms a draw")


if __name__ == "__main__":
    main(sys.argv[1:])
