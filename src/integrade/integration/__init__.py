"""Prices to an index of market integration, and how far the index can be trusted."""

from integrade.integration.bilateral import internal_distance
from integrade.integration.border_regression import BorderRegression, border_regression
from integrade.integration.cube import goods_breaks
from integrade.integration.gravity import Gravity, gravity
from integrade.integration.head_ries import HeadRies, head_ries
from integrade.integration.log_odds import LogOdds, log_odds
from integrade.integration.options import RelativePrice
from integrade.integration.relative_price import relative_price
from integrade.integration.summary import ranking, trend
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
    "Gravity",
    "HeadRies",
    "IndexTrust",
    "LogOdds",
    "RelativePrice",
    "SplitHalf",
    "border_regression",
    "goods_breaks",
    "gravity",
    "head_ries",
    "index_trust",
    "internal_distance",
    "jackknife_coverage",
    "log_odds",
    "noise_share",
    "pure_region",
    "pure_regions",
    "ranking",
    "relative_price",
    "split_half",
    "trend",
    "without_each_good",
]
