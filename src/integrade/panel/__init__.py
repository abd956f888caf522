"""Firms and measures to the estimation panel, with an account of every row."""

from integrade.panel.assemble import Assemble, assemble
from integrade.panel.controls import Controls, HumanCapital, firm_controls, human_capital, sa_index
from integrade.panel.outliers import winsorise

__all__ = [
    "Assemble",
    "Controls",
    "HumanCapital",
    "assemble",
    "firm_controls",
    "human_capital",
    "sa_index",
    "winsorise",
]
