"""Customs records to export quality."""

from integrade.quality.demand_residual import demand_residual
from integrade.quality.options import DemandResidual

__all__ = ["DemandResidual", "demand_residual"]
