"""Which measure of quality recovers a known quality, and under which violation of its assumptions it stops to.

    python benchmarks/quality_recovery.py [--repetitions 20] [--seed 20240101]

Writes docs/quality_methods.md. The records are simulated; the truth is ln lambda of every row.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import integrade as ig
from integrade.errors import NotIdentified

PAGE = Path(__file__).parents[1] / "docs" / "quality_methods.md"
KEY = ["firm", "product", "destination", "year"]
SIGMA = 5.0
NEST = 0.3
PASS_ON = 0.5  # elasticity of price to quality: dearer to make, but what is good still sells more


@dataclass(frozen=True)
class World:
    """What the simulated records violate; the defaults violate nothing."""

    noise: float = 0.0  # s.d. of an error in ln quantity, with value right
    answer: float = 0.0  # elasticity of price to the taste shock of its own market
    taste: float = 0.3  # s.d. of that shock, in ln quantity
    varieties: float = 0.0  # elasticity of the number of hidden varieties to the size of the home market
    imposed: float = SIGMA  # sigma that the methods with an imposed sigma are given


VIOLATIONS: Mapping[str, World] = {
    "none": World(),
    "error in quantity (s.d. 0.5)": World(noise=0.5),
    "price answers demand (s.d. 1.5, elasticity 0.15)": World(answer=0.15, taste=1.5),
    "wrong sigma (10 for 5)": World(imposed=10.0),
    "hidden varieties (elasticity 1 to home market)": World(varieties=1.0),
}


@dataclass(frozen=True)
class Drawn:
    """Customs rows with their truth, and what stands beside them."""

    customs: pl.DataFrame
    gdp: pl.DataFrame
    firm_region: pl.DataFrame
    outside: pl.DataFrame


def draw(world: World, seed: int, n_firms: int = 120) -> Drawn:
    """Nested CES demand: ln q = chi_mt + phi_h + (sigma - 1) ln lambda - sigma ln p + taste - nest ln D_hmt.

    ln p = cost of product + 0.5 ln lambda + ln(w / phi) + shocks, D_hmt what the firms of the product sell in the
    market. The shocks of ``world`` are drawn for every world in the same order, so worlds of one seed differ in nothing
    else.
    """
    rng = np.random.default_rng([seed, n_firms])
    n_products, n_markets, n_years, n_regions = 12, 8, 5, 15
    grid = rng.random((n_firms, n_products, n_markets, n_years))
    makes, reaches = rng.random((n_firms, n_products)) < 0.35, rng.random((n_firms, n_markets)) < 0.6
    f, h, m, t = np.nonzero(makes[:, :, None, None] & reaches[:, None, :, None] & (grid < 0.8))
    n = len(f)
    a, b = rng.normal(0, 0.35, (2, n_firms, n_products))
    hidden = 0.15 * rng.standard_normal((n_firms, n_products, n_years))
    ln_lambda = (0.8 * a + 0.6 * b)[f, h] + hidden[f, h, t]
    productivity, wage = rng.normal(0, 0.3, (n_firms, n_years)), rng.normal(0, 0.1, (n_firms, n_years))
    region = rng.integers(n_regions, size=n_firms)
    size = rng.normal(0, 0.8, (n_regions, 1)) + rng.normal(0, 0.3, (n_regions, n_years))
    taste = rng.standard_normal(n)
    error = rng.standard_normal(n)
    ln_p = rng.normal(1, 0.8, n_products)[h] + PASS_ON * ln_lambda + (wage - productivity)[f, t]
    ln_p += 0.1 * rng.standard_normal((n_firms, n_products))[f, h] + 0.05 * rng.standard_normal(n)
    ln_p += world.answer * world.taste * taste
    within = (
        (SIGMA - 1) * ln_lambda - SIGMA * (ln_p - np.bincount(h, ln_p)[h] / np.bincount(h)[h]) + world.taste * taste
    )
    within += world.varieties * size[region[f], t]
    cell = (h * n_markets + m) * n_years + t
    sold = np.log(np.bincount(cell, np.exp(within)))[cell]
    phi, chi = rng.normal(0, 1, n_products), rng.normal(8, 1, (n_markets, n_years))
    ln_q = phi[h] + chi[m, t] + within - NEST * sold
    observed = ln_q + world.noise * error
    measured = productivity + 0.1 * rng.standard_normal(productivity.shape)
    customs = pl.DataFrame(
        {
            "firm": _names("F", f),
            "product": _names("6109", h),
            "destination": _names("D", m),
            "year": 2004 + t,
            "value": np.exp(ln_p + ln_q),
            "quantity": np.exp(observed),
            "design": a[f, h],
            "material": b[f, h],
            "input_cost": np.exp(wage[f, t]),
            "productivity": np.exp(measured[f, t]),
            "home": np.exp(size[region[f], t]),
            "truth": ln_lambda,
        }
    )
    places = [f"R{i:02d}" for i in range(n_regions)]
    gdp = pl.DataFrame(
        [(places[i], 2004 + j, float(np.exp(size[i, j]))) for i in range(n_regions) for j in range(n_years)],
        schema=["region", "year", "gdp"],
        orient="row",
    )
    homes = pl.DataFrame({"firm": _names("F", np.arange(n_firms)), "region": [places[i] for i in region]})
    outside = {"destination": _names("D", np.arange(n_markets)), "outside_share": rng.uniform(0.5, 0.8, n_markets)}
    return Drawn(customs, gdp, homes, pl.DataFrame(outside))


def _names(start: str, codes: Any) -> list[str]:
    return [f"{start}{i:02d}" for i in codes.tolist()]


Method = Callable[[Drawn, World], pl.DataFrame]
LEVEL: Mapping[str, Any] = {"level": "row", "standardise": "none"}


def _demand(sigma: Any = None, **more: Any) -> Method:
    def run(d: Drawn, world: World) -> pl.DataFrame:
        beside: dict[str, Any] = {"gdp": d.gdp, "firm_region": d.firm_region} if more.get("controlled") else {}
        options = {k: v for k, v in more.items() if k != "controlled"}
        given = world.imposed if sigma is None else sigma
        rows: pl.DataFrame = ig.demand_residual(d.customs, sigma=given, **options, **beside, **LEVEL)
        return rows

    return run


def _plain(function: Callable[..., Any], **options: Any) -> Method:
    return lambda d, _: function(d.customs, **options, **LEVEL)


def _nested(**options: Any) -> Method:
    return lambda d, _: ig.nested_logit(d.customs, outside=d.outside, industry=4, price="log", **options, **LEVEL)


def _supply(cost: str) -> Method:
    return lambda d, w: ig.supply_demand(d.customs, sigma=w.imposed, theta=0.6, cost=cost, **LEVEL)


METHODS: Mapping[str, Method] = {
    "unit value": _plain(ig.unit_value),
    "features (hedonic)": _plain(ig.product_features, features=("design", "material")),
    "supply and demand, costs known": _supply("columns"),
    "supply and demand, costs equal": _supply("none"),
    "demand residual, sigma imposed": _demand(),
    "demand residual, imposed, product:destination:year": _demand(effects="product:destination:year"),
    "demand residual, sigma by ols": _demand("ols"),
    "demand residual, sigma by iv": _demand("iv"),
    "demand residual, iv, home market": _demand("iv", controlled=True),
    "nested logit, no instruments": _nested(instruments=("ols",)),
    "nested logit, iv": _nested(),
    "nested logit, iv, home market": _nested(size="home"),
}


def recovery(method: Method, drawn: Drawn, world: World) -> tuple[float, float]:
    """Rank correlation with the truth: of rows, mean over products; of firm-years, by value, products taken out.

    Missing (nan) when the method refuses the data.
    """
    try:
        rows = method(drawn, world).select(*KEY, "ln_quality")
    except NotIdentified:
        return float("nan"), float("nan")
    both = drawn.customs.join(rows, on=KEY, validate="1:1").drop_nulls("ln_quality")
    by_product = both.group_by("product").agg(r=pl.corr("ln_quality", "truth", method="spearman"))
    apart = [(pl.col(c) - pl.col(c).mean().over("product")).alias(c) for c in ("ln_quality", "truth")]
    means = [((pl.col(c) * pl.col("value")).sum() / pl.col("value").sum()).alias(c) for c in ("ln_quality", "truth")]
    firms = both.with_columns(apart).group_by("firm", "year").agg(means)
    overall = firms.select(pl.corr("ln_quality", "truth", method="spearman")).item()
    return float(np.mean(by_product["r"].to_numpy())), float(overall)


def table(repetitions: int, seed: int, n_firms: int = 120) -> dict[str, dict[str, tuple[float, float]]]:
    """Mean over repetitions, by method and violation; a refusal in any of them is a refusal."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = {m: {v: [] for v in VIOLATIONS} for m in METHODS}
    for repetition in range(repetitions):
        for violation, world in VIOLATIONS.items():
            drawn = draw(world, seed + repetition, n_firms)
            for name, method in METHODS.items():
                found[name][violation].append(recovery(method, drawn, world))
    return {m: {v: _mean(r) for v, r in by.items()} for m, by in found.items()}


def _mean(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    rows, firms = np.mean(pairs, axis=0).tolist()
    return rows, firms


def page(found: Mapping[str, Mapping[str, tuple[float, float]]], repetitions: int, seed: int, rows: int) -> str:
    """The page of the documentation."""
    head = "| method | " + " | ".join(VIOLATIONS) + " |\n|---|" + "---|" * len(VIOLATIONS) + "\n"
    parts = [
        f"""# Which measure recovers quality, and when it does not

Written by `python benchmarks/quality_recovery.py --repetitions {repetitions} --seed {seed}` on
{datetime.datetime.now(tz=datetime.UTC).date()} with integrade {ig.__version__}.

Simulated customs records (about {rows:,} rows a repetition, {repetitions} repetitions, seeds {seed} to
{seed + repetitions - 1}): nested CES demand with sigma {SIGMA:g} and nest coefficient {NEST:g}; price = cost +
{PASS_ON:g} ln quality + wage less productivity + shocks; all shocks but those that a violation adds are the same.
A cell is the Spearman correlation of ln quality with the truth, ln lambda. `refused`: the method refuses its own
estimate (price coefficient not negative, nest coefficient outside 0..1) in at least one repetition.
"""
    ]
    titles = ("Customs rows, mean over products", "Firm-years, weighted by value, product means taken out")
    for i, title in enumerate(titles):
        lines = [f"| {m} | " + " | ".join(_cell(by[v][i]) for v in VIOLATIONS) + " |" for m, by in found.items()]
        parts.append(f"## {title}\n\n{head}" + "\n".join(lines) + "\n")
    parts.append(READING)
    return "\n".join(parts)


def _cell(r: float) -> str:
    return "refused" if np.isnan(r) else f"{r:.2f}"


READING = """## How to read it

- **Unit values** mix quality with cost: an inefficient firm with high prices seems to have high quality.
- **Features** measure only the quality that the columns describe. Errors in price hardly affect them, because the
  price is the outcome of the hedonic regression.
- **Supply and demand** is the unit value less the firm's cost.
  Within a product its ranks depend on neither sigma nor theta.
- **The demand residual with imposed sigma** needs the right sigma, no hidden varieties and a quantity without error
  (METHODS 3.3). What its effects do not absorb (here the nest of a
  product in a market) stays in it.
- **Sigma by ols or iv, product by product**: goods of higher quality cost more, so the price is correlated with the
  residual, which contains quality. So is the price in other destinations. Both estimates of sigma are biased towards 1,
  and quality lacks the part that is correlated with the price.
- **The nested logit** has the same weakness, and lets the nest differ from the product effects.
"""


def main() -> None:
    """Run and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20240101)
    given = parser.parse_args()
    found = table(given.repetitions, given.seed)
    rows = draw(replace(World()), given.seed).customs.height
    PAGE.write_text(page(found, given.repetitions, given.seed, rows), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
