"""Measure export quality from customs records.

The measures and their records of options come from the files of this folder that define a measure.
"""

from integrade.quality.breaks import Breaks, quality_breaks
from integrade.quality.decomposition import QualityChange, quality_change
from integrade.quality.elasticity import Elasticities, elasticities
from integrade.quality.parameters import QualityParameters, quality_parameters
from integrade.quality.products import estimated_sigma
from integrade.quality.scale import Scale
from integrade.records.catalogue import measures_in

_MEASURES = measures_in("integrade.quality")
globals().update(_MEASURES)
__all__ = [
    "Breaks",
    "Elasticities",
    "QualityChange",
    "QualityParameters",
    "Scale",
    "elasticities",
    "estimated_sigma",
    "quality_breaks",
    "quality_change",
    "quality_parameters",
]
__all__ += _MEASURES
