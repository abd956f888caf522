"""Check descriptive statistics for consistency with themselves and with each other."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping

from tablecheck.checks.granular import check_granularity
from tablecheck.checks.terms import Statistics, places
from tablecheck.digits import Printed
from tablecheck.findings import Finding, Grade

Ranking = Mapping[str, Mapping[str, Printed]]
Row = Mapping[str, Printed]

ORDER = ("min", "p5", "p10", "p25", "median", "p75", "p90", "p95", "p99", "max")


def check_descriptives(table: str, described: Statistics) -> Iterator[Finding]:
    """Check order of quantiles, mean, spread, skewness, kurtosis, and shares of 0/1 variables, for each variable.

    Two variables with the same printed statistic are reported as a possible copy.
    """
    for name, row in described.items():
        yield from _order(table, name, row)
        yield from _spread(table, name, row)
        yield from _shape(table, name, row)
        yield from check_granularity(table, name, row)
    for kind in ("min", "max", "median", "mean", "sd"):
        same: dict[str, list[tuple[str, Printed]]] = {}
        for name, number in ((name, row[kind]) for name, row in described.items() if kind in row):
            if _digits(number) >= 4:
                same.setdefault(number.text, []).append((name, number))
        for (first, a), (second, b) in (pair for group in same.values() for pair in itertools.pairwise(group)):
            message = f"two variables share the {kind} {a.text}: a copied cell?"
            grade: Grade = "doubt" if _digits(a) > 4 else "note"  # four digits agree by chance too often
            yield Finding(
                "descriptives", grade, table, f"{first} and {second}", message, {kind: a.value}, cells=places(a, b)
            )


def _order(table: str, name: str, row: Row) -> Iterator[Finding]:
    """Check that the quantiles do not fall from the minimum to the maximum, and that the mean is between these two."""
    present = [k for k in ORDER if k in row]
    for low, high in itertools.combinations(present, 2):
        if row[low].low > row[high].high:
            message = f"{low} {row[low].text} above {high} {row[high].text}"
            yield _wrong(table, name, message, row[low], row[high])
            return
    mean = row.get("mean")
    if (
        mean is not None
        and "min" in row
        and "max" in row
        and not row["min"].low <= mean.high <= row["max"].high + 2 * mean.half
    ):
        message = f"mean {mean.text} outside [{row['min'].text}, {row['max'].text}]"
        yield _wrong(table, name, message, mean, row["min"], row["max"])


def _spread(table: str, name: str, row: Row) -> Iterator[Finding]:
    """Check the standard deviation s: its upper limit, |mean - median| <= s, and s^2 = variance.

    The limit of s^2 is (max - m)(m - min) n / (n - 1) with the mean m, and (range / 2)^2 n / (n - 1) without a mean.
    """
    spread, mean, n = row.get("sd"), row.get("mean"), row.get("n")
    if spread is None:
        return
    if spread.high < 0:
        yield _wrong(table, name, f"standard deviation {spread.text} is negative", spread)
        return
    # Without a printed n the factor n / (n - 1) is taken at its largest, n = 2.
    factor = n.value / (n.value - 1) if n is not None and n.value > 1 else 2.0
    if "min" in row and "max" in row:
        least, most = row["min"], row["max"]
        half = (most.high - least.low) / 2
        bound = half * half
        if mean is not None and least.low <= mean.high and mean.low <= most.high:  # else the mean is already reported
            ends = [min(max(m, least.low), most.high) for m in (mean.low, mean.high)]
            best = min(max((least.low + most.high) / 2, ends[0]), ends[1])
            bound = min(bound, max((most.high - best) * (best - least.low), 0.0))
        # 1e-9 absorbs floating-point error at equality; a convention.
        limit = math.sqrt(bound * factor) * (1 + 1e-9)
        if spread.low > limit:
            what = "range and mean allow" if mean is not None else "the range allows"
            yield _wrong(
                table, name, f"standard deviation {spread.text} above the {limit:.4g} that {what}", spread, least, most
            )
            return
    middle = row.get("median")
    if mean is not None and middle is not None:
        gap = max(mean.low - middle.high, middle.low - mean.high, 0.0)
        if gap > spread.high:
            message = (
                f"mean {mean.text} and median {middle.text} are further apart than one standard deviation {spread.text}"
            )
            yield _wrong(table, name, message, mean, middle, spread)
    variance = row.get("variance")
    if variance is not None and (variance.low > spread.high**2 or variance.high < max(spread.low, 0.0) ** 2):
        yield _wrong(table, name, f"variance {variance.text} is not the square of {spread.text}", variance, spread)


def _shape(table: str, name: str, row: Row) -> Iterator[Finding]:
    """Check |skewness| <= sqrt(n) and kurtosis >= skewness^2 + 1 (3 less for excess kurtosis), under every formula.

    Programs correct both statistics for n (pandas, Excel, SPSS). The kurtosis g of the values follows from the
    corrected kurtosis G by G = (n - 1) / ((n - 2)(n - 3)) ((n + 1) g + 6). If n is not printed, nothing is checked.
    """
    skew, kurtosis, n = row.get("skewness"), row.get("kurtosis"), row.get("n")
    if skew is None:
        return
    size = max(min(abs(skew.low), abs(skew.high)), 0.0) if skew.low * skew.high > 0 else 0.0
    # The factor 1.2 leaves room for adjusted formulas of skewness; a convention.
    if n is not None and n.value > 2 and size > math.sqrt(n.value) * 1.2:
        yield _wrong(table, name, f"skewness {skew.text} is beyond what {n.value:,.0f} values can have", skew, n)
    # The adjusted kurtosis has the divisor (n - 2)(n - 3).
    if kurtosis is None or n is None or n.value < 4:
        return
    m = n.value
    unadjusted = (kurtosis.high * (m - 2) * (m - 3) / (m - 1) - 6) / (m + 1)
    shape = size * (m - 2) / math.sqrt(m * (m - 1))
    # 1e-9 absorbs floating-point error at equality; a convention.
    if kurtosis.high + 3 < size**2 + 1 and unadjusted + 3 < (shape**2 + 1) * (1 - 1e-9):
        yield _wrong(table, name, f"kurtosis {kurtosis.text} is below skewness squared plus one", kurtosis, skew)


def _wrong(table: str, name: str, message: str, *numbers: Printed) -> Finding:
    values = {f"number_{i + 1}": n.value for i, n in enumerate(numbers)}
    return Finding("descriptives", "contradiction", table, name, message, values, cells=places(*numbers))


def _digits(number: Printed) -> int:
    """Return the number of significant digits that are printed."""
    return len(re.sub(r"\D", "", number.text).lstrip("0"))
