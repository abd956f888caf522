"""Compare printed tables with the outputs from which they were made: which numbers differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tablecheck.digits import Printed
from tablecheck.findings import Finding, Review
from tablecheck.printed import Column, Estimate, PublishedTable

AGREE = 0.6
"""A printed column is that of an output if this share of its coefficients agrees with it; a convention."""
LEAST = 2
"""A column with fewer coefficients that agree is not matched: a single number agrees by chance."""


def with_outputs(review: Review, outputs: Sequence[PublishedTable]) -> Review:
    """Add a finding for each number that differs from the output of its column, and count what was compared.

    A column belongs to the output column with the most equal coefficients (see `AGREE` and `LEAST`). Numbers agree if
    some value is printed as both. Columns without an output are counted, and are no finding.
    """
    columns = [c for t in review.tables for c in t.columns if c.estimates]
    made = [c for t in outputs for c in t.columns if c.estimates]
    differences: list[Finding] = []
    matched = 0
    for column in columns:
        other = _output_of(column, made)
        if other is not None:
            matched += 1
            differences += _differences(column, other)
    checked = {**review.checked, "columns with an output": matched, "columns without an output": len(columns) - matched}
    return replace(review, findings=(*review.findings, *differences), checked=checked)


def _output_of(column: Column, made: Sequence[Column]) -> Column | None:
    """Return the output column with the most coefficients of a column; None if too few agree with any."""
    counts = [_agreeing(column, other) for other in made]
    best = max(counts, default=0)
    if best < LEAST or best < AGREE * len(column.estimates):
        return None
    return made[counts.index(best)]


def _agreeing(column: Column, other: Column) -> int:
    return sum(_agree(one.b, two.b) for one, two in _pairs(column, other) if one.b is not None and two.b is not None)


def _pairs(column: Column, other: Column) -> Iterator[tuple[Estimate, Estimate]]:
    """Yield the estimates of one term in both columns: by name, and the others in their order if as many are left."""
    names = [term for term in column.estimates if term in other.estimates]
    yield from ((column.estimates[term], other.estimates[term]) for term in names)
    left = [e for term, e in column.estimates.items() if term not in names]
    right = [e for term, e in other.estimates.items() if term not in names]
    if len(left) == len(right):
        yield from zip(left, right, strict=True)


def _agree(one: Printed, other: Printed) -> bool:
    """Return whether some value is printed as both numbers."""
    # 1e-9 absorbs floating-point error where a rounding limit is hit exactly; a convention.
    slack = 1e-9 * max(abs(one.value), abs(other.value))
    return one.low <= other.high + slack and other.low <= one.high + slack


def _differences(column: Column, other: Column) -> Iterator[Finding]:
    """Yield a finding for each number and each mark that differs between a column and its output."""
    for one, two in _pairs(column, other):
        for kind, a, b in _numbers(one, two):
            if not _agree(a, b):
                yield _finding(column, other, one.term, kind, a, b)
        if one.b is not None and two.b is not None and two.marks and one.marks != two.marks and _agree(one.b, two.b):
            yield _finding(column, other, one.term, "stars", one.b, two.b)
    for key in ("n", "r2", "r2_within", "r2_adjusted", "clusters"):
        if key in column.sizes and key in other.sizes and not _agree(column.sizes[key], other.sizes[key]):
            yield _finding(column, other, "", key, column.sizes[key], other.sizes[key])


def _numbers(one: Estimate, two: Estimate) -> Iterator[tuple[str, Printed, Printed]]:
    """Yield the numbers of one kind that both estimates have; numbers of unknown kind are compared by their bracket."""
    for name, kind in (("b", "coefficient"), ("se", "standard error"), ("t", "t statistic"), ("p", "p-value")):
        a, b = getattr(one, name), getattr(two, name)
        if a is not None and b is not None:
            yield kind, a, b
    shared: Mapping[str, Printed] = two.loose
    yield from ((f"number in {key}", one.loose[key], shared[key]) for key in one.loose if key in shared)


def _finding(column: Column, other: Column, term: str, kind: str, one: Printed, two: Printed) -> Finding:
    place = f"{column.label}, {term}" if term else column.label
    is_or_are = "are" if kind == "stars" else "is"
    source = f"{other.table} ({other.label})"
    return Finding(
        "against",
        "doubt",
        column.table,
        place,
        f"the {kind} {is_or_are} {one.text} here and {two.text} in {source}",
        {"printed": one.value, "output": two.value},
        cells=(one.place,) if one.place else (),
        innocent="the output belongs to an earlier version of the table",
        ask="which of the two is right",
    )
