"""Define the record of a simulated truth and its estimate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Truth:
    """A simulated parameter and its estimate, with the reason if they differ.

    ``oracle`` is the same estimate on true quality and the true index, with its 95% interval.
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
