"""Estimate elasticities by least squares, with and without firm effects, and from cost shares."""

from __future__ import annotations

import numpy as np

from integrade.panel.productivity.series import Array, Rows, weighted_fit


def ols(rows: Rows, *, years: bool = True) -> Array:
    """Estimate elasticities (p,) by least squares of output on inputs and years.

    The estimates are consistent only if inputs do not depend on productivity.
    """
    time = rows.years if years else np.ones((len(rows.output), 1))
    return weighted_fit(np.hstack([rows.inputs, time]), rows.output, rows.weight)[: rows.inputs.shape[1]]


def within(rows: Rows, *, years: bool = True) -> Array:
    """Estimate elasticities with firm effects: productivity differs between firms but does not change over time.

    A firm that was drawn twice has weight 2 in the sums; its mean is the mean of one copy, because both copies are
    equal.
    """
    time = rows.years[:, 1:] if years else np.empty((len(rows.output), 0))
    columns = np.hstack([rows.output[:, None], rows.inputs, time])
    counts = np.bincount(rows.firm).astype(float)
    means = np.column_stack([np.bincount(rows.firm, c) / np.where(counts > 0, counts, 1) for c in columns.T])
    net = columns - means[rows.firm]
    return weighted_fit(net[:, 1:], net[:, 0], rows.weight)[: rows.inputs.shape[1]]


def shares(rows: Rows) -> Array:
    """Return mean shares of inputs in costs, (p,).

    They are the elasticities of cost minimisers with constant returns.
    """
    return np.asarray(np.average(rows.costs, axis=0, weights=rows.weight))


def multilateral(rows: Rows) -> Array:
    """Compute the index of Good, Nadiri and Sickles (1997) around the mean firm of the first year, (n,).

    ln TFP = (y - y_t) + sum_{s <= t} (y_s - y_s-1) - sum over inputs of [ (c + c_t)(x - x_t) + sum_{s <= t} (c_s +
    c_s-1)(x_s - x_s-1) ] / 2, where y_t, x_t, c_t are means over the firms of year t, and c is an input's share in
    costs.
    """
    total = rows.years.T @ rows.weight
    y = (rows.years.T @ (rows.weight * rows.output)) / total
    x = (rows.years.T @ (rows.weight[:, None] * rows.inputs)) / total[:, None]
    c = (rows.years.T @ (rows.weight[:, None] * rows.costs)) / total[:, None]
    chain = np.diff(y) - ((c[1:] + c[:-1]) * np.diff(x, axis=0)).sum(axis=1) / 2
    level = np.concatenate([[0.0], np.cumsum(chain)])
    at = rows.year
    inputs = ((rows.costs + c[at]) * (rows.inputs - x[at])).sum(axis=1) / 2
    return np.asarray(rows.output - y[at] + level[at] - inputs)
