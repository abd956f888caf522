"""Define the record of the question on noise."""

from __future__ import annotations

from dataclasses import dataclass

from integrade.estimate.results import FitResult
from integrade.subjects.benchmark.columns import Column, estimated_anew
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

    @property
    def was_corrected(self) -> bool:
        """True if the correction by halves was asked for, whether it could be made or not."""
        return self.halves is not None or bool(self.uncorrected)

    def corrected(self, column: Column) -> Column | None:
        """Return a column with its regression corrected by halves; None if this was not possible on the same rows."""
        halves, own = self.halves, column.headline
        if halves is None or not halves.identified:
            return None
        same = (halves.naive.formula, halves.naive.nobs) == (own.formula, own.nobs)
        return estimated_anew(column, halves.fit) if same else None
