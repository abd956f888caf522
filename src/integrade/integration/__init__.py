"""Compute indices of market integration from prices, flows and output, and measure the reliability of the index.

The measures and their records of options come from the files of this folder that define a measure.
"""

from integrade.integration.bilateral import internal_distance
from integrade.integration.comparison import Comparison, compare_measures
from integrade.integration.cube import goods_breaks
from integrade.integration.influence import GoodInfluence, good_influence
from integrade.integration.summary import ranking, trend, trend_of
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
from integrade.records.catalogue import measures_in

_MEASURES = measures_in("integrade.integration")
globals().update(_MEASURES)
__all__ = [
    "Comparison",
    "GoodInfluence",
    "IndexTrust",
    "PureRegion",
    "SplitHalf",
    "compare_measures",
    "good_influence",
    "goods_breaks",
    "index_trust",
    "internal_distance",
    "jackknife_coverage",
    "noise_share",
    "pure_region",
    "pure_regions",
    "ranking",
    "split_half",
    "trend",
    "trend_of",
    "without_each_good",
]
__all__ += _MEASURES
