"""Prices to an index of market integration, and how far the index can be trusted."""

from integrade.integration.cube import goods_breaks
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
    "IndexTrust",
    "RelativePrice",
    "SplitHalf",
    "goods_breaks",
    "index_trust",
    "jackknife_coverage",
    "noise_share",
    "pure_region",
    "pure_regions",
    "ranking",
    "relative_price",
    "split_half",
    "trend",
    "without_each_good",
]
