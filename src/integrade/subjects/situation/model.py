"""Record of a study's descriptive chapter: the index and quality over time."""

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
    """The ends of the regions' ranking, the break of the national series, trends, and the noise of the index.

    ``breaks``: of the level, and of the trend. ``trends``: quality by group and year, means; ``distributions``: its
    quantiles, of all rows and by the first split. ``goods``: the effect of leaving each good out. ``pure``: region
    components against the index; ``noise``: sampling error within each year. Fields are empty where a study has no data
    for them; ``notes`` give the reason.
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
