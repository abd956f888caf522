"""Name the places of tables in a report. The place of a table is its number in a report that has every table.

A table gets its printed number when a report is put together (`integrade.report.numbering`); until then it is named by
its place. The tables of mediators and splits are placed by `naming.mediation_numbers` and `naming.group_numbers`.
"""

from __future__ import annotations

RANKING, EXTREMES, BREAKS, SERIES, REGIONS = "1", "1b", "1c", "1d", "1e"
DESCRIPTION, OUTCOME_BY_YEAR, OUTCOME_BY_GROUP = "2", "2b", "2c"
QUALITY_BY_YEAR, QUALITY_BY_PRODUCT, QUALITY_BY_DESTINATION = "2d", "2e", "2f"
CORRELATIONS = "3"
BENCHMARK, EFFECTS, OTHER_OUTCOMES, OTHER_INDICES, OTHER_SAMPLES = "4", "4b", "4c", "4d", "4e"
SHAPE, PAST, LAGS = "4f", "4g", "5"
MEDIATORS, SPLITS = ("6", "7"), ("8", "9", "10", "11")

TRUST, GOODS, NOISE_BY_YEAR, TRUST_IN_QUALITY = "A1", "A1b", "A1c", "A1d"
ROBUSTNESS, INFERENCE, SENSITIVITY = "A2", "A3", "A5"
NOISE, ATTENUATION = "A4", "A4b"
INSTRUMENTS, ROW_LEVEL, SPILLOVER, TRUTH = "A6", "A7", "A8", "A9"
QUALITY_CHANGE, INTEGRATION_FAMILIES, QUALITY_FAMILIES = "A10", "A11", "A11b"

ACCOUNT, MATCHES, IDENTITY, THRESHOLDS = "R1", "R1b", "R1c", "R1d"
SETTINGS, FILES = "R2", "R3"

BEYOND_THE_PAPER = "a"
"""Letter after the place of a table of the paper: it marks a second table, with results that the paper does not have.

Only a study with the published preset has such tables.
"""
