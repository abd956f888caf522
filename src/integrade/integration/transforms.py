"""Transform segmentation to integration (METHODS 1.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]

TRANSFORMS: Mapping[str, Callable[[Vector], Vector]] = {
    "log_inverse_sqrt": lambda s: -0.5 * np.log(s),
    "inverse_sqrt": lambda s: s**-0.5,
    "inverse": lambda s: 1 / s,
    "neg_log": lambda s: -np.log(s),
    "none": lambda s: s,
}


def to_integration(segmentation: Vector, transform: str) -> Vector:
    """Compute the integration of each segmentation, in any shape; missing (NaN) if it is missing or not above zero.

    Nothing is added to a segmentation of zero, because its integration does not exist. ``none`` returns segmentation
    itself.
    """
    if transform == "none":
        return segmentation
    return TRANSFORMS[transform](np.where(segmentation > 0, segmentation, np.nan))
