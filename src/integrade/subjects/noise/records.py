"""Define the record of the question on noise."""

from __future__ import annotations

from dataclasses import dataclass

from integrade.estimate.results import FitResult
from integrade.subjects.noise.attenuation import Attenuation, PipelineBootstrap, Simex
from integrade.subjects.noise.corrected import Corrected


@dataclass(frozen=True)
class NoiseStudy:
    """The regression on the noisy index, and the corrections for its noise.

    ``halves`` is the regression corrected by halves of the goods; ``uncorrected`` is the reason why it was asked for
    and could not be made. ``on_true_index`` is the same regression with the true index of a simulated economy and
    quality as measured. Its difference from ``naive`` is the effect of the index's noise only. ``places`` holds
    percentiles of the measured index.
    """

    variable: str
    naive: FitResult
    places: tuple[tuple[str, float], ...] = ()
    halves: Corrected | None = None
    simex: Simex | None = None
    pipeline: PipelineBootstrap | None = None
    expected: tuple[Attenuation, ...] = ()
    on_true_index: FitResult | None = None
    uncorrected: str = ""
