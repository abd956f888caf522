"""Compute small-sample corrections: number of parameters, factor on clustered variances, degrees of freedom of t.

K = slopes + levels of the effects - redundant levels. Under clusters, effects nested in a cluster do not count:

- ``reghdfe``: each effect after the first loses as many levels as it has connected components with an earlier one.
  If some effect is nested, every other effect loses at least one level, and one is added for the constant;
- ``fixest``: each effect after the first loses exactly one level. If some effect is nested, the first loses one too,
  and one is added for the constant;
- ``xtreg``: the same number as ``reghdfe``. It is the number that Stata's ``xtreg, fe`` counts if the other effects are
  dummies, whether its own effect is nested or not;
- ``cgm``, ``multi0``: every level counts, nested or not, as for dummies in Stata's ``regress``, ``cgmreg`` and
  ``cluster2`` and R's ``sandwich``.

With several cluster variables V = V1 + V2 - V12 (Cameron, Gelbach and Miller 2011). Each part of this sum has a factor.
With ``reghdfe``, ``fixest`` and ``xtreg`` all parts have the factor of the variable with the fewest clusters. With
``cgm`` each part has its own (as in ``cgmreg``, ``cluster2``, ``vcovCL(multi0 = FALSE)`` and fixest's
``G.df = "conventional"``). With ``multi0`` each part has its own too, except the last part, in which all variables are
combined. The last part is computed by rows and has no factor (``vcovCL(multi0 = TRUE)``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Rule = Literal["reghdfe", "fixest", "xtreg", "cgm", "multi0"]


@dataclass(frozen=True)
class Size:
    """Size of one effect: its numbers of levels and of connected components with each earlier effect, by position."""

    levels: int
    nested: bool
    components: Mapping[int, int]


def parameters(rule: Rule, slopes: int, effects: Sequence[Size], *, clustered: bool) -> int:
    """Return K, the number of parameters that the correction counts."""
    nested = [clustered and e.nested and rule not in ("cgm", "multi0") for e in effects]
    counted = [i for i, inside in enumerate(nested) if not inside]
    total = slopes + int(any(nested))
    for place, i in enumerate(counted):
        effect = effects[i]
        lost = 1 if place > 0 or any(nested) else 0
        if rule != "fixest":
            lost = max([lost, *(effect.components[j] for j in counted[:place])])
        total += effect.levels - lost
    return total


def cluster_factor(n: int, k: int, groups: int) -> float:
    """Return ``G/(G-1) * (n-1)/(n-K)``."""
    return groups / (groups - 1) * (n - 1) / (n - k)


def degrees_of_freedom(rule: Rule, n: int, k: int, groups: int | None) -> float:
    """Return the degrees of freedom of t: n - K, or with clusters G - 1 (with the reghdfe rule at most n - K)."""
    if groups is None:
        return float(n - k)
    return float(min(groups - 1, n - k) if rule == "reghdfe" else groups - 1)
