"""Read raw files into canonical tables, and write tables to files."""

from integrade.sources.files.readers import read_raw
from integrade.sources.files.reading import Reading
from integrade.sources.files.where import parse_where
from integrade.sources.meaning.regions import leave_out_regions
from integrade.sources.meaning.synonyms import parse_column_flags
from integrade.sources.tables.canonical import READERS, read_canonical
from integrade.sources.tables.cleaning import CleanFirms, clean_firms
from integrade.sources.tables.cleaning_customs import CleanCustoms, clean_customs
from integrade.sources.tables.codes import harmonise
from integrade.sources.tables.families import code_families
from integrade.sources.tables.geography import read_geography
from integrade.sources.tables.prices import read_prices
from integrade.sources.tables.sigma import read_sigma
from integrade.sources.tables.typed import (
    read_covariates,
    read_customs,
    read_education,
    read_exporters,
    read_firms,
    read_flows,
    read_gdp,
    read_links,
    read_output,
    read_panel,
    read_registry,
    read_survey,
    read_table,
)
from integrade.sources.writing.writers import check_target, write_table

__all__ = [
    "READERS",
    "CleanCustoms",
    "CleanFirms",
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
