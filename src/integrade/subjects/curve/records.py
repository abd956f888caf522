"""Define the records of a specification curve: frozen plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from integrade.records import tidied
from integrade.records.drawing import draw
from integrade.wording.sheet import Sheet, of_text, shown

if TYPE_CHECKING:
    import polars as pl

    from integrade.records.drawing import Chart

TARGETS = ("slope_p10", "slope_p90", "turning_quantile")


@dataclass(frozen=True)
class Target:
    """One quantity in one specification, with its standard error and two-sided p-value from t.

    ``df`` are the degrees of freedom of t. They are missing if there is no covariance, or if the stored result has no
    degrees of freedom.
    """

    estimate: float
    std_error: float | None
    p_value: float | None
    df: float | None = None


@dataclass(frozen=True)
class Specification:
    """One regression of the curve: its choices, its three targets, its U-test and its verdict.

    Slopes are in standard deviations of the outcome per standard deviation of the index, both over all rows of the
    curve. This makes specifications with different outcomes or indices comparable. b1, b2 and the turning point are in
    the specification's own units. ``turning_quantile`` is the share of the curve's rows below the turning point.
    ``verdict`` is "inverted U" or "U" if the p of the U-test is below the level, "rises" or "falls" if both slopes are
    significant with the same sign, and "nothing" otherwise.
    """

    choices: Mapping[str, str]
    nobs: int
    b1: float
    b2: float
    slope_p10: Target
    slope_p90: Target
    turning_point: Target
    turning_quantile: float
    u_test_p: float
    inside: bool
    verdict: str

    def value(self, target: str) -> float:
        """Return the estimate of one of the `TARGETS` as a number."""
        quantity = getattr(self, target)
        return float(quantity.estimate if isinstance(quantity, Target) else quantity)


@dataclass(frozen=True)
class CurveTest:
    """One statistic of the whole curve, compared with its distribution when the index has no effect.

    ``statistic`` is the median of the estimates, the share with the expected sign and p below the level, or the mean z
    (Stouffer's statistic without its scale). ``p_value`` is (1 + #) / (draws + 1), where # counts draws at least as
    extreme in the expected direction.
    """

    method: str
    target: str
    statistic: str
    observed: float
    under_null: float
    p_value: float
    draws: int


@dataclass(frozen=True)
class ChoiceWeight:
    """How much of a target's variance over specifications one choice explains.

    ``alone`` is its share by itself, ``beyond_others`` its share in addition to all other choices.
    """

    choice: str
    target: str
    alone: float
    beyond_others: float


@shown
@dataclass(frozen=True)
class SpecificationCurve:
    """All specifications, with joint inference and the weight of every choice."""

    treatment: str
    alpha: float
    specifications: tuple[Specification, ...]
    of: int  # combinations declared; more than the specifications when they were sampled
    tests: tuple[CurveTest, ...]
    weights: tuple[ChoiceWeight, ...]
    cluster: str
    clusters: int
    seed: int
    rows: int
    n_missing: int
    notes: tuple[str, ...] = ()

    @property
    def shares(self) -> dict[str, float]:
        """Share of the specifications with each verdict, in descending order."""
        names = [s.verdict for s in self.specifications]
        counts = {v: names.count(v) / len(names) for v in dict.fromkeys(names)}
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def plot(self, target: str = "slope_p10") -> Chart:
        """Draw the estimates of one target in order (`integrade.plot.specifications`)."""
        return draw("specifications", self, target)

    def sheet(self) -> Sheet:
        """Return the curve for the terminal."""
        sampled = f" of {self.of:,}, drawn at random" if self.of > len(self.specifications) else ""
        lines = [
            f"{len(self.specifications):,} specifications{sampled}; {self.rows:,} rows complete in every column "
            f"({self.n_missing:,} are not); clusters: {self.cluster} ({self.clusters}); seed {self.seed}",
            "verdicts: " + ", ".join(f"{name} {share:.1%}" for name, share in self.shares.items()),
        ]
        for target in TARGETS:
            values = sorted(s.value(target) for s in self.specifications)
            low, high = (values[round(q * (len(values) - 1))] for q in (0.05, 0.95))
            lines.append(f"{target}: median {median(values):.4g}, 5% to 95% of specifications {low:.4g} to {high:.4g}")
        lines += [
            f"{t.method}, {t.target}: {t.statistic} {t.observed:.4g} (under the null {t.under_null:.4g}), "
            f"p = {t.p_value:.4f} ({t.draws:,} draws)"
            for t in self.tests
        ]
        for target in TARGETS:
            ranked = sorted((w for w in self.weights if w.target == target), key=lambda w: -w.alone)
            if ranked:
                lines.append(
                    f"variance of {target} by choice: " + ", ".join(f"{w.choice} {w.alone:.0%}" for w in ranked)
                )
        lines.append("slopes in standard deviations of the outcome for one of the index")
        return of_text("\n".join([*lines, *self.notes]))
