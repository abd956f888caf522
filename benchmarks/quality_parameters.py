"""Does `quality_parameters` find the sigma and theta of the model, and what do errors in the records do to them?

    python benchmarks/quality_parameters.py [--draws 20] [--seed 20240101]

Writes docs/quality_parameters.md. The records are those of `integrade.simulation.chosen_quality`.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import integrade as ig
from integrade.engine.frames import Table
from integrade.errors import NotIdentified
from integrade.quality import quality_parameters
from integrade.simulation.chosen_quality import ChosenQuality, simulate_chosen_quality

PAGE = Path(__file__).parents[1] / "docs" / "quality_parameters.md"
TRUTHS = ((5.0, 0.6), (7.0, 0.3))
RECORDS: Mapping[str, dict[str, Any]] = {
    "40 firms, 5 destinations, 8 years": {},
    "15 firms, 2 destinations, 5 years": {"firms": 15, "markets": 2, "years": 5},
    "error in ln quantity, s.d. 0.05": {"quantity_error": 0.05},
    "error in ln quantity, s.d. 0.2": {"quantity_error": 0.2},
    "error in ln cost, s.d. 0.05": {"cost_error": 0.05},
    "error in ln cost, s.d. 0.15": {"cost_error": 0.15},
}
REPLICATES = 20


class Row(NamedTuple):
    """Quantiles of both parameters over draws, the median standard error, and the share of draws by kind."""

    sigma: np.ndarray
    theta: np.ndarray
    errors: tuple[float, float]
    constrained: float
    refused: float


def recovered(economy: ChosenQuality, draws: int, seed: int) -> Row:
    """The estimates on ``draws`` sets of records."""
    found: list[tuple[float, float, float, float]] = []
    constrained = refused = 0
    for i in range(draws):
        rows = Table("customs", simulate_chosen_quality(economy, seed + i))
        try:
            one = quality_parameters(rows, replicates=REPLICATES).polars().row(0, named=True)
        except NotIdentified:
            refused += 1
            continue
        found.append((one["sigma"], one["theta"], one["se_sigma"], one["se_theta"]))
        constrained += one["fallback"] == "constrained"
    values = np.array(found)
    quantiles = np.quantile(values[:, :2], [0.16, 0.5, 0.84], axis=0)
    errors = np.nanmedian(values[:, 2:], axis=0)
    shares = constrained / draws, refused / draws
    return Row(quantiles[:, 0], quantiles[:, 1], (float(errors[0]), float(errors[1])), *shares)


def table(draws: int, seed: int) -> list[str]:
    """A line for every truth and kind of records."""
    head = "| sigma | theta | records | sigma found | s.e. | theta found | s.e. | constrained | refused |"
    lines = [head, "|---|---|---|---|---|---|---|---|---|"]
    for sigma, theta in TRUTHS:
        for name, changes in RECORDS.items():
            row = recovered(replace(ChosenQuality(sigma, theta), **changes), draws, seed)
            cells = [f"{sigma:g}", f"{theta:g}", name, _spread(row.sigma, 2), f"{row.errors[0]:.2f}"]
            cells += [_spread(row.theta, 3), f"{row.errors[1]:.3f}", f"{row.constrained:.0%}", f"{row.refused:.0%}"]
            lines.append(f"| {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    return lines


def _spread(at: np.ndarray, digits: int) -> str:
    return f"{at[1]:.{digits}f} ({at[0]:.{digits}f}, {at[2]:.{digits}f})"


METHOD = """## The method

Model (`supply_demand`): a firm needs z^(1/theta)/phi units of input at price w for a unit of quality z. It bears a
freight per unit, and sells to CES demand for z^alpha q. Its quality is ln z = theta [ln(kappa p) - ln(w/phi)], so its
sales in a market are

    ln v = A - b ln p - d ln(w/phi) + e,    b = (sigma - 1)(1 - alpha theta),    d = (sigma - 1) alpha theta:

A high price partly reflects quality, so b is below sigma - 1. Of two firms with the same price, the one with lower cost
has higher quality (d). Feenstra and Romalis (2014) have no costs of firms and replace w/phi by free entry.
Here costs are measured (wages or input prices over TFP, as in Yu and Zhang 2017). The equations were derived from the
model, and are checked on records that the model generates.

The data are changes over consecutive years, less their mean over the firms of the market (product and destination) in
the year. This removes A and everything constant. The changes of price, sales and cost are p, s, c. Supply is
p = r s + g c + u with any g.

| moment | over | gives |
|---|---|---|
| E[e c] = E[u c] = 0 | all firms of a product | residuals p~, s~ of p and s on c; d = -E[(s + b p) c] / E[c c] |
| E[e~ u~] = 0 | each firm in each market | (p~)^2 = t0 + t1 (s~)^2 + t2 p~ s~ + noise: t1, t2 give b, r |

t0 absorbs errors in unit values. The system is solved by LIML with Fuller's correction and weights (Soderbery 2015), or
by `estimator="hliml"` or `"feenstra"`. If the closed form is not admissible, the estimate is constrained to the bounds
(`fallback` is "constrained"). Standard errors come from a bootstrap over firms.

- sigma = 1 + b + d and theta = d / (b + d) / alpha. Only alpha theta is in the equation.
- If sigma is known, alpha theta = -E[(s + (sigma - 1) p) c] / ((sigma - 1) E[(c - p) c]), without second moments.
- If theta is known, sigma = 1 + b / (1 - alpha theta).

Records without firms are refused, and so are costs taken as equal (`cost = "none"`), because d is then not in the data.
A product needs three firms with two changes each (D206 if none has them). Its sales must fall in both price and cost
(D209). Other products have no quality and are counted.
"""

READING = """## How to read it

- An error in quantities is an error of price. If it is as large as the changes of prices (s.d. 0.2), standard errors
  are large, or estimates are on the bounds.
- An error in costs makes theta and sigma too small (attenuation of d), and standard errors do not show it. Do not
  estimate the parameters if costs are measured badly.
"""


def main() -> None:
    """Draw, estimate, write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20240101)
    given = parser.parse_args()
    lines = table(given.draws, given.seed)
    head = f"""# Sigma and theta of supply and demand, estimated

Written by `python benchmarks/quality_parameters.py --draws {given.draws} --seed {given.seed}` on
{datetime.datetime.now(tz=datetime.UTC).date()} with integrade {ig.__version__}.

`ig.quality.quality_parameters(customs, ...)` gives both by product. `[quality] method = "supply_demand"` takes
`sigma = "estimate"` and `theta = "estimate"`, and so do `--sigma` and `--theta` of `integrade quality`.

"""
    found = f"""## What it finds

Records of one product whose truth is known, {given.draws} draws each: median (16th, 84th percentile) of the estimates,
median standard error, shares of draws constrained to the bounds and refused. Prices answer demand (elasticity of price
to sales 0.25), so that least squares of sales on price and cost does not find b.

"""
    PAGE.write_text(head + METHOD + "\n" + found + "\n".join(lines) + "\n\n" + READING, encoding="utf-8")


if __name__ == "__main__":
    main()
