"""What a study says of the noise of its index."""

from __future__ import annotations

from dataclasses import dataclass

from integrade.models.fit.results import FitResult
from integrade.models.measurement_error.attenuation import Attenuation, PipelineBootstrap, Simex
from integrade.models.measurement_error.oriv import OrivResult


@dataclass(frozen=True)
class NoiseStudy:
    """The regression on the noisy index: as it is, and with what can be done about the noise.

    ``on_true_index``: the same regression with the true index of a simulated economy, measured quality as it is; the
    gap to ``naive`` is the noise of the index and nothing else. ``places``: percentiles of the measured index.
    """

    variable: str
    naive: FitResult
    places: tuple[tuple[str, float], ...] = ()
    oriv: OrivResult | None = None
    simex: Simex | None = None
    pipeline: PipelineBootstrap | None = None
    expected: tuple[Attenuation, ...] = ()
    on_true_index: FitResult | None = None
