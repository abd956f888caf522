"""What one printed column says about itself: stars against t, sign and size of t, turning point, how fragile."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from integrade.published.findings import Finding
from integrade.published.printed import Estimate, Printed, PrintedColumn, term_name
from integrade.regress.students import t_two_sided

LEVELS = (0.1, 0.05, 0.01)
Statistics = Mapping[str, Mapping[str, Printed]]


FEW = 4.0
"""The fewest degrees of freedom that a table may have without saying so: those of five clusters."""


def p_of(statistic: float, column: PrintedColumn) -> float:
    """Two-sided p on t with the degrees of freedom of `df_of`."""
    return t_two_sided(statistic, df_of(column))


def df_of(column: PrintedColumn) -> float:
    """Degrees of freedom of t: printed, clusters - 1, observations - terms, or infinite (the normal)."""
    if column.df is not None:
        return column.df.value
    if column.clusters is not None and column.clusters > 1:
        return column.clusters - 1
    return column.nobs - len(column.estimates) if column.nobs else math.inf


def df_range(column: PrintedColumn) -> tuple[float, float]:
    """The degrees of freedom that a column may have used, given what it prints.

    Where they are not printed some programs take the normal and others the clusters less one, of which there may be
    few that are not printed either.
    """
    if column.df is not None:
        return max(column.df.low, 0.5), column.df.high
    return min(df_of(column), math.inf if column.clusters else FEW), math.inf


def stars_of(p: float) -> int:
    """How many stars at 10, 5 and 1 per cent."""
    return sum(p < level for level in LEVELS)


def t_range(estimate: Estimate) -> tuple[float, float] | None:
    """Smallest and largest |t| that print like this: from t, else from b and its standard error."""
    if estimate.t is not None:
        size = abs(estimate.t.value)
        return max(size - estimate.t.half, 0.0), size + estimate.t.half
    if estimate.se is not None and estimate.se.low > 0:
        size = abs(estimate.b.value)
        return max(size - estimate.b.half, 0.0) / estimate.se.high, (size + estimate.b.half) / estimate.se.low
    return None


def standard_error(estimate: Estimate) -> float | None:
    """The standard error, printed or |b / t|."""
    if estimate.se is not None:
        return estimate.se.value
    return abs(estimate.b.value / estimate.t.value) if estimate.t is not None and estimate.t.value else None


def check_stars(column: PrintedColumn) -> Iterator[Finding]:
    """Stars that the printed t cannot give, however it was rounded and whatever its distribution may be."""
    few, many = df_range(column)
    for term, estimate in column.estimates.items():
        span = t_range(estimate)
        if span is None:
            continue
        low, high = (stars_of(p_of(t, column)) for t in span)
        least, most = stars_of(t_two_sided(span[0], few)), stars_of(t_two_sided(span[1], many))
        p = p_of(sum(span) / 2, column)
        numbers = {"t_low": span[0], "t_high": span[1], "p": p, "stars": float(estimate.b.stars)}
        shown = estimate.t.value if estimate.t is not None else sum(span) / 2
        due = _stars(high) if estimate.b.stars > high else _stars(low)
        said = f"{estimate.b.text} has t = {shown:.2f}, p = {p:.3f} ({_distribution(column)}): {due} due, "
        said += f"{_stars(estimate.b.stars)} printed"
        if not least <= estimate.b.stars <= most:
            yield Finding("stars", "contradiction", column.table, f"{column.label}, {term}", said, numbers)
        elif not low <= estimate.b.stars <= high:
            why = "the normal gives them" if estimate.b.stars > high else "t with few clusters may give them"
            yield Finding(
                "stars",
                "note",
                column.table,
                f"{column.label}, {term}",
                f"{said}; {why}: print the degrees of freedom",
                numbers,
            )
        elif low != high:
            yield Finding(
                "stars",
                "note",
                column.table,
                f"{column.label}, {term}",
                f"t = {shown:.2f} (p = {p:.4f}) is so near a threshold that rounding decides between {_stars(low)} and "
                f"{_stars(high)}: print the p-value",
                numbers,
            )


def _distribution(column: PrintedColumn) -> str:
    df = df_of(column)
    return "normal" if math.isinf(df) else f"t with {df:,.0f} degrees of freedom"


def _stars(count: int) -> str:
    return ("no star", "one star", "two stars", "three stars")[min(count, 3)]


def check_signs(column: PrintedColumn) -> Iterator[Finding]:
    """A t whose sign is not that of its coefficient, or that is not b / SE within rounding."""
    for term, estimate in column.estimates.items():
        b, t, se = estimate.b, estimate.t, estimate.se
        if t is not None and b.low * b.high > 0 and t.low * t.high > 0 and b.value * t.value < 0:
            yield Finding(
                "signs",
                "contradiction",
                column.table,
                f"{column.label}, {term}",
                f"b = {b.value:g} and t = {t.value:g} have opposite signs",
                {"b": b.value, "t": t.value},
            )
        if t is not None and se is not None and se.low > 0:
            least = max(abs(b.value) - b.half, 0.0) / se.high
            most = (abs(b.value) + b.half) / se.low
            if abs(t.value) + t.half < least or abs(t.value) - t.half > most:
                yield Finding(
                    "signs",
                    "contradiction",
                    column.table,
                    f"{column.label}, {term}",
                    f"t = {t.value:g}, but b / SE is between {least:.2f} and {most:.2f}",
                    {"t": t.value, "low": least, "high": most},
                )


def squares(column: PrintedColumn) -> list[str]:
    """Variables that stand in the column with their square."""
    return [t for t in column.estimates if f"{t}^2" in column.estimates]


def turning_point(b1: Printed, b2: Printed) -> tuple[float, float, float]:
    """-b1 / (2 b2) and the range that rounding of both allows (infinite where b2 may be zero)."""
    point = -b1.value / (2 * b2.value) if b2.value else math.inf
    if b2.low <= 0 <= b2.high:
        return point, -math.inf, math.inf
    ends = [-b / (2 * c) for b in (b1.low, b1.high) for c in (b2.low, b2.high)]
    return point, min(ends), max(ends)


def check_turning_point(column: PrintedColumn, described: Statistics) -> Iterator[Finding]:
    """Where the parabola turns, against the printed range and median of its variable."""
    for name in squares(column):
        b1, b2 = column.estimates[name].b, column.estimates[f"{name}^2"].b
        point, low, high = turning_point(b1, b2)
        shape = "inverted U" if b2.value < 0 else "U"
        numbers = {"b1": b1.value, "b2": b2.value, "turning_point": point, "low": low, "high": high}
        span = described.get(name, {})
        text = f"{shape} turns at {name} = {point:.3f} (rounding allows {low:.3f} to {high:.3f})"
        if "min" not in span or "max" not in span:
            yield Finding("turning point", "note", column.table, column.label, text, numbers)
            continue
        yield _placed(column, name, text, numbers, span)


def _placed(
    column: PrintedColumn, name: str, text: str, numbers: dict[str, float], span: Mapping[str, Printed]
) -> Finding:
    least, most, middle = span["min"].value, span["max"].value, span.get("median")
    slopes = {at: numbers["b1"] + 2 * numbers["b2"] * span[at].value for at in ("min", "median", "max") if at in span}
    listed = ", ".join(f"{v:+.4f} at the {at}" for at, v in slopes.items())
    numbers = {**numbers, **{f"slope_{at}": v for at, v in slopes.items()}}
    if numbers["high"] < least or numbers["low"] > most:
        return Finding(
            "turning point",
            "weakness",
            column.table,
            column.label,
            f"{text}, outside the data [{least:g}, {most:g}]: no turn is seen (slopes {listed})",
            numbers,
        )
    past = middle is not None and numbers["high"] < middle.value
    if past and middle is not None and numbers["b2"] < 0:
        return Finding(
            "turning point",
            "weakness",
            column.table,
            column.label,
            f"{text}, below the median {middle.value:g}: most observations are past it, where more {name} "
            f"goes with less (slopes {listed})",
            numbers,
        )
    return Finding(
        "turning point",
        "note",
        column.table,
        column.label,
        f"{text}, inside the data [{least:g}, {most:g}] (slopes {listed})",
        numbers,
    )


def check_size(column: PrintedColumn, described: Statistics) -> Iterator[Finding]:
    """How far the fitted outcome rises to the turning point and falls after it, in its standard deviations."""
    outcome = outcome_of(column)
    for name in squares(column):
        span, spread = described.get(name, {}), described.get(outcome, {}).get("sd")
        if spread is None or not {"min", "max"} <= set(span):
            continue
        b1, b2 = column.estimates[name].b.value, column.estimates[f"{name}^2"].b.value
        point = turning_point(column.estimates[name].b, column.estimates[f"{name}^2"].b)[0]
        least, most = span["min"].value, span["max"].value
        if not least < point < most:
            continue
        rise, fall = (abs(b2) * (point - end) ** 2 / spread.value for end in (least, most))
        yield Finding(
            "effect size",
            "note",
            column.table,
            column.label,
            f"from the smallest {name} to the turning point the fitted {outcome} moves {rise:.3f} of its "
            f"standard deviation, from there to the largest {fall:.3f}",
            {"rise_sd": rise, "fall_sd": fall, "b1": b1, "b2": b2},
        )


def outcome_of(column: PrintedColumn) -> str:
    """The outcome in a column's heading: ``c2_humancapital`` -> ``humancapital``."""
    head, _, tail = column.label.partition("_")
    return term_name(tail if tail and any(c.isdigit() for c in head) else column.label)


def check_fragility(column: PrintedColumn) -> Iterator[Finding]:
    """By what factor the standard error of the square may grow before it loses 5 per cent.

    The covariance of the two terms is not printed, so a U-test cannot be had.
    """
    for name in squares(column):
        span = t_range(column.estimates[f"{name}^2"])
        if span is None or sum(span) / 2 < 1.96:
            continue
        factor = sum(span) / 2 / 1.96
        yield Finding(
            "fragility",
            "note",
            column.table,
            f"{column.label}, {name}^2",
            f"standard errors {factor:.2f} times as large leave the square insignificant at 5 %; clustering "
            f"where {name} varies may do that (the U-test itself needs a covariance that is not printed)",
            {"factor": factor},
        )
