"""Compute indices of market integration from prices, flows and output, and measure the reliability of the index."""

from integrade.integration.bilateral import internal_distance
from integrade.integration.border_regression import BorderRegression, border_regression
from integrade.integration.border_width import border_width
from integrade.integration.business_cycle import business_cycle
from integrade.integration.comparison import Comparison, compare_measures
from integrade.integration.concentration import (
    Concentration,
    EllisonGlaeser,
    ellison_glaeser,
    herfindahl,
    hoover_balassa,
)
from integrade.integration.cube import goods_breaks
from integrade.integration.factor_share import factor_share
from integrade.integration.gravity import Gravity, gravity
from integrade.integration.half_life import half_life
from integrade.integration.head_ries import HeadRies, head_ries
from integrade.integration.influence import GoodInfluence, good_influence
from integrade.integration.log_odds import LogOdds, log_odds
from integrade.integration.options import RelativePrice
from integrade.integration.panel_unit_root import panel_unit_root
from integrade.integration.production import Krugman, LocationQuotient, krugman, location_quotient
from integrade.integration.productivity import FactorDispersion, Theil, factor_dispersion, theil
from integrade.integration.regional_shock import regional_shock
from integrade.integration.relative_price import relative_price
from integrade.integration.summary import ranking, trend, trend_of
from integrade.integration.survey import survey_score
from integrade.integration.threshold import threshold_band
from integrade.integration.trust import (
    IndexTrust,
    PureRegion,
    SplitHalf,
    index_trust,
    jackknife_coverage,
    noise_share,
    pure_region,
    pure_regions,
    split_half,
    without_each_good,
)

__all__ = [
    "BorderRegression",
    "Comparison",
    "Concentration",
    "EllisonGlaeser",
    "FactorDispersion",
    "GoodInfluence",
    "Gravity",
    "HeadRies",
    "IndexTrust",
    "Krugman",
    "LocationQuotient",
    "LogOdds",
    "PureRegion",
    "RelativePrice",
    "SplitHalf",
    "Theil",
    "border_regression",
    "border_width",
    "business_cycle",
    "compare_measures",
    "ellison_glaeser",
    "factor_dispersion",
    "factor_share",
    "good_influence",
    "goods_breaks",
    "gravity",
    "half_life",
    "head_ries",
    "herfindahl",
    "hoover_balassa",
    "index_trust",
    "internal_distance",
    "jackknife_coverage",
    "krugman",
    "location_quotient",
    "log_odds",
    "noise_share",
    "panel_unit_root",
    "pure_region",
    "pure_regions",
    "ranking",
    "regional_shock",
    "relative_price",
    "split_half",
    "survey_score",
    "theil",
    "threshold_band",
    "trend",
    "trend_of",
    "without_each_good",
]
