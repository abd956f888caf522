"""Define the rules that a table may follow: the distribution of t, the meaning of stars, the content of brackets.

If a table does not state a rule, every rule that is common for such tables is tried. An estimate is a contradiction
only if its numbers contradict each other under all these rules.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tablecheck.digits import Printed
from tablecheck.printed import Column, Estimate, PublishedTable
from tablecheck.students import t_quantile

FEW = 4.0
"""A table without printed clusters or degrees of freedom may have this few degrees of freedom (as with 5 clusters)."""

STARS: Mapping[str, Mapping[str, float]] = {
    "10, 5 and 1%": {"*": 0.1, "**": 0.05, "***": 0.01},
    "5, 1 and 0.1%": {"*": 0.05, "**": 0.01, "***": 0.001},
    "10, 5, 1 and 0.1%": {"*": 0.1, "**": 0.05, "***": 0.01, "****": 0.001},
    "10, 5, 1 and 0.1% from a cross": {"+": 0.1, "*": 0.05, "**": 0.01, "***": 0.001},
    "10 and 5, 1% from a cross": {"+": 0.1, "*": 0.05, "**": 0.01},
    "5 and 1%": {"*": 0.05, "**": 0.01},
    "10 and 5%": {"*": 0.1, "**": 0.05},
    "5%": {"*": 0.05},
    "1, 5 and 10% from one star": {"*": 0.01, "**": 0.05, "***": 0.1},
}
"""Common levels of stars, which are tried if a table does not state its own."""


@dataclass(frozen=True)
class Rule:
    """One interpretation of a table: the levels of its stars, and the kind of number in each unexplained bracket.

    ``stated`` is true if the notes of the table state the levels.
    """

    name: str
    levels: Mapping[str, float]
    loose: Mapping[str, str]
    stated: bool = False

    def p_range(self, marks: str) -> tuple[float, float] | None:
        """Return the range of p that these stars allow; None if the rule has no level for them."""
        ordered = sorted(self.levels.items(), key=lambda x: x[1])
        if not self.levels:
            return None
        if not marks:
            return ordered[-1][1], 1.0
        for n, (mark, level) in enumerate(ordered):
            if mark == marks:
                return (ordered[n - 1][1] if n else 0.0), level
        return None


def df_range(column: Column) -> tuple[float, float]:
    """Return the range of degrees of freedom that the t of a column may have, given its printed numbers.

    If degrees of freedom are printed, the range is from them to infinity (the normal distribution). If the number of
    clusters is printed, the range is from that number less one to infinity. Otherwise the range begins at `FEW` (or at
    N less the terms less one, or at the degrees of freedom next to F, if these are fewer), because a small number of
    clusters may not be printed. It also begins at the degrees of freedom that every printed interval implies, if these
    are fewer: Driscoll-Kraay errors of four years have three. Some programs use the normal distribution, and others t
    with the clusters less one.
    """
    df, clusters, n = column.sizes.get("df"), column.sizes.get("clusters"), column.nobs
    # No bound is below 0.5, and the bound of clusters is half a degree below the clusters less one: conventions.
    if df is not None and df.value >= 1:
        return max(df.low, 0.5), math.inf
    if clusters is not None and clusters.value > 1:
        return max(clusters.value - 1.5, 0.5), math.inf
    by_size = n.value - len(column.estimates) - 1 if n is not None else math.inf
    of_f = column.sizes.get("df_of_f")
    next_to_f = of_f.value if of_f is not None else math.inf
    return max(min(FEW, by_size, next_to_f, _of_intervals(column)), 0.5), math.inf


def _of_intervals(column: Column) -> float:
    """Return the 3, 2 or 1 degrees of freedom with which every 95% interval is b -+ q se; infinity if `FEW` fit, too.

    One interval is not enough, because its end or its standard error may be misprinted.
    """
    spans = [s for e in column.estimates.values() if (s := _standard_errors_to_the_end(e)) is not None]
    are_of_95 = not column.ratios and column.notes.cover in (None, 0.95)
    if not are_of_95 or len(spans) < 2 or max(low for low, _ in spans) <= -t_quantile(0.025, FEW):
        return math.inf
    return next((df for df in (3, 2, 1) if all(a <= -t_quantile(0.025, df) <= b for a, b in spans)), math.inf)


def _standard_errors_to_the_end(estimate: Estimate) -> tuple[float, float] | None:
    """Return the range, given rounding, of the standard errors between an estimate and an end of its interval."""
    if estimate.interval is None or estimate.se is None or estimate.se.low <= 0:
        return None
    low, high = estimate.interval
    return (high.low - low.high) / 2 / estimate.se.high, (high.high - low.low) / 2 / estimate.se.low


def rules(table: PublishedTable) -> list[Rule]:
    """Return every interpretation of a table's stars and unexplained brackets, in the order of likelihood."""
    marks = {e.marks for c in table.columns for e in c.estimates.values() if e.marks}
    levels: list[tuple[str, Mapping[str, float], bool]]
    if table.notes.levels:
        levels = [("its note", table.notes.levels, True)]
    elif marks:
        fitting = [(name, lv, False) for name, lv in STARS.items() if marks <= set(lv)]
        levels = fitting or [("none", {}, False)]
    else:
        levels = [("none", {}, False)]
    return [Rule(n, lv, k, stated) for (n, lv, stated), k in itertools.product(levels, _kinds(table))]


MOST_BRACKETS = 4
"""No estimate has more kinds of numbers: in rarer brackets are numbers of other estimates, which are not compared."""


def _kinds(table: PublishedTable) -> list[dict[str, str]]:
    """Return every way to assign a kind of number to the unexplained brackets of a table (`MOST_BRACKETS`)."""
    loose: dict[str, list[Printed]] = {}
    signs: dict[str, list[bool]] = {}
    for estimate in (e for c in table.columns for e in c.estimates.values()):
        for key, number in estimate.loose.items():
            loose.setdefault(key, []).append(number)
            if estimate.b is not None and estimate.b.low * estimate.b.high > 0 and number.low * number.high > 0:
                signs.setdefault(key, []).append(estimate.b.value * number.value > 0)
    keys = sorted(sorted(loose, key=lambda key: -len(loose[key]))[:MOST_BRACKETS])
    choices = []
    for key in keys:
        if key == "wald":
            # Programs call both (b / se)^2 and b / se a Wald statistic.
            choices.append(["t2", "t"] if all(n.value >= 0 for n in loose[key]) else ["t"])
        else:
            choices.append(possible_kinds(loose[key], signs.get(key, [])))
    ways = list(itertools.product(*choices))
    distinct = [chosen for chosen in ways if len(set(chosen)) == len(chosen)]  # two brackets hold two kinds
    return [dict(zip(keys, chosen, strict=True)) for chosen in distinct or ways]


def possible_kinds(numbers: Sequence[Printed], signs: Sequence[bool]) -> list[str]:
    """Return the kinds that the numbers in a bracket may be.

    ``signs`` tells, for each number with a sign, whether its coefficient has the same sign. The numbers may be standard
    errors if none is negative, and p if all are between 0 and 1. They may be t, unless there are more than two signs
    and all of them differ from those of the coefficients.
    """
    kinds = []
    if all(n.high > 0 and n.value >= 0 for n in numbers):
        kinds.append("se")
    if not (signs and not any(signs) and len(signs) > 2):
        kinds.append("t")
    if all(0 <= n.value <= 1 for n in numbers):
        kinds.append("p")
    return kinds or ["t"]


def as_kinds(estimate: Estimate, rule: Rule) -> dict[str, Printed]:
    """Return the numbers of an estimate under a rule, by kind: ``se``, ``t``, ``t2`` (t squared) and ``p``.

    A number whose kind the table does not state has the kind that the rule gives to its bracket.
    """
    numbers = {k: v for k in ("se", "t", "p") if (v := getattr(estimate, k)) is not None}
    for key, number in estimate.loose.items():
        numbers.setdefault(rule.loose.get(key, "unknown"), number)
    numbers.pop("unknown", None)
    return numbers
