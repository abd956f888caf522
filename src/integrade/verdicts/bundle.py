"""Define `StudyResults`: everything that a report prints, in one frozen record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrade.estimate.multiple import Adjusted
from integrade.integration.change import NationalChange
from integrade.panel.review_links import MatchStudy
from integrade.records.presets import of_the_paper
from integrade.subjects.benchmark.columns import Column as Column
from integrade.subjects.benchmark.columns import Version as Version
from integrade.subjects.benchmark.describe import Correlations, Describe
from integrade.subjects.groups.records import GroupSplit as GroupSplit
from integrade.subjects.inference.randomisation import InferenceStudy as InferenceStudy
from integrade.subjects.instruments.weak_iv import Instrumented as Instrumented
from integrade.subjects.lags.records import LagStudy as LagStudy
from integrade.subjects.mediation.records import MediationResult
from integrade.subjects.noise.records import NoiseStudy as NoiseStudy
from integrade.subjects.quality_alone.model import QualitySummary
from integrade.subjects.robustness.model import Variant
from integrade.subjects.row_level.model import RowLevelResult
from integrade.subjects.sensitivity.model import SensitivityStudy as SensitivityStudy
from integrade.subjects.shape.effect_size import EffectSizes
from integrade.subjects.shape.two_lines import ShapeStudy as ShapeStudy
from integrade.subjects.situation.model import Situation
from integrade.subjects.truth.model import Truth as Truth
from integrade.verdicts.parts import Part
from integrade.verdicts.table_looks import TableLook
from plainwords.account import Account
from plainwords.texts import say


@dataclass(frozen=True)
class RankedRegion:
    """One row of the segmentation ranking: a region's average over all years, first and last year, and ranks."""

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
    """One period of a national or group series. Standard errors, if computed, are by the delete-one-good jackknife."""

    series: str
    year: int
    segmentation: float
    integration: float
    se_integration: float | None


@dataclass(frozen=True)
class IndexPoint:
    """One region and year of the index, for the figures of the ranking and of the map."""

    region: str
    year: int
    segmentation: float
    integration: float
    se_integration: float | None


@dataclass(frozen=True)
class Placed:
    """A region on the map: its name in the index (or its usual name), the label in its tile, and its tile's position.

    ``column`` counts from the west, ``row`` from the north, both from 0. ``outline`` holds rings of longitude and
    latitude, if the user gives outlines. The map is then drawn with them instead of tiles.
    """

    region: str
    label: str
    column: int
    row: int
    outline: tuple[tuple[tuple[float, float], ...], ...] = ()


@dataclass(frozen=True)
class Index:
    """The integration index and its reliability (METHODS 1.5).

    ``transform`` is the unit of integration if the index is not made from prices. There is then no segmentation, the
    ranking is by integration (rank 1: the least integrated), and the numbers on reliability are missing. ``places`` are
    the positions on the map of the regions of a geography other than China's. China's provinces have their tiles by
    name. ``without_reliability``: the reason why no reliability is computed from the goods. ``change`` is the change of
    the nation from its first to its last period; None if its standard error was not computed.
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
    places: tuple[Placed, ...] = ()
    without_reliability: str = ""
    change: NationalChange | None = None

    @property
    def there(self) -> bool:
        """True if the study measures an index."""
        return bool(self.measure)

    @property
    def by_prices(self) -> bool:
        """True if the index is the relative-price index, with segmentation and sampling errors."""
        return self.measure == "relative_price"


NO_INDEX = Index("", 0, 0, (), (), (), measure="")
"""The record of the index in a study that measures no index."""


@dataclass(frozen=True)
class OwnRule:
    """A hypothesis of the study file: its name, its claim, and the rules that support and contradict it."""

    name: str
    claim: str
    rule: str
    contradicted: str | None = None


@dataclass(frozen=True)
class Verdict:
    """A hypothesis (``H1``) judged as a rule over results: its claim, the conclusion of the rule, and its numbers.

    ``outcome`` is a code: supported, not supported, contradicted, cannot be told (with this index, because of its
    noise) or not tested. ``found`` is the conclusion in a few words (``an inverted U``), ``rule`` the rule as a
    sentence. ``shared`` is what the rule has in common with other rules, ``parts`` its conditions with their numbers.
    ``about`` is a code of the claim (``inverted_u``, ``promotes:human_capital``, ``acts:rd``, ``differs:ownership``).
    ``truth`` is whether the claim is true in a simulated economy; None if that is not known.
    """

    hypothesis: str
    outcome: str
    sentence: str
    statement: str = ""
    rule: str = ""
    found: str = ""
    parts: tuple[Part, ...] = ()
    about: str = ""
    truth: bool | None = None
    shared: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The hypothesis and its claim."""
        if not self.statement:
            return self.hypothesis
        return say("verdicts.heading", hypothesis=self.hypothesis, statement=self.statement)


@dataclass(frozen=True)
class StudyResults:
    """A whole study, ready to print."""

    title: str
    preset: str
    settings: Mapping[str, str]
    account: Account
    index: Index
    describe: tuple[Describe, ...]
    correlations: Correlations | None
    benchmark: tuple[Column, ...]
    printed: tuple[Column, ...] = ()  # the benchmark with the errors of the paper's tables, if evidence has others
    units: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, TableLook] = field(default_factory=dict)  # number of a table, "" for all -> what it prints
    names: Mapping[str, str] = field(default_factory=dict)  # column -> its heading in the file of a given panel
    quality_alone: QualitySummary | None = None  # of a study without regressions
    truth: tuple[Truth, ...] = ()
    claims: Mapping[str, bool] = field(default_factory=dict)  # code of a verdict's claim -> whether it is true
    verdicts: tuple[Verdict, ...] = ()
    warnings: tuple[str, ...] = ()  # reasons why a number may be wrong, or rows are left out without request
    notes: tuple[str, ...] = ()  # choices made, and how the headline was estimated
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
    situation: Situation | None = None
    effects: EffectSizes | None = None
    versions: tuple[Version, ...] = ()
    match: MatchStudy | None = None
    hypotheses: tuple[OwnRule, ...] = ()
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # section -> why it has no result
    answers: Mapping[str, object] = field(default_factory=dict)  # answers to questions without a field here
    tables: Mapping[str, str] = field(default_factory=dict)  # place in a whole report -> number in this one
    stages: Mapping[str, int] = field(default_factory=dict)  # step -> number of its entries in account, in order

    @property
    def of_the_paper(self) -> bool:
        """True if the study has the paper's choices and the layout of its tables."""
        return of_the_paper(self.preset)


def headline(results: StudyResults) -> Column | None:
    """Return the benchmark column that the study rests on: the last one with a U-test, else the last one."""
    tested = [c for c in results.benchmark if c.u_test]
    columns = tested or list(results.benchmark)
    return columns[-1] if columns else None


def treatment_terms(column: Column) -> tuple[str, ...]:
    """Return the variable whose square is in the formula, and its square; without a square, only the first term."""
    terms = [k.term for k in column.headline.coefficients]
    squared = [t for t in terms if f"{t}^2" in terms]
    return (squared[0], f"{squared[0]}^2") if squared else tuple(terms[:1])


def years_of(index: Index) -> tuple[int, int]:
    """Return the first and the last year of the index."""
    years = [p.year for p in index.points] or [p.year for p in index.trend] or [0]
    return min(years), max(years)


def treatment_of(results: StudyResults) -> str:
    """Return the variable that the headline is about; the text is empty without a benchmark."""
    column = headline(results)
    return treatment_terms(column)[0] if column else ""


def of_the_index(results: StudyResults) -> bool:
    """Return whether the variable that the benchmark is about is the index of the study."""
    return results.index.there and treatment_of(results) == "market"


def of_quality(results: StudyResults) -> bool:
    """Return whether the outcome of the benchmark is the quality that the study measures; true without a benchmark."""
    if results.stages and "quality" not in results.stages:
        return False
    column = headline(results)
    return column is None or column.headline.outcome == "quality"


def of_demand(results: StudyResults) -> bool:
    """Return whether the outcome of the benchmark is quality measured by the demand residual.

    The demand residual is sales of a product beyond what its price explains.
    """
    return of_quality(results) and results.settings.get("quality.method", DEMAND) == DEMAND


DEMAND = "demand_residual"
"""The measure of quality if the study file names no other."""
