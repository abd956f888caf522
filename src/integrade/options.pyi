"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from integrade.estimate.hausman import HausmanTest as HausmanTest
from integrade.estimate.linear import Fit as Fit
from integrade.integration.border_regression import BorderRegression as BorderRegression
from integrade.integration.border_width import BorderWidth as BorderWidth
from integrade.integration.business_cycle import BusinessCycle as BusinessCycle
from integrade.integration.concentration import Concentration as Concentration
from integrade.integration.concentration import EllisonGlaeser as EllisonGlaeser
from integrade.integration.factor_share import FactorShare as FactorShare
from integrade.integration.gravity import Gravity as Gravity
from integrade.integration.half_life import HalfLife as HalfLife
from integrade.integration.head_ries import HeadRies as HeadRies
from integrade.integration.log_odds import LogOdds as LogOdds
from integrade.integration.options import RelativePrice as RelativePrice
from integrade.integration.panel_unit_root import PanelUnitRoot as PanelUnitRoot
from integrade.integration.production import Krugman as Krugman
from integrade.integration.production import LocationQuotient as LocationQuotient
from integrade.integration.productivity import FactorDispersion as FactorDispersion
from integrade.integration.productivity import Theil as Theil
from integrade.integration.regional_shock import RegionalShock as RegionalShock
from integrade.integration.survey import SurveyScore as SurveyScore
from integrade.integration.threshold import ThresholdBand as ThresholdBand
from integrade.panel.assemble import Assemble as Assemble
from integrade.panel.controls import Controls as Controls
from integrade.panel.controls import HumanCapital as HumanCapital
from integrade.panel.deflate import Deflate as Deflate
from integrade.panel.deflate import RealCapital as RealCapital
from integrade.panel.identity import FirmIdentity as FirmIdentity
from integrade.panel.matching import MatchFirms as MatchFirms
from integrade.panel.names import Names as Names
from integrade.panel.productivity import Tfp as Tfp
from integrade.panel.ratios import Ratio as Ratio
from integrade.quality.decomposition import QualityChange as QualityChange
from integrade.quality.elasticity import Elasticities as Elasticities
from integrade.quality.nested_logit import NestedLogit as NestedLogit
from integrade.quality.options import DemandResidual as DemandResidual
from integrade.quality.parameters import QualityParameters as QualityParameters
from integrade.quality.product_features import ProductFeatures as ProductFeatures
from integrade.quality.scale import Scale as Scale
from integrade.quality.supply_demand import SupplyDemand as SupplyDemand
from integrade.quality.unit_value import UnitValue as UnitValue
from integrade.report.regression import Layout as Layout
from integrade.simulation.options import Economy as Economy
from integrade.simulation.production import Production as Production
from integrade.sources.files.reading import Reading as Reading
from integrade.sources.tables.cleaning import CleanFirms as CleanFirms
from integrade.sources.tables.cleaning_customs import CleanCustoms as CleanCustoms
from integrade.sources.tables.prices import Goods as Goods
from integrade.subjects.curve.model import Curve as Curve
from integrade.subjects.groups.compare import Groups as Groups
from integrade.subjects.groups.splits import Split as Split
from integrade.subjects.inference.randomisation import Randomise as Randomise
from integrade.subjects.instruments.shift_share import ShiftShareOptions as ShiftShareOptions
from integrade.subjects.instruments.weak_iv import WeakIVOptions as WeakIVOptions
from integrade.subjects.lags.model import Lags as Lags
from integrade.subjects.mediation.mediate import Mediation as Mediation
from integrade.subjects.noise.corrected import CorrectedOptions as CorrectedOptions
from integrade.subjects.noise.oriv import Oriv as Oriv
from integrade.subjects.noise.pipeline import PipelineOptions as PipelineOptions
from integrade.subjects.noise.simex import SimexOptions as SimexOptions
from integrade.subjects.power.setting import PowerOptions as PowerOptions
from integrade.subjects.robustness.gelbach import Gelbach as Gelbach
from integrade.subjects.robustness.model import Robustness as Robustness
from integrade.subjects.row_level.model import RowLevel as RowLevel
from integrade.subjects.sensitivity.model import ConfounderOptions as ConfounderOptions
from integrade.subjects.sensitivity.oster import OsterOptions as OsterOptions
from integrade.subjects.shape.two_lines import TwoLines as TwoLines
from integrade.subjects.spillover.model import Spillover as Spillover

__all__ = [
    "Assemble",
    "BorderRegression",
    "BorderWidth",
    "BusinessCycle",
    "CleanCustoms",
    "CleanFirms",
    "Concentration",
    "ConfounderOptions",
    "Controls",
    "CorrectedOptions",
    "Curve",
    "Deflate",
    "DemandResidual",
    "Economy",
    "Elasticities",
    "EllisonGlaeser",
    "FactorDispersion",
    "FactorShare",
    "FirmIdentity",
    "Fit",
    "Gelbach",
    "Goods",
    "Gravity",
    "Groups",
    "HalfLife",
    "HausmanTest",
    "HeadRies",
    "HumanCapital",
    "Krugman",
    "Lags",
    "Layout",
    "LocationQuotient",
    "LogOdds",
    "MatchFirms",
    "Mediation",
    "Names",
    "NestedLogit",
    "Oriv",
    "OsterOptions",
    "PanelUnitRoot",
    "PipelineOptions",
    "PowerOptions",
    "ProductFeatures",
    "Production",
    "QualityChange",
    "QualityParameters",
    "Randomise",
    "Ratio",
    "Reading",
    "RealCapital",
    "RegionalShock",
    "RelativePrice",
    "Robustness",
    "RowLevel",
    "Scale",
    "ShiftShareOptions",
    "SimexOptions",
    "Spillover",
    "Split",
    "SupplyDemand",
    "SurveyScore",
    "Tfp",
    "Theil",
    "ThresholdBand",
    "TwoLines",
    "UnitValue",
    "WeakIVOptions",
]

