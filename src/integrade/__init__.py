"""Market integration and export quality: from raw files to a checkable study.

The public surface. Names are imported when first used, so that ``import integrade`` costs nothing::

    import integrade as ig

    index = ig.relative_price(ig.read_prices("yearbook/*.xlsx"), se="jackknife")
    quality = ig.demand_residual(ig.read_customs("customs/*.parquet"), sigma=5)
    panel = ig.assemble(ig.read_firms("firms.dta"), integration=index, quality=quality)
    base = ig.fit(panel, "quality ~ market + market^2 + scale | firm + year", cluster="region", vcov="CR3")
    print(ig.u_test(base, "market"))
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrade.frames import Table as Table
    from integrade.integration import border_regression as border_regression
    from integrade.integration import border_width as border_width
    from integrade.integration import business_cycle as business_cycle
    from integrade.integration import compare_measures as compare_measures
    from integrade.integration import ellison_glaeser as ellison_glaeser
    from integrade.integration import factor_dispersion as factor_dispersion
    from integrade.integration import factor_share as factor_share
    from integrade.integration import good_influence as good_influence
    from integrade.integration import gravity as gravity
    from integrade.integration import half_life as half_life
    from integrade.integration import head_ries as head_ries
    from integrade.integration import herfindahl as herfindahl
    from integrade.integration import hoover_balassa as hoover_balassa
    from integrade.integration import index_trust as index_trust
    from integrade.integration import internal_distance as internal_distance
    from integrade.integration import krugman as krugman
    from integrade.integration import location_quotient as location_quotient
    from integrade.integration import log_odds as log_odds
    from integrade.integration import panel_unit_root as panel_unit_root
    from integrade.integration import pure_regions as pure_regions
    from integrade.integration import ranking as ranking
    from integrade.integration import regional_shock as regional_shock
    from integrade.integration import relative_price as relative_price
    from integrade.integration import survey_score as survey_score
    from integrade.integration import theil as theil
    from integrade.integration import threshold_band as threshold_band
    from integrade.integration import trend as trend
    from integrade.models.curve.curve import specification_curve as specification_curve
    from integrade.models.descriptive.break_date import break_date as break_date
    from integrade.models.descriptive.describe import correlate as correlate
    from integrade.models.descriptive.describe import describe as describe
    from integrade.models.descriptive.trends import extremes as extremes
    from integrade.models.descriptive.trends import group_trends as group_trends
    from integrade.models.fit.fit import fit as fit
    from integrade.models.fit.fit_text import summary as summary
    from integrade.models.fit.hausman import hausman as hausman
    from integrade.models.fit.many import fit_many as fit_many
    from integrade.models.fit.quasi import fractional_logit as fractional_logit
    from integrade.models.fit.quasi import ppml as ppml
    from integrade.models.groups.compare import adjust_family as adjust_family
    from integrade.models.groups.compare import compare_groups as compare_groups
    from integrade.models.groups.compare import group_column as group_column
    from integrade.models.groups.compare import industry_intensity as industry_intensity
    from integrade.models.inference.clusters import cluster_report as cluster_report
    from integrade.models.inference.family import romano_wolf_family as romano_wolf_family
    from integrade.models.inference.multiple import benjamini_hochberg as benjamini_hochberg
    from integrade.models.inference.multiple import benjamini_yekutieli as benjamini_yekutieli
    from integrade.models.inference.multiple import holm as holm
    from integrade.models.inference.multiple import romano_wolf as romano_wolf
    from integrade.models.inference.randomisation import randomisation as randomisation
    from integrade.models.instruments.builders import join_instrument as join_instrument
    from integrade.models.instruments.builders import lagged_index as lagged_index
    from integrade.models.instruments.builders import neighbour_instrument as neighbour_instrument
    from integrade.models.instruments.builders import split_goods as split_goods
    from integrade.models.instruments.builders import terrain_instrument as terrain_instrument
    from integrade.models.instruments.control_function import control_function as control_function
    from integrade.models.instruments.shift_share import shift_share_errors as shift_share_errors
    from integrade.models.instruments.shift_share import shift_share_instrument as shift_share_instrument
    from integrade.models.instruments.weak_iv import weak_iv as weak_iv
    from integrade.models.measurement_error.attenuation import expected_attenuation as expected_attenuation
    from integrade.models.measurement_error.attenuation import pipeline_bootstrap as pipeline_bootstrap
    from integrade.models.measurement_error.attenuation import simex as simex
    from integrade.models.measurement_error.oriv import oriv as oriv
    from integrade.models.mediation.mediate import mediate as mediate
    from integrade.models.omitted.gelbach import gelbach as gelbach
    from integrade.models.omitted.sensitivity import omitted_confounder as omitted_confounder
    from integrade.models.omitted.sensitivity import oster as oster
    from integrade.models.omitted.sensitivity import robustness_value as robustness_value
    from integrade.models.samples.robustness import robustness as robustness
    from integrade.models.samples.row_level import row_level as row_level
    from integrade.models.samples.spillover import add_spillover as add_spillover
    from integrade.models.samples.spillover import mechanical_correlation as mechanical_correlation
    from integrade.models.samples.spillover import spillover as spillover
    from integrade.models.shape.effect_size import effect_sizes as effect_sizes
    from integrade.models.shape.inverted_u import u_test as u_test
    from integrade.models.shape.two_lines import cubic_test as cubic_test
    from integrade.models.shape.two_lines import two_lines as two_lines
    from integrade.models.timing.lags import add_lags as add_lags
    from integrade.models.timing.lags import lag_table as lag_table
    from integrade.panel import assemble as assemble
    from integrade.panel import deflate as deflate
    from integrade.panel import firm_controls as firm_controls
    from integrade.panel import firm_identity as firm_identity
    from integrade.panel import human_capital as human_capital
    from integrade.panel import link_quality as link_quality
    from integrade.panel import match_firms as match_firms
    from integrade.panel import normalise_name as normalise_name
    from integrade.panel import ownership_classes as ownership_classes
    from integrade.panel import real_capital as real_capital
    from integrade.panel import winsorise as winsorise
    from integrade.published import read_printed as read_printed
    from integrade.published import review as review
    from integrade.quality import demand_residual as demand_residual
    from integrade.quality import elasticities as elasticities
    from integrade.quality import estimated_sigma as estimated_sigma
    from integrade.quality import nested_logit as nested_logit
    from integrade.quality import product_features as product_features
    from integrade.quality import quality_breaks as quality_breaks
    from integrade.quality import quality_change as quality_change
    from integrade.quality import supply_demand as supply_demand
    from integrade.quality import unit_value as unit_value
    from integrade.report.regression import regression_table as regression_table
    from integrade.simulation import Economy as Economy
    from integrade.simulation import simulate as simulate
    from integrade.simulation import write_raw as write_raw
    from integrade.sources import clean_customs as clean_customs
    from integrade.sources import clean_firms as clean_firms
    from integrade.sources import code_families as code_families
    from integrade.sources import harmonise as harmonise
    from integrade.sources import read_covariates as read_covariates
    from integrade.sources import read_customs as read_customs
    from integrade.sources import read_education as read_education
    from integrade.sources import read_exporters as read_exporters
    from integrade.sources import read_firms as read_firms
    from integrade.sources import read_flows as read_flows
    from integrade.sources import read_gdp as read_gdp
    from integrade.sources import read_links as read_links
    from integrade.sources import read_output as read_output
    from integrade.sources import read_prices as read_prices
    from integrade.sources import read_registry as read_registry
    from integrade.sources import read_survey as read_survey
    from integrade.sources import read_table as read_table
    from integrade.sources import write_table as write_table

__version__ = "0.1.0"

_HOMES = {
    "frames": ("Table",),
    "sources.tables": ("read_exporters", "read_links", "read_registry"),
    "sources": (
        "clean_customs",
        "clean_firms",
        "code_families",
        "harmonise",
        "read_covariates",
        "read_customs",
        "read_education",
        "read_firms",
        "read_flows",
        "read_gdp",
        "read_output",
        "read_prices",
        "read_survey",
        "read_table",
        "write_table",
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
        "relative_price",
        "survey_score",
        "theil",
        "threshold_band",
        "trend",
    ),
    "quality": (
        "demand_residual",
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
        "assemble",
        "deflate",
        "firm_controls",
        "firm_identity",
        "human_capital",
        "link_quality",
        "match_firms",
        "normalise_name",
        "ownership_classes",
        "real_capital",
        "winsorise",
    ),
    "models.instruments.control_function": ("control_function",),
    "models.inference.clusters": ("cluster_report",),
    "models.fit.many": ("fit_many",),
    "models.samples.row_level": ("row_level",),
    "models.curve.curve": ("specification_curve",),
    "models.descriptive.describe": ("correlate", "describe"),
    "models.inference.family": ("romano_wolf_family",),
    "models.fit.fit": ("fit",),
    "models.fit.fit_text": ("summary",),
    "models.groups.compare": ("adjust_family", "compare_groups", "group_column", "industry_intensity"),
    "models.fit.hausman": ("hausman",),
    "models.instruments.builders": (
        "join_instrument",
        "lagged_index",
        "neighbour_instrument",
        "split_goods",
        "terrain_instrument",
    ),
    "models.descriptive.break_date": ("break_date",),
    "models.shape.effect_size": ("effect_sizes",),
    "models.shape.inverted_u": ("u_test",),
    "models.descriptive.trends": ("extremes", "group_trends"),
    "models.timing.lags": ("add_lags", "lag_table"),
    "models.mediation.mediate": ("mediate",),
    "models.inference.multiple": ("benjamini_hochberg", "benjamini_yekutieli", "holm", "romano_wolf"),
    "models.measurement_error.attenuation": ("expected_attenuation", "pipeline_bootstrap", "simex"),
    "models.measurement_error.oriv": ("oriv",),
    "models.fit.quasi": ("fractional_logit", "ppml"),
    "models.omitted.gelbach": ("gelbach",),
    "models.inference.randomisation": ("randomisation",),
    "models.samples.robustness": ("robustness",),
    "models.omitted.sensitivity": ("omitted_confounder", "oster", "robustness_value"),
    "models.samples.spillover": ("add_spillover", "mechanical_correlation", "spillover"),
    "models.shape.two_lines": ("cubic_test", "two_lines"),
    "models.instruments.shift_share": ("shift_share_errors", "shift_share_instrument"),
    "models.instruments.weak_iv": ("weak_iv",),
    "report.regression": ("regression_table",),
    "published": ("read_printed", "review"),
    "simulation": ("Economy", "simulate", "write_raw"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    value = getattr(importlib.import_module(f"integrade.{home}"), name) if home else _measure(name)
    globals()[name] = value
    return value


def _measure(name: str) -> Any:
    """A measure of the catalogue, all of which are public."""
    if not name.startswith("_") and importlib.util.find_spec(f"integrade.{name}") is None:  # a room is no measure
        for room in ("integration", "quality"):
            importlib.import_module(f"integrade.{room}")
        record = importlib.import_module("integrade.measure").CATALOGUE.get(name)
        if record:
            return record.function
    raise AttributeError(f"module 'integrade' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
