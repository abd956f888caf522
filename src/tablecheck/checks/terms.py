"""Provide facts of a column that several checks need: squares, coefficients, standard errors, p-values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from tablecheck.checks.rules import df_range
from tablecheck.digits import Printed
from tablecheck.printed import Column, Described, Estimate, PublishedTable
from tablecheck.students import t_quantile, t_two_sided

Statistics = Mapping[str, Mapping[str, Printed]]


def described(tables: Sequence[PublishedTable]) -> Statistics:
    """Return the descriptive statistics of all tables by variable.

    Statistics of a panel are left out, because they are not of the whole sample, unless there are no others.
    """
    every = [d for t in tables for d in t.described]
    whole: list[Described] = [d for d in every if not d.panel] or (every if len(every) == 1 else [])
    return {name: row for d in whole for name, row in d.rows.items()}


def squares(column: Column) -> list[str]:
    """Return the variables of a column whose squares are in the column too."""
    return [
        t for t in column.estimates if f"{t}^2" in column.estimates and _has_b(column, t) and _has_b(column, f"{t}^2")
    ]


def _has_b(column: Column, term: str) -> bool:
    return column.estimates[term].b is not None


def coefficient(column: Column, term: str) -> Printed:
    """Return the printed coefficient of a term, which must have one."""
    b = column.estimates[term].b
    assert b is not None
    return b


def t_range(estimate: Estimate, column: Column | None = None) -> tuple[float, float] | None:
    """Return the smallest and largest |t| that an estimate allows (`t_span`).

    If the column prints ratios, the standard error does not determine t, because it may be that of the ratio or of its
    logarithm.
    """
    is_ratio = column is not None and column.ratios
    return t_span(estimate.b, None if is_ratio else estimate.se, estimate.t)


def t_span(b: Printed | None, se: Printed | None, t: Printed | None) -> tuple[float, float] | None:
    """Return the smallest and largest |t| for these printed numbers, from t or else from b and its standard error."""
    if t is not None:
        return max(abs(t.value) - t.half, 0.0), abs(t.value) + t.half
    if se is not None and b is not None and se.low > 0:
        return max(abs(b.value) - b.half, 0.0) / se.high, (abs(b.value) + b.half) / se.low
    return None


def standard_error(estimate: Estimate) -> float | None:
    """Return the standard error that is printed; otherwise |b / t|."""
    if estimate.se is not None:
        return estimate.se.value
    if estimate.t is not None and estimate.t.value and estimate.b is not None:
        return abs(estimate.b.value / estimate.t.value)
    return None


def p_of(statistic: float, column: Column) -> float:
    """Compute the two-sided p with the printed degrees of freedom, else the clusters less one, else the normal."""
    df = column.sizes.get("df")
    clusters = column.sizes.get("clusters")
    freedom = (
        df.value if df is not None else clusters.value - 1 if clusters is not None and clusters.value > 1 else math.inf
    )
    return t_two_sided(statistic, freedom)


def critical(p: float, df: float) -> float:
    """Return the |t| with this two-sided p."""
    return 0.0 if p >= 1 else math.inf if p <= 0 else -t_quantile(p / 2, df)


def p_range(statistic: float, column: Column) -> tuple[float, float]:
    """Return the smallest and largest p that the table allows a t to have."""
    few, many = df_range(column)
    return t_two_sided(statistic, many), t_two_sided(statistic, few)


def is_difference(column: Column) -> tuple[int, int] | None:
    """Return the numbers of the two columns whose difference is in this column: ``(1)-(2)``."""
    match = re.search(r"\(?(\d{1,2})\)?\s*[-–−]\s*\(?(\d{1,2})\)?(?=$|\s)", column.label)
    return (int(match[1]), int(match[2])) if match and "(" in column.label else None


def lag_of(term: str) -> tuple[int, str]:
    """Split a term into its lag and its name: ``L2.market`` -> (2, ``market``).

    The lag is 0 for a term without one, and negative for a lead.
    """
    match = re.match(r"([LF])(\d{0,4})\.(.+)$", term)
    if not match:
        return 0, term
    return (int(match[2] or 1) if match[1] == "L" else -int(match[2] or 1)), match[3]


def places(*numbers: Printed | None) -> tuple[str, ...]:
    """Return the positions of the cells of numbers, without duplicates."""
    return tuple(dict.fromkeys(n.place for n in numbers if n is not None and n.place))
