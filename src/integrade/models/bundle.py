"""Everything a report prints, in one frozen record: `StudyResults`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrade.account import Account
from integrade.models.findings import Adjusted, CubicTest, GroupComparison, JointTest, LagResults, TwoLinesResult
from integrade.models.instruments.control_function import ControlFunction
from integrade.models.instruments.weak_iv import WeakIV
from integrade.models.linear.clusters import ClusterReport
from integrade.models.linear.results import Correlations, CurvePoint, Describe, FitResult, Hausman, UTest
from integrade.models.mediation.records import MediationResult
from integrade.models.noise.noisy_index import Attenuation, PipelineBootstrap, Simex
from integrade.models.noise.oriv import OrivResult
from integrade.models.robust.randomisation import Randomisation
from integrade.models.robust.robustness import Variant
from integrade.models.robust.row_level import RowLevelResult
from integrade.models.robust.sensitivity import Confounder, Oster
from integrade.models.robust.spillover import MechanicalCorrelation
from integrade.models.shape.effect_size import EffectSizes
from integrade.models.shape.past import PastShare
from integrade.models.situation import Situation
from integrade.panel.match_study import MatchStudy


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
    """The integration index and how far it can be trusted (METHODS 1.5).

    ``transform`` is the unit of integration where the index is not made from prices; there is then no segmentation, the
    ranking is by integration (rank 1: the least integrated), and the figures on trust are missing.
    """

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
    measure: str = "relative_price"

    @property
    def by_prices(self) -> bool:
        """Whether the index is the relative-price index, with segmentation and sampling errors."""
        return self.measure == "relative_price"


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
class ShapeStudy:
    """The shape of the curve: U-tests of the whole and of a second range, who is past, two lines, a cube, the curve.

    ``ends`` names the second range (p5, p95); ``level`` is that of the intervals and of the curve's pointwise band.
    """

    variable: str
    whole: UTest
    inner: UTest
    ends: tuple[str, str]
    level: float
    past: tuple[PastShare, ...] = ()
    two_lines: TwoLinesResult | None = None
    cubic: CubicTest | None = None
    curve: tuple[CurvePoint, ...] = ()


@dataclass(frozen=True)
class InferenceStudy:
    """What the clusters can carry, and the permutation of the regions' paths."""

    randomisation: Randomisation | None = None
    clusters: ClusterReport | None = None


@dataclass(frozen=True)
class NoiseStudy:
    """The regression on the noisy index: as it is, and with what can be done about the noise.

    ``on_true_index``: the same regression with the true index of a simulated economy, measured quality as it is; the
    gap to ``naive`` is the noise of the index and nothing else. ``places``: percentiles of the measured index.
    """

    variable: str
    naive: FitResult
    places: tuple[tuple[str, float], ...] = ()
    oriv: OrivResult | None = None
    simex: Simex | None = None
    pipeline: PipelineBootstrap | None = None
    expected: tuple[Attenuation, ...] = ()
    on_true_index: FitResult | None = None


@dataclass(frozen=True)
class SensitivityStudy:
    """How strong an omitted variable would have to be, for the slope at each place."""

    oster: tuple[Oster, ...] = ()
    confounders: tuple[Confounder, ...] = ()


@dataclass(frozen=True)
class Instrumented:
    """The regression with one instrument: least squares beside it, first stages, estimators, weak-robust sets.

    ``variable`` is the endogenous regressor (half of the goods' index for split_goods). ``estimates``: 2SLS, LIML, GMM
    -> fit; ``problems`` say what could not be estimated.
    """

    title: str
    builder: str
    variable: str
    columns: tuple[str, ...]
    exclusion: str
    ols: FitResult | None = None
    first: tuple[FitResult, ...] = ()
    estimates: Mapping[str, FitResult] = field(default_factory=dict)
    weak: WeakIV | None = None
    control: ControlFunction | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class SpilloverStudy:
    """The neighbours' index beside the region's own, and how far the two go together by construction."""

    name: str
    neighbours: str
    shared: str
    fit: FitResult
    joint: JointTest
    u_test: UTest | None = None
    mechanical: MechanicalCorrelation | None = None


@dataclass(frozen=True)
class Version:
    """The benchmark with another outcome, another index or on a part of the sample.

    ``kind``: outcome, index or sample; ``change`` says what differs. ``p_holm``: of the U-test, adjusted over the
    outcomes of the study (its own and all others); missing for other kinds.
    """

    kind: str
    name: str
    change: str
    column: Column
    effects: EffectSizes | None = None
    p_holm: float | None = None


@dataclass(frozen=True)
class Truth:
    """A simulated parameter beside its estimate, and why they differ where they do.

    ``oracle`` is the same estimate on true quality and the true index, with its 95 % interval.
    """

    parameter: str
    truth: float
    oracle: float | None
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    note: str = ""
    oracle_low: float | None = None
    oracle_high: float | None = None


@dataclass(frozen=True)
class OwnRule:
    """A hypothesis of the study file: its name, its claim, when it is supported, and when contradicted."""

    name: str
    claim: str
    rule: str
    contradicted: str | None = None


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
    shape: ShapeStudy | None = None
    inference: InferenceStudy | None = None
    noise: NoiseStudy | None = None
    sensitivity: SensitivityStudy | None = None
    instruments: tuple[Instrumented, ...] = ()
    row_level: RowLevelResult | None = None
    spillover: SpilloverStudy | None = None
    situation: Situation | None = None
    effects: EffectSizes | None = None
    versions: tuple[Version, ...] = ()
    match: MatchStudy | None = None
    hypotheses: tuple[OwnRule, ...] = ()
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # section -> why it has no result
    stages: Mapping[str, int] = field(default_factory=dict)  # step of the study -> its entries in account, in order
