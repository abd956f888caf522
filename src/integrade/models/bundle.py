"""Everything a report prints, in one frozen record: `StudyResults`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrade.account import Account
from integrade.models.findings import Adjusted, GroupComparison, LagResults
from integrade.models.linear.results import Correlations, Describe, FitResult, Hausman, UTest
from integrade.models.mediation.records import MediationResult
from integrade.models.robust.robustness import Variant


@dataclass(frozen=True)
class RankedRegion:
    """One row of the segmentation ranking: the average over all years, the first and the last year, with ranks."""

    region: str
    group: str
    average: float
    rank_average: int
    first: float | None
    rank_first: int | None
    last: float | None
    rank_last: int | None


@dataclass(frozen=True)
class TrendPoint:
    """One period of a national or group series; standard errors by delete-one-good jackknife where computed."""

    series: str
    year: int
    segmentation: float
    integration: float
    se_integration: float | None


@dataclass(frozen=True)
class IndexPoint:
    """One region-year of the index, for the ranking and map figures."""

    region: str
    year: int
    segmentation: float
    integration: float
    se_integration: float | None


@dataclass(frozen=True)
class Index:
    """The integration index and how far it can be trusted (METHODS 1.5)."""

    transform: str
    n_regions: int
    n_goods: int
    ranking: tuple[RankedRegion, ...]
    trend: tuple[TrendPoint, ...]
    points: tuple[IndexPoint, ...]
    split_half: float | None = None
    spearman_brown: float | None = None
    noise_share: float | None = None
    jackknife_coverage: float | None = None
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a regression table: the headline fit and the same fit under other covariances."""

    label: str
    headline: FitResult
    beside: Mapping[str, FitResult] = field(default_factory=dict)
    u_test: UTest | None = None
    hausman: Hausman | None = None


@dataclass(frozen=True)
class LagStudy:
    """The past of the treatment with the controls of this year, and with the controls lagged as well."""

    alone: LagResults
    with_controls: LagResults


@dataclass(frozen=True)
class GroupSplit:
    """One way of splitting the sample: the kind of groups (ownership, intensity, period, area, column), its tests."""

    how: str
    title: str
    comparison: GroupComparison


@dataclass(frozen=True)
class Truth:
    """A simulated parameter beside its estimate, and why they differ where they do."""

    parameter: str
    truth: float
    oracle: float | None  # the same regression on true quality and the true index
    estimate: float
    conf_low: float | None
    conf_high: float | None
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """A hypothesis as a rule over results: supported, not supported, contradicted or not tested."""

    hypothesis: str
    outcome: str
    sentence: str


@dataclass(frozen=True)
class StudyResults:
    """A whole study, ready to print."""

    title: str
    preset: str
    settings: Mapping[str, str]
    account: Account
    index: Index
    describe: tuple[Describe, ...]
    correlations: Correlations
    benchmark: tuple[Column, ...]
    units: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    truth: tuple[Truth, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    warnings: tuple[str, ...] = ()
    provenance: tuple[Mapping[str, str], ...] = ()  # file, sha256, rows
    lags: LagStudy | None = None
    mediation: tuple[MediationResult, ...] = ()  # one mediator each
    groups: tuple[GroupSplit, ...] = ()
    group_family: tuple[Adjusted, ...] = ()  # one test per split, by title, adjusted over the splits
    robustness: tuple[Variant, ...] = ()
