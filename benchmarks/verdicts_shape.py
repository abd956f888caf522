"""H1 on curves of known shape: how often an inverted U is found where there is none, and where there is one."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import replace

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # before polars is imported: the tables are small

import numpy as np
import polars as pl
from scipy import special
from verdict_designs import Design, Draw, Subject

from integrade import relative_price
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.integration.dispersion import whole
from integrade.simulation import Economy, simulate
from integrade.subjects.noise.index_draws import limit, simulated
from integrade.subjects.shape.two_lines import two_lines
from integrade.subjects.shape.verdict import Curve, concluded, inverted_u_established, inverted_u_parts

REGIONS, YEARS, FIRMS, GOODS = 31, 10, 5, 10
PERSISTENCE, SHOCK, NOISE = 0.7, 0.25, 0.5
SCALE, SPREAD = 0.012, 0.43  # of tau, the s.d. of a region's price shocks: its median, the s.d. of its logarithm
WILD, DEMO_FIRMS = 399, 600

Vector = np.ndarray

TRUTHS: Mapping[str, Callable[[Vector], Vector]] = {
    "-0.3 exp(-1.2 z): rises ever more slowly": lambda z: -0.3 * np.exp(-1.2 * z),
    "0.5 Phi(z + 1): saturates": lambda z: 0.5 * special.ndtr(z + 1),
    "0.4 min(z, 0): flat after a kink": lambda z: 0.4 * np.minimum(z, 0),
    "no effect": lambda z: 0 * z,
}
INVERTED: Mapping[str, Callable[[Vector], Vector]] = {
    "-0.25 z^2: an inverted U that turns at the mean": lambda z: -0.25 * z**2,
    "-0.12 (z + 0.4)^2: a weaker inverted U with 65% past its turn": lambda z: -0.12 * (z + 0.4) ** 2,
}


def persistent(rng: np.random.Generator, spread: float) -> Vector:
    """AR(0.7) by region with innovations of this s.d. from its stationary distribution, shape (regions, years)."""
    e = spread * rng.normal(size=(REGIONS, YEARS))
    e[:, 0] /= math.sqrt(1 - PERSISTENCE**2)
    for t in range(1, YEARS):
        e[:, t] += PERSISTENCE * e[:, t - 1]
    return e


def indices(rng: np.random.Generator) -> tuple[Vector, Vector]:
    """The true index and that of ten goods, both in standard deviations of the true one: (regions, years) each."""
    log_tau = persistent(rng, SPREAD * math.sqrt(1 - PERSISTENCE**2))
    tau = SCALE * np.exp(log_tau.T)  # (T, N)
    true = np.array([limit(t) for t in tau])
    measured = simulated(rng.normal(size=(YEARS, REGIONS, GOODS)) * tau[:, :, None], whole)[:, :, 0]
    centre, scale = true.mean(), true.std()
    return ((true - centre) / scale).T, ((measured - centre) / scale).T


def shape_draw(f: Callable[[Vector], Vector], noisy: bool) -> Callable[[int, int], Draw]:
    """One sample of a truth, judged by H1: firms of 31 regions in 10 years, f of the true index, shocks of regions."""

    def draw(seed: int, number: int) -> Draw:
        rng = np.random.default_rng([seed, number, 11])
        true, measured = indices(rng)
        shock = persistent(rng, SHOCK)
        own = rng.normal(size=(REGIONS, FIRMS, 1))
        noise = NOISE * rng.normal(size=(REGIONS, FIRMS, YEARS))
        y = own + (f(true) + shock)[:, None, :] + noise
        at = np.indices(y.shape).reshape(3, -1)
        x = np.broadcast_to((measured if noisy else true)[:, None, :], y.shape)
        panel = pl.DataFrame(
            {"firm": at[0] * FIRMS + at[1], "region": at[0], "year": 2000 + at[2], "market": x.ravel(), "y": y.ravel()}
        )
        return judged_shape(panel, "y ~ market + market^2 | firm + year", number)

    return draw


def judged_shape(panel: pl.DataFrame, formula: str, seed: int) -> Draw:
    """H1's verdict and parts; the wild bootstrap is drawn where all other parts hold: it decides nothing elsewhere."""
    plain = fit(panel, formula, cluster="region", vcov="CR3")
    lines = two_lines(panel, formula, variable="market", cluster="region", vcov="CR3")
    curve = Curve(plain, u_test(plain, "market"), lines)
    if inverted_u_established(curve):
        curve = replace(curve, fit=fit(panel, formula, cluster="region", vcov="CR3", wild=WILD, seed=seed))
    outcome, _ = concluded(curve)
    held = {part.key: float(part.holds is True) for part in inverted_u_parts(curve)}
    return {"supported": float(outcome == "supported"), "contradicted": float(outcome == "contradicted"), **held}


def demo_draw(noisy: bool) -> Callable[[int, int], Draw]:
    """One economy of the demo with fewer firms: its true quality on its true index, or on that of its prices."""

    def draw(seed: int, number: int) -> Draw:
        made = simulate(Economy(n_firms=DEMO_FIRMS, rows_per_firm_year=1, seed=seed + number))
        index = relative_price(made.prices) if noisy else made.true_index
        market = index.select("region", "year", market="integration")
        panel = made.true_quality.select("firm", "region", "year", y="quality").join(market, on=["region", "year"])
        return judged_shape(panel, "y ~ market + market^2 | firm + year", number)

    return draw


def shape_designs() -> tuple[Design, ...]:
    found = []
    for noisy in (False, True):
        under = "index of ten goods" if noisy else "true index"
        for truths, false in ((TRUTHS, True), (INVERTED, False)):
            for name, f in truths.items():
                found.append(Design(f"{name}; {under}", false, shape_draw(f, noisy)))
        name = "-(X - 4.05)^2 in firms that are not state-owned: the economy of the demo"
        found.append(Design(f"{name}; {under}", False, demo_draw(noisy)))
    return tuple(found)


SHAPE = Subject(
    "H1, an inverted U",
    f"{REGIONS} regions, {YEARS} years, {FIRMS} firms a region; firm and year effects, a region-year shock (AR(0.7), "
    f"innovations of s.d. {SHOCK}) and firm noise of s.d. {NOISE}; CR3 by region. z is the index of infinitely many "
    f"goods in its standard deviations; *index of ten goods*: the regression has the index that {GOODS} goods give, "
    "whose errors the regions share through the goods. The wild bootstrap (399 draws) is drawn where all other parts "
    f"hold. Support is false where the truth never falls. The demo is `simulate` with {DEMO_FIRMS} firms "
    "(the demo has 5,000), a further economy in each draw, and its true quality. The other columns are parts of the "
    "rule, each alone.",
    shape_designs(),
    (
        ("supported", "supported"),
        ("contradicted", "contradicted"),
        ("U-test, whole range", "u_test"),
        ("U-test, p5 to p95", "u_test_inner"),
        ("two lines", "two_lines"),
    ),
    ("subjects/shape/verdict.py", "subjects/shape", "estimate", "regress"),
    __file__,
)
