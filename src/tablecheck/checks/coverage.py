"""Compare what tables print with what they leave out.

The findings are notes and doubts for a reader, not contradictions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tablecheck.checks.terms import Statistics, is_difference, lag_of, places
from tablecheck.findings import Finding
from tablecheck.printed import Column, Correlated, PublishedTable


def check_described(tables: Sequence[PublishedTable], statistics: Statistics) -> Iterator[Finding]:
    """Note variables that are described but are in no regression, and descriptive statistics without any mean."""
    columns = [c for t in tables for c in t.columns]
    where = next((t.name for t in tables if t.described), "")
    if columns and statistics:
        used = _used(columns)
        idle = [name for name in statistics if name not in used]
        if idle and len(idle) <= len(statistics) / 2:
            message = f"described, and in no regression of these tables: {', '.join(idle)}"
            yield Finding(
                "coverage", "note", where, "", message, {}, ask="the regressions with these variables, or why not"
            )
    if statistics and not any("mean" in row for row in statistics.values()):
        message = (
            "no mean is printed: the size of effects against the mean, and what the spread may be, cannot be checked"
        )
        yield Finding("coverage", "note", where, "", message, {})


def _used(columns: Sequence[Column]) -> set[str]:
    """Return the variables of regressions without their lags and squares; an interaction counts as its parts."""
    terms: set[str] = set()
    for column in columns:
        terms.add(lag_of(column.outcome)[1])
        for term in column.estimates:
            terms |= {lag_of(part)[1].removesuffix("^2") for part in term.split("#")}
    return terms


def check_correlated(
    table: str, matrix: Correlated, statistics: Statistics, columns: Sequence[Column]
) -> Iterator[Finding]:
    """Note variables and squares that the matrix omits, and coefficients with another sign than their correlation."""
    used = _used(columns) | set(statistics)
    missing = [name for name in statistics if name in used and name not in matrix.names]
    if missing and len(set(matrix.names) & set(statistics)) >= 3:
        message = f"the matrix leaves out {', '.join(missing)}, which are described"
        yield Finding("coverage", "note", table, "", message, {}, ask="their correlations")
    if any(f"{n}^2" in c.estimates for c in columns for n in matrix.names) and not any("^2" in n for n in matrix.names):
        message = "squares that stand in the regressions are not in the matrix: it cannot show how collinear they are"
        yield Finding("coverage", "note", table, "", message, {}, ask="the variance inflation factors")
    at = {name: n for n, name in enumerate(matrix.names)}
    for name in matrix.names[1:]:
        starred = [
            (c, b)
            for c in columns
            if name in c.estimates
            and c.outcome in at
            and c.outcome != name
            and (b := c.estimates[name].b) is not None
            and b.marks
        ]
        if not starred:
            continue
        column, b = starred[0]
        r = matrix.cells.get((at[name], at[column.outcome])) or matrix.cells.get((at[column.outcome], at[name]))
        if r is not None and r.low * r.high > 0 and r.value * b.value < 0 and r.marks:
            message = (
                f"{name} has the coefficient {b.text} and a correlation of {r.text} with {column.outcome}: the sign "
                "comes from the controls and effects"
            )
            yield Finding(
                "coverage",
                "note",
                column.table,
                f"{column.label}, {name}",
                message,
                {"b": b.value, "r": r.value},
                cells=places(b, r),
                ask="which control or effect turns the sign",
            )


def check_bare_tests(table: PublishedTable) -> Iterator[Finding]:
    """Note tests for which only a p-value is printed: ``Hausman 0.0000``."""
    for i, row in enumerate(table.grid.rows):
        label = row[0].text if row else ""
        if not re.match(r"hausman|f[ -]?test|sargan|hansen|wald|lm test|豪斯曼", label, re.IGNORECASE):
            continue
        texts = [c.text for c in row[1:] if c.text]
        if texts and all(re.fullmatch(r"0?\.0{3,}", t) for t in texts):
            place = row[0].place or f"row {i + 1}, column 1"
            message = f"{label} prints {texts[0]} without the statistic and the degrees of freedom"
            yield Finding(
                "coverage",
                "note",
                table.name,
                label,
                message,
                {},
                cells=(place,),
                ask="the statistic and what it compares",
            )


def check_parts(columns: Sequence[Column]) -> Iterator[Finding]:
    """Note controls whose coefficient is at least 5 times as large in one part of a split sample as in another."""
    if len(columns) != 2 or any(is_difference(c) for c in columns):
        return
    first, second = columns
    for term in first.estimates:
        a, b = first.estimates[term].b, second.estimates[term].b if term in second.estimates else None
        if a is None or b is None or not (a.marks and b.marks) or a.low * a.high <= 0 or b.low * b.high <= 0:
            continue
        ratio = max(abs(a.value / b.value), abs(b.value / a.value))
        if ratio >= 5 and term != "constant" and "^2" not in term and f"{term}^2" not in first.estimates:
            message = f"{term} is {a.text} in one part and {b.text} in the other, {ratio:.0f} times as large"
            yield Finding(
                "parts",
                "note",
                first.table,
                f"{first.label} and {second.label}, {term}",
                message,
                {"ratio": ratio},
                cells=places(a, b),
                ask="what identifies this coefficient besides the effects",
            )
