"""Compute the distribution of the statistics of a specification curve if the index has no effect.

There are two kinds of draws without an effect. Every specification uses the same draws:

- *Permutation*: regions exchange their whole paths of the index. This keeps the serial correlation of the index, and
  the level at which the treatment varies.
- *Wild*: residuals of the regression without the index get random signs by cluster. This is the null-imposed bootstrap
  of Simonsohn, Simmons and Nelson (2020), with few clusters.

Nothing is refitted: see `integrade.regress.cell_forms` and `integrade.regress.wild`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from integrade.estimate.from_products import part_of
from integrade.regress.cell_forms import deleted
from integrade.regress.effects import Codes, Factor, Vector, combine, factorise, first_rows
from integrade.regress.ssc import cluster_factor
from integrade.regress.wild import draw_map, forms, restricted
from integrade.subjects.curve.blocks import Block, Columns
from integrade.subjects.curve.targets import Choice, places, slopes, u_test_p, z_values
from integrade.subjects.inference.path_statistics import grams

Part: TypeAlias = tuple[Vector, Vector, Vector]


@dataclass(frozen=True)
class Null:
    """Statistics under the null for S specifications and B draws.

    ``slope`` (S, B, 2) holds the slopes at p10 and p90, and ``z`` their t statistics as normal quantiles. ``u`` (S, B)
    is the p of the U-test, with a negative sign if the shape is a U. Values are NaN if a coefficient is not identified.
    ``own_z`` and ``own_u`` are the same statistics of the data.
    """

    slope: Vector
    z: Vector
    u: Vector
    own_z: Vector
    own_u: Vector


def _null(parts: Sequence[Part]) -> Null:
    """Stack the parts of all specifications. In each part the data come first, then the draws."""
    slope, z, u = (np.stack([p[k] for p in parts]) for k in range(3))
    return Null(slope[:, 1:], z[:, 1:], u[:, 1:], z[:, 0], u[:, 0])


def _summary(b: Vector, vcov: Vector, distance: Vector, df: float) -> Part:
    """Return slopes (B, 2) at p10 and p90, their z, and the signed p of the U-test (B,)."""
    value, t = slopes(b, vcov, distance)
    return value[:, 1:3], z_values(t[:, 1:3], df), u_test_p(t[:, 0], t[:, 3], df)


def _scaled(part: Part, columns: Columns, choice: Choice) -> Part:
    return part[0] * columns.scale(choice.outcome, choice.treatment), *part[1:]


@dataclass(frozen=True)
class Paths:
    """The path of every index by region and year (R, years), and the permutations of the regions (B, R)."""

    regions: tuple[str, ...]
    years: tuple[int, ...]
    values: Mapping[str, Vector]
    orders: Codes


def permuted(
    block: Block, columns: Columns, paths: Paths, choices: Sequence[Choice], points: Mapping[str, Vector]
) -> Null:
    """Compute the statistics of the choices, all with CR3, under every permutation.

    ``points`` maps an index to the values (low, p10, p90, high) at which slopes are taken.
    """
    cells, place = _cells(block, paths)
    fixed = np.ascontiguousarray(block.design.matrix[:, [block.at[c] for c in columns.fixed]])
    cross_products = deleted(block.design.plan, cells, fixed, block.cluster)
    where = {name: j for j, name in enumerate(columns.fixed)}
    parts: dict[int, Part] = {}
    for index in dict.fromkeys(c.treatment for c in choices):
        observed = paths.values[index][place] - columns.centres[index]
        moved = paths.values[index][paths.orders][:, place[0], place[1]] - columns.centres[index]
        values = np.vstack([observed[None], moved])
        regressors = np.stack([values, values**2], axis=1)
        # cross-products of index, square and fixed columns, over all rows and then without each cluster:
        # shape (1 + G, B, 2 + m, 2 + m)
        stacked = np.stack([grams(form, regressors) for form in (cross_products.total, *cross_products.each)])
        distance = points[index] - columns.centres[index]
        for i, choice in enumerate(choices):
            if choice.treatment == index:
                parts[i] = _statistics(stacked, where, choice, distance)
    return _null([_scaled(parts[i], columns, c) for i, c in enumerate(choices)])


def _cells(block: Block, paths: Paths) -> tuple[Factor, tuple[Codes, Codes]]:
    """Return the region-years of the block, and their positions in the paths."""
    labels = block.design.labels
    cells = combine("region^year", [factorise(c, labels[c]) for c in ("region", "year")])
    rows = labels["region", "year"][first_rows(cells)]
    region = {name: i for i, name in enumerate(paths.regions)}
    year = {value: i for i, value in enumerate(paths.years)}
    return cells, (np.array([region[str(r)] for r in rows["region"]]), np.array([year[int(y)] for y in rows["year"]]))


def _statistics(stacked: Vector, where: Mapping[str, int], choice: Choice, distance: Vector) -> Part:
    """Return the summary of one specification under every draw. Its controls are partialled out only once."""
    kept = [0, 1, 2 + where[choice.outcome]]
    controls = [2 + where[c] for c in choice.controls]
    inner = stacked[:, :, kept][:, :, :, kept]
    if controls:
        control_gram = stacked[:, 0, controls][:, :, controls]
        cross = stacked[:, :, kept][:, :, :, controls]
        inner = inner - np.einsum("gbik,gkl,gbjl->gbij", cross, np.linalg.inv(control_gram), cross, optimize=True)
    b = _two_by_two(inner)
    distance_of_each, groups = b[1:] - b[0], len(b) - 1
    vcov = (groups - 1) / groups * np.einsum("gbi,gbj->bij", distance_of_each, distance_of_each)
    return _summary(b[0], vcov, distance, groups - 1)


def _two_by_two(gram: Vector) -> Vector:
    """Solve least squares on two regressors from cross-products (..., 3, 3) with the outcome last.

    The result is NaN if the regressors are collinear: if the determinant is below 1e-11 of the product of squares, the
    limit for rounding of `integrade.regress.partial`.
    """
    a, b, c = gram[..., 0, 0], gram[..., 0, 1], gram[..., 1, 1]
    determinant = a * c - b * b
    clear = determinant > 1e-11 * a * c
    safe = np.where(clear, determinant, np.nan)
    x, y = gram[..., 0, 2], gram[..., 1, 2]
    return np.stack([(c * x - b * y) / safe, (a * y - b * x) / safe], axis=-1)


def wild(
    block: Block,
    columns: Columns,
    weights: Vector,
    regions: Sequence[str],
    choices: Sequence[Choice],
    points: Mapping[str, Vector],
) -> Null:
    """Compute the statistics of the choices by CR1 under every wild draw.

    The signs ``weights`` (B, R) multiply the residuals of the regression without the index.
    """
    cross_products = forms(block.design.plan, block.design.matrix, block.cluster)
    place = {name: i for i, name in enumerate(regions)}
    w = weights[:, [place[name] for name in block.names]]
    parts = []
    for choice in choices:
        at = places(block, choice)
        part, gram = part_of(cross_products, at), block.gram[np.ix_(at, at)]
        bread = np.asarray(np.linalg.inv(gram[:-1, :-1]), dtype=np.float64)
        b = np.asarray(bread @ gram[:-1, -1])
        # weights of the columns (outcome last) in the residual of the regression without the index
        u = np.append(-restricted(bread, b, [0, 1]), 1.0)
        drawn = [draw_map(part, bread, u, j)(w) for j in (0, 1)]
        observed = (part.gram[:, :-1, :] @ np.append(-b, 1.0)) @ bread[:, :2]
        scores = np.concatenate([observed[None], np.stack([s for _, s in drawn], axis=-1)])
        beta = np.concatenate([b[None, :2], np.stack([d for d, _ in drawn], axis=-1)])
        distance = points[choice.treatment] - columns.centres[choice.treatment]
        factor = cluster_factor(block.nobs, len(b) + block.absorbed[1], len(block.names))
        vcov = factor * np.einsum("bgi,bgj->bij", scores, scores)
        parts.append(_scaled(_summary(beta, vcov, distance, len(block.names) - 1), columns, choice))
    return _null(parts)
