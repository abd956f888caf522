"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from collections.abc import Mapping
from collections.abc import Sequence
from integrade.engine.frames import Data
from integrade.engine.frames import Table
from integrade.estimate.formula import Formula
from integrade.estimate.hausman import Hausman
from integrade.estimate.hausman import HausmanTest
from integrade.estimate.inverted_u import u_test as u_test
from integrade.estimate.linear import Fit
from integrade.estimate.multiple import benjamini_hochberg as benjamini_hochberg
from integrade.estimate.multiple import benjamini_yekutieli as benjamini_yekutieli
from integrade.estimate.multiple import holm as holm
from integrade.estimate.multiple import romano_wolf as romano_wolf
from integrade.estimate.quasi import fractional_logit as fractional_logit
from integrade.estimate.quasi import ppml as ppml
from integrade.estimate.results import FitResult
from integrade.estimate.results import summary as summary
from integrade.integration.options import RelativePrice
from integrade.study.citing import cite as cite
from integrade.subjects.benchmark.describe import correlate as correlate
from integrade.subjects.benchmark.describe import describe as describe
from integrade.subjects.curve.model import Curve
from integrade.subjects.curve.records import SpecificationCurve
from integrade.subjects.groups.compare import Groups
from integrade.subjects.groups.compare import adjust_family as adjust_family
from integrade.subjects.groups.compare import industry_intensity as industry_intensity
from integrade.subjects.groups.records import GroupComparison
from integrade.subjects.groups.splits import Split
from integrade.subjects.inference.clusters import ClusterReport
from integrade.subjects.inference.family import Family
from integrade.subjects.inference.randomisation import Randomisation
from integrade.subjects.inference.randomisation import Randomise
from integrade.subjects.instruments.builders import Instrument
from integrade.subjects.instruments.builders import join_instrument as join_instrument
from integrade.subjects.instruments.builders import lagged_index as lagged_index
from integrade.subjects.instruments.builders import terrain_instrument as terrain_instrument
from integrade.subjects.instruments.control_function import ControlFunction
from integrade.subjects.instruments.shift_share import ShiftShare
from integrade.subjects.instruments.shift_share import ShiftShareErrors
from integrade.subjects.instruments.shift_share import ShiftShareOptions
from integrade.subjects.instruments.shift_share import shift_share_instrument as shift_share_instrument
from integrade.subjects.instruments.weak_iv import WeakIV
from integrade.subjects.instruments.weak_iv import WeakIVOptions
from integrade.subjects.lags.model import Lags
from integrade.subjects.lags.model import add_lags as add_lags
from integrade.subjects.lags.records import LagResults
from integrade.subjects.mediation.mediate import Mediation
from integrade.subjects.mediation.records import MediationResult
from integrade.subjects.noise.attenuation import expected_attenuation as expected_attenuation
from integrade.subjects.noise.corrected import Corrected
from integrade.subjects.noise.corrected import CorrectedOptions
from integrade.subjects.noise.halves import Halves
from integrade.subjects.noise.halves import halves_of as halves_of
from integrade.subjects.noise.oriv import Oriv
from integrade.subjects.noise.oriv import OrivResult
from integrade.subjects.noise.pipeline import PipelineBootstrap
from integrade.subjects.noise.pipeline import PipelineOptions
from integrade.subjects.noise.simex import Simex
from integrade.subjects.noise.simex import SimexOptions
from integrade.subjects.power.model import Power
from integrade.subjects.power.setting import PowerOptions
from integrade.subjects.robustness.gelbach import Gelbach
from integrade.subjects.robustness.gelbach import GelbachResult
from integrade.subjects.robustness.model import Robustness
from integrade.subjects.robustness.model import Variants
from integrade.subjects.row_level.model import RowLevel
from integrade.subjects.row_level.model import RowLevelResult
from integrade.subjects.sensitivity.model import Confounder
from integrade.subjects.sensitivity.model import ConfounderOptions
from integrade.subjects.sensitivity.model import robustness_value as robustness_value
from integrade.subjects.sensitivity.oster import Oster
from integrade.subjects.sensitivity.oster import OsterOptions
from integrade.subjects.shape.effect_size import effect_sizes as effect_sizes
from integrade.subjects.shape.two_lines import CubicTest
from integrade.subjects.shape.two_lines import TwoLines
from integrade.subjects.shape.two_lines import TwoLinesResult
from integrade.subjects.situation.break_date import break_date as break_date
from integrade.subjects.situation.trends import extremes as extremes
from integrade.subjects.situation.trends import group_trends as group_trends
from integrade.subjects.spillover.model import MechanicalCorrelation
from integrade.subjects.spillover.model import Spillover
from typing import Any
from typing import Literal

__all__ = [
    "add_lags",
    "add_spillover",
    "adjust_family",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "break_date",
    "cite",
    "cluster_report",
    "compare_groups",
    "control_function",
    "corrected",
    "correlate",
    "cubic_test",
    "describe",
    "effect_sizes",
    "expected_attenuation",
    "extremes",
    "fit",
    "fit_many",
    "fractional_logit",
    "gelbach",
    "group_column",
    "group_trends",
    "halves_of",
    "hausman",
    "holm",
    "industry_intensity",
    "join_instrument",
    "lag_table",
    "lagged_index",
    "mechanical_correlation",
    "mediate",
    "neighbour_instrument",
    "omitted_confounder",
    "oriv",
    "oster",
    "pipeline_bootstrap",
    "power",
    "ppml",
    "randomisation",
    "robustness",
    "robustness_value",
    "romano_wolf",
    "romano_wolf_family",
    "row_level",
    "shift_share_errors",
    "shift_share_instrument",
    "simex",
    "specification_curve",
    "spillover",
    "split_goods",
    "summary",
    "terrain_instrument",
    "two_lines",
    "u_test",
    "weak_iv",
]

def add_spillover(
    panel: Data,
    options: Spillover | None = None,
    *,
    prices: Any = None,
    index: Any = None,
    neighbours: Any = 'adjacent',
    shared: Literal['drop', 'keep'] = 'drop',
    name: str = 'market_neighbours',
    square: bool = True,
    method: RelativePrice = ...,
) -> Data:
    """Add the mean index of the neighbours of each row's region, and its square."""

def cluster_report(
    panel: Any,
    formula: str,
    cluster: str = 'region',
    options: Fit | None = None,
    *,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> ClusterReport:
    """Compute the effective number of clusters, leverage by cluster, and each coefficient's most influential cluster."""

def compare_groups(
    panel: Any,
    formula: str,
    by: str,
    options: Groups | None = None,
    *,
    halves: Halves | None = None,
    treatment: str = 'market',
    permutations: int = 999,
    permute: str | None = None,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> GroupComparison:
    """Estimate the regression in every group and test whether the effect of the treatment differs."""

def control_function(
    panel: Any,
    formula: str,
    options: Fit | None = None,
    *,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> ControlFunction:
    """Estimate y = b1 x + b2 x^2 + w with x endogenous by adding the residual of x on the instruments."""

def corrected(
    prices: Any,
    panel: Any,
    formula: str,
    options: CorrectedOptions | None = None,
    *,
    treatment: str = 'market',
    splits: int = 20,
    seed: int = 20240101,
    index: RelativePrice = ...,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = 'region',
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> Corrected:
    """Estimate a regression corrected for measurement error in the index, with halves of the goods as instruments."""

def cubic_test(
    panel: Any,
    formula: str,
    variable: str = 'market',
    options: Fit | None = None,
    *,
    knots: int = 10,
    alpha: float = 0.05,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> CubicTest:
    """Add the cube of the variable to x and x^2 and test it."""

def fit(
    panel: Any,
    formula: str | Formula,
    options: Fit | None = None,
    *,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> FitResult:
    """Estimate a model with fixed effects: by default linear, by least squares or 2SLS."""

def fit_many(
    panel: Any,
    formula: str | Sequence[str] | Mapping[str, str],
    options: Fit | None = None,
    *,
    split: str | None = None,
    fsplit: str | None = None,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> dict[str, FitResult]:
    """Estimate every regression that one formula or several formulas describe."""

def gelbach(
    panel: Any,
    formula: str | Formula,
    groups: Sequence[str] | Mapping[str, Sequence[str]],
    options: Gelbach | None = None,
    *,
    terms: tuple[str, ...] = (),
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> GelbachResult:
    """Decompose the change of coefficients when controls enter into parts, one for each group of controls."""

def group_column(
    panel: Data,
    how: Literal['ownership', 'intensity', 'period', 'area', 'list'],
    options: Split | None = None,
    *,
    name: str | None = None,
    state: tuple[str, ...] = ('state', 'state-owned', '国有', '国有企业', '110', '141', '143', '151'),
    first_of_later: int | None = None,
    intensity_from: Literal['accounts', 'lists'] = 'accounts',
    edition: Literal['GB/T 4754-2002', 'GB/T 4754-2011', 'GB/T 4754-2017'] = 'GB/T 4754-2002',
    capital: str = 'fixed_assets',
    labour: str = 'employment',
    industry: str = 'industry',
    ownership: str = 'ownership',
    region: str = 'region',
    year: str = 'year',
    groups: Any = None,
    codes: str = 'industry',
    geography: Any = None,
) -> Data:
    """Add a column of groups to the panel."""

def hausman(
    panel: Any,
    formula: str,
    options: HausmanTest | None = None,
    *,
    method: Literal['mundlak', 'classical', 'sigmamore', 'sigmaless', 'stata', 'stata_without_dummies'] = 'mundlak',
    cluster: str | Sequence[str] | None = None,
) -> Hausman:
    """Test whether the unit effects (the first effect of the formula) are uncorrelated with the regressors."""

def lag_table(
    panel: Any,
    formula: str,
    options: Lags | None = None,
    *,
    series: Any = None,
    halves: Halves | None = None,
    variable: str = 'market',
    lags: tuple[int, ...] = (1, 2, 3),
    leads: tuple[int, ...] = (1,),
    include_square: bool = True,
    on: Literal['regressor', 'both'] = 'regressor',
    controls: Literal['current', 'lagged'] = 'current',
    same_sample: bool = False,
    lives_on: tuple[str, ...] = ('region', 'year'),
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> LagResults:
    """Estimate the regression with each lag of a variable in turn, with all together, and with leads as a placebo."""

def mechanical_correlation(
    prices: Any,
    options: Spillover | None = None,
    *,
    neighbours: Any = 'adjacent',
    shared: Literal['drop', 'keep'] = 'drop',
    name: str = 'market_neighbours',
    square: bool = True,
    method: RelativePrice = ...,
) -> MechanicalCorrelation:
    """Measure how much of the correlation between a region's index and its neighbours' comes from shared pairs."""

def mediate(
    panel: Any,
    formula: str,
    mediator: str | Sequence[str],
    options: Mediation | None = None,
    *,
    halves: Halves | None = None,
    treatment: str = 'market',
    a_path: Literal['same', 'linear'] = 'same',
    interval: Literal['percentile', 'bca', 'monte_carlo'] = 'percentile',
    draws: int = 1000,
    level: float = 0.95,
    at: str | float | Sequence[str | float] = ('p10', 'p50', 'p90'),
    cell_level: tuple[str, ...] = ('region', 'year'),
    seed: int = 20240101,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> MediationResult:
    """Decompose the effect of the treatment into the part through the mediators and the rest."""

def neighbour_instrument(
    prices: Any,
    pairs: Any = 'adjacent',
    options: RelativePrice | None = None,
    *,
    component: Literal['pure', 'index'] = 'pure',
    form: Literal['difference', 'ratio_change', 'level_ratio'] = 'difference',
    basis: Literal['detect', 'link', 'fixed', 'one_base', 'level', 'year_on_year', 'rate', 'rate_year_on_year'] = 'detect',
    absolute: bool = True,
    demean: Literal['pairs', 'used', 'none', 'two_way', 'regression'] = 'pairs',
    ddof: Literal[1, 0] = 1,
    dispersion: Literal['variance', 'sd', 'mean_absolute', 'joint', 'over_time'] = 'variance',
    window: int | None = None,
    distances: Any = None,
    partner_weights: Any = 'equal',
    good_weights: Any = 'equal',
    missing: Literal['pairwise', 'listwise', 'impute'] = 'pairwise',
    goods_group: Literal['consumer', 'capital', 'labour'] = 'consumer',
    transform: Literal['log_inverse_sqrt', 'inverse_sqrt', 'inverse', 'neg_log', 'none'] = 'log_inverse_sqrt',
    level: Literal['region', 'pair', 'nation', 'group'] = 'region',
    se: Literal['none', 'jackknife'] = 'none',
    k_min: int | None = None,
    thin: Literal['leave_out', 'refuse'] = 'leave_out',
    groups: Any = None,
    geography: Any = None,
) -> Instrument:
    """Compute the mean integration of a region's neighbours as if the region had no prices."""

def omitted_confounder(
    panel: Any,
    formula: str,
    treatment: str,
    options: ConfounderOptions | None = None,
    *,
    at: float | Literal['p5', 'p10', 'p50', 'p90', 'p95'] | None = None,
    q: float = 1.0,
    alpha: float = 0.05,
    benchmarks: tuple[str, ...] = (),
    strengths: tuple[float, ...] = (1, 2, 3),
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> Confounder:
    """Compute Cinelli and Hazlett's robustness values, and estimates under confounders as strong as the controls."""

def oriv(
    panel: Any,
    formula: str,
    options: Oriv | None = None,
    *,
    variable: str = 'market',
    halves: tuple[str, str] = ('market_a', 'market_b'),
    goods: int | None = None,
    spreads: tuple[float, ...] = (0.2, 0.4),
    samples: int = 40,
    seed: int = 20240101,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = 'region',
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> OrivResult:
    """Instrument the index of half of the goods by the index of the other half, in both directions at once."""

def oster(
    panel: Any,
    formula: str,
    treatment: str,
    options: OsterOptions | None = None,
    *,
    at: float | Literal['p5', 'p10', 'p50', 'p90', 'p95'] | None = None,
    keep: tuple[str, ...] = (),
    r_max: float | None = None,
    r_factor: float = 1.3,
    delta: float = 1.0,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> Oster:
    """Compute Oster's (2019) bound on a coefficient, and the delta that would explain it away."""

def pipeline_bootstrap(
    prices: Any,
    panel: Any,
    formula: str,
    options: PipelineOptions | None = None,
    *,
    treatment: str = 'market',
    resample: Literal['both', 'goods', 'clusters'] = 'both',
    draws: int = 499,
    level: float = 0.95,
    seed: int = 20240101,
    index: RelativePrice = ...,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = 'region',
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> PipelineBootstrap:
    """Bootstrap goods and clusters through the index and the regression together."""

def power(
    prices: Any = None,
    panel: Any = None,
    formula: str = '',
    options: PowerOptions | None = None,
    *,
    treatment: str = 'market',
    index: RelativePrice | None = None,
    fit: Fit | None = None,
    regions: int | None = None,
    years: int | None = None,
    goods: int | None = None,
    firms: float | None = None,
    inequality: float | None = None,
    noise: float | None = None,
    error_correlation: float | None = None,
    persistence: float | None = None,
    between: float | None = None,
    movement: float | None = None,
    icc: float | None = None,
    shock_persistence: float | None = None,
    proxy: float | None = None,
    mediator_icc: float | None = None,
    group: float | None = None,
    shared: float | None = None,
    effect: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    splits: int = 20,
    draws: int = 500,
    seed: int = 20240101,
) -> Power:
    """Compute which effects, curvatures, mediators and differences between groups a design can detect."""

def randomisation(
    panel: Any,
    formula: str,
    treatment: str = 'market',
    options: Randomise | None = None,
    *,
    permutations: int = 999,
    seed: int = 20240101,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = 'region',
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> Randomisation:
    """Test the effect of the treatment by permuting treatment histories across regions."""

def robustness(
    panel: Any,
    formula: str,
    treatment: str,
    options: Robustness | None = None,
    *,
    halves: Halves | None = None,
    checks: tuple[str, ...] = ('balanced', 'leave_out', 'winsor', 'effects', 'weights', 'outcomes', 'indices', 'placebo', 'collapsed', 'poisson', 'fractional'),
    unit: str = 'firm',
    leave_out: tuple[str, ...] = ('region', 'year', 'industry'),
    winsor: tuple[tuple[float, float], ...] = ...,
    effects: tuple[str, ...] = ('region', 'industry^year', 'group^year'),
    weight_columns: tuple[str, ...] = ('value',),
    outcomes: tuple[str, ...] = (),
    indices: tuple[str, ...] = (),
    gelbach: tuple[str, ...] = (),
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = 'region',
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> Variants:
    """Re-estimate a regression under one change at a time; the first variant is the baseline."""

def romano_wolf_family(
    panel: Any,
    formula: str | Formula,
    terms: Sequence[str] = (),
    options: Fit | None = None,
    *,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 9999,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> Family:
    """Test several coefficients of one regression as a family, by the wild cluster bootstrap."""

def row_level(
    quality_rows: Any,
    panel: Any,
    formula: str,
    options: RowLevel | None = None,
    *,
    weights: Literal['equal', 'value', 'share'] = 'equal',
    regime: str = 'regime',
    rauch: Any = None,
    firm_year: str | None = None,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = 'region',
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> RowLevelResult:
    """Estimate a regression on customs rows that take treatment and controls from the panel."""

def shift_share_errors(
    panel: Any,
    formula: str | Formula,
    given: ShiftShare,
    options: ShiftShareOptions | None = None,
    *,
    shocks: Literal['auto', 'source', 'year', 'each'] = 'auto',
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = 'region',
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> ShiftShareErrors:
    """Estimate 2SLS with a shift-share instrument and errors for independent shocks."""

def simex(
    prices: Any,
    panel: Any,
    formula: str,
    options: SimexOptions | None = None,
    *,
    treatment: str = 'market',
    levels: tuple[float, ...] = (0.5, 1.0, 1.5),
    extrapolant: Literal['quadratic', 'linear'] = 'quadratic',
    errors: Literal['auto', 'goods', 'independent'] = 'auto',
    se: Literal['jackknife', 'none'] = 'jackknife',
    draws: int = 200,
    seed: int = 20240101,
    index: RelativePrice = ...,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = 'region',
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> Simex:
    """Correct for error in the index: add error, observe the change of the regression, extrapolate to no error."""

def specification_curve(
    panel: Any,
    options: Curve | None = None,
    *,
    treatment: str = 'market',
    outcomes: tuple[str, ...] = ('quality',),
    indices: tuple[str, ...] = (),
    controls: tuple[str, ...] = (),
    subsets: Literal['all', 'leave_one_out', 'none_and_all'] = 'all',
    effects: tuple[str, ...] = ('firm + year',),
    samples: Mapping[str, str] = ...,
    vcovs: tuple[Literal['iid', 'CR1', 'CR3'], ...] = ('CR3',),
    cluster: str | Sequence[str] = 'region',
    shape: Literal['inverted U', 'U'] = 'inverted U',
    permutations: int = 500,
    draws: int = 500,
    alpha: float = 0.05,
    most: int = 5000,
    seed: int = 20240101,
    fit: Fit = ...,
) -> SpecificationCurve:
    """Estimate every combination of the declared choices and test the curve as a whole."""

def spillover(
    options: Spillover | None = None,
    *,
    prices: Any = None,
    index: Any = None,
    neighbours: Any = 'adjacent',
    shared: Literal['drop', 'keep'] = 'drop',
    name: str = 'market_neighbours',
    square: bool = True,
    method: RelativePrice = ...,
) -> Table:
    """Return the neighbours' mean index by region and year, with the note on mechanical correlation in its account."""

def split_goods(
    prices: Any,
    seed: int = 20240101,
    options: RelativePrice | None = None,
    *,
    form: Literal['difference', 'ratio_change', 'level_ratio'] = 'difference',
    basis: Literal['detect', 'link', 'fixed', 'one_base', 'level', 'year_on_year', 'rate', 'rate_year_on_year'] = 'detect',
    absolute: bool = True,
    demean: Literal['pairs', 'used', 'none', 'two_way', 'regression'] = 'pairs',
    ddof: Literal[1, 0] = 1,
    dispersion: Literal['variance', 'sd', 'mean_absolute', 'joint', 'over_time'] = 'variance',
    window: int | None = None,
    pairs: Any = 'all',
    distances: Any = None,
    partner_weights: Any = 'equal',
    good_weights: Any = 'equal',
    missing: Literal['pairwise', 'listwise', 'impute'] = 'pairwise',
    goods_group: Literal['consumer', 'capital', 'labour'] = 'consumer',
    transform: Literal['log_inverse_sqrt', 'inverse_sqrt', 'inverse', 'neg_log', 'none'] = 'log_inverse_sqrt',
    level: Literal['region', 'pair', 'nation', 'group'] = 'region',
    se: Literal['none', 'jackknife'] = 'none',
    k_min: int | None = None,
    thin: Literal['leave_out', 'refuse'] = 'leave_out',
    groups: Any = None,
    geography: Any = None,
) -> Instrument:
    """Compute two indices from two random halves of the goods. A good stays in the same half in all years."""

def two_lines(
    panel: Any,
    formula: str,
    options: TwoLines | None = None,
    *,
    variable: str = 'market',
    knots: int = 10,
    alpha: float = 0.05,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> TwoLinesResult:
    """Run Simonsohn's two-lines test with fixed effects: two significant slopes of opposite sign make a U."""

def weak_iv(
    panel: Any,
    formula: str | Formula,
    options: WeakIVOptions | None = None,
    *,
    level: float = 0.95,
    at: tuple[str, ...] = ('p10', 'p50', 'p90'),
    draws: int = 9999,
    fit: Fit = ...,
    vcov: Literal['auto', 'iid', 'HC1', 'HC2', 'HC3', 'CR1', 'CR2', 'CR3'] = 'auto',
    cluster: str | Sequence[str] | None = None,
    ssc: Literal['reghdfe', 'fixest', 'xtreg', 'cgm', 'multi0'] = 'reghdfe',
    df: Literal['auto', 'clusters', 'satterthwaite'] = 'auto',
    singletons: Literal['drop', 'keep'] = 'drop',
    wild: int = 0,
    wild_weights: Literal['auto', 'rademacher', 'webb', 'mammen'] = 'auto',
    wild_null: Literal['imposed', 'free'] = 'imposed',
    wild_ci: bool = False,
    wild_joint: str | None = None,
    seed: int = 20240101,
    weights: str | None = None,
    estimator: Literal['auto', '2sls', 'liml', 'gmm'] = 'auto',
    model: Literal['linear', 'ppml', 'fractional'] = 'linear',
    movers_nested: float = 0.0,
) -> WeakIV:
    """Estimate two-stage least squares with inference that holds when instruments are weak."""
