"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from integrade.engine.frames import Data
from integrade.engine.frames import Table
from integrade.integration.border_regression import BorderRegression
from integrade.integration.border_width import BorderWidth
from integrade.integration.business_cycle import BusinessCycle
from integrade.integration.concentration import Concentration
from integrade.integration.concentration import EllisonGlaeser
from integrade.integration.factor_share import FactorShare
from integrade.integration.gravity import Gravity
from integrade.integration.half_life import HalfLife
from integrade.integration.head_ries import HeadRies
from integrade.integration.log_odds import LogOdds
from integrade.integration.options import RelativePrice
from integrade.integration.panel_unit_root import PanelUnitRoot
from integrade.integration.production import Krugman
from integrade.integration.production import LocationQuotient
from integrade.integration.productivity import FactorDispersion
from integrade.integration.productivity import Theil
from integrade.integration.regional_shock import RegionalShock
from integrade.integration.survey import SurveyScore
from integrade.integration.threshold import ThresholdBand
from integrade.integration.trust import IndexTrust
from integrade.integration.trust import SplitHalf
from integrade.panel.assemble import Assemble
from integrade.panel.controls import Controls
from integrade.panel.controls import HumanCapital
from integrade.panel.deflate import Deflate
from integrade.panel.deflate import RealCapital
from integrade.panel.identity import FirmIdentity
from integrade.panel.identity import Identity
from integrade.panel.matching import MatchFirms
from integrade.panel.matching import Matched
from integrade.panel.names import Names
from integrade.panel.productivity.options import Tfp
from integrade.panel.productivity.results import TfpResult
from integrade.panel.ratios import Ratio
from integrade.panel.similar import Similar
from integrade.quality.decomposition import QualityChange
from integrade.quality.elasticity import Elasticities
from integrade.quality.nested_logit import NestedLogit
from integrade.quality.options import DemandResidual
from integrade.quality.parameters import QualityParameters
from integrade.quality.product_features import ProductFeatures
from integrade.quality.scale import Scale
from integrade.quality.supply_demand import SupplyDemand
from integrade.quality.unit_value import UnitValue
from integrade.sources.files.reading import Reading
from integrade.sources.layout.names_across import Found
from integrade.sources.origins.addresses import Address
from integrade.sources.tables.cleaning import CleanFirms
from integrade.sources.tables.cleaning_customs import CleanCustoms
from integrade.sources.tables.prices import Goods
from pathlib import Path
from plainwords.account import Entry
from polars.dataframe.frame import DataFrame
from rawcells.cells.grid import Sheet
from typing import Any
from typing import Literal

__all__ = [
    "assemble",
    "border_regression",
    "border_width",
    "business_cycle",
    "clean_customs",
    "clean_firms",
    "deflate",
    "demand_residual",
    "elasticities",
    "ellison_glaeser",
    "estimated_sigma",
    "factor_dispersion",
    "factor_share",
    "firm_controls",
    "firm_identity",
    "good_influence",
    "gravity",
    "half_life",
    "head_ries",
    "herfindahl",
    "hoover_balassa",
    "human_capital",
    "index_trust",
    "krugman",
    "location_quotient",
    "log_odds",
    "match_firms",
    "nested_logit",
    "noise_share",
    "normalise_name",
    "panel_unit_root",
    "product_features",
    "pure_regions",
    "quality_change",
    "quality_parameters",
    "ratio",
    "read_canonical",
    "read_covariates",
    "read_customs",
    "read_education",
    "read_exporters",
    "read_firms",
    "read_flows",
    "read_gdp",
    "read_links",
    "read_output",
    "read_panel",
    "read_prices",
    "read_raw",
    "read_registry",
    "read_sigma",
    "read_survey",
    "read_table",
    "real_capital",
    "regional_shock",
    "relative_price",
    "split_half",
    "supply_demand",
    "survey_score",
    "tfp",
    "theil",
    "threshold_band",
    "trend",
    "unit_value",
    "without_each_good",
]

def assemble(
    firms: Any,
    *,
    integration: Any = None,
    quality: Any = None,
    covariates: Any = (),
    links: Any = None,
    options: Assemble | None = None,
    controls: Controls | Mapping[str, Any] = ...,
    winsorise: tuple[str, ...] = (),
    cuts: tuple[float, float] = (1.0, 99.0),
    winsor_by: str | None = None,
    trim: bool = False,
    geography: Any = None,
) -> Table:
    """Join measures and covariates to firm accounts by their keys; integration becomes the column ``market``."""

def border_regression(
    flows: Data,
    gdp: Any = None,
    options: BorderRegression | None = None,
    *,
    level: Literal['nation', 'region'] = 'nation',
    mass: Literal['flows', 'gdp'] = 'flows',
    slopes: Literal['year', 'pooled'] = 'year',
    thin: Literal['leave_out', 'refuse'] = 'leave_out',
    distance: Literal['log', 'none'] = 'log',
    sigma: float = 8.0,
    absent: Literal['missing', 'zero'] = 'missing',
    geography: Any = None,
) -> Data:
    """Estimate border effects of each year by least squares on log flows within and between regions."""

def border_width(
    prices: Data,
    options: BorderWidth | None = None,
    *,
    distances: Any = None,
    groups: Any = None,
    geography: Any = None,
    basis: Literal['detect', 'link', 'fixed', 'one_base', 'level', 'year_on_year', 'rate', 'rate_year_on_year'] = 'detect',
    by: Literal['commodity', 'all'] = 'commodity',
    thin: Literal['leave_out', 'refuse'] = 'leave_out',
    draws: int = 999,
    seed: int = 20240101,
    confidence: float = 0.95,
) -> Data:
    """Estimate the border effect on price dispersion, in units of dispersion and as a distance, with bounds."""

def business_cycle(
    gdp: Data,
    options: BusinessCycle | None = None,
    *,
    filter: Literal['hp', 'baxter_king', 'hamilton', 'difference'] = 'hp',
    smoothing: float = 6.25,
    low: float = 2,
    high: float = 8,
    lead: int = 3,
    horizon: int = 2,
    lags: int = 2,
    synchronisation: Literal['rolling', 'cerqueira_martins'] = 'rolling',
    window: int = 5,
    level: Literal['region', 'pair', 'nation'] = 'region',
) -> Data:
    """Measure how closely each region's business cycle moves with the cycles of the other regions."""

def clean_customs(
    customs: Data,
    options: CleanCustoms | None = None,
    *,
    exporters: Any = None,
    rules: tuple[str, ...] | str = 'usual',
    keywords: tuple[str, ...] = ('进出口', '贸易', '外贸', '经贸', '工贸', '科贸', '商贸', '边贸', '外经', '物流', '仓储', '采购', '供应链', '货运', 'trading', 'import', 'export', 'logistics', 'warehous', 'purchas', 'supply chain', 'freight'),
    chapters: tuple[str, ...] = ('93', '97', '98', '99'),
    cuts: tuple[float, float] = (1.0, 99.0),
) -> Data:
    """Drop customs rows by named rules, one after the other; the account has a line with a count for each rule."""

def clean_firms(
    firms: Data,
    options: CleanFirms | None = None,
    *,
    rules: tuple[str, ...] | str = ('cai_liu',),
    min_employees: int = 8,
    currency_unit: Literal['yuan', '1000 yuan', '10000 yuan', 'million yuan', None] = None,
    absent: Literal['keep', 'drop'] = 'keep',
) -> Data:
    """Drop firm-years by the rules of named papers, in their order."""

def deflate(
    firms: Data,
    deflators: Any,
    options: Deflate | None = None,
    *,
    output: tuple[str, ...] = ('gross_output', 'sales', 'value_added'),
    inputs: tuple[str, ...] = ('intermediate_inputs',),
    output_price: str = 'output_price',
    input_price: str = 'input_price',
    form: Literal['fixed', 'link'] = 'fixed',
    base: int | None = None,
) -> Data:
    """Add ``real_`` columns: accounts divided by the price level of their industry or province and year."""

def demand_residual(
    customs: Data,
    options: DemandResidual | None = None,
    *,
    sigma: Any,
    effects: str = 'auto',
    standardise: Literal['minmax_trim', 'minmax', 'zscore', 'rank', 'none'] = 'minmax_trim',
    pool: Literal['product', 'product_year', 'all'] = 'product',
    level: Literal['firm', 'row', 'firm_product', 'industry', 'region', 'destination', 'ladder'] = 'firm',
    weights: Literal['value', 'equal', 'base_year'] = 'value',
    alike: Literal['missing', 'middle'] = 'missing',
    groups: Any = None,
    no_instrument: Literal['drop', 'region', 'ols'] = 'drop',
    fallback_sigma: Any = None,
    sigma_cap: float | None = None,
    gdp: Any = None,
    firm_region: Any = None,
    scale: Scale = ...,
) -> Data:
    """Measure export quality by firm and year from the residuals of demand, with an imposed elasticity."""

def elasticities(
    customs: Data,
    options: Elasticities | None = None,
    *,
    method: Literal['feenstra', 'broda_weinstein', 'soderbery', 'hliml'] = 'feenstra',
    variety: Literal['auto', 'firm', 'variety', 'destination'] = 'auto',
    by: Literal['product', 'product_destination'] = 'product',
    digits: int = 0,
    replicates: int = 200,
    seed: int = 20240101,
) -> Data:
    """Estimate elasticities of substitution by product, from the volatility of prices and shares within markets."""

def ellison_glaeser(
    output: Data,
    options: EllisonGlaeser | None = None,
    *,
    basis: Literal['value', 'employment'] = 'employment',
    plants: Literal['auto', 'squares', 'equal'] = 'auto',
    level: Literal['industry', 'nation'] = 'industry',
    absent: Literal['zero', 'leave_out'] = 'zero',
) -> Data:
    """Compute the Ellison-Glaeser index: industry concentration beyond what a few large plants cause by chance."""

def estimated_sigma(
    customs: Data,
    options: DemandResidual | None = None,
    *,
    sigma: Any,
    effects: str = 'auto',
    standardise: Literal['minmax_trim', 'minmax', 'zscore', 'rank', 'none'] = 'minmax_trim',
    pool: Literal['product', 'product_year', 'all'] = 'product',
    level: Literal['firm', 'row', 'firm_product', 'industry', 'region', 'destination', 'ladder'] = 'firm',
    weights: Literal['value', 'equal', 'base_year'] = 'value',
    alike: Literal['missing', 'middle'] = 'missing',
    groups: Any = None,
    no_instrument: Literal['drop', 'region', 'ols'] = 'drop',
    fallback_sigma: Any = None,
    sigma_cap: float | None = None,
    gdp: Any = None,
    firm_region: Any = None,
    scale: Scale = ...,
) -> Data:
    """Return the sigma of every product that `demand_residual` uses under the same options, with its source."""

def factor_dispersion(
    output: Data,
    options: FactorDispersion | None = None,
    *,
    ratio: Literal['output_per_worker', 'capital_output', 'capital_per_worker', 'output_per_capital'] = 'output_per_worker',
    level: Literal['nation', 'industry'] = 'nation',
    weights: Literal['equal', 'output'] = 'equal',
) -> Data:
    """Compute the dispersion of factor productivity across regions: the standard deviation of a log ratio."""

def factor_share(
    prices: Data,
    options: FactorShare | None = None,
    *,
    basis: Literal['detect', 'link', 'fixed', 'one_base', 'level', 'year_on_year', 'rate', 'rate_year_on_year'] = 'detect',
    window: int = 5,
) -> Data:
    """Compute the share of a region's price changes that a national factor of each good explains."""

def firm_controls(
    firms: Data,
    options: Controls | None = None,
    *,
    fic: Literal['asset_share', 'sa_index', 'abs_sa', 'ln_abs_sa', 'none'] = 'asset_share',
    fic_column: str | None = None,
    currency_unit: str | None = None,
    yuan_per_usd: float = 8.2768,
    per_usd: float | None = None,
    deflator: Mapping[Any, float] = ...,
    roa_lag: Literal[0, 1] = 0,
    scale_unit: Literal['accounts', 'thousand'] = 'accounts',
) -> Data:
    """Add controls to firm accounts: scale, age, roa, rdebt, invint and fic."""

def firm_identity(
    firms: Any,
    *,
    names: Names | None = None,
    options: FirmIdentity | None = None,
    rules: tuple[str, ...] = ('id', 'name', 'person_county', 'phone_county', 'birth'),
    gap_years: int = 1,
    order: Literal['agreement', 'rule'] = 'agreement',
    id_alone: Literal['keep', 'drop'] = 'keep',
    give: Literal['accounts', 'map'] = 'accounts',
) -> Identity:
    """Follow firms over time where codes change, repeat or are given to other firms."""

def good_influence(
    prices: Data,
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
) -> Data:
    """Measure how much the index changes without each good; the most influential good comes first."""

def gravity(
    flows: Data,
    gdp: Any = None,
    options: Gravity | None = None,
    *,
    effects: Literal['two_way', 'three_way'] = 'two_way',
    distance: Literal['log', 'none'] = 'log',
    thin: Literal['leave_out', 'refuse'] = 'leave_out',
    cluster: Literal['pair', 'direction'] = 'pair',
    sigma: float = 8.0,
    absent: Literal['missing', 'zero'] = 'missing',
    geography: Any = None,
) -> Data:
    """Estimate border effects of each year in structural gravity with exporter-year and importer-year effects."""

def half_life(
    prices: Data,
    options: HalfLife | None = None,
    *,
    basis: Literal['detect', 'link', 'fixed', 'one_base', 'level', 'year_on_year', 'rate', 'rate_year_on_year'] = 'detect',
    by: Literal['commodity', 'region', 'all'] = 'commodity',
    lags: int = 0,
    bias: Literal['half_panel', 'nickell', 'none'] = 'half_panel',
    thin: Literal['leave_out', 'refuse'] = 'leave_out',
    confidence: float = 0.95,
) -> Data:
    """Estimate the half-life of price differences between regions, corrected for the bias of short panels."""

def head_ries(
    flows: Data,
    options: HeadRies | None = None,
    *,
    sigma: float = 8.0,
    level: Literal['region', 'pair', 'nation'] = 'region',
    average: Literal['mean', 'median'] = 'mean',
    absent: Literal['missing', 'zero'] = 'missing',
) -> Data:
    """Measure the freeness of trade of each region with the others, from flows between and within regions."""

def herfindahl(
    output: Data,
    options: Concentration | None = None,
    *,
    basis: Literal['value', 'employment'] = 'value',
    level: Literal['industry', 'region', 'nation'] = 'industry',
    absent: Literal['zero', 'leave_out'] = 'zero',
) -> Data:
    """Compute the Herfindahl index of each industry over regions (or of each region over industries)."""

def hoover_balassa(
    output: Data,
    options: Concentration | None = None,
    *,
    basis: Literal['value', 'employment'] = 'value',
    level: Literal['industry', 'region', 'nation'] = 'industry',
    absent: Literal['zero', 'leave_out'] = 'zero',
) -> Data:
    """Compute the Hoover-Balassa index: the Gini coefficient of each industry's location quotients over regions."""

def human_capital(
    education: Data,
    options: HumanCapital | None = None,
    *,
    log: bool = False,
) -> Data:
    """Compute average years of schooling from shares of employed persons by education."""

def index_trust(
    prices: Any,
    options: RelativePrice | None = None,
    *,
    draws: int = 200,
    seed: int = 20240101,
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
) -> IndexTrust:
    """Compute split-half reliability, noise share and the coverage of the jackknife for one table of prices."""

def krugman(
    output: Data,
    options: Krugman | None = None,
    *,
    basis: Literal['value', 'employment'] = 'value',
    level: Literal['region', 'pair', 'nation'] = 'region',
    against: Literal['rest', 'others'] = 'rest',
    absent: Literal['zero', 'leave_out'] = 'zero',
) -> Data:
    """Compute Krugman's index of regional specialisation: how much the structure of a region differs from the rest."""

def location_quotient(
    output: Data,
    options: LocationQuotient | None = None,
    *,
    basis: Literal['value', 'employment'] = 'value',
    absent: Literal['zero', 'leave_out'] = 'zero',
) -> Data:
    """Compute location quotients: the share of an industry in a region over its share in the nation."""

def log_odds(
    flows: Data,
    gdp: Any = None,
    options: LogOdds | None = None,
    *,
    level: Literal['region', 'nation'] = 'region',
    supply: Literal['flows', 'gdp'] = 'flows',
    elasticity: Literal['imposed', 'estimated'] = 'imposed',
    price: bool = False,
    slopes: Literal['pooled', 'year'] = 'pooled',
    thin: Literal['leave_out', 'refuse'] = 'leave_out',
    distance: Literal['log', 'none'] = 'log',
    sigma: float = 8.0,
    absent: Literal['missing', 'zero'] = 'missing',
    geography: Any = None,
) -> Data:
    """Estimate border effects of each importing region, from its purchases from others relative to those from itself."""

def match_firms(
    firms: Any,
    exporters: Any,
    *,
    customs: Any = None,
    reviewed: Any = None,
    options: MatchFirms | None = None,
    steps: tuple[str, ...] = ('name_year', 'name', 'postcode_phone', 'phone_contact'),
    several: bool = False,
    names: Names | Mapping[str, Any] = ...,
    similar: Similar | Mapping[str, Any] | bool = False,
) -> Matched:
    """Match firms of customs records to firms of accounts by exact steps and, on request, by similar names."""

def nested_logit(
    customs: Data,
    options: NestedLogit | None = None,
    *,
    outside: Any,
    industry: Any,
    instruments: tuple[str, ...] = ('other_price', 'n_varieties', 'n_products'),
    size: str | None = None,
    price: Literal['level', 'log'] = 'level',
    effects: Literal['destination:year', 'year'] = 'destination:year',
    standardise: Literal['minmax_trim', 'minmax', 'zscore', 'rank', 'none'] = 'minmax_trim',
    pool: Literal['product', 'product_year', 'all'] = 'product',
    level: Literal['firm', 'row', 'firm_product', 'industry', 'region', 'destination', 'ladder'] = 'firm',
    weights: Literal['value', 'equal', 'base_year'] = 'value',
    alike: Literal['missing', 'middle'] = 'missing',
    groups: Any = None,
    scale: Scale = ...,
) -> Data:
    """Measure export quality by firm and year from a nested logit of market shares, estimated by industry."""

def noise_share(
    prices: Any,
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
) -> float:
    """Compute the average jackknife variance of integration, divided by the variance of integration between regions."""

def normalise_name(
    name: str,
    options: Names | None = None,
    *,
    script: Literal['simplified', 'as_is'] = 'simplified',
    forms: Literal['unify', 'drop', 'keep'] = 'unify',
    places: Literal['keep', 'words', 'drop'] = 'keep',
    brackets: Literal['keep_text', 'drop_text'] = 'keep_text',
) -> str:
    """Normalise a single firm name for comparisons between registers; `normalise_names` lists the steps."""

def panel_unit_root(
    prices: Data,
    options: PanelUnitRoot | None = None,
    *,
    basis: Literal['detect', 'link', 'fixed', 'one_base', 'level', 'year_on_year', 'rate', 'rate_year_on_year'] = 'detect',
    lags: int = 1,
    trend: bool = False,
    draws: int = 999,
    seed: int = 20240101,
) -> Data:
    """Test the relative prices of each good for panel unit roots; rejection means that some differences disappear."""

def product_features(
    customs: Data,
    options: ProductFeatures | None = None,
    *,
    features: tuple[str, ...] = (),
    rating: str | None = None,
    by: Literal['all', 'chapter', 'product'] = 'all',
    effects: str = 'product:year',
    standardise: Literal['minmax_trim', 'minmax', 'zscore', 'rank', 'none'] = 'minmax_trim',
    pool: Literal['product', 'product_year', 'all'] = 'product',
    level: Literal['firm', 'row', 'firm_product', 'industry', 'region', 'destination', 'ladder'] = 'firm',
    weights: Literal['value', 'equal', 'base_year'] = 'value',
    alike: Literal['missing', 'middle'] = 'missing',
    groups: Any = None,
    scale: Scale = ...,
) -> Data:
    """Measure export quality by firm and year from features of the goods, or from a rating."""

def pure_regions(
    prices: Data,
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
) -> Data:
    """Compute the region component of each region and period, by least squares over all valid pairs."""

def quality_change(
    rows: Data,
    options: QualityChange | None = None,
    *,
    method: Literal['griliches_regev', 'melitz_polanec'] = 'griliches_regev',
    of: tuple[str, ...] = (),
    units: tuple[str, ...] = (),
    span: int = 1,
) -> Data:
    """Decompose each change of mean quality into within, between, entry and exit, which add up to it exactly."""

def quality_parameters(
    customs: Data,
    options: QualityParameters | None = None,
    *,
    sigma: Any = 'estimate',
    theta: Any = 'estimate',
    alpha: Any = 1.0,
    estimator: Literal['soderbery', 'hliml', 'feenstra'] = 'soderbery',
    firms: Any = None,
    input_cost: str = 'input_cost',
    productivity: str = 'productivity',
    logs: bool = False,
    log_productivity: bool = False,
    replicates: int = 200,
    seed: int = 20240101,
) -> Data:
    """Estimate sigma and theta by product from prices, sales and costs of firms, for `supply_demand`."""

def ratio(
    tables: Any,
    options: Ratio | None = None,
    *,
    numerator: str,
    denominator: str,
    name: str = 'ratio',
    by: tuple[str, ...] = ('industry', 'year'),
    digits: int | None = None,
    parts: Literal['missing', 'sum'] = 'missing',
) -> Table:
    """Sum two columns by industry (or region) and year and divide them, to get a covariate for the panel."""

def read_canonical(
    table: str,
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read files as the canonical table of the given name, with the reader of that table."""

def read_covariates(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read any columns by region or industry and year; columns of numbers become numbers, codes stay text."""

def read_customs(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read customs records: (firm,) product, destination, year (, month, unit, regime), value (money), quantity."""

def read_education(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read shares of employed persons by schooling (h1 to h9, per cent) by region and year, as `read_covariates` does."""

def read_exporters(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read the customs side of the firm match: firm, year, name, postcode, phone, contact."""

def read_firms(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read firm accounts with one row per firm and year; columns that the table does not define are kept."""

def read_flows(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read trade between regions: origin, destination, year, value (currency)."""

def read_gdp(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read real GDP by region and year (constant prices); optional columns: price (level or wage), area (square km)."""

def read_links(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read which firm of the customs records is which firm of the accounts: customs_firm, firm, year (, rule, weight)."""

def read_output(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read industry output: region, industry, year, value (currency) or employment (persons) or both."""

def read_panel(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read an existing panel: firm (or another unit that is followed), year, and any columns under their own names."""

def read_prices(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    to_year: bool = False,
    basis: Literal['detect', 'link', 'fixed', 'one_base', 'level', 'year_on_year', 'rate', 'rate_year_on_year'] = 'detect',
    goods: Goods | None = None,
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read regional price indices from files of any supported format: region, year(, month), commodity, index."""

def read_raw(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    options: Reading | None = None,
    table: str = 'table',
    layout: Callable[[Path, Sequence[Sheet]], tuple[DataFrame, list[Entry]] | Found | None] | None = None,
    columns: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read files into one table, with columns renamed and rows filtered."""

def read_registry(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read firm records as surveyed, before `firm_identity`; a code may repeat within a year or pass to another firm."""

def read_sigma(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read elasticities: product (text, HS code of any level) and sigma; one row per product, sorted."""

def read_survey(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read survey answers: respondent, region, year, item, score (, weight)."""

def read_table(
    paths: str | Path | Address | Sequence[str | Path | Address],
    *,
    options: Reading | None = None,
    engine: Literal['auto', 'polars', 'duckdb', 'spark'] = 'auto',
    columns: Mapping[str, str] = ...,
    layout: Mapping[str, str] = ...,
    where: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    regions: Literal['as_is', 'english', 'chinese'] = 'as_is',
    source: str | None = None,
    countries: Literal['as_is', 'iso3'] = 'as_is',
    families: Sequence[str | Path] = (),
    edition: int | None = None,
    labels: Literal['codes', 'text'] = 'codes',
    decimal: Literal['.', ','] | None = None,
    dates: Literal['dmy', 'mdy', 'ymd', 'my', 'fiscal', 'excel', 'stata'] | None = None,
    aggregates: Literal['ask', 'leave_out', 'keep'] = 'ask',
    duplicates: Literal['keep', 'drop'] = 'keep',
    units: Mapping[str, str] = ...,
    currency: str | None = None,
    rates: str | None = None,
    pad: Mapping[str, int] = ...,
) -> Table:
    """Read any table, for example an estimation panel; columns of numbers become numbers and codes stay text."""

def real_capital(
    firms: Data,
    deflators: Any,
    options: RealCapital | None = None,
    *,
    column: str = 'capital_at_cost',
    price: str = 'capital_price',
    depreciation: float = 0.09,
    growth: float | None = None,
    form: Literal['fixed', 'link'] = 'fixed',
    base: int | None = None,
) -> Data:
    """Add ``real_capital`` by perpetual inventory from fixed assets at original cost."""

def regional_shock(
    output: Data,
    options: RegionalShock | None = None,
    *,
    variable: Literal['value', 'employment'] = 'value',
) -> Data:
    """Compute the share of a region's industrial growth that comes from the region itself."""

def relative_price(
    prices: Data,
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
) -> Data:
    """Measure the market integration of each region by the relative-price method."""

def split_half(
    prices: Any,
    options: RelativePrice | None = None,
    *,
    draws: int = 200,
    seed: int = 20240101,
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
) -> SplitHalf:
    """Compute the split-half reliability of the index; goods are divided at random ``draws`` times within each period."""

def supply_demand(
    customs: Data,
    options: SupplyDemand | None = None,
    *,
    sigma: Any,
    theta: Any,
    cost: Literal['columns', 'none'],
    alpha: Any = 1.0,
    firms: Any = None,
    input_cost: str = 'input_cost',
    productivity: str = 'productivity',
    logs: bool = False,
    log_productivity: bool = False,
    cif: str | None = None,
    estimator: Literal['soderbery', 'hliml', 'feenstra'] = 'soderbery',
    standardise: Literal['minmax_trim', 'minmax', 'zscore', 'rank', 'none'] = 'minmax_trim',
    pool: Literal['product', 'product_year', 'all'] = 'product',
    level: Literal['firm', 'row', 'firm_product', 'industry', 'region', 'destination', 'ladder'] = 'firm',
    weights: Literal['value', 'equal', 'base_year'] = 'value',
    alike: Literal['missing', 'middle'] = 'missing',
    groups: Any = None,
    scale: Scale = ...,
) -> Data:
    """Measure export quality by firm and year from unit values, costs of firms and parameters of the model."""

def survey_score(
    survey: Data,
    options: SurveyScore | None = None,
    *,
    lowest: float = 1,
    highest: float = 5,
    high_means: Literal['integration', 'segmentation'] = 'integration',
    items: dict[str, float] | None = None,
    weighted: bool = True,
) -> Data:
    """Compute the weighted Likert score of a survey by region and year, with its sampling error and reliability."""

def tfp(
    firms: Any,
    options: Tfp | None = None,
    *,
    method: Literal['acf', 'gnr', 'lp', 'op', 'wooldridge', 'fe', 'ols', 'solow', 'index'] = 'acf',
    form: Literal['auto', 'value_added', 'gross_output'] = 'auto',
    output: str | None = None,
    labour: str | None = None,
    capital: str | None = None,
    materials: str | None = None,
    investment: str | None = None,
    depreciation: float = 0.09,
    wages: str | None = None,
    rental: float | None = None,
    material_share: str | None = None,
    by: str | None = None,
    digits: int = 0,
    labour_set: Literal['auto', 'in_year', 'before'] = 'auto',
    degree: int = 2,
    markov: int = 1,
    years: bool = True,
    noise: Literal['keep', 'remove'] = 'keep',
    replicates: int = 100,
    seed: int = 20240101,
) -> TfpResult:
    """Estimate log total factor productivity of firms, ``ln_tfp``, from their accounts."""

def theil(
    output: Data,
    options: Theil | None = None,
    *,
    level: Literal['nation', 'industry'] = 'nation',
) -> Data:
    """Compute the Theil index of output per worker across regions; a more equal distribution means more integration."""

def threshold_band(
    prices: Data,
    options: ThresholdBand | None = None,
    *,
    basis: Literal['detect', 'link', 'fixed', 'one_base', 'level', 'year_on_year', 'rate', 'rate_year_on_year'] = 'detect',
    level: Literal['pair', 'region'] = 'pair',
    pairs: Any = 'all',
    draws: int = 199,
    seed: int = 20240101,
    least: int = 60,
    geography: Any = None,
) -> Data:
    """Estimate the band of no arbitrage between regions, in log points."""

def trend(
    prices: Data,
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
) -> Data:
    """Compute the series of the nation and of groups of regions."""

def unit_value(
    customs: Data,
    options: UnitValue | None = None,
    *,
    within: str = 'product:year',
    standardise: Literal['minmax_trim', 'minmax', 'zscore', 'rank', 'none'] = 'minmax_trim',
    pool: Literal['product', 'product_year', 'all'] = 'product',
    level: Literal['firm', 'row', 'firm_product', 'industry', 'region', 'destination', 'ladder'] = 'firm',
    weights: Literal['value', 'equal', 'base_year'] = 'value',
    alike: Literal['missing', 'middle'] = 'missing',
    groups: Any = None,
    scale: Scale = ...,
) -> Data:
    """Measure export quality by firm and year from unit values relative to the product's mean of the year."""

def without_each_good(
    prices: Any,
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
) -> Any:
    """Compute the index with one good left out at a time, to see how much each good determines it."""
