"""An economy whose truth is known, as tables in memory and as raw files like those a researcher is given."""

from integrade.simulate.customs import simulate_customs
from integrade.simulate.economy import Simulated, simulate
from integrade.simulate.options import Economy
from integrade.simulate.raw import COLUMNS, write_raw

__all__ = ["COLUMNS", "Economy", "Simulated", "simulate", "simulate_customs", "write_raw"]
