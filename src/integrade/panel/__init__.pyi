"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from integrade.panel.assemble import Assemble as Assemble
from integrade.panel.controls import Controls as Controls
from integrade.panel.controls import HumanCapital as HumanCapital
from integrade.panel.controls import sa_index as sa_index
from integrade.panel.deflate import Deflate as Deflate
from integrade.panel.deflate import RealCapital as RealCapital
from integrade.panel.identity import FirmIdentity as FirmIdentity
from integrade.panel.link_quality import link_quality as link_quality
from integrade.panel.matching import MatchFirms as MatchFirms
from integrade.panel.names import Names as Names
from integrade.panel.outliers import winsorise as winsorise
from integrade.panel.ownership import ownership_classes as ownership_classes
from integrade.panel.productivity import Tfp as Tfp
from integrade.panel.ratios import Ratio as Ratio
from integrade.panel.similar import Similar as Similar
from integrade.surface.signatures import assemble as assemble
from integrade.surface.signatures import deflate as deflate
from integrade.surface.signatures import firm_controls as firm_controls
from integrade.surface.signatures import firm_identity as firm_identity
from integrade.surface.signatures import human_capital as human_capital
from integrade.surface.signatures import match_firms as match_firms
from integrade.surface.signatures import normalise_name as normalise_name
from integrade.surface.signatures import ratio as ratio
from integrade.surface.signatures import real_capital as real_capital
from integrade.surface.signatures import tfp as tfp

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

