"""Define the units that have rows in the index: regions, pairs, the nation or groups of regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrade.errors import UsageError, did_you_mean, option
from integrade.integration.cube import Cube
from integrade.integration.dispersion import Units
from integrade.integration.given import require_geography
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import Pairs

EVERYWHERE = "all"  # the column other in the outward row of a group


def units_of(cube: Cube, pairs: Pairs, options: RelativePrice) -> Units:
    """Build the units for ``options.level``."""
    here: NDArray[np.bool_] = np.asarray(np.isfinite(cube.values).any(axis=2))
    regions = np.array(cube.regions, dtype=object)
    match options.level:
        case "region":
            return Units("region", {"region": cube.regions}, here)
        case "pair":
            labels = {"region_a": regions[pairs.first].tolist(), "region_b": regions[pairs.second].tolist()}
            return Units("pair", labels, here[:, pairs.first] & here[:, pairs.second])
        case "nation":
            everyone = _rows([np.ones(len(pairs), dtype=bool)])
            return Units("nation", {}, np.asarray(here.any(axis=1, keepdims=True)), everyone)
        case "group":
            return _groups(pairs, groups_of(cube.regions, options.groups, options.geography), here)


def groups_of(regions: Sequence[str], groups: Mapping[str, str] | None, geography: Any = None) -> tuple[str, ...]:
    """Return the group of each region: the given group, or its area in its geography (in China: East, Central, West).

    Raises `UsageError` with the first region that has no group, and `UnknownName` if no geography has the regions.
    """
    if groups is not None:
        missing = [r for r in regions if r not in groups]
        if missing:
            raise UsageError(
                f"no group for region {missing[0]!r}", remedy=f"give it a group; {did_you_mean(missing[0], groups)}"
            )
        return tuple(groups[r] for r in regions)
    known = require_geography(regions, geography, option("level", "group"), option("groups", "groups.csv"))
    known_regions = {r: known.region(r) for r in regions}
    without = [r for r, region in known_regions.items() if region is None or not region.area]
    if without:
        raise UsageError(
            f"{known.title} has no group (column area) for region {without[0]!r} ({len(without)} such regions)",
            remedy=f"give a file with region and group: {option('groups', 'groups.csv')}",
        )
    return tuple(region.area for region in known_regions.values() if region)


def _rows(masks: Sequence[NDArray[np.bool_]]) -> Any:
    from scipy.sparse import csr_array

    return csr_array(np.array(masks, dtype=np.float64))


def _groups(pairs: Pairs, groups: Sequence[str], here: NDArray[np.bool_]) -> Units:
    """Build the units of groups, of three kinds.

    Within: pairs with both regions in the group. Between: pairs with one region in each of two groups. Outward: the
    mean index of the regions of a group.
    """
    from scipy.sparse import csr_array

    code = np.array(groups, dtype=object)
    a, b = code[pairs.first], code[pairs.second]
    names = sorted(set(groups))
    kinds = [("within", g, g) for g in names] + [("outward", g, EVERYWHERE) for g in names]
    kinds += [("between", g, h) for at, g in enumerate(names) for h in names[at + 1 :]]
    masks = []
    for kind, g, h in kinds:
        outward = kind == "outward"
        masks.append((a == g) | (b == g) if outward else ((a == g) & (b == h)) | ((a == h) & (b == g)))
    through = np.array([[kind == "outward" and r == g for r in groups] for kind, g, _ in kinds], dtype=np.float64)
    some = {g: here[:, code == g].any(axis=1) for g in names} | {EVERYWHERE: here.any(axis=1)}
    labels = {name: [k[at] for k in kinds] for at, name in enumerate(("kind", "group", "other"))}
    both = np.array([some[g] & some[h] for _, g, h in kinds]).T
    return Units("group", labels, both, _rows(masks), csr_array(through))
