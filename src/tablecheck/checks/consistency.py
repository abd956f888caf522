"""Tell whether the coefficient, standard error, t, p, interval and stars printed for an estimate can all be true."""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NamedTuple

from tablecheck.checks.rules import Rule, as_kinds, df_range
from tablecheck.checks.terms import critical, t_span
from tablecheck.digits import Printed
from tablecheck.feasible import HalfPlane, between, have_a_point, smallest_conflict
from tablecheck.printed import Column, Estimate, PublishedTable

COVERS = (0.9, 0.95, 0.99)
"""Common confidence levels, used if a table does not state its own."""
SKEWED, MOST_SKEWED = 0.15, 0.45
"""Distances of an interval end from b -+ q se, in half widths, that a profile likelihood of a ratio may cause.

A distance beyond the first limit is a doubt, and beyond the second limit it may be a contradiction. In 835 intervals of
simulated logits with 40 to 800 rows (R's `confint`), 11% of the ends are beyond the first limit and 0.2% beyond the
second. With at least ten events for each regressor, the shares are 2% and 0.
"""
FINE = 0.01
"""With less rounding than this share of a half width, an estimate in the middle rules out a profile likelihood."""


@dataclass(frozen=True)
class Case:
    """An estimate with the ranges that its printed numbers allow, under one rule for brackets and stars.

    ``few`` and ``many`` are the fewest and the most degrees of freedom. ``stars`` is the range of p that the stars
    mean.
    """

    estimate: Estimate
    kinds: Mapping[str, Printed]
    few: float
    many: float
    covers: tuple[float, ...]
    stars: tuple[float, float] | None
    absolute: bool
    only_upper: bool
    free_interval: bool
    """True if the interval need not be b -+ q se: it may come from a bootstrap, a profile likelihood or Fieller."""
    free_p: bool
    """True if p need not follow from t, because it is resampled, adjusted for several tests, or from another test."""
    ratio: bool
    one_sided: bool
    skewed: float
    """Largest difference between an end of the interval and b -+ q se, as a share of the half width."""

    @property
    def cover(self) -> tuple[float, float]:
        """Return the least and the most standard errors that may be between the estimate and an end of the interval."""
        return critical(1 - min(self.covers), self.many), critical(1 - max(self.covers), self.few)


@dataclass(frozen=True)
class Shared:
    """Properties that all estimates of a column share.

    An estimate with |t| above ``due`` has p < 0.05 under every distribution that the table allows. ``intervals`` is the
    number of estimates with an interval, and ``middles`` the number of estimates in the middle of their interval.
    ``exact`` is true if the intervals of ratios are exactly b -+ q se.
    """

    few: float
    many: float
    due: float
    starred: bool
    intervals: int
    middles: int
    ratio: bool
    exact: bool


def shared(column: Column) -> Shared:
    """Compute the properties that all estimates of a column share."""
    few, many = df_range(column)
    estimates = column.estimates.values()
    intervals = [e for e in estimates if e.b is not None and e.interval is not None]
    middles = sum(map(_in_the_middle, intervals))
    ratio = column.ratios or _seem_ratios(column)
    starred = any(e.marks for e in estimates)
    exact = column.notes.wald or sum(map(_is_finely_in_the_middle, intervals)) > 2
    return Shared(few, many, critical(0.05, few), starred, len(intervals), middles, ratio, exact)


class Cell(NamedTuple):
    """An estimate with its column, its marks and the properties of the column."""

    column: Column
    estimate: Estimate
    marks: str
    shared: Shared


Cells = Sequence[Cell]


def cells_of(table: PublishedTable) -> list[Cell]:
    """Return the estimates of a table, column by column."""
    columns = [(c, shared(c)) for c in table.columns]
    return [Cell(c, e, e.marks, of) for c, of in columns for e in c.estimates.values()]


def case_of(cell: Cell, rule: Rule, *, absolute: bool, missing: bool = False) -> Case:
    """Build the case of an estimate under a rule.

    With ``missing``, the absence of a star gives a lower limit for p.
    """
    notes, estimate, of = cell.column.notes, cell.estimate, cell.shared
    few, many = (of.few, of.many) if estimate.df is None else (max(estimate.df.low, 0.5), estimate.df.high)
    return Case(
        estimate,
        as_kinds(estimate, rule),
        few,
        many,
        (notes.cover,) if notes.cover else COVERS,
        rule.p_range(cell.marks) if cell.marks or missing else None,
        absolute or notes.absolute,
        notes.adjusted,
        notes.resampled or bool(_DERIVED.search(estimate.label)) or not _has_wald_intervals(cell),
        notes.resampled or notes.adjusted or notes.other_test,
        of.ratio,
        notes.one_sided,
        SKEWED if of.ratio and not of.exact else 0.0,
    )


Missing = Literal["sure", "likely", "open"]


class _Due(NamedTuple):
    """Counts for one term: its estimates with |t| above `Shared.due`, and how many of these estimates have a star."""

    every: int
    starred: int


def missing_stars(cells: Cells, rule: Rule) -> list[Missing]:
    """Return, for every estimate of a table, how surely a missing star is evidence that the estimate is insignificant.

    The evidence is whether other estimates with |t| above `Shared.due` have stars. Estimates of the same term in other
    columns decide first: if most of them have stars, the evidence is sure, otherwise open. Without such estimates, the
    other terms decide. If most of them have stars, the evidence is sure (likely for a constant, or with only one term
    with stars), otherwise open. Without such terms, a star anywhere in the column makes the evidence sure. For an
    estimate below the statistics the evidence is open.
    """
    due = []
    for cell in cells:
        kinds = as_kinds(cell.estimate, rule)
        span = t_span(cell.estimate.b, kinds.get("se"), kinds.get("t"))
        due.append(span is not None and span[0] > cell.shared.due and not cell.estimate.is_below)
    every = Counter(c.estimate.term for c, is_due in zip(cells, due, strict=True) if is_due)
    marked = Counter(c.estimate.term for c, is_due in zip(cells, due, strict=True) if is_due and c.marks)
    terms = {term: _Due(count, marked[term]) for term, count in every.items()}
    starred = {term for term, of in terms.items() if of.starred > of.every / 2}
    return [_missing(c, terms, starred, is_due=d) for c, d in zip(cells, due, strict=True)]


def _missing(cell: Cell, terms: Mapping[str, _Due], starred: AbstractSet[str], *, is_due: bool) -> Missing:
    """Classify a missing star.

    ``terms`` has the counts of every term; ``starred`` holds the terms whose estimates mostly have stars.
    """
    estimate = cell.estimate
    if estimate.is_below:
        return "open"
    same = terms.get(estimate.term, _Due(0, 0))
    marked, count = same.starred - (is_due and bool(cell.marks)), same.every - is_due
    if count:
        return "sure" if marked > count / 2 else "open"
    others, with_star = len(terms) - (estimate.term in terms), len(starred) - (estimate.term in starred)
    if others:
        majority = with_star > others - with_star
        return "open" if not majority else "sure" if with_star > 1 and estimate.term != "constant" else "likely"
    return "sure" if cell.shared.starred else "open"


_DERIVED = re.compile(
    r"share|proportion|percent|ratio|indirect|mediat|turning|peak|threshold|占比|比例|份额|中介|间接|拐点|门槛",
    re.IGNORECASE,
)
"""Labels of quantities that are computed from several coefficients.

The intervals of these quantities may be resampled or Fieller's, even if the other intervals are not.
"""


def _has_wald_intervals(cell: Cell) -> bool:
    """Return whether the column's other intervals are b -+ q se.

    Two or more, and two thirds, of them have their estimate in the middle; or one is there more exactly than by chance.
    """
    has_interval = cell.estimate.b is not None and cell.estimate.interval is not None
    others, middles = (
        cell.shared.intervals - has_interval,
        cell.shared.middles - (has_interval and _in_the_middle(cell.estimate)),
    )
    exact = any(e is not cell.estimate and _is_exactly_in_the_middle(e) for e in cell.column.estimates.values())
    return (middles >= 2 or exact) and middles >= 2 / 3 * others


def _seem_ratios(column: Column) -> bool:
    """Return whether coefficients may be ratios although the table does not say so.

    All coefficients with intervals, and the intervals, must be above zero. The coefficients must be in the middle of
    their intervals in logarithms at least as often as in the original numbers.
    """
    pairs = [(e.b, e.interval) for e in column.estimates.values() if e.b is not None and e.interval is not None]
    if not pairs or any(n.low <= 0 for b, ends in pairs for n in (b, *ends)):
        return False
    return sum(_in_the_logs(b, ends) for b, ends in pairs) >= sum(_in_numbers(b, ends) for b, ends in pairs)


def _in_numbers(b: Printed, ends: tuple[Printed, Printed]) -> bool:
    """Return whether an estimate may be in the middle of its interval."""
    lower, upper = ends
    return (lower.low + upper.low) / 2 <= b.high and b.low <= (lower.high + upper.high) / 2


def _in_the_logs(b: Printed, ends: tuple[Printed, Printed]) -> bool:
    """Return whether the logarithm of an estimate may be in the middle of the logarithms of its interval."""
    lower, upper = ends
    return lower.low > 0 and b.low > 0 and lower.low * upper.low <= b.high**2 and b.low**2 <= lower.high * upper.high


def _is_exactly_in_the_middle(estimate: Estimate) -> bool:
    """Return whether an estimate is in the middle of its interval, with little rounding (`FINE`)."""
    if estimate.b is None or estimate.interval is None or not _in_numbers(estimate.b, estimate.interval):
        return False
    lower, upper = estimate.interval
    return estimate.b.half + (lower.half + upper.half) / 2 < FINE * (upper.value - lower.value) / 2


def _in_the_middle(estimate: Estimate) -> bool:
    """Return whether (low + high) / 2 may be the estimate, either for the numbers or for their logarithms."""
    if estimate.b is None or estimate.interval is None:
        return False
    return _in_numbers(estimate.b, estimate.interval) or _in_the_logs(estimate.b, estimate.interval)


def _is_finely_in_the_middle(estimate: Estimate) -> bool:
    """Return whether a ratio is in the middle of its interval in logarithms, too exactly to be due to rounding."""
    assert estimate.b is not None
    assert estimate.interval is not None
    b, (lower, upper) = estimate.b, estimate.interval
    if min(b.low, lower.low, upper.low) <= 0 or not _in_the_logs(b, estimate.interval):
        return False
    blurred = sum(math.log(n.high / n.low) / 2 for n in (b, lower, upper))
    return blurred < FINE * math.log(upper.value / lower.value) / 2


_LAST = ("stars", "interval", "p", "t2", "t", "se")
"""Facts in the order in which they are dropped from a conflict, as long as the other facts still conflict.

A conflict between the numbers next to the estimate is thus reported without the stars.
"""


def conflict(case: Case) -> tuple[str, ...]:
    """Return the smallest set of facts of an estimate that no true values reconcile; empty if all facts agree.

    If p need not follow from the standard error or t of its estimate, stars may follow from either p or t.
    """
    if case.free_p and "p" in case.kinds and {"se", "t", "t2"} & set(case.kinds):
        others = {k: v for k, v in case.kinds.items() if k != "p"}
        apart = conflict(replace(case, kinds=others, free_p=False))
        return () if "stars" in apart and _p_and_stars(case) else apart
    facts = [kind for kind in ("se", "t", "t2") if kind in case.kinds]
    has_p, has_stars = "p" in case.kinds, case.stars is not None
    # If p need not follow from t, stars are compared only with p.
    if has_p and (has_stars or not case.free_p):
        facts.append("p")
    if has_stars and (has_p or not case.free_p):
        facts.append("stars")
    if case.estimate.interval is not None:
        facts.append("interval")
    if _holds(case, facts) or (case.ratio and _holds(replace(case, ratio=False), facts)):
        return ()
    left = smallest_conflict(sorted(facts, key=_LAST.index), lambda names: _holds(case, names))
    return tuple(name for name in facts if name in left)


PIECES = 8
"""Number of parts into which the range of degrees of freedom is divided; each part is tried separately."""


def _holds(case: Case, names: Sequence[str]) -> bool:
    """Return whether some coefficient, standard error and distribution would be printed as all the named facts.

    All facts are tested with the same degrees of freedom. The range of degrees of freedom is divided, and in each part
    every fact is tested with its most lenient limit. The parts are equal in 1 / df, because critical values are nearly
    straight lines in 1 / df.
    """
    if not _holds_within(case, names):
        return False
    if len(names) < 2 or case.few == case.many:
        return True
    ends = [1 / case.few + (1 / case.many - 1 / case.few) * n / PIECES for n in range(PIECES + 1)]
    parts = [(1 / a, 1 / b if b > 0 else math.inf) for a, b in pairwise(ends)]
    return any(_holds_within(replace(case, few=a, many=b), names) for a, b in parts)


def _holds_within(case: Case, names: Sequence[str]) -> bool:
    """Return whether the named facts agree if each is tested with its most lenient degrees of freedom."""
    if "p" in names and "stars" in names and not _p_and_stars(case):
        return False
    return any(_with_sign(case, names, sign) for sign in (1.0, -1.0))


def _p_and_stars(case: Case) -> bool:
    """Return whether the printed p is in the range that the stars allow."""
    p = case.kinds["p"]
    assert case.stars is not None
    # A p printed as a bound (``<0.001``) is below it; a p printed as a number (0.001) may equal it.
    is_bound = not math.isfinite(p.low)
    # The factor 1e-9 absorbs floating-point error where p equals a threshold exactly; its size is a convention.
    below = p.high < case.stars[0] * (1 + 1e-9) if is_bound else p.high * (1 + 1e-9) < case.stars[0]
    return max(p.low, 0.0) <= case.stars[1] * (1 + 1e-9) and not below


def _with_sign(case: Case, names: Sequence[str], sign: float) -> bool:
    """Return whether a coefficient of this sign and a standard error would be printed as all the named facts.

    Each fact restricts (|b|, se) to a half plane or a box; together they must leave a point.
    """
    b, top = case.estimate.b, _largest(case)
    ends = (b.low, b.high) if b is not None else (-top, top)
    if case.ratio and b is not None:
        ends = tuple(math.log(v) if v > 0 else -math.inf for v in ends)  # type: ignore[assignment]
    low, high = sorted(sign * v for v in ends)
    box = [max(low, 0.0), high, 0.0, top]
    planes: list[HalfPlane] = []
    least, most = 0.0, math.inf
    for name in names:
        if name == "se" and not case.ratio:
            se = case.kinds["se"]
            box[2], box[3] = max(box[2], se.low), min(box[3], se.high)
        elif name == "interval":
            planes += _interval(case, sign)
        elif name != "se":
            span = _t_span(case, name, sign)
            if span is None:
                return False
            least, most = max(least, span[0]), min(most, span[1])
    # Floating-point slack for spans that touch; a convention.
    if least > most * (1 + 1e-9):
        return False
    if ("se" not in names or case.ratio) and "interval" not in names:  # any standard error
        return high > 0 or (high >= 0 and least == 0)
    planes += between(least, most)
    if not math.isfinite(box[0]) or not math.isfinite(box[1]):
        box[0], box[1] = max(box[0], -top), min(box[1], top)
    return have_a_point(planes, (box[0], box[1], box[2], box[3]))


def _largest(case: Case) -> float:
    """Return 10,000 times the largest printed number: a bound for numbers that the table leaves open."""
    b, se = case.estimate.b, case.kinds.get("se")
    sizes = [abs(b.low), abs(b.high)] if b is not None else []
    sizes += [se.high] if se is not None else []
    sizes += [abs(n.value) for n in case.estimate.interval or ()]
    return 1e4 * max([v for v in sizes if math.isfinite(v)] or [1.0])


def _t_span(case: Case, name: str, sign: float) -> tuple[float, float] | None:
    """Return the span of |t| that a fact allows for a sign of the coefficient; None if the fact allows no |t|."""
    if name == "t":
        t = case.kinds["t"]
        ends = sorted((abs(t.low), abs(t.high))) if case.absolute else sorted((sign * t.low, sign * t.high))
        if case.absolute and t.low <= 0 <= t.high:
            ends = [0.0, max(ends)]
        return (max(ends[0], 0.0), ends[1]) if ends[1] >= 0 else None
    if name == "t2":
        square = case.kinds["t2"]
        return (math.sqrt(max(square.low, 0.0)), math.sqrt(square.high)) if square.high >= 0 else None
    span = p_span(case.kinds["p"]) if name == "p" else case.stars
    assert span is not None
    low, high = span
    if case.one_sided:
        high = min(2 * high, 1.0)
    least, most = critical(high, case.many), critical(low, case.few)
    if name == "stars" and case.only_upper:
        most = math.inf
    return least, most


MACHINE = 2 * sys.float_info.epsilon
"""Programs compute p as one minus a probability: p is only as exact as a number near one is stored."""


def p_span(p: Printed) -> tuple[float, float]:
    """Return the range of p that may be printed as this number, including by programs that round p up."""
    low = p.value - 2 * p.half if math.isfinite(p.half) else p.low
    return max(low - MACHINE, 0.0), min(p.high + MACHINE, 1.0)


def _interval(case: Case, sign: float) -> list[HalfPlane]:
    """Return the half-planes of b - q se and b + q se, from the rounding of both ends (or logarithms, for ratios)."""
    assert case.estimate.interval is not None
    lower, upper = case.estimate.interval
    ends = [(lower.low, lower.high), (upper.low, upper.high)]
    if case.ratio:
        ends = [tuple(math.log(v) if v > 0 else -math.inf for v in e) for e in ends]  # type: ignore[misc]
    if sign < 0:
        ends = [(-e[1], -e[0]) for e in reversed(ends)]
    (a, b), (c, d) = ends
    blur = case.skewed * (c + d - a - b) / 4
    a, b, c, d = a - blur, b + blur, c - blur, d + blur
    if case.free_interval:
        return [(1.0, 0.0, d), (-1.0, 0.0, -a)]
    near, far = case.cover
    planes = [(-1.0, near, -a), (1.0, -far, b), (-1.0, -far, -c), (1.0, near, d)]
    planes += [(1.0, 0.0, (b + d) / 2), (-1.0, 0.0, -(a + c) / 2)]
    return [p for p in planes if all(map(math.isfinite, p))]
