"""Build the estimation panel from firms and measures, with an account of every row."""

from integrade.panel.assemble import Assemble, assemble
from integrade.panel.controls import Controls, HumanCapital, firm_controls, human_capital, sa_index
from integrade.panel.deflate import Deflate, RealCapital, deflate, real_capital
from integrade.panel.identity import FirmIdentity, firm_identity
from integrade.panel.link_quality import link_quality
from integrade.panel.matching import MatchFirms, match_firms
from integrade.panel.names import Names, normalise_name
from integrade.panel.outliers import winsorise
from integrade.panel.ownership import ownership_classes
from integrade.panel.productivity import Tfp, tfp
from integrade.panel.ratios import Ratio, ratio
from integrade.panel.similar import Similar

__all__ = [
    "Assemble",
    "Controls",
    "Deflate",
    "FirmIdentity",
    "HumanCapital",
    "MatchFirms",
    "Names",
    "Ratio",
    "RealCapital",
    "Similar",
    "Tfp",
    "assemble",
    "deflate",
    "firm_controls",
    "firm_identity",
    "human_capital",
    "link_quality",
    "match_firms",
    "normalise_name",
    "ownership_classes",
    "ratio",
    "real_capital",
    "sa_index",
    "tfp",
    "winsorise",
]
