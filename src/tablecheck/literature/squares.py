"""Check quadratic terms: the turning point, its printed value, and how easily the square loses significance."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from tablecheck.added import CheckSet, Claim, Facts
from tablecheck.checks.terms import coefficient, is_difference, p_range, places, squares, t_range
from tablecheck.digits import Printed
from tablecheck.findings import Finding
from tablecheck.printed import Column


def turning_point(b1: Printed, b2: Printed) -> tuple[float, float, float]:
    """Compute -b1 / (2 b2), and the range that the rounding of both allows (infinite if b2 may be zero)."""
    point = -b1.value / (2 * b2.value) if b2.value else math.inf
    if b2.low <= 0 <= b2.high:
        return point, -math.inf, math.inf
    ends = [-b / (2 * c) for b in (b1.low, b1.high) for c in (b2.low, b2.high)]
    return point, min(ends), max(ends)


def check_turning_point(column: Column, facts: Facts) -> Iterator[Finding]:
    """Report where the turning point is in the printed range of its variable.

    A turning point outside the range is doubted. The turning point of an inverted U is also doubted if it is below the
    median of the same sample. If the square is not significant at `LEVEL`, only this is reported.
    """
    if is_difference(column):
        return
    for name in squares(column):
        b1, b2 = coefficient(column, name), coefficient(column, f"{name}^2")
        point, low, high = turning_point(b1, b2)
        shape = "inverted U" if b2.value < 0 else "U"
        numbers = {"b1": b1.value, "b2": b2.value, "turning_point": point, "low": low, "high": high}
        span = facts.statistics.get(name, {})
        where, cells = column.label, places(b1, b2)
        if (p := _least_p(column, f"{name}^2")) >= LEVEL:
            message = (
                f"the square of {name}, {b2.text}, is not significant at {100 * LEVEL:g}% (p of {p:.2f} or more): the "
                "curve cannot be distinguished from a line and does not support a turning point"
            )
            yield Finding("turning point", "note", column.table, where, message, {**numbers, "p": p}, cells=cells)
            continue
        text = f"{shape} turns at {name} = {point:.3f} (rounding allows {low:.3f} to {high:.3f})"
        if "min" not in span or "max" not in span:
            yield Finding("turning point", "note", column.table, where, text, numbers, cells=cells)
            continue
        least, middle, most = span["min"], span.get("median"), span["max"]
        is_same_sample = same_sample(column, span)
        at = {k: span[k].value for k in ("min", "median", "max") if k in span}
        slopes = {k: b1.value + 2 * b2.value * v for k, v in at.items()}
        listed = ", ".join(f"{v:+.4f} at the {k}" for k, v in slopes.items())
        numbers |= {f"slope_{k}": v for k, v in slopes.items()}
        ask = (
            "the covariance of both terms, the U-test with its interval for the turning point, and the share of rows "
            "past it"
        )
        if high < least.low or low > most.high:
            yield Finding(
                "turning point",
                "doubt",
                column.table,
                where,
                f"{text}, outside the data [{least.value:g}, {most.value:g}]: no turn is seen (slopes {listed})",
                numbers,
                cells=cells,
                innocent="the variable is centred or scaled otherwise in the regression than in the descriptive "
                "statistics",
                ask=ask,
            )
        elif is_same_sample and middle is not None and high < middle.low and b2.value < 0:
            yield Finding(
                "turning point",
                "doubt",
                column.table,
                where,
                f"{text}, below the median {middle.value:g}: most observations are past it, where more {name} goes "
                f"with less (slopes {listed})",
                numbers,
                cells=cells,
                ask=ask,
            )
        else:
            inside = (
                "inside the data"
                if is_same_sample
                else "inside the data of the whole sample; where this column's own rows lie is not printed:"
            )
            yield Finding(
                "turning point",
                "note",
                column.table,
                where,
                f"{text}, {inside} [{least.value:g}, {most.value:g}] (slopes {listed})",
                numbers,
                cells=cells,
            )


LEVEL = 0.1
"""A square with a p of this level or more is taken as not significant (a convention)."""


def _least_p(column: Column, term: str) -> float:
    """Return the smallest p that the printed numbers of a term allow; 0 if they allow every p."""
    span, p = t_range(column.estimates[term], column), column.estimates[term].p
    from_t = p_range(span[1], column)[0] if span is not None else 0.0
    return max(from_t, p.value - 2 * p.half) if p is not None and math.isfinite(p.half) else from_t


def same_sample(column: Column, span: Mapping[str, Printed]) -> bool:
    """Return whether a column has the same number of observations as a variable's descriptive statistics."""
    n = span.get("n")
    return n is not None and column.nobs is not None and n.value == column.nobs.value


def check_printed_turning_point(column: Column, _facts: Facts) -> Iterator[Finding]:
    """Check a printed turning point against -b1 / (2 b2), or against its exponential (base e or 10).

    The exponential applies if the variable is a logarithm (also of 1 + x). Columns of ratios are left out, because
    their turning point follows from the logarithms of the coefficients. Columns with centred or standardised variables
    are left out, because their turning point may be printed in the original units.
    """
    printed, names = column.sizes.get("turning"), squares(column)
    if printed is None or len(names) != 1 or is_difference(column) or column.ratios or column.notes.centred:
        return
    b1, b2 = coefficient(column, names[0]), coefficient(column, f"{names[0]}^2")
    point, low, high = turning_point(b1, b2)
    spans = [(low, high)]
    if math.isfinite(low) and math.isfinite(high):
        # exp and 10** overflow for larger exponents (e^709, 10^308).
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


def check_size(column: Column, facts: Facts) -> Iterator[Finding]:
    """Report how much the fitted outcome changes up to the turning point and beyond it, in s.d. of the outcome."""
    for name in squares(column):
        span, spread = facts.statistics.get(name, {}), facts.statistics.get(column.outcome, {}).get("sd")
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
            f"from the smallest {name} to the turning point the fitted {column.outcome} moves {first:.3f} of its "
            f"standard deviation, from there to the largest {then:.3f}",
            {"rise_sd": first, "fall_sd": then, "b1": b1.value, "b2": b2.value},
            cells=places(b1, b2),
        )


def check_fragility(column: Column, _facts: Facts) -> Iterator[Finding]:
    """Report by which factor the standard error of the square may grow before the square is not significant at 5%.

    The covariance of the two terms is not printed, so a U-test is impossible.
    """
    for name in squares(column):
        span = t_range(column.estimates[f"{name}^2"], column)
        # 1.96 is the two-sided 5% point of the normal.
        if span is None or sum(span) / 2 < 1.96:
            continue
        factor = sum(span) / 2 / 1.96
        yield Finding(
            "fragility",
            "note",
            column.table,
            f"{column.label}, {name}^2",
            f"standard errors {factor:.2f} times as large leave the square insignificant at 5%; clustering where "
            f"{name} varies may do that (the U-test itself needs a covariance that is not printed)",
            {"factor": factor},
            cells=places(column.estimates[f"{name}^2"].b),
        )


_INVERTED = re.compile(r"inverted[- ]?[\"'“”]?u|倒\s?[\"“]?u", re.IGNORECASE)


def check_claimed_shape(claim: Claim, _facts: Facts) -> Iterator[Finding]:
    """Doubt a claim of an inverted U if no column of the table has a positive slope and a negative square."""
    table, sentence = claim.table, claim.sentence
    if table is None or not claim.is_of_table or not table.columns or not _INVERTED.search(sentence):
        return
    if re.search(r"\bno\b|\bnot\b|没有|不存在", sentence):
        return
    where = f"\u201c{sentence[:160]}\u201d"
    shapes = [_is_inverted(c, name) for c in table.columns for name in squares(c)]
    if not shapes:
        message = f"the text finds an inverted U in {table.name}, which has no squared term: {where}"
        yield Finding("claims", "doubt", table.name, "", message, {}, ask="the column that is meant")
    elif not any(shapes):
        message = f"the text finds an inverted U in {table.name}, where no column rises and then falls: {where}"
        yield Finding("claims", "doubt", table.name, "", message, {}, ask="the column that is meant")


def _is_inverted(column: Column, name: str) -> bool:
    b1, b2 = column.estimates[name].b, column.estimates[f"{name}^2"].b
    return b1 is not None and b2 is not None and b2.low < 0 and turning_point(b1, b2)[2] > 0


CHECKS = CheckSet(
    columns=(check_turning_point, check_printed_turning_point, check_size, check_fragility),
    claims=(check_claimed_shape,),
)
