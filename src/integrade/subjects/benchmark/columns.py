"""Define the records of a column of the main regression table, and of the main regression with one change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from integrade.estimate.hausman import Hausman
from integrade.estimate.inverted_u import UTest, u_test
from integrade.estimate.results import FitResult
from integrade.subjects.shape.effect_size import EffectSizes
from integrade.subjects.shape.two_lines import TwoLinesResult


@dataclass(frozen=True)
class Column:
    """One column of a regression table: the main fit, the same fit with other covariances, and tests of its shape.

    ``hausman_beside`` has further forms of the Hausman test.
    """

    label: str
    headline: FitResult
    beside: Mapping[str, FitResult] = field(default_factory=dict)
    u_test: UTest | None = None
    hausman: Hausman | None = None
    two_lines: TwoLinesResult | None = None
    hausman_beside: tuple[Hausman, ...] = ()


def estimated_anew(column: Column, fit: FitResult) -> Column:
    """Return a column with another estimate of its regression, and the U-test of that estimate.

    What describes the rows and the outcome stays: distributions, means and R2. Other covariances are left out.
    """
    own = column.headline
    kept = replace(
        fit, spreads=own.spreads, r2=own.r2, r2_within=own.r2_within, means=own.means, deviations=own.deviations
    )
    test = None if column.u_test is None else u_test(kept, column.u_test.variable)
    return replace(column, headline=kept, beside={}, u_test=test)


def by_clusters(column: Column) -> Column:
    """Return a column whose main fit and U-test have the cluster jackknife (CR3), if it is beside the main fit.

    The former main fit is then beside the new one.
    """
    own, name = column.headline, next((n for n, fit in column.beside.items() if fit.kind == "CR3"), None)
    if own.kind == "CR3" or name is None:
        return column
    fit = column.beside[name]
    others = {n: other for n, other in column.beside.items() if n != name}
    test = None if column.u_test is None else u_test(fit, column.u_test.variable)
    return replace(column, headline=fit, beside={own.kind: own, **others}, u_test=test)


@dataclass(frozen=True)
class Version:
    """The main regression with another outcome, with another index, or on a part of the sample.

    ``kind`` is outcome, index or sample. ``change`` describes the difference. ``p_holm`` is the p of the U-test,
    adjusted over all outcomes of the study, including the main outcome. It is missing if ``kind`` is index or sample.
    ``corrected`` is the regression corrected for noise in the treatment (`subjects.noise.corrected`); None if it was
    not asked for, or if the index of the version is not made from prices. ``uncorrected`` is the reason why it could
    not be made.
    """

    kind: str
    name: str
    change: str
    column: Column
    effects: EffectSizes | None = None
    p_holm: float | None = None
    corrected: FitResult | None = None
    uncorrected: str = ""
