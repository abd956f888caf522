"""Quadratic terms: where the parabola turns, whether a printed turning point is that, how fragile the square is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from integrade.published.checks.terms import (
    Statistics,
    coefficient,
    is_difference,
    p_range,
    places,
    squares,
    t_range,
    turning_point,
)
from integrade.published.digits import Printed
from integrade.published.findings import Finding
from integrade.published.printed import Column


def check_turning_point(column: Column, statistics: Statistics) -> Iterator[Finding]:
    """Where the parabola turns, against the printed range and median of its variable in the same sample.

    A square that is not significant at 10 % bears out no turn: that is said, and nothing of where it would be.
    """
    if is_difference(column):
        return
    for name in squares(column):
        b1, b2 = coefficient(column, name), coefficient(column, f"{name}^2")
        point, low, high = turning_point(b1, b2)
        shape = "inverted U" if b2.value < 0 else "U"
        numbers = {"b1": b1.value, "b2": b2.value, "turning_point": point, "low": low, "high": high}
        span = statistics.get(name, {})
        if (p := _least_p(column, f"{name}^2")) >= LEVEL:
            said = (
                f"the square of {name}, {b2.text}, is not significant at {100 * LEVEL:g} % (p of {p:.2f} or more): the "
                "curve cannot be distinguished from a line and does not support a turning point"
            )
            where, cells = column.label, places(b1, b2)
            yield Finding("turning point", "note", column.table, where, said, {**numbers, "p": p}, cells=cells)
            continue
        text = f"{shape} turns at {name} = {point:.3f} (rounding allows {low:.3f} to {high:.3f})"
        yield _placed(column, name, text, numbers, span, (b1, b2))


LEVEL = 0.1
"""The level at which a square is not told from zero."""


def _least_p(column: Column, term: str) -> float:
    """The smallest p that the printed numbers of a term allow; 0 where they do not tell."""
    span, p = t_range(column.estimates[term], column), column.estimates[term].p
    told = p_range(span[1], column)[0] if span is not None else 0.0
    return max(told, p.value - 2 * p.half) if p is not None and math.isfinite(p.half) else told


def same_sample(column: Column, span: Mapping[str, Printed]) -> bool:
    """Whether a column has the number of observations of the descriptive statistics."""
    n = span.get("n")
    return n is not None and column.nobs is not None and n.value == column.nobs.value


def _placed(
    column: Column,
    name: str,
    text: str,
    numbers: dict[str, float],
    span: Mapping[str, Printed],
    pair: tuple[Printed, Printed],
) -> Finding:
    where, cells = column.label, places(*pair)
    if "min" not in span or "max" not in span:
        return Finding("turning point", "note", column.table, where, text, numbers, cells=cells)
    least, most = span["min"], span["max"]
    own = same_sample(column, span)
    at = {k: span[k].value for k in ("min", "median", "max") if k in span}
    slopes = {k: numbers["b1"] + 2 * numbers["b2"] * v for k, v in at.items()}
    listed = ", ".join(f"{v:+.4f} at the {k}" for k, v in slopes.items())
    numbers = {**numbers, **{f"slope_{k}": v for k, v in slopes.items()}}
    ask = (
        "the covariance of both terms, the U-test with its interval for the turning point, and the "
        "share of rows past it"
    )
    if numbers["high"] < least.low or numbers["low"] > most.high:
        return Finding(
            "turning point",
            "doubt",
            column.table,
            where,
            f"{text}, outside the data [{least.value:g}, {most.value:g}]: no turn is seen (slopes {listed})",
            numbers,
            cells=cells,
            innocent="the variable is centred or scaled otherwise in the regression than in the descriptive statistics",
            ask=ask,
        )
    middle = span.get("median")
    if own and middle is not None and numbers["high"] < middle.low and numbers["b2"] < 0:
        return Finding(
            "turning point",
            "doubt",
            column.table,
            where,
            f"{text}, below the median {middle.value:g}: most observations are past it, where more "
            f"{name} goes with less "
            f"(slopes {listed})",
            numbers,
            cells=cells,
            ask=ask,
        )
    said = (
        "inside the data"
        if own
        else "inside the data of the whole sample; where this column's own rows lie is not printed:"
    )
    return Finding(
        "turning point",
        "note",
        column.table,
        where,
        f"{text}, {said} [{least.value:g}, {most.value:g}] (slopes {listed})",
        numbers,
        cells=cells,
    )


def check_printed_turning_point(column: Column) -> Iterator[Finding]:
    """A printed turning point against -b1 / (2 b2), in the variable or (for logarithms, of 1 + x too) its exponential.

    Ratios are left out (the point is that of their logarithms), and variables that were centred or standardised, whose
    point may be printed in the units from before.
    """
    printed, names = column.sizes.get("turning"), squares(column)
    if printed is None or len(names) != 1 or is_difference(column) or column.ratios or column.notes.centred:
        return
    b1, b2 = coefficient(column, names[0]), coefficient(column, f"{names[0]}^2")
    point, low, high = turning_point(b1, b2)
    spans = [(low, high)]
    if math.isfinite(low) and math.isfinite(high):
        spans += [(math.exp(low) - shift, math.exp(high) - shift) for shift in (0, 1)] if high < 300 else []
        spans += [(10**low, 10**high)] if high < 300 else []
    if not any(printed.low <= b and a <= printed.high for a, b in spans):
        yield Finding(
            "printed turning point",
            "contradiction",
            column.table,
            column.label,
            f"the printed turning point {printed.value:g} is not -b1 / (2 b2) = {point:.4g}, for which rounding allows "
            f"{low:.4g} to {high:.4g}",
            {"printed": printed.value, "turning_point": point, "low": low, "high": high},
            f"-({b1.value:g}) / (2 x {b2.value:g}) = {point:.4g}",
            places(printed, b1, b2),
            "the variable was centred or scaled before it was squared",
            "in which units the turning point is",
        )


def check_size(column: Column, statistics: Statistics) -> Iterator[Finding]:
    """How far the fitted outcome moves to the turning point and after it, in standard deviations of the outcome."""
    for name in squares(column):
        span, spread = statistics.get(name, {}), statistics.get(column.outcome, {}).get("sd")
        if spread is None or not spread.value or not {"min", "max"} <= set(span) or not same_sample(column, span):
            continue
        b1, b2 = coefficient(column, name), coefficient(column, f"{name}^2")
        point = turning_point(b1, b2)[0]
        least, most = span["min"].value, span["max"].value
        if not least < point < most:
            continue
        first, then = (abs(b2.value) * (point - end) ** 2 / spread.value for end in (least, most))
        yield Finding(
            "effect size",
            "note",
            column.table,
            column.label,
            f"from the smallest {name} to the turning point the fitted {column.outcome} moves "
            f"{first:.3f} of its standard "
            f"deviation, from there to the largest {then:.3f}",
            {"rise_sd": first, "fall_sd": then, "b1": b1.value, "b2": b2.value},
            cells=places(b1, b2),
        )


def check_fragility(column: Column) -> Iterator[Finding]:
    """By what factor the standard error of the square may grow before it loses 5 per cent.

    The covariance of the two terms is not printed, so a U-test cannot be had.
    """
    for name in squares(column):
        span = t_range(column.estimates[f"{name}^2"], column)
        if span is None or sum(span) / 2 < 1.96:
            continue
        factor = sum(span) / 2 / 1.96
        yield Finding(
            "fragility",
            "note",
            column.table,
            f"{column.label}, {name}^2",
            f"standard errors {factor:.2f} times as large leave the square insignificant at 5 %; "
            f"clustering where {name} "
            "varies may do that (the U-test itself needs a covariance that is not printed)",
            {"factor": factor},
            cells=places(column.estimates[f"{name}^2"].b),
        )
