"""Partial one set of effects out of all columns of a specification curve, once for each sample.

Each specification then uses some of these columns. Each index x enters with its centred square (x - c)^2. Regressions
on x and this square are the same as on x and x^2, but lose fewer digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from integrade.errors import NoConvergence, TooFew, UsageError
from integrade.estimate.design import Design, build
from integrade.estimate.formula import Formula, Part, Term, parse_formula
from integrade.estimate.linear import Fit, effect_sizes
from integrade.regress import ssc
from integrade.regress.cells import gram_by_group
from integrade.regress.effects import Factor, Vector, first_rows
from integrade.regress.jackknife import deleted_moments
from plainwords.texts import say

SQUARE = " centred square"


@dataclass(frozen=True)
class Columns:
    """The roles of the columns: outcomes, indices, controls and clusters.

    ``centres`` holds c for every index. ``spreads`` holds the standard deviations of indices and outcomes over all
    rows.
    """

    outcomes: tuple[str, ...]
    indices: tuple[str, ...]
    controls: tuple[str, ...]
    centres: Mapping[str, float]
    cluster: str
    spreads: Mapping[str, float]

    def scale(self, outcome: str, index: str) -> float:
        """Return the factor that converts a slope to standard deviations of outcome and index."""
        return self.spreads[index] / self.spreads[outcome]

    @property
    def fixed(self) -> tuple[str, ...]:
        """Controls, then outcomes. These are the columns that no permutation of the index changes."""
        return (*self.controls, *self.outcomes)


@dataclass(frozen=True)
class Block:
    """Cross-products of one sample and one set of effects.

    ``at`` maps a column to its position among the m columns. Cross-products are ``gram`` (m, m) over all rows,
    ``within`` (G, m, m) by cluster, and ``without`` (G, m, m) with each cluster deleted. ``absorbed`` is the number of
    parameters of the effects, for iid and for clustered errors. ``ranges`` maps an index to its lowest and highest
    value in the sample.
    """

    design: Design
    at: Mapping[str, int]
    gram: Vector
    within: Vector
    without: Vector
    cluster: Factor
    names: tuple[str, ...]
    absorbed: tuple[int, int]
    ranges: Mapping[str, tuple[float, float]]

    @property
    def nobs(self) -> int:
        """Number of rows of the block."""
        return len(self.design.matrix)


def with_squares(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Add the centred square of every index to the rows."""
    squares = [((pl.col(x) - c) ** 2).alias(x + SQUARE) for x, c in columns.centres.items()]
    return rows.with_columns(squares)


def make_block(rows: pl.DataFrame, effects: str, columns: Columns, how: Fit) -> Block:
    """Partial the effects out of all columns and compute the cross-products.

    Raises `TooFew` with fewer than three clusters, and the errors of a regression on these rows.
    """
    wanted = [*(name for x in columns.indices for name in (x, x + SQUARE)), *columns.controls, *columns.outcomes]
    terms = [Term((Part(name),)) for name in wanted]
    parsed = parse_formula(f"y ~ x | {effects}").effects if effects else ()
    formula = Formula(f"curve on {effects or 'no effects'}", terms[-1], tuple(terms[:-1]), parsed)
    design = build(
        rows,
        formula,
        clusters=(columns.cluster,),
        weights=None,
        keep_singletons=False,
        also=(*columns.indices, columns.cluster),
    )
    cluster = design.cluster(columns.cluster)
    if cluster.levels < 3:
        raise TooFew(say("impossible.few-clusters", n=cluster.levels, column=str(columns.cluster)), where=formula.text)
    within = gram_by_group(design.matrix, None, cluster)
    try:
        without = deleted_moments(design.plan, design.matrix, cluster)
    except (UsageError, NoConvergence):  # CR3 is then NaN; other covariances are not affected
        without = np.full((cluster.levels, len(design.names), len(design.names)), np.nan)
    # for clustered errors, effects nested in the clusters do not count
    _, sizes, _ = effect_sizes(design, (cluster,), how)
    absorbed = (ssc.parameters(how.ssc, 0, sizes, clustered=False), ssc.parameters(how.ssc, 0, sizes, clustered=True))
    ranges: dict[str, tuple[float, float]] = {}
    for x in columns.indices:
        low: Any = design.label(x).min()
        high: Any = design.label(x).max()
        ranges[x] = float(low), float(high)
    at = {name: j for j, name in enumerate(design.names)}
    labels = _levels(design.label(columns.cluster), cluster)
    return Block(design, at, design.gram, within, without, cluster, labels, absorbed, ranges)


def _levels(column: pl.Series, cluster: Factor) -> tuple[str, ...]:
    """Return the names of the clusters, in the order of their codes."""
    return tuple(str(v) for v in column[first_rows(cluster)].to_list())


def complete(rows: pl.DataFrame, columns: Columns, effects: Sequence[str]) -> tuple[pl.DataFrame, int]:
    """Return the rows that have a value in every column of the curve, and the number of rows left out."""
    parts = [c for e in effects if e for part in parse_formula(f"y ~ x | {e}").effects for c in part]
    numbers = [*columns.outcomes, *columns.indices, *columns.controls]
    finite = [pl.col(c).cast(pl.Float64).is_finite().fill_null(value=False) for c in numbers]
    present = [pl.col(c).is_not_null() for c in dict.fromkeys([*parts, columns.cluster])]
    kept = rows.filter(*finite, *present)
    return kept, rows.height - kept.height
