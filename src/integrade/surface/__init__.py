"""Where every public name comes from: the main path flat, everything else by subject; imported when first used."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

Homes = Mapping[str, tuple[str, ...]]
"""Module (below ``integrade``) -> the public names that it holds."""

FLAT: Homes = {
    "frames": ("Table",),
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
    "models.fit.fit": ("fit",),
    "models.fit.many": ("fit_many",),
    "models.descriptive.describe": ("describe",),
    "models.shape.inverted_u": ("u_test",),
    "models.timing.lags": ("lag_table",),
    "models.mediation.mediate": ("mediate",),
    "models.groups.compare": ("compare_groups",),
    "models.samples.robustness": ("robustness",),
    "report.regression": ("regression_table",),
    "published": ("audit_table",),
    "study.loaded": ("load_run",),
    "simulation": ("Economy", "simulate"),
    "catalogue": ("measure",),
    "inquiry": ("question",),
    "judge.registered": ("hypothesis",),
}
"""The main path, from raw files to a table of regressions."""

QUESTIONS: Homes = {
    "models.fit.fit": ("fit",),
    "models.fit.many": ("fit_many",),
    "models.fit.results": ("summary",),
    "models.fit.hausman": ("hausman",),
    "models.fit.quasi": ("fractional_logit", "ppml"),
    "models.curve.curve": ("specification_curve",),
    "models.descriptive.break_date": ("break_date",),
    "models.descriptive.describe": ("correlate", "describe"),
    "models.descriptive.trends": ("extremes", "group_trends"),
    "models.groups.compare": ("adjust_family", "compare_groups", "group_column", "industry_intensity"),
    "models.inference.clusters": ("cluster_report",),
    "models.inference.family": ("romano_wolf_family",),
    "models.inference.multiple": ("benjamini_hochberg", "benjamini_yekutieli", "holm", "romano_wolf"),
    "models.inference.randomisation": ("randomisation",),
    "models.instruments.builders": (
        "join_instrument",
        "lagged_index",
        "neighbour_instrument",
        "split_goods",
        "terrain_instrument",
    ),
    "models.instruments.control_function": ("control_function",),
    "models.instruments.shift_share": ("shift_share_errors", "shift_share_instrument"),
    "models.instruments.weak_iv": ("weak_iv",),
    "models.measurement_error.attenuation": ("expected_attenuation", "pipeline_bootstrap", "simex"),
    "models.measurement_error.oriv": ("oriv",),
    "models.mediation.mediate": ("mediate",),
    "models.omitted.gelbach": ("gelbach",),
    "models.omitted.sensitivity": ("omitted_confounder", "oster", "robustness_value"),
    "models.samples.robustness": ("robustness",),
    "models.samples.row_level": ("row_level",),
    "models.samples.spillover": ("add_spillover", "mechanical_correlation", "spillover"),
    "models.shape.effect_size": ("effect_sizes",),
    "models.shape.inverted_u": ("u_test",),
    "models.shape.two_lines": ("cubic_test", "two_lines"),
    "models.timing.lags": ("add_lags", "lag_table"),
}
"""What is asked of a panel."""

OPTIONS: Homes = {
    "integration.border_regression": ("BorderRegression",),
    "integration.border_width": ("BorderWidth",),
    "integration.business_cycle": ("BusinessCycle",),
    "integration.concentration": ("Concentration", "EllisonGlaeser"),
    "integration.factor_share": ("FactorShare",),
    "integration.gravity": ("Gravity",),
    "integration.half_life": ("HalfLife",),
    "integration.head_ries": ("HeadRies",),
    "integration.log_odds": ("LogOdds",),
    "integration.options": ("RelativePrice",),
    "integration.panel_unit_root": ("PanelUnitRoot",),
    "integration.production": ("Krugman", "LocationQuotient"),
    "integration.productivity": ("FactorDispersion", "Theil"),
    "integration.regional_shock": ("RegionalShock",),
    "integration.survey": ("SurveyScore",),
    "integration.threshold": ("ThresholdBand",),
    "models.curve.curve": ("Curve",),
    "models.fit.linear": ("Fit",),
    "models.fit.hausman": ("HausmanTest",),
    "models.groups.compare": ("Groups",),
    "models.groups.splits": ("Split",),
    "models.inference.randomisation": ("Randomise",),
    "models.instruments.shift_share": ("ShiftShareOptions",),
    "models.instruments.weak_iv": ("WeakIVOptions",),
    "models.measurement_error.oriv": ("Oriv",),
    "models.measurement_error.pipeline": ("PipelineOptions",),
    "models.measurement_error.simex": ("SimexOptions",),
    "models.mediation.mediate": ("Mediation",),
    "models.omitted.gelbach": ("Gelbach",),
    "models.omitted.oster": ("OsterOptions",),
    "models.omitted.sensitivity": ("ConfounderOptions",),
    "models.samples.robustness": ("Robustness",),
    "models.samples.row_level": ("RowLevel",),
    "models.samples.spillover": ("Spillover",),
    "models.shape.two_lines": ("TwoLines",),
    "models.timing.lags": ("Lags",),
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
    "quality.nested_logit": ("NestedLogit",),
    "quality.options": ("DemandResidual",),
    "quality.parameters": ("QualityParameters",),
    "quality.product_features": ("ProductFeatures",),
    "quality.scale": ("Scale",),
    "quality.supply_demand": ("SupplyDemand",),
    "quality.unit_value": ("UnitValue",),
    "report.regression": ("Layout",),
    "simulation.options": ("Economy",),
    "simulation.production": ("Production",),
    "sources.cleaning": ("CleanFirms",),
    "sources.cleaning_customs": ("CleanCustoms",),
    "sources.prices": ("Goods",),
    "sources.reading": ("Reading",),
}
"""Records of options, one for each function that takes several."""

RESULTS: Homes = {
    "frames": ("Table",),
    "integration.comparison": ("Comparison",),
    "integration.trust": ("IndexTrust",),
    "models.curve.records": ("SpecificationCurve",),
    "models.descriptive.break_date": ("BreakDate",),
    "models.descriptive.describe": ("Correlations", "Describe", "Descriptives"),
    "models.descriptive.trends": ("Trends", "YearExtremes"),
    "models.fit.contrasts": ("Combination", "JointTest"),
    "models.fit.hausman": ("Hausman",),
    "models.fit.results": ("Basis", "Coefficient", "FitResult", "Wild"),
    "models.groups.records": ("GroupComparison",),
    "models.inference.clusters": ("ClusterReport",),
    "models.inference.family": ("Family",),
    "models.inference.multiple": ("AdjustedFamily",),
    "models.inference.randomisation": ("Randomisation",),
    "models.instruments.builders": ("Instrument",),
    "models.instruments.control_function": ("ControlFunction",),
    "models.instruments.shift_share": ("ShiftShare", "ShiftShareErrors"),
    "models.instruments.weak_iv": ("WeakIV",),
    "models.measurement_error.attenuation": ("Attenuation",),
    "models.measurement_error.oriv": ("OrivResult",),
    "models.measurement_error.pipeline": ("PipelineBootstrap",),
    "models.measurement_error.simex": ("Simex",),
    "models.mediation.records": ("MediationResult",),
    "models.omitted.gelbach": ("GelbachResult",),
    "models.omitted.oster": ("Oster",),
    "models.omitted.sensitivity": ("Confounder",),
    "models.samples.robustness": ("Variants",),
    "models.samples.row_level": ("RowLevelResult",),
    "models.samples.spillover": ("MechanicalCorrelation",),
    "models.samples.versions": ("Column",),
    "models.shape.effect_size": ("EffectSizes",),
    "models.shape.bins": ("Bin",),
    "models.shape.inverted_u": ("UTest",),
    "models.shape.two_lines": ("CubicTest", "TwoLinesResult"),
    "models.timing.records": ("LagResults",),
    "panel.identity": ("Identity",),
    "panel.matching": ("Matched",),
    "panel.productivity": ("TfpResult",),
    "published.findings": ("Review",),
    "published.printed": ("PublishedTable",),
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
"""``ig.integration``, ``ig.questions`` and the others, with the module (below ``integrade``) of each."""
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
        "border_regression",
        "border_width",
        "business_cycle",
        "compare_measures",
        "ellison_glaeser",
        "factor_dispersion",
        "factor_share",
        "good_influence",
        "gravity",
        "half_life",
        "head_ries",
        "herfindahl",
        "hoover_balassa",
        "index_trust",
        "internal_distance",
        "krugman",
        "location_quotient",
        "log_odds",
        "panel_unit_root",
        "pure_regions",
        "ranking",
        "regional_shock",
        "survey_score",
        "theil",
        "threshold_band",
        "trend",
    ),
    "quality": (
        "elasticities",
        "estimated_sigma",
        "nested_logit",
        "product_features",
        "quality_breaks",
        "quality_change",
        "supply_demand",
        "unit_value",
    ),
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
    "published": ("read_printed", "review"),
    "simulation": ("write_raw",),
}
"""Names that were flat before there were subjects; ``ig.krugman`` still works, and is not listed."""


def names(homes: Homes) -> list[str]:
    """All names, sorted."""
    return sorted(name for held in homes.values() for name in held)


def found(homes: Homes, name: str) -> Any:
    """The object of that name, imported now; None for an unknown one."""
    home = next((home for home, held in homes.items() if name in held), None)
    return None if home is None else getattr(importlib.import_module(f"integrade.{home}"), name)


def namespace(name: str) -> ModuleType:
    """The module that is ``integrade.NAME`` to a user."""
    return importlib.import_module(f"integrade.{NAMESPACES[name]}")


def lazily(module: str, homes: Homes) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and the ``__dir__`` of a module whose names are imported when first used."""

    def attribute(name: str) -> Any:
        value = found(homes, name)
        if value is None:
            raise AttributeError(f"{module} has no attribute {name!r}")
        return value

    return attribute, lambda: names(homes)
