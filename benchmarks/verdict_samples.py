"""What the samples for verdicts on groups and channels share: persistent shocks, and results with one part."""

from __future__ import annotations

import math
import os
from dataclasses import replace

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # before polars is imported: the tables are small

import numpy as np

from integrade.subjects.benchmark.describe import Correlations
from integrade.verdicts.bundle import Index, StudyResults
from plainwords.account import Account

REGIONS, YEARS, PERSISTENCE = 31, 10, 0.7


def persistent(rng: np.random.Generator, spread: float, *more: int) -> np.ndarray:
    """AR(0.7) by region with innovations of this s.d., from its stationary distribution: (*more, regions, years)."""
    e = spread * rng.normal(size=(*more, REGIONS, YEARS))
    e[..., 0] /= math.sqrt(1 - PERSISTENCE**2)
    for t in range(1, YEARS):
        e[..., t] += PERSISTENCE * e[..., t - 1]
    return np.asarray(e)


def bare(**parts: object) -> StudyResults:
    """The results of a study that has nothing but these."""
    none = Correlations((), np.zeros((0, 0)), np.zeros((0, 0)), 0, {})
    empty = StudyResults("", "", {}, Account(()), Index("", REGIONS, 0, (), (), ()), (), none, ())
    return replace(empty, **parts)  # type: ignore[arg-type]
