"""Find the cells of two crossed effects that do not identify a residual: the bridges of their graph.

Levels of the two effects are nodes and rows are edges, so a cell with n rows is n parallel edges. A row has leverage 1
(a residual of zero whatever its value) exactly if it is a bridge. Recursive singletons are the bridges that end in a
leaf. Cells that are not bridges join levels of the same component; a bridge joins two components.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Codes: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]

_SEED = 20240101


def bridges(first: Codes, second: Codes, count: Codes, nodes: int) -> Mask:
    """Return which of the distinct edges (first, second), each occurring ``count`` times, are bridges. Shapes (edges,).

    Every edge outside a spanning forest gets a random label of 128 bits. The label of a node is the exclusive or of the
    labels of its edges. The label of a tree edge is the exclusive or of the labels of the nodes below it. The label of
    a bridge is zero, because no other edge leaves the subtree. The label of any other tree edge is zero only with
    probability 2^-128.
    """
    order, parent = _forest(first, second, nodes)
    down = parent[second] == first
    tree = down | (parent[first] == second)
    labels = np.zeros((2, nodes), dtype=np.uint64)
    drawn = np.random.default_rng(_SEED).integers(0, 2**64, size=(2, int((~tree).sum())), dtype=np.uint64)
    for sums, values in zip(labels, drawn, strict=True):
        np.bitwise_xor.at(sums, first[~tree], values)
        np.bitwise_xor.at(sums, second[~tree], values)
    silent = _zero_subtrees(labels, order, parent)
    below = np.where(down, second, first)
    return np.asarray(tree & (count == 1) & silent[below])


def _zero_subtrees(labels: NDArray[np.uint64], order: Codes, parent: Codes) -> Mask:
    """Return the nodes whose subtree has label zero; parents come before children in ``order``."""
    sums = [(high << 64) | low for high, low in zip(*labels.tolist(), strict=True)]
    above = parent.tolist()
    root = len(sums)
    for node in reversed(order.tolist()):
        if above[node] != root:
            sums[above[node]] ^= sums[node]
    return np.array([s == 0 for s in sums], dtype=np.bool_)


def _forest(first: Codes, second: Codes, nodes: int) -> tuple[Codes, Codes]:
    """Return nodes in breadth-first order and the parent of each; the parent of a root is ``nodes``."""
    _, component = components(first, second, nodes)
    _, roots = np.unique(component, return_index=True)
    tail = np.concatenate([first, second, np.full(len(roots), nodes)])
    head = np.concatenate([second, first, roots])
    graph = sparse.coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(nodes + 1, nodes + 1)).tocsr()
    order, parent = csgraph.breadth_first_order(graph, nodes, directed=True, return_predecessors=True)
    return np.asarray(order[1:], dtype=np.int64), np.asarray(parent[:nodes], dtype=np.int64)


def components(first: Codes, second: Codes, nodes: int) -> tuple[int, Codes]:
    """Return the number of connected components, and the component of every node."""
    graph = sparse.coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(nodes, nodes)).tocsr()
    count, labels = csgraph.connected_components(graph, directed=False)
    return int(count), np.asarray(labels, dtype=np.int64)
