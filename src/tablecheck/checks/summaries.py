"""Check descriptive statistics and rankings for consistency with themselves and with each other."""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tablecheck.checks.granular import check_granularity
from tablecheck.checks.terms import Statistics, places
from tablecheck.digits import Printed
from tablecheck.findings import Finding, Grade
from tablecheck.students import t_two_sided

Ranking = Mapping[str, Mapping[str, Printed]]
Row = Mapping[str, Printed]

TRANSFORMS: Mapping[str, Callable[[float], float]] = {
    "log_inverse_sqrt": lambda s: 0.5 * math.log(1 / s),
    "inverse_sqrt": lambda s: s**-0.5,
    "inverse": lambda s: 1 / s,
    "neg_log": lambda s: -math.log(s),
}
"""Transforms from segmentation to integration (METHODS 1.3)."""

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


class _Ranked(NamedTuple):
    rank: str
    value: str


def check_ranking(table: str, rows: Ranking) -> Iterator[Finding]:
    """Check ranks against the values that they rank, and whether the first period's order lasts to the last period."""
    names = list(next(iter(rows.values()), {}))
    pairs = [_Ranked(n, names[i - 1]) for i, n in enumerate(names) if _is_rank(n) and i > 0]
    others = [n for n in names if not _is_rank(n)]
    for pair in pairs:
        values = {name: row[pair.value] for name, row in rows.items() if pair.value in row and pair.rank in row}
        ranks = {n: int(rows[n][pair.rank].value) for n in values}
        if ranks and len(set(ranks.values())) <= 2 / 3 * len(ranks):
            continue  # ranks within groups that the table does not name
        # Ranks may be dense if some are repeated and none is left out (1, 2, 2, 3).
        used = set(ranks.values())
        dense = len(used) < len(ranks) and used == set(range(1, len(used) + 1))
        wrong = min((_misranked(values, ranks, sign, dense=dense) for sign in (1, -1)), key=len)
        if wrong and not (len(pairs) == 1 and any(_is_order_of(rows, n, ranks) for n in others if n != pair.value)):
            cells = places(*(rows[n][pair.rank] for n in wrong[:5]))
            message = f"{', '.join(wrong[:5])}: the rank is not that of {pair.value}"
            yield Finding(
                "ranks", "contradiction", table, pair.rank, message, {"wrong": float(len(wrong))}, cells=cells
            )
        texts: dict[int, set[str]] = {}
        for name, number in values.items():
            texts.setdefault(ranks[name], set()).add(number.text)
        if twice := [rank for rank, written in texts.items() if len(written) > 1]:
            message = f"rank {min(twice)} is given twice for values that differ"
            yield Finding("ranks", "contradiction", table, pair.rank, message, {})
    periods = [p for p in pairs if not re.match(r"avg|mean|average|平均", p.value)]
    if len(periods) >= 2:
        yield from _persistence(table, rows, periods[0].value, periods[-1].value)


def _is_order_of(rows: Ranking, name: str, ranks: Mapping[str, int]) -> bool:
    """Return whether ranks are an order of the values in the column ``name``, largest or smallest first."""
    values = {n: rows[n][name] for n in ranks if name in rows[n]}
    return len(values) == len(ranks) and not all(_misranked(values, ranks, sign) for sign in (1, -1))


def _misranked(values: Mapping[str, Printed], ranks: Mapping[str, int], sign: int, *, dense: bool = False) -> list[str]:
    """Return the names whose rank is impossible, whatever the true values are.

    Ranks count from the largest value (sign 1) or from the smallest. With ``dense``, equal values may count as one. If
    ranks are larger than the number of rows, they rank more units than the table shows; then only their order is
    checked.
    """
    if not values:
        return []
    low = {n: sign * v.value - v.half * _TOUCH for n, v in values.items()}
    high = {n: sign * v.value + v.half * _TOUCH for n, v in values.items()}
    names = sorted(low, key=lambda n: low[n])
    lows, highs = [low[n] for n in names], sorted(high.values())
    last = [*itertools.accumulate((ranks[n] for n in reversed(names)), max)][::-1]
    most = max(len(values), last[0])
    before = _distinct([values[n].text for n in names]) if dense else range(len(values), -1, -1)
    wrong = []
    for name in values:
        above, below = bisect_left(lows, high[name]), bisect_right(highs, low[name])
        passed = most > len(values) and above < len(last) and last[above] > ranks[name]
        if passed or not before[above] + 1 <= ranks[name] <= most - below:
            wrong.append(name)
    return sorted(wrong, key=lambda n: -values[n].value)


def _distinct(texts: Sequence[str]) -> list[int]:
    """Return how many different texts there are from each position to the end of the list; the last entry is 0."""
    seen: set[str] = set()
    counts = [0]
    for text in reversed(texts):
        seen.add(text)
        counts.append(len(seen))
    return counts[::-1]


_TOUCH = 1 - 1e-6
"""Factor on the half width of rounding, so that intervals which only touch do not overlap (a convention)."""


def check_averages(table: str, rows: Ranking) -> Iterator[Finding]:
    """Check an average over the years in its heading against the printed years.

    The average times the number of years must not be below the sum of the printed years. If all years are printed, it
    must equal this sum. Rows with negative values are not checked.
    """
    names = list(next(iter(rows.values()), {}))
    for average in names:
        match = re.match(r"(?:avg|average|mean|平均)\D*(\d{4})\D+(\d{4})", average)
        if not match:
            continue
        first, last = int(match[1]), int(match[2])
        years = {n: int(y[0]) for n in names if n != average and not _is_rank(n) and (y := re.findall(r"\d{4}", n))}
        inside = [n for n, year in years.items() if first <= year <= last]
        for name, row in rows.items():
            parts = [row[n] for n in inside if n in row]
            if average not in row or not parts or any(v.low < -v.half for v in row.values()):
                continue
            count, total = last - first + 1, sum(max(p.low, 0.0) for p in parts)
            most = sum(p.high for p in parts) if len(parts) == count else math.inf
            if count > 0 and (row[average].high * count < total or row[average].low * count > most):
                message = (
                    f"{name}: the average {row[average].text} over {count} years does not fit the years printed, which "
                    f"sum to {sum(p.value for p in parts):g}"
                )
                yield Finding(
                    "averages",
                    "contradiction",
                    table,
                    f"{average}, {name}",
                    message,
                    {"average": row[average].value, "sum": total},
                    f"{row[average].value:g} x {count} = {row[average].value * count:g}",
                    places(row[average], *parts),
                )


def _is_rank(name: str) -> bool:
    return bool(re.match(r"rank|排名|名次|位次", name))


def _persistence(table: str, rows: Ranking, first: str, last: str) -> Iterator[Finding]:
    """Report Spearman's rank correlation of the first and the last period, and doubt a ranking that does not last."""
    from scipy.stats import rankdata

    both = [(r[first].value, r[last].value) for r in rows.values() if first in r and last in r]
    # A rank correlation of fewer than five units is not informative; a convention.
    if len(both) < 5:
        return
    rho = float(np.corrcoef(rankdata([a for a, _ in both]), rankdata([b for _, b in both]))[0, 1])
    r = min(abs(rho), 1 - 1e-12)
    p = t_two_sided(r * math.sqrt((len(both) - 2) / (1 - r * r)), len(both) - 2)
    text = f"the rank correlation of {first} and {last} is {rho:.2f} (p = {p:.2f})"
    numbers = {"spearman": rho, "p": p}
    # 0.05 is the conventional level of significance.
    if p >= 0.05:
        message = f"{text}: who ranks high does not last, as when the index is mostly noise within a year"
        yield Finding(
            "ranks", "doubt", table, "", message, numbers, ask="the sampling error of the index within a year"
        )
    else:
        yield Finding("ranks", "note", table, "", text, numbers)


def check_transform(table: str, rows: Ranking, described: Statistics, treatment: str) -> Iterator[Finding]:
    """Note the transform of `TRANSFORMS` that turns the smallest printed segmentation into the largest index.

    Also note a minimum of the index that is below the transform of the largest segmentation. Nothing is reported if no
    transform or several transforms fit.
    """
    span = described.get(treatment, {})
    cells = [v for row in rows.values() for n, v in row.items() if not _is_rank(n) and v.value > 0]
    if not cells or not {"min", "max"} <= set(span):
        return
    smallest, largest = min(cells, key=lambda v: v.value), max(cells, key=lambda v: v.value)
    fitting = [
        name
        for name, f in TRANSFORMS.items()
        if smallest.low > 0
        and f(smallest.high) - span["max"].half <= span["max"].value <= f(smallest.low) + span["max"].half
    ]
    if len(fitting) != 1:
        return
    name, back = fitting[0], TRANSFORMS[fitting[0]](largest.value)
    message = (
        f"the largest {treatment}, {span['max'].text}, is {name} of the smallest segmentation {smallest.text}, and of "
        "no other transform"
    )
    numbers = {"max": span["max"].value}
    yield Finding("transform", "note", table, treatment, message, numbers, cells=places(smallest, span["max"]))
    if span["min"].high < TRANSFORMS[name](largest.high):
        message = (
            f"the smallest {treatment}, {span['min'].text}, lies below {back:.3f}, that of the largest segmentation "
            f"printed ({largest.text}): it belongs to a year that is not shown, or is copied"
        )
        numbers = {"min": span["min"].value, "implied": back}
        yield Finding("transform", "note", table, treatment, message, numbers, cells=places(largest, span["min"]))
