"""Check rankings: ranks against values, averages over years, order that lasts, and the transform to an index."""

from __future__ import annotations

import itertools
import math
import re
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tablecheck.added import CheckSet, Facts
from tablecheck.checks.terms import Statistics, places, squares
from tablecheck.digits import Printed
from tablecheck.findings import Finding
from tablecheck.printed import PublishedTable
from tablecheck.students import t_two_sided

Ranking = Mapping[str, Mapping[str, Printed]]

TRANSFORMS: Mapping[str, Callable[[float], float]] = {
    "log_inverse_sqrt": lambda s: 0.5 * math.log(1 / s),
    "inverse_sqrt": lambda s: s**-0.5,
    "inverse": lambda s: 1 / s,
    "neg_log": lambda s: -math.log(s),
}
"""Transforms from segmentation to integration (METHODS 1.3)."""


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
    both = [(r[first].value, r[last].value) for r in rows.values() if first in r and last in r]
    # A rank correlation of fewer than five units is not informative; a convention.
    if len(both) < 5 or any(len(set(values)) == 1 for values in zip(*both, strict=True)):
        return
    rho = _rank_correlation([a for a, _ in both], [b for _, b in both])
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


def _rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Compute Spearman's rank correlation of two lists, each with two different values or more."""
    return statistics.correlation(_ranks(first), _ranks(second))


def _ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value, from 1; equal values have the mean of their ranks."""
    ordered = sorted(values)
    return [(bisect_left(ordered, v) + 1 + bisect_right(ordered, v)) / 2 for v in values]


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


def check_rankings(table: PublishedTable, facts: Facts) -> Iterator[Finding]:
    """Check the ranking of a table, and its values against the descriptive statistics of variables with a square."""
    if table.ranked is None:
        return
    yield from check_ranking(table.name, table.ranked.rows)
    yield from check_averages(table.name, table.ranked.rows)
    treatments = dict.fromkeys(x for t in facts.tables for c in t.columns for x in squares(c))
    for treatment in treatments:
        yield from check_transform(table.name, table.ranked.rows, facts.statistics, treatment)


CHECKS = CheckSet(tables=(check_rankings,))
