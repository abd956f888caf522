"""The benchmark again, with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass

from integrade.models.fit.column import Column
from integrade.models.shape.effect_size import EffectSizes


@dataclass(frozen=True)
class Version:
    """The benchmark with another outcome, another index or on a part of the sample.

    ``kind``: outcome, index or sample; ``change`` says what differs. ``p_holm``: of the U-test, adjusted over the
    outcomes of the study (its own and all others); missing for other kinds.
    """

    kind: str
    name: str
    change: str
    column: Column
    effects: EffectSizes | None = None
    p_holm: float | None = None
