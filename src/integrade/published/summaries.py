"""Descriptive statistics, correlations and rankings: do they agree with themselves and with each other?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from integrade.published.columns import Statistics, stars_of
from integrade.published.findings import Finding
from integrade.published.printed import Printed
from integrade.regress.students import t_two_sided

Ranking = Mapping[str, Mapping[str, Printed]]

TRANSFORMS: Mapping[str, Callable[[float], float]] = {
    "log_inverse_sqrt": lambda s: 0.5 * math.log(1 / s),
    "inverse_sqrt": lambda s: s**-0.5,
    "inverse": lambda s: 1 / s,
    "neg_log": lambda s: -math.log(s),
}
"""From segmentation to integration (METHODS 1.3)."""


def check_descriptives(table: str, described: Statistics) -> Iterator[Finding]:
    """Minimum above maximum, a median outside them, a spread they cannot hold, and one number in two rows."""
    for name, row in described.items():
        least, most, middle, spread = (row.get(k) for k in ("min", "max", "median", "sd"))
        if least and most and least.value > most.value:
            yield Finding(
                "descriptives", "contradiction", table, name, f"minimum {least.text} above maximum {most.text}", {}
            )
        elif least and most and middle and not least.low <= middle.value <= most.high:
            yield Finding(
                "descriptives",
                "contradiction",
                table,
                name,
                f"median {middle.text} outside [{least.text}, {most.text}]",
                {},
            )
        elif least and most and spread and spread.low > (most.high - least.low) / 2 * 1.0001:
            yield Finding(
                "descriptives",
                "contradiction",
                table,
                name,
                f"standard deviation {spread.text} above half the range",
                {},
            )
    for kind in ("min", "max", "median"):
        for (one, a), (other, b) in itertools.combinations(described.items(), 2):
            if kind in a and kind in b and a[kind].text == b[kind].text and _digits(a[kind]) >= 4:
                yield Finding(
                    "descriptives",
                    "weakness",
                    table,
                    f"{one} and {other}",
                    f"two variables share the {kind} {a[kind].text}: a copied cell?",
                    {kind: a[kind].value},
                )


def _digits(number: Printed) -> int:
    return len(number.text.lstrip("-0.").replace(".", "").replace(",", ""))


def check_correlations(table: str, cells: Mapping[tuple[str, str], Printed], nobs: int | None) -> Iterator[Finding]:
    """Stars of a correlation against t = r sqrt((n - 2) / (1 - r^2)), and values beyond one."""
    for (one, other), r in cells.items():
        where = f"{one} and {other}"
        if abs(r.value) - r.half > 1:
            yield Finding("correlations", "contradiction", table, where, f"{r.text} is beyond one", {})
        elif nobs and abs(r.value) < 1:
            ends = sorted(max(abs(r.value) + s * r.half, 0.0) for s in (-1, 1))
            low, high = (stars_of(_p_of_correlation(min(e, 1 - 1e-12), nobs)) for e in ends)
            if not low <= r.stars <= high:
                yield Finding(
                    "correlations",
                    "contradiction",
                    table,
                    where,
                    f"{r.text} over {nobs:,} rows has p = {_p_of_correlation(abs(r.value), nobs):.3f}: its "
                    "stars are not due",
                    {"r": r.value},
                )


def _p_of_correlation(r: float, nobs: int) -> float:
    return t_two_sided(r * math.sqrt((nobs - 2) / (1 - r * r)), nobs - 2)


class _Ranked(NamedTuple):
    rank: str
    value: str


def check_ranking(table: str, rows: Ranking) -> Iterator[Finding]:
    """Ranks against the values they rank, and whether the order of the first period lasts to the last."""
    pairs = _ranked_columns(rows)
    for pair in pairs:
        values = {name: row[pair.value] for name, row in rows.items() if pair.value in row and pair.rank in row}
        order = sorted(values, key=lambda n: -values[n].value)
        wrong = [n for n in order if not _rank_fits(n, int(rows[n][pair.rank].value), values)]
        if wrong:
            yield Finding(
                "ranks",
                "contradiction",
                table,
                pair.rank,
                f"{', '.join(wrong[:5])}: the rank is not that of {pair.value}",
                {"wrong": float(len(wrong))},
            )
        ranks = [int(rows[n][pair.rank].value) for n in order]
        if len(set(ranks)) < len(ranks):
            yield Finding("ranks", "contradiction", table, pair.rank, "a rank is given twice", {})
    periods = [p for p in pairs if not p.value.startswith(("avg", "mean", "average"))]
    if len(periods) >= 2:
        yield from _persistence(table, rows, periods[0].value, periods[-1].value)


def _ranked_columns(rows: Ranking) -> list[_Ranked]:
    names = list(next(iter(rows.values()), {}))
    return [_Ranked(n, names[i - 1]) for i, n in enumerate(names) if n.startswith("rank") and i > 0]


def _rank_fits(name: str, rank: int, values: Mapping[str, Printed]) -> bool:
    above = sum(v.low >= values[name].high for v in values.values())
    not_below = sum(v.high > values[name].low for v in values.values())
    return above + 1 <= rank <= not_below


def _persistence(table: str, rows: Ranking, first: str, last: str) -> Iterator[Finding]:
    both = [(r[first].value, r[last].value) for r in rows.values() if first in r and last in r]
    if len(both) < 5:
        return
    rho = _spearman([a for a, _ in both], [b for _, b in both])
    p = _p_of_correlation(min(abs(rho), 1 - 1e-12), len(both))
    text = f"the rank correlation of {first} and {last} is {rho:.2f} (p = {p:.2f})"
    if p >= 0.05:
        yield Finding(
            "ranks",
            "weakness",
            table,
            "",
            f"{text}: who ranks high does not last, as when the index is mostly noise within a year",
            {"spearman": rho, "p": p},
        )
    else:
        yield Finding("ranks", "note", table, "", text, {"spearman": rho, "p": p})


def _spearman(a: Sequence[float], b: Sequence[float]) -> float:
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


def check_transform(table: str, rows: Ranking, described: Statistics, treatment: str) -> Iterator[Finding]:
    """Which transform of the smallest printed segmentation is the largest printed index; is its minimum there too?"""
    span = described.get(treatment, {})
    cells = [v for row in rows.values() for n, v in row.items() if not n.startswith("rank") and v.value > 0]
    if not cells or not {"min", "max"} <= set(span):
        return
    smallest, largest = min(cells, key=lambda v: v.value), max(cells, key=lambda v: v.value)
    fitting = [
        name
        for name, f in TRANSFORMS.items()
        if f(smallest.high) - span["max"].half <= span["max"].value <= f(smallest.low) + span["max"].half
    ]
    if len(fitting) != 1:
        return
    name, back = fitting[0], TRANSFORMS[fitting[0]](largest.value)
    yield Finding(
        "transform",
        "note",
        table,
        treatment,
        f"the largest {treatment}, {span['max'].text}, is {name} of the smallest segmentation "
        f"{smallest.text}, and of no other transform",
        {"max": span["max"].value},
    )
    if span["min"].high < TRANSFORMS[name](largest.high):
        yield Finding(
            "transform",
            "note",
            table,
            treatment,
            f"the smallest {treatment}, {span['min'].text}, lies below {back:.3f}, that of the largest "
            f"segmentation printed ({largest.text}): it belongs to a year that is not shown, or is copied",
            {"min": span["min"].value, "implied": back},
        )
