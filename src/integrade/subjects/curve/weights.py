"""Measure how much each choice moves a target: its share of the variance over specifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from integrade.estimate.results import Vector
from integrade.subjects.curve.records import TARGETS, ChoiceWeight, Specification


def choice_weights(found: Sequence[Specification]) -> tuple[ChoiceWeight, ...]:
    """Return the weight of every choice with several levels, for every target.

    ``alone`` is the R2 of a regression of the target on the levels of the choice. ``beyond_others`` is how much the R2
    of all choices (main effects) falls if this choice is left out.
    """
    names = [c for c in found[0].choices if len({s.choices[c] for s in found}) > 1]
    codes = {c: np.unique([s.choices[c] for s in found], return_inverse=True)[1] for c in names}
    weights: list[ChoiceWeight] = []
    for target in TARGETS:
        values = np.array([s.value(target) for s in found])
        values = np.where(np.isfinite(values), values, np.nanmedian(values))
        if not np.ptp(values):
            continue
        whole = _r2(values, codes)
        for c in names:
            others = {k: v for k, v in codes.items() if k != c}
            weights.append(ChoiceWeight(c, target, _r2(values, {c: codes[c]}), max(whole - _r2(values, others), 0.0)))
    return tuple(weights)


def _r2(values: Vector, codes: Mapping[str, np.ndarray]) -> float:
    columns = [np.ones((len(values), 1))] + [
        (c[:, None] == np.arange(1, c.max() + 1)).astype(float) for c in codes.values()
    ]
    design = np.hstack(columns)
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    total = float(((values - values.mean()) ** 2).sum())
    return 1 - float(((values - fitted) ** 2).sum()) / total
