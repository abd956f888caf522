"""Check means and deviations of whole numbers: n rows can have only some of them (GRIM, GRIMMER, DEBIT)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from tablecheck.checks.terms import places
from tablecheck.digits import Printed
from tablecheck.findings import Finding

Row = Mapping[str, Printed]
ORDERED = ("min", "p25", "median", "p75", "max")
"""Statistics that are values of the variable, or halves between two of them."""
MOST_TOTALS = 1_000
"""With more possible totals nothing is tried: one of them is always possible. A convention."""


def check_granularity(table: str, name: str, row: Row) -> Iterator[Finding]:
    """Check the mean and the standard deviation of a variable that is 0 or 1, or a whole number.

    A variable is taken for one of whole numbers if its minimum, maximum, and at least one quartile are printed without
    decimals, and its mean with decimals.
    """
    if not {"min", "max", "mean", "n"} <= set(row):
        return
    if row["min"].value == 0 and row["max"].value == 1:
        yield from _of_zeros_and_ones(table, name, row)
    elif _is_of_whole_numbers(row):
        yield from _of_whole_numbers(table, name, row)


def _is_of_whole_numbers(row: Row) -> bool:
    printed = [row[key] for key in ORDERED if key in row]
    return len(printed) > 2 and all(n.is_whole for n in printed) and row["mean"].decimals > 0


def _of_whole_numbers(table: str, name: str, row: Row) -> Iterator[Finding]:
    """Check that n whole numbers can have the mean (GRIM), and that they can have the mean and the deviation (GRIMMER).

    The total T is whole. The sum of squares (n - 1) s^2 + T^2 / n is whole, too, and odd exactly if T is odd.
    """
    mean, n, spread = row["mean"], row["n"].value, row.get("sd")
    first, last = math.ceil(mean.low * n), math.floor(mean.high * n)
    numbers = {"mean": mean.value, "n": n}
    if last < first:
        message = f"no {n:,.0f} whole numbers have the mean {mean.text}"
        yield Finding("descriptives", "doubt", table, name, message, numbers, cells=places(mean, row["n"]), ask=_ASK)
        return
    if spread is None or n < 2 or last - first > MOST_TOTALS:
        return
    low, high = max(spread.low, 0.0), spread.high
    if not any(_has_squares(total, n, low, high) for total in range(first, last + 1)):
        message = f"no {n:,.0f} whole numbers have the mean {mean.text} and the standard deviation {spread.text}"
        numbers["sd"] = spread.value
        yield Finding("descriptives", "doubt", table, name, message, numbers, cells=places(mean, spread), ask=_ASK)


_ASK = "whether the variable has whole numbers alone, and how many rows it has"


def _has_squares(total: int, n: float, low: float, high: float) -> bool:
    """Return whether a whole sum of squares, odd as the total is, has a standard deviation between two limits.

    The divisor of the deviation may be n - 1 or n.
    """
    for divisor in (n - 1, n):
        # 1e-9 absorbs floating-point error at the limits; a convention.
        ends = [divisor * s * s + total * total / n for s in (low, high)]
        least, most = math.ceil(ends[0] * (1 - 1e-9)), math.floor(ends[1] * (1 + 1e-9))
        if least + (least - total) % 2 <= most:
            return True
    return False


def _of_zeros_and_ones(table: str, name: str, row: Row) -> Iterator[Finding]:
    """Check that the mean of a 0/1 variable is a whole number divided by its n rows (GRIM), and check its spread.

    The spread is sqrt(m (1 - m) n / (n - 1)).
    """
    mean, n = row["mean"], row["n"]
    if not all(row[k].value in (0, 1) for k in ("p25", "median", "p75") if k in row) or not {
        "p25",
        "median",
        "p75",
    } & set(row):
        return
    if row["min"].decimals or row["max"].decimals:
        return
    if math.floor(mean.high * n.value) < math.ceil(mean.low * n.value):
        message = f"no count of ones in {n.value:,.0f} rows has the mean {mean.text}, if {name} is 0 or 1"
        yield Finding(
            "descriptives", "doubt", table, name, message, {"mean": mean.value, "n": n.value}, cells=places(mean, n)
        )
    spread = row.get("sd")
    if spread is not None:
        ends = sorted(math.sqrt(max(m * (1 - m), 0.0)) for m in (mean.low, mean.high))
        high = 0.5 if mean.low <= 0.5 <= mean.high else ends[1]
        factor = math.sqrt(n.value / (n.value - 1)) if n.value > 1 else 1.0
        # 1e-9 absorbs floating-point error at equality; a convention.
        if spread.low > high * factor * (1 + 1e-9) or spread.high < ends[0] * (1 - 1e-9):
            message = f"standard deviation {spread.text} is not that of zeros and ones with mean {mean.text}"
            numbers = {"mean": mean.value, "sd": spread.value}
            yield Finding("descriptives", "doubt", table, name, message, numbers, cells=places(mean, spread))
