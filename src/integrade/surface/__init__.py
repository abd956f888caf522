"""List the home module of every public name.

Names of the main path are directly in ``ig``; all other names are in namespaces by subject. A name is imported when it
is first used.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from integrade.surface.packages import full_name

Homes = Mapping[str, tuple[str, ...]]
"""Module (without ``integrade``) -> the public names that it defines."""

FLAT: Homes = {
    "engine.frames": ("Table",),
    "sources": (
        "clean_customs",
        "clean_firms",
        "read_covariates",
        "read_panel",
        "read_customs",
        "read_firms",
        "read_prices",
        "read_table",
        "write_table",
    ),
    "integration": ("relative_price",),
    "quality": ("demand_residual",),
    "panel": ("assemble", "match_firms"),
    "estimate.fit": ("fit",),
    "estimate.many": ("fit_many",),
    "subjects.benchmark.describe": ("describe",),
    "estimate.inverted_u": ("u_test",),
    "subjects.lags.model": ("lag_table",),
    "subjects.mediation.mediate": ("mediate",),
    "subjects.groups.compare": ("compare_groups",),
    "subjects.robustness.model": ("robustness",),
    "report.regression": ("regression_table",),
    "published": ("audit_table",),
    "study.loaded": ("load_run",),
    "simulation": ("Economy", "simulate"),
    "records.catalogue": ("measure",),
    "records.question": ("question",),
    "verdicts.registered": ("hypothesis",),
}
"""The main path, from raw files to a table of regressions."""

QUESTIONS: Homes = {
    "study.citing": ("cite",),
    "estimate.fit": ("fit",),
    "estimate.many": ("fit_many",),
    "estimate.results": ("summary",),
    "estimate.hausman": ("hausman",),
    "estimate.quasi": ("fractional_logit", "ppml"),
    "subjects.curve.model": ("specification_curve",),
    "subjects.situation.break_date": ("break_date",),
    "subjects.benchmark.describe": ("correlate", "describe"),
    "subjects.situation.trends": ("extremes", "group_trends"),
    "subjects.groups.compare": ("adjust_family", "compare_groups", "group_column", "industry_intensity"),
    "subjects.inference.clusters": ("cluster_report",),
    "subjects.inference.family": ("romano_wolf_family",),
    "estimate.multiple": ("benjamini_hochberg", "benjamini_yekutieli", "holm", "romano_wolf"),
    "subjects.inference.randomisation": ("randomisation",),
    "subjects.instruments.builders": (
        "join_instrument",
        "lagged_index",
        "neighbour_instrument",
        "split_goods",
        "terrain_instrument",
    ),
    "subjects.instruments.control_function": ("control_function",),
    "subjects.instruments.shift_share": ("shift_share_errors", "shift_share_instrument"),
    "subjects.instruments.weak_iv": ("weak_iv",),
    "subjects.noise.attenuation": ("expected_attenuation", "pipeline_bootstrap", "simex"),
    "subjects.noise.corrected": ("corrected",),
    "subjects.noise.halves": ("halves_of",),
    "subjects.noise.oriv": ("oriv",),
    "subjects.mediation.mediate": ("mediate",),
    "subjects.power.model": ("power",),
    "subjects.robustness.gelbach": ("gelbach",),
    "subjects.sensitivity.model": ("omitted_confounder", "oster", "robustness_value"),
    "subjects.robustness.model": ("robustness",),
    "subjects.row_level.model": ("row_level",),
    "subjects.spillover.model": ("add_spillover", "mechanical_correlation", "spillover"),
    "subjects.shape.effect_size": ("effect_sizes",),
    "estimate.inverted_u": ("u_test",),
    "subjects.shape.two_lines": ("cubic_test", "two_lines"),
    "subjects.lags.model": ("add_lags", "lag_table"),
}
"""Functions that answer questions about a panel."""

OPTIONS: Homes = {
    "subjects.curve.model": ("Curve",),
    "estimate.linear": ("Fit",),
    "estimate.hausman": ("HausmanTest",),
    "subjects.groups.compare": ("Groups",),
    "subjects.groups.splits": ("Split",),
    "subjects.inference.randomisation": ("Randomise",),
    "subjects.instruments.shift_share": ("ShiftShareOptions",),
    "subjects.instruments.weak_iv": ("WeakIVOptions",),
    "subjects.noise.corrected": ("CorrectedOptions",),
    "subjects.noise.oriv": ("Oriv",),
    "subjects.noise.pipeline": ("PipelineOptions",),
    "subjects.noise.simex": ("SimexOptions",),
    "subjects.mediation.mediate": ("Mediation",),
    "subjects.power.setting": ("PowerOptions",),
    "subjects.robustness.gelbach": ("Gelbach",),
    "subjects.sensitivity.oster": ("OsterOptions",),
    "subjects.sensitivity.model": ("ConfounderOptions",),
    "subjects.robustness.model": ("Robustness",),
    "subjects.row_level.model": ("RowLevel",),
    "subjects.spillover.model": ("Spillover",),
    "subjects.shape.two_lines": ("TwoLines",),
    "subjects.lags.model": ("Lags",),
    "panel.assemble": ("Assemble",),
    "panel.controls": ("Controls", "HumanCapital"),
    "panel.deflate": ("Deflate", "RealCapital"),
    "panel.identity": ("FirmIdentity",),
    "panel.matching": ("MatchFirms",),
    "panel.names": ("Names",),
    "panel.productivity": ("Tfp",),
    "panel.ratios": ("Ratio",),
    "quality.decomposition": ("QualityChange",),
    "quality.elasticity": ("Elasticities",),
    "quality.parameters": ("QualityParameters",),
    "quality.scale": ("Scale",),
    "report.regression": ("Layout",),
    "simulation.options": ("Economy",),
    "simulation.production": ("Production",),
    "sources.tables.cleaning": ("CleanFirms",),
    "sources.tables.cleaning_customs": ("CleanCustoms",),
    "sources.tables.prices": ("Goods",),
    "sources.files.reading": ("Reading",),
}
"""Records of options, one for each function with several options; `of_measures` has the records of measures."""

RESULTS: Homes = {
    "study.citing": ("Citations",),
    "engine.frames": ("Table",),
    "integration.comparison": ("Comparison",),
    "integration.trust": ("IndexTrust",),
    "subjects.curve.records": ("SpecificationCurve",),
    "subjects.situation.break_date": ("BreakDate",),
    "subjects.benchmark.describe": ("Correlations", "Describe", "Descriptives"),
    "subjects.situation.trends": ("Trends", "YearExtremes"),
    "estimate.contrasts": ("Combination", "JointTest"),
    "estimate.hausman": ("Hausman",),
    "estimate.results": ("Basis", "Coefficient", "FitResult", "Wild"),
    "subjects.groups.records": ("GroupComparison",),
    "subjects.inference.clusters": ("ClusterReport",),
    "subjects.inference.family": ("Family",),
    "estimate.multiple": ("AdjustedFamily",),
    "subjects.inference.randomisation": ("Randomisation",),
    "subjects.instruments.builders": ("Instrument",),
    "subjects.instruments.control_function": ("ControlFunction",),
    "subjects.instruments.shift_share": ("ShiftShare", "ShiftShareErrors"),
    "subjects.instruments.weak_iv": ("WeakIV",),
    "subjects.noise.attenuation": ("Attenuation",),
    "subjects.noise.corrected": ("Corrected",),
    "subjects.noise.halves": ("Halves",),
    "subjects.noise.oriv": ("OrivResult",),
    "subjects.noise.pipeline": ("PipelineBootstrap",),
    "subjects.noise.simex": ("Simex",),
    "subjects.mediation.records": ("MediationResult",),
    "subjects.power.model": ("Power",),
    "subjects.robustness.gelbach": ("GelbachResult",),
    "subjects.sensitivity.oster": ("Oster",),
    "subjects.sensitivity.model": ("Confounder",),
    "subjects.robustness.model": ("Variants",),
    "subjects.row_level.model": ("RowLevelResult",),
    "subjects.spillover.model": ("MechanicalCorrelation",),
    "subjects.benchmark.columns": ("Column",),
    "subjects.shape.effect_size": ("EffectSizes",),
    "subjects.shape.bins": ("Bin",),
    "estimate.inverted_u": ("UTest",),
    "subjects.shape.two_lines": ("CubicTest", "TwoLinesResult"),
    "subjects.lags.records": ("LagResults",),
    "panel.identity": ("Identity",),
    "panel.matching": ("Matched",),
    "panel.productivity": ("TfpResult",),
    "tablecheck.findings": ("Review",),
    "tablecheck.printed": ("PublishedTable",),
    "quality.breaks": ("Breaks",),
    "report.printed": ("PrintedTable",),
    "simulation.economy": ("Simulated",),
    "study.loaded": ("LoadedRun",),
}
"""Records that public functions return."""

NAMESPACES: Mapping[str, str] = {
    "errors": "errors",
    "integration": "integration",
    "options": "options",
    "panel": "panel",
    "plot": "plot",
    "published": "published",
    "quality": "quality",
    "questions": "surface.questions",
    "results": "results",
    "simulation": "simulation",
    "sources": "sources",
}
"""Namespace of ``ig`` (``ig.integration``, ``ig.questions``) -> its module, without ``integrade``."""
SUBJECTS: Mapping[str, Homes] = {"options": OPTIONS, "questions": QUESTIONS, "results": RESULTS}
"""The namespaces whose names are imported when first used."""

FORMER: Homes = {
    **QUESTIONS,
    "sources": (
        "code_families",
        "harmonise",
        "read_education",
        "read_exporters",
        "read_flows",
        "read_gdp",
        "read_links",
        "read_output",
        "read_registry",
        "read_survey",
    ),
    "integration": (
        "compare_measures",
        "good_influence",
        "index_trust",
        "internal_distance",
        "pure_regions",
        "ranking",
        "trend",
    ),
    "quality": ("elasticities", "estimated_sigma", "quality_breaks", "quality_change"),
    "panel": (
        "deflate",
        "firm_controls",
        "firm_identity",
        "human_capital",
        "link_quality",
        "normalise_name",
        "ownership_classes",
        "real_capital",
        "winsorise",
    ),
    "published": ("review",),
    "tablecheck": ("read_printed",),
    "simulation": ("write_raw",),
}
"""Names that were directly in ``ig`` before names were grouped by subject.

They still work there, but ``dir(ig)`` does not list them. The same holds for the names of all measures.
"""
MEASURES = ("integration", "quality")
"""Packages that find their measures in their folders."""


def names(homes: Homes) -> list[str]:
    """Return all names, sorted."""
    return sorted(name for names_of_home in homes.values() for name in names_of_home)


def found(homes: Homes, name: str) -> Any:
    """Import and return the object of that name; None for an unknown one."""
    home = next((home for home, names_of_home in homes.items() if name in names_of_home), None)
    return None if home is None else getattr(importlib.import_module(full_name(home)), name)


def measures() -> dict[str, Any]:
    """Import the packages of measures; return all measures of the catalogue by name, including those of plugins."""
    for room in MEASURES:
        importlib.import_module(f"integrade.{room}")
    return dict(importlib.import_module("integrade.records.catalogue").CATALOGUE)


def of_measures() -> Homes:
    """Return the homes of the records of options of integrade's own measures."""
    homes: dict[str, tuple[str, ...]] = {}
    for options in {m.options: None for m in measures().values() if not m.plain}:
        if options.__module__.startswith("integrade."):
            home = options.__module__.removeprefix("integrade.")
            homes[home] = (*homes.get(home, ()), options.__name__)
    return homes


def namespace(name: str) -> ModuleType:
    """Return the module that users see as ``integrade.NAME``."""
    return importlib.import_module(full_name(NAMESPACES[name]))


def lazily(
    module: str, homes: Homes, more: Callable[[], Homes] = dict
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a module whose names are imported when first used.

    ``more`` returns further homes. It is called for a name that ``homes`` lacks, and for the list of names.
    """

    def listed() -> list[str]:
        return sorted([*names(homes), *names(more())])

    def attribute(name: str) -> Any:
        if name == "__all__":
            return listed()
        value = found(homes, name)
        if value is None and not name.startswith("__"):
            value = found(more(), name)
        if value is None:
            raise AttributeError(f"{module} has no attribute {name!r}")
        return value

    return attribute, listed
