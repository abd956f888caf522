"""How often a placebo rejects where nothing comes first, with and without sampling error, and where something does.

Run: python benchmarks/certify_placebos.py docs/certification.md [--draws 400] [--seed 20240101]
Without a file the section goes to the terminal. 31 regions, 10 years, a row for each; integration x of a region is
AR(0.85) with a standard deviation of 0.2 about a common trend, y = 4.24 x - 0.523 x^2 + region-year shocks of 0.03;
the index is x plus sampling error. Judged by the product's own rule (`integrade.subjects.robustness.verdict`) on
`lag_table` and `robustness`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from bands import table
from certify_verdicts import error, wrapped

from integrade.subjects.lags.model import lag_table
from integrade.subjects.lags.records import LagStudy
from integrade.subjects.robustness.model import robustness
from integrade.subjects.robustness.verdict import placebos

REGIONS, YEARS, LEVEL = 31, 10, 0.05
FORMULA = "y ~ market + market^2 | region + year"
HOW = {"cluster": "region", "vcov": "CR3"}


class Design(NamedTuple):
    """One truth: sampling error of the index (s.d.), and how much of next year's x is in this year's outcome."""

    name: str
    noise: float
    ahead: float


DESIGNS = (
    Design("this year's x alone, index exact", 0.0, 0.0),
    Design("this year's x alone, 26% of the index sampling error", 0.12, 0.0),
    Design("next year's x too, index exact", 0.0, 0.1),
)


def panel(design: Design, seed: int, number: int) -> pl.DataFrame:
    """One economy; one year more than the panel has, for what comes first."""
    random = np.random.default_rng([seed, number])
    x = np.zeros((REGIONS, YEARS + 1))
    x[:, 0] = random.normal(0, 0.2, REGIONS)
    for t in range(1, YEARS + 1):
        x[:, t] = 0.85 * x[:, t - 1] + random.normal(0, 0.2 * np.sqrt(1 - 0.85**2), REGIONS)
    x += 4 + 0.08 * np.arange(YEARS + 1)
    now = x[:, :YEARS]
    y = 4.24 * now - 0.523 * now**2 + design.ahead * x[:, 1:] + random.normal(0, 0.03, now.shape)
    seen = now + design.noise * random.normal(size=now.shape)
    region, year = (a.ravel() for a in np.meshgrid(range(REGIONS), range(YEARS), indexing="ij"))
    return pl.DataFrame({"region": region, "year": year, "y": y.ravel(), "market": seen.ravel()})


def judged(design: Design, seed: int, number: int) -> tuple[bool, ...]:
    """Whether each placebo has p below 5%, whether the study fails one after Holm, and the lags beside this year's."""
    rows = panel(design, seed, number)
    lags = lag_table(rows, FORMULA, variable="market", lags=(1, 2), leads=(1,), **HOW)
    variants = tuple(robustness(rows, FORMULA, "market", checks=("placebo",), **HOW))
    results: Any = SimpleNamespace(lags=LagStudy(lags, lags), robustness=variants, benchmark=())
    past, this_year = placebos(results)
    assert lags.distributed is not None
    assert lags.distributed.past is not None
    together = lags.distributed.past.p_value < LEVEL
    return this_year.is_low, past.is_low, past.rejects or this_year.rejects, together


def section(draws: int, seed: int) -> tuple[str, bool]:
    """The section, and whether the placebos keep their size where nothing comes first and the index is exact."""
    rows, good = [], True
    for design in DESIGNS:
        shares = np.mean([judged(design, seed, k) for k in range(draws)], axis=0).tolist()
        rows.append([design.name, *(f"{s:.3f} ({error(s, draws):.3f})" for s in shares)])
        if not design.noise and not design.ahead:
            good = shares[2] < LEVEL + 2.576 * error(LEVEL, draws)
    head = ["quality knows", "beside this year's", "beside the past too", "one rejects (Holm)", "lags together"]
    about = (
        "The placebo is next year's index and its square. The first columns have the share of samples in which "
        "its p is below 5% (CR3, 31 regions, 10 years). The next column has the share in which a study with both "
        "placebos rejects one after Holm's adjustment. The last one has the share in which the lags of two years "
        "together have p below 5% next to this year's value. In the first two rows only this year's value has an "
        f"effect. {draws:,} draws; Monte Carlo standard errors in parentheses. Written by "
        "benchmarks/certify_placebos.py."
    )
    return f"## Placebos\n\n{wrapped(about)}\n\n{table(head, rows)}", good


def written(page: str, text: str) -> str:
    """The page with this section in the place of the one it has, or at its end."""
    before, found, rest = page.partition("\n## Placebos\n")
    _, mark, after = rest.partition("\n## ") if found else ("", "", "")
    return f"{before.rstrip()}\n\n{text.rstrip()}\n" + (f"\n## {after}" if mark else "")


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the section on placebos of the certification page.")
    parser.add_argument("output", nargs="?", type=Path)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20240101)
    arguments = parser.parse_args()
    text, good = section(arguments.draws, arguments.seed)
    if arguments.output:
        arguments.output.write_text(written(arguments.output.read_text(encoding="utf-8"), text), encoding="utf-8")
    else:
        print(text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
