"""Permute group labels without refitting: cross-products of the units are summed again under each permutation.

Each row belongs to a pair p of a unit and a cluster. The columns are z = [dummies of the small effects, regressors,
outcome], with the large effect removed within units. A permutation sends unit u to group l(u). The regression of group
g then needs only ``S_cg``, the sum of z_p'z_p over the pairs of cluster c whose unit is in g. Its dummies are
partialled out of ``S_g = sum_c S_cg``, and its scores by cluster are quadratic in ``S_cg``. Large effects are therefore
estimated by unit, as in the stacked regression, and small effects by group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from integrade.regress.effects import Codes, Factor, Vector
from integrade.regress.partial import large

_TIE = 1e-9  # a draw this close (relatively) to the statistic counts as reaching it (METHODS 5.2)
_MEMORY = 12_000_000  # numbers in one array of a block of draws
_SINGULAR = 1e-10  # with a smaller eigenvalue of unit columns a coefficient is not identified (METHODS 5.1)


@dataclass(frozen=True)
class Pieces:
    """Packed cross-products (P, d (d + 1) / 2) of the pairs, in the order of their clusters.

    ``unit`` (P,) is the unit of each pair, and ``rows`` (P,) its number of rows. ``edges`` (C + 1,) holds the position
    at which each cluster begins. ``labels`` (U,) is the group of each unit in the data. The d columns are ``width``
    dummies, the regressors and the outcome. ``clustered`` is false for independent errors; then there is one cluster,
    and a variance for each group.
    """

    packed: Vector
    unit: Codes
    edges: Codes
    rows: Vector
    labels: Codes
    groups: int
    width: int
    clustered: bool

    @property
    def size(self) -> int:
        """The number d of columns."""
        return int((np.sqrt(8 * self.packed.shape[1] + 1) - 1) / 2)


@dataclass(frozen=True)
class Statistics:
    """Statistics of B labellings: |t| by coefficient and pair of groups, Wald by pair, and Wald over all groups.

    The shapes are (B, pairs, q), (B, pairs) and (B,).
    """

    t: Vector
    joint: Vector
    overall: Vector


@dataclass(frozen=True)
class PermutationTest:
    """The statistics in the data and the p of each, p = (1 + #{T* >= T}) / (B + 1).

    The shapes are (pairs, q) for |t|, (pairs,) for Wald by pair, and one number for all groups.
    """

    observed: Statistics
    p_t: Vector
    p_joint: Vector
    p_overall: float


def pieces(columns: Vector, width: int, unit: Factor, cluster: Factor | None, label: Factor) -> Pieces:
    """Return the cross-products of rows (n, d) by pair. Columns are scaled to length one; this changes no statistic."""
    n = len(columns)
    where = np.zeros(n, dtype=np.intp) if cluster is None else cluster.codes
    distinct, pair = np.unique(where * unit.levels + unit.codes, return_inverse=True)
    lengths = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    packed = _products(columns / np.where(lengths > 0, lengths, 1.0), pair, len(distinct))
    labels = np.empty(unit.levels, dtype=np.intp)
    labels[unit.codes] = label.codes
    clusters = 1 if cluster is None else cluster.levels
    edges = np.searchsorted(distinct // unit.levels, np.arange(clusters + 1))
    counts = np.bincount(pair, minlength=len(distinct)).astype(np.float64)
    return Pieces(packed, distinct % unit.levels, edges, counts, labels, label.levels, width, cluster is not None)


def _products(columns: Vector, group: Codes, levels: int) -> Vector:
    """Return the upper half of ``z'z`` of each group, packed into shape (levels, d (d + 1) / 2)."""
    d = columns.shape[1]
    packed = np.zeros((levels, d * (d + 1) // 2))
    if large(columns):
        from integrade.regress import passes

        passes.add_products(np.ascontiguousarray(group), columns, packed)
        return packed
    turned = np.ascontiguousarray(columns.T)
    for j, (a, b) in enumerate(zip(*np.triu_indices(d), strict=True)):
        packed[:, j] = np.bincount(group, turned[a] * turned[b], minlength=levels)
    return packed


def permutation_test(data: Pieces, tested: Sequence[int], *, draws: int, seed: int) -> PermutationTest:
    """Permute the labels of the units, keeping the sizes of groups. ``tested`` are positions among the regressors.

    Each draw depends only on its number and the seed. A draw in which a group's regression is not identified counts
    as reaching every statistic.
    """
    observed = statistics(data, data.labels[None, :], tested)
    exceed = [np.zeros(s.shape[1:]) for s in (observed.t, observed.joint, observed.overall)]
    # draws are processed in blocks, so that no array of a block has more than `_MEMORY` numbers
    d, clusters = data.size, len(data.edges) - 1
    step = max(1, min(_MEMORY // (clusters * d * d * data.groups), _MEMORY // len(data.labels), draws))
    narrow = data.labels.astype(np.min_scalar_type(data.groups))
    for start in range(0, draws, step):
        numbers = range(start, min(start + step, draws))
        labels = np.stack([np.random.default_rng([seed, b]).permutation(narrow) for b in numbers])
        drawn = statistics(data, labels, tested)
        for count, star, sample in zip(
            exceed, (drawn.t, drawn.joint, drawn.overall), (observed.t, observed.joint, observed.overall), strict=True
        ):
            count += (star >= sample * (1 - _TIE)).sum(axis=0)
    p_t, p_joint, p_overall = ((1 + count) / (draws + 1) for count in exceed)
    return PermutationTest(observed, p_t, p_joint, float(p_overall))


def statistics(data: Pieces, labels: Codes, tested: Sequence[int]) -> Statistics:
    """Return all statistics under given labels of the units (B, U)."""
    draws, q, k = len(labels), len(tested), data.size - data.width - 1
    fits = [_group_fit(data, sums, rows, tested) for sums, rows in _group_sums(data, labels)]
    pairs = list(combinations(range(data.groups), 2))
    t, joint = np.empty((draws, len(pairs), q)), np.empty((draws, len(pairs)))
    identified = np.logical_and.reduce([f.identified for f in fits])
    for i, (a, b) in enumerate(pairs):
        gap = fits[a].b - fits[b].b
        variance = _variance([fits[a], fits[b]], data.clustered)
        with np.errstate(divide="ignore", invalid="ignore"):
            t[:, i] = np.abs(gap) / np.sqrt(np.einsum("bjj->bj", variance))
        joint[:, i] = _wald(gap, variance)
    overall = joint[:, 0] if data.groups == 2 else _overall(fits, data.clustered)
    for statistic in (t, joint, overall):
        statistic[~identified | (k < 1)] = np.inf
    return Statistics(t, joint, overall)


@dataclass(frozen=True)
class _GroupFit:
    """Estimates of one group under B labellings.

    They are the tested coefficients (B, q), their influence by cluster (B, C, q), their iid variance (B, q, q), and
    whether they are identified (B,).
    """

    b: Vector
    influence: Vector
    variance: Vector
    identified: np.ndarray


def _group_sums(data: Pieces, labels: Codes) -> Iterator[tuple[Vector, Vector]]:
    """Yield, for each group, the cross-products by cluster (B, C, d, d) and the number of rows (B,).

    The last group is computed by subtraction.
    """
    d, clusters = data.size, len(data.edges) - 1
    total = np.add.reduceat(data.packed, data.edges[:-1], axis=0)
    rest, rest_rows = np.repeat(total[None], len(labels), axis=0), np.full(len(labels), data.rows.sum())
    for g in range(data.groups - 1):
        sums = np.empty((len(labels), clusters, data.packed.shape[1]))
        rows = np.zeros(len(labels))
        for c in range(clusters):
            span = slice(data.edges[c], data.edges[c + 1])
            picked = (labels[:, data.unit[span]] == g).astype(np.float64)
            sums[:, c] = picked @ data.packed[span]
            rows += picked @ data.rows[span]
        rest -= sums
        rest_rows -= rows
        yield _square(sums, d), rows
    yield _square(rest, d), rest_rows


def _square(packed: Vector, d: int) -> Vector:
    full = np.empty((*packed.shape[:-1], d, d))
    upper = np.triu_indices(d)
    full[..., upper[0], upper[1]] = packed
    full[..., upper[1], upper[0]] = packed
    return full


def _group_fit(data: Pieces, sums: Vector, rows: Vector, tested: Sequence[int]) -> _GroupFit:
    """Estimate one group under B labellings from cross-products by cluster, with the dummies partialled out."""
    w, d = data.width, data.size
    k = d - w - 1
    gram = sums.sum(axis=1)
    inverse = np.linalg.pinv(gram[:, :w, :w], rcond=_SINGULAR, hermitian=True) if w else gram[:, :0, :0]
    slopes = inverse @ gram[:, :w, w:]  # (B, w, k + 1)
    net = gram[:, w:, w:] - np.swapaxes(gram[:, :w, w:], 1, 2) @ slopes
    bread, identified = _inverse(net[:, :k, :k], np.einsum("bjj->bj", gram)[:, w : w + k])
    b = (bread @ net[:, :k, k:])[:, :, 0]
    residual = np.concatenate(
        [slopes[:, :, :k] @ b[:, :, None] - slopes[:, :, k:], -b[:, :, None], np.ones((len(b), 1, 1))], axis=1
    )
    maker = np.concatenate(
        [-slopes[:, :, :k], np.broadcast_to(np.eye(k), (len(b), k, k)), np.zeros((len(b), 1, k))], axis=1
    )
    scores = np.swapaxes(sums @ residual[:, None], 2, 3)[:, :, 0] @ maker  # (B, C, k)
    chosen = list(tested)
    ssr = np.einsum("bi,bij,bj->b", residual[:, :, 0], gram, residual[:, :, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = bread[:, chosen][:, :, chosen] * (ssr / rows)[:, None, None]
    return _GroupFit(b[:, chosen], scores @ bread[:, :, chosen], variance, identified)


def _inverse(gram: Vector, before: Vector) -> tuple[Vector, np.ndarray]:
    """Return inverses (B, k, k) and whether they exist. ``before`` are squared norms before dummies were removed.

    A norm below 1e-7 of the norm before counts as absorbed. The squares are differences, and rounding limits their
    precision to 1e-15.
    """
    scale = np.sqrt(np.maximum(np.einsum("bjj->bj", gram), 0.0))
    absorbed = scale <= 1e-7 * np.sqrt(np.maximum(before, 0.0))
    safe = np.where(absorbed, 1.0, scale)
    values, vectors = np.linalg.eigh(gram / safe[:, :, None] / safe[:, None, :])
    identified = ~absorbed.any(axis=1) & (values[:, 0] > _SINGULAR)
    inverted = np.where(values > _SINGULAR, 1 / np.where(values > _SINGULAR, values, 1.0), 0.0)
    inverse = (vectors * inverted[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    return inverse / safe[:, :, None] / safe[:, None, :], identified


def _variance(fits: Sequence[_GroupFit], clustered: bool) -> Vector:
    """Return the variance (B, q, q) of the first group's coefficients minus the second's.

    It is correct up to a factor common to all draws.
    """
    if not clustered:
        return fits[0].variance + fits[1].variance
    influence = fits[0].influence - fits[1].influence
    return np.asarray(np.swapaxes(influence, 1, 2) @ influence)


def _overall(fits: Sequence[_GroupFit], clustered: bool) -> Vector:
    """Return the Wald statistic (B,) of equality in all groups."""
    gap = np.concatenate([f.b - fits[0].b for f in fits[1:]], axis=1)
    if clustered:
        influence = np.concatenate([f.influence - fits[0].influence for f in fits[1:]], axis=2)
        return _wald(gap, np.swapaxes(influence, 1, 2) @ influence)
    q, others = fits[0].b.shape[1], len(fits) - 1
    variance = np.tile(fits[0].variance, (1, others, others))
    for i, f in enumerate(fits[1:]):
        variance[:, i * q : (i + 1) * q, i * q : (i + 1) * q] += f.variance
    return _wald(gap, variance)


def _wald(gap: Vector, variance: Vector) -> Vector:
    scale = np.sqrt(np.maximum(np.einsum("bjj->bj", variance), 1e-300))
    unit = gap / scale
    inverse = np.linalg.pinv(variance / scale[:, :, None] / scale[:, None, :], rcond=1e-12, hermitian=True)
    return np.asarray(np.einsum("bi,bij,bj->b", unit, inverse, unit))
