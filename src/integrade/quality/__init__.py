"""Customs records to export quality."""

from integrade.quality.demand_residual import demand_residual
from integrade.quality.elasticity import Elasticities, elasticities
from integrade.quality.options import DemandResidual
from integrade.quality.product_features import ProductFeatures, product_features
from integrade.quality.products import estimated_sigma
from integrade.quality.unit_value import UnitValue, unit_value

__all__ = [
    "DemandResidual",
    "Elasticities",
    "ProductFeatures",
    "UnitValue",
    "demand_residual",
    "elasticities",
    "estimated_sigma",
    "product_features",
    "unit_value",
]
