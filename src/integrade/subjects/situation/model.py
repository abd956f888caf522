"""Define the record of a study's descriptive chapter: the index and quality over time."""

from __future__ import annotations

from dataclasses import dataclass

from integrade.integration.influence import GoodInfluence
from integrade.integration.trust import PeriodNoise, PureRegion
from integrade.subjects.situation.break_date import BreakDate
from integrade.subjects.situation.distributions import Distributions
from integrade.subjects.situation.trends import Trends, YearExtremes


@dataclass(frozen=True)
class PurePoint:
    """A region's integration and its own component, both averaged over the years that have both."""

    region: str
    integration: float
    pure: float


@dataclass(frozen=True)
class Situation:
    """The top and bottom of the regions' ranking, the break of the national series, trends, and the index's noise.

    ``breaks`` holds the break of the level and the break of the trend. ``trends`` holds mean quality by group and year.
    ``distributions`` holds quantiles of quality, of all rows and by the first split. ``goods`` has the effect of
    leaving out each good. ``pure`` compares the regions' own components with the index. ``noise`` has the sampling
    error within each year. A field is empty if a study has no data for it. ``notes`` say why a break could not be
    dated.
    """

    extremes: tuple[YearExtremes, ...] = ()
    breaks: tuple[BreakDate, ...] = ()
    trends: Trends | None = None
    goods: tuple[GoodInfluence, ...] = ()
    pure: PureRegion | None = None
    pure_points: tuple[PurePoint, ...] = ()
    noise: tuple[PeriodNoise, ...] = ()
    notes: tuple[str, ...] = ()
    distributions: tuple[Distributions, ...] = ()
