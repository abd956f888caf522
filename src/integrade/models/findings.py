"""What tests of one regression return: frozen records of plain numbers, without data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrade import tidied
from integrade.sheet import Sheet, p_number, shown

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class JointTest:
    """A Wald test that several coefficients (or combinations of them) are zero: F = W / df1, p from F(df1, df2)."""

    terms: tuple[str, ...]
    statistic: float
    df1: int
    df2: float
    p_value: float


@dataclass(frozen=True)
class Combination:
    """A function of coefficients with its standard error (delta where it is not linear) and 95 % interval from t."""

    name: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class Adjusted:
    """One test of a family: its p-value and the p-values adjusted over the family."""

    name: str
    p_value: float
    p_holm: float
    p_bh: float
    p_by: float


@shown
@dataclass(frozen=True)
class AdjustedFamily:
    """The tests of a family, in order; a sequence."""

    tests: tuple[Adjusted, ...]

    def __iter__(self) -> Iterator[Adjusted]:
        return iter(self.tests)

    def __len__(self) -> int:
        return len(self.tests)

    def __getitem__(self, place: int) -> Adjusted:
        return self.tests[place]

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """One row per test."""
        head = ("", "p", "Holm", "Benjamini-Hochberg", "Benjamini-Yekutieli")
        rows = [(t.name, *(p_number(p) for p in (t.p_value, t.p_holm, t.p_bh, t.p_by))) for t in self.tests]
        return Sheet(f"{len(self.tests)} tests, adjusted over the family", head, tuple(rows))
