"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from integrade import errors as errors
from integrade import integration as integration
from integrade import options as options
from integrade import panel as panel
from integrade import plot as plot
from integrade import published as published
from integrade import quality as quality
from integrade import results as results
from integrade import simulation as simulation
from integrade import sources as sources
from integrade.engine.frames import Table as Table
from integrade.estimate.inverted_u import u_test as u_test
from integrade.published import audit_table as audit_table
from integrade.records.catalogue import measure as measure
from integrade.records.question import question as question
from integrade.report.regression import regression_table as regression_table
from integrade.simulation import Economy as Economy
from integrade.simulation import simulate as simulate
from integrade.sources import write_table as write_table
from integrade.study.loaded import load_run as load_run
from integrade.subjects.benchmark.describe import describe as describe
from integrade.surface import questions as questions
from integrade.surface.questions import compare_groups as compare_groups
from integrade.surface.questions import fit as fit
from integrade.surface.questions import fit_many as fit_many
from integrade.surface.questions import lag_table as lag_table
from integrade.surface.questions import mediate as mediate
from integrade.surface.questions import robustness as robustness
from integrade.surface.signatures import assemble as assemble
from integrade.surface.signatures import clean_customs as clean_customs
from integrade.surface.signatures import clean_firms as clean_firms
from integrade.surface.signatures import demand_residual as demand_residual
from integrade.surface.signatures import match_firms as match_firms
from integrade.surface.signatures import read_covariates as read_covariates
from integrade.surface.signatures import read_customs as read_customs
from integrade.surface.signatures import read_firms as read_firms
from integrade.surface.signatures import read_panel as read_panel
from integrade.surface.signatures import read_prices as read_prices
from integrade.surface.signatures import read_table as read_table
from integrade.surface.signatures import relative_price as relative_price
from integrade.verdicts.registered import hypothesis as hypothesis

__version__: str
__all__ = [
    "Economy",
    "Table",
    "assemble",
    "audit_table",
    "clean_customs",
    "clean_firms",
    "compare_groups",
    "demand_residual",
    "describe",
    "fit",
    "fit_many",
    "hypothesis",
    "lag_table",
    "load_run",
    "match_firms",
    "measure",
    "mediate",
    "question",
    "read_covariates",
    "read_customs",
    "read_firms",
    "read_panel",
    "read_prices",
    "read_table",
    "regression_table",
    "relative_price",
    "robustness",
    "simulate",
    "u_test",
    "write_table",
]
