"""The linear sets of NIST's Statistical Reference Datasets, solved in exact rationals, beside what the product finds.

Run: python benchmarks/nist.py
"""

from __future__ import annotations

import csv
import importlib.util
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from integrade.estimate.fit import fit
from integrade.regress import refine
from integrade.regress.ols import least_squares

FILIP = Path(__file__).parents[1].parent / "shared" / "data" / "nist" / "filip.txt"
REQUIRED = {"Filip": 7.0}  # all others 9; x^10 rounded to double leaves no more in Filip
_SHOCK = (759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048)  # symmetric, 21 in all


@dataclass(frozen=True)
class Problem:
    """``columns`` of x by term and y, as exact rationals; ``formula`` for `integrade.fit`."""

    name: str
    formula: str
    columns: dict[str, list[Fraction]]
    y: list[Fraction]

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        x = np.column_stack([[float(v) for v in column] for column in self.columns.values()])
        return x, np.array([float(v) for v in self.y])

    def table(self) -> pl.DataFrame:
        names = [n for n in self.columns if n.isidentifier() and n != "constant"]
        return pl.DataFrame({n: [float(v) for v in self.columns[n]] for n in names} | {"y": [float(v) for v in self.y]})


@dataclass(frozen=True)
class Certified:
    """Coefficients, their standard errors and the residual standard deviation, rounded once from exact values."""

    estimate: list[float]
    std_error: list[float]
    residual_sd: float


@dataclass(frozen=True)
class Digits:
    """Correct digits (15 at most), of the worst term; infinite where NIST's value is zero and does not count.

    ``attainable`` is the exact solution for the data as doubles hold them, ``plain`` QR on unit columns without
    refinement, ``refined`` the product's least squares, ``formula`` and ``std_error`` the product's fit.
    """

    name: str
    condition: float
    scaled_condition: float
    attainable: float
    plain: float
    refined: float
    formula: float
    std_error: float

    @property
    def required(self) -> float:
        return REQUIRED.get(self.name, 9.0)


def problems() -> list[Problem]:
    """All nine sets; Filip and Longley only where their data are at hand."""
    found = [filip()] if FILIP.exists() else []
    spec = importlib.util.find_spec("statsmodels")
    if spec is not None and spec.origin is not None:
        found.append(longley(Path(spec.origin).parent / "datasets" / "longley" / "longley.csv"))
    return [*found, *wampler(), *through_origin()]


def filip() -> Problem:
    words = [Fraction(w) for w in FILIP.read_text().split()]
    return Problem("Filip", _polynomial(9) + " + x^9:x", _powers(words[1::2], 10), words[::2])


def longley(path: Path) -> Problem:
    with path.open() as file:
        rows = [{name: Fraction(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
    names = ["GNPDEFL", "GNP", "UNEMP", "ARMED", "POP", "YEAR"]
    columns = {"constant": [Fraction(1)] * len(rows)} | {n: [r[n] for r in rows] for n in names}
    return Problem("Longley", "y ~ " + " + ".join(names), columns, [r["TOTEMP"] for r in rows])


def wampler() -> list[Problem]:
    x = [Fraction(i) for i in range(21)]
    shock = [*_SHOCK, *_SHOCK[-2::-1]]
    one = [sum((v**p for p in range(6)), Fraction()) for v in x]
    tenth = [sum(((v / 10) ** p for p in range(6)), Fraction()) for v in x]
    outcomes = [one, tenth, *([a + size * d for a, d in zip(one, shock, strict=True)] for size in (1, 100, 10_000))]
    return [Problem(f"Wampler{i}", _polynomial(5), _powers(x, 5), y) for i, y in enumerate(outcomes, 1)]


def through_origin() -> list[Problem]:
    sets = {"NoInt1": (range(60, 71), range(130, 141)), "NoInt2": ((4, 5, 6), (3, 4, 4))}
    return [
        Problem(name, "y ~ x - 1", {"x": [Fraction(v) for v in x]}, [Fraction(v) for v in y])
        for name, (x, y) in sets.items()
    ]


def _polynomial(degree: int) -> str:
    return "y ~ x" + "".join(f" + x^{p}" for p in range(2, degree + 1))


def _powers(x: Sequence[Fraction], degree: int) -> dict[str, list[Fraction]]:
    names = ["constant", "x", *(f"x^{p}" for p in range(2, degree + 1))]
    return {name: [v**p for v in x] for p, name in enumerate(names)}


def certify(problem: Problem) -> Certified:
    """Solve the normal equations in rationals."""
    columns, y = list(problem.columns.values()), problem.y
    n, k = len(y), len(columns)
    gram = [[_dot(a, b) for b in columns] for a in columns]
    inverse = _inverse(gram)
    right = [_dot(a, y) for a in columns]
    b = [_dot(row, right) for row in inverse]
    left = [v - sum((c[i] * s for c, s in zip(columns, b, strict=True)), Fraction()) for i, v in enumerate(y)]
    variance = _dot(left, left) / (n - k)
    errors = [_root(variance * inverse[i][i]) for i in range(k)]
    return Certified([float(v) for v in b], errors, _root(variance))


def as_held(problem: Problem) -> Problem:
    """The set after every number, powers too, has been rounded to double."""
    columns = {name: [Fraction(float(v)) for v in column] for name, column in problem.columns.items()}
    return replace(problem, columns=columns, y=[Fraction(float(v)) for v in problem.y])


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction())


def _inverse(matrix: list[list[Fraction]]) -> list[list[Fraction]]:
    """Gauss and Jordan; a positive definite matrix needs no pivoting."""
    k = len(matrix)
    rows = [[*row, *(Fraction(int(i == j)) for j in range(k))] for i, row in enumerate(matrix)]
    for c in range(k):
        rows[c] = [v / rows[c][c] for v in rows[c]]
        for r in range(k):
            if r != c:
                rows[r] = [a - rows[r][c] * b for a, b in zip(rows[r], rows[c], strict=True)]
    return [row[k:] for row in rows]


def _root(value: Fraction) -> float:
    with localcontext() as context:
        context.prec = 40
        return float((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())


def correct_digits(found: Sequence[float], exact: Sequence[float]) -> float:
    """``-log10`` of the largest relative error over the terms that are not exactly zero."""
    errors = [abs(f / e - 1) for f, e in zip(found, exact, strict=True) if e]
    return min(15.0, -math.log10(max(*errors, 1e-16))) if errors else math.inf


def measure(problem: Problem) -> Digits:
    """Solve one set every way and count digits."""
    truth = certify(problem)
    x, y = problem.arrays()
    result = fit(problem.table(), problem.formula)
    if result.dropped:
        raise AssertionError(f"{problem.name}: dropped {result.dropped}")
    return Digits(
        problem.name,
        float(np.linalg.cond(x)),
        float(np.linalg.cond(x / np.linalg.norm(x, axis=0))),
        correct_digits(certify(as_held(problem)).estimate, truth.estimate),
        correct_digits([float(v) for v in refine.orthogonal(x, y, steps=0)[0]], truth.estimate),
        correct_digits(list(least_squares(x, y).coefficients), truth.estimate),
        correct_digits([c.estimate for c in result.coefficients], truth.estimate),
        correct_digits([c.std_error for c in result.coefficients], truth.std_error),
    )


def main() -> None:
    for problem in problems():
        d = measure(problem)
        print(
            f"{d.name:<9} condition {d.condition:.1e}, unit columns {d.scaled_condition:.1e}; digits: attainable "
            f"{d.attainable:.1f}, plain QR "
            f"{d.plain:.1f}, least_squares {d.refined:.1f}, fit {d.formula:.1f}, errors {d.std_error:.1f}"
        )


if __name__ == "__main__":
    main()
