"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from integrade.quality.breaks import Breaks as Breaks
from integrade.quality.breaks import quality_breaks as quality_breaks
from integrade.quality.decomposition import QualityChange as QualityChange
from integrade.quality.elasticity import Elasticities as Elasticities
from integrade.quality.nested_logit import NestedLogit as NestedLogit
from integrade.quality.options import DemandResidual as DemandResidual
from integrade.quality.parameters import QualityParameters as QualityParameters
from integrade.quality.product_features import ProductFeatures as ProductFeatures
from integrade.quality.scale import Scale as Scale
from integrade.quality.supply_demand import SupplyDemand as SupplyDemand
from integrade.quality.unit_value import UnitValue as UnitValue
from integrade.surface.signatures import demand_residual as demand_residual
from integrade.surface.signatures import elasticities as elasticities
from integrade.surface.signatures import estimated_sigma as estimated_sigma
from integrade.surface.signatures import nested_logit as nested_logit
from integrade.surface.signatures import product_features as product_features
from integrade.surface.signatures import quality_change as quality_change
from integrade.surface.signatures import quality_parameters as quality_parameters
from integrade.surface.signatures import supply_demand as supply_demand
from integrade.surface.signatures import unit_value as unit_value

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

