"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from integrade.engine.frames import Table as Table
from integrade.estimate.contrasts import Combination as Combination
from integrade.estimate.contrasts import JointTest as JointTest
from integrade.estimate.hausman import Hausman as Hausman
from integrade.estimate.inverted_u import UTest as UTest
from integrade.estimate.multiple import AdjustedFamily as AdjustedFamily
from integrade.estimate.results import Basis as Basis
from integrade.estimate.results import Coefficient as Coefficient
from integrade.estimate.results import FitResult as FitResult
from integrade.estimate.results import Wild as Wild
from integrade.integration.comparison import Comparison as Comparison
from integrade.integration.trust import IndexTrust as IndexTrust
from integrade.panel.identity import Identity as Identity
from integrade.panel.matching import Matched as Matched
from integrade.panel.productivity import TfpResult as TfpResult
from integrade.quality.breaks import Breaks as Breaks
from integrade.report.printed import PrintedTable as PrintedTable
from integrade.simulation.economy import Simulated as Simulated
from integrade.study.citing import Citations as Citations
from integrade.study.loaded import LoadedRun as LoadedRun
from integrade.subjects.benchmark.columns import Column as Column
from integrade.subjects.benchmark.describe import Correlations as Correlations
from integrade.subjects.benchmark.describe import Describe as Describe
from integrade.subjects.benchmark.describe import Descriptives as Descriptives
from integrade.subjects.curve.records import SpecificationCurve as SpecificationCurve
from integrade.subjects.groups.records import GroupComparison as GroupComparison
from integrade.subjects.inference.clusters import ClusterReport as ClusterReport
from integrade.subjects.inference.family import Family as Family
from integrade.subjects.inference.randomisation import Randomisation as Randomisation
from integrade.subjects.instruments.builders import Instrument as Instrument
from integrade.subjects.instruments.control_function import ControlFunction as ControlFunction
from integrade.subjects.instruments.shift_share import ShiftShare as ShiftShare
from integrade.subjects.instruments.shift_share import ShiftShareErrors as ShiftShareErrors
from integrade.subjects.instruments.weak_iv import WeakIV as WeakIV
from integrade.subjects.lags.records import LagResults as LagResults
from integrade.subjects.mediation.records import MediationResult as MediationResult
from integrade.subjects.noise.attenuation import Attenuation as Attenuation
from integrade.subjects.noise.corrected import Corrected as Corrected
from integrade.subjects.noise.halves import Halves as Halves
from integrade.subjects.noise.oriv import OrivResult as OrivResult
from integrade.subjects.noise.pipeline import PipelineBootstrap as PipelineBootstrap
from integrade.subjects.noise.simex import Simex as Simex
from integrade.subjects.power.model import Power as Power
from integrade.subjects.robustness.gelbach import GelbachResult as GelbachResult
from integrade.subjects.robustness.model import Variants as Variants
from integrade.subjects.row_level.model import RowLevelResult as RowLevelResult
from integrade.subjects.sensitivity.model import Confounder as Confounder
from integrade.subjects.sensitivity.oster import Oster as Oster
from integrade.subjects.shape.bins import Bin as Bin
from integrade.subjects.shape.effect_size import EffectSizes as EffectSizes
from integrade.subjects.shape.two_lines import CubicTest as CubicTest
from integrade.subjects.shape.two_lines import TwoLinesResult as TwoLinesResult
from integrade.subjects.situation.break_date import BreakDate as BreakDate
from integrade.subjects.situation.trends import Trends as Trends
from integrade.subjects.situation.trends import YearExtremes as YearExtremes
from integrade.subjects.spillover.model import MechanicalCorrelation as MechanicalCorrelation
from tablecheck.findings import Review as Review
from tablecheck.printed import PublishedTable as PublishedTable

__all__ = [
    "AdjustedFamily",
    "Attenuation",
    "Basis",
    "Bin",
    "BreakDate",
    "Breaks",
    "Citations",
    "ClusterReport",
    "Coefficient",
    "Column",
    "Combination",
    "Comparison",
    "Confounder",
    "ControlFunction",
    "Corrected",
    "Correlations",
    "CubicTest",
    "Describe",
    "Descriptives",
    "EffectSizes",
    "Family",
    "FitResult",
    "GelbachResult",
    "GroupComparison",
    "Halves",
    "Hausman",
    "Identity",
    "IndexTrust",
    "Instrument",
    "JointTest",
    "LagResults",
    "LoadedRun",
    "Matched",
    "MechanicalCorrelation",
    "MediationResult",
    "OrivResult",
    "Oster",
    "PipelineBootstrap",
    "Power",
    "PrintedTable",
    "PublishedTable",
    "Randomisation",
    "Review",
    "RowLevelResult",
    "ShiftShare",
    "ShiftShareErrors",
    "Simex",
    "Simulated",
    "SpecificationCurve",
    "Table",
    "TfpResult",
    "Trends",
    "TwoLinesResult",
    "UTest",
    "Variants",
    "WeakIV",
    "Wild",
    "YearExtremes",
]

