"""Name the kinds of numbers of a regression table, and build an estimate from its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from tablecheck.digits import Printed
from tablecheck.printed import Estimate

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
"""Names, in sentences, of the kinds of numbers and of statistics in cells."""


def estimate_of(term: str, label: str, numbers: Mapping[str, object], *, is_below: bool = False) -> Estimate:
    """Build an estimate from its numbers by kind.

    The kinds are ``b``, ``se``, ``interval`` (a pair) and so on. The kind ``loose (`` is that of a number in this
    bracket whose kind the table does not state.
    """

    def one(kind: str) -> Printed | None:
        value = numbers.get(kind)
        return value if isinstance(value, Printed) else None

    pair = numbers.get("interval")
    loose = {
        k.removeprefix("loose "): v for k, v in numbers.items() if k.startswith("loose ") and isinstance(v, Printed)
    }
    interval = (pair[0], pair[1]) if isinstance(pair, tuple) and len(pair) == 2 else None
    # Next to a Wald statistic, the degrees of freedom are those of its chi-squared distribution.
    df = one("df") if "wald" not in loose else None
    return Estimate(
        term, label, one("b"), one("se"), one("t"), one("p"), one("b_std"), interval, loose, df, is_below=is_below
    )
