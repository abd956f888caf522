"""Where a simulated rate must lie, how it came out, and why where it does not."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported

import numpy as np

LEVEL = 0.05
Draws = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Band:
    """Where the number ``key`` must lie; ``shown`` bands are failures that the page is there to show."""

    key: str
    low: float
    high: float
    shown: bool = False


@dataclass(frozen=True)
class Finding:
    """A number beside its band: how it came out, and why where it is outside."""

    design: str
    band: Band
    value: float
    error: float
    result: str
    reason: str


def is_coverage(key: str) -> bool:
    return any(word in key for word in ("Fieller", "delta", "bounded", "covers"))


def rate(draws: Draws, key: str) -> float:
    """Share of draws rejected at 5%, or covered."""
    values = draws[key]
    return float(np.mean(values if is_coverage(key) else values <= LEVEL))


def binomial_error(share: float, draws: int) -> float:
    return math.sqrt(share * (1 - share) / draws)


def widened(low: float, high: float, draws: int, z: float = 2.576) -> tuple[float, float]:
    """The band for fewer draws: each end moved out by ``z sqrt(end (1 - end) / draws)``, 99% at the end itself."""
    return low - z * binomial_error(low, draws), high + z * binomial_error(high, draws)


def judge(
    design: str, draws: Draws, bands: Iterable[Band], *, full: int, why: Callable[[Band, Draws, float], str]
) -> list[Finding]:
    """Each band; with fewer than ``full`` draws it is widened. ``why`` says what is known about a miss, or nothing."""
    found = []
    for band in bands:
        value, n = rate(draws, band.key), len(draws[band.key])
        error = binomial_error(value, n)
        low, high = (band.low, band.high) if n >= full else widened(band.low, band.high, n)
        inside = low <= value <= high
        reason = "" if inside else "; ".join(p for p in (noise(band, value, error), why(band, draws, value)) if p)
        shown = "as shown" if band.shown else "pass"
        found.append(Finding(design, band, value, error, shown if inside else "outside", reason))
    return found


def noise(band: Band, value: float, error: float) -> str:
    """Said of a miss by at most two standard errors of the simulation."""
    miss = max(band.low - value, value - band.high)
    return f"outside by {miss:.4f}, {miss / error:.1f} standard errors of the simulation" if miss <= 2 * error else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def band_section(findings: Sequence[Finding]) -> str:
    """The bands that do not hold, and the known failures; the numbers of the others are in the tables before."""
    rows = [
        [
            f.design,
            f.band.key.replace("strong", "coverage") if "Fieller" in f.band.key else f.band.key,
            f"{f.value:.4f}",
            f"{f.error:.4f}",
            f"{f.band.low:g} to {f.band.high:g}",
            f.result,
            f.reason,
        ]
        for f in findings
        if f.result != "pass"
    ]
    return table(["design", "number", "found", "s.e.", "band", "result", "reason"], rows)
