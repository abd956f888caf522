"""Estimate total factor productivity of firms by the methods of the literature (docs/productivity.md)."""

from integrade.panel.productivity.options import Tfp
from integrade.panel.productivity.results import Elasticity, Technology, TfpResult
from integrade.panel.productivity.tfp import tfp

__all__ = ["Elasticity", "Technology", "Tfp", "TfpResult", "tfp"]
