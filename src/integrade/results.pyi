"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from integrade.frames import Table as Table
from integrade.integration.comparison import Comparison as Comparison
from integrade.integration.trust import IndexTrust as IndexTrust
from integrade.models.curve.records import SpecificationCurve as SpecificationCurve
from integrade.models.descriptive.break_date import BreakDate as BreakDate
from integrade.models.descriptive.describe import Correlations as Correlations
from integrade.models.descriptive.describe import Describe as Describe
from integrade.models.descriptive.describe import Descriptives as Descriptives
from integrade.models.descriptive.trends import Trends as Trends
from integrade.models.descriptive.trends import YearExtremes as YearExtremes
from integrade.models.fit.contrasts import Combination as Combination
from integrade.models.fit.contrasts import JointTest as JointTest
from integrade.models.fit.hausman import Hausman as Hausman
from integrade.models.fit.results import Basis as Basis
from integrade.models.fit.results import Coefficient as Coefficient
from integrade.models.fit.results import FitResult as FitResult
from integrade.models.fit.results import Wild as Wild
from integrade.models.groups.records import GroupComparison as GroupComparison
from integrade.models.inference.clusters import ClusterReport as ClusterReport
from integrade.models.inference.family import Family as Family
from integrade.models.inference.multiple import AdjustedFamily as AdjustedFamily
from integrade.models.inference.randomisation import Randomisation as Randomisation
from integrade.models.instruments.builders import Instrument as Instrument
from integrade.models.instruments.control_function import ControlFunction as ControlFunction
from integrade.models.instruments.shift_share import ShiftShare as ShiftShare
from integrade.models.instruments.shift_share import ShiftShareErrors as ShiftShareErrors
from integrade.models.instruments.weak_iv import WeakIV as WeakIV
from integrade.models.measurement_error.attenuation import Attenuation as Attenuation
from integrade.models.measurement_error.oriv import OrivResult as OrivResult
from integrade.models.measurement_error.pipeline import PipelineBootstrap as PipelineBootstrap
from integrade.models.measurement_error.simex import Simex as Simex
from integrade.models.mediation.records import MediationResult as MediationResult
from integrade.models.omitted.gelbach import GelbachResult as GelbachResult
from integrade.models.omitted.oster import Oster as Oster
from integrade.models.omitted.sensitivity import Confounder as Confounder
from integrade.models.samples.robustness import Variants as Variants
from integrade.models.samples.row_level import RowLevelResult as RowLevelResult
from integrade.models.samples.spillover import MechanicalCorrelation as MechanicalCorrelation
from integrade.models.samples.versions import Column as Column
from integrade.models.shape.bins import Bin as Bin
from integrade.models.shape.effect_size import EffectSizes as EffectSizes
from integrade.models.shape.inverted_u import UTest as UTest
from integrade.models.shape.two_lines import CubicTest as CubicTest
from integrade.models.shape.two_lines import TwoLinesResult as TwoLinesResult
from integrade.models.timing.records import LagResults as LagResults
from integrade.panel.identity import Identity as Identity
from integrade.panel.matching import Matched as Matched
from integrade.panel.productivity import TfpResult as TfpResult
from integrade.published.findings import Review as Review
from integrade.published.printed import PublishedTable as PublishedTable
from integrade.quality.breaks import Breaks as Breaks
from integrade.report.printed import PrintedTable as PrintedTable
from integrade.simulation.economy import Simulated as Simulated
from integrade.study.loaded import LoadedRun as LoadedRun

__all__ = [
    "AdjustedFamily",
    "Attenuation",
    "Basis",
    "Bin",
    "BreakDate",
    "Breaks",
    "ClusterReport",
    "Coefficient",
    "Column",
    "Combination",
    "Comparison",
    "Confounder",
    "ControlFunction",
    "Correlations",
    "CubicTest",
    "Describe",
    "Descriptives",
    "EffectSizes",
    "Family",
    "FitResult",
    "GelbachResult",
    "GroupComparison",
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

