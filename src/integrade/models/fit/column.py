"""One column of a regression table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrade.models.fit.results import FitResult, Hausman, UTest


@dataclass(frozen=True)
class Column:
    """One column of a regression table: the headline fit and the same fit under other covariances."""

    label: str
    headline: FitResult
    beside: Mapping[str, FitResult] = field(default_factory=dict)
    u_test: UTest | None = None
    hausman: Hausman | None = None
