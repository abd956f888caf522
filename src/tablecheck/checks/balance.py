"""Check comparisons of groups: means, standard deviations, and the difference, t or p printed with them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tablecheck.checks.terms import critical, is_difference, places
from tablecheck.digits import Printed
from tablecheck.findings import Finding
from tablecheck.layout.parts import Parts, heads_over, parts_of
from tablecheck.printed import Column, Estimate, PublishedTable
from tablecheck.words import kind_of

_DIFFERENCE = re.compile(
    r"(?:mean |raw )?diff(?:erences?|\.)?(?: (?:in|of) means)?(?: \(.*\))?|\(?[tc1-9]\)? ?[-–−] ?\(?[tc1-9]\)?"
    r"|差异|差值|均值差",
    re.IGNORECASE,
)
_SPREAD = re.compile(r"standard deviations?|\bs\.?d\.?s?\b|st(?:d|andard)?\.? ?dev", re.IGNORECASE)
_OTHER = re.compile(
    r"cluster|robust|weight|mann|wilcoxon|whitney|kruskal|rank|median|fisher|exact|permut|randomi[sz]ation inf"
    r"|bootstrap|anova|f-?tests?|chi|paired|matched|adjust|control(?:s|led|ling)\b|regress|聚类|加权|秩|配对",
    re.IGNORECASE,
)
"""Words for a comparison that is not one of two means by their standard deviations."""


def means_of_groups(table: PublishedTable) -> dict[int, Column]:
    """Return the columns that hold means of groups and no regression, by index and without their rows of differences.

    A mean has no star, and at most one other number (or interval) is printed with it. In addition, the title or notes
    must name standard deviations, or the table must have columns of t or p. Otherwise the panel must have a column or
    row of differences, and the columns must have no intervals.
    """
    plain = {n: m for n, c in enumerate(table.columns) if not _compares(c) and (m := _means(c)) is not None}
    if _SPREAD.search(" ".join((table.grid.title, *table.grid.notes))) or not plain:
        return plain
    compared = {c.panel for c in table.columns if _compares(c) or any(map(_is_difference, c.estimates.values()))}
    tested = bool(_tests(parts_of(table.grid)))
    # An interval may be that of a coefficient, or the quartiles of a median.
    bare = {n for n, c in plain.items() if all(e.interval is None for e in c.estimates.values())}
    return {n: c for n, c in plain.items() if tested or (c.panel in compared and n in bare)}


def without_means(table: PublishedTable) -> PublishedTable:
    """Return a table without its `means_of_groups`; its coefficients remain, including differences."""
    means = {n: c.estimates for n, c in means_of_groups(table).items()}
    kept = [
        replace(c, estimates={t: e for t, e in c.estimates.items() if t not in means[n]}) if n in means else c
        for n, c in enumerate(table.columns)
    ]
    return replace(table, columns=tuple(c for c in kept if c.estimates)) if means else table


def _means(column: Column) -> Column | None:
    """Return a column without its rows of differences; None unless all other rows, at least one, are means."""
    means = {t: e for t, e in column.estimates.items() if not _is_difference(e)}
    return replace(column, estimates=means) if means and all(map(_is_mean, means.values())) else None


def _is_difference(estimate: Estimate) -> bool:
    return bool(_DIFFERENCE.fullmatch(estimate.label.strip()))


def _compares(column: Column) -> bool:
    return is_difference(column) is not None or any(map(_DIFFERENCE.fullmatch, column.heads))


def _is_mean(estimate: Estimate) -> bool:
    others = (estimate.se, estimate.t, estimate.p, estimate.interval, *estimate.loose.values())
    return estimate.b_std is None and not estimate.marks and sum(n is not None for n in others) <= 1


def _tests(parts: Parts) -> dict[int, str]:
    """Return the columns whose last heading is t or p, by index; empty if two columns have the same heading."""
    kinds = {j: kind_of((heads_over(parts, j) or ("",))[-1]) for j in parts.data}
    tests = {j: kind for j, kind in kinds.items() if kind in ("t", "p")}
    return tests if len(set(tests.values())) == len(tests) else {}


@dataclass(frozen=True)
class _Group:
    """The mean of a variable in a group, its standard deviation, and the number of rows in the group."""

    mean: Printed
    sd: Printed
    n: float


def check_balance(table: PublishedTable) -> Iterator[Finding]:
    """Check a printed difference of two means, its standard error, t and p against the groups' statistics.

    Means, standard deviations and sizes of the groups allow a range of |t|: with separate variances (Welch, or HC0 to
    HC3 of a regression) and with pooled variances. A printed |t| up to a fifth outside this range is not reported. A
    printed p is tried with all degrees of freedom from the smaller size less one to infinity. Nothing is checked if
    title or notes name clusters, weights, controls, ranks or another test.
    """
    words = " ".join((table.grid.title, *table.grid.notes))
    if _OTHER.search(words) or table.notes.conditional:
        return
    parts = parts_of(table.grid)
    rows = {table.place(i, j): i for i in parts.rows for j in parts.data}
    tests = _tests(parts)
    for where, term, pair, comparison in (*_stacked(table), *_side_by_side(table)):
        printed: dict[str, Printed] = dict(comparison)
        row = rows.get(pair[0].mean.place)
        if row is not None:
            for j, kind in tests.items():
                if parts.numbers[row][j]:
                    printed.setdefault(kind, parts.numbers[row][j][0].values[0])
        yield from _judged(table, f"{where}, {term}", pair, printed)


Compared = tuple[str, str, tuple[_Group, _Group], Mapping[str, Printed]]


def _stacked(table: PublishedTable) -> Iterator[Compared]:
    """Yield comparisons whose means are above (or before) standard deviations in brackets, in columns of two groups."""
    means = means_of_groups(table).values()
    for panel in dict.fromkeys(c.panel for c in means):
        groups = [c for c in means if c.panel == panel]
        sizes = [n for c in groups if (n := size_of_group(c)) is not None]
        if len(groups) != 2 or len(sizes) != 2:
            continue
        gap = next((c for c in table.columns if c.panel == panel and _compares(c)), None)
        for term, estimate in groups[0].estimates.items():
            second = groups[1].estimates.get(term)
            if second is None:
                continue
            pair = [_group(table, e, n) for e, n in zip((estimate, second), sizes, strict=True)]
            if pair[0] is not None and pair[1] is not None:
                difference = gap.estimates.get(term) if gap is not None else None
                numbers: dict[str, Printed] = {}
                if difference is not None:
                    numbers = {k: n for k in ("b", "se", "t", "p") if (n := getattr(difference, k)) is not None}
                yield groups[0].label, term, (pair[0], pair[1]), numbers


def _group(table: PublishedTable, estimate: Estimate, n: float) -> _Group | None:
    """Return a mean with the standard deviation in brackets; None unless title, notes or label name the latter."""
    words = " ".join((table.grid.title, *table.grid.notes, estimate.label))
    spread = next(iter(estimate.loose.values()), None)
    if not _SPREAD.search(words) or estimate.b is None or spread is None or spread.low < 0:
        return None
    return _Group(estimate.b, spread, n)


def size_of_group(column: Column) -> float | None:
    """Return the number of rows of a group, from the foot of its column or from its heading (``Control (n = 118)``)."""
    if column.nobs is not None:
        return column.nobs.value
    matches = (re.search(r"\bn ?= ?(\d[\d,]*)", h, re.IGNORECASE) for h in column.heads)
    return next((float(m[1].replace(",", "")) for m in matches if m), None)


def _side_by_side(table: PublishedTable) -> Iterator[Compared]:
    """Yield comparisons whose means and standard deviations are in separate columns, under headings of two groups."""
    if len(table.described) != 2:
        return
    first_group, second_group = table.described
    for name, row in first_group.rows.items():
        second_row = second_group.rows.get(name, {})
        if {"n", "mean", "sd"} <= set(row) and {"n", "mean", "sd"} <= set(second_row):
            pair = (_Group(x["mean"], x["sd"], x["n"].value) for x in (row, second_row))
            first, second = pair
            yield f"{first_group.panel} and {second_group.panel}", name, (first, second), {}


Span = tuple[float, float]


def _judged(
    table: PublishedTable, where: str, pair: tuple[_Group, _Group], printed_numbers: Mapping[str, Printed]
) -> Iterator[Finding]:
    """Doubt a printed difference, standard error, t or p that two means and their standard deviations do not allow."""
    first, second = pair
    if min(first.n, second.n) < 2 or not all(
        map(math.isfinite, (first.mean.half, second.mean.half, first.sd.half, second.sd.half))
    ):
        return
    gap = (first.mean.low - second.mean.high, first.mean.high - second.mean.low)
    size = _size_of(gap)
    cells = places(first.mean, first.sd, second.mean, second.sd, *printed_numbers.values())
    numbers = {"n1": first.n, "n2": second.n}
    b = printed_numbers.get("b")
    if b is not None and math.isfinite(b.half):
        low, high = _size_of((b.low, b.high))
        # 1e-9 absorbs floating-point error at equality; a convention.
        if low > size[1] * (1 + 1e-9) or size[0] > high * (1 + 1e-9):
            yield Finding(
                "printed differences",
                "doubt",
                table.name,
                where,
                f"the difference {b.text} is not that of {first.mean.text} and {second.mean.text}: an error, or "
                "an adjusted difference",
                numbers,
                f"{first.mean.value:g} - {second.mean.value:g} = {first.mean.value - second.mean.value:.4g}",
                cells,
                "the difference comes from a regression with controls, effects or weights that no note names",
                "how the difference was estimated",
            )
            return
    standard_errors = [_se_separate(first, second), _se_pooled(first, second)]
    spans = [(size[0] / se[1], size[1] / se[0]) for se in standard_errors if se[0] > 0]
    if len(spans) < 2:
        return
    least, most = min(s[0] for s in spans), max(s[1] for s in spans)
    for kind, message, printed in _printed_t(printed_numbers, size, min(first.n, second.n) - 1):
        # A fifth and 0.1 are allowed, because values may be missing in one variable; both are conventions.
        if printed[1] < 0.8 * least - 0.1 or printed[0] > 1.2 * most + 0.1:
            sums = f"sqrt({first.sd.value:g}^2 / {first.n:g} + {second.sd.value:g}^2 / {second.n:g})"
            yield Finding(
                "balance",
                "doubt",
                table.name,
                where,
                f"{message}; means, standard deviations and sizes give |t| from {least:.2f} to {most:.2f}",
                {**numbers, "t_low": least, "t_high": most, "printed": printed_numbers[kind].value},
                f"({first.mean.value:g} - {second.mean.value:g}) / {sums}",
                cells,
                "values missing in this variable, or a test that no note names: with clusters, weights or controls, of "
                "ranks",
                "which test was used, and how many values it had",
            )
            return


def _size_of(span: Span) -> Span:
    """Return the range of the absolute value of a number in a range."""
    low, high = sorted(map(abs, span))
    return (0.0 if span[0] <= 0 <= span[1] else low), high


def _se_separate(one: _Group, two: _Group) -> Span:
    """Return the range of the standard error of a difference with separate variances, over all small-sample rules."""
    low = sum(max(g.sd.low, 0.0) ** 2 * (g.n - 1) / g.n**2 for g in (one, two))
    high = sum(g.sd.high**2 / (g.n - 1) for g in (one, two))
    return math.sqrt(low), math.sqrt(high)


def _se_pooled(one: _Group, two: _Group) -> Span:
    """Return the range of the standard error of a difference with one variance for both groups."""
    freedom, share = one.n + two.n - 2, 1 / one.n + 1 / two.n
    low, high = (
        sum((g.n - 1) * max(v, 0.0) ** 2 for g, v in zip((one, two), ends, strict=True)) / freedom
        for ends in ((one.sd.low, two.sd.low), (one.sd.high, two.sd.high))
    )
    return math.sqrt(low * share), math.sqrt(high * share)


def _printed_t(numbers: Mapping[str, Printed], size: Span, few: float) -> Iterator[tuple[str, str, Span]]:
    """Yield, for each printed standard error, t and p: its kind, its words for a message, and the range of |t|."""
    if "se" in numbers and numbers["se"].low > 0:
        se = numbers["se"]
        yield "se", f"the standard error of the difference, {se.text},", (size[0] / se.high, size[1] / se.low)
    if "t" in numbers:
        t = numbers["t"]
        yield "t", f"t = {t.text}", _size_of((t.low, t.high))
    if "p" in numbers:
        p = numbers["p"]
        low, high = max(p.value - 2 * p.half, 0.0) if math.isfinite(p.half) else 0.0, min(p.high, 1.0)
        yield "p", f"p = {p.text}", (critical(high, math.inf), critical(low, few))
