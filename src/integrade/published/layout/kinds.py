"""The kinds of numbers of a regression table: how each is called, and an estimate made from its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from integrade.published.digits import Printed
from integrade.published.printed import Estimate

SAID: Mapping[str, str] = {
    "b": "coefficient",
    "b_std": "standardised coefficient",
    "se": "standard error",
    "t": "t statistic",
    "p": "p-value",
    "interval": "interval",
    "loose wald": "Wald statistic, z or its square,",
    "n": "observations",
    "r2": "R-squared",
    "r2_adjusted": "adjusted R-squared",
    "r2_within": "within R-squared",
    "clusters": "clusters",
    "df": "degrees of freedom",
    "f": "F",
}
"""What cells of a kind or statistic are called."""


def estimate_of(term: str, label: str, found: Mapping[str, object], *, is_below: bool = False) -> Estimate:
    """An estimate from its numbers by kind: ``b``, ``se``, ``interval`` (a pair), ``loose (`` for one not told."""

    def one(kind: str) -> Printed | None:
        value = found.get(kind)
        return value if isinstance(value, Printed) else None

    pair = found.get("interval")
    loose = {k.removeprefix("loose "): v for k, v in found.items() if k.startswith("loose ") and isinstance(v, Printed)}
    interval = (pair[0], pair[1]) if isinstance(pair, tuple) and len(pair) == 2 else None
    return Estimate(term, label, one("b"), one("se"), one("t"), one("p"), one("b_std"), interval, loose, is_below)
