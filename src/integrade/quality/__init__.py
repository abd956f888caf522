"""Customs records to export quality."""

from integrade.quality.breaks import Breaks, quality_breaks
from integrade.quality.decomposition import QualityChange, quality_change
from integrade.quality.demand_residual import demand_residual
from integrade.quality.elasticity import Elasticities, elasticities
from integrade.quality.nested_logit import NestedLogit, nested_logit
from integrade.quality.options import DemandResidual
from integrade.quality.parameters import QualityParameters, quality_parameters
from integrade.quality.product_features import ProductFeatures, product_features
from integrade.quality.products import estimated_sigma
from integrade.quality.scale import Scale
from integrade.quality.supply_demand import SupplyDemand, supply_demand
from integrade.quality.unit_value import UnitValue, unit_value

__all__ = [
    "Breaks",
    "DemandResidual",
    "Elasticities",
    "NestedLogit",
    "ProductFeatures",
    "QualityChange",
    "QualityParameters",
    "Scale",
    "SupplyDemand",
    "UnitValue",
    "demand_residual",
    "elasticities",
    "estimated_sigma",
    "nested_logit",
    "product_features",
    "quality_breaks",
    "quality_change",
    "quality_parameters",
    "supply_demand",
    "unit_value",
]
