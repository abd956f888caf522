"""Choose the decimals of coefficients in the regressions on customs rows and on firm-years."""

from __future__ import annotations

from integrade.estimate.results import by_term
from integrade.subjects.row_level.model import RowLevelResult
from integrade.wording.numerals import Printing, shared


def size_of_rows(found: RowLevelResult, term: str) -> Printing:
    """Return the function that prints a coefficient in every column, with the decimals its standard errors need."""
    estimated = [k for fit in found.columns.values() if (k := by_term(fit).get(term)) is not None]
    return shared([k.estimate for k in estimated], [k.std_error for k in estimated], 4)
