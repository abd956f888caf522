"""Prices to an index of market integration, and how far the index can be trusted."""

from integrade.integration.bilateral import internal_distance
from integrade.integration.border_regression import BorderRegression, border_regression
from integrade.integration.border_width import border_width
from integrade.integration.business_cycle import business_cycle
from integrade.integration.comparison import Comparison, compare_measures
from integrade.integration.cube import goods_breaks
from integrade.integration.factor_share import factor_share
from integrade.integration.gravity import Gravity, gravity
from integrade.integration.half_life import half_life
from integrade.integration.head_ries import HeadRies, head_ries
from integrade.integration.log_odds import LogOdds, log_odds
from integrade.integration.options import RelativePrice
from integrade.integration.panel_unit_root import panel_unit_root
from integrade.integration.regional_shock import regional_shock
from integrade.integration.relative_price import relative_price
from integrade.integration.summary import ranking, trend
from integrade.integration.survey import survey_score
from integrade.integration.threshold import threshold_band
from integrade.integration.trust import (
    IndexTrust,
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
    "Gravity",
    "HeadRies",
    "IndexTrust",
    "LogOdds",
    "RelativePrice",
    "SplitHalf",
    "border_regression",
    "border_width",
    "business_cycle",
    "compare_measures",
    "factor_share",
    "goods_breaks",
    "gravity",
    "half_life",
    "head_ries",
    "index_trust",
    "internal_distance",
    "jackknife_coverage",
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
    "threshold_band",
    "trend",
    "without_each_good",
]
