"""Choose the decimals of slopes in the sensitivity to omitted variables."""

from __future__ import annotations

from integrade.subjects.sensitivity.model import SensitivityStudy
from integrade.wording.numerals import Printing, shared


def size_of_slopes(found: SensitivityStudy) -> Printing:
    """Return the function that prints every slope, with the decimals that their standard errors need.

    Without standard errors, the decimals are those that the largest slope needs.
    """
    slopes = [v for o in found.oster for v in (o.short, o.full)] + [c.estimate for c in found.confounders]
    return shared(slopes, [c.std_error for c in found.confounders], 4)
