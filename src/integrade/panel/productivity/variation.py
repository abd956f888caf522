"""Check that a group has several firms and inputs that vary, before its elasticities are estimated."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from integrade.errors import NotIdentified, TooFew, option
from integrade.panel.productivity.options import FROM_COSTS, Tfp
from integrade.panel.productivity.series import Rows

_STILL = 1e-9
"""An input whose log has a smaller standard deviation does not vary beyond rounding error."""
_ONE = 1e-7
"""If the smallest singular value of standardised inputs is below this share of the largest, inputs are dependent.

The value is a convention well above rounding error in double precision.
"""


def require_variation(name: str, rows: Rows, columns: Mapping[str, str], chosen: Tfp) -> None:
    """Refuse a group whose elasticities are not identified; methods that use cost shares need no variation.

    Raises `TooFew` for a single firm. Raises `NotIdentified` for an input that is the same in every row (with firm
    effects: in every row of a firm), and if an input follows exactly from the others.
    """
    of = f" of {chosen.by} {name}" if chosen.by is not None else ""
    coarser = "" if chosen.by is None else f", or take coarser groups with {option('by', ...)}"
    if len(np.unique(rows.firm)) < 2:
        raise TooFew(
            f"the rows{of} belong to one firm, so a common production function cannot be estimated",
            remedy=f"give accounts of more firms{coarser}",
        )
    if chosen.method in FROM_COSTS:
        return
    inputs = ("labour", "capital", "materials")[: rows.inputs.shape[1]]
    within = chosen.method == "fe"
    centre = rows.inputs.mean(axis=0)
    if within:
        counts = np.bincount(rows.firm)
        centre = np.column_stack([np.bincount(rows.firm, column) / counts for column in rows.inputs.T])[rows.firm]
    net = rows.inputs - centre
    spread = net.std(axis=0)
    for role, still in zip(inputs, spread <= _STILL, strict=True):
        if still:
            where = "in every row of a firm" if within else "in every row"
            years = "give more years of the firms, or " if within else ""
            raise NotIdentified(
                f"{role} ({columns[role]!r}) is the same {where}{of}, so its elasticity is not identified",
                remedy=f"{years}name another column with {option(role, ...)}{coarser}",
            )
    sizes = np.linalg.svd(net / spread, compute_uv=False)
    if sizes[-1] <= _ONE * sizes[0]:
        named = ", ".join(f"{role} ({columns[role]!r})" for role in inputs)
        raise NotIdentified(
            f"of {named}{of} one is an exact function of the others, so their elasticities are not identified",
            remedy=f"name another column with {option('labour', ...)}, or with {option('capital', ...)}",
        )
