"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""

from integrade.sources.files.reading import Reading as Reading
from integrade.sources.files.where import parse_where as parse_where
from integrade.sources.meaning.regions import leave_out_regions as leave_out_regions
from integrade.sources.meaning.synonyms import parse_column_flags as parse_column_flags
from integrade.sources.tables.canonical import READERS as READERS
from integrade.sources.tables.cleaning import CleanFirms as CleanFirms
from integrade.sources.tables.cleaning_customs import CleanCustoms as CleanCustoms
from integrade.sources.tables.codes import harmonise as harmonise
from integrade.sources.tables.families import code_families as code_families
from integrade.sources.tables.geography import read_geography as read_geography
from integrade.sources.writing.writers import check_target as check_target
from integrade.sources.writing.writers import write_table as write_table
from integrade.surface.signatures import clean_customs as clean_customs
from integrade.surface.signatures import clean_firms as clean_firms
from integrade.surface.signatures import read_canonical as read_canonical
from integrade.surface.signatures import read_covariates as read_covariates
from integrade.surface.signatures import read_customs as read_customs
from integrade.surface.signatures import read_education as read_education
from integrade.surface.signatures import read_exporters as read_exporters
from integrade.surface.signatures import read_firms as read_firms
from integrade.surface.signatures import read_flows as read_flows
from integrade.surface.signatures import read_gdp as read_gdp
from integrade.surface.signatures import read_links as read_links
from integrade.surface.signatures import read_output as read_output
from integrade.surface.signatures import read_panel as read_panel
from integrade.surface.signatures import read_prices as read_prices
from integrade.surface.signatures import read_raw as read_raw
from integrade.surface.signatures import read_registry as read_registry
from integrade.surface.signatures import read_sigma as read_sigma
from integrade.surface.signatures import read_survey as read_survey
from integrade.surface.signatures import read_table as read_table

__all__ = [
    "CleanCustoms",
    "CleanFirms",
    "READERS",
    "Reading",
    "check_target",
    "clean_customs",
    "clean_firms",
    "code_families",
    "harmonise",
    "leave_out_regions",
    "parse_column_flags",
    "parse_where",
    "read_canonical",
    "read_covariates",
    "read_customs",
    "read_education",
    "read_exporters",
    "read_firms",
    "read_flows",
    "read_gdp",
    "read_geography",
    "read_links",
    "read_output",
    "read_panel",
    "read_prices",
    "read_raw",
    "read_registry",
    "read_sigma",
    "read_survey",
    "read_table",
    "write_table",
]

