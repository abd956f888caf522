"""Decompose the change of mean quality of every year, with the units that stay, enter and exit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integrade.engine.frames import collect, enter
from integrade.quality.decomposition import QualityChange, quality_change

TERMS = ("within", "between", "entry", "exit")


@dataclass(frozen=True)
class YearOfChange:
    """The change of mean quality up to a year, in units of quality: change = within + between + entry - exit.

    ``share_entered`` is the share of value of units that are only in ``year``, ``share_exited`` of those that are only
    in ``year_before``. A term is None if no unit stays.
    """

    year: int
    year_before: int
    quality_before: float
    quality: float
    change: float
    within: float | None
    between: float | None
    entry: float | None
    exit: float | None
    n_stayers: int
    n_entered: int
    n_exited: int
    share_entered: float
    share_exited: float


@dataclass(frozen=True)
class ChangeOfQuality:
    """The decomposition by year, with its method, the columns that distinguish units, and the span in years."""

    method: str
    units: tuple[str, ...]
    span: int
    years: tuple[YearOfChange, ...]

    @property
    def total(self) -> tuple[float, ...] | None:
        """The sums over years of the change and its four terms: those of the whole period.

        None with fewer than two rows, if the years are not adjacent, or if a term is missing.
        """
        chained = all(b.year_before == a.year for a, b in zip(self.years, self.years[1:], strict=False))
        columns = [[getattr(y, name) for y in self.years] for name in ("change", *TERMS)]
        if len(self.years) < 2 or not chained or any(v is None for column in columns for v in column):
            return None
        return tuple(float(sum(column)) for column in columns)


def changes_by_year(rows: Any, units: Sequence[str], method: Any = "griliches_regev", span: int = 1) -> ChangeOfQuality:
    """Decompose the change of mean quality of every year by `integrade.quality_change`.

    ``rows`` are rows with year, quality, value and the columns of ``units``. Raises the errors of that function.
    """
    table = quality_change(rows, QualityChange(method=method, units=tuple(units), span=span))
    records = collect(enter(table)).sort("year").select(*YearOfChange.__dataclass_fields__).to_dicts()
    return ChangeOfQuality(method, tuple(units), span, tuple(YearOfChange(**record) for record in records))
