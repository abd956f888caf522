"""Size of the sup-F p-values and coverage of both intervals of a break date in short series, by simulation.

    python benchmarks/break_dates.py [SERIES]

Prints one line per length, jump (in standard deviations of the errors) and autocorrelation: the share of 5% rejections
by each p-value, the share of sets of dates and of Bai's intervals that hold the true date, and the dates in a set.
"""

from __future__ import annotations

import sys

import numpy as np

from integrade.subjects.situation.break_date import break_date


def errors(random: np.random.Generator, n: int, rho: float) -> np.ndarray:
    e = random.standard_normal(n)
    e[0] /= np.sqrt(1 - rho**2)
    for t in range(1, n):
        e[t] += rho * e[t - 1]
    return e


def main(series: int) -> None:
    print(f"{'years':>5} {'jump':>5} {'rho':>5} {'p<.05':>6} {'p_ar<.05':>8} {'set':>6} {'bai':>6} {'dates':>6}")
    for n in (10, 17, 30):
        for jump, rho in ((0.0, 0.0), (0.0, 0.5), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (2.0, 0.5)):
            random, k = np.random.default_rng([n, int(10 * jump), int(10 * rho)]), n // 2
            shift = jump * (np.arange(n) >= k)
            found = [break_date(range(n), shift + errors(random, n, rho), draws=399, seed=i) for i in range(series)]
            p, p_ar = (np.mean([getattr(b, name) <= 0.05 for b in found]) for name in ("p_value", "p_persistent"))
            held = np.mean([k - 1 in b.dates for b in found]) if jump else float("nan")
            bai = np.mean([(b.bai_low or 0) <= k - 1 <= (b.bai_high or 0) for b in found]) if jump else float("nan")
            size = np.mean([len(b.dates) for b in found])
            print(
                f"{n:>5} {jump:>5g} {rho:>5g} {p:>6.3f} {p_ar:>8.3f} {held:>6.3f} {bai:>6.3f} {size:>6.1f}", flush=True
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
