"""A simulated truth beside its estimate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Truth:
    """A simulated parameter beside its estimate, and why they differ where they do.

    ``oracle`` is the same estimate on true quality and the true index, with its 95 % interval.
    """

    parameter: str
    truth: float
    oracle: float | None
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    note: str = ""
    oracle_low: float | None = None
    oracle_high: float | None = None
