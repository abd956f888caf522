"""Check percentages of counts: a share of n rows is a whole number divided by n, to its printed digits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tablecheck.checks.balance import means_of_groups, size_of_group
from tablecheck.checks.terms import places
from tablecheck.digits import Printed, tokens
from tablecheck.findings import Finding
from tablecheck.printed import Column, Estimate, PublishedTable

_INDICATOR = re.compile(r"dummy|indicator|binary|0 ?/ ?1\b|\(0, ?1|= ?1\b|yes ?/ ?no|虚拟|哑变量", re.IGNORECASE)
"""Labels of variables that are 0 or 1."""
_SHARE = re.compile(r"%|per ?cent|share|proportion|fraction|比例|占比", re.IGNORECASE)
"""Labels of variables that may be shares of rows: their standard deviation must show that they are 0 or 1."""
_OTHER = re.compile(
    r"weight|adjust|imput|predict|standardi[sz]ed|matched|multilevel|regression|fixed effects|加权|插补|匹配",
    re.IGNORECASE,
)
"""Words for percentages that are no counts divided by the number of rows."""
_COUNT = re.compile(r"\s*(\d{1,3}(?:,\d{3})+|\d+) ?\(\s*(?:\d+\.?\d*|\.\d+) ?(%?)\s*\)\s*")
_OF_COUNTS = re.compile(r"(?:\bn|\bno\.?|number|count)[ ,]*[(/]? ?(?:%|percent)", re.IGNORECASE)
"""A label that says what brackets hold: ``n (%)``."""
LEAST_FILLED = 0.95
"""Share of the rows of a group that have a value of each variable: if fewer have one, the table should say so."""


class _Tried(NamedTuple):
    """A share or a count with its share, the number of rows, and what is wrong with it (empty if nothing is)."""

    where: str
    share: Printed
    n: float
    wrong: str


def check_counted(table: PublishedTable) -> Iterator[Finding]:
    """Doubt percentages that no whole number of the stated rows has.

    Three kinds are tried: the mean of a variable that is 0 or 1 with the N of its row, the mean of such a variable with
    the N of its group (up to 5% of the values may be missing), and ``35 (36%)`` with the N of its group (any number of
    values may be missing, and the percentage may be one of the row). Nothing is tried if the title or the notes name
    weights, adjusted or imputed values. If more than half of the percentages of a table fail, they are one doubt.
    """
    alone = (filled[0] for row in table.grid.rows if len(filled := [c.text for c in row if c.text]) == 1)
    if _OTHER.search(" ".join((table.grid.title, *table.grid.notes, *alone))) or table.notes.conditional:
        return
    for tried in (list(_described(table)), list(_means(table)), list(_counts(table))):
        wrong = [one for one in tried if one.wrong]
        if len(wrong) > 2 and len(wrong) > len(tried) / 2:
            message = (
                f"{len(wrong)} of {len(tried)} percentages are no counts divided by N; the first: {wrong[0].wrong}"
            )
            yield _doubt(table, wrong[0]._replace(where="", wrong=message))
        else:
            yield from (_doubt(table, one) for one in wrong)


def _doubt(table: PublishedTable, one: _Tried) -> Finding:
    return Finding(
        "counts",
        "doubt",
        table.name,
        one.where,
        one.wrong,
        {"share": one.share.value, "n": one.n},
        cells=places(one.share),
        innocent="values missing in this variable, or weights that no note names",
        ask="the counts, and the number of rows of this variable",
    )


def is_count(share: Printed, n: float, scale: float = 1.0, fewest: float | None = None) -> bool:
    """Return whether a whole number of n rows has this share, where ``scale`` (1 or 100) is printed for all rows.

    With ``fewest``, any number of rows from it to n may have a value.
    """
    low, high = share.low / scale, share.high / scale
    # With 1 / n below the width of the interval every n has a count; the loop is short because n is small otherwise.
    sizes = range(math.ceil(n if fewest is None else fewest), math.floor(n) + 1)
    return any(math.floor(high * m) >= math.ceil(low * m) for m in reversed(sizes))


def _described(table: PublishedTable) -> Iterator[_Tried]:
    """Try the means of variables that are 0 or 1 and have their N; those with quartiles are tried by `granular`."""
    for part in table.described:
        for name, row in part.rows.items():
            if not {"n", "mean", "min", "max"} <= set(row) or {"p25", "median", "p75"} & set(row):
                continue
            scale, mean, n = row["max"].value, row["mean"], row["n"]
            if row["min"].value or scale not in (1, 100) or not n.is_whole or not _is_share(mean, scale):
                continue
            if not _INDICATOR.search(name) and not (_SHARE.search(name) and _is_spread(row, scale)):
                continue
            wrong = f"no count in {n.value:,.0f} rows has the mean {mean.text}, if {name} is 0 or {scale:g}"
            yield _Tried(name, mean, n.value, "" if is_count(mean, n.value, scale) else wrong)


def _is_share(mean: Printed, scale: float) -> bool:
    """Return whether a mean is between 0 and all, and has decimals enough to tell counts apart."""
    return math.isfinite(mean.half) and 0 < mean.value < scale and mean.decimals >= (1 if scale == 100 else 2)


def _is_spread(row: Mapping[str, Printed], scale: float) -> bool:
    """Return whether the printed standard deviation is that of zeros and ones with the printed mean."""
    mean, spread, n = row["mean"], row.get("sd"), row["n"].value
    if spread is None or spread.decimals < (1 if scale == 100 else 2) or n < 2:
        return False
    ends = [math.sqrt(max(m * (1 - m), 0.0)) * scale for m in (mean.low / scale, mean.high / scale)]
    if mean.low / scale <= 0.5 <= mean.high / scale:
        ends.append(scale / 2)
    return spread.high >= min(ends) and spread.low <= max(ends) * math.sqrt(n / (n - 1))


def _means(table: PublishedTable) -> Iterator[_Tried]:
    """Try the means of groups whose label says that the variable is 0 or 1."""
    for column in means_of_groups(table).values():
        n = size_of_group(column)
        for estimate in column.estimates.values() if n is not None else ():
            b = estimate.b
            if b is None or not _INDICATOR.search(estimate.label) or _COUNT.fullmatch(b.text):
                continue
            scale = 100.0 if _SHARE.search(estimate.label) and b.value > 1 and "%" not in b.text else 1.0
            if n is not None and _is_share(b, scale):
                wrong = f"no count in {n:,.0f} rows has the share {b.text}, nor in up to 5% fewer rows"
                is_possible = is_count(b, n, scale, math.ceil(n * LEAST_FILLED))
                yield _Tried(f"{column.label}, {estimate.label}", b, n, "" if is_possible else wrong)


def _counts(table: PublishedTable) -> Iterator[_Tried]:
    """Try counts with their percentage in the same cell."""
    for column in table.columns:
        n = size_of_group(column)
        if n is None:
            continue
        for term, estimate in column.estimates.items():
            pair = _count_of(estimate, (table.grid.title, *column.heads, estimate.label))
            if pair is None or pair[0] > n:
                continue
            count, share = pair
            across = [c[0] for c in _side_by_side(table, column, term) if c is not None]
            wholes = [sum(across), sum(across) - max(across), max(across)]
            if _fits(count, share, n) or any(m and _fits(count, share, m, exact=True) for m in wholes):
                wrong = ""
            else:
                wrong = (
                    f"{count:,} of {n:,.0f} rows are {100 * count / n:.4g}%, and more in fewer rows: not {share.text}"
                )
            yield _Tried(f"{column.label}, {estimate.label}", share, n, wrong)


def _count_of(estimate: Estimate, words: tuple[str, ...]) -> tuple[int, Printed] | None:
    """Return a count and its share of one, from a cell such as ``35 (36%)``, or ``35 (36)`` if a label explains it."""
    if estimate.b is None or not (match := _COUNT.fullmatch(estimate.b.text)):
        return None
    if not match[2] and not any(map(_OF_COUNTS.search, words)):
        return None
    read = tokens(estimate.b.text.replace(")", "%)") if not match[2] else estimate.b.text, place=estimate.b.place)
    if len(read) != 2 or not read[1].bracket:
        return None
    return int(match[1].replace(",", "")), read[1].values[0]


def _side_by_side(table: PublishedTable, column: Column, term: str) -> Iterator[tuple[int, Printed] | None]:
    """Yield the counts of all groups for one term."""
    for other in table.columns:
        if other.panel == column.panel and term in other.estimates:
            yield _count_of(other.estimates[term], (table.grid.title, *other.heads, other.estimates[term].label))


def _fits(count: int, share: Printed, n: float, *, exact: bool = False) -> bool:
    """Return whether a count has this share of n rows; unless ``exact``, some number of rows up to n is enough.

    The share grows if rows are left out, so that it must not be below that of all rows.
    """
    low, high = share.low, share.high
    if exact or not count:
        return low * n <= count <= high * n
    least = max(math.ceil(count / high), count) if high > 0 else math.inf
    most = min(math.floor(count / low) if low > 0 else math.inf, n)
    return least <= most
