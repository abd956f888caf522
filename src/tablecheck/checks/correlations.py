"""Check a correlation matrix: range, symmetry, definiteness and stars, and agreement with regressions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

from tablecheck.checks.definite import is_definite, largest_eigenvalue, smallest_eigenvalue
from tablecheck.checks.rules import STARS
from tablecheck.checks.terms import places
from tablecheck.digits import Printed
from tablecheck.findings import Finding, Grade
from tablecheck.notes import Notes
from tablecheck.printed import Column, Correlated
from tablecheck.students import t_two_sided

MOST_TRIPLED = 80
"""In a matrix of more variables, triples are not checked (a convention that limits the time)."""

MOST_TOGETHER = 200
"""A matrix of more variables is not checked as a whole (a convention that limits the time)."""


def check_correlations(table: str, matrix: Correlated, nobs: float | None, notes: Notes) -> Iterator[Finding]:
    """Run all checks of a matrix; ``nobs`` is the number of rows, if the table or text prints it."""
    yield from _within(table, matrix)
    yield from _symmetric(table, matrix)
    grade: Grade = "doubt" if matrix.pairwise else "contradiction"
    yield from _triples(table, matrix, grade)
    yield from _whole(table, matrix, grade)
    yield from _stars(table, matrix, nobs, notes)


def _name(matrix: Correlated, i: int, j: int) -> str:
    return f"{matrix.names[i]} and {matrix.names[j]}"


def _within(table: str, matrix: Correlated) -> Iterator[Finding]:
    """Check that numbers are between -1 and 1, and that the diagonal holds ones.

    The diagonal is not checked if most of it holds something else, for example reliabilities.
    """
    diagonal = [r.low <= 1 <= r.high for (i, j), r in matrix.cells.items() if i == j]
    ones = sum(diagonal) > len(diagonal) / 2
    for (i, j), r in matrix.cells.items():
        if min(abs(r.low), abs(r.high)) > 1 and r.low * r.high > 0:
            yield _wrong(table, _name(matrix, i, j), f"{r.text} is beyond one", r)
        elif i == j and ones and not r.low <= 1 <= r.high:
            yield _wrong(table, matrix.names[i], f"the correlation of {matrix.names[i]} with itself is {r.text}", r)


def _symmetric(table: str, matrix: Correlated) -> Iterator[Finding]:
    """Check that both sides of the diagonal print the same number for a pair of variables."""
    if matrix.kind == "both":
        return
    pairs = [
        (matrix.cells[i, j], matrix.cells[j, i], i, j) for i, j in matrix.cells if i > j and (j, i) in matrix.cells
    ]
    apart = [(a, b, i, j) for a, b, i, j in pairs if a.low > b.high or b.low > a.high]
    if len(apart) > len(pairs) / 2:
        return  # probably another measure above the diagonal
    for a, b, i, j in apart:
        yield _wrong(
            table, _name(matrix, i, j), f"{a.text} on one side of the diagonal and {b.text} on the other", a, b
        )


def _bounds(matrix: Correlated, i: int, j: int) -> tuple[float, float] | None:
    """Return the range that rounding allows a correlation to have, within -1 and 1; None if it is not printed."""
    r = matrix.cells.get((i, j)) or matrix.cells.get((j, i))
    return None if r is None else (max(r.low, -1.0), min(r.high, 1.0))


def _triples(table: str, matrix: Correlated, grade: Grade) -> Iterator[Finding]:
    """Check that r_ab lies within r_ac r_bc -+ sqrt((1 - r_ac^2)(1 - r_bc^2)).

    These limits hold because correlations are cosines of the angles between three vectors. With more than
    `MOST_TRIPLED` variables, only the whole matrix is checked.
    """
    if len(matrix.names) > MOST_TRIPLED:
        return
    for i, j, k in itertools.combinations(range(len(matrix.names)), 3):
        spans = [_bounds(matrix, *pair) for pair in ((i, j), (i, k), (j, k))]
        if any(s is None or s[0] > s[1] for s in spans):
            continue
        if not _can_be_angles([s for s in spans if s is not None]):
            names = ", ".join(matrix.names[n] for n in (i, j, k))
            numbers = [matrix.cells.get(p) or matrix.cells.get(p[::-1]) for p in ((i, j), (i, k), (j, k))]
            message = f"no three variables have these correlations: {', '.join(n.text for n in numbers if n)}"
            yield Finding(
                "correlations",
                grade,
                table,
                names,
                message,
                {},
                "1 + 2 r12 r13 r23 - r12^2 - r13^2 - r23^2 is below zero for all true values",
                places(*numbers),
                "correlations of pairs with different rows (pairwise deletion)",
                "whether all correlations use the same rows",
            )


def _can_be_angles(spans: Sequence[tuple[float, float]]) -> bool:
    """Return whether some angles within the three ranges satisfy the triangle inequalities on the sphere."""
    angles = [(math.acos(high), math.acos(low)) for low, high in spans]
    for n in range(3):
        (low, _), (_, a), (_, b) = angles[n], angles[(n + 1) % 3], angles[(n + 2) % 3]
        # 1e-9 absorbs floating-point error at equality; a convention.
        if low > a + b + 1e-9:
            return False
    # 1e-9 absorbs floating-point error at equality; a convention.
    return sum(a[0] for a in angles) <= 2 * math.pi + 1e-9


def _whole(table: str, matrix: Correlated, grade: Grade) -> Iterator[Finding]:
    """Check that the smallest eigenvalue is not further below zero than rounding allows.

    By Weyl's inequality, rounding changes it by at most the norm of the matrix of rounding errors.
    """
    n = len(matrix.names)
    if not 4 <= n <= MOST_TOGETHER:
        return
    values, halves = [[float(i == j) for j in range(n)] for i in range(n)], [[0.0] * n for _ in range(n)]
    for i, j in itertools.combinations(range(n), 2):
        r = matrix.cells.get((i, j)) or matrix.cells.get((j, i))
        # 1e-9 absorbs floating-point error at equality; a convention.
        if r is None or not math.isfinite(r.half) or abs(r.value) > 1 + 1e-9:
            return
        values[i][j] = values[j][i] = r.value
        halves[i][j] = halves[j][i] = r.half
    # 1e-9 absorbs floating-point error of the eigenvalue; a convention.
    if not is_definite(values, largest_eigenvalue(halves) + 1e-9):
        least, v = smallest_eigenvalue(values)
        message = f"no variables have these correlations together: the smallest eigenvalue is {least:.3f}"
        # The three cells that contribute most to v'Rv < 0; v is the vector of the smallest eigenvalue of R.
        terms = sorted((v[i] * v[j] * values[i][j], i, j) for i, j in itertools.combinations(range(n), 2))
        responsible = places(*(matrix.cells.get((j, i)) or matrix.cells.get((i, j)) for _, i, j in terms[:3]))
        yield Finding(
            "correlations",
            grade,
            table,
            "",
            message,
            {"eigenvalue": least},
            "a correlation matrix has no negative eigenvalue",
            responsible,
            "correlations of pairs with different rows (pairwise deletion)",
            "whether all correlations use the same rows",
        )


def _stars(table: str, matrix: Correlated, nobs: float | None, notes: Notes) -> Iterator[Finding]:
    """Check stars against t = r sqrt((n - 2) / (1 - r^2)), at the levels of the note, or else at all common levels.

    Nothing is checked for correlations that are not Pearson's, and for p that are adjusted, resampled or one-sided.
    """
    is_excluded = matrix.kind not in ("", "pearson") or notes.adjusted or notes.resampled or notes.one_sided
    # With fewer than four rows t has less than two degrees of freedom.
    if nobs is None or nobs < 4 or is_excluded:
        return
    off = {k: r for k, r in matrix.cells.items() if k[0] != k[1] and abs(r.value) < 1}
    marks = {r.marks for r in off.values() if r.marks}
    if not marks:
        return
    ways: list[Mapping[str, float]] = (
        [notes.levels] if notes.levels else [lv for lv in STARS.values() if marks <= set(lv)]
    )
    if not ways or any(m not in lv for lv in ways for m in marks):
        return
    wrong = [{k for k, r in off.items() if not _due(r, nobs, levels)} for levels in ways]
    for i, j in set.intersection(*wrong):
        r = off[i, j]
        p = _p(abs(r.value), nobs)
        message = f"{r.text} over {nobs:,.0f} rows has p {'< 0.001' if p < 0.0005 else f'= {p:.3f}'}"
        shown = "no star is printed" if not r.marks else f"{r.marks} does not match this p"
        yield _wrong(table, _name(matrix, i, j), f"{message}: {shown}", r)


def _due(r: Printed, nobs: float, levels: Mapping[str, float]) -> bool:
    """Return whether rounding allows a correlation to have the p that its stars mean."""
    ends = sorted((abs(r.low), abs(r.high)))
    low = 0.0 if r.low <= 0 <= r.high else ends[0]
    ordered = sorted(levels.items(), key=lambda x: x[1])
    names = [m for m, _ in ordered]
    if r.marks:
        n = names.index(r.marks)
        span = (ordered[n - 1][1] if n else 0.0, ordered[n][1])
    else:
        span = (ordered[-1][1], 1.0)
    # 1 - 1e-12 keeps t finite at a correlation of one.
    return _p(min(ends[1], 1 - 1e-12), nobs) <= span[1] and _p(min(low, 1 - 1e-12), nobs) >= span[0]


def _p(r: float, nobs: float) -> float:
    """Compute the two-sided p of a correlation over n rows, from t = r sqrt((n - 2) / (1 - r^2))."""
    return t_two_sided(r * math.sqrt((nobs - 2) / (1 - r * r)), nobs - 2)


def check_against_regressions(table: str, matrix: Correlated, columns: Sequence[Column]) -> Iterator[Finding]:
    """Check that the slope of a regression on one variable has the sign of its correlation with the outcome."""
    at = {name: n for n, name in enumerate(matrix.names)}
    for column in columns:
        terms = [t for t in column.estimates if t != "constant"]
        if len(terms) != 1 or column.outcome not in at or terms[0] not in at or any(column.effects.values()):
            continue
        span, b = _bounds(matrix, at[column.outcome], at[terms[0]]), column.estimates[terms[0]].b
        if span is None or b is None or column.outcome == terms[0]:
            continue
        if b.low * b.high > 0 and span[0] * span[1] > 0 and b.value * span[0] < 0:
            message = (
                f"{terms[0]} has the coefficient {b.value:g} alone, and a correlation of the other sign in {table}"
            )
            yield Finding(
                "correlations",
                "doubt",
                column.table,
                column.label,
                message,
                {"b": b.value, "r": sum(span) / 2},
                cells=places(b),
                innocent="controls or effects that the table does not show, or other rows",
                ask="whether the column has further regressors",
            )


def _wrong(table: str, where: str, message: str, *numbers: Printed) -> Finding:
    return Finding(
        "correlations", "contradiction", table, where, message, {"r": numbers[0].value}, cells=places(*numbers)
    )
