"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from integrade.integration.bilateral import internal_distance as internal_distance
from integrade.integration.border_regression import BorderRegression as BorderRegression
from integrade.integration.border_width import BorderWidth as BorderWidth
from integrade.integration.business_cycle import BusinessCycle as BusinessCycle
from integrade.integration.comparison import Comparison as Comparison
from integrade.integration.comparison import compare_measures as compare_measures
from integrade.integration.concentration import Concentration as Concentration
from integrade.integration.concentration import EllisonGlaeser as EllisonGlaeser
from integrade.integration.cube import goods_breaks as goods_breaks
from integrade.integration.factor_share import FactorShare as FactorShare
from integrade.integration.gravity import Gravity as Gravity
from integrade.integration.half_life import HalfLife as HalfLife
from integrade.integration.head_ries import HeadRies as HeadRies
from integrade.integration.influence import GoodInfluence as GoodInfluence
from integrade.integration.log_odds import LogOdds as LogOdds
from integrade.integration.options import RelativePrice as RelativePrice
from integrade.integration.panel_unit_root import PanelUnitRoot as PanelUnitRoot
from integrade.integration.production import Krugman as Krugman
from integrade.integration.production import LocationQuotient as LocationQuotient
from integrade.integration.productivity import FactorDispersion as FactorDispersion
from integrade.integration.productivity import Theil as Theil
from integrade.integration.regional_shock import RegionalShock as RegionalShock
from integrade.integration.summary import ranking as ranking
from integrade.integration.summary import trend_of as trend_of
from integrade.integration.survey import SurveyScore as SurveyScore
from integrade.integration.threshold import ThresholdBand as ThresholdBand
from integrade.integration.trust import IndexTrust as IndexTrust
from integrade.integration.trust import PureRegion as PureRegion
from integrade.integration.trust import SplitHalf as SplitHalf
from integrade.integration.trust import jackknife_coverage as jackknife_coverage
from integrade.integration.trust import pure_region as pure_region
from integrade.surface.signatures import border_regression as border_regression
from integrade.surface.signatures import border_width as border_width
from integrade.surface.signatures import business_cycle as business_cycle
from integrade.surface.signatures import ellison_glaeser as ellison_glaeser
from integrade.surface.signatures import factor_dispersion as factor_dispersion
from integrade.surface.signatures import factor_share as factor_share
from integrade.surface.signatures import good_influence as good_influence
from integrade.surface.signatures import gravity as gravity
from integrade.surface.signatures import half_life as half_life
from integrade.surface.signatures import head_ries as head_ries
from integrade.surface.signatures import herfindahl as herfindahl
from integrade.surface.signatures import hoover_balassa as hoover_balassa
from integrade.surface.signatures import index_trust as index_trust
from integrade.surface.signatures import krugman as krugman
from integrade.surface.signatures import location_quotient as location_quotient
from integrade.surface.signatures import log_odds as log_odds
from integrade.surface.signatures import noise_share as noise_share
from integrade.surface.signatures import panel_unit_root as panel_unit_root
from integrade.surface.signatures import pure_regions as pure_regions
from integrade.surface.signatures import regional_shock as regional_shock
from integrade.surface.signatures import relative_price as relative_price
from integrade.surface.signatures import split_half as split_half
from integrade.surface.signatures import survey_score as survey_score
from integrade.surface.signatures import theil as theil
from integrade.surface.signatures import threshold_band as threshold_band
from integrade.surface.signatures import trend as trend
from integrade.surface.signatures import without_each_good as without_each_good

__all__ = [
    "BorderRegression",
    "BorderWidth",
    "BusinessCycle",
    "Comparison",
    "Concentration",
    "EllisonGlaeser",
    "FactorDispersion",
    "FactorShare",
    "GoodInfluence",
    "Gravity",
    "HalfLife",
    "HeadRies",
    "IndexTrust",
    "Krugman",
    "LocationQuotient",
    "LogOdds",
    "PanelUnitRoot",
    "PureRegion",
    "RegionalShock",
    "RelativePrice",
    "SplitHalf",
    "SurveyScore",
    "Theil",
    "ThresholdBand",
    "border_regression",
    "border_width",
    "business_cycle",
    "compare_measures",
    "ellison_glaeser",
    "factor_dispersion",
    "factor_share",
    "good_influence",
    "goods_breaks",
    "gravity",
    "half_life",
    "head_ries",
    "herfindahl",
    "hoover_balassa",
    "index_trust",
    "internal_distance",
    "jackknife_coverage",
    "krugman",
    "location_quotient",
    "log_odds",
    "noise_share",
    "panel_unit_root",
    "pure_region",
    "pure_regions",
    "ranking",
    "regional_shock",
    "relative_price",
    "split_half",
    "survey_score",
    "theil",
    "threshold_band",
    "trend",
    "trend_of",
    "without_each_good",
]

