"""Simulate an economy with known truth, as tables in memory and as a researcher's raw files."""

from integrade.simulation.customs import simulate_customs
from integrade.simulation.economy import Simulated, simulate
from integrade.simulation.options import Economy
from integrade.simulation.production import Production, simulate_production
from integrade.simulation.raw import COLUMNS, write_raw

__all__ = [
    "COLUMNS",
    "Economy",
    "Production",
    "Simulated",
    "simulate",
    "simulate_customs",
    "simulate_production",
    "write_raw",
]
